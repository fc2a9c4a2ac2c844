#include "bench/limits.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <thread>

#include "bench/server_process.h"
#include "bench/workloads.h"
#include "engines/embedded/rocksdb_key_value.h"
#include "tests/process/loopback.h"

namespace orderly::bench {

namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kAppendedBytes = 4096;

double seconds_since(SteadyClock::time_point begin) {
  return std::chrono::duration<double>(SteadyClock::now() - begin).count();
}

void fill(embedded::Batch& batch, const RecordedBatch& recorded) {
  for (const RecordedWrite& write : recorded) {
    if (write.is_removal) {
      batch.remove(write.family, write.key);
    } else {
      batch.put(write.family, write.key, write.value);
    }
  }
}

}  // namespace

DiskLimit measure_disk(const std::filesystem::path& folder, std::chrono::nanoseconds duration) {
  const std::filesystem::path path = folder / "appended";
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) throw std::system_error(errno, std::generic_category(), path.string());
  const std::string bytes(kAppendedBytes, 'x');
  Histogram latency;
  bool failed = false;
  const auto begin = SteadyClock::now();
  for (auto now = begin; now - begin < duration && !failed;) {
    failed = ::write(file, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()) || ::fdatasync(file) != 0;
    const auto then = std::exchange(now, SteadyClock::now());
    latency.record(now - then);
  }
  const double seconds = seconds_since(begin);
  ::close(file);
  std::filesystem::remove(path);
  if (failed) throw std::system_error(errno, std::generic_category(), path.string());
  return {static_cast<double>(latency.count()) / seconds, static_cast<double>(latency.percentile(99).count()) / 1e6};
}

double measure_raw_store(const std::filesystem::path& folder, const Recording& recording) {
  const auto store = embedded::RocksdbKeyValue::open({.folder = folder.string()});
  const auto batch = store->make_batch();
  fill(*batch, recording.catalog);
  store->write(*batch);
  const auto begin = SteadyClock::now();
  for (const RecordedBatch& recorded : recording.batches) {
    batch->clear();
    fill(*batch, recorded);
    store->write(*batch);
  }
  return static_cast<double>(recording.lives) / seconds_since(begin);
}

LoadResult measure_raw_http(const std::filesystem::path& program, const std::filesystem::path& folder,
                            std::size_t body_bytes, const LoadOptions& options) {
  const std::uint16_t port = process::free_port();
  const std::string threads = std::to_string(std::max(1U, std::thread::hardware_concurrency()));
  ServerProcess server({program,
                        {std::to_string(port), threads, std::to_string(body_bytes)},
                        folder,
                        folder / "bare.log",
                        folder / "bare.log"},
                       port, "/");
  RepeatGet workload("/");
  LoadOptions bare = options;
  bare.port = port;
  return run_load(bare, workload);
}

}  // namespace orderly::bench
