#include "app/client_keys.h"

#include "app/app.h"
#include "app/draft.h"
#include "app/keys.h"
#include "base/error.h"
#include "base/json.h"
#include "base/text.h"

namespace orderly::app {

namespace {

constexpr std::size_t kCachedKeysMax = 10'000;

struct StoredClientKey {
  std::string wrapped;  // base64 of the key, sealed under the master key with the client's id as context
};
BOOST_DESCRIBE_STRUCT(StoredClientKey, (), (wrapped))

ports::Nonce make_nonce(App& app) {
  ports::Nonce nonce;
  app.random.fill(nonce);
  return nonce;
}

std::string_view bytes_of(const ports::SecretKey& key) {
  return {reinterpret_cast<const char*>(key.data()), key.size()};
}

Task<std::optional<ports::SecretKey>> load_key(App& app, const std::string& client_id) {
  if (auto cached = app.client_keys.find(client_id)) co_return cached;
  const auto record = co_await app.store.get(keys::client_key(client_id));
  if (!record) co_return std::nullopt;
  const auto wrapped = base64_decode(json::read_stored<StoredClientKey>(record->document).wrapped);
  const auto opened = wrapped ? app.crypto.open(app.master_key, *wrapped, client_id) : std::nullopt;
  ports::SecretKey key;
  if (!opened || opened->size() != key.size()) throw_broken("the key of client " + client_id + " does not open");
  std::copy(opened->begin(), opened->end(), reinterpret_cast<char*>(key.data()));
  app.client_keys.keep(client_id, key);
  co_return key;
}

// Not cached: it exists only once the commit is durable.
ports::SecretKey make_key(App& app, Draft& draft, const std::string& client_id) {
  ports::SecretKey key;
  app.random.fill(key);
  const std::string wrapped = app.crypto.seal(app.master_key, make_nonce(app), bytes_of(key), client_id);
  ports::Put put;
  put.key = keys::client_key(client_id);
  put.document = json::write(StoredClientKey{base64_encode(wrapped)});
  draft.write(std::move(put));
  return key;
}

}  // namespace

std::optional<ports::SecretKey> ClientKeyCache::find(const std::string& client_id) {
  const std::lock_guard lock(mutex_);
  const auto place = places_.find(client_id);
  if (place == places_.end()) return std::nullopt;
  entries_.splice(entries_.begin(), entries_, place->second);
  return place->second->second;
}

void ClientKeyCache::keep(const std::string& client_id, const ports::SecretKey& key) {
  const std::lock_guard lock(mutex_);
  if (places_.contains(client_id)) return;
  entries_.emplace_front(client_id, key);
  places_.emplace(entries_.front().first, entries_.begin());
  if (entries_.size() <= kCachedKeysMax) return;
  places_.erase(entries_.back().first);
  entries_.pop_back();
}

void ClientKeyCache::forget(const std::string& client_id) {
  const std::lock_guard lock(mutex_);
  const auto place = places_.find(client_id);
  if (place == places_.end()) return;
  const auto entry = place->second;
  places_.erase(place);
  entries_.erase(entry);
}

Task<std::string> seal_for(App& app, Draft& draft, std::string client_id, std::string plaintext) {
  auto key = co_await load_key(app, client_id);
  if (!key) key = make_key(app, draft, client_id);
  const std::string sealed = app.crypto.seal(*key, make_nonce(app), plaintext, client_id);
  co_return base64_encode(sealed);
}

Task<std::optional<std::string>> unseal(App& app, std::string client_id, std::string sealed) {
  const auto key = co_await load_key(app, client_id);
  if (!key) co_return std::nullopt;
  const auto bytes = base64_decode(sealed);
  auto opened = bytes ? app.crypto.open(*key, *bytes, client_id) : std::nullopt;
  if (!opened) throw_broken("sealed data of client " + client_id + " does not open");
  co_return opened;
}

}  // namespace orderly::app
