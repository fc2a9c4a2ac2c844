// What holds for every history of an order, whatever happens to it: seeded random sequences of everything that can.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <random>
#include <set>

#include "base/json.h"
#include "domain/order_samples.h"

namespace orderly::domain {
namespace {

using namespace samples;

using Stock = std::map<std::string, StockCounters>;
using Buckets = std::map<std::pair<std::string, std::int64_t>, StockCounters>;
using Balances = std::map<Account, std::int64_t>;

// An order, and all that its events say.
struct History {
  Order order;
  Order rebuilt;  // from the events alone
  std::vector<OrderEvent> events;
  Stock stock;
  Buckets buckets;
  Balances balances;  // debits less credits
};

// As app does it: each event gets its id, its actor and a hash over its bytes, chained to the one before.
void seal(Change& change, std::int64_t version_before) {
  std::string previous = change.order.last_event;
  for (OrderEvent& event : change.events) {
    event.id = EventId::make(event.at, {static_cast<std::uint8_t>(event.version - version_before)});
    event.actor = "staff";
    event.previous = previous;
    event.hash = std::to_string(std::hash<std::string>{}(bytes_for_hash(event)));
    previous = event.hash;
  }
  change.order.last_event = previous;
}

void note(History& history, Change change) {
  seal(change, history.order.version);
  for (const OrderEvent& event : change.events) {
    history.rebuilt = apply(std::move(history.rebuilt), event);
    for (const StockMove& move : event.stock) {
      history.stock[move.product_id].available += move.available;
      history.stock[move.product_id].reserved += move.reserved;
      history.buckets[{move.product_id, move.bucket}].available += move.available;
      history.buckets[{move.product_id, move.bucket}].reserved += move.reserved;
    }
    EXPECT_TRUE(is_balanced(event.postings)) << event.type;
    for (const Posting& posting : event.postings) history.balances[posting.account] += posting.debit - posting.credit;
    history.events.push_back(event);
  }
  history.order = std::move(change.order);
}

using Random = std::mt19937;

std::int64_t draw(Random& random, std::int64_t low, std::int64_t high) {
  return std::uniform_int_distribution<std::int64_t>(low, high)(random);
}

std::vector<OrderLine> random_lines(Random& random) {
  std::vector<OrderLine> lines;
  for (std::int64_t n = draw(random, 1, 4); n > 0; --n) {
    const std::string product = std::to_string(draw(random, 1, 3));  // the same product may be on two lines
    lines.push_back({product, "SKU-" + product, "Product", draw(random, 1, 9), draw(random, 0, 5000), 0});
  }
  return lines;
}

PricingRules random_pricing(Random& random) {
  return {draw(random, 0, 1) * 999, draw(random, 0, 2) * 950,
          draw(random, 0, 1) == 0 ? Rounding::kPerLine : Rounding::kPerOrder};
}

// Where some or all pieces that are wanted more come from.
std::vector<Quantity> random_buckets(Random& random, const std::vector<Quantity>& before,
                                     const std::vector<OrderLine>& lines) {
  std::vector<Quantity> taken;
  for (const Quantity& more : wanted_more(before, quantities(lines))) {
    for (std::int64_t left = more.quantity; left > 0 && draw(random, 0, 3) > 0;) {
      const std::int64_t share = draw(random, 1, left);
      taken.push_back({more.product_id, share, draw(random, 0, 3)});
      left -= share;
    }
  }
  return taken;
}

Change random_amendment(Random& random, const Order& order, Time now) {
  std::vector<OrderLine> lines = random_lines(random);
  const auto taken = random_buckets(random, quantities(order.items), lines);
  return amend(order, std::move(lines), std::nullopt, random_pricing(random), now, taken);
}

TransactionId random_refund(Random& random, const Order& order) {
  if (order.refunds.empty()) return transaction_id(order.id, 1000);
  return order.refunds[static_cast<std::size_t>(draw(random, 0, static_cast<std::int64_t>(order.refunds.size()) - 1))]
      .id;
}

// One thing, legal or not, that happens to the order.
Change random_change(Random& random, const Order& order, Time now) {
  switch (draw(random, 0, 14)) {
    case 0: return random_amendment(random, order, now);
    case 1: return start_payment(order, "pm_card_visa", now);
    case 2:
    case 3: return begin_processing(order, now);
    case 4:
    case 5: return confirm_payment(order, "ch_1", now);
    case 6: return decline_payment(order, "card-declined", now);
    case 7: return payment_unknown(order, "timeout", now);
    case 8: return draw(random, 0, 2) == 0 ? cancel(order, "changed-mind", now) : ship(order, now);
    case 9: return request_refund(order, draw(random, 1, 1 + captured(order)), "damaged", now);
    case 10: return draw(random, 0, 3) == 0 ? request_refund(order, std::nullopt, "", now) : ship(order, now);
    case 11: return complete_refund(order, random_refund(random, order), "re_1", now);
    case 12: return fail_refund(order, random_refund(random, order), "account-closed", now);
    case 13: return draw(random, 0, 1) == 0 ? deliver(order, now) : ship(order, now);
    default:
      return draw(random, 0, 1) == 0 ? attach_invoice(order, "INV-2026-000001", now)
                                     : attach_credit_note(order, random_refund(random, order), "CRN-2026-000001", now);
  }
}

Placement random_placement(Random& random) {
  Placement wanted = placement();
  wanted.items = random_lines(random);
  wanted.taken = random_buckets(random, {}, wanted.items);
  wanted.pricing = random_pricing(random);
  if (draw(random, 0, 1) == 0) wanted.payment_method.reset();
  return wanted;
}

void expect_stock_follows(const History& history) {
  Stock expected;
  for (const auto& [product_id, counters] : history.stock) expected[product_id] = {};
  const bool reserved = holds_stock(history.order.status);
  for (const Quantity& line : quantities(history.order.items)) {
    if (reserved || is_paid(history.order.status)) expected[line.product_id].available -= line.quantity;
    if (reserved) expected[line.product_id].reserved += line.quantity;
  }
  EXPECT_EQ(history.stock, expected);

  Buckets in_buckets;
  for (const auto& [place, counters] : history.buckets) in_buckets[place] = {};
  const bool has_pieces = history.order.status != OrderStatus::kCancelled;
  for (const Quantity& line : has_pieces ? stock_of(history.order) : std::vector<Quantity>{}) {
    in_buckets[{line.product_id, line.bucket}].available -= line.quantity;
    if (reserved) in_buckets[{line.product_id, line.bucket}].reserved += line.quantity;
  }
  EXPECT_EQ(history.buckets, in_buckets);
}

void expect_money_adds_up(const History& history) {
  const Order& order = history.order;
  std::int64_t price = 0;
  for (const PriceComponent& component : order.price) price += component.amount;
  EXPECT_EQ(price, order.total);
  EXPECT_EQ(order.total, order.subtotal + order.shipping + order.tax - order.discount);
  if (captured_attempt(order) != nullptr) {
    EXPECT_EQ(captured(order), order.total);
  }
  EXPECT_LE(refunded_or_under_way(order), captured(order));

  std::int64_t tax_back = 0;
  for (const Refund& refund : order.refunds) tax_back += refund.tax;
  const auto balance = [&](Account account) {
    const auto found = history.balances.find(account);
    return found == history.balances.end() ? 0 : found->second;
  };
  EXPECT_EQ(balance(Account::kReceivable), 0);
  EXPECT_EQ(balance(Account::kProviderClearing), captured(order) - refunded(order));
  EXPECT_EQ(balance(Account::kRefunds), refunded(order) - tax_back);
  EXPECT_EQ(-balance(Account::kTax), captured_attempt(order) != nullptr ? order.tax - tax_back : 0);
  if (captured(order) > 0 && refunded(order) == captured(order)) {
    EXPECT_EQ(balance(Account::kTax), 0);
  }
}

void expect_states_agree(const Order& order) {
  std::set<std::string> ids;
  std::int64_t confirmed_attempts = 0;
  for (const PaymentAttempt& attempt : order.attempts) {
    ids.insert(attempt.id.text);
    if (attempt.status == PaymentStatus::kConfirmed) ++confirmed_attempts;
    const bool is_latest = &attempt == &order.attempts.back();
    EXPECT_TRUE(is_latest || attempt.status == PaymentStatus::kDeclined) << "another attempt began before it ended";
  }
  for (const Refund& refund : order.refunds) ids.insert(refund.id.text);
  EXPECT_EQ(ids.size(), order.attempts.size() + order.refunds.size()) << "a transaction's id was used twice";
  EXPECT_LE(confirmed_attempts, 1);
  if (is_paid(order.status)) {
    EXPECT_EQ(confirmed_attempts, 1);
  }
  EXPECT_EQ(order.status == OrderStatus::kProcessing,
            payment_under_way(order) && payment_status(order) != PaymentStatus::kInitializing);
  if (order.cancel_requested) {
    EXPECT_EQ(order.status, OrderStatus::kProcessing);
  }
  EXPECT_EQ(order.status == OrderStatus::kRefunded,
            is_paid(order.status) && captured(order) > 0 && refunded(order) == captured(order));
}

void expect_chain_holds(const History& history) {
  std::string previous;
  std::optional<OrderStatus> status;
  std::int64_t version = 0;
  Order rebuilt;
  for (const OrderEvent& event : history.events) {
    EXPECT_EQ(event.version, ++version);
    EXPECT_EQ(event.previous, previous);
    EXPECT_EQ(event.from, status);
    previous = event.hash;
    status = event.to;
    rebuilt = apply(std::move(rebuilt), json::read_stored<OrderEvent>(json::write(event)));
  }
  EXPECT_EQ(rebuilt, history.order) << "from the events as they are stored";
  EXPECT_EQ(history.order.version, version);
  EXPECT_EQ(json::read_stored<Order>(json::write(history.order)), history.order);
}

// Lets `steps` things happen, of which those that are not legal change nothing.
void live(History& history, Random& random, int steps) {
  Time now = kPlacedAt;
  note(history, place(random_placement(random), now));
  for (int step = 0; step < steps; ++step) {
    now = now + Duration{draw(random, 0, 120'000)};
    try {
      note(history, random_change(random, history.order, now));
    } catch (const Error& error) {
      ASSERT_TRUE(error.code() == ErrorCode::kRefused || error.code() == ErrorCode::kNotFound) << error.what();
    }
    ASSERT_EQ(history.rebuilt, history.order);
    expect_stock_follows(history);
    expect_money_adds_up(history);
    expect_states_agree(history.order);
    if (testing::Test::HasFailure()) return;
  }
}

TEST(AnyHistory, IsRebuiltFromItsEventsAndAddsUpAfterEachOfThem) {
  std::map<OrderStatus, int> ends;
  std::set<std::string> types;
  for (std::uint32_t seed = 1; seed <= 400; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    History history;
    live(history, random, 60);
    expect_chain_holds(history);
    if (HasFailure()) return;
    ++ends[history.order.status];
    for (const OrderEvent& event : history.events) types.insert(event.type);
  }
  // The walk must have been everywhere for the rest to mean something.
  EXPECT_GE(ends.size(), 6u);
  EXPECT_GT(ends[OrderStatus::kRefunded], 5);
  EXPECT_GT(ends[OrderStatus::kCancelled], 10);
  EXPECT_EQ(types.size(), 16u) << "every kind of event there is";
}

// --- apply ----------------------------------------------------------------------------------------------------------

struct Fault {
  std::string_view name;
  std::function<void(OrderEvent&)> damage;
};

TEST(Apply, FindsAnEventThatDoesNotFit) {
  const Order before = processing();
  const OrderEvent event = confirm_payment(before, "ch_1", kLater).events[0];
  EXPECT_NO_THROW(apply(before, event));
  const std::vector<Fault> faults = {
      {"a version is missing", [](OrderEvent& e) { ++e.version; }},
      {"a version comes twice", [](OrderEvent& e) { --e.version; }},
      {"another order's", [](OrderEvent& e) { e.object = order_id(9); }},
      {"from another status", [](OrderEvent& e) { e.from = OrderStatus::kPending; }},
      {"from nothing", [](OrderEvent& e) { e.from.reset(); }},
      {"not in the table", [](OrderEvent& e) { e.to = OrderStatus::kDelivered; }},
      {"pieces back to a bucket that they are not from", [](OrderEvent& e) { e.stock.push_back({"1", 1, 0, 5}); }},
      {"a payment not in its table", [](OrderEvent& e) { e.attempt->status = PaymentStatus::kInitializing; }},
      {"a payment from nowhere", [](OrderEvent& e) { e.attempt->id = transaction_id(e.object, 7); }},
      {"a refund from nowhere",
       [](OrderEvent& e) {
         e.refund.emplace().id = transaction_id(e.object, 8);
         e.refund->status = RefundStatus::kDone;
       }},
  };
  for (const auto& [name, damage] : faults) {
    OrderEvent damaged = event;
    damage(damaged);
    try {
      apply(before, damaged);
      ADD_FAILURE() << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kBrokenInvariant) << name;
    }
  }
}

TEST(Apply, BeginsWithAPlacedOrderOnly) {
  const OrderEvent placed = place(placement(), kPlacedAt).events[0];
  EXPECT_NO_THROW(apply({}, placed));
  OrderEvent not_pending = placed;
  not_pending.to = OrderStatus::kConfirmed;
  EXPECT_THROW(apply({}, not_pending), Error);
  OrderEvent not_first = placed;
  not_first.from = OrderStatus::kPending;
  EXPECT_THROW(apply({}, not_first), Error);
}

TEST(EventHash, CoversEveryByteButTheHashItself) {
  OrderEvent event = place(placement(), kPlacedAt).events[0];
  event.id = EventId::make(kPlacedAt, {});
  const std::string bytes = bytes_for_hash(event);
  event.hash = "abc";
  EXPECT_EQ(bytes_for_hash(event), bytes);
  // The hash is the last field, so that it can be written behind the bytes that it covers.
  EXPECT_EQ(json::write(event), bytes.substr(0, bytes.size() - 1) + ",\"hash\":\"abc\"}");
  event.previous = "def";
  EXPECT_NE(bytes_for_hash(event), bytes);
}

}  // namespace
}  // namespace orderly::domain
