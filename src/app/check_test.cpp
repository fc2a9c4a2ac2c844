// What is under way is no damage; what was counted and found is said. Damage by damage: check_damage_test.cpp.
#include "app/check.h"

#include <gtest/gtest.h>

#include <set>

#include "app/check_matching.h"
#include "app/check_samples.h"
#include "tests/fakes/consistency.h"

namespace orderly::app {
namespace {

using ports::QueueName;
using samples::check_of;
using samples::findings_of;
using samples::has;
using samples::kFirstFile;
using samples::Picture;
using samples::place;
using samples::Shop;

TEST(Check, AShopInTheMiddleOfItsWorkIsClean) {
  Shop shop;
  Picture picture = shop.picture();
  const CheckReport report = check_of(shop, picture);
  EXPECT_EQ(findings_of(report), "");
  EXPECT_TRUE(report.is_clean());
}

TEST(Check, AnEmptyStoreIsClean) {
  Shop shop;
  Picture picture = shop.picture();
  picture.stored.clear();
  picture.entries.clear();
  picture.waiting.clear();
  picture.events.clear();
  EXPECT_EQ(findings_of(check_of(shop, picture)), "");
}

// A shop with everything that takes time, a check after every single commit.
class CheckedWorld {
 public:
  CheckedWorld() : world(slow_settings()) {
    world.store.after_commit([this](const ports::Commit& commit) {
      fakes::expect_balanced(commit);
      check_after(commit);
    });
  }

  fakes::World world;
  std::set<std::string> seen;  // "processing unknown", "delivered confirmed, refund requested", …
  int checks = 0;

 private:
  static fakes::WorldSettings slow_settings() {
    fakes::WorldSettings settings;
    settings.shop.payment_step = std::chrono::seconds(3);
    settings.shop.deliver_after = std::chrono::seconds(3);
    settings.shop.pricing.tax_basis_points = 1900;
    settings.shop.expire_after = std::chrono::seconds(10);
    return settings;
  }

  void check_after(const ports::Commit& commit) {
    ++checks;
    const CheckReport report = check(*world.store.inspect(), world.crypto, world.clock.now());
    ASSERT_EQ(findings_of(report), "") << "after commit " << checks;
    for (const ports::Write& write : commit.writes) {
      const auto* put = std::get_if<ports::Put>(&write);
      if (put != nullptr && put->key.partition.starts_with("ORDER#") && put->key.sort == keys::kMeta) {
        note(json::read_stored<domain::Order>(put->document));
      }
    }
  }

