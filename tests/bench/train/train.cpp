// SPDX-License-Identifier: Apache-2.0
// Fits the weights of profiles/model on labelled suites, on those of this folder and on made-up
// systems, and writes them there:
//   bench_matching_train REPOSITORY SUITES [--leave-out suite|family FILE]
// With --leave-out it writes no weights, but tells how suites fare by weights that have seen
// nothing of the suite, or of its family, and writes that to FILE, a document as
// `mapctl eval --leave-out` prints with each suite's calibration over all its tasks added.
#include "connectors/dictionary/connector.hpp"
#include "core/base/file.hpp"
#include "core/eval/document.hpp"
#include "core/eval/run.hpp"
#include "core/eval/training.hpp"
#include "core/matching/knowledge.hpp"
#include "core/matching/scoring/calibration.hpp"
#include "core/matching/scoring/combination.hpp"
#include "tests/bench/train/synthetic.hpp"

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

constexpr std::size_t synthetic_tasks = 60;
// They alone tell of every column whether it has a counterpart, so confidences are learned from
// them.
constexpr double synthetic_weight = 2.5;

std::shared_ptr<const catalog::Catalog> entities(const fs::path& repository) {
  ports::ConnectorOptions options;
  options.profile = "canonical";
  options.options["path"] = (repository / "profiles" / "entities").string();
  const auto connector = connectors::dictionary::factory().open(options, {});
  return std::make_shared<const catalog::Catalog>(connector->discover({}, {}));
}

// Toys, and what counts by its renamed columns only.
const std::set<std::string> uncounted{"schematch_denorm", "valentine_magellan", "saas_staging"};

// How far confidences are off over all tasks of a suite together: those of the proposals, of each
// source column's best target (proposed or not), and of the proposals after recalibration. By
// chance: what confidences that are exactly right would show, as so few proposals are seen in ten
// bins; the mean over the tasks, and after recalibration.
struct Errors {
  double all = 0, best = 0, recalibrated = 0;
  double chance = 0, chance_recalibrated = 0;
};

// Of outcomes drawn by their own confidences.
double error_by_chance(std::vector<matching::Outcome> outcomes) {
  constexpr int draws = 50;
  std::mt19937 random{20260101};
  double sum = 0;
  for (int draw = 0; draw < draws; ++draw) {
    for (auto& outcome : outcomes) {
      outcome.right = static_cast<double>(random()) < outcome.confidence * 4294967296.0;
    }
    sum += matching::calibration_error(outcomes, {});
  }
  return sum / draws;
}

void print(std::string_view name, const eval::Figures& f, const Errors& told) {
  fmt::print(
      "{:24} {:6.3f} {:6.3f} {:6.3f} {:6.3f} {:6.3f} {:6.3f} {:6.3f} {:6.3f} {:6.3f} {:6.3f} "
      "{:6.3f} {:6.3f} {:6.3f} {:6.3f}\n",
      name, f.recall_at_gt, f.mrr, f.hit_at_5, f.precision, f.recall, f.f1, f.f1_best,
      f.abstention_f1.value_or(0), f.ece, told.all, told.best, told.recalibrated, told.chance,
      told.chance_recalibrated);
  std::fflush(stdout);
}

struct Told {
  eval::SuiteResult result{};
  Errors errors{};
};

// Every proposal by a fit on 200 others that somebody decided about; where there are fewer than
// 250, by one on four fifths of them.
void recalibrate(std::vector<matching::Outcome> outcomes, Errors& errors) {
  constexpr int draws = 20;
  constexpr std::size_t decisions = 200;
  constexpr std::size_t parts = 5;
  std::mt19937 random{20260101};
  for (int draw = 0; draw < draws; ++draw) {
    for (std::size_t at = outcomes.size(); at > 1; --at) {
      std::swap(outcomes[at - 1], outcomes[random() % at]);
    }
    std::vector<matching::Outcome> judged;
    const auto judge = [&](std::size_t from, std::size_t to, const auto& decided) {
      const auto calibration = matching::fit_calibration(decided).calibration;
      for (std::size_t at = from; at < to; ++at) {
        judged.push_back(outcomes[at]);
        judged.back().confidence = calibration(outcomes[at].confidence, outcomes[at].situation);
      }
    };
    if (outcomes.size() * (parts - 1) > decisions * parts) {
      judge(decisions, outcomes.size(), std::span{outcomes}.first(decisions));
    } else {
      for (std::size_t part = 0; part < parts; ++part) {
        const auto from = outcomes.size() * part / parts;
        const auto to = outcomes.size() * (part + 1) / parts;
        auto others = outcomes;
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(from),
                     others.begin() + static_cast<std::ptrdiff_t>(to));
        judge(from, to, others);
      }
    }
    errors.recalibrated += matching::calibration_error(judged, {}) / draws;
    errors.chance_recalibrated += error_by_chance(std::move(judged)) / draws;
  }
}

