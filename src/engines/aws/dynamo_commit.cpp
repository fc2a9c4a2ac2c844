#include "engines/aws/dynamo_commit.h"

#include <openssl/sha.h>

#include <array>
#include <boost/json/array.hpp>
#include <limits>
#include <utility>

#include "base/text.h"
#include "engines/aws/item.h"
#include "engines/aws/layout.h"
#include "engines/aws/message_item.h"

namespace orderly::aws {
namespace {

using Kind = ports::CommitResult::Kind;

constexpr std::size_t kTokenBytes = 27;  // 36 characters of base64url
constexpr std::string_view kIsAbsent = "attribute_not_exists(pk)";

// --- The request
// ------------------------------------------------------------------------------------------------------

// A condition or an update with its placeholders. Names that begin with '_' have no other form in an expression.
struct Expression {
  std::string text{};
  Item names{};
  Item values{};

  void name(std::string placeholder, std::string_view attribute) { names.emplace(placeholder, attribute); }
  void value(std::string placeholder, boost::json::value attribute) {
    values.emplace(placeholder, std::move(attribute));
  }
};

Expression absent(Time now) {
  Expression expression{.text = "attribute_not_exists(pk) OR #x <= :now"};
  expression.name("#x", layout::kExpires);
  expression.value(":now", number_attribute(now.ms));
  return expression;
}

Expression at_version(std::uint64_t version, Time now) {
  Expression expression;
  expression.name("#v", layout::kVersion);
  if (version == 0) {  // as counter records have it, which never expire
    expression.text = "attribute_exists(pk) AND attribute_not_exists(#v)";
    return expression;
  }
  expression.text = "#v = :v AND (attribute_not_exists(#x) OR #x > :now)";
  expression.name("#x", layout::kExpires);
  expression.value(":v", Item{{"N", std::to_string(version)}});
  expression.value(":now", number_attribute(now.ms));
  return expression;
}

Expression expression_of(const ports::Condition& condition, Time now) {
  if (std::holds_alternative<ports::Absent>(condition)) return absent(now);
  if (const auto* at = std::get_if<ports::AtVersion>(&condition)) return at_version(at->version, now);
  return {};
}

void add(Item& action, const Expression& condition) {
  if (!condition.text.empty()) action.emplace("ConditionExpression", condition.text);
  if (!condition.names.empty()) action.emplace("ExpressionAttributeNames", condition.names);
  if (!condition.values.empty()) action.emplace("ExpressionAttributeValues", condition.values);
}

Item put_action(std::string_view table, Item item, const Expression& condition) {
  Item action{{"TableName", table}, {"Item", std::move(item)}};
  add(action, condition);
  return {{"Put", std::move(action)}};
}

Item to_action(const ports::Put& put, std::string_view table, Time now) {
  return put_action(table, to_item(put), expression_of(put.condition, now));
}

Item to_action(const ports::Remove& remove, std::string_view table, Time now) {
  Item action{{"TableName", table}, {"Key", to_key_item(remove.key)}};
  add(action, expression_of(remove.condition, now));
  return {{"Delete", std::move(action)}};
}

Item to_action(const ports::Require& require, std::string_view table, Time now) {
  Expression condition = expression_of(require.condition, now);
  if (condition.text.empty()) condition.text = "attribute_exists(pk) OR attribute_not_exists(pk)";  // there must be one
  Item action{{"TableName", table}, {"Key", to_key_item(require.key)}};
  add(action, condition);
  return {{"ConditionCheck", std::move(action)}};
}

// Without its sign, which the least of all has no room for.
std::string magnitude(std::int64_t number) {
  const std::string text = std::to_string(number);
  return number < 0 ? text.substr(1) : text;
}

// One counter's part of the update, and the condition under which it stays between 0 and the largest number.
void add_delta(Expression& update, std::string& condition, const ports::Count::Delta& delta, std::size_t number) {
  const std::string n = std::to_string(number);
  update.text += (number == 0 ? "ADD #c" : ", #c") + n + " :d" + n;
  update.name("#c" + n, delta.counter);
  update.value(":d" + n, number_attribute(delta.by));
  if (delta.by < 0) {
    condition += " AND #c" + n + " >= :b" + n;
    update.value(":b" + n, Item{{"N", magnitude(delta.by)}});
  } else if (delta.by > 0) {
    condition += " AND (attribute_not_exists(#c" + n + ") OR #c" + n + " <= :b" + n + ")";
    update.value(":b" + n, number_attribute(std::numeric_limits<std::int64_t>::max() - delta.by));
  }
}

Item to_action(const ports::Count& count, std::string_view table, Time) {
  Expression update;
  std::string condition = "attribute_not_exists(#v)";  // no record that is none of counters
  update.name("#v", layout::kVersion);
  for (std::size_t i = 0; i < count.deltas.size(); ++i) add_delta(update, condition, count.deltas[i], i);
  if (count.deltas.empty()) update.text = "REMOVE #v";  // makes the record where it is absent
  Item action{{"TableName", table},
              {"Key", to_key_item(count.key)},
              {"UpdateExpression", update.text},
              {"ReturnValuesOnConditionCheckFailure", "ALL_OLD"}};
  update.text = condition;
  add(action, update);
  return {{"Update", std::move(action)}};
}

// The messages that travel in the commit's `nth` event: spread evenly, since each started kilobyte of an item is paid.
std::vector<ports::OutgoingMessage> share_of_messages(const ports::Commit& commit, std::size_t nth) {
  const std::size_t events = commit.events.size();
  const auto first_of = [&](std::size_t event) {
    const std::size_t place = (event * commit.messages.size() + events - 1) / events;
    return commit.messages.begin() + static_cast<std::ptrdiff_t>(place);
  };
  return {first_of(nth), first_of(nth + 1)};
}

bool has_outbox(const ports::Commit& commit) { return commit.events.empty() && !commit.messages.empty(); }

// --- The answer
// -------------------------------------------------------------------------------------------------------

// The reasons by action; empty ones where nothing was wrong.
class Reasons {
 public:
  Reasons(const ports::Commit& commit, const Answer& answer)
      : events_(commit.writes.size()),
        outbox_(events_ + commit.events.size()),
        acknowledged_(outbox_ + (has_outbox(commit) ? 1 : 0)),
        end_(acknowledged_ + commit.acknowledged.size()) {
    const boost::json::value* list = answer.body.if_contains("CancellationReasons");
    if (list != nullptr && list->is_array()) list_ = &list->get_array();
  }

