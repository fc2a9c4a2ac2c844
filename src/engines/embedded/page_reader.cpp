#include "engines/embedded/page_reader.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/limits.h"
#include "engines/embedded/encoding.h"

namespace orderly::embedded {
namespace {

constexpr char kForwardMark = 'f';
constexpr char kBackwardMark = 'b';

struct Range {
  std::string from;
  std::string to;  // exclusive
};

char mark_of(ports::Direction direction) {
  return direction == ports::Direction::kForward ? kForwardMark : kBackwardMark;
}

// The query's keys without regard to its cursor.
Range whole_range(const ports::Query& query) {
  std::string prefix;
  if (query.index) prefix.push_back(static_cast<char>(*query.index));
  prefix += query.partition;
  Range range{prefix + kSeparator + query.from, prefix + kSeparator + query.to};
  if (query.to.empty()) range.to.back() = kSeparator + 1;
  return range;
}

[[noreturn]] void refuse_cursor() {
  throw Error(ErrorCode::kInvalidRequest, "invalid-cursor", "The cursor does not belong to this list.");
}

// What the cursor leaves of the range.
Range range_of(const ports::Query& query) {
  Range range = whole_range(query);
  if (query.cursor.empty()) return range;
  const std::string_view last = std::string_view(query.cursor).substr(1);
  if (query.cursor.front() != mark_of(query.direction) || last < range.from || last >= range.to) refuse_cursor();
  if (query.direction == ports::Direction::kForward) {
    range.from.assign(last).push_back('\0');  // the next key there can be
  } else {
    range.to = last;
  }
  return range;
}

// Walks the keys of a query, one page long.
class RowWalk {
 public:
  RowWalk(const KeyValueReader& reader, const ports::Query& query)
      : direction_(query.direction), rows_max_(std::clamp<std::size_t>(query.limit, 1, limits::kPageRowsMax)) {
    Range range = range_of(query);
    if (range.from >= range.to) return;  // the caller's bounds leave nothing
    walk_ = reader.walk(query.index ? Family::kIndexes : Family::kRecords, std::move(range.from), std::move(range.to),
                        direction_ == ports::Direction::kForward ? Order::kAscending : Order::kDescending);
  }

  std::size_t rows_max() const { return rows_max_; }
  bool has_row() const { return walk_ != nullptr && walk_->valid() && examined_ < limits::kQueryRowsExaminedMax; }
  std::string_view key() const { return walk_->key(); }
  std::string_view value() const { return walk_->value(); }
  void next() {
    ++examined_;
    last_.assign(walk_->key());
    walk_->next();
  }
  // After the last row of the page.
  std::string cursor() const {
    if (walk_ == nullptr || !walk_->valid() || last_.empty()) return {};
    return mark_of(direction_) + last_;
  }

 private:
  ports::Direction direction_;
  std::size_t rows_max_;
  std::unique_ptr<Walk> walk_;
  std::size_t examined_ = 0;
  std::string last_;
};

}  // namespace

ports::Page read_partition(const KeyValueReader& reader, const ports::Query& query, Time now) {
  ports::Page page;
  RowWalk walk(reader, query);
  for (; walk.has_row() && page.records.size() < walk.rows_max(); walk.next()) {
    if (parse_record_value(walk.value()).expired(now)) continue;
    page.records.push_back(to_record(parse_record_key(walk.key()), std::string(walk.value())));
  }
  page.cursor = walk.cursor();
  return page;
}

ports::Page read_index(const KeyValueReader& reader, const ports::Query& query, Time now) {
  ports::Page page;
  RowWalk walk(reader, query);
  while (walk.has_row() && page.records.size() < walk.rows_max()) {
    std::vector<std::string> keys;
    for (; walk.has_row() && page.records.size() + keys.size() < walk.rows_max(); walk.next()) {
      keys.emplace_back(record_key_of(walk.key()));
    }
    std::vector<std::optional<std::string>> values = reader.get_many(Family::kRecords, keys);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (!values[i] || parse_record_value(*values[i]).expired(now)) continue;
      page.records.push_back(to_record(parse_record_key(keys[i]), *std::move(values[i])));
    }
  }
  page.cursor = walk.cursor();
  return page;
}

}  // namespace orderly::embedded
