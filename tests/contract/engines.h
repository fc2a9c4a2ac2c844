// The engines that must keep the contract. One joins by a class like EmbeddedEngine below and its name in `Engines`.
// The suite is built once for each home, since the peers of one need not be there for the other.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>

#include "engines/embedded/engine.h"
#ifdef ORDERLY_CONTRACT_AWS
#include "tests/contract/aws_engine.h"
#endif
#include "ports/blobs.h"
#include "ports/erasures.h"
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
  ports::Erasures& erasures() { return engine_->erasures(); }
  ports::Inspectable& inspectable() { return engine_->inspectable(); }

  // As after a restart of the process: nothing is left but what was stored. No call may be under way.
  void reopen();
  // Ends all waits, as before the process ends.
  void stop() { engine_->stop(); }
  // Returns once messages and events that were committed have come to where they are read.
  void settle() {}

  // The shortest that the engine can hide a message for; this one does.
  static constexpr Duration kVisibilityTimeout{400};
  // Delays are rounded up to a multiple of it, and what is committed comes to its queue within that time.
  static constexpr Duration kDelayGrain{0};
  static constexpr Duration kRelayTime{0};
  // Whether messages come in the order in which they fall due; "about" in it is all that the port promises.
  static constexpr bool kKeepsOrder = true;
  // Whether depth() says since when the oldest message is due.
  static constexpr bool kKnowsOldestDue = true;
  // Whether a message that is handled well comes once; the port promises at least once.
  static constexpr bool kDeliversOnce = true;
  // A few calls in a row take less, on a busy machine too.
  static constexpr Duration kCallsTime{300};
  // How long, at most, those wait who lost a race before they try again.
  static constexpr Duration kRerunPauseMax{0};
  // Of `turns` of each of a crowd, how many are worth their time here.
  static int turns_of_crowd(int turns) { return turns; }

 private:
  std::filesystem::path folder_;
  ports::Clock& clock_;
  std::unique_ptr<embedded::EmbeddedEngine> engine_;
};

#ifdef ORDERLY_CONTRACT_AWS
using Engines = ::testing::Types<AwsEngine>;
#else
using Engines = ::testing::Types<EmbeddedEngine>;
#endif

}  // namespace orderly::contract
