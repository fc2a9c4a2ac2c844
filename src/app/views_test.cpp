#include "app/views.h"

#include <gtest/gtest.h>

#include "app/clients.h"
#include "app/order_commands.h"
#include "app/place_order.h"
#include "base/error.h"
#include "base/json.h"

namespace orderly::app {
namespace {

template <class Body>
std::vector<std::string> pointers_of(const std::string& text) {
  std::vector<std::string> pointers;
  try {
    json::read<Body>(text);
  } catch (const Error& error) {
    for (const Problem& problem : error.problems()) pointers.push_back(problem.pointer);
  }
  return pointers;
}

TEST(Addresses, NameTheirCountryInCapitalsWhereverTheyAreGiven) {
  const auto address = [](const std::string& country) {
    return R"({"name":"Ann","line1":"1 High St","city":"Leeds","postal_code":"LS1","country":")" + country + R"("})";
  };
  for (const std::string country : {"gb", "Gb", "G1", "ÄÖ"}) {
    const std::vector<std::string> shipping{"/shipping_address/country"};
    EXPECT_EQ(pointers_of<PlaceOrder>(R"({"shipping_address":)" + address(country) + "}"), shipping) << country;
    EXPECT_EQ(pointers_of<Checkout>(R"({"shipping_address":)" + address(country) + "}"), shipping) << country;
    EXPECT_EQ(pointers_of<UpdateOrder>(R"({"shipping_address":)" + address(country) + "}"), shipping) << country;
    const std::string list = R"("addresses":[)" + address("GB") + "," + address(country) + "]}";
    const std::vector<std::string> second{"/addresses/1/country"};
    EXPECT_EQ(pointers_of<CreateClient>(R"({"name":"Ann",)" + list), second) << country;
    EXPECT_EQ(pointers_of<UpdateClient>("{" + list), second) << country;
  }
  EXPECT_TRUE(pointers_of<UpdateOrder>(R"({"shipping_address":)" + address("GB") + "}").empty());
}

}  // namespace
}  // namespace orderly::app
