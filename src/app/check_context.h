// What the parts of the check share: where findings go, the picture, and how to read and compare what is in it.
#pragma once

#include <boost/describe.hpp>
#include <boost/mp11/algorithm.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/check.h"
#include "app/check_matching.h"
#include "base/json.h"

namespace orderly::app::checks {

class Work;

// Keeps the first findings of each slug and counts the others.
class Findings {
 public:
  explicit Findings(std::size_t per_slug_max = 100) : per_slug_max_(per_slug_max) {}

  void add(std::int64_t invariant, std::string_view slug, std::string where, std::string_view what);
  // From here on nothing is kept or counted: for a walk that only looks again.
  void mute() { muted_ = true; }
  bool muted() const { return muted_; }

  // By invariant, slug and place.
  std::vector<Finding> sorted() const;
  std::int64_t total() const { return total_; }

 private:
  std::size_t per_slug_max_;
  bool muted_ = false;
  std::int64_t total_ = 0;
  std::map<std::string, std::vector<Finding>, std::less<>> by_slug_;
};

// Walks that must meet the same things.
struct Matchings {
  Matching index_entries;  // those that records have; those in the indexes
  Matching feed;           // event records; the feed
  Matching invoices;       // invoices and credit notes; what orders say of theirs
  Matching lookups;        // products' SKUs and names; lookup records
};

struct Context {
  ports::Inspection& picture;
  const ports::Crypto& crypto;
  Time now;
  const Work& work;
  Findings& findings;
  CheckCounts& counts;
  Matchings& matchings;
};

// "ORDER#ord_…/META"
std::string text_of(const ports::Key& key);
// What an Error says to operators.
std::string reason_of(const Error& error);
// Stored text as a finding may show it: short, valid UTF-8, withheld when it holds a card number or a secret.
std::string shown(std::string_view text);
// "expected <a>, found <b>"
std::string expected_found(std::string_view expected, std::string_view found);
std::string expected_found(std::int64_t expected, std::int64_t found);

// Whether the record's index entries are exactly these; adds the finding where not.
void expect_indexes(Context& context, const ports::Inspection::StoredRecord& stored,
                    std::vector<ports::IndexEntry> expected);

// Runs `call`; an Error that the data provokes in it becomes a finding.
template <class Call>
void guarded(Findings& findings, std::int64_t invariant, std::string_view where, const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kUnavailable) throw;
    findings.add(invariant, "contradiction", std::string(where), reason_of(error));
  }
}

// The document, or a finding and nothing.
template <class T>
std::optional<T> read_document(Findings& findings, std::int64_t invariant, std::string_view where,
                               std::string_view document) {
  try {
    return json::read_stored<T>(document);
  } catch (const Error& error) {
    findings.add(invariant, "unreadable", std::string(where), reason_of(error));
    return std::nullopt;
  }
}

// Whether a document is what we would write: to the byte, where the engine keeps bytes, else as a JSON value.
bool is_as_written(const ports::Inspection& picture, std::string_view document, std::string_view written);

// As read_document; also finds a document that is not what we would write.
template <class T>
std::optional<T> read_canonical(Context& context, std::int64_t invariant, std::string_view where,
                                std::string_view document) {
  std::optional<T> value = read_document<T>(context.findings, invariant, where, document);
  if (value && !is_as_written(context.picture, document, json::write(*value))) {
    context.findings.add(invariant, "not-canonical", std::string(where),
                         "its bytes are not those that its content is written as");
  }
  return value;
}

// "status: expected …, found …" for each member of a described struct that differs.
template <class T>
std::vector<std::string> differences(const T& expected, const T& found) {
  std::vector<std::string> list;
  boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_any_access>>([&](auto member) {
    using Member = decltype(member);
    const auto& a = expected.*Member::pointer;
    const auto& b = found.*Member::pointer;
    if (a == b) return;
    list.push_back(std::string(Member::name) + ": " + expected_found(shown(json::write(a)), shown(json::write(b))));
  });
  return list;
}

}  // namespace orderly::app::checks
