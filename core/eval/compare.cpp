// SPDX-License-Identifier: Apache-2.0
#include "core/eval/compare.hpp"

#include "core/base/error.hpp"
#include "core/eval/document.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <utility>

namespace mapctl::eval {
namespace {

constexpr std::size_t draws = 10000;
constexpr std::uint32_t seed = 20260101;
constexpr double tail = 0.025;

// 0..count-1 without a distribution of the standard library, whose results differ between
// libraries.
std::size_t drawn(std::mt19937& random, std::size_t count) {
  return static_cast<std::size_t>((std::uint64_t{random()} * count) >> 32U);
}

Change change_of(std::string_view name, const std::vector<std::pair<double, double>>& pairs) {
  Change change;
  change.figure = name;
  change.tasks = pairs.size();
  for (const auto& [before, after] : pairs) {
    change.before += before;
    change.after += after;
  }
  const auto count = static_cast<double>(pairs.size());
  change.before /= count;
  change.after /= count;
  const double difference = change.after - change.before;

  std::mt19937 random{seed};
  std::vector<double> differences(draws);
  std::size_t as_great = 0;
  constexpr double rounding = 1e-12;
  for (auto& sum : differences) {
    sum = 0;
    for (std::size_t at = 0; at < pairs.size(); ++at) {
      const auto& [before, after] = pairs[drawn(random, pairs.size())];
      sum += after - before;
    }
    sum /= count;
    // Under the hypothesis of no difference, draws scatter around 0 instead of the difference.
    as_great += std::fabs(sum - difference) >= std::fabs(difference) - rounding ? 1 : 0;
  }
  std::sort(differences.begin(), differences.end());
  change.low = differences[static_cast<std::size_t>(tail * draws)];
  change.high = differences[static_cast<std::size_t>((1 - tail) * draws) - 1];
  change.p = static_cast<double>(as_great + 1) / (draws + 1);
  return change;
}

}  // namespace

std::vector<Change> compare(const std::vector<SuiteResult>& before,
                            const std::vector<SuiteResult>& after) {
  std::map<std::pair<std::string, std::string>, const Figures*> old;
  for (const auto& suite : before) {
    for (const auto& task : suite.tasks) {
      old.emplace(std::pair{suite.suite, task.task}, &task.figures);
    }
  }
  std::vector<std::pair<const Figures*, const Figures*>> shared;
  for (const auto& suite : after) {
    for (const auto& task : suite.tasks) {
      if (const auto found = old.find({suite.suite, task.task}); found != old.end()) {
        shared.emplace_back(found->second, &task.figures);
      }
    }
  }
  if (shared.empty()) {
    throw Error{ErrorCode::invalid_data, "the two runs have no task in common",
                "compare runs over the same suites"};
  }
  std::vector<Change> changes;
  for (const auto& figure : figure_names()) {
    if (figure.better == 0) {
      continue;
    }
    std::vector<std::pair<double, double>> pairs;
    for (const auto& [left, right] : shared) {
      const auto one = figure.get(*left);
      const auto other = figure.get(*right);
      if (one && other) {
        pairs.emplace_back(*one, *other);
      }
    }
    if (!pairs.empty()) {
      changes.push_back(change_of(figure.name, pairs));
    }
  }
  return changes;
}

std::vector<Miss> misses(const std::vector<SuiteResult>& baseline,
                         const std::vector<SuiteResult>& found, double tolerance) {
  std::vector<Miss> result;
  for (const auto& wanted : baseline) {
    const auto suite = std::find_if(found.begin(), found.end(),
                                    [&](const auto& one) { return one.suite == wanted.suite; });
    if (suite == found.end()) {
      result.push_back({wanted.suite, "suite", 1, 0});
      continue;
    }
    for (const auto& figure : figure_names()) {
      const auto before = figure.get(wanted.overall);
      const auto now = figure.get(suite->overall);
      // An oracle's figure gates nothing.
      if (figure.better == 0 || !before || !now || figure.name == "f1_best") {
        continue;
      }
      // Documents have four decimals.
      const double change = figure.better * (rounded(*now) - rounded(*before));
      if (change < -tolerance - 1e-9) {
        result.push_back({wanted.suite, std::string{figure.name}, *before, *now});
      }
    }
  }
  return result;
}

Json to_json(const std::vector<Change>& changes) {
  Json json = Json::array();
  for (const auto& change : changes) {
    json.push_back({{"figure", change.figure},
                    {"before", rounded(change.before)},
                    {"after", rounded(change.after)},
                    {"difference", rounded(change.after - change.before)},
                    {"low", rounded(change.low)},
                    {"high", rounded(change.high)},
                    {"p", rounded(change.p)},
                    {"tasks", change.tasks}});
  }
  return json;
}

Json to_json(const std::vector<Miss>& misses) {
  Json json = Json::array();
  for (const auto& miss : misses) {
    json.push_back({{"suite", miss.suite},
                    {"figure", miss.figure},
                    {"wanted", rounded(miss.wanted)},
                    {"found", rounded(miss.found)}});
  }
  return json;
}

}  // namespace mapctl::eval
