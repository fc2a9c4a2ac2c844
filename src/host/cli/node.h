// The program put together: a home for the data, the simulated provider and the other engines behind the ports, the
// application over them.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>

#include "app/app.h"
#include "engines/crypto/openssl_crypto.h"
#include "engines/documents/invoice_pdf.h"
#include "engines/https/client.h"
#include "engines/jwt/issuers.h"
#include "engines/simulated_payments/simulated_payments.h"
#include "host/cli/config.h"
#include "host/cli/home.h"
#include "host/cli/mailer.h"
#include "host/cli/pool_offload.h"
#include "host/server/io_threads.h"
#include "host/server/log.h"
#include "host/server/metrics.h"
#include "host/server/system_clock.h"
#include "host/server/system_random.h"

namespace orderly::cli {

// Counts for /metrics; alarms go to the log at level error, at most a few a second of one kind.
class LogMonitor final : public ports::Monitor {
 public:
  explicit LogMonitor(server::Log& log) : log_(log) {}
  void payment_outcome(std::string_view outcome) override;
  void alarm(std::string_view slug, std::string_view concerns, std::string_view detail) override;

  std::atomic<std::uint64_t> confirmed{0};
  std::atomic<std::uint64_t> declined{0};
  std::atomic<std::uint64_t> unknown{0};
  std::atomic<std::uint64_t> alarms{0};

 private:
  server::Log& log_;
};

class Node {
 public:
  // Throws what open_home throws. `log` must outlive it.
  Node(const Config& config, server::Log& log);
  ~Node();

  app::App& app() { return *app_; }
  Home& home() { return *home_; }
  LogMonitor& monitor() { return monitor_; }
  bool healthy() const { return home_->healthy(); }
  // As Home's.
  void stop();
  void close();

 private:
  ports::Notifier* choose_notifier(const Config& config);

  server::Log& log_;
  server::SystemClock clock_;
  server::SystemRandom random_;
  crypto::OpenSslCrypto crypto_;
  engines::InvoicePdf documents_;
  server::OffloadPool pool_;
  PoolOffload offload_;
  LogMonitor monitor_;
  Mailer mailer_;
  std::unique_ptr<Home> home_;
  std::unique_ptr<https::Client> issuers_client_;
  std::unique_ptr<jwt::Issuers> issuers_;
  std::unique_ptr<simulated::ChargeLedger> charge_ledger_;
  std::unique_ptr<simulated::SimulatedPayments> payments_;
  std::unique_ptr<app::App> app_;
};

// The key that wraps the clients' keys, from its text: 64 hexadecimal digits.
ports::SecretKey parse_master_key(const std::string& text);
// The same from DIR/master.key, made at first (0600, synced). Throws Error(kUnavailable) when
// it cannot be read, is malformed, or is missing from a folder that holds data.
ports::SecretKey load_master_key(const std::filesystem::path& folder, ports::Random& random);

// Whether a Node has been in that folder before.
bool holds_a_shop(const std::filesystem::path& folder);

// The admin socket of a folder that is there: DIR/orderly.sock. Where that is longer than a socket's address may be, it
// is another name of the same place, good for as long as the process runs.
std::filesystem::path socket_path(const std::filesystem::path& folder);

}  // namespace orderly::cli
