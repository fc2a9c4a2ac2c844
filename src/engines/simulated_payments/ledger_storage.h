// Where the simulated provider's ledger keeps its records: an ordered map from keys to values. In memory for tests and
// the simulator; in a RocksDB database of its own for a running server.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace orderly::simulated {

struct LedgerWrite {
  std::string key;
  std::string value;
};

// Thread-safe. Throws Error(kUnavailable) when the disk fails.
class LedgerStorage {
 public:
  virtual ~LedgerStorage() = default;

  virtual std::optional<std::string> get(std::string_view key) const = 0;
  // All of `writes` or none of them, also when the process is killed meanwhile.
  virtual void put(std::span<const LedgerWrite> writes) = 0;
  // Calls `visit` for each key that begins with `prefix`, in the order of the keys' bytes, as they were when the call
  // began. `visit` may use the storage.
  virtual void for_each(std::string_view prefix,
                        const std::function<void(std::string_view key, std::string_view value)>& visit) const = 0;
};

std::unique_ptr<LedgerStorage> make_memory_storage();

// Opens or makes the database in `folder`, which must belong to it alone; one process at a time. What was put survives
// the end of the process, however it ends, but perhaps not the end of the machine: writes reach the operating system,
// not the disk. Takes some 10 MB, however many records there are. Throws Error(kUnavailable) when it cannot be opened.
std::unique_ptr<LedgerStorage> open_rocksdb_storage(const std::filesystem::path& folder);

}  // namespace orderly::simulated
