#include "app/feed.h"

#include <optional>

#include "base/error.h"

namespace orderly::app {

domain::EventHead head_of(const ports::FeedEvent& event) {
  try {
    return domain::read_head(event.document);
  } catch (const Error& error) {
    throw_broken("event " + event.key.partition + "/" + event.key.sort + ": " + error.detail());
  }
}

Task<std::uint64_t> last_before(ports::Store& store, Time moment) {
  std::uint64_t last = 0;              // an event of that sequence is before the moment, and
  std::optional<std::uint64_t> bound;  // none after that one
  std::uint64_t step = 1;
  while (!bound || last < *bound) {
    const std::uint64_t after = bound ? last + (*bound - last) / 2 : last + step;
    const auto next = co_await store.feed(after, 1);
    if (next.empty() || head_of(next.front()).at >= moment) {
      bound = after;
    } else {
      last = next.front().sequence;
      step *= 2;
    }
  }
  co_return last;
}

}  // namespace orderly::app
