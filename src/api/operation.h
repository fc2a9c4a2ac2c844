// What a route says about itself: the shapes of what it takes and answers, and why it refuses. Said once, in
// operations_*.cpp; handlers read queries and bodies by it, and GET /openapi.json is made from it. What follows from
// the rest of the route (Idempotency-Key, who may call it, 401, 403, 404, …) is not repeated here: see api/openapi.cpp.
#pragma once

#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include "api/condition.h"
#include "base/json_type.h"

namespace orderly::api {

// One form of an answer's body.
struct Content {
  std::string_view media_type;
  const json::Type* type = nullptr;  // null: not JSON that we describe
};

struct Success {
  int status = 200;
  std::string_view says;
  std::vector<Content> contents;  // none: no body
};

// Made with operation(). All text is static.
struct Operation {
  std::string_view id;              // unique; what clients made from the document call it
  std::string_view summary;         // one line
  std::string_view description{};   // what the summary does not say; may be empty
  std::vector<json::Field> path{};  // the pattern's {names}
  const json::Type* query_type = nullptr;
  std::vector<json::Rule> headers{};  // request headers of its own
  const json::Type* body_type = nullptr;
  std::string_view example{};           // of the body: JSON that succeeds
  std::vector<Condition> conditions{};  // of the body, beside its fields' own
  bool keeps_answer = true;  // for an Idempotency-Key: false where a stored hash of the body would be one of a password
  bool looks_before =
      true;  // for a kept answer. False: its commit finds one, and nothing that it does before has an effect
  bool is_lookup = false;  // the body, the query or the caller names something that may not be there
  std::vector<Success> successes{};
  std::vector<std::string_view> refusals{};  // codes of 409s

  Operation(std::string_view unique_id, std::string_view one_line) : id(unique_id), summary(one_line) {}

  Operation says(std::string_view text) && { return description = text, std::move(*this); }
  template <class T>
  Operation has_path(json::Rule rule) && {
    return path.push_back({std::move(rule), &json::type_of<T>(), nullptr, true}), std::move(*this);
  }
  template <class Q>
  Operation takes_query() && {
    return query_type = &json::type_of<Q>(), std::move(*this);
  }
  Operation takes_header(json::Rule rule) && { return headers.push_back(std::move(rule)), std::move(*this); }
  template <class T>
  Operation takes_body(std::string_view json_text) && {
    return body_type = &json::type_of<T>(), example = json_text, std::move(*this);
  }
  Operation looks_not_before() && { return looks_before = false, std::move(*this); }
  Operation keeps_no_answer() && { return keeps_answer = false, std::move(*this); }
  Operation asks(std::initializer_list<Condition> all) && { return conditions = all, std::move(*this); }
  Operation looks_up() && { return is_lookup = true, std::move(*this); }
  template <class T>
  Operation answers(int status, std::string_view text) && {
    return successes.push_back({status, text, {{"application/json", &json::type_of<T>()}}}), std::move(*this);
  }
  Operation answers_as(std::string_view media_type, std::string_view text) && {
    return successes.push_back({200, text, {{media_type, nullptr}}}), std::move(*this);
  }
  Operation answers_nothing(int status, std::string_view text) && {
    return successes.push_back({status, text, {}}), std::move(*this);
  }
  // Another form of the last answer.
  Operation or_as(std::string_view media_type) && {
    return successes.back().contents.push_back({media_type, nullptr}), std::move(*this);
  }
  Operation refuses(std::initializer_list<std::string_view> codes) && { return refusals = codes, std::move(*this); }
};
inline Operation operation(std::string_view id, std::string_view summary) { return {id, summary}; }

}  // namespace orderly::api
