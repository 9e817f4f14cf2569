// SPDX-License-Identifier: Apache-2.0
#include "core/matching/scoring/tables.hpp"

#include "core/matching/scoring/assignment.hpp"
#include "core/matching/scoring/confidence.hpp"
#include "core/matching/signals/contrasts.hpp"
#include "core/matching/signals/signals.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace mapctl::matching {
namespace {

// Log-odds of a table pair, set by hand so that quickstart-like pairs rank as a person would.
constexpr double constant = -4.4;
constexpr double name_weight = 3.0;
constexpr double coverage_weight = 5.0;   // share of the smaller table's columns with a partner
constexpr double agreement_weight = 3.0;  // share of all columns of both
constexpr double required_weight = 1.0;   // share of the target's required columns
// Pairs less likely than this are no partners, however many of them there are.
constexpr double least_partner_confidence = 0.2;
constexpr double domain_weight = 0.4;
constexpr double hint_weight = 0.8;
constexpr double contrast_weight = -2.0;
constexpr double kinship_name_weight = 2.0;

std::uint64_t declared_domain(std::string_view name, const Lexicon& lexicon) {
  for (std::size_t domain = 0; domain < lexicon.domains().size(); ++domain) {
    if (lexicon.domains()[domain] == name) {
      return std::uint64_t{1} << domain;
    }
  }
  return 0;
}

}  // namespace

TableFit table_fit(const Side& source, const Side& target, const ScoreTable& scores,
                   const Lexicon& lexicon, std::string_view domain) {
  const auto& left = source.tables.front();
  const auto& right = target.tables.front();
  TableFit fit;
  if (source.columns.empty() || target.columns.empty()) {
    return fit;
  }
  // The same for all pairs but those that only memory knows, which have no features.
  float name_agreement = 0;
  for (const auto& pair : scores.pairs) {
    name_agreement = std::max(name_agreement, at(*pair.features, Feature::table_name));
  }
  const auto name = static_cast<double>(name_agreement);

  // What would be decided: a target that three columns resemble is one partner, not three.
  std::vector<Edge> edges;
  const float too_little = log_odds_below(least_partner_confidence);
  for (const auto& pair : scores.pairs) {
    // How many columns have a counterpart is what the tables are judged by: once.
    const float score = pair.score - scores.shift;
    if (score < too_little) {
      continue;
    }
    const double chance = confidence_of(score);
    if (chance >= least_partner_confidence) {
      edges.push_back({pair.source, pair.target, chance});
    }
  }
  double found = 0;
  double required_found = 0;
  for (const auto& edge : assign_one_to_one(source.columns.size(), target.columns.size(), edges)) {
    if (edge) {
      found += edges[*edge].gain;
      required_found +=
          target.columns[edges[*edge].target].column->required ? edges[*edge].gain : 0.0;
    }
  }
  const auto required = static_cast<double>(
      std::count_if(target.columns.begin(), target.columns.end(),
                    [](const ColumnFeatures& column) { return column.column->required; }));
  const auto source_count = static_cast<double>(source.columns.size());
  const auto target_count = static_cast<double>(target.columns.size());
  // Small tables agree by chance; two more columns that find nothing temper them.
  const double coverage = found / (std::min(source_count, target_count) + 2);
  const double agreement = 2 * found / (source_count + target_count + 2);

  const double obligatory =
      required > 0 ? required_weight * (required_found / required - 0.5) : 0.0;

  double odds = obligatory + constant + name_weight * name + coverage_weight * coverage +
                agreement_weight * agreement;
  fit.evidence.push_back({to_string(Signal::qualified_name), name, name_weight * name,
                          fmt::format("the tables' names '{}' and '{}' agree to {:.0f} %",
                                      left.ref.table.text, right.ref.table.text, 100 * name)});
  fit.evidence.push_back(
      {to_string(Signal::table_context), std::min(1.0, coverage),
       coverage_weight * coverage + agreement_weight * agreement + obligatory,
       fmt::format("about {:.0f} of {} source and {} target columns find a partner", found,
                   source.columns.size(), target.columns.size())});
  if (const auto opposed = find_opposed(source, left, target, right)) {
    odds += contrast_weight;
    fit.evidence.push_back({to_string(Signal::contrast), 0.0, contrast_weight,
                            fmt::format("the tables are called '{}' and '{}', which exclude each "
                                        "other",
                                        opposed->left, opposed->right)});
  }
  const auto of_target = declared_domain(right.table->domain, lexicon) | target.domains;
  const auto of_source = source.domains;
  const auto hinted = declared_domain(domain, lexicon);
  if ((of_source & of_target) != 0) {
    odds += domain_weight;
    fit.evidence.push_back({to_string(Signal::domain), 1.0, domain_weight,
                            "both tables speak of the same field of business"});
  }
  if (hinted != 0 && of_target != 0) {
    const bool fits = (hinted & of_target) != 0;
    odds += fits ? hint_weight : -hint_weight;
    fit.evidence.push_back({to_string(Signal::domain), fits ? 1.0 : 0.0,
                            fits ? hint_weight : -hint_weight,
                            fmt::format("the target {} to the field '{}' that was named",
                                        fits ? "belongs" : "does not belong", domain)});
  }
  std::stable_sort(fit.evidence.begin(), fit.evidence.end(),
                   [](const auto& a, const auto& b) { return a.weight > b.weight; });
  fit.confidence = 1 / (1 + std::exp(-odds));
  return fit;
}

double most_in_chosen_table(double table_confidence) noexcept {
  constexpr double slope = 1.2;
  constexpr double shift = 0.8;
  constexpr double least_bound = 0.55;
  const double share = std::clamp(table_confidence, 0.001, 0.999);
  const double odds = slope * std::log(share / (1 - share)) + shift;
  return std::max(least_bound, 1 / (1 + std::exp(-odds)));
}

double table_kinship(const Side& source, const Side& target) {
  const auto words = [](const Side& side) {
    std::vector<std::pair<std::uint64_t, double>> result;
    for (const auto& column : side.columns) {
      for (const auto term : side.list(column.expanded)) {
        const auto& word = side.terms[term];
        if (!word.number) {
          result.emplace_back(word.hash, static_cast<double>(word.weight));
        }
      }
    }
    for (const auto term : side.list(side.tables.front().name)) {
      result.emplace_back(side.terms[term].hash, kinship_name_weight);
    }
    std::sort(result.begin(), result.end());
    result.erase(std::unique(result.begin(), result.end(),
                             [](const auto& a, const auto& b) { return a.first == b.first; }),
                 result.end());
    return result;
  };
  const auto left = words(source);
  const auto right = words(target);
  double shared = 0;
  for (std::size_t s = 0, t = 0; s < left.size() && t < right.size();) {
    if (left[s].first < right[t].first) {
      ++s;
    } else if (right[t].first < left[s].first) {
      ++t;
    } else {
      shared += std::min(left[s++].second, right[t++].second);
    }
  }
  const double size =
      std::sqrt(static_cast<double>(left.size()) * static_cast<double>(right.size()));
  return size > 0 ? shared / size : 0;
}

}  // namespace mapctl::matching
