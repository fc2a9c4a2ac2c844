#include "tests/power_loss/workload.h"

#include <fmt/format.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <charconv>
#include <map>
#include <random>
#include <set>

#include "base/error.h"
#include "base/limits.h"
#include "tests/power_loss/expected_store.h"

namespace orderly::power_loss {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kRecordsPerClient = 6;
constexpr Time kDueNow{0};
constexpr Duration kLongDelay = std::chrono::hours(24 * 365 * 100);

using Position = std::function<std::uint64_t()>;

// The event of command 17 is EVENT / 000017: the feed tells which commands are there.
ports::Key event_key(std::size_t command) { return {"EVENT", fmt::format("{:06}", command)}; }

std::optional<std::size_t> command_of(const ports::Key& key) {
  std::size_t command = 0;
  const char* end = key.sort.data() + key.sort.size();
  if (key.partition != "EVENT" || std::from_chars(key.sort.data(), end, command).ptr != end) return std::nullopt;
  return command;
}

ports::Key mark_key(std::size_t command) { return {"MARK", fmt::format("{:06}", command)}; }

// Runs the tasks on this thread until all are done. An Error ends its task alone and is returned; the task's command
// stays unacknowledged.
std::vector<Error> run_all(const System& system, std::vector<Task<void>> tasks) {
  asio::io_context& context = system.context;
  std::size_t running = tasks.size();
  std::exception_ptr bug;
  std::vector<Error> errors;
  const auto work = asio::make_work_guard(context);
  for (Task<void>& task : tasks) {
    asio::co_spawn(context, std::move(task), [&](const std::exception_ptr& failure) {
      --running;
      try {
        if (failure) std::rethrow_exception(failure);
      } catch (const Error& error) {
        errors.push_back(error);
      } catch (...) {
        bug = failure;
      }
    });
  }
  context.restart();
  while (running > 0) context.run_one();
  if (bug) std::rethrow_exception(bug);
  return errors;
}

std::vector<std::size_t> commands_in_feed(ports::Inspection& inspection, std::vector<std::string>& faults) {
  std::vector<std::size_t> commands;
  inspection.feed([&](const ports::FeedEvent& event) {
    const std::optional<std::size_t> command = command_of(event.key);
    if (event.sequence != commands.size() + 1) {
      faults.push_back(fmt::format("the feed has sequence {} at place {}", event.sequence, commands.size() + 1));
      return false;
    }
    if (!command) {
      faults.push_back("an event that nobody sent: " + event.key.partition + " / " + event.key.sort);
      return false;
    }
    commands.push_back(*command);
    return true;
  });
  return commands;
}

bool is_commit(const Command& command) { return command.kind == Command::Kind::kCommit; }

// The commands whose events are there, against those that may and must be.
void check_feed(const History& history, const std::vector<std::size_t>& feed, std::uint64_t position,
                Survivors& survivors) {
  for (std::size_t place = 0; place < feed.size(); ++place) {
    // Behind what the run saw in its feed, there may be what failed under its hands.
    const bool in_place =
        place < history.feed.size()
            ? history.feed[place] == feed[place]
            : feed[place] < history.commands.size() && history.commands[feed[place]].acknowledged_at == Command::kNever;
    if (!in_place) {
      survivors.faults.push_back(
          fmt::format("the feed has command {} at place {}, where another was", feed[place], place + 1));
      return;
    }
    if (history.commands[feed[place]].started_at > position) {
      survivors.faults.push_back(fmt::format("commit {} is there before it was begun", feed[place]));
    }
  }
  const std::set<std::size_t> present(feed.begin(), feed.end());
  for (std::size_t i = 0; i < history.commands.size(); ++i) {
    const Command& command = history.commands[i];
    if (!is_commit(command) || present.contains(i) || command.started_at > position) continue;
    if (command.acknowledged_at <= position) {
      survivors.faults.push_back(
          fmt::format("commit {} was acknowledged at {} and is lost", i, command.acknowledged_at));
    } else {
      ++survivors.lost;
    }
  }
  survivors.commits = feed.size();
}

bool blob_is_whole(ports::Inspection& inspection, const Command& command) {
  const std::optional<ports::Blob> blob = inspection.blob(command.blob_name);
  return blob && blob->bytes == command.blob.bytes && blob->content_type == command.blob.content_type;
}

void check_blobs(const History& history, ports::Inspection& inspection, std::uint64_t position, Survivors& survivors) {
  for (const Command& command : history.commands) {
    if (command.kind != Command::Kind::kBlob) continue;
    const bool present = inspection.blob(command.blob_name).has_value();
    survivors.blobs += present;
    if (present && command.started_at > position) {
      survivors.faults.push_back("a blob is there before it was begun: " + command.blob_name);
    } else if (present && !blob_is_whole(inspection, command)) {
      survivors.faults.push_back("a blob has other bytes: " + command.blob_name);
    } else if (!present && command.acknowledged_at <= position) {
      survivors.faults.push_back("a blob was acknowledged and is lost: " + command.blob_name);
    } else if (!present && command.started_at <= position) {
      ++survivors.lost;
    }
  }
}

// What retry_later and bury made durable. A message that is not there any more was acknowledged, or never sent.
void check_deliveries(const History& history, ports::Inspection& inspection, std::uint64_t position,
                      Survivors& survivors) {
  std::map<std::string, ports::Inspection::StoredMessage> messages;
  inspection.messages([&](const ports::Inspection::StoredMessage& stored) {
    messages.emplace(stored.message.id, stored);
    return true;
  });
  std::set<std::string> may_be_dead;
  for (const Command& command : history.commands) {
    if (command.kind != Command::Kind::kRetry && command.kind != Command::Kind::kBury) continue;
    if (command.kind == Command::Kind::kBury && command.started_at <= position) may_be_dead.insert(command.message_id);
    const auto found = messages.find(command.message_id);
    if (found == messages.end() || command.acknowledged_at > position) continue;
    if (command.kind == Command::Kind::kBury && !found->second.dead) {
      survivors.faults.push_back("a message was buried and lives: " + command.message_id);
    }
    if (found->second.attempts < command.attempts) {
      survivors.faults.push_back(fmt::format("message {} counts {} attempts of {}", command.message_id,
                                             found->second.attempts, command.attempts));
    }
  }
  for (const auto& [id, stored] : messages) {
    if (stored.dead && !may_be_dead.contains(id))
      survivors.faults.push_back("a message is dead and was not buried: " + id);
  }
}

}  // namespace

