// SPDX-License-Identifier: Apache-2.0
#include "core/matching/matcher.hpp"

#include "core/base/error.hpp"
#include "core/matching/columns/prepared.hpp"
#include "core/matching/memory/memory.hpp"
#include "core/matching/rules/composed_pairs.hpp"
#include "core/matching/rules/composite.hpp"
#include "core/matching/rules/transform.hpp"
#include "core/matching/scoring/assignment.hpp"
#include "core/matching/scoring/bounds.hpp"
#include "core/matching/scoring/calibration.hpp"
#include "core/matching/scoring/combination.hpp"
#include "core/matching/scoring/confidence.hpp"
#include "core/matching/scoring/explain.hpp"
#include "core/matching/scoring/scorer.hpp"
#include "core/matching/scoring/tables.hpp"
#include "core/matching/values/lossy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <span>
#include <utility>

namespace mapctl::matching {
namespace {

// Less likely candidates only fill a reviewer's screen.
constexpr double least_kept_confidence = 0.02;
// Where one source may feed several targets: what is nearly as likely as the best is decided too.
constexpr double near_best = 0.9;
// A table pair less likely than this is not proposed.
constexpr double least_table_confidence = 0.3;
// Tables of codes (CUSMAS) resemble none much. One that leads all others clearly is still the one
// to look at, and its columns are decided each on its own.
constexpr double least_leading_confidence = 0.12;
constexpr double clear_lead = 2.0;
// Tables whose columns are compared when a target is sought; the others share fewer words.
constexpr std::size_t most_compared_tables = 24;

// Candidates of a source column where many tables are matched at once.
constexpr std::size_t candidates_in_all_tables = 24;

// Numbers of columns in the order of their names, so that ties do not depend on their position.
std::vector<std::uint32_t> by_name(const Side& side) {
  std::vector<std::uint32_t> columns(side.columns.size());
  std::iota(columns.begin(), columns.end(), 0U);
  std::sort(columns.begin(), columns.end(), [&](std::uint32_t a, std::uint32_t b) {
    const auto order = side.columns[a].column->name <=> side.columns[b].column->name;
    return order != 0 ? order < 0 : a < b;
  });
  std::vector<std::uint32_t> rank(columns.size());
  for (std::uint32_t place = 0; place < columns.size(); ++place) {
    rank[columns[place]] = place;
  }
  return rank;
}

// The columns of both sides in the order of their names.
struct NameRanks {
  NameRanks(const Side& source_side, const Side& target_side)
      : source{by_name(source_side)}, target{by_name(target_side)} {}
  std::vector<std::uint32_t> source, target;
};

// For each source column the targets decided for it.
std::vector<std::vector<std::uint32_t>> decide(const Side& source, const Side& target,
                                               const NameRanks& ranks, const ScoreTable& scores,
                                               const MatchOptions& options) {
  std::vector<std::vector<std::uint32_t>> decided(source.columns.size());
  if (!options.one_to_one) {
    for (std::size_t column = 0; column < decided.size(); ++column) {
      const auto row = scores.of_source(column);
      const double best = row.empty() ? 0.0 : confidence_of(row.front().score);
      for (const auto& pair : row) {
        const double confidence = confidence_of(pair.score);
        if (confidence >= options.min_confidence && confidence >= near_best * best) {
          decided[column].push_back(pair.target);
        }
      }
    }
    return decided;
  }
  std::vector<Edge> edges;
  std::vector<const ScoredPair*> pairs;
  edges.reserve(scores.pairs.size());
  pairs.reserve(scores.pairs.size());
  const float too_little = log_odds_below(options.min_confidence);
  for (const auto& pair : scores.pairs) {
    if (pair.score < too_little) {
      continue;
    }
    const double confidence = confidence_of(pair.score);
    if (confidence >= options.min_confidence && confidence > 0) {
      // Source tables are mapped each on its own: several may feed one target column.
      const auto slot =
          source.columns[pair.source].table * target.columns.size() + ranks.target[pair.target];
      edges.push_back({ranks.source[pair.source], static_cast<std::uint32_t>(slot), confidence});
      pairs.push_back(&pair);
    }
  }
  const auto slots = source.tables.size() * target.columns.size();
  const auto chosen = assign_one_to_one(source.columns.size(), slots, edges);
  for (const auto& edge : chosen) {
    if (edge) {
      decided[pairs[*edge]->source].push_back(pairs[*edge]->target);
    }
  }
  return decided;
}

// What past decisions say of two sides, already part of their scores.
struct Recalled {
  const Memory* memory = nullptr;
  Recollections found{};

