#include "engines/aws/row_walk.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "engines/aws/item.h"
#include "engines/aws/layout.h"
#include "engines/aws/message_item.h"
#include "ports/concurrently.h"

namespace orderly::aws {
namespace {

constexpr std::size_t kRowsAtOnceMax = 1000;

// DynamoDB has BETWEEN for two bounds, which includes both; what is at a bound that does not belong is left out later.
std::string range_condition(const RowRange& range) {
  if (!range.low.empty() && !range.high.empty()) return " AND #s BETWEEN :low AND :high";
  if (!range.low.empty()) return range.includes_low ? " AND #s >= :low" : " AND #s > :low";
  if (!range.high.empty()) return " AND #s < :high";
  return {};
}

}  // namespace

bool RowRange::is_empty() const { return !high.empty() && low >= high; }

bool RowRange::holds(std::string_view sort) const {
  if (!low.empty() && (includes_low ? sort < low : sort <= low)) return false;
  return high.empty() || sort < high;
}

RowWalk::RowWalk(const DynamoTable& table, const ports::Query& query, RowRange range)
    : table_(table), index_(query.index), direction_(query.direction), range_(std::move(range)) {
  partition_name_ = index_ ? layout::index_partition_name(*index_) : std::string(layout::kPartition);
  sort_name_ = index_ ? layout::kIndexSort : layout::kSort;
  if (range_.is_empty()) return;
  if (!index_) {
    sources_.push_back({query.partition});
    return;
  }
  const unsigned shards = layout::is_sharded(*index_) ? layout::kIndexShards : 1;
  for (unsigned shard = 0; shard < shards; ++shard) {
    sources_.push_back({index_partition(*index_, query.partition, shard)});
  }
}

Task<void> RowWalk::fill(std::size_t expected) {
  std::vector<Source*> hungry;
  for (Source& source : sources_) {
    if (source.needs_rows()) hungry.push_back(&source);
  }
  if (hungry.empty()) co_return;
  if (hungry.size() == 1) co_return co_await fetch(*hungry.front(), expected);
  co_await run_concurrently(hungry.size(), hungry.size(),
                            [&](std::size_t number) { return fetch(*hungry[number], expected); });
}

boost::json::object RowWalk::query_input(const Source& source, std::size_t limit) const {
  boost::json::object names{{"#p", partition_name_}};
  boost::json::object values{{":p", text_attribute(source.partition)}};
  const std::string condition = range_condition(range_);
  if (!condition.empty()) names.emplace("#s", sort_name_);
  if (!range_.low.empty()) values.emplace(":low", text_attribute(range_.low));
  if (!range_.high.empty()) values.emplace(":high", text_attribute(range_.high));
  boost::json::object input{{"KeyConditionExpression", "#p = :p" + condition},
                            {"ExpressionAttributeNames", std::move(names)},
                            {"ExpressionAttributeValues", std::move(values)},
                            {"ScanIndexForward", direction_ == ports::Direction::kForward},
                            {"Limit", limit}};
  if (index_) {
    input.emplace("IndexName", layout::index_name(*index_));
  } else {
    input.emplace("ConsistentRead", true);
  }
  if (!source.start.empty()) input.emplace("ExclusiveStartKey", source.start);
  return input;
}

Task<void> RowWalk::fetch(Source& source, std::size_t expected) const {
  // One more says whether there is more; another two may stand on the bounds.
  const std::size_t on_bounds = !range_.low.empty() && !range_.high.empty() ? 2 : 0;
  const std::size_t limit = std::min(expected + 1 + on_bounds, kRowsAtOnceMax);
  while (source.needs_rows()) {
    DynamoTable::Rows answer = co_await table_.rows("Query", query_input(source, limit));
    for (Item& item : answer.items) {
      const std::optional<std::string_view> sort = text_of(item, sort_name_);
      if (!sort) throw_broken("a row without its sort key");
      if (range_.holds(*sort)) source.rows.push_back({std::string(*sort), std::move(item)});
    }
    source.has_more = !answer.last_key.empty();
    source.start = std::move(answer.last_key);
  }
}

bool RowWalk::comes_before(const Row& a, const Row& b) const {
  return direction_ == ports::Direction::kForward ? a.sort < b.sort : a.sort > b.sort;
}

std::size_t RowWalk::next() const {
  std::size_t best = sources_.size();
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    if (sources_[i].rows.empty()) continue;
    if (best == sources_.size() || comes_before(sources_[i].rows.front(), sources_[best].rows.front())) best = i;
  }
  return best;
}

Row RowWalk::take() {
  std::deque<Row>& rows = sources_.at(next()).rows;
  Row row = std::move(rows.front());
  rows.pop_front();
  return row;
}

}  // namespace orderly::aws
