// SPDX-License-Identifier: Apache-2.0
#include "core/matching/rules/composite.hpp"

#include "core/matching/rules/units.hpp"
#include "core/matching/values/value_codes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace mapctl::matching {
namespace {

// What the code maps of the candidates rest on; and no warning that a step makes untrue.
void explain_codes(const Side& source, mapping::PairProposal& proposal) {
  for (std::size_t column = 0; column < source.columns.size(); ++column) {
    const auto& from = *source.columns[column].column;
    for (auto& candidate : proposal.fields[column].candidates) {
      const auto& steps = candidate.transformation.steps;
      const auto step = std::find_if(steps.begin(), steps.end(), [](const auto& known) {
        return known.kind != mapping::TransformationKind::trim;
      });
      if (step == steps.end()) {
        continue;
      }
      const auto& first = *step;
      if (first.kind == mapping::TransformationKind::code_map && from.statistics &&
          !from.personal) {
        candidate.evidence.push_back(code_evidence(from, first));
      } else if (first.kind == mapping::TransformationKind::parse_duration) {
        std::erase_if(candidate.warnings, [](const std::string& warning) {
          return warning.find("cannot become") != std::string::npos ||
                 warning.ends_with("of the values are no numbers");
        });
      }
    }
  }
}

// Of the sampled rows; fewer that agree are rows of other things than the target's.
constexpr double verified_share = 0.5;
}  // namespace

mapping::TransformationStep step_of(mapping::TransformationKind kind,
                                    std::vector<std::pair<std::string, std::string>> arguments) {
  std::sort(arguments.begin(), arguments.end());
  return {kind, std::move(arguments)};
}

RuleVerdict verdict_of(const Tally& found, double otherwise) {
  if (!found.is_enough()) {
    return {otherwise, {}};
  }
  if (found.share() >= verified_share) {
    return {confidence_of_values, "; " + in_words(found)};
  }
  if (found.holds > 0) {
    return {otherwise, "; " + in_words(found)};
  }
  return {std::min(otherwise, confidence_unverified),
          fmt::format("; none of {} sampled rows is in the target's data", found.of)};
}

Composer::Composer(const Side& source, const Side& target, const MatchOptions& options,
                   const std::vector<std::vector<std::uint32_t>>& decided,
                   mapping::PairProposal& proposal)
    : source_{source},
      target_{target},
      options_{options},
      proposal_{proposal},
      source_parts_{source},
      target_parts_{target},
      feeder_(target.columns.size(), -1) {
  about_ = source_parts_.table_words();
  const Subject& others = target_parts_.table_words();
  about_.insert(about_.end(), others.begin(), others.end());
  for (std::size_t column = 0; column < decided.size(); ++column) {
    for (const auto chosen : decided[column]) {
      feeder_[chosen] = static_cast<std::int32_t>(column);
    }
  }
}

bool Composer::is_free(std::uint32_t target) const noexcept {
  return feeder_[target] < 0 && !target_.columns[target].column->generated;
}

bool Composer::is_open_to(std::uint32_t target, std::uint32_t source) const noexcept {
  return is_free(target) || feeder_[target] == static_cast<std::int32_t>(source);
}

bool Composer::is_open_to(std::uint32_t target,
                          std::span<const std::uint32_t> inputs) const noexcept {
  const auto feeder = source_of(target);
  return feeder ? std::find(inputs.begin(), inputs.end(), *feeder) != inputs.end()
                : is_free(target);
}

std::optional<std::uint32_t> Composer::source_of(std::uint32_t target) const noexcept {
  return feeder_[target] < 0 ? std::nullopt
                             : std::optional{static_cast<std::uint32_t>(feeder_[target])};
}

mapping::Candidate* Composer::decided_candidate(std::uint32_t source,
                                                std::uint32_t target) const noexcept {
  auto& field = proposal_.fields[source];
  for (const std::size_t at : field.decision) {
    if (field.candidates[at].target_column == target_column(target).name) {
      return &field.candidates[at];
    }
  }
  return nullptr;
}

