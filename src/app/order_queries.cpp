// Lists walk sort keys, newest first: ids of orders start with the time they were placed, so a cursor is simply the
// sort key of the last row looked at, and several partitions (days, or orders beside later transactions) merge by it.
#include "app/order_queries.h"

#include "app/keys.h"
#include "app/orders.h"
#include "base/limits.h"

namespace orderly::app {

namespace {

constexpr int kDaysByDefault = 30;
constexpr int kDaysPerPage = 62;   // partitions looked into before a page is returned short
constexpr int kReadsPerPage = 10;  // of one partition, where not all that is in it is wanted
constexpr Duration kPollInterval{100};

// A half-open range of sort keys, and the days that it touches.
struct Span {
  Time from;
  std::string low;   // inclusive
  std::string high;  // exclusive; the cursor when there is one
};

Span span_of(const std::optional<Time>& from, const std::optional<Time>& to, const std::string& cursor, Time now,
             bool has_default) {
  const Time end = to.value_or(now + std::chrono::hours(24));
  Span span;
  span.from = from ? *from : (has_default ? now - std::chrono::hours(24 * kDaysByDefault) : Time{0});
  span.low = keys::first_id_at(std::max(span.from, Time{0}));
  span.high = keys::first_id_at(std::max(end, Time{0}));
  if (cursor.empty()) return span;
  if (cursor.size() < kIdCharacters || !is_encoded_id(cursor.substr(0, kIdCharacters))) {
    throw_invalid("/cursor", "is not a cursor of this list");
  }
  span.high = std::min(span.high, cursor);
  return span;
}

Time latest_day(const Span& span) { return start_of_day(time_of_encoded_id(span.high.substr(0, kIdCharacters))); }

struct Row {
  std::string sort;
  ports::Record record;
};

// The rows of one partition below `high`, newest first, at most `limit`; `more` says whether there are others below.
struct Rows {
  std::vector<Row> rows;
  bool more = false;
};

// Everything in indexes is sorted by the key that the record's own index entry has; it is rebuilt from the record.
using SortOf = std::function<std::string(const ports::Record&)>;

Task<Rows> read_rows(App& app, ports::Index index, std::string partition, const Span& span, std::size_t limit,
                     SortOf sort_of) {
  ports::Query query;
  query.index = index;
  query.partition = std::move(partition);
  query.from = span.low;
  query.to = span.high;
  query.direction = ports::Direction::kBackward;
  Rows result;
  do {
    query.limit = limit - result.rows.size();
    ports::Page page = co_await app.store.query(query);
    for (ports::Record& record : page.records) {
      std::string sort = sort_of(record);
      result.rows.push_back({std::move(sort), std::move(record)});
    }
    query.cursor = std::move(page.cursor);
  } while (!query.cursor.empty() && result.rows.size() < limit);
  result.more = !query.cursor.empty();
  co_return result;
}

std::string sort_of_order(const ports::Record& record) {
  return record.key.partition.substr(std::string_view("ORDER#ord_").size());
}

std::string sort_of_later_transaction(const ports::Record& record) {
  return json::read_stored<LaterTransaction>(record.document).sort;
}

}  // namespace

Task<OrderView> get_order(App& app, Caller caller, std::string id, std::optional<Time> at) {
  domain::Order order =
      at ? co_await load_order_as_of(app, caller, std::move(id), *at) : co_await load_order(app, caller, std::move(id));
  co_return co_await view_of(app, std::move(order));
}

Task<OrderProgressView> get_order_status(App& app, Caller caller, std::string order_id, std::string client_id,
                                         Duration wait) {
  const domain::Order first = co_await load_order(app, caller, order_id);
  if (first.client_id != client_id) throw_not_found("order");
  const Time deadline = app.clock.now() + wait;
  while (app.clock.now() < deadline && !app.is_stopping) {
    co_await app.clock.sleep(std::min(kPollInterval, deadline - app.clock.now()));
    const domain::Order current = co_await load_order(app, caller, order_id);
    if (current.version != first.version) co_return status_of(current);
  }
  co_return status_of(first);
}

namespace {

class OrderList {
 public:
  OrderList(App& app, const OrderFilter& filter, std::size_t limit) : app_(app), filter_(filter), limit_(limit) {}

  // Fills the page from one partition, from span.high downwards. False: the partition is at its end, and there is room
  // for more. True: the page ends here, and finish() has a cursor.
  Task<bool> read(ports::Index index, std::string partition, Span& span) {
    for (int round = 0; round < kReadsPerPage; ++round) {
      Rows rows = co_await read_rows(app_, index, partition, span, rows_to_read(), sort_of_order);
      const bool more = rows.more;
      if (co_await add(std::move(rows))) co_return true;
      if (!more) co_return false;
      span.high = last_;
    }
    co_return true;
  }

