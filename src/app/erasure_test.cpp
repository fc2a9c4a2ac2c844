#include "app/erasure.h"

#include <gtest/gtest.h>

#include "app/account_samples.h"
#include "app/carts.h"
#include "app/claims.h"
#include "app/client_keys.h"
#include "app/invoices.h"
#include "base/limits.h"

namespace orderly::app {
namespace {

using namespace samples;  // NOLINT(google-build-using-namespace)

const std::string kXanthippe = "xanthippe@quixote.example";
// What says who she is, wherever it may have come to.
const std::string kWords[] = {"Xanthippe", "xanthippe", "quixote",     "+49 40 123", "DE99 77",
                              "Zebulon",   "Xylophone", "Vladivostok", "QJ7"};

ErasureView erase(World& world, const Caller& caller, const std::string& id, RepeatKey key = {}) {
  return json::read_stored<ErasureView>(world.run(erase_client(world.app, caller, id, std::move(key))).body);
}

bool is_there(World& world, const ports::Key& key) { return world.store.inspect()->record(key).has_value(); }

void expect_only_in_invoices(World& world) {
  for (const std::string& word : kWords) {
    for (const std::string& place : world.places_of(word)) {
      EXPECT_TRUE(place.starts_with("INVOICE#")) << "'" << word << "' is readable in " << place;
    }
  }
}

void expect_nobody_in(const std::string& text) {
  for (const std::string& word : kWords) EXPECT_EQ(text.find(word), std::string::npos) << word << " in " << text;
}

// A client with an account, one delivered order, a filled cart, answers that are kept and a mail that waits.
struct Life {
  explicit Life(World& world) {
    session = open_account(world, kXanthippe, kPassword, "Xanthippe Quixote");
    id = session.client_id.text;
    self = caller_of(world, session);
    UpdateClient change;
    change.phone = "+49 40 123";
    change.tax_number = "DE99 77";
    change.addresses = {kAddress};
    changed_key = world.key("change");
    world.run(update_client(world.app, self, id, change, changed_key));
    placed_key = world.key("place");
    order = place_as(world, self, placed_key);
    deliver(world, order);
    world.run(add_to_cart(world.app, self, {"2", 1}, {}));
    world.run(request_password_reset(world.app, world.nobody(), {email(kXanthippe)}));
  }

