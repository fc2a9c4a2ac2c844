// A commit being drafted: what a use case writes, in the words of the domain. It turns changes of orders into records,
// events with their hash chain, and stock counts, and gives the finished commit to the store.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/answers.h"
#include "app/app.h"
#include "base/json.h"
#include "domain/client.h"
#include "domain/order.h"
#include "ports/store.h"

namespace orderly::app {

class Draft {
 public:
  // `app` must outlive the draft.
  Draft(App& app, const Caller& caller);

  Time now() const { return now_; }

  // The first change of an order, and a later one: `before` as it was read. Event ids, actor and hashes are filled in;
  // `change.order.last_event` is set. A change without events writes nothing.
  void create_order(domain::Change& change);
  void replace_order(const domain::Order& before, domain::Change& change);

  // The next event of an object with a version that is no order: its id, actor, source, request and hash are filled in.
  // The caller gives `previous`, and keeps the hash with the object.
  template <class Event>
  void append(ports::Key key, Event& event) {
    sign(event);
    commit_.events.push_back({std::move(key), with_hash(bytes_for_hash(event), event.hash)});
  }

  void write(ports::Write write) { commit_.writes.push_back(std::move(write)); }
  void move_stock(const std::vector<domain::StockMove>& moves);
  // Pieces that came in, or with a negative number were written off, or went to another bucket.
  void receive_stock(const domain::Quantity& pieces);

  // `body` is a described struct. Delivered from `delay` after now on.
  template <class Body>
  void send(ports::QueueName queue, const Body& body, Duration delay = Duration{0}) {
    send_text(queue, json::write(body), delay);
  }
  void acknowledge(const ports::Receipt& receipt) { commit_.acknowledged.push_back(receipt); }

  // Keeps the answer under the request's idempotency key: as it is, or as the view of an order or client that it was
  // made of.
  void remember(const RepeatKey& key, const Answer& answer);
  void remember(const RepeatKey& key, std::int64_t status, const domain::Order& order);
  void remember(const RepeatKey& key, std::int64_t status, const domain::Client& client);

  // Done once, at the end. Throws LostRace when a condition failed, Error(kRefused, "out-of-stock") naming the product
  // (LostRace where that has other buckets: it takes a reading of all of them to refuse an order),
  // AlreadyDone when a message was acknowledged before, Error(kInProgress) when an answer is kept under the request's
  // key by now: another process did the same request meanwhile, and doing it again cannot help. Retries an unknown
  // outcome with the same token until it is known.
  Task<void> commit();

 private:
  void send_text(ports::QueueName queue, std::string body, Duration delay);
  void put_order(domain::Change& change, ports::Condition condition);
  template <class Event>
  void sign(Event& event) const {
    event.id = make_event_id(app_, now_);
    event.actor = caller_.name;
    event.source = caller_.source;
    if (event.request.empty()) event.request = caller_.request;  // of a batch, each has its own
  }
  // The hash covers the event's bytes without `hash`, its last field, which is then written behind them.
  std::string with_hash(std::string document, std::string& hash) const;
  [[noreturn]] void explain(const ports::CommitResult& result) const;
  Task<void> explain_floor(std::size_t which);  // always throws
  void add_stock_counts();

  App& app_;
  Caller caller_;
  Time now_;
  ports::Commit commit_;
  struct StockCount {
    domain::StockMove move;
    std::int64_t received = 0;
  };
  StockCount& stock_count(const std::string& product_id, std::int64_t bucket);

  std::vector<StockCount> stock_;
  std::size_t first_count_ = 0;        // where the stock counts begin in the commit's writes
  std::optional<std::size_t> answer_;  // where the answer is among them
};

// A commit that lost a race: the use case is to be run again (app::run does).
struct LostRace {
  ports::Key key;
};
// The message is another's work by now, and done: nothing is left to do.
struct AlreadyDone {};

// Sleeps a random while that grows with `round`; throws Error(kContention) after the last.
Task<void> wait_before_rerun(App& app, int round);

// Runs a use case, again when its commit lost a race on a version: at most limits::kRerunsMax times, with jitter. Then
// throws Error(kContention). A floor is final and comes through at once, but for a product of several buckets.
template <class UseCase>
auto run(App& app, UseCase use_case) -> decltype(use_case()) {
  for (int round = 0;; ++round) {
    bool lost = false;
    try {
      co_return co_await use_case();
    } catch (const LostRace&) {
      lost = true;
    }
    if (lost) co_await wait_before_rerun(app, round);
  }
}
}  // namespace orderly::app
