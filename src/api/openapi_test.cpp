// GET /openapi.json against the program: what the document says is what the API does.
#include "api/openapi.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <set>

#include "api/answer_examples.h"
#include "api/api.h"
#include "api/caller.h"
#include "api/problem.h"
#include "api/recorded_examples.h"
#include "api/routes.h"
#include "api/schema.h"
#include "app/accounts.h"
#include "app/api_keys.h"
#include "tests/fakes/world.h"
#include "tests/json_schema/json_schema.h"

namespace orderly::api {
namespace {

using app::Role;
using boost::json::object;
using boost::json::value;
using fakes::World;
using json::Field;
using json::Kind;
using json::Type;
using json_schema::Checker;
using json_schema::Strictness;

std::string_view text_of(const value& text) { return {text.as_string().data(), text.as_string().size()}; }

std::string header_of(const Response& response, std::string_view name) {
  for (const auto& [each, value] : response.headers) {
    if (each == name) return value;
  }
  return "";
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return result;
}

std::string name_of(const Route& route) {
  return std::string(method_name(route.method)) + " " + std::string(route.pattern);
}

using Headers = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view kPassword = "correct horse battery";

// A shop that asks for keys, with its document.
class OpenApiTest : public testing::Test {
 protected:
  OpenApiTest() : document(boost::json::parse(api.openapi().text)), checker(document) {
    owner_key = make_key(Role::kOwner).key.value();
    paid = world.place_paid_order({{"1", 2}});
  }

  app::ApiKeyView make_key(Role role, std::vector<std::string> scopes = {}) {
    app::CreateApiKey wanted{"test", role, {}, std::move(scopes), {}};
    return json::read_stored<app::ApiKeyView>(
        world.run(app::create_api_key(world.app, world.owner(), std::move(wanted), {})).body);
  }

  Response send(Method method, std::string target, std::string body, Headers headers) {
    Request request{method, std::move(target), std::move(headers), std::move(body), "192.0.2.1", {}};
    request.headers.emplace_back("host", "shop.example");
    if (!request.body.empty()) request.headers.emplace_back("content-type", "application/json");
    return world.run(api.handle(std::move(request)));
  }
  Response send_as_owner(Method method, std::string target, std::string body = "", Headers headers = {}) {
    headers.emplace_back("authorization", "Bearer " + owner_key);
    return send(method, std::move(target), std::move(body), std::move(headers));
  }

  // By who may call the route: the owner, or a client with an account.
  Response send_as_allowed(const Route& route, std::string target, std::string body = "", Headers headers = {}) {
    if (route.roles.contain(Role::kOwner)) {
      return send_as_owner(route.method, std::move(target), std::move(body), std::move(headers));
    }
    headers.emplace_back("authorization", "Bearer " + session.access_token);
    if (route.operation.id == "claim_order") headers.emplace_back("cart-id", guest_token);
    return send(route.method, std::move(target), std::move(body), std::move(headers));
  }

  // The one in the latest mail.
  std::string code() const {
    const std::string& text = world.mailer.mails.back().text;
    return text.substr(text.find("ot_"), 43);
  }

  // Has an account opened, with kPassword.
  app::SessionView open_account(const std::string& email) {
    const std::string password = std::string(kPassword);
    world.run(app::sign_up(world.app, {}, {{email}, password, "Grace Hopper"}));
    world.run_until_idle();
    return world.run(app::verify_email(world.app, {}, {code(), password}));
  }
  std::string email_for(std::string_view operation) { return std::string(operation) + "@example.com"; }

