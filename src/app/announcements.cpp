#include "app/announcements.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "app/draft.h"
#include "app/feed.h"
#include "app/keys.h"
#include "app/order_notice.h"
#include "app/workers.h"
#include "ports/concurrently.h"

namespace orderly::app {

namespace {

using domain::OrderEvent;
using ports::FeedEvent;
using ports::Key;

bool is_of_order(const FeedEvent& event) {
  return event.key.partition.starts_with("ORDER#") && event.key.sort.starts_with(keys::kEventPrefix);
}

OrderEvent read_event(const FeedEvent& event) {
  try {
    return json::read_stored<OrderEvent>(event.document);
  } catch (const Error& error) {
    throw_broken("event " + event.key.partition + "/" + event.key.sort + ": " + error.detail());
  }
}

// What has happened to one order, in its order.
struct OrderStory {
  std::string partition;
  std::vector<OrderEvent> events;
  std::string client_id;
};

std::vector<OrderStory> by_order(const std::vector<FeedEvent>& events) {
  std::vector<OrderStory> stories;
  std::map<std::string, std::size_t> places;
  for (const FeedEvent& event : events) {
    if (!is_of_order(event)) continue;
    const auto [place, is_new] = places.emplace(event.key.partition, stories.size());
    if (is_new) stories.push_back({event.key.partition, {}, {}});
    OrderStory& story = stories[place->second];
    story.events.push_back(read_event(event));
    if (const auto& content = story.events.back().content) story.client_id = content->client_id;
  }
  return stories;
}

// Asks the orders themselves where their events do not say whose they are.
Task<void> add_clients(App& app, std::vector<OrderStory>& stories) {
  std::vector<Key> wanted;
  std::vector<OrderStory*> asking;
  for (OrderStory& story : stories) {
    if (!story.client_id.empty()) continue;
    wanted.push_back({story.partition, std::string(keys::kMeta)});
    asking.push_back(&story);
  }
  if (wanted.empty()) co_return;
  const auto records = co_await app.store.get_many(std::move(wanted));
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (records[i]) asking[i]->client_id = json::read_stored<domain::Order>(records[i]->document).client_id;
  }
}

// A place in the feed, as it is recorded.
struct Place {
  std::uint64_t sequence = 0;
  std::uint64_t version = 0;  // of the record; 0: there is none yet
};

Task<std::optional<Place>> read_place(App& app, std::string topic) {
  const auto record = co_await app.store.get(keys::subscriber(topic));
  if (!record) co_return std::nullopt;
  const auto place = json::read_stored<SubscriberPlace>(record->document);
  co_return Place{static_cast<std::uint64_t>(place.sequence), record->version};
}

// The events that were published beyond the place, so that a failure of one does not repeat the others. Thread-safe.
class Published {
 public:
  bool contains(const EventId& event) const {
    const std::lock_guard lock(mutex_);
    return events_.contains(event.text);
  }
  void add(const EventId& event) {
    const std::lock_guard lock(mutex_);
    events_.insert(event.text);
  }
  void clear() {
    const std::lock_guard lock(mutex_);
    events_.clear();
  }

 private:
  mutable std::mutex mutex_;
  std::set<std::string> events_;
};

class Announcer {
 public:
  Announcer(App& app, Topic& topic) : app_(app), topic_(topic) {}

  // Never throws. How long to rest before the next.
  Task<Duration> round() {
    try {
      const Duration rest = co_await (is_standing_by_ ? look() : announce());
      failures_ = 0;
      alarm_at_.reset();
      co_return rest;
    } catch (const LostRace&) {
      stand_by();
      co_return kStandbyInterval;
    } catch (const Error& error) {
      const bool passes = error.code() == ErrorCode::kUnavailable || error.code() == ErrorCode::kContention;
      note_failure(error.slug() + ": " + error.detail(), passes);
    } catch (const std::exception& error) {
      note_failure(error.what(), false);
    }
    co_return retry_delay(failures_);
  }

