#include "engines/aws/attribute_value.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value.hpp>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"
#include "engines/aws/layout.h"

namespace orderly::aws {
namespace {

using boost::json::error_code;
using boost::json::string_view;

constexpr std::size_t kNameBytesMax = 255;
constexpr std::size_t kDigitsMax = 20;
constexpr std::size_t kBinaryFrom = 64;  // characters: shorter ones save too little
// DynamoDB Developer Guide, "DynamoDB item sizes and formats".
constexpr std::size_t kContainerBytes = 3;
constexpr std::size_t kElementBytes = 1;
// By which attributes may be larger than the text that the limits count.
constexpr std::size_t kGrowthMax = 512;

bool is_plain_integer(std::string_view number) {
  if (number == "-0") return false;
  const std::size_t digits = number.size() - (number.starts_with('-') ? 1 : 0);
  return digits <= kDigitsMax && number.find_first_of(".eE") == std::string_view::npos;
}

std::size_t number_bytes(std::string_view number) {
  const std::size_t sign = number.starts_with('-') ? 1 : 0;
  return (number.size() - sign + 1) / 2 + 1 + sign;
}

// Ciphertext, and what looks like it: kept as binary, of which the protocol's form is this very text.
bool is_long_base64(const std::string& text) {
  if (text.size() < kBinaryFrom || text.size() % 4 != 0) return false;
  const std::optional<std::string> bytes = base64_decode(text);
  return bytes && base64_encode(*bytes) == text;
}

// Makes the attributes while Boost.JSON's parser walks the text, writes the same document again as our JSON writer
// would, and adds up the attributes' size. Ends the parse where something cannot be kept.
class Builder {
 public:
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  bool is_faithful_to(std::string_view document) const {
    return rewritten_ == document && bytes_ <= document.size() + kGrowthMax;
  }
  Item take() { return std::move(root_); }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code& error) { return begin(true, error); }
  bool on_object_end(std::size_t, error_code& error);
  bool on_array_begin(error_code& error) { return begin(false, error); }
  bool on_array_end(std::size_t, error_code& error);
  bool on_key_part(string_view part, std::size_t, error_code&) { return append(part); }
  bool on_key(string_view part, std::size_t, error_code& error);
  bool on_string_part(string_view part, std::size_t, error_code&) { return append(part); }
  bool on_string(string_view part, std::size_t, error_code& error);
  bool on_number_part(string_view part, error_code&) { return append(part); }
  bool on_int64(std::int64_t, string_view part, error_code& error) { return on_number(part, error); }
  bool on_uint64(std::uint64_t, string_view part, error_code& error) { return on_number(part, error); }
  bool on_double(double, string_view part, error_code& error) { return on_number(part, error); }
  bool on_bool(bool value, error_code& error) { return add_word(value ? "true" : "false", "BOOL", value, error); }
  bool on_null(error_code& error) { return add_word("null", "NULL", true, error); }
  bool on_comment_part(string_view, error_code&) { return true; }
  bool on_comment(string_view, error_code&) { return true; }

 private:
  struct Frame {
    bool is_object = false;
    bool is_empty = true;
    std::string key;
    Item members;
    boost::json::array elements;
  };

  static bool refuse(error_code& error) {
    error = boost::json::error::syntax;
    return false;
  }
  bool append(string_view part) { return text_.append(part.data(), part.size()), true; }
  bool begin(bool is_object, error_code& error);
  bool on_number(string_view part, error_code& error);
  void start_element();
  bool add(string_view type, boost::json::value value, std::size_t bytes, error_code& error);
  bool add_word(std::string_view word, string_view type, bool value, error_code& error);

