// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.hpp"
#include "core/catalog/profiler.hpp"
#include "core/matching/composite.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

// Names, addresses and documents.
namespace mapctl::matching {
namespace {

using catalog::Column;
using mapping::Transformation;
using mapping::TransformationKind;

// Of the sampled values; a column with fewer in the form of a rule is not what its name says.
constexpr double formed_share = 0.6;

Transformation split_of(std::string_view separator, std::string_view part) {
  Transformation result;
  result.steps.push_back(step_of(TransformationKind::split, {{"separator", std::string{separator}},
                                                             {"part", std::string{part}}}));
  if (separator == ",") {
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

bool is_empty(const Column& column) noexcept {
  return column.statistics && column.statistics->null_share >= 1;
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
  bool reversed = false;  // "Lovelace, Ada"
  Tally found;
  if (composer.uses_data() && column.statistics) {
    const TextForm form = text_form(column);
    reversed = form.commas == 1 && form.separated > form.spaced;
    const std::size_t formed = reversed ? form.separated : form.spaced;
    const auto share =
        static_cast<double>(formed) / static_cast<double>(std::max<std::size_t>(1, form.values));
    if (form.values > 0 && share < formed_share) {
      return;
    }
    if (form.values >= Tally::fewest) {
      confidence = confidence_of_form;
      reason += fmt::format("; {} of {} sampled values have {}", formed, form.values,
                            reversed ? "a comma between two names" : "several words");
    }
    std::array<const Column*, 2> parts{&composer.target_column(*first),
                                       &composer.target_column(*last)};
    if (reversed) {
      std::swap(parts[0], parts[1]);
    }
    found = parts_found(composed_rows(column), parts);
  }
  const RuleVerdict verdict = verdict_of(found, confidence);
  const std::string_view separator = reversed ? "," : " ";
  for (const auto& [target, part] : {std::pair{*first, reversed ? "last" : "first"},
                                     std::pair{*last, reversed ? "first" : "last"}}) {
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
  Tally found;
  bool reversed = false;
  if (composer.uses_data() && column.statistics) {
    const TextForm form = text_form(column);
    reversed = form.commas == 1 && form.separated > form.spaced;
    const std::size_t formed = std::max(form.spaced, reversed ? form.separated : 0);
    if (static_cast<double>(formed) < formed_share * static_cast<double>(form.values)) {
      return;
    }
    std::array<const Column*, 2> parts{&composer.source_column(*first),
                                       &composer.source_column(*last)};
    if (reversed) {
      std::swap(parts[0], parts[1]);
    }
    found = parts_found(composed_rows(column), parts);
  }
  std::vector<std::string> inputs{composer.source_column(*first).name.text,
                                  composer.source_column(*last).name.text};
  if (reversed) {
    std::swap(inputs[0], inputs[1]);
  }
  const RuleVerdict verdict = verdict_of(found, confidence_of_form);
  const std::string reason = fmt::format("{} are the parts of the whole name that '{}' asks for",
                                         names_of(inputs), column.name.text);
  composer.propose(reversed ? *last : *first, {target, join_of(inputs, reversed ? ", " : " "),
                                               verdict.confidence, reason + verdict.words});
}

// Of "12 Mill Road, Utrecht, 3511 AB" each part says by its letters and digits what it may be.
// Masked text keeps which is which.
bool may_be(Part part, std::string_view text) noexcept {
  const auto digit = [](char c) { return (c >= '0' && c <= '9') || c == '*'; };
  const auto letters = std::count_if(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80) != 0;
  });
  const bool starts_with_digit = !text.empty() && digit(text.front());
  switch (part) {
    case Part::postcode: return starts_with_digit && letters <= 2 && text.size() <= 10;
    case Part::city:
    case Part::region:
    case Part::country: return letters > 0 && !starts_with_digit;
    default: return letters > 0;
  }
}

struct AddressPart {
  Part part;
  std::size_t place;
  std::uint32_t target;
};

// The order in which an address has its parts, where all that the target asks for are told apart.
std::vector<AddressPart> address_parts(const Composer& composer, std::uint32_t source,
                                       const TextForm& form) {
  const auto& subject = composer.source_parts()[source].subject;
  std::vector<Part> order{Part::street, Part::city};
  const auto& statistics = *composer.source_column(source).statistics;
  std::vector<std::size_t> postcodes(form.commas + 1, 0);
  std::size_t rows = 0;
  for (const auto& value : statistics.first_rows) {
    const auto parts = split(value, ',');
    if (parts.size() != form.commas + 1) {
      continue;
    }
    ++rows;
    for (std::size_t at = 0; at < parts.size(); ++at) {
      postcodes[at] += may_be(Part::postcode, trim(parts[at])) ? 1 : 0;
    }
  }
  const auto sure = [&](std::size_t at) { return postcodes[at] * 10 >= rows * 8; };
  if (rows == 0 || sure(0)) {
    return {};
  }
  if (form.commas == 2) {
    if (sure(1) == sure(2)) {
      return {};
    }
    order.insert(sure(1) ? order.begin() + 1 : order.end(), Part::postcode);
  } else if (form.commas != 1 || sure(1)) {
    return {};
  }
  std::vector<AddressPart> found;
  for (std::size_t place = 0; place < order.size(); ++place) {
    const auto target = composer.find_target(order[place], subject);
    if (target && composer.is_open_to(*target, source)) {
      found.push_back({order[place], place, *target});
    }
  }
  return found.size() >= 2 ? found : std::vector<AddressPart>{};
}

void split_address(Composer& composer, std::uint32_t source) {
  const Column& column = composer.source_column(source);
  // Without values nobody knows what the text consists of.
  if (!composer.uses_data() || !column.statistics ||
      composer.find_source(Part::city, composer.source_parts()[source].subject)) {
    return;
  }
  const TextForm form = text_form(column);
  if (form.values < Tally::fewest ||
      static_cast<double>(form.separated) < formed_share * static_cast<double>(form.values)) {
    return;
  }
  const auto parts = address_parts(composer, source, form);
  if (parts.empty()) {
    return;
  }
  std::vector<const Column*> columns(form.commas + 1, nullptr);
  std::vector<std::string> names;
  for (const auto& part : parts) {
    columns[part.place] = &composer.target_column(part.target);
    names.push_back(columns[part.place]->name.text);
  }
  const RuleVerdict verdict =
      verdict_of(parts_found(composed_rows(column), columns), confidence_of_form);
  const std::string reason = fmt::format(
      "whole addresses in '{}', the target has {}; {} of {} sampled values have {} parts",
      column.name.text, names_of(names), form.separated, form.values, form.commas + 1);
  for (const auto& part : parts) {
    composer.propose(source, {part.target, split_of(",", std::to_string(part.place + 1)),
                              verdict.confidence, reason + verdict.words});
  }
}

void join_address(Composer& composer, std::uint32_t target) {
  const auto& subject = composer.target_parts()[target].subject;
  const Column& column = composer.target_column(target);
  const auto street = composer.find_source(Part::street, subject);
  const auto city = composer.find_source(Part::city, subject);
  const auto& comment = column.comment;
  const bool whole = to_lower(column.name.text).find("full") != std::string::npos ||
                     to_lower(comment).find("full address") != std::string::npos;
  if (!composer.is_free(target) || !street || !city || !whole) {
    return;
  }
  std::vector<std::string> inputs{composer.source_column(*street).name.text};
  if (const auto code = composer.find_source(Part::postcode, subject)) {
    inputs.push_back(composer.source_column(*code).name.text);
  }
  inputs.push_back(composer.source_column(*city).name.text);
  if (const auto country = composer.find_source(Part::country, subject)) {
    inputs.push_back(composer.source_column(*country).name.text);
  }
  const std::string reason = fmt::format("{} are the parts of the whole address that '{}' asks for",
                                         names_of(inputs), column.name.text);
  composer.propose(*street, {target, join_of(inputs, ", "), confidence_of_names, reason});
}

// "billing_city", "BillingCity" and "billing city" are the same key.
std::string folded_key(std::string_view text) {
  std::string key;
  for (const char c : fold(text)) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80) != 0) {
      key += c;
    }
  }
  return key;
}

