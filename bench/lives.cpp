#include "bench/lives.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "bench/server_process.h"

namespace orderly::bench {

namespace {

using namespace std::chrono_literals;

constexpr auto kDrainMax = 60s;
constexpr std::size_t kSample = 200;

double lives_per_second(const std::vector<WholeLives::Sight>& sights, const LoadOptions& load) {
  if (sights.empty()) return 0;
  const auto from = sights.front().at + load.warm_up;
  const auto first = std::ranges::find_if(sights, [&](const auto& sight) { return sight.at >= from; });
  auto last = sights.end() - 1;
  while (last > first && last->at > from + load.duration) --last;
  if (first >= last) return 0;
  return static_cast<double>(last->done - first->done) / std::chrono::duration<double>(last->at - first->at).count();
}

// Waits until no message is left. How many there still are: 0 unless a minute was not enough.
std::uint64_t drain(std::uint16_t port) {
  const auto deadline = std::chrono::steady_clock::now() + kDrainMax;
  for (;;) {
    const std::int64_t left = queued_messages(http_get(port, "/metrics").body);
    if (left <= 0 || std::chrono::steady_clock::now() > deadline)
      return static_cast<std::uint64_t>(std::max<std::int64_t>(left, 0));
    std::this_thread::sleep_for(20ms);
  }
}

std::string_view text_in(std::string_view body, std::string_view key) {
  const std::size_t at = body.find(key);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = body.substr(at + key.size());
  return rest.substr(0, rest.find('"'));
}

bool is_whole(std::uint16_t port, const PlacedOrder& order) {
  const HttpReply reply = http_get(port, "/orders/" + std::string(order.text()));
  const std::string_view invoice = text_in(reply.body, R"("invoice":")");
  const bool is_confirmed = text_in(reply.body, R"("status":")") == "confirmed";
  if (reply.status != 200 || !is_confirmed || invoice.empty()) return false;
  const HttpReply pdf = http_get(port, "/invoices/" + std::string(invoice) + ".pdf");
  return pdf.status == 200 && pdf.body.starts_with("%PDF-") && pdf.body.size() > 500;
}

std::uint64_t not_whole_in_sample(std::uint16_t port, const std::vector<PlacedOrder>& placed) {
  const std::size_t step = std::max<std::size_t>(1, placed.size() / kSample);
  std::uint64_t missing = 0;
  for (std::size_t i = 0; i < placed.size(); i += step) missing += is_whole(port, placed[i]) ? 0 : 1;
  return missing;
}

}  // namespace

Figure measure_lives(const LoadOptions& load, const PlaceOrders::Options& orders, std::uint64_t under_way_max) {
  WholeLives workload(orders, load.connections, under_way_max);
  const LoadResult result = run_load(load, workload);
  const std::uint64_t left = drain(load.port);
  const std::uint64_t missing = not_whole_in_sample(load.port, workload.orders().placed());
  const std::int64_t dead = gauge_sum(http_get(load.port, "/metrics").body, "orderly_queue_dead_letters");

  Figure figure = rate_figure("whole lives", result);
  figure.value = lives_per_second(workload.sights(), load);
  figure.errors += left + missing + static_cast<std::uint64_t>(std::max<std::int64_t>(dead, 0));
  figure.note += fmt::format("{} orders placed; {} messages left, {} of a sample of {} not whole, {} dead letters",
                             workload.orders().placed_count(), left, missing, kSample, dead);
  return figure;
}

}  // namespace orderly::bench
