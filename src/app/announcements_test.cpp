// Events reach the topic, each at least once and in its order's order, whatever fails; nothing else waits for it.
#include "app/announcements.h"

#include <gtest/gtest.h>

#include "app/api_keys.h"
#include "app/check.h"
#include "app/keys.h"
#include "app/order_notice.h"
#include "tests/fakes/memory_topic.h"
#include "tests/fakes/world.h"

namespace orderly::app {
namespace {

using domain::OrderStatus;
using fakes::CommitFault;
using fakes::MemoryTopic;
using fakes::World;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const std::string kTopic = "arn:aws:sns:eu-central-1:123456789012:orders";

// A process that announces to `to`, from its construction until stop().
class Announcing {
 public:
  Announcing(World& world, MemoryTopic& to)
      : world_(world),
        topic_{to, kTopic, world.clock.now()},
        loop_(world.start(run_announcer(world.app, topic_, stop_.get_token()))) {
    world.advance(Duration{0});
  }
  ~Announcing() {
    if (!is_dead) stop();
  }
  void stop() {
    if (stop_.stop_requested()) return;
    stop_.request_stop();
    world_.advance(seconds(1));
    EXPECT_TRUE(loop_.done()) << "it does not end when told to";
  }
  const Topic& topic() const { return topic_; }
  bool is_dead = false;  // it will never go on

