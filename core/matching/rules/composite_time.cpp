// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.hpp"
#include "core/matching/rules/composite.hpp"
#include "core/matching/values/date_forms.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <utility>

// Dates and times of day against moments.
namespace mapctl::matching {
namespace {

using catalog::Column;
using catalog::LogicalType;
using mapping::Transformation;
using mapping::TransformationKind;

constexpr std::size_t date_length = 10;

// Whether the column has one of these spellings; nothing where its sketch cannot tell.
std::optional<bool> holds_any(const Column& column, std::initializer_list<std::string> spellings) {
  bool known = true;
  for (const std::string& spelling : spellings) {
    const auto found = catalog::holds_value(*column.statistics, catalog::value_hash(spelling));
    if (found && *found) {
      return true;
    }
    known = known && found.has_value();
  }
  return known ? std::optional{false} : std::nullopt;
}

// "2026-01-31" as the column writes its dates.
std::optional<bool> holds_date(const Column& column, std::string_view iso) {
  std::string text = date_format_of(column);
  if (text.empty()) {
    text = "%Y-%m-%d";
  }
  const std::string year{iso.substr(0, 4)};
  const std::string month{iso.substr(5, 2)};
  const std::string day{iso.substr(8, 2)};
  if (text.find("%b") != text.npos || text.find("%B") != text.npos) {
    return std::nullopt;  // names of months are not spelled here
  }
  text = text.substr(0, text.find_first_of(" T"));
  const auto written = [&](const std::string& a_month, const std::string& a_day) {
    std::string result = replace_all(replace_all(text, "%Y", year), "%y", year.substr(2));
    return replace_all(replace_all(result, "%m", a_month), "%d", a_day);
  };
  const auto bare = [](const std::string& number) {
    return number.front() == '0' ? number.substr(1) : number;
  };
  return holds_any(column, {written(month, day), written(bare(month), bare(day))});
}

std::optional<bool> holds_time(const Column& column, std::string_view time) {
  const std::string whole{time};
  const std::string minutes{time.substr(0, 5)};
  const auto without_zero = [](const std::string& text) {
    return text.front() == '0' ? text.substr(1) : text;
  };
  if (const std::string format = time_format_of(column); format.find("%p") != format.npos) {
    const int hour = 10 * (time[0] - '0') + (time[1] - '0');
    const bool seconds = format.find("%S") != format.npos;
    const std::string_view half = hour < 12 ? "AM" : "PM";
    const std::string text =
        fmt::format("{:02}{}{}{}", hour % 12 == 0 ? 12 : hour % 12, time.substr(2, seconds ? 6 : 3),
                    format.ends_with(" %p") ? " " : "", half);
    return holds_any(column, {text, without_zero(text)});
  }
  return time.ends_with(":00")
             ? holds_any(column, {whole, minutes, without_zero(whole), without_zero(minutes)})
             : holds_any(column, {whole, without_zero(whole)});
}

// Sampled moments such as "2026-01-31T08:30:00.000Z" whose date and time of day are in the columns
// of these.
Tally moments_found(const Column& moments, const Column& dates, const Column& times) {
  constexpr std::size_t time_length = 8;
  Tally tally;
  if (!moments.statistics || moments.personal || !dates.statistics || !times.statistics) {
    return tally;
  }
  for (const std::string& value : moments.statistics->first_rows) {
    if (value.size() < date_length + 1 + time_length || value[4] != '-' ||
        (value[date_length] != 'T' && value[date_length] != ' ')) {
      continue;
    }
    const std::string_view text{value};
    const auto date = holds_date(dates, text.substr(0, date_length));
    const auto time = holds_time(times, text.substr(date_length + 1, time_length));
    if (date || time) {
      ++tally.of;
      tally.holds += date.value_or(true) && time.value_or(true) ? 1 : 0;
    }
  }
  return tally;
}

bool is_text(const Column& column) noexcept {
  return !catalog::is_temporal(column.type.logical);
}

// Whether a cast reads moments of this form.
bool is_read_by_systems(std::string_view format) noexcept {
  return format.starts_with("%Y-%m-%d") && format.find("%p") == format.npos;
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
      (is_text(column) && !is_read_by_systems(date_format_of(column)))) {
    return;
  }
  Tally found;
  if (composer.uses_data()) {
    found = moments_found(column, composer.target_column(*date), composer.target_column(*time));
  }
  const RuleVerdict verdict = verdict_of(found, confidence_of_form);
  const std::string reason =
      fmt::format("'{}' is a moment, the target has its date and its time of day apart",
                  column.name.text) +
      verdict.words;
  composer.propose(source, {*date, part_of_moment(column, "date"), verdict.confidence, reason});
  composer.propose(source, {*time, part_of_moment(column, "time"), verdict.confidence, reason});
}

// Date and time of day put together, and read as a moment.
std::optional<Transformation> joined_moment(const Column& date, const Column& time) {
  Transformation result;
  result.inputs = {date.name.text, time.name.text};
  result.steps.push_back(step_of(TransformationKind::join, {{"separator", " "}}));
  std::string format = is_text(date) ? date_format_of(date) : declared_date_format(date);
  if (format.empty() && !is_text(date)) {
    format = "%Y-%m-%d";
  }
  if (format.empty() && date.statistics) {
    return std::nullopt;
  }
  const std::string clock = time_format_of(time);
  const bool half_days = clock.find("%p") != std::string::npos;
  if (format.empty() || (format == "%Y-%m-%d" && !half_days)) {
    result.steps.push_back(step_of(TransformationKind::cast, {{"type", "timestamp"}}));
    return result;
  }
  if (format.find("%M") != std::string::npos || format.starts_with("epoch") || clock.empty()) {
    return std::nullopt;
  }
  result.steps.push_back(
      step_of(TransformationKind::parse_date, {{"format", fmt::format("{} {}", format, clock)}}));
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
    found = moments_found(composer.target_column(target), date_column, time_column);
  }
  const RuleVerdict verdict = verdict_of(found, confidence_of_form);
  const std::string reason =
      fmt::format("'{}' and '{}' are the date and the time of day of '{}'", date_column.name.text,
                  time_column.name.text, composer.target_column(target).name.text);
  composer.propose(
      *date, {target, std::move(*transformation), verdict.confidence, reason + verdict.words});
}

