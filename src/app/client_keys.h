// Personal data is stored sealed under a key of its client (a guest has one too), and that key is stored wrapped under
// the shop's master key. Forgetting a client destroys the one record, and with it everything sealed.
#pragma once

#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "ports/crypto.h"
#include "ports/task.h"

namespace orderly::app {

struct App;
class Draft;

// The keys used lately, unwrapped, so that reading an order needs no second read. Thread-safe, bounded.
class ClientKeyCache {
 public:
  std::optional<ports::SecretKey> find(const std::string& client_id);
  void keep(const std::string& client_id, const ports::SecretKey& key);
  void forget(const std::string& client_id);

 private:
  using Entry = std::pair<std::string, ports::SecretKey>;
  std::mutex mutex_;
  std::list<Entry> entries_;  // latest used first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> places_;
};

// `plaintext` as base64 that only the client's key opens. Makes the key, in the same commit, for a client without one.
Task<std::string> seal_for(App& app, Draft& draft, std::string client_id, std::string plaintext);

// Nothing when the client was forgotten. Throws Error(kBrokenInvariant) when the key is there and does not open it.
Task<std::optional<std::string>> unseal(App& app, std::string client_id, std::string sealed);

}  // namespace orderly::app
