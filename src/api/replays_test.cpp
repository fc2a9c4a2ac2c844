// Requests that come again after the world has changed, to the routes that do not look for a kept answer first:
// whatever they find now, the same request gets the same bytes, and another one under the same key none.
#include <gtest/gtest.h>

#include <set>

#include "api/api.h"
#include "api/routes.h"
#include "app/account_samples.h"
#include "app/carts.h"
#include "app/catalog.h"
#include "app/erasure.h"

namespace orderly::api {
namespace {

using app::samples::all_records;
using fakes::World;
using std::chrono::seconds;

constexpr std::string_view kCart = "collector";
constexpr std::int64_t kPieces = 5;  // of "rare"
constexpr std::int64_t kPrice = 1000;

Probes no_probes() {
  return {"test", []() -> Task<std::string> { co_return ""; }, [] { return true; }};
}

std::string header_of(const Response& response, std::string_view name) {
  for (const auto& [each, value] : response.headers) {
    if (each == name) return value;
  }
  return "";
}

// "200", or of a problem "409 out-of-stock".
std::string outcome_of(const Response& response) {
  std::string status = std::to_string(response.status);
  const std::string_view name = R"("code":")";
  const std::size_t at = response.body.find(name);
  if (response.status < 400 || at == std::string::npos) return status;
  const std::size_t begin = at + name.size();
  return status + " " + response.body.substr(begin, response.body.find('"', begin) - begin);
}

// A shop that sells "rare", with a client who has two of them in the cart.
class Shop {
 public:
  Shop() {
    sell("rare", kPrice, "USD", kPieces);
    put_into_cart("rare");
    client = app::samples::make_client(world, app::samples::client_named("Ada")).id;
  }
  ~Shop() { world.store.before_commit(nullptr); }
  Shop(const Shop&) = delete;
  Shop& operator=(const Shop&) = delete;

  Response send(Api& api, const std::string& target, std::string key, std::string body) {
    Request request{Method::kPost, target, {{"host", "localhost"}}, std::move(body), {}, {}};
    request.headers.emplace_back("content-type", "application/json");
    request.headers.emplace_back("idempotency-key", std::move(key));
    request.headers.emplace_back("cart-id", std::string(kCart));
    return world.run(api.handle(std::move(request)));
  }
  void sell(const std::string& id, std::int64_t price, std::string_view currency, std::optional<std::int64_t> stock) {
    app::PutProduct product{id, "SKU-" + id, "Product " + id, "", "things", price, Currency::of(currency), "", stock};
    world.run(app::put_product(world.app, world.owner(), std::move(product)));
  }
  void put_into_cart(const std::string& product) {
    world.run(app::add_to_cart(world.app, collector(), {product, 2}, {}));
  }
  void empty_cart() { world.run(app::remove_from_cart(world.app, collector(), {}, {})); }
  std::size_t lines_in_cart() { return world.run(app::load_cart(world.app, std::string(kCart))).lines.size(); }
  void set_blocked(bool is_blocked) {
    app::UpdateClient change;
    change.blocked = is_blocked;
    world.run(app::update_client(world.app, world.owner(), client.text, change, {}));
  }
  void remove_product(std::string_view id) {
    ports::Commit commit;
    commit.token = "gone";
    commit.writes.emplace_back(ports::Remove{app::keys::product(id), ports::Always{}});
    EXPECT_TRUE(world.run(world.store.commit(std::move(commit))).committed());
  }

  World world;
  Api one{world.app, no_probes()};
  Api another{world.app, no_probes()};  // as after a restart
  ClientId client;

 private:
  app::Caller collector() const {
    app::Caller caller = world.owner();
    caller.cart = kCart;
    return caller;
  }
};

// --- What is asked, and what happens then
// -----------------------------------------------------------------------------------------------------

struct Asked {
  std::string operation;
  std::string target;
  std::string more;  // in the body, beside whose the order is
  bool is_from_cart = false;
  bool has_total = false;

  std::string body(const Shop& shop) const {
    return R"({"client_id":")" + shop.client.text + R"(","pay_later":true)" + more + "}";
  }
};

const std::string kItems = R"(,"items":[{"product_id":"rare","quantity":2}])";
const std::string kTotal = R"(,"total":29.99)";  // with shipping

const std::vector<Asked>& all_asked() {
  static const std::vector<Asked> all{
      {"place_order", "/orders", kItems},
      {"place_order", "/orders", kItems + kTotal, false, true},
      {"place_order", "/orders", R"(,"item":"SKU-rare","quantity":2)"},
      {"checkout", "/checkout", kItems},
      {"checkout", "/checkout", kItems + kTotal, false, true},
      {"checkout", "/checkout", "", true},
      {"checkout", "/checkout", kTotal, true, true},
  };
  return all;
}

struct Happening {
  std::string name;
  std::function<void(Shop&, const OrderId&)> happens;
  // What the same request gets by then under another key, so what stood in its way; "": it is done again.
  std::string of_items, of_total, of_cart, of_cart_with_total;

