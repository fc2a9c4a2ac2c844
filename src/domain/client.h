// Clients: people and companies with an account or without. What says who they are is sealed (see app/client_keys.h);
// the rest is what the shop has agreed with them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/id.h"
#include "base/json_type.h"
#include "base/money.h"
#include "base/time.h"

namespace orderly::domain {

// A mailbox's address (RFC 5321 section 4.1.2), without quoted local parts, comments or literals of network addresses:
// at most 64 octets, an @, and a domain name of at least two labels. As it was written; folded() compares.
struct EmailAddress {
  std::string text;

  friend bool operator==(const EmailAddress&, const EmailAddress&) = default;
};
std::optional<EmailAddress> parse_email_address(std::string_view text);
// In lower case: no provider worth the name tells mailboxes apart by it.
std::string folded(const EmailAddress& address);

enum class ClientStatus { kActive, kBlocked, kErased };
inline const auto& enum_names(ClientStatus) {
  static constexpr std::array<std::pair<ClientStatus, std::string_view>, 3> kNames{
      {{ClientStatus::kActive, "active"}, {ClientStatus::kBlocked, "blocked"}, {ClientStatus::kErased, "erased"}}};
  return kNames;
}

// Active and blocked clients may become each other and erased; erased ones stay so.
bool may_follow(ClientStatus from, ClientStatus to);

enum class PaymentTerms { kPrepaid, kNet30 };
inline const auto& enum_names(PaymentTerms) {
  static constexpr std::array<std::pair<PaymentTerms, std::string_view>, 2> kNames{
      {{PaymentTerms::kPrepaid, "prepaid"}, {PaymentTerms::kNet30, "net_30"}}};
  return kNames;
}

struct ClientContent {
  Currency currency;
  std::int64_t credit_limit = 0;  // minor units of currency: of invoices that are open at once
  PaymentTerms terms = PaymentTerms::kPrepaid;
  std::string sealed;  // who they are, encrypted under their key

  friend bool operator==(const ClientContent&, const ClientContent&) = default;
};
BOOST_DESCRIBE_STRUCT(ClientContent, (), (currency, credit_limit, terms, sealed))

struct Client {
  ClientId id;
  ClientStatus status = ClientStatus::kActive;
  ClientContent content;            // of an erased one: with nothing sealed
  std::vector<std::string> guests;  // as whom they ordered before they had an account
  std::int64_t version = 0;
  Time created_at;
  Time updated_at;
  std::string last_event;  // hash of the latest event

  friend bool operator==(const Client&, const Client&) = default;
};
BOOST_DESCRIBE_STRUCT(Client, (), (id, status, content, guests, version, created_at, updated_at, last_event))
std::vector<json::Rule> json_rules(const Client*);

struct ClientEvent {
  EventId id;        // given by app
  std::string type;  // client.created, client.changed, client.blocked, client.unblocked, client.guest_claimed, …
  ClientId object;
  std::int64_t version = 0;  // of the client after it
  Time at;
  std::string actor;                 // given by app: who caused it,
  std::string source;                // from where,
  std::string request;               // and by which request
  std::optional<ClientStatus> from;  // nothing: there was no such client
  ClientStatus to = ClientStatus::kActive;
  std::optional<ClientContent> content;  // as it is from now on
  std::string guest;                     // client.guest_claimed
  std::string previous;                  // hash of the client's event before, "" for the first; given by app
  std::string hash;                      // given by app
};
BOOST_DESCRIBE_STRUCT(ClientEvent, (),
                      (id, type, object, version, at, actor, source, request, from, to, content, guest, previous, hash))
std::vector<json::Rule> json_rules(const ClientEvent*);

// The client after the event; for the first event, from an empty client. Throws Error(kBrokenInvariant) when its
// version does not follow or the transition is not allowed.
Client apply(Client client, const ClientEvent& event);

// The client after a change, and the event. Without a type nothing has changed.
struct ClientChange {
  Client client;
  ClientEvent event;

  bool is_nothing() const { return event.type.empty(); }
};

// All throw Error(kNotFound) for a client that is erased: nobody is there any more.
ClientChange create_client(ClientId id, ClientContent content, Time now);  // client.created
// client.changed, client.blocked, client.unblocked; nothing when all is as it was.
ClientChange change_client(const Client& client, ClientContent content, bool is_blocked, Time now);
// Notes that the client ordered as that guest. client.guest_claimed, or nothing when it is known. Throws
// Error(kRefused, "too-many-guests") above limits::kClientGuestsMax.
ClientChange claim_guest(const Client& client, std::string guest, Time now);
ClientChange erase_client(const Client& client, Time now);  // client.erased

std::string bytes_for_hash(const ClientEvent& event);

}  // namespace orderly::domain

template <>
struct orderly::json::JsonText<orderly::domain::EmailAddress> {
  static constexpr std::string_view kExpectation = "an e-mail address";
  // Stricter than JSON Schema's format "email", which allows quoted local parts.
  static std::string pattern() {
    const std::string atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
    const std::string label = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
    return "^(?=[^@]{1,64}@)(?=.{3,254}$)" + atom + "(\\." + atom + ")*@" + label + "(\\." + label + ")+$";
  }
  static std::optional<domain::EmailAddress> parse(std::string_view text) { return domain::parse_email_address(text); }
  static void append(const domain::EmailAddress& address, std::string& out) { out += address.text; }
};
