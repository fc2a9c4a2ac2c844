#include "app/client_records.h"

#include <algorithm>

#include "app/client_keys.h"
#include "app/keys.h"
#include "base/limits.h"
#include "base/text.h"

namespace orderly::app {

namespace {

constexpr std::size_t kLookupCharacters = 22;     // 132 bits of a hash
constexpr std::size_t kNamePrefixCharacters = 2;  // by which names are put into lookups

std::string keyed_hash(const App& app, std::string_view what, std::string_view text) {
  const std::string whole = std::string(what) + ":" + std::string(text);
  return base64url_encode(app.crypto.hmac_sha256(ports::bytes_of(app.master_key), whole)).substr(0, kLookupCharacters);
}

bool is_separator(char c) {
  const auto byte = static_cast<unsigned char>(c);
  const bool is_letter_or_digit = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return byte < 0x80 && !is_letter_or_digit;
}

// The first `count` characters of valid UTF-8.
std::string_view first_characters(std::string_view text, std::size_t count) {
  std::size_t end = 0;
  while (end < text.size() && count > 0) {
    ++end;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
    --count;
  }
  return text.substr(0, end);
}

// Capitals that are not ASCII's and whose lower case has as many bytes. Not Turkish İ, whose lower case depends on who
// reads it.
char32_t lower_case(char32_t c) {
  if (c >= 0xC0 && c <= 0xDE && c != 0xD7) return c + 0x20;  // À to Þ
  if (c == 0x178) return 0xFF;                               // Ÿ
  if (c == 0x130 || c == 0x131) return c;
  if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E)) return c + c % 2;  // Ĺ to ŉ, Ź to ž
  if (c >= 0x100 && c <= 0x177) return c | 1;                                      // Ā to ŷ
  if (c >= 0x391 && c <= 0x3AB && c != 0x3A2) return c + 0x20;                     // Α to Ϋ
  if (c >= 0x400 && c <= 0x40F) return c + 0x50;                                   // Ѐ to Џ
  if (c >= 0x410 && c <= 0x42F) return c + 0x20;                                   // А to Я
  return c;
}

// Of valid UTF-8.
std::string folded(std::string_view text) {
  std::string lower(text);
  for (std::size_t i = 0; i < lower.size(); ++i) {
    const auto byte = static_cast<unsigned char>(lower[i]);
    if (byte >= 'A' && byte <= 'Z') lower[i] = static_cast<char>(byte + 32);
    if ((byte & 0xE0) != 0xC0 || i + 1 == lower.size()) continue;
    const auto next = static_cast<unsigned char>(lower[i + 1]);
    const char32_t letter = lower_case(static_cast<char32_t>((byte & 0x1F) << 6 | (next & 0x3F)));
    lower[i] = static_cast<char>(0xC0 | letter >> 6);
    lower[++i] = static_cast<char>(0x80 | (letter & 0x3F));
  }
  return lower;
}

ports::Put lookup_put(ports::Key key, std::string document, ports::Condition condition) {
  ports::Put put;
  put.key = std::move(key);
  put.document = std::move(document);
  put.condition = condition;
  return put;
}

}  // namespace

std::vector<json::Rule> json_rules(const ClientProfile*) {
  return {json::field("email").brief(), json::field("phone").brief(), json::field("tax_number").brief(),
          json::field("addresses").brief()};
}

std::vector<json::Rule> json_rules(const ClientLookups*) {
  return {json::field("email_hash").brief(), json::field("name_hashes").brief()};
}

bool is_client_id(std::string_view text) { return ClientId::parse(text).has_value(); }

Task<std::optional<domain::Client>> find_client(App& app, std::string id) {
  if (!is_client_id(id)) co_return std::nullopt;
  const auto record = co_await app.store.get(keys::client(id));
  if (!record) co_return std::nullopt;
  co_return json::read_stored<domain::Client>(record->document);
}

Task<std::optional<ClientProfile>> open_profile(App& app, const domain::Client& client) {
  if (client.content.sealed.empty()) co_return std::nullopt;
  const auto opened = co_await unseal(app, client.id.text, client.content.sealed);
  if (!opened) co_return std::nullopt;
  co_return json::read_stored<ClientProfile>(*opened);
}

Task<domain::Client> load_client_at(App& app, ClientId id, std::int64_t version) {
  const auto latest = co_await find_client(app, id.text);
  if (latest && latest->version == version) co_return *latest;
  ports::Query query;
  query.partition = keys::client(id.text).partition;
  query.from = keys::event(id, 1).sort;
  query.to = keys::event(id, version + 1).sort;
  query.limit = limits::kPageRowsMax;
  domain::Client client;
  do {
    ports::Page page = co_await app.store.query(query);
    for (const ports::Record& record : page.records) {
      client = domain::apply(std::move(client), json::read_stored<domain::ClientEvent>(record.document));
    }
    query.cursor = std::move(page.cursor);
  } while (!query.cursor.empty());
  if (client.version != version) throw_broken("client " + id.text + " lacks events");
  co_return client;
}

