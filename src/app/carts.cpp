#include "app/carts.h"

#include "app/catalog.h"
#include "app/draft.h"
#include "app/keys.h"
#include "base/limits.h"

namespace orderly::app {

namespace {

Task<CartView> price_cart(App& app, domain::Cart cart) {
  std::vector<std::string> ids;
  for (const domain::CartLine& line : cart.lines) ids.push_back(line.product_id);
  const auto products = co_await load_products(app, std::move(ids));
  CartView view;
  view.currency = app.settings.currency;
  view.version = cart.version;
  std::vector<domain::OrderLine> lines;
  for (std::size_t i = 0; i < products.size(); ++i) {
    if (!products[i] || products[i]->currency != view.currency) continue;
    const std::int64_t quantity = cart.lines[i].quantity;
    lines.push_back({products[i]->id, products[i]->sku, products[i]->name, quantity, products[i]->price,
                     checked_multiply(quantity, products[i]->price)});
    view.items.push_back({lines.back().product_id, lines.back().sku, lines.back().name, quantity,
                          lines.back().unit_price, lines.back().amount});
  }
  const domain::Price price = domain::price(lines, app.settings.pricing);
  view.subtotal = price.subtotal;
  view.shipping = price.shipping;
  view.tax = price.tax;
  view.discount = price.discount;
  view.total = price.total;
  co_return view;
}

// Loads, changes, prices, commits; again when another request changed the same cart meanwhile.
Task<Answer> change_cart(App& app, Caller caller, RepeatKey key, std::function<domain::Cart(domain::Cart)> change) {
  co_return co_await run(app, [&]() -> Task<Answer> {
    const domain::Cart before = co_await load_cart(app, caller.cart);
    domain::Cart after = change(before);
    after.version = before.version + 1;
    const Answer result = answer(200, co_await price_cart(app, after));
    Draft draft(app, caller);
    save_cart(draft, caller.cart, before, std::move(after));
    draft.remember(key, result);
    co_await draft.commit();
    co_return result;
  });
}

Task<void> require_product(App& app, std::string id) {
  const bool known = domain::is_product_id(id) && (co_await app.store.get(keys::product(id))).has_value();
  if (!known) throw_invalid("/product_id", "is no known product");
}

}  // namespace

std::vector<json::Rule> json_rules(const CartChange*) {
  return {json::field("product_id").alias("id").text(1, limits::kIdMax),
          json::field("quantity").alias("qty").range(1, limits::kQuantityMax)};
}

std::vector<json::Rule> json_rules(const CartQuantity*) {
  return {json::field("product_id").alias("id").text(1, limits::kIdMax),
          json::field("quantity").alias("qty").range(0, limits::kQuantityMax).says("0 takes the product out.")};
}

std::vector<json::Rule> json_rules(const CartRemoval*) {
  return {json::field("product_id").alias("id").text(1, limits::kIdMax).says("Which; when absent, all are taken out.")};
}

Task<domain::Cart> load_cart(App& app, std::string token) {
  const auto record = co_await app.store.get(keys::cart(token));
  if (!record) co_return domain::Cart{};
  co_return json::read_stored<domain::Cart>(record->document);
}

void save_cart(Draft& draft, std::string_view token, const domain::Cart& before, domain::Cart after) {
  const bool is_new = before.version == 0;
  const auto condition = is_new ? ports::Condition(ports::Absent{})
                                : ports::Condition(ports::AtVersion{static_cast<std::uint64_t>(before.version)});
  if (after.lines.empty()) {
    if (!is_new) draft.write(ports::Remove{keys::cart(token), condition});
    return;
  }
  after.version = before.version + 1;
  after.updated_at = draft.now();
  ports::Put put;
  put.key = keys::cart(token);
  put.document = json::write(after);
  put.version = static_cast<std::uint64_t>(after.version);
  put.expires_at = draft.now() + limits::kCartKept;
  put.condition = condition;
  draft.write(std::move(put));
}

Task<CartView> get_cart(App& app, Caller caller) {
  domain::Cart cart = co_await load_cart(app, caller.cart);
  co_return co_await price_cart(app, std::move(cart));
}

Task<Answer> add_to_cart(App& app, Caller caller, CartChange change, RepeatKey key) {
  co_await require_product(app, change.product_id);
  co_return co_await change_cart(app, std::move(caller), std::move(key), [change](domain::Cart cart) {
    return domain::add(std::move(cart), change.product_id, change.quantity);
  });
}

Task<Answer> set_cart(App& app, Caller caller, CartQuantity wanted, RepeatKey key) {
  co_await require_product(app, wanted.product_id);
  co_return co_await change_cart(app, std::move(caller), std::move(key), [wanted](domain::Cart cart) {
    return domain::set(std::move(cart), wanted.product_id, wanted.quantity);
  });
}

Task<Answer> remove_from_cart(App& app, Caller caller, CartRemoval removal, RepeatKey key) {
  co_return co_await change_cart(app, std::move(caller), std::move(key), [removal](domain::Cart cart) {
    if (removal.product_id) return domain::remove(std::move(cart), *removal.product_id);
    cart.lines.clear();
    return cart;
  });
}

}  // namespace orderly::app