struct Member {
  std::string path{};
  std::size_t count = 0;
  std::size_t numbers = 0;
  bool plain = true;  // never an object or a list
};

using Members = std::map<std::string, Member>;  // by folded key

void add_members(const Json& document, const std::string& path, const std::string& prefix,
                 Members& members) {
  for (const auto& [name, value] : document.items()) {
    if (name.find_first_of(".\"[]\\ ") != std::string::npos) {
      continue;  // a path could not say which
    }
    const std::string key = folded_key(prefix + name);
    const std::string here = fmt::format("{}.{}", path, name);
    Member& member = members[key];
    if (member.path.empty()) {
      member.path = here;
    }
    if (member.path != here) {
      member.plain = false;  // two members of one name
    }
    ++member.count;
    member.numbers += value.is_number() ? 1 : 0;
    member.plain = member.plain && !value.is_structured();
    if (value.is_object() && path == "$") {
      add_members(value, here, prefix + name, members);
    }
  }
}

void open_document(Composer& composer, std::uint32_t source) {
  const Column& column = composer.source_column(source);
  Members members;
  std::size_t documents = 0;
  for (const auto& sample : column.statistics->samples) {
    const Json document = Json::parse(sample, nullptr, false);
    if (document.is_object()) {
      ++documents;
      add_members(document, "$", "", members);
    }
  }
  if (documents == 0) {
    return;
  }
  const std::string own = folded_key(column.name.text);
  for (std::uint32_t target = 0; target < composer.target().columns.size(); ++target) {
    if (!composer.is_open_to(target, source)) {
      continue;
    }
    const Column& to = composer.target_column(target);
    const std::string key = folded_key(to.name.text);
    auto found = members.find(key);
    if (found == members.end() && key.size() > own.size() && key.starts_with(own)) {
      found = members.find(key.substr(own.size()));
    }
    if (found == members.end() || !found->second.plain || found->second.count * 2 < documents) {
      continue;
    }
    const Member& member = found->second;
    const bool number_wanted = catalog::is_number(to.type.logical);
    if (number_wanted && member.numbers < member.count) {
      continue;
    }
    Transformation transformation;
    transformation.steps.push_back(step_of(TransformationKind::json_path, {{"path", member.path}}));
    if (number_wanted) {
      transformation.steps.push_back(step_of(
          TransformationKind::cast, {{"type", std::string{catalog::to_string(to.type.logical)}}}));
    }
    const double confidence = documents >= Tally::fewest ? confidence_of_form : confidence_of_names;
    composer.propose(
        source, {target, std::move(transformation), confidence,
                 fmt::format("the documents in '{}' have a member '{}'; found in {} of {} "
                             "sampled documents",
                             column.name.text, member.path.substr(2), member.count, documents)});
  }
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

void compose_addresses(Composer& composer) {
  const auto& from = composer.source_parts();
  const auto& to = composer.target_parts();
  if (to.has(Part::city)) {
    for (const auto source : from.of(Part::address)) {
      split_address(composer, source);
    }
  }
  if (from.has(Part::street)) {
    for (const auto target : to.of(Part::address)) {
      join_address(composer, target);
    }
  }
}

void compose_documents(Composer& composer) {
  if (!composer.uses_data()) {
    return;
  }
  for (std::uint32_t source = 0; source < composer.source().columns.size(); ++source) {
    const Column& column = composer.source_column(source);
    if (!column.statistics || column.personal) {
      continue;
    }
    const auto logical = column.type.logical;
    if (logical == catalog::LogicalType::json || logical == catalog::LogicalType::object ||
        (catalog::is_text(logical) &&
         column.statistics->share(catalog::ValuePattern::json_document) >= formed_share)) {
      open_document(composer, source);
    }
  }
}

}  // namespace mapctl::matching