  bool are_complete() const { return list_ != nullptr && list_->size() == end_; }
  std::size_t end() const { return end_; }
  std::size_t events() const { return events_; }
  std::size_t outbox() const { return outbox_; }
  std::size_t acknowledged() const { return acknowledged_; }

  std::string_view code(std::size_t action) const {
    const boost::json::value* code = reason(action).if_contains("Code");
    return code != nullptr && code->is_string() ? std::string_view(code->get_string()) : "None";
  }
  bool failed(std::size_t action) const { return code(action) == "ConditionalCheckFailed"; }
  bool is_in_conflict(std::size_t action) const { return code(action) == "TransactionConflict"; }
  bool is_throttled(std::size_t action) const {
    return code(action) == "ThrottlingError" || code(action) == "ProvisionedThroughputExceeded";
  }
  // What was there; null where nothing was.
  const Item* item(std::size_t action) const {
    const boost::json::value* item = reason(action).if_contains("Item");
    return item != nullptr && item->is_object() && !item->get_object().empty() ? &item->get_object() : nullptr;
  }

 private:
  const Item& reason(std::size_t action) const {
    static const Item kNothing;
    const boost::json::value& one = list_->at(action);
    return one.is_object() ? one.get_object() : kNothing;
  }

  std::size_t events_;
  std::size_t outbox_;
  std::size_t acknowledged_;
  std::size_t end_;
  const boost::json::array* list_ = nullptr;
};

CommitTry known(Kind kind, std::size_t which = 0) {
  return {.kind = CommitTry::Kind::kKnown, .result = ports::CommitResult{kind, which}};
}

CommitTry refused(ErrorCode code, std::string slug, std::string message, std::string detail) {
  return {.kind = CommitTry::Kind::kRefused,
          .failure = Error(code, std::move(slug), std::move(message), std::move(detail))};
}

// Why a count's condition did not hold, from the record as it was: as the embedded engine adds up.
CommitTry read_failed_count(const ports::Count& count, std::size_t which, const Item* item) {
  if (item != nullptr && !is_counter(*item)) {
    return refused(ErrorCode::kInternal, "not-a-counter", "A count names a record that holds no counters.", {});
  }
  for (const ports::Count::Delta& delta : count.deltas) {
    const std::int64_t before = item == nullptr ? 0 : number_of(*item, delta.counter).value_or(0);
    std::int64_t sum = 0;
    if (__builtin_add_overflow(before, delta.by, &sum)) {
      return refused(ErrorCode::kInternal, "counter-overflow", "A counter would leave its range.", {});
    }
    if (sum < 0) break;
  }
  return known(Kind::kBelowFloor, which);
}

CommitTry read_failed_write(const ports::Write& write, std::size_t which, const Item* item) {
  const auto* count = std::get_if<ports::Count>(&write);
  return count != nullptr ? read_failed_count(*count, which, item) : known(Kind::kConflict, which);
}

// The first action of which `holds` is true in a range of them.
template <class Holds>
std::optional<std::size_t> first_of(std::size_t from, std::size_t to, Holds holds) {
  for (std::size_t i = from; i < to; ++i) {
    if (holds(i)) return i;
  }
  return std::nullopt;
}

CommitTry read_acknowledged(const Reasons& reasons) {
  CommitTry answer{.kind = CommitTry::Kind::kKnown};
  for (std::size_t i = reasons.acknowledged(); i < reasons.end(); ++i) {
    if (reasons.failed(i)) answer.handled.push_back(i - reasons.acknowledged());
  }
  answer.result = ports::CommitResult{Kind::kAcknowledged, answer.handled.front()};
  return answer;
}

CommitTry read_conflict(const ports::Commit& commit, std::size_t action) {
  CommitTry answer{.kind = CommitTry::Kind::kConflict};
  if (action < commit.writes.size()) answer.result = ports::CommitResult{Kind::kConflict, action};
  return answer;
}

CommitTry read_reasons(const ports::Commit& commit, const Reasons& reasons) {
  const auto failed = [&](std::size_t i) { return reasons.failed(i); };
  const auto in_conflict = [&](std::size_t i) { return reasons.is_in_conflict(i); };
  const auto throttled = [&](std::size_t i) { return reasons.is_throttled(i); };
  const auto other = [&](std::size_t i) {
    return reasons.code(i) != "None" && !failed(i) && !in_conflict(i) && !throttled(i);
  };
  // There is an outbox record of this token: the commit was done longer ago than DynamoDB remembers tokens.
  if (first_of(reasons.outbox(), reasons.acknowledged(), failed)) return known(Kind::kCommitted);
  if (first_of(reasons.acknowledged(), reasons.end(), failed)) return read_acknowledged(reasons);
  if (const auto wrong = first_of(0, reasons.end(), other)) {
    return refused(ErrorCode::kInternal, "bad-commit", "The store refused the change.",
                   "action " + std::to_string(*wrong) + ": " + std::string(reasons.code(*wrong)));
  }
  // Another may be about to acknowledge, so that a condition that failed may only mean that the work is being done.
  const auto acknowledging = first_of(reasons.acknowledged(), reasons.end(), in_conflict);
  if (acknowledging) return read_conflict(commit, *acknowledging);
  if (const auto write = first_of(0, reasons.events(), failed)) {
    return read_failed_write(commit.writes[*write], *write, reasons.item(*write));
  }
  if (const auto conflict = first_of(0, reasons.end(), in_conflict)) return read_conflict(commit, *conflict);
  if (const auto event = first_of(reasons.events(), reasons.outbox(), failed)) {
    return refused(ErrorCode::kInternal, "event-exists", "The change is recorded already.",
                   "event " + std::to_string(*event - reasons.events()) + " of the commit");
  }
  return {.kind = CommitTry::Kind::kThrottled};
}

CommitTry read_refusal(const Answer& answer) {
  if (answer.error == "IdempotentParameterMismatchException") {
    return refused(ErrorCode::kInternal, "token-reused", "A commit's token came again with other content.", {});
  }
  const bool is_ours = answer.error == "ValidationException" || answer.error == "SerializationException";
  return refused(is_ours ? ErrorCode::kInternal : ErrorCode::kUnavailable, "store-refused",
                 "The store refused the change.", answer.error);
}

}  // namespace

std::string request_token(std::string_view table, std::string_view commit_token) {
  std::string named(table);
  named.append(1, '\x1f').append(commit_token);
  std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const unsigned char*>(named.data()), named.size(), digest.data());
  return base64url_encode(std::span<const std::uint8_t>(digest).first(kTokenBytes));
}