  void note(const domain::Order& order) {
    const domain::PaymentAttempt* attempt = domain::latest_attempt(order);
    std::string situation = std::string(json::name_of(order.status));
    if (attempt != nullptr) situation += " " + std::string(json::name_of(attempt->status));
    if (domain::is_due_invoice(order)) situation += ", to be invoiced";
    if (!order.refunds.empty()) situation += ", refund " + std::string(json::name_of(order.refunds.back().status));
    seen.insert(std::move(situation));
  }
};

TEST(Check, WhateverIsUnderWayIsNoDamage) {
  CheckedWorld checked;
  fakes::World& world = checked.world;
  const char* const methods[] = {"pm_card_visa",    "pm_card_visa_chargeDeclined", "pm_sim_timeout_before_charge",
                                 "pm_sim_http_500", "pm_sim_timeout_after_charge", "pm_sim_refund_fails",
                                 "pm_sim_slow",     "pm_sim_refund_lost"};
  std::vector<OrderId> orders;
  for (int step = 0; step < 48; ++step) {
    if (step < 24) orders.push_back(world.place_order({{"1", 1}, {"3", 2}}, methods[step % 8]));
    if (step == 5) world.place_unpaid({{"2", 1}});
    const OrderId& chosen = orders[static_cast<std::size_t>(step) % orders.size()];
    const domain::Order order = world.order(chosen);
    const bool is_sold =
        order.status == domain::OrderStatus::kShipped || order.status == domain::OrderStatus::kDelivered;
    if (is_sold && order.refunds.empty()) world.refund(chosen, 700);
    const bool may_cancel = may_follow(order.status, domain::OrderStatus::kCancelled);
    const bool is_in_time = may_cancel || order.status == domain::OrderStatus::kProcessing;
    if (step % 3 == 0 && is_in_time) world.cancel(chosen);
    for (std::size_t i = 7; i < orders.size(); i += 8) {
      if (world.order(orders[i]).status == domain::OrderStatus::kConfirmed) world.cancel(orders[i]);
    }
    world.advance(std::chrono::milliseconds(700));
  }
  world.run_until_idle();
  for (const char* situation :
       {"pending", "pending initializing", "processing processing", "processing unknown", "declined declined",
        "confirmed confirmed, to be invoiced", "delivered confirmed, refund requested",
        "delivered confirmed, refund done", "cancelled confirmed, refund requested", "cancelled declined"}) {
    EXPECT_TRUE(checked.seen.contains(situation)) << situation << " was not met";
  }
  EXPECT_GT(checked.checks, 150);
}

TEST(Check, CountsWhatItLooksAt) {
  Shop shop;
  Picture picture = shop.picture();
  const CheckCounts counts = check_of(shop, picture).counts;
  EXPECT_EQ(counts.orders, 10);
  EXPECT_EQ(counts.events, static_cast<std::int64_t>(picture.events.size()));
  EXPECT_EQ(counts.feed_events, counts.events);
  EXPECT_EQ(counts.index_entries, static_cast<std::int64_t>(picture.entries.size()));
  EXPECT_EQ(counts.products, 7);
  EXPECT_EQ(counts.stock_counters, 7);
  EXPECT_EQ(counts.lookups, 13);  // two mugs share a name
  EXPECT_EQ(counts.invoice_files, static_cast<std::int64_t>(picture.blobs.size()));
  EXPECT_EQ(counts.carts, 1);
  EXPECT_EQ(counts.client_keys, 1);
  EXPECT_EQ(counts.api_keys, 1);
  ASSERT_EQ(counts.ledger.size(), 2u);
  EXPECT_EQ(counts.ledger[0].currency, Currency::of("JPY"));
  EXPECT_GT(counts.ledger[1].debit, 0);
  EXPECT_EQ(counts.ledger[1].debit, counts.ledger[1].credit);
  ASSERT_EQ(counts.invoices.size(), 2u);
  EXPECT_EQ(counts.invoices[0].series, "CRN-2026");
  EXPECT_EQ(counts.invoices[0].documents, 3);
  EXPECT_EQ(counts.invoices[1].series, "INV-2026");
  EXPECT_EQ(counts.invoices[1].documents, 4);
  ASSERT_EQ(counts.messages.size(), 6u);
  EXPECT_EQ(counts.messages[0].queue, "payments");
  EXPECT_EQ(counts.messages[0].waiting, 3);
}

TEST(Check, AnInvoiceWhosePdfIsStillToBeMadeIsNoDamage) {
  Shop shop;
  Picture picture = shop.picture();
  picture.remove(kFirstFile);
  picture.waiting.push_back({{QueueName::kDocuments, make_message_id(shop.world.app, shop.world.clock.now()).text,
                              json::write(DocumentTask{"INV-2026-000001"}), shop.world.clock.now()},
                             0,
                             false});
  EXPECT_EQ(findings_of(check_of(shop, picture)), "");
}

TEST(Check, ADeadLetterIsNamedOnceAndNotCalledMissing) {
  Shop shop;
  Picture picture = shop.picture();
  picture.message(QueueName::kRefunds).dead = true;
  const CheckReport report = check_of(shop, picture);
  ASSERT_EQ(report.findings_total, 1) << findings_of(report);
  EXPECT_EQ(report.findings[0].slug, "dead-letter");
  EXPECT_NE(report.findings[0].what.find(shop.world.order(shop.refunding).refunds[0].id.text), std::string::npos);
}

TEST(Check, NeverShowsWhatItFindsUnsealed) {
  Shop shop;
  Picture picture = shop.picture();
  picture.edit<domain::Order>(keys::order(shop.cancelled), [](domain::Order& order) {
    order.cancel_reason = "card 4242 4242 4242 4242";
    order.attempts[0].reason = "sk_live_abcdef";
  });
  const CheckReport report = check_of(shop, picture);
  EXPECT_TRUE(has(report, {6, "order-differs", place(keys::order(shop.cancelled))}));
  EXPECT_EQ(to_text(report).find("4242"), std::string::npos);
  EXPECT_EQ(to_text(report).find("abcdef"), std::string::npos);
}

TEST(Check, KeepsTheFirstHundredFindingsOfAKindAndCountsAll) {
  Shop shop;
  Picture picture = shop.picture();
  for (int i = 0; i < 150; ++i) {
    const ports::Key key{"THING#" + std::to_string(i), "META"};
    picture.stored[key] = {{key, "{}", 1, {}}, {}, false};
  }
  picture.remove(kFirstFile);
  const CheckReport report = check_of(shop, picture);
  EXPECT_EQ(report.findings_total, 151);
  EXPECT_EQ(report.findings.size(), 101u);
  EXPECT_EQ(report.findings.front().slug, "file-missing");
  EXPECT_NE(to_text(report).find("and 50 more\n"), std::string::npos);
}

TEST(Check, BytesThatAreNoTextDoNotStopIt) {
  Shop shop;
  const Picture intact = shop.picture();
  for (const std::string& bytes : {std::string("\xff\xfe"), std::string(500, '['), std::string("null"),
                                   std::string("{}"), std::string("{\"a\":\"\xc3\"}"), std::string(10, '\0')}) {
    Picture picture = intact;
    for (auto& [key, stored] : picture.stored) stored.record.document = bytes;
    for (auto& stored : picture.waiting) stored.message.body = bytes;
    const CheckReport report = check_of(shop, picture);
    EXPECT_FALSE(report.is_clean());
    EXPECT_TRUE(has(report, {6, "unreadable", place(keys::order(shop.pending))}));
    EXPECT_EQ(json::read_stored<CheckReport>(to_json(report)).findings_total, report.findings_total);
  }
}

// A store whose bytes for some record make no sense says so by throwing in the middle of a walk.
class TornPicture final : public Picture {
 public:
  TornPicture(const Picture& intact, ErrorCode code) : Picture(intact), code_(code) {}
  void records(const std::function<bool(const StoredRecord&)>&) override {
    throw Error(code_, "torn", "A record is torn.");
  }

