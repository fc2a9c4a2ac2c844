// Passwords: what is taken for one, what a wrong one tells, and how one becomes another.
#include "app/passwords.h"

#include <gtest/gtest.h>

#include "app/account_samples.h"
#include "base/limits.h"

namespace orderly::app {
namespace {

using namespace samples;  // NOLINT(google-build-using-namespace)
using fakes::Started;

// --- Passwords
// ---------------------------------------------------------------------------------------------------------

TEST(Accounts, TakePasswordsOfTenCharactersAndUpTo256Bytes) {
  const std::string umlauts = "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\xc3\xa4";  // nine
  for (const std::string& good : {std::string("0123456789"), umlauts + "!", std::string(256, 'x')}) {
    World world;
    open_account(world, kAda, good);
    EXPECT_TRUE(is_signed_in(world, sign_in_as(world, kAda, good))) << good;
  }
  World world;
  const SessionView session = open_account(world, kAda);
  const Caller ada = caller_of(world, session);
  const std::string code = code_of_reset(world, kAda);
  for (const std::string& bad : {std::string("012345678"), umlauts, std::string(257, 'x')}) {
    const Error errors[] = {world.error_of(sign_up(world.app, world.nobody(), {email(kAda), bad, "Ada"})),
                            world.error_of(change_password(world.app, ada, {kPassword, bad})),
                            world.error_of(reset_password(world.app, world.nobody(), {code, bad}))};
    for (const Error& error : errors) EXPECT_EQ(error.code(), ErrorCode::kInvalidRequest) << bad;
  }
}

TEST(Accounts, ComparePasswordsAsTheBytesTheyAre) {
  World world;
  open_account(world, kAda, kPassword);
  for (const std::string& wrong : {kPassword + " ", " " + kPassword, std::string("A long sentence"), std::string(),
                                   kPassword + std::string(1, '\0')}) {
    EXPECT_EQ(slug_of_sign_in(world, kAda, wrong), "sign-in-failed") << wrong;
  }
}

TEST(Accounts, SignInTheSameWhateverTheCaseOfTheAddress) {
  World world;
  const SessionView session = open_account(world, "Ada.Lovelace@Example.org");
  EXPECT_EQ(sign_in_as(world, "ada.lovelace@EXAMPLE.ORG").client_id, session.client_id);
}

TEST(Accounts, FailToSignInTheSameForWhatReason) {
  World world;
  open_account(world, kAda);
  make_client(world, client_named("Bob", "bob@example.org"));
  const Error wrong = world.error_of(sign_in(world.app, world.nobody(), {email(kAda), "wrong password"}));
  const Error unknown = world.error_of(sign_in(world.app, world.nobody(), {email("eve@example.org"), kPassword}));
  const Error no_account = world.error_of(sign_in(world.app, world.nobody(), {email("bob@example.org"), kPassword}));
  for (const Error& error : {unknown, no_account}) {
    EXPECT_EQ(error.code(), wrong.code());
    EXPECT_EQ(error.slug(), wrong.slug());
    EXPECT_EQ(error.message(), wrong.message());
  }
}

// Counts what takes long.
class CountingCrypto final : public ports::Crypto {
 public:
  explicit CountingCrypto(const ports::Crypto& of) : of_(of) {}

  ports::Digest sha256(std::string_view bytes) const override { return of_.sha256(bytes); }
  ports::Digest hmac_sha256(std::string_view key, std::string_view bytes) const override {
    return of_.hmac_sha256(key, bytes);
  }
  std::string seal(const ports::SecretKey& key, const ports::Nonce& nonce, std::string_view plaintext,
                   std::string_view context) const override {
    return of_.seal(key, nonce, plaintext, context);
  }
  std::optional<std::string> open(const ports::SecretKey& key, std::string_view sealed,
                                  std::string_view context) const override {
    return of_.open(key, sealed, context);
  }
  std::string hash_password(std::string_view password, const ports::PasswordSalt& salt) const override {
    ++passwords_;
    return of_.hash_password(password, salt);
  }
  // As the real one, which does not hash one that is too long.
  bool verify_password(std::string_view hash, std::string_view password) const override {
    if (password.size() <= limits::kPasswordBytesMax) ++passwords_;
    return of_.verify_password(hash, password);
  }
  bool needs_rehash(std::string_view hash) const override { return of_.needs_rehash(hash); }

