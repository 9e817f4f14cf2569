// SPDX-License-Identifier: Apache-2.0
// Fits the weights of core/matching/combination.cpp by penalised logistic regression over labelled
// suites, tells how each suite fares with weights fitted on the others, and prints the weights:
//   bench_matching_fit REPOSITORY SUITES
// Weights are kept at 0 or above: every feature is made so that more of it speaks for a pair, and a
// negative weight would only balance another feature, which no reviewer could read.
#include "core/matching/combination.hpp"
#include "core/matching/normalisation.hpp"
#include "tests/bench/matching/suites.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <vector>

using namespace mapctl;
using matching::feature_count;
using matching::own_feature_count;

namespace {

constexpr std::size_t candidates = 40;
constexpr std::size_t trained_candidates = 16;  // of a source column
constexpr double penalty = 5;
// The suites know few types, keys and descriptions, so for these the penalty pulls towards what a
// person would say.
constexpr double prior_penalty = 12;
// What a person would count never falls below this share of the prior.
constexpr double least_of_prior = 0.3;
// The second step's factor of a pair's own evidence, which must stay worth reading.
constexpr double own_factor = 0.12;
constexpr double own_factor_penalty = 4000;
constexpr double standing_prior_penalty = 100;
// Brings F1 at 0.5 near its best, without a worse log loss, on suites the weights have not seen:
// see the offsets that are printed, which come on top of it.
constexpr double decision_offset = 0.2;
const std::map<matching::Feature, double> own_prior{
    {matching::Feature::type, 1.2},          {matching::Feature::key, 0.4},
    {matching::Feature::comment, 1.0},       {matching::Feature::comment_names, 0.6},
    {matching::Feature::value_overlap, 1.5}, {matching::Feature::value_patterns, 0.8},
    {matching::Feature::distribution, 0.4},  {matching::Feature::shape, 0.4},
    {matching::Feature::exact_name, 0.8},    {matching::Feature::numbers, 0.6},
    {matching::Feature::head, 0.6},          {matching::Feature::role, 1.0},
    {matching::Feature::value_kind, 1.0},    {matching::Feature::convention, 2.5}};
// What a name or values rule out stays ruled out where no better candidate is in sight, so in the
// second step these count once more, beside the pair's standing.
const std::map<matching::Feature, double> standing_prior{{matching::Feature::role, 1.2},
                                                         {matching::Feature::value_kind, 0.5},
                                                         {matching::Feature::type, 0.5},
                                                         {matching::Feature::convention, 1.5}};

// Four in ten columns of equal name and table are no true pairs there, though they hold the same.
const std::set<std::string> incomplete_truth{"schematch_sakila", "schematch_isia"};

struct Scored {
  const bench::Task* task;
  std::string family;
  matching::ScoreTable table;
};

struct Sample {
  const matching::Features* features;
  double weight;
  bool right;
};

// Solves A x = b for a symmetric positive definite matrix.
std::vector<double> solve(std::vector<double> a, std::vector<double> b) {
  const std::size_t n = b.size();
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t k = 0; k < j; ++k) {
      a[j * n + j] -= a[j * n + k] * a[j * n + k];
    }
    a[j * n + j] = std::sqrt(std::max(a[j * n + j], 1e-12));
    for (std::size_t i = j + 1; i < n; ++i) {
      for (std::size_t k = 0; k < j; ++k) {
        a[i * n + j] -= a[i * n + k] * a[j * n + k];
      }
      a[i * n + j] /= a[j * n + j];
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      b[i] -= a[i * n + k] * b[k];
    }
    b[i] /= a[i * n + i];
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t k = i + 1; k < n; ++k) {
      b[i] -= a[k * n + i] * b[k];
    }
    b[i] /= a[i * n + i];
  }
  return b;
}

