// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/catalog/table.hpp"
#include "core/matching/lexicon.hpp"
#include "core/matching/matcher.hpp"
#include "core/matching/prepared.hpp"
#include "core/matching/scorer.hpp"

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

// Labelled matching tasks (source.csv, target.csv, truth.csv, rows where known) and the figures
// that are told about them.
namespace mapctl::bench {

struct Task {
  std::string suite, name;
  std::shared_ptr<const catalog::Catalog> source, target;
  std::shared_ptr<const matching::Prepared> source_side, target_side;
  std::set<std::pair<std::uint32_t, std::uint32_t>> truth;  // columns of the whole sides
  std::size_t truth_size = 0;
};

struct LoadOptions {
  std::string truth_file = "truth.csv";
  bool use_data = true;
  unsigned seed = 20260101;  // columns are shuffled: their order says nothing
};

// Tasks of a suite folder, by name.
std::vector<Task> load_suite(const std::filesystem::path& folder, const matching::Lexicon& lexicon,
                             const LoadOptions& options);

struct Figures {
  double recall_at_gt = 0, mrr = 0, hit_at_1 = 0, hit_at_3 = 0, hit_at_5 = 0;
  double precision = 0, recall = 0, f1 = 0, f1_best = 0, ece = 0;
  std::size_t tasks = 0;
  Figures& operator+=(const Figures& other);
  Figures mean() const;
};

Figures evaluate(const Task& task, const matching::ScoreTable& scores);

// A decided pair's confidence and whether it was right: for calibration curves.
std::vector<std::pair<double, bool>> decided_pairs(const Task& task,
                                                   const matching::ScoreTable& scores);

std::shared_ptr<const matching::Lexicon> shipped_lexicon(const std::filesystem::path& repository);

}  // namespace mapctl::bench
