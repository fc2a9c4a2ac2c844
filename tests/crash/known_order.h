// What one client knows of an order: what it asked for, and what it was answered. Kept apart from the program's own
// types on purpose: only the JSON that went over the wire counts here.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace orderly::crash {

// Quantities by product.
using Lines = std::map<std::string, std::int64_t>;

// A payment attempt or a refund as an answer showed it last.
struct KnownTransaction {
  std::string type;
  std::string status;
  std::string method;
  std::int64_t amount = 0;

  // Whether the status is a last one: confirmed, declined, done, failed.
  bool is_settled() const;
};

struct KnownOrder {
  std::string id;
  std::string client_id;  // a label that no other order has: it names the request that placed it
  Lines lines;
  std::int64_t total = 0;
  std::int64_t version = 0;  // the highest that was shown
  std::string status;        // with it
  std::map<std::string, KnownTransaction> transactions;

  // Commands that were acknowledged with 200 or 202.
  int payments_started = 0;  // that of the placing included
  int refunds_requested = 0;
  bool cancelled = false;  // or remembered as to be cancelled
  bool shipped = false;
  bool delivered = false;

  // Takes in a later answer's order; returns what in it contradicts what is known.
  std::vector<std::string> note(const boost::json::object& order);
};

// The quantities of an order's or an answer's "items".
Lines lines_of(const boost::json::object& order);
// Members that may be left out when they are empty or 0.
std::string text_of(const boost::json::object& object, std::string_view name);
std::int64_t number_of(const boost::json::object& object, std::string_view name);

}  // namespace orderly::crash
