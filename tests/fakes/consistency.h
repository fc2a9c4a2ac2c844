// What must be true of a store whatever happened to it: the invariants of docs/proof, computed from what is stored and
// from the provider's books, by other code than that which wrote them where that is possible. Violations are failures
// of the running test.
#pragma once

#include "ports/store.h"

namespace orderly::fakes {

class World;

// Each event's debits equal its credits.
void expect_balanced(const ports::Commit& commit);

// Of all orders: history (versions, hashes, rebuilt from events), totals, at most one capture, refunds within it,
// stock, index entries, invoice numbers and hashes; and, once nothing is under way, the provider's books.
void expect_consistent(World& world);

}  // namespace orderly::fakes