  const std::string& stood_in_the_way(const Asked& asked) const {
    if (asked.is_from_cart) return asked.has_total ? of_cart_with_total : of_cart;
    return asked.has_total ? of_total : of_items;
  }
};

const std::vector<Happening>& all_happenings() {
  static const std::string kGone = "400 invalid-request";
  static const std::string kEmpty = "409 cart-empty";
  static const std::vector<Happening> all{
      {"nothing", [](Shop&, const OrderId&) {}, "", "", kEmpty, kEmpty},
      {"others bought the rest", [](Shop& shop, const OrderId&) { shop.world.place_unpaid({{"rare", kPieces - 2}}); },
       "409 out-of-stock", "409 out-of-stock", kEmpty, kEmpty},
      {"it costs more", [](Shop& shop, const OrderId&) { shop.sell("rare", kPrice + 1, "USD", {}); }, "",
       "409 price-changed", kEmpty, kEmpty},
      {"it is sold elsewhere", [](Shop& shop, const OrderId&) { shop.sell("rare", kPrice, "EUR", {}); }, kGone, kGone,
       kEmpty, kEmpty},
      {"it is gone", [](Shop& shop, const OrderId&) { shop.remove_product("rare"); }, kGone, kGone, kEmpty, kEmpty},
      {"the cart was filled again", [](Shop& shop, const OrderId&) { shop.put_into_cart("rare"); }, "", "", "", ""},
      {"another thing is in the cart", [](Shop& shop, const OrderId&) { shop.put_into_cart("1"); }, "", "", "",
       "409 price-changed"},
      {"the cart has what is gone",
       [](Shop& shop, const OrderId&) {
         shop.put_into_cart("rare");
         shop.remove_product("rare");
       },
       kGone, kGone, kGone, kGone},
      {"its client is blocked", [](Shop& shop, const OrderId&) { shop.set_blocked(true); }, "409 client-blocked",
       "409 client-blocked", kEmpty, kEmpty},
      {"its client was erased",
       [](Shop& shop, const OrderId& id) {
         shop.world.cancel(id);
         shop.world.run(app::erase_client(shop.world.app, shop.world.owner(), shop.client.text, {}));
       },
       kGone, kGone, kEmpty, kEmpty},
      {"it was paid for",
       [](Shop& shop, const OrderId& id) {
         shop.world.pay(id);
         shop.world.run_until_idle();
         EXPECT_EQ(shop.world.order(id).status, domain::OrderStatus::kConfirmed);
       },
       "", "", kEmpty, kEmpty},
      {"another thing was ordered instead",
       [](Shop& shop, const OrderId& id) {
         app::UpdateOrder change;
         change.items = {{"2", 1}};
         shop.world.run(app::update_order(shop.world.app, shop.world.owner(), id.text, std::move(change), {}));
       },
       "", "", kEmpty, kEmpty},
  };
  return all;
}

// Whatever is asked under the key by then, it was used for another body.
void expect_no_other_body(Shop& shop, const Asked& asked, const std::string& key) {
  const std::string body = asked.body(shop);
  for (const std::string& other : {body + " ", std::string("{}"), std::string("nonsense"), std::string(),
                                   std::string(R"({"pay_later":true,"items":[{"product_id":"3","quantity":1}]})")}) {
    const Response reused = shop.send(shop.one, asked.target, key, other);
    EXPECT_EQ(outcome_of(reused), "422 idempotency-key-reused") << other << reused.body;
  }
}

void expect_replayed(Shop& shop, const Asked& asked, const std::string& key, const Response& first) {
  for (Api* api : {&shop.one, &shop.another}) {
    const Response again = shop.send(*api, asked.target, key, asked.body(shop));
    EXPECT_EQ(again.status, first.status) << again.body;
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(header_of(again, "content-type"), header_of(first, "content-type"));
    EXPECT_EQ(header_of(again, "idempotent-replayed"), "true");
  }
}

TEST(Replays, EveryRouteThatDoesNotLookForItsAnswerFirstIsTriedHere) {
  std::set<std::string> there;
  for (const Route& route : all_routes()) {
    if (!route.operation.looks_before) there.emplace(route.operation.id);
  }
  std::set<std::string> tried;
  for (const Asked& asked : all_asked()) tried.insert(asked.operation);
  EXPECT_EQ(there, tried);
}

TEST(Replays, TheSameRequestGetsTheSameBytesWhateverHasHappenedSince) {
  for (const Asked& asked : all_asked()) {
    for (const Happening& since : all_happenings()) {
      SCOPED_TRACE(asked.target + " " + asked.more + ": " + since.name);
      Shop shop;
      const Response first = shop.send(shop.one, asked.target, "k", asked.body(shop));
      ASSERT_LT(first.status, 300) << first.body;
      EXPECT_EQ(header_of(first, "idempotent-replayed"), "");
      EXPECT_EQ(shop.lines_in_cart(), asked.is_from_cart ? 0u : 1u);
      shop.world.advance(seconds(1));
      since.happens(shop, json::read_stored<app::OrderView>(first.body).id);

      const std::string before = all_records(shop.world);
      const std::size_t commits = shop.world.store.commits();
      expect_replayed(shop, asked, "k", first);
      expect_no_other_body(shop, asked, "k");
      expect_replayed(shop, asked, "k", first);
      EXPECT_EQ(all_records(shop.world), before);
      EXPECT_EQ(shop.world.store.commits(), commits);

      // What this is about has come to pass.
      const Response fresh = shop.send(shop.one, asked.target, "another", asked.body(shop));
      const std::string& obstacle = since.stood_in_the_way(asked);
      EXPECT_EQ(outcome_of(fresh), obstacle.empty() ? std::to_string(first.status) : obstacle) << fresh.body;
      EXPECT_NE(fresh.body, first.body);
    }
  }
}

// --- What was refused
// -----------------------------------------------------------------------------------------------------

struct Refused {
  Asked asked;
  std::string code;
  std::function<void(Shop&)> before;
  std::function<void(Shop&)> after;  // and then it would be done
};

TEST(Replays, WhatWasRefusedStaysRefusedWhenItWouldBeDoneByNow) {
  std::vector<Refused> all;
  const auto bought = [](Shop& shop) { shop.world.place_unpaid({{"rare", kPieces}}); };
  const auto restocked = [](Shop& shop) { shop.sell("rare", kPrice, "USD", kPieces); };
  const auto costs_more = [](Shop& shop) { shop.sell("rare", kPrice + 1, "USD", {}); };
  const auto costs_as_before = [](Shop& shop) { shop.sell("rare", kPrice, "USD", {}); };
  for (const Asked& asked : all_asked()) {
    all.push_back({asked, "out-of-stock", bought, restocked});
    all.push_back({asked, "client-blocked", [](Shop& shop) { shop.set_blocked(true); },
                   [](Shop& shop) { shop.set_blocked(false); }});
    if (asked.has_total) all.push_back({asked, "price-changed", costs_more, costs_as_before});
    if (asked.is_from_cart) {
      all.push_back(
          {asked, "cart-empty", [](Shop& shop) { shop.empty_cart(); }, [](Shop& shop) { shop.put_into_cart("rare"); }});
    }
  }
  for (const Refused& each : all) {
    SCOPED_TRACE(each.asked.target + " " + each.asked.more + ": " + each.code);
    Shop shop;
    each.before(shop);
    const Response first = shop.send(shop.one, each.asked.target, "k", each.asked.body(shop));
    ASSERT_EQ(outcome_of(first), "409 " + each.code) << first.body;
    each.after(shop);

    const std::string before = all_records(shop.world);
    const std::size_t commits = shop.world.store.commits();
    expect_replayed(shop, each.asked, "k", first);
    expect_no_other_body(shop, each.asked, "k");
    EXPECT_EQ(all_records(shop.world), before);
    EXPECT_EQ(shop.world.store.commits(), commits);
    EXPECT_EQ(shop.lines_in_cart(), 1u);

    const Response fresh = shop.send(shop.one, each.asked.target, "another", each.asked.body(shop));
    EXPECT_LT(fresh.status, 300) << fresh.body;
  }
}

// What was wrong with a request is not kept: under the same key it may come corrected.
TEST(Replays, ARequestThatWasWrongMayComeCorrectedUnderItsKey) {
  for (const Asked& asked : all_asked()) {
    SCOPED_TRACE(asked.target + " " + asked.more);
    Shop shop;
    EXPECT_EQ(outcome_of(shop.send(shop.one, asked.target, "k", R"({"no_such_field":1})")), "400 invalid-request");
    EXPECT_EQ(outcome_of(shop.send(shop.one, asked.target, "k", "nonsense")).substr(0, 3), "400");
    const Response corrected = shop.send(shop.one, asked.target, "k", asked.body(shop));
    EXPECT_LT(corrected.status, 300) << corrected.body;
    EXPECT_EQ(header_of(corrected, "idempotent-replayed"), "");
  }
}

}  // namespace
}  // namespace orderly::api
