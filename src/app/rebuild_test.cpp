// Every object is what its events say, and where one is not, that is found.
#include "app/rebuild.h"

#include <gtest/gtest.h>

#include "app/api_key_events.h"
#include "app/check_samples.h"

namespace orderly::app {
namespace {

using samples::kFirstInvoice;
using samples::kLastInvoice;
using samples::Picture;
using samples::place;
using samples::Shop;

// "order-differs ORDER#…/META: …", one a line.
std::string text_of(const RebuildReport& report) {
  std::string text;
  for (const Finding& each : report.differences) text += each.slug + " " + each.where + ": " + each.what + "\n";
  return text;
}

bool has(const RebuildReport& report, std::string_view slug, const std::string& where) {
  return std::ranges::any_of(report.differences,
                             [&](const Finding& each) { return each.slug == slug && each.where == where; });
}

class RebuildTest : public testing::Test {
 protected:
  RebuildTest() {
    const std::string id = shop.api_key.sort;
    shop.world.run(rotate_api_key(shop.world.app, shop.world.owner(), id, {60}, {}));
    shop.world.run(revoke_api_key(shop.world.app, shop.world.owner(), id, {}));
    key_id = ApiKeyId{id};
  }
  RebuildReport rebuild_of(Picture& picture) { return rebuild(picture, shop.world.crypto, shop.world.clock.now()); }
  RebuildReport damaged(const std::function<void(Picture&)>& damage) {
    Picture picture = shop.picture();
    damage(picture);
    return rebuild_of(picture);
  }
  template <class Event>
  static void edit_hashed(Picture& picture, const ports::Key& key, const ports::Crypto& crypto,
                          const std::function<void(Event&)>& change) {
    picture.edit<Event>(key, [&](Event& event) {
      change(event);
      event.hash = base64url_encode(crypto.sha256(bytes_for_hash(event)));
    });
  }

