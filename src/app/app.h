// What every use case is given: the ports, the shop's settings and its keys.
#pragma once

#include <atomic>
#include <string>

#include "app/client_keys.h"
#include "app/settings.h"
#include "ports/blobs.h"
#include "ports/clock.h"
#include "ports/crypto.h"
#include "ports/documents.h"
#include "ports/monitor.h"
#include "ports/offload.h"
#include "ports/payments.h"
#include "ports/queue.h"
#include "ports/store.h"

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
  std::atomic<bool> is_stopping{false};  // those who wait for something to happen answer now
};

enum class Role { kOwner, kStaff, kApprover, kClient, kProvider, kAnonymous, kWorker };

// Who asks. `client_id` and `cart` are empty where there is none; `name` is what events call the actor.
struct Caller {
  Role role = Role::kAnonymous;
  std::string client_id;
  std::string cart;
  std::string name;
};
// A worker acting on a message or the clock: "worker:payments".
Caller worker(std::string_view what);

IdEntropy make_entropy(App& app);
EventId make_event_id(App& app, Time now);
MessageId make_message_id(App& app, Time now);

}  // namespace orderly::app