// Newton's method over the features in `used`, then without those whose weight came out negative.
matching::Weights fit(const std::vector<Sample>& samples, std::vector<std::size_t> used,
                      const std::map<matching::Feature, double>& prior, bool second) {
  std::vector<std::pair<std::size_t, double>> held;  // features at their least weight
  std::vector<double> weights(used.size() + 1, 0);
  while (true) {
    const std::size_t n = used.size() + 1;
    for (int round = 0; round < 12; ++round) {
      std::vector<double> hessian(n * n, 0);
      std::vector<double> gradient(n, 0);
      std::vector<double> x(n, 1);
      for (const auto& sample : samples) {
        double sum = weights[n - 1];
        for (const auto& [feature, weight] : held) {
          sum += weight * static_cast<double>((*sample.features)[feature]);
        }
        for (std::size_t at = 0; at + 1 < n; ++at) {
          x[at] = static_cast<double>((*sample.features)[used[at]]);
          sum += weights[at] * x[at];
        }
        const double p = 1 / (1 + std::exp(-sum));
        const double error = sample.weight * ((sample.right ? 1.0 : 0.0) - p);
        const double curve = sample.weight * std::max(p * (1 - p), 1e-6);
        for (std::size_t i = 0; i < n; ++i) {
          gradient[i] += error * x[i];
          const double scaled = curve * x[i];
          for (std::size_t k = 0; k <= i; ++k) {
            hessian[i * n + k] += scaled * x[k];
          }
        }
      }
      for (std::size_t i = 0; i + 1 < n; ++i) {
        const auto known = prior.find(static_cast<matching::Feature>(used[i]));
        const bool pulled = known != prior.end();
        const bool own = second && used[i] == 0;
        const double strength = own       ? own_factor_penalty
                                : !pulled ? penalty
                                : second  ? standing_prior_penalty
                                          : prior_penalty;
        const double goal = own ? own_factor : pulled ? known->second : 0.0;
        gradient[i] -= strength * (weights[i] - goal);
        hessian[i * n + i] += strength;
      }
      const auto step = solve(hessian, gradient);
      double largest = 0;
      for (std::size_t i = 0; i < n; ++i) {
        weights[i] += std::clamp(step[i], -4.0, 4.0);
        largest = std::max(largest, std::fabs(step[i]));
      }
      if (largest < 1e-2) {
        break;
      }
    }
    const auto least = std::min_element(weights.begin(), weights.end() - 1);  // not the constant
    if (used.empty() || *least >= 0) {
      matching::Weights result;
      for (const auto& [feature, weight] : held) {
        result.of[feature] = static_cast<float>(weight);
      }
      for (std::size_t at = 0; at < used.size(); ++at) {
        result.of[used[at]] = static_cast<float>(weights[at]);
      }
      result.constant = static_cast<float>(weights[n - 1]);
      return result;
    }
    const auto feature = used[static_cast<std::size_t>(least - weights.begin())];
    if (const auto known = prior.find(static_cast<matching::Feature>(feature));
        known != prior.end()) {
      held.emplace_back(feature, least_of_prior * known->second);
    }
    used.erase(used.begin() + (least - weights.begin()));
    weights.erase(least);
  }
}

std::vector<Sample> samples_of(const std::vector<Scored*>& tasks) {
  std::map<std::string, double> positives;
  for (const auto* scored : tasks) {
    positives[scored->task->suite] += static_cast<double>(scored->task->truth_size);
  }
  std::vector<Sample> samples;
  for (const auto* scored : tasks) {
    const double weight = 20 / std::sqrt(positives[scored->task->suite]);
    const bool incomplete = incomplete_truth.contains(scored->task->suite);
    for (std::size_t row = 0; row + 1 < scored->table.begin.size(); ++row) {
      std::size_t taken = 0;
      for (const auto& pair : scored->table.of_source(row)) {
        const bool right = scored->task->truth.contains({pair.source, pair.target});
        // What these two leave out of their truth would teach that equal names mean little.
        if (!right && incomplete &&
            matching::at(pair.features, matching::Feature::exact_name) > 0) {
          continue;
        }
        if (right || taken++ < trained_candidates) {
          samples.push_back({&pair.features, weight, right});
        }
      }
    }
  }
  return samples;
}

// Decided pairs of a task that the weights have not seen.
struct Decided {
  std::string suite;
  std::vector<std::pair<double, bool>> pairs;  // confidence, right
  double truth_size = 0;
};

// How all suites fare with an offset on the log-odds: what decision_offset rests on.
void print_offsets(const std::vector<Decided>& decided) {
  std::map<std::string, double> tasks;
  for (const auto& task : decided) {
    ++tasks[task.suite];
  }
  const auto suites = static_cast<double>(tasks.size());
  for (const double offset : {-0.25, 0.0, 0.2, 0.35, 0.5, 0.75, 1.0}) {
    double precision = 0;
    double recall = 0;
    double f1 = 0;
    double loss = 0;
    for (const auto& task : decided) {
      double right = 0;
      double made = 0;
      double surprise = 0;
      for (const auto& [confidence, good] : task.pairs) {
        const double moved = 1 / (1 + (1 - confidence) / confidence * std::exp(-offset));
        surprise -= std::log(good ? moved : 1 - moved);
        made += moved >= 0.5 ? 1 : 0;
        right += moved >= 0.5 && good ? 1 : 0;
      }
      const double share = 1 / (tasks[task.suite] * suites);
      precision += made > 0 ? share * right / made : 0.0;
      recall += share * right / task.truth_size;
      f1 += share * 2 * right / (made + task.truth_size);
      loss += share * surprise / std::max(1.0, static_cast<double>(task.pairs.size()));
    }
    fmt::print("offset {:5.2f}: precision {:.3f} recall {:.3f} f1 {:.3f} log loss {:.3f}\n", offset,
               precision, recall, f1, loss);
  }
}

