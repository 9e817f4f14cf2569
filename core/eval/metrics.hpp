// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace mapctl::eval {

// A pair of columns by their numbers, and how likely it is to be right.
struct Guess {
  std::uint32_t source = 0, target = 0;
  double confidence = 0;
};

// What a matcher said about one task, and what is true. Columns are numbered in the order of their
// names, so equal confidences are ordered by number.
struct Judged {
  std::size_t sources = 0, targets = 0;  // columns
  // Pairs the matcher scored; all others tie behind them.
  std::vector<Guess> scored{};
  std::vector<Guess> decided{};   // at the matcher's own threshold, after its own assignment
  std::vector<Guess> assigned{};  // the same without a threshold
  std::set<std::pair<std::uint32_t, std::uint32_t>> truth{};
  // Neither right nor wrong: figures of what was decided, of abstention and of calibration leave
  // them out; ranks do not.
  std::set<std::pair<std::uint32_t, std::uint32_t>> acceptable{};
  std::vector<std::uint32_t> unpartnered{};  // source columns known to have no partner
};

// Figures of one task or the mean of several. Abstention is told only where there are columns
// without a partner.
struct Figures {
  double recall_at_gt = 0;  // of the |truth| best pairs of the task, the share of truth
  double mrr = 0;           // of the first true target, per source column with a truth
  double mrr_pairs = 0;     // ... of every true pair
  double hit_at_1 = 0, hit_at_3 = 0, hit_at_5 = 0;
  double precision = 0, recall = 0, f1 = 0;  // of what was decided
  double f1_best = 0;                        // at the best threshold of the task: an oracle
  std::optional<double> abstention_precision{}, abstention_recall{}, abstention_f1{};
  double ece = 0;       // expected calibration error over what was decided, 10 bins
  double ece_best = 0;  // ... over the best target of every source column
  double source_columns = 0, target_columns = 0, truth = 0;
  double seconds = 0;
};

// Best first; ties by the columns' names, which is their numbers.
void sort_best_first(std::vector<Guess>& guesses);

// Throws nothing for an empty truth: all shares are then 0.
Figures measure(const Judged& judged);

// Every figure's mean; of the abstention figures over those that have one.
Figures mean(std::span<const Figures> all);

// The figures as they are named in mapctl.eval/1, in its order.
struct FigureName {
  std::string_view name;
  std::optional<double> (*get)(const Figures&);
  void (*set)(Figures&, std::optional<double>);
  int better = 0;  // 1: more is better, -1: less, 0: neither
};
std::span<const FigureName> figure_names() noexcept;

}  // namespace mapctl::eval
