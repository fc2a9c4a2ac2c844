#include "app/claims.h"

#include <gtest/gtest.h>

#include "app/account_samples.h"
#include "app/erasure.h"
#include "app/invoices.h"
#include "base/limits.h"

namespace orderly::app {
namespace {

using namespace samples;  // NOLINT(google-build-using-namespace)

const std::string kToken = "guest_token_1";

OrderView claim(World& world, const Caller& caller, const OrderId& id, const std::string& token = kToken) {
  return World::view(world.run(claim_order(world.app, caller, id.text, token, {})));
}

ErrorCode code_of_claim(World& world, const Caller& caller, const std::string& id, const std::string& token = kToken) {
  return world.error_of(claim_order(world.app, caller, id, token, {})).code();
}

Caller client_named_ada(World& world) { return world.client(make_client(world, client_named("Ada")).id.text); }

std::vector<std::string> orders_of(World& world, const Caller& caller) {
  std::vector<std::string> ids;
  for (const OrderView& view : world.run(list_orders(world.app, caller, {}, {})).data) ids.push_back(view.id.text);
  return ids;
}

std::vector<std::string> transactions_of_caller(World& world, const Caller& caller) {
  std::vector<std::string> ids;
  for (const auto& view : world.run(list_transactions(world.app, caller, {}, {})).data) ids.push_back(view.id.text);
  return ids;
}

std::vector<std::string> invoices_of(World& world, const Caller& caller, std::size_t limit = 20) {
  std::vector<std::string> numbers;
  PageOf page;
  page.limit = limit;
  while (true) {
    const auto list = world.run(list_invoices(world.app, caller, caller.client_id, page));
    EXPECT_LE(list.data.size(), limit);
    for (const InvoiceView& view : list.data) numbers.push_back(view.number);
    if (!list.next_cursor) return numbers;
    page.cursor = *list.next_cursor;
  }
}

TEST(Claims, AnOrderOfAGuestBecomesTheClients) {
  World world;
  const Caller guest = world.guest(kToken);
  const Caller ada = client_named_ada(world);
  const OrderId id = place_as(world, guest);
  EXPECT_EQ(world.error_of(get_order(world.app, ada, id.text)).code(), ErrorCode::kNotFound);
  const OrderView view = claim(world, ada, id);
  EXPECT_EQ(view.client_id, ada.client_id);
  EXPECT_EQ(view.shipping_address, kAddress);
  EXPECT_EQ(world.run(get_order(world.app, ada, id.text)).shipping_address, kAddress);
  EXPECT_EQ(orders_of(world, ada), std::vector<std::string>{id.text});
  EXPECT_EQ(world.error_of(get_order(world.app, guest, id.text)).code(), ErrorCode::kNotFound);
  EXPECT_TRUE(orders_of(world, guest).empty());
  EXPECT_EQ(world.event_types(id).back(), "order.claimed");
  for (const std::string& word : kWordsOfAddress) EXPECT_TRUE(world.places_of(word).empty()) << word;
  expect_sound(world);
  world.run_until_idle();
  EXPECT_EQ(world.order(id).status, domain::OrderStatus::kConfirmed) << "its payment goes on";
  expect_sound(world);
}

TEST(Claims, WhatWasPaidAndRefundedIsListedForTheClient) {
  World world;
  const Caller guest = world.guest(kToken);
  const Caller ada = client_named_ada(world);
  PlaceOrder command = world.order_of({{"1", 1}});
  command.client_id.reset();
  command.payment_method = "pm_card_visa_chargeDeclined";
  const OrderId id = World::view(world.run(place_order(world.app, guest, command, {}))).id;
  world.run_until_idle();
  world.advance(std::chrono::seconds(1));
  world.pay(id);
  world.run_until_idle();
  world.advance(std::chrono::seconds(1));
  world.refund(id, 100);
  world.run_until_idle();
  const std::vector<std::string> before = transactions_of_caller(world, guest);
  ASSERT_EQ(before.size(), 3u);
  claim(world, ada, id);
  EXPECT_EQ(transactions_of_caller(world, ada), before);
  EXPECT_TRUE(transactions_of_caller(world, guest).empty());
  EXPECT_EQ(world.error_of(get_transaction(world.app, guest, before.front())).code(), ErrorCode::kNotFound);
  EXPECT_EQ(world.run(get_transaction(world.app, ada, before.front())).client_id, ada.client_id);
  expect_sound(world);
  world.refund(id, 50);
  world.run_until_idle();
  EXPECT_EQ(transactions_of_caller(world, ada).size(), 4u);
  expect_sound(world);
}

TEST(Claims, InvoicesShowWhomTheyWereIssuedToAndAreTheClientsToSee) {
  World world;
  const Caller guest = world.guest(kToken);
  const Caller ada = client_named_ada(world);
  const OrderId id = place_as(world, guest);
  world.run_until_idle();
  const std::string number = world.order(id).invoice;
  EXPECT_EQ(invoices_of(world, guest), std::vector<std::string>{number});
  EXPECT_EQ(world.error_of(get_invoice(world.app, ada, number)).code(), ErrorCode::kNotFound);
  claim(world, ada, id);
  const InvoiceView invoice = world.run(get_invoice(world.app, ada, number));
  EXPECT_EQ(invoice.client.name, kAddress.name);
  EXPECT_EQ(invoice.client_id, guest.client_id);
  EXPECT_FALSE(world.run(get_invoice_pdf(world.app, ada, number)).bytes.empty());
  EXPECT_EQ(invoices_of(world, ada), std::vector<std::string>{number});
  EXPECT_TRUE(invoices_of(world, guest).empty());
  EXPECT_EQ(world.error_of(get_invoice(world.app, guest, number)).code(), ErrorCode::kNotFound);
  world.refund(id, 100);
  world.run_until_idle();
  EXPECT_EQ(invoices_of(world, ada).size(), 2u) << "a credit note";
  expect_sound(world);
}

// Two people on one computer, say.
TEST(Claims, TwoClientsWhoWereTheSameGuestSeeNothingOfEachOther) {
  World world;
  const Caller guest = world.guest(kToken);
  const Caller ada = client_named_ada(world);
  const Caller bob = world.client(make_client(world, client_named("Bob")).id.text);
  const OrderId of_ada = place_as(world, guest);
  const OrderId of_bob = place_as(world, guest);
  const OrderId of_nobody = place_as(world, guest);
  world.run_until_idle();
  claim(world, ada, of_ada);
  claim(world, bob, of_bob);
  const auto number = [&](const OrderId& id) { return world.order(id).invoice; };
  EXPECT_EQ(invoices_of(world, ada), std::vector<std::string>{number(of_ada)});
  EXPECT_EQ(invoices_of(world, bob, 1), std::vector<std::string>{number(of_bob)});
  EXPECT_EQ(invoices_of(world, guest), std::vector<std::string>{number(of_nobody)});
  for (const std::string& foreign : {number(of_bob), number(of_nobody)}) {
    EXPECT_EQ(world.error_of(get_invoice(world.app, ada, foreign)).code(), ErrorCode::kNotFound);
    EXPECT_EQ(world.error_of(get_invoice_pdf(world.app, ada, foreign)).code(), ErrorCode::kNotFound);
  }
  EXPECT_EQ(world.error_of(list_invoices(world.app, ada, guest.client_id, {})).code(), ErrorCode::kNotFound);
  EXPECT_EQ(code_of_claim(world, ada, of_bob.text), ErrorCode::kNotFound) << "it is no guest's any more";
  // The one who goes takes the guest along, and leaves the other alone.
  deliver(world, of_ada);
  deliver(world, of_nobody);
  world.run(erase_client(world.app, world.owner(), ada.client_id, {}));
  EXPECT_EQ(world.run(get_order(world.app, bob, of_bob.text)).shipping_address, kAddress);
  expect_sound(world);
}

TEST(Claims, NeedTheTokenOfTheGuestWhoOrdered) {
  World world;
  const Caller ada = client_named_ada(world);
  const Caller bob = world.client(make_client(world, client_named("Bob")).id.text);
  const OrderId of_guest = place_as(world, world.guest(kToken));
  const OrderId of_bob = place_as(world, bob);
  const OrderId of_label = world.place_order({{"1", 1}});
  const std::string before = all_records(world);
  EXPECT_EQ(code_of_claim(world, ada, of_guest.text, "guest_token_2"), ErrorCode::kNotFound);
  EXPECT_EQ(code_of_claim(world, ada, of_guest.text, ""), ErrorCode::kNotFound);
  EXPECT_EQ(code_of_claim(world, ada, of_guest.text, world.guest(kToken).client_id), ErrorCode::kNotFound);
  EXPECT_EQ(code_of_claim(world, ada, of_bob.text), ErrorCode::kNotFound);
  EXPECT_EQ(code_of_claim(world, ada, of_bob.text, bob.client_id), ErrorCode::kNotFound);
  EXPECT_EQ(code_of_claim(world, ada, of_label.text, "u1"), ErrorCode::kNotFound);
  EXPECT_EQ(code_of_claim(world, ada, "ord_none"), ErrorCode::kNotFound);
  EXPECT_EQ(code_of_claim(world, ada, make_order_id(world.clock.now(), {}).text), ErrorCode::kNotFound);
  EXPECT_EQ(all_records(world), before);
  world.run_until_idle();
}

TEST(Claims, AreForClientsWithARecord) {
  World world;
  const OrderId id = place_as(world, world.guest(kToken));
  const ClientView erased = make_client(world, client_named("Bob"));
  world.run(erase_client(world.app, world.owner(), erased.id.text, {}));
  for (const Caller& caller : {world.client("sub_from_elsewhere"), world.client(erased.id.text), world.nobody()}) {
    EXPECT_EQ(code_of_claim(world, caller, id.text), ErrorCode::kNotFound) << caller.name;
  }
  EXPECT_TRUE(world.run(get_order(world.app, world.guest(kToken), id.text)).shipping_address);
  world.run_until_idle();
}

TEST(Claims, AgainIsNoError) {
  World world;
  const Caller ada = client_named_ada(world);
  const OrderId id = place_as(world, world.guest(kToken));
  const RepeatKey key = world.key("claim");
  const Answer first = world.run(claim_order(world.app, ada, id.text, kToken, key));
  const auto kept = world.run(find_answer(world.app, key));
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->body, first.body);
  const std::string before = all_records(world);
  EXPECT_EQ(world.run(claim_order(world.app, ada, id.text, kToken, {})).body, first.body);
  EXPECT_EQ(all_records(world), before);
  world.run_until_idle();
}

TEST(Claims, NoteEachGuestOnceAndAFewOfThem) {
  World world;
  const Caller ada = client_named_ada(world);
  std::vector<OrderId> orders;
  for (std::size_t i = 0; i < limits::kClientGuestsMax; ++i) {
    const std::string token = "guest_" + std::to_string(i);
    const OrderId first = place_as(world, world.guest(token));
    const OrderId second = place_as(world, world.guest(token));
    claim(world, ada, first, token);
    claim(world, ada, second, token);
    orders.insert(orders.end(), {first, second});
  }
  const auto client = world.run(find_client(world.app, ada.client_id));
  EXPECT_EQ(client->guests.size(), limits::kClientGuestsMax);
  EXPECT_EQ(client->version, 1 + static_cast<std::int64_t>(limits::kClientGuestsMax));
  const OrderId one_more = place_as(world, world.guest("guest_more"));
  const Error error = world.error_of(claim_order(world.app, ada, one_more.text, "guest_more", {}));
  EXPECT_EQ(error.code(), ErrorCode::kRefused);
  EXPECT_EQ(error.slug(), "too-many-guests");
  world.run_until_idle();
  for (const OrderId& id : orders) deliver(world, id);
  world.run(erase_client(world.app, world.owner(), ada.client_id, {}));  // all in one commit
  expect_sound(world);
}

TEST(Claims, OfOneOrderByTwoAtOnceGoToOneOfThem) {
  World world;
  const Caller ada = client_named_ada(world);
  const Caller bob = world.client(make_client(world, client_named("Bob")).id.text);
  const OrderId id = place_as(world, world.guest(kToken));
  std::vector<fakes::Started<Answer>> claims;
  for (const Caller& caller : {ada, bob}) {
    claims.push_back(world.start(claim_order(world.app, caller, id.text, kToken, {})));
  }
  world.advance(std::chrono::milliseconds(100));
  int winners = 0;
  for (auto& one : claims) {
    try {
      one.get();
      ++winners;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kNotFound);
    }
  }
  EXPECT_EQ(winners, 1);
  world.run_until_idle();
  expect_sound(world);
}

