// A commit is all or nothing; counters; tokens.
#include "tests/contract/world.h"

namespace orderly::contract {
namespace {

template <class Engine>
class CommitContract : public Contract<Engine> {};
TYPED_TEST_SUITE(CommitContract, Engines);

// A commit in which write number `failing` of four cannot be done, with an event and a message.
ports::Commit failing_at(std::size_t failing) {
  ports::Commit commit;
  for (std::size_t i = 0; i < 4; ++i) {
    const ports::Key at = i == failing ? key("TAKEN") : key("NEW#" + std::to_string(i));
    commit.writes.push_back(put(at, "{}"));
  }
  commit.events.push_back({key("ORDER#1", "EVENT#000001"), "{}"});
  commit.messages.push_back(message("msg_1"));
  return commit;
}

TYPED_TEST(CommitContract, NothingIsWrittenWhenAnyWriteFails) {
  ASSERT_EQ(this->write(put(key("TAKEN"), "\"first\"")), "committed");
  for (std::size_t failing = 0; failing < 4; ++failing) {
    EXPECT_EQ(this->commit(failing_at(failing)), "conflict " + std::to_string(failing));
    for (std::size_t i = 0; i < 4; ++i) EXPECT_FALSE(this->get(key("NEW#" + std::to_string(i))));
    EXPECT_FALSE(this->get(key("ORDER#1", "EVENT#000001")));
    EXPECT_TRUE(this->run(this->store().feed(0, 10)).empty());
    EXPECT_TRUE(this->receive().empty());
    EXPECT_EQ(this->document(key("TAKEN")), "\"first\"");
  }
}

TYPED_TEST(CommitContract, EverythingIsWrittenWhenAllConditionsHold) {
  ASSERT_EQ(this->commit(failing_at(99)), "committed");
  for (std::size_t i = 0; i < 4; ++i) EXPECT_TRUE(this->get(key("NEW#" + std::to_string(i))));
  EXPECT_TRUE(this->get(key("ORDER#1", "EVENT#000001")));
  EXPECT_EQ(this->run(this->store().feed(0, 10)).size(), 1u);
  EXPECT_EQ(this->receive().size(), 1u);
}

TYPED_TEST(CommitContract, TheFirstWriteThatFailsIsNamed) {
  ASSERT_EQ(this->write(put(key("TAKEN"), "{}")), "committed");
  EXPECT_EQ(
      this->commit(commit_of({put(key("A"), "{}"), count(key("S"), {{"available", -1}}), put(key("TAKEN"), "{}")})),
      "below-floor 1");
  EXPECT_EQ(this->commit(commit_of({put(key("TAKEN"), "{}"), count(key("S"), {{"available", -1}})})), "conflict 0");
}

TYPED_TEST(CommitContract, ACommitMayBeEmpty) { EXPECT_EQ(this->commit({}), "committed"); }

TYPED_TEST(CommitContract, CountersAddUpAndReadAsJsonInOrderOfName) {
  ASSERT_EQ(this->write(count(key("STOCK#1"), {{"reserved", 0}, {"available", 10}})), "committed");
  ASSERT_EQ(this->write(count(key("STOCK#1"), {{"available", -2}, {"reserved", 2}})), "committed");
  EXPECT_EQ(this->document(key("STOCK#1")), R"({"available":8,"reserved":2})");
  EXPECT_EQ(this->get(key("STOCK#1"))->version, 0u);
  ASSERT_EQ(this->write(count(key("STOCK#1"), {{"available", -8}})), "committed");
  EXPECT_EQ(this->document(key("STOCK#1")), R"({"available":0,"reserved":2})");
}

TYPED_TEST(CommitContract, ACounterNeverFallsBelowZero) {
  ASSERT_EQ(this->write(count(key("STOCK#1"), {{"available", 2}})), "committed");
  EXPECT_EQ(this->commit(commit_of({put(key("A"), "{}"), count(key("STOCK#1"), {{"reserved", 3}, {"available", -3}})})),
            "below-floor 1");
  EXPECT_EQ(this->document(key("STOCK#1")), R"({"available":2})");
  EXPECT_EQ(this->write(count(key("STOCK#2"), {{"available", -1}})), "below-floor 0");
  EXPECT_FALSE(this->get(key("STOCK#2")));
}

TYPED_TEST(CommitContract, CountersHoldLargeNumbers) {
  constexpr std::int64_t kLarge = 4'000'000'000'000'000'000;
  ASSERT_EQ(this->write(count(key("STOCK#1"), {{"available", kLarge}})), "committed");
  ASSERT_EQ(this->write(count(key("STOCK#1"), {{"available", -1}})), "committed");
  EXPECT_EQ(this->document(key("STOCK#1")), R"({"available":3999999999999999999})");
}

TYPED_TEST(CommitContract, ARepeatedTokenIsAppliedOnce) {
  ports::Commit commit = commit_of({count(key("STOCK#1"), {{"available", 5}}), put(key("A"), "{}", ports::Always{})});
  commit.events.push_back({key("A", "EVENT#1"), "{}"});
  commit.token = "token-1";
  EXPECT_EQ(this->commit(commit), "committed");
  EXPECT_EQ(this->commit(commit), "committed");
  EXPECT_EQ(this->document(key("STOCK#1")), R"({"available":5})");
  EXPECT_EQ(this->run(this->store().feed(0, 10)).size(), 1u);
}

TYPED_TEST(CommitContract, ATokenThatWasRefusedMayTryAgain) {
  ports::Commit commit = commit_of({put(key("A"), "{}", ports::AtVersion{1}, 2)});
  commit.token = "token-1";
  EXPECT_EQ(this->commit(commit), "conflict 0");
  ASSERT_EQ(this->write(put(key("A"), "{}")), "committed");
  EXPECT_EQ(this->commit(commit), "committed");
}

}  // namespace
}  // namespace orderly::contract
