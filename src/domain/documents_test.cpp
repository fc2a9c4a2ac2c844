// What is stored reads back as it was, for every struct that is, and takes few bytes.
#include <gtest/gtest.h>

#include "base/json.h"
#include "domain/cart.h"
#include "domain/invoice.h"
#include "domain/order_samples.h"
#include "domain/product.h"

namespace orderly::domain {
namespace {

using json::Kind;
using json::Type;

void assign_some_text(const Type& type, void* value) {
  const OrderId order = samples::order_id();
  const std::vector<std::string> candidates = {"2026-11-20T09:30:00.001Z", "KWD", order.text,
                                               transaction_id(order, 3).text, EventId::make(samples::kLater, {}).text};
  if (!type.values.empty()) {
    ASSERT_TRUE(type.assign_text(value, type.values.back()));
    return;
  }
  for (const std::string& text : candidates) {
    if (type.assign_text(value, text)) return;
  }
  FAIL() << "no sample of " << type.expectation;
}

// With `everything` gives each field a value other than the empty one, else only to those that have no empty form.
void fill(const Type& type, void* value, bool everything) {
  switch (type.kind) {
    case Kind::kBoolean: *static_cast<bool*>(value) = everything; return;
    case Kind::kInteger: *static_cast<std::int64_t*>(value) = everything ? -7 : 0; return;
    case Kind::kString: *static_cast<std::string*>(value) = everything ? "Ł \"x\"\n" : ""; return;
    case Kind::kDecimal: static_cast<json::Decimal*>(value)->text = "1.50"; return;
    case Kind::kText: assign_some_text(type, value); return;
    case Kind::kObject:
      for (const json::Field& field : type.fields) fill(*field.type, field.at(value), everything);
      return;
    case Kind::kArray:
      if (everything) fill(*type.element, type.append(value), everything);
      return;
    case Kind::kNullable:
      if (everything) fill(*type.element, type.engage(value), everything);
      return;
  }
}

template <class T>
class StoredDocument : public testing::Test {};
using Stored = testing::Types<Product, StockCounters, StockMove, Quantity, Posting, PaymentAttempt, Refund, Order,
                              OrderContent, OrderEvent, Party, Invoice, CartLine, Cart, OrderLine, PriceComponent>;
TYPED_TEST_SUITE(StoredDocument, Stored);

TYPED_TEST(StoredDocument, ReadsBackWithEveryFieldSet) {
  const Type& type = json::type_of<TypeParam>();
  TypeParam value;
  fill(type, &value, true);
  const std::string text = json::write(value);
  for (const json::Field& field : type.fields) {
    EXPECT_NE(text.find("\"" + std::string(field.rule.name) + "\":"), std::string::npos) << field.rule.name;
  }
  const TypeParam again = json::read_stored<TypeParam>(text);
  EXPECT_EQ(json::write(again), text);
  if constexpr (std::equality_comparable<TypeParam>) {
    EXPECT_EQ(again, value);
  }
}

TYPED_TEST(StoredDocument, ReadsBackWithEveryFieldEmpty) {
  TypeParam value;
  fill(json::type_of<TypeParam>(), &value, false);
  const std::string text = json::write(value);
  EXPECT_EQ(text.find("null"), std::string::npos) << text;
  const TypeParam again = json::read_stored<TypeParam>(text);
  EXPECT_EQ(json::write(again), text);
  if constexpr (std::equality_comparable<TypeParam>) {
    EXPECT_EQ(again, value);
  }
}

TEST(StoredDocuments, LeaveOutWhatIsEmpty) {
  EXPECT_EQ(json::write(Posting{Account::kProviderClearing, 0, 5}), R"({"account":"provider_clearing","credit":5})");
  EXPECT_EQ(json::write(StockMove{"1", 0, -2}), R"({"product_id":"1","reserved":-2})");
}

TEST(StoredDocuments, SayNothingOfBucketsWhereThereIsOne) {
  const Change change = place(samples::placement(), samples::kPlacedAt);
  for (const std::string& text : {json::write(change.order), json::write(change.events[0]), json::write(Product{})}) {
    EXPECT_EQ(text.find("bucket"), std::string::npos) << text;
    EXPECT_EQ(text.find("shares"), std::string::npos) << text;
  }
  EXPECT_EQ(json::write(StockMove{"1", -2, 2, 3}), R"({"product_id":"1","available":-2,"reserved":2,"bucket":3})");
  EXPECT_EQ(json::write(Quantity{"1", 2, 3}), R"({"product_id":"1","quantity":2,"bucket":3})");
  EXPECT_EQ(json::read_stored<StockMove>(R"({"product_id":"1","available":-2,"reserved":2})"),
            (StockMove{"1", -2, 2, 0}));
}

TEST(StoredDocuments, OfAnOrderOfTwoLinesStaySmall) {
  const Change change = place(samples::placement(), samples::kPlacedAt);
  EXPECT_LT(json::write(change.order).size(), 1024u);
  OrderEvent event = change.events[0];
  event.id = EventId::make(event.at, {});
  EXPECT_LT(json::write(event).size(), 1350u);
}

TEST(StoredDocuments, ThatAreDamagedAreABrokenInvariant) {
  for (const std::string_view text : {"", "{}", "{\"product_id\":\"1\"", "[]", "{\"product_id\":1}"}) {
    try {
      json::read_stored<StockMove>(text);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kBrokenInvariant);
    }
  }
}

}  // namespace
}  // namespace orderly::domain
