#include "engines/simulated_payments/simulated_payments.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

namespace orderly::simulated {
namespace {

using Outcome = ports::PaymentAnswer::Outcome;

// Time that only sleepers move.
class FakeClock final : public ports::Clock {
 public:
  Time now() const override { return now_; }
  Task<void> sleep(Duration duration) override {
    now_ = now_ + duration;
    co_return;
  }

 private:
  Time now_{1'795'167'000'000};
};

template <class T>
T run(Task<T> task) {
  boost::asio::io_context io;
  std::optional<T> result;
  std::exception_ptr failure;
  boost::asio::co_spawn(io, std::move(task), [&](std::exception_ptr error, T value) {
    failure = error;
    result = std::move(value);
  });
  io.run();
  if (failure) std::rethrow_exception(failure);
  return *std::move(result);
}

std::string text_of(const ports::PaymentAnswer& answer) {
  switch (answer.outcome) {
    case Outcome::kSucceeded: return "succeeded " + answer.reference + answer.reason;
    case Outcome::kDeclined: return "declined " + answer.reference + answer.reason;
    case Outcome::kUnknown: return "unknown " + answer.reference + answer.reason;
  }
  return "";
}

class SimulatedPaymentsTest : public testing::Test {
 protected:
  std::string charge(const std::string& key, const std::string& method) {
    return text_of(run(payments_.charge({key, "ord_1", method, kPrice})));
  }
  std::string refund(const std::string& key, const std::string& charge, std::int64_t minor) {
    return text_of(run(payments_.refund({key, charge, {minor, kPrice.currency}})));
  }
  std::string look_up(const std::string& key) {
    const auto answer = run(payments_.look_up(key));
    return answer ? text_of(*answer) : "nothing";
  }
  std::int64_t held_minor() const {  // by the provider, for the shop
    std::int64_t sum = 0;
    ledger_->for_each_charge([&](const LedgerEntry& each) { sum += each.captured_minor - each.refunded_minor; });
    return sum;
  }

