// SPDX-License-Identifier: Apache-2.0
// Figures of the shipped matcher over labelled suites:
//   bench_matching_quality REPOSITORY SUITES [SUITE ...]
#include "tests/bench/matching/suites.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

using namespace mapctl;

namespace {

constexpr std::size_t candidates = 40;

int run(const std::vector<std::string>& arguments) {
  const std::filesystem::path root = arguments.at(1);
  const auto lexicon = bench::shipped_lexicon(arguments.at(0));
  std::vector<std::string> suites{arguments.begin() + 2, arguments.end()};
  if (suites.empty()) {
    suites = {"valentine_chembl", "valentine_tpcdi",    "valentine_wikidata", "coma_po",
              "schematch_sakila", "schematch_pubs",     "schematch_isia",     "schematch_efes_bib",
              "smat_omap",        "saas_staging",       "saas_unified",       "n3c_workbooks",
              "schematch_denorm", "valentine_magellan", "magellan784",        "t2dv2_dbpedia"};
  }
  fmt::print("{:20} {:>5} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6} {:>8}\n",
             "suite", "tasks", "rec@gt", "mrr", "hit@1", "hit@3", "hit@5", "prec", "recall", "f1",
             "f1best", "ece", "seconds");
  bench::Figures total;
  std::size_t counted = 0;
  for (const auto& suite : suites) {
    bench::LoadOptions options;
    if (suite == "saas_staging") {
      options.truth_file = "truth_renamed.csv";
    }
    const auto tasks = bench::load_suite(root / suite, *lexicon, options);
    const auto start = std::chrono::steady_clock::now();
    bench::Figures sum;
    for (const auto& task : tasks) {
      matching::ScoreOptions score_options;
      score_options.per_source = candidates;
      const auto scores = matching::score(task.source_side->whole(), task.target_side->whole(),
                                          *lexicon, score_options, {});
      sum += bench::evaluate(task, scores);
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    const auto mean = sum.mean();
    fmt::print(
        "{:20} {:5} {:6.3f} {:6.3f} {:6.3f} {:6.3f} {:6.3f} {:6.3f} {:6.3f} {:6.3f} {:6.3f} "
        "{:6.3f} {:8.2f}\n",
        suite, mean.tasks, mean.recall_at_gt, mean.mrr, mean.hit_at_1, mean.hit_at_3, mean.hit_at_5,
        mean.precision, mean.recall, mean.f1, mean.f1_best, mean.ece, seconds.count());
    if (counted < 12) {
      auto one = mean;
      one.tasks = 1;
      total += one;
      ++counted;
    }
  }
  const auto mean = total.mean();
  fmt::print(
      "{:20} {:5} {:6.3f} {:6.3f} {:6.3f} {:6.3f} {:6.3f} {:6.3f} {:6.3f} {:6.3f} {:6.3f} "
      "{:6.3f}\n",
      "mean of the first 12", counted, mean.recall_at_gt, mean.mrr, mean.hit_at_1, mean.hit_at_3,
      mean.hit_at_5, mean.precision, mean.recall, mean.f1, mean.f1_best, mean.ece);
  return 0;
}

}  // namespace

int main(int count, char** values) {
  try {
    if (count < 3) {
      fmt::print(stderr, "usage: bench_matching_quality REPOSITORY SUITES [SUITE ...]\n");
      return 2;
    }
    return run({values + 1, values + count});
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return 1;
  }
}
