#include "base/error.h"

#include <cstdio>
#include <cstdlib>

namespace orderly {

void throw_invalid(std::string pointer, std::string message) {
  throw Error(std::vector<Problem>{{std::move(pointer), std::move(message)}});
}

void throw_not_found(std::string_view what) {
  throw Error(ErrorCode::kNotFound, "not-found", "There is no such " + std::string(what) + ".");
}

void throw_broken(std::string detail) {
  throw Error(ErrorCode::kBrokenInvariant, "broken-invariant", "The stored data needs a person's attention.",
              std::move(detail));
}

void assertion_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "orderly: broken invariant: %s at %s:%d\n", condition, file, line);
  std::abort();
}

}  // namespace orderly