  std::vector<Frame> frames_;
  Item root_;
  std::string text_;  // of the token being read
  std::string rewritten_;
  std::size_t bytes_ = 0;
};

// An array's comma; an object's comes before the key.
void Builder::start_element() {
  if (frames_.empty() || frames_.back().is_object) return;
  if (!std::exchange(frames_.back().is_empty, false)) rewritten_ += ',';
}

bool Builder::add(string_view type, boost::json::value value, std::size_t bytes, error_code& error) {
  if (frames_.empty()) return refuse(error);  // no object
  bytes_ += bytes + kElementBytes;
  Frame& frame = frames_.back();
  Item attribute{{type, std::move(value)}};
  if (!frame.is_object) return frame.elements.push_back(std::move(attribute)), true;
  return frame.members.emplace(frame.key, std::move(attribute)).second || refuse(error);
}

bool Builder::add_word(std::string_view word, string_view type, bool value, error_code& error) {
  start_element();
  rewritten_ += word;
  return add(type, value, 1, error);
}

bool Builder::begin(bool is_object, error_code& error) {
  if (frames_.empty() && !is_object) return refuse(error);
  start_element();
  rewritten_ += is_object ? '{' : '[';
  frames_.push_back({.is_object = is_object, .is_empty = true, .key = {}, .members = {}, .elements = {}});
  return true;
}

bool Builder::on_object_end(std::size_t, error_code& error) {
  rewritten_ += '}';
  Item members = std::move(frames_.back().members);
  frames_.pop_back();
  if (!frames_.empty()) return add("M", std::move(members), kContainerBytes, error);
  root_ = std::move(members);
  return true;
}

bool Builder::on_array_end(std::size_t, error_code& error) {
  rewritten_ += ']';
  boost::json::array elements = std::move(frames_.back().elements);
  frames_.pop_back();
  return add("L", std::move(elements), kContainerBytes, error);
}

bool Builder::on_key(string_view part, std::size_t, error_code& error) {
  append(part);
  Frame& frame = frames_.back();
  frame.key = std::exchange(text_, {});
  const bool is_taken = frames_.size() == 1 && is_own_attribute(frame.key);
  if (frame.key.empty() || frame.key.size() > kNameBytesMax || is_taken) return refuse(error);
  if (!std::exchange(frame.is_empty, false)) rewritten_ += ',';
  json::write_string(frame.key, rewritten_);
  rewritten_ += ':';
  bytes_ += frame.key.size();
  return true;
}

bool Builder::on_string(string_view part, std::size_t, error_code& error) {
  append(part);
  start_element();
  json::write_string(text_, rewritten_);
  const std::string text = std::exchange(text_, {});
  if (is_long_base64(text)) return add("B", string_view(text), text.size() / 4 * 3, error);
  return add("S", string_view(text), text.size(), error);
}

bool Builder::on_number(string_view part, error_code& error) {
  append(part);
  const std::string number = std::exchange(text_, {});
  if (!is_plain_integer(number)) return refuse(error);
  start_element();
  rewritten_ += number;
  return add("N", string_view(number), number_bytes(number), error);
}

// --- Back
// -------------------------------------------------------------------------------------------------------------

void append_value(const boost::json::value& attribute, std::string& out);

void append_members(const Item& members, bool leave_out_own, std::string& out) {
  std::vector<const boost::json::key_value_pair*> sorted;
  sorted.reserve(members.size());
  for (const boost::json::key_value_pair& member : members) {
    if (!leave_out_own || !is_own_attribute(member.key())) sorted.push_back(&member);
  }
  std::ranges::sort(sorted, {}, [](const auto* member) { return std::string_view(member->key()); });
  out += '{';
  for (const boost::json::key_value_pair* member : sorted) {
    if (member != sorted.front()) out += ',';
    json::write_string(member->key(), out);
    out += ':';
    append_value(member->value(), out);
  }
  out += '}';
}

void append_elements(const boost::json::array& elements, std::string& out) {
  out += '[';
  for (std::size_t i = 0; i < elements.size(); ++i) {
    if (i > 0) out += ',';
    append_value(elements[i], out);
  }
  out += ']';
}

void append_value(const boost::json::value& attribute, std::string& out) {
  const Item* typed = attribute.if_object();
  if (typed == nullptr || typed->size() != 1) throw_broken("an attribute without a type");
  const std::string_view type = typed->begin()->key();
  const boost::json::value& value = typed->begin()->value();
  if ((type == "S" || type == "B") && value.is_string()) return json::write_string(value.get_string(), out);
  if (type == "N" && value.is_string()) return static_cast<void>(out += std::string_view(value.get_string()));
  if (type == "BOOL" && value.is_bool()) return static_cast<void>(out += value.get_bool() ? "true" : "false");
  if (type == "NULL") return static_cast<void>(out += "null");
  if (type == "L" && value.is_array()) return append_elements(value.get_array(), out);
  if (type == "M" && value.is_object()) return append_members(value.get_object(), false, out);
  throw_broken("an attribute of the type " + std::string(type));
}

}  // namespace

bool is_own_attribute(std::string_view name) {
  return name.starts_with('_') || name == layout::kPartition || name == layout::kSort || name == layout::kTimeToLive;
}

std::optional<Item> to_attributes(std::string_view document) {
  boost::json::parse_options options;
  options.max_depth = limits::kJsonDepthMax;
  boost::json::basic_parser<Builder> parser(options);
  error_code error;
  const std::size_t consumed = parser.write_some(false, document.data(), document.size(), error);
  Builder& builder = parser.handler();
  if (error || consumed != document.size() || !builder.is_faithful_to(document)) return std::nullopt;
  return builder.take();
}

std::string to_document(const Item& item) {
  std::string document;
  append_members(item, true, document);
  return document;
}

}  // namespace orderly::aws
