// Lists: a partition's records and the indexes, in both directions, page by page.
#include "base/limits.h"
#include "tests/contract/world.h"

namespace orderly::contract {
namespace {

using ports::Direction;
using ports::Index;
using Strings = std::vector<std::string>;

template <class Engine>
class QueryContract : public Contract<Engine> {
 protected:
  void fill(const std::string& partition, const Strings& sorts) {
    for (const std::string& sort : sorts) ASSERT_EQ(this->write(put(key(partition, sort), "{}")), "committed");
  }
  void fill(const std::string& partition, std::size_t count) {
    for (std::size_t start = 0; start < count; start += 100) {
      ports::Commit commit;
      for (std::size_t i = start; i < std::min(count, start + 100); ++i) {
        commit.writes.push_back(put(key(partition, padded(i)), "{}"));
      }
      ASSERT_EQ(this->commit(std::move(commit)), "committed");
    }
  }
  // Polls, since an index may lag behind.
  void expect_index(Index index, const std::string& partition, const Strings& expected) {
    const Time give_up = this->now() + this->kEventually;
    Strings seen = this->sorts({.index = index, .partition = partition});
    while (seen != expected && this->now() < give_up) {
      this->advance(Duration{10});
      seen = this->sorts({.index = index, .partition = partition});
    }
    EXPECT_EQ(seen, expected) << partition;
  }
};
TYPED_TEST_SUITE(QueryContract, Engines);

TYPED_TEST(QueryContract, APartitionListsItsRecordsInOrderOfTheirSortKeys) {
  this->fill("P", {"b", "a", "c", "ab", "\x7f", "é"});
  this->fill("P2", {"other"});
  this->fill("O", {"other"});
  EXPECT_EQ(this->sorts({.partition = "P"}), (Strings{"a", "ab", "b", "c", "\x7f", "é"}));
  EXPECT_EQ(this->sorts({.partition = "P", .direction = Direction::kBackward}),
            (Strings{"é", "\x7f", "c", "b", "ab", "a"}));
  EXPECT_TRUE(this->sorts({.partition = "X"}).empty());
}

TYPED_TEST(QueryContract, ARangeIncludesItsStartAndExcludesItsEnd) {
  this->fill("P", {"a", "ab", "b", "c", "d"});
  struct Case {
    std::string from, to;
    Strings expected;
  };
  const Case cases[] = {
      {"ab", "c", {"ab", "b"}}, {"aa", "b", {"ab"}}, {"", "b", {"a", "ab"}}, {"c", "", {"c", "d"}},
      {"b", "b", {}},           {"d", "a", {}},      {"e", "", {}},          {"", "", {"a", "ab", "b", "c", "d"}}};
  for (const Case& one : cases) {
    EXPECT_EQ(this->sorts({.partition = "P", .from = one.from, .to = one.to}), one.expected);
    const Strings reversed(one.expected.rbegin(), one.expected.rend());
    EXPECT_EQ(
        this->sorts({.partition = "P", .from = one.from, .to = one.to, .direction = Direction::kBackward, .limit = 1}),
        reversed);
  }
}

TYPED_TEST(QueryContract, PagesFollowEachOtherWithoutGapOrRepetition) {
  this->fill("P", 25);
  Strings all;
  for (std::size_t i = 0; i < 25; ++i) all.push_back(padded(i));
  for (const Direction direction : {Direction::kForward, Direction::kBackward}) {
    for (const std::size_t limit : {1u, 7u, 24u, 25u, 100u}) {
      EXPECT_EQ(this->sorts({.partition = "P", .direction = direction, .limit = limit}), all);
    }
    std::ranges::reverse(all);
  }
}

TYPED_TEST(QueryContract, TheLastPageHasNoCursor) {
  this->fill("P", 4);
  EXPECT_FALSE(this->query({.partition = "P", .limit = 3}).cursor.empty());
  EXPECT_TRUE(this->query({.partition = "P", .limit = 4}).cursor.empty());
  EXPECT_TRUE(this->query({.partition = "P", .limit = 5}).cursor.empty());
}

TYPED_TEST(QueryContract, APageSeesWhatWasAddedBehindIt) {
  this->fill("P", {"a", "c"});
  List query{.partition = "P", .limit = 1};
  query.cursor = this->query(query).cursor;
  this->fill("P", {"b"});
  EXPECT_EQ(this->sorts(query), (Strings{"b", "c"}));
}

TYPED_TEST(QueryContract, APageHasAtMostAHundredRecords) {
  this->fill("P", 150);
  const ports::Page page = this->query({.partition = "P", .limit = 1000});
  EXPECT_EQ(page.records.size(), limits::kPageRowsMax);
  EXPECT_FALSE(page.cursor.empty());
}

TYPED_TEST(QueryContract, ACursorOfAnotherQueryIsRefused) {
  this->fill("P", 5);
  this->fill("Q", 5);
  const List query{.partition = "P", .limit = 2};
  const std::string cursor = this->query(query).cursor;
  ASSERT_FALSE(cursor.empty());
  const auto slug = [&](List other, std::string with) {
    other.cursor = std::move(with);
    try {
      this->query(other);
      return std::string("accepted");
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidRequest);
      return error.slug();
    }
  };
  EXPECT_EQ(slug(query, cursor), "accepted");
  EXPECT_EQ(slug({.partition = "Q", .limit = 2}, cursor), "invalid-cursor");
  EXPECT_EQ(slug({.index = Index::kByDay, .partition = "P", .limit = 2}, cursor), "invalid-cursor");
  EXPECT_EQ(slug({.partition = "P", .from = "000003", .limit = 2}, cursor), "invalid-cursor");
  EXPECT_EQ(slug({.partition = "P", .direction = Direction::kBackward, .limit = 2}, cursor), "invalid-cursor");
  EXPECT_EQ(slug(query, "nonsense"), "invalid-cursor");
  EXPECT_EQ(slug(query, std::string(3, '\0')), "invalid-cursor");
}

TYPED_TEST(QueryContract, ExpiredRecordsAreExaminedAndSkippedSoThatAPageMayBeShort) {
  const Time expires_at = this->now() + Duration{200};
  constexpr std::size_t kExpired = 1'100;
  for (std::size_t start = 0; start < kExpired; start += 100) {
    ports::Commit commit;
    for (std::size_t i = start; i < start + 100; ++i) {
      ports::Put one = put(key("P", padded(i)), "{}");
      one.expires_at = expires_at;
      commit.writes.push_back(one);
    }
    ASSERT_EQ(this->commit(std::move(commit)), "committed");
  }
  this->fill("P", {"living"});
  while (this->now() <= expires_at) this->advance(Duration{20});

  const ports::Page first = this->query({.partition = "P", .limit = 10});
  EXPECT_TRUE(first.records.empty()) << "1,000 rows were examined, all expired";
  ASSERT_FALSE(first.cursor.empty());
  EXPECT_EQ(this->sorts({.partition = "P", .limit = 10}), Strings{"living"});
}

TYPED_TEST(QueryContract, AnIndexListsRecordsOfManyPartitionsInItsOwnOrder) {
  for (const auto& [id, time] : {std::pair("1", "T3"), std::pair("2", "T1"), std::pair("3", "T2")}) {
    ports::Put order = put(key("ORDER#" + std::string(id), id), "{}");
    order.indexes = {{Index::kByClient, "CLIENT#ann", time}, {Index::kByDay, "order#2026-11-20", time}};
    ASSERT_EQ(this->write(order), "committed");
  }
  this->expect_index(Index::kByClient, "CLIENT#ann", {"2", "3", "1"});
  this->expect_index(Index::kByDay, "order#2026-11-20", {"2", "3", "1"});
  this->expect_index(Index::kByStatus, "CLIENT#ann", {});
  EXPECT_EQ(this->sorts({.index = Index::kByClient, .partition = "CLIENT#ann", .from = "T2", .limit = 1}),
            (Strings{"3", "1"}));
  EXPECT_EQ(this->sorts({.index = Index::kByClient,
                         .partition = "CLIENT#ann",
                         .to = "T3",
                         .direction = Direction::kBackward,
                         .limit = 1}),
            (Strings{"3", "2"}));
}

TYPED_TEST(QueryContract, RecordsThatShareAnIndexKeyAreAllListedAndPaged) {
  for (std::size_t i = 0; i < 9; ++i) {
    ports::Put order = put(key("ORDER#" + padded(i), padded(i)), "{}");
    order.indexes = {{Index::kByStatus, "order#pending", "same"}};
    ASSERT_EQ(this->write(order), "committed");
  }
  this->eventually([&] { return this->sorts({.index = Index::kByStatus, .partition = "order#pending"}).size() == 9; });
  Strings paged = this->sorts({.index = Index::kByStatus, .partition = "order#pending", .limit = 2});
  std::ranges::sort(paged);
  EXPECT_EQ(paged.size(), 9u);
  EXPECT_EQ(std::ranges::adjacent_find(paged), paged.end());
}

TYPED_TEST(QueryContract, IndexEntriesFollowTheirRecord) {
  ports::Put order = put(key("ORDER#1", "1"), "{}");
  order.indexes = {{Index::kByStatus, "order#pending", "T1"}, {Index::kByDay, "order#2026-11-20", "T1"}};
  ASSERT_EQ(this->write(order), "committed");
  this->expect_index(Index::kByStatus, "order#pending", {"1"});

  order.condition = ports::AtVersion{1};
  order.version = 2;
  order.indexes[0].partition = "order#paid";
  ASSERT_EQ(this->write(order), "committed");
  this->expect_index(Index::kByStatus, "order#pending", {});
  this->expect_index(Index::kByStatus, "order#paid", {"1"});
  this->expect_index(Index::kByDay, "order#2026-11-20", {"1"});

  ASSERT_EQ(this->write(ports::Remove{key("ORDER#1", "1"), ports::AtVersion{2}}), "committed");
  this->expect_index(Index::kByStatus, "order#paid", {});
  this->expect_index(Index::kByDay, "order#2026-11-20", {});
}

TYPED_TEST(QueryContract, AnIndexMayLagButNeverListsWhatHasMovedAway) {
  constexpr int kMoves = 12;
  const std::string places[] = {"order#pending", "order#paid"};
  for (int move = 0; move < kMoves; ++move) {
    ports::Put order = put(key("ORDER#1", "1"), "{}", ports::Always{}, static_cast<std::uint64_t>(move) + 1);
    order.indexes = {{Index::kByStatus, places[move % 2], "T1"}};
    ASSERT_EQ(this->write(order), "committed");
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(this->sorts({.index = Index::kByStatus, .partition = places[1 - move % 2]}), Strings{});
    }
    this->expect_index(Index::kByStatus, places[move % 2], {"1"});
  }
}

TYPED_TEST(QueryContract, ARecordWrittenWithoutEntriesLeavesTheIndexes) {
  ports::Put product = put(key("PRODUCT#1", "1"), "{}");
  product.indexes = {{Index::kByCategory, "CATEGORY#cups", "1"}};
  ASSERT_EQ(this->write(product), "committed");
  this->expect_index(Index::kByCategory, "CATEGORY#cups", {"1"});
  ASSERT_EQ(this->write(put(key("PRODUCT#1", "1"), "{}", ports::Always{}, 2)), "committed");
  this->expect_index(Index::kByCategory, "CATEGORY#cups", {});
}

}  // namespace
}  // namespace orderly::contract
