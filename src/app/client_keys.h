// Personal data is stored sealed under a key of its client (a guest has one too), and that key is stored wrapped under
// the shop's master key. Forgetting a client destroys the one record, and with it everything sealed.
#pragma once

#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/time.h"
#include "ports/crypto.h"
#include "ports/task.h"

namespace orderly::app {

struct App;
class Draft;

// The keys used lately, unwrapped, so that reading an order needs no second read. What another process destroyed is
// forgotten here within kKept. Thread-safe, bounded.
class ClientKeyCache {
 public:
  static constexpr Duration kKept{60'000};

  std::optional<ports::SecretKey> find(const std::string& client_id, Time now);
  void keep(const std::string& client_id, const ports::SecretKey& key, Time now);
  void forget(const std::string& client_id);

 private:
  struct Entry {
    std::string client_id;
    ports::SecretKey key;
    Time until;
  };
  std::mutex mutex_;
  std::list<Entry> entries_;  // latest used first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> places_;
};

// Seals what is written in one commit for one client.
class ClientSeal {
 public:
  ClientSeal(App& app, std::string client_id, const ports::SecretKey& key)
      : app_(app), client_id_(std::move(client_id)), key_(key) {}

  // As base64 that only the client's key opens.
  std::string seal(std::string_view plaintext) const;
  // Throws Error(kBrokenInvariant) when the key does not open it.
  std::string open(std::string_view sealed) const;

 private:
  App& app_;
  std::string client_id_;
  ports::SecretKey key_;
};

// The client's own key, or for a client without one a new one that the same commit writes; call it once for a commit.
// A new key may have an end, when all that was sealed under it is as if it had never been.
Task<ClientSeal> client_seal(App& app, Draft& draft, std::string client_id, std::optional<Time> new_key_ends = {});
// A key with an end has none any more. False: it is over.
Task<bool> keep_client_key(App& app, Draft& draft, std::string client_id);
// Destroys it with the commit; call `app.client_keys.forget` behind that.
void destroy_client_key(Draft& draft, std::string_view client_id);

// The same for one text; but a client with a record gets no new key: theirs was destroyed, and LostRace is thrown.
Task<std::string> seal_for(App& app, Draft& draft, std::string client_id, std::string plaintext);

// Nothing when the client was forgotten. Throws Error(kBrokenInvariant) when the key is there and does not open it; of
// a guest that is nothing, too, since one who was forgotten may have ordered anew, under another key.
Task<std::optional<std::string>> unseal(App& app, std::string client_id, std::string sealed);

}  // namespace orderly::app
