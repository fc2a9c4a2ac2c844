#include "tests/power_loss/engine_on_disk.h"

namespace orderly::power_loss {

EngineOnDisk::EngineOnDisk(std::shared_ptr<SimulatedDisk> disk)
    : disk_(std::move(disk)), env_(rocksdb::NewCompositeEnv(disk_)) {
  embedded::EmbeddedOptions options;
  options.folder = "/data";
  options.cache_bytes = 1 << 20;
  options.clock = &clock_;
  options.env = env_.get();
  options.on_fatal = [this](const std::string&) { ++fatal_calls_; };
  engine_ = embedded::EmbeddedEngine::open(std::move(options));
  system_ = std::make_unique<System>(
      System{context_, engine_->store(), engine_->queue(), engine_->blobs(), engine_->inspectable()});
}

}  // namespace orderly::power_loss
