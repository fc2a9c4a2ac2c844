// The one exception type. Thrown where a fault is found, caught in one place (api), where an exhaustive table turns the
// code into an HTTP status and a second one says which codes a worker tries again.
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <vector>

namespace orderly {

enum class ErrorCode {
  kInvalidRequest,        // the request is malformed; `problems` says where
  kUnauthenticated,       // no or bad credentials
  kForbidden,             // known caller, not allowed
  kNotFound,              // no such object, or one that the caller may not know of
  kMethodNotAllowed,      // the path exists, the method does not
  kRefused,               // the business says no: illegal transition, out of stock, price changed
  kInProgress,            // the same idempotency key is being worked on right now
  kKeyReused,             // an idempotency key with another body
  kTooLarge,              // body over its limit
  kUnsupportedMediaType,  // not application/json
  kRateLimited,           // too many requests
  kUnavailable,           // try again later; nothing was changed, or the outcome is unknown
  kContention,            // lost a race on a version more often than app::run is willing to repeat
  kBrokenInvariant,       // stored data contradicts itself: quarantine, raise an alarm, never retry
  kInternal,              // a bug
};

// One thing wrong with a body: where (RFC 6901 pointer, "" is the whole body) and what.
struct Problem {
  std::string pointer;
  std::string message;

  friend bool operator==(const Problem&, const Problem&) = default;
};

// `slug` is public and stable (kebab-case, part of the API); `detail` goes to the log and never to the caller;
// `message` is a sentence for the caller and holds nothing that the caller did not send or may not know.
class Error : public std::exception {
 public:
  Error(ErrorCode code, std::string slug, std::string message, std::string detail = {})
      : code_(code), slug_(std::move(slug)), message_(std::move(message)), detail_(std::move(detail)) {
    what_ = slug_ + ": " + message_ + (detail_.empty() ? "" : " (" + detail_ + ")");
  }
  Error(std::vector<Problem> problems)
      : Error(ErrorCode::kInvalidRequest, "invalid-request", "The request is not valid.") {
    problems_ = std::move(problems);
    for (const Problem& problem : problems_) what_ += " [" + problem.pointer + ": " + problem.message + "]";
  }

  ErrorCode code() const { return code_; }
  const std::string& slug() const { return slug_; }
  const std::string& message() const { return message_; }
  const std::string& detail() const { return detail_; }
  const std::vector<Problem>& problems() const { return problems_; }
  const char* what() const noexcept override { return what_.c_str(); }

 private:
  ErrorCode code_;
  std::string slug_;
  std::string message_;
  std::string detail_;
  std::vector<Problem> problems_;
  std::string what_;
};

// Shorthands for what is thrown most.
[[noreturn]] void throw_invalid(std::string pointer, std::string message);
[[noreturn]] void throw_not_found(std::string_view what);
[[noreturn]] void throw_broken(std::string detail);

// A broken invariant of the machine itself (store, committer, arithmetic that cannot fail): stops the process, in
// release builds too, since going on would make it worse.
#define ORDERLY_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : ::orderly::assertion_failed(#condition, __FILE__, __LINE__))
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);

}  // namespace orderly
