// Who was erased: a list that outlives the store.
#include <algorithm>

#include "tests/contract/world.h"

namespace orderly::contract {
namespace {

template <class Engine>
class ErasuresContract : public Contract<Engine> {
 protected:
  void add(std::string id) { this->run(this->engine_.erasures().add(std::move(id))); }
  std::vector<std::string> all() {
    std::vector<std::string> ids = this->run(this->engine_.erasures().all());
    std::ranges::sort(ids);
    return ids;
  }
};
TYPED_TEST_SUITE(ErasuresContract, Engines);

using Ids = std::vector<std::string>;

TYPED_TEST(ErasuresContract, NobodyIsErasedAtFirst) { EXPECT_TRUE(this->all().empty()); }

TYPED_TEST(ErasuresContract, WhoWasAddedIsThere) {
  const Ids ids = {"cli_01KAG0000000000000000000AA", "guest_-_x#0123456789abcdefghij-_", "u.1:x"};
  for (const std::string& id : ids) this->add(id);
  EXPECT_EQ(this->all(), ids);
}

TYPED_TEST(ErasuresContract, AddingAgainChangesNothing) {
  for (int i = 0; i < 3; ++i) this->add("cli_1");
  EXPECT_EQ(this->all(), Ids{"cli_1"});
}

TYPED_TEST(ErasuresContract, IdsThatBeginAlikeAreOthers) {
  const Ids ids = {"u", "u1", "u11", "u111"};
  for (auto id = ids.rbegin(); id != ids.rend(); ++id) this->add(*id);
  EXPECT_EQ(this->all(), ids);
}

TYPED_TEST(ErasuresContract, ManyMayAddAtOnce) {
  std::vector<Task<void>> adds;
  Ids ids;
  for (int i = 0; i < 12; ++i) {
    ids.push_back("cli_" + padded(static_cast<std::size_t>(i / 2)));  // each by two
    adds.push_back(this->engine_.erasures().add(ids.back()));
  }
  this->run_all(std::move(adds));
  ids.erase(std::ranges::unique(ids).begin(), ids.end());
  EXPECT_EQ(this->all(), ids);
}

TYPED_TEST(ErasuresContract, TheListOutlivesARestart) {
  this->add("cli_1");
  this->engine_.reopen();
  EXPECT_EQ(this->all(), Ids{"cli_1"});
  this->add("cli_2");
  EXPECT_EQ(this->all(), (Ids{"cli_1", "cli_2"}));
}

}  // namespace
}  // namespace orderly::contract
