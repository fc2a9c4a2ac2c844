#include "domain/client.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "base/error.h"
#include "base/json.h"
#include "base/limits.h"

namespace orderly::domain {
namespace {

const Time kMade = *parse_time("2026-11-20T09:30:00.000Z");
const Time kLater = kMade + std::chrono::minutes(1);
const ClientId kId = ClientId::make(kMade, {1});

ClientContent content(std::string sealed = "c2VhbGVk") {
  return {Currency::of("USD"), 1000, PaymentTerms::kPrepaid, std::move(sealed)};
}

Client active() { return create_client(kId, content(), kMade).client; }
Client blocked() { return change_client(active(), content(), true, kLater).client; }
Client erased() { return erase_client(active(), kLater).client; }

// The event's type, "nothing", or "!slug".
std::string outcome_of(const std::function<ClientChange()>& call) {
  try {
    const ClientChange change = call();
    return change.is_nothing() ? "nothing" : change.event.type;
  } catch (const Error& error) {
    return "!" + error.slug();
  }
}

bool is_broken(const std::function<Client()>& call) {
  try {
    call();
    return false;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kBrokenInvariant);
    return true;
  }
}

// --- E-mail addresses
// ---------------------------------------------------------------------------------------------------------

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

TEST(EmailAddress, IsAMailboxAtADomain) {
  for (const std::string& good :
       {std::string("ada@example.org"), std::string("a@b.co"), std::string("Ada.Lovelace+shop@mail.example.org"),
        std::string("o'brien@example.ie"), std::string("!#$%&'*+-/=?^_`{|}~@example.org"), std::string("1@2.example"),
        std::string("a@xn--mller-kva.example"), std::string("a@1.2.3.4a"), repeated("a", 64) + "@example.org",
        "a@" + repeated("b", 63) + ".example", "a@" + repeated(repeated("b", 49) + ".", 5) + "bb"}) {
    const auto address = parse_email_address(good);
    ASSERT_TRUE(address) << good;
    EXPECT_EQ(address->text, good);
  }
}

TEST(EmailAddress, IsNothingElse) {
  const std::string longest_domain = repeated(repeated("b", 49) + ".", 5) + "bb";  // with "a@" before it
  for (const std::string& bad : {std::string(),
                                 std::string("@"),
                                 std::string("ada"),
                                 std::string("ada@"),
                                 std::string("@example.org"),
                                 std::string("ada@example"),
                                 std::string("ada@@example.org"),
                                 std::string("ada@example@example.org"),
                                 std::string(".ada@example.org"),
                                 std::string("ada.@example.org"),
                                 std::string("a..b@example.org"),
                                 std::string("ada@.example.org"),
                                 std::string("ada@example..org"),
                                 std::string("ada@example.org."),
                                 std::string("ada@-example.org"),
                                 std::string("ada@example-.org"),
                                 std::string("ada@exa_mple.org"),
                                 std::string("ada lovelace@example.org"),
                                 std::string(" ada@example.org"),
                                 std::string("ada@example.org "),
                                 std::string("ada@example.org\n"),
                                 std::string("ada@example.org\r\nBcc: eve@example.org"),
                                 std::string("ada\0@example.org", 16),
                                 std::string("\"ada\"@example.org"),
                                 std::string("ada(x)@example.org"),
                                 std::string("Ada <ada@example.org>"),
                                 std::string("ada@example.org,eve@example.org"),
                                 std::string("ada@[127.0.0.1]"),
                                 std::string("ada@127.0.0.1"),
                                 std::string("ada@example.1"),
                                 std::string("\xc3\xa4"
                                             "da@example.org"),
                                 std::string("ada@ex\xc3\xa4mple.org"),
                                 repeated("a", 65) + "@example.org",
                                 "a@" + repeated("b", 64) + ".example",
                                 "aa@" + longest_domain}) {
    EXPECT_FALSE(parse_email_address(bad)) << bad;
  }
}

TEST(EmailAddress, IsTheSameInAnyCase) {
  EXPECT_EQ(folded(*parse_email_address("Ada.LOVELACE@Example.ORG")), "ada.lovelace@example.org");
  EXPECT_NE(folded(*parse_email_address("ada+shop@example.org")), folded(*parse_email_address("ada@example.org")));
}

// --- Changes
// ---------------------------------------------------------------------------------------------------------

TEST(Client, IsActiveFromTheStart) {
  const ClientChange change = create_client(kId, content(), kMade);
  const Client expected{kId, ClientStatus::kActive, content(), {}, 1, kMade, kMade, ""};
  EXPECT_EQ(change.client, expected);
  EXPECT_EQ(change.event.type, "client.created");
  EXPECT_EQ(change.event.object, kId);
  EXPECT_EQ(change.event.version, 1);
  EXPECT_EQ(change.event.from, std::nullopt);
  EXPECT_EQ(change.event.to, ClientStatus::kActive);
  EXPECT_EQ(change.event.content, content());
}

TEST(Client, ChangesLeadTo) {
  ClientContent other = content();
  other.credit_limit = 5;
  const struct {
    std::string name;
    std::function<ClientChange(const Client&)> run;
    std::string of_active, of_blocked, of_erased;
  } cases[] = {
      {"the same, active", [](const Client& c) { return change_client(c, c.content, false, kLater); }, "nothing",
       "client.unblocked", "!not-found"},
      {"the same, blocked", [](const Client& c) { return change_client(c, c.content, true, kLater); }, "client.blocked",
       "nothing", "!not-found"},
      {"other content, active", [&](const Client& c) { return change_client(c, other, false, kLater); },
       "client.changed", "client.unblocked", "!not-found"},
      {"other content, blocked", [&](const Client& c) { return change_client(c, other, true, kLater); },
       "client.blocked", "client.changed", "!not-found"},
      {"a guest", [](const Client& c) { return claim_guest(c, "guest_1", kLater); }, "client.guest_claimed",
       "client.guest_claimed", "!not-found"},
      {"erase", [](const Client& c) { return erase_client(c, kLater); }, "client.erased", "client.erased",
       "!not-found"},
  };
  for (const auto& [name, run, of_active, of_blocked, of_erased] : cases) {
    EXPECT_EQ(outcome_of([&] { return run(active()); }), of_active) << name;
    EXPECT_EQ(outcome_of([&] { return run(blocked()); }), of_blocked) << name;
    EXPECT_EQ(outcome_of([&] { return run(erased()); }), of_erased) << name;
  }
}

TEST(Client, ABlockMayComeTogetherWithOtherContent) {
  ClientContent other = content();
  other.terms = PaymentTerms::kNet30;
  const ClientChange change = change_client(active(), other, true, kLater);
  EXPECT_EQ(change.client.status, ClientStatus::kBlocked);
  EXPECT_EQ(change.client.content, other);
  EXPECT_EQ(change.event.content, other);
  const ClientChange alone = change_client(active(), content(), true, kLater);
  EXPECT_FALSE(alone.event.content) << "what is as it was is not said again";
}

TEST(Client, IsRebuiltFromItsEvents) {
  std::vector<ClientEvent> events;
  Client client;
  const auto then = [&](ClientChange change) {
    change.event.id = EventId::make(kLater, {2});
    change.event.hash = "hash of " + std::to_string(change.event.version);
    change.client.last_event = change.event.hash;
    events.push_back(change.event);
    client = change.client;
  };
  then(create_client(kId, content(), kMade));
  then(claim_guest(client, "guest_1", kLater));
  then(change_client(client, content("other"), true, kLater));
  then(claim_guest(client, "guest_2", kLater));
  then(change_client(client, content("third"), false, kLater));
  then(erase_client(client, kLater));
  Client rebuilt;
  for (const ClientEvent& event : events) {
    rebuilt = apply(std::move(rebuilt), json::read_stored<ClientEvent>(json::write(event)));
  }
  EXPECT_EQ(rebuilt, client);
  EXPECT_EQ(rebuilt.version, 6);
  EXPECT_EQ(rebuilt.guests, (std::vector<std::string>{"guest_1", "guest_2"}));
  EXPECT_EQ(json::read_stored<Client>(json::write(client)), client);
}

TEST(Client, OfAnErasedOneNothingSealedIsLeft) {
  const Client client = erased();
  EXPECT_EQ(client.status, ClientStatus::kErased);
  EXPECT_EQ(client.content.sealed, "");
  EXPECT_EQ(client.content.credit_limit, 1000) << "what the shop agreed on says nothing about a person";
}

TEST(Client, NotesAGuestOnceAndAFewOfThem) {
  Client client = active();
  for (std::size_t i = 0; i < limits::kClientGuestsMax; ++i) {
    client = claim_guest(client, "guest_" + std::to_string(i), kLater).client;
  }
  EXPECT_TRUE(claim_guest(client, "guest_0", kLater).is_nothing());
  EXPECT_EQ(outcome_of([&] { return claim_guest(client, "guest_more", kLater); }), "!too-many-guests");
}

// --- Events
// ---------------------------------------------------------------------------------------------------------

TEST(ClientEvent, MustFollowTheOneBefore) {
  const ClientEvent first = create_client(kId, content(), kMade).event;
  const ClientEvent second = change_client(active(), content(), true, kLater).event;
  const auto of_first = [&](auto change) {
    ClientEvent event = first;
    change(event);
    return is_broken([&] { return apply({}, event); });
  };
  const auto of_second = [&](auto change, const Client& client = active()) {
    ClientEvent event = second;
    change(event);
    return is_broken([&] { return apply(client, event); });
  };
  EXPECT_FALSE(of_first([](ClientEvent&) {}));
  EXPECT_TRUE(of_first([](ClientEvent& e) { e.version = 2; }));
  EXPECT_TRUE(of_first([](ClientEvent& e) { e.from = ClientStatus::kActive; }));
  EXPECT_TRUE(of_first([](ClientEvent& e) { e.to = ClientStatus::kBlocked; }));
  EXPECT_FALSE(of_second([](ClientEvent&) {}));
  EXPECT_TRUE(of_second([](ClientEvent& e) { e.version = 3; }));
  EXPECT_TRUE(of_second([](ClientEvent& e) { e.version = 1; }));
  EXPECT_TRUE(of_second([](ClientEvent& e) { e.object = ClientId::make(kMade, {2}); }));
  EXPECT_TRUE(of_second([](ClientEvent& e) { e.from.reset(); }));
  EXPECT_TRUE(of_second([](ClientEvent& e) { e.from = ClientStatus::kBlocked; }));
  const auto of_erased = [](ClientEvent& e) { e.from = ClientStatus::kErased, e.version = 3; };
  EXPECT_TRUE(of_second([&](ClientEvent& e) { of_erased(e), e.to = ClientStatus::kActive; }, erased()));
  EXPECT_TRUE(of_second([&](ClientEvent& e) { of_erased(e), e.to = ClientStatus::kErased; }, erased()));
}

TEST(ClientEvent, TransitionsAreThoseOfTheTable) {
  using enum ClientStatus;
  const std::set<std::pair<ClientStatus, ClientStatus>> legal = {
      {kActive, kBlocked}, {kBlocked, kActive}, {kActive, kErased}, {kBlocked, kErased}};
  for (const ClientStatus from : {kActive, kBlocked, kErased}) {
    for (const ClientStatus to : {kActive, kBlocked, kErased}) {
      EXPECT_EQ(may_follow(from, to), legal.contains({from, to})) << json::name_of(from) << " " << json::name_of(to);
    }
  }
}

TEST(ClientEvent, ItsHashCoversEverythingButItself) {
  const ClientEvent event = create_client(kId, content(), kMade).event;
  const std::string bytes = bytes_for_hash(event);
  ClientEvent hashed = event;
  hashed.hash = "anything";
  EXPECT_EQ(bytes_for_hash(hashed), bytes);
  const std::vector<std::function<void(ClientEvent&)>> changes = {
      [](ClientEvent& e) { e.id = EventId::make(kMade, {9}); },
      [](ClientEvent& e) { e.type = "client.changed"; },
      [](ClientEvent& e) { e.object = ClientId::make(kMade, {9}); },
      [](ClientEvent& e) { e.version = 9; },
      [](ClientEvent& e) { e.at = kLater; },
      [](ClientEvent& e) { e.actor = "owner"; },
      [](ClientEvent& e) { e.source = "somewhere"; },
      [](ClientEvent& e) { e.request = "req_1"; },
      [](ClientEvent& e) { e.from = ClientStatus::kActive; },
      [](ClientEvent& e) { e.to = ClientStatus::kBlocked; },
      [](ClientEvent& e) { e.content.reset(); },
      [](ClientEvent& e) { e.content->sealed = "b3RoZXI="; },
      [](ClientEvent& e) { e.guest = "guest_1"; },
      [](ClientEvent& e) { e.previous = "another"; },
  };
  std::set<std::string> all{bytes};
  for (const auto& change : changes) {
    ClientEvent other = event;
    change(other);
    EXPECT_TRUE(all.insert(bytes_for_hash(other)).second) << bytes_for_hash(other);
  }
}

}  // namespace
}  // namespace orderly::domain
