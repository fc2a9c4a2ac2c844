// What every event says, whatever kind of object it is of: that something happened to an object, which version that
// made, when, by whom, from where and why, and the event's place in the object's chain. A kind of event is a struct of
// its own that begins with these fields, up to `request`, ends with the last two, and has between them what happened;
// see domain::OrderEvent.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/json_type.h"
#include "base/time.h"

namespace orderly::domain {

struct EventHead {
  EventId id;
  std::string type;    // order.placed, key.revoked, …
  std::string object;  // its id
  std::int64_t version = 0;
  Time at;
  std::string actor;
  std::string source;
  std::string request;
  std::string previous;
  std::string hash;
};
BOOST_DESCRIBE_STRUCT(EventHead, (), (id, type, object, version, at, actor, source, request, previous, hash))
std::vector<json::Rule> json_rules(const EventHead*);

// Of the document of any event. Throws Error(kBrokenInvariant).
EventHead read_head(std::string_view document);

}  // namespace orderly::domain
