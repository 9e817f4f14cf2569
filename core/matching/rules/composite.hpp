// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mapping/proposal.hpp"
#include "core/matching/columns/column_parts.hpp"
#include "core/matching/scoring/match_options.hpp"
#include "core/matching/values/row_check.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Matches of several columns, made after columns were paired one to one: one column that feeds
// several, several that feed one. They only take what no better match has. A rule needs names and
// types that ask for it and values that do not contradict it.
namespace mapctl::matching {

// What evidence of a rule is called.
inline constexpr std::string_view composite_signal = "composite";

// Confidence of a rule: what its names and types alone are worth, ... with values of the source in
// the form that it needs, ... with its results found among the target's values.
inline constexpr double confidence_of_names = 0.65;
inline constexpr double confidence_of_form = 0.8;
inline constexpr double confidence_of_values = 0.95;

// ... where nothing of the target's data agrees, and the names must do.
inline constexpr double confidence_unverified = 0.6;

// A rule for one target column.
struct Rule {
  std::uint32_t target = 0;
  mapping::Transformation transformation{};
  double confidence = 0;
  std::string reason{};  // what was seen, in words
};

// The columns of a pair of tables while rules are sought for them.
class Composer {
 public:
  // `decided` are the targets of each source column; `proposal` has a field for each.
  Composer(const Side& source, const Side& target, const MatchOptions& options,
           const std::vector<std::vector<std::uint32_t>>& decided, mapping::PairProposal& proposal);

  const Side& source() const noexcept { return source_; }
  const Side& target() const noexcept { return target_; }
  const ColumnParts& source_parts() const noexcept { return source_parts_; }
  const ColumnParts& target_parts() const noexcept { return target_parts_; }
  // The column of that part that is about the same, give or take what the tables are about.
  std::optional<std::uint32_t> find_source(Part part, const Subject& subject) const noexcept {
    return source_parts_.find(part, subject, about_);
  }
  std::optional<std::uint32_t> find_target(Part part, const Subject& subject) const noexcept {
    return target_parts_.find(part, subject, about_);
  }
  const catalog::Column& source_column(std::uint32_t column) const noexcept {
    return *source_.columns[column].column;
  }
  const catalog::Column& target_column(std::uint32_t column) const noexcept {
    return *target_.columns[column].column;
  }
  bool uses_data() const noexcept { return options_.use_data; }

  // Nothing feeds it, and something may.
  bool is_free(std::uint32_t target) const noexcept;
  // Nothing feeds it but this source column.
  bool is_open_to(std::uint32_t target, std::uint32_t source) const noexcept;
  std::optional<std::uint32_t> source_of(std::uint32_t target) const noexcept;
  // Nothing feeds it, or one of these columns alone does so far.
  bool is_open_to(std::uint32_t target, std::span<const std::uint32_t> inputs) const noexcept;

  // What was decided for the pair; null where nothing was.
  mapping::Candidate* decided_candidate(std::uint32_t source, std::uint32_t target) const noexcept;

  // What a source that feeds nothing would feed first; nothing below that confidence.
  std::optional<std::uint32_t> likeliest(std::uint32_t source, double least) const noexcept;

  // Decides for the rule, in place of what fed the target before; unless the rule is less likely
  // than asked for.
  void propose(std::uint32_t source, Rule rule);
  // The same for a rule without source; such rules stand in a field of no name behind the others.
  void propose_constant(Rule rule);

  std::vector<bool> fed() const;

 private:
  void release(std::uint32_t source, std::uint32_t target);
  void decide(mapping::FieldProposal& field, Rule rule);

  const Side& source_;
  const Side& target_;
  const MatchOptions& options_;
  mapping::PairProposal& proposal_;
  ColumnParts source_parts_, target_parts_;
  Subject about_{};                   // words of both tables' names
  std::vector<std::int32_t> feeder_;  // by target column, negative: none
};

// What follows a check of sampled rows: the confidence, and the words for it.
struct RuleVerdict {
  double confidence = 0;
  std::string words{};
};
RuleVerdict verdict_of(const Tally& found, double otherwise);

void compose_names(Composer& composer);
void compose_addresses(Composer& composer);
void compose_documents(Composer& composer);
void compose_moments(Composer& composer);
void compose_money(Composer& composer);
void compose_sums(Composer& composer);
void compose_lists(Composer& composer);
void compose_codes(Composer& composer);
void compose_points(Composer& composer);
void compose_signs(Composer& composer);
void add_constants(Composer& composer);

// Of the sampled values; a column with fewer in the form of a rule is not what its name says.
inline constexpr double formed_share = 0.6;

// Part "first", "last" (all behind the first separator) or a number, without blanks around it.
mapping::Transformation split_of(std::string_view separator, std::string_view part);
mapping::Transformation join_of(std::vector<std::string> inputs, std::string_view separator);
// As a template such as "{1}, {2} {3}" says, in which inputs are numbered.
mapping::Transformation join_as(std::vector<std::string> inputs, std::string_view text);
// With the blank that usually follows the separator.
std::string between_parts(char separator);
// "'a', 'b' and 'c'"
std::string names_of(const std::vector<std::string>& names);
// As expressions have names: in quotes unless they are plain words.
std::string in_expression(std::string_view name);
// Codes of currencies that are no words: "top_price" is in no currency of Tonga.
bool is_currency_in_names(std::string_view word) noexcept;

mapping::TransformationStep step_of(
    mapping::TransformationKind kind,
    std::vector<std::pair<std::string, std::string>> arguments = {});

// Adds rules to `proposal`; which target columns are fed afterwards.
std::vector<bool> add_composites(const Side& source, const Side& target,
                                 const MatchOptions& options,
                                 const std::vector<std::vector<std::uint32_t>>& decided,
                                 mapping::PairProposal& proposal);

}  // namespace mapctl::matching