  List<OrderView> whole() && { return std::move(list_); }
  List<OrderView> until(std::string cursor) && {
    list_.next_cursor = std::move(cursor);
    return std::move(list_);
  }
  List<OrderView> until_last() && { return std::move(*this).until(last_); }

 private:
  // True when there is one more than fits: so a page that ends with the list's last order is known to be the last.
  Task<bool> add(Rows rows) {
    for (Row& row : rows.rows) {
      auto order = json::read_stored<domain::Order>(row.record.document);
      if (is_wanted(order)) {
        if (list_.data.size() == limit_) co_return true;
        list_.data.push_back(co_await view_of(app_, std::move(order)));
      }
      last_ = row.sort;
    }
    co_return false;
  }
  bool is_wanted(const domain::Order& order) const {
    if (filter_.status && order.status != *filter_.status) return false;
    return !filter_.client_id || order.client_id == *filter_.client_id;
  }
  // One more than fits; with a status wanted, some are read in vain.
  std::size_t rows_to_read() const { return filter_.status ? limits::kPageRowsMax : limit_ - list_.data.size() + 1; }

  App& app_;
  const OrderFilter& filter_;
  const std::size_t limit_;
  List<OrderView> list_;
  std::string last_;  // sort key of the last row looked at
};

Task<List<OrderView>> list_orders_of_client(App& app, const OrderFilter& filter, const PageOf& page) {
  Span span = span_of(filter.from, filter.to, page.cursor, app.clock.now(), false);
  OrderList list(app, filter, page.limit);
  const bool is_full = co_await list.read(ports::Index::kByClient, keys::orders_of_client(*filter.client_id), span);
  co_return is_full ? std::move(list).until_last() : std::move(list).whole();
}

Task<List<OrderView>> list_orders_by_day(App& app, const OrderFilter& filter, const PageOf& page) {
  Span span = span_of(filter.from, filter.to, page.cursor, app.clock.now(), true);
  OrderList list(app, filter, page.limit);
  Time day = latest_day(span);
  for (int days = 0; day >= start_of_day(span.from); ++days, day = day - std::chrono::hours(24)) {
    if (days == kDaysPerPage) co_return std::move(list).until(keys::first_id_at(day + std::chrono::hours(24)));
    const std::string name = format_day(day);
    const bool is_full = co_await list.read(
        filter.status ? ports::Index::kByStatus : ports::Index::kByDay,
        filter.status ? keys::orders_of_status(*filter.status, name) : keys::orders_of_day(name), span);
    if (is_full) co_return std::move(list).until_last();
  }
  co_return std::move(list).whole();
}

}  // namespace

Task<List<OrderView>> list_orders(App& app, Caller caller, OrderFilter filter, PageOf page) {
  if (!is_clerk(caller)) {
    if (caller.client_id.empty() || (filter.client_id && *filter.client_id != caller.client_id)) {
      co_return List<OrderView>{};
    }
    filter.client_id = caller.client_id;
  }
  if (filter.client_id) co_return co_await list_orders_of_client(app, filter, page);
  co_return co_await list_orders_by_day(app, filter, page);
}

namespace {

bool matches(const TransactionFilter& filter, const TransactionView& view) {
  if (filter.status && view.status != *filter.status) return false;
  if (filter.client_id && view.client_id != *filter.client_id) return false;
  if (filter.from && view.created_at < *filter.from) return false;
  return !filter.to || view.created_at < *filter.to;
}

// The transaction that an index row stands for: an order's row for the attempt that was made with it (none when the
// payment came later), a later transaction's row for that one.
Task<std::optional<TransactionView>> transaction_of(App& app, const Row& row, bool is_order) {
  if (is_order) {
    const auto order = json::read_stored<domain::Order>(row.record.document);
    for (TransactionView& view : transactions_of(order)) {
      if (is_listed_by_order(order, view.id, view.created_at)) co_return std::move(view);
    }
    co_return std::nullopt;
  }
  const auto later = json::read_stored<LaterTransaction>(row.record.document);
  const domain::Order order = co_await load_order(app, later.order_id);
  for (TransactionView& view : transactions_of(order)) {
    if (view.id == later.transaction_id) co_return std::move(view);
  }
  throw_broken("listed transaction " + later.transaction_id.text + " is not in its order");
}

struct Sources {
  ports::Index index;
  std::string orders;
  std::string later;
};

// Merges the two partitions, newest first, below span.high. Returns true when there is one more than fits into the page
// or may be more than was read: the list's cursor says where the next page begins.
Task<bool> merge_transactions(App& app, const Sources& sources, const Span& span, const TransactionFilter& filter,
                              std::size_t limit, List<TransactionView>& list) {
  Rows orders = co_await read_rows(app, sources.index, sources.orders, span, limits::kPageRowsMax, sort_of_order);
  Rows later =
      co_await read_rows(app, sources.index, sources.later, span, limits::kPageRowsMax, sort_of_later_transaction);
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < orders.rows.size() || j < later.rows.size()) {
    const bool take_order =
        j == later.rows.size() || (i < orders.rows.size() && orders.rows[i].sort > later.rows[j].sort);
    const Row& row = take_order ? orders.rows[i++] : later.rows[j++];
    auto view = co_await transaction_of(app, row, take_order);
    if (view && matches(filter, *view)) {
      if (list.data.size() == limit) co_return true;
      list.data.push_back(std::move(*view));
    }
    list.next_cursor = row.sort;
    const bool one_ran_dry = (i == orders.rows.size() && orders.more) || (j == later.rows.size() && later.more);
    if (one_ran_dry) co_return true;
  }
  co_return false;
}

Task<List<TransactionView>> list_transactions_of_client(App& app, const TransactionFilter& filter, const PageOf& page) {
  const Span span = span_of(filter.from, filter.to, page.cursor, app.clock.now(), false);
  const Sources sources{ports::Index::kByClient, keys::orders_of_client(*filter.client_id),
                        keys::transactions_of_client(*filter.client_id)};
  List<TransactionView> list;
  if (!co_await merge_transactions(app, sources, span, filter, page.limit, list)) list.next_cursor.reset();
  co_return list;
}

Task<List<TransactionView>> list_transactions_by_day(App& app, const TransactionFilter& filter, const PageOf& page) {
  const Span span = span_of(filter.from, filter.to, page.cursor, app.clock.now(), true);
  List<TransactionView> list;
  Time day = latest_day(span);
  for (int days = 0; day >= start_of_day(span.from); ++days, day = day - std::chrono::hours(24)) {
    if (days == kDaysPerPage) {
      list.next_cursor = keys::first_id_at(day + std::chrono::hours(24));
      co_return list;
    }
    const std::string name = format_day(day);
    const Sources sources{ports::Index::kByDay, keys::orders_of_day(name), keys::transactions_of_day(name)};
    if (co_await merge_transactions(app, sources, span, filter, page.limit, list)) co_return list;
  }
  list.next_cursor.reset();
  co_return list;
}

}  // namespace

