// What a schema lets pass, the reader takes; what it does not, the reader refuses.
#include "api/schema.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "api/operation_bodies.h"
#include "api/routes.h"
#include "app/accounts.h"
#include "app/api_keys.h"
#include "app/carts.h"
#include "app/order_commands.h"
#include "base/json.h"
#include "tests/json_schema/json_schema.h"

namespace orderly::api {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;
using json::Field;
using json::Kind;
using json::Rule;
using json::Type;
using json_schema::Checker;

TEST(SchemaName, IsTheTypesWithoutItsNamespacesAndItsView) {
  EXPECT_EQ(schema_name("orderly::app::PlaceOrder"), "PlaceOrder");
  EXPECT_EQ(schema_name("orderly::app::OrderView"), "Order");
  EXPECT_EQ(schema_name("orderly::app::List<orderly::app::OrderView>"), "OrderList");
  EXPECT_EQ(schema_name("orderly::api::(anonymous namespace)::ProblemView"), "Problem");
}

// Values that a description lets pass and values that it does not.
struct Variants {
  std::vector<value> good;
  std::vector<value> bad;
};

Variants variants_of(const Type& type, const Rule& rule);

value text_of_length(std::size_t length, std::string_view first = "é") {
  std::string text = length > 0 ? std::string(first) : "";
  for (std::size_t i = 1; i < length; ++i) text += "é";
  return value(text);
}

Variants integers(const Rule& rule) {
  Variants variants{{rule.minimum, rule.maximum}, {"1", 1.5, nullptr, array{}}};
  if (rule.minimum != Rule{}.minimum) variants.bad.emplace_back(rule.minimum - 1);
  if (rule.maximum != Rule{}.maximum) variants.bad.emplace_back(rule.maximum + 1);
  return variants;
}

Variants strings(const Rule& rule) {
  const bool is_limited = rule.length_max != Rule{}.length_max;
  const std::size_t longest = is_limited ? rule.length_max : 1000;
  if (rule.is_capitals) {
    const value good(std::string(longest, 'Z'));
    return {{good}, {7, value(std::string(longest, 'z')), value(std::string(longest + 1, 'Z'))}};
  }
  Variants variants{{text_of_length(longest), text_of_length(rule.length_min)}, {7, nullptr, object{}}};
  for (const std::string_view control : {"\x07", "\n", "\x7f", "\xc2\x85"}) {
    variants.bad.emplace_back(text_of_length(longest, control));
  }
  if (rule.length_min > 0) variants.bad.emplace_back(text_of_length(rule.length_min - 1));
  if (is_limited) variants.bad.emplace_back(text_of_length(longest + 1));
  return variants;
}

Variants texts(const Type& type) {
  Variants variants{{}, {"no such thing", "", 1, nullptr}};
  for (const std::string_view each : type.values) variants.good.emplace_back(each);
  if (!type.formats.empty()) variants.good = {"2026-11-20T09:30:00.5+01:00", "2026-11-20"};
  if (type.expectation == json::JsonText<Currency>::kExpectation) variants.good = {"EUR"};
  if (type.expectation == json::JsonText<domain::EmailAddress>::kExpectation) {
    variants.good = {"ada@example.com", "a.b+c_d@sub.example.co", "x@1-2.org"};
    for (const char* bad : {"ada", "ada@localhost", "a b@example.com", ".a@example.com", "a..b@example.com", "a@-x.com",
                            "a@x..com", "\"a\"@example.com", "a@b@example.com"}) {
      variants.bad.emplace_back(bad);
    }
    variants.bad.emplace_back(std::string(65, 'a') + "@example.com");
    variants.bad.emplace_back("a@" + std::string(64, 'a') + ".com");
  }
  return variants;
}

Variants arrays(const Type& type, const Rule& rule) {
  const Variants items = variants_of(*type.element, {});
  const std::size_t most = rule.length_max == Rule{}.length_max ? 3 : rule.length_max;
  Variants variants{{array(most, items.good.front()), array(rule.length_min, items.good.front())},
                    {"[]", nullptr, array(most + 1, items.good.front())}};
  if (rule.length_max == Rule{}.length_max) variants.bad.pop_back();
  if (rule.length_min > 0) variants.bad.push_back(array(rule.length_min - 1, items.good.front()));
  const std::size_t least = std::max<std::size_t>(rule.length_min, 1);
  for (const auto& [of_items, of_arrays] :
       {std::pair(&items.good, &variants.good), std::pair(&items.bad, &variants.bad)}) {
    for (const value& item : *of_items) {
      array one(least, items.good.front());
      one.back() = item;
      of_arrays->push_back(std::move(one));
    }
  }
  return variants;
}

Variants objects(const Type& type) {
  object whole;
  for (const Field& field : type.fields) whole[field.rule.name] = variants_of(*field.type, field.rule).good.front();
  Variants variants{{whole}, {array{}, "{}", nullptr}};
  const auto changed = [&](std::string_view field, const auto& change) {
    object copy = whole;
    change(copy, field);
    return copy;
  };
  variants.bad.push_back(changed("no_such_field", [](object& copy, auto name) { copy[name] = 1; }));
  for (const Field& field : type.fields) {
    const Variants values = variants_of(*field.type, field.rule);
    const auto with = [&](const value& each) {
      return changed(field.rule.name, [&](object& copy, auto name) { copy[name] = each; });
    };
    for (const value& each : values.good) variants.good.push_back(with(each));
    for (const value& each : values.bad) variants.bad.push_back(with(each));
    auto& without = field.required ? variants.bad : variants.good;
    without.push_back(changed(field.rule.name, [](object& copy, auto name) { copy.erase(name); }));
    for (const std::string_view alias : field.rule.aliases) {
      object both = changed(alias, [&](object& copy, auto name) { copy[name] = values.good.front(); });
      variants.bad.push_back(both);
      both.erase(field.rule.name);
      variants.good.push_back(std::move(both));
    }
  }
  return variants;
}

Variants variants_of(const Type& type, const Rule& rule) {
  switch (type.kind) {
    case Kind::kBoolean: return {{true, false}, {1, "true", nullptr}};
    case Kind::kInteger: return integers(rule);
    case Kind::kString: return strings(rule);
    case Kind::kDecimal: return {{199.99, 2, -1}, {"1.5", nullptr, array{}}};
    case Kind::kText: return texts(type);
    case Kind::kArray: return arrays(type, rule);
    case Kind::kObject: return objects(type);
    case Kind::kNullable: break;
  }
  Variants variants = variants_of(*type.element, rule);
  variants.good.emplace_back(nullptr);
  std::erase(variants.bad, value(nullptr));
  return variants;
}

struct RequestType {
  const Type* type;
  std::vector<Problem> (*problems)(std::string_view text);
};
template <class T>
RequestType request_type() {
  return {&json::type_of<T>(), [](std::string_view text) {
            T body;
            return json::detail::read(text, json::type_of<T>(), &body, json::detail::Trust::kRequest);
          }};
}

TEST(Schemas, OfARequestAgreesWithItsReader) {
  const std::vector<RequestType> types{request_type<app::PlaceOrder>(),
                                       request_type<app::Checkout>(),
                                       request_type<app::UpdateOrder>(),
                                       request_type<app::CancelOrder>(),
                                       request_type<app::RefundOrder>(),
                                       request_type<app::StartPayment>(),
                                       request_type<app::ReportPayment>(),
                                       request_type<app::CartChange>(),
                                       request_type<app::CartQuantity>(),
                                       request_type<app::CartRemoval>(),
                                       request_type<app::CreateApiKey>(),
                                       request_type<app::RotateApiKey>(),
                                       request_type<app::CreateClient>(),
                                       request_type<app::UpdateClient>(),
                                       request_type<app::SignUp>(),
                                       request_type<app::VerifyEmail>(),
                                       request_type<app::SignIn>(),
                                       request_type<app::ChangePassword>(),
                                       request_type<app::RequestPasswordReset>(),
                                       request_type<app::ResetPassword>(),
                                       request_type<app::RefreshSession>(),
                                       request_type<Nothing>()};
  for (const Route& route : all_routes()) {
    if (route.operation.body_type == nullptr) continue;
    EXPECT_EQ(std::ranges::count(types, route.operation.body_type, &RequestType::type), 1) << route.operation.id;
  }
  Schemas schemas;
  for (const RequestType& each : types) schemas.of(*each.type, Use::kRequest);
  const value document = object{{"components", object{{"schemas", std::move(schemas).take_named()}}}};
  const Checker checker(document);
  std::size_t count = 0;
  for (const RequestType& each : types) {
    const value& schema = document.at("components").at("schemas").at(schema_name(each.type->name));
    const Variants bodies = variants_of(*each.type, {});
    for (const value& body : bodies.good) {
      const std::string text = boost::json::serialize(body);
      EXPECT_EQ(each.problems(text), std::vector<Problem>{}) << each.type->name << text;
      EXPECT_EQ(checker.problems(schema, body), "") << each.type->name << text;
    }
    for (const value& body : bodies.bad) {
      const std::string text = boost::json::serialize(body);
      EXPECT_NE(each.problems(text), std::vector<Problem>{}) << each.type->name << text;
      EXPECT_NE(checker.problems(schema, body), "") << each.type->name << text;
    }
    count += bodies.good.size() + bodies.bad.size();
  }
  EXPECT_GT(count, 500u);
  std::printf("%zu request types, %zu bodies\n", types.size(), count);
}

}  // namespace
}  // namespace orderly::api
