#include "app/check_clients.h"

#include "app/check_indexes.h"
#include "app/check_privacy.h"
#include "app/keys.h"
#include "app/sessions.h"

namespace orderly::app::checks {

void ClientCheck::add(const ports::Inspection::StoredRecord& stored) {
  const std::string where = text_of(stored.record.key);
  const std::string& sort = stored.record.key.sort;
  find_private(context_.findings, where, stored.record.document, Privacy::kSealed);
  if (sort == keys::kMeta) {
    add_client(stored);
  } else if (sort == "ACCOUNT") {
    add_account(stored);
  } else if (sort == "LOOKUPS") {
    add_lookups(stored);
  } else if (sort.starts_with(keys::kEventPrefix)) {
    note_event(context_, stored);
    replay_.add(stored, [](const auto&...) {});
  } else {
    context_.findings.add(10, "unknown-record", where, "clients have no such kind of record");
  }
}

void ClientCheck::add_account(const ports::Inspection::StoredRecord& stored) {
  ++context_.counts.accounts;
  has_account_ = true;
  expect_indexes(context_, stored, {});
  const std::string where = text_of(stored.record.key);
  const auto account = read_canonical<Account>(context_, 10, where, stored.record.document);
  if (!account) return;
  const bool is_in_place = keys::account(account->client_id.text) == stored.record.key &&
                           static_cast<std::uint64_t>(account->version) == stored.record.version;
  if (!is_in_place) {
    context_.findings.add(10, "account-place", where, "it is kept under another client or version than its own");
  }
  if (!account->password_hash.starts_with("$argon2id$")) {
    context_.findings.add(11, "password-hash", where, "its password is not hashed as passwords are");
  }
}

void ClientCheck::add_lookups(const ports::Inspection::StoredRecord& stored) {
  expect_indexes(context_, stored, {});
  const std::string where = text_of(stored.record.key);
  lookups_ = read_canonical<ClientLookups>(context_, 10, where, stored.record.document);
  if (!lookups_) return;
  const std::string id = partition_.substr(partition_.find('#') + 1);
  if (!lookups_->email_hash.empty()) expect_lookup(context_, keys::email(lookups_->email_hash), id);
  for (const std::string& hash : lookups_->name_hashes) expect_lookup(context_, keys::client_name(hash, id), id);
}

void ClientCheck::add_client(const ports::Inspection::StoredRecord& stored) {
  ++context_.counts.clients;
  where_ = text_of(stored.record.key);
  client_ = read_canonical<domain::Client>(context_, 6, where_, stored.record.document);
  if (!client_) return;
  replay_.compare(stored, *client_);
  expect_indexes(context_, stored, keys::index_entries(*client_));
  if (keys::client(client_->id.text) != stored.record.key) {
    context_.findings.add(10, "client-place", where_, "it is kept under another id than its own");
  }
}

void ClientCheck::finish() {
  if (where_.empty()) {
    context_.findings.add(6, "client-missing", partition_, "there are records of this client, but not the client");
    return;
  }
  if (!client_) return;
  if (client_->status == domain::ClientStatus::kErased) check_erased();
}

void ClientCheck::check_erased() {
  const bool has_key = context_.picture.record(keys::client_key(client_->id.text)).has_value();
  if (!has_key && !has_account_ && !lookups_) return;
  context_.findings.add(11, "erased-client-known", where_,
                        has_key        ? "the client is erased, but the key of its data is there"
                        : has_account_ ? "the client is erased, but its account is there"
                                       : "the client is erased, but it can be found");
}

void check_client_lookup(Context& context, const ports::Inspection::StoredRecord& stored) {
  ++context.counts.lookups;
  expect_indexes(context, stored, {});
  const ports::Key& key = stored.record.key;
  const std::string where = text_of(key);
  if (key.partition.starts_with(keys::kClientName)) {
    meet_lookup(context, key, key.sort);
    return;
  }
  const auto lookup = read_canonical<EmailLookup>(context, 10, where, stored.record.document);
  if (lookup) meet_lookup(context, key, lookup->client_id.text);
}

}  // namespace orderly::app::checks
