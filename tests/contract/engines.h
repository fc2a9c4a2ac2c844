// The engines that must keep the contract. One joins by a class like EmbeddedEngine below and its name in `Engines`.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>

#include "engines/embedded/engine.h"
#include "ports/blobs.h"
#include "ports/inspection.h"
#include "ports/queue.h"
#include "ports/store.h"

namespace orderly::contract {

// An engine with nothing in it, made anew for each test.
class EmbeddedEngine {
 public:
  explicit EmbeddedEngine(ports::Clock& clock);
  ~EmbeddedEngine();

  ports::Store& store() { return engine_->store(); }
  ports::Queue& queue() { return engine_->queue(); }
  ports::Blobs& blobs() { return engine_->blobs(); }
  ports::Inspectable& inspectable() { return engine_->inspectable(); }

  // As after a restart of the process: nothing is left but what was stored. No call may be under way.
  void reopen();
  // Ends all waits, as before the process ends.
  void stop() { engine_->stop(); }

  // The shortest that the engine can hide a message for; this one does.
  static constexpr Duration kVisibilityTimeout{400};

 private:
  std::filesystem::path folder_;
  ports::Clock& clock_;
  std::unique_ptr<embedded::EmbeddedEngine> engine_;
};

using Engines = ::testing::Types<EmbeddedEngine>;

}  // namespace orderly::contract