TEST(Claims, AreRefusedToAClientWhoIsErasedMeanwhile) {
  World world;
  const Caller ada = client_named_ada(world);
  const OrderId known = place_as(world, world.guest(kToken));
  claim(world, ada, known);
  deliver(world, known);
  const OrderId id = place_as(world, world.guest("guest_2"));
  deliver(world, id);
  const OrderId first_of_guest_2 = place_as(world, world.guest("guest_2"));
  deliver(world, first_of_guest_2);
  claim(world, ada, first_of_guest_2, "guest_2");  // so that the guest need not be noted again
  bool is_erased = false;
  world.store.before_commit([&](const ports::Commit&) -> Task<void> {
    if (is_erased) co_return;
    is_erased = true;
    co_await erase_client(world.app, world.owner(), ada.client_id, {});
  });
  EXPECT_EQ(code_of_claim(world, ada, id.text, "guest_2"), ErrorCode::kNotFound);
  world.store.before_commit(nullptr);
  EXPECT_NE(world.order(id).client_id, ada.client_id);
  EXPECT_FALSE(world.store.inspect()->record(keys::client_key(ada.client_id)));
}

TEST(Claims, GoOnWhileThePaymentIsTaken) {
  World world;
  const Caller ada = client_named_ada(world);
  const OrderId id = place_as(world, world.guest(kToken));
  world.store.conflict_once(keys::order(id));
  EXPECT_EQ(claim(world, ada, id).client_id, ada.client_id);
  world.run_until_idle();
  EXPECT_EQ(world.charges(id), 1u);
  EXPECT_EQ(invoices_of(world, ada).size(), 1u);
  EXPECT_TRUE(invoices_of(world, world.guest(kToken)).empty());
}

