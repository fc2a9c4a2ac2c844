#include "bench/scenarios.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <thread>

#include "bench/limits.h"
#include "bench/lives.h"
#include "bench/recorded_writes.h"
#include "bench/server_process.h"
#include "bench/workloads.h"
#include "tests/process/loopback.h"

namespace orderly::bench {

namespace {

using namespace std::chrono_literals;

constexpr const char* kRawPlacing = "limit: raw store, placing";
constexpr const char* kRawPlacingWithKey = "limit: raw store, placing with key";
constexpr const char* kRawLives = "limit: raw store, lives";
constexpr const char* kRawHttp = "limit: raw HTTP";
// Of shops that are measured beside each other: longer than a stall of the disk, shorter than a mood of the machine.
constexpr std::chrono::milliseconds kTurn = 500ms;
constexpr std::chrono::milliseconds kTurnWarmUp = 50ms;
constexpr const char* kOpen = "orders placed, nobody asked who";
constexpr const char* kSpread = "one line, many connections, spread";

const Goals kPlacingGoals{.mark = 8'000, .target = 15'000, .mark_p99_ms = 20, .target_p99_ms = 10, .target_ratio = 0.6};
const Goals kLivesGoals{.mark = 1'500, .target = 4'000, .target_ratio = 0.5};
const Goals kOrderReadGoals{.mark = 50'000, .target = 90'000, .target_p99_ms = 2, .target_ratio = 0.65};
const Goals kProductsGoals{.target = 40'000};
const Goals kBusyGoals{.target_ratio = 0.8};
const Goals kKeysGoals{.target_ratio = 0.9};

Figure plain_figure(std::string name, std::string unit, double value, std::optional<double> at_most = std::nullopt) {
  Figure figure;
  figure.name = std::move(name);
  figure.unit = std::move(unit);
  figure.value = value;
  figure.goals.at_most = true;
  figure.goals.target = at_most;
  return figure;
}

// Orders placed in one run or in several turns, and what they cost the server.
class PlacingLoad {
 public:
  PlacingLoad(const PlaceOrders::Options& options, std::size_t connections) : workload_(options, connections) {}

  void drive(const ServerProcess& server, LoadOptions load) {
    load.port = server.port();
    const std::uint64_t placed_before = workload_.placed_count();
    const double cpu_before = server.cpu_seconds();
    result_.add(run_load(load, workload_));
    cpu_seconds_ += server.cpu_seconds() - cpu_before;
    orders_ += workload_.placed_count() - placed_before;
  }

  // Nothing counts but errors.
  void warm_up(const ServerProcess& server, LoadOptions load) {
    load.port = server.port();
    load.duration = 0s;
    result_.add(run_load(load, workload_));
  }

  const PlaceOrders& workload() const { return workload_; }

  Figure figure(std::string name, const Goals& goals, std::string limit) const {
    Figure figure = rate_figure(std::move(name), result_, goals, std::move(limit));
    // It says more than the rate where something else is busy on the machine.
    const double each = cpu_seconds_ * 1e6 / static_cast<double>(std::max<std::uint64_t>(orders_, 1));
    figure.note += fmt::format("{}{:.1f} µs of the server's CPU an order", figure.note.empty() ? "" : "; ", each);
    return figure;
  }

 private:
  PlaceOrders workload_;
  LoadResult result_;
  double cpu_seconds_ = 0;
  std::uint64_t orders_ = 0;
};

class RoundRun {
 public:
  explicit RoundRun(const BenchOptions& options) : options_(options), wish_{.products = options.products} {
    wish_.with_address = options.with_address;
  }

  Round run() {
    if (wants("start")) measure_empty_start();
    if (wants("place") || wants("read") || wants("busy")) measure_one_folder();
    if (wants("keys")) measure_keys_folder();
    if (wants("lives")) measure_lives_folder();
    if (wants("limits")) measure_limits();
    return std::move(round_);
  }

 private:
  bool wants(const char* part) const { return options_.parts.contains(part); }

  void say(const std::string& what) const { fmt::print(stderr, "bench: {}\n", what); }

  void add(Figure figure) {
    say(fmt::format("{}: {:.0f} {}{}", figure.name, figure.value, figure.unit,
                    figure.errors > 0 ? fmt::format(", {} errors {}", figure.errors, figure.note) : ""));
    round_.push_back(std::move(figure));
  }

  // A copy of the shop with its catalog, removed at the end of the part.
  std::filesystem::path fresh_folder(const char* name) const {
    const std::filesystem::path folder = options_.folder / name;
    std::filesystem::remove_all(folder);
    std::filesystem::copy(options_.folder / "catalog", folder, std::filesystem::copy_options::recursive);
    return folder;
  }

  ServerProcess start(const std::filesystem::path& data, const std::vector<std::string>& settings) const {
    const std::uint16_t port = process::free_port();
    process::Command command{options_.programs / "orderly",
                             {"serve", "--data", data.string(), "--listen", fmt::format("127.0.0.1:{}", port)},
                             options_.folder,
                             options_.folder / "server.log",
                             options_.folder / "server.log"};
    for (const auto& list : {settings, options_.settings}) {
      for (const std::string& setting : list) command.arguments.insert(command.arguments.end(), {"--set", setting});
    }
    return {std::move(command), port, "/healthz"};
  }

  LoadOptions load(const ServerProcess& server, std::size_t connections) const {
    LoadOptions load = this->load(connections);
    load.port = server.port();
    return load;
  }

  LoadOptions load(std::size_t connections) const {
    LoadOptions load;
    load.connections = connections;
    load.warm_up = options_.warm_up;
    load.duration = options_.duration;
    return load;
  }

  void measure_empty_start() {
    const std::filesystem::path data = options_.folder / "empty";
    std::filesystem::remove_all(data);
    ServerProcess server = start(data, {});
    add(plain_figure("start, empty folder", "ms", ms(server.start_time())));
    std::this_thread::sleep_for(200ms);
    add(plain_figure("memory, idle, empty folder", "MB", server.memory().resident_mb, 40));
    server.stop();
    std::filesystem::remove_all(data);
  }

  // Payments are due in an hour, so that the workers rest: the same records are written, and nothing but placing is
  // measured.
  void measure_one_folder() {
    const std::filesystem::path data = fresh_folder("placed");
    {
      ServerProcess server = start(data, {"payments.simulated.step=1h"});
      if (wants("place")) measure_placing(server);
      if (wants("read")) measure_reading(server);
      if (wants("busy")) measure_busy_product(server);
      const Memory memory = server.memory();
      add(plain_figure("memory, after load", "MB", memory.resident_mb, 400));
      add(plain_figure("memory, peak", "MB", memory.peak_mb));
      server.stop();
    }
    if (wants("start")) measure_large_start(data);
    std::filesystem::remove_all(data);
  }

  void measure_large_start(const std::filesystem::path& data) {
    ServerProcess server = start(data, {"payments.simulated.step=1h"});
    Figure figure = plain_figure("start, the folder just filled", "ms", ms(server.start_time()), 200);
    figure.note = fmt::format("{} orders in it", first_number_);
    add(std::move(figure));
    server.stop();
  }

  Figure place(const ServerProcess& server, std::string name, PlaceOrders::Options placing, const LoadOptions& load,
               const Goals& goals, std::string limit) {
    placing.first_number = first_number_;
    PlacingLoad run(placing, load.connections);
    run.drive(server, load);
    const PlaceOrders& workload = run.workload();
    first_number_ += workload.placed_count();
    if (workload.body_bytes() > 0) body_bytes_ = workload.body_bytes();
    if (placed_.empty()) placed_ = workload.placed();
    return run.figure(std::move(name), goals, std::move(limit));
  }

  void measure_placing(const ServerProcess& server) {
    const LoadOptions load = this->load(server, options_.connections);
    add(place(server, "orders placed", {.wish = wish_}, load, kPlacingGoals, kRawPlacing));
    add(place(server, "orders placed, Idempotency-Key", {.wish = wish_, .with_idempotency_key = true}, load,
              kPlacingGoals, kRawPlacingWithKey));
    if (options_.open_loop_rate <= 0) return;
    LoadOptions open = load;
    open.rate_per_second = options_.open_loop_rate;
    open.connections = options_.busy_connections;
    add(place(server, fmt::format("orders placed, open loop at {:.0f}/s", options_.open_loop_rate), {.wish = wish_},
              open, {}, {}));
  }

  void measure_reading(const ServerProcess& server) {
    if (placed_.empty()) place_some(server);
    const LoadOptions load = this->load(server, options_.connections);
    ReadOrders orders(placed_, load.connections);
    add(rate_figure("GET /orders/{id}", run_load(load, orders), kOrderReadGoals, kRawHttp));
    RepeatGet products("/products?limit=20");
    add(rate_figure("GET /products, 20 rows", run_load(load, products), kProductsGoals));
  }

  void place_some(const ServerProcess& server) {
    LoadOptions load = this->load(server, options_.connections);
    load.warm_up = {};
    load.requests_max = 20'000;
    place(server, {}, {.wish = wish_}, load, {}, {});
    if (placed_.empty()) throw std::runtime_error("no order could be placed");
  }

  void measure_busy_product(const ServerProcess& server) {
    const LoadOptions load = this->load(server, options_.busy_connections);
    PlaceOrders::Options placing{.wish = wish_};
    placing.wish.lines = 1;
    add(place(server, kSpread, placing, load, {}, {}));
    placing.wish.same_product = true;
    add(place(server, "one line, many connections, one product", placing, load, kBusyGoals, kSpread));
  }

  // A shop that asks for keys beside one that does not: what it costs to know who calls and what they may do. The shops
  // run at the same time and take short turns, so that what else the machine does falls on all of them alike.
  void measure_keys_folder() {
    Shop open = open_shop("open", {.wish = wish_}, false);
    Shop with_key = open_shop("key", {.wish = wish_}, true);
    Shop repeatable = open_shop("repeatable", {.wish = wish_, .with_idempotency_key = true}, true);
    std::array shops{&open, &with_key, &repeatable};
    for (Shop* shop : shops) shop->placing.warm_up(shop->server, load(options_.connections));

    const std::int64_t turns = std::max<std::int64_t>(options_.duration / kTurn, 1);
    LoadOptions load = this->load(options_.connections);
    load.warm_up = kTurnWarmUp;
    load.duration = options_.duration / turns;
    for (std::int64_t turn = 0; turn < turns; ++turn) {
      for (Shop* shop : shops) shop->placing.drive(shop->server, load);
      std::ranges::rotate(shops, shops.begin() + 1);
    }

    add(open.placing.figure(kOpen, {}, {}));
    add(with_key.placing.figure("orders placed, API key", kKeysGoals, kOpen));
    add(repeatable.placing.figure("orders placed, API key and Idempotency-Key", kKeysGoals, kOpen));
    for (Shop* shop : shops) {
      shop->server.stop();
      std::filesystem::remove_all(shop->data);
    }
  }

  struct Shop {
    std::filesystem::path data;
    ServerProcess server;
    PlacingLoad placing;
  };

  // In a folder of its own, since one that holds orders already has files to merge.
  Shop open_shop(const char* name, const PlaceOrders::Options& placing, bool asks_for_keys) const {
    const std::filesystem::path data = fresh_folder(name);
    // The running server makes the key: another start would be another file.
    const auto with_key = [&] {
      PlaceOrders::Options options = placing;
      if (asks_for_keys) options.api_key = make_key(data);
      return options;
    };
    return {data, start(data, {"payments.simulated.step=1h", "keys.requests_per_second=1000000"}),
            PlacingLoad(with_key(), options_.connections)};
  }

  std::string make_key(const std::filesystem::path& data) const {
    const std::filesystem::path shown = options_.folder / "key.txt";
    std::filesystem::remove(shown);  // of the round before
    run_command({options_.programs / "orderly",
                 {"key", "create", "--data", data.string(), "--name", "bench", "--role", "owner"},
                 options_.folder,
                 shown,
                 options_.folder / "key.log"});
    std::ifstream file(shown);
    for (std::string word; file >> word;) {
      if (word.starts_with("ok_")) return word;
    }
    throw std::runtime_error("orderly key create shows no key");
  }

  void measure_lives_folder() {
    const std::filesystem::path data = fresh_folder("lives");
    ServerProcess server = start(data, {"payments.simulated.step=0s"});
    LoadOptions load = this->load(server, options_.connections + 1);
    Figure figure = measure_lives(load, {.wish = wish_}, options_.lives_under_way_max);
    figure.goals = kLivesGoals;
    figure.limit = kRawLives;
    add(std::move(figure));
    add(plain_figure("memory, after whole lives", "MB", server.memory().resident_mb, 400));
    server.stop();
    std::filesystem::remove_all(data);
  }

  void measure_limits() {
    add_raw_store(kRawPlacing, record_placing(wish_, false, options_.recorded_orders));
    add_raw_store(kRawPlacingWithKey, record_placing(wish_, true, options_.recorded_orders));
    add_raw_store(kRawLives, record_lives(wish_, options_.recorded_lives));

    LoadOptions load;
    load.connections = options_.connections;
    load.warm_up = options_.warm_up;
    load.duration = options_.duration;
    const LoadResult http = measure_raw_http(options_.programs / "bare_beast", options_.folder, body_bytes_, load);
    Figure figure = rate_figure(kRawHttp, http);
    figure.note = fmt::format("{} bytes a body; the generator took {:.1f} µs of CPU a request", body_bytes_,
                              http.generator_us_per_request());
    add(std::move(figure));

    const DiskLimit disk = measure_disk(options_.folder, options_.duration / 4);
    Figure syncs = plain_figure("limit: disk, fdatasync of 4 KiB appended", "/s", disk.syncs_per_second);
    syncs.goals.at_most = false;
    syncs.p99_ms = disk.p99_ms;
    add(std::move(syncs));
  }

  void add_raw_store(const char* name, const Recording& recording) {
    const std::filesystem::path folder = options_.folder / "raw";
    std::filesystem::remove_all(folder);
    Figure figure = plain_figure(name, "/s", measure_raw_store(folder, recording));
    figure.goals.at_most = false;
    const auto lives = static_cast<double>(recording.lives);
    figure.note = fmt::format("{:.1f} entries and {:.0f} bytes each, {} batches",
                              static_cast<double>(recording.entries()) / lives,
                              static_cast<double>(recording.bytes()) / lives, recording.batches.size());
    add(std::move(figure));
    std::filesystem::remove_all(folder);
  }

  static double ms(std::chrono::nanoseconds duration) { return static_cast<double>(duration.count()) / 1e6; }

  const BenchOptions& options_;
  WishOptions wish_;
  Round round_;
  std::uint64_t first_number_ = 0;  // of the next order placed in the folder
  std::vector<PlacedOrder> placed_;
  std::size_t body_bytes_ = 1'000;
};

}  // namespace

void make_catalog(const BenchOptions& options) {
  const std::filesystem::path file = options.folder / "catalog.csv";
  const std::filesystem::path data = options.folder / "catalog";
  write_catalog_csv(file, options.products);
  fmt::print(stderr, "bench: seeding {} products\n", options.products);
  run_command({options.programs / "orderly",
               {"seed", "--data", data.string(), "--file", file.string()},
               options.folder,
               options.folder / "seed.log",
               options.folder / "seed.log"});
}

Round measure(const BenchOptions& options) { return RoundRun(options).run(); }

std::vector<std::string> conditions(const BenchOptions& options) {
  std::vector<std::string> list{
      fmt::format("{:.1f} s each after {:.1f} s of warming up", static_cast<double>(options.duration.count()) / 1000,
                  static_cast<double>(options.warm_up.count()) / 1000),
      fmt::format("{} connections (many: {}), closed loop, load generator on the same cores", options.connections,
                  options.busy_connections),
      fmt::format("{} products", options.products), "fsync on, request log on unless set otherwise"};
  if (options.with_address) list.emplace_back("orders with a sealed shipping address");
  for (const std::string& setting : options.settings) list.push_back(setting);
  return list;
}

}  // namespace orderly::bench