  // What is in the example of an operation on accounts, as it is in this shop. Signs in whom it is about.
  std::string account_example(std::string_view operation, std::string text) {
    const auto replace = [&](std::string_view what, const std::string& by) {
      const std::size_t at = text.find(what);
      if (at != std::string::npos) text.replace(at, what.size(), by);
    };
    const std::string email = email_for(operation);
    if (operation == "verify_email") {
      world.run(app::sign_up(world.app, {}, {{email}, std::string(kPassword), "Grace Hopper"}));
      world.run_until_idle();
    } else if (operation != "sign_up") {
      session = open_account(email);
    }
    if (operation == "reset_password") {
      world.run(app::request_password_reset(world.app, {}, {{email}}));
      world.run_until_idle();
    }
    replace("grace@example.com", email);
    if (text.find("ot_") != std::string::npos) replace(text.substr(text.find("ot_"), 43), code());
    if (text.find("rt_") != std::string::npos) replace(text.substr(text.find("rt_"), 69), session.refresh_token);
    return text;
  }

  std::string make_client(const std::string& email) {
    app::CreateClient wanted;
    wanted.name = "Grace Hopper";
    wanted.email = domain::EmailAddress{email};
    const app::Answer made = world.run(app::create_client(world.app, world.owner(), std::move(wanted), {}));
    return json::read_stored<app::ClientView>(made.body).id.text;
  }
  std::string client_for(std::string_view operation) {
    return make_client(std::to_string(++clients) + email_for(operation));
  }

  // An order of a guest, whose token is kept, for a client to claim.
  OrderId order_of_guest() {
    session = open_account("claims@example.com");
    guest_token = make_guest_token(world.app);
    app::PlaceOrder wanted = world.order_of({{"1", 1}});
    wanted.client_id.reset();
    const app::Caller asking = api::guest(world.app, guest_token);
    return World::view(world.run(app::place_order(world.app, asking, std::move(wanted), {}))).id;
  }

  // An order that the operation can be carried out on.
  OrderId order_for(std::string_view operation) {
    if (operation == "cancel_order" || operation == "update_order" || operation == "start_payment") {
      return world.place_unpaid({{"1", 1}});
    }
    if (operation == "claim_order") return order_of_guest();
    if (operation == "report_payment") return world.place_order({{"1", 1}});
    if (operation == "ship_order") return world.place_paid_order({{"1", 1}});
    if (operation == "deliver_order" || operation == "refund_order") {
      const OrderId id = world.place_paid_order({{"1", 1}});
      world.run(app::ship_order(world.app, world.owner(), id.text, {}));
      return id;
    }
    return paid;
  }

  // The route's path, to something that is there or to something that is not.
  std::string target_of(const Route& route, bool exists) {
    const OrderId order = exists ? order_for(route.operation.id) : OrderId{"ord_00000000000000000000000000"};
    const app::OrderView view = world.run(app::get_order(world.app, world.owner(), paid.text));
    std::string target(route.pattern);
    const auto fill = [&](std::string_view name, const std::string& good, const std::string& bad) {
      const std::size_t at = target.find(name);
      if (at != std::string::npos) target.replace(at, name.size(), exists ? good : bad);
    };
    switch (route.area) {
      case Area::kKeys: fill("{id}", make_key(Role::kStaff).id.text, "key_00000000000000000000000000"); break;
      case Area::kPayments: fill("{id}", transaction_id(paid, 1).text, "txn_00000000000000000000000001"); break;
      case Area::kInvoices: fill("{id}", view.client_id, "nobody"); break;
      case Area::kCatalog: fill("{id}", "1", "none"); break;
      case Area::kClients: fill("{id}", client_for(route.operation.id), "cli_00000000000000000000000000"); break;
      case Area::kAccounts: break;
      case Area::kOperation:
      case Area::kCarts:
      case Area::kEvents:
      case Area::kOrders: fill("{id}", order.text, order.text); break;
    }
    fill("{name}", "things", "No Category");
    fill("{number}", view.invoice.value(), "INV-2026-999999");
    fill("{client}", view.client_id, "nobody");
    fill("{order}", order.text, order.text);
    return target;
  }

