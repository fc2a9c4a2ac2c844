// A moment in UTC, to the millisecond, and its RFC 3339 text. Where time comes from is ports/clock.h.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace orderly {

using Duration = std::chrono::milliseconds;

struct Time {
  std::int64_t ms = 0;  // since 1970-01-01T00:00:00Z, leap seconds ignored (POSIX)

  friend auto operator<=>(const Time&, const Time&) = default;
  friend Time operator+(Time t, Duration d) { return {t.ms + d.count()}; }
  friend Time operator-(Time t, Duration d) { return {t.ms - d.count()}; }
  friend Duration operator-(Time a, Time b) { return Duration{a.ms - b.ms}; }
};

// "2026-11-20T09:30:00.000Z": always 24 characters, so that text sorts as time does. For years 0000 to 9999.
std::string format_time(Time time);
// "2026-11-20"
std::string format_day(Time time);
// "2026"
std::string format_year(Time time);

// RFC 3339 date-time with Z or a numeric offset, with or without fraction (cut to milliseconds), or a full-date, which
// is its first moment in UTC. Nothing for anything else, impossible dates included.
std::optional<Time> parse_time(std::string_view text);

// Midnight UTC of the day that holds `time`.
Time start_of_day(Time time);

}  // namespace orderly