  SessionView session;
  std::string id;
  Caller self;
  OrderId order;
  RepeatKey changed_key, placed_key;
};

void expect_forgotten(World& world, const Life& life) {
  expect_only_in_invoices(world);
  expect_nobody_in(json::write(world.run(get_client(world.app, world.owner(), life.id))));
  expect_nobody_in(json::write(world.run(get_order(world.app, world.owner(), life.order.text))));
  expect_nobody_in(json::write(world.run(list_orders(world.app, world.owner(), {}, {}))));
  for (const std::string& event : world.run(list_order_events(world.app, world.owner(), life.order.text, 0))) {
    expect_nobody_in(event);
  }
  for (const RepeatKey& key : {life.changed_key, life.placed_key}) {
    const auto kept = world.run(find_answer(world.app, key));
    ASSERT_TRUE(kept);
    expect_nobody_in(kept->body);
  }
  const ClientFilter filters[] = {{}, {email(kXanthippe), {}}, {{}, "xanthippe"}};
  for (const ClientFilter& filter : filters) {
    for (const ClientView& view : world.run(list_clients(world.app, filter, {})).data) EXPECT_NE(view.id.text, life.id);
  }
  EXPECT_FALSE(world.run(unseal(world.app, life.id, world.order(life.order).sealed)));
  for (const ports::Key& key :
       {keys::client_key(life.id), keys::account(life.id), keys::client_lookups(life.id), keys::cart(life.self.cart)}) {
    EXPECT_FALSE(is_there(world, key)) << key.partition << "/" << key.sort;
  }
  expect_sound(world);
}

TEST(Erasure, LeavesNothingThatSaysWhoSomebodyWasButInTheirInvoices) {
  World world;
  const Life life(world);
  expect_only_in_invoices(world);
  EXPECT_EQ(world.run(get_order(world.app, life.self, life.order.text)).shipping_address, kAddress);
  const ErasureView view = erase(world, world.owner(), life.id);
  EXPECT_EQ(view.client_id, life.id);
  expect_forgotten(world, life);
  world.run_until_idle();
  expect_forgotten(world, life);
  EXPECT_EQ(world.run(get_client(world.app, world.owner(), life.id)).status, domain::ClientStatus::kErased);
}

TEST(Erasure, SaysWhatIsKeptAndWhy) {
  World world;
  const Life life(world);
  const ErasureView view = erase(world, world.owner(), life.id);
  ASSERT_EQ(view.kept.size(), 2u);
  EXPECT_EQ(view.kept[0].what, "invoices");
  EXPECT_EQ(view.kept[0].count, 1);
  EXPECT_NE(view.kept[0].why.find("Tax law"), std::string::npos);
  EXPECT_EQ(view.kept[1].what, "orders");
  EXPECT_EQ(view.kept[1].count, 1);
  EXPECT_FALSE(view.kept[1].why.empty());
  const InvoiceView invoice = world.run(get_invoice(world.app, world.owner(), world.order(life.order).invoice));
  EXPECT_EQ(invoice.client.name, "Zebulon Quixote");
  EXPECT_EQ(invoice.client.lines.back(), "Tax number: DE99 77");
  const ClientView nobody = make_client(world, client_named("Bob"));
  EXPECT_TRUE(erase(world, world.owner(), nobody.id.text).kept.empty());
}

TEST(Erasure, EndsAccountAndSessions) {
  World world;
  const Life life(world);
  const SessionView other = sign_in_as(world, kXanthippe);
  const std::string code = code_of_reset(world, kXanthippe);
  erase(world, world.owner(), life.id);
  EXPECT_FALSE(is_signed_in(world, life.session));
  for (const SessionView& session : {life.session, other}) {
    EXPECT_EQ(world.error_of(refresh_session(world.app, {session.refresh_token}, {})).slug(), "invalid-refresh-token");
  }
  EXPECT_EQ(world.error_of(sign_in(world.app, world.nobody(), {email(kXanthippe), kPassword})).slug(),
            "sign-in-failed");
  EXPECT_EQ(world.error_of(reset_password(world.app, world.nobody(), {code, kOtherPassword})).slug(),
            "invalid-one-time-token");
  for (const Error& error : {world.error_of(get_client(world.app, life.self, life.id)),
                             world.error_of(update_client(world.app, life.self, life.id, {}, {})),
                             world.error_of(update_client(world.app, world.staff(), life.id, {}, {})),
                             world.error_of(change_password(world.app, life.self, {kPassword, kOtherPassword}))}) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
  }
  PlaceOrder again = world.order_of({{"1", 1}});
  again.client_id = life.id;
  EXPECT_EQ(world.error_of(place_order(world.app, world.owner(), again, {})).code(), ErrorCode::kInvalidRequest);
}

TEST(Erasure, LetsTheSamePersonBeginAnew) {
  World world;
  const Life life(world);
  erase(world, world.owner(), life.id);
  const SessionView session = open_account(world, kXanthippe);
  EXPECT_NE(session.client_id.text, life.id);
  EXPECT_TRUE(is_signed_in(world, session));
}

TEST(Erasure, WaitsForOrdersThatAreNotFinished) {
  using Prepare = std::function<void(World&, const OrderId&)>;
  const auto pay = [](World& world, const OrderId&) { world.run_until_idle(); };
  const auto ship = [&](World& world, const OrderId& id) {
    pay(world, id);
    world.run(ship_order(world.app, world.owner(), id.text, {}));
  };
  const struct {
    std::string name;
    Prepare prepare;
    bool is_open;
  } cases[] = {
      {"to be paid", [](World&, const OrderId&) {}, true},
      {"paid", pay, true},
      {"under way", ship, true},
      {"without its invoice",
       [](World& world, const OrderId& id) {
         world.report(id, "confirmed");
         world.run(ship_order(world.app, world.owner(), id.text, {}));
         world.run(deliver_order(world.app, world.owner(), id.text, {}));
       },
       true},
      {"delivered", deliver, false},
      {"cancelled",
       [](World& world, const OrderId& id) {
         world.run_until_idle();
         world.cancel(id);
         world.run_until_idle();
       },
       false},
      {"refunded",
       [&](World& world, const OrderId& id) {
         ship(world, id);
         world.refund(id);
         world.run_until_idle();
       },
       false},
  };
  for (const auto& [name, prepare, is_open] : cases) {
    SCOPED_TRACE(name);
    World world;
    const ClientView client = make_client(world, client_named("Bob"));
    const OrderId id = place_as(world, world.client(client.id.text));
    prepare(world, id);
    if (!is_open) {
      EXPECT_EQ(erase(world, world.owner(), client.id.text).kept.back().count, 1);
      continue;
    }
    const std::string before = all_records(world);
    const Error error = world.error_of(erase_client(world.app, world.owner(), client.id.text, {}));
    EXPECT_EQ(error.code(), ErrorCode::kRefused);
    EXPECT_EQ(error.slug(), "client-has-open-orders");
    EXPECT_NE(error.message().find(id.text), std::string::npos);
    EXPECT_EQ(all_records(world), before);
    EXPECT_TRUE(world.erasures.ids.empty()) << "who was refused is not erased at the next start";
    world.run_until_idle();
  }
}

TEST(Erasure, IsForTheOwnerAndForClientsThemselves) {
  World world;
  const Life life(world);
  const Caller bob = world.client(make_client(world, client_named("Bob")).id.text);
  for (const Caller& caller : {world.staff(), bob, world.nobody(), world.guest("cart-1")}) {
    EXPECT_EQ(world.error_of(erase_client(world.app, caller, life.id, {})).code(), ErrorCode::kNotFound) << caller.name;
  }
  EXPECT_TRUE(is_signed_in(world, life.session));
  EXPECT_EQ(erase(world, life.self, life.id).kept.size(), 2u);
  expect_forgotten(world, life);
}

TEST(Erasure, AgainIsNoError) {
  World world;
  const Life life(world);
  const RepeatKey key = world.key("erase");
  const Answer first = world.run(erase_client(world.app, world.owner(), life.id, key));
  EXPECT_EQ(world.run(find_answer(world.app, key))->body, first.body);
  const std::string before = all_records(world);
  EXPECT_EQ(world.run(erase_client(world.app, world.owner(), life.id, {})).body, first.body);
  EXPECT_EQ(all_records(world), before);
  EXPECT_EQ(world.erasures.ids, std::vector<std::string>{life.id});
}

TEST(Erasure, OfNobodyIsNotFound) {
  World world;
  for (const std::string& id : {std::string("u1"), std::string(), ClientId::make(world.clock.now(), {}).text}) {
    EXPECT_EQ(world.error_of(erase_client(world.app, world.owner(), id, {})).code(), ErrorCode::kNotFound) << id;
  }
  EXPECT_TRUE(world.erasures.ids.empty());
}

TEST(Erasure, IsDoneOnceWhereTheOutcomeWasLost) {
  for (const fakes::CommitFault fault : {fakes::CommitFault::kLostBeforeDone, fakes::CommitFault::kLostAfterDone}) {
    World world;
    const Life life(world);
    world.store.fail_commit(fault);
    EXPECT_EQ(erase(world, world.owner(), life.id).kept.size(), 2u);
    expect_forgotten(world, life);
  }
}

TEST(Erasure, DoesNothingWhereTheListCannotBeWritten) {
  World world;
  const Life life(world);
  world.erasures.is_down = true;
  const std::string before = all_records(world);
  EXPECT_EQ(world.error_of(erase_client(world.app, world.owner(), life.id, {})).slug(), "erasures-unavailable");
  EXPECT_EQ(all_records(world), before);
  EXPECT_TRUE(is_signed_in(world, life.session));
  world.app.erasures = nullptr;  // a shop without such a list
  erase(world, world.owner(), life.id);
  expect_forgotten(world, life);
}

// --- At the same time
// ---------------------------------------------------------------------------------------------------------

TEST(Erasure, OrdersThatArePlacedMeanwhileAreSealedForNobody) {
  World world;
  const ClientView client = make_client(world, client_named("Bob"));
  bool is_erased = false;
  world.store.before_commit([&](const ports::Commit&) -> Task<void> {
    if (is_erased) co_return;
    is_erased = true;
    co_await erase_client(world.app, world.owner(), client.id.text, {});
  });
  PlaceOrder command = world.order_of({{"1", 1}});
  command.client_id = client.id.text;
  command.shipping_address = kAddress;
  const OrderId id = World::view(world.run(place_order(world.app, world.owner(), command, {}))).id;
  world.store.before_commit(nullptr);
  EXPECT_FALSE(is_there(world, keys::client_key(client.id.text))) << "nobody got a new key";
  EXPECT_FALSE(world.run(get_order(world.app, world.owner(), id.text)).shipping_address);
  EXPECT_EQ(world.error_of(place_order(world.app, world.owner(), command, {})).code(), ErrorCode::kInvalidRequest);
}

TEST(Erasure, ChangesThatAreMadeMeanwhileFindNobody) {
  World world;
  const Life life(world);
  bool is_erased = false;
  world.store.before_commit([&](const ports::Commit&) -> Task<void> {
    if (is_erased) co_return;
    is_erased = true;
    co_await erase_client(world.app, world.owner(), life.id, {});
  });
  UpdateClient change;
  change.name = "Xanthippe the Second";
  EXPECT_EQ(world.error_of(update_client(world.app, world.staff(), life.id, change, {})).code(), ErrorCode::kNotFound);
  world.store.before_commit(nullptr);
  expect_forgotten(world, life);
}

TEST(Erasure, IsSeenByOtherProcessesWithinAMinute) {
  World world;
  const Life life(world);
  App other = another_process(world);
  EXPECT_EQ(world.run(get_client(other, world.owner(), life.id)).name, "Xanthippe Quixote");
  erase(world, world.owner(), life.id);
  expect_nobody_in(json::write(world.run(get_client(other, world.owner(), life.id))));
  world.clock.set(world.clock.now() + ClientKeyCache::kKept);
  EXPECT_FALSE(world.run(get_order(other, world.owner(), life.order.text)).shipping_address);
}

// --- Guests
// ---------------------------------------------------------------------------------------------------------

TEST(Erasure, OfAGuestIsByTheirLabel) {
  World world;
  const Caller guest = world.guest("cart-of-a-guest");
  const OrderId id = place_as(world, guest);
  world.run(add_to_cart(world.app, {Role::kAnonymous, guest.client_id, guest.client_id, "guest"}, {"1", 1}, {}));
  EXPECT_EQ(world.error_of(erase_client(world.app, world.owner(), guest.client_id, {})).slug(),
            "client-has-open-orders");
  deliver(world, id);
  EXPECT_EQ(world.error_of(erase_client(world.app, world.staff(), guest.client_id, {})).code(), ErrorCode::kNotFound);
  EXPECT_EQ(world.error_of(erase_client(world.app, guest, guest.client_id, {})).code(), ErrorCode::kNotFound);
  const ErasureView view = erase(world, world.owner(), guest.client_id);
  ASSERT_EQ(view.kept.size(), 2u);
  EXPECT_FALSE(world.run(get_order(world.app, world.owner(), id.text)).shipping_address);
  EXPECT_FALSE(is_there(world, keys::client_key(guest.client_id)));
  EXPECT_FALSE(is_there(world, keys::cart(guest.client_id)));
  EXPECT_EQ(json::write(erase(world, world.owner(), guest.client_id)), json::write(view)) << "again is no error";
  expect_sound(world);
}

TEST(Erasure, OfAClientIsOfTheGuestsThatTheyWere) {
  World world;
  const SessionView session = open_account(world, kXanthippe, kPassword, "Xanthippe");
  const Caller self = caller_of(world, session);
  const Caller guest = world.guest("token-of-a-guest");
  const OrderId claimed = place_as(world, guest);
  const OrderId not_claimed = place_as(world, guest);
  deliver(world, claimed);
  world.run(claim_order(world.app, self, claimed.text, "token-of-a-guest", {}));
  EXPECT_EQ(world.error_of(erase_client(world.app, self, self.client_id, {})).slug(), "client-has-open-orders");
  deliver(world, not_claimed);
  const std::string sealed = world.order(not_claimed).sealed;
  const ErasureView view = erase(world, self, self.client_id);
  EXPECT_EQ(view.kept.at(0).count, 2);
  EXPECT_EQ(view.kept.at(1).count, 2);
  for (const OrderId& id : {claimed, not_claimed}) {
    EXPECT_FALSE(world.run(get_order(world.app, world.owner(), id.text)).shipping_address);
  }
  EXPECT_FALSE(world.run(unseal(world.app, guest.client_id, sealed))) << "what events keep as the guest's";
  expect_sound(world);
}

// --- A backup that is restored
// ---------------------------------------------------------------------------------------------------------

TEST(Erasure, IsDoneAgainAfterABackupWasRestored) {
  World world;
  const Life life(world);
  erase(world, world.owner(), life.id);
  World restored;  // the same shop, as it was before
  const Life back(restored);
  ASSERT_EQ(back.id, life.id);
  restored.erasures.ids = world.erasures.ids;
  EXPECT_EQ(restored.run(erase_again(restored.app)), 1u);
  expect_forgotten(restored, back);
  EXPECT_FALSE(is_signed_in(restored, back.session));
  EXPECT_EQ(restored.run(erase_again(restored.app)), 0u);
}

TEST(Erasure, IsDoneAgainThoughAnOrderIsOpenInTheBackup) {
  World restored;
  const ClientView client = make_client(restored, client_named("Bob"));
  const OrderId id = place_as(restored, restored.client(client.id.text));
  restored.erasures.ids = {client.id.text};
  EXPECT_EQ(restored.run(erase_again(restored.app)), 1u);
  EXPECT_FALSE(restored.run(get_order(restored.app, restored.owner(), id.text)).shipping_address);
  restored.run_until_idle();
  expect_sound(restored);
}

TEST(Erasure, IsDoneAgainForAGuestWhoseKeyIsBack) {
  World world;
  const Caller guest = world.guest("token-of-a-guest");
  const OrderId id = place_as(world, guest);
  deliver(world, id);
  erase(world, world.owner(), guest.client_id);
  World restored;
  ASSERT_EQ(place_as(restored, guest), id);
  restored.erasures.ids = world.erasures.ids;
  EXPECT_EQ(restored.run(erase_again(restored.app)), 1u);
  EXPECT_FALSE(restored.run(get_order(restored.app, restored.owner(), id.text)).shipping_address);
  EXPECT_EQ(restored.run(erase_again(restored.app)), 0u);
}

TEST(Erasure, DoesNotTakeAGuestWhoOrdersAnewForOneWhoIsBack) {
  World world;
  const Caller guest = world.guest("token-of-a-guest");
  const OrderId first = place_as(world, guest);
  deliver(world, first);
  erase(world, world.owner(), guest.client_id);
  const OrderId second = place_as(world, guest);
  EXPECT_EQ(world.run(list_orders(world.app, world.owner(), {}, {})).data.size(), 2u);
  EXPECT_EQ(world.run(erase_again(world.app)), 0u) << "as at each start";
  world.app.client_keys.forget(guest.client_id);
  EXPECT_EQ(world.run(get_order(world.app, guest, second.text)).shipping_address, kAddress);
  EXPECT_FALSE(world.run(get_order(world.app, guest, first.text)).shipping_address);
  deliver(world, second);
  erase(world, world.owner(), guest.client_id);
  EXPECT_FALSE(world.run(get_order(world.app, guest, second.text)).shipping_address);
  EXPECT_EQ(world.erasures.ids.size(), 2u) << "two keys were destroyed";
}

TEST(Erasure, IgnoresLinesOfTheListThatAreNotWhole) {
  World world;
  PlaceOrder command = world.order_of({{"1", 1}});
  command.shipping_address = kAddress;
  const OrderId id = World::view(world.run(place_order(world.app, world.owner(), command, {}))).id;  // of u1
  const ClientView client = make_client(world, client_named("Bob"));
  const std::string& whole = client.id.text;
  world.erasures.ids = {
      "u1", "u1#", "u1#abc", "#", "", whole.substr(0, whole.size() - 1), "u1#" + std::string(22, 'A')};
  EXPECT_EQ(world.run(erase_again(world.app)), 0u);
  EXPECT_EQ(world.run(get_order(world.app, world.owner(), id.text)).shipping_address, kAddress);
  EXPECT_EQ(world.run(get_client(world.app, world.owner(), whole)).name, "Bob");
}

TEST(Erasure, AgainNeedsTheList) {
  World world;
  world.erasures.is_down = true;
  EXPECT_EQ(world.error_of(erase_again(world.app)).slug(), "erasures-unavailable");
  world.app.erasures = nullptr;
  EXPECT_EQ(world.run(erase_again(world.app)), 0u);
}

TEST(Erasure, TheListSaysNothingAboutAPerson) {
  World world;
  const Life life(world);
  const Caller guest = world.guest("secret-token-of-a-guest");
  deliver(world, place_as(world, guest));
  erase(world, world.owner(), life.id);
  erase(world, world.owner(), guest.client_id);
  for (const std::string& entry : world.erasures.ids) {
    expect_nobody_in(entry);
    EXPECT_EQ(entry.find("secret-token"), std::string::npos);
  }
}

}  // namespace
}  // namespace orderly::app
