#include "app/check_indexes.h"

#include "app/keys.h"
#include "domain/invoice.h"

namespace orderly::app::checks {

namespace {

// No part of a key holds it.
constexpr char kSeparator = '\n';

// As app/catalog.cpp writes it.
struct Lookup {
  std::vector<std::string> product_ids;
};
BOOST_DESCRIBE_STRUCT(Lookup, (), (product_ids))

std::string_view name_of(ports::Index index) {
  switch (index) {
    case ports::Index::kByClient: return "by_client";
    case ports::Index::kByStatus: return "by_status";
    case ports::Index::kByDay: return "by_day";
    case ports::Index::kByCategory: return "by_category";
    case ports::Index::kByKind: return "by_kind";
  }
  return "of no known index";
}

std::string joined(const std::string& where, std::string_view detail) {
  return where + kSeparator + std::string(detail);
}

std::string thing(const ports::Key& record, const ports::IndexEntry& entry) {
  return joined(text_of(record), std::string(name_of(entry.index)) + " " + entry.partition + " " + entry.sort);
}

std::pair<std::string, std::string> parts_of(const std::string& key) {
  const std::size_t end = key.find(kSeparator);
  return {key.substr(0, end), end == std::string::npos ? "" : shown(std::string_view(key).substr(end + 1))};
}

void add_index_differences(Findings& findings, const Matching& matching) {
  for (const Matching::Difference& difference : matching.differences()) {
    const auto [where, entry] = parts_of(difference.key);
    if (difference.right.empty()) {
      findings.add(10, "index-entry-missing", where, "the indexes lack its entry " + entry);
    } else {
      findings.add(10, "index-entry-stray", where, "the indexes hold an entry that it does not have: " + entry);
    }
  }
}

void add_feed_differences(Findings& findings, const Matching& matching) {
  for (const Matching::Difference& difference : matching.differences()) {
    if (difference.right.empty()) {
      findings.add(10, "feed-lacks-event", difference.key, "the feed does not hold this event");
    } else if (difference.left.empty()) {
      findings.add(10, "feed-event-unknown", difference.key, "the feed holds an event that is not there");
    } else if (difference.right.size() > difference.left.size()) {
      findings.add(10, "feed-repeats", difference.key, "the feed holds this event more than once");
    } else {
      findings.add(10, "feed-differs", difference.key, "the feed holds another document for this event");
    }
  }
}

void add_lookup_differences(Findings& findings, const Matching& matching) {
  for (const Matching::Difference& difference : matching.differences()) {
    const auto [where, found] = parts_of(difference.key);  // a product or a client
    if (difference.left.size() > difference.right.size()) {
      findings.add(10, "lookup-missing", where, "it does not lead to " + found);
    } else {
      findings.add(10, "lookup-stray", where, "it leads to " + found + ", which is not called so");
    }
  }
}

// Two contents as linked_content makes them.
std::string invoice_difference(const std::string& invoice, const std::string& order) {
  const std::vector<std::string> list =
      differences(json::read_stored<domain::Invoice>(order), json::read_stored<domain::Invoice>(invoice));
  return list.empty() ? "nothing that can be told" : list.front();
}

// The order that a content is about.
std::string order_of_content(const std::string& content) {
  return json::read_stored<domain::Invoice>(content).order_id.text;
}

void add_invoice_differences(Findings& findings, const Matching& matching) {
  for (const Matching::Difference& difference : matching.differences()) {
    const std::string where = shown(difference.key);
    if (difference.right.empty()) {
      findings.add(7, "invoice-unlinked", where,
                   "it is of order " + order_of_content(difference.left.front()) + ", which does not name it");
    } else if (difference.left.empty()) {
      findings.add(7, "invoice-lost", where,
                   "order " + order_of_content(difference.right.front()) + " names it, but it is not there");
    } else if (difference.right.size() > 1) {
      findings.add(7, "invoice-shared", where,
                   "it is named more than once, by order " + order_of_content(difference.right.front()) + " and " +
                       order_of_content(difference.right[1]));
    } else {
      findings.add(7, "invoice-differs", where,
                   "by its order, " + invoice_difference(difference.left.front(), difference.right.front()));
    }
  }
}

}  // namespace

void check_product(Context& context, StockCheck& stock, const ports::Inspection::StoredRecord& stored) {
  const std::string where = text_of(stored.record.key);
  ++context.counts.products;
  const auto product = read_canonical<domain::Product>(context, 10, where, stored.record.document);
  if (!product) return;
  if (stored.record.key != keys::product(product->id)) {
    context.findings.add(10, "product-key", where, "it says that it is product " + shown(product->id));
  }
  if (stored.record.version != static_cast<std::uint64_t>(product->version)) {
    context.findings.add(10, "product-version", where,
                         "version of the record: " +
                             expected_found(std::to_string(product->version), std::to_string(stored.record.version)));
  }
  expect_indexes(context, stored, keys::index_entries(*product));
  stock.add_product(*product);
  expect_lookup(context, keys::sku(product->sku), product->id);
  expect_lookup(context, keys::product_name(product->name), product->id);
}

void expect_lookup(Context& context, const ports::Key& lookup, std::string_view id) {
  context.matchings.lookups.left(joined(text_of(lookup), id));
}

void meet_lookup(Context& context, const ports::Key& lookup, std::string_view id) {
  context.matchings.lookups.right(joined(text_of(lookup), id));
}

void check_lookup(Context& context, const ports::Inspection::StoredRecord& stored) {
  const std::string where = text_of(stored.record.key);
  ++context.counts.lookups;
  expect_indexes(context, stored, {});
  const auto lookup = read_canonical<Lookup>(context, 10, where, stored.record.document);
  if (!lookup) return;
  if (lookup->product_ids.empty()) context.findings.add(10, "lookup-empty", where, "it leads to no product");
  if (where.starts_with("SKU#") && lookup->product_ids.size() > 1) {
    context.findings.add(10, "sku-shared", where,
                         std::to_string(lookup->product_ids.size()) + " products have the SKU");
  }
  for (const std::string& id : lookup->product_ids) meet_lookup(context, stored.record.key, id);
}

void note_index_entries(Context& context, const ports::Inspection::StoredRecord& stored) {
  for (const ports::IndexEntry& entry : stored.indexes) {
    context.matchings.index_entries.left(thing(stored.record.key, entry));
  }
}

void walk_index_entries(Context& context) {
  context.picture.index_entries([&](const ports::Inspection::StoredIndexEntry& stored) {
    ++context.counts.index_entries;
    context.matchings.index_entries.right(thing(stored.record, stored.entry));
    return true;
  });
}

void walk_feed(Context& context) {
  const bool has_no_gaps = context.picture.promises().feed_has_no_gaps;
  std::uint64_t last = 0;
  context.picture.feed([&](const ports::FeedEvent& event) {
    ++context.counts.feed_events;
    const std::string where = text_of(event.key);
    const bool follows = has_no_gaps ? event.sequence == last + 1 : event.sequence > last;
    if (!follows) {
      context.findings.add(
          10, "feed-gap", where,
          "sequence in the feed: " + expected_found(std::to_string(last + 1), std::to_string(event.sequence)));
    }
    last = event.sequence;
    context.matchings.feed.right(where, fingerprint(event.document));
    return true;
  });
}

void add_differences(Findings& findings, const Matchings& matchings) {
  add_index_differences(findings, matchings.index_entries);
  add_feed_differences(findings, matchings.feed);
  add_lookup_differences(findings, matchings.lookups);
  add_invoice_differences(findings, matchings.invoices);
}

}  // namespace orderly::app::checks
