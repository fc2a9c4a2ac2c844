#include "app/erasure.h"

#include <limits>

#include "app/client_keys.h"
#include "app/client_records.h"
#include "app/draft.h"
#include "app/keys.h"
#include "app/sessions.h"
#include "base/limits.h"
#include "base/text.h"

namespace orderly::app {

namespace {

constexpr std::string_view kWhyInvoices =
    "Tax law wants invoices kept for years; each shows the name and address that it was issued to.";
constexpr std::string_view kWhyOrders =
    "Articles, amounts and states, which the accounts are made of; without name and address.";

constexpr std::size_t kKeyHashCharacters = 22;  // 132 bits

// Somebody to forget: a client with a record, or a guest, and the guests that a client was.
struct Subject {
  std::optional<domain::Client> client;
  std::vector<std::string> ids;  // all under whose keys something may be sealed
};

Task<Subject> find_subject(App& app, std::string id) {
  Subject subject{co_await find_client(app, id), {id}};
  if (!subject.client) co_return subject;
  subject.ids.insert(subject.ids.end(), subject.client->guests.begin(), subject.client->guests.end());
  co_return subject;
}

bool is_erased(const Subject& subject) {
  return subject.client && subject.client->status == domain::ClientStatus::kErased;
}

// Whether somebody still needs to know who ordered.
bool is_open(const domain::Order& order) {
  const bool is_on_its_way =
      order.status == domain::OrderStatus::kConfirmed || order.status == domain::OrderStatus::kShipped;
  return domain::holds_stock(order.status) || is_on_its_way || (domain::is_due_invoice(order) && order.invoice.empty());
}

struct Holdings {
  std::int64_t orders = 0;
  std::int64_t invoices = 0;
  std::optional<OrderId> open_order;
};

template <class Visit>
Task<void> walk_index(App& app, std::string partition, Visit visit) {
  ports::Query query;
  query.index = ports::Index::kByClient;
  query.partition = std::move(partition);
  query.limit = limits::kPageRowsMax;
  do {
    ports::Page page = co_await app.store.query(query);
    for (const ports::Record& record : page.records) visit(record);
    query.cursor = std::move(page.cursor);
  } while (!query.cursor.empty());
}

Task<Holdings> count_holdings(App& app, const Subject& subject) {
  Holdings holdings;
  for (const std::string& id : subject.ids) {
    co_await walk_index(app, keys::orders_of_client(id), [&](const ports::Record& record) {
      const auto order = json::read_stored<domain::Order>(record.document);
      ++holdings.orders;
      if (is_open(order) && !holdings.open_order) holdings.open_order = order.id;
    });
    co_await walk_index(app, keys::invoices_of_client(id), [&](const ports::Record&) { ++holdings.invoices; });
  }
  co_return holdings;
}

ErasureView view_of(std::string id, const Holdings& holdings) {
  ErasureView view{std::move(id), {}};
  if (holdings.invoices > 0) view.kept.push_back({"invoices", holdings.invoices, std::string(kWhyInvoices)});
  if (holdings.orders > 0) view.kept.push_back({"orders", holdings.orders, std::string(kWhyOrders)});
  return view;
}

Task<void> write_erasure(App& app, Draft& draft, const Subject& subject) {
  for (const std::string& id : subject.ids) {
    destroy_client_key(draft, id);
    draft.write(ports::Remove{keys::cart(id), ports::Always{}});
  }
  if (!subject.client) co_return;
  const domain::Client& client = *subject.client;
  write_lookups(draft, client.id, co_await load_lookups(app, client.id.text), {});
  draft.write(ports::Remove{keys::account(client.id.text), ports::Always{}});
  domain::ClientChange change = domain::erase_client(client, draft.now());
  write_client(draft, &client, change);
}

void forget_caches(App& app, const Subject& subject) {
  for (const std::string& id : subject.ids) {
    app.client_keys.forget(id);
    keep_epoch(app, id, std::numeric_limits<std::int64_t>::max(), app.clock.now());
  }
}

// A name on the list of those who were erased. A guest may come back and order anew under the same id, so that their
// entry says which key it was, too: only that one is destroyed again. A client's id is nobody else's, ever. What is
// neither is a line that was not written to its end.
struct Erased {
  std::string id;
  std::string key;  // of a guest: hash of the key's record
};

constexpr char kKeyMark = '#';  // which no id has

std::string text_of(const Erased& erased) { return erased.key.empty() ? erased.id : erased.id + kKeyMark + erased.key; }

std::optional<Erased> parse_erased(const std::string& text) {
  const std::size_t mark = text.find(kKeyMark);
  if (mark == std::string::npos && is_client_id(text)) return Erased{text, ""};
  const bool is_whole = mark != std::string::npos && text.size() == mark + 1 + kKeyHashCharacters;
  if (!is_whole) return std::nullopt;
  return Erased{text.substr(0, mark), text.substr(mark + 1)};
}

// Empty where there is none.
Task<std::string> hash_of_key(App& app, std::string id) {
  const auto record = co_await app.store.get(keys::client_key(id));
  if (!record) co_return "";
  co_return base64url_encode(app.crypto.sha256(record->document)).substr(0, kKeyHashCharacters);
}

Task<void> put_on_list(App& app, const Subject& subject) {
  if (app.erasures == nullptr) co_return;
  for (const std::string& id : subject.ids) {
    const Erased erased{id, is_client_id(id) ? "" : co_await hash_of_key(app, id)};
    if (parse_erased(text_of(erased))) co_await app.erasures->add(text_of(erased));
  }
}

Task<Answer> erase_once(App& app, const Caller& caller, const std::string& id, const RepeatKey& key) {
  const Subject subject = co_await find_subject(app, id);
  const Holdings holdings = co_await count_holdings(app, subject);
  const bool is_known = subject.client || holdings.orders > 0 || holdings.invoices > 0;
  if (!is_known && (co_await hash_of_key(app, id)).empty()) throw_not_found("client");
  const Answer result = answer(200, view_of(id, holdings));
  if (is_erased(subject)) co_return result;
  if (holdings.open_order) {
    throw Error(ErrorCode::kRefused, "client-has-open-orders",
                "The order " + holdings.open_order->text + " is not finished; cancel or deliver it first.");
  }
  co_await put_on_list(app, subject);
  Draft draft(app, caller);
  co_await write_erasure(app, draft, subject);
  draft.remember(key, result);
  co_await draft.commit();
  forget_caches(app, subject);
  co_return result;
}

Task<bool> erase_if_back(App& app, const Erased& erased) {
  const Subject subject = co_await find_subject(app, erased.id);
  const std::string key = co_await hash_of_key(app, erased.id);
  const bool has_key_back = !key.empty() && (erased.key.empty() || erased.key == key);
  const bool is_back = (subject.client && !is_erased(subject)) || has_key_back;
  if (!is_back) co_return false;
  Draft draft(app, worker("erasures"));
  if (is_erased(subject)) {
    destroy_client_key(draft, erased.id);
  } else {
    co_await write_erasure(app, draft, subject);
  }
  co_await draft.commit();
  forget_caches(app, subject);
  co_return true;
}

}  // namespace

std::vector<json::Rule> json_rules(const ErasureView*) {
  return {json::field("kept").says("What was not erased, and why.")};
}

Task<Answer> erase_client(App& app, Caller caller, std::string id, RepeatKey key) {
  const bool is_owner = caller.role == Role::kOwner;
  const bool is_self = caller.role == Role::kClient && caller.client_id == id;
  if (!is_owner && !is_self) throw_not_found("client");
  co_return co_await run(app, [&]() -> Task<Answer> { return erase_once(app, caller, id, key); });
}

Task<std::size_t> erase_again(App& app) {
  std::size_t count = 0;
  if (app.erasures == nullptr) co_return count;
  for (const std::string& text : co_await app.erasures->all()) {
    const auto erased = parse_erased(text);
    if (!erased) continue;
    const bool was_back = co_await run(app, [&]() -> Task<bool> { return erase_if_back(app, *erased); });
    if (was_back) ++count;
  }
  co_return count;
}

}  // namespace orderly::app