  int passwords() const { return passwords_; }

 private:
  const ports::Crypto& of_;
  mutable int passwords_ = 0;
};

// What somebody with a clock may notice: passwords hashed, records read, writes and messages sent.
struct Work {
  int passwords = 0;
  std::size_t reads = 0;
  std::size_t writes = 0;
  std::size_t messages = 0;
  std::size_t bytes = 0;

  friend bool operator==(const Work&, const Work&) = default;
};

std::ostream& operator<<(std::ostream& out, const Work& work) {
  return out << work.passwords << " passwords, " << work.reads << " reads, " << work.writes << " writes, "
             << work.messages << " messages, " << work.bytes << " bytes of messages";
}

template <class Call>
Work work_of(World& world, Call call) {
  const CountingCrypto crypto(world.crypto);
  App app{world.store,   world.queue,   world.store, world.payments,  world.clock,          world.random,
          world.offload, world.monitor, crypto,      world.documents, world.app.master_key, world.app.settings};
  app.notifier = &world.mailer;
  Work work;
  world.store.before_commit([&](const ports::Commit& commit) -> Task<void> {
    work.writes += commit.writes.size();
    work.messages += commit.messages.size();
    for (const ports::OutgoingMessage& message : commit.messages) work.bytes += message.body.size();
    co_return;
  });
  const std::size_t before = world.store.reads().size();
  try {
    world.run(call(app));
  } catch (const Error&) {  // which is the same, as other tests show
  }
  world.store.before_commit(nullptr);
  work.reads = world.store.reads().size() - before;
  work.passwords = crypto.passwords();
  return work;
}

TEST(Accounts, DoTheSameWorkForAFailedSignInWhetherTheAddressIsKnownOrNot) {
  World world;
  open_account(world, kAda);
  for (const std::string& password : {std::string("wrong password"), std::string(), std::string(400, 'x')}) {
    const auto work = [&](const std::string& address) {
      return work_of(world, [&](App& app) { return sign_in(app, world.nobody(), {email(address), password}); });
    };
    EXPECT_EQ(work(kAda), work("eve@example.org")) << password;
    EXPECT_EQ(work(kAda).passwords, 1) << password;
  }
}

TEST(Accounts, DoTheSameWorkForASignUpWhetherTheAddressIsKnownOrNot) {
  World world;
  open_account(world, kAda);
  make_client(world, client_named("Bob", "bob@example.org"));
  const auto work = [&](const std::string& address) {
    return work_of(world,
                   [&](App& app) { return sign_up(app, world.nobody(), {email(address), kPassword, "Somebody"}); });
  };
  const Work unknown = work("eve@example.org");
  EXPECT_EQ(unknown.passwords, 1);
  EXPECT_EQ(unknown.messages, 1u);
  EXPECT_EQ(work("bob@example.org"), unknown);
  Work known = work(kAda);
  EXPECT_EQ(known.bytes, unknown.bytes + 2) << "account_exists is longer than verify_email";
  known.bytes = unknown.bytes;
  EXPECT_EQ(known, unknown);
}

TEST(Accounts, DoTheSameWorkForAResetWhetherTheAddressIsKnownOrNot) {
  World world;
  open_account(world, kAda);
  const auto work = [&](const std::string& address) {
    return work_of(world, [&](App& app) { return request_password_reset(app, world.nobody(), {email(address)}); });
  };
  Work known = work(kAda);
  const Work unknown = work("eve@example.org");
  EXPECT_EQ(unknown.messages, 1u);
  EXPECT_EQ(known.reads, unknown.reads + 1) << "of the client's key, where it is not cached";
  known.reads = unknown.reads;
  EXPECT_EQ(known, unknown);
}

TEST(Accounts, SendNothingForAResetOfAnUnknownAddress) {
  World world;
  world.run(request_password_reset(world.app, world.nobody(), {email("eve@example.org")}));
  world.run_until_idle();
  EXPECT_TRUE(world.mailer.mails.empty());
  EXPECT_TRUE(world.monitor.alarms.empty());
}

TEST(Accounts, ReplaceAnOutdatedHashAtTheNextSignIn) {
  World world;
  const SessionView session = open_account(world, kAda);
  const crypto::OpenSslCrypto cheaper(crypto::PasswordCosts{16, 1});
  const std::string other_costs = cheaper.hash_password(kPassword, ports::PasswordSalt{1});
  ports::Key key = keys::account(session.client_id.text);
  world.store.tamper(key, [&](std::string& document) {
    auto account = json::read_stored<Account>(document);
    account.password_hash = other_costs;
    document = json::write(account);
  });
  const SessionView again = sign_in_as(world, kAda);
  const auto account = world.run(find_account(world.app, session.client_id.text));
  EXPECT_NE(account->password_hash, other_costs);
  EXPECT_FALSE(world.crypto.needs_rehash(account->password_hash));
  EXPECT_TRUE(is_signed_in(world, session)) << "it is no change of the password";
  EXPECT_TRUE(is_signed_in(world, again));
  EXPECT_TRUE(is_signed_in(world, sign_in_as(world, kAda)));
}

TEST(Accounts, TurnAwayAFloodOfPasswordsAtOnce) {
  World world;
  open_account(world, kAda);
  world.app.passwords_under_way = limits::kPasswordsUnderWayMax;
  const Error error = world.error_of(sign_in(world.app, world.nobody(), {email(kAda), kPassword}));
  EXPECT_EQ(error.code(), ErrorCode::kUnavailable);
  EXPECT_EQ(error.slug(), "overloaded");
  EXPECT_EQ(world.app.passwords_under_way, limits::kPasswordsUnderWayMax) << "who was turned away takes no place";
  world.app.passwords_under_way = limits::kPasswordsUnderWayMax - 1;
  EXPECT_TRUE(is_signed_in(world, sign_in_as(world, kAda)));
  EXPECT_EQ(world.app.passwords_under_way, limits::kPasswordsUnderWayMax - 1);
}

// --- A new password
// ---------------------------------------------------------------------------------------------------------

TEST(Accounts, AChangedPasswordSignsEverybodyElseOutAtOnce) {
  World world;
  const SessionView first = open_account(world, kAda);
  const SessionView second = sign_in_as(world, kAda);
  const Caller ada = caller_of(world, first);
  const SessionView fresh = world.run(change_password(world.app, ada, {kPassword, kOtherPassword}));
  for (const SessionView& old : {first, second}) {
    EXPECT_FALSE(is_signed_in(world, old));
    EXPECT_EQ(world.error_of(refresh_session(world.app, {old.refresh_token}, {})).slug(), "invalid-refresh-token");
  }
  EXPECT_TRUE(is_signed_in(world, fresh));
  EXPECT_TRUE(is_signed_in(world, refresh(world, fresh)));
  EXPECT_EQ(slug_of_sign_in(world, kAda, kPassword), "sign-in-failed");
  EXPECT_TRUE(is_signed_in(world, sign_in_as(world, kAda, kOtherPassword)));
  world.run_until_idle();
  EXPECT_EQ(subjects(world).back(), kAda + ": Your password was changed");
}

TEST(Accounts, AChangeNeedsThePasswordThatIsThere) {
  World world;
  const SessionView session = open_account(world, kAda);
  const Caller ada = caller_of(world, session);
  const Error error = world.error_of(change_password(world.app, ada, {"wrong password", kOtherPassword}));
  EXPECT_EQ(error.slug(), "sign-in-failed");
  EXPECT_TRUE(is_signed_in(world, session));
  const Caller made_by_shop = world.client(make_client(world, client_named("Bob")).id.text);
  EXPECT_EQ(world.error_of(change_password(world.app, made_by_shop, {kPassword, kOtherPassword})).code(),
            ErrorCode::kNotFound);
}

TEST(Accounts, OfTwoChangesAtOnceWithOneOldPasswordOneWins) {
  World world;
  const Caller ada = caller_of(world, open_account(world, kAda));
  std::vector<Started<SessionView>> changes;
  for (const std::string next : {"new password 1", "new password 2"}) {
    changes.push_back(world.start(change_password(world.app, ada, {kPassword, next})));
  }
  world.advance(std::chrono::seconds(1));
  int signed_in = 0;
  for (auto& change : changes) {
    try {
      signed_in += is_signed_in(world, change.get()) ? 1 : 0;
    } catch (const Error& error) {
      EXPECT_EQ(error.slug(), "sign-in-failed");
    }
  }
  EXPECT_EQ(signed_in, 1);
}

TEST(Accounts, AForgottenPasswordIsReplacedByACodeFromTheMail) {
  World world;
  const SessionView old = open_account(world, kAda);
  const std::string code = code_of_reset(world, kAda);
  EXPECT_EQ(subjects(world).back(), kAda + ": A new password");
  EXPECT_TRUE(is_signed_in(world, old)) << "asking alone changes nothing";
  EXPECT_TRUE(is_signed_in(world, sign_in_as(world, kAda)));
  const SessionView session = world.run(reset_password(world.app, world.nobody(), {code, kOtherPassword}));
  EXPECT_EQ(session.client_id, old.client_id);
  EXPECT_TRUE(is_signed_in(world, session));
  EXPECT_FALSE(is_signed_in(world, old));
  EXPECT_EQ(slug_of_sign_in(world, kAda, kPassword), "sign-in-failed");
  EXPECT_TRUE(is_signed_in(world, sign_in_as(world, kAda, kOtherPassword)));
  EXPECT_EQ(slug_of_reset(world, code), "invalid-one-time-token") << "it works once";
  world.run_until_idle();
  EXPECT_EQ(subjects(world).back(), kAda + ": Your password was changed");
}

TEST(Accounts, ACodeForANewPasswordIsOverAfterAnHour) {
  World world;
  open_account(world, kAda);
  const std::string code = code_of_reset(world, kAda);
  world.clock.set(world.clock.now() + limits::kPasswordResetKept);
  EXPECT_EQ(slug_of_reset(world, code), "invalid-one-time-token");
}

TEST(Accounts, ACodeIsGoodForNothingElse) {
  World world;
  open_account(world, kAda);
  const std::string of_reset = code_of_reset(world, kAda);
  const std::string of_sign_up = code_in(mail_of_sign_up(world, "bob@example.org"));
  EXPECT_EQ(slug_of_verify(world, of_reset), "invalid-one-time-token");
  EXPECT_EQ(slug_of_reset(world, of_sign_up), "invalid-one-time-token");
}

TEST(Accounts, APasswordThatIsChangedEndsCodesThatWereAskedForBefore) {
  World world;
  const Caller ada = caller_of(world, open_account(world, kAda));
  const std::string first = code_of_reset(world, kAda);
  const std::string second = code_of_reset(world, kAda);
  world.run(change_password(world.app, ada, {kPassword, "changed in time"}));
  EXPECT_EQ(slug_of_reset(world, first), "invalid-one-time-token");
  const std::string third = code_of_reset(world, kAda);
  world.run(reset_password(world.app, world.nobody(), {third, kOtherPassword}));
  EXPECT_EQ(slug_of_reset(world, second), "invalid-one-time-token");
  EXPECT_TRUE(is_signed_in(world, sign_in_as(world, kAda, kOtherPassword)));
}

TEST(Accounts, AnAddressThatTheShopReplacedGetsNoNewPassword) {
  World world;
  const SessionView session = open_account(world, kAda);
  const std::string code = code_of_reset(world, kAda);
  UpdateClient change;
  change.email = email("countess@example.org");
  world.run(update_client(world.app, world.staff(), session.client_id.text, change, {}));
  EXPECT_EQ(slug_of_reset(world, code), "invalid-one-time-token");
  EXPECT_TRUE(is_signed_in(world, sign_in_as(world, "countess@example.org")));
}

}  // namespace
}  // namespace orderly::app