  const Money kPrice{9500, Currency::of("USD")};
  FakeClock clock_;
  std::unique_ptr<ChargeLedger> ledger_ = make_memory_ledger();
  SimulatedPayments payments_{clock_, *ledger_};
};

TEST_F(SimulatedPaymentsTest, AnswersAsItsCardsSayAndLookUpTellsTheTruth) {
  struct Case {
    std::string method, first, again, truth;
    std::int64_t held_minor;
  };
  for (const Case& c : std::vector<Case>{
           {"pm_card_visa", "succeeded ch_sim_k", "succeeded ch_sim_k", "succeeded ch_sim_k", 9500},
           {"pm_card_mastercard", "succeeded ch_sim_k", "succeeded ch_sim_k", "succeeded ch_sim_k", 9500},
           {"pm_card_visa_chargeDeclined", "declined card_declined", "declined card_declined", "declined card_declined",
            0},
           {"pm_card_chargeDeclinedInsufficientFunds", "declined insufficient_funds", "declined insufficient_funds",
            "declined insufficient_funds", 0},
           {"pm_card_chargeDeclinedExpiredCard", "declined expired_card", "declined expired_card",
            "declined expired_card", 0},
           {"pm_sim_timeout_before_charge", "unknown timeout", "unknown timeout", "nothing", 0},
           {"pm_sim_timeout_after_charge", "unknown timeout", "succeeded ch_sim_k", "succeeded ch_sim_k", 9500},
           {"pm_sim_slow", "succeeded ch_sim_k", "succeeded ch_sim_k", "succeeded ch_sim_k", 9500},
           {"pm_sim_refund_fails", "succeeded ch_sim_k", "succeeded ch_sim_k", "succeeded ch_sim_k", 9500},
           {"pm_sim_refund_lost", "succeeded ch_sim_k", "succeeded ch_sim_k", "succeeded ch_sim_k", 9500},
           {"pm_card_nobody", "declined payment_method_unknown", "declined payment_method_unknown",
            "declined payment_method_unknown", 0},
           {"", "declined payment_method_unknown", "declined payment_method_unknown", "declined payment_method_unknown",
            0}}) {
    SCOPED_TRACE(c.method);
    const auto ledger = make_memory_ledger();
    SimulatedPayments payments(clock_, *ledger);
    const ports::ChargeRequest request{"k", "ord_1", c.method, kPrice};
    EXPECT_EQ(text_of(run(payments.charge(request))), c.first);
    EXPECT_EQ(text_of(run(payments.charge(request))), c.again);
    const auto truth = run(payments.look_up("k"));
    EXPECT_EQ(truth ? text_of(*truth) : "nothing", c.truth);
    std::int64_t held_minor = 0;
    ledger->for_each_charge([&](const LedgerEntry& each) { held_minor += each.captured_minor; });
    EXPECT_EQ(held_minor, c.held_minor);
  }
}

TEST_F(SimulatedPaymentsTest, A500IsRepeatedAndHidesACharge) {
  // FNV-1a of "b" is odd, of "a" even.
  EXPECT_EQ(charge("a", "pm_sim_http_500"), "unknown http_500");
  EXPECT_EQ(charge("a", "pm_sim_http_500"), "unknown http_500");
  EXPECT_EQ(look_up("a"), "succeeded ch_sim_a");
  EXPECT_EQ(held_minor(), 9500);
}

TEST_F(SimulatedPaymentsTest, A500IsRepeatedAndHidesThatNothingHappened) {
  EXPECT_EQ(charge("b", "pm_sim_http_500"), "unknown http_500");
  EXPECT_EQ(charge("b", "pm_sim_http_500"), "unknown http_500");
  EXPECT_EQ(look_up("b"), "nothing");
  EXPECT_EQ(held_minor(), 0);
}

TEST_F(SimulatedPaymentsTest, RefusesALateRequestAfterItWasLookedUp) {
  EXPECT_EQ(charge("k", "pm_sim_timeout_before_charge"), "unknown timeout");
  EXPECT_EQ(look_up("k"), "nothing");
  payments_.next_answer(Succeed{});  // the lost request arrives after all
  EXPECT_EQ(charge("k", "pm_sim_timeout_before_charge"), "declined idempotency_key_refused");
  EXPECT_EQ(look_up("k"), "nothing");
  EXPECT_EQ(held_minor(), 0);
}

TEST_F(SimulatedPaymentsTest, KeepsNoTokenThatItDoesNotKnow) {
  EXPECT_EQ(charge("k", "4242424242424242"), "declined payment_method_unknown");
  EXPECT_EQ(ledger_->charges_for("ord_1").at(0).method, "unknown");
}

TEST_F(SimulatedPaymentsTest, RefundsUpToWhatWasCaptured) {
  charge("k", "pm_card_visa");
  EXPECT_EQ(refund("r1", "ch_sim_k", 9000), "succeeded re_sim_r1");
  EXPECT_EQ(refund("r1", "ch_sim_k", 9000), "succeeded re_sim_r1");
  EXPECT_EQ(refund("r2", "ch_sim_k", 501), "declined amount_too_large");
  EXPECT_EQ(held_minor(), 500);
}

TEST_F(SimulatedPaymentsTest, DeclinesTheRefundsOfACardThatSaysSo) {
  charge("k", "pm_sim_refund_fails");
  EXPECT_EQ(refund("r", "ch_sim_k", 100), "declined refund_failed");
  EXPECT_EQ(refund("r", "ch_sim_k", 100), "declined refund_failed");
  EXPECT_EQ(look_up("r"), "declined refund_failed");
  EXPECT_EQ(held_minor(), 9500);
}

TEST_F(SimulatedPaymentsTest, LosesTheFirstAnswerToARefundOfACardThatSaysSo) {
  charge("k", "pm_sim_refund_lost");
  EXPECT_EQ(refund("r1", "ch_sim_k", 100), "unknown timeout");
  EXPECT_EQ(held_minor(), 9400);
  EXPECT_EQ(look_up("r1"), "succeeded re_sim_r1");
  EXPECT_EQ(refund("r2", "ch_sim_k", 100), "unknown timeout");
  EXPECT_EQ(refund("r2", "ch_sim_k", 100), "succeeded re_sim_r2");
  EXPECT_EQ(held_minor(), 9300);
}

TEST_F(SimulatedPaymentsTest, AuthorizesCapturesAndCancels) {
  EXPECT_EQ(text_of(run(payments_.authorize({"a", "ord_1", "pm_card_visa", kPrice}))), "succeeded ch_sim_a");
  EXPECT_EQ(held_minor(), 0);
  EXPECT_EQ(text_of(run(payments_.capture("ch_sim_a", "c"))), "succeeded ch_sim_a");
  EXPECT_EQ(held_minor(), 9500);
  EXPECT_EQ(text_of(run(payments_.authorize({"b", "ord_1", "pm_card_visa", kPrice}))), "succeeded ch_sim_b");
  EXPECT_EQ(text_of(run(payments_.cancel("ch_sim_b", "x"))), "succeeded ch_sim_b");
  EXPECT_EQ(text_of(run(payments_.capture("ch_sim_b", "c2"))), "declined payment_intent_unexpected_state");
  EXPECT_EQ(text_of(run(payments_.authorize({"d", "ord_1", "pm_card_visa_chargeDeclined", kPrice}))),
            "declined card_declined");
  EXPECT_EQ(held_minor(), 9500);
}

TEST_F(SimulatedPaymentsTest, TakesTheTimeThatItsSettingsSay) {
  const SimulatedPaymentsSettings settings{.delay = Duration{50}, .slow_delay = Duration{2000}};
  SimulatedPayments payments(clock_, *ledger_, settings);
  const Time start = clock_.now();
  run(payments.charge({"k1", "ord_1", "pm_card_visa", kPrice}));
  EXPECT_EQ(clock_.now() - start, Duration{50});
  run(payments.charge({"k2", "ord_1", "pm_sim_slow", kPrice}));
  EXPECT_EQ(clock_.now() - start, Duration{2100});
  EXPECT_EQ(ledger_->find_charge("ch_sim_k2")->time, clock_.now());
}

TEST_F(SimulatedPaymentsTest, DoesWhatATestTellsItInOrder) {
  payments_.next_answer(LostAfterCharge{});
  payments_.next_answer(Decline{"do_not_honor"});
  payments_.next_answer(LostBeforeCharge{"http_429"});
  const Time start = clock_.now();
  payments_.next_answer(Slow{Duration{700}});
  EXPECT_EQ(charge("k1", "pm_card_visa"), "unknown timeout");
  EXPECT_EQ(charge("k2", "pm_card_visa"), "declined do_not_honor");
  EXPECT_EQ(charge("k3", "pm_card_visa"), "unknown http_429");
  EXPECT_EQ(charge("k3", "pm_card_visa"), "succeeded ch_sim_k3");
  EXPECT_EQ(clock_.now() - start, Duration{700});
  EXPECT_EQ(charge("k1", "pm_card_visa"), "succeeded ch_sim_k1");
  EXPECT_EQ(held_minor(), 2 * 9500);
}

TEST_F(SimulatedPaymentsTest, CanSayNothingWhileItIsUnreachable) {
  payments_.set_reachable(false);
  EXPECT_EQ(charge("k", "pm_card_visa"), "unknown connection_failed");
  EXPECT_EQ(look_up("k"), "unknown connection_failed");
  payments_.set_reachable(true);
  EXPECT_EQ(charge("k", "pm_card_visa"), "succeeded ch_sim_k");  // the look-up promised nothing
}

}  // namespace
}  // namespace orderly::simulated
