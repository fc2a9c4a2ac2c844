// JSON documents as DynamoDB's attributes, {"total":{"N":"19998"},"lines":{"L":[…]}}, and back. Pure functions; single
// attributes are in message_item.h.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace orderly::aws {

// Attributes by name.
using Item = boost::json::object;

// Whether an attribute of that name is the engine's own (layout.h) and none of a document's members.
bool is_own_attribute(std::string_view name);

// A document's members as attributes. Nothing when DynamoDB would not give back the very document (the order of members
// aside, which is lost) and it has to be kept as text: it is no object, is not written as our JSON writer writes, is
// deeper than limits::kJsonDepthMax, has a fraction, an integer of more than 20 digits, a member whose name is empty,
// long, twice there or like one of our own attributes'; or would be much larger in attributes than in text, so that
// its text's size says whether it fits into an item.
std::optional<Item> to_attributes(std::string_view document);

// The JSON object that the item's attributes are, our own left out; members in order of name, at every level. Throws
// Error(kBrokenInvariant) for types that JSON has not: sets and bytes.
std::string to_document(const Item& item);

}  // namespace orderly::aws
