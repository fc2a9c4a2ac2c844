// What only the embedded engine promises: one process a folder, a full disk, a failed sync, its files, its memory.
#include "engines/embedded/engine.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_future.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "base/error.h"
#include "engines/embedded/fault_file_system.h"

namespace orderly::embedded {
namespace {

class TestClock : public ports::Clock {
 public:
  Time now() const override {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return Time{std::chrono::duration_cast<Duration>(since_epoch).count()} + Duration{ahead_ms.load()};
  }
  Task<void> sleep(Duration duration) override {
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, duration);
    co_await timer.async_wait(boost::asio::use_awaitable);
  }

  std::atomic<std::int64_t> ahead_ms = 0;
};

class EngineTest : public ::testing::Test {
 protected:
  EngineTest() {
    std::string pattern = std::filesystem::temp_directory_path() / "orderly-embedded-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = pattern;
    open();
  }
  ~EngineTest() override {
    engine_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  EmbeddedOptions options() {
    EmbeddedOptions options;
    options.folder = folder_;
    options.clock = &clock_;
    options.on_fatal = [this](const std::string& reason) { fatal_ = reason; };
    return options;
  }
  void open(EmbeddedOptions with) {
    engine_.reset();
    engine_ = EmbeddedEngine::open(std::move(with));
  }
  void open() { open(options()); }
  // On a disk that can be broken.
  void open_on_faults() {
    EmbeddedOptions with = options();
    with.env = fault_env_.get();
    open(std::move(with));
  }

  template <class T>
  T run(Task<T> task) {
    std::future<T> future = boost::asio::co_spawn(context_, std::move(task), boost::asio::use_future);
    context_.run();
    context_.restart();
    return future.get();
  }
  std::string put(const std::string& partition, std::optional<Time> expires_at = std::nullopt) {
    ports::Commit commit;
    commit.writes.push_back(ports::Put{{partition, "META"}, "{}", 1, {}, expires_at, ports::Absent{}});
    return outcome(std::move(commit));
  }
  std::string outcome(ports::Commit commit) {
    try {
      return run(engine_->store().commit(std::move(commit))).committed() ? "committed" : "refused";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUnavailable) << error.what();
      return error.slug();
    }
  }
  bool has(const std::string& partition) { return run(engine_->store().get({partition, "META"})).has_value(); }
  std::vector<std::string> stored_partitions() {
    std::vector<std::string> partitions;
    engine_->inspectable().inspect()->records([&](const ports::Inspection::StoredRecord& each) {
      partitions.push_back(each.record.key.partition);
      return true;
    });
    return partitions;
  }
  std::string slug_of_open(EmbeddedOptions with) {
    try {
      EmbeddedEngine::open(std::move(with));
      return "opened";
    } catch (const Error& error) {
      message_ = error.message();
      return error.slug();
    }
  }