 private:
  ErrorCode code_;
};

TEST(Check, AWalkThatTheStoreBreaksOffIsAFindingAndTheOthersGoOn) {
  Shop shop;
  TornPicture torn(shop.picture(), ErrorCode::kBrokenInvariant);
  const CheckReport report = check_of(shop, torn);
  EXPECT_TRUE(has(report, {10, "contradiction", "records"})) << findings_of(report);
  EXPECT_GT(report.counts.feed_events, 0);
}

TEST(Check, AStoreThatIsUnavailableIsNoDamage) {
  Shop shop;
  TornPicture away(shop.picture(), ErrorCode::kUnavailable);
  EXPECT_THROW(check_of(shop, away), Error);
}

TEST(Check, SaysWhatItCountedAndFoundAsTextAndJson) {
  Shop shop;
  Picture picture = shop.picture();
  EXPECT_NE(to_text(check_of(shop, picture)).find("every invariant holds\n"), std::string::npos);
  picture.edit<domain::StockCounters>(keys::stock("1"), [](domain::StockCounters& c) { c.reserved += 2; });
  const CheckReport report = check_of(shop, picture);
  const std::string text = to_text(report);
  EXPECT_NE(text.find("orders 10, "), std::string::npos);
  EXPECT_NE(text.find("[5 stock-reserved] STOCK#1/META: reserved, by the lines of open orders: expected 4, found 6\n"),
            std::string::npos)
      << text;
  const auto read_back = json::read_stored<CheckReport>(to_json(report));
  EXPECT_EQ(read_back.counts.orders, 10);
  ASSERT_EQ(read_back.findings.size(), 2u);
  EXPECT_EQ(read_back.findings[0].where, "STOCK#1/META");
}

TEST(Matching, TellsWhatIsMissingDoubledOrDifferentAmongMany) {
  checks::Matching matching;
  const auto walk = [&] {
    for (int i = 0; i < 100'000; ++i) {
      const std::string key = "thing " + std::to_string(i);
      if (i != 7) matching.left(key, "same");
    }
    for (int i = 100'000; i-- > 0;) {
      const std::string key = "thing " + std::to_string(i);
      if (i != 8) matching.right(key, i == 9 ? "other" : "same");
      if (i == 10) matching.right(key, "same");
    }
  };
  walk();
  ASSERT_FALSE(matching.is_even());
  matching.start_collecting();
  walk();
  const auto differences = matching.differences();
  ASSERT_EQ(differences.size(), 4u);
  EXPECT_EQ(differences[0].key, "thing 10");
  EXPECT_EQ(differences[0].right.size(), 2u);
  EXPECT_EQ(differences[1].key, "thing 7");
  EXPECT_TRUE(differences[1].left.empty());
  EXPECT_EQ(differences[2].key, "thing 8");
  EXPECT_TRUE(differences[2].right.empty());
  EXPECT_EQ(differences[3].key, "thing 9");
  EXPECT_EQ(differences[3].right.front(), "other");
}

TEST(Matching, IsEvenWhenBothSidesMetTheSameInAnyOrder) {
  checks::Matching matching;
  for (int i = 0; i < 1000; ++i) matching.left(std::to_string(i));
  for (int i = 1000; i-- > 0;) matching.right(std::to_string(i));
  EXPECT_TRUE(matching.is_even());
}

}  // namespace
}  // namespace orderly::app
