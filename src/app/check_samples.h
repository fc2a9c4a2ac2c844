// A shop in the middle of its work, and what it holds as a picture that tests may damage.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "app/api_keys.h"
#include "app/carts.h"
#include "app/check.h"
#include "app/invoices.h"
#include "app/keys.h"
#include "app/orders.h"
#include "base/text.h"
#include "ports/inspection.h"
#include "tests/fakes/world.h"

namespace orderly::app::samples {

// A copy of what a store holds.
class Picture : public ports::Inspection {
 public:
  explicit Picture(ports::Inspection& of) {
    of.records([&](const StoredRecord& each) {
      stored.emplace(each.record.key, each);
      if (each.record.key.sort != "FILE") return true;
      const auto file = json::read_stored<InvoiceFile>(each.record.document);
      blobs[file.blob] = of.blob(file.blob).value();
      return true;
    });
    of.index_entries([&](const StoredIndexEntry& each) { return entries.push_back(each), true; });
    of.messages([&](const StoredMessage& each) { return waiting.push_back(each), true; });
    of.feed([&](const ports::FeedEvent& each) { return events.push_back(each), true; });
  }

  void records(const std::function<bool(const StoredRecord&)>& visit) override {
    for (const auto& [key, each] : stored) {
      if (!visit(each)) return;
    }
  }
  void index_entries(const std::function<bool(const StoredIndexEntry&)>& visit) override {
    for (const StoredIndexEntry& each : entries) {
      if (!visit(each)) return;
    }
  }
  void messages(const std::function<bool(const StoredMessage&)>& visit) override {
    for (const StoredMessage& each : waiting) {
      if (!visit(each)) return;
    }
  }
  void feed(const std::function<bool(const ports::FeedEvent&)>& visit) override {
    for (const ports::FeedEvent& each : events) {
      if (!visit(each)) return;
    }
  }
  std::optional<StoredRecord> record(const ports::Key& key) override {
    const auto found = stored.find(key);
    return found == stored.end() ? std::nullopt : std::optional(found->second);
  }
  std::optional<ports::Blob> blob(const std::string& name) override {
    const auto found = blobs.find(name);
    return found == blobs.end() ? std::nullopt : std::optional(found->second);
  }

  // --- Damage ---
  std::string& document(const ports::Key& key) { return stored.at(key).record.document; }
  template <class T>
  void edit(const ports::Key& key, const std::function<void(T&)>& change) {
    T value = json::read_stored<T>(document(key));
    change(value);
    document(key) = json::write(value);
  }
  // As somebody would who knows how events are hashed.
  void edit_event(const ports::Key& key, const ports::Crypto& crypto,
                  const std::function<void(domain::OrderEvent&)>& change) {
    edit<domain::OrderEvent>(key, [&](domain::OrderEvent& event) {
      change(event);
      event.hash = base64url_encode(crypto.sha256(domain::bytes_for_hash(event)));
    });
  }
  void edit_invoice(const ports::Key& key, const ports::Crypto& crypto,
                    const std::function<void(domain::Invoice&)>& change) {
    edit<domain::Invoice>(key, [&](domain::Invoice& invoice) {
      change(invoice);
      invoice.hash = base64url_encode(crypto.sha256(domain::bytes_for_hash(invoice)));
    });
  }
  // With its index entries, as a store would.
  void remove(const ports::Key& key) {
    stored.erase(key);
    std::erase_if(entries, [&](const StoredIndexEntry& entry) { return entry.record == key; });
  }
  void remove_messages(ports::QueueName queue) {
    std::erase_if(waiting, [&](const StoredMessage& each) { return each.message.queue == queue; });
  }
  StoredMessage& message(ports::QueueName queue) {
    return *std::find_if(waiting.begin(), waiting.end(),
                         [&](const StoredMessage& each) { return each.message.queue == queue; });
  }