  std::string folder_;
  TestClock clock_;
  std::shared_ptr<FaultFileSystem> faults_ = std::make_shared<FaultFileSystem>();
  std::unique_ptr<rocksdb::Env> fault_env_ = rocksdb::NewCompositeEnv(faults_);
  std::string fatal_;
  std::string message_;
  boost::asio::io_context context_;
  std::unique_ptr<EmbeddedEngine> engine_;
};

TEST_F(EngineTest, ASecondProcessIsToldThatTheFolderIsInUse) {
  EXPECT_EQ(slug_of_open(options()), "data-folder-in-use");
  EXPECT_NE(message_.find(folder_), std::string::npos);
  engine_.reset();
  EXPECT_EQ(slug_of_open(options()), "opened");
}

TEST_F(EngineTest, WithoutOurLockTheDatabasesOwnKeepsASecondOneOut) {
  open_on_faults();
  EmbeddedOptions with = options();
  with.env = fault_env_.get();
  EXPECT_EQ(slug_of_open(std::move(with)), "data-folder-in-use");
}

TEST_F(EngineTest, AFolderThatCannotBeMadeIsSaidSo) {
  std::ofstream(folder_ + "/file") << "x";
  EmbeddedOptions with = options();
  with.folder = folder_ + "/file/data";
  EXPECT_EQ(slug_of_open(std::move(with)), "data-folder-unusable");
}

TEST_F(EngineTest, OnAFullDiskCommitsAreRefusedReadsGoOnAndItRecoversWhenThereIsSpace) {
  open_on_faults();
  ASSERT_EQ(put("BEFORE"), "committed");
  faults_->is_full = true;
  EXPECT_EQ(put("A"), "store-full");
  EXPECT_EQ(put("B"), "store-full");
  EXPECT_TRUE(has("BEFORE"));
  EXPECT_FALSE(has("A"));
  EXPECT_EQ(fatal_, "");

  faults_->is_full = false;
  EXPECT_EQ(put("AFTER"), "committed");
  open();
  EXPECT_TRUE(has("BEFORE"));
  EXPECT_TRUE(has("AFTER"));
  EXPECT_FALSE(has("A")) << "it was refused";
  EXPECT_FALSE(has("B"));
}

TEST_F(EngineTest, ADiskThatIsFullWithoutWarningStopsTheProcessAndTheFolderOpensAgain) {
  open_on_faults();
  ASSERT_EQ(put("BEFORE"), "committed");
  faults_->hides_that_it_is_full = true;
  faults_->is_full = true;
  EXPECT_EQ(put("A"), "outcome-unknown");
  EXPECT_FALSE(fatal_.empty());
  EXPECT_TRUE(has("BEFORE"));
  faults_->is_full = false;
  EXPECT_EQ(put("B"), "store-failed") << "there is no going on behind a half-written log";
  open();
  EXPECT_TRUE(has("BEFORE"));
  EXPECT_FALSE(has("A"));
  EXPECT_EQ(put("AFTER"), "committed");
}

TEST_F(EngineTest, AfterAFailedSyncNothingIsPromisedAnyMore) {
  open_on_faults();
  ASSERT_EQ(put("BEFORE"), "committed");
  faults_->sync_fails = true;
  EXPECT_EQ(put("A"), "outcome-unknown");
  EXPECT_NE(fatal_.find("planted"), std::string::npos) << "the host is told why";
  faults_->sync_fails = false;
  fatal_.clear();
  EXPECT_EQ(put("B"), "store-failed");
  EXPECT_TRUE(fatal_.empty()) << "once is enough";
  EXPECT_TRUE(has("BEFORE"));
  EXPECT_FALSE(has("A"));
}

TEST_F(EngineTest, NobodySeesAWriteBeforeItsSync) {
  open_on_faults();
  ASSERT_EQ(put("BEFORE"), "committed");
  std::atomic<int> looked = 0;
  faults_->set_before_sync([&] {
    boost::asio::io_context context;
    auto record = boost::asio::co_spawn(context, engine_->store().get({"A", "META"}), boost::asio::use_future);
    context.run();
    EXPECT_FALSE(record.get()) << "not durable yet";
    ++looked;
  });
  ASSERT_EQ(put("A"), "committed");
  EXPECT_EQ(looked, 1);
  faults_->set_before_sync(nullptr);
  EXPECT_TRUE(has("A"));
}

TEST_F(EngineTest, ManyCommitsShareASync) {
  open_on_faults();
  faults_->set_before_sync([] { std::this_thread::sleep_for(std::chrono::milliseconds(5)); });
  const std::size_t syncs = faults_->syncs;
  std::vector<std::future<ports::CommitResult>> results;
  for (int i = 0; i < 200; ++i) {
    ports::Commit commit;
    commit.writes.push_back(ports::Put{{"A" + std::to_string(i), "META"}, "{}", 1, {}, std::nullopt, ports::Absent{}});
    results.push_back(boost::asio::co_spawn(context_, engine_->store().commit(commit), boost::asio::use_future));
  }
  context_.run();
  for (auto& result : results) EXPECT_TRUE(result.get().committed());
  EXPECT_LT(faults_->syncs - syncs, 20u);
  EXPECT_EQ(engine_->stats().commits, 200u);
  EXPECT_LT(engine_->stats().groups, 20u);
}

TEST_F(EngineTest, ExpiredRecordsAreSweptAFewAtATime) {
  for (int i = 0; i < 10; ++i)
    ASSERT_EQ(put("CART#" + std::to_string(i), clock_.now() + Duration{1000 + i}), "committed");
  ASSERT_EQ(put("LONGER", clock_.now() + std::chrono::hours(5)), "committed");
  ASSERT_EQ(put("FOREVER"), "committed");
  EXPECT_EQ(run(engine_->sweep_expired(100)), 0u);
  clock_.ahead_ms += 60'000;
  EXPECT_EQ(run(engine_->sweep_expired(4)), 4u);
  EXPECT_EQ(run(engine_->sweep_expired(100)), 6u);
  EXPECT_EQ(run(engine_->sweep_expired(100)), 0u);
  EXPECT_EQ(stored_partitions(), (std::vector<std::string>{"FOREVER", "LONGER"}));
  clock_.ahead_ms += std::chrono::milliseconds(std::chrono::hours(6)).count();
  EXPECT_EQ(run(engine_->sweep_expired(100)), 1u);
}

TEST_F(EngineTest, TransientRecordsThatAreOverGoWhenTheirFileIsRewritten) {
  ASSERT_EQ(put("FOREVER"), "committed");
  ASSERT_EQ(put("!LONG", clock_.now() + std::chrono::hours(5)), "committed");
  ASSERT_EQ(put("!SHORT", clock_.now() + std::chrono::minutes(5)), "committed");
  engine_->compact();
  EXPECT_EQ(stored_partitions(), (std::vector<std::string>{"!LONG", "!SHORT", "FOREVER"})) << "in order of their keys";
  clock_.ahead_ms += std::chrono::milliseconds(std::chrono::hours(1)).count();
  EXPECT_FALSE(has("!SHORT"));
  EXPECT_EQ(run(engine_->sweep_expired(100)), 0u) << "nobody has to look for them";
  engine_->compact();
  EXPECT_EQ(stored_partitions(), (std::vector<std::string>{"!LONG", "FOREVER"}));
  EXPECT_TRUE(has("!LONG"));
  ASSERT_EQ(put("!SHORT", clock_.now() + std::chrono::minutes(5)), "committed");
  open();
  EXPECT_TRUE(has("!SHORT"));
}

// Their memtable is a hash table: what walks through it must still find each of them once, in order, whether the
// memtable alone has them or files as well.
TEST_F(EngineTest, AThousandTransientRecordsAreWalkedThroughInOrder) {
  std::vector<std::string> names;
  for (int i = 0; i < 1000; ++i) names.push_back(fmt::format("!ANSWER#{:03}", i * 7919 % 1000));
  for (std::size_t i = 0; i < names.size(); ++i) {
    ASSERT_EQ(put(names[i], clock_.now() + std::chrono::hours(1)), "committed");
    if (i == 600) engine_->compact();
  }
  ASSERT_NE(put(names[0], clock_.now() + std::chrono::hours(1)), "committed") << "it is there, in a file";
  ASSERT_NE(put(names[999], clock_.now() + std::chrono::hours(1)), "committed") << "it is there, in the memtable";
  std::ranges::sort(names);
  EXPECT_EQ(stored_partitions(), names);
  open();
  EXPECT_EQ(stored_partitions(), names);
}

TEST_F(EngineTest, TenThousandMessagesPassThroughASmallWindow) {
  EmbeddedOptions with = options();
  with.queue_window_max = 100;
  open(std::move(with));
  constexpr int kMessages = 10'000;
  for (int sent = 0; sent < kMessages;) {
    ports::Commit commit;
    for (int i = 0; i < 1000; ++i, ++sent) {
      commit.messages.push_back({ports::QueueName::kPayments, "msg_" + std::to_string(sent), "{}", clock_.now()});
    }
    ASSERT_EQ(outcome(std::move(commit)), "committed");
  }
  EXPECT_EQ(run(engine_->queue().depth(ports::QueueName::kPayments)).messages, 10'000u);
  std::set<std::string> seen;
  while (true) {
    const auto messages = run(engine_->queue().receive(ports::QueueName::kPayments, 64, Duration{0}));
    if (messages.empty()) break;
    ports::Commit commit;
    for (const ports::Message& message : messages) {
      EXPECT_TRUE(seen.insert(message.receipt.message_id).second);
      commit.acknowledged.push_back(message.receipt);
    }
    ASSERT_EQ(outcome(std::move(commit)), "committed");
  }
  EXPECT_EQ(seen.size(), 10'000u);
  EXPECT_EQ(run(engine_->queue().depth(ports::QueueName::kPayments)).messages, 0u);
}

TEST_F(EngineTest, AMessageWhoseDeliveriesAreAllLostIsBuried) {
  ports::Commit commit;
  commit.messages.push_back({ports::QueueName::kPayments, "msg_1", "{}", clock_.now()});
  ASSERT_EQ(outcome(std::move(commit)), "committed");
  for (int delivery = 1; delivery <= limits::kDeliveriesMax; ++delivery) {
    ASSERT_EQ(run(engine_->queue().receive(ports::QueueName::kPayments, 1, Duration{0})).size(), 1u) << delivery;
    clock_.ahead_ms += Duration(limits::kVisibilityTimeout).count();
  }
  EXPECT_TRUE(run(engine_->queue().receive(ports::QueueName::kPayments, 1, Duration{0})).empty());
  const auto letters = run(engine_->queue().dead_letters(ports::QueueName::kPayments, 10));
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0].reason, "visibility-timeout");
  EXPECT_EQ(letters[0].attempts, limits::kDeliveriesMax);
}

TEST_F(EngineTest, FilesThatACrashLeftAreRemovedAndOthersAreNot) {
  ASSERT_TRUE(run(engine_->blobs().put_if_absent("large", {std::string(300'000, 'x'), "image/png"})));
  std::ofstream(folder_ + "/blobs/left-over") << "x";
  open();
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/blobs/left-over"));
  EXPECT_EQ(run(engine_->blobs().get("large"))->bytes.size(), 300'000u);
}

TEST_F(EngineTest, AFileThatWasDamagedIsNotHandedOut) {
  ASSERT_TRUE(run(engine_->blobs().put_if_absent("large", {std::string(300'000, 'x'), "image/png"})));
  for (const auto& entry : std::filesystem::directory_iterator(folder_ + "/blobs")) {
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(1000);
    file.put('y');
  }
  try {
    run(engine_->blobs().get("large"));
    FAIL() << "a flipped byte went unnoticed";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kBrokenInvariant);
  }
  EXPECT_EQ(engine_->inspectable().inspect()->blob("large")->bytes[1000], 'y') << "the raw bytes";
}

TEST_F(EngineTest, ALogWithATornTailOpensWithAllThatWasAcknowledged) {
  for (int i = 0; i < 20; ++i) ASSERT_EQ(put("A" + std::to_string(i)), "committed");
  const std::string copy = folder_ + "-copy";
  std::filesystem::copy(folder_, copy, std::filesystem::copy_options::recursive);
  engine_.reset();
  for (const auto& entry : std::filesystem::directory_iterator(copy)) {
    if (entry.path().extension() == ".log") {
      std::ofstream(entry.path(), std::ios::app | std::ios::binary) << std::string(700, '\x5a');
    }
  }
  EmbeddedOptions with = options();
  with.folder = copy;
  open(std::move(with));
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(has("A" + std::to_string(i)));
  engine_.reset();
  std::filesystem::remove_all(copy);
}

TEST_F(EngineTest, AfterStopCommitsAreRefusedAndReadsGoOn) {
  ASSERT_EQ(put("A"), "committed");
  engine_->stop();
  engine_->stop();
  EXPECT_EQ(put("B"), "stopping");
  EXPECT_TRUE(has("A"));
  EXPECT_TRUE(run(engine_->queue().receive(ports::QueueName::kPayments, 1, std::chrono::seconds(30))).empty());
}

}  // namespace
}  // namespace orderly::embedded
