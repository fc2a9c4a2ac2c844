// For this room's tests: just enough of DynamoDB, its Streams and SQS in memory for what is relayed, with faults on
// demand. How the real ones behave is tested against peers (tests/contract).
#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engines/aws/counters.h"
#include "engines/aws/dynamo_table.h"
#include "engines/aws/feed_pages.h"
#include "engines/aws/relay.h"
#include "engines/aws/sender.h"
#include "engines/aws/test_http.h"

namespace orderly::aws::testing {

// What becomes of a call.
enum class Fate {
  kDone,
  kLost,  // done, but nobody hears of it
  kDown,  // not done
};

class FakeCloud final : public https::Http {
 public:
  struct Shard {
    std::string parent;
    std::vector<boost::json::object> records;  // as GetRecords gives them
    bool is_closed = false;
    std::size_t trimmed = 0;  // so many records are gone
  };

  Task<https::Response> send(https::Request request) override;

  // "PutItem", "SendMessageBatch", …: asked before each call; by default all is done.
  std::function<Fate(const std::string& action)> fate_of = [](const std::string&) { return Fate::kDone; };
  // Iterators given out before are no longer good.
  void expire_iterators() { ++iterator_age_; }

  std::map<ports::Key, Item> items;
  std::map<std::string, Shard> shards;
  std::map<std::string, std::vector<boost::json::object>> sent;  // by queue's name: entries
  std::map<std::string, int> calls;                              // by action

 private:
  boost::json::object put_item(const boost::json::object& input);
  boost::json::object delete_item(const boost::json::object& input);
  boost::json::object get_item(const boost::json::object& input);
  boost::json::object batch_get(const boost::json::object& input);
  boost::json::object batch_write(const boost::json::object& input);
  boost::json::object query(const boost::json::object& input) const;
  boost::json::object describe_stream() const;
  boost::json::object get_shard_iterator(const boost::json::object& input);
  boost::json::object get_records(const boost::json::object& input);
  boost::json::object send_messages(const boost::json::object& input);
  boost::json::object answer(const std::string& action, const boost::json::object& input);

  int iterator_age_ = 0;
};

class FixedCredentials final : public CredentialsSource {
 public:
  Task<Credentials> get() override { co_return Credentials{"AKIA", "secret", "", {}}; }
  void forget(const Credentials&) override {}
};

// Each time other bytes.
class CountingRandom final : public ports::Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override;

 private:
  std::uint64_t count_ = 0;
};

// One process that relays.
struct Process {
  Process(FakeCloud& cloud, ports::Clock& clock, ports::Random& random);

  FixedCredentials credentials;
  Context context;
  Service service;
  DynamoTable table{service, "shop"};
  OwnRecords records{table};
  DueRecords due{records};
  Sqs sqs{service, "shop", std::chrono::seconds{30}};
  Sender sender{sqs, due};
  RelayCounters counters;
  FeedPages pages{records, counters, std::chrono::minutes{10}};
  Relay relay{pages, sender, counters};
};

// Of an event "EVENT" of that partition and sort, which carries one message to the payments' queue.
RelayedEvent event(const std::string& partition, const std::string& sort);
Item event_item(const std::string& partition, const std::string& sort, Time at);
// As a stream shows an inserted item.
boost::json::object inserted(const Item& item, const std::string& sequence, Time at);

// What the feed lists, in order: "partition/sort".
std::vector<std::string> feed_of(const FakeCloud& cloud);
// Ids of messages sent to the queue of that name, in order.
std::vector<std::string> sent_to(const FakeCloud& cloud, const std::string& queue);

// Runs a task without a result.
void run_all(Task<void> task);

}  // namespace orderly::aws::testing