struct Model {
  matching::Weights own, full;
};

void apply_own(Scored& scored, const matching::Weights& own) {
  for (auto& pair : scored.table.pairs) {
    pair.own = matching::log_odds(pair.features, own, own_feature_count);
    pair.score = pair.own;
  }
  auto& pairs = scored.table.pairs;
  std::stable_sort(pairs.begin(), pairs.end(), [](const auto& a, const auto& b) {
    return a.source != b.source ? a.source < b.source : a.score > b.score;
  });
  matching::normalise(pairs, scored.task->source_side->whole(), scored.task->target_side->whole());
}

void apply_full(Scored& scored, const matching::Weights& full) {
  for (auto& pair : scored.table.pairs) {
    pair.score = matching::log_odds(pair.features, full, feature_count);
  }
  auto& pairs = scored.table.pairs;
  std::stable_sort(pairs.begin(), pairs.end(), [](const auto& a, const auto& b) {
    return a.source != b.source ? a.source < b.source : a.score > b.score;
  });
}

Model train(const std::vector<Scored*>& tasks) {
  Model model;
  std::vector<std::size_t> own(own_feature_count);
  std::iota(own.begin(), own.end(), std::size_t{0});
  model.own = fit(samples_of(tasks), own, own_prior, false);
  // Second step: the sum of the first as one feature, put in the first place, and the standing. So
  // a pair's own evidence keeps its proportions.
  std::vector<std::size_t> standing{0};
  for (std::size_t feature = own_feature_count; feature < feature_count; ++feature) {
    standing.push_back(feature);
  }
  for (const auto& [feature, weight] : standing_prior) {
    standing.push_back(static_cast<std::size_t>(feature));
  }
  for (auto* scored : tasks) {
    apply_own(*scored, model.own);
  }
  std::vector<matching::Features> stacked;
  auto samples = samples_of(tasks);
  stacked.reserve(samples.size());
  for (auto& sample : samples) {
    auto& features = stacked.emplace_back(*sample.features);
    features[0] = matching::log_odds(features, model.own, own_feature_count);
    sample.features = &features;
  }
  model.full = fit(samples, standing, standing_prior, true);
  const float scale = model.full.of[0];
  for (std::size_t feature = 0; feature < own_feature_count; ++feature) {
    const bool again = standing_prior.contains(static_cast<matching::Feature>(feature));
    model.full.of[feature] =
        scale * model.own.of[feature] + (again ? model.full.of[feature] : 0.0F);
  }
  // Conventions are known in one field of business only, whose suites disagree about them: a person
  // says what they weigh.
  const auto convention = static_cast<std::size_t>(matching::Feature::convention);
  model.own.of[convention] = static_cast<float>(own_prior.at(matching::Feature::convention));
  model.full.of[convention] = scale * model.own.of[convention] +
                              static_cast<float>(standing_prior.at(matching::Feature::convention));
  model.full.constant += scale * model.own.constant + static_cast<float>(decision_offset);
  return model;
}

void print(std::string_view name, const bench::Figures& f) {
  fmt::print("{:24} {:6.3f} {:6.3f} {:6.3f} {:6.3f} {:6.3f} {:6.3f} {:6.3f} {:6.3f}\n", name,
             f.recall_at_gt, f.mrr, f.hit_at_5, f.precision, f.recall, f.f1, f.f1_best, f.ece);
}

void print_weights(std::string_view name, const matching::Weights& weights, std::size_t count) {
  fmt::print("const Weights {}{{{{", name);
  for (std::size_t at = 0; at < count; ++at) {
    fmt::print("{}{:.3f}F", at == 0 ? "" : ", ", weights.of[at]);
  }
  fmt::print("}}, {:.3f}F}};\n", weights.constant);
}

// Each feature alone: mean reciprocal rank by suite.
void print_features(std::vector<Scored>& all, const std::vector<std::vector<bench::Task>>& tasks) {
  for (std::size_t feature = 0; feature < own_feature_count; ++feature) {
    std::map<std::string, bench::Figures> by_suite;
    for (auto& scored : all) {
      matching::Weights weights;
      weights.of[feature] = 1;
      apply_full(scored, weights);
      by_suite[scored.task->suite] += bench::evaluate(*scored.task, scored.table);
    }
    fmt::print("{:2}", feature);
    for (const auto& suite : tasks) {
      fmt::print(" {:.2f}", by_suite[suite.front().suite].mean().mrr);
    }
    fmt::print("\n");
  }
}

