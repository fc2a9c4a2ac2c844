#include "app/api_key_events.h"

#include <gtest/gtest.h>

#include "app/api_keys.h"
#include "app/keys.h"
#include "base/text.h"
#include "tests/fakes/world.h"

namespace orderly::app {
namespace {

using fakes::World;

constexpr Time kNow{1'800'000'000'000};

ApiKey made() {
  const ApiKeyId id{"key_00000000000000000000000000"};
  return apply({}, create_key(id, {"Till", Role::kClient, "ann", {"orders:read"}, kNow + Duration{1}}, kNow));
}

TEST(ApiKeyEvents, MakeRotateAndRevokeAKey) {
  const ApiKey key = made();
  EXPECT_EQ(key.version, 1);
  EXPECT_EQ(key.name, "Till");
  EXPECT_EQ(key.role, Role::kClient);
  EXPECT_EQ(key.client_id, "ann");
  EXPECT_EQ(key.scopes, std::vector<std::string>{"orders:read"});
  EXPECT_EQ(key.created_at, kNow);
  EXPECT_EQ(key.expires_at, kNow + Duration{1});
  const ApiKey rotated = apply(key, rotate_key(key, kNow + Duration{9}, kNow));
  EXPECT_EQ(rotated.version, 2);
  EXPECT_EQ(rotated.rotated_until, kNow + Duration{9});
  const ApiKey revoked = apply(rotated, revoke_key(rotated, kNow + Duration{5}).value());
  EXPECT_EQ(revoked.version, 3);
  EXPECT_EQ(revoked.revoked_at, kNow + Duration{5});
  EXPECT_FALSE(revoke_key(revoked, kNow)) << "once is enough";
  EXPECT_THROW(rotate_key(revoked, kNow, kNow), Error);
}

TEST(ApiKeyEvents, ThatDoNotFollowAreRefused) {
  const ApiKey key = made();
  const auto refused = [](const ApiKey& before, ApiKeyEvent event, const std::function<void(ApiKeyEvent&)>& change) {
    change(event);
    try {
      apply(before, event);
    } catch (const Error& error) {
      return error.code() == ErrorCode::kBrokenInvariant;
    }
    return false;
  };
  const ApiKeyEvent first = create_key(key.id, {}, kNow);
  const ApiKeyEvent rotation = rotate_key(key, kNow, kNow);
  const ApiKeyEvent end = revoke_key(key, kNow).value();
  EXPECT_TRUE(refused(key, rotation, [](ApiKeyEvent& e) { e.version = 3; }));
  EXPECT_TRUE(refused(key, rotation, [](ApiKeyEvent& e) { e.object.text.back() = '1'; }));
  EXPECT_TRUE(refused(key, rotation, [](ApiKeyEvent& e) { e.rotated_until.reset(); }));
  EXPECT_TRUE(refused(key, end, [](ApiKeyEvent& e) { e.type = "key.lost"; }));
  EXPECT_TRUE(refused(key, end, [](ApiKeyEvent& e) { e.content.emplace(); }));
  EXPECT_TRUE(refused(key, first, [](ApiKeyEvent& e) { e.version = 2; })) << "made twice";
  EXPECT_TRUE(refused({}, first, [](ApiKeyEvent& e) { e.content.reset(); }));
  EXPECT_TRUE(refused({}, end, [](ApiKeyEvent& e) { e.version = 1; })) << "ended before it was made";
  const ApiKey revoked = apply(key, end);
  EXPECT_TRUE(refused(revoked, rotation, [](ApiKeyEvent& e) { e.version = 3; }));
  EXPECT_FALSE(refused(key, rotation, [](ApiKeyEvent&) {}));
}

class StoredKeyEvents : public testing::Test {
 protected:
  std::vector<ApiKeyEvent> events(const ApiKeyId& id) {
    std::vector<ApiKeyEvent> found;
    const std::string partition = keys::event(id, 1).partition;
    world.store.inspect()->feed([&](const ports::FeedEvent& event) {
      if (event.key.partition == partition) found.push_back(json::read_stored<ApiKeyEvent>(event.document));
      return true;
    });
    return found;
  }
  ApiKey stored(const ApiKeyId& id) {
    return json::read_stored<ApiKey>(world.store.inspect()->record(keys::api_key(id)).value().record.document);
  }

  World world;
};

TEST_F(StoredKeyEvents, AreChainedAndHoldNeitherTextsNorTheirHashes) {
  Caller owner = world.owner();
  owner.source = "203.0.113.7";
  owner.request = "req-1";
  const Answer answer = world.run(create_api_key(world.app, owner, {"Till", Role::kStaff, {}, {}, {}}, {}));
  const auto view = json::read_stored<ApiKeyView>(answer.body);
  const std::string first_hash = stored(view.id).hash;
  const Answer rotation = world.run(rotate_api_key(world.app, owner, view.id.text, {60}, {}));
  world.run(revoke_api_key(world.app, owner, view.id.text, {}));
  const std::size_t commits = world.store.inspect()->record(keys::api_key(view.id))->record.version;
  world.run(revoke_api_key(world.app, owner, view.id.text, {}));
  EXPECT_EQ(commits, 3u);
  const ApiKey key = stored(view.id);
  EXPECT_EQ(key.version, 3) << "revoked again, nothing happens";

  const std::vector<ApiKeyEvent> all = events(view.id);
  ASSERT_EQ(all.size(), 3u);
  ApiKey rebuilt;
  std::string previous;
  for (const ApiKeyEvent& event : all) {
    EXPECT_EQ(event.previous, previous);
    previous = base64url_encode(world.crypto.sha256(bytes_for_hash(event)));
    EXPECT_EQ(event.hash, previous);
    EXPECT_EQ(event.actor, "owner");
    EXPECT_EQ(event.source, "203.0.113.7");
    EXPECT_EQ(event.request, "req-1");
    rebuilt = apply(std::move(rebuilt), event);
  }
  EXPECT_EQ(key.last_event, previous);
  rebuilt.hash = key.hash;
  rebuilt.rotated_hash = key.rotated_hash;
  EXPECT_EQ(json::write(rebuilt), json::write(key));

  const std::vector<std::string> kept{view.key.value(), json::read_stored<ApiKeyView>(rotation.body).key.value(),
                                      first_hash, key.hash};
  for (const ApiKeyEvent& event : all) {
    for (const std::string& secret : kept) EXPECT_EQ(json::write(event).find(secret), std::string::npos);
  }
}

TEST_F(StoredKeyEvents, AKeyThatIsRevokedAgainUnderAnIdempotencyKeyKeepsTheAnswer) {
  const Answer answer = world.run(create_api_key(world.app, world.owner(), {"Till", Role::kStaff, {}, {}, {}}, {}));
  const auto id = json::read_stored<ApiKeyView>(answer.body).id;
  world.run(revoke_api_key(world.app, world.owner(), id.text, {}));
  const RepeatKey again = world.key("again");
  const Answer first = world.run(revoke_api_key(world.app, world.owner(), id.text, again));
  EXPECT_EQ(world.run(find_answer(world.app, again)).value().body, first.body);
  EXPECT_EQ(events(id).size(), 2u);
}

}  // namespace
}  // namespace orderly::app
