// Personal data is stored sealed. The one exception is the statutory copy in invoices and credit notes.
#include <gtest/gtest.h>

#include "app/clients.h"
#include "app/invoices.h"
#include "app/keys.h"
#include "base/text.h"
#include "tests/fakes/world.h"

namespace orderly::app {
namespace {

using fakes::World;

const Address kAddress{
    "Zebulon Quixote", "77 Xylophone Mews", "Flat Jabberwock", "Vladivostok", "Primorsky Zyx", "QJ7 9XZ", "GB"};
const std::string kPersonal[] = {"Zebulon", "Xylophone", "Jabberwock", "Vladivostok", "Zyx", "QJ7"};

OrderId place_with_address(World& world, std::string client, RepeatKey key) {
  PlaceOrder command = world.order_of({{"1", 1}});
  command.client_id = std::move(client);
  command.shipping_address = kAddress;
  return World::view(world.run(place_order(world.app, world.owner(), command, std::move(key)))).id;
}

void expect_only_in_invoices(World& world) {
  for (const std::string& word : kPersonal) {
    for (const std::string& place : world.places_of(word)) {
      EXPECT_TRUE(place.starts_with("INVOICE#")) << "'" << word << "' is readable in " << place;
    }
  }
}

TEST(Privacy, TheAddressIsReadableNowhereButInTheInvoice) {
  World world;
  const OrderId id = place_with_address(world, "u1", world.key("k1"));
  expect_only_in_invoices(world);
  for (const std::string& word : kPersonal) EXPECT_TRUE(world.places_of(word).empty()) << word;
  world.run(get_order(world.app, world.owner(), id.text));
  world.run_until_idle();
  world.run(ship_order(world.app, world.owner(), id.text, world.key("k2")));
  world.refund(id, 100);
  world.run_until_idle();
  expect_only_in_invoices(world);
  EXPECT_FALSE(world.places_of("Zebulon").empty()) << "the invoice names its client";
}

TEST(Privacy, ItsOwnerReadsItAgain) {
  World world;
  const OrderId id = place_with_address(world, "u1", {});
  EXPECT_EQ(world.run(get_order(world.app, world.client("u1"), id.text)).shipping_address, kAddress);
}

TEST(Privacy, AKeptAnswerHoldsItForTheOneWhoAskedAlone) {
  World world;
  const OrderId id = place_with_address(world, "u1", world.key("k1", "the body"));
  const auto kept = world.run(find_answer(world.app, world.key("k1", "the body")));
  ASSERT_TRUE(kept);
  EXPECT_EQ(World::view(*kept).shipping_address, kAddress);
  EXPECT_EQ(World::view(*kept).id, id);
}

TEST(Privacy, AllOrdersOfAClientAreSealedUnderOneKey) {
  World world;
  place_with_address(world, "u1", {});
  place_with_address(world, "u1", {});
  place_with_address(world, "u2", {});
  std::size_t count = 0;
  world.store.inspect()->records([&](const auto& each) {
    if (each.record.key.partition.starts_with("CLIENTKEY#")) ++count;
    return true;
  });
  EXPECT_EQ(count, 2u);
}

TEST(Privacy, TwoFirstOrdersOfAClientAtOnceShareOneKey) {
  World world;
  PlaceOrder command = world.order_of({{"1", 1}});
  command.shipping_address = kAddress;
  auto first = world.start(place_order(world.app, world.owner(), command, {}));
  auto second = world.start(place_order(world.app, world.owner(), command, {}));
  world.advance(std::chrono::seconds(1));
  for (auto* answer : {&first, &second}) {
    const OrderId id = World::view(answer->get()).id;
    EXPECT_EQ(world.run(get_order(world.app, world.owner(), id.text)).shipping_address, kAddress);
  }
}

TEST(Privacy, WithoutItsKeyASealedAddressIsGone) {
  World world;
  const OrderId id = place_with_address(world, "u1", {});
  ports::Commit commit;
  commit.token = "forget";
  commit.writes.emplace_back(ports::Remove{keys::client_key("u1"), ports::Always{}});
  ASSERT_TRUE(world.run(world.store.commit(commit)).committed());
  world.app.client_keys.forget("u1");
  EXPECT_FALSE(world.run(get_order(world.app, world.owner(), id.text)).shipping_address);
}

TEST(Privacy, ASealThatWasTamperedWithDoesNotOpen) {
  World world;
  CreateClient ada;
  ada.name = "Ada";
  const Answer made = world.run(create_client(world.app, world.owner(), ada, {}));
  const std::string client = json::read_stored<ClientView>(made.body).id.text;
  for (const std::string& owner : {client, std::string("u1")}) {
    const std::string sealed = world.order(place_with_address(world, owner, {})).sealed;
    std::string other = sealed;
    other[20] = other[20] == 'A' ? 'B' : 'A';
    EXPECT_TRUE(world.run(unseal(world.app, owner, sealed)));
    if (owner == client) {
      EXPECT_EQ(world.error_of(unseal(world.app, owner, other)).code(), ErrorCode::kBrokenInvariant);
    } else {
      EXPECT_FALSE(world.run(unseal(world.app, owner, other))) << "it may be from before the guest was forgotten";
    }
  }
}

TEST(Privacy, TheCacheOfKeysIsBoundedAndForgets) {
  ClientKeyCache cache;
  const Time now{1'000'000};
  const ports::SecretKey key{7};
  for (int i = 0; i < 10'001; ++i) cache.keep("client-" + std::to_string(i), key, now);
  EXPECT_FALSE(cache.find("client-0", now));  // the one used longest ago made room
  EXPECT_EQ(cache.find("client-1", now), key);
  cache.forget("client-1");
  EXPECT_FALSE(cache.find("client-1", now));
  cache.forget("client-1");
}

TEST(Privacy, AKeyIsCachedForAMinuteSoThatWhatAnotherProcessDestroyedIsForgotten) {
  ClientKeyCache cache;
  const Time now{1'000'000};
  cache.keep("client", ports::SecretKey{7}, now);
  EXPECT_TRUE(cache.find("client", now + ClientKeyCache::kKept - Duration{1}));
  EXPECT_FALSE(cache.find("client", now + ClientKeyCache::kKept));
  cache.keep("client", ports::SecretKey{8}, now + ClientKeyCache::kKept);
  EXPECT_EQ(cache.find("client", now + ClientKeyCache::kKept), ports::SecretKey{8});
}

}  // namespace
}  // namespace orderly::app
