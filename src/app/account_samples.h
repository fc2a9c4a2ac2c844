// How tests come by clients with accounts: a shop that sends mail, and what people do in it.
#pragma once

#include <string>
#include <vector>

#include "app/accounts.h"
#include "app/check.h"
#include "app/client_records.h"
#include "app/clients.h"
#include "app/keys.h"
#include "app/sessions.h"
#include "base/text.h"
#include "tests/fakes/world.h"

namespace orderly::app::samples {

using fakes::World;

inline const std::string kPassword = "a long sentence";
inline const std::string kOtherPassword = "another sentence";

inline domain::EmailAddress email(std::string_view text) { return domain::parse_email_address(text).value(); }

// The code in a mail that shows one.
inline std::string code_in(const ports::Mail& mail) {
  const std::size_t start = mail.text.find("ot_");
  return start == std::string::npos ? "" : mail.text.substr(start, mail.text.find_first_of(" \n", start) - start);
}

// Signs up; what was mailed thereupon.
inline ports::Mail mail_of_sign_up(World& world, const std::string& address, const std::string& password = kPassword,
                                   const std::string& name = "Ada Lovelace") {
  world.run(sign_up(world.app, world.nobody(), {email(address), password, name}));
  world.run_until_idle();
  return world.mailer.mails.back();
}

inline SessionView open_account(World& world, const std::string& address, const std::string& password = kPassword,
                                const std::string& name = "Ada Lovelace") {
  const std::string code = code_in(mail_of_sign_up(world, address, password, name));
  return world.run(verify_email(world.app, world.nobody(), {code, password}));
}

inline std::string code_of_reset(World& world, const std::string& address) {
  world.run(request_password_reset(world.app, world.nobody(), {email(address)}));
  world.run_until_idle();
  return code_in(world.mailer.mails.back());
}

inline SessionView sign_in_as(World& world, const std::string& address, const std::string& password = kPassword) {
  return world.run(sign_in(world.app, world.nobody(), {email(address), password}));
}

// Who an access token says that they are.
inline Caller caller_of(World& world, const SessionView& session) {
  return world.run(caller_of_access_token(world.app, session.access_token));
}

inline bool is_signed_in(World& world, const SessionView& session) {
  try {
    caller_of(world, session);
    return true;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnauthenticated);
    EXPECT_EQ(error.slug(), "invalid-token");
    return false;
  }
}

inline SessionView refresh(World& world, const SessionView& session) {
  const Answer answer = world.run(refresh_session(world.app, {session.refresh_token}, {}));
  return json::read_stored<SessionView>(answer.body);
}

inline ClientView view_of_client(const Answer& answer) { return json::read_stored<ClientView>(answer.body); }

inline ClientView make_client(World& world, CreateClient command, RepeatKey key = {}) {
  return view_of_client(world.run(create_client(world.app, world.staff(), std::move(command), std::move(key))));
}

inline CreateClient client_named(std::string name, std::optional<std::string> address = {}) {
  CreateClient command;
  command.name = std::move(name);
  if (address) command.email = email(*address);
  return command;
}

inline const Address kAddress{"Zebulon Quixote", "77 Xylophone Mews", {}, "Vladivostok", {}, "QJ7 9XZ", "GB"};
inline const std::string kWordsOfAddress[] = {"Zebulon", "Xylophone", "Vladivostok", "QJ7"};

// To that address, as the caller themselves.
inline OrderId place_as(World& world, const Caller& caller, RepeatKey key = {}) {
  PlaceOrder command = world.order_of({{"1", 1}});
  command.client_id.reset();
  command.shipping_address = kAddress;
  return World::view(world.run(place_order(world.app, caller, std::move(command), std::move(key)))).id;
}

inline void deliver(World& world, const OrderId& id) {
  world.run_until_idle();
  world.run(ship_order(world.app, world.owner(), id.text, {}));
  world.run(deliver_order(world.app, world.owner(), id.text, {}));
  world.run_until_idle();
}

inline void expect_sound(World& world) {
  const CheckReport report = check(*world.store.inspect(), world.crypto, world.clock.now());
  EXPECT_TRUE(report.is_clean()) << to_text(report);
}

// All that is stored by key: nothing was changed when it is the same.
inline std::string all_records(World& world) {
  std::string text;
  world.store.inspect()->records([&](const auto& each) {
    text += each.record.key.partition + "/" + each.record.key.sort + " " + each.record.document + "\n";
    return true;
  });
  return text;
}

// Another process of the same shop: the same store, with caches of its own.
inline App another_process(World& world) {
  return App{world.store,   world.queue,   world.store,  world.payments,  world.clock,          world.random,
             world.offload, world.monitor, world.crypto, world.documents, world.app.master_key, world.app.settings};
}

inline const std::string kAda = "ada@example.org";

// What they fail with.
inline std::string slug_of_sign_in(World& world, const std::string& address, const std::string& password) {
  const Error error = world.error_of(sign_in(world.app, world.nobody(), {email(address), password}));
  EXPECT_EQ(error.code(), ErrorCode::kUnauthenticated);
  return error.slug();
}

inline std::string slug_of_verify(World& world, const std::string& code, const std::string& password = kPassword) {
  return world.error_of(verify_email(world.app, world.nobody(), {code, password})).slug();
}

inline std::string slug_of_reset(World& world, const std::string& code) {
  return world.error_of(reset_password(world.app, world.nobody(), {code, kOtherPassword})).slug();
}

// "address: subject" of all mails.
inline std::vector<std::string> subjects(const World& world) {
  std::vector<std::string> subjects;
  for (const ports::Mail& mail : world.mailer.mails) subjects.push_back(mail.to + ": " + mail.subject);
  return subjects;
}

}  // namespace orderly::app::samples
