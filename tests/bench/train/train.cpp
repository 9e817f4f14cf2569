// SPDX-License-Identifier: Apache-2.0
// Fits the weights of core/matching/combination.cpp on labelled suites and prints them:
//   bench_matching_train REPOSITORY SUITES [--leave-out suite|family FILE]
// With --leave-out it tells before how suites fare by weights that have seen nothing of the suite,
// or of its family, and writes that to FILE, a document as `mapctl eval --leave-out` prints with
// each suite's calibration over all its tasks added.
#include "core/base/file.hpp"
#include "core/eval/document.hpp"
#include "core/eval/run.hpp"
#include "core/eval/training.hpp"
#include "core/matching/calibration.hpp"
#include "core/matching/lexicon.hpp"
#include "core/matching/matcher.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

using namespace mapctl;
namespace fs = std::filesystem;

namespace {

// Toys, and what counts by its renamed columns only.
const std::set<std::string> uncounted{"schematch_denorm", "valentine_magellan", "saas_staging"};

void print(std::string_view name, const eval::Figures& f, double ece, double recalibrated) {
  fmt::print(
      "{:24} {:6.3f} {:6.3f} {:6.3f} {:6.3f} {:6.3f} {:6.3f} {:6.3f} {:6.3f} {:6.3f} {:6.3f} "
      "{:6.3f}\n",
      name, f.recall_at_gt, f.mrr, f.hit_at_5, f.precision, f.recall, f.f1, f.f1_best,
      f.abstention_f1.value_or(0), f.ece, ece, recalibrated);
  std::fflush(stdout);
}

void print_weights(std::string_view name, const matching::Weights& weights, std::size_t count) {
  fmt::print("\nconst Weights {}{{{{\n", name);
  for (std::size_t at = 0; at < count; ++at) {
    fmt::print("  {:.3f}F,  // {}\n", weights.of[at],
               to_string(signal_of(static_cast<matching::Feature>(at))));
  }
  fmt::print("}}, {:.3f}F}};\n", weights.constant);
}

// A suite's figures, and how far confidences are off over all its tasks together: as they are, and
// after somebody decided about 200 proposals (half of them where there are fewer than 400).
struct Told {
  eval::SuiteResult result{};
  std::vector<matching::Outcome> outcomes{};
  double ece = 0, ece_recalibrated = 0;
};

double recalibrated(std::vector<matching::Outcome> outcomes) {
  constexpr int draws = 20;
  constexpr std::size_t decisions = 200;
  std::mt19937 random{20260101};
  double sum = 0;
  for (int draw = 0; draw < draws; ++draw) {
    for (std::size_t at = outcomes.size(); at > 1; --at) {
      std::swap(outcomes[at - 1], outcomes[random() % at]);
    }
    const std::span<const matching::Outcome> all{outcomes};
    const auto decided = std::min(decisions, all.size() / 2);
    const auto fit = matching::fit_calibration(all.first(decided));
    sum += matching::calibration_error(all.subspan(decided), fit.calibration);
  }
  return sum / draws;
}

Told tell(const eval::TrainingSuite& suite, const std::shared_ptr<const matching::Lexicon>& lexicon,
          const matching::MatchOptions& match) {
  eval::LoadOptions load;
  load.truth_file = suite.truth_file;
  Told told;
  told.result.suite = suite.suite;
  std::vector<eval::Figures> all;
  for (const auto& folder : eval::task_folders(suite.folder, load)) {
    const auto task = eval::load_task(folder, load);
    const auto judged = eval::judge(task, lexicon, match, {});
    all.push_back(eval::measure(judged));
    told.result.tasks.push_back({task.name, all.back()});
    for (const auto& guess : judged.decided) {
      told.outcomes.push_back(
          {guess.confidence, judged.truth.contains({guess.source, guess.target}), {}});
    }
  }
  told.result.overall = eval::mean(all);
  told.ece = matching::calibration_error(told.outcomes, {});
  told.ece_recalibrated = recalibrated(told.outcomes);
  return told;
}

// Every suite by a model that has seen none of its family.
void tell_left_out(const fs::path& suites, const fs::path& families, const fs::path& file,
                   eval::TrainingSet& training,
                   const std::shared_ptr<const matching::Lexicon>& lexicon, bool by_suite) {
  fmt::print("{:24} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6}\n",
             "left out", "rec@gt", "mrr", "hit@5", "prec", "recall", "f1", "f1best", "abst", "ece",
             "pooled", "after");
  std::map<std::string, std::shared_ptr<const matching::Combination>> trained;
  std::vector<eval::SuiteResult> results;
  std::vector<std::pair<double, double>> calibrations;
  std::vector<eval::Figures> counted;
  double pooled = 0;
  double after = 0;
  for (const auto& suite : eval::training_suites(suites, families)) {
    const auto& name = by_suite ? suite.suite : suite.family;
    auto& combination = trained[name];
    if (combination == nullptr) {
      combination = std::make_shared<const matching::Combination>(
          training.train(by_suite ? name : "", by_suite ? "" : name, {}));
    }
    matching::MatchOptions match;
    match.combination = combination;
    auto told = tell(suite, lexicon, match);
    auto& result = told.result;
    const bool renamed = suite.truth_file != "truth.csv";
    result.suite += renamed ? " (renamed)" : "";
    if (renamed || !uncounted.contains(suite.suite)) {
      counted.push_back(result.overall);
      pooled += told.ece;
      after += told.ece_recalibrated;
    }
    print(result.suite, result.overall, told.ece, told.ece_recalibrated);
    calibrations.emplace_back(told.ece, told.ece_recalibrated);
    results.push_back(std::move(result));
  }
  const auto count = static_cast<double>(counted.size());
  print("mean", eval::mean(counted), pooled / count, after / count);
  Json document = eval::to_json(results, true);
  document["leave_out"] = by_suite ? "suite" : "family";
  for (std::size_t at = 0; at < results.size(); ++at) {
    document["suites"][at]["ece_all"] = calibrations[at].first;
    document["suites"][at]["ece_recalibrated"] = calibrations[at].second;
  }
  write_file_atomically(file, document.dump(1) + "\n");
}

int run(const std::vector<std::string>& words) {
  const fs::path repository = words[0];
  const fs::path suites = words[1];
  const fs::path families = repository / "tests" / "bench" / "train" / "families.tsv";
  const std::array folders{repository / "profiles" / "lexicon"};
  const auto lexicon = matching::Lexicon::load(folders);
  eval::TrainingSet training{eval::training_suites(suites, families), lexicon, {}};
  if (words.size() > 2) {
    tell_left_out(suites, families, words[4], training, lexicon, words[3] == "suite");
  }
  const auto combination = training.train({}, {}, {});
  print_weights("own_weights", combination.own, matching::own_feature_count);
  print_weights("full_weights", combination.full, matching::feature_count);
  return 0;
}

}  // namespace

int main(int count, char** values) {
  try {
    const std::vector<std::string> words{values + 1, values + count};
    const bool known = words.size() == 2 || (words.size() == 5 && words[2] == "--leave-out" &&
                                             (words[3] == "suite" || words[3] == "family"));
    if (!known) {
      fmt::print(stderr,
                 "usage: bench_matching_train REPOSITORY SUITES [--leave-out suite|family FILE]\n");
      return 2;
    }
    return run(words);
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return 1;
  }
}
