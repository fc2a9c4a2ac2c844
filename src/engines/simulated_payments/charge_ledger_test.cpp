#include "engines/simulated_payments/charge_ledger.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <sstream>
#include <thread>

#include "base/error.h"

namespace orderly::simulated {
namespace {

using Outcome = ports::PaymentAnswer::Outcome;

const Currency kUsd = Currency::of("USD");
constexpr Time kNow{1'795'167'000'000};

// A folder that goes away with the test.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "orderly-ledger-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

ports::ChargeRequest charge_of(std::string key, std::int64_t minor, std::string order = "ord_1") {
  return {std::move(key), std::move(order), "pm_card_visa", {minor, kUsd}};
}

ports::RefundRequest refund_of(std::string key, std::string charge, std::int64_t minor) {
  return {std::move(key), std::move(charge), {minor, kUsd}};
}

// "succeeded ch_sim_a", "declined amount_too_large", "unknown timeout"
std::string text_of(const ports::PaymentAnswer& answer) {
  switch (answer.outcome) {
    case Outcome::kSucceeded: return "succeeded " + answer.reference + answer.reason;
    case Outcome::kDeclined: return "declined " + answer.reference + answer.reason;
    case Outcome::kUnknown: return "unknown " + answer.reference + answer.reason;
  }
  return "";
}
std::string text_of(const LedgerAnswer& answer) { return text_of(answer.answer) + (answer.repeated ? " again" : ""); }
std::string text_of(const std::optional<ports::PaymentAnswer>& answer) { return answer ? text_of(*answer) : "nothing"; }

// Every promise holds for both storages.
class InMemory {
 public:
  ChargeLedger& ledger() { return *ledger_; }

 private:
  std::unique_ptr<ChargeLedger> ledger_ = make_memory_ledger();
};
class InRocksdb {
 public:
  ChargeLedger& ledger() { return *ledger_; }

 private:
  Folder folder_;
  std::unique_ptr<ChargeLedger> ledger_ = open_ledger(folder_.path());
};

template <class Home>
class ChargeLedgerTest : public testing::Test {
 protected:
  std::string charge(const ports::ChargeRequest& request) { return text_of(ledger_.charge(request, "", kNow)); }
  std::string authorize(const ports::ChargeRequest& request) { return text_of(ledger_.authorize(request, "", kNow)); }
  std::string refund(const ports::RefundRequest& request) { return text_of(ledger_.refund(request, "", kNow)); }
  std::string capture(const char* charge, const char* key) { return text_of(ledger_.capture(charge, key, "", kNow)); }
  std::string cancel(const char* charge, const char* key) { return text_of(ledger_.cancel(charge, key, "", kNow)); }
  std::string look_up(const char* key) { return text_of(ledger_.look_up(key, kNow)); }

