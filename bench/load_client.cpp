#include "bench/load_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include "bench/http_answer.h"

namespace orderly::bench {

namespace {

using SteadyClock = std::chrono::steady_clock;
using TimePoint = SteadyClock::time_point;

constexpr std::chrono::seconds kLastAnswersWait{10};
constexpr std::chrono::milliseconds kIdlePoll{1};
constexpr std::uint64_t kTransportErrorsMax = 1000;
constexpr std::size_t kReceiveBytes = 256 * 1024;
constexpr std::size_t kFirstWrongBytesMax = 400;

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

// An open file descriptor, closed at the end.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_ = -1;
};

Descriptor connect_to(std::uint16_t port) {
  Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) fail("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fail("connect");
  const int on = 1;
  if (::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) fail("setsockopt");
  return socket;
}

double thread_cpu_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

struct Connection {
  Descriptor socket;
  std::string received;  // of an answer that came in parts
  TimePoint since;       // when its request was sent, or was due in an open loop
  bool is_waiting = false;
};

class LoadRun {
 public:
  LoadRun(const LoadOptions& options, Workload& workload)
      : options_(options), workload_(workload), epoll_(::epoll_create1(EPOLL_CLOEXEC)), buffer_(kReceiveBytes, '\0') {
    if (epoll_.get() < 0) fail("epoll_create1");
    connections_.resize(options.connections);
    for (std::size_t i = 0; i < connections_.size(); ++i) open(i);
  }

  LoadResult run() {
    begin_ = SteadyClock::now();
    counted_from_ = begin_ + options_.warm_up;
    end_ = counted_from_ + options_.duration;
    TimePoint now = begin_;
    for (std::size_t i = 0; i < connections_.size(); ++i) idle_.push_back(i);
    while (now < end_ && !is_exhausted()) {
      start_idle(now);
      if (waiting_ == 0 && is_exhausted()) break;
      wait();
      now = SteadyClock::now();
    }
    result_.seconds = std::chrono::duration<double>(std::min(now, end_) - counted_from_).count();
    is_over_ = true;
    while (waiting_ > 0 && !has_given_up() && SteadyClock::now() < now + kLastAnswersWait) wait();
    result_.transport_errors += waiting_;  // answers that never came
    return std::move(result_);
  }

 private:
  bool has_given_up() const { return result_.transport_errors >= kTransportErrorsMax; }
  bool is_exhausted() const {
    const bool all_sent = options_.requests_max > 0 && sent_ >= options_.requests_max;
    return (all_sent && waiting_ == 0) || has_given_up();
  }
  bool may_send() const {
    return !is_over_ && (options_.requests_max == 0 || sent_ < options_.requests_max) && !has_given_up();
  }
  bool is_open_loop() const { return options_.rate_per_second > 0; }

