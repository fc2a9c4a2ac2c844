#include <cstdlib>

#include "tests/contract/engines.h"

// What is built without ThreadSanitizer hides its locks and atomics from it: RocksDB, and the reference count of an
// exception_ptr in libstdc++.
// NOLINTBEGIN(bugprone-reserved-identifier)
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() {
  return "called_from_lib:librocksdb.so\nrace:rocksdb::\nrace:std::__exception_ptr::exception_ptr::_M_release\n";
}
// NOLINTEND(bugprone-reserved-identifier)

namespace orderly::contract {

EmbeddedEngine::EmbeddedEngine(ports::Clock& clock) : clock_(clock) {
  std::string pattern = std::filesystem::temp_directory_path() / "orderly-contract-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  folder_ = pattern;
  reopen();
}

EmbeddedEngine::~EmbeddedEngine() {
  engine_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
  std::filesystem::remove(folder_.string() + ".erasures", ignored);  // beside it, as in production
}

void EmbeddedEngine::reopen() {
  engine_.reset();
  embedded::EmbeddedOptions options;
  options.folder = folder_;
  options.clock = &clock_;
  options.visibility_timeout = kVisibilityTimeout;
  options.on_fatal = [](const std::string& reason) { ADD_FAILURE() << reason; };
  engine_ = embedded::EmbeddedEngine::open(std::move(options));
}

}  // namespace orderly::contract
