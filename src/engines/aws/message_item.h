// A message as DynamoDB keeps it: queue S ("payments"), id S, body S, due N (ms since 1970). An event's _m, or that of
// an ~OUT record, is a list L of such maps M; a ~DUE record has the four beside its key.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "ports/queue.h"

namespace orderly::aws {

// {"queue": {"S": "payments"}, "id": {"S": "msg_…"}, "body": {"S": "…"}, "due": {"N": "1763720000000"}}
boost::json::object message_attributes(const ports::OutgoingMessage& message);
// {"L": [{"M": {…}}, …]}: the value of _m.
boost::json::value messages_attribute(const std::vector<ports::OutgoingMessage>& messages);

// Both throw Error(kBrokenInvariant) for what none of the above has made.
ports::OutgoingMessage parse_message(const boost::json::object& attributes);
std::vector<ports::OutgoingMessage> parse_messages(const boost::json::value& attribute);

// --- One attribute of an item
// -----------------------------------------------------------------------------------------------

boost::json::value text_attribute(std::string_view text);  // {"S": text}
boost::json::value number_attribute(std::int64_t number);  // {"N": "number"}
// Nothing when there is none of that name and type.
std::optional<std::string_view> text_of(const boost::json::object& item, std::string_view name);
std::optional<std::int64_t> number_of(const boost::json::object& item, std::string_view name);
const boost::json::array* list_of(const boost::json::object& item, std::string_view name);
const boost::json::object* map_of(const boost::json::object& item, std::string_view name);

}  // namespace orderly::aws
