// The judge must see what it is there for: each kind of loss and of doubling, planted into accounts that are sound.
#include "tests/crash/verdict.h"

#include <gtest/gtest.h>

#include <functional>

namespace orderly::crash {
namespace {

// Two orders: "ord_kept" was paid, in part refunded and invoiced; "ord_gone" was paid, invoiced and cancelled.
struct World {
  KnownOrder kept;
  KnownOrder gone;
  StoreExport store;
  std::vector<ProviderEntry> provider;
  std::map<std::string, std::int64_t> seeded{{"p", 10}};

  World() {
    kept = known("ord_kept", "one");
    kept.refunds_requested = 1;
    kept.transactions["kept_refund"] = {"refund", "requested", "pm_card_visa", 300};
    gone = known("ord_gone", "two");
    gone.cancelled = true;
    store_order("ord_kept", "one", "confirmed", "INV-1", {"kept_refund", 300, "CRN-1"});
    store_order("ord_gone", "two", "cancelled", "INV-2", {"gone_refund", 1000, "CRN-2"});
    store.invoices = {{"INV-1", "invoice", "INV", "ord_kept", "", 1, 1000, true},
                      {"INV-2", "invoice", "INV", "ord_gone", "", 2, 1000, true},
                      {"CRN-1", "credit_note", "CRN", "ord_kept", "kept_refund", 1, 300, true},
                      {"CRN-2", "credit_note", "CRN", "ord_gone", "gone_refund", 2, 1000, true}};
    store.stock["p"] = {8, 0};
  }

  std::vector<std::string> complaints() const {
    Violations violations;
    judge({{&kept, &gone}, store, provider, seeded}, violations);
    return violations.kept();
  }

 private:
  static KnownOrder known(const std::string& id, const std::string& label) {
    KnownOrder order;
    order.id = id;
    order.client_id = label;
    order.lines = {{"p", 2}};
    order.total = 1000;
    order.version = 3;
    order.payments_started = 1;
    order.transactions[id + "_pay"] = {"payment", "confirmed", "pm_card_visa", 1000};
    return order;
  }

  struct Return {
    std::string id;
    std::int64_t amount = 0;
    std::string credit_note;
  };

  void store_order(const std::string& id, const std::string& label, const std::string& status,
                   const std::string& invoice, const Return& back) {
    StoredOrder order{id, label, status, "", invoice, {{"p", 2}}, 1000, 5, {}, {}};
    order.attempts = {{id + "_pay", "confirmed", "pm_card_visa", "ch_" + id, 1000}};
    order.refunds = {{back.id, "done", id + "_pay", "re_" + back.id, back.credit_note, back.amount}};
    store.orders[id] = order;
    provider.push_back({id + "_pay", "charge", "ch_" + id, "", id, 1000, 1000, back.amount});
    provider.push_back({back.id, "refund", "re_" + back.id, "ch_" + id, id, back.amount, 0, 0});
  }
};

TEST(Verdict, SoundAccountsAreFoundSound) { EXPECT_EQ(World().complaints(), std::vector<std::string>{}); }

struct Damage {
  const char* name;
  std::function<void(World&)> plant;
};

const Damage kDamages[] = {
    {"an acknowledged order is gone", [](World& w) { w.store.orders.erase("ord_kept"); }},
    {"one request made two orders",
     [](World& w) {
       StoredOrder twin = w.store.orders["ord_kept"];
       twin.id = "ord_twin";
       twin.status = "pending";
       twin.invoice.clear();
       twin.attempts.clear();
       twin.refunds.clear();
       w.store.orders["ord_twin"] = twin;
       w.store.stock["p"] = {6, 2};
     }},
    {"an order that nobody was told of", [](World& w) { w.store.orders["ord_kept"].client_id = "three"; }},
    {"another quantity", [](World& w) { w.kept.lines["p"] = 3; }},
    {"another total", [](World& w) { w.kept.total = 999; }},
    {"an older version", [](World& w) { w.store.orders["ord_kept"].version = 2; }},
    {"an acknowledged cancellation is gone", [](World& w) { w.kept.cancelled = true; }},
    {"cancelled without being asked to", [](World& w) { w.gone.cancelled = false; }},
    {"an acknowledged payment is gone", [](World& w) { w.kept.payments_started = 2; }},
    {"an acknowledged refund is gone", [](World& w) { w.kept.refunds_requested = 2; }},
    {"an acknowledged shipment is gone", [](World& w) { w.kept.shipped = true; }},
    {"a transaction that was shown is gone",
     [](World& w) { w.kept.transactions["other"] = {"refund", "done", "", 1}; }},
    {"a settled payment has changed", [](World& w) { w.kept.transactions["ord_kept_pay"].status = "declined"; }},
    {"a payment that is not settled", [](World& w) { w.store.orders["ord_kept"].attempts[0].status = "unknown"; }},
    {"charged twice",
     [](World& w) { w.provider.push_back({"again", "charge", "ch_again", "", "ord_kept", 1000, 1000, 0}); }},
    {"paid without a charge", [](World& w) { w.provider.erase(w.provider.begin()); }},
    {"another amount was charged", [](World& w) { w.provider[0].captured = 1001; }},
    {"refunded twice at the provider",
     [](World& w) {
       w.provider.push_back({"again", "refund", "re_again", "ch_ord_kept", "ord_kept", 300, 0, 0});
       w.provider[0].refunded = 600;
     }},
    {"a refund that the provider never made", [](World& w) { w.provider.erase(w.provider.begin() + 1); }},
    {"cancelled, and the money kept",
     [](World& w) {
       w.store.orders["ord_gone"].refunds[0].status = "failed";
       w.provider.pop_back();
       w.provider.back().refunded = 0;
     }},
    {"a paid order without an invoice",
     [](World& w) {
       w.store.orders["ord_kept"].invoice.clear();
       w.store.invoices[0].order_id = "ord_gone";
     }},
    {"two invoices for one order",
     [](World& w) { w.store.invoices.push_back({"INV-3", "invoice", "INV", "ord_kept", "", 3, 1000, true}); }},
    {"a gap in the numbers", [](World& w) { w.store.invoices[1].sequence = 3; }},
    {"a number given twice", [](World& w) { w.store.invoices[3].sequence = 1; }},
    {"an invoice without its PDF", [](World& w) { w.store.invoices[0].has_pdf = false; }},
    {"a refund without a credit note", [](World& w) { w.store.invoices.pop_back(); }},
    {"pieces are missing", [](World& w) { w.store.stock["p"].available = 7; }},
    {"pieces stay reserved", [](World& w) { w.store.stock["p"] = {7, 1}; }},
    {"a message is left", [](World& w) { w.store.messages = 1; }},
};

TEST(Verdict, SeesEachKindOfLossAndDoubling) {
  for (const Damage& damage : kDamages) {
    World world;
    damage.plant(world);
    EXPECT_FALSE(world.complaints().empty()) << damage.name;
  }
}

TEST(KnownOrder, SeesAnAnswerThatContradictsAnEarlierOne) {
  World world;
  const boost::json::object older{{"client_id", "one"},
                                  {"version", 2},
                                  {"total", 1000},
                                  {"items", {{{"product_id", "p"}, {"quantity", 2}}}},
                                  {"transactions", boost::json::array{}}};
  const std::vector<std::string> wrong = world.kept.note(older);
  EXPECT_EQ(wrong,
            (std::vector<std::string>{"went back from version 3 to 2", "shows 0 of the 2 transactions that it had"}));
}

}  // namespace
}  // namespace orderly::crash
