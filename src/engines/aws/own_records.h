// The engine's own records ('~…' partitions) as items of the table: written and read one by one or many at a time,
// never in a transaction with the shop's. Every function throws Error(kUnavailable) when DynamoDB cannot be reached or
// refuses. Source: Amazon DynamoDB API Reference.
#pragma once

#include <boost/json/array.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engines/aws/attribute_value.h"
#include "engines/aws/dynamo_table.h"
#include "engines/aws/layout.h"
#include "engines/aws/service.h"
#include "ports/store.h"

namespace orderly::aws {

// A ConditionExpression with its names and values; an empty one always holds.
struct ItemCondition {
  std::string expression;
  boost::json::object names;   // {"#n": "name"}
  boost::json::object values;  // {":v": {"S": …}}
};
// That there is no such item yet.
ItemCondition absent();

struct ItemQuery {
  std::string index;  // empty: the table itself
  std::string partition_name{layout::kPartition};
  std::string partition;
  std::string from;    // first sort key, inclusive. Of the table only, and only one of this and the next
  std::string before;  // exclusive
  ports::Direction direction = ports::Direction::kForward;
  std::size_t limit = 0;  // examined at once; 0: as many as fit into 1 MB
  bool is_consistent = false;
  std::string filter;  // with its names and values
  boost::json::object names;
  boost::json::object values;
  bool only_count = false;
  boost::json::object start;  // of an earlier page; empty: the first
};

struct ItemPage {
  std::vector<Item> items;
  std::uint64_t count = 0;
  boost::json::object next;  // empty: nothing more
};

// Thread-safe.
class OwnRecords {
 public:
  explicit OwnRecords(const DynamoTable& table) : table_(table) {}

  // Consistent.
  Task<std::optional<Item>> get(ports::Key key);
  // Consistent, in the order of `keys`; those that are not there are left out.
  Task<std::vector<Item>> get_many(std::vector<ports::Key> keys);
  Task<ItemPage> query(ItemQuery query);

  // False: the condition did not hold. After a lost answer the put is repeated, so that it may have failed on its own
  // item: who must know looks at what is there.
  Task<bool> put(Item item, ItemCondition condition);
  // Likewise.
  Task<bool> remove(ports::Key key, ItemCondition condition);
  // Without conditions, in any order; some may be done when it throws.
  Task<void> put_all(std::vector<Item> items);
  Task<void> remove_all(std::vector<ports::Key> keys);

  const Context& context() const { return table_.service().context(); }

 private:
  Task<Answer> call(std::string_view action, boost::json::object input);
  Task<bool> write_if(std::string_view action, boost::json::object input, ItemCondition condition);
  Task<void> write_all(boost::json::array requests);

  const DynamoTable& table_;
};

// For a service's refusal: Error(kUnavailable, slug) that names the action and the error.
[[noreturn]] void throw_refused(std::string_view slug, std::string_view action, const Answer& answer);

}  // namespace orderly::aws
