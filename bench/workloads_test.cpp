#include "bench/workloads.h"

#include <gtest/gtest.h>

#include <set>

#include "bench/recorded_writes.h"

namespace orderly::bench {
namespace {

constexpr const char* kOrderId = "ord_01J8Z3T5Q7W9X2Y4A6B8C0D200";

std::string order_body(std::int64_t total) {
  return std::string(R"({"id":")") + kOrderId + R"(","subtotal":1,"total":)" + std::to_string(total) +
         R"(,"items":[]})";
}

TEST(OrderIdIn, TakesTheIdThatABodyBeginsWith) {
  EXPECT_EQ(order_id_in(order_body(5)), kOrderId);
  for (const char* body : {"", "{}", R"({"id":"ord_short"})", R"({"id":"prd_01J8Z3T5Q7W9X2Y4A6B8C0D200"})"}) {
    EXPECT_EQ(order_id_in(body), "") << body;
  }
}

TEST(IntegerIn, TakesTheWholeNameOnly) {
  EXPECT_EQ(integer_in(R"({"subtotal":7,"total":12,"totals":3})", "total"), 12);
  EXPECT_EQ(integer_in(R"({"subtotal":7,"note":"total"})", "total"), -1);
  EXPECT_EQ(integer_in("", "total"), -1);
}

TEST(GaugeSum, AddsUpOneMetricOverItsLabels) {
  const std::string page =
      "# HELP orderly_queue_messages Messages.\n# TYPE orderly_queue_messages gauge\n"
      "orderly_queue_messages{queue=\"payments\"} 12\norderly_queue_messages{queue=\"documents\"} 1.5e1\n"
      "orderly_queue_messages_other{queue=\"payments\"} 99\n";
  EXPECT_EQ(queued_messages(page), 27);
  EXPECT_EQ(gauge_sum(page, "orderly_queue_dead_letters"), -1);
}

TEST(Wish, IsTheSameForTheSameNumberAndNamesDifferentProducts) {
  const WishOptions options{.products = 1'000};
  std::set<std::size_t> seen;
  for (std::uint64_t number = 0; number < 2'000; ++number) {
    const OrderWish one = wish(options, number);
    const OrderWish again = wish(options, number);
    ASSERT_EQ(one.lines.size(), 2u);
    ASSERT_NE(one.lines[0].product, one.lines[1].product);
    ASSERT_EQ(one.total_minor(), again.total_minor());
    ASSERT_EQ(one.client_id, again.client_id);
    for (const OrderWish::Line& line : one.lines) seen.insert(line.product);
  }
  EXPECT_GT(seen.size(), 900u) << "orders are spread over the catalog";
}

TEST(PlaceOrders, AcceptsTheRightTotalAndNothingElse) {
  PlaceOrders workload({.wish = {.products = 10}}, 1);
  workload.next(0);
  const std::int64_t total = wish({.products = 10}, 0).total_minor();
  const std::string right = order_body(total);
  const std::string wrong = order_body(total + 1);
  EXPECT_EQ(workload.answered(0, {200, right}), Workload::Verdict::kGood);
  EXPECT_EQ(workload.answered(0, {200, wrong}), Workload::Verdict::kWrong);
  EXPECT_EQ(workload.answered(0, {409, right}), Workload::Verdict::kWrong);
  ASSERT_EQ(workload.placed().size(), 1u);
  EXPECT_EQ(workload.placed().front().text(), kOrderId);
}

TEST(PlaceOrders, EveryRequestHasAKeyOfItsOwnWhereKeysAreAskedFor) {
  PlaceOrders workload({.wish = {.products = 10}, .with_idempotency_key = true}, 1);
  std::set<std::string> keys;
  for (int i = 0; i < 100; ++i) {
    const std::string request(workload.next(0));
    const std::size_t at = request.find("Idempotency-Key: ");
    ASSERT_NE(at, std::string::npos);
    keys.insert(request.substr(at, request.find('\r', at) - at));
  }
  EXPECT_EQ(keys.size(), 100u);
}

std::string metrics_page(std::uint64_t messages) {
  return "# TYPE orderly_queue_messages gauge\norderly_queue_messages{queue=\"payments\"} " + std::to_string(messages) +
         "\n";
}

TEST(WholeLives, KeepsNoMoreUnderWayThanItMayAndGoesOnWhenTheMetricsSaySo) {
  WholeLives workload({.wish = {.products = 10}}, 2, 3);
  for (int i = 0; i < 3; ++i) {
    const std::string request(workload.next(1));
    ASSERT_TRUE(request.starts_with("POST /orders"));
    const std::string body = order_body(wish({.products = 10}, static_cast<std::uint64_t>(i)).total_minor());
    ASSERT_EQ(workload.answered(1, {200, body}), Workload::Verdict::kGood);
  }
  EXPECT_EQ(workload.next(1), "");
  ASSERT_TRUE(workload.next(0).starts_with("GET /metrics"));
  const std::string page = metrics_page(1);
  EXPECT_EQ(workload.answered(0, {200, page}), Workload::Verdict::kAside);
  EXPECT_EQ(workload.sights().back().done, 2u);
  EXPECT_NE(workload.next(1), "");
  EXPECT_NE(workload.next(1), "");
  EXPECT_EQ(workload.next(1), "");
}

bool has(const RecordedBatch& batch, embedded::Family family, std::string_view begin) {
  return std::ranges::any_of(batch, [&](const RecordedWrite& write) {
    return write.family == family && !write.is_removal && write.key.starts_with(begin);
  });
}

TEST(Recording, HoldsWhatPlacingWrites) {
  const Recording plain = record_placing({.products = 50}, false, 64);
  const Recording keyed = record_placing({.products = 50}, true, 64);
  ASSERT_EQ(plain.batches.size(), 1u);
  const RecordedBatch& batch = plain.batches.front();
  EXPECT_TRUE(has(batch, embedded::Family::kRecords, "ORDER#ord_"));
  EXPECT_TRUE(has(batch, embedded::Family::kRecords, "STOCK#p0"));
  EXPECT_TRUE(has(batch, embedded::Family::kFeed, ""));
  EXPECT_TRUE(has(batch, embedded::Family::kQueue, ""));
  EXPECT_FALSE(has(batch, embedded::Family::kTransient, "!ANSWER#"));
  EXPECT_TRUE(has(keyed.batches.front(), embedded::Family::kTransient, "!ANSWER#"));
  EXPECT_EQ(keyed.entries() - plain.entries(), 64u) << "the answer";
}

TEST(Recording, ALifeEndsWithItsInvoiceAndItsPdfStored) {
  const Recording lives = record_lives({.products = 50}, 64);
  EXPECT_EQ(lives.lives, 64u);
  const auto stored = [&](embedded::Family family, std::string_view begin) {
    std::size_t count = 0;
    for (const RecordedBatch& batch : lives.batches) count += has(batch, family, begin) ? 1 : 0;
    return count;
  };
  EXPECT_EQ(stored(embedded::Family::kRecords, "INVOICE#"), 2u) << "the invoices, and what is noted of their files";
  EXPECT_EQ(stored(embedded::Family::kBlobs, "invoices/"), 1u);
}

}  // namespace
}  // namespace orderly::bench
