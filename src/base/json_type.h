// What a JSON value looks like, as data: made once for each C++ type from its Boost.Describe description, and used by
// the reader, the writer and the schemas of api/schema.h, so that the three cannot disagree.
//
//   struct CartLine {
//     std::string product_id;
//     std::int64_t quantity = 0;
//   };
//   BOOST_DESCRIBE_STRUCT(CartLine, (), (product_id, quantity))
//   inline std::vector<json::Rule> json_rules(const CartLine*) {
//     return {json::field("product_id").alias("id").text(1, 64), json::field("quantity").alias("qty").range(1, 1000)};
//   }
//
// Members may be bool, std::int64_t, std::string, json::Decimal, a described struct, an enum with `enum_names(E)`, a
// type with `JsonText` (ids, times, currencies), and std::vector or std::optional of these. A member that is not
// optional is required unless its rule says otherwise. The rules are found by argument-dependent lookup.
#pragma once

#include <array>
#include <boost/describe.hpp>
#include <boost/mp11/algorithm.hpp>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/error.h"
#include "base/id.h"
#include "base/money.h"
#include "base/time.h"

namespace orderly::json {

// A JSON number exactly as it was written ("199.99"), for amounts in major units.
struct Decimal {
  std::string text;

  friend bool operator==(const Decimal&, const Decimal&) = default;
};

enum class Kind { kBoolean, kInteger, kString, kDecimal, kText, kObject, kArray, kNullable };

// What a field must satisfy beyond its type. Made with field(), in one expression; read by whoever checks or documents.
// Its functions are in json_type.cpp, since hundreds of rules are made in every file that needs a type's description.
struct Rule {
  std::string_view name;
  std::vector<std::string_view> aliases;  // other spellings accepted when reading
  std::optional<bool> required;
  std::int64_t minimum = std::numeric_limits<std::int64_t>::min();
  std::int64_t maximum = std::numeric_limits<std::int64_t>::max();
  std::size_t length_min = 0;  // characters (code points) of a string, items of an array
  std::size_t length_max = std::numeric_limits<std::size_t>::max();
  bool is_free_text = false;  // a person wrote it: no card numbers
  bool is_capitals = false;   // A to Z alone, as codes are written
  bool omit_empty = false;    // written only when it is not null, "", 0, false or []
  std::string_view description;

  Rule();
  explicit Rule(std::string_view name);
  Rule(const Rule&);
  Rule(Rule&&) noexcept;
  Rule& operator=(const Rule&);
  Rule& operator=(Rule&&) noexcept;
  ~Rule();

  Rule&& alias(std::string_view other) &&;
  Rule&& range(std::int64_t low, std::int64_t high) &&;
  Rule&& text(std::size_t low, std::size_t high) &&;
  Rule&& items(std::size_t low, std::size_t high) &&;
  Rule&& free_text() &&;
  Rule&& capitals() &&;
  Rule&& optional() &&;
  Rule&& brief() &&;  // for stored documents
  Rule&& says(std::string_view text) &&;
};
inline Rule field(std::string_view name) { return Rule(name); }

struct Type;

struct Field {
  Rule rule;
  const Type* type = nullptr;
  void* (*at)(void* object) = nullptr;
  bool required = true;
};

// Only the functions that belong to `kind` are set.
struct Type {
  Type();
  Type(const Type&) = delete;
  Type(Type&&) noexcept;
  Type& operator=(const Type&) = delete;
  Type& operator=(Type&&) = delete;
  ~Type();

