#include "tests/crash/campaign.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "tests/crash/client.h"
#include "tests/crash/exports.h"
#include "tests/crash/program.h"
#include "tests/crash/shop.h"
#include "tests/crash/verdict.h"
#include "tests/process/loopback.h"
#include "tests/process/server.h"

namespace orderly::crash {

namespace json = boost::json;

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr double kShortestLifeSeconds = 0.2;
constexpr auto kStartMax = 60s;
constexpr auto kStopMax = 30s;
constexpr auto kLastLife = 1s;             // after the last restart, for what was not answered yet
constexpr auto kWithoutProgressMax = 60s;  // while the queues are emptied

template <class... Arguments>
void say(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  fmt::print(format, std::forward<Arguments>(arguments)...);
  std::fflush(stdout);
}

std::filesystem::path make_folder(const std::filesystem::path& wanted) {
  if (!wanted.empty()) {
    if (std::filesystem::exists(wanted)) throw std::runtime_error(wanted.string() + " is there already");
    std::filesystem::create_directories(wanted);
    return std::filesystem::absolute(wanted);
  }
  std::string name = std::filesystem::temp_directory_path() / "orderly-crash-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
  return name;
}

double percentile(std::vector<double> values, double percent) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const auto rank = static_cast<std::size_t>(percent / 100 * static_cast<double>(values.size()));
  return values[std::min(rank, values.size() - 1)];
}

std::string joined(const std::map<std::string, std::size_t>& counts) {
  std::string text;
  for (const auto& [name, count] : counts) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, name);
  return text.empty() ? "none" : text;
}

class Campaign {
 public:
  explicit Campaign(CampaignOptions options)
      : options_(std::move(options)),
        folder_(make_folder(options_.folder)),
        program_{options_.program, folder_},
        port_(process::free_port()),
        random_(options_.seed) {}
  Campaign(const Campaign&) = delete;
  Campaign& operator=(const Campaign&) = delete;
  ~Campaign() { end_clients(); }

  std::size_t run() {
    say("seed {}, {} rounds, {} clients, in {}\n", options_.seed, options_.rounds, options_.clients, folder_.string());
    seed_shop();
    start();
    begin_clients();
    for (int round = 1; round <= options_.rounds && violations_.count() == 0; ++round) play(round);
    std::this_thread::sleep_for(kLastLife);
    end_clients();
    settle();
    compare();
    report();
    return violations_.count();
  }

 private:
  double between(double low, double high) { return std::uniform_real_distribution<double>(low, high)(random_); }

  // --- The server's lives ---

  void seed_shop() {
    write_catalog(folder_ / "products.csv");
    const ToolResult result = program_.run({"seed", "--data", "data", "--file", "products.csv"});
    if (result.exit_code != 0) throw std::runtime_error("orderly seed failed; see " + (folder_ / "tools.log").string());
  }

  // In every fourth life the provider takes its time, so that more payments are under way when the server dies.
  std::vector<std::string> settings() {
    const std::int64_t delay_ms = lives_ % 4 == 3 ? 5 + static_cast<std::int64_t>(random_() % 60) : 0;
    return {"log.requests=false", "pricing.shipping_flat=4.99", "pricing.tax_basis_points=1900",
            fmt::format("payments.simulated.delay={}ms", delay_ms)};
  }

  void launch() {
    server_.emplace(program_.serve(port_, settings()), port_, "/readyz");
    ++lives_;
  }

  void start() {
    launch();
    const auto time = server_->wait_until_ready(kStartMax);
    if (!time) {
      gate_.give_up();
      throw std::runtime_error("the server does not get ready; see " + (folder_ / "server.log").string());
    }
    recoveries_.push_back(Seconds(*time).count());
    gate_.open();
  }

  void play(int round) {
    const std::uint64_t before = answered_.load();
    const double life = between(kShortestLifeSeconds, std::max(kShortestLifeSeconds, options_.seconds_per_round));
    const auto end = Clock::now() + Seconds(life);
    while (Clock::now() < end) {
      std::this_thread::sleep_for(std::min<Seconds>(Seconds(0.005), end - Clock::now()));
      if (!server_->has_ended()) continue;
      violations_.add("the server ended by itself; see server.log");
      break;
    }
    gate_.shut();
    server_->kill();
    ++rounds_;
    ++kills_;
    const bool was_killed_again = round % 5 == 0 && kill_while_recovering();
    start();
    if (round % 5 == 0 || options_.rounds <= 25) {
      say("round {:>4}: lived {:.2f} s, {} commands answered, {}ready again in {:.2f} s\n", round, life,
          answered_.load() - before, was_killed_again ? "killed again while recovering, " : "", recoveries_.back());
    }
  }

  // False: it was ready before it was killed.
  bool kill_while_recovering() {
    launch();
    const Seconds moment(between(0, recoveries_.back()));
    const bool is_ready =
        server_->wait_until_ready(std::chrono::duration_cast<std::chrono::nanoseconds>(moment)).has_value();
    server_->kill();
    ++kills_;
    if (!is_ready) ++kills_while_recovering_;
    return !is_ready;
  }

  // --- The clients ---

  void begin_clients() {
    for (std::size_t i = 0; i < options_.clients; ++i) {
      clients_.push_back(std::make_unique<Client>(
          Client::World{port_, options_.seed, folder_, gate_, violations_, stop_, answered_}, i));
    }
    for (const auto& client : clients_) threads_.emplace_back([&client = *client] { client.run(); });
  }

