// The feed as the relay wrote it down (feed_pages.h).
#pragma once

#include <vector>

#include "engines/aws/dynamo_table.h"
#include "ports/store.h"

namespace orderly::aws {

// An event's place: the n-th event of page p, from 1 on, has the sequence p * layout::kFeedPageEvents + n.
struct FeedPlace {
  std::uint64_t sequence = 0;
  ports::Key key;
};
// The events of an item that is a page.
std::vector<FeedPlace> feed_places(const Item& page);

// At most `limit` events after `sequence`, consistent. Throws Error(kBrokenInvariant) when an event is not there.
Task<std::vector<ports::FeedEvent>> read_feed(const DynamoTable& table, std::uint64_t after, std::size_t limit);

}  // namespace orderly::aws
