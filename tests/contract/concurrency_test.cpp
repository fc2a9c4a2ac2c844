// Many at once: conditions are linearizable, floors hold, no update is lost.
#include <random>

#include "tests/contract/world.h"

namespace orderly::contract {
namespace {

template <class Engine>
class ConcurrencyContract : public Contract<Engine> {};
TYPED_TEST_SUITE(ConcurrencyContract, Engines);

constexpr std::size_t kWriters = 64;

Duration any_up_to(Duration longest) {
  thread_local std::minstd_rand random(std::random_device{}());
  return Duration{std::uniform_int_distribution<std::int64_t>(0, longest.count())(random)};
}

TYPED_TEST(ConcurrencyContract, TenPiecesAreSoldToExactlyTenOfSixtyFourBuyers) {
  ASSERT_EQ(this->write(count(key("STOCK#1"), {{"available", 10}, {"reserved", 0}})), "committed");
  std::atomic<int> sold = 0;
  std::atomic<int> refused = 0;
  auto buy = [&](std::size_t buyer) -> Task<void> {
    const auto result = co_await this->store().commit(commit_of(
        {put(key("ORDER#" + padded(buyer)), "{}"), count(key("STOCK#1"), {{"available", -1}, {"reserved", 1}})}));
    if (result.committed()) ++sold;
    if (outcome(result) == "below-floor 1") ++refused;
  };
  std::vector<Task<void>> buyers;
  for (std::size_t buyer = 0; buyer < kWriters; ++buyer) buyers.push_back(buy(buyer));
  this->run_all(std::move(buyers));

  EXPECT_EQ(sold, 10);
  EXPECT_EQ(refused, 54);
  EXPECT_EQ(this->document(key("STOCK#1")), R"({"available":0,"reserved":10})");
  int orders = 0;
  for (std::size_t buyer = 0; buyer < kWriters; ++buyer) orders += this->get(key("ORDER#" + padded(buyer))) ? 1 : 0;
  EXPECT_EQ(orders, 10);
}

TYPED_TEST(ConcurrencyContract, CountersOfManyWritersAddUp) {
  const int each = TypeParam::turns_of_crowd(20);
  auto add = [&](std::size_t writer) -> Task<void> {
    const std::int64_t by = static_cast<std::int64_t>(writer) + 1;
    for (int i = 0; i < each; ++i) {
      const auto result = co_await this->store().commit(commit_of({count(key("STOCK#1"), {{"available", by}})}));
      EXPECT_TRUE(result.committed());
    }
  };
  std::vector<Task<void>> writers;
  for (std::size_t writer = 0; writer < kWriters; ++writer) writers.push_back(add(writer));
  this->run_all(std::move(writers));
  EXPECT_EQ(this->document(key("STOCK#1")), R"({"available":)" + std::to_string(each * 64 * 65 / 2) + "}");
}

// Each reads the record, adds one, and writes it on condition that nobody else did meanwhile.
TYPED_TEST(ConcurrencyContract, NoUpdateIsLostBetweenSixtyFourWhoRerunOnConflict) {
  const int each = TypeParam::turns_of_crowd(5);
  ASSERT_EQ(this->write(put(key("ORDER#1"), "0")), "committed");
  std::atomic<int> conflicts = 0;
  auto add_one = [&]() -> Task<void> {
    for (int done = 0; done < each;) {
      const auto record = co_await this->store().get(key("ORDER#1"));
      const int value = std::stoi(record->document);
      const auto result = co_await this->store().commit(commit_of(
          {put(key("ORDER#1"), std::to_string(value + 1), ports::AtVersion{record->version}, record->version + 1)}));
      if (result.committed()) {
        ++done;
        continue;
      }
      ++conflicts;
      co_await this->clock_.sleep(any_up_to(TypeParam::kRerunPauseMax));
    }
  };
  std::vector<Task<void>> writers;
  for (std::size_t writer = 0; writer < kWriters; ++writer) writers.push_back(add_one());
  this->run_all(std::move(writers));

  const auto record = this->get(key("ORDER#1"));
  EXPECT_EQ(record->document, std::to_string(kWriters * static_cast<std::size_t>(each)));
  EXPECT_EQ(record->version, kWriters * static_cast<std::size_t>(each) + 1);
  EXPECT_GT(conflicts, 0) << "they never met";
}

TYPED_TEST(ConcurrencyContract, OneOfManyWinsAnAbsentKey) {
  std::atomic<int> winners = 0;
  auto claim = [&](std::size_t writer) -> Task<void> {
    const auto result = co_await this->store().commit(
        commit_of({put(key("SKU#cup"), padded(writer)), put(key("P#" + padded(writer)), "{}")}));
    if (result.committed()) {
      ++winners;
      const auto record = co_await this->store().get(key("SKU#cup"));
      EXPECT_EQ(record->document, padded(writer));
    } else {
      EXPECT_EQ(outcome(result), "conflict 0");
    }
  };
  std::vector<Task<void>> writers;
  for (std::size_t writer = 0; writer < kWriters; ++writer) writers.push_back(claim(writer));
  this->run_all(std::move(writers));
  EXPECT_EQ(winners, 1);
}

// Money moves between accounts: whoever looks at the sum sees all of it.
TYPED_TEST(ConcurrencyContract, OppositeMovesNeitherDeadlockNorLoseAnything) {
  ASSERT_EQ(this->commit(commit_of({count(key("A"), {{"n", 100}}), count(key("B"), {{"n", 100}})})), "committed");
  const int each = TypeParam::turns_of_crowd(10);
  auto move = [&](std::size_t writer) -> Task<void> {
    const std::int64_t by = writer % 2 == 0 ? 1 : -1;
    std::vector<ports::Write> writes{count(key("A"), {{"n", by}}), count(key("B"), {{"n", -by}})};
    if (writer % 3 == 0) std::swap(writes[0], writes[1]);
    for (int i = 0; i < each; ++i) EXPECT_TRUE((co_await this->store().commit(commit_of(writes))).committed());
  };
  std::vector<Task<void>> writers;
  for (std::size_t writer = 0; writer < kWriters; ++writer) writers.push_back(move(writer));
  this->run_all(std::move(writers));
  EXPECT_EQ(this->document(key("A")), R"({"n":100})");
  EXPECT_EQ(this->document(key("B")), R"({"n":100})");
}

// The write that was acknowledged is what every later read sees, on whatever thread.
TYPED_TEST(ConcurrencyContract, EveryoneReadsTheirOwnWrites) {
  const auto each = static_cast<std::size_t>(TypeParam::turns_of_crowd(20));
  auto write_and_read = [&](std::size_t writer) -> Task<void> {
    for (std::size_t i = 0; i < each; ++i) {
      ports::Put one = put(key("W#" + padded(writer), padded(i)), padded(i));
      EXPECT_TRUE((co_await this->store().commit(commit_of({one}))).committed());
      const auto record = co_await this->store().get(one.key);
      EXPECT_TRUE(record && record->document == padded(i));
    }
  };
  std::vector<Task<void>> writers;
  for (std::size_t writer = 0; writer < kWriters; ++writer) writers.push_back(write_and_read(writer));
  this->run_all(std::move(writers));
}

}  // namespace
}  // namespace orderly::contract
