// Carts: durable, one for each cart token, gone some weeks after they were last touched.
#pragma once

#include <string>
#include <vector>

#include "app/views.h"

namespace orderly::app {

struct CartChange {
  std::string product_id;
  std::int64_t quantity = 0;
};
BOOST_DESCRIBE_STRUCT(CartChange, (), (product_id, quantity))
std::vector<json::Rule> json_rules(const CartChange*);

struct CartQuantity {
  std::string product_id;
  std::int64_t quantity = 0;  // 0 takes the product out
};
BOOST_DESCRIBE_STRUCT(CartQuantity, (), (product_id, quantity))
std::vector<json::Rule> json_rules(const CartQuantity*);

struct CartRemoval {
  std::optional<std::string> product_id;  // nothing: all of it
};
BOOST_DESCRIBE_STRUCT(CartRemoval, (), (product_id))
std::vector<json::Rule> json_rules(const CartRemoval*);

// Prices are the catalog's now; a product that is gone from the catalog is left out.
Task<CartView> get_cart(App& app, Caller caller);
// Adds to what is there. Throws Error(kInvalidRequest) for an unknown product.
Task<Answer> add_to_cart(App& app, Caller caller, CartChange change, RepeatKey key);
Task<Answer> set_cart(App& app, Caller caller, CartQuantity wanted, RepeatKey key);
Task<Answer> remove_from_cart(App& app, Caller caller, CartRemoval removal, RepeatKey key);

Task<domain::Cart> load_cart(App& app, std::string token);
// Writes `after` in place of `before` (its version decides), or removes it when it has no lines.
void save_cart(Draft& draft, std::string_view token, const domain::Cart& before, domain::Cart after);

}  // namespace orderly::app
