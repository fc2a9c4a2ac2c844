#include "app/clients.h"

#include <algorithm>

#include "app/client_keys.h"
#include "app/client_records.h"
#include "app/draft.h"
#include "app/keys.h"
#include "base/limits.h"

namespace orderly::app {

namespace {

ClientView view_of(domain::Client client, ClientProfile profile) {
  ClientView view;
  view.id = std::move(client.id);
  view.status = client.status;
  if (!profile.name.empty()) view.name = std::move(profile.name);
  view.email = std::move(profile.email);
  view.phone = std::move(profile.phone);
  view.tax_number = std::move(profile.tax_number);
  view.addresses = std::move(profile.addresses);
  view.currency = client.content.currency;
  view.credit_limit = client.content.credit_limit;
  view.terms = client.content.terms;
  view.version = client.version;
  view.created_at = client.created_at;
  view.updated_at = client.updated_at;
  return view;
}

// Exactly as if there were none, to those who may not know. An erased client is shown to clerks alone.
Task<domain::Client> load_client(App& app, const Caller& caller, std::string id) {
  const bool may_see = is_clerk(caller) || (!caller.client_id.empty() && caller.client_id == id);
  auto client = co_await find_client(app, id);
  const bool is_shown = client && may_see && (is_clerk(caller) || client->status != domain::ClientStatus::kErased);
  if (!is_shown) throw_not_found("client");
  co_return *std::move(client);
}

void require_allowed(const Caller& caller, const UpdateClient& command) {
  if (is_clerk(caller)) return;
  if (!command.email && !command.currency && !command.credit_limit && !command.terms && !command.blocked) return;
  throw Error(ErrorCode::kForbidden, "forbidden",
              "You may change name, phone, tax_number and addresses; the rest is for the shop to change.");
}

void merge(ClientProfile& profile, domain::ClientContent& content, const UpdateClient& command) {
  if (command.name) profile.name = *command.name;
  if (command.email) profile.email = command.email;
  if (command.phone) profile.phone = *command.phone;
  if (command.tax_number) profile.tax_number = *command.tax_number;
  if (command.addresses) profile.addresses = *command.addresses;
  content.currency = command.currency.value_or(content.currency);
  content.credit_limit = command.credit_limit.value_or(content.credit_limit);
  content.terms = command.terms.value_or(content.terms);
}

Task<void> require_free_email(App& app, const std::optional<domain::EmailAddress>& email, const ClientId& client) {
  if (!email) co_return;
  const auto holder = co_await find_client_by_email(app, *email);
  if (holder && *holder != client.text) throw_email_taken();
}

Task<Answer> update_once(App& app, const Caller& caller, const std::string& id, const UpdateClient& command,
                         const RepeatKey& key) {
  const domain::Client before = co_await load_client(app, caller, id);
  if (before.status == domain::ClientStatus::kErased) throw_not_found("client");
  Draft draft(app, caller);
  ClientProfile profile = (co_await open_profile(app, before)).value_or(ClientProfile{});
  const ClientProfile old_profile = profile;
  domain::ClientContent content = before.content;
  merge(profile, content, command);
  if (profile != old_profile) {
    co_await require_free_email(app, profile.email, before.id);
    content.sealed = co_await seal_for(app, draft, before.id.text, json::write(profile));
    write_lookups(draft, before.id, co_await load_lookups(app, before.id.text), lookups_of(app, profile));
  }
  const bool is_blocked = command.blocked.value_or(before.status == domain::ClientStatus::kBlocked);
  domain::ClientChange change = domain::change_client(before, std::move(content), is_blocked, draft.now());
  if (!change.is_nothing()) write_client(draft, &before, change);
  const Answer result = answer(200, view_of(change.client, std::move(profile)));
  draft.remember(key, result.status, change.client);
  if (!change.is_nothing() || !key.empty()) co_await draft.commit();
  co_return result;
}

// Whether each wanted word is how some word of the name begins.
bool has_words(std::string_view name, const std::vector<std::string>& wanted) {
  const std::vector<std::string> words = name_words(name);
  return std::ranges::all_of(wanted, [&](const std::string& want) {
    return std::ranges::any_of(words, [&](const std::string& word) { return word.starts_with(want); });
  });
}

Task<List<ClientView>> list_by_email(App& app, const ClientFilter& filter) {
  List<ClientView> list;
  const auto id = co_await find_client_by_email(app, *filter.email);
  auto client = id ? co_await find_client(app, *id) : std::nullopt;
  if (!client) co_return list;
  ClientView view = co_await view_of(app, *std::move(client));
  if (!filter.name || has_words(view.name.value_or(""), name_words(*filter.name))) list.data.push_back(std::move(view));
  co_return list;
}

// The lookups lead to those whose name has a word that begins like the longest one wanted; the rest is looked at.
Task<List<ClientView>> list_by_name(App& app, const std::string& name, PageOf page) {
  const std::vector<std::string> wanted = name_words(name);
  const auto longest = std::ranges::max_element(wanted, {}, [](const std::string& word) { return word.size(); });
  const auto hash = longest == wanted.end() ? std::nullopt : hash_of_name_word(app, *longest);
  if (!hash) co_return List<ClientView>{};  // one letter finds nobody
  ports::Query query;
  query.partition = std::string(keys::kClientName) + *hash;
  query.limit = page.limit;
  query.cursor = std::move(page.cursor);
  const ports::Page rows = co_await app.store.query(std::move(query));
  std::vector<ports::Key> found;
  for (const ports::Record& row : rows.records) found.push_back(keys::client(row.key.sort));
  List<ClientView> list;
  for (const auto& record : co_await app.store.get_many(std::move(found))) {
    if (!record) continue;
    ClientView view = co_await view_of(app, json::read_stored<domain::Client>(record->document));
    if (has_words(view.name.value_or(""), wanted)) list.data.push_back(std::move(view));
  }
  if (!rows.cursor.empty()) list.next_cursor = rows.cursor;
  co_return list;
}

Task<List<ClientView>> list_all(App& app, PageOf page) {
  ports::Query query;
  query.index = ports::Index::kByKind;
  query.partition = keys::kClients;
  query.limit = page.limit;
  query.cursor = std::move(page.cursor);
  ports::Page rows = co_await app.store.query(std::move(query));
  List<ClientView> list;
  for (const ports::Record& row : rows.records) {
    list.data.push_back(co_await view_of(app, json::read_stored<domain::Client>(row.document)));
  }
  if (!rows.cursor.empty()) list.next_cursor = std::move(rows.cursor);
  co_return list;
}

json::Rule name_rule() {
  return json::field("name").text(1, limits::kTextMax).free_text().says("A person's or a company's.");
}
json::Rule phone_rule() { return json::field("phone").text(0, 40).free_text().says("As a person would dial it."); }
json::Rule tax_number_rule() {
  return json::field("tax_number").text(0, 40).free_text().says("Shown on invoices: a VAT number, for instance.");
}
json::Rule addresses_rule() { return json::field("addresses").items(0, limits::kClientAddressesMax); }
json::Rule credit_limit_rule() {
  return json::field("credit_limit")
      .range(0, limits::kAmountMinorMax)
      .says("Minor units of currency: how much may be open on invoices at once.");
}

}  // namespace

std::vector<json::Rule> json_rules(const CreateClient*) {
  return {name_rule(),
          phone_rule(),
          tax_number_rule(),
          addresses_rule(),
          credit_limit_rule(),
          json::field("currency").says("ISO 4217; the shop's when absent."),
          json::field("terms").says("prepaid when absent.")};
}

std::vector<json::Rule> json_rules(const UpdateClient*) {
  return {name_rule(),         phone_rule(),
          tax_number_rule(),   addresses_rule().says("All of them, in place of those there are."),
          credit_limit_rule(), json::field("blocked").says("A blocked client may not order.")};
}

std::vector<json::Rule> json_rules(const ClientView*) {
  return {json::field("name").says("null of a client that was erased."),
          json::field("email").says("null where there is none."),
          json::field("credit_limit").says("Minor units of currency: how much may be open on invoices at once."),
          json::field("version").says("1 when made, one more with every change.")};
}

Task<ClientView> view_of(App& app, domain::Client client) {
  auto profile = co_await open_profile(app, client);
  co_return view_of(std::move(client), std::move(profile).value_or(ClientProfile{}));
}

Task<Answer> create_client(App& app, Caller caller, CreateClient command, RepeatKey key) {
  co_return co_await run(app, [&]() -> Task<Answer> {
    Draft draft(app, caller);
    const ClientId id = ClientId::make(draft.now(), make_entropy(app));
    co_await require_free_email(app, command.email, id);
    ClientProfile profile{command.email, command.name, command.phone.value_or(""), command.tax_number.value_or(""),
                          command.addresses.value_or(std::vector<Address>{})};
    domain::ClientContent content{command.currency.value_or(app.settings.currency), command.credit_limit.value_or(0),
                                  command.terms.value_or(domain::PaymentTerms::kPrepaid),
                                  (co_await client_seal(app, draft, id.text)).seal(json::write(profile))};
    write_lookups(draft, id, {}, lookups_of(app, profile));
    domain::ClientChange change = domain::create_client(id, std::move(content), draft.now());
    write_client(draft, nullptr, change);
    const Answer result = answer(201, view_of(change.client, std::move(profile)));
    draft.remember(key, result.status, change.client);
    co_await draft.commit();
    co_return result;
  });
}

Task<Answer> update_client(App& app, Caller caller, std::string id, UpdateClient command, RepeatKey key) {
  require_allowed(caller, command);
  co_return co_await run(app, [&]() -> Task<Answer> { return update_once(app, caller, id, command, key); });
}

Task<ClientView> get_client(App& app, Caller caller, std::string id) {
  domain::Client client = co_await load_client(app, caller, std::move(id));
  co_return co_await view_of(app, std::move(client));
}

Task<List<ClientView>> list_clients(App& app, ClientFilter filter, PageOf page) {
  if (filter.email) co_return co_await list_by_email(app, filter);
  if (filter.name) co_return co_await list_by_name(app, *filter.name, std::move(page));
  co_return co_await list_all(app, std::move(page));
}

}  // namespace orderly::app