  Home home_;
  ChargeLedger& ledger_ = home_.ledger();
};
using Homes = testing::Types<InMemory, InRocksdb>;
TYPED_TEST_SUITE(ChargeLedgerTest, Homes);

TYPED_TEST(ChargeLedgerTest, ChargesOnceForTheSameKey) {
  EXPECT_EQ(this->charge(charge_of("a", 100)), "succeeded ch_sim_a");
  EXPECT_EQ(this->charge(charge_of("a", 100)), "succeeded ch_sim_a again");
  const auto charges = this->ledger_.charges_for("ord_1");
  ASSERT_EQ(charges.size(), 1u);
  EXPECT_EQ(charges[0].captured_minor, 100);
  EXPECT_EQ(charges[0].currency, "USD");
  EXPECT_EQ(charges[0].time, kNow);
}

// References are as short as a real provider's, and no two keys share one.
TYPED_TEST(ChargeLedgerTest, MakesReferencesThatLeadBackToTheirKeys) {
  const std::vector<std::pair<std::string, std::string>> references = {
      {"txn_01J", "ch_01J"}, {"01J", "ch_sim_01J"}, {"txn_sim_01J", "ch_sim_txn_sim_01J"}, {"txn_", "ch_"}};
  for (const auto& [key, reference] : references) {
    EXPECT_EQ(this->charge(charge_of(key, 100)), "succeeded " + reference);
    const auto charge = this->ledger_.find_charge(reference);
    ASSERT_TRUE(charge) << reference;
    EXPECT_EQ(charge->key, key);
  }
  EXPECT_EQ(this->refund(refund_of("txn_R", "ch_01J", 60)), "succeeded re_R");
  EXPECT_FALSE(this->ledger_.find_charge("ch_R"));
}

TYPED_TEST(ChargeLedgerTest, AnswersADeclineAgainAsADecline) {
  EXPECT_EQ(text_of(this->ledger_.charge(charge_of("a", 100), "card_declined", kNow)), "declined card_declined");
  EXPECT_EQ(this->charge(charge_of("a", 100)), "declined card_declined again");
  EXPECT_EQ(this->look_up("a"), "declined card_declined");
  EXPECT_EQ(this->ledger_.charges_for("ord_1").at(0).captured_minor, 0);
  EXPECT_EQ(this->refund(refund_of("r", "ch_sim_a", 1)), "declined resource_missing");
}

TYPED_TEST(ChargeLedgerTest, NeverSettlesAReusedKeyAsDeclined) {
  this->charge(charge_of("a", 100));
  EXPECT_EQ(this->charge(charge_of("a", 101)), "unknown idempotency_key_reuse again");
  EXPECT_EQ(this->charge(charge_of("a", 100, "ord_2")), "unknown idempotency_key_reuse again");
  EXPECT_EQ(this->charge({"a", "ord_1", "pm_card_mastercard", {100, kUsd}}), "unknown idempotency_key_reuse again");
  EXPECT_EQ(this->charge({"a", "ord_1", "pm_card_visa", {100, Currency::of("EUR")}}),
            "unknown idempotency_key_reuse again");
  EXPECT_EQ(this->authorize(charge_of("a", 100)), "unknown idempotency_key_reuse again");
  EXPECT_EQ(this->refund(refund_of("a", "ch_sim_a", 100)), "unknown idempotency_key_reuse again");
  EXPECT_EQ(this->look_up("a"), "succeeded ch_sim_a");
  EXPECT_EQ(this->ledger_.find_charge("ch_sim_a")->captured_minor, 100);
  EXPECT_EQ(this->ledger_.find_charge("ch_sim_a")->refunded_minor, 0);
}

TYPED_TEST(ChargeLedgerTest, RefundsNoMoreThanWasCaptured) {
  this->charge(charge_of("a", 100));
  EXPECT_EQ(this->refund(refund_of("r1", "ch_sim_a", 60)), "succeeded re_sim_r1");
  EXPECT_EQ(this->refund(refund_of("r2", "ch_sim_a", 60)), "declined amount_too_large");
  EXPECT_EQ(this->refund(refund_of("r1", "ch_sim_a", 60)), "succeeded re_sim_r1 again");
  EXPECT_EQ(this->refund(refund_of("r3", "ch_sim_a", 40)), "succeeded re_sim_r3");
  EXPECT_EQ(this->refund(refund_of("r4", "ch_sim_a", 1)), "declined charge_already_refunded");
  EXPECT_EQ(this->refund(refund_of("r2", "ch_sim_a", 60)), "declined amount_too_large again");
  EXPECT_EQ(this->look_up("r3"), "succeeded re_sim_r3");
  EXPECT_EQ(this->look_up("r4"), "declined charge_already_refunded");
  EXPECT_EQ(this->ledger_.find_charge("ch_sim_a")->refunded_minor, 100);

  std::int64_t refunded = 0;
  this->ledger_.for_each_refund([&](const LedgerEntry& entry) {
    EXPECT_EQ(entry.order_id, "ord_1");
    EXPECT_EQ(entry.charge, "ch_sim_a");
    if (entry.declined.empty()) refunded += entry.amount_minor;
  });
  EXPECT_EQ(refunded, 100);
}

TYPED_TEST(ChargeLedgerTest, RefundsOnlyWhatMakesSense) {
  this->charge(charge_of("a", 100));
  this->authorize(charge_of("b", 100));
  EXPECT_EQ(this->refund(refund_of("r1", "ch_sim_a", 0)), "declined parameter_invalid_integer");
  EXPECT_EQ(this->refund(refund_of("r2", "ch_sim_a", -5)), "declined parameter_invalid_integer");
  EXPECT_EQ(this->refund({"r3", "ch_sim_a", {5, Currency::of("EUR")}}), "declined currency_mismatch");
  EXPECT_EQ(this->refund(refund_of("r4", "ch_sim_b", 5)), "declined charge_not_captured");
  for (const char* const charge : {"ch_sim_c", "ch_sim_", "a", "", "re_sim_a", "ch_sim_r1"}) {
    EXPECT_EQ(this->refund(refund_of(std::string("r5") + charge, charge, 5)), "declined resource_missing") << charge;
  }
  EXPECT_EQ(this->ledger_.find_charge("ch_sim_a")->refunded_minor, 0);
}

TYPED_TEST(ChargeLedgerTest, CapturesOrCancelsAnAuthorizationOnce) {
  EXPECT_EQ(this->authorize(charge_of("a", 100)), "succeeded ch_sim_a");
  EXPECT_EQ(this->ledger_.find_charge("ch_sim_a")->captured_minor, 0);
  EXPECT_EQ(this->capture("ch_sim_a", "c1"), "succeeded ch_sim_a");
  EXPECT_EQ(this->capture("ch_sim_a", "c1"), "succeeded ch_sim_a again");
  EXPECT_EQ(this->capture("ch_sim_a", "c2"), "declined charge_already_captured");
  EXPECT_EQ(this->cancel("ch_sim_a", "x1"), "declined payment_intent_unexpected_state");
  EXPECT_EQ(this->ledger_.find_charge("ch_sim_a")->captured_minor, 100);
  EXPECT_EQ(this->refund(refund_of("r1", "ch_sim_a", 100)), "succeeded re_sim_r1");
  EXPECT_EQ(this->capture("ch_sim_a", "c3"), "declined charge_already_captured");

  this->authorize(charge_of("b", 100));
  EXPECT_EQ(this->cancel("ch_sim_b", "x2"), "succeeded ch_sim_b");
  EXPECT_EQ(this->cancel("ch_sim_b", "x2"), "succeeded ch_sim_b again");
  EXPECT_EQ(this->capture("ch_sim_b", "c4"), "declined payment_intent_unexpected_state");
  EXPECT_EQ(this->refund(refund_of("r2", "ch_sim_b", 1)), "declined charge_not_captured");
  EXPECT_EQ(this->capture("ch_sim_none", "c5"), "declined resource_missing");
  EXPECT_EQ(this->cancel("ch_sim_none", "x3"), "declined resource_missing");
  EXPECT_EQ(this->look_up("a"), "succeeded ch_sim_a");  // as it was answered, whatever came later
}

TYPED_TEST(ChargeLedgerTest, RefusesForEverAKeyThatWasLookedUpFirst) {
  EXPECT_EQ(this->look_up("a"), "nothing");
  EXPECT_EQ(this->look_up("a"), "nothing");
  EXPECT_EQ(this->charge(charge_of("a", 100)), "declined idempotency_key_refused again");
  EXPECT_EQ(this->authorize(charge_of("a", 100)), "declined idempotency_key_refused again");
  EXPECT_EQ(this->look_up("a"), "nothing");
  EXPECT_TRUE(this->ledger_.charges_for("ord_1").empty());

  this->charge(charge_of("b", 100));
  EXPECT_EQ(this->look_up("r"), "nothing");
  EXPECT_EQ(this->refund(refund_of("r", "ch_sim_b", 100)), "declined idempotency_key_refused again");
  EXPECT_EQ(this->ledger_.find_charge("ch_sim_b")->refunded_minor, 0);
}

TYPED_TEST(ChargeLedgerTest, RecordsNothingOfAMalformedRequest) {
  EXPECT_EQ(this->charge(charge_of("", 100)), "declined parameter_invalid");
  EXPECT_EQ(this->charge(charge_of(std::string(256, 'k'), 100)), "declined parameter_invalid");
  EXPECT_EQ(this->charge(charge_of("\xff", 100)), "declined parameter_invalid");
  EXPECT_EQ(this->charge(charge_of("a", 100, "\xff")), "declined parameter_invalid");
  EXPECT_EQ(this->look_up(""), "nothing");
  EXPECT_EQ(this->look_up("\xff"), "nothing");
  this->ledger_.for_each_entry([](const LedgerEntry& entry) { ADD_FAILURE() << entry.key; });
  EXPECT_EQ(this->charge(charge_of("a", 0)), "declined parameter_invalid_integer");
}

TYPED_TEST(ChargeLedgerTest, FindsTheChargesOfAnOrder) {
  this->charge(charge_of("a2", 100, "ord_1"));
  this->charge(charge_of("a1", 200, "ord_1"));
  this->charge(charge_of("b", 300, "ord_10"));
  std::string keys;
  for (const LedgerEntry& charge : this->ledger_.charges_for("ord_1")) keys += charge.key + " ";
  EXPECT_EQ(keys, "a1 a2 ");
  EXPECT_TRUE(this->ledger_.charges_for("ord").empty());
  EXPECT_TRUE(this->ledger_.charges_for("").empty());
  keys.clear();
  this->ledger_.for_each_charge([&](const LedgerEntry& charge) { keys += charge.key + " "; });
  EXPECT_EQ(keys, "a1 a2 b ");
}

TYPED_TEST(ChargeLedgerTest, ExportsALineForEachKey) {
  this->charge(charge_of("a", 100));
  this->refund(refund_of("r", "ch_sim_a", 40));
  this->look_up("z");
  std::ostringstream out;
  export_json_lines(this->ledger_, out);
  EXPECT_EQ(out.str(),
            R"({"key":"a","kind":"charge","reference":"ch_sim_a","order_id":"ord_1","method":"pm_card_visa",)"
            R"("amount_minor":100,"currency":"USD","captured_minor":100,"refunded_minor":40,)"
            R"("time":"2026-11-20T09:30:00.000Z"})"
            "\n"
            R"({"key":"r","kind":"refund","reference":"re_sim_r","charge":"ch_sim_a","order_id":"ord_1",)"
            R"("amount_minor":40,"currency":"USD","time":"2026-11-20T09:30:00.000Z"})"
            "\n"
            R"({"key":"z","kind":"refusal","time":"2026-11-20T09:30:00.000Z"})"
            "\n");
}

// Runs `work(i)` for i in 0..7, all at once.
void run_at_once(const std::function<void(int)>& work) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) threads.emplace_back(work, i);
  for (std::thread& thread : threads) thread.join();
}