Task<List<TransactionView>> list_transactions(App& app, Caller caller, TransactionFilter filter, PageOf page) {
  if (filter.order_id) {
    const domain::Order order = co_await load_order(app, caller, *filter.order_id);
    List<TransactionView> list;
    for (TransactionView& view : transactions_of(order)) {
      if (matches(filter, view)) list.data.insert(list.data.begin(), std::move(view));
    }
    co_return list;
  }
  if (!is_clerk(caller)) {
    if (caller.client_id.empty() || (filter.client_id && *filter.client_id != caller.client_id)) {
      co_return List<TransactionView>{};
    }
    filter.client_id = caller.client_id;
  }
  if (filter.client_id) co_return co_await list_transactions_of_client(app, filter, page);
  co_return co_await list_transactions_by_day(app, filter, page);
}

Task<TransactionView> get_transaction(App& app, Caller caller, std::string id) {
  const auto transaction = TransactionId::parse(id);
  if (!transaction) throw_not_found("transaction");
  std::optional<domain::Order> order;
  try {
    order = co_await load_order(app, caller, order_of(*transaction).text);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNotFound) throw;
  }
  if (order) {
    for (TransactionView& view : transactions_of(*order)) {
      if (view.id == *transaction) co_return std::move(view);
    }
  }
  throw_not_found("transaction");
}

namespace {

std::string without_source(std::string_view document) {
  auto event = json::read_stored<domain::OrderEvent>(document);
  event.source.clear();
  event.request.clear();
  return json::write(event);
}

}  // namespace

Task<std::vector<std::string>> list_order_events(App& app, Caller caller, std::string order_id,
                                                 std::int64_t after_version) {
  const domain::Order order = co_await load_order(app, caller, std::move(order_id));
  ports::Query query;
  query.partition = keys::order(order.id).partition;
  query.from = keys::event(order.id, after_version + 1).sort;
  query.to = keys::kEventsEnd;
  query.limit = limits::kPageRowsMax;
  std::vector<std::string> documents;
  do {
    ports::Page page = co_await app.store.query(query);
    for (ports::Record& record : page.records) {
      documents.push_back(is_clerk(caller) ? std::move(record.document) : without_source(record.document));
    }
    query.cursor = std::move(page.cursor);
  } while (!query.cursor.empty());
  co_return documents;
}

}  // namespace orderly::app
