#include "engines/aws/layout.h"

#include "base/error.h"

namespace orderly::aws::layout {
namespace {

constexpr std::string_view kMeta = "META";
constexpr std::size_t kPageDigits = 12;
constexpr std::size_t kMinuteCharacters = 16;  // 2026-11-21T10:30

constexpr std::uint64_t kFnvOffset = 0xcbf29ce484222325;
constexpr std::uint64_t kFnvPrime = 0x100000001b3;

std::uint64_t fnv1a(std::string_view bytes, std::uint64_t hash = kFnvOffset) {
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * kFnvPrime;
  return hash;
}

ports::Key own(std::string_view kind, std::string_view name) {
  std::string partition(1, kOwn);
  partition.append(kind).append(1, '#').append(name);
  return {std::move(partition), std::string(kMeta)};
}

std::string number_of(ports::Index index) { return std::to_string(static_cast<unsigned>(index)); }

}  // namespace

ports::Key done(std::string_view message_id) { return own("DONE", message_id); }

ports::Key outbox(std::string_view token) { return own("OUT", token); }

ports::Key due_record(Time due, std::string_view message_id) {
  const auto shard = static_cast<unsigned>(fnv1a(message_id) % kDueShards);
  return {due_partition(shard), format_time(due) + "#" + std::string(message_id)};
}

std::string due_partition(unsigned shard) { return own("DUE", std::to_string(shard)).partition; }

std::string due_sort_before(Time moment) { return format_time(moment); }

ports::Key feed_page(std::uint64_t page) {
  std::string digits = std::to_string(page);
  ORDERLY_ASSERT(digits.size() <= kPageDigits);
  digits.insert(0, kPageDigits - digits.size(), '0');
  return {std::string(kFeed), std::move(digits)};
}

std::string feed_minute(Time at, unsigned shard) {
  return format_time(at).substr(0, kMinuteCharacters) + "#" + std::to_string(shard);
}

std::string feed_sort(Time at, std::size_t place) {
  const std::string digits = std::to_string(place);
  return format_time(at) + (digits.size() < 2 ? "#0" : "#") + digits;
}

bool is_sharded(ports::Index index) { return index == ports::Index::kByStatus || index == ports::Index::kByDay; }

std::uint64_t hash_of(const ports::Key& key) { return fnv1a(key.sort, fnv1a("\x1f", fnv1a(key.partition))); }

unsigned shard_of(const ports::Key& key, unsigned shards) { return static_cast<unsigned>(hash_of(key) % shards); }

std::string index_name(ports::Index index) {
  switch (index) {
    case ports::Index::kByClient: return "by-client";
    case ports::Index::kByStatus: return "by-status";
    case ports::Index::kByDay: return "by-day";
    case ports::Index::kByCategory: return "by-category";
    case ports::Index::kByKind: return "by-kind";
  }
  throw Error(ErrorCode::kInternal, "no-such-index", "Something went wrong.");
}

std::string index_partition_name(ports::Index index) { return "_" + number_of(index) + "p"; }

}  // namespace orderly::aws::layout
