// What the use cases really write, entry by entry: they are run in this process over the engine's own committer, and
// what it would have given to RocksDB is kept. So the raw store's limit is measured with the same bytes under the same
// keys, not with a list that somebody believes to be the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/catalog.h"
#include "engines/embedded/key_value.h"

namespace orderly::bench {

struct RecordedWrite {
  embedded::Family family = embedded::Family::kRecords;
  bool is_removal = false;
  std::string key;
  std::string value;
};
// All that one synced batch holds, each key once, as the committer would leave it.
using RecordedBatch = std::vector<RecordedWrite>;

struct Recording {
  RecordedBatch catalog;  // to be there first
  std::vector<RecordedBatch> batches;
  std::size_t lives = 0;  // orders placed

  std::size_t entries() const;
  std::size_t bytes() const;  // of keys and values
};

// The commits that share one synced batch.
inline constexpr std::size_t kCommitsInBatch = 64;

// `orders` orders placed, kCommitsInBatch in a batch.
Recording record_placing(const WishOptions& wish, bool with_idempotency_key, std::size_t orders);

// `orders` whole lives: placed, begun to be paid, paid, invoiced, the PDF stored, the file noted. The same step of
// kCommitsInBatch orders makes a batch.
Recording record_lives(const WishOptions& wish, std::size_t orders);

}  // namespace orderly::bench
