// Mail by a server or into a folder, as the settings say, on threads of its own: a server that takes its time keeps no
// PDF and no password waiting.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>

#include "host/cli/config.h"
#include "host/cli/pool_offload.h"
#include "host/server/io_threads.h"
#include "ports/clock.h"
#include "ports/notifier.h"

namespace orderly::cli {

class Mailer {
 public:
  struct Parts {
    const ports::Clock& clock;
    ports::Random& random;
  };

  // The parts must outlive it.
  Mailer(const Config& config, Parts parts);
  Mailer(const Mailer&) = delete;
  Mailer& operator=(const Mailer&) = delete;
  // Waits for the mails under way.
  ~Mailer() { stop(); }

  // nullptr: neither is set.
  ports::Notifier* notifier() { return notifier_.get(); }
  // No mail begins from now on; those under way have a few seconds left.
  void stop() { stop_.request_stop(); }

 private:
  std::stop_source stop_;
  std::optional<server::OffloadPool> pool_;
  std::optional<PoolOffload> offload_;
  std::unique_ptr<ports::Notifier> notifier_;
};

}  // namespace orderly::cli
