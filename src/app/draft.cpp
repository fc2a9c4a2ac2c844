#include "app/draft.h"

#include "app/keys.h"
#include "app/stock.h"
#include "base/limits.h"
#include "base/text.h"

namespace orderly::app {

Draft::Draft(App& app, const Caller& caller) : app_(app), caller_(caller), now_(app.clock.now()) {
  commit_.token = make_message_id(app, now_).text;
}

void Draft::create_order(domain::Change& change) { put_order(change, ports::Absent{}); }

void Draft::replace_order(const domain::Order& before, domain::Change& change) {
  if (change.events.empty()) return;
  put_order(change, ports::AtVersion{static_cast<std::uint64_t>(before.version)});
}

void Draft::put_order(domain::Change& change, ports::Condition condition) {
  std::string previous = change.order.last_event;  // apply leaves it as it was before the change
  for (domain::OrderEvent& event : change.events) {
    event.previous = previous;
    append(keys::event(event.object, event.version), event);
    move_stock(event.stock);
    previous = event.hash;
  }
  change.order.last_event = previous;
  ports::Put put;
  put.key = keys::order(change.order.id);
  put.document = json::write(change.order);
  put.version = static_cast<std::uint64_t>(change.order.version);
  put.indexes = keys::index_entries(change.order);
  put.condition = condition;
  write(std::move(put));
}

std::string Draft::with_hash(std::string document, std::string& hash) const {
  hash = base64url_encode(app_.crypto.sha256(document));
  document.back() = ',';
  document += "\"hash\":\"" + hash + "\"}";
  return document;
}

Draft::StockCount& Draft::stock_count(const std::string& product_id, std::int64_t bucket) {
  const auto same = std::find_if(stock_.begin(), stock_.end(), [&](const StockCount& count) {
    return count.move.product_id == product_id && count.move.bucket == bucket;
  });
  if (same != stock_.end()) return *same;
  return stock_.emplace_back(StockCount{{product_id, 0, 0, bucket}, 0});
}

void Draft::move_stock(const std::vector<domain::StockMove>& moves) {
  for (const domain::StockMove& move : moves) {
    StockCount& count = stock_count(move.product_id, move.bucket);
    count.move.available += move.available;
    count.move.reserved += move.reserved;
  }
}

void Draft::receive_stock(const domain::Quantity& pieces) {
  StockCount& count = stock_count(pieces.product_id, pieces.bucket);
  count.move.available += pieces.quantity;
  count.received += pieces.quantity;
}

void Draft::add_stock_counts() {
  first_count_ = commit_.writes.size();
  std::erase_if(stock_, [](const StockCount& count) {
    return count.move.available == 0 && count.move.reserved == 0 && count.received == 0;
  });
  for (const StockCount& each : stock_) {
    ports::Count count;
    count.key = keys::stock(each.move.product_id, each.move.bucket);
    if (each.move.available != 0) count.deltas.push_back({std::string(domain::kAvailable), each.move.available});
    if (each.received != 0) count.deltas.push_back({std::string(domain::kReceived), each.received});
    if (each.move.reserved != 0) count.deltas.push_back({std::string(domain::kReserved), each.move.reserved});
    write(std::move(count));
  }
}

void Draft::send_text(ports::QueueName queue, std::string body, Duration delay) {
  commit_.messages.push_back({queue, make_message_id(app_, now_).text, std::move(body), now_ + delay});
}

void Draft::explain(const ports::CommitResult& result) const {
  using Kind = ports::CommitResult::Kind;
  if (result.kind == Kind::kAcknowledged) throw AlreadyDone{};
  if (result.which == answer_) {
    throw Error(ErrorCode::kInProgress, "request-in-progress",
                "A request with this Idempotency-Key was being worked on; try again.");
  }
  throw LostRace{std::visit([](const auto& write) { return write.key; }, commit_.writes.at(result.which))};
}

// Final for a product of one bucket. Where there are others, or are by now, they may have what this one lacks. How much
// comes in or is written off depends on what was read, which is no longer so.
Task<void> Draft::explain_floor(std::size_t which) {
  ORDERLY_ASSERT(which >= first_count_ && which - first_count_ < stock_.size());
  const StockCount& count = stock_[which - first_count_];
  const ports::Key key = keys::stock(count.move.product_id, count.move.bucket);
  if (count.move.available >= 0) throw_broken("reserved stock of " + key.partition + " would fall below 0");
  if (count.received != 0 || co_await count_buckets(app_, count.move.product_id) > 1) throw LostRace{key};
  throw_out_of_stock(count.move.product_id);
}

Task<void> Draft::commit() {
  add_stock_counts();
  for (int round = 0;; ++round) {
    std::optional<ports::CommitResult> result;
    try {
      result = co_await app_.store.commit(commit_);
    } catch (const Error& error) {
      if (error.slug() != "outcome-unknown" || round == limits::kRerunsMax) throw;
    }
    if (result && result->committed()) co_return;
    if (result && result->kind == ports::CommitResult::Kind::kBelowFloor) co_await explain_floor(result->which);
    if (result) explain(*result);
    co_await app_.clock.sleep(Duration{50} * (1 << round));
  }
}

Task<void> wait_before_rerun(App& app, int round) {
  if (round == limits::kRerunsMax) {
    throw Error(ErrorCode::kContention, "contention", "Too many others change the same thing at once; try again.");
  }
  std::array<std::uint8_t, 1> chance;
  app.random.fill(chance);
  const int ms_max = 2 << round;
  co_await app.clock.sleep(Duration{1 + chance[0] % ms_max});
}

}  // namespace orderly::app
