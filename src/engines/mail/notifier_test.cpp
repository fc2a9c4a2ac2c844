#include "engines/mail/notifier.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "base/error.h"

// What mail servers say is tried with one in tests/mail.
namespace orderly::mail {
namespace {

class FixedClock final : public ports::Clock {
 public:
  Time now() const override { return {now_ms.load()}; }
  Task<void> sleep(Duration) override { co_return; }
  std::atomic<std::int64_t> now_ms = parse_time("2026-11-21T10:30:00.250Z").value().ms;
};

class CountingRandom final : public ports::Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override {
    const std::uint8_t number = next_.fetch_add(1);
    for (std::uint8_t& byte : bytes) byte = number;
  }

 private:
  std::atomic<std::uint8_t> next_ = 1;
};

// Works at once, after `before`.
class TestOffload final : public ports::Offload {
 public:
  Task<void> run(std::function<void()> work) override {
    before();
    work();
    co_return;
  }
  std::function<void()> before = [] {};
};

class NotifierTest : public ::testing::Test {
 protected:
  ~NotifierTest() override { std::filesystem::remove_all(folder_); }

  template <class Call>
  std::string outcome_of(Call call) {
    boost::asio::io_context context;
    try {
      auto id = boost::asio::co_spawn(context, call(), boost::asio::use_future);
      context.run();
      return id.get();
    } catch (const Error& error) {
      return error.slug() + ": " + error.detail();
    }
  }
  std::string mail(ports::Notifier& notifier) {
    return outcome_of([&] { return notifier.send_mail({"ann@example.org", "Your order", "Thank you.\n", ""}); });
  }
  std::unique_ptr<ports::Notifier> by_smtp(std::stop_token stop = {}) {
    SmtpOptions options;
    options.server = {"127.0.0.1", 1, Security::kPlain};  // nobody listens there
    return make_smtp_notifier(kShop, options, {clock_, random_, offload_}, std::move(stop));
  }

  const Mailbox kShop{"Shop", "shop@example.com"};
  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("orderly-mail-" + std::to_string(::getpid()) + "-" +
                                                ::testing::UnitTest::GetInstance()->current_test_info()->name());
  FixedClock clock_;
  CountingRandom random_;
  TestOffload offload_;
};

TEST_F(NotifierTest, AFolderGetsEachMailAsAFile) {
  const auto notifier = make_folder_notifier(kShop, folder_, {clock_, random_, offload_});
  EXPECT_EQ(mail(*notifier), "01010101010101010101010101010101@example.com");
  std::ifstream file(folder_ / "2026-11-21T103000.250Z-01010101010101010101010101010101.eml", std::ios::binary);
  ASSERT_TRUE(file);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  EXPECT_TRUE(text.starts_with("Date: Sat, 21 Nov 2026 10:30:00 +0000\r\nFrom: Shop <shop@example.com>\r\n")) << text;
  EXPECT_TRUE(text.ends_with("\r\n\r\nThank you.\r\n")) << text;
}

TEST_F(NotifierTest, ManyThreadsMayMailAtOnce) {
  const auto notifier = make_folder_notifier(kShop, folder_, {clock_, random_, offload_});
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 20; ++n) mail(*notifier);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 80);
}

TEST_F(NotifierTest, OnlyMailIsPossible) {
  const auto notifier = make_folder_notifier(kShop, folder_, {clock_, random_, offload_});
  EXPECT_EQ(outcome_of([&] { return notifier->publish_event({"evt_1", "ord_1", "{}", {}}); }),
            "notifier-unavailable: there is no topic");
  EXPECT_EQ(outcome_of([&] { return notifier->send_sms({"+4915112345678", "Shipped"}); }),
            "notifier-unavailable: there is no way to a telephone");
}

TEST_F(NotifierTest, TooManyMailsAtOnceAreWorthALaterTry) {
  offload_.before = [] { throw Error(ErrorCode::kUnavailable, "overloaded", "Too much."); };
  EXPECT_EQ(mail(*by_smtp()), "notifier-unavailable: too many mails are waiting to be sent");
}

TEST_F(NotifierTest, AMailThatWaitedForAThreadTooLongIsNotBegun) {
  offload_.before = [this] { clock_.now_ms += 25'000; };
  EXPECT_EQ(mail(*by_smtp()), "notifier-unavailable: no thread was free in time");
  offload_.before = [] {};
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(mail(*by_smtp(stop.get_token())), "notifier-unavailable: no thread was free in time");
}

// Connections are taken by the system, and nobody says a word.
class SilentPeer {
 public:
  SilentPeer() {
    socklen_t length = sizeof address_;
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address_), length), 0);
    EXPECT_EQ(::listen(listener_, 1), 0);
    EXPECT_EQ(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address_), &length), 0);
  }
  SilentPeer(const SilentPeer&) = delete;
  SilentPeer& operator=(const SilentPeer&) = delete;
  ~SilentPeer() { ::close(listener_); }
  std::uint16_t port() const { return ntohs(address_.sin_port); }

 private:
  int listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address_{AF_INET, 0, {htonl(INADDR_LOOPBACK)}, {}};
};

TEST_F(NotifierTest, AStopEndsWhatIsUnderWayAfterAGrace) {
  const SilentPeer peer;
  SmtpOptions options;
  options.server = {"127.0.0.1", peer.port(), Security::kPlain};
  std::stop_source stop;
  const auto notifier = make_smtp_notifier(kShop, options, {clock_, random_, offload_}, stop.get_token());
  const auto begun = std::chrono::steady_clock::now();
  std::atomic<bool> is_over = false;
  std::thread stopping([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    stop.request_stop();
    for (; !is_over; clock_.now_ms += 100) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  });
  const std::string outcome = mail(*notifier);
  is_over = true;
  stopping.join();
  EXPECT_EQ(outcome, "notifier-unavailable: Operation was aborted by an application callback");
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(15));
}

TEST_F(NotifierTest, AServerThatIsNotThereIsWorthALaterTry) {
  EXPECT_EQ(mail(*by_smtp()), "notifier-unavailable: Couldn't connect to server");
}

}  // namespace
}  // namespace orderly::mail
