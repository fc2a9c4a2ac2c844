// Reading and writing JSON by the descriptions of base/json_type.h.
//
// The reader is strict (RFC 8259, I-JSON): valid UTF-8, no lone surrogates, no duplicate keys, no unknown fields, no
// trailing bytes, depth at most limits::kJsonDepthMax, integers written as integers (2.0 and 2e0 are none), no control
// characters in strings. It reports everything wrong with a body at once, each problem with its JSON pointer; a syntax
// error ends the list.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json_type.h"

namespace orderly::json {

namespace detail {
enum class Trust { kRequest, kStored, kStoredPart };
// Fills `value`; returns what is wrong. What is stored is not checked for lengths and ranges again; of kStoredPart,
// fields that are not described are skipped.
std::vector<Problem> read(std::string_view text, const Type& type, void* value, Trust trust);
void write(const Type& type, const void* value, std::string& out);
}  // namespace detail

// A body sent by a caller. Throws Error(kInvalidRequest) with all problems.
template <class T>
T read(std::string_view text) {
  T value;
  std::vector<Problem> problems = detail::read(text, type_of<T>(), &value, detail::Trust::kRequest);
  if (!problems.empty()) throw Error(std::move(problems));
  return value;
}

namespace detail {
template <class T>
T read_ours(std::string_view text, Trust trust) {
  T value;
  const std::vector<Problem> problems = read(text, type_of<T>(), &value, trust);
  if (!problems.empty())
    throw_broken("a stored document: " + problems.front().pointer + ": " + problems.front().message);
  return value;
}
}  // namespace detail

// A document that we wrote. Throws Error(kBrokenInvariant) when it does not read.
template <class T>
T read_stored(std::string_view text) {
  return detail::read_ours<T>(text, detail::Trust::kStored);
}
// Of a document that we wrote, what T describes; it may have other fields, too.
template <class T>
T read_stored_part(std::string_view text) {
  return detail::read_ours<T>(text, detail::Trust::kStoredPart);
}

template <class T>
void write(const T& value, std::string& out) {
  detail::write(type_of<T>(), &value, out);
}
template <class T>
std::string write(const T& value) {
  std::string out;
  write(value, out);
  return out;
}

// `text` as a JSON string, quotes included. `text` must be valid UTF-8.
void write_string(std::string_view text, std::string& out);

}  // namespace orderly::json
