// Reads one page of a query: a partition's records, or what an index lists.
//
// An index is never believed: its entries only say which records to read, and a record is on the page if its own
// attributes say that it is in the index at that place. Entries of an index that lags behind may be missing.
#pragma once

#include "base/time.h"
#include "engines/aws/dynamo_table.h"
#include "ports/store.h"

namespace orderly::aws {

// A cursor is the sort key of the last row examined behind the direction, the index and the partition; nothing is kept
// for it. A page has at most limits::kPageRowsMax records. Throws Error(kInvalidRequest, "invalid-cursor") for a cursor
// that is not of this query: other bytes than ours, or a key outside its range.
Task<ports::Page> read_page(const DynamoTable& table, ports::Query query, Time now);

}  // namespace orderly::aws
