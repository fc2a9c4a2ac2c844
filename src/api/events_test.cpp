// What the API says of what happened: from where and by which request, GET /events, and orders as they were.
#include "app/events.h"

#include <gtest/gtest.h>

#include "api/api.h"
#include "api/caller.h"
#include "app/api_keys.h"
#include "tests/fakes/world.h"

namespace orderly::api {
namespace {

using app::Role;
using fakes::World;
using Headers = std::vector<std::pair<std::string, std::string>>;

Probes no_probes() {
  return {"test", []() -> Task<std::string> { co_return ""; }, [] { return true; }};
}

class EventsApiTest : public testing::Test {
 protected:
  std::string make_key(Role role, std::optional<std::string> client = {}) {
    const app::Answer made =
        world.run(app::create_api_key(world.app, world.owner(), {"test", role, std::move(client), {}, {}}, {}));
    return json::read_stored<app::ApiKeyView>(made.body).key.value();
  }
  Response send(Method method, std::string target, const std::string& key, std::string body = "",
                Headers headers = {}) {
    Request request{method, std::move(target), std::move(headers), std::move(body), "203.0.113.7", {}, false, "req-7"};
    request.headers.emplace_back("host", "localhost");
    if (!request.body.empty()) request.headers.emplace_back("content-type", "application/json");
    if (!key.empty()) request.headers.emplace_back("authorization", "Bearer " + key);
    return world.run(api.handle(std::move(request)));
  }
  OrderId place(const std::string& key, Headers headers = {}) {
    const Response placed = send(Method::kPost, "/orders", key,
                                 R"({"items":[{"product_id":"1","quantity":1}],"pay_later":true})", std::move(headers));
    EXPECT_EQ(placed.status, 200) << placed.body;
    return json::read_stored<app::OrderView>(placed.body).id;
  }
  app::EventList events(const std::string& query, const std::string& key) {
    const Response response = send(Method::kGet, "/events" + query, key);
    EXPECT_EQ(response.status, 200) << response.body;
    return json::read_stored<app::EventList>(response.body);
  }