// --- Many payments and refunds
// ---------------------------------------------------------------------------------------------------------

// An order of the guest's with so many payments and refunds, each of them made after it.
OrderId order_with_later_transactions(World& world, const Caller& guest, std::size_t count) {
  PlaceOrder command = world.order_of({{"1", 1}});
  command.client_id.reset();
  command.pay_later = true;
  command.shipping_address = kAddress;
  const OrderId id = World::view(world.run(place_order(world.app, guest, std::move(command), {}))).id;
  world.advance(std::chrono::seconds(1));
  const std::size_t attempts = std::min(count, limits::kAttemptsMax);
  for (std::size_t i = 1; i <= attempts; ++i) {
    world.pay(id, i < attempts ? "pm_card_visa_chargeDeclined" : "pm_card_visa");
    world.run_until_idle();
  }
  for (std::size_t i = attempts; i < count; ++i) {
    world.refund(id, 1);
    world.run_until_idle();
  }
  const domain::Order order = world.order(id);
  EXPECT_EQ(order.attempts.size() + order.refunds.size(), count);
  EXPECT_EQ(world.charges(id), 1u);
  EXPECT_EQ(world.refunds(id), count - attempts);
  return id;
}

std::size_t count_transactions(World& world, const Caller& caller) {
  PageOf page;
  page.limit = limits::kPageRowsMax;
  const auto list = world.run(list_transactions(world.app, caller, {}, page));
  EXPECT_FALSE(list.next_cursor);
  return list.data.size();
}

