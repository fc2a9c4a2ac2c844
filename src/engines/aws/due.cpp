#include "engines/aws/due.h"

#include <map>
#include <utility>

#include "base/error.h"
#include "engines/aws/item.h"
#include "engines/aws/message_item.h"

namespace orderly::aws {
namespace {

constexpr std::size_t kReadAtOnce = 100;

ports::Key key_of(const ports::OutgoingMessage& message) { return layout::due_record(message.due, message.id); }

Item to_item(const ports::OutgoingMessage& message) {
  Item item = to_key_item(key_of(message));
  for (auto& member : message_attributes(message)) item.emplace(member.key(), std::move(member.value()));
  return item;
}

std::optional<ports::OutgoingMessage> read(const Item& item) {
  try {
    return parse_message(item);
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

Task<void> DueRecords::put(std::vector<ports::OutgoingMessage> messages) {
  std::map<ports::Key, Item> items;  // a batch must not name one key twice
  for (const ports::OutgoingMessage& message : messages) items.insert_or_assign(key_of(message), to_item(message));
  std::vector<Item> unique;
  for (auto& [key, item] : items) unique.push_back(std::move(item));
  co_await records_.put_all(std::move(unique));
}

Task<void> DueRecords::remove(std::vector<ports::OutgoingMessage> messages) {
  std::vector<ports::Key> keys;
  for (const ports::OutgoingMessage& message : messages) keys.push_back(key_of(message));
  co_await records_.remove_all(std::move(keys));
}

Task<DueRecords::Page> DueRecords::due_before(unsigned shard, Time moment, boost::json::object next) {
  ItemQuery query;
  query.partition = layout::due_partition(shard);
  query.before = layout::due_sort_before(moment);
  query.limit = kReadAtOnce;
  query.start = std::move(next);
  ItemPage found = co_await records_.query(std::move(query));
  Page page;
  for (const Item& item : found.items) {
    if (auto message = read(item)) page.messages.push_back(*std::move(message));
  }
  page.next = std::move(found.next);
  co_return page;
}

Task<std::uint64_t> DueRecords::count(ports::QueueName queue) {
  std::uint64_t count = 0;
  for (unsigned shard = 0; shard < layout::kDueShards; ++shard) {
    boost::json::object next;
    do {
      ItemQuery query;
      query.partition = layout::due_partition(shard);
      query.filter = "#q = :q";
      query.names = {{"#q", "queue"}};
      query.values = {{":q", text_attribute(ports::name_of(queue))}};
      query.only_count = true;
      query.start = std::move(next);
      ItemPage page = co_await records_.query(std::move(query));
      count += page.count;
      next = std::move(page.next);
    } while (!next.empty());
  }
  co_return count;
}

}  // namespace orderly::aws