 private:
  Task<Duration> announce() {
    if (!place_) place_ = co_await find_place();
    const std::vector<FeedEvent> events = co_await app_.store.feed(place_->sequence, kAnnouncedAtOnceMax);
    if (events.empty()) co_return kFeedPollInterval;
    co_await publish(by_order(events));
    place_ = co_await record_place(events.back().sequence, place_->version);
    published_.clear();
    co_return events.size() == kAnnouncedAtOnceMax ? Duration{0} : kFeedPollInterval;
  }

  Task<void> publish(std::vector<OrderStory> stories) {
    co_await add_clients(app_, stories);
    co_await run_concurrently(stories.size(), kOrdersAnnouncedAtOnceMax,
                              [&](std::size_t i) { return publish_story(stories[i]); });
  }

  Task<void> publish_story(const OrderStory& story) {
    for (const OrderEvent& event : story.events) {
      if (published_.contains(event.id)) continue;
      co_await publish_event(event, story.client_id);
      published_.add(event.id);
      ++topic_.published;
    }
  }

  Task<void> publish_event(const OrderEvent& event, const std::string& client_id) {
    try {
      co_await topic_.notifier.publish_event(make_notice(event, client_id));
    } catch (const Error& error) {
      throw Error(error.code(), error.slug(), error.message(), event.id.text + ": " + error.detail());
    }
  }

  // Somebody else announces. When the place has not moved from one look to the next although something waited all the
  // while, he is gone.
  Task<Duration> look() {
    const Place place = co_await find_place();
    const bool has_moved = !place_ || place_->version != place.version;
    const bool has_waited = something_waits_ && !has_moved;
    something_waits_ = !(co_await app_.store.feed(place.sequence, 1)).empty();
    place_ = place;
    is_standing_by_ = !(has_waited && something_waits_);
    co_return is_standing_by_ ? kStandbyInterval : Duration{0};
  }

  void stand_by() {
    is_standing_by_ = true;
    something_waits_ = false;
    place_.reset();
    published_.clear();
  }

  Task<Place> find_place() {
    if (const auto place = co_await read_place(app_, topic_.name)) co_return *place;
    co_return co_await record_place(co_await last_before(app_.store, topic_.since), 0);
  }

  // Throws LostRace when the record is no longer at that version.
  Task<Place> record_place(std::uint64_t sequence, std::uint64_t version) {
    ports::Put put;
    put.key = keys::subscriber(topic_.name);
    put.document = json::write(SubscriberPlace{static_cast<std::int64_t>(sequence)});
    put.version = version + 1;
    if (version > 0) put.condition = ports::AtVersion{version};
    Draft draft(app_, worker("announcements"));
    draft.write(std::move(put));
    co_await draft.commit();
    co_return Place{sequence, version + 1};
  }

  // The place is read again: it may have been moved by a commit whose answer was lost. What was published stays known,
  // so that it need not be published again.
  void note_failure(const std::string& what, bool passes_by_itself) {
    ++failures_;
    ++topic_.failures;
    place_.reset();
    const Time now = app_.clock.now();
    if (!alarm_at_) alarm_at_ = now + (passes_by_itself ? Duration{kAnnouncementsLateAfter} : Duration{0});
    if (now < *alarm_at_) return;
    alarm_at_ = now + kAnnouncementsAlarmInterval;
    app_.monitor.alarm("announcements-stopped", topic_.name, what);
  }

  App& app_;
  Topic& topic_;
  std::optional<Place> place_;  // as last read or written here
  bool is_standing_by_ = false;
  bool something_waits_ = false;  // when the place was last looked at
  int failures_ = 0;              // in a row
  std::optional<Time> alarm_at_;
  Published published_;
};

}  // namespace

Task<void> run_announcer(App& app, Topic& topic, std::stop_token stop) {
  Announcer announcer(app, topic);
  while (!stop.stop_requested()) {
    const Duration rest = co_await announcer.round();
    co_await ports::sleep_unless_stopped(app.clock, rest, stop);
  }
}

Task<Duration> announcements_behind(App& app, std::string topic) {
  const auto place = co_await read_place(app, std::move(topic));
  if (!place) co_return Duration{0};
  const auto next = co_await app.store.feed(place->sequence, 1);
  if (next.empty()) co_return Duration{0};
  co_return std::max(app.clock.now() - head_of(next.front()).at, Duration{0});
}

}  // namespace orderly::app
