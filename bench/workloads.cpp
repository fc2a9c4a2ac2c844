#include "bench/workloads.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

namespace orderly::bench {

namespace {

constexpr std::string_view kAddress =
    R"(,"shipping_address":{"name":"Ada Example","line1":"12 Analytical Row","city":"London","postal_code":"N1 7AA",)"
    R"("country":"GB"})";
constexpr std::string_view kIdStart = R"({"id":"ord_)";
constexpr std::chrono::milliseconds kSightInterval{10};

template <class... Arguments>
void append(std::string& out, fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  fmt::format_to(std::back_inserter(out), format, std::forward<Arguments>(arguments)...);
}

}  // namespace

std::string_view order_id_in(std::string_view body) {
  if (!body.starts_with(kIdStart)) return {};
  const std::size_t begin = kIdStart.size() - std::string_view("ord_").size();
  if (body.size() <= begin + PlacedOrder::kIdBytes || body[begin + PlacedOrder::kIdBytes] != '"') return {};
  return body.substr(begin, PlacedOrder::kIdBytes);
}

std::int64_t integer_in(std::string_view body, std::string_view name) {
  std::size_t at = 0;
  while ((at = body.find(name, at)) != std::string_view::npos) {
    const std::size_t behind = at + name.size();
    const bool is_key = at > 0 && body[at - 1] == '"' && body.substr(behind).starts_with("\":");
    at = behind;
    if (!is_key) continue;
    std::int64_t value = -1;
    std::from_chars(body.data() + behind + 2, body.data() + body.size(), value);
    return value;
  }
  return -1;
}

std::string get_request(std::string_view path) {
  return fmt::format("GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", path);
}

// --- Placing
// ----------------------------------------------------------------------------------------------------------

PlaceOrders::PlaceOrders(const Options& options, std::size_t connections)
    : options_(options), number_(options.first_number), totals_(connections, 0) {}

std::string_view PlaceOrders::next(std::size_t connection) {
  make_wish(options_.wish, number_++, wish_);
  totals_[connection] = wish_.total_minor();
  write_request();
  return request_;
}

void PlaceOrders::write_request() {
  body_.clear();
  append(body_, R"({{"client_id":"{}","items":[)", wish_.client_id);
  for (const OrderWish::Line& line : wish_.lines) {
    append(body_, R"({}{{"product_id":"p{:06}","quantity":{}}})", &line == wish_.lines.data() ? "" : ",", line.product,
           line.quantity);
  }
  body_ += R"(],"payment_method":"pm_card_visa")";
  if (options_.wish.with_address) body_ += kAddress;
  body_ += '}';

  request_.clear();
  request_ += "POST /orders HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n";
  if (!options_.api_key.empty()) append(request_, "Authorization: Bearer {}\r\n", options_.api_key);
  if (options_.with_idempotency_key) append(request_, "Idempotency-Key: bench-{:016x}\r\n", wish_.number);
  append(request_, "Content-Length: {}\r\n\r\n", body_.size());
  request_ += body_;
}

Workload::Verdict PlaceOrders::answered(std::size_t connection, const Answer& answer) {
  const std::string_view id = order_id_in(answer.body);
  const bool is_right = answer.status == 200 && !id.empty() && integer_in(answer.body, "total") == totals_[connection];
  if (!is_right) return Verdict::kWrong;
  ++placed_count_;
  body_bytes_ = answer.body.size();
  if (placed_.size() < options_.kept_max) {
    PlacedOrder& order = placed_.emplace_back();
    std::ranges::copy(id, order.id.begin());
    order.total_minor = totals_[connection];
  }
  return Verdict::kGood;
}

// --- Reading
// ----------------------------------------------------------------------------------------------------------

ReadOrders::ReadOrders(const std::vector<PlacedOrder>& orders, std::size_t connections)
    : orders_(orders), asked_(connections, 0) {}

std::string_view ReadOrders::next(std::size_t connection) {
  chance_ ^= chance_ << 13;  // xorshift64 (Marsaglia 2003)
  chance_ ^= chance_ >> 7;
  chance_ ^= chance_ << 17;
  asked_[connection] = chance_ % orders_.size();
  request_ = "GET /orders/";
  request_ += orders_[asked_[connection]].text();
  request_ += " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
  return request_;
}

Workload::Verdict ReadOrders::answered(std::size_t connection, const Answer& answer) {
  const PlacedOrder& order = orders_[asked_[connection]];
  const bool is_right = answer.status == 200 && order_id_in(answer.body) == order.text() &&
                        integer_in(answer.body, "total") == order.total_minor;
  return is_right ? Verdict::kGood : Verdict::kWrong;
}

RepeatGet::RepeatGet(std::string_view path) : request_(get_request(path)) {}

std::string_view RepeatGet::next(std::size_t) { return request_; }

Workload::Verdict RepeatGet::answered(std::size_t, const Answer& answer) {
  if (answer.status != 200) return Verdict::kWrong;
  if (first_body_.empty()) first_body_ = answer.body;
  return answer.body.size() == first_body_.size() ? Verdict::kGood : Verdict::kWrong;
}

// --- Whole lives
// ------------------------------------------------------------------------------------------------------

WholeLives::WholeLives(const PlaceOrders::Options& options, std::size_t connections, std::uint64_t under_way_max)
    : orders_(options, connections), under_way_max_(under_way_max), metrics_request_(get_request("/metrics")) {}

std::string_view WholeLives::next(std::size_t connection) {
  if (connection == 0) {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_sight_) return {};
    next_sight_ = now + kSightInterval;
    placed_when_asked_ = orders_.placed_count();
    return metrics_request_;
  }
  const std::uint64_t done = sights_.empty() ? 0 : sights_.back().done;
  if (sent_ - std::min(sent_, done) >= under_way_max_) return {};
  ++sent_;
  return orders_.next(connection);
}

// Orders placed while the page was made may be on it or not, so those placed before it was asked for are compared: the
// lives done are never overstated.
Workload::Verdict WholeLives::answered(std::size_t connection, const Answer& answer) {
  if (connection != 0) return orders_.answered(connection, answer);
  const std::int64_t messages = answer.status == 200 ? queued_messages(answer.body) : -1;
  if (messages < 0) return Verdict::kWrong;
  const auto under_way = static_cast<std::uint64_t>(messages);
  std::uint64_t done = placed_when_asked_ - std::min(placed_when_asked_, under_way);
  if (!sights_.empty()) done = std::max(done, sights_.back().done);
  sights_.push_back({std::chrono::steady_clock::now(), done, under_way});
  return Verdict::kAside;
}

std::int64_t gauge_sum(std::string_view metrics_page, std::string_view name) {
  const std::string begin = fmt::format("\n{}{{", name);
  std::int64_t sum = -1;
  std::size_t at = 0;
  while ((at = metrics_page.find(begin, at)) != std::string_view::npos) {
    at += begin.size();
    const std::size_t value = metrics_page.find("} ", at) + 2;
    double number = 0;
    std::from_chars(metrics_page.data() + value, metrics_page.data() + metrics_page.size(), number);
    sum = std::max<std::int64_t>(sum, 0) + static_cast<std::int64_t>(number);
  }
  return sum;
}

std::int64_t queued_messages(std::string_view metrics_page) {
  return gauge_sum(metrics_page, "orderly_queue_messages");
}

}  // namespace orderly::bench