 private:
  World& world_;
  Topic topic_;
  std::stop_source stop_;
  fakes::Started<void> loop_;
};

std::vector<std::string> ids_of(World& world, const OrderId& order) {
  std::vector<std::string> ids;
  for (const domain::OrderEvent& event : world.events(order)) ids.push_back(event.id.text);
  return ids;
}

std::optional<ports::Record> place_record(World& world) { return world.run(world.store.get(keys::subscriber(kTopic))); }
std::int64_t place(World& world) {
  return json::read_stored<SubscriberPlace>(place_record(world).value().document).sequence;
}

TEST(Announcements, TellALifeInItsOrderOnce) {
  World world;
  MemoryTopic topic(world.clock);
  Announcing announcing(world, topic);
  const OrderId id = world.place_paid_order({{"1", 2}});
  world.run(ship_order(world.app, world.owner(), id.text, {}));
  world.refund(id, 100);
  world.run_until_idle();
  world.advance(seconds(2));
  EXPECT_EQ(topic.ids(id.text), ids_of(world, id));
  EXPECT_EQ(topic.notices.size(), world.events(id).size()) << "once";
  EXPECT_EQ(announcing.topic().published, topic.notices.size());
  EXPECT_EQ(world.run(announcements_behind(world.app, kTopic)), Duration{0});
}

ApiKeyId make_key(World& world) {
  const Answer made = world.run(create_api_key(world.app, world.owner(), {"Till", Role::kStaff, {}, {}, {}}, {}));
  return json::read_stored<ApiKeyView>(made.body).id;
}

TEST(Announcements, PassOverTheEventsOfOtherObjects) {
  World world;
  MemoryTopic topic(world.clock);
  Announcing announcing(world, topic);
  const ApiKeyId key = make_key(world);
  const OrderId id = world.place_unpaid({{"1", 1}});
  world.run(revoke_api_key(world.app, world.owner(), key.text, {}));
  world.advance(seconds(2));
  EXPECT_EQ(topic.ids(), ids_of(world, id));
  EXPECT_EQ(place(world), 3) << "behind all three";
  make_key(world);
  world.advance(seconds(2));
  EXPECT_EQ(place(world), 4) << "though nothing was told";
  EXPECT_EQ(world.run(announcements_behind(world.app, kTopic)), Duration{0});
}

TEST(Announcements, OfANewTopicBeginAtItsStartWhateverHappenedBefore) {
  for (int keys_before = 0; keys_before < 4; ++keys_before) {
    World world;
    MemoryTopic topic(world.clock);
    world.place_unpaid({{"1", 1}});
    for (int i = 0; i < keys_before; ++i) make_key(world);
    world.place_unpaid({{"1", 1}});
    for (int i = 0; i < keys_before; ++i) make_key(world);
    world.advance(seconds(1));
    Announcing announcing(world, topic);
    const OrderId id = world.place_unpaid({{"1", 1}});
    world.advance(seconds(2));
    EXPECT_EQ(topic.ids(), ids_of(world, id)) << keys_before;
  }
}

TEST(Announcements, SayWhatSubscribersWantToKnow) {
  World world;
  MemoryTopic topic(world.clock);
  Announcing announcing(world, topic);
  const OrderId id = world.place_paid_order({{"1", 2}, {"3", 1}});
  world.advance(seconds(2));
  const auto first = json::read_stored<OrderNotice>(topic.notices.at(0).body);
  EXPECT_EQ(first.event_type, "order.placed");
  EXPECT_EQ(first.event_id.text, topic.notices[0].event_id);
  EXPECT_EQ(first.order_id, id);
  EXPECT_EQ(first.version, 1);
  EXPECT_EQ(first.client_id, "u1");
  EXPECT_EQ(first.previous_status, std::nullopt);
  EXPECT_EQ(first.status, OrderStatus::kPending);
  EXPECT_EQ(first.currency.code(), "USD");
  ASSERT_EQ(first.items.size(), 2u);
  EXPECT_EQ(first.items[0].product_id, "1");
  EXPECT_EQ(first.items[0].quantity, 2);
  EXPECT_EQ(first.items[0].amount, 19'000);
  EXPECT_EQ(first.total, 19'000 + 550 + 999);
  EXPECT_EQ(first.discount, 0);
  EXPECT_EQ(first.payment->amount, first.total);

  const auto confirmed = json::read_stored<OrderNotice>(topic.notices.at(2).body);
  EXPECT_EQ(confirmed.event_type, "payment.confirmed");
  EXPECT_EQ(confirmed.previous_status, OrderStatus::kProcessing);
  EXPECT_EQ(confirmed.status, OrderStatus::kConfirmed);
  EXPECT_EQ(confirmed.payment->status, domain::PaymentStatus::kConfirmed);
  EXPECT_EQ(confirmed.actor, "worker:payments");
  EXPECT_TRUE(confirmed.items.empty());
  EXPECT_EQ(confirmed.total, std::nullopt);
  const auto invoiced = json::read_stored<OrderNotice>(topic.notices.at(3).body);
  EXPECT_EQ(invoiced.invoice, world.order(id).invoice);
  for (const ports::EventNotice& notice : topic.notices) {
    const auto body = json::read_stored<OrderNotice>(notice.body);
    EXPECT_EQ(body.client_id, "u1") << "also where only the order says so";
    EXPECT_EQ(notice.subject_id, id.text);
    const std::vector<std::pair<std::string, std::string>> expected = {
        {"event_type", body.event_type},
        {"order_status", std::string(json::name_of(body.status))},
        {"actionType", body.event_type}};
    EXPECT_EQ(notice.attributes, expected);
  }
}

TEST(Announcements, SayWhoseOrderItIsWhenItWasPlacedLongBefore) {
  World world;
  const OrderId id = world.place_paid_order({{"1", 1}});
  world.advance(seconds(1));
  MemoryTopic topic(world.clock);
  Announcing announcing(world, topic);
  world.run(ship_order(world.app, world.owner(), id.text, {}));
  world.advance(seconds(2));
  ASSERT_EQ(topic.notices.size(), 1u);
  EXPECT_EQ(json::read_stored<OrderNotice>(topic.notices[0].body).client_id, "u1");
}

TEST(Announcements, HoldNothingThatIsPersonal) {
  World world;
  MemoryTopic topic(world.clock);
  Announcing announcing(world, topic);
  PlaceOrder command = world.order_of({{"1", 2}});
  command.shipping_address = Address{
      "Zebulon Quixote", "77 Xylophone Mews", "Flat Jabberwock", "Vladivostok", "Primorsky Zyx", "QJ7 9XZ", "GB"};
  const OrderId id = World::view(world.run(place_order(world.app, world.client("u1"), command, {}))).id;
  world.run_until_idle();
  const std::string invoice = world.order(id).invoice;
  world.run(refund_order(world.app, world.owner(), id.text, {100, "the Wolpertinger bit"}, {}));
  world.run_until_idle();
  world.run(cancel_order(world.app, world.client("u1"), id.text, {"my name is Rumpelstilz"}, {}));
  world.run_until_idle();
  const OrderId other = world.place_unpaid({{"2", 1}});
  UpdateOrder update;
  update.shipping_address = command.shipping_address;
  world.run(update_order(world.app, world.owner(), other.text, update, {}));
  world.advance(seconds(2));

  const domain::Order order = world.order(id);
  ASSERT_FALSE(order.sealed.empty());
  const std::string forbidden[] = {"Zebulon",
                                   "Quixote",
                                   "Xylophone",
                                   "Jabberwock",
                                   "Vladivostok",
                                   "Zyx",
                                   "QJ7",
                                   "Wolpertinger",
                                   "Rumpelstilz",
                                   "sealed",
                                   order.sealed.substr(0, 12),
                                   world.order(other).sealed.substr(0, 12),
                                   "pm_card",
                                   "owner",
                                   captured_attempt(order)->reference,
                                   "hash",
                                   "reason"};
  ASSERT_GE(topic.notices.size(), 10u);
  for (const ports::EventNotice& notice : topic.notices) {
    std::string everything = notice.event_id + notice.subject_id + notice.body;
    for (const auto& [name, value] : notice.attributes) everything += " " + name + " " + value;
    for (const std::string& word : forbidden) {
      EXPECT_EQ(everything.find(word), std::string::npos) << word << " in " << everything;
    }
  }
  EXPECT_EQ(topic.ids(id.text), ids_of(world, id));
  EXPECT_EQ(topic.ids(other.text), ids_of(world, other));
  EXPECT_FALSE(invoice.empty());
}

// --- Size

domain::OrderEvent placed_with(std::size_t lines, std::size_t sku_bytes) {
  domain::OrderEvent event;
  event.id = EventId::make(Time{1}, IdEntropy{});
  event.type = "order.placed";
  event.object = OrderId::make(Time{1}, IdEntropy{});
  event.version = 1;
  event.currency = Currency::of("USD");
  event.content = domain::OrderContent{};
  event.content->currency = event.currency;
  event.content->client_id = std::string(limits::kIdMax, 'c');
  event.content->total = limits::kAmountMinorMax;
  for (std::size_t i = 0; i < lines; ++i) {
    event.content->items.push_back({std::string(limits::kIdMax, 'p'), std::string(sku_bytes, '"'),
                                    std::string(limits::kTextMax, 'n'), limits::kQuantityMax, limits::kAmountMinorMax,
                                    limits::kAmountMinorMax});
  }
  return event;
}

TEST(OrderNotices, AnOrderOfAllTheLinesThereMayBeIsToldWhole) {
  const ports::EventNotice notice = make_notice(placed_with(limits::kOrderLinesMax, limits::kTextMax), {});
  EXPECT_LE(notice.body.size(), limits::kMessageBytesMax);
  const auto body = json::read_stored<OrderNotice>(notice.body);
  EXPECT_EQ(body.items.size(), limits::kOrderLinesMax);
  EXPECT_FALSE(body.truncated);
}

TEST(OrderNotices, TooManyBytesAreToldWithoutTheItems) {
  const ports::EventNotice notice = make_notice(placed_with(limits::kOrderLinesMax, 3'000), {});
  EXPECT_LE(notice.body.size(), limits::kMessageBytesMax);
  const auto body = json::read_stored<OrderNotice>(notice.body);
  EXPECT_TRUE(body.items.empty());
  EXPECT_TRUE(body.truncated);
  EXPECT_EQ(body.total, limits::kAmountMinorMax);
}

// --- Where it begins, and what it writes

TEST(Announcements, BeginWithWhatHappensFromThenOn) {
  World world;
  const OrderId before = world.place_paid_order({{"1", 1}});
  world.advance(seconds(1));
  MemoryTopic topic(world.clock);
  {
    Announcing announcing(world, topic);
    EXPECT_EQ(place(world), static_cast<std::int64_t>(world.events(before).size()));
  }
  const OrderId meanwhile = world.place_paid_order({{"1", 1}});
  EXPECT_TRUE(topic.notices.empty());
  Announcing again(world, topic);
  world.advance(seconds(1));
  EXPECT_TRUE(topic.ids(before.text).empty());
  EXPECT_EQ(topic.ids(meanwhile.text), ids_of(world, meanwhile)) << "what happened while no process announced";
}

TEST(Announcements, HaveAPlaceOfTheirOwnForEachTopic) {
  World world;
  MemoryTopic first(world.clock), second(world.clock);
  Announcing announcing(world, first);
  const OrderId id = world.place_unpaid({{"1", 1}});
  world.advance(seconds(2));
  Topic other{second, "another", world.clock.now()};
  std::stop_source stop;
  auto loop = world.start(run_announcer(world.app, other, stop.get_token()));
  world.advance(seconds(2));
  world.cancel(id);
  world.advance(seconds(2));
  stop.request_stop();
  world.advance(seconds(1));
  EXPECT_TRUE(loop.done());
  EXPECT_EQ(first.ids(id.text), ids_of(world, id));
  EXPECT_EQ(second.ids(id.text), std::vector{ids_of(world, id).back()});
}

TEST(Announcements, WriteNothingWhenNothingHappensAndOnceForABatch) {
  World world;
  MemoryTopic topic(world.clock);
  Announcing announcing(world, topic);
  const std::size_t before = world.store.commits();
  world.advance(hours(1));
  EXPECT_EQ(world.store.commits(), before);
  for (int i = 0; i < 30; ++i) world.place_unpaid({{"3", 1}});
  const std::size_t placed = world.store.commits();
  world.advance(seconds(2));
  EXPECT_EQ(topic.notices.size(), 30u);
  EXPECT_EQ(world.store.commits(), placed + 1);
}

TEST(Announcements, AreSoundToTheCheck) {
  World world;
  MemoryTopic topic(world.clock);
  Announcing announcing(world, topic);
  world.place_paid_order({{"1", 1}});
  world.advance(seconds(2));
  const auto check_now = [&] {
    const auto picture = world.store.inspect();
    return check(*picture, world.crypto, world.clock.now());
  };
  EXPECT_TRUE(check_now().is_clean()) << to_text(check_now());
  world.store.tamper(keys::subscriber(kTopic), [](std::string& document) { document = R"({"sequence":"far"})"; });
  EXPECT_FALSE(check_now().is_clean());
  world.store.tamper(keys::subscriber(kTopic), [](std::string& document) { document = R"({"sequence":4})"; });
}

// --- Side by side

TEST(Announcements, OfDifferentOrdersGoSideBySideAndThoseOfOneInARow) {
  World world;
  MemoryTopic topic(world.clock);
  topic.takes = Duration{100};
  Announcing announcing(world, topic);
  std::vector<OrderId> orders;
  for (int i = 0; i < 40; ++i) orders.push_back(world.place_order({{"3", 1}}));
  world.run_until_idle();
  world.advance(seconds(30));
  EXPECT_EQ(topic.at_once_max(), kOrdersAnnouncedAtOnceMax);
  EXPECT_EQ(topic.at_once_of_one_max(), 1u);
  for (const OrderId& id : orders) EXPECT_EQ(topic.ids(id.text), ids_of(world, id));
  EXPECT_EQ(topic.notices.size(), topic.ids().size()) << "none twice";
}

TEST(Announcements, OfALongBacklogComeInManyBatchesWithoutAPause) {
  World world;
  MemoryTopic topic(world.clock);
  {
    Announcing announcing(world, topic);
  }
  std::vector<OrderId> orders;
  for (std::size_t i = 0; i < kAnnouncedAtOnceMax * 2 + 7; ++i) orders.push_back(world.place_unpaid({{"3", 1}}));
  Announcing announcing(world, topic);
  world.advance(Duration{0});
  EXPECT_EQ(topic.ids().size(), orders.size());
  EXPECT_EQ(place(world), static_cast<std::int64_t>(orders.size()));
}

// --- Failures

TEST(Announcements, ComeAgainAfterACrashBetweenPublishingAndRecording) {
  World world;
  MemoryTopic topic(world.clock);
  auto first = std::make_unique<Announcing>(world, topic);
  const OrderId id = world.place_order({{"1", 1}});
  world.store.before_commit([&](const ports::Commit& commit) -> Task<void> {
    const bool is_place = !commit.writes.empty() && std::holds_alternative<ports::Put>(commit.writes[0]) &&
                          std::get<ports::Put>(commit.writes[0]).key == keys::subscriber(kTopic);
    if (is_place) co_await world.clock.sleep(hours(24 * 365));  // the process is gone
  });
  world.advance(seconds(2));
  first->is_dead = true;
  world.store.before_commit(nullptr);
  const auto told = topic.ids(id.text);
  ASSERT_EQ(told, ids_of(world, id));
  ASSERT_EQ(place(world), 0);

  Announcing second(world, topic);
  world.cancel(id);
  world.advance(seconds(2));
  EXPECT_EQ(topic.ids(id.text), ids_of(world, id));
  for (const std::string& event : told) EXPECT_EQ(topic.times(event), 2u) << "under the same id";
  EXPECT_EQ(topic.times(ids_of(world, id).back()), 1u);
}

TEST(Announcements, AreNotRepeatedWhenTheAnswerToTheRecordIsLost) {
  World world;
  MemoryTopic topic(world.clock);
  Announcing announcing(world, topic);
  for (const CommitFault fault : {CommitFault::kLostAfterDone, CommitFault::kLostBeforeDone, CommitFault::kRefused}) {
    const OrderId id = world.place_unpaid({{"1", 1}});
    world.store.fail_commit(fault);
    world.advance(seconds(5));
    EXPECT_EQ(topic.ids(id.text), ids_of(world, id));
    EXPECT_EQ(topic.times(ids_of(world, id)[0]), 1u);
    EXPECT_EQ(world.run(announcements_behind(world.app, kTopic)), Duration{0});
  }
}

TEST(Announcements, HoldNothingUpWhileTheTopicIsDownAndComeLater) {
  World world;
  MemoryTopic topic(world.clock);
  Announcing announcing(world, topic);
  topic.is_down = true;
  const OrderId id = world.place_paid_order({{"1", 1}});
  EXPECT_FALSE(world.order(id).invoice.empty()) << "nobody waits for the topic";
  const Time begun = world.clock.now();
  world.advance(minutes(4));
  EXPECT_EQ(world.monitor.alarms_of("announcements-stopped"), 0u);
  EXPECT_GE(world.run(announcements_behind(world.app, kTopic)), minutes(4));
  world.advance(minutes(2));
  ASSERT_EQ(world.monitor.alarms_of("announcements-stopped"), 1u);
  EXPECT_EQ(world.monitor.alarms[0].concerns, kTopic);
  EXPECT_NE(world.monitor.alarms[0].detail.find("connection refused"), std::string::npos);
  EXPECT_NE(world.monitor.alarms[0].detail.find(ids_of(world, id)[0]), std::string::npos);
  const OrderId second = world.place_paid_order({{"2", 1}});
  world.advance(minutes(50));
  EXPECT_EQ(world.monitor.alarms_of("announcements-stopped"), 1u) << "once an hour is enough";
  world.advance(minutes(12));
  EXPECT_EQ(world.monitor.alarms_of("announcements-stopped"), 2u);
  EXPECT_LT(topic.attempts, 200u) << "it was tried less and less often";
  EXPECT_TRUE(topic.notices.empty());

  topic.is_down = false;
  world.advance(seconds(61));
  EXPECT_EQ(topic.ids(id.text), ids_of(world, id));
  EXPECT_EQ(topic.ids(second.text), ids_of(world, second));
  EXPECT_EQ(topic.notices.size(), topic.ids().size());
  EXPECT_GT(world.clock.now() - begun, hours(1));
  topic.is_down = true;
  world.cancel(world.place_unpaid({{"3", 1}}));
  world.advance(minutes(4));
  EXPECT_EQ(world.monitor.alarms_of("announcements-stopped"), 2u) << "a new failure gets its time, too";
  topic.is_down = false;
  world.advance(minutes(2));
}

TEST(Announcements, OfAnOrderWaitForTheOneThatFailsAndThatIsNeverSkipped) {
  World world;
  MemoryTopic topic(world.clock);
  {
    Announcing announcing(world, topic);
  }
  const OrderId stuck = world.place_paid_order({{"1", 1}});
  const OrderId fine = world.place_paid_order({{"2", 1}});
  topic.refused = {ids_of(world, stuck)[1]};
  Announcing announcing(world, topic);
  world.advance(minutes(3));
  EXPECT_EQ(topic.ids(stuck.text), std::vector{ids_of(world, stuck)[0]});
  EXPECT_EQ(topic.ids(fine.text), ids_of(world, fine));
  EXPECT_EQ(place(world), 0);
  EXPECT_EQ(topic.notices.size(), topic.ids().size()) << "trying again does not repeat what went well";
  topic.refused.clear();
  world.advance(minutes(2));
  EXPECT_EQ(topic.ids(stuck.text), ids_of(world, stuck));
  EXPECT_EQ(topic.notices.size(), topic.ids().size());
}

TEST(Announcements, ThatNoWaitingWillMendAreAnAlarmAtOnce) {
  World world;
  const OrderId id = world.place_paid_order({{"1", 1}});
  world.advance(seconds(1));
  MemoryTopic topic(world.clock);
  Announcing announcing(world, topic);
  world.run(ship_order(world.app, world.owner(), id.text, {}));
  world.store.tamper(keys::order(id), [](std::string& document) { document.back() = '?'; });
  world.advance(seconds(2));
  EXPECT_EQ(world.monitor.alarms_of("announcements-stopped"), 1u);
  EXPECT_TRUE(topic.notices.empty());
  world.store.tamper(keys::order(id), [](std::string& document) { document.back() = '}'; });
  world.advance(minutes(2));
  EXPECT_EQ(topic.notices.size(), 1u);
}

// --- Two at once

// Fails the test when the place ever moves back.
void watch_place(World& world, std::vector<std::int64_t>& seen) {
  world.store.after_commit([&seen](const ports::Commit& commit) {
    for (const ports::Write& write : commit.writes) {
      const auto* put = std::get_if<ports::Put>(&write);
      if (put == nullptr || put->key != keys::subscriber(kTopic)) continue;
      const std::int64_t now = json::read_stored<SubscriberPlace>(put->document).sequence;
      EXPECT_TRUE(seen.empty() || now > seen.back()) << "the place moved back";
      EXPECT_EQ(put->version, seen.size() + 1);
      seen.push_back(now);
    }
  });
}

TEST(Announcements, ByTwoProcessesAreRepeatedAtWorstAndThenOneStandsBy) {
  World world;
  MemoryTopic topic(world.clock);
  topic.takes = Duration{30};
  std::vector<std::int64_t> places;
  watch_place(world, places);
  Announcing first(world, topic), second(world, topic);
  world.advance(minutes(1));
  std::vector<OrderId> orders;
  for (int i = 0; i < 20; ++i) {
    orders.push_back(world.place_paid_order({{"3", 1}}));
    world.advance(seconds(3));
  }
  for (const OrderId& id : orders) EXPECT_EQ(topic.ids(id.text), ids_of(world, id));
  for (std::size_t i = 1; i < orders.size(); ++i) {
    for (const std::string& event : ids_of(world, orders[i])) EXPECT_EQ(topic.times(event), 1u) << i;
  }
  EXPECT_EQ(places.back(), static_cast<std::int64_t>(topic.ids().size()));
  EXPECT_TRUE(world.monitor.alarms.empty());
  world.store.after_commit(nullptr);
}

TEST(Announcements, AreTakenOverWhenTheOtherProcessEnds) {
  World world;
  MemoryTopic topic(world.clock);
  std::vector<std::int64_t> places;
  watch_place(world, places);
  Announcing first(world, topic), second(world, topic);
  const OrderId before = world.place_order({{"1", 1}});
  world.advance(minutes(1));
  const auto count = [](const Announcing& each) { return each.topic().published.load(); };
  ASSERT_EQ(count(first), count(second)) << "both have tried";
  world.cancel(before);
  world.advance(seconds(2));
  Announcing& busy = count(first) > count(second) ? first : second;
  ASSERT_NE(count(first), count(second));
  busy.stop();
  const OrderId after = world.place_order({{"2", 1}});
  world.advance(seconds(35));
  EXPECT_EQ(topic.ids(after.text), ids_of(world, after));
  world.store.after_commit(nullptr);
}

TEST(Announcements, BegunByTwoProcessesAtOnceHaveOneBeginning) {
  World world;
  world.place_paid_order({{"1", 1}});
  world.advance(seconds(1));
  MemoryTopic topic(world.clock);
  std::vector<std::int64_t> places;
  watch_place(world, places);
  Announcing first(world, topic), second(world, topic);
  const OrderId id = world.place_paid_order({{"2", 1}});
  world.advance(minutes(1));
  EXPECT_EQ(topic.ids(), ids_of(world, id));
  world.store.after_commit(nullptr);
}

}  // namespace
}  // namespace orderly::app
