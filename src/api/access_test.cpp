// Who may do what: every route with every kind of caller.
#include "api/access.h"

#include <gtest/gtest.h>

#include "api/api.h"
#include "api/caller.h"
#include "api/routes.h"
#include "app/accounts.h"
#include "app/api_keys.h"
#include "app/keys.h"
#include "base/limits.h"
#include "tests/fakes/world.h"

namespace orderly::api {
namespace {

using app::Role;
using fakes::World;

Probes no_probes() {
  return {"test", []() -> Task<std::string> { co_return ""; }, [] { return true; }};
}

RequestLimits no_limits() { return {{}, {}, {}}; }

std::string header_of(const Response& response, std::string_view name) {
  for (const auto& [each, value] : response.headers) {
    if (each == name) return value;
  }
  return "";
}

bool says(const Response& response, std::string_view text) { return response.body.find(text) != std::string::npos; }

// A shop that asks for keys, and an order of the client "ann", paid, delivered and invoiced.
class AccessTest : public testing::Test {
 protected:
  AccessTest() {
    owner_key = make_key(Role::kOwner);
    app::PlaceOrder wanted = world.order_of({{"1", 2}});
    wanted.client_id = "ann";
    order = World::view(world.run(app::place_order(world.app, world.client("ann"), std::move(wanted), {}))).id;
    world.run_until_idle();
    world.run(app::ship_order(world.app, world.owner(), order.text, {}));
    invoice = world.run(app::get_order(world.app, world.owner(), order.text)).invoice.value();
  }

  std::string make_key(Role role, std::optional<std::string> client = {}, std::vector<std::string> scopes = {},
                       std::optional<Time> expires_at = {}) {
    app::CreateApiKey wanted{"test", role, std::move(client), std::move(scopes), expires_at};
    return view_of(world.run(app::create_api_key(world.app, world.owner(), std::move(wanted), {}))).key.value();
  }
  // The access token of a new account.
  std::string sign_in(const std::string& email) {
    const std::string password = "correct horse battery";
    world.run(app::sign_up(world.app, world.nobody(), {{email}, password, "Ada"}));
    world.run_until_idle();
    const std::string& mail = world.mailer.mails.back().text;
    const std::string code = mail.substr(mail.find("ot_"), 43);
    return world.run(app::verify_email(world.app, world.nobody(), {code, password})).access_token;
  }
  static app::ApiKeyView view_of(const app::Answer& answer) { return json::read_stored<app::ApiKeyView>(answer.body); }
  static std::string id_of(const std::string& key) { return "key_" + key.substr(8, kIdCharacters); }

  Response send(Method method, std::string target, const std::string& key = "", std::string body = "",
                std::vector<std::pair<std::string, std::string>> headers = {}) {
    Request request{method, std::move(target), std::move(headers), std::move(body), "192.0.2.1", {}};
    request.headers.emplace_back("host", "shop.example");
    if (!request.body.empty()) request.headers.emplace_back("content-type", "application/json");
    if (!key.empty()) request.headers.emplace_back("authorization", "Bearer " + key);
    return world.run(api.handle(std::move(request)));
  }

  // The pattern with the names of what there is in the shop, or of what there is not.
  std::string target_of(std::string_view pattern, bool exists) const {
    const std::string missing = "ord_00000000000000000000000000";
    std::string target(pattern);
    const auto fill = [&](std::string_view name, const std::string& value) {
      if (const std::size_t at = target.find(name); at != std::string::npos) target.replace(at, name.size(), value);
    };
    if (target.starts_with("/transactions/")) {
      fill("{id}", exists ? transaction_id(order, 1).text : "txn_00000000000000000000000001");
    }
    if (target.starts_with("/keys/")) fill("{id}", exists ? id_of(owner_key) : "key_00000000000000000000000000");
    if (target.starts_with("/clients/")) fill("{id}", exists ? "ann" : "nobody");
    if (target.starts_with("/products/")) fill("{id}", exists ? "1" : "none");
    fill("{name}", "demo");
    fill("{number}", exists ? invoice : "INV-2026-999999");
    fill("{client}", exists ? "ann" : "nobody");
    fill("{order}", exists ? order.text : missing);
    fill("{id}", exists ? order.text : missing);
    return target;
  }

