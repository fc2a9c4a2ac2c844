#include "tests/fakes/world.h"

#include <gtest/gtest.h>

#include "app/catalog.h"
#include "app/keys.h"
#include "app/workers.h"
#include "base/limits.h"
#include "tests/fakes/consistency.h"

namespace orderly::fakes {

namespace {

const Time kStart = *parse_time("2026-11-20T09:30:00.000Z");

}  // namespace

app::Settings WorldSettings::default_shop() {
  app::Settings shop;
  shop.pricing.shipping_minor = 999;
  shop.default_payment_method = "pm_card_visa";
  return shop;
}

World::World(WorldSettings settings)
    : clock(kStart),
      random(settings.seed),
      queue(clock),
      store(clock, queue),
      provider(simulated::make_memory_ledger()),
      payments(clock, *provider, settings.provider),
      app{store,
          queue,
          store,
          payments,
          clock,
          random,
          offload,
          monitor,
          crypto,
          documents,
          ports::SecretKey{1, 2, 3},
          settings.shop} {
  app.notifier = &mailer;
  app.erasures = &erasures;
  store.after_commit([](const ports::Commit& commit) { expect_balanced(commit); });
  stock_shelves();
  queue.set_paused(true);
  start_workers(settings.sweep_interval);
  advance(Duration{0});  // until they wait
}

World::~World() {
  store.before_commit(nullptr);  // what it refers to may be gone
  expect_consistent(*this);
  stop_workers();
}

// --- Running
// ----------------------------------------------------------------------------------------------------------

void World::drive(const std::function<bool()>& is_done, Time limit) {
  do {
    context.restart();
    while (!is_done() && context.poll_one() > 0) {
    }
  } while (!is_done() && clock.jump_to_next(limit));
}

void World::run_until_idle(Duration at_most) {
  const Time limit = clock.now() + at_most;
  queue.set_paused(false);
  do {
    drive([this] { return queue.messages() == 0; }, limit);
    drive([] { return false; }, clock.now());  // what follows the last acknowledgement, which may send others
  } while (queue.messages() > 0 && clock.now() < limit);
  EXPECT_EQ(queue.messages(), 0u) << "messages are left after " << at_most.count() << " ms";
  queue.set_paused(true);
}

void World::advance(Duration duration) {
  const Time end = clock.now() + duration;
  queue.set_paused(duration == Duration{0});
  drive([] { return false; }, end);
  clock.set(end);
  queue.set_paused(true);
}

void World::start_workers(Duration sweep_interval) {
  for (const ports::QueueName name : ports::kAllQueues) {
    workers_.push_back(start(app::run_worker(app, name, stop_.get_token())));
  }
  workers_.push_back(start(app::run_sweeper(app, stop_.get_token(), sweep_interval)));
}

void World::stop_workers() {
  stop_.request_stop();
  const auto all_done = [this] { return std::ranges::all_of(workers_, &Started<void>::done); };
  drive(all_done, clock.now() + std::chrono::minutes(1));
  EXPECT_TRUE(all_done()) << "a worker does not end when told to stop";
}

void World::report_no_error() { ADD_FAILURE() << "an Error was expected, and none was thrown"; }

// --- Callers and shorthands
// -------------------------------------------------------------------------------------------

app::Caller World::guest(std::string cart) const {
  app::Caller caller{app::Role::kAnonymous, {}, std::move(cart), "guest"};
  caller.client_id = app::client_of(app, caller, std::nullopt);
  return caller;
}

void World::stock_shelves() {
  add_product("1", 9500, 1000);
  add_product("2", 2500, 1000);
  add_product("3", 550, 1000);
  add_product("limited", 1000, 10);
  add_product("yen", 500, 1000, "JPY");
  for (const std::string id : {"mug-a", "mug-b"}) {
    app::PutProduct mug{id, "SKU-" + id, "Mug", "", "kitchen", 700, Currency::of("USD"), "", 1000};
    run(app::put_product(app, owner(), std::move(mug)));
  }
}

void World::add_product(std::string id, std::int64_t price, std::int64_t stock, std::string currency) {
  app::PutProduct product{id, "SKU-" + id, "Product " + id, "", "things", price, Currency::of(currency), "", stock};
  run(app::put_product(app, owner(), std::move(product)));
}

void World::put_hot_product(std::string id, std::optional<std::int64_t> stock, std::optional<std::int64_t> buckets) {
  app::PutProduct product{id, "SKU-" + id, "Product " + id, "", "things", 1000, Currency::of("USD"),
                          "", stock,       buckets};
  run(app::put_product(app, owner(), std::move(product)));
}

app::PlaceOrder World::order_of(Lines lines) const {
  app::PlaceOrder command;
  command.client_id = "u1";
  command.items = std::move(lines);
  return command;
}

OrderId World::place_order(Lines lines, std::string payment_method) {
  app::PlaceOrder command = order_of(std::move(lines));
  command.payment_method = std::move(payment_method);
  return view(run(app::place_order(app, owner(), std::move(command), {}))).id;
}

OrderId World::place_unpaid(Lines lines) {
  app::PlaceOrder command = order_of(std::move(lines));
  command.pay_later = true;
  return view(run(app::place_order(app, owner(), std::move(command), {}))).id;
}

OrderId World::place_paid_order(Lines lines, std::string payment_method) {
  const OrderId id = place_order(std::move(lines), std::move(payment_method));
  run_until_idle();
  EXPECT_EQ(order(id).status, domain::OrderStatus::kConfirmed);
  return id;
}

app::OrderView World::cancel(const OrderId& id, app::RepeatKey repeat) {
  return view(run(app::cancel_order(app, owner(), id.text, {}, std::move(repeat))));
}

app::OrderView World::refund(const OrderId& id, std::optional<std::int64_t> amount) {
  return view(run(app::refund_order(app, owner(), id.text, {amount, {}}, {})));
}

app::OrderView World::pay(const OrderId& id, std::string method) {
  return view(run(app::start_payment(app, owner(), {id.text, std::move(method)}, {})));
}

app::OrderView World::report(const OrderId& id, std::string status) {
  const auto result = json::parse_enum<app::ReportedStatus>(status);
  return view(run(app::report_payment(app, owner(), {id.text, result.value()}, {})));
}

app::RepeatKey World::key(std::string_view text, std::string_view body) const {
  return app::make_repeat_key(app, "owner", "POST", "/orders", text, body);
}

app::OrderView World::view(const app::Answer& answer) { return json::read_stored<app::OrderView>(answer.body); }

// --- Looking
// ----------------------------------------------------------------------------------------------------------

domain::Order World::order(const OrderId& id) {
  const auto record = store.inspect()->record(app::keys::order(id));
  if (!record) throw_not_found("order");
  return json::read_stored<domain::Order>(record->record.document);
}

std::vector<domain::OrderEvent> World::events(const OrderId& id) {
  std::vector<domain::OrderEvent> events;
  const std::string partition = app::keys::order(id).partition;
  store.inspect()->feed([&](const ports::FeedEvent& event) {
    if (event.key.partition == partition) events.push_back(json::read_stored<domain::OrderEvent>(event.document));
    return true;
  });
  return events;
}

std::vector<std::string> World::event_types(const OrderId& id) {
  std::vector<std::string> types;
  for (domain::OrderEvent& event : events(id)) types.push_back(std::move(event.type));
  return types;
}

domain::StockCounters World::stock(const std::string& product_id) {
  domain::StockCounters sum;
  for (std::int64_t number = 0; number < limits::kStockBucketsMax; ++number) {
    const domain::StockCounters counters = bucket(product_id, number);
    sum.available += counters.available;
    sum.reserved += counters.reserved;
  }
  return sum;
}

domain::StockCounters World::bucket(const std::string& product_id, std::int64_t number) {
  const auto record = store.inspect()->record(app::keys::stock(product_id, number));
  if (!record) return {};
  auto counters = json::read_stored<domain::StockCounters>(record->record.document);
  counters.received = 0;
  return counters;
}

std::size_t World::charges(const OrderId& id) {
  const auto all = provider->charges_for(id.text);
  return static_cast<std::size_t>(
      std::ranges::count_if(all, [](const auto& charge) { return charge.captured_minor > 0; }));
}

std::size_t World::refunds(const OrderId& id) {
  std::size_t count = 0;
  provider->for_each_refund([&](const simulated::LedgerEntry& entry) {
    if (entry.order_id == id.text && entry.declined.empty()) ++count;
  });
  return count;
}

std::int64_t World::held(const OrderId& id) {
  std::int64_t sum = 0;
  for (const auto& charge : provider->charges_for(id.text)) sum += charge.captured_minor - charge.refunded_minor;
  return sum;
}

std::vector<std::string> World::places_of(std::string_view text) {
  std::vector<std::string> places;
  const auto look_at = [&](const std::string& where, std::string_view content) {
    if (content.find(text) != std::string_view::npos) places.push_back(where);
    return true;
  };
  const auto inspection = store.inspect();
  inspection->records([&](const auto& each) {
    const ports::Key& key = each.record.key;
    return look_at(key.partition + "/" + key.sort, key.partition + key.sort + each.record.document);
  });
  inspection->index_entries([&](const auto& each) {
    return look_at("index " + each.entry.partition, each.entry.partition + each.entry.sort);
  });
  inspection->messages([&](const auto& each) { return look_at("message " + each.message.id, each.message.body); });
  inspection->feed([&](const auto& each) { return look_at("feed " + each.key.sort, each.document); });
  return places;
}

}  // namespace orderly::fakes
