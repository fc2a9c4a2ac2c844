#include "base/time.h"

#include "base/error.h"

namespace orderly {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::sys_days;
using std::chrono::sys_time;
using std::chrono::year_month_day;

constexpr std::int64_t kMsPerSecond = 1'000;
constexpr std::int64_t kMsPerMinute = 60 * kMsPerSecond;
constexpr std::int64_t kMsPerHour = 60 * kMsPerMinute;
constexpr std::int64_t kMsPerDay = 24 * kMsPerHour;

constexpr std::int64_t to_ms(sys_days day) { return day.time_since_epoch().count() * kMsPerDay; }

constexpr std::int64_t kFirstMs = to_ms(std::chrono::year{0} / 1 / 1);
constexpr std::int64_t kEndMs = to_ms(std::chrono::year{10'000} / 1 / 1);

bool has_four_digit_year(std::int64_t ms) { return ms >= kFirstMs && ms < kEndMs; }

sys_days day_of(Time time) { return floor<days>(sys_time<Duration>{Duration{time.ms}}); }

year_month_day date_of(Time time) {
  if (!has_four_digit_year(time.ms)) {
    throw Error(ErrorCode::kInternal, "time-out-of-range", "A time is not in the years 0000 to 9999.",
                std::to_string(time.ms) + " ms");
  }
  return year_month_day{day_of(time)};
}

// The last `width` decimal digits of `number` at `to`.
void put_digits(char* to, std::int64_t number, int width) {
  for (int i = width; i-- > 0; number /= 10) to[i] = static_cast<char>('0' + number % 10);
}

void put_day(char* to, year_month_day date) {
  put_digits(to, static_cast<int>(date.year()), 4);
  put_digits(to + 5, static_cast<unsigned>(date.month()), 2);
  put_digits(to + 8, static_cast<unsigned>(date.day()), 2);
}

// Reads a text from left to right; once something does not fit it stays failed.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool good() const { return good_; }
  bool at_end() const { return rest_.empty(); }

  // Exactly `width` digits that make a number up to `max`.
  int number(std::size_t width, int max) {
    int value = 0;
    for (std::size_t i = 0; i < width; ++i) value = value * 10 + digit();
    if (value > max) good_ = false;
    return value;
  }
  // Takes `c`, or says that it is not there.
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void require(bool condition) { good_ = good_ && condition; }

  // Digits of a fraction, one or more, as milliseconds; what is finer is cut.
  std::int64_t milliseconds() {
    std::int64_t ms = 0;
    std::int64_t unit = kMsPerSecond;
    do {
      unit /= 10;
      ms += digit() * unit;
    } while (good_ && next_is_digit());
    return ms;
  }

 private:
  bool next_is_digit() const { return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; }

  int digit() {
    if (!next_is_digit()) {
      good_ = false;
      return 0;
    }
    const int value = rest_.front() - '0';
    rest_.remove_prefix(1);
    return value;
  }

  std::string_view rest_;
  bool good_ = true;
};

std::int64_t read_date_ms(Reader& reader) {
  const int year = reader.number(4, 9999);
  reader.require(reader.take('-'));
  const int month = reader.number(2, 12);
  reader.require(reader.take('-'));
  const int day = reader.number(2, 31);
  const year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                            std::chrono::day{static_cast<unsigned>(day)}};
  reader.require(date.ok());
  return reader.good() ? to_ms(date) : 0;
}

// What has to be taken from a local time to get UTC.
std::int64_t read_offset_ms(Reader& reader) {
  if (reader.take('Z') || reader.take('z')) return 0;
  const bool west = reader.take('-');
  reader.require(west || reader.take('+'));
  const std::int64_t hours = reader.number(2, 23);
  reader.require(reader.take(':'));
  const std::int64_t offset_ms = hours * kMsPerHour + reader.number(2, 59) * kMsPerMinute;
  return west ? -offset_ms : offset_ms;
}

// RFC 3339 section 5.7: leap seconds come at the end of a month in UTC; all so far in June and December.
bool follows_leap_second(std::int64_t ms) {
  if (ms % kMsPerDay != 0) return false;
  const year_month_day date{day_of({ms})};
  return date.day() == std::chrono::day{1} &&
         (date.month() == std::chrono::January || date.month() == std::chrono::July);
}

}  // namespace

std::string format_time(Time time) {
  std::string text = "0000-00-00T00:00:00.000Z";
  put_day(text.data(), date_of(time));
  const std::int64_t ms = time.ms - to_ms(day_of(time));
  put_digits(&text[11], ms / kMsPerHour, 2);
  put_digits(&text[14], ms / kMsPerMinute % 60, 2);
  put_digits(&text[17], ms / kMsPerSecond % 60, 2);
  put_digits(&text[20], ms % kMsPerSecond, 3);
  return text;
}

std::string format_day(Time time) {
  std::string text = "0000-00-00";
  put_day(text.data(), date_of(time));
  return text;
}

std::string format_year(Time time) { return format_day(time).substr(0, 4); }

std::optional<Time> parse_time(std::string_view text) {
  Reader reader(text);
  std::int64_t ms = read_date_ms(reader);
  if (reader.good() && reader.at_end()) return Time{ms};

  reader.require(reader.take('T') || reader.take('t'));
  ms += reader.number(2, 23) * kMsPerHour;
  reader.require(reader.take(':'));
  ms += reader.number(2, 59) * kMsPerMinute;
  reader.require(reader.take(':'));
  const int second = reader.number(2, 60);
  ms += second * kMsPerSecond;
  const std::int64_t fraction_ms = reader.take('.') ? reader.milliseconds() : 0;
  ms -= read_offset_ms(reader);
  if (!reader.good() || !reader.at_end()) return std::nullopt;
  if (second == 60 && !follows_leap_second(ms)) return std::nullopt;
  ms += fraction_ms;
  if (!has_four_digit_year(ms)) return std::nullopt;
  return Time{ms};
}

Time start_of_day(Time time) { return {to_ms(day_of(time))}; }

}  // namespace orderly
