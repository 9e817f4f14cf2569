// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.hpp"
#include "core/catalog/profiler.hpp"
#include "core/matching/rules/composite.hpp"
#include "core/matching/rules/same_rows.hpp"
#include "core/matching/values/masked_codes.hpp"
#include "core/matching/values/value_codes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

// Codes that neither their spelling nor a vocabulary explains: rows of both tables may, where they
// have the same keys. Else people are told what is missing.
namespace mapctl::matching {
namespace {

using catalog::Column;
using mapping::TransformationKind;

constexpr std::int64_t most_codes_of_column = 40;
constexpr std::int64_t rows_a_code = 3;  // at least, or they are names
constexpr double sure_rows = 0.95;
constexpr std::size_t shown_codes = 4;

bool has_codes(const Column& column) noexcept {
  return column.statistics && column.statistics->distinct > 1 &&
         column.statistics->distinct <= most_codes_of_column &&
         column.statistics->rows >= rows_a_code * column.statistics->distinct &&
         !catalog::is_temporal(column.type.logical) &&
         column.type.logical != catalog::LogicalType::decimal &&
         column.type.logical != catalog::LogicalType::floating;
}

// What each value of the source stands beside in the target's rows of the same key.
struct RowCodes {
  std::map<std::string, std::string> codes{};
  Tally tally{};
  bool changes = false;
};

RowCodes codes_in_rows(const std::vector<std::string>& left, const std::vector<std::string>& right,
                       const SameRows& same) {
  std::map<std::string, std::map<std::string, std::size_t>> beside;
  for (const auto& [from, to] : same.rows) {
    // The rows are those of the keys; a column may have kept fewer.
    if (from < left.size() && to < right.size() && !left[from].empty() && !right[to].empty()) {
      ++beside[left[from]][right[to]];
    }
  }
  RowCodes result;
  for (const auto& [value, codes] : beside) {
    const auto most =
        std::max_element(codes.begin(), codes.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    for (const auto& [code, count] : codes) {
      result.tally.of += count;
    }
    result.tally.holds += most->second;
    if (most->second > 1) {
      result.codes.emplace(value, most->first);
      result.changes |= value != most->first;
    }
  }
  return result;
}

std::size_t distinct_codes(const std::map<std::string, std::string>& codes) {
  std::set<std::string> all;
  for (const auto& [from, to] : codes) {
    all.insert(to);
  }
  return all.size();
}

mapping::TransformationStep* code_map_of(mapping::Candidate& candidate) noexcept {
  for (auto& step : candidate.transformation.steps) {
    if (step.kind == TransformationKind::code_map) {
      return &step;
    }
  }
  return nullptr;
}

void drop_warnings(mapping::Candidate& candidate) {
  std::erase_if(candidate.warnings, [](const std::string& warning) {
    return warning.starts_with("not among the target's codes") ||
           warning.ends_with("a code map is needed") ||
           warning.find("of the values are no ") != std::string::npos;
  });
}

// Whether rows told what the codes become.
bool map_by_rows(const Column& from, const Column& to, const SameRows& same,
                 mapping::Candidate& candidate) {
  const auto* left = plain_rows(from);
  const auto* right = plain_rows(to);
  if (left == nullptr || right == nullptr || !same.is_enough() ||
      candidate.transformation.inputs.size() > 1) {
    return false;
  }
  const RowCodes found = codes_in_rows(*left, *right, same);
  if (!found.tally.is_enough() || found.tally.share() < sure_rows || found.codes.size() < 2 ||
      distinct_codes(found.codes) < 2 || !found.changes) {
    return false;
  }
  auto* known = code_map_of(candidate);
  auto& steps = candidate.transformation.steps;
  // Other steps change the values in another way, and rows may agree for that reason.
  const bool only_types = std::all_of(steps.begin(), steps.end(), [](const auto& step) {
    return step.kind == TransformationKind::cast || step.kind == TransformationKind::code_map ||
           step.kind == TransformationKind::parse_boolean;
  });
  if (!only_types) {
    return false;
  }
  if (to.type.logical == catalog::LogicalType::boolean && known == nullptr) {
    return true;  // "Y" and "true" are read as the same
  }
  mapping::TransformationStep step{TransformationKind::code_map,
                                   {found.codes.begin(), found.codes.end()}};
  const std::string words = fmt::format("{} with the same '{}'", in_words(found.tally), same.key);
  if (known != nullptr) {
    const bool agrees =
        std::all_of(step.arguments.begin(), step.arguments.end(), [&](const auto& code) {
          return equal_ignoring_case(known->argument(code.first), code.second);
        });
    if (agrees && !candidate.evidence.empty() &&
        candidate.evidence.front().signal == composite_signal) {
      return true;  // it was made of the same rows
    }
    if (agrees) {
      candidate.evidence.push_back({"code_map", found.tally.share(), 0.0, "the map " + words});
      return true;
    }
    *known = std::move(step);
  } else if (catalog::is_text(to.type.logical)) {
    steps.assign(1, std::move(step));
  } else {
    steps.insert(steps.begin(), std::move(step));
  }
  drop_warnings(candidate);
  candidate.mapping_type = mapping::mapping_type_of(candidate.transformation);
  candidate.evidence.push_back({"code_map", found.tally.share(), 0.0,
                                "each code becomes what rows have for it, which " + words});
  return true;
}

std::string quoted_list(const std::vector<catalog::FrequentValue>& values) {
  std::string text;
  for (std::size_t at = 0; at < std::min(values.size(), shown_codes); ++at) {
    text += fmt::format("{}'{}'", at == 0 ? "" : ", ", values[at].text);
  }
  return values.size() > shown_codes ? text + " ..." : text;
}

double share_of_rows(const catalog::FrequentValue& value, const Column& column) noexcept {
  return static_cast<double>(value.count) / (static_cast<double>(column.statistics->rows) *
                                             std::max(1e-9, 1 - column.statistics->null_share));
}

// Whether the frequencies of both sides' values are alike in their order, and no two of one side.
bool same_frequencies(const Column& from, const Column& to) noexcept {
  const auto& left = from.statistics->frequent;
  const auto& right = to.statistics->frequent;
  if (left.size() != right.size() ||
      static_cast<std::int64_t>(left.size()) != from.statistics->distinct) {
    return false;
  }
  const auto error = [](double share, const Column& column) {
    return 2 * std::sqrt(share * (1 - share) /
                         std::max(1.0, static_cast<double>(column.statistics->rows)));
  };
  for (std::size_t at = 0; at < left.size(); ++at) {
    const double mine = share_of_rows(left[at], from);
    const double other = share_of_rows(right[at], to);
    const double noise = error(mine, from) + error(other, to);
    if (std::abs(mine - other) > noise ||
        (at > 0 && share_of_rows(left[at - 1], from) - mine <= noise)) {
      return false;
    }
  }
  return true;
}

bool is_short_code(const catalog::FrequentValue& value) noexcept {
  constexpr std::size_t longest = 3;
  return value.text.size() <= longest;
}

// What is missing where the target has other codes and nothing tells which is which.
void warn_of_codes(const Column& from, const Column& to, mapping::Candidate& candidate) {
  const auto& left = from.statistics->frequent;
  const auto& right = to.statistics->frequent;
  const auto& steps = candidate.transformation.steps;
  const bool changed = std::any_of(steps.begin(), steps.end(), [](const auto& step) {
    return step.kind != TransformationKind::cast && step.kind != TransformationKind::trim;
  });
  if (left.empty() || right.empty() || from.personal || to.personal || changed ||
      to.type.logical == catalog::LogicalType::boolean || !catalog::is_text(to.type.logical)) {
    return;
  }
  const bool shares_one = std::any_of(left.begin(), left.end(), [&](const auto& value) {
    return std::any_of(right.begin(), right.end(), [&](const auto& other) {
      return equal_ignoring_case(value.text, other.text);
    });
  });
  const bool codes_to_words = std::all_of(left.begin(), left.end(), is_short_code) !=
                              std::all_of(right.begin(), right.end(), is_short_code);
  if (shares_one || !codes_to_words) {
    return;
  }
  std::string text =
      fmt::format("the source has the codes {} and the target {}, a code map is needed",
                  quoted_list(left), quoted_list(right));
  if (same_frequencies(from, to)) {
    std::string pairs;
    for (std::size_t at = 0; at < std::min(left.size(), shown_codes); ++at) {
      pairs += fmt::format("{}'{}' ({:.0f} %) with '{}' ({:.0f} %)", at == 0 ? "" : ", ",
                           left[at].text, 100 * share_of_rows(left[at], from), right[at].text,
                           100 * share_of_rows(right[at], to));
    }
    text += fmt::format("; only how often they come pairs {}, which is no rule yet", pairs);
  }
  candidate.warnings.push_back(std::move(text));
}

// Codes that names and values kept apart, and rows bring together: of a source that feeds nothing,
// into the target that it was most likely to feed.
void pair_by_rows(Composer& composer, const SameRows& same) {
  constexpr double least_likely = 0.2;
  constexpr std::size_t fewest_rows = 10;
  for (std::uint32_t source = 0; source < composer.source().columns.size(); ++source) {
    const Column& from = composer.source_column(source);
    const auto target = composer.likeliest(source, least_likely);
    if (!target || !composer.is_free(*target) || !has_codes(from)) {
      continue;
    }
    const Column& to = composer.target_column(*target);
    const auto* left = plain_rows(from);
    const auto* right = plain_rows(to);
    if (!has_codes(to) || left == nullptr || right == nullptr ||
        !catalog::is_text(to.type.logical)) {
      continue;
    }
    const RowCodes found = codes_in_rows(*left, *right, same);
    if (found.tally.of < fewest_rows || found.tally.share() < sure_rows || found.codes.size() < 2 ||
        distinct_codes(found.codes) != found.codes.size() || !found.changes) {
      continue;
    }
    mapping::Transformation transformation;
    transformation.steps.push_back(
        {TransformationKind::code_map, {found.codes.begin(), found.codes.end()}});
    composer.propose(source, {*target, std::move(transformation), confidence_of_form,
                              fmt::format("each code becomes what rows have for it, which {} with "
                                          "the same '{}'",
                                          in_words(found.tally), same.key)});
  }
}

}  // namespace

void compose_codes(Composer& composer) {
  if (!composer.uses_data()) {
    return;
  }
  const SameRows same = same_rows(composer);
  if (same.is_enough()) {
    pair_by_rows(composer, same);
    compute_by_rows(composer, same);
  }
  for (std::uint32_t target = 0; target < composer.target().columns.size(); ++target) {
    const auto source = composer.source_of(target);
    if (!source || *source >= composer.source().columns.size() ||
        !has_codes(composer.source_column(*source))) {
      continue;
    }
    const Column& from = composer.source_column(*source);
    const Column& to = composer.target_column(target);
    auto* candidate = composer.decided_candidate(*source, target);
    if (candidate == nullptr) {
      continue;
    }
    if (from.personal || to.personal) {
      map_masked_codes(from, to, *candidate);
      if (code_map_of(*candidate) != nullptr) {
        std::erase_if(candidate->warnings, [](const std::string& warning) {
          return warning.ends_with("a code map is needed");
        });
      }
    } else if (has_codes(to) && !map_by_rows(from, to, same, *candidate)) {
      warn_of_codes(from, to, *candidate);
    }
  }
}

}  // namespace mapctl::matching
