// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.hpp"
#include "core/matching/rules/composite.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

// Lists in one value, "red;green" or ["red", "green"], against one entry, their number, or lists
// that are written in another way.
namespace mapctl::matching {
namespace {

using catalog::Column;
using mapping::Transformation;
using mapping::TransformationKind;

// Of the values; a text that has a separator now and then is no list.
constexpr double list_share = 0.3;
// Of the rows, that the first entry is what the target has.
constexpr double first_share = 0.9;

struct Lists {
  std::size_t values = 0, several = 0, longest = 0;
  bool is_json = false;
  char separator = '\0';
  std::vector<std::optional<double>> counts{};  // by row
  std::vector<std::vector<std::string>> entries{};

  bool found() const noexcept {
    return values >= Tally::fewest &&
           static_cast<double>(several) >= list_share * static_cast<double>(values);
  }
  std::string mark() const { return is_json ? std::string{} : std::string(1, separator); }
};

void add_row(Lists& lists, std::vector<std::string> entries) {
  ++lists.values;
  lists.several += entries.size() > 1 ? 1 : 0;
  lists.longest = std::max(lists.longest, entries.size());
  lists.counts.emplace_back(static_cast<double>(entries.size()));
  lists.entries.push_back(std::move(entries));
}

std::optional<std::vector<std::string>> json_entries(std::string_view text) {
  const Json list = Json::parse(text, nullptr, false);
  if (!list.is_array()) {
    return std::nullopt;
  }
  std::vector<std::string> entries;
  for (const Json& entry : list) {
    if (entry.is_structured()) {
      return std::nullopt;
    }
    entries.push_back(entry.is_string() ? entry.get<std::string>() : entry.dump());
  }
  return entries;
}

Lists json_lists(const Column& column) {
  Lists lists;
  lists.is_json = true;
  for (const auto& value : column.statistics->first_rows) {
    if (trim(value).empty() || value.ends_with("...")) {
      continue;
    }
    auto entries = json_entries(value);
    if (!entries) {
      return {};
    }
    add_row(lists, std::move(*entries));
  }
  return lists;
}

Lists separated_lists(const Column& column, char separator) {
  Lists lists;
  lists.separator = separator;
  for (const auto& value : column.statistics->first_rows) {
    const auto text = trim(value);
    if (text.empty() || value.ends_with("...")) {
      continue;
    }
    std::vector<std::string> entries;
    for (const auto part : split(text, separator)) {
      if (part.empty() || part.front() == ' ' || part.back() == ' ') {
        return {};  // parts of a text rather than a list
      }
      entries.emplace_back(part);
    }
    add_row(lists, std::move(entries));
  }
  return lists;
}

Lists lists_of(const Column& column) {
  if (!column.statistics || column.personal ||
      !(catalog::is_text(column.type.logical) ||
        column.type.logical == catalog::LogicalType::json ||
        column.type.logical == catalog::LogicalType::array)) {
    return {};
  }
  // Most columns are no lists, which is to cost little.
  const auto& statistics = *column.statistics;
  if (!catalog::is_text(column.type.logical) ||
      statistics.share(catalog::ValuePattern::json_document) >= list_share) {
    if (Lists lists = json_lists(column); lists.found()) {
      return lists;
    }
  }
  for (const char separator : {';', '|'}) {
    const auto several = std::count_if(
        statistics.first_rows.begin(), statistics.first_rows.end(),
        [&](const std::string& value) { return value.find(separator) != value.npos; });
    if (several == 0) {
      continue;
    }
    if (Lists lists = separated_lists(column, separator); lists.found()) {
      return lists;
    }
  }
  return {};
}

// Lists whose entry of that number is one of the column's values.
Tally entries_found(const Lists& lists, std::size_t number, const Column& column) {
  Tally tally;
  for (const auto& entries : lists.entries) {
    if (entries.size() < 2 || number >= entries.size() || !column.statistics) {
      continue;
    }
    if (const auto found =
            catalog::holds_value(*column.statistics, catalog::value_hash(entries[number]))) {
      ++tally.of;
      tally.holds += *found ? 1 : 0;
    }
  }
  return tally;
}

bool asks_for_first(const Side& side, const ColumnFeatures& column) noexcept {
  const auto terms = side.list(column.raw);
  return std::any_of(terms.begin(), terms.end(), [&](std::uint32_t term) {
    const auto text = side.terms[term].text;
    return text == "first" || text == "primary" || text == "main";
  });
}

Transformation first_of(const Lists& lists) {
  Transformation result;
  result.steps.push_back(lists.is_json ? step_of(TransformationKind::json_path, {{"path", "$[0]"}})
                                       : step_of(TransformationKind::split,
                                                 {{"separator", lists.mark()}, {"part", "first"}}));
  return result;
}

std::string words_about_lists(const Column& column, const Lists& lists) {
  return fmt::format("'{}' has lists of up to {} entries", column.name.text, lists.longest) +
         (lists.is_json ? std::string{" as JSON"} : fmt::format(" between '{}'", lists.separator));
}

void take_entry(Composer& composer, std::uint32_t source, std::uint32_t target,
                const Lists& lists) {
  const Column& from = composer.source_column(source);
  const Column& to = composer.target_column(target);
  auto* candidate = composer.decided_candidate(source, target);
  if (candidate == nullptr || !to.statistics || !catalog::is_text(to.type.logical) ||
      !candidate->transformation.is_direct()) {
    return;
  }
  if (const Lists others = lists_of(to); others.found()) {
    if (others.is_json || lists.is_json || others.separator == lists.separator) {
      if (others.is_json != lists.is_json) {
        candidate->warnings.push_back(words_about_lists(from, lists) + ", " +
                                      words_about_lists(to, others) +
                                      ": they are to be written anew");
      }
      return;
    }
    Transformation other;
    other.steps.push_back(
        step_of(TransformationKind::replace, {{"old", lists.mark()}, {"new", others.mark()}}));
    composer.propose(source,
                     {target, std::move(other), confidence_of_form,
                      words_about_lists(from, lists) + ", " + words_about_lists(to, others)});
    return;
  }
  // Entries behind the first are not in the target, the first ones are: it has those.
  const Tally first = entries_found(lists, 0, to);
  const Tally second = entries_found(lists, 1, to);
  const bool verified =
      first.is_enough() && first.share() >= first_share && second.holds * 2 < second.of;
  if (verified || asks_for_first(composer.target(), composer.target().columns[target])) {
    composer.propose(source,
                     {target, first_of(lists), verified ? confidence_of_values : confidence_of_form,
                      words_about_lists(from, lists) + ", the target has the first" +
                          (verified ? "; " + in_words(first) : std::string{})});
    return;
  }
  candidate->warnings.push_back(words_about_lists(from, lists) +
                                ", the target has one a row: which one, or a row for each, is to "
                                "be decided");
}

// What a column of numbers counts: "tag" of "tag_count" and "number_of_tags"; null where it is none
// of that kind. Both have one word that says so and one that is counted.
const Term* counted_by(const Side& side, const ColumnFeatures& column) noexcept {
  const Term* counted = nullptr;
  bool counts = false;
  for (const auto number : side.list(column.raw)) {
    const Term& term = side.terms[number];
    if (term.text == "count" || term.text == "cnt" || term.text == "num" || term.text == "number" ||
        term.text == "n") {
      counts = true;
    } else if (term.text != "of" && term.text != "no") {
      if (counted != nullptr) {
        return nullptr;
      }
      counted = &term;
    }
  }
  return counts ? counted : nullptr;
}

void count_entries(Composer& composer, std::uint32_t source, std::uint32_t target,
                   const Lists& lists) {
  const Column& to = composer.target_column(target);
  const Term* counted = counted_by(composer.target(), composer.target().columns[target]);
  const auto terms = composer.source().list(composer.source().columns[source].raw);
  if (counted == nullptr || terms.empty() || !catalog::is_number(to.type.logical) ||
      composer.source().terms[terms.back()].hash != counted->hash) {
    return;
  }
  const NumberCheck check = check_numbers(lists.counts, to);
  if (check.range_known && check.in_range * 2 < check.values) {
    return;
  }
  std::vector<std::pair<std::string, std::string>> arguments;
  if (!lists.is_json) {
    arguments.emplace_back("separator", lists.mark());
  }
  Transformation count;
  count.steps.push_back(step_of(TransformationKind::count_parts, std::move(arguments)));
  composer.propose(source, {target, std::move(count), confidence_of_form,
                            words_about_lists(composer.source_column(source), lists) +
                                fmt::format(", '{}' says how many", to.name.text)});
}

bool is_array(const Column& column) noexcept {
  return column.type.logical == catalog::LogicalType::array;
}

bool has_objects(const Column& column) noexcept {
  return column.type.element == catalog::LogicalType::object ||
         column.type.element == catalog::LogicalType::json ||
         column.type.element == catalog::LogicalType::array;
}

// Of texts that may hold lists nobody knows how these are written.
bool takes_one_value(const Column& column) noexcept {
  const auto logical = column.type.logical;
  return !is_array(column) && logical != catalog::LogicalType::object &&
         logical != catalog::LogicalType::json && logical != catalog::LogicalType::unknown &&
         !(column.statistics &&
           column.statistics->share(catalog::ValuePattern::json_document) >= list_share);
}

// A value becomes a list of one; of what is a list on one side only and cannot be that, a warning.
void fit_list(Composer& composer, std::uint32_t source, std::uint32_t target) {
  const Column& from = composer.source_column(source);
  const Column& to = composer.target_column(target);
  auto* candidate = composer.decided_candidate(source, target);
  if (candidate == nullptr || is_array(from) == is_array(to)) {
    return;
  }
  auto& steps = candidate->transformation.steps;
  if (is_array(from)) {
    const bool copied = std::all_of(steps.begin(), steps.end(), [](const auto& step) {
      return step.kind == TransformationKind::cast;
    });
    const bool told = std::any_of(
        candidate->warnings.begin(), candidate->warnings.end(),
        [](const std::string& warning) { return warning.find(" lists of ") != std::string::npos; });
    if (copied && !told && takes_one_value(to)) {
      candidate->warnings.push_back(
          fmt::format("'{}' has lists{}, the target one value a row: which entry, or a row for "
                      "each, is to be decided",
                      from.name.text, has_objects(from) ? " of objects" : ""));
    }
    return;
  }
  if (!takes_one_value(from) || (composer.uses_data() && lists_of(from).found())) {
    return;
  }
  if (has_objects(to)) {
    candidate->warnings.push_back(
        fmt::format("'{}' takes lists of objects: which member the values are, and what the others "
                    "hold, is to be decided",
                    to.name.text));
    return;
  }
  steps.push_back(step_of(TransformationKind::to_list));
  candidate->mapping_type = mapping::mapping_type_of(candidate->transformation);
  candidate->evidence.push_back(
      {composite_signal, candidate->confidence, 0.0,
       fmt::format("'{}' takes lists: each value becomes a list of one", to.name.text)});
}

void fit_lists(Composer& composer) {
  for (std::uint32_t target = 0; target < composer.target().columns.size(); ++target) {
    if (const auto source = composer.source_of(target);
        source && *source < composer.source().columns.size()) {
      fit_list(composer, *source, target);
    }
  }
}

}  // namespace

void compose_lists(Composer& composer) {
  if (!composer.uses_data()) {
    fit_lists(composer);
    return;
  }
  for (std::uint32_t source = 0; source < composer.source().columns.size(); ++source) {
    const Lists lists = lists_of(composer.source_column(source));
    if (!lists.found()) {
      continue;
    }
    for (std::uint32_t target = 0; target < composer.target().columns.size(); ++target) {
      if (!composer.is_open_to(target, source)) {
        continue;
      }
      count_entries(composer, source, target, lists);
      if (composer.source_of(target) == source &&
          catalog::is_text(composer.target_column(target).type.logical)) {
        take_entry(composer, source, target, lists);
      }
    }
  }
  fit_lists(composer);
}

}  // namespace mapctl::matching
