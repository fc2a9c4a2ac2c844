// Reading the table's stream: all its shards, each in its order and after the shard that it came from.
// Sources: Amazon DynamoDB API Reference, "Amazon DynamoDB Streams"; Developer Guide, "Change data capture for DynamoDB
// Streams" (lineage of shards, 24 hours of records, two readers of a shard at most, five reads a second each).
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engines/aws/dynamo_table.h"
#include "engines/aws/relay.h"

namespace orderly::aws {

// One record of GetRecords.
struct StreamRecord {
  std::string sequence;
  Time created;
  std::optional<RelayedEvent> event;  // of an inserted item that is relayed
};
// Never throws; what is missing is empty.
StreamRecord parse_stream_record(const boost::json::object& record);

// A shard as DescribeStream shows it.
struct StreamShard {
  std::string id;
  std::string parent;  // empty: none
};

// One caller at a time. Everything throws Error(kUnavailable) when DynamoDB cannot be reached: then rewind().
class StreamReader {
 public:
  StreamReader(Service& streams, const DynamoTable& table) : streams_(streams), table_(table) {}

  // To be read from there on; shards that are not named, from their oldest record.
  void start(Checkpoints checkpoints);
  // What has come since the last call, up to 1,000 records a shard. Waits for nothing.
  Task<RelayBatch> read();
  // What read() has returned is relayed.
  void confirm();
  // It is not: it will be read again.
  void rewind();

 private:
  struct Position {
    std::string sequence;  // of the last record read; empty: none
    bool is_finished = false;
  };
  struct Shard {
    std::string parent;
    Position read;
    Position confirmed;
    std::string iterator;
  };
  struct Records {
    std::vector<StreamRecord> records;
    std::string shard;
  };

  Task<void> find_shards();
  Task<std::string> stream_arn();
  Task<std::vector<StreamShard>> describe();
  void take_in(const std::vector<StreamShard>& listed);
  std::vector<std::string> ready() const;
  Task<Records> read_shard(std::string id);
  Task<bool> find_place(std::string id, Shard& shard);
  RelayBatch to_batch(std::vector<Records> read);
  Task<Answer> call(std::string_view action, boost::json::object input);

  Service& streams_;
  const DynamoTable& table_;
  std::string arn_;
  std::map<std::string, Shard> shards_;
  Checkpoints start_;
  std::set<std::string> gone_;
  Time describe_at_;
};

}  // namespace orderly::aws