// "%Y" for a number that is named as a year; empty for anything else.
std::string_view directive_of(const Side& side, const ColumnFeatures& column) noexcept {
  const auto terms = side.list(column.raw);
  if (terms.size() < 2 || !catalog::is_number(column.column->type.logical)) {
    return {};  // a "year" alone may be that of anything
  }
  const auto text = side.terms[terms.back()].text;
  return text == "year" ? "%Y" : text == "month" ? "%m" : text == "day" ? "%d" : "";
}

// The year, month or day of a date whose name begins alike: "order_year" of "order_date". The due
// date of an order says nothing about the year in which it was paid.
void take_date_part(Composer& composer, std::uint32_t target) {
  const auto& to = composer.target().columns[target];
  const std::string_view directive = directive_of(composer.target(), to);
  if (directive.empty() || !composer.is_free(target)) {
    return;
  }
  const auto of_target = composer.target().list(to.raw);
  std::optional<std::uint32_t> date;
  for (const Part part : {Part::date, Part::timestamp}) {
    for (const auto source : composer.source_parts().of(part)) {
      const auto terms = composer.source().list(composer.source().columns[source].raw);
      const bool alike = !is_text(composer.source_column(source)) &&
                         terms.size() == of_target.size() &&
                         // All words but the last.
                         std::equal(terms.begin(), terms.end() - 1, of_target.begin(),
                                    [&](std::uint32_t left, std::uint32_t right) {
                                      return composer.source().terms[left].text ==
                                             composer.target().terms[right].text;
                                    });
      if (alike && date) {
        return;  // of which one nobody knows
      }
      date = alike ? source : date;
    }
  }
  if (!date) {
    return;
  }
  Transformation part;
  part.steps.push_back(
      step_of(TransformationKind::format_text, {{"format", std::string{directive}}}));
  part.steps.push_back(
      step_of(TransformationKind::cast,
              {{"type", std::string{catalog::to_string(to.column->type.logical)}}}));
  composer.propose(*date, {target, std::move(part), confidence_of_form,
                           fmt::format("'{}' is a part of the date in '{}'", to.column->name.text,
                                       composer.source_column(*date).name.text)});
}

}  // namespace

void compose_moments(Composer& composer) {
  const auto& from = composer.source_parts();
  const auto& to = composer.target_parts();
  if (from.has(Part::date) || from.has(Part::timestamp)) {
    for (std::uint32_t target = 0; target < composer.target().columns.size(); ++target) {
      take_date_part(composer, target);
    }
  }
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
