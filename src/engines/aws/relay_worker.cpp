#include "engines/aws/relay_worker.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace orderly::aws {
namespace {

constexpr Duration kFailurePauseFirst{100};
constexpr Duration kFailurePauseMax{5'000};

}  // namespace

Duration pause_after_failures(int failures) {
  return std::min(kFailurePauseFirst * (1 << std::clamp(failures - 1, 0, 10)), kFailurePauseMax);
}

RelayWorker::RelayWorker(StreamReader& reader, FeedPages& pages, Relay& relay, RelayCounters& counters,
                         OwnRecords& records, Timing timing)
    : reader_(reader),
      pages_(pages),
      relay_(relay),
      counters_(counters),
      clock_(records.context().clock),
      timing_(timing),
      lease_(records, "relay", timing.lease) {}

Task<void> RelayWorker::run(std::stop_token stop) {
  int failures = 0;
  while (!stop.stop_requested()) {
    const Time begin = clock_.now();
    const bool is_done = co_await try_round();
    failures = is_done ? 0 : failures + 1;
    if (!is_done) ++counters_.failures;
    const Duration wait = is_holder_ ? timing_.pause : timing_.lease / 3;
    const Duration rest = is_done ? wait - (clock_.now() - begin) : pause_after_failures(failures);
    co_await ports::sleep_unless_stopped(clock_, rest, stop);
  }
  is_holder_ = false;
  co_await lease_.release();
}

Task<bool> RelayWorker::try_round() {
  try {
    co_await round();
    co_return true;
  } catch (const std::exception&) {  // whatever it was, the next round meets it again
  }
  reader_.rewind();
  co_return false;
}

Task<void> RelayWorker::round() {
  if (!co_await lease_.hold()) {
    is_holder_ = false;
    co_return;
  }
  if (!is_holder_) {
    co_await pages_.catch_up();
    reader_.start(pages_.checkpoints());
    is_holder_ = true;
  }
  RelayBatch batch = co_await reader_.read();
  if (!batch.events.empty()) co_await relay_.relay_batch(std::move(batch));
  reader_.confirm();
}

}  // namespace orderly::aws