Task<void> require_good_client(App& app, std::string client_id, std::string pointer) {
  if (!is_client_id(client_id)) co_return;
  const auto client = co_await find_client(app, client_id);
  if (!client || client->status == domain::ClientStatus::kErased)
    throw_invalid(std::move(pointer), "is no known client");
  if (client->status == domain::ClientStatus::kBlocked) {
    throw Error(ErrorCode::kRefused, "client-blocked", "This client may not order at present.");
  }
}

void require_unchanged(Draft& draft, const domain::Client& client) {
  const ports::AtVersion as_read{static_cast<std::uint64_t>(client.version)};
  draft.write(ports::Require{keys::client(client.id.text), as_read});
}

void write_client(Draft& draft, const domain::Client* before, domain::ClientChange& change) {
  change.event.previous = change.client.last_event;  // apply leaves it as it was before the change
  draft.append(keys::event(change.event.object, change.event.version), change.event);
  change.client.last_event = change.event.hash;
  ports::Put put;
  put.key = keys::client(change.client.id.text);
  put.document = json::write(change.client);
  put.version = static_cast<std::uint64_t>(change.client.version);
  put.indexes = keys::index_entries(change.client);
  if (before != nullptr) put.condition = ports::AtVersion{static_cast<std::uint64_t>(before->version)};
  draft.write(std::move(put));
}

std::string hash_of(const App& app, const domain::EmailAddress& address) {
  return keyed_hash(app, "email", domain::folded(address));
}

std::vector<std::string> name_words(std::string_view name) {
  std::vector<std::string> words;
  bool is_inside = false;
  for (const char c : folded(name)) {
    if (is_separator(c)) {
      is_inside = false;
      continue;
    }
    if (!is_inside) words.emplace_back();
    is_inside = true;
    words.back() += c;
  }
  return words;
}

std::optional<std::string> hash_of_name_word(const App& app, std::string_view word) {
  const std::string_view prefix = first_characters(word, kNamePrefixCharacters);
  if (utf8_length(prefix) < kNamePrefixCharacters) return std::nullopt;
  return keyed_hash(app, "name", prefix);
}

ClientLookups lookups_of(const App& app, const ClientProfile& profile) {
  ClientLookups lookups;
  if (profile.email) lookups.email_hash = hash_of(app, *profile.email);
  std::vector<std::string> words = name_words(profile.name);
  if (words.size() > kNameWordsMax) words.resize(kNameWordsMax);
  for (const std::string& word : words) {
    if (auto hash = hash_of_name_word(app, word)) lookups.name_hashes.push_back(*std::move(hash));
  }
  std::ranges::sort(lookups.name_hashes);
  const auto repeated = std::ranges::unique(lookups.name_hashes);
  lookups.name_hashes.erase(repeated.begin(), repeated.end());
  return lookups;
}

Task<ClientLookups> load_lookups(App& app, std::string client_id) {
  const auto record = co_await app.store.get(keys::client_lookups(client_id));
  if (!record) co_return ClientLookups{};
  co_return json::read_stored<ClientLookups>(record->document);
}

void write_lookups(Draft& draft, const ClientId& client, const ClientLookups& before, const ClientLookups& after) {
  const auto has = [](const std::vector<std::string>& names, const std::string& name) {
    return std::ranges::binary_search(names, name);
  };
  for (const std::string& name : before.name_hashes) {
    if (!has(after.name_hashes, name))
      draft.write(ports::Remove{keys::client_name(name, client.text), ports::Always{}});
  }
  for (const std::string& name : after.name_hashes) {
    if (has(before.name_hashes, name)) continue;
    draft.write(lookup_put(keys::client_name(name, client.text), "{}", ports::Always{}));
  }
  if (before.email_hash != after.email_hash) {
    if (!before.email_hash.empty()) draft.write(ports::Remove{keys::email(before.email_hash), ports::Always{}});
    if (!after.email_hash.empty()) {
      draft.write(lookup_put(keys::email(after.email_hash), json::write(EmailLookup{client}), ports::Absent{}));
    }
  }
  const bool is_empty = after.email_hash.empty() && after.name_hashes.empty();
  if (is_empty) {
    draft.write(ports::Remove{keys::client_lookups(client.text), ports::Always{}});
  } else {
    draft.write(lookup_put(keys::client_lookups(client.text), json::write(after), ports::Always{}));
  }
}

Task<std::optional<std::string>> find_client_by_email(App& app, domain::EmailAddress address) {
  const auto record = co_await app.store.get(keys::email(hash_of(app, address)));
  if (!record) co_return std::nullopt;
  co_return json::read_stored<EmailLookup>(record->document).client_id.text;
}

void throw_email_taken() { throw Error(ErrorCode::kRefused, "email-taken", "Another client has this e-mail address."); }

}  // namespace orderly::app