TYPED_TEST(ChargeLedgerTest, RefundsNoMoreThanWasCapturedFromManyThreads) {
  this->charge(charge_of("a", 100));
  std::atomic<std::int64_t> refunded = 0;
  run_at_once([&](int thread) {
    for (int i = 0; i < 20; ++i) {
      const std::string key = "r" + std::to_string(thread) + "-" + std::to_string(i);
      const auto done = this->ledger_.refund(refund_of(key, "ch_sim_a", 3), "", kNow);
      if (done.answer.outcome == Outcome::kSucceeded) refunded += 3;
    }
  });
  EXPECT_EQ(refunded, 99);
  EXPECT_EQ(this->ledger_.find_charge("ch_sim_a")->refunded_minor, 99);
}

TYPED_TEST(ChargeLedgerTest, DecidesARaceForOneKeyOnce) {
  for (int round = 0; round < 50; ++round) {
    const std::string key = "k" + std::to_string(round);
    std::atomic<int> charged = 0;
    std::atomic<int> promised_never = 0;
    run_at_once([&](int thread) {
      if (thread % 2 == 0) {
        const auto done = this->ledger_.charge(charge_of(key, 100, key), "", kNow);
        if (done.answer.outcome == Outcome::kSucceeded && !done.repeated) ++charged;
      } else if (!this->ledger_.look_up(key, kNow)) {
        ++promised_never;
      }
    });
    ASSERT_EQ(charged, promised_never > 0 ? 0 : 1);
    ASSERT_EQ(this->ledger_.charges_for(key).size(), promised_never > 0 ? 0u : 1u);
  }
}

