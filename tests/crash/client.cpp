#include "tests/crash/client.h"

#include <fmt/format.h>

#include <array>
#include <boost/json/parse.hpp>
#include <chrono>
#include <thread>

#include "tests/crash/shop.h"

namespace orderly::crash {

namespace json = boost::json;

namespace {

constexpr std::size_t kOpenOrdersMax = 8;
constexpr std::size_t kLatestCompared = 2;
constexpr std::size_t kOthersCompared = 4;
constexpr std::size_t kLatestOrdersRead = 2;
constexpr int kGroundlessLossesMax = 5;  // of one request; then the server is as good as dead
constexpr auto kPutOffFor = std::chrono::milliseconds(20);

bool is_done(const Answer& answer) { return answer.status == 200 || answer.status == 202; }

// Nothing was decided: a server that is stopping or overloaded, or one that still works on the first sending.
bool is_put_off(const Answer& answer) {
  return answer.status == 503 ||
         (answer.status == 409 && answer.body.find("\"request-in-progress\"") != std::string::npos);
}

std::string items_json(const Lines& lines) {
  std::string text;
  for (const auto& [product, quantity] : lines) {
    text += fmt::format("{}{{\"product_id\":\"{}\",\"quantity\":{}}}", text.empty() ? "" : ",", product, quantity);
  }
  return "[" + text + "]";
}

std::string shortened(const std::string& text) { return text.substr(0, 400); }

}  // namespace

ClientCounts& ClientCounts::operator+=(const ClientCounts& other) {
  acknowledged += other.acknowledged;
  refused += other.refused;
  reads += other.reads;
  resent += other.resent;
  resent_found_done += other.resent_found_done;
  replays_compared += other.replays_compared;
  put_off += other.put_off;
  return *this;
}

Client::Client(World world, std::size_t number)
    : world_(world),
      number_(number),
      random_(world.seed * 1'000 + number),
      journal_(world.folder / fmt::format("client-{:03}.log", number)) {}

void Client::run() {
  try {
    live();
  } catch (const GaveUp&) {
  } catch (const std::exception& error) {
    complain(std::string("stopped by an exception: ") + error.what());
  }
}

void Client::live() {
  while (!world_.stop.load(std::memory_order_relaxed)) {
    if (audited_ != generation_) audit();
    step();
  }
  audit();
}

void Client::step() {
  const bool has_room = open_.size() < kOpenOrdersMax;
  if (open_.empty() || (has_room && chance(45))) {
    if (chance(20)) {
      buy_by_cart();
    } else {
      place_order();
    }
  } else {
    advance(pick(open_.size()));
  }
}

// --- Orders
// -----------------------------------------------------------------------------------------------------------

void Client::place_order() {
  const Lines lines = pick_lines();
  const std::string label = next_label();
  std::string body = fmt::format("{{\"client_id\":\"{}\",\"items\":{}", label, items_json(lines));
  const bool with_payment = chance(70);
  body += with_payment ? fmt::format(",\"payment_method\":\"{}\"", pick_card()) : ",\"pay_later\":true";
  if (chance(12)) {
    body +=
        ",\"shipping_address\":{\"name\":\"Łukasz Żółć\",\"line1\":\"ul. Długa 1\",\"city\":\"Gdańsk\","
        "\"postal_code\":\"80-001\",\"country\":\"PL\"}";
  }
  take_in_placed(command("POST", "/orders", body + "}"), label, lines, with_payment);
}

// Every line that was acknowledged must be in the order, and none twice.
void Client::buy_by_cart() {
  const Lines lines = pick_lines();
  for (const auto& [product, quantity] : lines) {
    command("POST", "/cart", fmt::format("{{\"product_id\":\"{}\",\"quantity\":{}}}", product, quantity));
  }
  const std::string label = next_label();
  const Answer answer = command("POST", "/checkout",
                                fmt::format("{{\"client_id\":\"{}\",\"payment_method\":\"{}\"}}", label, pick_card()));
  take_in_placed(answer, label, lines, true);
  if (!is_done(answer)) command("DELETE", "/cart", "{}");
}

void Client::take_in_placed(const Answer& answer, std::string label, Lines lines, bool with_payment) {
  if (!is_done(answer)) return;
  const json::value document = json::parse(answer.body);
  const json::object& shown = document.as_object();
  KnownOrder& order = orders_.emplace_back();
  order.id = text_of(shown, "id");
  order.client_id = std::move(label);
  order.lines = std::move(lines);
  order.total = number_of(shown, "total");
  order.payments_started = with_payment ? 1 : 0;
  note(order, answer.body);
  std::int64_t subtotal = 0;
  for (std::size_t i = 0; i < kProducts; ++i) {
    const auto line = order.lines.find(product_id(i));
    if (line != order.lines.end()) subtotal += line->second * price_minor(i);
  }
  if (number_of(shown, "subtotal") != subtotal) complain(order.id + " has a subtotal that its lines do not add up to");
  open_.push_back(orders_.size() - 1);
}

void Client::advance(std::size_t which) {
  KnownOrder& order = orders_[open_[which]];
  if (order.status == "pending" || order.status == "processing") {
    advance_unsettled(order);
  } else if (order.status == "declined") {
    advance_declined(order);
  } else if (order.status == "confirmed" || order.status == "shipped" || order.status == "delivered") {
    advance_paid(order);
  } else if (chance(20)) {
    cancel(order);
  }
  const bool is_over = order.status == "cancelled" || order.status == "refunded";
  if (!chance(is_over ? 70 : 12)) return;
  open_[which] = open_.back();
  open_.pop_back();
}

void Client::advance_unsettled(KnownOrder& order) {
  const std::size_t what = pick(100);
  if (what < 12) {
    cancel(order);
  } else if (what < 50 && order.payments_started == 0) {
    pay(order);
  } else {
    read_order(order);
  }
}

void Client::advance_declined(KnownOrder& order) {
  const std::size_t what = pick(100);
  if (what < 60) {
    pay(order);
  } else if (what < 80) {
    cancel(order);
  } else {
    read_order(order);
  }
}

void Client::advance_paid(KnownOrder& order) {
  const std::size_t what = pick(100);
  if (what < 25) {
    refund(order);
  } else if (what < 40) {
    cancel(order);
  } else if (what < 70) {
    order.status == "confirmed" ? ship(order) : deliver(order);
  } else {
    read_order(order);
  }
}

void Client::read_order(KnownOrder& order) {
  if (chance(25)) {
    read("/orders/status/" + order.client_id + "/" + order.id);
  } else if (const auto body = read("/orders/" + order.id)) {
    note(order, *body);
  }
}

void Client::cancel(KnownOrder& order) {
  if (change(order, "/orders/" + order.id + "/cancel", R"({"reason":"changed my mind"})")) order.cancelled = true;
}

void Client::pay(KnownOrder& order) {
  const std::string_view card = chance(60) ? "pm_card_visa" : pick_card();
  const std::string body = fmt::format("{{\"order_id\":\"{}\",\"payment_method\":\"{}\"}}", order.id, card);
  if (change(order, "/payment", body)) ++order.payments_started;
}

void Client::refund(KnownOrder& order) {
  const auto part = std::max<std::int64_t>(1, order.total / static_cast<std::int64_t>(1 + pick(5)));
  if (change(order, "/orders/" + order.id + "/refund", fmt::format("{{\"amount\":{}}}", part))) {
    ++order.refunds_requested;
  }
}

void Client::ship(KnownOrder& order) {
  if (change(order, "/orders/" + order.id + "/ship", "{}")) order.shipped = true;
}

void Client::deliver(KnownOrder& order) {
  if (change(order, "/orders/" + order.id + "/deliver", "{}")) order.delivered = true;
}

bool Client::change(KnownOrder& order, std::string_view path, std::string_view body) {
  const Answer answer = command("POST", path, body);
  if (!is_done(answer)) return false;
  note(order, answer.body);
  return true;
}

void Client::note(KnownOrder& order, const std::string& body) {
  const json::value document = json::parse(body);
  for (const std::string& wrong : order.note(document.as_object())) complain(order.id + " " + wrong);
}

// --- Requests
// ---------------------------------------------------------------------------------------------------------

Answer Client::command(std::string_view method, std::string_view path, std::string_view body) {
  const std::string headers = fmt::format("idempotency-key: crash-{}-{}-{}\r\ncart-id: crash-{}-{}\r\n", world_.seed,
                                          number_, commands_.size(), world_.seed, number_);
  const std::string request = make_request(method, path, headers, body);
  Command& command = commands_.emplace_back();
  command.request = journal_.append(fmt::format("> {}", commands_.size() - 1), request);
  ++unanswered_;
  Answer answer = send_until_answered(request);
  --unanswered_;
  command.status = answer.status;
  command.answer = journal_.append(
      fmt::format("< {} {}{}", commands_.size() - 1, answer.status, answer.replayed ? " replayed" : ""), answer.body);
  world_.answered.fetch_add(1, std::memory_order_relaxed);
  if (was_resent_) {
    ++counts_.resent;
    if (answer.replayed) ++counts_.resent_found_done;
  } else if (answer.replayed) {
    complain(fmt::format("{} {}: a request that was never sent before was answered as a repeated one", method, path));
  }
  if (is_done(answer)) {
    ++counts_.acknowledged;
  } else if (answer.status == 409) {
    ++counts_.refused;
  } else {
    complain(fmt::format("{} {}: {} {}", method, path, answer.status, shortened(answer.body)));
  }
  return answer;
}

std::optional<std::string> Client::read(std::string_view path) {
  const Answer answer = send_until_answered(make_request("GET", path, "", ""));
  ++counts_.reads;
  if (answer.status == 200) return answer.body;
  complain(fmt::format("GET {}: {} {}", path, answer.status, shortened(answer.body)));
  return std::nullopt;
}

Answer Client::send_until_answered(const std::string& request) {
  was_resent_ = false;
  for (int losses = 0;;) {
    if (!connection_ || connection_->is_lost() || !world_.gate.leads_to(generation_)) connect();
    std::optional<Answer> answer = connection_->exchange(request);
    if (answer && !is_put_off(*answer)) return *std::move(answer);
    if (answer) {
      ++counts_.put_off;
      std::this_thread::sleep_for(kPutOffFor);
      continue;
    }
    was_resent_ = true;
    if (!world_.gate.leads_to(generation_)) continue;
    complain("lost its connection, or waited in vain for an answer, while the server was meant to be alive: " +
             request.substr(0, request.find("\r\n")));
    if (++losses == kGroundlessLossesMax) throw GaveUp{};
  }
}

void Client::connect() {
  const auto generation = world_.gate.wait_until_open();
  if (!generation) throw GaveUp{};
  generation_ = *generation;
  connection_ = std::make_unique<Connection>(world_.port);
}

// The latest answers are those that a crash could most likely undo.
void Client::audit() {
  const std::size_t count = commands_.size();
  for (std::size_t i = 1; i <= std::min(kLatestCompared, count); ++i) compare_again(count - i);
  for (std::size_t i = 0; i < std::min(kOthersCompared, count); ++i) compare_again(pick(count));
  for (std::size_t i = 1; i <= std::min(kLatestOrdersRead, orders_.size()); ++i) {
    KnownOrder& order = orders_[orders_.size() - i];
    if (const auto body = read("/orders/" + order.id)) note(order, *body);
  }
  audited_ = generation_;
}

void Client::compare_again(std::size_t which) {
  const Command& command = commands_[which];
  if (command.status >= 400 && command.status != 409) return;  // complained about before, and not kept by the server
  const std::string request = journal_.read(command.request);
  const Answer again = send_until_answered(request);
  ++counts_.replays_compared;
  const std::string known = journal_.read(command.answer);
  if (again.status == command.status && again.replayed && again.body == known) return;
  complain(fmt::format("command {} ({}): was answered {} and now, sent again, {}{}:\n    then: {}\n    now:  {}", which,
                       request.substr(0, request.find("\r\n")), command.status, again.status,
                       again.replayed ? " (replayed)" : " (NOT replayed)", shortened(known), shortened(again.body)));
}

void Client::complain(std::string what) {
  world_.violations.add(fmt::format("client {}: {}", number_, std::move(what)));
}

// --- Chance
// -----------------------------------------------------------------------------------------------------------

bool Client::chance(unsigned percent) { return random_() % 100 < percent; }

std::size_t Client::pick(std::size_t count) { return random_() % count; }

Lines Client::pick_lines() {
  Lines lines;
  const std::size_t count = 1 + pick(3);
  for (std::size_t i = 0; i < count; ++i) {
    lines[product_id(pick(kProducts))] = static_cast<std::int64_t>(1 + pick(4));
  }
  return lines;
}

std::string_view Client::pick_card() {
  constexpr std::array<std::string_view, 10> kCards = {"pm_card_visa",
                                                       "pm_card_visa",
                                                       "pm_card_visa",
                                                       "pm_card_visa",
                                                       "pm_card_mastercard",
                                                       "pm_card_visa_chargeDeclined",
                                                       "pm_sim_timeout_after_charge",
                                                       "pm_sim_timeout_before_charge",
                                                       "pm_sim_http_500",
                                                       "pm_sim_refund_lost"};
  return kCards[pick(kCards.size())];
}

std::string Client::next_label() { return fmt::format("s{}-c{}-{}", world_.seed, number_, labels_++); }

}  // namespace orderly::crash
