// Reads one page of a query. Pure functions of the store's bytes and the time.
#pragma once

#include "engines/embedded/key_value.h"
#include "ports/store.h"

namespace orderly::embedded {

// Both throw Error(kInvalidRequest, "invalid-cursor") for a cursor that is not of this query: other bytes than ours, or
// a key outside its range.
ports::Page read_partition(const KeyValueReader& reader, const ports::Query& query, Time now);
// `reader` should be a snapshot, so that entries and records fit together. Entries whose record is gone are skipped.
ports::Page read_index(const KeyValueReader& reader, const ports::Query& query, Time now);

}  // namespace orderly::embedded