  void end_clients() {
    stop_.store(true);
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  // --- The end ---

  // Messages that wait, due or not; -1 when it cannot be told.
  std::int64_t queued() {
    const ToolResult result = program_.run({"queue", "list", "--data", "data", "--json"});
    if (result.exit_code != 0) return -1;
    std::int64_t sum = 0;
    const json::value queues = json::parse(result.output);
    for (const json::value& queue : queues.as_array()) {
      sum += number_of(queue.as_object(), "messages") + number_of(queue.as_object(), "delayed");
      if (number_of(queue.as_object(), "dead") > 0 && !has_dead_letters_) {
        has_dead_letters_ = true;
        violations_.add("there are dead letters: " + result.output);
      }
    }
    return sum;
  }

  // Lets the workers finish, stops the server, and has it check itself.
  void settle() {
    const auto begin = Clock::now();
    std::int64_t left = queued();
    const std::int64_t at_first = left;
    auto last_progress = begin;
    while (left != 0) {
      std::this_thread::sleep_for(200ms);
      const std::int64_t now_left = queued();
      if (now_left >= 0 && now_left != left) last_progress = Clock::now();
      left = now_left;
      if (Clock::now() - last_progress < kWithoutProgressMax) continue;
      violations_.add(fmt::format("{} messages are left, and nobody works on them", left));
      break;
    }
    say("{} messages were left at the end; the queues were empty {:.1f} s later\n", at_first,
        Seconds(Clock::now() - begin).count());
    if (!server_->stop(kStopMax) || server_->exit_code() != 0) {
      violations_.add("the server did not stop cleanly on SIGTERM; see server.log");
    }
    look_for_alarms();
    const ToolResult check = program_.run({"check", "--data", "data", "--json"});
    std::ofstream(folder_ / "check.json") << check.output;
    if (check.exit_code == 0) {
      say("orderly check: clean\n");
    } else {
      violations_.add(
          fmt::format("orderly check ended with {}: {}", check.exit_code.value_or(-1), check.output.substr(0, 4000)));
    }
  }

  void look_for_alarms() {
    std::ifstream log(folder_ / "server.log");
    for (std::string line; std::getline(log, line);) {
      if (line.find("\"alarm\"") != std::string::npos) violations_.add("the server raised an alarm: " + line);
    }
  }

  void compare() {
    std::vector<const KnownOrder*> known;
    for (const auto& client : clients_) {
      counts_ += client->counts();
      for (const KnownOrder& order : client->orders()) known.push_back(&order);
      if (client->unanswered() > 0)
        violations_.add(fmt::format("{} requests were never answered", client->unanswered()));
    }
    std::map<std::string, std::int64_t> seeded;
    for (std::size_t i = 0; i < kProducts; ++i) seeded[product_id(i)] = seeded_stock(i);
    const StoreExport store = read_store(folder_ / "data");
    tally_ = judge({known, store, read_provider(folder_ / "data"), seeded}, violations_);
    const std::uint64_t decided = counts_.acknowledged + counts_.refused;
    if (store.kept_answers != decided) {
      violations_.add(fmt::format("{} commands were answered, and {} answers are kept", decided, store.kept_answers));
    }
  }

  void report() {
    say("\n{} rounds; {} kills, {} of them while recovering\n", rounds_, kills_, kills_while_recovering_);
    say("recovery p50 {:.3f} s, p99 {:.3f} s, max {:.3f} s\n", percentile(recoveries_, 50), percentile(recoveries_, 99),
        percentile(recoveries_, 100));
    say("commands acknowledged {}, refused {}; sent again after a crash {} ({} of them had been done); reads {}; put "
        "off "
        "{}\n",
        counts_.acknowledged, counts_.refused, counts_.resent, counts_.resent_found_done, counts_.reads,
        counts_.put_off);
    say("replays compared {}\n", counts_.replays_compared);
    say("orders: {}\n", joined(tally_.orders_by_status));
    say("payments: {}\n", joined(tally_.payments_by_outcome));
    say("refunds: {}\n", joined(tally_.refunds_by_status));
    say("documents: {}\n", joined(tally_.documents));
    say("the provider: {} charges, {} refunds\n", tally_.charges, tally_.provider_refunds);
    if (violations_.count() == 0) {
      say("nothing acknowledged is missing, nothing was done twice\n");
      if (options_.folder.empty()) std::filesystem::remove_all(folder_);
      return;
    }
    say("\n{} VIOLATIONS; the folder is kept: {}\n", violations_.count(), folder_.string());
    for (const std::string& each : violations_.kept()) say("- {}\n", each);
    say("to repeat it: --seed {} --rounds {} --clients {}\n", options_.seed, options_.rounds, options_.clients);
  }

  const CampaignOptions options_;
  const std::filesystem::path folder_;
  const Program program_;
  const std::uint16_t port_;
  std::mt19937_64 random_;
  std::optional<process::Server> server_;  // the one that lives, or lived last
  Gate gate_;
  Violations violations_;
  std::atomic<bool> stop_{false};
  std::atomic<std::uint64_t> answered_{0};
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<std::thread> threads_;

  int rounds_ = 0;
  int lives_ = 0;
  int kills_ = 0;
  int kills_while_recovering_ = 0;
  bool has_dead_letters_ = false;
  std::vector<double> recoveries_;  // seconds from the start of the process until it is ready
  ClientCounts counts_;
  Tally tally_;
};

}  // namespace

std::size_t run_campaign(CampaignOptions options) { return Campaign(std::move(options)).run(); }

}  // namespace orderly::crash
