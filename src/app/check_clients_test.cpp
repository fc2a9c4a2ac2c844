// Every damage to clients is found, with the right invariant and in the right place.
#include "app/check_clients.h"

#include <gtest/gtest.h>

#include "app/account_samples.h"
#include "app/check_samples.h"
#include "app/erasure.h"

namespace orderly::app {
namespace {

using namespace samples;  // NOLINT(google-build-using-namespace)

// Ada has an account and a history of three events; Bob is erased.
struct Clients {
  Clients() {
    ada = open_account(world, "ada@example.org", kPassword, "Ada Lovelace").client_id;
    UpdateClient change;
    change.phone = "1";
    world.run(update_client(world.app, world.staff(), ada.text, change, {}));
    change.blocked = true;
    world.run(update_client(world.app, world.staff(), ada.text, change, {}));
    bob = make_client(world, client_named("Bob", "bob@example.org")).id;
    world.run(erase_client(world.app, world.owner(), bob.text, {}));
    client = keys::client(ada.text);
    account = keys::account(ada.text);
    lookups = keys::client_lookups(ada.text);
    by_email = keys::email(hash_of(world.app, email("ada@example.org")));
    by_name = keys::client_name(hash_of_name_word(world.app, "lovelace").value(), ada.text);
  }

  ports::Key event(std::int64_t version) const { return keys::event(ada, version); }