TEST(RocksdbLedger, IsThereAfterItWasClosed) {
  const Folder folder;
  open_ledger(folder.path())->charge(charge_of("a", 100), "", kNow);
  static_cast<void>(open_ledger(folder.path())->look_up("b", kNow));
  const auto ledger = open_ledger(folder.path());
  EXPECT_EQ(text_of(ledger->charge(charge_of("a", 100), "", kNow)), "succeeded ch_sim_a again");
  EXPECT_EQ(text_of(ledger->charge(charge_of("b", 100), "", kNow)), "declined idempotency_key_refused again");
}

constexpr int kChargesBeforeKill = 300;

// Writes a '+' for each charge after it was answered, then is killed. noexcept: a child must not return to the tests.
[[noreturn]] void charge_until_killed(const Folder& folder, int answers) noexcept {
  const auto ledger = open_ledger(folder.path());
  for (int i = 0; i < kChargesBeforeKill; ++i) {
    const auto done = ledger->charge(charge_of("k" + std::to_string(i), 100), "", kNow);
    const char answered = done.answer.outcome == Outcome::kSucceeded ? '+' : '-';
    if (write(answers, &answered, 1) != 1) _exit(1);
  }
  kill(getpid(), SIGKILL);
  _exit(1);
}

// A "death test" by its name, so that GoogleTest runs it before any test that starts threads: it forks.
TEST(RocksdbLedgerDeathTest, KeepsEveryAnsweredChargeThroughAKill) {
  const Folder folder;
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) charge_until_killed(folder, ends[1]);
  close(ends[1]);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  std::string answers(kChargesBeforeKill + 1, '\0');
  ASSERT_EQ(read(ends[0], answers.data(), answers.size()), kChargesBeforeKill);
  close(ends[0]);
  EXPECT_EQ(answers.substr(0, kChargesBeforeKill), std::string(kChargesBeforeKill, '+'));

  const auto ledger = open_ledger(folder.path());
  EXPECT_EQ(ledger->charges_for("ord_1").size(), static_cast<std::size_t>(kChargesBeforeKill));
}

TEST(RocksdbLedger, BelongsToOneProcessAtATime) {
  const Folder folder;
  const auto ledger = open_ledger(folder.path());
  EXPECT_THROW(open_ledger(folder.path()), Error);
  EXPECT_THROW(open_ledger("/proc/no/such/folder"), Error);
}

}  // namespace
}  // namespace orderly::simulated
