#include "engines/embedded/engine.h"

#include <optional>
#include <utility>

#include "base/error.h"
#include "engines/embedded/blobs.h"
#include "engines/embedded/commit_thread.h"
#include "engines/embedded/committer.h"
#include "engines/embedded/erasure_file.h"
#include "engines/embedded/folder_lock.h"
#include "engines/embedded/inspection.h"
#include "engines/embedded/queue.h"
#include "engines/embedded/rocksdb_key_value.h"
#include "engines/embedded/store.h"

namespace orderly::embedded {
namespace {

// Its members are in the order in which they need each other.
class Engine final : public EmbeddedEngine {
 public:
  explicit Engine(EmbeddedOptions options)
      : lock_(lock(options)),
        key_value_(RocksdbKeyValue::open({.folder = options.folder,
                                          .cache_bytes = options.cache_bytes,
                                          .env = options.env,
                                          .clock = options.clock})),
        blob_folder_(key_value_->env(), options.folder + "/blobs"),
        committer_(*key_value_),
        commits_(committer_, *options.clock,
                 {.on_durable = [this](auto committed, auto& ready) { on_durable(committed, ready); },
                  .on_group = options.on_group,
                  .on_fatal = options.on_fatal}),
        store_(*key_value_, commits_, *options.clock),
        queue_(*key_value_, commits_, *options.clock, options, committer_.counts()),
        blobs_(*key_value_, commits_, blob_folder_),
        erasures_(erasures_path(options)),
        inspectable_(*key_value_, blob_folder_) {}

  ~Engine() override { stop(); }

  ports::Store& store() override { return store_; }
  ports::Queue& queue() override { return queue_; }
  ports::Blobs& blobs() override { return blobs_; }
  ports::Inspectable& inspectable() override { return inspectable_; }
  Task<std::size_t> sweep_expired(std::size_t max) override { return store_.sweep_expired(max); }
  ports::Erasures& erasures() override { return erasures_; }
  void compact() override { key_value_->compact(); }
  EngineStats stats() const override { return commits_.stats(); }

  void stop() override {
    queue_.stop();
    commits_.stop();
  }

 private:
  // A file system of a test's is not the kernel's; there RocksDB's own lock has to do.
  static std::optional<FolderLock> lock(const EmbeddedOptions& options) {
    ORDERLY_ASSERT(options.clock != nullptr);
    if (options.env != nullptr) return std::nullopt;
    return std::optional<FolderLock>(std::in_place, options.folder);
  }

  // "shop/" is the folder "shop", and what is beside it is not in it.
  static std::string erasures_path(const EmbeddedOptions& options) {
    if (!options.erasures_file.empty()) return options.erasures_file;
    std::string folder = options.folder;
    while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
    return folder + ".erasures";
  }

  // Only ever called for a commit, and nobody can commit before the constructor has returned.
  void on_durable(std::span<const PreparedCommit* const> committed, std::vector<ContinuationPtr>& ready) {
    queue_.on_durable(committed, committer_.counts(), ready);
  }

  std::optional<FolderLock> lock_;
  std::unique_ptr<RocksdbKeyValue> key_value_;
  BlobFolder blob_folder_;
  Committer committer_;
  CommitThread commits_;
  EmbeddedStore store_;
  EmbeddedQueue queue_;
  EmbeddedBlobs blobs_;
  ErasureFile erasures_;
  EmbeddedInspectable inspectable_;
};

}  // namespace

std::unique_ptr<EmbeddedEngine> EmbeddedEngine::open(EmbeddedOptions options) {
  return std::make_unique<Engine>(std::move(options));
}

}  // namespace orderly::embedded