  void open(std::size_t index) {
    connections_[index] = Connection{connect_to(options_.port), {}, {}, false};
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = index;
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, connections_[index].socket.get(), &event) != 0) fail("epoll_ctl");
  }

  void start_idle(TimePoint now) {
    for (std::size_t i = idle_.size(); i > 0 && may_send(); --i) {
      const std::size_t index = idle_.back();
      idle_.pop_back();
      if (!send_next(index, now)) idle_.insert(idle_.begin(), index);
      if (is_open_loop() && next_due() > now) break;
    }
  }

  TimePoint next_due() const {
    const std::chrono::duration<double> offset(static_cast<double>(sent_) / options_.rate_per_second);
    return begin_ + std::chrono::duration_cast<std::chrono::nanoseconds>(offset);
  }

  // False: the connection has nothing to do now.
  bool send_next(std::size_t index, TimePoint now) {
    if (!may_send() || (is_open_loop() && next_due() > now)) return false;
    const std::string_view request = workload_.next(index);
    if (request.empty()) return false;
    Connection& connection = connections_[index];
    connection.since = is_open_loop() ? next_due() : now;
    connection.is_waiting = true;
    ++sent_;
    ++waiting_;
    // A request is far smaller than the socket's buffer, which is empty now, so it is taken whole.
    const auto taken = ::send(connection.socket.get(), request.data(), request.size(), MSG_NOSIGNAL);
    if (taken == static_cast<ssize_t>(request.size())) return true;
    lose(index);
    return true;
  }

  void wait() {
    std::array<epoll_event, 256> events;
    const int count = ::epoll_pwait2(epoll_.get(), events.data(), static_cast<int>(events.size()), timeout(), nullptr);
    if (count < 0 && errno != EINTR) fail("epoll_wait");
    for (int i = 0; i < count; ++i) receive(events[static_cast<std::size_t>(i)].data.u64);
  }

  // Until a connection that has nothing to do is to be asked again, or a request falls due.
  const timespec* timeout() {
    std::chrono::nanoseconds longest = std::chrono::milliseconds(50);
    if (may_send() && !idle_.empty()) {
      longest = is_open_loop() ? std::clamp<std::chrono::nanoseconds>(next_due() - SteadyClock::now(),
                                                                      std::chrono::nanoseconds{0}, longest)
                               : kIdlePoll;
    }
    timeout_ = {0, longest.count()};
    return &timeout_;
  }

  void receive(std::size_t index) {
    Connection& connection = connections_[index];
    const auto count = ::recv(connection.socket.get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0 || !connection.is_waiting) return lose(index);
    std::string_view bytes(buffer_.data(), static_cast<std::size_t>(count));
    if (!connection.received.empty()) bytes = connection.received.append(bytes);
    const ParsedAnswer answer = parse_answer(bytes);
    if (answer.state == ParsedAnswer::State::kIncomplete) {
      if (connection.received.empty()) connection.received = bytes;
      return;
    }
    const bool is_one_answer = answer.state == ParsedAnswer::State::kComplete && bytes.size() == answer.bytes();
    if (!is_one_answer) return lose(index);
    const TimePoint now = SteadyClock::now();
    judge(index, {answer.status, bytes.substr(answer.head_bytes)}, now);
    connection.received.clear();
    connection.is_waiting = false;
    --waiting_;
    if (answer.closes) reopen(index);
    if (!send_next(index, now)) idle_.push_back(index);
  }

  void judge(std::size_t index, const Answer& answer, TimePoint now) {
    ++result_.statuses[answer.status];
    const auto verdict = workload_.answered(index, answer);
    if (verdict == Workload::Verdict::kWrong) {
      if (result_.wrong++ == 0) {
        result_.first_wrong =
            std::to_string(answer.status) + " " + std::string(answer.body.substr(0, kFirstWrongBytesMax));
      }
    } else if (verdict == Workload::Verdict::kGood && now >= counted_from_ && now < end_) {
      ++result_.good;
      result_.latency.record(now - connections_[index].since);
    }
  }

  void lose(std::size_t index) {
    ++result_.transport_errors;
    const bool was_waiting = connections_[index].is_waiting;
    reopen(index);
    if (!was_waiting) return;  // it is idle and stays so
    --waiting_;
    idle_.push_back(index);
  }

  // A server that takes no more connections is counted until it is given up on.
  void reopen(std::size_t index) {
    if (has_given_up()) {
      connections_[index].socket = Descriptor();
      connections_[index].is_waiting = false;
      return;
    }
    try {
      open(index);
    } catch (const std::system_error&) {
      result_.transport_errors = kTransportErrorsMax;
    }
  }

  const LoadOptions options_;
  Workload& workload_;
  Descriptor epoll_;
  std::string buffer_;
  std::vector<Connection> connections_;
  std::vector<std::size_t> idle_;
  LoadResult result_;
  timespec timeout_{};
  TimePoint begin_;
  TimePoint counted_from_;
  TimePoint end_;
  std::uint64_t sent_ = 0;
  std::size_t waiting_ = 0;
  bool is_over_ = false;
};

}  // namespace

double LoadResult::generator_us_per_request() const {
  std::uint64_t answers = 0;
  for (const auto& [status, count] : statuses) answers += count;
  return answers > 0 ? generator_cpu_seconds * 1e6 / static_cast<double>(answers) : 0;
}

void LoadResult::add(const LoadResult& other) {
  latency.add(other.latency);
  good += other.good;
  if (wrong == 0) first_wrong = other.first_wrong;
  wrong += other.wrong;
  transport_errors += other.transport_errors;
  for (const auto& [status, count] : other.statuses) statuses[status] += count;
  seconds += other.seconds;
  generator_cpu_seconds += other.generator_cpu_seconds;
}

LoadResult run_load(const LoadOptions& options, Workload& workload) {
  const double cpu_before = thread_cpu_seconds();
  const auto run = std::make_unique<LoadRun>(options, workload);
  LoadResult result = run->run();
  result.generator_cpu_seconds = thread_cpu_seconds() - cpu_before;
  return result;
}

}  // namespace orderly::bench
