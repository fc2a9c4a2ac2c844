#include "app/api_keys.h"

#include "app/api_key_events.h"
#include "app/draft.h"
#include "app/keys.h"
#include "app/place_order.h"
#include "base/limits.h"
#include "base/text.h"

namespace orderly::app {

namespace {

constexpr std::size_t kSecretBytes = 20;
constexpr std::string_view kTestPrefix = "ok_test_";
constexpr std::string_view kLivePrefix = "ok_live_";
static_assert(kTestPrefix.size() == kLivePrefix.size());
constexpr std::size_t kTextSize = kTestPrefix.size() + kIdCharacters + 2 * kSecretBytes;

std::string_view prefix_of(const App& app) { return app.settings.takes_real_money ? kLivePrefix : kTestPrefix; }

std::string make_text(App& app, const ApiKeyId& id) {
  std::array<std::uint8_t, kSecretBytes> secret;
  app.random.fill(secret);
  std::string text(prefix_of(app));
  text += id.encoded();
  return text + to_hex(secret);
}

std::string hash_of(const App& app, std::string_view text) { return base64url_encode(app.crypto.sha256(text)); }

// The id in a key's text; nothing when it has no key's form, or is of the other kind.
std::optional<ApiKeyId> id_in(const App& app, std::string_view text) {
  if (text.size() != kTextSize || !text.starts_with(prefix_of(app))) return std::nullopt;
  std::string id(ApiKeyTag::kPrefix);
  id += text.substr(prefix_of(app).size(), kIdCharacters);
  return ApiKeyId::parse(id);
}

ApiKeyStatus status_of(const ApiKey& key, Time now) {
  if (key.revoked_at) return ApiKeyStatus::kRevoked;
  return key.expires_at && *key.expires_at <= now ? ApiKeyStatus::kExpired : ApiKeyStatus::kActive;
}

ApiKeyView view_of(ApiKey key, Time now, std::optional<std::string> text = std::nullopt) {
  const ApiKeyStatus status = status_of(key, now);
  return {std::move(key.id),
          std::move(key.name),
          key.role,
          std::move(key.client_id),
          std::move(key.scopes),
          status,
          std::move(text),
          key.created_at,
          key.expires_at,
          key.revoked_at};
}

ports::Put put_of(const ApiKey& key, ports::Condition condition) {
  ports::Put put;
  put.key = keys::api_key(key.id);
  put.document = json::write(key);
  put.version = static_cast<std::uint64_t>(key.version);
  put.condition = condition;
  return put;
}

// What is stored, not what is cached.
Task<ApiKey> load(App& app, std::string id) {
  const auto key_id = ApiKeyId::parse(id);
  if (!key_id) throw_not_found("key");
  const auto record = co_await app.store.get(keys::api_key(*key_id));
  if (!record) throw_not_found("key");
  co_return json::read_stored<ApiKey>(record->document);
}

// What becomes of a key: its event, and whether it gets a new text.
struct KeyChange {
  ApiKeyEvent event;
  bool has_new_text = false;
};

// Loads, changes, commits, and caches what it came to, so that a revocation counts at once. `decide` may be called
// again after a lost race; it gives nothing where all is as it should be.
Task<Answer> change_key(App& app, Caller caller, std::string id, RepeatKey repeat_key,
                        std::function<std::optional<KeyChange>(const ApiKey&, Time now)> decide) {
  co_return co_await run(app, [&]() -> Task<Answer> {
    ApiKey key = co_await load(app, id);
    Draft draft(app, caller);
    std::optional<KeyChange> change = decide(key, draft.now());
    std::optional<std::string> text;
    if (change) {
      const auto before = static_cast<std::uint64_t>(key.version);
      draft.append(keys::event(key.id, change->event.version), change->event);
      key = apply(std::move(key), change->event);
      if (change->has_new_text) {
        text = make_text(app, key.id);
        key.rotated_hash = std::exchange(key.hash, hash_of(app, *text));
      }
      draft.write(put_of(key, ports::AtVersion{before}));
    }
    Answer result = answer(200, view_of(key, draft.now(), std::move(text)));
    draft.remember(repeat_key, result);
    if (change || !repeat_key.empty()) co_await draft.commit();
    app.api_keys.keep(key.id.text, key.version, std::make_shared<const ApiKey>(key), draft.now());
    co_return result;
  });
}

void check(const CreateApiKey& command, Time now) {
  std::vector<Problem> problems;
  if (command.client_id && !is_client_label(*command.client_id)) {
    problems.push_back({"/client_id", "must be letters, digits, '.', '_', ':' or '-'"});
  }
  if ((command.role == Role::kClient) != command.client_id.has_value()) {
    problems.push_back({"/client_id", "is for the role client, which needs it"});
  }
  if (command.expires_at && *command.expires_at <= now) problems.push_back({"/expires_at", "is over"});
  if (!problems.empty()) throw Error(std::move(problems));
}

// Whether `hash` is the key's, now or until it was rotated. Both are compared, so that it takes the same time.
bool opens(const ApiKey& key, std::string_view hash, Time now) {
  const bool is_current = ports::equal_in_constant_time(key.hash, hash);
  const bool is_rotated = ports::equal_in_constant_time(key.rotated_hash.value_or(key.hash), hash);
  return is_current || (is_rotated && key.rotated_until && now < *key.rotated_until);
}

Task<std::shared_ptr<const ApiKey>> find(App& app, ApiKeyId id) {
  const Time now = app.clock.now();
  if (auto cached = app.api_keys.find(id.text, now)) co_return *cached;
  const auto record = co_await app.store.get(keys::api_key(id));
  if (!record) co_return nullptr;
  auto key = std::make_shared<const ApiKey>(json::read_stored<ApiKey>(record->document));
  app.api_keys.keep(id.text, key->version, key, now);
  co_return key;
}

}  // namespace

std::vector<json::Rule> json_rules(const CreateApiKey*) {
  return {json::field("name").text(1, limits::kTextMax).free_text().says("What people know it by."),
          json::field("client_id").text(1, limits::kIdMax).says("Of the role client, which needs it; of no other."),
          json::field("scopes")
              .items(0, limits::kApiKeyScopesMax)
              .optional()
              .says("What it is good for (orders:read, …), within its role; none: all that the role may do."),
          json::field("expires_at").says("When it stops being good; never when absent.")};
}

std::vector<json::Rule> json_rules(const RotateApiKey*) {
  return {json::field("grace_seconds")
              .range(0, limits::kApiKeyGraceMax.count())
              .optional()
              .says("For how long the old text is good; when absent it is not.")};
}

std::vector<json::Rule> json_rules(const ApiKey*) { return {json::field("last_event").brief()}; }

std::vector<json::Rule> json_rules(const ApiKeyView*) {
  return {json::field("key").brief().says("Its text: only in the answer that made it."),
          json::field("client_id").brief()};
}

Task<Answer> create_api_key(App& app, Caller caller, CreateApiKey command, RepeatKey repeat_key) {
  Draft draft(app, caller);
  check(command, draft.now());
  ApiKeyContent content{std::move(command.name), command.role, std::move(command.client_id), std::move(command.scopes),
                        command.expires_at};
  ApiKeyEvent event = create_key(ApiKeyId::make(draft.now(), make_entropy(app)), std::move(content), draft.now());
  draft.append(keys::event(event.object, event.version), event);
  ApiKey key = apply({}, event);
  std::string text = make_text(app, key.id);
  key.hash = hash_of(app, text);
  draft.write(put_of(key, ports::Absent{}));
  Answer result = answer(201, view_of(std::move(key), draft.now(), std::move(text)));
  draft.remember(repeat_key, result);
  co_await draft.commit();
  app.has_api_keys = true;
  co_return result;
}

Task<List<ApiKeyView>> list_api_keys(App& app, PageOf page) {
  ports::Query query;
  query.partition = keys::kApiKeys;
  query.limit = page.limit;
  query.cursor = std::move(page.cursor);
  ports::Page rows = co_await app.store.query(std::move(query));
  List<ApiKeyView> list;
  for (const ports::Record& row : rows.records) {
    list.data.push_back(view_of(json::read_stored<ApiKey>(row.document), app.clock.now()));
  }
  if (!rows.cursor.empty()) list.next_cursor = std::move(rows.cursor);
  co_return list;
}

Task<ApiKeyView> get_api_key(App& app, std::string id) {
  co_return view_of(co_await load(app, std::move(id)), app.clock.now());
}

Task<Answer> rotate_api_key(App& app, Caller caller, std::string id, RotateApiKey command, RepeatKey repeat_key) {
  co_return co_await change_key(
      app, std::move(caller), std::move(id), std::move(repeat_key), [command](const ApiKey& key, Time now) {
        return std::optional(KeyChange{rotate_key(key, now + std::chrono::seconds(command.grace_seconds), now), true});
      });
}

Task<Answer> revoke_api_key(App& app, Caller caller, std::string id, RepeatKey repeat_key) {
  co_return co_await change_key(app, std::move(caller), std::move(id), std::move(repeat_key),
                                [](const ApiKey& key, Time now) -> std::optional<KeyChange> {
                                  auto event = revoke_key(key, now);
                                  if (!event) return std::nullopt;
                                  return KeyChange{*std::move(event)};
                                });
}

Task<Caller> caller_of_api_key(App& app, std::string text) {
  const auto id = id_in(app, text);
  const auto key = id ? co_await find(app, *id) : nullptr;
  const std::string hash = hash_of(app, text);
  const Time now = app.clock.now();
  const bool is_good = opens(key ? *key : ApiKey{}, hash, now) && status_of(*key, now) == ApiKeyStatus::kActive;
  if (!is_good) throw Error(ErrorCode::kUnauthenticated, "invalid-api-key", "This API key is not valid.");
  Caller caller;
  caller.role = key->role;
  caller.name = "key:" + key->id.text;
  caller.client_id = key->client_id.value_or("");
  caller.cart = caller.client_id.empty() ? key->id.text : caller.client_id;
  caller.scopes = key->scopes;
  co_return caller;
}

bool looks_like_api_key(std::string_view text) { return text.starts_with("ok_"); }

Task<void> find_out_about_api_keys(App& app) {
  ports::Query query;
  query.partition = keys::kApiKeys;
  query.limit = 1;
  const ports::Page page = co_await app.store.query(std::move(query));
  app.has_api_keys = !page.records.empty();
}

}  // namespace orderly::app
