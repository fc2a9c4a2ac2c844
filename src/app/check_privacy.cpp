// A SAX handler on Boost.JSON's basic_parser: it looks at names and texts wherever they are, so that it also sees what
// a typed reader would refuse.
#include "app/check_privacy.h"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>

#include "app/client_records.h"
#include "app/views.h"
#include "base/limits.h"
#include "base/text.h"

namespace orderly::app::checks {

namespace {

using boost::json::error_code;
using boost::json::string_view;

std::string_view to_std(string_view text) { return {text.data(), text.size()}; }

bool is_personal_field(std::string_view name) {
  const auto has = [&](const json::Type& type) {
    return std::any_of(type.fields.begin(), type.fields.end(),
                       [&](const json::Field& field) { return field.rule.name == name; });
  };
  return has(json::type_of<Address>()) || has(json::type_of<ClientProfile>());
}

// What people write themselves, in orders and events.
bool is_free_text(std::string_view name) {
  static constexpr std::string_view kNames[] = {"reason", "cancel_reason", "method", "name"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

class Looker {
 public:
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  void start(Findings& findings, const std::string& where) {
    findings_ = &findings;
    where_ = &where;
  }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return names_.emplace_back(), true; }
  bool on_object_end(std::size_t, error_code&) { return names_.pop_back(), true; }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(std::size_t, error_code&) { return true; }
  bool on_key_part(string_view part, std::size_t, error_code&) { return text_.append(to_std(part)), true; }
  bool on_key(string_view part, std::size_t, error_code&) {
    names_.back() = text_.append(to_std(part));
    text_.clear();
    // A line of an order has a name, too: its product's.
    const bool is_product_name = names_.back() == "name" && names_.size() > 1 && names_[names_.size() - 2] == "items";
    if (is_personal_field(names_.back()) && !is_product_name) add("personal-data", "is a field of personal data");
    return true;
  }
  bool on_string_part(string_view part, std::size_t, error_code&) { return text_.append(to_std(part)), true; }
  bool on_string(string_view part, std::size_t, error_code&) {
    text_.append(to_std(part));
    if (!names_.empty() && is_free_text(names_.back()) && holds_card_number(text_)) {
      add("card-number", "seems to hold a card number");
    }
    text_.clear();
    return true;
  }
  bool on_number_part(string_view, error_code&) { return true; }
  bool on_int64(std::int64_t, string_view, error_code&) { return true; }
  bool on_uint64(std::uint64_t, string_view, error_code&) { return true; }
  bool on_double(double, string_view, error_code&) { return true; }
  bool on_bool(bool, error_code&) { return true; }
  bool on_null(error_code&) { return true; }
  bool on_comment_part(string_view, error_code&) { return true; }
  bool on_comment(string_view, error_code&) { return true; }

 private:
  void add(std::string_view slug, std::string_view what) {
    std::string path;
    for (const std::string& name : names_) path += "/" + name;
    findings_->add(11, slug, *where_, shown(path) + " " + std::string(what));
  }

  Findings* findings_ = nullptr;
  const std::string* where_ = nullptr;
  std::vector<std::string> names_;  // the current key of each object that is open
  std::string text_;
};

}  // namespace

void find_private(Findings& findings, const std::string& where, std::string_view document, Privacy privacy) {
  if (findings.muted()) return;
  if (holds_secret(document)) findings.add(11, "secret", where, "holds a key of ours or of a payment provider");
  Findings ignored;
  ignored.mute();
  boost::json::parse_options options;
  options.max_depth = limits::kJsonDepthMax;
  boost::json::basic_parser<Looker> parser(options);
  parser.handler().start(privacy == Privacy::kSealed ? findings : ignored, where);
  error_code error;
  const std::size_t consumed = parser.write_some(false, document.data(), document.size(), error);
  if (!error && consumed < document.size()) error = boost::json::error::extra_data;
  if (error) findings.add(10, "not-json", where, error.message() + " at byte " + std::to_string(consumed));
}

}  // namespace orderly::app::checks
