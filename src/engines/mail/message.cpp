#include "engines/mail/message.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "engines/mail/encoding.h"

namespace orderly::mail {
namespace {

constexpr std::size_t kLineMax = 78;
constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// RFC 5322, section 3.3.
std::string date_text(Time time) {
  namespace chrono = std::chrono;
  const chrono::sys_time<chrono::seconds> second{chrono::floor<chrono::seconds>(Duration{time.ms})};
  const auto day = chrono::floor<chrono::days>(second);
  const chrono::year_month_day date{day};
  const chrono::hh_mm_ss clock{second - day};
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} +0000", kDays[chrono::weekday{day}.c_encoding()],
                     static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

std::string subject_line(std::string_view subject) {
  const std::string line = "Subject: " + std::string(subject);
  const bool has_outer_blanks = subject.starts_with(' ') || subject.ends_with(' ');
  const bool is_plain = is_printable_ascii(subject) && subject.find("=?") == std::string_view::npos;
  if (is_plain && !has_outer_blanks && line.size() <= kLineMax) return line + "\r\n";
  return "Subject: " + encoded_words(subject, "\r\n ") + "\r\n";
}

// The address on a line of its own where the name is long; a name's encoded-words, each on its own too.
std::string mailbox_line(std::string_view header, const Mailbox& mailbox) {
  std::string line = std::string(header) + ": " + header_text(mailbox);
  if (line.size() <= kLineMax) return line + "\r\n";
  for (std::size_t gap = line.find("?= "); gap != std::string::npos; gap = line.find("?= ", gap + 2)) {
    line.replace(gap + 2, 1, "\r\n ");
  }
  if (!line.ends_with("\r\n <" + mailbox.address + ">")) line.replace(line.rfind(" <"), 2, "\r\n <");
  return line + "\r\n";
}

std::string part(std::string_view type, std::string_view text) {
  return fmt::format("Content-Type: {}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{}", type,
                     quoted_printable(text));
}

std::string body(const ports::Mail& mail, std::string_view token) {
  if (mail.html.empty()) return part("text/plain", mail.text);
  const std::string boundary = fmt::format("=_{}", token);  // no quoted-printable text can hold "=_"
  return fmt::format(
      "Content-Type: multipart/alternative; boundary=\"{0}\"\r\n\r\n--{0}\r\n{1}\r\n--{0}\r\n{2}\r\n--{0}--\r\n",
      boundary, part("text/plain", mail.text), part("text/html", mail.html));
}

void check(const ports::Mail& mail) {
  if (!is_valid_utf8(mail.subject) || has_control_characters(mail.subject)) throw_refused("a subject of several lines");
  if (!is_valid_utf8(mail.text) || !is_valid_utf8(mail.html)) throw_refused("a text that is not UTF-8");
}

}  // namespace

void throw_refused(std::string detail) {
  throw Error(ErrorCode::kRefused, "notice-refused", "The notice cannot be sent.", std::move(detail));
}

void throw_unavailable(std::string detail) {
  throw Error(ErrorCode::kUnavailable, "notifier-unavailable", "The notice could not be sent now.", std::move(detail));
}

Message make_message(const ports::Mail& mail, const Mailbox& from, Time now, std::string_view token) {
  const auto to = parse_mailbox(mail.to);
  if (!to) throw_refused("no address that mail can be sent to");
  check(mail);
  Message message;
  message.id = fmt::format("{}{}", token, from.address.substr(from.address.find('@')));
  message.to = to->address;
  message.text = fmt::format("Date: {}\r\n{}{}{}Message-ID: <{}>\r\n", date_text(now), mailbox_line("From", from),
                             mailbox_line("To", *to), subject_line(mail.subject), message.id);
  // RFC 3834: nobody's absence notice should answer.
  message.text += "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n";
  message.text += body(mail, token);
  return message;
}

}  // namespace orderly::mail
