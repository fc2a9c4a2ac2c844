#include <charconv>

#include "base/json.h"

namespace orderly::json {

namespace {

void append_escaped(char c, std::string& out) {
  static constexpr char kHex[] = "0123456789abcdef";
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default:
      out += "\\u00";
      out += kHex[(static_cast<unsigned char>(c) >> 4) & 0xf];
      out += kHex[static_cast<unsigned char>(c) & 0xf];
  }
}

void append_integer(std::int64_t value, std::string& out) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, static_cast<std::size_t>(end - digits));
}

bool is_empty(const Type& type, const void* value) {
  switch (type.kind) {
    case Kind::kBoolean: return !*static_cast<const bool*>(value);
    case Kind::kInteger: return *static_cast<const std::int64_t*>(value) == 0;
    case Kind::kString: return static_cast<const std::string*>(value)->empty();
    case Kind::kDecimal: return static_cast<const Decimal*>(value)->text.empty();
    case Kind::kArray: return type.size(value) == 0;
    case Kind::kNullable: return type.value(value) == nullptr;
    case Kind::kText:
    case Kind::kObject: return false;
  }
  return false;
}

void write_object(const Type& type, const void* value, std::string& out) {
  out += '{';
  bool first = true;
  for (const Field& field : type.fields) {
    const void* member = field.at(const_cast<void*>(value));  // only to find the address
    if (field.rule.omit_empty && is_empty(*field.type, member)) continue;
    if (!first) out += ',';
    first = false;
    out += '"';
    out += field.rule.name;
    out += "\":";
    detail::write(*field.type, member, out);
  }
  out += '}';
}

void write_array(const Type& type, const void* value, std::string& out) {
  out += '[';
  const std::size_t size = type.size(value);
  for (std::size_t i = 0; i < size; ++i) {
    if (i > 0) out += ',';
    detail::write(*type.element, type.item(value, i), out);
  }
  out += ']';
}

}  // namespace

void write_string(std::string_view text, std::string& out) {
  out += '"';
  std::size_t copied = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, copied, i - copied);
    append_escaped(c, out);
    copied = i + 1;
  }
  out.append(text, copied, text.size() - copied);
  out += '"';
}

namespace detail {

void write(const Type& type, const void* value, std::string& out) {
  switch (type.kind) {
    case Kind::kBoolean: out += *static_cast<const bool*>(value) ? "true" : "false"; return;
    case Kind::kInteger: append_integer(*static_cast<const std::int64_t*>(value), out); return;
    case Kind::kString: write_string(*static_cast<const std::string*>(value), out); return;
    case Kind::kDecimal: out += static_cast<const Decimal*>(value)->text; return;
    case Kind::kText:
      out += '"';
      type.append_text(value, out);  // ids, times and names need no escapes
      out += '"';
      return;
    case Kind::kObject: write_object(type, value, out); return;
    case Kind::kArray: write_array(type, value, out); return;
    case Kind::kNullable:
      if (const void* inner = type.value(value)) {
        write(*type.element, inner, out);
      } else {
        out += "null";
      }
      return;
  }
}

}  // namespace detail

}  // namespace orderly::json
