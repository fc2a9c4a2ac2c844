// How long a text in a query may be: every route that takes one.
#include "api/query.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <limits>

#include "api/api.h"
#include "api/routes.h"
#include "base/limits.h"
#include "tests/fakes/world.h"

namespace orderly::api {
namespace {

using fakes::World;
using json::Field;
using json::Kind;

constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

Probes no_probes() {
  return {"test", []() -> Task<std::string> { co_return ""; }, [] { return true; }};
}

class QueryTest : public testing::Test {
 protected:
  QueryTest() { order = world.place_paid_order({{"1", 1}}); }

  Response get(std::string target) {
    return world.run(api.handle({Method::kGet, std::move(target), {{"host", "localhost"}}, {}, {}, {}}));
  }
  // The places that a problem names.
  static std::vector<std::string> pointers(const Response& response) {
    std::vector<std::string> all;
    const auto answer = boost::json::parse(response.body);
    if (const auto* errors = answer.as_object().if_contains("errors")) {
      for (const auto& each : errors->as_array()) all.emplace_back(each.at("pointer").as_string());
    }
    return all;
  }
  void expect_refused(const std::string& target, const std::string& pointer) {
    const Response response = get(target);
    EXPECT_EQ(response.status, 400) << target << response.body;
    EXPECT_EQ(pointers(response), std::vector<std::string>{pointer}) << target;
  }

  // The route's path, to what is in the shop.
  std::string path_of(const Route& route) {
    std::string path(route.pattern);
    const auto fill = [&](std::string_view name, const std::string& value) {
      if (const std::size_t at = path.find(name); at != std::string::npos) path.replace(at, name.size(), value);
    };
    fill("{id}", route.area == Area::kInvoices ? "u1" : order.text);
    fill("{name}", "things");
    fill("{client}", "u1");
    fill("{order}", order.text);
    EXPECT_EQ(path.find('{'), std::string::npos) << path;
    return path;
  }

  World world;
  Api api{world.app, no_probes()};
  OrderId order;
};

bool is_text(const Field& field) {
  const json::Type& type = field.type->kind == Kind::kNullable ? *field.type->element : *field.type;
  return type.kind == Kind::kString;
}

// Calls `visit` with the path and each spelling of every text that a query may hold.
template <class Visit>
void each_text(const std::vector<Route>& routes, const Visit& visit) {
  for (const Route& route : routes) {
    if (route.operation.query_type == nullptr) continue;
    for (const Field& field : route.operation.query_type->fields) {
      if (!is_text(field)) continue;
      visit(route, field.rule, std::string(field.rule.name));
      for (const std::string_view alias : field.rule.aliases) visit(route, field.rule, std::string(alias));
    }
  }
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

TEST_F(QueryTest, ATextOneCharacterOverItsLimitIsRefusedByNameAndOneAtItIsNot) {
  std::vector<std::string> limited;
  each_text(api.routes(), [&](const Route& route, const json::Rule& rule, const std::string& name) {
    const std::string target = path_of(route) + "?" + name + "=";
    if (rule.length_max != kNoLimit) {
      limited.push_back(std::string(route.operation.id) + " " + name);
      for (const std::string character : {"x", "%C3%BC", "%F0%9F%98%80"}) {  // of one byte, two and four
        expect_refused(target + repeated(character, rule.length_max + 1), "?" + name);
        const Response at_limit = get(target + repeated(character, rule.length_max));
        EXPECT_NE(at_limit.status, 400) << target << at_limit.body;
      }
    }
    if (rule.length_min > 0) expect_refused(target + repeated("x", rule.length_min - 1), "?" + name);
  });
  EXPECT_NE(std::ranges::find(limited, "list_clients name"), limited.end()) << "there is one at least";
}

// As long as the request's first line may be.
TEST_F(QueryTest, NoTextIsSoLongThatItBreaksAnything) {
  std::size_t count = 0;
  each_text(api.routes(), [&](const Route& route, const json::Rule&, const std::string& name) {
    const std::string target = path_of(route) + "?" + name + "=";
    const std::string text = repeated("x", limits::kRequestLineBytesMax - target.size());
    const Response response = get(target + text);
    EXPECT_LT(response.status, 500) << route.operation.id << " " << name << response.body;
    EXPECT_EQ(response.body.find(text), std::string::npos) << "it is not sent back";
    ++count;
  });
  EXPECT_GE(count, 10u);
}

TEST_F(QueryTest, AClientsNameHasItsLimit) {
  static_assert(limits::kTextMax == 200);
  expect_refused("/clients?name=" + repeated("a", 201), "?name");
  expect_refused("/clients?name=", "?name");
  EXPECT_EQ(get("/clients?name=" + repeated("a", 200)).status, 200);
  EXPECT_EQ(get("/clients?name=a").status, 200);
}

// RFC 5321 and 1035: 64 characters before the @, labels of 63, 254 in all.
TEST_F(QueryTest, AnEMailAddressHasItsLimits) {
  const std::string label = repeated("b", 61) + ".";
  const auto with_domain = [&](std::size_t last) {
    return repeated("a", 64) + "@" + repeated(label, 3) + std::string(last, 'd');
  };
  ASSERT_EQ(with_domain(3).size(), 254u);
  EXPECT_EQ(get("/clients?email=" + with_domain(3)).status, 200);
  expect_refused("/clients?email=" + with_domain(4), "?email");
  EXPECT_EQ(get("/clients?email=" + repeated("a", 64) + "@example.com").status, 200);
  expect_refused("/clients?email=" + repeated("a", 65) + "@example.com", "?email");
  expect_refused("/clients?email=" + repeated("a", 65) + "@example.com&name=" + repeated("a", 200), "?email");
  const Response both = get("/clients?email=" + with_domain(4) + "&name=" + repeated("a", 201));
  EXPECT_EQ(pointers(both), (std::vector<std::string>{"?email", "?name"})) << both.body;
}

TEST_F(QueryTest, TheIdOfAnEventsObjectHasItsLimit) {
  static_assert(limits::kIdMax == 64);
  EXPECT_EQ(get("/events?object=ord_" + repeated("0", 60)).status, 200);
  expect_refused("/events?object=ord_" + repeated("0", 61), "?object");
}

}  // namespace
}  // namespace orderly::api
