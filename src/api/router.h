// Which handler answers a request. Paths are decoded once, segment by segment; a path that could mean two things ("..",
// encoded slashes, NUL, bytes that are not UTF-8, empty segments) matches nothing or is refused.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/access.h"
#include "api/http.h"
#include "api/operation.h"
#include "ports/task.h"

namespace orderly::api {

class Api;
struct Context;

using RouteHandler = Task<Response> (*)(Api&, Context&);

struct Route {
  Method method;
  std::string_view pattern;  // "/orders/{id}", "/invoices/{number}.pdf"; static storage
  RouteHandler handler;
  Roles roles;  // who may call it
  Area area;
  Operation operation;
};

// The values of a pattern's {names}, decoded.
using PathParameters = std::vector<std::pair<std::string_view, std::string>>;

struct Match {
  const Route* route = nullptr;  // null: nothing answers that method there
  PathParameters parameters;
  std::vector<Method> allowed;  // what the path answers to; empty: no such path
};

class Router {
 public:
  explicit Router(std::vector<Route> routes);
  // `path` is still percent-encoded, without the query. Throws Error(kInvalidRequest) for an encoding that is malformed
  // or ambiguous. HEAD is answered by GET's handler.
  Match find(Method method, std::string_view path) const;
  const std::vector<Route>& routes() const { return routes_; }

 private:
  struct Segment {
    std::string_view literal;  // the whole segment, or what follows the parameter
    std::string_view name;     // of a parameter; empty for a literal
  };
  std::vector<Route> routes_;
  std::vector<std::vector<Segment>> patterns_;  // of each route
};

// Percent-decoding once; nothing when malformed or when the result is not UTF-8 or holds NUL. `plus_is_space` for
// queries.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);

}  // namespace orderly::api
