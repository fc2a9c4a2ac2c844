// What a store must hold after a sequence of commits: the contract of ports/store.h over plain maps, without conditions
// (the commits given to it are those that were committed), disks or threads.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "ports/inspection.h"
#include "ports/store.h"

namespace orderly::power_loss {

class ExpectedStore {
 public:
  void apply(const ports::Commit& commit);

  // In which way the store differs from this, a sentence each; the feed is not looked at. Messages: id, queue, body;
  // that one is dead or was tried again makes no difference here. Ends at the tenth difference.
  std::vector<std::string> differences(ports::Inspection& actual) const;

 private:
  struct Entry {
    std::string document;
    std::uint64_t version = 0;
    std::vector<ports::IndexEntry> indexes;
  };
  using Counters = std::map<std::string, std::int64_t>;

  void compare_records(ports::Inspection& actual, std::vector<std::string>& differences) const;
  void compare_indexes(ports::Inspection& actual, std::vector<std::string>& differences) const;
  void compare_messages(ports::Inspection& actual, std::vector<std::string>& differences) const;

  std::map<ports::Key, Entry> records_;  // events included
  std::map<ports::Key, Counters> counters_;
  std::map<std::string, ports::OutgoingMessage> messages_;
};

}  // namespace orderly::power_loss
