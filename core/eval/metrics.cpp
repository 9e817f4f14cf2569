// SPDX-License-Identifier: Apache-2.0
#include "core/eval/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace mapctl::eval {
namespace {

using Pairs = std::set<std::pair<std::uint32_t, std::uint32_t>>;

std::vector<Guess> without(std::vector<Guess> guesses, const Pairs& acceptable) {
  std::erase_if(guesses, [&](const Guess& guess) {
    return acceptable.contains({guess.source, guess.target});
  });
  return guesses;
}

double share(double part, double whole) noexcept {
  return whole > 0 ? part / whole : 0.0;
}

double recall_at_truth(const Judged& judged, const std::vector<Guess>& ranked) {
  std::size_t found = 0;
  const std::size_t kept = std::min(judged.truth.size(), ranked.size());
  for (std::size_t at = 0; at < kept; ++at) {
    found += judged.truth.count({ranked[at].source, ranked[at].target});
  }
  // What was not scored follows in the order of the names.
  std::size_t left = judged.truth.size() - kept;
  if (left > 0) {
    Pairs scored;
    for (const auto& guess : ranked) {
      scored.emplace(guess.source, guess.target);
    }
    for (std::uint32_t source = 0; source < judged.sources && left > 0; ++source) {
      for (std::uint32_t target = 0; target < judged.targets && left > 0; ++target) {
        if (!scored.contains({source, target})) {
          found += judged.truth.count({source, target});
          --left;
        }
      }
    }
  }
  return share(static_cast<double>(found), static_cast<double>(judged.truth.size()));
}

// Rank of every target of one source column, from 1.
std::vector<std::size_t> ranks_of(std::span<const Guess> row, std::size_t targets) {
  std::vector<std::size_t> ranks(targets, 0);
  std::size_t next = 0;
  for (const auto& guess : row) {
    ranks[guess.target] = ++next;
  }
  for (auto& rank : ranks) {
    rank = rank == 0 ? ++next : rank;
  }
  return ranks;
}

void measure_ranks(const Judged& judged, const std::vector<Guess>& ranked, Figures& figures) {
  std::vector<std::vector<Guess>> rows(judged.sources);
  for (const auto& guess : ranked) {
    rows[guess.source].push_back(guess);
  }
  double columns = 0;
  for (auto at = judged.truth.begin(); at != judged.truth.end();) {
    const auto source = at->first;
    const auto ranks = ranks_of(rows[source], judged.targets);
    std::size_t best = judged.targets;
    for (; at != judged.truth.end() && at->first == source; ++at) {
      const auto rank = ranks[at->second];
      figures.mrr_pairs += 1.0 / static_cast<double>(rank);
      best = std::min(best, rank);
    }
    ++columns;
    figures.mrr += 1.0 / static_cast<double>(best);
    figures.hit_at_1 += best <= 1 ? 1 : 0;
    figures.hit_at_3 += best <= 3 ? 1 : 0;
    figures.hit_at_5 += best <= 5 ? 1 : 0;
  }
  for (double* value : {&figures.mrr, &figures.hit_at_1, &figures.hit_at_3, &figures.hit_at_5}) {
    *value = share(*value, columns);
  }
  figures.mrr_pairs = share(figures.mrr_pairs, static_cast<double>(judged.truth.size()));
}

double calibration_error(std::span<const Guess> guesses, const Pairs& truth) {
  constexpr std::size_t bins = 10;
  std::array<double, bins> expected{};
  std::array<double, bins> right{};
  for (const auto& guess : guesses) {
    const auto bin = std::min(bins - 1, static_cast<std::size_t>(guess.confidence * bins));
    expected[bin] += guess.confidence;
    right[bin] += truth.contains({guess.source, guess.target}) ? 1 : 0;
  }
  double error = 0;
  for (std::size_t bin = 0; bin < bins; ++bin) {
    error += std::fabs(expected[bin] - right[bin]);
  }
  return share(error, static_cast<double>(guesses.size()));
}

double f1_of(double precision, double recall) noexcept {
  return share(2 * precision * recall, precision + recall);
}

double best_f1(std::vector<Guess> assigned, const Pairs& truth) {
  sort_best_first(assigned);
  double best = 0;
  double right = 0;
  for (std::size_t at = 0; at < assigned.size(); ++at) {
    right += truth.contains({assigned[at].source, assigned[at].target}) ? 1 : 0;
    // A threshold cannot part what has the same confidence.
    if (at + 1 == assigned.size() || assigned[at + 1].confidence < assigned[at].confidence) {
      best = std::max(
          best, share(2 * right, static_cast<double>(at + 1) + static_cast<double>(truth.size())));
    }
  }
  return best;
}

void measure_abstention(const Judged& judged, Figures& figures) {
  if (judged.unpartnered.empty()) {
    return;
  }
  std::vector<bool> answered(judged.sources, false);
  std::vector<bool> accepted(judged.sources, false);
  for (const auto& guess : judged.decided) {
    answered[guess.source] = true;
    accepted[guess.source] =
        accepted[guess.source] || judged.acceptable.contains({guess.source, guess.target});
  }
  std::vector<bool> partnered(judged.sources, false);
  for (const auto& [source, target] : judged.truth) {
    partnered[source] = true;
  }
  double right = 0;
  double asked = 0;
  for (const auto source : judged.unpartnered) {
    right += answered[source] ? 0 : 1;
    asked += accepted[source] ? 0 : 1;
  }
  double missed = 0;
  for (std::size_t source = 0; source < judged.sources; ++source) {
    missed += partnered[source] && !answered[source] ? 1 : 0;
  }
  const double precision = share(right, right + missed);
  const double recall = share(right, asked);
  figures.abstention_precision = precision;
  figures.abstention_recall = recall;
  figures.abstention_f1 = f1_of(precision, recall);
}

// A document of an older version lacks some figures; these are kept as not a number.
template <double Figures::*Member>
FigureName plain(std::string_view name, int better) {
  return {name,
          [](const Figures& figures) {
            const double value = figures.*Member;
            return std::isnan(value) ? std::nullopt : std::optional<double>{value};
          },
          [](Figures& figures, std::optional<double> value) {
            figures.*Member = value.value_or(std::numeric_limits<double>::quiet_NaN());
          },
          better};
}

template <std::optional<double> Figures::*Member>
FigureName optional(std::string_view name, int better) {
  return {name, [](const Figures& figures) { return figures.*Member; },
          [](Figures& figures, std::optional<double> value) { figures.*Member = value; }, better};
}

}  // namespace

