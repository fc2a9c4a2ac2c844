// A whole shop in memory: every use case and worker as in production, over fakes with real behaviour, the simulated
// payment provider, the real cryptography and documents. One thread; time passes only when the test lets it; the same
// seed gives the same course.
//
// While it runs, each commit's postings must balance; when it ends, what it holds must not contradict itself: see
// tests/fakes/consistency.h. Violations are reported as failures of the running test.
#pragma once

#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "app/app.h"
#include "app/order_commands.h"
#include "app/order_queries.h"
#include "app/place_order.h"
#include "base/error.h"
#include "engines/crypto/openssl_crypto.h"
#include "engines/documents/invoice_pdf.h"
#include "engines/simulated_payments/simulated_payments.h"
#include "tests/fakes/memory_queue.h"
#include "tests/fakes/memory_store.h"
#include "tests/fakes/small_fakes.h"
#include "tests/fakes/virtual_clock.h"

namespace orderly::fakes {

// A use case that has begun and may be done later.
template <class T>
class Started {
 public:
  bool done() const { return state_->done; }
  // Its result, or what it threw. Only when done.
  T get() {
    ORDERLY_ASSERT(state_->done);
    if (state_->error) std::rethrow_exception(state_->error);
    if constexpr (!std::is_void_v<T>) return std::move(*state_->value);
  }

 private:
  friend class World;
  struct State {
    bool done = false;
    std::exception_ptr error;
    std::optional<std::conditional_t<std::is_void_v<T>, bool, T>> value;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

struct WorldSettings {
  std::uint64_t seed = 1;
  app::Settings shop = default_shop();
  simulated::SimulatedPaymentsSettings provider{};
  Duration sweep_interval = std::chrono::seconds(1);

  // Dollars, 9.99 shipping, pm_card_visa when nothing is said; payment in one step, no automatic delivery.
  static app::Settings default_shop();
};

// What it sells, all in USD but "yen": "1" 95.00, "2" 25.00, "3" 5.50 (a thousand each), "limited" 10.00 (ten pieces),
// "mug-a" and "mug-b", both named Mug, and "yen" 500 JPY.
class World {
 public:
  explicit World(WorldSettings settings = {});
  // Checks that all is consistent, then ends the workers.
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // --- Running ---
  // Runs one use case to its end, with nobody receiving messages. Time passes if it must.
  template <class T>
  T run(Task<T> task) {
    Started<T> started = start(std::move(task));
    drive([&] { return started.done(); }, Time{kNever});
    return started.get();
  }
  // What it throws. Fails the test when it throws nothing.
  template <class T>
  Error error_of(Task<T> task) {
    try {
      run(std::move(task));
    } catch (const Error& error) {
      return error;
    }
    report_no_error();
    return Error(ErrorCode::kInternal, "nothing-thrown", "");
  }
  // Begins one; run_until_idle or advance lets it go on.
  template <class T>
  Started<T> start(Task<T> task) {
    Started<T> started;
    auto carry_out = [](Task<T> work, std::shared_ptr<typename Started<T>::State> state) -> Task<void> {
      try {
        if constexpr (std::is_void_v<T>) {
          co_await std::move(work);
        } else {
          state->value.emplace(co_await std::move(work));
        }
      } catch (...) {
        state->error = std::current_exception();
      }
      state->done = true;
    };
    boost::asio::co_spawn(context, carry_out(std::move(task), started.state_), boost::asio::detached);
    return started;
  }
  // Lets workers handle messages, the delayed ones too, until no queue holds one. Fails the test when that takes more
  // than `at_most`, and gives up.
  void run_until_idle(Duration at_most = std::chrono::hours(1));
  // Lets workers run for exactly that long.
  void advance(Duration duration);

  // --- Callers ---
  app::Caller owner() const { return {app::Role::kOwner, {}, "owners-cart", "owner"}; }
  app::Caller guest(std::string cart) const;
  app::Caller client(std::string id) const { return {app::Role::kClient, id, "cart-of-" + id, id}; }
  app::Caller staff() const { return {app::Role::kStaff, {}, {}, "staff"}; }
  app::Caller nobody() const { return {app::Role::kAnonymous, {}, {}, "anonymous"}; }

  // --- Shorthands for the owner's use cases ---
  using Lines = std::vector<app::LineRequest>;
  app::PlaceOrder order_of(Lines lines) const;
  OrderId place_order(Lines lines, std::string payment_method = "pm_card_visa");
  OrderId place_unpaid(Lines lines);  // pay_later
  // Places one and lets the workers take its payment.
  OrderId place_paid_order(Lines lines, std::string payment_method = "pm_card_visa");
  void add_product(std::string id, std::int64_t price, std::int64_t stock, std::string currency = "USD");
  // At 10.00 USD; again with other figures, to change them.
  void put_hot_product(std::string id, std::optional<std::int64_t> stock, std::optional<std::int64_t> buckets);
  app::OrderView cancel(const OrderId& id, app::RepeatKey key = {});
  app::OrderView refund(const OrderId& id, std::optional<std::int64_t> amount = {});
  app::OrderView pay(const OrderId& id, std::string method = "pm_card_visa");
  app::OrderView report(const OrderId& id, std::string status);
  app::RepeatKey key(std::string_view text, std::string_view body = "{}") const;
  static app::OrderView view(const app::Answer& answer);

  // --- Looking ---
  domain::Order order(const OrderId& id);  // as stored
  std::vector<domain::OrderEvent> events(const OrderId& id);
  std::vector<std::string> event_types(const OrderId& id);
  // What there is now, in all buckets or in one; what was ever received is left out.
  domain::StockCounters stock(const std::string& product_id);
  domain::StockCounters bucket(const std::string& product_id, std::int64_t number);
  // At the provider, of one order: how many charges and refunds succeeded, and what is held now.
  std::size_t charges(const OrderId& id);
  std::size_t refunds(const OrderId& id);
  std::int64_t held(const OrderId& id);
  // Where in the store, messages included, `text` occurs in plain.
  std::vector<std::string> places_of(std::string_view text);

  boost::asio::io_context context{1};
  VirtualClock clock;
  SeededRandom random;
  MemoryQueue queue;
  MemoryStore store;
  RecordingMonitor monitor;
  RecordingMailer mailer;
  MemoryErasures erasures;
  InlineOffload offload;
  crypto::OpenSslCrypto crypto{crypto::kCheapestPasswords};
  engines::InvoicePdf documents;
  std::unique_ptr<simulated::ChargeLedger> provider;  // its own books
  simulated::SimulatedPayments payments;
  app::App app;  // with the mailer and the list of erasures

 private:
  static constexpr std::int64_t kNever = std::int64_t{1} << 60;

  void drive(const std::function<bool()>& is_done, Time limit);
  void start_workers(Duration sweep_interval);
  void stop_workers();
  void stock_shelves();
  static void report_no_error();

  std::stop_source stop_;
  std::vector<Started<void>> workers_;
};

}  // namespace orderly::fakes
