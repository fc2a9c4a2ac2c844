#include "app/client_keys.h"

#include "app/app.h"
#include "app/client_records.h"
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

Task<std::optional<ports::SecretKey>> load_key(App& app, const std::string& client_id) {
  const Time now = app.clock.now();
  if (auto cached = app.client_keys.find(client_id, now)) co_return cached;
  const auto record = co_await app.store.get(keys::client_key(client_id));
  if (!record) co_return std::nullopt;
  const auto wrapped = base64_decode(json::read_stored<StoredClientKey>(record->document).wrapped);
  const auto opened = wrapped ? app.crypto.open(app.master_key, *wrapped, client_id) : std::nullopt;
  ports::SecretKey key;
  if (!opened || opened->size() != key.size()) throw_broken("the key of client " + client_id + " does not open");
  std::copy(opened->begin(), opened->end(), reinterpret_cast<char*>(key.data()));
  // One with an end is not kept beyond it.
  if (!record->expires_at) app.client_keys.keep(client_id, key, now);
  co_return key;
}

// Not cached: it exists only once the commit is durable.
ports::SecretKey make_key(App& app, Draft& draft, const std::string& client_id, std::optional<Time> ends) {
  ports::SecretKey key;
  app.random.fill(key);
  const std::string wrapped = app.crypto.seal(app.master_key, make_nonce(app), ports::bytes_of(key), client_id);
  ports::Put put;
  put.key = keys::client_key(client_id);
  put.document = json::write(StoredClientKey{base64_encode(wrapped)});
  put.expires_at = ends;
  draft.write(std::move(put));
  return key;
}

}  // namespace

std::optional<ports::SecretKey> ClientKeyCache::find(const std::string& client_id, Time now) {
  const std::lock_guard lock(mutex_);
  const auto place = places_.find(client_id);
  if (place == places_.end() || place->second->until <= now) return std::nullopt;
  entries_.splice(entries_.begin(), entries_, place->second);
  return place->second->key;
}

void ClientKeyCache::keep(const std::string& client_id, const ports::SecretKey& key, Time now) {
  const std::lock_guard lock(mutex_);
  if (const auto place = places_.find(client_id); place != places_.end()) {
    place->second->key = key;
    place->second->until = now + kKept;
    return;
  }
  entries_.push_front({client_id, key, now + kKept});
  places_.emplace(entries_.front().client_id, entries_.begin());
  if (entries_.size() <= kCachedKeysMax) return;
  places_.erase(entries_.back().client_id);
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

std::string ClientSeal::seal(std::string_view plaintext) const {
  return base64_encode(app_.crypto.seal(key_, make_nonce(app_), plaintext, client_id_));
}

std::string ClientSeal::open(std::string_view sealed) const {
  const auto bytes = base64_decode(sealed);
  auto opened = bytes ? app_.crypto.open(key_, *bytes, client_id_) : std::nullopt;
  if (!opened) throw_broken("sealed data of client " + client_id_ + " does not open");
  return *std::move(opened);
}

Task<ClientSeal> client_seal(App& app, Draft& draft, std::string client_id, std::optional<Time> new_key_ends) {
  auto key = co_await load_key(app, client_id);
  if (!key) key = make_key(app, draft, client_id, new_key_ends);
  co_return ClientSeal(app, std::move(client_id), *key);
}

Task<bool> keep_client_key(App& app, Draft& draft, std::string client_id) {
  auto record = co_await app.store.get(keys::client_key(client_id));
  if (!record) co_return false;
  ports::Put put;
  put.key = std::move(record->key);
  put.document = std::move(record->document);
  put.version = record->version + 1;
  put.condition = ports::AtVersion{record->version};
  draft.write(std::move(put));
  co_return true;
}

void destroy_client_key(Draft& draft, std::string_view client_id) {
  draft.write(ports::Remove{keys::client_key(client_id), ports::Always{}});
}

Task<std::string> seal_for(App& app, Draft& draft, std::string client_id, std::string plaintext) {
  const auto key = co_await load_key(app, client_id);
  if (!key && is_client_id(client_id)) throw LostRace{keys::client_key(client_id)};
  const ports::SecretKey good_key = key ? *key : make_key(app, draft, client_id, std::nullopt);
  co_return ClientSeal(app, std::move(client_id), good_key).seal(plaintext);
}

Task<std::optional<std::string>> unseal(App& app, std::string client_id, std::string sealed) {
  const auto key = co_await load_key(app, client_id);
  if (!key) co_return std::nullopt;
  if (is_client_id(client_id)) co_return ClientSeal(app, std::move(client_id), *key).open(sealed);
  const auto bytes = base64_decode(sealed);
  co_return bytes ? app.crypto.open(*key, *bytes, client_id) : std::nullopt;
}

}  // namespace orderly::app
