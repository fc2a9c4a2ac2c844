#include "app/check_context.h"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <tuple>

#include "base/text.h"

namespace orderly::app::checks {

namespace {

constexpr std::size_t kShownBytesMax = 160;

auto as_tuple(const ports::IndexEntry& entry) { return std::tie(entry.index, entry.partition, entry.sort); }

bool is_before(const ports::IndexEntry& a, const ports::IndexEntry& b) { return as_tuple(a) < as_tuple(b); }

std::string text_of(const std::vector<ports::IndexEntry>& entries) {
  std::string text;
  for (const ports::IndexEntry& entry : entries) {
    if (!text.empty()) text += ", ";
    text += std::to_string(static_cast<int>(entry.index)) + " " + entry.partition + " " + entry.sort;
  }
  return text.empty() ? "none" : text;
}

}  // namespace

void Findings::add(std::int64_t invariant, std::string_view slug, std::string where, std::string_view what) {
  if (muted_) return;
  ++total_;
  std::vector<Finding>& kept = by_slug_[std::string(slug)];
  if (kept.size() == per_slug_max_) return;
  std::string place = is_valid_utf8(where) ? std::move(where) : to_hex(where);
  kept.push_back(
      {invariant, std::string(slug), std::move(place), is_valid_utf8(what) ? std::string(what) : shown(what)});
}

std::vector<Finding> Findings::sorted() const {
  std::vector<Finding> all;
  for (const auto& [slug, findings] : by_slug_) all.insert(all.end(), findings.begin(), findings.end());
  const auto order = [](const Finding& f) { return std::tie(f.invariant, f.slug, f.where, f.what); };
  std::sort(all.begin(), all.end(), [&](const Finding& a, const Finding& b) { return order(a) < order(b); });
  return all;
}

std::string text_of(const ports::Key& key) { return key.partition + "/" + key.sort; }

std::string reason_of(const Error& error) { return shown(error.detail().empty() ? error.message() : error.detail()); }

std::string shown(std::string_view text) {
  if (!is_valid_utf8(text)) return "(bytes that are no UTF-8)";
  if (holds_secret(text) || holds_card_number(text)) return "(withheld)";
  if (text.size() <= kShownBytesMax) return std::string(text);
  std::string_view start = text.substr(0, kShownBytesMax);
  while (!is_valid_utf8(start)) start.remove_suffix(1);
  return std::string(start) + "…";
}

std::string expected_found(std::string_view expected, std::string_view found) {
  return "expected " + std::string(expected) + ", found " + std::string(found);
}

std::string expected_found(std::int64_t expected, std::int64_t found) {
  return expected_found(std::to_string(expected), std::to_string(found));
}

bool is_as_written(const ports::Inspection& picture, std::string_view document, std::string_view written) {
  if (document == written) return true;
  if (picture.promises().documents_keep_their_bytes) return false;
  boost::system::error_code error;
  const boost::json::value found = boost::json::parse(document, error);
  return !error && found == boost::json::parse(written);
}

void expect_indexes(Context& context, const ports::Inspection::StoredRecord& stored,
                    std::vector<ports::IndexEntry> expected) {
  std::vector<ports::IndexEntry> found = stored.indexes;
  std::sort(expected.begin(), expected.end(), is_before);
  std::sort(found.begin(), found.end(), is_before);
  if (expected == found) return;
  context.findings.add(10, "index-entries", text_of(stored.record.key),
                       "index entries: " + expected_found(text_of(expected), text_of(found)));
}

}  // namespace orderly::app::checks
