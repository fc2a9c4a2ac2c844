// Clients: making, changing and finding them. Staff see all of them, and clients themselves.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/catalog.h"
#include "app/views.h"
#include "domain/client.h"

namespace orderly::app {

struct CreateClient {
  std::string name;
  std::optional<domain::EmailAddress> email;
  std::optional<std::string> phone;
  std::optional<std::string> tax_number;
  std::optional<std::vector<Address>> addresses;
  std::optional<Currency> currency;
  std::optional<std::int64_t> credit_limit;
  std::optional<domain::PaymentTerms> terms;
};
BOOST_DESCRIBE_STRUCT(CreateClient, (), (name, email, phone, tax_number, addresses, currency, credit_limit, terms))
std::vector<json::Rule> json_rules(const CreateClient*);

// What is absent stays as it is.
struct UpdateClient {
  std::optional<std::string> name;
  std::optional<domain::EmailAddress> email;
  std::optional<std::string> phone;
  std::optional<std::string> tax_number;
  std::optional<std::vector<Address>> addresses;
  std::optional<Currency> currency;
  std::optional<std::int64_t> credit_limit;
  std::optional<domain::PaymentTerms> terms;
  std::optional<bool> blocked;
};
BOOST_DESCRIBE_STRUCT(UpdateClient, (),
                      (name, email, phone, tax_number, addresses, currency, credit_limit, terms, blocked))
std::vector<json::Rule> json_rules(const UpdateClient*);

struct ClientView {
  ClientId id;
  domain::ClientStatus status = domain::ClientStatus::kActive;
  std::optional<std::string> name;
  std::optional<domain::EmailAddress> email;
  std::string phone;
  std::string tax_number;
  std::vector<Address> addresses;
  Currency currency;
  std::int64_t credit_limit = 0;
  domain::PaymentTerms terms = domain::PaymentTerms::kPrepaid;
  std::int64_t version = 0;
  Time created_at;
  Time updated_at;
};
BOOST_DESCRIBE_STRUCT(ClientView, (),
                      (id, status, name, email, phone, tax_number, addresses, currency, credit_limit, terms, version,
                       created_at, updated_at))
std::vector<json::Rule> json_rules(const ClientView*);

// Opens what is sealed; of an erased client there is nothing to show.
Task<ClientView> view_of(App& app, domain::Client client);

// Throws Error(kRefused, "email-taken").
Task<Answer> create_client(App& app, Caller caller, CreateClient command, RepeatKey key);  // 201
// Owner and staff: any; clients: themselves, and what is theirs to say: neither e-mail, which has to be verified, nor
// what the shop has agreed with them. Throws Error(kForbidden, "forbidden"), Error(kRefused, "email-taken").
Task<Answer> update_client(App& app, Caller caller, std::string id, UpdateClient command, RepeatKey key);
Task<ClientView> get_client(App& app, Caller caller, std::string id);

// Both given: those that are both. A name is found by how its words begin, whatever their order.
struct ClientFilter {
  std::optional<domain::EmailAddress> email;
  std::optional<std::string> name;
};
// In the order they were made, or by a name in no particular one. A page may be short although there is more. A name
// without a word of two characters finds nobody.
Task<List<ClientView>> list_clients(App& app, ClientFilter filter, PageOf page);

}  // namespace orderly::app
