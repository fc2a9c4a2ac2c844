#include "engines/embedded/queue_window.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "engines/embedded/encoding.h"

namespace orderly::embedded {
namespace {

std::string place(std::int64_t due_ms, const std::string& id = "msg") {
  std::string bytes;
  append_moment(bytes, Time{due_ms});
  return bytes + id;
}

// What QueueLane does, over a map instead of a disk.
class WindowOverDisk {
 public:
  explicit WindowOverDisk(std::size_t max) : window(max) {}

  void send(const std::string& at) {
    disk[at] = 0;
    window.add(at, 0, "body");
  }
  void acknowledge(const std::string& at) {
    disk.erase(at);
    window.remove(at);
  }
  std::optional<QueueWindow::Delivery> take(Time now) {
    fill();
    return window.take(now, now + Duration{100});
  }
  void fill() {
    while (window.needs_refill()) {
      ++refills;
      auto next = disk.lower_bound(window.horizon());
      std::string last;
      for (std::size_t i = 0; i < window.refill_size() && next != disk.end(); ++i, ++next) {
        last = next->first;
        window.refill(last, next->second, "body");
      }
      next == disk.end() ? window.set_complete() : window.set_horizon(last + '\0');
    }
  }

  QueueWindow window;
  std::map<std::string, int> disk;
  int refills = 0;
};

TEST(QueueWindow, NothingIsTakenBeforeItIsDue) {
  WindowOverDisk queue(10);
  queue.send(place(100));
  EXPECT_FALSE(queue.take(Time{99}));
  EXPECT_EQ(queue.window.next_moment(), Time{100});
  EXPECT_EQ(queue.take(Time{100})->place, place(100));
  EXPECT_FALSE(queue.take(Time{100}));
  EXPECT_EQ(queue.window.next_moment(), Time{200}) << "when it comes again";
}

TEST(QueueWindow, AMessageComesAgainUntilItIsRemoved) {
  WindowOverDisk queue(10);
  queue.send(place(1));
  EXPECT_EQ(queue.take(Time{1})->attempts, 1);
  queue.window.release_overdue(Time{100});
  EXPECT_FALSE(queue.take(Time{100}));
  queue.window.release_overdue(Time{101});
  EXPECT_EQ(queue.take(Time{101})->attempts, 2);
  queue.acknowledge(place(1));
  queue.window.release_overdue(Time{1000});
  EXPECT_FALSE(queue.take(Time{1000}));
  EXPECT_EQ(queue.window.size(), 0u);
}

TEST(QueueWindow, TenThousandMessagesPassThroughAWindowOfAHundredInOrder) {
  WindowOverDisk queue(100);
  for (int i = 0; i < 10'000; ++i) {
    queue.send(place(i * 7919 % 10'000, std::to_string(i)));
    EXPECT_LE(queue.window.size(), 100u);
  }
  std::string before;
  std::size_t taken = 0;
  while (const auto delivery = queue.take(Time{10'000})) {
    EXPECT_LT(before, delivery->place);
    before = delivery->place;
    queue.acknowledge(before);
    ++taken;
    EXPECT_LE(queue.window.size(), 100u);
  }
  EXPECT_EQ(taken, 10'000u);
  EXPECT_TRUE(queue.disk.empty());
  EXPECT_LT(queue.refills, 400);
}

TEST(QueueWindow, AMessageSentBelowTheHorizonOvertakesThoseOnDisk) {
  WindowOverDisk queue(10);
  for (int i = 0; i < 100; ++i) queue.send(place(1000 + i));
  queue.send(place(5));
  EXPECT_EQ(queue.take(Time{5000})->place, place(5));
  EXPECT_EQ(queue.take(Time{5000})->place, place(1000));
}

// At any time every message on disk can still be delivered, and none is in flight twice.
TEST(QueueWindow, RandomTrafficLosesNothing) {
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    WindowOverDisk queue(2 + random() % 20);
    std::map<std::string, Time> in_flight;
    std::int64_t now = 0;
    int sent = 0;
    for (int step = 0; step < 2'000; ++step) {
      now += random() % 3;
      std::erase_if(in_flight, [now](const auto& one) { return one.second <= Time{now}; });
      queue.window.release_overdue(Time{now});
      switch (random() % 4) {
        case 0:
        case 1: queue.send(place(now + static_cast<std::int64_t>(random() % 500), std::to_string(sent++))); break;
        case 2:
          if (const auto delivery = queue.take(Time{now})) {
            EXPECT_TRUE(in_flight.emplace(delivery->place, Time{now} + Duration{100}).second) << "delivered twice";
            EXPECT_TRUE(queue.disk.contains(delivery->place)) << "delivered after it was acknowledged";
          }
          break;
        default:
          if (!in_flight.empty()) {
            queue.acknowledge(in_flight.begin()->first);
            in_flight.erase(in_flight.begin());
          }
          break;
      }
    }
    now += 100'000;
    queue.window.release_overdue(Time{now});
    while (const auto delivery = queue.take(Time{now})) queue.acknowledge(delivery->place);
    EXPECT_TRUE(queue.disk.empty()) << queue.disk.size() << " were never delivered";
  }
}

TEST(QueueWindow, DelayedMessagesAreCountedAndTheOldestIsKnown) {
  WindowOverDisk queue(10);
  for (const std::int64_t due : {10, 20, 30}) queue.send(place(due));
  queue.fill();
  EXPECT_EQ(queue.window.count_delayed(Time{10}), 2u);
  EXPECT_EQ(queue.window.oldest_due(), Time{10});
  queue.take(Time{15});
  EXPECT_EQ(queue.window.oldest_due(), Time{10}) << "in flight is not acknowledged";
  queue.acknowledge(place(10));
  EXPECT_EQ(queue.window.oldest_due(), Time{20});
}

}  // namespace
}  // namespace orderly::embedded
