#include "engines/aws/message_item.h"

#include <boost/json/array.hpp>
#include <charconv>
#include <string>

#include "base/error.h"

namespace orderly::aws {
namespace {

namespace json = boost::json;

constexpr std::string_view kQueue = "queue";
constexpr std::string_view kId = "id";
constexpr std::string_view kBody = "body";
constexpr std::string_view kDue = "due";

// What an attribute value of that type holds.
const json::value* content(const json::value& attribute, std::string_view type) {
  return attribute.is_object() ? attribute.get_object().if_contains(type) : nullptr;
}

const json::value* content(const json::object& item, std::string_view name, std::string_view type) {
  const json::value* attribute = item.if_contains(name);
  return attribute == nullptr ? nullptr : content(*attribute, type);
}

}  // namespace

json::object message_attributes(const ports::OutgoingMessage& message) {
  return {{kQueue, text_attribute(ports::name_of(message.queue))},
          {kId, text_attribute(message.id)},
          {kBody, text_attribute(message.body)},
          {kDue, number_attribute(message.due.ms)}};
}

json::value messages_attribute(const std::vector<ports::OutgoingMessage>& messages) {
  json::array list;
  for (const ports::OutgoingMessage& message : messages) {
    list.push_back(json::object{{"M", message_attributes(message)}});
  }
  return json::object{{"L", std::move(list)}};
}

ports::OutgoingMessage parse_message(const json::object& attributes) {
  const auto queue = text_of(attributes, kQueue);
  const auto id = text_of(attributes, kId);
  const auto body = text_of(attributes, kBody);
  const auto due = number_of(attributes, kDue);
  const auto name = queue ? ports::parse_queue_name(*queue) : std::nullopt;
  if (!name || !id || !body || !due) throw_broken("a stored message lacks its queue, id, body or due time");
  return {*name, std::string(*id), std::string(*body), Time{*due}};
}

std::vector<ports::OutgoingMessage> parse_messages(const json::value& attribute) {
  const json::value* list = content(attribute, "L");
  if (list == nullptr || !list->is_array()) throw_broken("stored messages are no list");
  std::vector<ports::OutgoingMessage> messages;
  for (const json::value& element : list->get_array()) {
    const json::value* map = content(element, "M");
    if (map == nullptr || !map->is_object()) throw_broken("a stored message is no map");
    messages.push_back(parse_message(map->get_object()));
  }
  return messages;
}

// --- One attribute of an item
// -----------------------------------------------------------------------------------------------

json::value text_attribute(std::string_view text) { return json::object{{"S", text}}; }

json::value number_attribute(std::int64_t number) { return json::object{{"N", std::to_string(number)}}; }

std::optional<std::string_view> text_of(const json::object& item, std::string_view name) {
  const json::value* text = content(item, name, "S");
  if (text == nullptr || !text->is_string()) return std::nullopt;
  return std::string_view(text->get_string());
}

std::optional<std::int64_t> number_of(const json::object& item, std::string_view name) {
  const json::value* text = content(item, name, "N");
  if (text == nullptr || !text->is_string()) return std::nullopt;
  const std::string_view digits = text->get_string();
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

const json::array* list_of(const json::object& item, std::string_view name) {
  const json::value* list = content(item, name, "L");
  return list == nullptr ? nullptr : list->if_array();
}

const json::object* map_of(const json::object& item, std::string_view name) {
  const json::value* map = content(item, name, "M");
  return map == nullptr ? nullptr : map->if_object();
}

}  // namespace orderly::aws