constexpr std::size_t kMovedMax = 90;
constexpr std::size_t kTransactionsMax = limits::kAttemptsMax + limits::kRefundsMax;
static_assert(kMovedMax < kTransactionsMax);

// With all that the same commit may have to write beside them.
TEST(Claims, MoveNinetyPaymentsAndRefundsInOneCommit) {
  World world;
  const Caller guest = world.guest(kToken);
  const Caller ada = client_named_ada(world);
  const OrderId id = order_with_later_transactions(world, guest, kMovedMax);
  ASSERT_EQ(count_transactions(world, guest), kMovedMax);
  const std::size_t commits = world.store.commits();
  const RepeatKey key = world.key("claim");
  const Answer claimed = world.run(claim_order(world.app, ada, id.text, kToken, key));
  EXPECT_EQ(world.store.commits(), commits + 1);
  EXPECT_EQ(World::view(claimed).shipping_address, kAddress);
  EXPECT_EQ(world.order(id).client_id, ada.client_id);
  EXPECT_EQ(world.run(find_client(world.app, ada.client_id))->guests, std::vector<std::string>{guest.client_id});
  EXPECT_EQ(world.run(find_answer(world.app, key))->body, claimed.body);
  EXPECT_EQ(count_transactions(world, ada), kMovedMax);
  EXPECT_EQ(count_transactions(world, guest), 0u);
  expect_sound(world);
}

TEST(Claims, OfMorePaymentsAndRefundsAreRefusedAndNothingIsWritten) {
  for (const std::size_t count : {kMovedMax + 1, kTransactionsMax}) {
    World world;
    const Caller guest = world.guest(kToken);
    const Caller ada = client_named_ada(world);
    const OrderId id = order_with_later_transactions(world, guest, count);
    const std::string before = all_records(world);
    const std::size_t commits = world.store.commits();
    const Error error = world.error_of(claim_order(world.app, ada, id.text, kToken, world.key("claim")));
    EXPECT_EQ(error.code(), ErrorCode::kRefused) << count;
    EXPECT_EQ(error.slug(), "too-many-transactions") << count;
    EXPECT_EQ(world.store.commits(), commits);
    EXPECT_TRUE(all_records(world) == before);
    EXPECT_EQ(count_transactions(world, guest), count);
    EXPECT_EQ(count_transactions(world, ada), 0u);
    EXPECT_EQ(orders_of(world, guest), std::vector<std::string>{id.text});
    EXPECT_TRUE(orders_of(world, ada).empty());
    EXPECT_EQ(world.run(get_order(world.app, guest, id.text)).shipping_address, kAddress);
    expect_sound(world);
  }
}

}  // namespace
}  // namespace orderly::app
