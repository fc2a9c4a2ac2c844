// The rows of a query in order: of one partition, or of an index's shards merged.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "engines/aws/dynamo_table.h"
#include "ports/store.h"

namespace orderly::aws {

// Sort keys between which a query reads; in an index those that index_sort makes. Empty: no bound.
struct RowRange {
  std::string low;
  bool includes_low = true;
  std::string high;  // exclusive

  bool is_empty() const;
  bool holds(std::string_view sort) const;
};

struct Row {
  std::string sort;
  Item item;
};

class RowWalk {
 public:
  // `query`'s own bounds and cursor do not count, but `range`.
  RowWalk(const DynamoTable& table, const ports::Query& query, RowRange range);

  // Reads until it is known what the next row is. `expected`: how many more are likely to be taken.
  Task<void> fill(std::size_t expected);
  // After fill().
  bool has_row() const { return next() < sources_.size(); }
  Row take();

 private:
  // One partition of the table or of an index.
  struct Source {
    std::string partition;
    std::deque<Row> rows{};
    Item start{};
    bool has_more = true;

    bool needs_rows() const { return rows.empty() && has_more; }
  };
  std::size_t next() const;  // the source that has the next row; sources_.size() when none has
  bool comes_before(const Row& a, const Row& b) const;
  Task<void> fetch(Source& source, std::size_t expected) const;
  boost::json::object query_input(const Source& source, std::size_t limit) const;

  const DynamoTable& table_;
  std::optional<ports::Index> index_;
  ports::Direction direction_;
  RowRange range_;
  std::string partition_name_;
  std::string sort_name_;
  std::vector<Source> sources_;
};

}  // namespace orderly::aws
