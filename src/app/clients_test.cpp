#include "app/clients.h"

#include <gtest/gtest.h>

#include "app/account_samples.h"
#include "app/erasure.h"
#include "app/invoices.h"
#include "base/limits.h"

namespace orderly::app {
namespace {

using namespace samples;  // NOLINT(google-build-using-namespace)

CreateClient countess() {
  CreateClient command = client_named("Ada Lovelace", "Ada@Example.org");
  command.phone = "+44 20 7946 0000";
  command.tax_number = "GB 123";
  command.addresses = {kAddress};
  command.currency = Currency::of("EUR");
  command.credit_limit = 500'000;
  command.terms = domain::PaymentTerms::kNet30;
  return command;
}

ClientView update(World& world, const Caller& caller, const ClientId& id, UpdateClient change, RepeatKey key = {}) {
  return view_of_client(world.run(update_client(world.app, caller, id.text, std::move(change), std::move(key))));
}

std::vector<std::string> names_of(const List<ClientView>& list) {
  std::vector<std::string> names;
  for (const ClientView& view : list.data) names.push_back(view.name.value_or("-"));
  std::ranges::sort(names);
  return names;
}

std::vector<std::string> found_by_name(World& world, const std::string& name) {
  return names_of(world.run(list_clients(world.app, {{}, name}, {})));
}

std::vector<std::string> found_by_email(World& world, const std::string& address) {
  return names_of(world.run(list_clients(world.app, {email(address), {}}, {})));
}

// --- Making and changing
// ---------------------------------------------------------------------------------------------------------

TEST(Clients, AreMadeWithAllThatIsKnownOfThem) {
  World world;
  const Answer answer = world.run(create_client(world.app, world.staff(), countess(), {}));
  EXPECT_EQ(answer.status, 201);
  const ClientView view = view_of_client(answer);
  EXPECT_EQ(view.name, "Ada Lovelace");
  EXPECT_EQ(view.email->text, "Ada@Example.org") << "as it was written";
  EXPECT_EQ(view.phone, "+44 20 7946 0000");
  EXPECT_EQ(view.tax_number, "GB 123");
  EXPECT_EQ(view.addresses, std::vector<Address>{kAddress});
  EXPECT_EQ(view.currency, Currency::of("EUR"));
  EXPECT_EQ(view.credit_limit, 500'000);
  EXPECT_EQ(view.terms, domain::PaymentTerms::kNet30);
  EXPECT_EQ(view.version, 1);
  EXPECT_EQ(view.created_at, world.clock.now());
  EXPECT_EQ(json::write(world.run(get_client(world.app, world.owner(), view.id.text))), answer.body);
  expect_sound(world);
}

TEST(Clients, NeedANameOnly) {
  World world;
  const ClientView view = make_client(world, client_named("Bob"));
  EXPECT_FALSE(view.email);
  EXPECT_EQ(view.currency, world.app.settings.currency);
  EXPECT_EQ(view.credit_limit, 0);
  EXPECT_EQ(view.terms, domain::PaymentTerms::kPrepaid);
  expect_sound(world);
}

TEST(Clients, AreReadableNowhereInTheStore) {
  World world;
  const ClientView view = make_client(world, countess());
  UpdateClient change;
  change.name = "Augusta King";
  update(world, world.staff(), view.id, change);
  for (const std::string word : {"Ada", "Lovelace", "lovelace", "Augusta", "King", "xample.org", "7946", "GB 123",
                                 "Zebulon", "Xylophone", "Vladivostok"}) {
    EXPECT_TRUE(world.places_of(word).empty()) << word << " in " << world.places_of(word).front();
  }
}

TEST(Clients, KeepWhatAChangeDoesNotName) {
  World world;
  const ClientView before = make_client(world, countess());
  world.advance(std::chrono::seconds(1));
  UpdateClient change;
  change.phone = "";
  change.terms = domain::PaymentTerms::kPrepaid;
  const ClientView after = update(world, world.staff(), before.id, change);
  ClientView expected = before;
  expected.phone = "";
  expected.terms = domain::PaymentTerms::kPrepaid;
  expected.version = 2;
  expected.updated_at = world.clock.now();
  EXPECT_EQ(json::write(after), json::write(expected));
  expect_sound(world);
}

TEST(Clients, AChangeThatChangesNothingIsNoEvent) {
  World world;
  const ClientView before = make_client(world, countess());
  UpdateClient same;
  same.name = "Ada Lovelace";
  same.email = email("Ada@Example.org");
  same.blocked = false;
  const std::string records = all_records(world);
  EXPECT_EQ(update(world, world.staff(), before.id, same).version, 1);
  EXPECT_EQ(all_records(world), records);
}

TEST(Clients, SayThemselvesWhoTheyAreButNotWhatWasAgreed) {
  World world;
  const ClientView ada = make_client(world, countess());
  const ClientView bob = make_client(world, client_named("Bob"));
  const Caller self = world.client(ada.id.text);
  UpdateClient own;
  own.name = "Augusta King";
  own.phone = "+44 1";
  own.tax_number = "GB 9";
  own.addresses = std::vector<Address>{};
  EXPECT_EQ(update(world, self, ada.id, own).name, "Augusta King");
  const std::vector<std::function<void(UpdateClient&)>> not_theirs = {
      [](UpdateClient& c) { c.email = email("other@example.org"); },
      [](UpdateClient& c) { c.currency = Currency::of("USD"); },
      [](UpdateClient& c) { c.credit_limit = 1; },
      [](UpdateClient& c) { c.terms = domain::PaymentTerms::kNet30; },
      [](UpdateClient& c) { c.blocked = false; },
  };
  const std::string records = all_records(world);
  for (const auto& set : not_theirs) {
    UpdateClient change;
    change.name = "Somebody";
    set(change);
    EXPECT_EQ(world.error_of(update_client(world.app, self, ada.id.text, change, {})).code(), ErrorCode::kForbidden);
  }
  for (const Caller& other : {world.client(bob.id.text), world.nobody(), world.guest("cart-1")}) {
    EXPECT_EQ(world.error_of(update_client(world.app, other, ada.id.text, own, {})).code(), ErrorCode::kNotFound);
    EXPECT_EQ(world.error_of(get_client(world.app, other, ada.id.text)).code(), ErrorCode::kNotFound);
  }
  EXPECT_EQ(all_records(world), records);
}

TEST(Clients, ThatAreNotThereAreNotFound) {
  World world;
  for (const std::string& id : {std::string("u1"), std::string(), std::string("cli_"), std::string("META"),
                                ClientId::make(world.clock.now(), {}).text}) {
    EXPECT_EQ(world.error_of(get_client(world.app, world.owner(), id)).code(), ErrorCode::kNotFound) << id;
    EXPECT_EQ(world.error_of(update_client(world.app, world.owner(), id, {}, {})).code(), ErrorCode::kNotFound) << id;
  }
}

TEST(Clients, ChangesAtTheSameTimeAreAllKept) {
  World world;
  const ClientView ada = make_client(world, client_named("Ada"));
  UpdateClient phone, tax_number, limit;
  phone.phone = "1";
  tax_number.tax_number = "2";
  limit.credit_limit = 3;
  std::vector<fakes::Started<Answer>> changes;
  for (const UpdateClient& change : {phone, tax_number, limit}) {
    changes.push_back(world.start(update_client(world.app, world.staff(), ada.id.text, change, {})));
  }
  world.advance(std::chrono::seconds(1));
  for (auto& change : changes) EXPECT_EQ(change.get().status, 200);
  const ClientView after = world.run(get_client(world.app, world.staff(), ada.id.text));
  EXPECT_EQ(after.phone, "1");
  EXPECT_EQ(after.tax_number, "2");
  EXPECT_EQ(after.credit_limit, 3);
  EXPECT_EQ(after.version, 4);
  expect_sound(world);
}

// --- E-mail addresses
// ---------------------------------------------------------------------------------------------------------

TEST(Clients, HaveAnEMailAddressOfTheirOwnWhateverItsCase) {
  World world;
  make_client(world, client_named("Ada", "ada@example.org"));
  const ClientView bob = make_client(world, client_named("Bob", "bob@example.org"));
  const std::string records = all_records(world);
  const CreateClient same = client_named("Eve", "ADA@Example.ORG");
  UpdateClient change;
  change.email = same.email;
  for (const Error& error : {world.error_of(create_client(world.app, world.staff(), same, {})),
                             world.error_of(update_client(world.app, world.staff(), bob.id.text, change, {}))}) {
    EXPECT_EQ(error.code(), ErrorCode::kRefused);
    EXPECT_EQ(error.slug(), "email-taken");
  }
  EXPECT_EQ(all_records(world), records);
}

TEST(Clients, OfTwoWithOneAddressMadeAtOnceOneIsMade) {
  World world;
  std::vector<fakes::Started<Answer>> both;
  for (const std::string name : {"Ada", "Eve"}) {
    both.push_back(world.start(create_client(world.app, world.staff(), client_named(name, "ada@example.org"), {})));
  }
  world.advance(std::chrono::seconds(1));
  int made = 0;
  for (auto& one : both) {
    try {
      one.get();
      ++made;
    } catch (const Error& error) {
      EXPECT_EQ(error.slug(), "email-taken");
    }
  }
  EXPECT_EQ(made, 1);
  EXPECT_EQ(world.run(list_clients(world.app, {}, {})).data.size(), 1u);
  expect_sound(world);
}

TEST(Clients, AnAddressThatWasGivenUpIsFreeForOthers) {
  World world;
  const ClientView ada = make_client(world, client_named("Ada", "ada@example.org"));
  UpdateClient change;
  change.email = email("countess@example.org");
  update(world, world.staff(), ada.id, change);
  EXPECT_TRUE(found_by_email(world, "ada@example.org").empty());
  EXPECT_EQ(found_by_email(world, "countess@example.org"), std::vector<std::string>{"Ada"});
  make_client(world, client_named("Eve", "ada@example.org"));
  EXPECT_EQ(found_by_email(world, "ada@example.org"), std::vector<std::string>{"Eve"});
  UpdateClient other_case;
  other_case.email = email("Countess@Example.org");
  EXPECT_EQ(update(world, world.staff(), ada.id, other_case).email->text, "Countess@Example.org");
  expect_sound(world);
}

// --- Finding
// ---------------------------------------------------------------------------------------------------------

TEST(Clients, AreListedInTheOrderTheyWereMadePageByPage) {
  World world;
  for (const std::string name : {"Ada", "Bob", "Eve", "Mallory", "Trent"}) {
    make_client(world, client_named(name));
    world.advance(std::chrono::milliseconds(1));
  }
  std::vector<std::string> names;
  PageOf page;
  page.limit = 2;
  std::size_t pages = 0;
  while (true) {
    const auto list = world.run(list_clients(world.app, {}, page));
    ++pages;
    for (const ClientView& view : list.data) names.push_back(*view.name);
    if (!list.next_cursor) break;
    page.cursor = *list.next_cursor;
  }
  EXPECT_EQ(names, (std::vector<std::string>{"Ada", "Bob", "Eve", "Mallory", "Trent"}));
  EXPECT_EQ(pages, 3u);
}

TEST(Clients, AreFoundByEMailAddressInAnyCase) {
  World world;
  make_client(world, client_named("Ada Lovelace", "Ada@Example.org"));
  for (const std::string address : {"ada@example.org", "ADA@EXAMPLE.ORG", "Ada@Example.org"}) {
    EXPECT_EQ(found_by_email(world, address), std::vector<std::string>{"Ada Lovelace"}) << address;
  }
  EXPECT_TRUE(found_by_email(world, "ada@example.com").empty());
  EXPECT_EQ(names_of(world.run(list_clients(world.app, {email("ada@example.org"), "love"}, {}))).size(), 1u);
  EXPECT_TRUE(world.run(list_clients(world.app, {email("ada@example.org"), "bob"}, {})).data.empty());
}

TEST(Clients, AreFoundByHowTheWordsOfTheirNameBegin) {
  const std::string mueller =
      "J\xc3\xbcrgen M\xc3\xbcller-L\xc3\xbc"
      "denscheidt";
  const std::string oezdemir = "\xc3\x96zg\xc3\xbcr \xc3\x96zdemir";
  const std::string lukasz = "\xc5\x81ukasz \xc5\xbb\xc3\xb3\xc5\x82w";
  const std::string alexandr = "\xd0\x90\xd0\xbb\xd0\xb5\xd0\xba\xd1\x81\xd0\xb0\xd0\xbd\xd0\xb4\xd1\x80";
  const std::string shop = "O'Brien & Sons (Dublin) Ltd.";
  World world;
  for (const std::string& name : {mueller, oezdemir, lukasz, alexandr, shop, std::string("Ada Lovelace")}) {
    make_client(world, client_named(name));
  }
  const struct {
    std::string wanted;
    std::vector<std::string> found;
  } cases[] = {
      {"Ada Lovelace", {"Ada Lovelace"}},
      {"lovelace ADA", {"Ada Lovelace"}},
      {"lo", {"Ada Lovelace"}},
      {"lov a", {"Ada Lovelace"}},
      {"ovelace", {}},
      {"Ada Byron", {}},
      {"m\xc3\xbcll", {mueller}},
      {"M\xc3\x9cLLER", {mueller}},
      {"l\xc3\x9c"
       "denscheidt j\xc3\xbcrgen",
       {mueller}},
      {"\xc3\xb6zdemir", {oezdemir}},
      {"\xc5\x82ukasz", {lukasz}},
      {"\xc5\xbc\xc3\xb3\xc5\x81w", {lukasz}},
      {"\xd0\xb0\xd0\xbb\xd0\xb5\xd0\xba", {alexandr}},
      {"brien", {shop}},
      {"dublin, sons", {shop}},
      {"M\xc3\xbc Al", {}},
  };
  for (const auto& [wanted, found] : cases) EXPECT_EQ(found_by_name(world, wanted), found) << wanted;
}

TEST(Clients, AreLookedForByAWordOfTwoCharacters) {
  World world;
  make_client(world, client_named("\xc3\x9c X"));
  for (const std::string shorter : {"", "a", "\xc3\xbc", "a b c", "&!", " "}) {
    EXPECT_TRUE(world.run(list_clients(world.app, {{}, shorter}, {})).data.empty()) << shorter;
  }
}

TEST(Clients, AreFoundUnderTheNameThatTheyHaveNow) {
  World world;
  const ClientView ada = make_client(world, client_named("Ada Byron"));
  UpdateClient change;
  change.name = "Ada King Ada";
  update(world, world.staff(), ada.id, change);
  EXPECT_TRUE(found_by_name(world, "byron").empty());
  EXPECT_EQ(found_by_name(world, "king").size(), 1u);
  EXPECT_EQ(found_by_name(world, "ada").size(), 1u);
  expect_sound(world);
}

TEST(Clients, MayHaveLongNamesOfWhichTheFirstWordsAreLookedUp) {
  World world;
  std::string name;
  for (char c = 'a'; c <= 'z'; ++c) name += std::string(2, c) + " ";
  const ClientView client = make_client(world, client_named(name));
  EXPECT_EQ(found_by_name(world, "aa").size(), 1u);
  EXPECT_EQ(found_by_name(world, "hh").size(), 1u);
  EXPECT_TRUE(found_by_name(world, "ii").empty());
  UpdateClient change;
  std::string reversed;
  for (char c = 'z'; c >= 'a'; --c) reversed += std::string(2, c) + " ";
  change.name = reversed;
  change.email = email("abc@example.org");
  update(world, world.staff(), client.id, change, world.key("all-at-once"));  // all in one commit
  EXPECT_EQ(found_by_name(world, "zz").size(), 1u);
  EXPECT_TRUE(found_by_name(world, "aa").empty());
  expect_sound(world);
}

TEST(Clients, OfOneNameArePagedToo) {
  World world;
  for (int i = 0; i < 5; ++i) make_client(world, client_named("Smith " + std::to_string(i)));
  std::set<std::string> names;
  PageOf page;
  page.limit = 2;
  while (true) {
    const auto list = world.run(list_clients(world.app, {{}, "smith"}, page));
    for (const ClientView& view : list.data) EXPECT_TRUE(names.insert(*view.name).second);
    if (!list.next_cursor) break;
    page.cursor = *list.next_cursor;
  }
  EXPECT_EQ(names.size(), 5u);
}

// --- Requests that repeat
// ---------------------------------------------------------------------------------------------------------

TEST(Clients, TheSameRequestAgainGetsTheSameBytes) {
  World world;
  const RepeatKey create = world.key("create");
  const Answer made = world.run(create_client(world.app, world.staff(), countess(), create));
  const ClientView view = view_of_client(made);
  const RepeatKey change_key = world.key("change");
  UpdateClient change;
  change.name = "Augusta King";
  change.credit_limit = 7;
  const Answer changed = world.run(update_client(world.app, world.staff(), view.id.text, change, change_key));
  UpdateClient later;
  later.phone = "2";
  update(world, world.staff(), view.id, later);
  EXPECT_EQ(world.run(find_answer(world.app, create))->body, made.body);
  EXPECT_EQ(world.run(find_answer(world.app, create))->status, 201);
  EXPECT_EQ(world.run(find_answer(world.app, change_key))->body, changed.body);
  const RepeatKey nothing_key = world.key("nothing");
  const Answer nothing = world.run(update_client(world.app, world.staff(), view.id.text, later, nothing_key));
  EXPECT_EQ(world.run(find_answer(world.app, nothing_key))->body, nothing.body);
}

TEST(Clients, TheSameRequestAfterErasureShowsNobody) {
  World world;
  const RepeatKey key = world.key("create");
  const ClientView view = make_client(world, countess(), key);
  world.run(erase_client(world.app, world.owner(), view.id.text, {}));
  const auto kept = world.run(find_answer(world.app, key));
  ASSERT_TRUE(kept);
  const ClientView again = view_of_client(*kept);
  EXPECT_EQ(again.id, view.id);
  EXPECT_FALSE(again.name);
  EXPECT_FALSE(again.email);
  EXPECT_EQ(again.phone + again.tax_number, "");
  EXPECT_TRUE(again.addresses.empty());
}

TEST(Clients, AClientWhoseMakingWasLostIsMadeOnce) {
  for (const fakes::CommitFault fault : {fakes::CommitFault::kLostBeforeDone, fakes::CommitFault::kLostAfterDone}) {
    World world;
    world.store.fail_commit(fault);
    make_client(world, countess());
    EXPECT_EQ(world.run(list_clients(world.app, {}, {})).data.size(), 1u);
  }
}

// --- Ordering
// ---------------------------------------------------------------------------------------------------------

TEST(Clients, MayNotOrderWhileTheyAreBlocked) {
  World world;
  const ClientView ada = make_client(world, client_named("Ada"));
  UpdateClient block, unblock;
  block.blocked = true;
  unblock.blocked = false;
  const ClientView blocked = update(world, world.staff(), ada.id, block);
  EXPECT_EQ(blocked.status, domain::ClientStatus::kBlocked);
  PlaceOrder command = world.order_of({{"1", 1}});
  command.client_id = ada.id.text;
  Checkout basket;
  basket.items = command.items;
  for (const Caller& caller : {world.client(ada.id.text), world.owner()}) {
    basket.client_id = ada.id.text;
    for (const Error& error : {world.error_of(place_order(world.app, caller, command, {})),
                               world.error_of(checkout(world.app, caller, basket, {}))}) {
      EXPECT_EQ(error.code(), ErrorCode::kRefused);
      EXPECT_EQ(error.slug(), "client-blocked");
    }
  }
  EXPECT_EQ(update(world, world.staff(), ada.id, unblock).status, domain::ClientStatus::kActive);
  EXPECT_EQ(world.run(place_order(world.app, world.client(ada.id.text), command, {})).status, 200);
  world.run_until_idle();
  expect_sound(world);
}

TEST(Clients, WhoAreNotThereCannotOrderButGuestsCan) {
  World world;
  PlaceOrder command = world.order_of({{"1", 1}});
  command.client_id = ClientId::make(world.clock.now(), {}).text;
  const Error error = world.error_of(place_order(world.app, world.owner(), command, {}));
  EXPECT_EQ(error.code(), ErrorCode::kInvalidRequest);
  EXPECT_EQ(error.problems().at(0).pointer, "/client_id");
  command.client_id = "cli_x";  // a label
  EXPECT_EQ(world.run(place_order(world.app, world.owner(), command, {})).status, 200);
  world.run_until_idle();
}

TEST(Clients, InvoicesNameThemAndTheirTaxNumber) {
  World world;
  const ClientView ada = make_client(world, countess());
  CreateClient no_address = client_named("Bob Ltd.");
  no_address.tax_number = "IE 5";
  const ClientView bob = make_client(world, no_address);
  const ClientView eve = make_client(world, client_named("Eve"));
  const auto invoice_of = [&](const ClientId& id, std::optional<Address> address) {
    PlaceOrder command = world.order_of({{"1", 1}});
    command.client_id = id.text;
    command.shipping_address = std::move(address);
    const OrderId order = World::view(world.run(place_order(world.app, world.owner(), command, {}))).id;
    world.run_until_idle();
    return world.run(get_invoice(world.app, world.client(id.text), world.order(order).invoice));
  };
  Address other = kAddress;
  other.name = "Ada at work";
  other.line1 = "1 Engine Road";
  const InvoiceView to_order = invoice_of(ada.id, other);
  EXPECT_EQ(to_order.client.name, "Ada at work");
  EXPECT_EQ(to_order.client.lines.front(), "1 Engine Road");
  EXPECT_EQ(to_order.client.lines.back(), "Tax number: GB 123");
  const InvoiceView to_client = invoice_of(ada.id, {});
  EXPECT_EQ(to_client.client.name, kAddress.name) << "without an address of the order's, the client's first";
  EXPECT_EQ(to_client.client.lines.front(), kAddress.line1);
  const InvoiceView to_name = invoice_of(bob.id, {});
  EXPECT_EQ(to_name.client.name, "Bob Ltd.");
  EXPECT_EQ(to_name.client.lines, std::vector<std::string>{"Tax number: IE 5"});
  EXPECT_TRUE(invoice_of(eve.id, {}).client.lines.empty());
}

}  // namespace
}  // namespace orderly::app