  Recalled(const Remembered& remembered, bool use, const Side& source, const Side& target,
           ScoreTable& scores) {
    if (use && remembered.memory) {
      memory = remembered.memory.get();
      found = memory->recall(source, target, {remembered.connector, remembered.target});
      found.weigh(scores);
      bound_what_others_decided(source, target, scores);
    }
    if (remembered.calibration && !remembered.calibration->changes_nothing()) {
      calibrate(*remembered.calibration, source, target, scores);
    }
  }

  // Decisions about other fields tell what a name mostly means, and neither what it means here, nor
  // whether the values fit.
  void bound_what_others_decided(const Side& source, const Side& target, ScoreTable& scores) const {
    bool is_bound = false;
    for (const Recollection& one : found.all()) {
      if (one.settled || one.approved == Recollection::none) {
        continue;
      }
      const auto row = std::span{scores.pairs}.subspan(
          scores.begin[one.source], scores.begin[one.source + 1] - scores.begin[one.source]);
      const auto pair = std::find_if(row.begin(), row.end(), [&](const ScoredPair& scored) {
        return scored.target == one.target;
      });
      if (pair == row.end()) {
        continue;
      }
      const float score = pair->score;
      if (is_part_of_address_only_here(*pair, source, target)) {
        pair->score = std::min(score, most_in_copies);
      } else if (scores.with_data && score > most_of_doubtful && fails(*pair, source, target)) {
        pair->score = doubted(score);
      }
      is_bound = is_bound || pair->score < score;
    }
    if (is_bound) {
      scores.sort_rows();
    }
  }

  // Scores are log-odds, so what a confidence should have been is a score too. The curves differ
  // by situation, so the order may change where situations meet.
  void calibrate(const Calibration& calibration, const Side& source, const Side& target,
                 ScoreTable& scores) const {
    for (auto& pair : scores.pairs) {
      const auto* one = found.find(pair.source, pair.target);
      const bool cited = one != nullptr && (one->approved != Recollection::none ||
                                            one->rejected != Recollection::none);
      const bool valued =
          source.columns[pair.source].values >= 0 && target.columns[pair.target].values >= 0;
      const double confidence = calibration(confidence_of(pair.score), cited    ? Situation::memory
                                                                       : valued ? Situation::values
                                                                                : Situation::names);
      pair.score = score_of(confidence);
    }
    scores.sort_rows();
  }

