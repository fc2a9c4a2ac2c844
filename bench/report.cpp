#include "bench/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>

namespace orderly::bench {

namespace {

constexpr double kMsInNs = 1e6;
constexpr std::string_view kLimitPrefix = "limit: ";

double ms(std::chrono::nanoseconds duration) { return static_cast<double>(duration.count()) / kMsInNs; }

// 15234.4 → "15,234"; small numbers keep their decimals.
std::string grouped(double value) {
  if (std::abs(value) < 100) return fmt::format("{:.2f}", value);
  std::string digits = fmt::format("{:.0f}", value);
  const std::size_t first = digits.starts_with('-') ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string optional_ms(const std::optional<double>& value) { return value ? fmt::format("{:.2f}", *value) : ""; }

std::string verdict(std::string goal, bool reached) { return goal + (reached ? " ok" : " MISSED"); }

// "8,000 ok, p99 20 MISSED".
std::string verdicts(const Summary& summary, const std::optional<double>& goal, const std::optional<double>& p99_ms,
                     const std::optional<double>& ratio) {
  const Figure& figure = summary.median;
  std::vector<std::string> parts;
  if (goal) {
    const bool reached = figure.goals.at_most ? figure.value <= *goal : figure.value >= *goal;
    parts.push_back(verdict((figure.goals.at_most ? "≤ " : "") + fmt::format("{}", grouped(*goal)), reached));
  }
  if (p99_ms && figure.p99_ms)
    parts.push_back(verdict(fmt::format("p99 {:.0f} ms", *p99_ms), *figure.p99_ms <= *p99_ms));
  if (ratio && summary.ratio) parts.push_back(verdict(fmt::format("{:.0f} %", *ratio * 100), *summary.ratio >= *ratio));
  return fmt::format("{}", fmt::join(parts, ", "));
}

using Row = std::vector<std::string>;

std::string_view short_name(std::string_view limit) {
  if (limit.starts_with(kLimitPrefix)) limit.remove_prefix(kLimitPrefix.size());
  return limit;
}

Row row_of(const Summary& summary, bool is_repeated) {
  const Figure& figure = summary.median;
  Row row{figure.name, grouped(figure.value) + " " + figure.unit};
  if (is_repeated) row.push_back(grouped(summary.best));
  row.insert(row.end(),
             {optional_ms(figure.p50_ms), optional_ms(figure.p99_ms), optional_ms(figure.max_ms),
              figure.p50_ms || figure.errors > 0 ? std::to_string(figure.errors) : "",
              summary.ratio ? fmt::format("{:.0f} % of {}", *summary.ratio * 100, short_name(figure.limit)) : "",
              verdicts(summary, figure.goals.mark, figure.goals.mark_p99_ms, std::nullopt),
              verdicts(summary, figure.goals.target, figure.goals.target_p99_ms, figure.goals.target_ratio)});
  return row;
}

// As a terminal shows it: one column for each code point ("≤" has three bytes).
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string aligned(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  std::string text;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - width(row[i]), ' ');
      const bool is_number = i > 0 && i + 3 < row.size();
      line += (is_number ? padding + row[i] : row[i] + padding) + "  ";
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

boost::json::object json_of(const Summary& summary) {
  const Figure& figure = summary.median;
  boost::json::object object{{"name", figure.name},
                             {"unit", figure.unit},
                             {"median", figure.value},
                             {"best", summary.best},
                             {"values", boost::json::value_from(summary.values)},
                             {"errors", figure.errors}};
  const auto add = [&object](const char* name, const std::optional<double>& value) {
    if (value) object[name] = *value;
  };
  add("p50_ms", figure.p50_ms);
  add("p99_ms", figure.p99_ms);
  add("max_ms", figure.max_ms);
  if (summary.ratio) object["limit"] = figure.limit;
  add("of_limit", summary.ratio);
  add("mark", figure.goals.mark);
  add("mark_p99_ms", figure.goals.mark_p99_ms);
  add("target", figure.goals.target);
  add("target_p99_ms", figure.goals.target_p99_ms);
  add("target_of_limit", figure.goals.target_ratio);
  if (!figure.note.empty()) object["note"] = figure.note;
  return object;
}

Summary summary_of(const std::string& name, const std::vector<Round>& rounds) {
  std::vector<Figure> figures;
  for (const Round& round : rounds) {
    for (const Figure& figure : round) {
      if (figure.name == name) figures.push_back(figure);
    }
  }
  Summary summary;
  std::uint64_t errors = 0;
  for (const Figure& figure : figures) {
    summary.values.push_back(figure.value);
    errors += figure.errors;
  }
  std::ranges::sort(figures, {}, &Figure::value);
  summary.median = figures[(figures.size() - 1) / 2];
  summary.median.errors = errors;
  summary.best = summary.median.goals.at_most ? figures.front().value : figures.back().value;
  return summary;
}

// A machine is faster in one minute than in the next, so each round is compared with itself.
std::optional<double> ratio_of(const std::string& name, const std::string& limit, const std::vector<Round>& rounds) {
  std::vector<double> ratios;
  for (const Round& round : rounds) {
    const auto figure = std::ranges::find(round, name, &Figure::name);
    const auto other = std::ranges::find(round, limit, &Figure::name);
    if (figure == round.end() || other == round.end() || other->value <= 0) continue;
    ratios.push_back(figure->value / other->value);
  }
  if (ratios.empty()) return std::nullopt;
  std::ranges::sort(ratios);
  return ratios[(ratios.size() - 1) / 2];
}

}  // namespace

Figure rate_figure(std::string name, const LoadResult& result, Goals goals, std::string limit) {
  Figure figure;
  figure.name = std::move(name);
  figure.unit = "/s";
  figure.value = result.per_second();
  figure.p50_ms = ms(result.latency.percentile(50));
  figure.p99_ms = ms(result.latency.percentile(99));
  figure.max_ms = ms(result.latency.max());
  figure.errors = result.errors();
  figure.goals = goals;
  figure.limit = std::move(limit);
  if (result.wrong > 0) figure.note = fmt::format("{} wrong answers, the first: {}", result.wrong, result.first_wrong);
  return figure;
}

std::vector<Summary> summarize(const std::vector<Round>& rounds) {
  std::vector<Summary> summaries;
  for (const Figure& figure : rounds.front()) summaries.push_back(summary_of(figure.name, rounds));
  for (Summary& summary : summaries) summary.ratio = ratio_of(summary.median.name, summary.median.limit, rounds);
  return summaries;
}

std::string to_table(const Run& run) {
  const bool is_repeated = run.rounds.size() > 1;
  Row head{"", is_repeated ? "median" : "measured"};
  if (is_repeated) head.push_back("best");
  head.insert(head.end(), {"p50 ms", "p99 ms", "max ms", "errors", "of its limit", "mark", "target"});
  std::vector<Row> rows{std::move(head)};
  std::string notes;
  for (const Summary& summary : summarize(run.rounds)) {
    rows.push_back(row_of(summary, is_repeated));
    if (!summary.median.note.empty()) notes += fmt::format("{}: {}\n", summary.median.name, summary.median.note);
  }
  return fmt::format("{}\n{}\n\n{}{}", run.machine.line(), fmt::join(run.conditions, "; "), aligned(rows),
                     notes.empty() ? "" : "\n" + notes);
}

std::string to_json(const Run& run) {
  boost::json::object object;
  object["machine"] = {
      {"cpu", run.machine.cpu},       {"cores", run.machine.cores}, {"memory_gb", run.machine.memory_gb},
      {"kernel", run.machine.kernel}, {"date", run.machine.date},   {"load_average_before", run.machine.load_average}};
  object["conditions"] = boost::json::value_from(run.conditions);
  object["rounds"] = run.rounds.size();
  boost::json::array figures;
  for (const Summary& summary : summarize(run.rounds)) figures.push_back(json_of(summary));
  object["figures"] = std::move(figures);
  return boost::json::serialize(object) + "\n";
}

std::uint64_t errors_in(const Run& run) {
  std::uint64_t errors = 0;
  for (const Round& round : run.rounds) {
    for (const Figure& figure : round) errors += figure.errors;
  }
  return errors;
}

}  // namespace orderly::bench