  World world;
  Api api{world.app, no_probes(), {{}, {}, {}}};
};

TEST_F(EventsApiTest, AnEventSaysFromWhereAndByWhichRequest) {
  EXPECT_EQ(world.events(place(""))[0].source, "203.0.113.7") << "of the demo";
  const std::string guest_token = make_guest_token(world.app);
  const std::string owner = make_key(Role::kOwner);
  struct Asked {
    std::string key;
    Headers headers;
    std::string source;
  };
  for (const Asked& asked : {Asked{owner, {}, "203.0.113.7"}, Asked{make_key(Role::kStaff), {}, "203.0.113.7"},
                             Asked{make_key(Role::kApprover), {}, "203.0.113.7"},
                             Asked{make_key(Role::kClient, "ann"), {}, "203.0.113.0/24"},
                             Asked{"", {{"cart-id", guest_token}}, "203.0.113.0/24"}}) {
    const domain::OrderEvent placed = world.events(place(asked.key, asked.headers)).front();
    EXPECT_EQ(placed.source, asked.source) << placed.actor;
    EXPECT_EQ(placed.request, "req-7");
  }
  send(Method::kPost, "/keys", owner, R"({"name":"Till","role":"staff"})");
  const app::EventView made = events("?type=key.created", owner).data.back();
  EXPECT_EQ(made.source, "203.0.113.7");
  EXPECT_EQ(made.request, "req-7");
  EXPECT_TRUE(made.actor.starts_with("key:key_")) << made.actor;
}

TEST_F(EventsApiTest, AClientLearnsNobodysAddress) {
  const std::string staff = make_key(Role::kStaff);
  const std::string ann = make_key(Role::kClient, "ann");
  const OrderId order = place(ann);
  send(Method::kPost, "/orders/" + order.text + "/cancel", staff, "{}");
  const std::string target = "/orders/" + order.text + "/events";
  for (const std::string& text : {std::string("203.0.113"), std::string("req-7"), std::string("\"source\"")}) {
    EXPECT_EQ(send(Method::kGet, target, ann).body.find(text), std::string::npos) << text;
    EXPECT_NE(send(Method::kGet, target, staff).body.find(text), std::string::npos) << text;
  }
  const Response stream = send(Method::kGet, target, ann, "", {{"accept", "text/event-stream"}});
  const auto piece = world.run(stream.stream());
  ASSERT_TRUE(piece);
  EXPECT_NE(piece->find("order.cancelled"), std::string::npos);
  EXPECT_EQ(piece->find("203.0.113"), std::string::npos);
}

TEST_F(EventsApiTest, AreListedPageByPageAndFollowedFromTheEnd) {
  const std::string owner = make_key(Role::kOwner);
  for (int i = 0; i < 3; ++i) place(owner);
  app::EventList page = events("?limit=2&type=order.placed", owner);
  ASSERT_EQ(page.data.size(), 2u);
  ASSERT_EQ(page.next_cursor, page.end_cursor);
  page = events("?limit=2&type=order.placed&cursor=" + page.end_cursor, owner);
  ASSERT_EQ(page.data.size(), 1u);
  EXPECT_FALSE(page.next_cursor);
  const std::string end = page.end_cursor;
  EXPECT_TRUE(events("?type=order.placed&cursor=" + end, owner).data.empty());
  const OrderId later = place(owner);
  EXPECT_EQ(events("?type=order.placed&cursor=" + end, owner).data.at(0).object, later.text);
  const OrderId one = place(owner);
  EXPECT_EQ(events("?object=" + one.text, owner).data.size(), 1u);
}

TEST_F(EventsApiTest, WhatIsWrongWithAQueryIsSaid) {
  const std::string owner = make_key(Role::kOwner);
  place(owner);
  const std::string cursor = events("", owner).end_cursor;
  const std::vector<std::pair<std::string, std::string>> bad{
      {"?object=u1", "?object"},  {"?object=", "?object"},      {"?object=ord_%2F", "?object"},
      {"?limit=101", "?limit"},   {"?from=yesterday", "?from"}, {"?type=a%0a", "?type"},
      {"?colour=red", "?colour"}, {"?cursor=AAAA", "?cursor"},  {"?type=order.&cursor=" + cursor, "?cursor"}};
  for (const auto& [query, pointer] : bad) {
    const Response response = send(Method::kGet, "/events" + query, owner);
    EXPECT_EQ(response.status, 400) << query;
    EXPECT_NE(response.body.find("\"" + pointer + "\""), std::string::npos) << response.body;
  }
}

TEST_F(EventsApiTest, AnOrderIsShownAsItWas) {
  const std::string owner = make_key(Role::kOwner);
  const OrderId order = place(owner);
  const Time placed = world.clock.now();
  world.advance(std::chrono::seconds(5));
  send(Method::kPost, "/orders/" + order.text + "/cancel", owner, "{}");
  const auto status_at = [&](const std::string& at) {
    return send(Method::kGet, "/orders/" + order.text + "?at=" + at, owner);
  };
  EXPECT_NE(status_at(format_time(placed)).body.find(R"("status":"pending")"), std::string::npos);
  EXPECT_NE(status_at(format_time(placed + std::chrono::seconds(4))).body.find(R"("status":"pending")"),
            std::string::npos);
  EXPECT_EQ(status_at("2999-01-01T00:00:00Z").body, send(Method::kGet, "/orders/" + order.text, owner).body);
  const Response before = status_at(format_time(placed - Duration{1}));
  EXPECT_EQ(before.status, 404);
  EXPECT_EQ(before.body, send(Method::kGet, "/orders/ord_00000000000000000000000000", owner).body);
  EXPECT_EQ(status_at("yesterday").status, 400);
  EXPECT_EQ(
      send(Method::kGet, "/orders/" + order.text + "?at=" + format_time(placed), make_key(Role::kClient, "bob")).status,
      404);
}

}  // namespace
}  // namespace orderly::api
