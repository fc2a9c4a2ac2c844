#include "engines/aws/dynamo_query.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "engines/aws/item.h"
#include "engines/aws/layout.h"
#include "engines/aws/message_item.h"
#include "engines/aws/row_walk.h"
#include "ports/commit_limits.h"

namespace orderly::aws {
namespace {

constexpr char kForwardMark = 'f';
constexpr char kBackwardMark = 'b';
constexpr char kNoIndex = '0';
constexpr char kCursorSeparator = '\x1f';  // no partition holds it

[[noreturn]] void refuse_cursor() {
  throw Error(ErrorCode::kInvalidRequest, "invalid-cursor", "The cursor does not belong to this list.");
}

// What all cursors of a query begin with.
std::string cursor_prefix(const ports::Query& query) {
  std::string prefix(1, query.direction == ports::Direction::kForward ? kForwardMark : kBackwardMark);
  prefix += query.index ? static_cast<char>(kNoIndex + static_cast<char>(*query.index)) : kNoIndex;
  return prefix + query.partition + kCursorSeparator;
}

// Whether a row of the query may have that sort key.
bool is_row_sort(const ports::Query& query, std::string_view sort) {
  if (sort.empty() || sort.size() > limits::kSortKeyBytesMax || !is_valid_utf8(sort)) return false;
  return query.index ? sort_of_index_sort(sort).has_value() : ports::is_key_part(sort, limits::kSortKeyBytesMax);
}

// What the cursor leaves of the query's range.
RowRange range_of(const ports::Query& query) {
  RowRange range{query.from, true, query.to};
  if (query.cursor.empty()) return range;
  const std::string prefix = cursor_prefix(query);
  if (!query.cursor.starts_with(prefix)) refuse_cursor();
  const std::string last = query.cursor.substr(prefix.size());
  if (!is_row_sort(query, last) || range.is_empty() || !range.holds(last)) refuse_cursor();
  if (query.direction == ports::Direction::kForward) {
    range.low = last;
    range.includes_low = false;
  } else {
    range.high = last;
  }
  return range;
}

// One page in the making.
class PageReader {
 public:
  PageReader(const DynamoTable& table, const ports::Query& query, Time now)
      : table_(table),
        query_(query),
        now_(now),
        rows_max_(std::clamp<std::size_t>(query.limit, 1, limits::kPageRowsMax)),
        walk_(table, query, range_of(query)) {}

  Task<ports::Page> read() {
    while (page_.records.size() < rows_max_ && examined_ < limits::kQueryRowsExaminedMax) {
      std::vector<Row> rows = co_await take(rows_max_ - page_.records.size());
      if (rows.empty()) break;
      if (query_.index) {
        co_await add_listed(std::move(rows));
      } else {
        for (const Row& row : rows) add(row.item);
      }
    }
    co_await walk_.fill(1);
    if (walk_.has_row() && !last_.empty()) page_.cursor = cursor_prefix(query_) + last_;
    co_return std::move(page_);
  }

 private:
  // At most `count` rows more, as many as may be examined.
  Task<std::vector<Row>> take(std::size_t count) {
    std::vector<Row> rows;
    while (rows.size() < count && examined_ < limits::kQueryRowsExaminedMax) {
      // Where rows turn out to be none that can be shown, more are read at once.
      const std::size_t expected = std::max(examined_, count - rows.size());
      co_await walk_.fill(std::min(expected, limits::kQueryRowsExaminedMax - examined_));
      if (!walk_.has_row()) break;
      rows.push_back(walk_.take());
      last_ = rows.back().sort;
      ++examined_;
    }
    co_return rows;
  }

  void add(const Item& item) {
    if (!is_expired(item, now_)) page_.records.push_back(to_record(item));
  }

  Task<void> add_listed(std::vector<Row> rows) {
    std::vector<ports::Key> keys;
    for (const Row& row : rows) keys.push_back(key_of(row.item));
    const std::vector<std::optional<Item>> items = co_await table_.get_many(std::move(keys));
    const std::string partition_name = layout::index_partition_name(*query_.index);
    constexpr std::string_view sort_name = layout::kIndexSort;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const bool is_so = items[i] && text_of(*items[i], sort_name) == rows[i].sort &&
                         text_of(*items[i], partition_name) == text_of(rows[i].item, partition_name);
      if (is_so) add(*items[i]);
    }
  }

  const DynamoTable& table_;
  const ports::Query& query_;
  const Time now_;
  const std::size_t rows_max_;
  RowWalk walk_;
  ports::Page page_;
  std::size_t examined_ = 0;
  std::string last_;
};

// DynamoDB refuses bounds that no key can have; there is nothing under such a partition.
bool can_exist(const ports::Query& query) {
  const std::size_t bytes_max = limits::kPartitionKeyBytesMax - (query.index ? 2 : 0);
  return ports::is_key_part(query.partition, bytes_max) && is_valid_utf8(query.partition);
}

}  // namespace

Task<ports::Page> read_page(const DynamoTable& table, ports::Query query, Time now) {
  if (!can_exist(query)) {
    if (!query.cursor.empty()) refuse_cursor();
    co_return ports::Page{};
  }
  PageReader reader(table, query, now);
  co_return co_await reader.read();
}

}  // namespace orderly::aws