int run(const std::string& repository, const std::filesystem::path& root, std::string_view mode) {
  const bool leave_out = mode.empty();
  const auto lexicon = bench::shipped_lexicon(repository);
  // Suites of one family are left out together: their tasks are siblings.
  const std::vector<std::pair<std::string, std::string>> suites{{"valentine_chembl", "valentine"},
                                                                {"valentine_tpcdi", "valentine"},
                                                                {"valentine_wikidata", "valentine"},
                                                                {"coma_po", "coma"},
                                                                {"schematch_sakila", "schematch"},
                                                                {"schematch_pubs", "schematch"},
                                                                {"schematch_isia", "schematch"},
                                                                {"schematch_efes_bib", "schematch"},
                                                                {"smat_omap", "omop"},
                                                                {"saas_staging", "saas"},
                                                                {"saas_unified", "saas"},
                                                                {"n3c_workbooks", "omop"},
                                                                {"schematch_denorm", "schematch"},
                                                                {"valentine_magellan", "valentine"},
                                                                {"saas_staging", "saas"}};
  std::vector<std::vector<bench::Task>> tasks;
  std::vector<Scored> all;
  for (const auto& [suite, family] : suites) {
    bench::LoadOptions options;
    const bool again = tasks.size() + 1 == suites.size();
    if (suite == "saas_staging" && !again) {
      options.truth_file = "truth_renamed.csv";
    }
    tasks.push_back(bench::load_suite(root / suite, *lexicon, options));
    for (auto& task : tasks.back()) {
      task.suite += again ? " (all)" : "";
    }
  }
  for (std::size_t at = 0; at < tasks.size(); ++at) {
    for (const auto& task : tasks[at]) {
      matching::ScoreOptions options;
      options.per_source = candidates;
      all.push_back({&task, suites[at].second,
                     matching::score(task.source_side->whole(), task.target_side->whole(), *lexicon,
                                     options, {})});
    }
  }
  if (mode == "--features") {
    print_features(all, tasks);
    return 0;
  }
  fmt::print("{:24} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6}\n", "left out", "rec@gt", "mrr",
             "hit@5", "prec", "recall", "f1", "f1best", "ece");
  if (leave_out) {
    bench::Figures total;
    std::set<std::string> families;
    for (const auto& [suite, family] : suites) {
      families.insert(family);
    }
    std::map<std::string, bench::Figures> by_suite;
    std::vector<Decided> decided;
    for (const auto& family : families) {
      std::vector<Scored*> others;
      for (auto& scored : all) {
        if (scored.family != family) {
          others.push_back(&scored);
        }
      }
      const auto model = train(others);
      for (auto& scored : all) {
        if (scored.family == family) {
          apply_own(scored, model.own);
          apply_full(scored, model.full);
          by_suite[scored.task->suite] += bench::evaluate(*scored.task, scored.table);
          decided.push_back({scored.task->suite, bench::decided_pairs(*scored.task, scored.table),
                             static_cast<double>(scored.task->truth_size)});
        }
      }
    }
    std::size_t counted = 0;
    for (std::size_t number = 0; number < suites.size(); ++number) {
      const auto& suite = tasks[number].front().suite;
      auto mean = by_suite[suite].mean();
      print(suite, mean);
      mean.tasks = 1;
      if (counted++ < 12) {
        total += mean;
      }
    }
    print("mean of the first 12", total.mean());
    print_offsets(decided);
  }
  std::vector<Scored*> every;
  for (auto& scored : all) {
    every.push_back(&scored);
  }
  const auto model = train(every);
  std::map<std::string, bench::Figures> by_suite;
  for (auto& scored : all) {
    apply_full(scored, model.full);
    by_suite[scored.task->suite] += bench::evaluate(*scored.task, scored.table);
  }
  fmt::print("\nfitted on all\n");
  for (const auto& suite : tasks) {
    print(suite.front().suite, by_suite[suite.front().suite].mean());
  }
  print_weights("own_weights", model.own, own_feature_count);
  print_weights("full_weights", model.full, feature_count);
  return 0;
}

}  // namespace

int main(int count, char** values) {
  try {
    if (count < 3) {
      fmt::print(stderr, "usage: bench_matching_fit REPOSITORY SUITES [--quick | --features]\n");
      return 2;
    }
    return run(values[1], values[2], count > 3 ? values[3] : "");
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return 1;
  }
}
