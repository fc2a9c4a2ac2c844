// What a service answered, taken apart. Sources: Smithy's "AWS JSON 1.0 protocol" (where an error's name stands);
// S3 API Reference, "Error responses"; AWS SDKs and Tools Reference Guide, "Retry behavior" (which errors pass).
#pragma once

#include <boost/json/object.hpp>
#include <initializer_list>
#include <string>
#include <string_view>

#include "engines/https/client.h"

namespace orderly::aws {

// The document, or the error.
struct Answer {
  int status = 0;
  // "ConditionalCheckFailedException", without its namespace; "http-503" where the answer names none; empty when it is
  // a success.
  std::string error;
  std::string message;
  boost::json::object body;
  // An earlier try of the same call was lost or failed on the service's side. It may have been done then, and this
  // answer, an error most of all, may come of that.
  bool follows_unknown_try = false;

  bool ok() const { return error.empty() && status / 100 == 2; }
  // ThrottlingException, ProvisionedThroughputExceededException, RequestLimitExceeded, SlowDown, …, or 429.
  bool is_throttled() const;
  // 5xx, or an error that says it is the service's own: it may or may not have been done.
  bool is_server_fault() const;
};

// Of a protocol that speaks JSON. Throws Error(kUnavailable, "answer-lost") when a success is no JSON object; nothing
// at all is an empty one.
Answer read_answer(const https::Response& response);

// Status, error and message alone, from the headers, a JSON or an XML body (S3).
Answer read_error(const https::Response& response);

// The text of the first element of that name, or of the first member that is a text and not empty; "" when there is
// none. Entities are left as they are.
std::string xml_text(std::string_view body, std::string_view element);
std::string first_text(const boost::json::object& body, std::initializer_list<std::string_view> names);

// Why a call was not done, as far as calling again goes.
enum class Fault {
  kNone,         // a success, or an error that comes again
  kThrottled,    // certainly not done
  kServer,       // unknown
  kCredentials,  // refused: the session has expired or is not known
  kClock,        // refused: the signature's time, perhaps
};
// `has_session`: the credentials were temporary. Only then can others be had, so that being unknown is a matter of
// time.
Fault fault_of(const https::Response& response, bool has_session);

}  // namespace orderly::aws