// One client: knows the versions of its records and the messages it holds, so that it can say what it expects.
class Workload::Client {
 public:
  Client(std::vector<Command>& commands, const Position& position, std::size_t number, std::uint64_t seed)
      : commands_(commands),
        position_(position),
        number_(number),
        queue_(ports::kAllQueues[number % std::size(ports::kAllQueues)]),
        random_(seed * 1'000'003 + number) {}

  // Does every `step`-th of the commands from `first` on.
  Task<void> work(const System& system, std::size_t first, std::size_t step) {
    system_ = &system;
    for (std::size_t index = first; index < commands_.size(); index += step) {
      Command& command = commands_[index];
      const std::size_t choice = below(100);
      if (choice < 10) {
        co_await store_blob(command, index);
      } else if (choice < 20) {
        co_await give_message_back(command, index);
      } else if (choice < 25 && !marks_.empty()) {
        co_await be_refused(command, index);
      } else {
        co_await commit(command, index);
      }
    }
  }

 private:
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_() % bound); }
  std::string filler(std::size_t bytes) {
    std::string text(bytes, ' ');
    for (char& c : text) c = static_cast<char>('a' + below(26));
    return text;
  }

  Task<void> commit(Command& command, std::size_t index) {
    if (!held_) co_await receive();
    build_commit(command.commit, index);
    if (held_ && below(3) != 0) {
      command.commit.acknowledged.push_back(held_->receipt);
      held_.reset();
    }
    command.started_at = position_();
    const ports::CommitResult result = co_await system_->store.commit(command.commit);
    ORDERLY_ASSERT(result.committed());
    command.acknowledged_at = position_();
    marks_.push_back(index);
  }

  void build_commit(ports::Commit& commit, std::size_t index) {
    commit.token = fmt::format("token-{}", index);
    write_record(commit, index);
    commit.writes.push_back(ports::Put{mark_key(index), fmt::format(R"({{"command":{}}})", index), 1, {}, {}, {}});
    count(commit);
    if (marks_.size() > 3 && below(4) == 0) {
      commit.writes.push_back(ports::Remove{mark_key(marks_.front()), ports::AtVersion{1}});
      marks_.erase(marks_.begin());
      commit.writes.push_back(ports::Require{mark_key(marks_.back()), ports::AtVersion{1}});
    }
    commit.events.push_back({event_key(index), fmt::format(R"({{"command":{},"text":"{}"}})", index, filler(100))});
    for (std::size_t i = below(3); i > 0; --i) {
      commit.messages.push_back({queue_, fmt::format("msg_{:06}_{}", index, i), fmt::format(R"({{"of":{}}})", index),
                                 below(4) == 0 ? kDueNow + kLongDelay : kDueNow});
    }
  }

  void write_record(ports::Commit& commit, std::size_t index) {
    const std::size_t record = below(kRecordsPerClient);
    std::uint64_t& version = versions_[record];
    const ports::Key key{fmt::format("CLIENT#{}", number_), fmt::format("RECORD#{}", record)};
    if (version > 5 && below(5) == 0) {
      commit.writes.push_back(ports::Remove{key, ports::AtVersion{version}});
      version = 0;
      return;
    }
    const ports::Condition condition =
        version == 0 ? ports::Condition(ports::Absent{}) : ports::Condition(ports::AtVersion{version});
    ++version;
    const std::string sort = fmt::format("{:06}#{}#{}", index, number_, record);
    commit.writes.push_back(ports::Put{
        key,
        fmt::format(R"({{"command":{},"text":"{}"}})", index, filler(below(20) == 0 ? 20'000 : 200 + below(2000))),
        version,
        {{ports::Index::kByStatus, fmt::format("STATUS#{}", index % 3), sort},
         {ports::Index::kByClient, fmt::format("CLIENT#{}", number_), sort}},
        {},
        condition});
  }

  // Never below the floor, since what it takes it gave before.
  void count(ports::Commit& commit) {
    const std::size_t product = below(given_.size());
    const std::int64_t by = given_[product] >= 3 && below(2) == 0 ? -3 : static_cast<std::int64_t>(1 + below(9));
    given_[product] += by;
    commit.writes.push_back(
        ports::Count{{fmt::format("STOCK#{}", product), "COUNTERS"}, {{"available", by}, {"moves", 1}}});
  }

  // A commit whose last condition does not hold must leave nothing of itself.
  Task<void> be_refused(Command& command, std::size_t index) {
    command.kind = Command::Kind::kRefused;
    command.commit.token = fmt::format("token-{}", index);
    command.commit.writes = {ports::Put{mark_key(index), "{}", 1, {}, {}, {}},
                             ports::Put{mark_key(marks_.back()), "{}", 2, {}, {}, ports::Absent{}}};
    command.commit.events.push_back({event_key(index), "{}"});
    command.commit.messages.push_back({queue_, fmt::format("msg_{:06}_refused", index), "{}", kDueNow});
    command.started_at = position_();
    const ports::CommitResult result = co_await system_->store.commit(command.commit);
    ORDERLY_ASSERT(result.kind == ports::CommitResult::Kind::kConflict && result.which == 1);
    command.acknowledged_at = position_();
  }

  Task<void> store_blob(Command& command, std::size_t index) {
    command.kind = Command::Kind::kBlob;
    command.blob_name = fmt::format("documents/{:06}.pdf", index);
    const bool large = below(8) == 0;
    command.blob = {filler(large ? limits::kBlobInStoreBytesMax + 1 + below(30'000) : 1000 + below(9000)),
                    "application/pdf"};
    command.started_at = position_();
    const bool written = co_await system_->blobs.put_if_absent(command.blob_name, command.blob);
    ORDERLY_ASSERT(written);
    command.acknowledged_at = position_();
  }

  Task<void> receive() {
    std::vector<ports::Message> messages = co_await system_->queue.receive(queue_, 1, Duration{0});
    if (!messages.empty()) held_ = std::move(messages.front());
  }

  Task<void> give_message_back(Command& command, std::size_t index) {
    if (!held_) co_await receive();
    if (!held_) co_return co_await commit(command, index);
    const ports::Message message = *std::exchange(held_, std::nullopt);
    const bool bury = below(4) == 0;
    command.kind = bury ? Command::Kind::kBury : Command::Kind::kRetry;
    command.message_id = message.receipt.message_id;
    command.attempts = message.attempts;
    command.started_at = position_();
    if (bury) {
      co_await system_->queue.bury(message, "test");
    } else {
      co_await system_->queue.retry_later(message, Duration{0}, "test");
    }
    command.acknowledged_at = position_();
  }

  const System* system_ = nullptr;
  std::vector<Command>& commands_;
  const Position& position_;
  const std::size_t number_;
  const ports::QueueName queue_;
  std::mt19937_64 random_;
  std::array<std::uint64_t, kRecordsPerClient> versions_{};
  std::array<std::int64_t, 3> given_{};
  std::vector<std::size_t> marks_;  // commands whose marks are there
  std::optional<ports::Message> held_;
};

Workload::Workload(std::uint64_t seed, std::size_t clients, std::function<std::uint64_t()> position)
    : position_(std::move(position)) {
  for (std::size_t number = 0; number < clients; ++number) {
    clients_.push_back(std::make_unique<Client>(commands_, position_, number, seed));
  }
}

Workload::~Workload() = default;

void Workload::run(const System& system, std::size_t commands) {
  const std::size_t first = commands_.size();
  commands_.resize(first + commands);
  std::vector<Task<void>> tasks;
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    tasks.push_back(clients_[i]->work(system, first + i, clients_.size()));
  }
  run_all(system, std::move(tasks));
}

History Workload::history(const System& system) const {
  std::vector<std::string> faults;
  History history{commands_, commands_in_feed(*system.inspectable.inspect(), faults)};
  ORDERLY_ASSERT(faults.empty());
  return history;
}

Survivors check_survivors(const System& system, const History& history, std::uint64_t position) {
  Survivors survivors;
  const std::unique_ptr<ports::Inspection> inspection = system.inspectable.inspect();
  const std::vector<std::size_t> feed = commands_in_feed(*inspection, survivors.faults);
  check_feed(history, feed, position, survivors);
  if (!survivors.faults.empty()) return survivors;

  ExpectedStore expected;
  for (const std::size_t command : feed) expected.apply(history.commands[command].commit);
  survivors.faults = expected.differences(*inspection);
  check_blobs(history, *inspection, position, survivors);
  check_deliveries(history, *inspection, position, survivors);
  return survivors;
}

History as_recovered(const History& history, std::uint64_t position, const System& system, const Survivors& survivors) {
  History recovered = history;
  recovered.feed.resize(survivors.commits);
  const std::set<std::size_t> present(recovered.feed.begin(), recovered.feed.end());
  const std::unique_ptr<ports::Inspection> inspection = system.inspectable.inspect();
  for (std::size_t i = 0; i < recovered.commands.size(); ++i) {
    Command& command = recovered.commands[i];
    bool there = false;
    switch (command.kind) {
      case Command::Kind::kCommit: there = present.contains(i); break;
      case Command::Kind::kBlob: there = blob_is_whole(*inspection, command); break;
      case Command::Kind::kRefused: break;
      case Command::Kind::kRetry:
      case Command::Kind::kBury: there = command.acknowledged_at <= position; break;
    }
    const bool open = command.kind == Command::Kind::kBury && command.started_at <= position;  // may be there or not
    command.started_at = there || open ? 0 : Command::kNever;
    command.acknowledged_at = there ? 0 : Command::kNever;
  }
  return recovered;
}

std::optional<Error> commit_one_more(const System& system, History& history, const Position& position) {
  const std::size_t index = history.commands.size();
  Command& command = history.commands.emplace_back();
  const auto work = [&]() -> Task<void> {
    command.commit.token = fmt::format("token-{}", index);
    command.commit.writes.push_back(ports::Put{mark_key(index), "{}", 1, {}, {}, {}});
    command.commit.events.push_back({event_key(index), "{}"});
    const std::vector<ports::Message> messages =
        co_await system.queue.receive(ports::QueueName::kPayments, 1, Duration{0});
    if (!messages.empty()) command.commit.acknowledged.push_back(messages.front().receipt);
    command.started_at = position();
    const ports::CommitResult result = co_await system.store.commit(command.commit);
    if (!result.committed()) throw Error(ErrorCode::kInternal, "not-committed", "The commit was refused.");
    command.acknowledged_at = position();
  };
  std::vector<Task<void>> tasks;
  tasks.push_back(work());
  const std::vector<Error> errors = run_all(system, std::move(tasks));
  if (errors.empty()) {
    history.feed.push_back(index);
    return std::nullopt;
  }
  if (errors.front().slug() != "outcome-unknown") command.kind = Command::Kind::kRefused;
  return errors.front();
}

}  // namespace orderly::power_loss
