// Clients as they are stored, which several use cases share: the record and its events, who they are under their seal,
// and the lookups that find them. A lookup's key is a keyed hash, so that it says nothing about a person to who reads
// the store.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/draft.h"
#include "app/views.h"
#include "domain/client.h"

namespace orderly::app {

// Who a client is: personal data, stored sealed and nowhere else.
struct ClientProfile {
  std::optional<domain::EmailAddress> email;
  std::string name;
  std::string phone;
  std::string tax_number;
  std::vector<Address> addresses;

  friend bool operator==(const ClientProfile&, const ClientProfile&) = default;
};
BOOST_DESCRIBE_STRUCT(ClientProfile, (), (email, name, phone, tax_number, addresses))
std::vector<json::Rule> json_rules(const ClientProfile*);

// Nothing for an id that is none or unknown. An erased client is found.
Task<std::optional<domain::Client>> find_client(App& app, std::string id);
// Nothing when the client was erased.
Task<std::optional<ClientProfile>> open_profile(App& app, const domain::Client& client);
// As it was right after the change to `version`, folded from its events where that is not the latest. Throws
// Error(kBrokenInvariant) when they are not all there.
Task<domain::Client> load_client_at(App& app, ClientId id, std::int64_t version);

// Clients with an account or a record of their own are known by such an id; any other label is a guest's.
bool is_client_id(std::string_view text);
// Orders of such a client need the client to be there and not blocked. Nothing is asked of guests. Throws
// Error(kInvalidRequest) at `pointer`, Error(kRefused, "client-blocked"). Not a condition of the commit, so that orders
// of one client do not wait for each other: one that is placed while its client is erased is sealed for nobody.
Task<void> require_good_client(App& app, std::string client_id, std::string pointer);
// The commit fails when the client has changed since it was read: they may be erased by now.
void require_unchanged(Draft& draft, const domain::Client& client);

// The record and its event. `before`: as it was read; nullptr: there was none.
void write_client(Draft& draft, const domain::Client* before, domain::ClientChange& change);

// By what a client is found, as keyed hashes.
struct ClientLookups {
  std::string email_hash;                // of the whole address; empty: none
  std::vector<std::string> name_hashes;  // of how each word of the name begins, sorted
};
BOOST_DESCRIBE_STRUCT(ClientLookups, (), (email_hash, name_hashes))
std::vector<json::Rule> json_rules(const ClientLookups*);
inline constexpr std::size_t kNameWordsMax = 8;  // those that follow are not looked up

ClientLookups lookups_of(const App& app, const ClientProfile& profile);
std::string hash_of(const App& app, const domain::EmailAddress& address);
// Letters that a person may type another way are one: case of Latin, Greek and Cyrillic letters; ASCII's white space
// and punctuation only part words.
std::vector<std::string> name_words(std::string_view name);
// Of how the word begins; nothing for a word that is too short to be looked for.
std::optional<std::string> hash_of_name_word(const App& app, std::string_view word);

Task<ClientLookups> load_lookups(App& app, std::string client_id);
// Those that are new are written and those that are gone removed; an e-mail address that is another's loses the race.
void write_lookups(Draft& draft, const ClientId& client, const ClientLookups& before, const ClientLookups& after);

// The client with that e-mail address.
Task<std::optional<std::string>> find_client_by_email(App& app, domain::EmailAddress address);
[[noreturn]] void throw_email_taken();

struct EmailLookup {
  ClientId client_id;
};
BOOST_DESCRIBE_STRUCT(EmailLookup, (), (client_id))

}  // namespace orderly::app
