// The feed as those who run the shop see it.
#include "app/events.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "app/api_keys.h"
#include "app/clients.h"
#include "app/feed.h"
#include "app/keys.h"
#include "tests/fakes/world.h"

namespace orderly::app {
namespace {

using fakes::World;
using std::chrono::minutes;
using std::chrono::seconds;

std::vector<std::string> types_of(const EventList& list) {
  std::vector<std::string> types;
  for (const EventView& event : list.data) types.push_back(event.type);
  return types;
}

class EventsTest : public testing::Test {
 protected:
  Caller staff() const { return {Role::kStaff, {}, {}, "staff"}; }
  EventList list(EventFilter filter = {}, PageOf page = {100, ""}) { return list_as(world.owner(), filter, page); }
  EventList list_as(Caller caller, EventFilter filter, PageOf page = {100, ""}) {
    return world.run(list_events(world.app, std::move(caller), std::move(filter), std::move(page)));
  }
  // Everything, page by page, each as small as it can be; as a consumer does who follows the feed.
  std::vector<EventView> all(EventFilter filter, std::size_t limit, std::string cursor = "") {
    std::vector<EventView> events;
    for (int pages = 0;; ++pages) {
      EXPECT_LT(pages, 1000);
      EventList page = list(filter, {limit, cursor});
      EXPECT_LE(page.data.size(), limit);
      std::move(page.data.begin(), page.data.end(), std::back_inserter(events));
      cursor = page.end_cursor;
      if (!page.next_cursor) return events;
      EXPECT_EQ(*page.next_cursor, page.end_cursor);
    }
  }
  ApiKeyId make_key(std::string name) {
    const Answer made =
        world.run(create_api_key(world.app, world.owner(), {std::move(name), Role::kStaff, {}, {}, {}}, {}));
    return json::read_stored<ApiKeyView>(made.body).id;
  }
  // An event of an object that nobody knows.
  void append(std::string partition, std::int64_t version, Time at) {
    domain::EventHead event;
    event.id = make_event_id(world.app, at);
    event.type = "thing.changed";
    event.object = "thing_1";
    event.version = version;
    event.at = at;
    event.hash = "h";
    std::string document = json::write(event);
    document.insert(1, R"("secret":{"deep":[1,{"id":2}]},)");
    ports::Commit commit;
    commit.token = event.id.text;
    commit.events.push_back({{std::move(partition), keys::event_sort(version)}, std::move(document)});
    ASSERT_TRUE(world.run(world.store.commit(std::move(commit))).committed());
  }

  static fakes::WorldSettings settings() {
    fakes::WorldSettings settings;
    settings.shop.expire_after = std::chrono::hours(24);  // nothing happens by itself
    return settings;
  }

