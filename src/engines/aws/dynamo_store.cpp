#include "engines/aws/dynamo_store.h"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "engines/aws/dynamo_query.h"
#include "engines/aws/feed_reader.h"
#include "engines/aws/item.h"
#include "ports/commit_limits.h"

namespace orderly::aws {
namespace {

constexpr int kTriesMax = 8;
constexpr Duration kTryTime{5'000};
// No further try begins later than this: a message's handler must be done before the message comes again.
constexpr Duration kCommitTime{15'000};
constexpr std::size_t kTokenBytes = 18;

bool is_empty(const ports::Commit& commit) {
  return commit.writes.empty() && commit.events.empty() && commit.messages.empty() && commit.acknowledged.empty();
}

bool may_try_again(const CommitTry& last) {
  return last.kind != CommitTry::Kind::kKnown && last.kind != CommitTry::Kind::kRefused;
}

// Those of the receipts that the commit, or another one before it, has acknowledged.
std::vector<ports::Receipt> handled(const ports::Commit& commit, const CommitTry& done) {
  if (done.result->committed()) return commit.acknowledged;
  std::vector<ports::Receipt> receipts;
  for (const std::size_t which : done.handled) receipts.push_back(commit.acknowledged.at(which));
  return receipts;
}

}  // namespace

Task<std::optional<ports::Record>> DynamoStore::get(ports::Key key) {
  const std::optional<Item> item = co_await table_.get(std::move(key));
  if (!item || is_expired(*item, context().clock.now())) co_return std::nullopt;
  co_return to_record(*item);
}

Task<std::vector<std::optional<ports::Record>>> DynamoStore::get_many(std::vector<ports::Key> keys) {
  const std::vector<std::optional<Item>> items = co_await table_.get_many(std::move(keys));
  const Time now = context().clock.now();
  std::vector<std::optional<ports::Record>> records(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i] && !is_expired(*items[i], now)) records[i] = to_record(*items[i]);
  }
  co_return records;
}

Task<ports::Page> DynamoStore::query(ports::Query query) {
  ports::check_query(query);
  return read_page(table_, std::move(query), context().clock.now());
}

Task<std::vector<ports::FeedEvent>> DynamoStore::feed(std::uint64_t after, std::size_t limit) {
  return read_feed(table_, after, std::min(limit, kFeedEventsMax));
}

std::string DynamoStore::make_token() const {
  std::array<std::uint8_t, kTokenBytes> bytes;
  context().random.fill(bytes);
  return base64url_encode(bytes);
}

Task<ports::CommitResult> DynamoStore::commit(ports::Commit commit) {
  if (is_stopping_) throw Error(ErrorCode::kUnavailable, "stopping", "The server is stopping.");
  ports::check_commit(commit);
  if (is_empty(commit)) co_return ports::CommitResult{};

  const Time now = context().clock.now();
  const std::string token = request_token(table_.name(), commit.token.empty() ? make_token() : commit.token);
  const Time moment = commit.token.empty() ? now : moments_.first_use(token, now);
  const boost::json::object input = transact_input(commit, table_.name(), token, moment);

  const CommitTry done = co_await run(commit, input);
  ++(done.result->committed() ? counters_.commits : counters_.conflicts);
  co_await tell_handled(handled(commit, done));
  co_return *done.result;
}

Task<CommitTry> DynamoStore::run(const ports::Commit& commit, const boost::json::object& input) {
  const Time last_begin = context().clock.now() + kCommitTime;
  bool is_unknown = false;
  for (int tries = 1;; ++tries) {
    CommitTry last = co_await try_to_commit(commit, input);
    if (last.kind == CommitTry::Kind::kKnown) co_return last;
    is_unknown = is_unknown || last.kind == CommitTry::Kind::kUnknown;
    const bool is_last = tries == kTriesMax || is_stopping_ || context().clock.now() >= last_begin;
    if (!may_try_again(last) || is_last) {
      const bool is_conflict = last.kind == CommitTry::Kind::kConflict && last.result && !is_unknown;
      if (!is_conflict) ++counters_.failures;
      last.result = give_up(last, is_unknown);
      co_return last;
    }
    ++counters_.retries;
    co_await back_off(context(), tries);
  }
}

Task<CommitTry> DynamoStore::try_to_commit(const ports::Commit& commit, const boost::json::object& input) const {
  std::optional<Error> failure;
  try {
    const Answer answer = co_await table_.service().call(kDynamoTarget, kDynamoVersion, "TransactWriteItems", input,
                                                         Repeat::kNever, kTryTime);
    co_return read_commit_answer(commit, answer);
  } catch (const Error& error) {
    failure = error;
  }
  co_return read_commit_failure(*failure);
}

Task<void> DynamoStore::tell_handled(std::vector<ports::Receipt> receipts) {
  if (receipts.empty()) co_return;
  try {
    co_await acknowledger_.delete_handled(std::move(receipts));
  } catch (const std::exception&) {
    // They come again, and are then found to be done.
  }
}

}  // namespace orderly::aws
