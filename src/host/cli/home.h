// Where a shop's data lives: the engine behind store, queue and files, and what has to run beside it. One for each kind
// of engine; the rest of the program knows only this.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "host/cli/config.h"
#include "host/server/log.h"
#include "host/server/metrics.h"
#include "host/server/system_clock.h"
#include "host/server/system_random.h"
#include "ports/blobs.h"
#include "ports/erasures.h"
#include "ports/inspection.h"
#include "ports/notifier.h"
#include "ports/queue.h"
#include "ports/store.h"

namespace orderly::cli {

class Home {
 public:
  virtual ~Home() = default;

  virtual ports::Store& store() = 0;
  virtual ports::Queue& queue() = 0;
  virtual ports::Blobs& blobs() = 0;
  virtual ports::Erasures& erasures() = 0;
  virtual ports::Inspectable& inspectable() = 0;

  // Leaves nothing in the home's files of what was removed; false: it has no files of its own. Blocking.
  virtual bool compact() = 0;

  // How the world is told; nothing: this home has no way to.
  virtual ports::Notifier* notifier() { return nullptr; }

  // The key that wraps the clients' keys, where the home keeps it; nothing: it is in the data folder.
  virtual std::optional<std::string> master_key_text() { return std::nullopt; }

  // What a serving process runs beside its workers, each until its token says stop.
  using Loop = std::function<Task<void>(std::stop_token)>;
  virtual std::vector<Loop> loops() = 0;
  virtual void add_metrics(server::MetricsPage& page) const = 0;
  virtual bool healthy() const = 0;

  // Ends waits; no commit begins from now on. The executors of those who wait must still exist.
  virtual void stop() = 0;
  // Lets go of what belongs to the callers' executors (connections), and so ends what is still under way. After stop(),
  // while the executors still exist.
  virtual void close() = 0;
};

// What every home is given; must outlive it.
struct HomeParts {
  server::SystemClock& clock;
  server::SystemRandom& random;
  server::Log& log;
};

// The data folder is made when it is not there. Throws Error(kUnavailable, "data-folder-in-use") when another process
// has it.
std::unique_ptr<Home> open_embedded_home(const Config& config, HomeParts parts);
// Throws Error(kUnavailable) when AWS cannot be reached, or the table or a queue is missing.
std::unique_ptr<Home> open_aws_home(const Config& config, HomeParts parts);

// By config.engine.
std::unique_ptr<Home> open_home(const Config& config, HomeParts parts);

}  // namespace orderly::cli