  World world;
  ClientId ada, bob;
  ports::Key client, account, lookups, by_email, by_name;
};

using Event = domain::ClientEvent;

auto edit_event(const ports::Key& key, std::function<void(Event&)> change) {
  return [key, change](Picture& picture) { picture.edit<Event>(key, change); };
}

// As somebody would who knows how events are hashed.
auto edit_and_hash(const Clients& clients, const ports::Key& key, std::function<void(Event&)> change) {
  return edit_event(key, [&clients, change](Event& event) {
    change(event);
    event.hash = base64url_encode(clients.world.crypto.sha256(domain::bytes_for_hash(event)));
  });
}

void copy(Picture& picture, const ports::Key& from, const ports::Key& to) {
  picture.stored[to] = picture.stored.at(from);
  picture.stored[to].record.key = to;
}

TEST(CheckClients, ThatAreSoundAreClean) {
  Clients clients;
  expect_sound(clients.world);
  const CheckReport report = check(*clients.world.store.inspect(), clients.world.crypto, clients.world.clock.now());
  EXPECT_EQ(report.counts.clients, 2);
  EXPECT_EQ(report.counts.accounts, 1);
  EXPECT_EQ(report.counts.sessions, 1);
}

TEST(CheckClients, FindsDamageToTheirHistories) {
  Clients clients;
  const auto actor = [](Event& e) { e.actor = "nobody"; };
  expect_found(
      clients.world,
      {{"a client changed",
        [&](Picture& p) { p.edit<domain::Client>(clients.client, [](auto& c) { c.content.credit_limit = 9; }); },
        {{6, "client-differs", place(clients.client)}}},
       {"a client unblocked",
        [&](Picture& p) {
          p.edit<domain::Client>(clients.client, [](auto& c) { c.status = domain::ClientStatus::kActive; });
        },
        {{6, "client-differs", place(clients.client)}}},
       {"a guest noted that no event tells of",
        [&](Picture& p) { p.edit<domain::Client>(clients.client, [](auto& c) { c.guests.push_back("guest_1"); }); },
        {{6, "client-differs", place(clients.client)}}},
       {"an event changed", edit_event(clients.event(2), actor), {{6, "event-hash", place(clients.event(2))}}},
       {"an event changed and hashed again",
        edit_and_hash(clients, clients.event(2), actor),
        {{6, "event-chain", place(clients.event(3))}}},
       {"the last event changed and hashed again",
        edit_and_hash(clients, clients.event(3), actor),
        {{6, "last-event", place(clients.client)}}},
       {"a transition that there is not",
        edit_and_hash(clients, clients.event(3), [](Event& e) { e.from = domain::ClientStatus::kBlocked; }),
        {{6, "illegal-transition", place(clients.event(3))}}},
       {"an event lost",
        [&](Picture& p) { p.remove(clients.event(2)); },
        {{6, "version-gap", place(clients.event(3))}}},
       {"the last event lost",
        [&](Picture& p) { p.remove(clients.event(3)); },
        {{6, "client-version", place(clients.client)}}},
       {"an event under another version",
        [&](Picture& p) {
          copy(p, clients.event(3), clients.event(4));
          p.remove(clients.event(3));
        },
        {{6, "event-key", place(clients.event(4))}}},
       {"an event that does not read",
        [&](Picture& p) { p.document(clients.event(2)) = R"({"version":"two"})"; },
        {{6, "unreadable", place(clients.event(2))}}},
       {"a client lost",
        [&](Picture& p) { p.remove(clients.client); },
        {{6, "client-missing", clients.client.partition}}},
       {"a client of another version",
        [&](Picture& p) { p.stored.at(clients.client).record.version = 9; },
        {{6, "record-version", place(clients.client)}}},
       {"a client who is not listed",
        [&](Picture& p) { std::erase_if(p.entries, [&](const auto& e) { return e.record == clients.client; }); },
        {{10, "index-entry-missing", place(clients.client)}}},
       {"a record of no known kind",
        [&](Picture& p) { copy(p, clients.account, {clients.client.partition, "THING"}); },
        {{10, "unknown-record", clients.client.partition + "/THING"}}}});
}

TEST(CheckClients, FindsDamageToHowTheyAreFound) {
  Clients clients;
  const ports::Key stray = keys::client_name("AAAAAAAAAAAAAAAAAAAAAA", clients.ada.text);
  expect_found(clients.world,
               {{"an address that leads nowhere",
                 [&](Picture& p) { p.remove(clients.by_email); },
                 {{10, "lookup-missing", place(clients.by_email)}}},
                {"an address that leads to another",
                 [&](Picture& p) {
                   p.edit<EmailLookup>(clients.by_email, [&](EmailLookup& lookup) { lookup.client_id = clients.bob; });
                 },
                 {{10, "lookup-missing", place(clients.by_email)}, {10, "lookup-stray", place(clients.by_email)}}},
                {"a name that leads nowhere",
                 [&](Picture& p) { p.remove(clients.by_name); },
                 {{10, "lookup-missing", place(clients.by_name)}}},
                {"a name that nobody has",
                 [&](Picture& p) { copy(p, clients.by_name, stray); },
                 {{10, "lookup-stray", place(stray)}}},
                {"what finds a client is not known of them",
                 [&](Picture& p) { p.remove(clients.lookups); },
                 {{10, "lookup-stray", place(clients.by_email)}, {10, "lookup-stray", place(clients.by_name)}}}});
}

TEST(CheckClients, FindsDamageToAccounts) {
  Clients clients;
  const auto edit = [&](auto change) {
    return [&, change](Picture& picture) { picture.edit<Account>(clients.account, change); };
  };
  expect_found(
      clients.world,
      {{"of another client",
        edit([&](Account& a) { a.client_id = clients.bob; }),
        {{10, "account-place", place(clients.account)}}},
       {"of another version", edit([](Account& a) { a.version = 9; }), {{10, "account-place", place(clients.account)}}},
       {"a password that is not hashed",
        edit([](Account& a) { a.password_hash = kPassword; }),
        {{11, "password-hash", place(clients.account)}}},
       {"one that does not read",
        [&](Picture& p) { p.document(clients.account) = "{}"; },
        {{10, "unreadable", place(clients.account)}}}});
}

TEST(CheckClients, FindsWhatIsKnownOfSomebodyWhoWasErased) {
  Clients clients;
  const ports::Key bob = keys::client(clients.bob.text);
  expect_found(clients.world,
               {{"their key",
                 [&](Picture& p) { copy(p, keys::client_key(clients.ada.text), keys::client_key(clients.bob.text)); },
                 {{11, "erased-client-known", place(bob)}}},
                {"their account",
                 [&](Picture& p) { copy(p, clients.account, keys::account(clients.bob.text)); },
                 {{11, "erased-client-known", place(bob)}}},
                {"what finds them",
                 [&](Picture& p) { copy(p, clients.lookups, keys::client_lookups(clients.bob.text)); },
                 {{11, "erased-client-known", place(bob)}}},
                {"their record as it was",
                 [&](Picture& p) { p.edit<domain::Client>(bob, [](auto& c) { c.content.sealed = "c2VhbGVk"; }); },
                 {{6, "client-differs", place(bob)}}}});
}

TEST(CheckClients, FindsWhatShouldBeSealed) {
  Clients clients;
  const auto insert = [](const ports::Key& key, std::string text) {
    return [key, text](Picture& p) { p.document(key).insert(1, text); };
  };
  const ports::Key event = clients.event(1);
  expect_found(
      clients.world,
      {{"a name", insert(clients.client, R"("name":"Ada Lovelace",)"), {{11, "personal-data", place(clients.client)}}},
       {"an e-mail address", insert(event, R"("email":"ada@example.org",)"), {{11, "personal-data", place(event)}}},
       {"a telephone number", insert(event, R"("content2":{"phone":"1"},)"), {{11, "personal-data", place(event)}}}});
}

}  // namespace
}  // namespace orderly::app
