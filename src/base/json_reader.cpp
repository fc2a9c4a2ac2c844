// The strict reader: a SAX handler on Boost.JSON's basic_parser that walks the description of the expected type. It
// never stops at a value of the wrong type: it notes the problem and skips the value, so that one answer names them
// all.
#include <boost/json/basic_parser_impl.hpp>

#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"

namespace orderly::json::detail {

namespace {

using boost::json::error_code;
using boost::json::string_view;

std::string_view to_std(string_view text) { return {text.data(), text.size()}; }

class Reader {
 public:
  // Constants that basic_parser asks of its handler: our own checks are stricter.
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  void start(const Type& type, void* value, Trust trust) {
    root_ = {&type, value, nullptr};
    trust_ = trust;
  }

  std::vector<Problem>& problems() { return problems_; }
  std::string pointer() const;
  void report(std::string message) { report_at(pointer(), std::move(message)); }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return begin(Kind::kObject, "an object"); }
  bool on_object_end(std::size_t, error_code&);
  bool on_array_begin(error_code&) { return begin(Kind::kArray, "an array"); }
  bool on_array_end(std::size_t, error_code&);
  bool on_key_part(string_view part, std::size_t, error_code&) { return text_.append(to_std(part)), true; }
  bool on_key(string_view part, std::size_t, error_code&);
  bool on_string_part(string_view part, std::size_t, error_code&) { return text_.append(to_std(part)), true; }
  bool on_string(string_view part, std::size_t, error_code&);
  bool on_number_part(string_view part, error_code&) { return text_.append(to_std(part)), true; }
  bool on_int64(std::int64_t value, string_view part, error_code&) { return on_number(part, value); }
  bool on_uint64(std::uint64_t, string_view part, error_code&) { return on_number(part, std::nullopt); }
  bool on_double(double, string_view part, error_code&) { return on_number(part, std::nullopt); }
  bool on_bool(bool value, error_code&);
  bool on_null(error_code&);
  bool on_comment_part(string_view, error_code&) { return true; }
  bool on_comment(string_view, error_code&) { return true; }

 private:
  // Where the next value goes. `type` is null for a value that is to be skipped.
  struct Slot {
    const Type* type = nullptr;
    void* value = nullptr;
    const Rule* rule = nullptr;
  };
  struct Frame {
    Slot slot;               // the object or array being filled; its type is null when it is skipped
    std::uint64_t seen = 0;  // fields of the object
    std::size_t next = 0;    // the field expected next (documents of ours come in order), or the item's index
    bool has_key = false;    // a key has been read
    std::string key;         // the current one, where it is not the field's own name
    const Field* field = nullptr;
  };

  void report_at(std::string pointer, std::string message);
  Slot take_slot();
  Slot take_open_slot();
  bool begin(Kind kind, std::string_view expected);
  bool on_number(string_view part, std::optional<std::int64_t> value);
  const Field* find_field(Frame& frame, std::string_view key);
  void note_field(Frame& frame, const Field& field);
  void check_text(const Slot& slot, std::string_view text);
  bool mismatch(const Slot& slot, std::string_view found_instead);

