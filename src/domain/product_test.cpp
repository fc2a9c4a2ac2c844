#include "domain/product.h"

#include <gtest/gtest.h>

namespace orderly::domain {
namespace {

TEST(ProductId, IsShortPlainAscii) {
  for (const std::string& text :
       {std::string("1"), std::string("chair-2.0_b"), std::string("A"), std::string(64, 'x')}) {
    EXPECT_TRUE(is_product_id(text)) << text;
  }
  for (const std::string& text : {std::string(), std::string(65, 'x'), std::string("a b"), std::string("a/b"),
                                  std::string("a#b"), std::string("stühle"), std::string("a\0b", 3)}) {
    EXPECT_FALSE(is_product_id(text)) << text;
  }
}

TEST(CategoryName, IsLowerCase) {
  EXPECT_TRUE(is_category_name("home-office"));
  EXPECT_TRUE(is_category_name("2"));
  EXPECT_TRUE(is_category_name(std::string(64, 'c')));
  for (const std::string& text : {std::string(), std::string(65, 'c'), std::string("Home"), std::string("home office"),
                                  std::string("home.office"), std::string("home_office")}) {
    EXPECT_FALSE(is_category_name(text)) << text;
  }
}

}  // namespace
}  // namespace orderly::domain
