#include "domain/client.h"

#include <algorithm>

#include "base/error.h"
#include "base/json.h"
#include "base/limits.h"

namespace orderly::domain {

namespace {

constexpr std::size_t kLocalPartMax = 64;
constexpr std::size_t kAddressMax = 254;  // what a RCPT command's path has room for
constexpr std::size_t kLabelMax = 63;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c); }

// RFC 5322's atext.
bool is_atom_character(char c) {
  return is_letter_or_digit(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

bool is_label(std::string_view label) {
  const auto is_allowed = [](char c) { return is_letter_or_digit(c) || c == '-'; };
  return !label.empty() && label.size() <= kLabelMax && label.front() != '-' && label.back() != '-' &&
         std::ranges::all_of(label, is_allowed);
}

bool is_atom(std::string_view atom) { return !atom.empty() && std::ranges::all_of(atom, is_atom_character); }

// How many parts between dots there are; 0 when one of them is not as `is_part` wants it.
template <class IsPart>
std::size_t count_parts(std::string_view text, IsPart is_part) {
  for (std::size_t count = 1;; ++count) {
    const std::size_t dot = text.find('.');
    if (!is_part(text.substr(0, dot))) return 0;
    if (dot == std::string_view::npos) return count;
    text.remove_prefix(dot + 1);
  }
}

[[noreturn]] void throw_unfit(const ClientEvent& event, std::string_view why) {
  throw_broken("event " + event.type + " version " + std::to_string(event.version) + " of client " + event.object.text +
               ": " + std::string(why));
}

void check_event(const Client& client, const ClientEvent& event) {
  if (event.version != client.version + 1) throw_unfit(event, "its version does not follow");
  if (client.version == 0) {
    if (event.from || event.to != ClientStatus::kActive) throw_unfit(event, "a client begins as active");
    return;
  }
  if (event.object != client.id) throw_unfit(event, "it is another client's");
  if (event.from != client.status) throw_unfit(event, "its `from` is not the client's status");
  if (client.status == ClientStatus::kErased) throw_unfit(event, "the client is erased");
  if (event.to != client.status && !may_follow(client.status, event.to)) throw_unfit(event, "no such transition");
}

ClientEvent next_event(const Client& client, std::string type, Time now) {
  ClientEvent event;
  event.type = std::move(type);
  event.object = client.id;
  event.version = client.version + 1;
  event.at = now;
  event.from = client.status;
  event.to = client.status;
  return event;
}

void require_there(const Client& client) {
  if (client.status == ClientStatus::kErased) throw_not_found("client");
}

}  // namespace

std::optional<EmailAddress> parse_email_address(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at > kLocalPartMax || text.size() > kAddressMax) return std::nullopt;  // npos, too
  const bool is_good = count_parts(text.substr(0, at), is_atom) >= 1 && count_parts(text.substr(at + 1), is_label) >= 2;
  const std::string_view last_label = text.substr(text.find_last_of(".@") + 1);
  if (!is_good || std::ranges::all_of(last_label, is_digit)) return std::nullopt;
  return EmailAddress{std::string(text)};
}

std::string folded(const EmailAddress& address) {
  std::string lower = address.text;
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return lower;
}

bool may_follow(ClientStatus from, ClientStatus to) { return from != ClientStatus::kErased && from != to; }

// `content`'s members are always set: their empty forms would not read back.
std::vector<json::Rule> json_rules(const Client*) {
  return {json::field("guests").brief(), json::field("last_event").brief()};
}

std::vector<json::Rule> json_rules(const ClientEvent*) {
  return {json::field("actor").brief(), json::field("source").brief(),  json::field("request").brief(),
          json::field("from").brief(),  json::field("content").brief(), json::field("guest").brief(),
          json::field("hash").brief(),  json::field("previous").brief()};
}

Client apply(Client client, const ClientEvent& event) {
  check_event(client, event);
  if (client.version == 0) {
    client.id = event.object;
    client.created_at = event.at;
  }
  client.status = event.to;
  client.version = event.version;
  client.updated_at = event.at;
  if (!event.hash.empty()) client.last_event = event.hash;  // app hashes an event only after it was decided
  if (event.content) client.content = *event.content;
  if (!event.guest.empty()) client.guests.push_back(event.guest);
  if (client.status == ClientStatus::kErased) client.content.sealed.clear();
  return client;
}

ClientChange create_client(ClientId id, ClientContent content, Time now) {
  ClientEvent event;
  event.type = "client.created";
  event.object = std::move(id);
  event.version = 1;
  event.at = now;
  event.content = std::move(content);
  Client client = apply({}, event);
  return {std::move(client), std::move(event)};
}

ClientChange change_client(const Client& client, ClientContent content, bool is_blocked, Time now) {
  require_there(client);
  const ClientStatus status = is_blocked ? ClientStatus::kBlocked : ClientStatus::kActive;
  const bool changes_status = status != client.status;
  const bool changes_content = content != client.content;
  if (!changes_status && !changes_content) return {client, {}};
  const std::string_view status_type = is_blocked ? "client.blocked" : "client.unblocked";
  ClientEvent event = next_event(client, std::string(changes_status ? status_type : "client.changed"), now);
  event.to = status;
  if (changes_content) event.content = std::move(content);
  return {apply(client, event), event};
}

ClientChange claim_guest(const Client& client, std::string guest, Time now) {
  require_there(client);
  if (std::ranges::find(client.guests, guest) != client.guests.end()) return {client, {}};
  if (client.guests.size() >= limits::kClientGuestsMax) {
    throw Error(ErrorCode::kRefused, "too-many-guests", "This client has claimed the orders of too many guests.");
  }
  ClientEvent event = next_event(client, "client.guest_claimed", now);
  event.guest = std::move(guest);
  return {apply(client, event), event};
}

ClientChange erase_client(const Client& client, Time now) {
  require_there(client);
  ClientEvent event = next_event(client, "client.erased", now);
  event.to = ClientStatus::kErased;
  return {apply(client, event), event};
}

std::string bytes_for_hash(const ClientEvent& event) {
  ClientEvent content = event;
  content.hash.clear();
  return json::write(content);
}

}  // namespace orderly::domain
