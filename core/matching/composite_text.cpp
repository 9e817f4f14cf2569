// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.hpp"
#include "core/catalog/profiler.hpp"
#include "core/matching/composite.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

// Names.
namespace mapctl::matching {
namespace {

using catalog::Column;
using mapping::Transformation;
using mapping::TransformationKind;

bool is_empty(const Column& column) noexcept {
  return column.statistics && column.statistics->null_share >= 1;
}

// How whole names are put together.
struct NameForm {
  std::size_t values = 0, formed = 0;
  bool separated = false;   // by a comma or the like, the last name in front: "Lovelace, Ada"
  bool last_first = false;  // ... or without, as the parts' columns tell: "Lovelace Ada"
  char separator = ' ';
  Tally found{};  // rows whose parts are in the columns of the parts

  bool is_formed() const noexcept {
    return static_cast<double>(formed) >= formed_share * static_cast<double>(values);
  }
};

NameForm name_form(const Column& whole, const Column& first, const Column& last) {
  const TextForm form = text_form(whole);
  NameForm result;
  result.values = form.values;
  result.separated = form.commas == 1 && form.separated > form.spaced;
  result.last_first = result.separated;
  result.formed = result.separated ? form.separated : form.spaced;
  result.separator = result.separated ? form.separator : ' ';
  const auto rows = composed_rows(whole);
  const std::array<const Column*, 2> in_order{&first, &last};
  const std::array<const Column*, 2> swapped{&last, &first};
  result.found = parts_found(rows, result.separated ? swapped : in_order);
  if (!result.separated) {
    const Tally other = parts_found(rows, swapped);
    if (other.is_enough() && other.holds * 2 >= other.of && other.holds > 2 * result.found.holds) {
      result.found = other;
      result.last_first = true;
    }
  }
  return result;
}

void split_name(Composer& composer, std::uint32_t source) {
  const auto& subject = composer.source_parts()[source].subject;
  if (composer.find_source(Part::first_name, subject) ||
      composer.find_source(Part::last_name, subject)) {
    return;  // the source has the parts themselves
  }
  const auto first = composer.find_target(Part::first_name, subject);
  const auto last = composer.find_target(Part::last_name, subject);
  if (!first || !last || !composer.is_open_to(*first, source) ||
      !composer.is_open_to(*last, source)) {
    return;
  }
  const Column& column = composer.source_column(source);
  double confidence = confidence_of_names;
  std::string reason =
      fmt::format("whole names in '{}', the target has their parts", column.name.text);
  NameForm form;
  if (composer.uses_data() && column.statistics) {
    form = name_form(column, composer.target_column(*first), composer.target_column(*last));
    if (!form.is_formed()) {
      return;
    }
    if (form.values >= Tally::fewest) {
      confidence = confidence_of_form;
      reason += fmt::format("; {} of {} sampled values have {}{}", form.formed, form.values,
                            form.separated ? "a comma between two names" : "several words",
                            form.last_first && !form.separated ? ", the last name first" : "");
    }
  }
  const RuleVerdict verdict = verdict_of(form.found, confidence);
  const std::string separator{form.separator};
  for (const auto& [target, part] : {std::pair{*first, form.last_first ? "last" : "first"},
                                     std::pair{*last, form.last_first ? "first" : "last"}}) {
    composer.propose(
        source, {target, split_of(separator, part), verdict.confidence, reason + verdict.words});
  }
}

void join_name(Composer& composer, std::uint32_t target) {
  const auto& subject = composer.target_parts()[target].subject;
  const auto first = composer.find_source(Part::first_name, subject);
  const auto last = composer.find_source(Part::last_name, subject);
  if (!first || !last || is_empty(composer.source_column(*first)) ||
      is_empty(composer.source_column(*last))) {
    return;
  }
  const Column& column = composer.target_column(target);
  if (const auto feeder = composer.source_of(target);
      column.generated || (feeder && *feeder != *first && *feeder != *last)) {
    return;
  }
  NameForm form;
  if (composer.uses_data() && column.statistics) {
    form = name_form(column, composer.source_column(*first), composer.source_column(*last));
    if (!form.is_formed()) {
      return;
    }
  }
  std::vector<std::string> inputs{composer.source_column(*first).name.text,
                                  composer.source_column(*last).name.text};
  if (form.last_first) {
    std::swap(inputs[0], inputs[1]);
  }
  const RuleVerdict verdict = verdict_of(form.found, confidence_of_form);
  const std::string reason = fmt::format("{} are the parts of the whole name that '{}' asks for",
                                         names_of(inputs), column.name.text);
  composer.propose(form.last_first ? *last : *first,
                   {target, join_of(inputs, between_parts(form.separator)), verdict.confidence,
                    reason + verdict.words});
}

}  // namespace

Transformation split_of(std::string_view separator, std::string_view part) {
  Transformation result;
  result.steps.push_back(step_of(TransformationKind::split, {{"separator", std::string{separator}},
                                                             {"part", std::string{part}}}));
  if (separator != " ") {
    result.steps.push_back(step_of(TransformationKind::trim));
  }
  return result;
}

Transformation join_of(std::vector<std::string> inputs, std::string_view separator) {
  Transformation result;
  result.inputs = std::move(inputs);
  result.steps.push_back(
      step_of(TransformationKind::join, {{"separator", std::string{separator}}}));
  return result;
}

std::string between_parts(char separator) {
  return separator == ',' || separator == ';' ? std::string{separator} + " "
                                              : std::string{separator};
}

std::string names_of(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t at = 0; at < names.size(); ++at) {
    text += fmt::format("{}'{}'",
                        at == 0                  ? ""
                        : at + 1 == names.size() ? " and "
                                                 : ", ",
                        names[at]);
  }
  return text;
}

void compose_names(Composer& composer) {
  const auto& from = composer.source_parts();
  const auto& to = composer.target_parts();
  if (to.has(Part::first_name)) {
    for (const auto source : from.of(Part::full_name)) {
      split_name(composer, source);
    }
  }
  if (from.has(Part::first_name)) {
    for (const auto target : to.of(Part::full_name)) {
      join_name(composer, target);
    }
  }
}

}  // namespace mapctl::matching
