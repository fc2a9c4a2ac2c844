// A commit as one TransactWriteItems, and its answer as the commit's result. Pure functions. Source: Amazon DynamoDB
// API Reference, "TransactWriteItems".
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "engines/aws/answer.h"
#include "ports/store.h"

namespace orderly::aws {

// What DynamoDB knows a commit by: 36 characters that follow from the table and the commit's token. A commit without a
// token needs one of the caller's own making.
std::string request_token(std::string_view table, std::string_view commit_token);

// The request's input: the writes, the events, an outbox record for the messages of a commit without events, then what
// is acknowledged, in this order. Follows from its arguments alone, `now` included (what has expired, and the place of
// events in the relay's index), so that the same token can be sent with the same content again. The commit must not be
// empty.
boost::json::object transact_input(const ports::Commit& commit, std::string_view table, std::string_view token,
                                   Time now);

// What one try came to.
struct CommitTry {
  enum class Kind {
    kKnown,      // `result`
    kConflict,   // nothing was done: others were at the same items; `result` names the write when it is one
    kThrottled,  // nothing was done
    kUnsent,     // nothing was done: no connection; `failure`
    kUnknown,    // it may or may not have been done
    kRefused,    // nothing was done, nor would be next time; `failure`
  };
  Kind kind = Kind::kUnknown;
  std::optional<ports::CommitResult> result{};
  std::optional<Error> failure{};
  // Positions in `acknowledged` of which it is known that they were before; with kAcknowledged.
  std::vector<std::size_t> handled{};
};
CommitTry read_commit_answer(const ports::Commit& commit, const Answer& answer);
// No answer at all: what Service::call threw.
CommitTry read_commit_failure(const Error& failure);

// What is left to say when no more tries are to be made, `last` is the last one, and the outcome of an earlier one is
// unknown or not. Returns a conflict, throws everything else.
ports::CommitResult give_up(const CommitTry& last, bool is_unknown);

}  // namespace orderly::aws
