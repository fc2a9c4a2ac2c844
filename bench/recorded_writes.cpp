#include "bench/recorded_writes.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <map>
#include <span>

#include "app/app.h"
#include "app/catalog.h"
#include "app/invoices.h"
#include "app/payment_worker.h"
#include "app/place_order.h"
#include "bench/recording_store.h"
#include "engines/crypto/openssl_crypto.h"
#include "engines/documents/invoice_pdf.h"
#include "engines/simulated_payments/simulated_payments.h"
#include "host/server/system_clock.h"
#include "host/server/system_random.h"

namespace orderly::bench {

namespace {

// More products than this would change nothing but the time that recording takes.
constexpr std::size_t kProductsMax = 10'000;

// Nobody listens: what goes wrong while recording comes as an exception.
class Unheard final : public ports::Monitor {
 public:
  void payment_outcome(std::string_view) override {}
  void alarm(std::string_view, std::string_view, std::string_view) override {}
};

class AtOnce final : public ports::Offload {
 public:
  Task<void> run(std::function<void()> work) override {
    work();
    co_return;
  }
};

// The application in this process, over a store that records.
class RecordedShop {
 public:
  explicit RecordedShop(const WishOptions& wish) : wish_(wish) {
    wish_.products = std::min(wish_.products, kProductsMax);
    const app::Caller owner{app::Role::kOwner, "", "", "bench"};
    for (std::size_t i = 0; i < wish_.products; ++i) run(app::put_product(app_, owner, to_put(product(i))));
    recording_.catalog = merged(store_.take_commits());
  }

  // The messages that ask for what follows.
  std::vector<ports::Message> place(std::size_t count, bool with_key) {
    for (std::size_t i = 0; i < count; ++i) place_one(wish(wish_, number_++), with_key);
    recording_.lives += count;
    add_batch(store_.take_commits());
    return store_.take_messages();
  }

  // Handles each message; the n-th commits of all of them make the n-th batch.
  template <class Handler>
  std::vector<ports::Message> handle(std::vector<ports::Message> messages, Handler handler) {
    std::vector<std::vector<RecordedBatch>> steps;
    for (ports::Message& message : messages) {
      run(handler(app_, std::move(message)));
      std::vector<RecordedBatch> commits = store_.take_commits();
      if (steps.size() < commits.size()) steps.resize(commits.size());
      for (std::size_t step = 0; step < commits.size(); ++step) steps[step].push_back(std::move(commits[step]));
    }
    for (std::vector<RecordedBatch>& step : steps) add_batch(std::move(step));
    return store_.take_messages();
  }

  std::vector<ports::Message> issue(const std::vector<ports::Message>& messages) {
    for (std::span<const ports::Message> rest(messages); !rest.empty();) {
      const auto some = rest.first(std::min(app::kInvoicesPerCommit, rest.size()));
      run(app::issue_invoices(app_, {some.begin(), some.end()}));
      rest = rest.subspan(some.size());
    }
    add_batch(store_.take_commits());
    return store_.take_messages();
  }

  Recording take() { return std::move(recording_); }

 private:
  static app::PutProduct to_put(const CatalogProduct& each) {
    return {each.id,          each.sku,     each.name, each.description, each.category,
            each.price_minor, std::nullopt, "",        each.stock};
  }

  void place_one(const OrderWish& wanted, bool with_key) {
    const app::Caller caller{app::Role::kOwner, "demo", "demo", "demo"};
    app::PlaceOrder command;
    command.client_id = wanted.client_id;
    command.items.emplace();
    for (const OrderWish::Line& line : wanted.lines)
      command.items->push_back({product_id(line.product), line.quantity});
    command.payment_method = "pm_card_visa";
    if (wish_.with_address) {
      command.shipping_address =
          app::Address{"Ada Example", "12 Analytical Row", std::nullopt, "London", std::nullopt, "N1 7AA", "GB"};
    }
    app::RepeatKey key;
    if (with_key) key = app::make_repeat_key(app_, "demo", "POST", "/orders", std::to_string(wanted.number), "{}");
    run(app::place_order(app_, caller, std::move(command), std::move(key)));
  }

  template <class T>
  T run(Task<T> task) {
    auto result = boost::asio::co_spawn(context_, std::move(task), boost::asio::use_future);
    context_.restart();
    context_.run();
    return result.get();
  }

  // Later writes of one key replace earlier ones, as in a group of the committer.
  static RecordedBatch merged(std::vector<RecordedBatch> commits) {
    RecordedBatch batch;
    std::map<std::pair<embedded::Family, std::string>, std::size_t> places;
    for (RecordedBatch& commit : commits) {
      for (RecordedWrite& write : commit) {
        const auto [place, is_new] = places.try_emplace({write.family, write.key}, batch.size());
        if (is_new) {
          batch.push_back(std::move(write));
        } else {
          batch[place->second] = std::move(write);
        }
      }
    }
    return batch;
  }

  void add_batch(std::vector<RecordedBatch> commits) { recording_.batches.push_back(merged(std::move(commits))); }

  WishOptions wish_;
  std::uint64_t number_ = 0;
  Recording recording_;
  boost::asio::io_context context_;
  server::SystemClock clock_;
  server::SystemRandom random_;
  crypto::OpenSslCrypto crypto_;
  engines::InvoicePdf documents_;
  Unheard monitor_;
  AtOnce offload_;
  RecordingStore store_{clock_};
  std::unique_ptr<simulated::ChargeLedger> charges_ = simulated::make_memory_ledger();
  simulated::SimulatedPayments payments_{clock_, *charges_};
  app::App app_{store_, store_, store_, payments_, clock_, random_, offload_, monitor_, crypto_, documents_, {}, {}};
};

}  // namespace

std::size_t Recording::entries() const {
  std::size_t sum = 0;
  for (const RecordedBatch& batch : batches) sum += batch.size();
  return sum;
}

std::size_t Recording::bytes() const {
  std::size_t sum = 0;
  for (const RecordedBatch& batch : batches) {
    for (const RecordedWrite& write : batch) sum += write.key.size() + write.value.size();
  }
  return sum;
}

Recording record_placing(const WishOptions& wish, bool with_idempotency_key, std::size_t orders) {
  const auto shop = std::make_unique<RecordedShop>(wish);
  for (std::size_t done = 0; done < orders; done += kCommitsInBatch) {
    shop->place(std::min(kCommitsInBatch, orders - done), with_idempotency_key);
  }
  return shop->take();
}

Recording record_lives(const WishOptions& wish, std::size_t orders) {
  const auto shop = std::make_unique<RecordedShop>(wish);
  for (std::size_t done = 0; done < orders; done += kCommitsInBatch) {
    auto messages = shop->place(std::min(kCommitsInBatch, orders - done), false);
    messages = shop->handle(std::move(messages), app::handle_payment);
    messages = shop->issue(messages);
    shop->handle(std::move(messages), app::handle_document);
  }
  return shop->take();
}

}  // namespace orderly::bench