  Shop shop;
  ApiKeyId key_id;
};

TEST_F(RebuildTest, AShopIsWhatItsEventsSay) {
  Picture picture = shop.picture();
  const RebuildReport report = rebuild_of(picture);
  EXPECT_EQ(text_of(report), "");
  EXPECT_TRUE(report.is_clean());
  ASSERT_EQ(report.kinds.size(), 4u);
  EXPECT_EQ(report.kinds[0].kind, "orders");
  EXPECT_EQ(report.kinds[0].objects, 10);
  EXPECT_EQ(report.kinds[1].kind, "clients");
  EXPECT_EQ(report.kinds[2].kind, "API keys");
  EXPECT_EQ(report.kinds[2].objects, 1);
  EXPECT_EQ(report.kinds[2].events, 3);
  EXPECT_EQ(report.kinds[0].events + report.kinds[2].events, static_cast<std::int64_t>(picture.events.size()));
  EXPECT_EQ(report.kinds[3].kind, "invoices and credit notes");
  EXPECT_EQ(report.kinds[3].objects, 7);
  EXPECT_EQ(report.kinds[3].events, 7);
  EXPECT_EQ(to_text(report).substr(0, 22), "orders: objects 10, ev");
  EXPECT_TRUE(to_text(report).ends_with("every object is what its events say\n"));
}

TEST_F(RebuildTest, FindsAnOrderThatWasChanged) {
  const ports::Key order = keys::order(shop.delivered);
  const RebuildReport report = damaged([&](Picture& p) {
    p.edit<domain::Order>(order, [](domain::Order& o) { o.client_id = "somebody else", o.refunds[0].amount += 1; });
  });
  EXPECT_EQ(report.kinds[0].differences, 2) << text_of(report);
  EXPECT_TRUE(has(report, "order-differs", place(order)));
  EXPECT_NE(to_text(report).find("client_id: expected"), std::string::npos) << to_text(report);
  EXPECT_EQ(json::read_stored<RebuildReport>(to_json(report)).differences.size(), report.differences.size());
}

TEST_F(RebuildTest, FindsEveryOrderThatWasChanged) {
  const RebuildReport report = damaged([&](Picture& p) {
    const auto record = p.stored.at(keys::order(shop.pending));
    for (int i = 0; i < 150; ++i) {
      auto copy = record;
      copy.record.key.partition.replace(copy.record.key.partition.size() - 6, 6, std::to_string(100'000 + i));
      p.stored[copy.record.key] = copy;
    }
  });
  EXPECT_EQ(report.kinds[0].objects, 160);
  EXPECT_EQ(report.kinds[0].differences, 300) << "no events of them, and no last one";
  EXPECT_EQ(report.differences.size(), 300u);
}

TEST_F(RebuildTest, FindsEventsThatWereChangedOrAreMissing) {
  const ports::Crypto& crypto = shop.world.crypto;
  const ports::Key order = keys::order(shop.delivered);
  const ports::Key third = keys::event(shop.delivered, 3);
  const ports::Key fourth = keys::event(shop.delivered, 4);
  EXPECT_TRUE(has(damaged([&](Picture& p) { p.remove(third); }), "version-gap", place(fourth)));
  EXPECT_TRUE(has(damaged([&](Picture& p) {
                    p.edit<domain::OrderEvent>(third, [](domain::OrderEvent& e) { e.actor = "nobody"; });
                  }),
                  "event-hash", place(third)));
  EXPECT_TRUE(has(damaged([&](Picture& p) {
                    edit_hashed<domain::OrderEvent>(p, third, crypto,
                                                    [](domain::OrderEvent& e) { e.source = "203.0.113.9"; });
                  }),
                  "event-chain", place(fourth)));
  const std::int64_t version = shop.world.order(shop.delivered).version;
  EXPECT_TRUE(
      has(damaged([&](Picture& p) { p.remove(keys::event(shop.delivered, version)); }), "order-version", place(order)));
  EXPECT_TRUE(has(damaged([&](Picture& p) { p.remove(order); }), "order-missing", place(order)));
  EXPECT_TRUE(has(damaged([&](Picture& p) { p.document(third) = "{"; }), "unreadable", place(third)));
  EXPECT_TRUE(has(damaged([&](Picture& p) { p.document(order) = "{}"; }), "unreadable", place(order)));
}

TEST_F(RebuildTest, FindsDamageToApiKeys) {
  const ports::Crypto& crypto = shop.world.crypto;
  const ports::Key record = shop.api_key;
  const ports::Key second = keys::event(key_id, 2);
  const ports::Key third = keys::event(key_id, 3);
  const auto edit = [&](auto change) { return damaged([&](Picture& p) { p.edit<ApiKey>(record, change); }); };
  EXPECT_TRUE(has(edit([](ApiKey& k) { k.role = Role::kOwner; }), "api-key-differs", place(record)));
  EXPECT_TRUE(has(edit([](ApiKey& k) { k.revoked_at.reset(); }), "api-key-differs", place(record)));
  EXPECT_TRUE(has(edit([](ApiKey& k) { k.version = 2; }), "api-key-version", place(record)));
  EXPECT_TRUE(has(edit([](ApiKey& k) { k.last_event = "x"; }), "last-event", place(record)));
  EXPECT_TRUE(edit([](ApiKey& k) { k.hash = k.rotated_hash.value(); }).is_clean()) << "no event tells a text's hash";
  EXPECT_TRUE(has(damaged([&](Picture& p) { p.remove(record); }), "api-key-missing", place(record)));
  EXPECT_TRUE(has(damaged([&](Picture& p) { p.remove(second); }), "version-gap", place(third)));
  EXPECT_TRUE(has(damaged([&](Picture& p) { p.remove(third); }), "api-key-version", place(record)));
  EXPECT_TRUE(
      has(damaged([&](Picture& p) { p.edit<ApiKeyEvent>(second, [](ApiKeyEvent& e) { e.source = "203.0.113.9"; }); }),
          "event-hash", place(second)));
  EXPECT_TRUE(has(damaged([&](Picture& p) {
                    edit_hashed<ApiKeyEvent>(p, second, crypto, [](ApiKeyEvent& e) { e.actor = "nobody"; });
                  }),
                  "event-chain", place(third)));
  EXPECT_TRUE(has(damaged([&](Picture& p) {
                    edit_hashed<ApiKeyEvent>(p, second, crypto, [](ApiKeyEvent& e) { e.type = "key.lost"; });
                  }),
                  "illegal-transition", place(second)));
}

TEST_F(RebuildTest, FindsInvoicesThatAreNotWhatTheOrdersEventsSay) {
  const RebuildReport changed =
      damaged([&](Picture& p) { p.edit<domain::Invoice>(kFirstInvoice, [](domain::Invoice& i) { i.total += 1; }); });
  EXPECT_EQ(changed.kinds[3].differences, 1) << text_of(changed);
  EXPECT_TRUE(has(changed, "invoice-differs", "INV-2026-000001"));
  EXPECT_TRUE(has(damaged([&](Picture& p) { p.remove(kLastInvoice); }), "invoice-lost", "INV-2026-000004"));
  // The record of an order says nothing here: its events do.
  const RebuildReport forgotten = damaged([&](Picture& p) {
    p.edit<domain::Order>(keys::order(shop.delivered), [](domain::Order& o) { o.invoice.clear(); });
  });
  EXPECT_EQ(forgotten.kinds[3].differences, 0);
  EXPECT_TRUE(has(forgotten, "order-differs", place(keys::order(shop.delivered))));
}

TEST_F(RebuildTest, AnEmptyStoreIsClean) {
  EXPECT_TRUE(damaged([](Picture& p) { p.stored.clear(); }).is_clean());
}

}  // namespace
}  // namespace orderly::app
