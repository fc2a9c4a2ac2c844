// A client of the shop: places orders, pays, cancels, ships, takes refunds, one request at a time on one connection,
// for as long as it is told to, and keeps a log of what it meant to do and what it was answered. When the server dies
// under a request it sends the same request with the same Idempotency-Key again until it is answered; and after each
// restart it sends some that were answered long ago again, which must be answered with the same bytes.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/crash/connection.h"
#include "tests/crash/gate.h"
#include "tests/crash/journal.h"
#include "tests/crash/known_order.h"
#include "tests/crash/violations.h"

namespace orderly::crash {

struct ClientCounts {
  std::uint64_t acknowledged = 0;  // commands answered with 2xx
  std::uint64_t refused = 0;       // with 409, which binds as well
  std::uint64_t reads = 0;
  std::uint64_t resent = 0;             // commands whose connection was lost, answered after being sent again
  std::uint64_t resent_found_done = 0;  // of them, those that the server had done before it died
  std::uint64_t replays_compared = 0;   // answered commands sent again, the answers compared
  std::uint64_t put_off = 0;            // 503, or a 409 that only says "not yet": sent again

  ClientCounts& operator+=(const ClientCounts& other);
};

class Client {
 public:
  struct World {
    std::uint16_t port = 0;
    std::uint64_t seed = 0;
    std::filesystem::path folder;  // for the journal
    Gate& gate;
    Violations& violations;
    const std::atomic<bool>& stop;
    std::atomic<std::uint64_t>& answered;  // commands, by all clients
  };

  Client(World world, std::size_t number);

  // The body of its thread. Ends when `stop` is set, every request is answered and some are compared once more; or when
  // the gate gives up. Never throws.
  void run();

  // Once run() has ended.
  const std::deque<KnownOrder>& orders() const { return orders_; }
  const ClientCounts& counts() const { return counts_; }
  std::size_t unanswered() const { return unanswered_; }

 private:
  // A request with an Idempotency-Key, and its answer. Of those only the place in the journal is kept.
  struct Command {
    int status = 0;
    Span request;
    Span answer;
  };
  struct GaveUp {};

  void live();
  void step();
  // Orders.
  void place_order();
  void buy_by_cart();
  void take_in_placed(const Answer& answer, std::string label, Lines lines, bool with_payment);
  void advance(std::size_t which);
  void advance_unsettled(KnownOrder& order);
  void advance_declined(KnownOrder& order);
  void advance_paid(KnownOrder& order);
  void read_order(KnownOrder& order);
  void cancel(KnownOrder& order);
  void pay(KnownOrder& order);
  void refund(KnownOrder& order);
  void ship(KnownOrder& order);
  void deliver(KnownOrder& order);
  bool change(KnownOrder& order, std::string_view path, std::string_view body);
  void note(KnownOrder& order, const std::string& body);

  // Requests.
  Answer command(std::string_view method, std::string_view path, std::string_view body);
  std::optional<std::string> read(std::string_view path);
  Answer send_until_answered(const std::string& request);
  void connect();
  void audit();
  void compare_again(std::size_t which);
  void complain(std::string what);

  bool chance(unsigned percent);
  std::size_t pick(std::size_t count);
  Lines pick_lines();
  std::string_view pick_card();
  std::string next_label();

  const World world_;
  const std::size_t number_;
  std::mt19937_64 random_;
  Journal journal_;
  std::unique_ptr<Connection> connection_;
  std::uint64_t generation_ = 0;  // of the server that it is connected to
  std::uint64_t audited_ = 0;     // the last generation that was audited
  bool was_resent_ = false;       // the last request was sent more than once
  std::size_t unanswered_ = 0;
  std::size_t labels_ = 0;
  std::deque<Command> commands_;
  std::deque<KnownOrder> orders_;
  std::vector<std::size_t> open_;  // those that it goes on with
  ClientCounts counts_;
};

}  // namespace orderly::crash
