#include "app/accounts.h"

#include <gtest/gtest.h>

#include "app/account_samples.h"
#include "app/erasure.h"
#include "base/limits.h"

namespace orderly::app {
namespace {

using namespace samples;  // NOLINT(google-build-using-namespace)

// --- Opening one
// ---------------------------------------------------------------------------------------------------------

TEST(Accounts, BeginWithSignUpAMailAndTheSamePassword) {
  World world;
  const ports::Mail mail = mail_of_sign_up(world, kAda);
  EXPECT_EQ(mail.to, kAda);
  EXPECT_EQ(mail.subject, "Please confirm your e-mail address");
  const SessionView session = world.run(verify_email(world.app, world.nobody(), {code_in(mail), kPassword}));
  EXPECT_EQ(session.token_type, "Bearer");
  EXPECT_EQ(session.expires_in, 15 * 60);
  const Caller caller = caller_of(world, session);
  EXPECT_EQ(caller.role, Role::kClient);
  EXPECT_EQ(caller.client_id, session.client_id.text);
  EXPECT_EQ(caller.name, "client:" + session.client_id.text);
  const ClientView view = world.run(get_client(world.app, caller, caller.client_id));
  EXPECT_EQ(view.name, "Ada Lovelace");
  EXPECT_EQ(view.email, email(kAda));
  EXPECT_EQ(view.status, domain::ClientStatus::kActive);
  EXPECT_EQ(sign_in_as(world, kAda).client_id, session.client_id);
}

TEST(Accounts, AreNoClientsUntilTheyAreVerified) {
  World world;
  mail_of_sign_up(world, kAda);
  EXPECT_TRUE(world.run(list_clients(world.app, {}, {})).data.empty());
  EXPECT_EQ(slug_of_sign_in(world, kAda, kPassword), "sign-in-failed");
}

TEST(Accounts, AnswerSignUpTheSameWhetherTheAddressIsKnownOrNot) {
  World world;
  open_account(world, kAda);
  const auto known = world.run(sign_up(world.app, world.nobody(), {email(kAda), kPassword, "Ada"}));
  const auto unknown = world.run(sign_up(world.app, world.nobody(), {email("bob@example.org"), kPassword, "Bob"}));
  EXPECT_EQ(json::write(known), json::write(unknown));
}

TEST(Accounts, TellTheOwnerOfAKnownAddressWithoutACode) {
  World world;
  open_account(world, kAda);
  const ports::Mail mail = mail_of_sign_up(world, "ADA@Example.org", kOtherPassword);
  EXPECT_EQ(mail.to, "ADA@Example.org");
  EXPECT_EQ(mail.subject, "You have an account already");
  EXPECT_EQ(code_in(mail), "");
  EXPECT_EQ(slug_of_sign_in(world, kAda, kOtherPassword), "sign-in-failed");
  EXPECT_TRUE(is_signed_in(world, sign_in_as(world, kAda)));
}

TEST(Accounts, AreNotOpenedByTheMailAloneNorByThePasswordAlone) {
  World world;
  const std::string code = code_in(mail_of_sign_up(world, kAda));
  EXPECT_EQ(slug_of_verify(world, code, kOtherPassword), "invalid-one-time-token");
  for (const std::string& other : {std::string("ot_"), "ot_" + std::string(40, '0'), code + "0", std::string()}) {
    EXPECT_EQ(slug_of_verify(world, other), "invalid-one-time-token") << other;
  }
  EXPECT_TRUE(is_signed_in(world, world.run(verify_email(world.app, world.nobody(), {code, kPassword}))));
}

TEST(Accounts, AreNotTheirsWhoSignedUpAnothersAddressFirst) {
  World world;
  const std::string of_thief = code_in(mail_of_sign_up(world, kAda, "password of a thief", "Thief"));
  const std::string of_ada = code_in(mail_of_sign_up(world, kAda));
  EXPECT_EQ(slug_of_verify(world, of_thief), "invalid-one-time-token");  // Ada clicks on the first mail
  world.run(verify_email(world.app, world.nobody(), {of_ada, kPassword}));
  EXPECT_EQ(slug_of_sign_in(world, kAda, "password of a thief"), "sign-in-failed");
  // The thief has no code; with one, it would come too late.
  EXPECT_EQ(slug_of_verify(world, of_thief, "password of a thief"), "email-taken");
  EXPECT_EQ(slug_of_sign_in(world, kAda, "password of a thief"), "sign-in-failed");
}

TEST(Accounts, OfTwoSignUpsOfOneAddressVerifiedAtOnceOneWins) {
  World world;
  const std::string first_code = code_in(mail_of_sign_up(world, kAda));
  const std::string second_code = code_in(mail_of_sign_up(world, kAda, kOtherPassword));
  auto first = world.start(verify_email(world.app, world.nobody(), {first_code, kPassword}));
  auto second = world.start(verify_email(world.app, world.nobody(), {second_code, kOtherPassword}));
  world.advance(std::chrono::seconds(1));
  ASSERT_TRUE(first.done() && second.done());
  int winners = 0;
  for (auto* one : {&first, &second}) {
    try {
      winners += is_signed_in(world, one->get()) ? 1 : 0;
    } catch (const Error& error) {
      EXPECT_EQ(error.slug(), "email-taken");
    }
  }
  EXPECT_EQ(winners, 1);
  EXPECT_EQ(world.run(list_clients(world.app, {}, {})).data.size(), 1u);
}

TEST(Accounts, ACodeWorksOnceForTwoWhoUseItAtOnce) {
  World world;
  const std::string code = code_in(mail_of_sign_up(world, kAda));
  auto first = world.start(verify_email(world.app, world.nobody(), {code, kPassword}));
  auto second = world.start(verify_email(world.app, world.nobody(), {code, kPassword}));
  world.advance(std::chrono::seconds(1));
  int failures = 0;
  for (auto* one : {&first, &second}) {
    try {
      one->get();
    } catch (const Error&) {
      ++failures;
    }
  }
  EXPECT_EQ(failures, 1);
  EXPECT_EQ(slug_of_verify(world, code), "invalid-one-time-token");
}

TEST(Accounts, ACodeIsOverAfterADay) {
  World world;
  const std::string code = code_in(mail_of_sign_up(world, kAda));
  world.clock.set(world.clock.now() + limits::kSignUpKept);
  EXPECT_EQ(slug_of_verify(world, code), "invalid-one-time-token");
  const std::string next = code_in(mail_of_sign_up(world, kAda));
  world.clock.set(world.clock.now() + limits::kSignUpKept - std::chrono::minutes(1));
  EXPECT_TRUE(is_signed_in(world, world.run(verify_email(world.app, world.nobody(), {next, kPassword}))));
}

TEST(Accounts, OutliveTheDayThatTheirSignUpWasKeptFor) {
  World world;
  const SessionView session = open_account(world, kAda);
  world.clock.set(world.clock.now() + limits::kSignUpKept + std::chrono::hours(1));
  world.app.client_keys.forget(session.client_id.text);
  const ClientView view = world.run(get_client(world.app, world.staff(), session.client_id.text));
  EXPECT_EQ(view.name, "Ada Lovelace");
}

TEST(Accounts, ThatNobodyVerifiedLeaveNothingReadable) {
  World world;
  mail_of_sign_up(world, kAda);
  world.clock.set(world.clock.now() + limits::kSignUpKept);
  std::size_t keys = 0;
  world.store.inspect()->records([&](const auto& each) {
    const bool is_over = each.record.expires_at && *each.record.expires_at <= world.clock.now();
    if (each.record.key.partition.starts_with("CLIENTKEY#") && !is_over) ++keys;
    return true;
  });
  EXPECT_EQ(keys, 0u);
}

TEST(Accounts, OfAClientWhomTheShopMadeBelongToWhoHasTheMailbox) {
  World world;
  const ClientView made = make_client(world, client_named("Countess Lovelace", kAda));
  EXPECT_EQ(slug_of_sign_in(world, kAda, kPassword), "sign-in-failed");
  const SessionView session = open_account(world, kAda);
  EXPECT_EQ(session.client_id, made.id);
  const ClientView view = world.run(get_client(world.app, caller_of(world, session), made.id.text));
  EXPECT_EQ(view.name, "Countess Lovelace") << "what the shop knew is not replaced by what somebody typed";
  EXPECT_EQ(world.run(list_clients(world.app, {}, {})).data.size(), 1u);
}

TEST(Accounts, AreNotOpenedByACodeForAnAddressThatTheClientHasNoMore) {
  World world;
  const ClientView made = make_client(world, client_named("Ada", kAda));
  const std::string code = code_in(mail_of_sign_up(world, kAda));
  UpdateClient change;
  change.email = email("countess@example.org");
  world.run(update_client(world.app, world.staff(), made.id.text, change, {}));
  EXPECT_EQ(slug_of_verify(world, code), "invalid-one-time-token");
}

TEST(Accounts, AreNotOpenedForAClientWhoIsErasedMeanwhile) {
  World world;
  const ClientView made = make_client(world, client_named("Ada", kAda));
  const std::string code = code_in(mail_of_sign_up(world, kAda));
  bool is_erased = false;
  world.store.before_commit([&](const ports::Commit&) -> Task<void> {
    if (is_erased) co_return;
    is_erased = true;
    co_await erase_client(world.app, world.owner(), made.id.text, {});
  });
  EXPECT_EQ(slug_of_verify(world, code), "invalid-one-time-token");
  world.store.before_commit(nullptr);
  EXPECT_FALSE(world.run(find_account(world.app, made.id.text)));
}

TEST(Accounts, NeedMail) {
  World world;
  world.app.notifier = nullptr;
  for (const Error& error : {world.error_of(sign_up(world.app, world.nobody(), {email(kAda), kPassword, "Ada"})),
                             world.error_of(request_password_reset(world.app, world.nobody(), {email(kAda)}))}) {
    EXPECT_EQ(error.code(), ErrorCode::kUnavailable);
    EXPECT_EQ(error.slug(), "mail-not-set-up");
  }
}

// --- What the store and the mails say
// ---------------------------------------------------------------------------------------------------------

TEST(Accounts, KeepNoAddressNamePasswordOrCodeInPlain) {
  World world;
  const std::string code = code_in(mail_of_sign_up(world, "zebulon@quixote.example", kPassword, "Xanthippe"));
  world.run(sign_up(world.app, world.nobody(), {email("zebulon@quixote.example"), kPassword, "Xanthippe"}));
  const SessionView session = world.run(verify_email(world.app, world.nobody(), {code, kPassword}));
  world.run(request_password_reset(world.app, world.nobody(), {email("zebulon@quixote.example")}));
  const SessionView next = refresh(world, session);
  for (const std::string& secret :
       {std::string("zebulon"), std::string("quixote"), std::string("Xanthippe"), std::string("xanthippe"), kPassword,
        std::string("ot_"), code.substr(3), session.refresh_token, next.refresh_token, session.access_token}) {
    EXPECT_TRUE(world.places_of(secret).empty()) << secret << " is readable in " << world.places_of(secret).front();
  }
  EXPECT_EQ(world.queue.messages(), 2u) << "mails that wait hold their secrets under seal";
}

TEST(Accounts, MailLinksWhereTheShopHasPages) {
  fakes::WorldSettings settings;
  settings.shop.public_url = "https://shop.example";
  World world(settings);
  const ports::Mail mail = mail_of_sign_up(world, kAda);
  EXPECT_NE(mail.text.find("https://shop.example/verify#token=" + code_in(mail)), std::string::npos) << mail.text;
  world.run(verify_email(world.app, world.nobody(), {code_in(mail), kPassword}));
  const std::string code = code_of_reset(world, kAda);
  const std::string& text = world.mailer.mails.back().text;
  EXPECT_NE(text.find("https://shop.example/reset#token=" + code), std::string::npos) << text;
}

TEST(Accounts, AMailThatCannotBeSentNowIsSentLater) {
  World world;
  world.mailer.failures = 3;
  const std::string code = code_in(mail_of_sign_up(world, kAda));
  EXPECT_EQ(world.mailer.mails.size(), 1u);
  EXPECT_TRUE(is_signed_in(world, world.run(verify_email(world.app, world.nobody(), {code, kPassword}))));
}

TEST(Accounts, AMailThatIsRefusedIsGivenUpWithAnAlarmThatNamesNoAddress) {
  World world;
  world.mailer.refusals = 1;
  world.run(sign_up(world.app, world.nobody(), {email(kAda), kPassword, "Ada"}));
  world.run_until_idle();
  EXPECT_TRUE(world.mailer.mails.empty());
  ASSERT_EQ(world.monitor.alarms_of("mail-refused"), 1u);
  const auto& alarm = world.monitor.alarms.back();
  EXPECT_TRUE(is_client_id(alarm.concerns)) << alarm.concerns;
  EXPECT_EQ(alarm.detail, "verify_email");
}

TEST(Accounts, AMailIsNotWrittenToSomebodyWhoWasErasedMeanwhile) {
  World world;
  const SessionView session = open_account(world, kAda);
  world.run(request_password_reset(world.app, world.nobody(), {email(kAda)}));
  world.run(erase_client(world.app, world.owner(), session.client_id.text, {}));
  world.mailer.mails.clear();
  world.run_until_idle();
  EXPECT_TRUE(world.mailer.mails.empty());
}

}  // namespace
}  // namespace orderly::app
