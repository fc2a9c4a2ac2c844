#include "app/place_order.h"

#include "app/carts.h"
#include "app/catalog.h"
#include "app/client_records.h"
#include "app/draft.h"
#include "app/keys.h"
#include "app/orders.h"
#include "base/limits.h"
#include "base/text.h"

namespace orderly::app {

namespace {

// A request made sense of: what both routes come down to.
struct Wish {
  std::string client_id;
  std::vector<LineRequest> items;
  Currency currency;
  std::optional<std::string> payment_method;
  std::optional<Address> shipping_address;
  std::optional<std::int64_t> expected_total;
  bool empties_cart = false;
  std::int64_t status = 200;
};

std::optional<std::int64_t> expected_total(const std::optional<json::Decimal>& total, Currency currency) {
  if (!total) return std::nullopt;
  const auto minor = parse_major_units(total->text, currency);
  if (!minor || *minor < 0)
    throw_invalid("/total", "must be an amount of " + std::string(currency.code()) + " in major units");
  return minor;
}

std::optional<std::string> payment_method_of(const App& app, const std::optional<std::string>& wanted,
                                             const std::optional<bool>& pay_later) {
  if (pay_later.value_or(false)) {
    if (wanted) throw_invalid("/payment_method", "must not be given when pay_later is true");
    return std::nullopt;
  }
  if (wanted) return wanted;
  if (app.settings.default_payment_method.empty()) {
    throw_invalid("/payment_method", "is required, unless pay_later is true");
  }
  return app.settings.default_payment_method;
}

void require_total(const domain::Order& order, std::optional<std::int64_t> expected) {
  if (!expected || *expected == order.total) return;
  throw Error(ErrorCode::kRefused, "price-changed",
              "The total is " + format_major_units(order.total, order.currency) + " " +
                  std::string(order.currency.code()) + ", not " + format_major_units(*expected, order.currency) + ".");
}

std::set<std::string> products_of(const std::vector<LineRequest>& items) {
  std::set<std::string> ids;
  for (const LineRequest& item : items) {
    if (domain::is_product_id(item.product_id)) ids.insert(item.product_id);
  }
  return ids;
}

// Refuses before anything is written when the shelf is visibly empty; the commit's floors decide in the end. `shelf` is
// what bucket 0 had; of products with several buckets it says nothing.
void require_stock(const std::map<std::string, std::int64_t>& shelf, const std::vector<domain::StockMove>& moves,
                   const BucketCounts& buckets) {
  for (const domain::StockMove& move : moves) {
    const bool is_enough = buckets.contains(move.product_id) || shelf.at(move.product_id) + move.available >= 0;
    if (!is_enough) throw_out_of_stock(move.product_id);
  }
}

Task<Answer> place_once(App& app, const Caller& caller, const Wish& wish, const RepeatKey& key) {
  std::vector<LineRequest> items = wish.items;
  domain::Cart cart;
  if (wish.empties_cart) {
    cart = co_await load_cart(app, caller.cart);
    for (const domain::CartLine& line : cart.lines) items.push_back({line.product_id, line.quantity});
    if (items.empty()) throw Error(ErrorCode::kRefused, "cart-empty", "The cart is empty.");
  }

  Draft draft(app, caller);
  co_await require_good_client(app, wish.client_id, "/client_id");
  domain::Placement placement;
  const auto shelf = co_await load_first_buckets(app, products_of(items));  // before the products: see app/stock.h
  PricedLines priced = co_await price_lines(app, std::move(items), wish.currency, "/items");
  placement.items = std::move(priced.lines);
  placement.id = make_order_id(draft.now(), make_entropy(app));
  placement.client_id = wish.client_id;
  placement.currency = wish.currency;
  placement.pricing = app.settings.pricing;
  placement.payment_method = wish.payment_method;
  placement.expire_after = app.settings.expire_after;
  if (wish.shipping_address) {
    placement.sealed = co_await seal_for(app, draft, wish.client_id, json::write(*wish.shipping_address));
  }

  domain::Change change = domain::place(placement, draft.now());
  require_total(change.order, wish.expected_total);
  require_stock(shelf, change.events.front().stock, priced.buckets);
  if (!priced.buckets.empty()) {
    auto wanted = domain::wanted_more({}, domain::quantities(placement.items));
    placement.taken = co_await find_stock(app, std::move(wanted), std::move(priced.buckets));
    change = domain::place(placement, draft.now());
    require_room(change.events.front().stock);
  }

  draft.create_order(change);
  if (placement.payment_method) send_payment(app, draft, change.order);
  if (wish.empties_cart) save_cart(draft, caller.cart, cart, domain::Cart{});
  draft.remember(key, wish.status, change.order);
  const Answer result = answer(wish.status, view_of(std::move(change.order), wish.shipping_address));
  co_await draft.commit();
  co_return result;
}

Task<Answer> place(App& app, Caller caller, Wish wish, RepeatKey key) {
  co_return co_await run(app, [&]() -> Task<Answer> { return place_once(app, caller, wish, key); });
}

void require_one_form(const PlaceOrder& command) {
  std::vector<Problem> problems;
  if (command.items && command.item) problems.push_back({"/item", "must not be given together with items"});
  if (!command.items && !command.item) problems.push_back({"/items", "is required"});
  if (command.items && command.quantity) problems.push_back({"/quantity", "belongs to item, not to items"});
  if (command.total && command.total_price)
    problems.push_back({"/total", "must not be given together with total_price"});
  if (!problems.empty()) throw Error(std::move(problems));
}

}  // namespace

std::vector<json::Rule> json_rules(const LineRequest*) {
  return {json::field("product_id").alias("id").text(1, limits::kIdMax).says("The product's id."),
          json::field("quantity").alias("qty").range(1, limits::kQuantityMax)};
}

namespace {

// Of both bodies.
json::Rule client_rule() {
  return json::field("client_id")
      .alias("user_id")
      .alias("userId")
      .text(1, limits::kIdMax)
      .says(
          "Whose order it is: letters, digits, '.', '_', ':' or '-'. The caller's when absent; only staff may name "
          "others.");
}
json::Rule items_rule() { return json::field("items").items(1, limits::kOrderLinesMax); }
json::Rule currency_rule() {
  return json::field("currency").says("ISO 4217; the shop's when absent. Each product is sold in one currency only.");
}
json::Rule payment_method_rule() {
  return json::field("payment_method")
      .text(1, limits::kIdMax)
      .free_text()
      .says("The provider's token for the means of payment; the shop's own when absent.");
}
json::Rule pay_later_rule() {
  return json::field("pay_later")
      .says("true: no payment starts by itself; POST /payment does. Without payment_method.");
}
json::Rule total_rule() {
  return json::field("total").says("What the order must cost, in major units (199.99); otherwise 409 price-changed.");
}

}  // namespace

std::vector<json::Rule> json_rules(const PlaceOrder*) {
  return {
      client_rule(),
      items_rule().says("The lines. Either these, or item."),
      json::field("item").text(1, limits::kTextMax).says("A product's id, SKU or exact name. Either this, or items."),
      json::field("quantity").alias("qty").range(1, limits::kQuantityMax).says("Of item; 1 when absent."),
      currency_rule(),
      payment_method_rule(),
      pay_later_rule(),
      json::field("total_price").range(0, limits::kAmountMinorMax).says("The same as total, in minor units (19999)."),
      total_rule()};
}

std::vector<json::Rule> json_rules(const Checkout*) {
  return {items_rule().says("The lines; when absent, the cart's."),
          client_rule(),
          currency_rule(),
          payment_method_rule(),
          pay_later_rule(),
          total_rule()};
}

bool is_client_label(std::string_view text) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == ':' || c == '-';
  };
  return !text.empty() && text.size() <= limits::kIdMax && std::all_of(text.begin(), text.end(), is_allowed);
}