  // The operation's example, about an order that is there.
  std::string example_of(const Route& route) {
    std::string text(route.operation.example);
    if (route.area == Area::kAccounts) return account_example(route.operation.id, std::move(text));
    constexpr std::string_view kAnyOrder = "ord_01JD3XQ8000000000000000000";
    if (const std::size_t at = text.find(kAnyOrder); at != std::string::npos) {
      text.replace(at, kAnyOrder.size(), order_for(route.operation.id).text);
    }
    return text;
  }

  const object& described(const Route& route) const {
    return document.at("paths").at(route.pattern).at(lower(method_name(route.method))).as_object();
  }

  // That the answer's status, media type and body are among those that the document has for the operation.
  void expect_described(const Route& route, const Response& response) {
    const std::string what = name_of(route) + " → " + std::to_string(response.status) + "\n" + response.body;
    const value* answer = described(route).at("responses").as_object().if_contains(std::to_string(response.status));
    ASSERT_TRUE(answer != nullptr) << what;
    if (const value* reference = answer->as_object().if_contains("$ref")) answer = checker.find(text_of(*reference));
    ASSERT_TRUE(answer != nullptr) << what;
    if (const value* headers = answer->as_object().if_contains("headers")) {
      for (const auto& [name, header] : headers->as_object()) {
        EXPECT_TRUE(!header.as_object().contains("required") || header_of(response, lower(name)) != "") << name << what;
      }
    }
    const std::string type = header_of(response, "content-type");
    if (response.body.empty() && type.empty()) return;
    const value* content = answer->at("content").as_object().if_contains(type.substr(0, type.find(';')));
    ASSERT_TRUE(content != nullptr) << type << ": " << what;
    if (!type.ends_with("json")) return;
    EXPECT_EQ(checker.problems(content->at("schema"), boost::json::parse(response.body), Strictness::kExact), "")
        << what;
  }