void sort_best_first(std::vector<Guess>& guesses) {
  std::sort(guesses.begin(), guesses.end(), [](const Guess& a, const Guess& b) {
    return a.confidence != b.confidence ? a.confidence > b.confidence
           : a.source != b.source       ? a.source < b.source
                                        : a.target < b.target;
  });
}

Figures measure(const Judged& judged) {
  Figures figures;
  auto ranked = judged.scored;
  sort_best_first(ranked);
  figures.recall_at_gt = recall_at_truth(judged, ranked);
  measure_ranks(judged, ranked, figures);

  const auto decided = without(judged.decided, judged.acceptable);
  double right = 0;
  for (const auto& guess : decided) {
    right += judged.truth.contains({guess.source, guess.target}) ? 1 : 0;
  }
  figures.precision = share(right, static_cast<double>(decided.size()));
  figures.recall = share(right, static_cast<double>(judged.truth.size()));
  figures.f1 = f1_of(figures.precision, figures.recall);
  figures.f1_best =
      std::max(figures.f1, best_f1(without(judged.assigned, judged.acceptable), judged.truth));
  measure_abstention(judged, figures);

  figures.ece = calibration_error(decided, judged.truth);
  std::vector<Guess> best;
  std::vector<bool> seen(judged.sources, false);
  for (const auto& guess : ranked) {
    if (!seen[guess.source]) {
      seen[guess.source] = true;
      best.push_back(guess);
    }
  }
  figures.ece_best = calibration_error(without(std::move(best), judged.acceptable), judged.truth);
  figures.source_columns = static_cast<double>(judged.sources);
  figures.target_columns = static_cast<double>(judged.targets);
  figures.truth = static_cast<double>(judged.truth.size());
  return figures;
}

Figures mean(std::span<const Figures> all) {
  Figures result;
  for (const auto& figure : figure_names()) {
    double sum = 0;
    double count = 0;
    for (const auto& one : all) {
      if (const auto value = figure.get(one)) {
        sum += *value;
        ++count;
      }
    }
    figure.set(result, count > 0 ? std::optional<double>{sum / count} : std::nullopt);
  }
  return result;
}

std::span<const FigureName> figure_names() noexcept {
  static const std::array names{
      plain<&Figures::recall_at_gt>("recall_at_gt", 1),
      plain<&Figures::mrr>("mrr", 1),
      plain<&Figures::mrr_pairs>("mrr_pairs", 1),
      plain<&Figures::hit_at_1>("hit_at_1", 1),
      plain<&Figures::hit_at_3>("hit_at_3", 1),
      plain<&Figures::hit_at_5>("hit_at_5", 1),
      plain<&Figures::precision>("precision", 1),
      plain<&Figures::recall>("recall", 1),
      plain<&Figures::f1>("f1", 1),
      plain<&Figures::f1_best>("f1_best", 1),
      optional<&Figures::abstention_precision>("abstention_precision", 1),
      optional<&Figures::abstention_recall>("abstention_recall", 1),
      optional<&Figures::abstention_f1>("abstention_f1", 1),
      plain<&Figures::ece>("ece", -1),
      plain<&Figures::ece_best>("ece_best", -1),
      plain<&Figures::source_columns>("source_columns", 0),
      plain<&Figures::target_columns>("target_columns", 0),
      plain<&Figures::truth>("truth", 0),
      plain<&Figures::seconds>("seconds", 0),
  };
  return names;
}

}  // namespace mapctl::eval
