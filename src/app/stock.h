// Stock as it is stored: one counter record for each bucket of a product (domain/stock.h). Reading it, and finding the
// pieces that an order wants.
//
// A reading of several counters is not of one moment, and a product may get more buckets at any time, with pieces moved
// into them. So that nobody is told "out of stock" while there is enough: for a product of one bucket the counter is
// read before the product; for others all buckets are read twice, the product between.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "app/app.h"
#include "domain/product.h"
#include "domain/stock.h"

namespace orderly::app {

// Of products that have more than one bucket: how many.
using BucketCounts = std::map<std::string, std::int64_t, std::less<>>;

// What is available in bucket 0 of each product; 0 where nothing ever was. Which is all there is of a product that
// turns out, when it is read afterwards, to have one bucket.
Task<std::map<std::string, std::int64_t>> load_first_buckets(App& app, std::set<std::string> product_ids);
// What is available in buckets 0 to `buckets`-1.
Task<std::vector<std::int64_t>> load_buckets(App& app, std::string product_id, std::int64_t buckets);
// What is available of each product, in all its buckets.
Task<std::vector<std::int64_t>> load_available(App& app, const std::vector<domain::Product>& products);
// How many the product has now; 1 when there is no such product.
Task<std::int64_t> count_buckets(App& app, std::string product_id);

// For what is wanted of products with several buckets: where to take it from. A bucket is chosen by lot; only when it
// has too little are the others looked at. Products of one bucket are left out. Throws Error(kRefused, "out-of-stock"),
// LostRace when the buckets changed while they were read, Error(kRefused, "too-many-products") when it takes so many
// counters that they do not fit into one commit.
Task<std::vector<domain::Quantity>> find_stock(App& app, std::vector<domain::Quantity> wanted, BucketCounts buckets);

// Throws Error(kRefused, "too-many-products") when the moves are of more counters than fit into one commit beside the
// rest.
void require_room(const std::vector<domain::StockMove>& moves);

[[noreturn]] void throw_out_of_stock(const std::string& product_id);

}  // namespace orderly::app
