// Order events told to a topic: a worker of its own reads the store's feed in the order of the commits, publishes each
// event in its public form (order_notice.h), and keeps its place in a record. It stands behind the commits and not in
// them: whatever becomes of the topic, orders go on, and nothing is left out of what is told later.
#pragma once

#include <atomic>
#include <cstdint>
#include <stop_token>
#include <string>

#include "app/app.h"
#include "base/json_type.h"
#include "ports/notifier.h"

namespace orderly::app {

// Where events go. Must outlive those who announce to it.
struct Topic {
  ports::Notifier& notifier;
  std::string name;                         // each name has a place of its own in the feed: an SNS topic's ARN
  Time since;                               // one that was never announced to begins with what happens from then on
  std::atomic<std::uint64_t> published{0};  // by this process, repetitions too
  std::atomic<std::uint64_t> failures{0};   // rounds that ended with an error, and were tried again
};

// The record SUBSCRIBER#<topic>/META.
struct SubscriberPlace {
  std::int64_t sequence = 0;  // of the last event in the feed that was told
};
BOOST_DESCRIBE_STRUCT(SubscriberPlace, (), (sequence))

// How often the feed is asked for something new, and how much is told between two records of the place.
inline constexpr Duration kFeedPollInterval{1'000};
inline constexpr std::size_t kAnnouncedAtOnceMax = 200;
// How many orders' events are on their way at once.
inline constexpr std::size_t kOrdersAnnouncedAtOnceMax = 16;
// How often one looks who has left the work to another.
inline constexpr Duration kStandbyInterval{10'000};
// How long a failure may last before somebody is told, and how long until he is told again.
inline constexpr std::chrono::minutes kAnnouncementsLateAfter{5};
inline constexpr std::chrono::hours kAnnouncementsAlarmInterval{1};

// Announces until `stop`; returns soon after it.
//
// Every event is published at least once, those of one order in their order; events of different orders side by side.
// After a crash, or while two processes believe that they are the one, events are published again, under the same event
// id. Nothing is ever skipped: what fails is tried again after 1 s, 2 s, … 60 s, and everything behind it waits. An
// alarm (announcements-stopped) is raised when that has lasted kAnnouncementsLateAfter, at once where waiting will not
// help, and every hour from then on.
//
// Any number of processes may run it. The place moves forward under a condition on its version; who loses that race
// stands by and leaves the work to the other, until the place has not moved for a while although events wait.
Task<void> run_announcer(App& app, Topic& topic, std::stop_token stop);

// How long the oldest event behind the place has waited; 0 when none does. Those of other objects than orders wait,
// too, until they are passed over.
Task<Duration> announcements_behind(App& app, std::string topic);

}  // namespace orderly::app
