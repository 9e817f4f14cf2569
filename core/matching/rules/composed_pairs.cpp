// SPDX-License-Identifier: Apache-2.0
#include "core/matching/rules/composed_pairs.hpp"

#include "core/matching/columns/prepared.hpp"
#include "core/matching/rules/composite.hpp"
#include "core/matching/rules/transform.hpp"
#include "core/matching/scoring/confidence.hpp"
#include "core/matching/scoring/scorer.hpp"

#include <algorithm>
#include <map>
#include <string_view>

namespace mapctl::matching {
namespace {

// Of the candidates, rules look at what a source that feeds nothing would feed first.
constexpr std::size_t kept_candidates = 3;

// A pair of tables, and what was decided between them: targets by source column, both counted
// within their tables.
class TablesOf {
 public:
  TablesOf(const Prepared& source, std::uint32_t source_table, const Prepared& target,
           std::uint32_t target_table)
      : from_{source.table(source_table)},
        to_{target.table(target_table)},
        first_source_{source.whole().tables[source_table].first_column},
        first_target_{target.whole().tables[target_table].first_column},
        decided_(from_.columns.size()) {}

  void decide(std::uint32_t source, std::uint32_t target) {
    decided_[source - first_source_].push_back(target - first_target_);
  }

  void compose(const ScoreTable& scores, const MatchOptions& options, ComposedPairs& all) const {
    auto proposal = proposed(scores);
    static_cast<void>(add_composites(from_, to_, options, decided_, proposal));
    for (std::uint32_t source = 0; source < from_.columns.size(); ++source) {
      const auto& field = proposal.fields[source];
      for (const std::uint32_t target : decided_[source]) {
        const bool stays =
            std::any_of(field.decision.begin(), field.decision.end(), [&](std::size_t at) {
              return field.candidates[at].target_column == to_.columns[target].column->name;
            });
        if (!stays) {
          all.released.emplace_back(first_source_ + source, first_target_ + target);
        }
      }
      for (const std::size_t at : field.decision) {
        const auto& candidate = field.candidates[at];
        if (is_of_rule(candidate)) {
          add(source, candidate, all.pairs);
        }
      }
    }
  }

 private:
  static bool is_of_rule(const mapping::Candidate& candidate) {
    return std::any_of(candidate.evidence.begin(), candidate.evidence.end(),
                       [](const auto& evidence) { return evidence.signal == composite_signal; });
  }

  static std::uint32_t place_of(const Side& side, std::string_view name) {
    const auto found = std::find_if(
        side.columns.begin(), side.columns.end(),
        [&](const ColumnFeatures& features) { return features.column->name.text == name; });
    return static_cast<std::uint32_t>(found - side.columns.begin());
  }

  void add(std::uint32_t source, const mapping::Candidate& candidate,
           std::vector<ColumnPair>& pairs) const {
    const auto target = first_target_ + place_of(to_, candidate.target_column.text);
    const auto& inputs = candidate.transformation.inputs;
    if (inputs.empty()) {
      pairs.push_back({first_source_ + source, target, candidate.confidence});
    }
    for (const auto& input : inputs) {
      pairs.push_back({first_source_ + place_of(from_, input), target, candidate.confidence});
    }
  }

  mapping::PairProposal proposed(const ScoreTable& scores) const {
    mapping::PairProposal proposal;
    for (std::uint32_t source = 0; source < from_.columns.size(); ++source) {
      auto& field = proposal.fields.emplace_back();
      field.source_column = from_.columns[source].column->name;
      const auto& chosen = decided_[source];
      for (const auto& pair : scores.of_source(first_source_ + source)) {
        const std::uint32_t target = pair.target - first_target_;  // wraps before the first
        if (target >= to_.columns.size()) {
          continue;
        }
        const bool is_chosen = std::find(chosen.begin(), chosen.end(), target) != chosen.end();
        if (!is_chosen && field.candidates.size() >= kept_candidates) {
          continue;
        }
        if (is_chosen) {
          field.decision.push_back(field.candidates.size());
        }
        auto& candidate = field.candidates.emplace_back();
        candidate.target_column = to_.columns[target].column->name;
        candidate.confidence = confidence_of(pair.score);
        candidate.transformation =
            suggest_transformation(from_, from_.columns[source], to_, to_.columns[target]);
      }
    }
    return proposal;
  }

  const Side& from_;
  const Side& to_;
  std::uint32_t first_source_, first_target_;
  std::vector<std::vector<std::uint32_t>> decided_;
};

}  // namespace

const ColumnPair* ComposedPairs::find(std::uint32_t source, std::uint32_t target) const noexcept {
  const auto found = std::find_if(pairs.begin(), pairs.end(), [&](const ColumnPair& pair) {
    return pair.source == source && pair.target == target;
  });
  return found == pairs.end() ? nullptr : &*found;
}

bool ComposedPairs::changes(std::uint32_t source, std::uint32_t target) const noexcept {
  return find(source, target) != nullptr ||
         std::find(released.begin(), released.end(), std::pair{source, target}) != released.end();
}

ComposedPairs compose_all(const Prepared& source, const Prepared& target, const ScoreTable& scores,
                          const std::vector<std::vector<std::uint32_t>>& decided,
                          const MatchOptions& options) {
  ComposedPairs all;
  if (!options.composites) {
    return all;
  }
  const Side& from = source.whole();
  const Side& to = target.whole();
  std::map<std::pair<std::uint32_t, std::uint32_t>, TablesOf> tables;
  for (std::uint32_t column = 0; column < decided.size(); ++column) {
    for (const auto chosen : decided[column]) {
      const auto source_table = from.columns[column].table;
      const auto target_table = to.columns[chosen].table;
      tables.try_emplace({source_table, target_table}, source, source_table, target, target_table)
          .first->second.decide(column, chosen);
    }
  }
  for (const auto& [numbers, pair] : tables) {
    pair.compose(scores, options, all);
  }
  return all;
}

}  // namespace mapctl::matching
