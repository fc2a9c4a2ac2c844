// Every damage is found, with the right invariant and in the right place.
#include <gtest/gtest.h>

#include "app/api_key_events.h"
#include "app/check_samples.h"

namespace orderly::app {
namespace {

using ports::QueueName;
using samples::Damage;
using samples::kFirstFile;
using samples::kFirstInvoice;
using samples::kLastInvoice;
using samples::kSecondInvoice;
using samples::Picture;
using samples::place;
using samples::Shop;

void expect_found(Shop& shop, const std::vector<Damage>& damages) { samples::expect_found(shop.world, damages); }

// The version of the order's first event of that type.
ports::Key event_of(Shop& shop, const OrderId& order, std::string_view type) {
  for (const domain::OrderEvent& event : shop.world.events(order)) {
    if (event.type == type) return keys::event(order, event.version);
  }
  ADD_FAILURE() << "no event " << type;
  return {};
}

domain::PaymentAttempt& first_attempt(domain::Order& order) { return order.attempts.front(); }

TEST(Check, FindsDamageToTheLedger) {
  Shop shop;
  const ports::Crypto& crypto = shop.world.crypto;
  const ports::Key paid = event_of(shop, shop.delivered, "payment.confirmed");
  const ports::Key returned = event_of(shop, shop.delivered, "refund.done");
  const ports::Key placed = event_of(shop, shop.delivered, "order.placed");
  const auto edit = [&](const ports::Key& key, auto change) {
    return [&crypto, key, change](Picture& picture) { picture.edit_event(key, crypto, change); };
  };
  using Event = domain::OrderEvent;
  expect_found(
      shop, {{"an unbalanced entry",
              edit(paid, [](Event& e) { e.postings[0].debit += 1; }),
              {{1, "unbalanced", place(paid)}, {1, "trial-balance", "USD"}}},
             {"a posting with two sides",
              edit(paid, [](Event& e) { e.postings[0].credit = e.postings[0].debit; }),
              {{1, "unbalanced", place(paid)}}},
             {"a balanced entry of another amount",
              edit(returned, [](Event& e) { e.postings[0].debit += 5, e.postings[1].credit += 5; }),
              {{1, "postings", place(returned)}}},
             {"an entry taken away", edit(paid, [](Event& e) { e.postings.clear(); }), {{1, "postings", place(paid)}}},
             {"an entry where none belongs",
              edit(placed, [](Event& e) { e.postings = domain::money_returned(100, 0); }),
              {{1, "postings", place(placed)}}},
             {"another currency",
              edit(paid, [](Event& e) { e.currency = Currency::of("EUR"); }),
              {{1, "currency", place(paid)}}},
             {"amounts that overflow",
              edit(paid,
                   [](Event& e) {
                     e.postings = {{domain::Account::kTax, std::numeric_limits<std::int64_t>::max(), 0},
                                   {domain::Account::kTax, std::numeric_limits<std::int64_t>::max(), 0}};
                   }),
              {{1, "contradiction", place(paid)}}}});
}

TEST(Check, FindsDamageToMoneyInOrders) {
  Shop shop;
  using Order = domain::Order;
  const ports::Key key = keys::order(shop.delivered);
  const auto edit = [](const ports::Key& order, auto change) {
    return [order, change](Picture& picture) { picture.edit<Order>(order, change); };
  };
  expect_found(
      shop,
      {{"captured twice",
        edit(key,
             [](Order& o) {
               o.attempts.push_back(first_attempt(o));
               o.attempts.back().id = transaction_id(o.id, 3);
             }),
        {{2, "captured-twice", place(key)}}},
       {"captured another amount",
        edit(key, [](Order& o) { first_attempt(o).amount -= 1; }),
        {{2, "capture-amount", place(key)}}},
       {"paid without a capture",
        edit(key, [](Order& o) { first_attempt(o).status = domain::PaymentStatus::kDeclined; }),
        {{2, "capture-status", place(key)}}},
       {"refunded too much",
        edit(key, [](Order& o) { o.refunds[0].amount = o.total + 1; }),
        {{3, "refunds-exceed", place(key)}}},
       {"a refund below 1", edit(key, [](Order& o) { o.refunds[0].amount = -5; }), {{3, "refund-amount", place(key)}}},
       {"a refund of no capture",
        edit(key, [](Order& o) { o.refunds[0].payment = transaction_id(o.id, 9); }),
        {{3, "refund-payment", place(key)}}},
       {"refunded in part only",
        edit(keys::order(shop.refunded), [](Order& o) { o.refunds[0].amount -= 1; }),
        {{3, "refunded-in-part", place(keys::order(shop.refunded))}}},
       {"another total", edit(key, [](Order& o) { o.total += 1; }), {{4, "total", place(key)}}},
       {"another quantity", edit(key, [](Order& o) { o.items[0].quantity += 1; }), {{4, "total", place(key)}}},
       {"another price component", edit(key, [](Order& o) { o.price[0].amount += 1; }), {{4, "total", place(key)}}},
       {"amounts that overflow",
        edit(key, [](Order& o) { o.items[0].unit_price = std::numeric_limits<std::int64_t>::max(); }),
        {{4, "contradiction", place(key)}}},
       {"a transaction of another order",
        edit(key, [&](Order& o) { first_attempt(o).id = transaction_id(shop.refunded, 1); }),
        {{6, "transaction-id", place(key)}}}});
}

TEST(Check, FindsDamageToStock) {
  Shop shop;
  const ports::Crypto& crypto = shop.world.crypto;
  const ports::Key stock = keys::stock("1");
  const ports::Key order = keys::order(shop.pending);
  const ports::Key placed = keys::event(shop.pending, 1);
  using Counters = domain::StockCounters;
  expect_found(
      shop,
      {{"more reserved",
        [&](Picture& p) { p.edit<Counters>(stock, [](Counters& c) { c.reserved += 1; }); },
        {{5, "stock-reserved", place(stock)}, {5, "stock-events", place(stock)}}},
       {"more available than there can be",
        [&](Picture& p) { p.edit<Counters>(stock, [](Counters& c) { c.available += 1; }); },
        {{5, "stock-available", place(stock)}}},
       {"available below zero",
        [&](Picture& p) { p.edit<Counters>(stock, [](Counters& c) { c.available = -1; }); },
        {{5, "stock-below-zero", place(stock)}, {5, "stock-available", place(stock)}}},
       {"no counters", [&](Picture& p) { p.remove(stock); }, {{5, "stock-missing", place(stock)}}},
       {"counters that do not read",
        [&](Picture& p) { p.document(stock) = R"({"available":"many"})"; },
        {{5, "unreadable", place(stock)}}},
       {"no counter record",
        [&](Picture& p) { p.stored.at(stock).is_counter = false; },
        {{5, "stock-no-counter", place(stock)}}},
       {"an event that reserved less",
        [&](Picture& p) {
          p.edit_event(placed, crypto, [](domain::OrderEvent& e) {
            e.stock[0].available += 1;
            e.stock[0].reserved -= 1;
          });
        },
        {{5, "stock-moves", place(order)}, {5, "stock-events", place(stock)}, {5, "stock-available", place(stock)}}},
       {"stock of no product",
        [&](Picture& p) { p.remove(keys::product("1")); },
        {{10, "stock-of-nothing", place(stock)}, {10, "lookup-stray", place(keys::sku("SKU-1"))}}}});
}

TEST(Check, FindsDamageToHistories) {
  Shop shop;
  const ports::Crypto& crypto = shop.world.crypto;
  const ports::Key order = keys::order(shop.delivered);
  const ports::Key third = keys::event(shop.delivered, 3);
  const ports::Key fourth = keys::event(shop.delivered, 4);
  const ports::Key last = keys::event(shop.delivered, shop.world.order(shop.delivered).version);
  using Event = domain::OrderEvent;
  using Order = domain::Order;
  const auto edit = [&](const ports::Key& key, auto change) {
    return [&crypto, key, change](Picture& picture) { picture.edit_event(key, crypto, change); };
  };
  const auto edit_order = [&](auto change) {
    return [order, change](Picture& picture) { picture.edit<Order>(order, change); };
  };
  expect_found(
      shop,
      {{"an event lost", [&](Picture& p) { p.remove(third); }, {{6, "version-gap", place(fourth)}}},
       {"the last event lost",
        [&](Picture& p) { p.remove(last); },
        {{6, "order-version", place(order)}, {6, "last-event", place(order)}}},
       {"an event changed",
        [&](Picture& p) { p.edit<Event>(third, [](Event& e) { e.actor = "nobody"; }); },
        {{6, "event-hash", place(third)}}},
       {"an event changed and hashed again",
        edit(third, [](Event& e) { e.actor = "nobody"; }),
        {{6, "event-chain", place(fourth)}}},
       {"the last event changed and hashed again",
        edit(last, [](Event& e) { e.actor = "nobody"; }),
        {{6, "last-event", place(order)}}},
       {"other bytes of the same content",
        [&](Picture& p) { p.document(third).insert(1, " "); },
        {{6, "not-canonical", place(third)}}},
       {"an event that does not read",
        [&](Picture& p) { p.document(third).resize(40); },
        {{6, "unreadable", place(third)}, {10, "not-json", place(third)}}},
       {"an event under another's key",
        edit(third, [&](Event& e) { e.object = shop.refunded; }),
        {{6, "event-key", place(third)}}},
       {"an illegal transition",
        edit(third, [](Event& e) { e.to = domain::OrderStatus::kShipped; }),
        {{6, "illegal-transition", place(third)}}},
       {"an attempt that skips a state",
        edit(keys::event(shop.delivered, 1), [](Event& e) { e.attempt->status = domain::PaymentStatus::kConfirmed; }),
        {{6, "illegal-transition", place(keys::event(shop.delivered, 1))}}},
       {"another status",
        edit_order([](Order& o) { o.status = domain::OrderStatus::kShipped; }),
        {{6, "order-differs", place(order)}, {10, "index-entries", place(order)}}},
       {"another client", edit_order([](Order& o) { o.client_id = "u2"; }), {{6, "order-differs", place(order)}}},
       {"another last event", edit_order([](Order& o) { o.last_event = "x"; }), {{6, "last-event", place(order)}}},
       {"no order", [&](Picture& p) { p.remove(order); }, {{6, "order-missing", place(order)}}},
       {"an order that does not read",
        [&](Picture& p) { p.document(order) = "{\"id\":"; },
        {{6, "unreadable", place(order)}}},
       {"no document at all", [&](Picture& p) { p.document(order).clear(); }, {{6, "unreadable", place(order)}}},
       {"another version of the record",
        [&](Picture& p) { p.stored.at(order).record.version += 1; },
        {{6, "record-version", place(order)}}}});
}

// As somebody would who knows how invoices are hashed.
std::function<void(Picture&)> edit_invoice(Shop& shop, const ports::Key& key,
                                           const std::function<void(domain::Invoice&)>& change) {
  return [&crypto = shop.world.crypto, key, change](Picture& picture) { picture.edit_invoice(key, crypto, change); };
}

TEST(Check, FindsDamageToInvoices) {
  Shop shop;
  const ports::Key head = keys::series_head("INV-2026");
  using Invoice = domain::Invoice;
  const auto remove_first = [&](Picture& p) {
    p.remove(kFirstInvoice);
    p.remove(kFirstFile);
  };
  expect_found(shop, {{"a number skipped",
                       remove_first,
                       {{7, "invoice-gap", place(kSecondInvoice)}, {7, "invoice-lost", "INV-2026-000001"}}},
                      {"the last number lost",
                       [&](Picture& p) { p.remove(kLastInvoice); },
                       {{7, "series-head", place(head)},
                        {7, "invoice-lost", "INV-2026-000004"},
                        {7, "file-of-nothing", place(keys::invoice_file("INV-2026-000000000004"))}}},
                      {"a byte of the record flipped",
                       [&](Picture& p) { p.edit<Invoice>(kFirstInvoice, [](Invoice& i) { i.seller.name[0] ^= 1; }); },
                       {{7, "invoice-hash", place(kFirstInvoice)}}},
                      {"a record that does not read",
                       [&](Picture& p) { p.document(kFirstInvoice)[0] = '['; },
                       {{7, "unreadable", place(kFirstInvoice)}}},
                      {"changed and hashed again",
                       edit_invoice(shop, kFirstInvoice, [](Invoice& i) { i.seller.name = "Another"; }),
                       {{7, "invoice-chain", place(kSecondInvoice)}}},
                      {"the last one changed and hashed again",
                       edit_invoice(shop, kLastInvoice, [](Invoice& i) { i.seller.name = "Another"; }),
                       {{7, "series-head", place(head)}}},
                      {"another number",
                       edit_invoice(shop, kFirstInvoice, [](Invoice& i) { i.number = "INV-2026-000009"; }),
                       {{7, "invoice-number", place(kFirstInvoice)}}},
                      {"no sequence",
                       edit_invoice(shop, kFirstInvoice, [](Invoice& i) { i.sequence = 0; }),
                       {{7, "invoice-number", place(kFirstInvoice)}}},
                      {"another year",
                       edit_invoice(shop, kFirstInvoice, [](Invoice& i) { i.issued_at = Time{0}; }),
                       {{7, "invoice-number", place(kFirstInvoice)}}},
                      {"no number in the key",
                       [&](Picture& p) {
                         p.stored[{"INVOICE#INV", "META"}] = p.stored.at(kFirstInvoice);
                         p.stored[{"INVOICE#INV", "META"}].record.key = {"INVOICE#INV", "META"};
                       },
                       {{7, "invoice-key", "INVOICE#INV/META"}}},
                      {"no head", [&](Picture& p) { p.remove(head); }, {{7, "series-head", place(head)}}}});
}

TEST(Check, FindsDamageToPdfs) {
  Shop shop;
  expect_found(shop,
               {{"a byte of the PDF flipped",
                 [&](Picture& p) { p.blobs.at("invoices/INV-2026-000001.pdf").bytes[100] ^= 1; },
                 {{7, "pdf-differs", place(kFirstFile)}}},
                {"the PDF cut short",
                 [&](Picture& p) { p.blobs.at("invoices/INV-2026-000001.pdf").bytes.pop_back(); },
                 {{7, "pdf-differs", place(kFirstFile)}}},
                {"no PDF",
                 [&](Picture& p) { p.blobs.erase("invoices/INV-2026-000001.pdf"); },
                 {{7, "pdf-missing", place(kFirstFile)}}},
                {"a PDF never made and forgotten",
                 [&](Picture& p) { p.remove(kFirstFile); },
                 {{7, "file-missing", place(kFirstInvoice)}}},
                {"another's PDF",
                 [&](Picture& p) { p.document(kFirstFile) = p.document(keys::invoice_file("INV-2026-000000000002")); },
                 {{7, "file-name", place(kFirstFile)}}}});
}

TEST(Check, FindsInvoicesAndOrdersThatDisagree) {
  Shop shop;
  const ports::Key note = keys::invoice("CRN-2026-000000000001");
  using Invoice = domain::Invoice;
  using Order = domain::Order;
  expect_found(
      shop,
      {{"another total",
        edit_invoice(shop, kLastInvoice, [](Invoice& i) { i.total += 1; }),
        {{7, "invoice-differs", "INV-2026-000004"}}},
       {"a credit note of another amount",
        edit_invoice(shop, note, [](Invoice& i) { i.total += 1; }),
        {{7, "invoice-differs", "CRN-2026-000001"}}},
       {"an order that forgot its invoice",
        [&](Picture& p) { p.edit<Order>(keys::order(shop.delivered), [](Order& o) { o.invoice.clear(); }); },
        {{7, "invoice-unlinked", "INV-2026-000001"}, {7, "invoice-missing", place(keys::order(shop.delivered))}}},
       {"two orders with one invoice",
        [&](Picture& p) { p.edit<Order>(keys::order(shop.refunded), [](Order& o) { o.invoice = "INV-2026-000001"; }); },
        {{7, "invoice-shared", "INV-2026-000001"}}},
       {"a refund that forgot its credit note",
        [&](Picture& p) {
          p.edit<Order>(keys::order(shop.delivered), [](Order& o) { o.refunds[0].credit_note.clear(); });
        },
        {{7, "credit-note-missing", place(keys::order(shop.delivered))}}},
       {"no message for an invoice that is due",
        [&](Picture& p) { p.remove_messages(QueueName::kInvoices); },
        {{7, "invoice-missing", place(keys::order(shop.due))}}}});
}

TEST(Check, FindsDamageToMessages) {
  Shop shop;
  const auto place_of = [&](QueueName queue) {
    Picture picture = shop.picture();
    return std::string(ports::name_of(queue)) + "/" + picture.message(queue).message.id;
  };
  const OrderId stranger = make_order_id(shop.world.clock.now(), {7});
  const auto set_body = [](QueueName queue, std::string body) {
    return [queue, body](Picture& p) { p.message(queue).message.body = body; };
  };
  const auto without = [](QueueName queue) { return [queue](Picture& p) { p.remove_messages(queue); }; };
  const TransactionId no_refund = transaction_id(shop.due, 9);
  expect_found(
      shop, {{"no message for a payment",
              without(QueueName::kPayments),
              {{9, "message-missing", place(keys::order(shop.starting))},
               {9, "message-missing", place(keys::order(shop.unknown))}}},
             {"no message for a refund",
              without(QueueName::kRefunds),
              {{9, "message-missing", place(keys::order(shop.refunding))}}},
             {"a dead letter",
              [](Picture& p) { p.message(QueueName::kRefunds).dead = true; },
              {{9, "dead-letter", place_of(QueueName::kRefunds)}}},
             {"a message that nobody works on",
              [&](Picture& p) {
                p.message(QueueName::kInvoices).message.due = shop.world.clock.now() - std::chrono::minutes(16);
              },
              {{9, "overdue", place_of(QueueName::kInvoices)}}},
             {"about no order",
              set_body(QueueName::kInvoices, json::write(InvoiceTask{stranger, {}})),
              {{9, "message-about-nothing", place_of(QueueName::kInvoices)}}},
             {"about no refund",
              set_body(QueueName::kInvoices, json::write(InvoiceTask{shop.due, no_refund})),
              {{9, "message-about-nothing", place_of(QueueName::kInvoices)}}},
             {"about no attempt",
              set_body(QueueName::kPayments, json::write(PaymentTask{shop.due, no_refund, PaymentPhase::kBegin, 0})),
              {{9, "message-about-nothing", place_of(QueueName::kPayments)}}},
             {"about nothing that can be read",
              set_body(QueueName::kPayments, "hello"),
              {{9, "unreadable", place_of(QueueName::kPayments)}, {10, "not-json", place_of(QueueName::kPayments)}}}});
}

TEST(Check, FindsDamageToIndexesLookupsAndTheFeed) {
  Shop shop;
  const ports::Key order = keys::order(shop.pending);
  const ports::Key sku = keys::sku("SKU-1");
  const ports::Key mug = keys::product_name("Mug");
  const ports::Key later = keys::later_transaction(shop.delivered, 2);
  Picture intact = shop.picture();
  const std::string third = place(intact.events[2].key);
  expect_found(
      shop,
      {{"an index entry lost",
        [&](Picture& p) { std::erase_if(p.entries, [&](const auto& e) { return e.record == order; }); },
        {{10, "index-entry-missing", place(order)}}},
       {"an index entry too many",
        [&](Picture& p) { p.entries.push_back({{ports::Index::kByStatus, "ORDER#shipped#2026-11-20", "x"}, order}); },
        {{10, "index-entry-stray", place(order)}}},
       {"an index entry of no record",
        [&](Picture& p) { p.stored.erase(later); },
        {{10, "index-entry-stray", place(later)}, {10, "transaction-missing", place(later)}}},
       {"a record with other index entries",
        [&](Picture& p) { p.stored.at(order).indexes.pop_back(); },
        {{10, "index-entries", place(order)}, {10, "index-entry-stray", place(order)}}},
       {"a later transaction that differs",
        [&](Picture& p) { p.edit<LaterTransaction>(later, [](LaterTransaction& t) { t.sort += "0"; }); },
        {{10, "transaction-differs", place(later)}}},
       {"a later transaction of nothing",
        [&](Picture& p) {
          const ports::Key key = keys::later_transaction(shop.delivered, 77);
          p.stored[key] = p.stored.at(later);
          p.stored[key].record.key = key;
        },
        {{10, "transaction-unknown", place(keys::later_transaction(shop.delivered, 77))}}},
       {"a SKU that leads nowhere", [&](Picture& p) { p.remove(sku); }, {{10, "lookup-missing", place(sku)}}},
       {"a SKU that leads elsewhere",
        [&](Picture& p) { p.document(sku) = R"({"product_ids":["2"]})"; },
        {{10, "lookup-missing", place(sku)}, {10, "lookup-stray", place(sku)}}},
       {"a SKU of two products",
        [&](Picture& p) { p.document(sku) = R"({"product_ids":["1","2"]})"; },
        {{10, "sku-shared", place(sku)}}},
       {"a name that lost a product",
        [&](Picture& p) { p.document(mug) = R"({"product_ids":["mug-a"]})"; },
        {{10, "lookup-missing", place(mug)}}},
       {"a product under another's key",
        [&](Picture& p) { p.edit<domain::Product>(keys::product("1"), [](domain::Product& x) { x.id = "9"; }); },
        {{10, "product-key", place(keys::product("1"))}}},
       {"a product of another version",
        [&](Picture& p) { p.stored.at(keys::product("1")).record.version = 9; },
        {{10, "product-version", place(keys::product("1"))}}},
       {"the feed lost an event",
        [&](Picture& p) { p.events.erase(p.events.begin() + 2); },
        {{10, "feed-lacks-event", third}, {10, "feed-gap", place(intact.events[3].key)}}},
       {"the feed repeats an event",
        [&](Picture& p) {
          p.events.push_back(p.events[2]);
          p.events.back().sequence = p.events.size();
        },
        {{10, "feed-repeats", third}}},
       {"the feed tells an event differently",
        [&](Picture& p) { p.events[2].document[5] ^= 1; },
        {{10, "feed-differs", third}}},
       {"the feed has an event of its own",
        [&](Picture& p) { p.events[2].key.sort = "EVENT#99999999"; },
        {{10, "feed-event-unknown", intact.events[2].key.partition + "/EVENT#99999999"}}},
       {"an API key of another version",
        [&](Picture& p) { p.stored.at(shop.api_key).record.version = 9; },
        {{6, "record-version", place(shop.api_key)}}},
       {"an API key that shows its text",
        [&](Picture& p) { p.edit<ApiKey>(shop.api_key, [](ApiKey& key) { key.hash = "ok_test_0"; }); },
        {{11, "api-key-hash", place(shop.api_key)}, {11, "secret", place(shop.api_key)}}},
       {"a record of no known kind",
        [&](Picture& p) { p.stored[{"THING#1", "META"}] = {{{"THING#1", "META"}, "{}", 1, {}}, {}, false}; },
        {{10, "unknown-record", "THING#1/META"}}}});
}

TEST(Check, FindsDamageToTheHistoriesOfApiKeys) {
  Shop shop;
  const ports::Key record = shop.api_key;
  const ports::Key made = keys::event(ApiKeyId{record.sort}, 1);
  const ports::Key stray{made.partition, "META"};
  expect_found(shop, {{"an event changed",
                       [&](Picture& p) { p.edit<ApiKeyEvent>(made, [](ApiKeyEvent& e) { e.actor = "nobody"; }); },
                       {{6, "event-hash", place(made)}, {10, "feed-differs", place(made)}}},
                      {"an event lost",
                       [&](Picture& p) { p.remove(made); },
                       {{6, "api-key-version", place(record)}, {6, "last-event", place(record)}}},
                      {"a key lost", [&](Picture& p) { p.remove(record); }, {{6, "api-key-missing", place(record)}}},
                      {"a key that may do more than it was made for",
                       [&](Picture& p) { p.edit<ApiKey>(record, [](ApiKey& key) { key.role = Role::kOwner; }); },
                       {{6, "api-key-differs", place(record)}}},
                      {"a key under another's id",
                       [&](Picture& p) { p.edit<ApiKey>(record, [](ApiKey& key) { key.id.text.back() ^= 1; }); },
                       {{10, "api-key-place", place(record)}}},
                      {"something else among a key's events",
                       [&](Picture& p) { p.stored[stray] = {{stray, "{}", 1, {}}, {}, false}; },
                       {{10, "unknown-record", place(stray)}}}});
}

TEST(Check, FindsWhatShouldNotBeReadable) {
  Shop shop;
  const ports::Key order = keys::order(shop.starting);
  const ports::Key cancelled = event_of(shop, shop.cancelled, "order.cancelled");
  Picture intact = shop.picture();
  const auto insert = [](const ports::Key& key, std::string text) {
    return [key, text](Picture& p) { p.document(key).insert(1, text); };
  };
  const ports::Key cart = keys::cart("owners-cart");
  expect_found(
      shop, {{"an address in an order",
              insert(order, R"("shipping_address":{"name":"Ada","city":"London"},)"),
              {{11, "personal-data", place(order)}}},
             {"a name in an event",
              insert(cancelled, R"("name":"Ada Lovelace",)"),
              {{11, "personal-data", place(cancelled)}}},
             {"a postal code in a message",
              [](Picture& p) { p.message(QueueName::kPayments).message.body.insert(1, R"("postal_code":"10115",)"); },
              {{11, "personal-data", "payments/" + intact.message(QueueName::kPayments).message.id}}},
             {"a card number in a reason",
              [&](Picture& p) {
                p.edit<domain::OrderEvent>(cancelled,
                                           [](domain::OrderEvent& e) { e.reason = "card 4242 4242 4242 4242"; });
              },
              {{11, "card-number", place(cancelled)}}},
             {"a key of a provider", insert(cart, R"("key":"sk_live_abc",)"), {{11, "secret", place(cart)}}}});
}

}  // namespace
}  // namespace orderly::app