  World world{settings()};
};

TEST_F(EventsTest, OfAllObjectsComeInTheOrderOfTheirCommits) {
  const OrderId order = world.place_paid_order({{"1", 2}});
  const ApiKeyId key = make_key("Till");
  world.cancel(order);
  const EventList everything = list();
  EXPECT_EQ(types_of(everything), (std::vector<std::string>{"order.placed", "payment.processing", "payment.confirmed",
                                                            "invoice.issued", "key.created", "order.cancelled"}));
  EXPECT_FALSE(everything.next_cursor);
  const EventView& placed = everything.data[0];
  EXPECT_EQ(placed.object, order.text);
  EXPECT_EQ(placed.version, 1);
  EXPECT_EQ(placed.actor, "owner");
  EXPECT_FALSE(placed.previous);
  ASSERT_TRUE(placed.order && placed.order->content);
  EXPECT_FALSE(placed.api_key);
  EXPECT_EQ(placed.order->content->total, 19999);
  const EventView& confirmed = everything.data[2];
  EXPECT_EQ(confirmed.previous, everything.data[1].hash);
  EXPECT_FALSE(confirmed.order->postings.empty());
  EXPECT_EQ(confirmed.order->from, domain::OrderStatus::kProcessing);
  const EventView& made = everything.data[4];
  EXPECT_EQ(made.object, key.text);
  ASSERT_TRUE(made.api_key && made.api_key->content);
  EXPECT_EQ(made.api_key->content->name, "Till");
}

TEST_F(EventsTest, ShowNothingThatIsSealed) {
  PlaceOrder command = world.order_of({{"1", 1}});
  command.shipping_address = Address{"Ada Lovelace", "12 St James's Square", {}, "London", {}, "SW1Y 4JH", "GB"};
  const Answer placed = world.run(place_order(world.app, world.owner(), std::move(command), {}));
  const std::string sealed = world.order(World::view(placed).id).sealed;
  ASSERT_FALSE(sealed.empty());
  EXPECT_EQ(json::write(list()).find(sealed), std::string::npos);
  EXPECT_EQ(json::write(list()).find("Ada"), std::string::npos);
}

TEST_F(EventsTest, ComePageByPageWhateverTheirSize) {
  for (int i = 0; i < 5; ++i) world.place_paid_order({{"3", 1}});
  const EventList everything = list();
  ASSERT_EQ(everything.data.size(), 20u);
  for (std::size_t limit = 1; limit <= 21; ++limit) {
    const std::vector<EventView> found = all({}, limit);
    ASSERT_EQ(found.size(), 20u) << limit;
    for (std::size_t i = 0; i < found.size(); ++i) EXPECT_EQ(found[i].id, everything.data[i].id);
  }
}

TEST_F(EventsTest, ACursorOfTheEndLeadsToWhatHappensLater) {
  EXPECT_TRUE(list().data.empty());
  const std::string beginning = list().end_cursor;
  const OrderId order = world.place_unpaid({{"1", 1}});
  EventList page = list({}, {100, beginning});
  EXPECT_EQ(types_of(page), std::vector<std::string>{"order.placed"});
  EXPECT_FALSE(page.next_cursor);
  const EventList nothing_new = list({}, {100, page.end_cursor});
  EXPECT_TRUE(nothing_new.data.empty());
  EXPECT_EQ(nothing_new.end_cursor, page.end_cursor);
  EXPECT_FALSE(nothing_new.next_cursor);
  world.cancel(order);
  EXPECT_EQ(types_of(list({}, {100, nothing_new.end_cursor})), std::vector<std::string>{"order.cancelled"});
}

TEST_F(EventsTest, AreFilteredByTypeWholeOrByItsBeginning) {
  for (int i = 0; i < 3; ++i) world.place_paid_order({{"3", 1}});
  const auto count = [&](const std::string& type) { return all({{}, type, {}, {}}, 2).size(); };
  EXPECT_EQ(count("order.placed"), 3u);
  EXPECT_EQ(count("payment."), 6u);
  EXPECT_EQ(count("payment"), 0u);
  EXPECT_EQ(count("order.place"), 0u);
  EXPECT_EQ(count("key."), 0u);
}

TEST_F(EventsTest, LookAtSoManyInARequestAndGoOnFromThere) {
  const OrderId first = world.place_unpaid({{"3", 1}});
  for (std::size_t i = 0; i < kEventsExaminedMax; ++i) {
    world.run(app::create_api_key(world.app, world.owner(), {"x", Role::kStaff, {}, {}, {}}, {}));
  }
  world.cancel(first);
  const EventList page = list({{}, "order.", {}, {}}, {2, ""});
  EXPECT_EQ(types_of(page), std::vector<std::string>{"order.placed"});
  ASSERT_TRUE(page.next_cursor) << "there is more to look at";
  const EventList rest = list({{}, "order.", {}, {}}, {2, *page.next_cursor});
  EXPECT_EQ(types_of(rest), std::vector<std::string>{"order.cancelled"});
  EXPECT_FALSE(rest.next_cursor);
}

TEST_F(EventsTest, OfASpanOfTimeAreFoundWithoutReadingWhatIsBeforeIt) {
  std::vector<Time> moments;
  for (int i = 0; i < 40; ++i) {
    world.advance(minutes(2));
    moments.push_back(world.clock.now());
    world.place_unpaid({{"3", 1}});
  }
  const auto count = [&](std::optional<Time> from, std::optional<Time> to) {
    return all({{}, {}, from, to}, 3).size();
  };
  EXPECT_EQ(count(moments[10], {}), 30u);
  EXPECT_EQ(count(moments[10] + Duration{1}, {}), 29u);
  EXPECT_EQ(count({}, moments[10]), 10u);
  EXPECT_EQ(count(moments[10], moments[20]), 10u);
  EXPECT_EQ(count(moments[20], moments[10]), 0u);
  EXPECT_EQ(count(moments[39] + minutes(5), {}), 0u);
  EXPECT_EQ(count({}, moments[0]), 0u);
  const EventList late = list({{}, {}, moments[30], moments[32]}, {100, ""});
  EXPECT_EQ(late.data.size(), 2u);
  EXPECT_FALSE(late.next_cursor) << "what is behind the span is not looked at";
}

// As two processes write them, whose clocks differ a little.
TEST_F(EventsTest, OfASpanOfTimeAreFoundWhereTheFeedIsALittleOutOfOrder) {
  const Time begin = world.clock.now();
  for (int i = 0; i < 60; ++i)
    append("THING#1", i + 1, begin + seconds(10 * i) - (i % 7 == 3 ? seconds(35) : seconds(0)));
  for (int from = 0; from < 600; from += 25) {
    std::size_t expected = 0;
    for (int i = 0; i < 60; ++i) {
      const int at = 10 * i - (i % 7 == 3 ? 35 : 0);
      expected += at >= from && at < from + 50 ? 1 : 0;
    }
    EXPECT_EQ(all({{}, {}, begin + seconds(from), begin + seconds(from + 50)}, 4).size(), expected) << from;
  }
}

TEST_F(EventsTest, OfOneObjectComeInTheOrderOfItsVersions) {
  const OrderId order = world.place_paid_order({{"1", 1}});
  world.place_paid_order({{"1", 1}});
  world.cancel(order);
  for (const std::size_t limit : {1u, 2u, 4u, 5u, 100u}) {
    const auto found = all({order.text, {}, {}, {}}, limit);
    ASSERT_EQ(found.size(), 5u);
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(found[i].version, static_cast<std::int64_t>(i + 1));
      EXPECT_EQ(found[i].object, order.text);
    }
  }
  EXPECT_EQ(all({order.text, "payment.", {}, {}}, 1).size(), 2u);
  const std::string end = list({order.text, {}, {}, {}}).end_cursor;
  world.run_until_idle();  // the refund
  EXPECT_EQ(all({order.text, {}, {}, {}}, 10, end).size(), world.events(order).size() - 5);
  EXPECT_TRUE(list({"ord_00000000000000000000000000", {}, {}, {}}).data.empty());
}

TEST_F(EventsTest, OfWhatIsNoObjectAreRefused) {
  for (const std::string object : {"", "INV-2026-000001", "u1", "ord_/../", "APIKEYS", "ord_ "}) {
    const Error error = world.error_of(list_events(world.app, world.owner(), {object, {}, {}, {}}, {}));
    ASSERT_EQ(error.code(), ErrorCode::kInvalidRequest) << object;
    EXPECT_EQ(error.problems().front().pointer, "?object");
  }
}

TEST_F(EventsTest, OfApiKeysAreTheOwnersAlone) {
  const ApiKeyId key = make_key("Till");
  world.place_unpaid({{"1", 1}});
  EXPECT_EQ(types_of(list()), (std::vector<std::string>{"key.created", "order.placed"}));
  EXPECT_EQ(types_of(list_as(staff(), {})), std::vector<std::string>{"order.placed"});
  EXPECT_EQ(list({key.text, {}, {}, {}}).data.size(), 1u);
  EXPECT_TRUE(list_as(staff(), {key.text, {}, {}, {}}).data.empty());
}

TEST_F(EventsTest, OfAKindThatIsNotKnownShowTheirHead) {
  append("THING#1", 1, world.clock.now());
  const EventList page = list();
  ASSERT_EQ(types_of(page), std::vector<std::string>{"thing.changed"});
  EXPECT_EQ(page.data[0].object, "thing_1");
  EXPECT_EQ(json::write(page).find("secret"), std::string::npos);
}

TEST_F(EventsTest, SayFromWhereAndByWhichRequest) {
  Caller caller = world.owner();
  caller.source = "203.0.113.7";
  caller.request = "req-1";
  const Answer placed = world.run(place_order(world.app, caller, world.order_of({{"1", 1}}), {}));
  const OrderId order = World::view(placed).id;
  world.run_until_idle();
  for (const EventView& event : list().data) {
    if (event.type == "order.placed") {
      EXPECT_EQ(event.source, "203.0.113.7");
      EXPECT_EQ(event.request, "req-1");
    } else {
      EXPECT_TRUE(event.actor.starts_with("worker:")) << event.type;
      EXPECT_FALSE(event.source) << event.type;
      EXPECT_TRUE(event.request && MessageId::parse(*event.request)) << event.type;
    }
  }
  EXPECT_EQ(world.events(order).size(), 4u);
}

TEST(Events, OfAClientSayWhatWasAgreedAndNotWhoTheyAre) {
  World world;
  CreateClient wanted;
  wanted.name = "Grace Hopper";
  wanted.email = domain::EmailAddress{"grace@example.com"};
  wanted.credit_limit = 500'00;
  const Answer made = world.run(create_client(world.app, world.owner(), std::move(wanted), {}));
  const std::string id = json::read_stored<ClientView>(made.body).id.text;
  UpdateClient change;
  change.blocked = true;
  world.run(update_client(world.app, world.owner(), id, std::move(change), {}));
  const EventList page = world.run(list_events(world.app, world.owner(), {id, {}, {}, {}}, {10, ""}));
  ASSERT_EQ(page.data.size(), 2u);
  ASSERT_TRUE(page.data[0].client && page.data[0].client->content);
  EXPECT_EQ(page.data[0].type, "client.created");
  EXPECT_EQ(page.data[0].client->content->credit_limit, 500'00);
  EXPECT_EQ(page.data[1].type, "client.blocked");
  EXPECT_EQ(page.data[1].client->to, domain::ClientStatus::kBlocked);
  const std::string shown = json::write(page);
  for (const std::string_view text : {"Grace", "grace@", "sealed"}) EXPECT_EQ(shown.find(text), std::string::npos);
}

}  // namespace
}  // namespace orderly::app
