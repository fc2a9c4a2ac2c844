// Requests that repeat: the answer is kept under the request's idempotency key in the commit that did the work, so a
// crash cannot part them, and the same request gets the same bytes again. An answer that shows an order is kept as the
// order's id and version, since its events know it as it was then: nothing personal is stored twice, and what was
// erased stays erased. Any other is kept sealed, under a key that follows from the request alone: who cannot send it
// again cannot read it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json_type.h"
#include "ports/crypto.h"
#include "ports/task.h"

namespace orderly::app {

struct App;

// What a use case answers: the body as sent, written once.
struct Answer {
  std::int64_t status = 200;
  std::string body;       // JSON
  bool replayed = false;  // an earlier answer, again
};

// One request with an Idempotency-Key.
struct RepeatKey {
  std::string name;         // hash of caller, method, path and key; empty: the request has no key
  std::string fingerprint;  // hash of `digest`
  ports::Digest digest{};  // of the raw body; stored nowhere, so that only who can send it again can read a sealed body

  bool empty() const { return name.empty(); }
};
RepeatKey make_repeat_key(const App& app, std::string_view caller, std::string_view method, std::string_view path,
                          std::string_view key, std::string_view body);

// The answer kept for `key`, or nothing. Throws Error(kKeyReused) when it was another body's.
Task<std::optional<Answer>> find_answer(App& app, RepeatKey key);

// Keeps an answer by itself, where the business refused and nothing else is written; returns the one that is kept from
// now on: this one, or that of another process which had the same request and was first (then it is `replayed`). Throws
// like find_answer.
Task<Answer> keep_refusal(App& app, RepeatKey key, Answer answer);

}  // namespace orderly::app
