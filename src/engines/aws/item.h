// Records and events as items of the table (layout.h), and back. Pure functions. Those that read throw
// Error(kBrokenInvariant) for items that they do not understand.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "engines/aws/attribute_value.h"
#include "ports/queue.h"
#include "ports/store.h"

namespace orderly::aws {

// {"pk":{"S":…},"sk":{"S":…}}
Item to_key_item(const ports::Key& key);
ports::Key key_of(const Item& item);

Item to_item(const ports::Put& put);
// `place` is the event's number in its commit, made at `now`; `messages` are those that it carries.
Item to_event_item(const ports::EventRecord& event, const std::vector<ports::OutgoingMessage>& messages, Time now,
                   std::size_t place);
// An event record without an event, for the messages of a commit that has none.
Item to_outbox_item(std::string_view token, const std::vector<ports::OutgoingMessage>& messages, Time now);
// That the message was handled at `now`.
Item to_done_item(std::string_view message_id, Time now);

// Of a record, an event or a counter record.
ports::Record to_record(const Item& item);
bool is_expired(const Item& item, Time now);
bool is_counter(const Item& item);
// What an event or an outbox item carries, in the commit's order.
std::vector<ports::OutgoingMessage> messages_of(const Item& item);

// s since 1970, when DynamoDB may remove what readers take for gone from `expires_at` on: a day later.
std::int64_t time_to_live(Time expires_at);

// --- Index entries
// ----------------------------------------------------------------------------------------------------

// What stands in the attributes of an index: the entry's partition, with the shard behind it where the index is
// sharded, and its sort with a mark of the record's key behind it (9 bytes), so that no two are equal: 48 bits of a
// hash, which is enough among records that share partition and sort, and a third of what the key itself would take.
std::string index_partition(ports::Index index, std::string_view partition, unsigned shard);
std::string index_sort(std::string_view sort, const ports::Key& record);

// The entry's sort; nothing for bytes that index_sort does not make.
std::optional<std::string_view> sort_of_index_sort(std::string_view bytes);

// A record's, in order of index.
std::vector<ports::IndexEntry> index_entries(const Item& item);

}  // namespace orderly::aws
