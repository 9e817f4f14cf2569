// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.hpp"
#include "core/matching/composite.hpp"
#include "core/matching/transform.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

// Dates and times of day against moments.
namespace mapctl::matching {
namespace {

using catalog::Column;
using catalog::LogicalType;
using mapping::Transformation;
using mapping::TransformationKind;

constexpr std::size_t date_length = 10;

// "2026-01-31T08:30:00.000Z" in its date and its time of day.
std::vector<std::vector<std::uint64_t>> moments_in_parts(const Column& column) {
  std::vector<std::vector<std::uint64_t>> rows;
  if (!column.statistics || column.personal) {
    return rows;
  }
  for (const auto& value : column.statistics->first_rows) {
    if (value.size() > date_length && (value[date_length] == 'T' || value[date_length] == ' ')) {
      const std::string_view text{value};
      rows.push_back({catalog::value_hash(text.substr(0, date_length)),
                      catalog::value_hash(text.substr(date_length + 1, 8))});
    }
  }
  return rows;
}

bool is_text(const Column& column) noexcept {
  return !catalog::is_temporal(column.type.logical);
}

Transformation part_of_moment(const Column& column, std::string_view type) {
  Transformation result;
  if (is_text(column)) {
    result.steps.push_back(step_of(TransformationKind::cast, {{"type", "timestamp"}}));
  }
  result.steps.push_back(step_of(TransformationKind::cast, {{"type", std::string{type}}}));
  return result;
}

void split_moment(Composer& composer, std::uint32_t source) {
  const auto& subject = composer.source_parts()[source].subject;
  const Column& column = composer.source_column(source);
  const auto date = composer.find_target(Part::date, subject);
  const auto time = composer.find_target(Part::time, subject);
  if (!date || !time || !composer.is_open_to(*date, source) ||
      !composer.is_open_to(*time, source) ||
      // The source may have the parts too.
      composer.find_source(Part::time, subject) ||
      (is_text(column) && !date_format_of(column).starts_with("%Y-%m-%d"))) {
    return;
  }
  Tally found;
  if (composer.uses_data()) {
    const std::array<const Column*, 2> parts{&composer.target_column(*date),
                                             &composer.target_column(*time)};
    found = parts_found(moments_in_parts(column), parts);
  }
  const RuleVerdict verdict = verdict_of(found, confidence_of_form);
  const std::string reason =
      fmt::format("'{}' is a moment, the target has its date and its time of day apart",
                  column.name.text) +
      verdict.words;
  composer.propose(source, {*date, part_of_moment(column, "date"), verdict.confidence, reason});
  composer.propose(source, {*time, part_of_moment(column, "time"), verdict.confidence, reason});
}

// How a text column writes times of day; empty when it has none.
std::string time_format_of(const Column& column) {
  std::size_t longest = 0;
  for (const auto& value : column.statistics->first_rows) {
    longest = std::max(longest, value.size());
  }
  return longest > 5 ? "%H:%M:%S" : longest > 0 ? "%H:%M" : "";
}

// Date and time of day put together, and read as a moment.
std::optional<Transformation> joined_moment(const Column& date, const Column& time) {
  Transformation result;
  result.inputs = {date.name.text, time.name.text};
  result.steps.push_back(step_of(TransformationKind::join, {{"separator", " "}}));
  const std::string format = is_text(date) ? date_format_of(date) : "%Y-%m-%d";
  if (format.empty() && date.statistics) {
    return std::nullopt;
  }
  if (format.empty() || format == "%Y-%m-%d") {
    result.steps.push_back(step_of(TransformationKind::cast, {{"type", "timestamp"}}));
    return result;
  }
  if (format.find("%H") != std::string::npos || format.starts_with("epoch") || !is_text(time) ||
      !time.statistics) {
    return std::nullopt;
  }
  result.steps.push_back(step_of(TransformationKind::parse_date,
                                 {{"format", fmt::format("{} {}", format, time_format_of(time))}}));
  return result;
}

void join_moment(Composer& composer, std::uint32_t target) {
  const auto& subject = composer.target_parts()[target].subject;
  const auto date = composer.find_source(Part::date, subject);
  const auto time = composer.find_source(Part::time, subject);
  // A time of day without its date says too little to go by a vague name.
  if (!date || !time ||
      !same_subject(composer.source_parts()[*date].subject,
                    composer.source_parts()[*time].subject)) {
    return;
  }
  const auto feeder = composer.source_of(target);
  if (composer.target_column(target).generated ||
      (feeder && *feeder != *date && *feeder != *time)) {
    return;
  }
  const Column& date_column = composer.source_column(*date);
  const Column& time_column = composer.source_column(*time);
  auto transformation = joined_moment(date_column, time_column);
  if (!transformation) {
    return;
  }
  Tally found;
  if (composer.uses_data()) {
    const std::array<const Column*, 2> parts{&date_column, &time_column};
    found = parts_found(moments_in_parts(composer.target_column(target)), parts);
  }
  const RuleVerdict verdict = verdict_of(found, confidence_of_form);
  const std::string reason =
      fmt::format("'{}' and '{}' are the date and the time of day of '{}'", date_column.name.text,
                  time_column.name.text, composer.target_column(target).name.text);
  composer.propose(
      *date, {target, std::move(*transformation), verdict.confidence, reason + verdict.words});
}

}  // namespace

void compose_moments(Composer& composer) {
  const auto& from = composer.source_parts();
  const auto& to = composer.target_parts();
  if (to.has(Part::time) && to.has(Part::date)) {
    for (const auto source : from.of(Part::timestamp)) {
      split_moment(composer, source);
    }
  }
  if (from.has(Part::time) && from.has(Part::date)) {
    for (const auto target : to.of(Part::timestamp)) {
      join_moment(composer, target);
    }
  }
}

}  // namespace mapctl::matching
