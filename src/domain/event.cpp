#include "domain/event.h"

#include "base/json.h"

namespace orderly::domain {

std::vector<json::Rule> json_rules(const EventHead*) {
  return {json::field("actor").brief(), json::field("source").brief(), json::field("request").brief(),
          json::field("previous").brief(), json::field("hash").brief()};
}

EventHead read_head(std::string_view document) { return json::read_stored_part<EventHead>(document); }

}  // namespace orderly::domain
