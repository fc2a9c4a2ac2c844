#include "app/events.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "app/feed.h"
#include "app/keys.h"
#include "app/place_order.h"
#include "base/limits.h"

namespace orderly::app {

namespace {

void add_order(EventView& view, std::string_view document) {
  auto event = json::read_stored<domain::OrderEvent>(document);
  OrderChangeView& order = view.order.emplace();
  order.from = event.from;
  order.to = event.to;
  order.currency = event.currency;
  if (event.content) {
    domain::OrderContent& content = *event.content;
    order.content = OrderTermsView{std::move(content.client_id),
                                   std::move(content.items),
                                   content.subtotal,
                                   content.shipping,
                                   content.tax,
                                   content.discount,
                                   content.total,
                                   std::move(content.price),
                                   content.expires_at};
  }
  order.attempt = std::move(event.attempt);
  order.refund = std::move(event.refund);
  order.invoice = std::move(event.invoice);
  order.cancel_requested = event.cancel_requested;
  order.reason = std::move(event.reason);
  order.stock = std::move(event.stock);
  order.postings = std::move(event.postings);
}

void add_client(EventView& view, std::string_view document) {
  auto event = json::read_stored<domain::ClientEvent>(document);
  std::optional<ClientTermsView> content;
  if (event.content) content = {event.content->currency, event.content->credit_limit, event.content->terms};
  view.client = ClientChangeView{event.from, event.to, content, std::move(event.guest)};
}

void add_api_key(EventView& view, std::string_view document) {
  auto event = json::read_stored<ApiKeyEvent>(document);
  view.api_key = ApiKeyChangeView{std::move(event.content), event.rotated_until};
}

// All that is known of a kind of object here. Of events that are of none of these the head alone is shown.
struct EventKind {
  std::string_view id_prefix;
  std::string_view partition;  // of an object's events, before its id
  bool is_owners;              // nobody else may see them
  void (*add)(EventView& view, std::string_view document);
};
constexpr std::array<EventKind, 3> kKinds{{
    {OrderTag::kPrefix, "ORDER#", false, add_order},
    {ClientTag::kPrefix, "CLIENT#", false, add_client},
    {ApiKeyTag::kPrefix, keys::kApiKeyEvents, true, add_api_key},
}};

const EventKind* kind_of_partition(std::string_view partition) {
  const auto kind =
      std::ranges::find_if(kKinds, [&](const EventKind& each) { return partition.starts_with(each.partition); });
  return kind == kKinds.end() ? nullptr : &*kind;
}

const EventKind& kind_of_object(std::string_view id) {
  const auto kind = std::ranges::find_if(kKinds, [&](const EventKind& each) { return id.starts_with(each.id_prefix); });
  if (kind != kKinds.end() && is_client_label(id)) return *kind;
  std::string known;
  for (const EventKind& each : kKinds) known += (known.empty() ? "" : " or ") + std::string(each.id_prefix) + "…";
  throw_invalid("?object", "must be the id of an object that has events: " + known);
}

EventView view_of(const domain::EventHead& head, const EventKind* kind, const ports::FeedEvent& event) {
  const auto given = [](const std::string& text) { return text.empty() ? std::nullopt : std::optional(text); };
  EventView view;
  view.id = head.id;
  view.type = head.type;
  view.object = head.object;
  view.version = head.version;
  view.at = head.at;
  view.actor = head.actor;
  view.source = given(head.source);
  view.request = given(head.request);
  view.previous = given(head.previous);
  view.hash = head.hash;
  if (kind != nullptr) kind->add(view, event.document);
  return view;
}

// A piece of what is listed: of the feed, or of one object's events with their versions as sequences.
struct Piece {
  std::vector<ports::FeedEvent> events;
  bool has_more = false;  // behind them
};

class EventPage {
 public:
  EventPage(const Caller& caller, const EventFilter& filter, std::size_t limit, std::uint64_t after)
      : is_owner_(caller.role == Role::kOwner), filter_(filter), limit_(limit), end_(after) {}

  EventList of(const Piece& piece) && {
    bool has_more = piece.has_more;
    for (const ports::FeedEvent& event : piece.events) {
      const domain::EventHead head = head_of(event);
      if (filter_.to && head.at >= *filter_.to + kFeedDisorder) {
        has_more = false;
        break;
      }
      const EventKind* kind = kind_of_partition(event.key.partition);
      if (is_wanted(head) && may_see(kind)) {
        if (list_.data.size() == limit_) {
          has_more = true;
          break;
        }
        list_.data.push_back(view_of(head, kind, event));
      }
      end_ = event.sequence;
    }
    list_.end_cursor = std::to_string(end_);
    if (has_more) list_.next_cursor = list_.end_cursor;
    return std::move(list_);
  }

 private:
  bool may_see(const EventKind* kind) const { return kind == nullptr || !kind->is_owners || is_owner_; }
  bool is_wanted(const domain::EventHead& head) const {
    if (filter_.from && head.at < *filter_.from) return false;
    if (filter_.to && head.at >= *filter_.to) return false;
    if (!filter_.type) return true;
    return filter_.type->ends_with('.') ? head.type.starts_with(*filter_.type) : head.type == *filter_.type;
  }