std::string client_of_guest(const App& app, std::string_view token) {
  return "guest_" + base64url_encode(app.crypto.sha256("guest:" + std::string(token))).substr(0, 22);
}

std::string client_of(const App& app, const Caller& caller, const std::optional<std::string>& label) {
  if (label && is_clerk(caller)) {
    if (!is_client_label(*label)) throw_invalid("/client_id", "must be letters, digits, '.', '_', ':' or '-'");
    return *label;
  }
  if (label && *label != caller.client_id) throw_invalid("/client_id", "is not yours; it may be left out");
  if (!caller.client_id.empty()) return caller.client_id;
  return caller.cart.empty() ? "guest" : client_of_guest(app, caller.cart);
}

Task<PricedLines> price_lines(App& app, std::vector<LineRequest> items, Currency currency, std::string pointer) {
  std::vector<Problem> problems;
  std::vector<std::string> ids;
  for (const LineRequest& item : items) ids.push_back(domain::is_product_id(item.product_id) ? item.product_id : "-");
  const auto products = co_await load_products(app, std::move(ids));
  PricedLines priced;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string where = pointer + "/" + std::to_string(i) + "/product_id";
    if (!products[i]) {
      problems.push_back({where, "is no known product"});
    } else if (products[i]->currency != currency) {
      problems.push_back({where, "is sold in " + std::string(products[i]->currency.code()) + ", not in " +
                                     std::string(currency.code())});
    } else {
      priced.lines.push_back({products[i]->id, products[i]->sku, products[i]->name, items[i].quantity,
                              products[i]->price, checked_multiply(items[i].quantity, products[i]->price)});
      const std::int64_t buckets = domain::buckets_of(*products[i]);
      if (buckets > 1) priced.buckets.emplace(products[i]->id, buckets);
    }
  }
  if (!problems.empty()) throw Error(std::move(problems));
  co_return priced;
}

Task<Answer> place_order(App& app, Caller caller, PlaceOrder command, RepeatKey key) {
  require_one_form(command);
  Wish wish;
  wish.client_id = client_of(app, caller, command.client_id);
  wish.currency = command.currency.value_or(app.settings.currency);
  wish.payment_method = payment_method_of(app, command.payment_method, command.pay_later);
  wish.shipping_address = std::move(command.shipping_address);
  wish.expected_total = command.total_price ? command.total_price : expected_total(command.total, wish.currency);
  if (command.item) {
    const std::string product_id = co_await find_product(app, *command.item, "/item");
    wish.items.push_back({product_id, command.quantity.value_or(1)});
  } else {
    wish.items = std::move(*command.items);
  }
  co_return co_await place(app, std::move(caller), std::move(wish), std::move(key));
}

Task<Answer> checkout(App& app, Caller caller, Checkout command, RepeatKey key) {
  Wish wish;
  wish.client_id = client_of(app, caller, command.client_id);
  wish.currency = command.currency.value_or(app.settings.currency);
  wish.payment_method = payment_method_of(app, command.payment_method, command.pay_later);
  wish.shipping_address = std::move(command.shipping_address);
  wish.expected_total = expected_total(command.total, wish.currency);
  wish.empties_cart = !command.items;
  if (command.items) wish.items = std::move(*command.items);
  wish.status = 202;
  co_return co_await place(app, std::move(caller), std::move(wish), std::move(key));
}

}  // namespace orderly::app
