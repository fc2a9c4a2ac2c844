// Products, categories and the cart.
#include "api/operations.h"
#include "api/query.h"
#include "app/carts.h"

namespace orderly::api::operations {

Operation list_products() {
  return operation("list_products", "List the products")
      .says("By product id, a page at a time.")
      .takes_query<PageQuery>()
      .answers<app::List<app::ProductView>>(200, "A page of products.");
}

Operation get_product() {
  return operation("get_product", "Look at a product")
      .has_path<std::string>(json::field("id").says("The product's id."))
      .answers<app::ProductView>(200, "The product, with what is available now.");
}

Operation list_category() {
  return operation("list_category", "List the products of a category")
      .says("A category without products is an empty list.")
      .has_path<std::string>(json::field("name").says("The category: lower case letters, digits and hyphens."))
      .takes_query<PageQuery>()
      .answers<app::List<app::ProductView>>(200, "A page of products.");
}

Operation get_cart() {
  return operation("get_cart", "Look into the cart")
      .says("Priced now: a product that is no longer sold is left out.")
      .answers<app::CartView>(200, "The caller's cart.")
      .refuses({"amount-out-of-range"});
}

Operation add_to_cart() {
  return operation("add_to_cart", "Put a product into the cart")
      .says("Adds to what is there.")
      .takes_body<app::CartChange>(R"({"product_id":"1","quantity":2})")
      .answers<app::CartView>(200, "The cart after it.")
      .refuses({"amount-out-of-range", "cart-full", "quantity-out-of-range"});
}

Operation set_cart() {
  return operation("set_cart", "Set how many of a product are in the cart")
      .takes_body<app::CartQuantity>(R"({"product_id":"1","quantity":3})")
      .answers<app::CartView>(200, "The cart after it.")
      .refuses({"amount-out-of-range", "cart-full"});
}

Operation remove_from_cart() {
  return operation("remove_from_cart", "Take a product out of the cart, or empty it")
      .says("Without a body, or without a product, all of it is taken out.")
      .takes_body<app::CartRemoval>(R"({"product_id":"1"})")
      .answers<app::CartView>(200, "The cart after it.")
      .refuses({"amount-out-of-range"});
}

}  // namespace orderly::api::operations
