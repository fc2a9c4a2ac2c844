// The figures of a run, beside their limits and goals, as a table for people and as JSON for later comparisons.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bench/load_client.h"
#include "bench/machine.h"

namespace orderly::bench {

// What a figure is to reach. `mark` is the nearer goal, `target` the one in the end (docs/performance.md has both).
struct Goals {
  bool at_most = false;  // the value is to stay at or below them
  std::optional<double> mark{};
  std::optional<double> target{};
  std::optional<double> mark_p99_ms{};
  std::optional<double> target_p99_ms{};
  std::optional<double> target_ratio{};  // of the limit
};

struct Figure {
  std::string name;  // unique in a round
  std::string unit;  // "/s", "ms", "MB"
  double value = 0;
  std::optional<double> p50_ms;
  std::optional<double> p99_ms;
  std::optional<double> max_ms;
  std::uint64_t errors = 0;
  std::string limit;  // the name of the figure that it is compared with; empty: none
  Goals goals;
  std::string note;
};

// Of a run of the load generator, with what went wrong first as its note.
Figure rate_figure(std::string name, const LoadResult& result, Goals goals = {}, std::string limit = {});

// The figures of one round of measuring, in the order in which they are shown.
using Round = std::vector<Figure>;

// A figure over all rounds. With an even number of rounds the median is the lower one of the middle two.
struct Summary {
  Figure median;  // the round whose value is the median; errors of all rounds
  double best = 0;
  std::vector<double> values;
  std::optional<double> ratio;  // to the limit: the median of the rounds' own
};
std::vector<Summary> summarize(const std::vector<Round>& rounds);

struct Run {
  Machine machine;
  std::vector<std::string> conditions;  // how it was measured: "duration 10 s", "100,000 products"
  std::vector<Round> rounds;
};

std::string to_table(const Run& run);
std::string to_json(const Run& run);

// Errors of all figures in all rounds.
std::uint64_t errors_in(const Run& run);

}  // namespace orderly::bench
