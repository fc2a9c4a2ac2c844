#include "app/answers.h"

#include "app/app.h"
#include "app/draft.h"
#include "app/keys.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"

namespace orderly::app {

namespace {

struct KeptAnswer {
  std::string fingerprint;
  std::int64_t status = 0;
  std::string body;
};
BOOST_DESCRIBE_STRUCT(KeptAnswer, (), (fingerprint, status, body))

std::string hashed(const App& app, std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) {  // with lengths, so that no two lists read the same
    text += std::to_string(part.size());
    text += ':';
    text += part;
  }
  return base64url_encode(app.crypto.sha256(text));
}

ports::Put put_of(const RepeatKey& key, const Answer& answer, Time now) {
  ports::Put put;
  put.key = keys::answer(key.name);
  put.document = json::write(KeptAnswer{key.fingerprint, answer.status, answer.body});
  put.expires_at = now + limits::kIdempotencyKept;
  put.condition = ports::Absent{};
  return put;
}

}  // namespace

RepeatKey make_repeat_key(const App& app, std::string_view caller, std::string_view method, std::string_view path,
                          std::string_view key, std::string_view body) {
  return {hashed(app, {caller, method, path, key}), hashed(app, {body})};
}

Task<std::optional<Answer>> find_answer(App& app, RepeatKey key) {
  const auto record = co_await app.store.get(keys::answer(key.name));
  if (!record) co_return std::nullopt;
  KeptAnswer kept = json::read_stored<KeptAnswer>(record->document);
  if (kept.fingerprint != key.fingerprint) {
    throw Error(ErrorCode::kKeyReused, "idempotency-key-reused",
                "This Idempotency-Key was used before, with another body.");
  }
  co_return Answer{kept.status, std::move(kept.body), true};
}

Task<void> keep_refusal(App& app, RepeatKey key, Answer answer) {
  ports::Commit commit;
  commit.token = make_message_id(app, app.clock.now()).text;
  commit.writes.emplace_back(put_of(key, answer, app.clock.now()));
  co_await app.store.commit(std::move(commit));
}

void Draft::remember(const RepeatKey& key, const Answer& answer) {
  if (!key.empty()) write(put_of(key, answer, now_));
}

}  // namespace orderly::app
