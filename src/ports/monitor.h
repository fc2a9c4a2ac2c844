// What use cases tell those who watch: counts for the metrics and alarms for a person. Thread-safe, never throws.
#pragma once

#include <string_view>

namespace orderly::ports {

class Monitor {
 public:
  virtual ~Monitor() = default;

  // An attempt's outcome: "confirmed", "declined", "unknown".
  virtual void payment_outcome(std::string_view outcome) = 0;
  // Something that a person must look at: a stable slug and what it concerns (ids only, no personal data).
  virtual void alarm(std::string_view slug, std::string_view concerns, std::string_view detail) = 0;
};

}  // namespace orderly::ports
