// One record: what is written is read, conditions hold it, and time ends it.
#include "tests/contract/world.h"

namespace orderly::contract {
namespace {

template <class Engine>
class RecordContract : public Contract<Engine> {};
TYPED_TEST_SUITE(RecordContract, Engines);

TYPED_TEST(RecordContract, WhatIsPutIsRead) {
  ports::Put order = put(key("ORDER#1"), R"({"total":19998})", ports::Absent{}, 7);
  order.expires_at = this->now() + std::chrono::hours(1);
  ASSERT_EQ(this->write(order), "committed");

  const auto record = this->get(key("ORDER#1"));
  ASSERT_TRUE(record);
  EXPECT_EQ(record->key, key("ORDER#1"));
  EXPECT_EQ(record->document, R"({"total":19998})");
  EXPECT_EQ(record->version, 7u);
  EXPECT_EQ(record->expires_at, order.expires_at);
}

TYPED_TEST(RecordContract, ARecordThatWasNeverPutIsNotThere) {
  EXPECT_FALSE(this->get(key("ORDER#1")));
  ASSERT_EQ(this->write(put(key("ORDER#1", "A"), "{}")), "committed");
  EXPECT_FALSE(this->get(key("ORDER#1", "B")));
  EXPECT_FALSE(this->get(key("ORDER#", "A")));
}

TYPED_TEST(RecordContract, DocumentsAreKeptByteForByte) {
  const std::string document = "{\"name\":\"Łukasz Żółć \\u0000 \xF0\x9F\x8D\x95\",\"n\":1.50}";
  ASSERT_EQ(this->write(put(key("CLIENT#ł", "ü#\x7f"), document)), "committed");
  EXPECT_EQ(this->document(key("CLIENT#ł", "ü#\x7f")), document);
}

TYPED_TEST(RecordContract, GetManyAnswersInTheOrderAsked) {
  for (const std::string name : {"a", "b", "c"})
    ASSERT_EQ(this->write(put(key(name), "\"" + name + "\"")), "committed");
  const auto records = this->run(this->store().get_many({key("c"), key("x"), key("a"), key("c")}));
  ASSERT_EQ(records.size(), 4u);
  EXPECT_EQ(records[0]->document, "\"c\"");
  EXPECT_FALSE(records[1]);
  EXPECT_EQ(records[2]->document, "\"a\"");
  EXPECT_EQ(records[3]->document, "\"c\"");
  EXPECT_TRUE(this->run(this->store().get_many({})).empty());
}

TYPED_TEST(RecordContract, ConditionsDecideWhetherAPutHappens) {
  struct Case {
    ports::Condition condition;
    std::uint64_t version;
    const char* when_absent;
    const char* when_at_version_3;
  };
  const Case cases[] = {
      {ports::Absent{}, 1, "committed", "conflict 0"},      {ports::AtVersion{3}, 4, "conflict 0", "committed"},
      {ports::AtVersion{2}, 4, "conflict 0", "conflict 0"}, {ports::AtVersion{0}, 4, "conflict 0", "conflict 0"},
      {ports::Always{}, 9, "committed", "committed"},
  };
  int number = 0;
  for (const Case& one : cases) {
    const ports::Key absent = key("ABSENT#" + std::to_string(number));
    const ports::Key present = key("PRESENT#" + std::to_string(number++));
    ASSERT_EQ(this->write(put(present, "\"old\"", ports::Absent{}, 3)), "committed");

    EXPECT_EQ(this->write(put(absent, "\"new\"", one.condition, one.version)), one.when_absent) << number;
    EXPECT_EQ(this->document(absent), one.when_absent == std::string("committed") ? "\"new\"" : "none");
    EXPECT_EQ(this->write(put(present, "\"new\"", one.condition, one.version)), one.when_at_version_3) << number;
    EXPECT_EQ(this->document(present), one.when_at_version_3 == std::string("committed") ? "\"new\"" : "\"old\"");
  }
}

TYPED_TEST(RecordContract, RemoveTakesARecordAwayIfItsConditionHolds) {
  ASSERT_EQ(this->write(put(key("A"), "{}", ports::Absent{}, 2)), "committed");
  EXPECT_EQ(this->write(ports::Remove{key("A"), ports::AtVersion{1}}), "conflict 0");
  EXPECT_EQ(this->write(ports::Remove{key("A"), ports::Absent{}}), "conflict 0");
  EXPECT_TRUE(this->get(key("A")));
  EXPECT_EQ(this->write(ports::Remove{key("A"), ports::AtVersion{2}}), "committed");
  EXPECT_FALSE(this->get(key("A")));
  EXPECT_EQ(this->write(ports::Remove{key("A"), ports::Always{}}), "committed");
  EXPECT_EQ(this->write(ports::Remove{key("A"), ports::AtVersion{2}}), "conflict 0");
}

TYPED_TEST(RecordContract, RequireHoldsACommitBackAndWritesNothing) {
  ASSERT_EQ(this->write(put(key("A"), "{}", ports::Absent{}, 2)), "committed");
  EXPECT_EQ(this->commit(commit_of({ports::Require{key("A"), ports::AtVersion{2}}, put(key("B"), "{}")})), "committed");
  EXPECT_EQ(this->commit(commit_of({put(key("C"), "{}"), ports::Require{key("A"), ports::AtVersion{1}}})),
            "conflict 1");
  EXPECT_EQ(this->commit(commit_of({put(key("D"), "{}"), ports::Require{key("A"), ports::Absent{}}})), "conflict 1");
  EXPECT_EQ(this->commit(commit_of({put(key("E"), "{}"), ports::Require{key("X"), ports::Absent{}}})), "committed");
  EXPECT_FALSE(this->get(key("C")));
  EXPECT_FALSE(this->get(key("D")));
  EXPECT_FALSE(this->get(key("X")));
  EXPECT_EQ(this->get(key("A"))->version, 2u);
}

TYPED_TEST(RecordContract, AnExpiredRecordCountsAsAbsent) {
  ports::Put cart = put(key("CART#1"), "\"old\"", ports::Absent{}, 5);
  cart.expires_at = this->now() + TypeParam::kCallsTime;
  cart.indexes = {{ports::Index::kByDay, "cart#2026-11-20", "1"}};
  ASSERT_EQ(this->write(cart), "committed");
  ASSERT_TRUE(this->get(key("CART#1")));
  while (this->now() <= *cart.expires_at) this->advance(Duration{10});

  EXPECT_FALSE(this->get(key("CART#1")));
  EXPECT_FALSE(this->run(this->store().get_many({key("CART#1")}))[0]);
  EXPECT_TRUE(this->query({.partition = "CART#1"}).records.empty());
  EXPECT_TRUE(this->query({.index = ports::Index::kByDay, .partition = "cart#2026-11-20"}).records.empty());
  EXPECT_EQ(this->write(put(key("CART#1"), "\"no\"", ports::AtVersion{5}, 6)), "conflict 0");
  EXPECT_EQ(this->commit(commit_of({ports::Require{key("CART#1"), ports::Absent{}}})), "committed");
  EXPECT_EQ(this->write(put(key("CART#1"), "\"new\"")), "committed");
  EXPECT_EQ(this->document(key("CART#1")), "\"new\"");
}

TYPED_TEST(RecordContract, ARecordLivesAsLongAsItsLastWriteSays) {
  ports::Put cart = put(key("CART#1"), "1");
  cart.expires_at = this->now() + TypeParam::kCallsTime;
  ASSERT_EQ(this->write(cart), "committed");
  ports::Put longer = put(key("CART#1"), "2", ports::AtVersion{1}, 2);
  longer.expires_at = this->now() + std::chrono::hours(1);
  ASSERT_EQ(this->write(longer), "committed");
  while (this->now() <= *cart.expires_at) this->advance(Duration{10});
  EXPECT_EQ(this->document(key("CART#1")), "2");
  ASSERT_EQ(this->write(put(key("CART#1"), "3", ports::AtVersion{2}, 3)), "committed");
  EXPECT_FALSE(this->get(key("CART#1"))->expires_at);
}

TYPED_TEST(RecordContract, ATransientRecordIsReadByItsKeyLikeAnyOther) {
  const ports::Key name = key("!ANSWER#1");
  ports::Put first = put(name, "1");
  first.expires_at = this->now() + std::chrono::hours(1);
  ASSERT_EQ(this->write(first), "committed");
  EXPECT_EQ(this->document(name), "1");
  EXPECT_EQ(this->get(name)->expires_at, first.expires_at);
  EXPECT_EQ(this->write(first), "conflict 0");

  ASSERT_EQ(this->write(put(key("A"), "2")), "committed");
  const auto both = this->run(this->store().get_many({key("A"), name, key("!ANSWER#2")}));
  EXPECT_EQ(both.at(0).value().document, "2");
  EXPECT_EQ(both.at(1).value().document, "1");
  EXPECT_FALSE(both.at(2));

  ports::Put second = put(name, "3", ports::AtVersion{1}, 2);
  second.expires_at = this->now() + std::chrono::hours(1);
  EXPECT_EQ(this->commit(commit_of({put(key("B"), "{}"), second})), "committed");
  EXPECT_EQ(this->document(name), "3");
  EXPECT_EQ(this->commit(commit_of({ports::Require{name, ports::AtVersion{2}}})), "committed");
  EXPECT_EQ(this->commit(commit_of({ports::Remove{name, ports::AtVersion{2}}})), "committed");
  EXPECT_FALSE(this->get(name));
}

TYPED_TEST(RecordContract, ATransientRecordThatIsOverCountsAsAbsent) {
  const ports::Key name = key("!ANSWER#1");
  ports::Put first = put(name, "1");
  first.expires_at = this->now() + TypeParam::kCallsTime;
  ASSERT_EQ(this->write(first), "committed");
  while (this->now() <= *first.expires_at) this->advance(Duration{10});
  EXPECT_FALSE(this->get(name));
  EXPECT_EQ(this->commit(commit_of({ports::Require{name, ports::AtVersion{1}}})), "conflict 0");
  ports::Put again = put(name, "2");
  again.expires_at = this->now() + std::chrono::hours(1);
  EXPECT_EQ(this->write(again), "committed");
  EXPECT_EQ(this->document(name), "2");
}

}  // namespace
}  // namespace orderly::contract
