// How everything lies in the one DynamoDB table, so that a person can read it in the console. docs/aws.md has it as a
// table of access patterns.
//
//   pk, sk      the record's key
//   members     of the document, each an attribute of its own type: S, N, BOOL, NULL, L, M. A document that is no
//               object, or has a member that looks like one of our own attributes, is kept as text in _text
//   _v          the version; a record without it, _text and _m is a counter record: its counters are its attributes
//   _x, ttl     when it expires: ms since 1970, which readers go by, and s since 1970 plus a day for DynamoDB's sweeper
//   _1p … _5p   its partitions in the indexes (global secondary indexes by-client …, keys only), by the number of
//               ports::Index
//   _s          its sort key in all of them
//   _fp, _fs    of an event: minute and shard, and its place there (index by-minute, keys only), for the sweeper of
//               the relay
//   _m          of an event: the messages that it carries
//
// Partitions that begin with '~' are the engine's own; no other may.
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "ports/store.h"

namespace orderly::aws::layout {

inline constexpr std::string_view kPartition = "pk";
inline constexpr std::string_view kSort = "sk";
inline constexpr std::string_view kText = "_text";
inline constexpr std::string_view kVersion = "_v";
inline constexpr std::string_view kExpires = "_x";
inline constexpr std::string_view kTimeToLive = "ttl";
inline constexpr std::string_view kIndexSort = "_s";
inline constexpr std::string_view kFeedPartition = "_fp";
inline constexpr std::string_view kFeedSort = "_fs";
inline constexpr std::string_view kMessages = "_m";
inline constexpr std::string_view kFeedIndex = "by-minute";

inline constexpr char kOwn = '~';

// ~DONE#<message id> / META: that the message has been handled. Kept longer than a message can live: 14 days in its
// queue, 14 more in the dead-letter queue after each redrive.
ports::Key done(std::string_view message_id);
inline constexpr std::chrono::hours kDoneKept{24 * 90};

// ~OUT#<commit token> / META: an event record without an event, for the messages of a commit that has none.
ports::Key outbox(std::string_view token);

// ~DUE#<shard> / <due>#<message id>: a message that waits longer than SQS can delay it.
inline constexpr unsigned kDueShards = 4;
ports::Key due_record(Time due, std::string_view message_id);
std::string due_partition(unsigned shard);
std::string due_sort_before(Time moment);  // all sorts of messages due before that are below it

// ~FEED / <page, 12 digits>: keys of events in the order in which the relay saw them; the n-th event of page p has
// sequence p * kFeedPageEvents + n.
inline constexpr std::string_view kFeed = "~FEED";
inline constexpr std::uint64_t kFeedPageEvents = 1000;
ports::Key feed_page(std::uint64_t page);

// _fp of an event: "<minute>#<shard>", minute as 2026-11-21T10:30.
inline constexpr unsigned kFeedShards = 4;
std::string feed_minute(Time at, unsigned shard);
// _fs: when it was committed and its number in its commit, 2026-11-21T10:30:05.123Z#00. Not unique.
std::string feed_sort(Time at, std::size_t place);

// Partitions of the indexes by status and by day are spread over this many, named "<partition>~<shard>".
inline constexpr unsigned kIndexShards = 4;
bool is_sharded(ports::Index index);
std::uint64_t hash_of(const ports::Key& key);  // FNV-1a: the same in every build
unsigned shard_of(const ports::Key& key, unsigned shards);

std::string index_name(ports::Index index);            // "by-client"
std::string index_partition_name(ports::Index index);  // "_1p"

}  // namespace orderly::aws::layout
