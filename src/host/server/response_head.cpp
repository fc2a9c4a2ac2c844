#include "host/server/response_head.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <chrono>

#include "host/server/byte_class.h"

namespace orderly::server {

namespace {

void append_number(std::size_t number, std::string& out) {
  std::array<char, 20> digits;
  char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

bool append_field(std::string_view name, std::string_view value, std::string& out) {
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
  return !name.empty() && all_are(kTokenByte, name) && all_are(kValueByte, value);
}

}  // namespace

bool append_response_head(const api::Response& response, const ResponseFrame& frame, std::string& out) {
  out += "HTTP/1.1 ";
  append_number(static_cast<std::size_t>(response.status), out);
  out += ' ';
  out += reason_phrase(response.status);
  out += "\r\nserver: orderly\r\nx-content-type-options: nosniff\r\ndate: ";
  out += frame.date;
  out += "\r\nx-request-id: ";
  out += frame.request_id;
  if (response.stream) {
    if (!frame.is_http_1_0) out += "\r\ntransfer-encoding: chunked";  // HTTP/1.0 reads to the end of the connection
  } else if (may_have_body(response.status)) {
    out += "\r\ncontent-length: ";
    append_number(response.body.size(), out);
  }
  if (!frame.keeps_alive) {
    out += "\r\nconnection: close";
  } else if (frame.is_http_1_0) {
    out += "\r\nconnection: keep-alive";
  }
  out += "\r\n";
  for (const auto& [name, value] : response.headers) {
    if (!append_field(name, value, out)) return false;
  }
  out += "\r\n";
  return true;
}

api::Response problem_response(const HttpFault& fault) {
  api::Response response;
  response.status = fault.status;
  response.headers.emplace_back("content-type", "application/problem+json");
  response.body = fmt::format(R"({{"type":"about:blank","title":"{}","status":{},"code":"{}","detail":"{}"}})",
                              reason_phrase(fault.status), fault.status, fault.code, fault.detail);
  return response;
}

std::string http_date(Time time) {
  using namespace std::chrono;
  const sys_time<seconds> moment = floor<seconds>(sys_time<milliseconds>(milliseconds(time.ms)));
  const sys_days day = floor<days>(moment);
  const year_month_day date(day);
  const hh_mm_ss clock(moment - day);
  constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[weekday(day).c_encoding()],
                     static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 402: return "Payment Required";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    case 507: return "Insufficient Storage";
    default: return "Status";
  }
}

std::string chunk(std::string_view bytes) { return fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes); }

bool may_have_body(int status) { return status >= 200 && status != 204 && status != 304; }

}  // namespace orderly::server
