// SPDX-License-Identifier: Apache-2.0
#include "core/matching/rules/composite.hpp"
#include "core/matching/rules/name_form.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

// Names of persons: whole ones against their parts.
namespace mapctl::matching {
namespace {

using catalog::Column;
using mapping::Transformation;
using mapping::TransformationKind;
using Steps = std::vector<mapping::TransformationStep>;

bool is_empty(const Column& column) noexcept {
  return column.statistics && column.statistics->null_share >= 1;
}

void append_steps(Steps& steps, const Transformation& transformation) {
  steps.insert(steps.end(), transformation.steps.begin(), transformation.steps.end());
}

// What takes titles, degrees and the like away.
Steps bare_name(const NameForm& form) {
  Steps steps;
  if (form.degrees > 0) {
    append_steps(steps, split_of(",", "first"));
  } else if (form.padded && !(form.titles.empty() && form.endings.empty())) {
    steps.push_back(step_of(TransformationKind::trim));
  }
  // Where they stand only: "Priya Srinivasan" has a " Sr" too.
  const auto take_off = [&](std::string word, std::string at) {
    steps.push_back(step_of(TransformationKind::replace,
                            {{"old", std::move(word)}, {"new", ""}, {"at", std::move(at)}}));
  };
  for (std::size_t round = 0; round < form.title_rounds; ++round) {
    for (const auto& title : form.titles) {
      take_off(title + " ", "start");
    }
  }
  for (const auto& ending : form.endings) {
    take_off(" " + ending, "end");
  }
  return steps;
}

std::string words_about_names(const NameForm& form) {
  std::string words =
      fmt::format("; {} of {} sampled values have {}{}", form.formed(), form.values,
                  form.is_separated() ? "a comma between two names" : "several words",
                  form.last_first && !form.is_separated() ? ", the last name first" : "");
  if (form.many > 0) {
    words += fmt::format(", {} of them more than two", form.many);
  }
  if (form.titled > 0) {
    words += fmt::format(", {} a title", form.titled);
  }
  if (form.degrees + form.ended > 0) {
    words += fmt::format(", {} a degree or the like behind", form.degrees + form.ended);
  }
  return words;
}

// The targets of a whole name and the steps to them.
struct NameSplit {
  Steps first{}, middle{}, last{};
};

NameSplit split_of_name(const NameForm& form, bool has_middle) {
  NameSplit split;
  split.first = split.middle = split.last = bare_name(form);
  const auto add = [](Steps& steps, std::string_view separator, std::string_view part) {
    append_steps(steps, split_of(separator, part));
  };
  if (form.is_separated()) {
    const std::string separator{form.separator};
    add(split.last, separator, "first");
    add(split.first, separator, "last");
    split.middle = split.first;
    add(split.middle, " ", "last");
    if (form.one_word_first || has_middle) {
      add(split.first, " ", "first");
    }
    return split;
  }
  if (form.last_first) {
    add(split.first, " ", "last");
    add(split.last, " ", "first");
    return split;
  }
  add(split.first, " ", "first");
  add(split.last, " ", form.one_word_last || has_middle ? "final" : "last");
  add(split.middle, " ", "last");
  add(split.middle, " ", "before_final");
  return split;
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
  auto middle = composer.find_target(Part::middle_name, subject);
  if (middle && !composer.is_open_to(*middle, source)) {
    middle.reset();
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
      reason += words_about_names(form);
    }
  }
  // Without a name of more than two words nobody knows which is the middle one.
  const bool has_middle = middle && form.many > 0 && !form.last_first_by_rows();
  const RuleVerdict verdict = verdict_of(form.found, confidence);
  reason += verdict.words;
  NameSplit split = split_of_name(form, has_middle);
  const auto propose = [&](std::uint32_t target, Steps steps) {
    Transformation transformation;
    transformation.steps = std::move(steps);
    composer.propose(source, {target, std::move(transformation), verdict.confidence, reason});
  };
  propose(*first, std::move(split.first));
  if (has_middle) {
    propose(*middle, std::move(split.middle));
  }
  propose(*last, std::move(split.last));
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
  // The target has middle names as often as the source, more or less.
  const auto middle = composer.find_source(Part::middle_name, subject);
  bool has_middle = false;
  if (middle && composer.source_column(*middle).statistics && form.values >= Tally::fewest) {
    const double given = 1 - composer.source_column(*middle).statistics->null_share;
    has_middle =
        given > 0 && static_cast<double>(form.many) >= given / 2 * static_cast<double>(form.values);
  }
  if (has_middle) {
    inputs.insert(inputs.begin() + 1, composer.source_column(*middle).name.text);
  }
  if (form.last_first) {
    std::rotate(inputs.begin(), inputs.end() - 1, inputs.end());
  }
  const RuleVerdict verdict = verdict_of(form.found, confidence_of_form);
  const std::string reason = fmt::format("{} are the parts of the whole name that '{}' asks for",
                                         names_of(inputs), column.name.text);
  const std::string between = between_parts(form.separator);
  composer.propose(form.last_first ? *last : *first,
                   {target,
                    has_middle && form.is_separated()
                        ? join_as(std::move(inputs), fmt::format("{{1}}{}{{2}} {{3}}", between))
                        : join_of(std::move(inputs), between),
                    verdict.confidence, reason + verdict.words});
}

}  // namespace

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
