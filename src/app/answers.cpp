#include "app/answers.h"

#include "app/app.h"
#include "app/client_records.h"
#include "app/clients.h"
#include "app/draft.h"
#include "app/keys.h"
#include "app/orders.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"

namespace orderly::app {

namespace {

// Either a body, or the order or client that was shown: events keep it as it was then, so its view is the same bytes
// again, as long as nobody was erased.
struct KeptAnswer {
  std::string fingerprint;
  std::int64_t status = 0;
  std::string body;  // base64, sealed under the request's secret with its name as context
  std::optional<OrderId> order_id;
  std::int64_t order_version = 0;
  std::optional<ClientId> client_id;
  std::int64_t client_version = 0;
};
BOOST_DESCRIBE_STRUCT(KeptAnswer, (), (fingerprint, status, body, order_id, order_version, client_id, client_version))
std::vector<json::Rule> json_rules(const KeptAnswer*) {
  return {json::field("body").brief(), json::field("order_id").brief(), json::field("order_version").brief(),
          json::field("client_id").brief(), json::field("client_version").brief()};
}

// With lengths, so that no two lists read the same.
std::string joined(std::initializer_list<std::string_view> parts) {
  constexpr std::size_t kLengthBytes = 8;
  std::size_t bytes = 0;
  for (const std::string_view part : parts) bytes += part.size() + kLengthBytes;
  std::string text;
  text.reserve(bytes);
  for (const std::string_view part : parts) {
    text += std::to_string(part.size());
    text += ':';
    text += part;
  }
  return text;
}

// Seals a body: of the master key and of what the request alone has.
ports::SecretKey secret_of(const App& app, const RepeatKey& key) {
  return app.crypto.hmac_sha256(ports::bytes_of(app.master_key),
                                joined({"answer", key.name, ports::bytes_of(key.digest)}));
}

KeptAnswer kept_of(const RepeatKey& key, std::int64_t status) {
  KeptAnswer kept;
  kept.fingerprint = key.fingerprint;
  kept.status = status;
  return kept;
}

KeptAnswer keep(App& app, const RepeatKey& key, const Answer& answer) {
  ports::Nonce nonce;
  app.random.fill(nonce);
  const std::string sealed = app.crypto.seal(secret_of(app, key), nonce, answer.body, key.name);
  KeptAnswer kept = kept_of(key, answer.status);
  kept.body = base64_encode(sealed);
  return kept;
}

KeptAnswer keep(const RepeatKey& key, std::int64_t status, const domain::Order& order) {
  KeptAnswer kept = kept_of(key, status);
  kept.order_id = order.id;
  kept.order_version = order.version;
  return kept;
}

KeptAnswer keep(const RepeatKey& key, std::int64_t status, const domain::Client& client) {
  KeptAnswer kept = kept_of(key, status);
  kept.client_id = client.id;
  kept.client_version = client.version;
  return kept;
}

Task<std::string> body_of(App& app, const RepeatKey& key, const KeptAnswer& kept) {
  if (kept.order_id) {
    domain::Order order = co_await load_order_at(app, *kept.order_id, kept.order_version);
    co_return answer(kept.status, co_await view_of(app, std::move(order))).body;
  }
  if (kept.client_id) {
    domain::Client client = co_await load_client_at(app, *kept.client_id, kept.client_version);
    co_return answer(kept.status, co_await view_of(app, std::move(client))).body;
  }
  const auto sealed = base64_decode(kept.body);
  auto body = sealed ? app.crypto.open(secret_of(app, key), *sealed, key.name) : std::nullopt;
  if (!body) throw_broken("a kept answer does not open");
  co_return *std::move(body);
}

ports::Put put_of(const RepeatKey& key, const KeptAnswer& kept, Time now) {
  ports::Put put;
  put.key = keys::answer(key.name);
  put.document = json::write(kept);
  put.expires_at = now + limits::kIdempotencyKept;
  put.condition = ports::Absent{};
  return put;
}

}  // namespace

RepeatKey make_repeat_key(const App& app, std::string_view caller, std::string_view method, std::string_view path,
                          std::string_view key, std::string_view body) {
  RepeatKey repeat_key;
  repeat_key.name = base64url_encode(app.crypto.sha256(joined({caller, method, path, key})));
  repeat_key.digest = app.crypto.sha256(body);
  repeat_key.fingerprint = base64url_encode(app.crypto.sha256(ports::bytes_of(repeat_key.digest)));
  return repeat_key;
}

Task<std::optional<Answer>> find_answer(App& app, RepeatKey key) {
  const auto record = co_await app.store.get(keys::answer(key.name));
  if (!record) co_return std::nullopt;
  const KeptAnswer kept = json::read_stored<KeptAnswer>(record->document);
  if (kept.fingerprint != key.fingerprint) {
    throw Error(ErrorCode::kKeyReused, "idempotency-key-reused",
                "This Idempotency-Key was used before, with another body.");
  }
  co_return Answer{kept.status, co_await body_of(app, key, kept), true};
}

Task<Answer> keep_refusal(App& app, RepeatKey key, Answer answer) {
  ports::Commit commit;
  commit.token = make_message_id(app, app.clock.now()).text;
  commit.writes.emplace_back(put_of(key, keep(app, key, answer), app.clock.now()));
  const ports::CommitResult result = co_await app.store.commit(std::move(commit));
  if (result.committed()) co_return answer;
  auto earlier = co_await find_answer(app, std::move(key));
  co_return earlier ? *std::move(earlier) : answer;  // it was of the last second of its thirty days
}

void Draft::remember(const RepeatKey& key, const Answer& answer) {
  if (key.empty()) return;
  answer_ = commit_.writes.size();
  write(put_of(key, keep(app_, key, answer), now_));
}

void Draft::remember(const RepeatKey& key, std::int64_t status, const domain::Order& order) {
  if (key.empty()) return;
  answer_ = commit_.writes.size();
  write(put_of(key, keep(key, status, order), now_));
}

void Draft::remember(const RepeatKey& key, std::int64_t status, const domain::Client& client) {
  if (key.empty()) return;
  answer_ = commit_.writes.size();
  write(put_of(key, keep(key, status, client), now_));
}

}  // namespace orderly::app