  void cite(const ScoredPair& pair, mapping::Candidate& candidate) const {
    if (memory == nullptr || found.empty()) {
      return;
    }
    auto cited = found.evidence(*memory, pair.source, pair.target);
    if (cited.empty()) {
      return;
    }
    auto& evidence = candidate.evidence;
    evidence.insert(evidence.end(), std::make_move_iterator(cited.begin()),
                    std::make_move_iterator(cited.end()));
    std::stable_sort(evidence.begin(), evidence.end(),
                     [](const auto& a, const auto& b) { return a.weight > b.weight; });
    if (auto warning = found.conflict(*memory, pair.source, pair.target); !warning.empty()) {
      candidate.warnings.push_back(std::move(warning));
    }
  }
};

mapping::Candidate candidate_of(const ScoredPair& pair, const Place& place, const Side& source,
                                const Side& target, const Knowledge& knowledge,
                                const Recalled& recalled) {
  const auto& from = source.columns[pair.source];
  const auto& to = target.columns[pair.target];
  const auto& table = target.tables[to.table];
  mapping::Candidate candidate;
  candidate.target_table = table.ref;
  candidate.target_column = to.column->name;
  candidate.score = confidence_of(pair.own);
  candidate.confidence = confidence_of(pair.score);
  candidate.transformation = suggest_transformation(source, from, target, to);
  candidate.mapping_type = mapping::mapping_type_of(candidate.transformation);
  candidate.warnings = lossy_warnings(*from.column, *table.table, *to.column);
  candidate.evidence =
      explain(pair, place, source, target, *knowledge.lexicon, knowledge.combination->full);
  recalled.cite(pair, candidate);
  return candidate;
}

mapping::FieldProposal field_of(std::size_t column, std::span<const ScoredPair> row,
                                const std::vector<std::uint32_t>& decided, const Side& source,
                                const Side& target, const Knowledge& knowledge,
                                const MatchOptions& options, const Recalled& recalled) {
  mapping::FieldProposal field;
  field.source_column = source.columns[column].column->name;
  bool more_to_show = true;  // the best come first
  for (std::size_t rank = 0; rank < row.size(); ++rank) {
    const auto& pair = row[rank];
    const bool chosen = std::find(decided.begin(), decided.end(), pair.target) != decided.end();
    more_to_show = more_to_show && field.candidates.size() < options.top &&
                   confidence_of(pair.score) >= least_kept_confidence;
    if (!chosen && !more_to_show) {
      continue;
    }
    if (chosen) {
      field.decision.push_back(field.candidates.size());
      field.confidence = std::max(field.confidence, confidence_of(pair.score));
    }
    field.candidates.push_back(
        candidate_of(pair, {row.size()}, source, target, knowledge, recalled));
  }
  if (field.decision.empty()) {
    field.confidence = row.empty() ? 1.0 : 1 - confidence_of(row.front().score);
  }
  return field;
}

// By source column, best first.
void sort_rows(std::vector<ColumnPair>& pairs) {
  std::stable_sort(pairs.begin(), pairs.end(), [](const ColumnPair& a, const ColumnPair& b) {
    return a.source != b.source ? a.source < b.source : a.confidence > b.confidence;
  });
}

std::vector<mapping::UnmappedTarget> unmapped(const Side& target, const std::vector<bool>& used) {
  std::vector<mapping::UnmappedTarget> result;
  for (const bool required : {true, false}) {
    for (std::size_t column = 0; column < target.columns.size(); ++column) {
      const auto& features = *target.columns[column].column;
      if (!used[column] && !features.generated && features.required == required) {
        result.push_back({features.name, required});
      }
    }
  }
  return result;
}

// Nothing is surer than that its target table is the right one, but what was decided of the very
// field. `used` are the target columns that are decided.
void bound_by_choice(mapping::PairProposal& proposal, const Side& target, const Recalled& recalled,
                     const MatchOptions& options, std::vector<bool>& used) {
  const double most = most_in_chosen_table(proposal.confidence);
  const auto detail = fmt::format("the target table was chosen with {:.2f}, and no column is surer",
                                  proposal.confidence);
  for (std::size_t column = 0; column < proposal.fields.size(); ++column) {
    auto& field = proposal.fields[column];
    const auto is_settled = [&](const mapping::Candidate& candidate) {
      const auto known = recalled.found.of_source(static_cast<std::uint32_t>(column));
      return std::any_of(known.begin(), known.end(), [&](const Recollection& one) {
        return one.settled && one.approved != Recollection::none &&
               target.columns[one.target].column->name == candidate.target_column;
      });
    };
    for (auto& candidate : field.candidates) {
      if (candidate.confidence > most && !is_settled(candidate)) {
        const auto lost = score_of(candidate.confidence) - score_of(most);
        candidate.confidence = most;
        candidate.evidence.push_back({to_string(Signal::table_context), proposal.confidence,
                                      -static_cast<double>(lost), detail});
      }
    }
    if (field.decision.empty()) {
      continue;
    }
    double best = 0;
    std::erase_if(field.decision, [&](std::size_t number) {
      const auto& candidate = field.candidates[number];
      best = std::max(best, candidate.confidence);
      if (candidate.confidence >= options.min_confidence) {
        return false;
      }
      for (std::size_t place = 0; place < used.size(); ++place) {
        used[place] = used[place] && target.columns[place].column->name != candidate.target_column;
      }
      return true;
    });
    field.confidence = field.decision.empty() ? 1 - best : best;
  }
}

}  // namespace

Matcher::Matcher(Knowledge knowledge, MatchOptions options, Remembered remembered)
    : knowledge_{std::move(knowledge)},
      options_{std::move(options)},
      remembered_{std::move(remembered)} {}
Matcher::~Matcher() = default;

mapping::PairProposal Matcher::match(const Prepared& source, const catalog::TableRef& source_table,
                                     const Prepared& target, const catalog::TableRef& target_table,
                                     std::stop_token stop) const {
  return match(source.table(source_table), target.table(target_table), nullptr, std::move(stop));
}

mapping::PairProposal Matcher::match_chosen(const Prepared& source, const TablePair& chosen,
                                            const Prepared& target, std::stop_token stop) const {
  return match(source.table(chosen.source), target.table(chosen.target), &chosen, std::move(stop));
}

mapping::PairProposal Matcher::match(const Side& from, const Side& to, const TablePair* chosen,
                                     std::stop_token stop) const {
  ScoreOptions score_options;
  score_options.use_data = options_.use_data;
  auto scores =
      score(from, to, *knowledge_.lexicon, *knowledge_.combination, score_options, std::move(stop));
  const Recalled recalled{remembered_, options_.use_memory, from, to, scores};
  const auto decided = decide(from, to, NameRanks{from, to}, scores, options_);

  mapping::PairProposal proposal;
  proposal.source_table = from.tables.front().ref;
  proposal.target_table = to.tables.front().ref;
  if (chosen != nullptr) {
    proposal.confidence = chosen->confidence;
    proposal.evidence = chosen->evidence;
  } else {
    auto fit = table_fit(from, to, scores, *knowledge_.lexicon, options_.domain);
    proposal.confidence = fit.confidence;
    proposal.evidence = std::move(fit.evidence);
  }
  proposal.fields.reserve(from.columns.size());
  for (std::size_t column = 0; column < from.columns.size(); ++column) {
    proposal.fields.push_back(field_of(column, scores.of_source(column), decided[column], from, to,
                                       knowledge_, options_, recalled));
  }
  auto used = add_composites(from, to, options_, decided, proposal);
  for (auto& field : proposal.fields) {
    mapping::rank_candidates(field, options_.top);
  }
  if (chosen != nullptr) {
    bound_by_choice(proposal, to, recalled, options_, used);
  }
  proposal.unmapped_targets = unmapped(to, used);
  return proposal;
}

std::vector<TablePair> Matcher::rank_tables(const Prepared& source,
                                            const catalog::TableRef& source_table,
                                            const Prepared& target, std::size_t top,
                                            std::stop_token stop) const {
  const Side& from = source.table(source_table);
  const auto& tables = target.tables();
  std::vector<std::pair<double, std::size_t>> order;
  for (std::size_t number = 0; number < tables.size(); ++number) {
    order.emplace_back(-table_kinship(from, target.table(number)), number);
  }
  std::sort(order.begin(), order.end());
  order.resize(std::min(order.size(), std::max(most_compared_tables, top)));

  ScoreOptions score_options;
  score_options.use_data = options_.use_data;
  std::vector<TablePair> result;
  for (const auto& [kinship, number] : order) {
    if (stop.stop_requested()) {
      throw Error{ErrorCode::cancelled, "matching was cancelled"};
    }
    const Side& to = target.table(number);
    auto scores =
        score(from, to, *knowledge_.lexicon, *knowledge_.combination, score_options, stop);
    const Recalled recalled{remembered_, options_.use_memory, from, to, scores};
    auto fit = table_fit(from, to, scores, *knowledge_.lexicon, options_.domain);
    if (fit.confidence >= least_leading_confidence / clear_lead) {
      result.push_back({from.tables.front().ref, to.tables.front().ref, fit.confidence,
                        std::move(fit.evidence)});
    }
  }
  std::stable_sort(result.begin(), result.end(), [](const TablePair& a, const TablePair& b) {
    return a.confidence != b.confidence ? a.confidence > b.confidence : a.target < b.target;
  });
  // Without a clear leader only what is likely by itself is proposed.
  const double second = result.size() > 1 ? result[1].confidence : 0.0;
  const bool leads = !result.empty() && result.front().confidence >= least_leading_confidence &&
                     result.front().confidence >= clear_lead * second;
  const auto unlikely =
      std::find_if(result.begin() + (leads ? 1 : 0), result.end(),
                   [](const TablePair& pair) { return pair.confidence < least_table_confidence; });
  result.erase(unlikely, result.end());
  if (result.size() > top) {
    result.erase(result.begin() + static_cast<std::ptrdiff_t>(top), result.end());
  }
  return result;
}

ColumnRanking Matcher::match_all(const Prepared& source, const Prepared& target, Findings findings,
                                 std::stop_token stop) const {
  const Side& from = source.whole();
  const Side& to = target.whole();
  ScoreOptions score_options;
  score_options.use_data = options_.use_data;
  score_options.per_source = candidates_in_all_tables;
  auto scores =
      score(from, to, *knowledge_.lexicon, *knowledge_.combination, score_options, std::move(stop));
  const Recalled recalled{remembered_, options_.use_memory, from, to, scores};
  ColumnRanking ranking;
  for (const Recollection& one : recalled.found.all()) {
    ranking.recalled.push_back({one.source, one.target, confidence_of(one.log_odds)});
  }
  sort_rows(ranking.recalled);
  const NameRanks ranks{from, to};
  const auto decided = decide(from, to, ranks, scores, options_);
  const auto composed = compose_all(source, target, scores, decided, options_);
  const auto with_rules = [&](const std::vector<std::vector<std::uint32_t>>& targets_of) {
    std::vector<ColumnPair> result = composed.pairs;
    for (const auto& pair : scores.pairs) {
      const auto& targets = targets_of[pair.source];
      if (std::find(targets.begin(), targets.end(), pair.target) != targets.end() &&
          !composed.changes(pair.source, pair.target)) {
        result.push_back({pair.source, pair.target, confidence_of(pair.score)});
      }
    }
    sort_rows(result);
    return result;
  };
  ranking.decided = with_rules(decided);
  if (findings == Findings::all) {
    ranking.scored = composed.pairs;
    ranking.scored.reserve(scores.pairs.size() + composed.pairs.size());
    for (const auto& pair : scores.pairs) {
      if (composed.find(pair.source, pair.target) == nullptr) {
        ranking.scored.push_back({pair.source, pair.target, confidence_of(pair.score)});
      }
    }
    sort_rows(ranking.scored);
    MatchOptions any = options_;
    any.min_confidence = 0;
    ranking.assigned = with_rules(decide(from, to, ranks, scores, any));
  }
  return ranking;
}

}  // namespace mapctl::matching