boost::json::object transact_input(const ports::Commit& commit, std::string_view table, std::string_view token,
                                   Time now) {
  const Expression is_absent{.text = std::string(kIsAbsent)};
  boost::json::array actions;
  for (const ports::Write& write : commit.writes) {
    actions.push_back(std::visit([&](const auto& one) { return to_action(one, table, now); }, write));
  }
  for (std::size_t i = 0; i < commit.events.size(); ++i) {
    Item item = to_event_item(commit.events[i], share_of_messages(commit, i), now, i);
    actions.push_back(put_action(table, std::move(item), is_absent));
  }
  if (has_outbox(commit)) {
    actions.push_back(put_action(table, to_outbox_item(token, commit.messages, now), is_absent));
  }
  for (const ports::Receipt& receipt : commit.acknowledged) {
    actions.push_back(put_action(table, to_done_item(receipt.message_id, now), is_absent));
  }
  return {{"ClientRequestToken", token}, {"TransactItems", std::move(actions)}};
}

CommitTry read_commit_answer(const ports::Commit& commit, const Answer& answer) {
  if (answer.ok()) return known(Kind::kCommitted);
  if (answer.error == "TransactionCanceledException") {
    const Reasons reasons(commit, answer);
    if (reasons.are_complete()) return read_reasons(commit, reasons);
    return refused(ErrorCode::kUnavailable, "store-refused", "The store refused the change.", "without its reasons");
  }
  // The same token is being worked on.
  if (answer.error == "TransactionInProgressException") return {.kind = CommitTry::Kind::kUnknown};
  if (answer.error == "TransactionConflictException") return {.kind = CommitTry::Kind::kConflict};
  if (answer.is_throttled()) return {.kind = CommitTry::Kind::kThrottled};
  if (answer.is_server_fault()) return {.kind = CommitTry::Kind::kUnknown};
  return read_refusal(answer);
}

CommitTry read_commit_failure(const Error& failure) {
  if (failure.code() != ErrorCode::kUnavailable) return {.kind = CommitTry::Kind::kRefused, .failure = failure};
  const bool is_unsent = failure.slug() == "peer-unreachable" || failure.slug() == "no-credentials";
  if (is_unsent) return {.kind = CommitTry::Kind::kUnsent, .failure = failure};
  return {.kind = CommitTry::Kind::kUnknown};
}

ports::CommitResult give_up(const CommitTry& last, bool is_unknown) {
  if (is_unknown || last.kind == CommitTry::Kind::kUnknown) {
    throw Error(ErrorCode::kUnavailable, "outcome-unknown", "It is not known whether the change was made.");
  }
  if (last.failure) throw *last.failure;
  if (last.kind == CommitTry::Kind::kThrottled) {
    throw Error(ErrorCode::kUnavailable, "throttled", "The store has too much to do; try again.");
  }
  if (last.result) return *last.result;
  throw Error(ErrorCode::kContention, "contention", "Too many others change the same thing at once; try again.");
}

}  // namespace orderly::aws