std::optional<std::uint32_t> Composer::likeliest(std::uint32_t source,
                                                 double least) const noexcept {
  const auto& field = proposal_.fields[source];
  if (!field.decision.empty() || field.candidates.empty() ||
      field.candidates.front().confidence < least) {
    return std::nullopt;
  }
  for (std::uint32_t target = 0; target < target_.columns.size(); ++target) {
    if (target_column(target).name == field.candidates.front().target_column) {
      return target;
    }
  }
  return std::nullopt;
}

void Composer::release(std::uint32_t source, std::uint32_t target) {
  auto& field = proposal_.fields[source];
  const auto& name = target_.columns[target].column->name;
  double undecided = 0;
  std::erase_if(field.decision, [&](std::size_t at) {
    if (field.candidates[at].target_column != name) {
      return false;
    }
    undecided = field.candidates[at].confidence;
    return true;
  });
  if (field.decision.empty()) {
    field.confidence = 1 - undecided;
  }
}

void Composer::propose(std::uint32_t source, Rule rule) {
  if (rule.confidence < options_.min_confidence) {
    return;
  }
  if (const auto before = source_of(rule.target); before && *before != source) {
    release(*before, rule.target);
  }
  feeder_[rule.target] = static_cast<std::int32_t>(source);
  decide(proposal_.fields[source], std::move(rule));
}

void Composer::propose_constant(Rule rule) {
  if (rule.confidence < options_.min_confidence) {
    return;
  }
  if (proposal_.fields.size() == source_.columns.size()) {
    proposal_.fields.emplace_back();
  }
  feeder_[rule.target] = static_cast<std::int32_t>(source_.columns.size());
  decide(proposal_.fields.back(), std::move(rule));
}

void Composer::decide(mapping::FieldProposal& field, Rule rule) {
  const auto& to = target_.columns[rule.target];
  auto candidate =
      std::find_if(field.candidates.begin(), field.candidates.end(),
                   [&](const auto& known) { return known.target_column == to.column->name; });
  if (candidate == field.candidates.end()) {
    mapping::Candidate added;
    added.target_table = target_.tables[to.table].ref;
    added.target_column = to.column->name;
    field.candidates.push_back(std::move(added));
    candidate = field.candidates.end() - 1;
  }
  const auto place = static_cast<std::size_t>(candidate - field.candidates.begin());
  const bool chosen =
      std::find(field.decision.begin(), field.decision.end(), place) != field.decision.end();
  // What the values doubt is doubtful, however likely the pair looked by itself.
  const bool doubted = rule.confidence < confidence_of_names;
  candidate->confidence =
      chosen && !doubted ? std::max(candidate->confidence, rule.confidence) : rule.confidence;
  candidate->score = std::max(candidate->score, rule.confidence);
  candidate->transformation = std::move(rule.transformation);
  candidate->mapping_type = mapping::mapping_type_of(candidate->transformation);
  candidate->warnings.clear();  // they are about the column as a whole
  candidate->evidence.insert(
      candidate->evidence.begin(),
      {composite_signal, rule.confidence, std::log(rule.confidence / (1 - rule.confidence)),
       std::move(rule.reason)});
  if (!chosen) {
    field.decision.push_back(place);
  }
  std::stable_sort(field.decision.begin(), field.decision.end(), [&](std::size_t a, std::size_t b) {
    return field.candidates[a].confidence > field.candidates[b].confidence;
  });
  field.confidence = field.candidates[field.decision.front()].confidence;
}

std::vector<bool> Composer::fed() const {
  std::vector<bool> fed(feeder_.size());
  std::transform(feeder_.begin(), feeder_.end(), fed.begin(),
                 [](std::int32_t feeder) { return feeder >= 0; });
  return fed;
}

std::vector<bool> add_composites(const Side& source, const Side& target,
                                 const MatchOptions& options,
                                 const std::vector<std::vector<std::uint32_t>>& decided,
                                 mapping::PairProposal& proposal) {
  Composer composer{source, target, options, decided, proposal};
  if (options.composites) {
    compose_moments(composer);
    compose_names(composer);
    compose_addresses(composer);
    compose_money(composer);
    compose_signs(composer);
    compose_sums(composer);
    compose_documents(composer);
    compose_points(composer);
    compose_lists(composer);
    scale_units(source, target, options.use_data, proposal);
    compose_codes(composer);
    add_constants(composer);
  }
  explain_codes(source, proposal);
  return composer.fed();
}

}  // namespace mapctl::matching