Told tell(const eval::TrainingSuite& suite, const matching::Knowledge& knowledge) {
  eval::LoadOptions load;
  load.truth_file = suite.truth_file;
  Told told;
  told.result.suite = suite.suite;
  std::vector<eval::Figures> all;
  std::vector<matching::Outcome> proposed;
  std::vector<matching::Outcome> best;
  for (const auto& folder : eval::task_folders(suite.folder, load)) {
    const auto task = eval::load_task(folder, load);
    const auto judged = eval::judge(task, knowledge, {}, {}).judged;
    all.push_back(eval::measure(judged));
    told.result.tasks.push_back({task.name, all.back()});
    const auto outcome_of = [&](const eval::Guess& guess) {
      return matching::Outcome{
          guess.confidence, judged.truth.contains({guess.source, guess.target}), {}};
    };
    const auto counts = [&](const eval::Guess& guess) {
      return !judged.acceptable.contains({guess.source, guess.target});
    };
    std::vector<matching::Outcome> own;
    for (const auto& guess : judged.decided) {
      if (counts(guess)) {
        own.push_back(outcome_of(guess));
      }
    }
    proposed.insert(proposed.end(), own.begin(), own.end());
    told.errors.chance += error_by_chance(std::move(own));
    const eval::Guess* before = nullptr;
    for (const auto& guess : judged.scored) {
      if ((before == nullptr || before->source != guess.source) && counts(guess)) {
        best.push_back(outcome_of(guess));
      }
      before = &guess;
    }
  }
  told.result.overall = eval::mean(all);
  told.errors.all = matching::calibration_error(proposed, {});
  told.errors.best = matching::calibration_error(best, {});
  told.errors.chance /= static_cast<double>(all.size());
  recalibrate(std::move(proposed), told.errors);
  return told;
}

// Every suite by a model that has seen none of its family.
void tell_left_out(const fs::path& suites, const fs::path& families, const fs::path& file,
                   eval::TrainingSet& training, matching::Knowledge knowledge, bool by_suite) {
  fmt::print(
      "{:24} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6} "
      "{:>6}\n",
      "left out", "rec@gt", "mrr", "hit@5", "prec", "recall", "f1", "f1best", "abst", "ece",
      "pooled", "best", "after", "chance", "chance");
  std::map<std::string, std::shared_ptr<const matching::Combination>> trained;
  std::vector<eval::SuiteResult> results;
  std::vector<Errors> errors;
  std::vector<eval::Figures> counted;
  Errors sum;
  for (const auto& suite : eval::training_suites(suites, families)) {
    const auto& name = by_suite ? suite.suite : suite.family;
    auto& combination = trained[name];
    if (combination == nullptr) {
      combination = std::make_shared<const matching::Combination>(
          training.train(by_suite ? name : "", by_suite ? "" : name, {}));
    }
    knowledge.combination = combination;
    auto told = tell(suite, knowledge);
    auto& result = told.result;
    const bool renamed = suite.truth_file != "truth.csv";
    result.suite += renamed ? " (renamed)" : "";
    if (renamed || !uncounted.contains(suite.suite)) {
      counted.push_back(result.overall);
      sum.all += told.errors.all;
      sum.best += told.errors.best;
      sum.recalibrated += told.errors.recalibrated;
      sum.chance += told.errors.chance;
      sum.chance_recalibrated += told.errors.chance_recalibrated;
    }
    print(result.suite, result.overall, told.errors);
    errors.push_back(told.errors);
    results.push_back(std::move(result));
  }
  const auto count = static_cast<double>(counted.size());
  print("mean", eval::mean(counted),
        {sum.all / count, sum.best / count, sum.recalibrated / count, sum.chance / count,
         sum.chance_recalibrated / count});
  Json document = eval::to_json(results, true);
  document["leave_out"] = by_suite ? "suite" : "family";
  for (std::size_t at = 0; at < results.size(); ++at) {
    document["suites"][at]["ece_all"] = errors[at].all;
    document["suites"][at]["ece_best_all"] = errors[at].best;
    document["suites"][at]["ece_recalibrated"] = errors[at].recalibrated;
    document["suites"][at]["ece_by_chance"] = errors[at].chance;
    document["suites"][at]["ece_recalibrated_by_chance"] = errors[at].chance_recalibrated;
  }
  write_file_atomically(file, document.dump(1) + "\n");
}

int run(const std::vector<std::string>& words) {
  const fs::path repository = words[0];
  const fs::path suites = words[1];
  const fs::path families = repository / "tests" / "bench" / "train" / "families.tsv";
  const std::array profiles{repository / "profiles"};
  const auto knowledge = matching::load_knowledge(profiles);
  auto learned = eval::training_suites(suites, families);
  const auto written = eval::training_suites(families.parent_path() / "suites", families);
  learned.insert(learned.end(), written.begin(), written.end());
  const TemporaryDirectory made_up;
  bench::write_synthetic_suite(made_up.path(), *entities(repository), *knowledge.lexicon,
                               synthetic_tasks);
  learned.push_back(
      {made_up.path(), "synthetic", "synthetic", "truth.csv", false, synthetic_weight});
  eval::TrainingSet training{learned, knowledge.lexicon, {}};
  if (words.size() > 2) {
    tell_left_out(suites, families, words[4], training, knowledge, words[3] == "suite");
  } else {
    write_file_atomically(repository / "profiles" / "model" / "weights.tsv",
                          to_text(training.train({}, {}, {})));
  }
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
