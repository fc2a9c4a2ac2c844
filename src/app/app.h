// What every use case is given: the ports, the shop's settings and its keys.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "app/api_key.h"
#include "app/caller.h"
#include "app/client_keys.h"
#include "app/recent_cache.h"
#include "app/settings.h"
#include "ports/blobs.h"
#include "ports/clock.h"
#include "ports/crypto.h"
#include "ports/documents.h"
#include "ports/erasures.h"
#include "ports/monitor.h"
#include "ports/notifier.h"
#include "ports/offload.h"
#include "ports/payments.h"
#include "ports/queue.h"
#include "ports/store.h"
#include "ports/tokens.h"

namespace orderly::app {

struct App {
  ports::Store& store;
  ports::Queue& queue;
  ports::Blobs& blobs;
  ports::Payments& payments;
  ports::Clock& clock;
  ports::Random& random;
  ports::Offload& offload;
  ports::Monitor& monitor;
  const ports::Crypto& crypto;
  const ports::Documents& documents;
  ports::SecretKey master_key;  // wraps the clients' keys
  Settings settings;
  ClientKeyCache client_keys{};
  RecentCache<std::shared_ptr<const ApiKey>> api_keys{};  // by id, of its version
  RecentCache<std::int64_t> epochs{};  // of accounts, by the client's id: their tokens' epoch, its own version
  std::atomic<int> passwords_under_way{0};
  // Whether callers need a key. Never again false once it is true; without, the program is a demo on loopback.
  std::atomic<bool> has_api_keys{false};
  ports::Notifier* notifier = nullptr;   // none: nobody can be mailed
  ports::Erasures* erasures = nullptr;   // none: a backup that is restored brings back who was erased after it
  ports::Tokens* tokens = nullptr;       // of outside issuers; none: there are none
  std::atomic<bool> is_stopping{false};  // those who wait for something to happen answer now
};

IdEntropy make_entropy(App& app);
EventId make_event_id(App& app, Time now);
MessageId make_message_id(App& app, Time now);

}  // namespace orderly::app
