// Invariant 10: products and their lookups, index entries, the feed; and what the matchings of all walks come to.
#pragma once

#include "app/check_context.h"
#include "app/check_stock.h"

namespace orderly::app::checks {

// "PRODUCT#<id>"
void check_product(Context& context, StockCheck& stock, const ports::Inspection::StoredRecord& stored);
// "SKU#<folded>", "NAME#<folded>"
void check_lookup(Context& context, const ports::Inspection::StoredRecord& stored);

// A lookup record that must lead to that product or client, and one that does.
void expect_lookup(Context& context, const ports::Key& lookup, std::string_view id);
void meet_lookup(Context& context, const ports::Key& lookup, std::string_view id);

// Notes the index entries that a record has.
void note_index_entries(Context& context, const ports::Inspection::StoredRecord& stored);
// The other sides: what the indexes and the feed hold.
void walk_index_entries(Context& context);
void walk_feed(Context& context);

// After the second walks: what does not match. Invoices and their orders are of invariant 7.
void add_differences(Findings& findings, const Matchings& matchings);

}  // namespace orderly::app::checks