  World world;
  Api api{world.app, no_probes(), no_limits()};
  std::string owner_key;
  OrderId order;
  std::string invoice;
};

// What anybody must be answered by their role, whatever the request's content.
std::string expected_of(const Route& route, Role role, bool is_known) {
  if (!is_known && (!route.roles.contain(Role::kAnonymous) || needs_identity(route.area))) return "401";
  if (is_known && role == Role::kAnonymous && !route.roles.contain(role)) return "401";
  if (!route.roles.contain(role)) return "403";
  return "allowed";
}

std::string outcome_of(const Response& response) {
  return response.status == 401 || response.status == 403 ? std::to_string(response.status) : "allowed";
}

TEST_F(AccessTest, EveryRouteWithEveryCaller) {
  struct Asking {
    std::string name;
    Role role;
    bool is_known;
    std::string key;
    std::vector<std::pair<std::string, std::string>> headers;
    bool is_refused = false;  // whatever the route
  };
  const std::string expired = make_key(Role::kOwner, {}, {}, world.clock.now() + std::chrono::seconds(1));
  world.advance(std::chrono::seconds(2));
  const std::string revoked = make_key(Role::kOwner);
  world.run(app::revoke_api_key(world.app, world.owner(), id_of(revoked), {}));
  std::string wrong = make_key(Role::kOwner);
  wrong.back() = wrong.back() == '0' ? '1' : '0';

  const std::string signed_out = sign_in("out@example.com");
  ASSERT_EQ(send(Method::kDelete, "/sessions", signed_out).status, 200);
  const std::string over = sign_in("over@example.com");
  world.advance(limits::kAccessTokenKept);
  std::string forged = sign_in("ada@example.com");
  forged.back() = forged.back() == 'A' ? 'B' : 'A';

  std::vector<Asking> callers{
      {"anonymous", Role::kAnonymous, false, "", {}},
      {"guest", Role::kAnonymous, true, "", {{"cart-id", make_guest_token(world.app)}}},
      {"expired", Role::kOwner, true, expired, {}, true},
      {"revoked", Role::kOwner, true, revoked, {}, true},
      {"wrong secret", Role::kOwner, true, wrong, {}, true},
      {"unknown key", Role::kOwner, true, "ok_test_" + std::string(26, '0') + std::string(40, 'a'), {}, true},
      {"of the other kind", Role::kOwner, true, "ok_live_" + owner_key.substr(8), {}, true},
      {"no key", Role::kOwner, true, "nonsense", {}, true},
      {"basic", Role::kOwner, true, "", {{"authorization", "Basic b3duZXI6"}}, true},
      {"made-up guest", Role::kAnonymous, true, "", {{"cart-id", "guest_1"}}, true},
      {"signed in", Role::kClient, true, sign_in("bob@example.com"), {}},
      {"signed out", Role::kClient, true, signed_out, {}, true},
      {"session over", Role::kClient, true, over, {}, true},
      {"forged", Role::kClient, true, forged, {}, true},
  };
  for (const auto& [role, name] : enum_names(Role{})) {
    const auto client = role == Role::kClient ? std::optional<std::string>("bob") : std::nullopt;
    callers.push_back({std::string(name), role, true, make_key(role, client), {}});
  }

  std::size_t count = 0;
  for (const Route& route : all_routes()) {
    for (const Asking& caller : callers) {
      // A key of the walk itself must outlive it.
      const bool exists = route.area != Area::kKeys;
      const std::string target = target_of(route.pattern, exists);
      const std::string body = changes_something(route.method) ? R"({"no_such_field":1})" : "";
      const bool would_sign_out = caller.name == "signed in" && route.operation.id == "end_all_sessions";
      const std::string key = would_sign_out ? sign_in("bobs-other@example.com") : caller.key;
      const Response response = send(route.method, target, key, body, caller.headers);
      const std::string expected = caller.is_refused ? "401" : expected_of(route, caller.role, caller.is_known);
      EXPECT_EQ(outcome_of(response), expected)
          << caller.name << ": " << method_name(route.method) << " " << target << "\n"
          << response.body;
      EXPECT_NE(response.status, 500) << target;
      EXPECT_EQ(header_of(response, "www-authenticate"), response.status == 401 ? "Bearer" : "");
      ++count;
    }
  }
  std::printf("%zu routes, %zu callers: %zu requests\n", all_routes().size(), callers.size(), count);
}

TEST_F(AccessTest, WhatBelongsToAnotherIsAnsweredAsIfItWereNotThere) {
  const std::vector<std::pair<std::string, std::vector<std::pair<std::string, std::string>>>> others{
      {make_key(Role::kClient, "bob"), {}}, {"", {{"cart-id", make_guest_token(world.app)}}}};
  const std::string ann = make_key(Role::kClient, "ann");
  struct Asked {
    Method method;
    std::string pattern;
    std::string body;
  };
  const std::vector<Asked> asked{{Method::kGet, "/orders/{id}", ""},
                                 {Method::kPut, "/orders/{id}", R"({"items":[{"product_id":"1","quantity":1}]})"},
                                 {Method::kGet, "/orders/{id}/events", ""},
                                 {Method::kPost, "/orders/{id}/cancel", "{}"},
                                 {Method::kGet, "/orders/status/{client}/{order}", ""},
                                 {Method::kGet, "/transactions/{id}", ""},
                                 {Method::kPost, "/payment", R"({"order_id":"{id}"})"},
                                 {Method::kGet, "/invoices/{number}", ""},
                                 {Method::kGet, "/invoices/{number}.pdf", ""}};
  for (const Asked& one : asked) {
    const auto ask = [&](bool exists, const std::string& key, const auto& headers) {
      std::string body = one.body;
      if (one.method == Method::kPost && one.pattern == "/payment") body = target_of(one.body, exists);
      return send(one.method, target_of(one.pattern, exists), key, body, headers);
    };
    EXPECT_NE(ask(true, ann, std::vector<std::pair<std::string, std::string>>{}).status, 404) << one.pattern;
    for (const auto& [key, headers] : others) {
      const Response foreign = ask(true, key, headers);
      const Response missing = ask(false, key, headers);
      EXPECT_EQ(foreign.status, 404) << one.pattern << foreign.body;
      EXPECT_EQ(foreign.body, missing.body) << one.pattern;
      EXPECT_EQ(foreign.headers, missing.headers) << one.pattern;
    }
  }
  // Lists have only what is one's own, whatever is asked for.
  for (const auto& [key, headers] : others) {
    for (const std::string target :
         {"/orders", "/orders?client_id=ann", "/transactions", "/transactions?client_id=ann"}) {
      const Response list = send(Method::kGet, target, key, "", headers);
      EXPECT_EQ(list.status, 200);
      EXPECT_TRUE(says(list, "\"data\":[]")) << target << list.body;
    }
  }
  EXPECT_TRUE(says(send(Method::kGet, "/orders", ann), order.text));
}

TEST_F(AccessTest, AClientOrdersForNobodyElse) {
  const std::string bob = make_key(Role::kClient, "bob");
  const std::string lines = R"("items":[{"product_id":"1","quantity":1}]})";
  EXPECT_EQ(send(Method::kPost, "/orders", bob, R"({"client_id":"ann",)" + lines).status, 400);
  EXPECT_TRUE(says(send(Method::kPost, "/orders", bob, "{" + lines), R"("client_id":"bob")"));
  EXPECT_TRUE(says(send(Method::kPost, "/orders", bob, R"({"client_id":"bob",)" + lines), R"("client_id":"bob")"));
  EXPECT_TRUE(says(send(Method::kPost, "/orders", make_key(Role::kStaff), R"({"client_id":"ann",)" + lines),
                   R"("client_id":"ann")"));
}

TEST_F(AccessTest, WhatAnOrderCameToIsNotForItsClientToSay) {
  const std::string ann = make_key(Role::kClient, "ann");
  const Response placed = send(Method::kPost, "/orders", ann,
                               R"({"items":[{"product_id":"1","quantity":1}],)"
                               R"("pay_later":true})");
  const std::string path = "/orders/" + json::read_stored<app::OrderView>(placed.body).id.text;
  const auto put = [&](const std::string& key, std::string_view status) {
    return send(Method::kPut, path, key, R"({"status":")" + std::string(status) + "\"}").status;
  };
  for (const auto& [status, name] : enum_names(domain::OrderStatus{})) {
    if (status != domain::OrderStatus::kCancelled) EXPECT_EQ(put(ann, name), 403) << name;
  }
  const std::string staff = make_key(Role::kStaff);
  EXPECT_EQ(put(staff, "confirmed"), 403);
  EXPECT_EQ(put(staff, "shipped"), 409) << "it is not paid";
  EXPECT_TRUE(says(send(Method::kGet, path, ann), R"("status":"pending")"));
  EXPECT_EQ(put(ann, "cancelled"), 200);
}

TEST_F(AccessTest, AGuestIsKnownByTheTokenThatTheirFirstLookIntoTheCartGives) {
  const Response first = send(Method::kGet, "/cart");
  const std::string token = header_of(first, "cart-id");
  ASSERT_EQ(first.status, 200) << first.body;
  ASSERT_EQ(token.size(), 46u);
  EXPECT_TRUE(header_of(first, "set-cookie").starts_with("cart=" + token + "; Path=/; HttpOnly; SameSite=Lax"));

  const std::vector<std::pair<std::string, std::string>> as_header{{"cart-id", token}};
  const std::vector<std::pair<std::string, std::string>> as_cookie{{"cookie", "a=b; cart=" + token}};
  ASSERT_EQ(send(Method::kPost, "/cart", "", R"({"product_id":"1","quantity":2})", as_header).status, 200);
  EXPECT_TRUE(says(send(Method::kGet, "/cart", "", "", as_cookie), R"("quantity":2)"));
  EXPECT_EQ(header_of(send(Method::kGet, "/cart", "", "", as_header), "cart-id"), "") << "they have one";

  const Response placed = send(Method::kPost, "/checkout", "", "{}", as_header);
  ASSERT_EQ(placed.status, 202) << placed.body;
  const std::string id = json::read_stored<app::OrderView>(placed.body).id.text;
  EXPECT_EQ(send(Method::kGet, "/orders/" + id, "", "", as_cookie).status, 200);
  EXPECT_TRUE(says(send(Method::kGet, "/orders", "", "", as_header), id));
  world.run_until_idle();
  EXPECT_TRUE(world.places_of(token).empty()) << "a token is a secret";
}

TEST_F(AccessTest, APageOfAnotherHostCannotUseAGuestsCookie) {
  const std::string cookie = "cart=" + make_guest_token(world.app);
  const auto status = [&](std::vector<std::pair<std::string, std::string>> headers) {
    headers.emplace_back("cookie", cookie);
    return send(Method::kGet, "/orders", "", "", headers).status;
  };
  EXPECT_EQ(status({}), 200);
  EXPECT_EQ(status({{"origin", "https://shop.example"}}), 200);
  EXPECT_EQ(status({{"origin", "https://evil.example"}}), 401);
  EXPECT_EQ(status({{"origin", "null"}}), 401);
  EXPECT_EQ(status({{"sec-fetch-site", "cross-site"}}), 401);
}

TEST_F(AccessTest, ScopesNarrowWhatARoleMay) {
  const std::string reader = make_key(Role::kStaff, {}, {"orders:read", "catalog:read"});
  EXPECT_EQ(send(Method::kGet, "/orders/" + order.text, reader).status, 200);
  EXPECT_EQ(send(Method::kGet, "/products", reader).status, 200);
  EXPECT_EQ(send(Method::kHead, "/products", reader).status, 200);
  EXPECT_EQ(send(Method::kPost, "/orders/" + order.text + "/deliver", reader, "{}").status, 403);
  EXPECT_EQ(send(Method::kGet, "/invoices/" + invoice, reader).status, 403);
  const std::string no_more = make_key(Role::kClient, "ann", {"keys:write"});
  EXPECT_EQ(send(Method::kGet, "/keys", no_more).status, 403) << "a scope gives nothing that the role has not";
  EXPECT_EQ(send(Method::kPost, "/keys", owner_key, R"({"name":"x","role":"staff","scopes":["orders:rule"]})").status,
            400);
}

TEST_F(AccessTest, AKeysLifeOverTheApi) {
  const Response made = send(Method::kPost, "/keys", owner_key, R"({"name":"Till 1","role":"staff"})");
  ASSERT_EQ(made.status, 201) << made.body;
  const auto key = json::read_stored<app::ApiKeyView>(made.body);
  const std::string text = key.key.value();
  EXPECT_TRUE(text.starts_with("ok_test_"));
  EXPECT_EQ(send(Method::kGet, "/orders", text).status, 200);

  const Response list = send(Method::kGet, "/keys", owner_key);
  EXPECT_TRUE(says(list, key.id.text)) << list.body;
  EXPECT_FALSE(says(list, "ok_test_"));
  EXPECT_FALSE(says(list, "hash"));
  EXPECT_FALSE(says(send(Method::kGet, "/keys/" + key.id.text, owner_key), "ok_test_"));
  EXPECT_TRUE(world.places_of(text).empty());

  const Response rotated =
      send(Method::kPost, "/keys/" + key.id.text + "/rotate", owner_key, R"({"grace_seconds":60})");
  const std::string newer = json::read_stored<app::ApiKeyView>(rotated.body).key.value();
  EXPECT_EQ(send(Method::kGet, "/orders", newer).status, 200);
  EXPECT_EQ(send(Method::kGet, "/orders", text).status, 200) << "still good";
  world.advance(std::chrono::seconds(60));
  EXPECT_EQ(send(Method::kGet, "/orders", text).status, 401);
  EXPECT_EQ(send(Method::kGet, "/orders", newer).status, 200);

  const Response revoked = send(Method::kDelete, "/keys/" + key.id.text, owner_key);
  EXPECT_TRUE(says(revoked, R"("status":"revoked")")) << revoked.body;
  EXPECT_EQ(send(Method::kGet, "/orders", newer).status, 401) << "at once";
  EXPECT_EQ(send(Method::kDelete, "/keys/" + key.id.text, owner_key).status, 200);
  EXPECT_EQ(send(Method::kPost, "/keys/" + key.id.text + "/rotate", owner_key, "{}").status, 409);
  EXPECT_EQ(send(Method::kDelete, "/keys/key_00000000000000000000000000", owner_key).status, 404);
}

TEST_F(AccessTest, AKeyMadeAgainWithItsIdempotencyKeyIsTheSameAndKeptSealed) {
  const std::vector<std::pair<std::string, std::string>> once{{"idempotency-key", "k1"}};
  const std::string body = R"({"name":"Till 1","role":"staff"})";
  const Response first = send(Method::kPost, "/keys", owner_key, body, once);
  const Response second = send(Method::kPost, "/keys", owner_key, body, once);
  EXPECT_EQ(second.body, first.body);
  EXPECT_EQ(header_of(second, "idempotent-replayed"), "true");
  EXPECT_TRUE(world.places_of(json::read_stored<app::ApiKeyView>(first.body).key.value()).empty());
}

TEST_F(AccessTest, AnotherProcessSeesARevocationWithinSeconds) {
  const std::string text = make_key(Role::kStaff);
  EXPECT_EQ(send(Method::kGet, "/orders", text).status, 200);
  world.store.tamper(app::keys::api_key(ApiKeyId{id_of(text)}), [&](std::string& document) {
    auto key = json::read_stored<app::ApiKey>(document);
    key.revoked_at = world.clock.now();
    document = json::write(key);
  });
  world.advance(app::kRecentKept);
  EXPECT_EQ(send(Method::kGet, "/orders", text).status, 401);
}

TEST_F(AccessTest, WithoutAnyActiveKeyTheShopStaysClosed) {
  world.run(app::revoke_api_key(world.app, world.owner(), id_of(owner_key), {}));
  EXPECT_EQ(send(Method::kGet, "/orders").status, 401);
  world.app.has_api_keys = false;
  world.run(app::find_out_about_api_keys(world.app));
  EXPECT_TRUE(world.app.has_api_keys);
}

TEST_F(AccessTest, WhatAClientsKeyNeeds) {
  const auto status = [&](const std::string& body) { return send(Method::kPost, "/keys", owner_key, body).status; };
  EXPECT_EQ(status(R"({"name":"x","role":"client","client_id":"ann"})"), 201);
  EXPECT_EQ(status(R"({"name":"x","role":"client"})"), 400);
  EXPECT_EQ(status(R"({"name":"x","role":"staff","client_id":"ann"})"), 400);
  EXPECT_EQ(status(R"({"name":"x","role":"worker"})"), 400);
  EXPECT_EQ(status(R"({"name":"x","role":"anonymous"})"), 400);
  EXPECT_EQ(status(R"({"name":"","role":"staff"})"), 400);
  EXPECT_EQ(status(R"({"name":"x","role":"staff","expires_at":"2020-01-01T00:00:00Z"})"), 400);
}

class LimitedAccessTest : public AccessTest {
 protected:
  Api limited{world.app, no_probes(), {{10, 5}, {2, 3}, {0.1, 2}}};

