#include "engines/embedded/commit_thread.h"

#include <algorithm>
#include <utility>

namespace orderly::embedded {
namespace {

constexpr std::size_t kGroupCommitsMax = 256;
constexpr std::size_t kGroupBytesMax = 2'000'000;
constexpr std::size_t kPendingCommitsMax = 20'000;
constexpr std::size_t kPendingBytesMax = 128'000'000;

Error unavailable(std::string slug, std::string message) {
  return Error(ErrorCode::kUnavailable, std::move(slug), std::move(message));
}

Error outcome_unknown() { return unavailable("outcome-unknown", "It is not known whether the change was kept."); }

}  // namespace

CommitThread::CommitThread(Committer& committer, ports::Clock& clock, Callbacks callbacks)
    : committer_(committer), clock_(clock), callbacks_(std::move(callbacks)), thread_([this] { loop(); }) {}

CommitThread::~CommitThread() { stop(); }

void CommitThread::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  work_.notify_one();
  if (thread_.joinable()) thread_.join();
}

Task<CommitThread::Answer> CommitThread::run(const PreparedCommit& commit) {
  Submission submission;
  submission.commit = &commit;
  co_await suspend([this, &submission](ContinuationPtr continuation) { submit(submission, std::move(continuation)); });
  if (submission.error) throw *submission.error;
  co_return submission.answer;
}

void CommitThread::submit(Submission& submission, ContinuationPtr continuation) {
  bool must_wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (is_stopping_) {
      submission.error = unavailable("stopping", "The server is stopping.");
    } else if (pending_.size() >= kPendingCommitsMax || pending_bytes_ >= kPendingBytesMax) {
      submission.error = unavailable("overloaded", "Too much is waiting to be written.");
    } else {
      submission.continuation = std::move(continuation);
      pending_.push_back(&submission);
      pending_bytes_ += submission.commit->bytes();
      waiting_.store(pending_.size(), std::memory_order_relaxed);
      must_wake = std::exchange(is_idle_, false);
    }
  }
  if (must_wake) work_.notify_one();
  if (continuation != nullptr) {
    failures_.fetch_add(1, std::memory_order_relaxed);
    std::vector<ContinuationPtr> refused;
    refused.push_back(std::move(continuation));
    resume_all(std::move(refused));
  }
}

std::vector<CommitThread::Submission*> CommitThread::wait_for_work() {
  std::vector<Submission*> work;
  std::unique_lock lock(mutex_);
  while (pending_.empty() && !is_stopping_) {
    is_idle_ = true;
    work_.wait(lock);
  }
  is_idle_ = false;
  work.swap(pending_);
  pending_bytes_ = 0;
  waiting_.store(0, std::memory_order_relaxed);
  return work;
}

void CommitThread::loop() {
  while (true) {
    const std::vector<Submission*> work = wait_for_work();
    if (work.empty()) return;  // stopping, and nothing is left
    for (std::size_t taken = 0; taken < work.size();) run_group(std::span(work).subspan(taken), taken);
  }
}

// One group of the first of those who wait; adds their number to `taken`. When it returns their coroutines may be gone.
void CommitThread::run_group(std::span<Submission* const> waiting, std::size_t& taken) {
  committer_.begin(clock_.now());
  std::size_t count = 0;
  while (count < waiting.size() && count < kGroupCommitsMax && committer_.bytes() < kGroupBytesMax) {
    decide(*waiting[count++]);
  }
  taken += count;
  const auto group = waiting.first(count);
  answer(group, make_durable(group));
}

void CommitThread::decide(Submission& submission) {
  if (has_failed_) {
    submission.error = unavailable("store-failed", "The disk has failed; nothing was changed.");
    return;
  }
  try {
    submission.answer.result = committer_.add(*submission.commit);
  } catch (const Error& error) {
    submission.error = error;
  }
}

// When it cannot be: the group's commits all have an error.
bool CommitThread::make_durable(std::span<Submission* const> group) {
  if (has_failed_) return false;
  std::optional<Error> error;
  try {
    committer_.finish();
    groups_.fetch_add(1, std::memory_order_relaxed);
    return true;
  } catch (const Error& full) {
    error = full;
  } catch (const StoreFailure& failure) {
    has_failed_ = true;
    error = outcome_unknown();
    if (callbacks_.on_fatal) callbacks_.on_fatal(failure.what());
  }
  for (Submission* submission : group) submission->error = error;
  return false;
}

void CommitThread::answer(std::span<Submission* const> group, bool is_durable) {
  std::vector<const PreparedCommit*> committed;
  std::vector<ContinuationPtr> ready;
  ready.reserve(group.size());
  for (Submission* submission : group) {
    submission->answer.swept = committer_.swept();
    if (!submission->error && submission->answer.result.committed()) committed.push_back(submission->commit);
    ready.push_back(std::move(submission->continuation));
  }
  const std::size_t failed = static_cast<std::size_t>(
      std::ranges::count_if(group, [](const Submission* one) { return one->error.has_value(); }));
  commits_.fetch_add(committed.size(), std::memory_order_relaxed);
  failures_.fetch_add(failed, std::memory_order_relaxed);
  conflicts_.fetch_add(group.size() - committed.size() - failed, std::memory_order_relaxed);
  if (is_durable) {
    if (callbacks_.on_durable) callbacks_.on_durable(committed, ready);
    if (callbacks_.on_group) callbacks_.on_group({group.size(), committed.size(), committer_.bytes()});
  }
  resume_all(std::move(ready));
}

EngineStats CommitThread::stats() const {
  return {commits_.load(std::memory_order_relaxed), conflicts_.load(std::memory_order_relaxed),
          failures_.load(std::memory_order_relaxed), groups_.load(std::memory_order_relaxed),
          waiting_.load(std::memory_order_relaxed)};
}

}  // namespace orderly::embedded