  World world;
  app::SessionView session;  // of the client who signed in last
  std::string guest_token;
  int clients = 0;
  Api api{world.app, {"1.2.3", []() -> Task<std::string> { co_return "up 1\n"; }, [] { return true; }}, {{}, {}, {}}};
  const value document;
  Checker checker;
  std::string owner_key;
  OrderId paid;
};

// Calls `visit` with everything that is in a JSON value.
template <class Visit>
void walk(const value& any, const Visit& visit) {
  visit(any);
  if (const auto* members = any.if_object()) {
    for (const auto& [key, member] : *members) walk(member, visit);
  } else if (const auto* items = any.if_array()) {
    for (const value& item : *items) walk(item, visit);
  }
}

TEST_F(OpenApiTest, IsServedWithATagThatSavesSendingItAgain) {
  const Response response = send(Method::kGet, "/openapi.json", "", {});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(header_of(response, "content-type"), "application/json");
  EXPECT_EQ(header_of(response, "cache-control"), "no-cache");
  EXPECT_EQ(response.body, api.openapi().text);
  EXPECT_EQ(document.at("openapi"), "3.1.0");
  EXPECT_EQ(document.at("info").at("version"), "1.2.3");

  const std::string tag = header_of(response, "etag");
  ASSERT_EQ(tag.size(), 34u);
  const Response again = send(Method::kGet, "/openapi.json", "", {{"if-none-match", "\"another\", W/" + tag}});
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
  EXPECT_EQ(header_of(again, "etag"), tag);
  EXPECT_EQ(send(Method::kGet, "/openapi.json", "", {{"if-none-match", "\"another\""}}).status, 200);
}

TEST_F(OpenApiTest, HoldsEveryRouteAndNothingElse) {
  std::set<std::string> there;
  for (const auto& [path, methods] : document.at("paths").as_object()) {
    for (const auto& [method, operation] : methods.as_object()) {
      std::string name(method);
      for (char& c : name) c = static_cast<char>(c - 32);
      there.insert(name + " " + std::string(path));
    }
  }
  std::set<std::string> wanted;
  std::set<std::string_view> ids;
  for (const Route& route : all_routes()) {
    wanted.insert(name_of(route));
    EXPECT_TRUE(ids.insert(route.operation.id).second) << route.operation.id;
    EXPECT_EQ(text_of(described(route).at("operationId")), route.operation.id);
    EXPECT_EQ(text_of(described(route).at("x-scope")), scope_of(route.area, route.method));
    const auto& roles = described(route).at("x-roles").as_array();
    for (const auto& [role, name] : enum_names(Role{})) {
      EXPECT_EQ(std::ranges::count(roles, value(name)) == 1, route.roles.contain(role)) << name_of(route) << name;
    }
  }
  EXPECT_EQ(there, wanted);
}

TEST_F(OpenApiTest, EveryReferenceLeadsSomewhereAndNothingIsLeftOver) {
  std::set<std::string> referred;
  walk(document, [&](const value& any) {
    const auto* members = any.if_object();
    const value* reference = members == nullptr ? nullptr : members->if_contains("$ref");
    if (reference == nullptr) return;
    EXPECT_TRUE(checker.find(text_of(*reference)) != nullptr) << text_of(*reference);
    referred.insert(std::string(text_of(*reference)));
  });
  for (const std::string kind : {"schemas", "responses", "parameters"}) {
    for (const auto& [name, component] : document.at("components").at(kind).as_object()) {
      EXPECT_TRUE(referred.contains("#/components/" + kind + "/" + std::string(name))) << name;
    }
  }
}

// Every object in what a type describes, itself first.
void collect_objects(const Type& type, std::set<const Type*>& objects) {
  if (type.element != nullptr) collect_objects(*type.element, objects);
  if (type.kind != Kind::kObject || !objects.insert(&type).second) return;
  for (const Field& field : type.fields) collect_objects(*field.type, objects);
}

TEST_F(OpenApiTest, EveryFieldOfEveryBodyIsInItsSchema) {
  std::set<const Type*> requests;
  std::set<const Type*> answers;
  for (const Route& route : all_routes()) {
    if (route.operation.body_type != nullptr) collect_objects(*route.operation.body_type, requests);
    for (const Success& answer : route.operation.successes) {
      for (const Content& content : answer.contents) {
        if (content.type != nullptr) collect_objects(*content.type, answers);
      }
    }
  }
  EXPECT_GT(answers.size(), 10u);
  answers.insert(requests.begin(), requests.end());
  for (const Type* type : answers) {
    const auto& schema = document.at("components").at("schemas").at(schema_name(type->name)).as_object();
    std::set<std::string> wanted;
    for (const Field& field : type->fields) {
      wanted.emplace(field.rule.name);
      if (requests.contains(type)) wanted.insert(field.rule.aliases.begin(), field.rule.aliases.end());
    }
    std::set<std::string> there;
    for (const auto& [name, property] : schema.at("properties").as_object()) there.emplace(name);
    EXPECT_EQ(there, wanted) << type->name;
    EXPECT_EQ(schema.contains("additionalProperties"), requests.contains(type)) << type->name;
  }
}

// --- What the API does
// -------------------------------------------------------------------------------------------------

TEST_F(OpenApiTest, EveryExampleSucceedsAndIsAnsweredAsDescribed) {
  int count = 0;
  for (const Route& route : all_routes()) {
    const std::string target = target_of(route, true);
    const std::string body = example_of(route);
    const Headers once{{"idempotency-key", "example-" + std::string(route.operation.id)}};
    const Response response = send_as_allowed(route, target, body, once);
    EXPECT_EQ(response.status, route.operation.successes.front().status) << name_of(route) << response.body;
    expect_described(route, response);
    if (!body.empty()) {
      const value& schema = described(route).at("requestBody").at("content").at("application/json").at("schema");
      EXPECT_EQ(checker.problems(schema, boost::json::parse(body)), "") << body;
      ++count;
    }
    const bool is_for_good = route.operation.id == "end_all_sessions";  // its own token, too
    if (!changes_something(route.method) || !route.operation.keeps_answer || is_for_good) continue;
    EXPECT_EQ(send_as_allowed(route, target, body, once).body, response.body) << name_of(route);
    const Response reused = send_as_allowed(route, target, body + " ", once);
    EXPECT_EQ(reused.status, 422) << name_of(route) << reused.body;
    expect_described(route, reused);
  }
  EXPECT_GE(count, 14);
}

// --- Examples of answers
// ----------------------------------------------------------------------------------------------

TEST_F(OpenApiTest, EveryAnswerHasAnExampleThatFits) {
  object recorded;
  const auto record = [&](const Route& route, const Response& response) {
    const std::string type = header_of(response, "content-type");
    const std::string media_type = type.substr(0, type.find(';'));
    if (has_example(media_type)) {
      recorded[example_name(route.operation.id, response.status, media_type)] = shown(route, response, type);
    }
  };
  Api unready{world.app, {"1.2.3", {}, [] { return false; }}, {{}, {}, {}}};
  for (const Route& route : all_routes()) {
    const std::string target = target_of(route, true);
    const std::string body = example_of(route);
    record(route, send_as_allowed(route, target, body));
    if (route.operation.id == "get_readiness") {
      record(route, world.run(unready.handle({Method::kGet, target, {{"host", "shop.example"}}, "", "192.0.2.1", {}})));
    }
    if (route.operation.id == "list_order_events") {
      Response stream = send_as_owner(Method::kGet, target, "", {{"accept", "text/event-stream"}});
      stream.body = world.run(stream.stream()).value();
      record(route, stream);
    }
  }
  if (std::getenv("ORDERLY_RECORD_EXAMPLES") != nullptr) write_examples(recorded, "src/api/answer_examples.json");

  for (const Route& route : all_routes()) {
    for (const Success& answer : route.operation.successes) {
      for (const Content& content : answer.contents) {
        if (!has_example(content.media_type)) continue;
        const std::string name = example_name(route.operation.id, answer.status, content.media_type);
        const std::string status = std::to_string(answer.status);
        const auto& described_content =
            described(route).at("responses").at(status).at("content").at(content.media_type).as_object();
        const value* example = described_content.if_contains("example");
        const char* remedy = ": script/describe records what is missing or has changed";
        ASSERT_TRUE(example != nullptr) << name << remedy;
        EXPECT_EQ(checker.problems(described_content.at("schema"), *example, Strictness::kExact), "") << name << remedy;
        EXPECT_TRUE(recorded.contains(name)) << name << " is answered by no example of a request";
      }
    }
  }
  for (const auto& [name, example] : answer_examples()) EXPECT_TRUE(recorded.contains(name)) << name;
}

TEST_F(OpenApiTest, EveryProblemHasExamplesThatFit) {
  std::size_t count = 0;
  walk(document, [&](const value& any) {
    const auto* members = any.if_object();
    const value* problem = members == nullptr ? nullptr : members->if_contains(kProblemType);
    if (problem == nullptr) return;
    for (const auto& [code, example] : problem->at("examples").as_object()) {
      EXPECT_EQ(example.at("value").at("code").as_string(), code);
      EXPECT_EQ(checker.problems(problem->at("schema"), example.at("value"), Strictness::kExact), "") << code;
      ++count;
    }
  });
  EXPECT_GT(count, 40u);
}

TEST_F(OpenApiTest, WhatFailsIsAnsweredAsDescribed) {
  const std::string narrow = "Bearer " + make_key(Role::kOwner, {"invoices:write"}).key.value();
  session = open_account("fails@example.com");
  guest_token = make_guest_token(world.app);
  for (const Route& route : all_routes()) {
    const bool is_change = changes_something(route.method) && route.operation.keeps_answer;
    const auto expect = [&](const Response& response, int status) {
      EXPECT_EQ(response.status, status) << name_of(route) << response.body;
      expect_described(route, response);
    };
    const std::string missing = target_of(route, false);
    const std::string body(route.operation.example);
    if (!route.operation.path.empty() && route.operation.id != "list_client_invoices") {
      expect(send_as_allowed(route, missing, body), 404);
    }
    expect(send(route.method, missing, body, {{"authorization", narrow}}), 403);
    expect(send(route.method, missing, body, {{"authorization", "Bearer nonsense"}}), 401);
    expect_described(route, send(route.method, missing, body, {}));
    if (route.operation.body_type != nullptr) {
      expect(send_as_allowed(route, missing, R"({"no_such_field":1})"), 400);
      expect(send_as_allowed(route, missing, "{}", {{"content-type", "text/plain"}}), 415);
    }
    if (is_change) expect(send_as_allowed(route, missing, body, {{"idempotency-key", "not plain"}}), 400);
    if (route.operation.query_type != nullptr) {
      expect(send_as_allowed(route, missing + "?colour=red", ""), 400);
    }
  }
}

TEST_F(OpenApiTest, WhatTheBusinessRefusesIsAnsweredAsDescribed) {
  struct Refused {
    std::string_view operation;
    std::string target;
    std::string body;
    std::string code;
  };
  const std::string order = "/orders/" + paid.text;
  const std::string some = R"({"items":[{"product_id":"limited","quantity":11}],"pay_later":true)";
  const std::vector<Refused> all{
      {"place_order", "/orders", some + "}", "out-of-stock"},
      {"place_order", "/orders", R"({"item":"1","total":1.00})", "price-changed"},
      {"checkout", "/checkout", "{}", "cart-empty"},
      {"set_cart", "/cart", R"({"product_id":"1","quantity":1000000})", ""},
      {"add_to_cart", "/cart", R"({"product_id":"1","quantity":1})", "quantity-out-of-range"},
      {"update_order", order, R"({"items":[{"id":"1","qty":1}]})", "illegal-transition"},
      {"refund_order", order + "/refund", R"({"amount":1000000})", "refund-exceeds-payment"},
      {"deliver_order", order + "/deliver", "{}", "illegal-transition"},
      {"report_payment", "/payments", R"({"order_id":")" + paid.text + R"(","status":"failed"})", "illegal-transition"},
      {"start_payment", "/payment", R"({"order_id":")" + paid.text + R"("})", "illegal-transition"},
  };
  for (const Refused& each : all) {
    for (const Route& route : all_routes()) {
      if (route.operation.id != each.operation) continue;
      const Response response = send_as_owner(route.method, each.target, each.body);
      EXPECT_EQ(response.status, each.code.empty() ? 200 : 409) << name_of(route) << response.body;
      EXPECT_NE(response.body.find(each.code), std::string::npos) << response.body;
      expect_described(route, response);
    }
  }
}

TEST_F(OpenApiTest, WhatABodyAsksForBesideItsFieldsIsInItsSchema) {
  struct Body {
    std::string_view operation;
    std::string text;
    bool is_good;
  };
  const std::string items = R"("items":[{"product_id":"1","quantity":1}])";
  const std::string address = R"("name":"Ada","line1":"1","city":"B","postal_code":"1","country":)";
  const std::vector<Body> all{
      {"place_order", "{" + items + "}", true},
      {"place_order", R"({"item":"1","qty":2})", true},
      {"place_order", R"({"item":null,)" + items + "}", true},
      {"place_order", R"({"item":"1",)" + items + "}", false},
      {"place_order", R"({"client_id":"u1"})", false},
      {"place_order", R"({"quantity":1,)" + items + "}", false},
      {"place_order", R"({"qty":1,)" + items + "}", false},
      {"place_order", R"({"total":1,"total_price":1,"item":"1"})", false},
      {"place_order", R"({"pay_later":true,"payment_method":"pm_card_visa","item":"1"})", false},
      {"place_order", R"({"pay_later":false,"payment_method":"pm_card_visa","item":"1"})", true},
      {"place_order", R"({"userId":"a b","item":"1"})", false},
      {"place_order", R"({"userId":"a.b:c_d-e","item":"1"})", true},
      {"place_order", R"({"item":"1","shipping_address":{)" + address + R"("DE"}})", true},
      {"place_order", R"({"item":"1","shipping_address":{)" + address + R"("de"}})", false},
      {"update_order", R"({"shipping_address":{)" + address + R"("DE"}})", true},
      {"update_order", R"({"shipping_address":{)" + address + R"("de"}})", false},
      {"checkout", R"({"pay_later":true,"payment_method":"pm_card_visa",)" + items + "}", false},
      {"checkout", R"({"pay_later":true,)" + items + "}", true},
      {"update_order", "{}", false},
      {"update_order", R"({"status":null,"items":null})", false},
      {"update_order", R"({"status":"cancelled",)" + items + "}", false},
      {"update_order", "{" + items + "}", true},
      {"create_api_key", R"({"name":"a","role":"staff"})", true},
      {"create_api_key", R"({"name":"a","role":"staff","client_id":"u1"})", false},
      {"create_api_key", R"({"name":"a","role":"client"})", false},
      {"create_api_key", R"({"name":"a","role":"client","client_id":"u1"})", true},
      {"create_api_key", R"({"name":"a","role":"staff","scopes":["orders:read"]})", true},
      {"create_api_key", R"({"name":"a","role":"staff","scopes":["orders:rule"]})", false},
  };
  for (const Body& each : all) {
    for (const Route& route : all_routes()) {
      if (route.operation.id != each.operation) continue;
      const value& schema = described(route).at("requestBody").at("content").at("application/json").at("schema");
      EXPECT_EQ(checker.problems(schema, boost::json::parse(each.text)).empty(), each.is_good) << each.text;
      const Response response = send_as_owner(route.method, target_of(route, true), each.text);
      EXPECT_EQ(response.status != 400, each.is_good) << each.text << response.body;
    }
  }
}

TEST_F(OpenApiTest, AStreamIsOfTheTypeThatIsDescribed) {
  const Response stream =
      send_as_owner(Method::kGet, "/orders/" + paid.text + "/events", "", {{"accept", "text/event-stream"}});
  const value& answer = document.at("paths").at("/orders/{id}/events").at("get").at("responses").at("200");
  EXPECT_TRUE(answer.at("content").as_object().contains(header_of(stream, "content-type")));
}

TEST_F(OpenApiTest, QueriesAreReadAsDescribed) {
  const std::vector<std::pair<std::string, std::string>> bad{
      {"/orders?status=lost", "?status"},
      {"/orders?client_id=a&userId=b", "?userId"},
      {"/orders?limit=0", "?limit"},
      {"/orders?client_id=a%0ab", "?client_id"},
      {"/orders?from=yesterday", "?from"},
      {"/transactions?status=shipped", "?status"},
      {"/transactions?user_id=a", "?user_id"},
      {"/products?limit=5&limit=5", "?limit"},
      {"/orders/status/a/" + paid.text + "?wait=21", "?wait"},
  };
  for (const auto& [target, pointer] : bad) {
    const Response response = send_as_owner(Method::kGet, target);
    EXPECT_EQ(response.status, 400) << target;
    EXPECT_NE(response.body.find("\"" + pointer + "\""), std::string::npos) << response.body;
  }
  const std::string day = format_day(world.clock.now());
  for (const std::string& good :
       {"from=" + day + "&to=" + day, std::string("user_id=u1"), std::string("status=confirmed&limit=100&cursor=")}) {
    EXPECT_EQ(send_as_owner(Method::kGet, "/orders?" + good).status, 200) << good;
  }
  const auto holds = [&](const std::string& query) {
    return send_as_owner(Method::kGet, "/orders?" + query).body.find(paid.text) != std::string::npos;
  };
  EXPECT_TRUE(holds("to=" + day)) << "that day included";
  EXPECT_FALSE(holds("to=" + day + "T00:00:00Z"));
}

}  // namespace
}  // namespace orderly::api