  Response ask(std::string key, std::string address, std::vector<std::pair<std::string, std::string>> headers = {}) {
    Request request{Method::kGet, "/products", std::move(headers), "", std::move(address), {}};
    request.headers.emplace_back("host", "shop.example");
    if (!key.empty()) request.headers.emplace_back("authorization", "Bearer " + key);
    return world.run(limited.handle(std::move(request)));
  }
  int passed(const std::string& key, const std::string& address, int requests) {
    int count = 0;
    for (int i = 0; i < requests; ++i) count += ask(key, address).status == 200 ? 1 : 0;
    return count;
  }
};

TEST_F(LimitedAccessTest, KeysAndAddressesHaveTheirLimits) {
  EXPECT_EQ(passed(owner_key, "192.0.2.1", 20), 5);
  EXPECT_EQ(passed(make_key(Role::kStaff), "192.0.2.1", 20), 5) << "each key has its own";
  EXPECT_EQ(passed("", "192.0.2.1", 20), 3);
  EXPECT_EQ(passed("", "192.0.2.2", 20), 3);
  const Response refused = ask("", "192.0.2.1");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(header_of(refused, "retry-after"), "1");
  EXPECT_TRUE(says(refused, "rate-limited"));
  world.advance(std::chrono::seconds(1));
  EXPECT_EQ(passed("", "192.0.2.1", 20), 2);
}

TEST_F(LimitedAccessTest, AnIpv6NetworkIsOneStranger) {
  EXPECT_EQ(passed("", "2001:db8:1:2::1", 2), 2);
  EXPECT_EQ(passed("", "2001:db8:1:2:ffff::9", 20), 1);
  EXPECT_EQ(passed("", "2001:db8:1:3::1", 20), 3);
  EXPECT_EQ(passed("", "192.0.2.1", 2), 2);
  EXPECT_EQ(passed("", "::ffff:192.0.2.1", 20), 1);
}

TEST_F(LimitedAccessTest, WhoGuessesKeysIsSlowedDownAndNobodyElse) {
  const std::string wrong = "ok_test_" + std::string(26, '0') + std::string(40, 'a');
  EXPECT_EQ(ask(wrong, "192.0.2.9").status, 401);
  EXPECT_EQ(ask("nonsense", "192.0.2.9").status, 401);
  const Response refused = ask(wrong, "192.0.2.9");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(header_of(refused, "retry-after"), "10");
  EXPECT_EQ(ask(owner_key, "192.0.2.9").status, 200) << "the address may be a proxy's";
  EXPECT_EQ(ask(wrong, "192.0.2.1").status, 401);
  world.advance(std::chrono::seconds(10));
  EXPECT_EQ(ask(wrong, "192.0.2.9").status, 401);
}

}  // namespace
}  // namespace orderly::api
