#include "app/catalog.h"

#include <numeric>

#include "app/draft.h"
#include "app/keys.h"
#include "app/stock.h"
#include "base/limits.h"
#include "base/text.h"

namespace orderly::app {

namespace {

// A lookup record: which products a SKU or a name means.
struct Lookup {
  std::vector<std::string> product_ids;
};
BOOST_DESCRIBE_STRUCT(Lookup, (), (product_ids))

ProductView view_of(domain::Product product, std::int64_t available) {
  return {std::move(product.id),
          std::move(product.sku),
          std::move(product.name),
          std::move(product.description),
          std::move(product.category),
          product.price,
          product.currency,
          std::move(product.image),
          available,
          product.version,
          product.updated_at,
          product.stock_buckets};
}

Task<List<ProductView>> list(App& app, ports::Query query, PageOf page) {
  query.limit = page.limit;
  query.cursor = std::move(page.cursor);
  ports::Page rows = co_await app.store.query(std::move(query));
  std::vector<domain::Product> products;
  for (const ports::Record& row : rows.records) {
    products.push_back(json::read_stored<domain::Product>(row.document));
  }
  const std::vector<std::int64_t> available = co_await load_available(app, products);
  List<ProductView> result;
  for (std::size_t i = 0; i < products.size(); ++i) {
    result.data.push_back(view_of(std::move(products[i]), available[i]));
  }
  if (!rows.cursor.empty()) result.next_cursor = std::move(rows.cursor);
  co_return result;
}

Task<std::vector<std::string>> look_up(App& app, ports::Key key) {
  const auto record = co_await app.store.get(std::move(key));
  if (!record) co_return std::vector<std::string>{};
  co_return json::read_stored<Lookup>(record->document).product_ids;
}

// Adds a product to a lookup record, or takes it out.
Task<void> change_lookup(App& app, Draft& draft, ports::Key key, std::string product_id, bool add) {
  const auto record = co_await app.store.get(key);
  Lookup lookup = record ? json::read_stored<Lookup>(record->document) : Lookup{};
  std::erase(lookup.product_ids, product_id);
  if (add) lookup.product_ids.push_back(std::move(product_id));
  const std::uint64_t version = record ? record->version : 0;
  if (lookup.product_ids.empty()) {
    if (record) draft.write(ports::Remove{key, ports::AtVersion{version}});
    co_return;
  }
  ports::Put put;
  put.key = std::move(key);
  put.document = json::write(lookup);
  put.version = version + 1;
  put.condition = record ? ports::Condition(ports::AtVersion{version}) : ports::Condition(ports::Absent{});
  draft.write(std::move(put));
}

Task<void> change_lookups(App& app, Draft& draft, const std::optional<domain::Product>& before,
                          const domain::Product& after) {
  if (!before || fold_name(before->sku) != fold_name(after.sku)) {
    const auto owners = co_await look_up(app, keys::sku(after.sku));
    if (!owners.empty()) {
      throw Error(ErrorCode::kRefused, "sku-taken", "Another product has the SKU " + after.sku + ".");
    }
    if (before) co_await change_lookup(app, draft, keys::sku(before->sku), after.id, false);
    co_await change_lookup(app, draft, keys::sku(after.sku), after.id, true);
  }
  if (!before || fold_name(before->name) != fold_name(after.name)) {
    if (before) co_await change_lookup(app, draft, keys::product_name(before->name), after.id, false);
    co_await change_lookup(app, draft, keys::product_name(after.name), after.id, true);
  }
}

// How many buckets the product is to have. Pieces are promised to orders in those that there are.
std::optional<std::int64_t> stock_buckets_of(const PutProduct& wanted, const std::optional<domain::Product>& before) {
  const std::int64_t now = before ? domain::buckets_of(*before) : 1;
  const std::int64_t buckets = wanted.stock_buckets.value_or(now);
  if (buckets < now) {
    throw_invalid("/stock_buckets",
                  "of product " + wanted.id + " is " + std::to_string(now) + " and can only become more");
  }
  return buckets == 1 ? std::nullopt : std::optional(buckets);
}

// `first` is what bucket 0 had before the product was read.
Task<bool> put_stock(App& app, Draft& draft, const std::optional<domain::Product>& before, const domain::Product& after,
                     std::optional<std::int64_t> wanted, std::int64_t first) {
  const std::int64_t buckets = domain::buckets_of(after);
  const bool has_new = before && buckets > domain::buckets_of(*before);
  std::vector<std::int64_t> available{first};
  if (buckets > 1) available = co_await load_buckets(app, after.id, buckets);
  const std::int64_t now = std::accumulate(available.begin(), available.end(), std::int64_t{0});
  const std::int64_t total = wanted.value_or(now);
  const auto differences = has_new ? domain::even_out(available, total) : domain::refill(available, total);
  bool changes = false;
  for (std::size_t i = 0; i < differences.size(); ++i) {
    if (differences[i] == 0) continue;
    draft.receive_stock({after.id, differences[i], static_cast<std::int64_t>(i)});
    changes = true;
  }
  co_return changes;
}

Task<void> put_product_once(App& app, const Caller& caller, const PutProduct& wanted) {
  Draft draft(app, caller);
  // Before the product: if that has one bucket then, no pieces had gone to others when this was read.
  const auto first = co_await load_first_buckets(app, std::set<std::string>{wanted.id});
  const auto record = co_await app.store.get(keys::product(wanted.id));
  std::optional<domain::Product> before;
  if (record) before = json::read_stored<domain::Product>(record->document);

  domain::Product after{wanted.id,
                        wanted.sku,
                        wanted.name,
                        wanted.description,
                        wanted.category,
                        wanted.price,
                        wanted.currency.value_or(app.settings.currency),
                        wanted.image,
                        before ? before->version : 0,
                        before ? before->created_at : draft.now(),
                        before ? before->updated_at : draft.now(),
                        stock_buckets_of(wanted, before)};
  const bool changed = !before || json::write(*before) != json::write(after);
  if (changed) {
    co_await change_lookups(app, draft, before, after);
    after.version += 1;
    after.updated_at = draft.now();
    ports::Put put;
    put.key = keys::product(after.id);
    put.document = json::write(after);
    put.version = static_cast<std::uint64_t>(after.version);
    put.indexes = keys::index_entries(after);
    if (before) put.condition = ports::AtVersion{record->version};
    draft.write(std::move(put));
  }
  const bool stock_changes = co_await put_stock(app, draft, before, after, wanted.stock, first.at(wanted.id));
  // Nobody may make new buckets, and move pieces into them, while this one counts the old.
  const bool counts_many = !changed && domain::buckets_of(after) > 1;
  if (stock_changes && counts_many)
    draft.write(ports::Require{keys::product(after.id), ports::AtVersion{record->version}});
  if (changed || stock_changes) co_await draft.commit();
}

}  // namespace

std::vector<json::Rule> json_rules(const PutProduct*) {
  return {json::field("id").text(1, limits::kIdMax),
          json::field("sku").text(1, limits::kIdMax),
          json::field("name").text(1, limits::kTextMax),
          json::field("description").text(0, 2000).optional(),
          json::field("category").text(1, limits::kIdMax),
          json::field("price").range(0, limits::kAmountMinorMax / limits::kQuantityMax),
          json::field("image").text(0, 500).optional(),
          json::field("stock").range(0, limits::kQuantityMax * 1000),
          json::field("stock_buckets").range(1, limits::kStockBucketsMax)};
}

Task<List<ProductView>> list_products(App& app, PageOf page) {
  ports::Query query;
  query.index = ports::Index::kByKind;
  query.partition = keys::kCatalog;
  return list(app, std::move(query), std::move(page));
}

Task<List<ProductView>> list_category(App& app, std::string category, PageOf page) {
  ports::Query query;
  query.index = ports::Index::kByCategory;
  query.partition = keys::products_of_category(category);
  return list(app, std::move(query), std::move(page));
}

Task<ProductView> get_product(App& app, std::string id) {
  if (!domain::is_product_id(id)) throw_not_found("product");
  const auto record = co_await app.store.get(keys::product(id));
  if (!record) throw_not_found("product");
  std::vector<domain::Product> products{json::read_stored<domain::Product>(record->document)};
  const std::vector<std::int64_t> available = co_await load_available(app, products);
  co_return view_of(std::move(products.front()), available.front());
}

Task<std::vector<std::optional<domain::Product>>> load_products(App& app, std::vector<std::string> ids) {
  std::vector<ports::Key> wanted;
  for (const std::string& id : ids) wanted.push_back(keys::product(id));
  const auto records = co_await app.store.get_many(std::move(wanted));
  std::vector<std::optional<domain::Product>> products(records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (records[i]) products[i] = json::read_stored<domain::Product>(records[i]->document);
  }
  co_return products;
}

Task<std::string> find_product(App& app, std::string text, std::string pointer) {
  if (domain::is_product_id(text)) {
    const auto record = co_await app.store.get(keys::product(text));
    if (record) co_return text;
  }
  auto found = co_await look_up(app, keys::sku(text));
  if (found.empty()) found = co_await look_up(app, keys::product_name(text));
  if (found.empty()) throw_invalid(std::move(pointer), "is no product's id, SKU or name");
  if (found.size() > 1) throw_invalid(std::move(pointer), "means more than one product; use its id or SKU");
  co_return found.front();
}

Task<void> put_product(App& app, Caller caller, PutProduct product) {
  std::vector<Problem> problems;
  if (!domain::is_product_id(product.id)) problems.push_back({"/id", "must be letters, digits, '.', '_' or '-'"});
  if (!domain::is_category_name(product.category)) {
    problems.push_back({"/category", "must be lower-case letters, digits or '-'"});
  }
  if (!problems.empty()) throw Error(std::move(problems));
  co_await run(app, [&]() -> Task<void> { co_await put_product_once(app, caller, product); });
}

}  // namespace orderly::app