  const bool is_owner_;
  const EventFilter& filter_;
  const std::size_t limit_;
  EventList list_;
  std::uint64_t end_;  // the last sequence looked at
};

std::uint64_t place_of(const std::string& cursor) {
  std::uint64_t place = 0;
  const auto [end, error] = std::from_chars(cursor.data(), cursor.data() + cursor.size(), place);
  if (error != std::errc{} || end != cursor.data() + cursor.size()) {
    throw_invalid("?cursor", "is not a cursor of this list");
  }
  return place;
}

Task<std::uint64_t> first_place(App& app, const EventFilter& filter) {
  if (!filter.from) co_return 0;
  co_return co_await last_before(app.store, *filter.from - kFeedDisorder);
}

Task<Piece> read_feed(App& app, std::uint64_t after, std::size_t rows) {
  Piece piece;
  piece.events = co_await app.store.feed(after, rows);
  piece.has_more = piece.events.size() == rows;
  co_return piece;
}

Task<Piece> read_object(App& app, std::string partition, std::uint64_t after, std::size_t rows) {
  ports::Query query;
  query.partition = std::move(partition);
  query.from = keys::event_sort(static_cast<std::int64_t>(after) + 1);
  query.to = keys::kEventsEnd;
  query.limit = rows;
  ports::Page page = co_await app.store.query(std::move(query));
  Piece piece;
  piece.has_more = !page.cursor.empty();
  for (ports::Record& record : page.records) {
    const domain::EventHead head = head_of({0, record.key, record.document});
    piece.events.push_back(
        {static_cast<std::uint64_t>(head.version), std::move(record.key), std::move(record.document)});
  }
  co_return piece;
}

}  // namespace

std::vector<json::Rule> json_rules(const OrderChangeView*) {
  return {json::field("from").says("The order's status before; null when it was placed."),
          json::field("to").says("Its status from then on."),
          json::field("content").brief().says("What it is made of, when it was placed or its contents were changed."),
          json::field("attempt").brief().says("The payment attempt, as it is after the event."),
          json::field("refund").brief().says("The refund, as it is after the event."),
          json::field("invoice").brief().says("The number of the invoice that was issued."),
          json::field("cancel_requested").brief().says("A cancellation was asked for while a payment was under way."),
          json::field("reason").brief().says("Of a cancellation."),
          json::field("stock").brief().says("How stock moved."),
          json::field("postings").brief().says("What was booked in the ledger.")};
}

std::vector<json::Rule> json_rules(const ClientChangeView*) {
  return {
      json::field("from").brief().says("null, or left out, of a client who is new."),
      json::field("content").brief().says("What the shop has agreed with them, where that or who they are changed."),
      json::field("guest").brief().says("As whom they had ordered, of client.guest_claimed.")};
}

std::vector<json::Rule> json_rules(const ApiKeyChangeView*) {
  return {json::field("content").brief().says("What the key is, when it was made."),
          json::field("rotated_until").brief().says("Until when the text before is good, when it got a new one.")};
}

std::vector<json::Rule> json_rules(const EventView*) {
  return {json::field("type").says("order.placed, payment.confirmed, key.revoked, …"),
          json::field("object").says("The id of what it happened to."),
          json::field("version").says("Of the object after it: 1, 2, 3, … without a gap."),
          json::field("actor").says("Who caused it: key:…, token:…, guest, worker:…, operator, …"),
          json::field("source").says(
              "The network address that the request came from; of clients and guests only the network that it is in; "
              "null for workers."),
          json::field("request").says(
              "The id of the request, as the answer and the log have it; of a worker's, that of the message."),
          json::field("order").brief().says("What happened to an order."),
          json::field("client").brief().says("What happened to a client."),
          json::field("api_key").brief().says("What happened to an API key."),
          json::field("previous").says("The hash of the object's event before; null for the first."),
          json::field("hash").says("SHA-256 in base64url of the event as it is stored, which `previous` is part of.")};
}

std::vector<json::Rule> json_rules(const EventList*) {
  return {json::field("next_cursor").says("For the next page; null when there is no more by now."),
          json::field("end_cursor").says("Where this page ends: as `cursor`, it leads to what has happened since.")};
}

Task<EventList> list_events(App& app, Caller caller, EventFilter filter, PageOf page) {
  const std::size_t rows = filter.type ? kEventsExaminedMax : page.limit + 1;
  if (filter.object) {
    const EventKind& kind = kind_of_object(*filter.object);
    const std::uint64_t after = page.cursor.empty() ? 0 : place_of(page.cursor);
    const Piece piece = co_await read_object(app, std::string(kind.partition) + *filter.object, after, rows);
    co_return EventPage(caller, filter, page.limit, after).of(piece);
  }
  const std::uint64_t after = page.cursor.empty() ? co_await first_place(app, filter) : place_of(page.cursor);
  const Piece piece = co_await read_feed(app, after, rows);
  co_return EventPage(caller, filter, page.limit, after).of(piece);
}

}  // namespace orderly::app