  Slot root_;
  Trust trust_ = Trust::kRequest;
  std::vector<Frame> frames_;
  std::string text_;
  std::vector<Problem> problems_;
};

void append_token(std::string& pointer, std::string_view key) {
  pointer += '/';
  for (const char c : key) {  // RFC 6901 section 3
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
}

std::string Reader::pointer() const {
  std::string pointer;
  for (const Frame& frame : frames_) {
    const bool is_array = frame.slot.type != nullptr && frame.slot.type->kind == Kind::kArray;
    if (is_array) {
      pointer += '/' + std::to_string(frame.next == 0 ? 0 : frame.next - 1);
    } else if (frame.slot.type != nullptr && frame.has_key) {
      const bool is_own_name = frame.field != nullptr && frame.key.empty();
      append_token(pointer, is_own_name ? frame.field->rule.name : std::string_view(frame.key));
    }
  }
  return pointer;
}

void Reader::report_at(std::string pointer, std::string message) {
  if (problems_.size() == limits::kProblemsMax) {
    problems_.push_back({"", "There is more; these are the first " + std::to_string(limits::kProblemsMax) + "."});
  }
  if (problems_.size() < limits::kProblemsMax) problems_.push_back({std::move(pointer), std::move(message)});
}

// The slot of the value that begins now.
Reader::Slot Reader::take_slot() {
  if (frames_.empty()) return root_;
  Frame& frame = frames_.back();
  if (frame.slot.type == nullptr) return {};
  if (frame.slot.type->kind == Kind::kArray) {
    ++frame.next;
    // Beyond its limit an array is not stored any more; its end reports it.
    const bool full =
        frame.slot.rule != nullptr && trust_ == Trust::kRequest && frame.next > frame.slot.rule->length_max;
    if (full) return {};
    return {frame.slot.type->element, frame.slot.type->append(frame.slot.value), nullptr};
  }
  if (frame.field == nullptr) return {};
  return {frame.field->type, frame.field->at(frame.slot.value), &frame.field->rule};
}

// The same for a value that is not null: nullables are opened.
Reader::Slot Reader::take_open_slot() {
  const Slot slot = take_slot();
  if (slot.type == nullptr || slot.type->kind != Kind::kNullable) return slot;
  return {slot.type->element, slot.type->engage(slot.value), slot.rule};
}

std::string_view expectation(const Type& type) {
  switch (type.kind) {
    case Kind::kBoolean: return "true or false";
    case Kind::kInteger: return "an integer";
    case Kind::kString: return "a string";
    case Kind::kDecimal: return "a number";
    case Kind::kText: return type.expectation;
    case Kind::kObject: return "an object";
    case Kind::kArray: return "an array";
    case Kind::kNullable: return expectation(*type.element);
  }
  return "another value";
}

bool Reader::mismatch(const Slot& slot, std::string_view found_instead) {
  if (slot.type != nullptr) {
    report("must be " + std::string(expectation(*slot.type)) + ", not " + std::string(found_instead));
  }
  text_.clear();
  return true;
}

bool Reader::begin(Kind kind, std::string_view expected) {
  Slot slot = take_open_slot();
  if (slot.type != nullptr && slot.type->kind != kind) {
    mismatch(slot, expected);
    slot = {};
  }
  Frame frame;
  frame.slot = slot;
  frames_.push_back(std::move(frame));
  return true;
}

bool Reader::on_object_end(std::size_t, error_code&) {
  const Frame frame = std::move(frames_.back());
  frames_.pop_back();
  if (frame.slot.type == nullptr) return true;
  const std::vector<Field>& fields = frame.slot.type->fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (!fields[i].required || (frame.seen >> i & 1) != 0) continue;
    std::string where = pointer();
    append_token(where, fields[i].rule.name);
    report_at(std::move(where), "is required");
  }
  return true;
}

bool Reader::on_array_end(std::size_t, error_code&) {
  const Frame frame = std::move(frames_.back());
  frames_.pop_back();
  if (frame.slot.type == nullptr || frame.slot.rule == nullptr || trust_ != Trust::kRequest) return true;
  const Rule& rule = *frame.slot.rule;
  if (frame.next < rule.length_min) report("must have at least " + std::to_string(rule.length_min) + " item(s)");
  if (frame.next > rule.length_max) report("must have at most " + std::to_string(rule.length_max) + " items");
  return true;
}

const Field* Reader::find_field(Frame& frame, std::string_view key) {
  const std::vector<Field>& fields = frame.slot.type->fields;
  for (std::size_t n = 0; n < fields.size(); ++n) {
    const std::size_t i = (frame.next + n) % fields.size();
    const Rule& rule = fields[i].rule;
    if (rule.name == key || std::find(rule.aliases.begin(), rule.aliases.end(), key) != rule.aliases.end()) {
      frame.next = i + 1;
      return &fields[i];
    }
  }
  return nullptr;
}

bool Reader::on_key(string_view part, std::size_t, error_code&) {
  Frame& frame = frames_.back();
  std::string_view key = to_std(part);
  if (!text_.empty()) key = text_.append(key);
  frame.has_key = true;
  frame.field = nullptr;
  frame.key.clear();
  if (frame.slot.type != nullptr) {
    const Field* field = find_field(frame, key);
    frame.field = field;
    if (field == nullptr || field->rule.name != key) frame.key = key;
    if (field == nullptr) {
      if (trust_ != Trust::kStoredPart) report("is not a known field");
    } else {
      note_field(frame, *field);
    }
  }
  text_.clear();
  return true;
}

void Reader::note_field(Frame& frame, const Field& field) {
  const auto index = static_cast<std::size_t>(&field - frame.slot.type->fields.data());
  const std::uint64_t bit = std::uint64_t{1} << index;
  if ((frame.seen & bit) != 0) {
    report("is given twice");
    frame.key = frame.key.empty() ? std::string(field.rule.name) : frame.key;
    frame.field = nullptr;  // skip the second value
  }
  frame.seen |= bit;
}

void Reader::check_text(const Slot& slot, std::string_view text) {
  if (trust_ != Trust::kRequest) return;
  if (has_control_characters(text)) report("must not hold control characters");
  if (slot.rule == nullptr) return;
  const Rule& rule = *slot.rule;
  const std::size_t length = utf8_length(text);
  if (length < rule.length_min) {
    report(rule.length_min == 1 ? "must not be empty"
                                : "must have at least " + std::to_string(rule.length_min) + " characters");
  }
  if (length > rule.length_max) report("must have at most " + std::to_string(rule.length_max) + " characters");
  if (rule.is_free_text && holds_card_number(text)) report("must not hold a card number");
  const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (rule.is_capitals && !std::ranges::all_of(text, is_capital)) report("must be capital letters, A to Z");
}

bool Reader::on_string(string_view part, std::size_t, error_code&) {
  const Slot slot = take_open_slot();
  std::string_view text = to_std(part);
  if (!text_.empty()) text = text_.append(text);
  if (slot.type != nullptr) {
    if (slot.type->kind == Kind::kString) {
      check_text(slot, text);
      static_cast<std::string*>(slot.value)->assign(text);
    } else if (slot.type->kind == Kind::kText) {
      if (!slot.type->assign_text(slot.value, text)) report("must be " + std::string(slot.type->expectation));
    } else {
      return mismatch(slot, "a string");
    }
  }
  text_.clear();
  return true;
}

bool Reader::on_number(string_view part, std::optional<std::int64_t> value) {
  const Slot slot = take_open_slot();
  std::string_view text = to_std(part);
  if (!text_.empty()) text = text_.append(text);
  if (slot.type != nullptr) {
    if (slot.type->kind == Kind::kInteger) {
      const bool is_whole = text.find_first_of(".eE") == std::string_view::npos;
      const Rule unlimited;
      const Rule& rule = slot.rule != nullptr && trust_ == Trust::kRequest ? *slot.rule : unlimited;
      if (!is_whole) {
        report("must be an integer");
      } else if (!value || *value < rule.minimum || *value > rule.maximum) {
        report("must be between " + std::to_string(rule.minimum) + " and " + std::to_string(rule.maximum));
      } else {
        *static_cast<std::int64_t*>(slot.value) = *value;
      }
    } else if (slot.type->kind == Kind::kDecimal) {
      static_cast<Decimal*>(slot.value)->text.assign(text);
    } else {
      return mismatch(slot, "a number");
    }
  }
  text_.clear();
  return true;
}

bool Reader::on_bool(bool value, error_code&) {
  const Slot slot = take_open_slot();
  if (slot.type == nullptr) return true;
  if (slot.type->kind != Kind::kBoolean) return mismatch(slot, "a boolean");
  *static_cast<bool*>(slot.value) = value;
  return true;
}

bool Reader::on_null(error_code&) {
  const Slot slot = take_slot();
  if (slot.type != nullptr && slot.type->kind == Kind::kNullable) return true;  // it is empty already
  return mismatch(slot, "null");
}

std::string syntax_problem(const error_code& error, std::size_t offset) {
  return "is not valid JSON: " + error.message() + " at byte " + std::to_string(offset);
}

}  // namespace

std::vector<Problem> read(std::string_view text, const Type& type, void* value, Trust trust) {
  boost::json::parse_options options;
  options.max_depth = limits::kJsonDepthMax;
  boost::json::basic_parser<Reader> parser(options);
  Reader& reader = parser.handler();
  reader.start(type, value, trust);
  error_code error;
  const std::size_t consumed = parser.write_some(false, text.data(), text.size(), error);
  if (!error && consumed < text.size()) error = boost::json::error::extra_data;
  std::vector<Problem> problems = std::move(reader.problems());
  if (error) problems.push_back({"", syntax_problem(error, consumed)});
  return problems;
}

}  // namespace orderly::json::detail
