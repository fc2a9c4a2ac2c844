// The limits of base/limits.h hold on every engine, to the byte: over them is a bug, thrown as such, and nothing is
// done.
#include "base/limits.h"

#include "tests/contract/world.h"

namespace orderly::contract {
namespace {

template <class Engine>
class LimitsContract : public Contract<Engine> {
 protected:
  std::string refused(ports::Commit commit) {
    try {
      return this->commit(std::move(commit));
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInternal) << error.what();
      return "refused";
    }
  }
  std::string refused(ports::Write write) { return refused(commit_of({std::move(write)})); }
};
TYPED_TEST_SUITE(LimitsContract, Engines);

ports::Commit of_actions(std::size_t writes, std::size_t events) {
  ports::Commit commit;
  for (std::size_t i = 0; i < writes; ++i) commit.writes.push_back(put(key("W#" + padded(i)), "{}"));
  for (std::size_t i = 0; i < events; ++i) commit.events.push_back({key("E#" + padded(i)), "{}"});
  return commit;
}

TYPED_TEST(LimitsContract, ACommitHasAtMost100Actions) {
  EXPECT_EQ(this->refused(of_actions(101, 0)), "refused");
  EXPECT_EQ(this->refused(of_actions(100, 1)), "refused");
  EXPECT_FALSE(this->get(key("W#000000")));
  ports::Commit acknowledging = of_actions(99, 0);
  acknowledging.acknowledged = {{ports::QueueName::kPayments, "msg_1", {}}, {ports::QueueName::kPayments, "msg_2", {}}};
  EXPECT_EQ(this->refused(acknowledging), "refused");
  EXPECT_EQ(this->refused(of_actions(99, 1)), "committed");
}

TYPED_TEST(LimitsContract, MessagesTravelInsideTheEvent) {
  ports::Commit commit = of_actions(99, 1);
  for (int i = 0; i < 10; ++i) commit.messages.push_back(message("msg_" + std::to_string(i)));
  EXPECT_EQ(this->refused(commit), "committed");
  ports::Commit without_event = of_actions(100, 0);
  without_event.messages.push_back(message("msg_x"));
  EXPECT_EQ(this->refused(without_event), "refused");
}

TYPED_TEST(LimitsContract, ARecordHasAtMost400000Bytes) {
  EXPECT_EQ(this->refused(put(key("A"), std::string(400'001, 'x'))), "refused");
  EXPECT_EQ(this->refused(put(key("A"), std::string(399'000, 'x'))), "committed");
  EXPECT_EQ(this->document(key("A")).size(), 399'000u);
  ports::Commit event;
  event.events.push_back({key("E"), std::string(400'001, 'x')});
  EXPECT_EQ(this->refused(event), "refused");
}

TYPED_TEST(LimitsContract, ACommitHasAtMost4000000Bytes) {
  ports::Commit commit;
  for (std::size_t i = 0; i < 11; ++i) commit.writes.push_back(put(key("A#" + padded(i)), std::string(399'000, 'x')));
  EXPECT_EQ(this->refused(commit), "refused");
  commit.writes.resize(10);
  EXPECT_EQ(this->refused(commit), "committed");
}

TYPED_TEST(LimitsContract, AMessageHasAtMost200000Bytes) {
  ports::Commit commit = of_actions(0, 1);
  commit.messages = {message("msg_1", std::string(200'001, 'x'))};
  EXPECT_EQ(this->refused(commit), "refused");
  commit.messages = {message("msg_1", std::string(150'000, 'x')), message("msg_2", std::string(150'000, 'x')),
                     message("msg_3", std::string(150'000, 'x'))};
  EXPECT_EQ(this->refused(commit), "refused") << "together they are larger than a record";
  commit.messages = {message("msg_1", std::string(200'000, 'x'))};
  EXPECT_EQ(this->refused(commit), "committed");
  EXPECT_EQ(this->receive().at(0).body.size(), 200'000u);
}

TYPED_TEST(LimitsContract, NoTwoActionsNameTheSameKey) {
  EXPECT_EQ(this->refused(commit_of({put(key("A"), "{}"), ports::Remove{key("A"), ports::Always{}}})), "refused");
  EXPECT_EQ(this->refused(commit_of({count(key("A"), {{"n", 1}}), count(key("A"), {{"m", 1}})})), "refused");
  EXPECT_EQ(this->refused(commit_of({ports::Require{key("A"), ports::Absent{}}, put(key("A"), "{}")})), "refused");
  ports::Commit event = commit_of({put(key("A"), "{}")});
  event.events.push_back({key("A"), "{}"});
  EXPECT_EQ(this->refused(event), "refused");
  EXPECT_FALSE(this->get(key("A")));
}

TYPED_TEST(LimitsContract, KeysHaveNoEmptyPartsNoControlCharactersAndABoundedLength) {
  using namespace std::string_literals;
  const ports::Key bad[] = {key("", "A"),
                            key("A", ""),
                            key("A\0B"s, "C"),
                            key("A", "B\n"),
                            key("A", "\x1f"),
                            key(std::string(2049, 'A'), "B"),
                            key("A", std::string(1025, 'B'))};
  for (const ports::Key& one : bad) {
    EXPECT_EQ(this->refused(put(one, "{}")), "refused");
    EXPECT_EQ(this->refused(ports::Remove{one, ports::Always{}}), "refused");
    EXPECT_EQ(this->refused(ports::Require{one, ports::Absent{}}), "refused");
    EXPECT_EQ(this->refused(count(one, {{"n", 1}})), "refused");
    ports::Put indexed = put(key("GOOD"), "{}");
    indexed.indexes = {{ports::Index::kByDay, one.partition, one.sort}};
    EXPECT_EQ(this->refused(indexed), "refused");
    ports::Commit event;
    event.events.push_back({one, "{}"});
    EXPECT_EQ(this->refused(event), "refused");
  }
  EXPECT_EQ(this->refused(put(key(std::string(2048, 'A'), std::string(1024, 'B')), "{}")), "committed");
  EXPECT_TRUE(this->get(key(std::string(2048, 'A'), std::string(1024, 'B'))));
}

TYPED_TEST(LimitsContract, ARecordIsInEachIndexAtMostOnce) {
  ports::Put twice = put(key("A"), "{}");
  twice.indexes = {{ports::Index::kByDay, "day", "1"}, {ports::Index::kByDay, "day", "2"}};
  EXPECT_EQ(this->refused(twice), "refused");
}

TYPED_TEST(LimitsContract, AVersionRises) {
  EXPECT_EQ(this->refused(put(key("A"), "{}", ports::AtVersion{2}, 2)), "refused");
  EXPECT_EQ(this->refused(put(key("A"), "{}", ports::Absent{}, 0)), "refused");
}

TYPED_TEST(LimitsContract, CountersAreNamedOnceAndInPlainLetters) {
  EXPECT_EQ(this->refused(count(key("A"), {{"n", 1}, {"n", 1}})), "refused");
  EXPECT_EQ(this->refused(count(key("A"), {{"", 1}})), "refused");
  EXPECT_EQ(this->refused(count(key("A"), {{"a\"b", 1}})), "refused");
}

TYPED_TEST(LimitsContract, ARecordIsNoCounter) {
  ASSERT_EQ(this->write(put(key("A"), "{}")), "committed");
  EXPECT_EQ(this->refused(count(key("A"), {{"n", 1}})), "refused");
  EXPECT_EQ(this->document(key("A")), "{}");
}

TYPED_TEST(LimitsContract, ATransientRecordExpiresAndIsInNoListAndNoCounterOrEvent) {
  const ports::Key name = key("!ANSWER#1");
  EXPECT_EQ(this->refused(put(name, "{}")), "refused");
  ports::Put listed = put(name, "{}");
  listed.expires_at = this->now() + std::chrono::hours(1);
  listed.indexes = {{ports::Index::kByDay, "day", "1"}};
  EXPECT_EQ(this->refused(listed), "refused");
  EXPECT_EQ(this->refused(count(name, {{"n", 1}})), "refused");
  ports::Commit event;
  event.events.push_back({name, "{}"});
  EXPECT_EQ(this->refused(event), "refused");
  EXPECT_THROW(this->query({.partition = name.partition}), Error);
  listed.indexes.clear();
  EXPECT_EQ(this->refused(listed), "committed");
}

}  // namespace
}  // namespace orderly::contract