  Kind kind = Kind::kObject;
  std::string_view name;          // the C++ type's, of objects and enums: "orderly::app::List<orderly::app::OrderView>"
  std::vector<Field> fields;      // kObject, in the order described
  const Type* element = nullptr;  // kArray, kNullable
  // kText: parse and print; allowed values for enums.
  bool (*assign_text)(void* value, std::string_view text) = nullptr;
  void (*append_text)(const void* value, std::string& out) = nullptr;
  std::string_view expectation;  // "an RFC 3339 time", "one of pending, processing, …"
  std::vector<std::string_view> values;
  std::vector<std::string_view> formats;  // JSON Schema's, of what is read; the first is what is written
  std::string pattern;                    // ECMA-262
  // kArray
  void* (*append)(void* array) = nullptr;
  std::size_t (*size)(const void* array) = nullptr;
  const void* (*item)(const void* array, std::size_t index) = nullptr;
  // kNullable
  void* (*engage)(void* optional) = nullptr;
  const void* (*value)(const void* optional) = nullptr;  // nullptr: empty
};

template <class T>
const Type& type_of();

// --- Text-like types
// ----------------------------------------------------------------------------------------------------

// Specialize for a type that is a JSON string: parse(text) → optional<T>, append(value, out), kExpectation; and for
// schemas, where there is such a thing, kFormats, pattern() and values().
template <class T>
struct JsonText {};

template <>
struct JsonText<Time> {
  static constexpr std::string_view kExpectation = "an RFC 3339 date and time";
  static constexpr std::array<std::string_view, 2> kFormats{"date-time", "date"};
  static std::optional<Time> parse(std::string_view text) { return parse_time(text); }
  static void append(Time time, std::string& out) { out += format_time(time); }
};

template <>
struct JsonText<Currency> {
  static constexpr std::string_view kExpectation = "an ISO 4217 currency code";
  static std::string pattern() { return "^[A-Z]{3}$"; }
  static std::optional<Currency> parse(std::string_view text) { return Currency::parse(text); }
  static void append(const Currency& currency, std::string& out) { out += currency.code(); }
};

template <class Tag>
struct JsonText<Id<Tag>> {
  static constexpr std::string_view kExpectation = "an id";
  // 26 characters of Crockford's base32 that fit 128 bits: base/id.h.
  static std::string pattern() { return "^" + std::string(Tag::kPrefix) + "[0-7][0-9A-HJKMNP-TV-Z]{25}$"; }
  static std::optional<Id<Tag>> parse(std::string_view text) { return Id<Tag>::parse(text); }
  static void append(const Id<Tag>& id, std::string& out) { out += id.text; }
};

// An enum's names: `inline auto& enum_names(OrderStatus)` returns a static array of pairs (value, name).
template <class E>
concept NamedEnum = std::is_enum_v<E> && requires(E e) { enum_names(e).size(); };

template <NamedEnum E>
std::string_view name_of(E value) {
  for (const auto& [each, name] : enum_names(E{})) {
    if (each == value) return name;
  }
  throw Error(ErrorCode::kInternal, "internal", "Something went wrong.", "an enum without a name");
}
template <NamedEnum E>
std::optional<E> parse_enum(std::string_view text) {
  for (const auto& [each, name] : enum_names(E{})) {
    if (name == text) return each;
  }
  return std::nullopt;
}

// --- Making the descriptions
// ---------------------------------------------------------------------------------------------

namespace detail {

template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};
template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

template <class T>
concept TextLike = requires(const T& t, std::string& out) { JsonText<T>::append(t, out); };

// "orderly::app::OrderView", as clang spells it in "… [T = orderly::app::OrderView]".
template <class T>
constexpr std::string_view type_name() {
  constexpr std::string_view kText = __PRETTY_FUNCTION__;
  constexpr std::size_t kBegin = kText.find("T = ") + 4;
  return kText.substr(kBegin, kText.size() - kBegin - 1);
}

template <class T>
std::vector<Rule> rules_of() {
  if constexpr (requires { json_rules(static_cast<const T*>(nullptr)); }) {
    return json_rules(static_cast<const T*>(nullptr));
  } else {
    return {};
  }
}

// Applies `rules` to the fields by name; a rule for a field that is not there is a bug that the first use shows.
void apply_rules(std::vector<Field>& fields, std::vector<Rule> rules);

// What follows is made for each type and in each file that reads or writes it, so all that needs no template is a
// function of json_type.cpp: these took a third of the time to compile.
void add_field(Type& type, std::string_view name, const Type& field_type, void* (*at)(void*), bool required);
Type make_scalar(Kind kind);
Type make_array_of(const Type& element, void* (*append)(void*), std::size_t (*size)(const void*),
                   const void* (*item)(const void*, std::size_t));
Type make_nullable_of(const Type& element, void* (*engage)(void*), const void* (*value)(const void*));

template <class T>
Type make_object() {
  Type type = make_scalar(Kind::kObject);
  type.name = type_name<T>();
  boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_any_access>>([&](auto d) {
    using D = decltype(d);
    using Member = std::remove_cvref_t<decltype(std::declval<T&>().*D::pointer)>;
    const auto at = [](void* object) -> void* { return &(static_cast<T*>(object)->*D::pointer); };
    add_field(type, D::name, type_of<Member>(), at, !IsOptional<Member>::value);
  });
  apply_rules(type.fields, rules_of<T>());
  return type;
}

template <class V>
Type make_array() {
  return make_array_of(
      type_of<typename V::value_type>(), [](void* array) -> void* { return &static_cast<V*>(array)->emplace_back(); },
      [](const void* array) { return static_cast<const V*>(array)->size(); },
      [](const void* array, std::size_t i) -> const void* { return &(*static_cast<const V*>(array))[i]; });
}

template <class O>
Type make_nullable() {
  return make_nullable_of(
      type_of<typename O::value_type>(), [](void* optional) -> void* { return &static_cast<O*>(optional)->emplace(); },
      [](const void* optional) -> const void* {
        const O& value = *static_cast<const O*>(optional);
        return value ? &*value : nullptr;
      });
}

// "one of a, b, c", kept for the life of the program.
std::string_view list_of_values(const std::vector<std::string_view>& values);

template <class T>
Type make_text() {
  Type type = make_scalar(Kind::kText);
  type.expectation = JsonText<T>::kExpectation;
  if constexpr (requires { JsonText<T>::kFormats; }) {
    type.formats.assign(JsonText<T>::kFormats.begin(), JsonText<T>::kFormats.end());
  }
  if constexpr (requires { JsonText<T>::pattern(); }) type.pattern = JsonText<T>::pattern();
  if constexpr (requires { JsonText<T>::values(); }) type.values = JsonText<T>::values();
  type.assign_text = [](void* value, std::string_view text) {
    std::optional<T> parsed = JsonText<T>::parse(text);
    if (!parsed) return false;
    *static_cast<T*>(value) = *std::move(parsed);
    return true;
  };
  type.append_text = [](const void* value, std::string& out) {
    JsonText<T>::append(*static_cast<const T*>(value), out);
  };
  return type;
}

template <class E>
Type make_enum() {
  Type type = make_scalar(Kind::kText);
  type.name = type_name<E>();
  for (const auto& [value, name] : enum_names(E{})) type.values.push_back(name);
  type.expectation = list_of_values(type.values);
  type.assign_text = [](void* value, std::string_view text) {
    const std::optional<E> parsed = parse_enum<E>(text);
    if (parsed) *static_cast<E*>(value) = *parsed;
    return parsed.has_value();
  };
  type.append_text = [](const void* value, std::string& out) { out += name_of(*static_cast<const E*>(value)); };
  return type;
}

template <class T>
Type make_type() {
  if constexpr (std::is_same_v<T, bool>) {
    return make_scalar(Kind::kBoolean);
  } else if constexpr (std::is_same_v<T, std::int64_t>) {
    return make_scalar(Kind::kInteger);
  } else if constexpr (std::is_same_v<T, std::string>) {
    return make_scalar(Kind::kString);
  } else if constexpr (std::is_same_v<T, Decimal>) {
    return make_scalar(Kind::kDecimal);
  } else if constexpr (TextLike<T>) {
    return make_text<T>();
  } else if constexpr (NamedEnum<T>) {
    return make_enum<T>();
  } else if constexpr (IsVector<T>::value) {
    return make_array<T>();
  } else if constexpr (IsOptional<T>::value) {
    return make_nullable<T>();
  } else {
    static_assert(boost::describe::has_describe_members<T>::value, "describe the struct with BOOST_DESCRIBE_STRUCT");
    return make_object<T>();
  }
}

}  // namespace detail

template <class T>
const Type& type_of() {
  static const Type type = detail::make_type<T>();
  return type;
}

}  // namespace orderly::json