  std::map<ports::Key, StoredRecord> stored;
  std::vector<StoredIndexEntry> entries;
  std::vector<StoredMessage> waiting;
  std::vector<ports::FeedEvent> events;
  std::map<std::string, ports::Blob> blobs;
};

// Orders in every situation, with all that belongs to them; nobody works on what waits.
struct Shop {
  Shop() {
    delivered = world.place_paid_order({{"1", 2}, {"2", 1}});
    world.run(ship_order(world.app, world.owner(), delivered.text, {}));
    world.run(deliver_order(world.app, world.owner(), delivered.text, {}));
    world.refund(delivered, 1000);
    refunded = world.place_paid_order({{"3", 4}});
    world.run(ship_order(world.app, world.owner(), refunded.text, {}));
    world.refund(refunded);
    cancelled = world.place_paid_order({{"1", 1}});
    world.cancel(cancelled);
    declined = world.place_order({{"2", 2}}, "pm_card_visa_chargeDeclined");
    const OrderId in_yen = place_in_yen();
    world.run_until_idle();
    world.advance(std::chrono::seconds(1));
    world.pay(declined, "pm_card_visa_chargeDeclined");
    world.run_until_idle();

    unknown = world.place_order({{"1", 3}}, "pm_sim_timeout_before_charge");
    world.advance(std::chrono::milliseconds(100));
    refunding = in_yen;
    world.refund(in_yen, 100);
    pending = world.place_unpaid({{"1", 1}, {"3", 2}});
    starting = place_for_ada();
    due = world.place_order({{"mug-a", 1}});
    world.report(due, "confirmed");
    const OrderId given_up = world.place_unpaid({{"limited", 3}});
    world.cancel(given_up);
    world.run(add_to_cart(world.app, world.owner(), {"1", 2}, {}));
    const Answer made = world.run(create_api_key(world.app, world.owner(), {"Till", Role::kStaff, {}, {}, {}}, {}));
    api_key = keys::api_key(json::read_stored<ApiKeyView>(made.body).id);
  }

  Picture picture() { return Picture(*world.store.inspect()); }

  fakes::World world;
  OrderId delivered;  // INV-2026-000001, refunded in part
  OrderId refunded;
  OrderId cancelled;  // after it was paid
  OrderId declined;   // twice
  OrderId unknown;
  OrderId refunding;  // a refund is requested; in JPY
  OrderId pending;    // no payment
  OrderId starting;   // payment initializing; with an address
  OrderId due;        // paid, its invoice to be issued
  ports::Key api_key;

 private:
  OrderId place_in_yen() {
    PlaceOrder command = world.order_of({{"yen", 2}});
    command.currency = Currency::of("JPY");
    return fakes::World::view(world.run(place_order(world.app, world.owner(), std::move(command), {}))).id;
  }

  OrderId place_for_ada() {
    PlaceOrder command = world.order_of({{"2", 1}});
    command.shipping_address = Address{"Ada Lovelace", "12 St James's Square", {}, "London", {}, "SW1Y 4JH", "GB"};
    const Answer answer = world.run(place_order(world.app, world.owner(), std::move(command), {}));
    return fakes::World::view(answer).id;
  }
};

inline const ports::Key kFirstInvoice = keys::invoice("INV-2026-000000000001");
inline const ports::Key kSecondInvoice = keys::invoice("INV-2026-000000000002");
inline const ports::Key kLastInvoice = keys::invoice("INV-2026-000000000004");
inline const ports::Key kFirstFile = keys::invoice_file("INV-2026-000000000001");

inline CheckReport check_of(Shop& shop, Picture& picture) {
  return check(picture, shop.world.crypto, shop.world.clock.now());
}

// What is wrong, one a line; empty: nothing.
inline std::string findings_of(const CheckReport& report) {
  std::string text;
  for (const Finding& finding : report.findings) {
    text += std::to_string(finding.invariant) + " " + finding.slug + " " + finding.where + ": " + finding.what + "\n";
  }
  return text;
}

inline std::string place(const ports::Key& key) { return key.partition + "/" + key.sort; }

struct Expected {
  std::int64_t invariant;
  std::string slug;
  std::string where;
};

inline bool has(const CheckReport& report, const Expected& expected) {
  return std::any_of(report.findings.begin(), report.findings.end(), [&](const Finding& finding) {
    return finding.invariant == expected.invariant && finding.slug == expected.slug && finding.where == expected.where;
  });
}

struct Damage {
  std::string name;
  std::function<void(Picture&)> apply;
  std::vector<Expected> expected;
};

// Each by itself.
inline void expect_found(fakes::World& world, const std::vector<Damage>& damages) {
  const Picture intact(*world.store.inspect());
  for (const Damage& damage : damages) {
    Picture picture = intact;
    damage.apply(picture);
    const CheckReport report = check(picture, world.crypto, world.clock.now());
    for (const Expected& expected : damage.expected) {
      EXPECT_TRUE(has(report, expected)) << damage.name << ": expected [" << expected.invariant << " " << expected.slug
                                         << "] " << expected.where << ", found\n"
                                         << findings_of(report);
    }
  }
}

}  // namespace orderly::app::samples
