// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.hpp"
#include "core/matching/rules/composite.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>

// Addresses.
namespace mapctl::matching {
namespace {

using catalog::Column;
using mapping::Transformation;
using mapping::TransformationKind;

// Nearly all of the addresses must have a part in one form to go by it.
constexpr double sure_share = 0.8;

// What the text between two separators looks like. Masked text keeps which signs are letters and
// which are digits: of a word its first letter, of a number nothing but asterisks.
enum class Piece : std::uint8_t {
  words,            // "Mill Road 12", "Utrecht"
  code,             // "3511", "3511 AB"
  code_and_city,    // "3511 Utrecht"
  region_and_code,  // "TX 73301"
  numbered,         // "12 Mill Road"; in "3511 AB Utrecht" nobody knows where the code ends
};
constexpr std::size_t piece_count = static_cast<std::size_t>(Piece::numbered) + 1;

bool starts_with_figure(std::string_view word) noexcept {
  return !word.empty() && ((word.front() >= '0' && word.front() <= '9') || word.front() == '*');
}

Piece piece_of(std::string_view text) {
  constexpr std::size_t longest_code = 10;
  constexpr std::size_t shortest_code = 4;
  constexpr std::size_t letters_of_code = 2;
  const auto words = split(text, ' ');
  if (!starts_with_figure(text)) {
    return words.size() == 2 && words[0].size() == 2 && starts_with_figure(words[1])
               ? Piece::region_and_code
               : Piece::words;
  }
  const bool only_code = std::all_of(words.begin(), words.end(), [](std::string_view word) {
    return starts_with_figure(word) || word.size() <= letters_of_code;
  });
  if (only_code && text.size() <= longest_code) {
    return Piece::code;
  }
  return words.size() > 1 && words[0].size() >= shortest_code &&
                 words[1].size() > letters_of_code && !starts_with_figure(words[1])
             ? Piece::code_and_city
             : Piece::numbered;
}

// Where a column's values are in an address: the part between separators, counted from 0, and of
// that the whole, or what stands before or behind its first blank.
struct Place {
  enum class Side : std::uint8_t { whole, before, behind };
  Part part{};
  std::size_t at = 0;
  Side side = Side::whole;
  std::uint32_t target = 0;
};

std::string_view text_at(const Place& place, const std::vector<std::string_view>& parts) {
  const auto text = trim(parts[place.at]);
  const auto blank = text.find(' ');
  switch (place.side) {
    case Place::Side::whole: return text;
    case Place::Side::before: return text.substr(0, blank);
    case Place::Side::behind:
      return blank == text.npos ? std::string_view{} : trim(text.substr(blank));
  }
  return text;
}

// The form that nearly all addresses have in each place; nothing where one has none. Without
// separators ("3511 Utrecht") there is one place.
std::vector<Piece> pieces_of(const Column& column, const TextForm& form) {
  std::vector<std::vector<std::size_t>> counts(form.commas + 1,
                                               std::vector<std::size_t>(piece_count, 0));
  std::size_t rows = 0;
  for (const auto& value : column.statistics->first_rows) {
    const auto parts = split(value, form.separator);
    if (parts.size() != counts.size() || value.empty()) {
      continue;
    }
    ++rows;
    for (std::size_t at = 0; at < parts.size(); ++at) {
      const Piece piece = piece_of(trim(parts[at]));
      // A street may begin with the number of the house, whatever its length.
      const bool street = at == 0 && parts.size() > 1 &&
                          (piece == Piece::numbered || piece == Piece::code_and_city);
      ++counts[at][static_cast<std::size_t>(street ? Piece::words : piece)];
    }
  }
  std::vector<Piece> pieces;
  for (const auto& of_place : counts) {
    const auto most = std::max_element(of_place.begin(), of_place.end());
    if (rows == 0 || static_cast<double>(*most) < sure_share * static_cast<double>(rows)) {
      return {};
    }
    pieces.push_back(static_cast<Piece>(most - of_place.begin()));
  }
  return pieces;
}

// The order in which addresses have their parts, where all that the target asks for are told apart.
std::vector<Place> places_of(const std::vector<Piece>& pieces) {
  using enum Place::Side;
  const auto is = [&](std::initializer_list<Piece> wanted) {
    return std::equal(pieces.begin(), pieces.end(), wanted.begin(), wanted.end());
  };
  const Place street{Part::street, 0};
  if (is({Piece::code_and_city})) {
    return {{Part::postcode, 0, before}, {Part::city, 0, behind}};
  }
  if (is({Piece::words, Piece::region_and_code})) {
    return {{Part::city, 0}, {Part::region, 1, before}, {Part::postcode, 1, behind}};
  }
  if (is({Piece::words, Piece::words})) {
    return {street, {Part::city, 1}};
  }
  if (is({Piece::words, Piece::code_and_city})) {
    return {street, {Part::postcode, 1, before}, {Part::city, 1, behind}};
  }
  if (is({Piece::words, Piece::code_and_city, Piece::words})) {
    return {street, {Part::postcode, 1, before}, {Part::city, 1, behind}, {Part::country, 2}};
  }
  if (is({Piece::words, Piece::words, Piece::region_and_code})) {
    return {street, {Part::city, 1}, {Part::region, 2, before}, {Part::postcode, 2, behind}};
  }
  if (is({Piece::words, Piece::words, Piece::region_and_code, Piece::words})) {
    return {street,
            {Part::city, 1},
            {Part::region, 2, before},
            {Part::postcode, 2, behind},
            {Part::country, 3}};
  }
  if (is({Piece::words, Piece::words, Piece::code})) {
    return {street, {Part::city, 1}, {Part::postcode, 2}};
  }
  if (is({Piece::words, Piece::code, Piece::words})) {
    return {street, {Part::postcode, 1}, {Part::city, 2}};
  }
  if (is({Piece::words, Piece::words, Piece::code, Piece::words})) {
    return {street, {Part::city, 1}, {Part::postcode, 2}, {Part::country, 3}};
  }
  if (is({Piece::words, Piece::code, Piece::words, Piece::words})) {
    return {street, {Part::postcode, 1}, {Part::city, 2}, {Part::country, 3}};
  }
  return {};
}

Transformation part_at(const Place& place, const TextForm& form) {
  Transformation result;
  if (form.commas > 0) {
    result = split_of({&form.separator, 1}, std::to_string(place.at + 1));
  }
  if (place.side != Place::Side::whole) {
    const auto inner = split_of(" ", place.side == Place::Side::before ? "first" : "last");
    result.steps.insert(result.steps.end(), inner.steps.begin(), inner.steps.end());
  }
  return result;
}

// Of the sampled addresses those whose parts are in the columns of these. Of masked ones only whole
// parts are known.
Tally places_found(const Column& column, const TextForm& form, const std::vector<Place>& places,
                   const std::vector<const Column*>& of_places) {
  std::vector<const Column*> columns;
  std::vector<std::vector<std::uint64_t>> rows;
  if (column.personal) {
    columns.assign(form.commas + 1, nullptr);
    for (std::size_t number = 0; number < places.size(); ++number) {
      if (places[number].side == Place::Side::whole) {
        columns[places[number].at] = of_places[number];
      }
    }
    rows = composed_rows(column);
  } else {
    columns = of_places;
    for (const auto& value : column.statistics->first_rows) {
      const auto parts = split(value, form.separator);
      if (parts.size() == form.commas + 1 && !value.empty() && !value.ends_with("...")) {
        auto& row = rows.emplace_back();
        for (const Place& place : places) {
          row.push_back(catalog::value_hash(text_at(place, parts)));
        }
      }
    }
  }
  return parts_found(rows, columns);
}

// The form of nearly all values; with no separator where they have none.
TextForm address_form(const Column& column) {
  TextForm form = text_form(column);
  if (form.spaced > form.separated) {
    form.separated = form.spaced;
    form.commas = 0;
    form.separator = ',';
  }
  return form;
}

void split_address(Composer& composer, std::uint32_t source) {
  const Column& column = composer.source_column(source);
  const auto& subject = composer.source_parts()[source].subject;
  // Without values nobody knows what the text consists of.
  if (!composer.uses_data() || !column.statistics || composer.find_source(Part::city, subject)) {
    return;
  }
  const TextForm form = address_form(column);
  if (form.values < Tally::fewest ||
      static_cast<double>(form.separated) < formed_share * static_cast<double>(form.values)) {
    return;
  }
  std::vector<Place> places;
  std::vector<std::string> names;
  std::vector<const Column*> columns;
  for (Place place : places_of(pieces_of(column, form))) {
    const auto target = composer.find_target(place.part, subject);
    if (target && composer.is_open_to(*target, source)) {
      place.target = *target;
      places.push_back(place);
      columns.push_back(&composer.target_column(*target));
      names.push_back(composer.target_column(*target).name.text);
    }
  }
  if (places.size() < 2) {
    return;
  }
  const RuleVerdict verdict =
      verdict_of(places_found(column, form, places, columns), confidence_of_form);
  const std::string reason =
      form.commas == 0
          ? fmt::format("codes with their cities in '{}', the target has {}", column.name.text,
                        names_of(names))
          : fmt::format(
                "whole addresses in '{}', the target has {}; {} of {} sampled values have {} parts",
                column.name.text, names_of(names), form.separated, form.values, form.commas + 1);
  for (const Place& place : places) {
    composer.propose(
        source, {place.target, part_at(place, form), verdict.confidence, reason + verdict.words});
  }
}

// How addresses of the target are put together of the source's columns.
struct JoinedAddress {
  std::vector<std::uint32_t> inputs{};
  std::string between{", "};
  std::string in_places{};  // a template, where more than one sign stands between
  Tally found{};
};

// "{1}, {2} {3}": where the target's values have the inputs.
std::string template_of(const std::vector<Place>& places, const std::string& between) {
  std::string text;
  for (std::size_t number = 0; number < places.size(); ++number) {
    if (number > 0) {
      text += places[number].at == places[number - 1].at ? " " : between;
    }
    text += fmt::format("{{{}}}", number + 1);
  }
  return text;
}

// With two parts in one place, as in "Mill Road 12, 3511 Utrecht".
std::optional<JoinedAddress> address_in_places(const Composer& composer, const Column& column,
                                               const Subject& subject) {
  const TextForm form = address_form(column);
  const auto places = places_of(pieces_of(column, form));
  JoinedAddress address;
  std::vector<const Column*> columns;
  for (const Place& place : places) {
    const auto source = composer.find_source(place.part, subject);
    if (!source) {
      return std::nullopt;
    }
    address.inputs.push_back(*source);
    columns.push_back(&composer.source_column(*source));
  }
  if (places.size() < 2 || form.separated * 2 < form.values) {
    return std::nullopt;
  }
  const bool doubled = std::any_of(places.begin(), places.end(), [](const Place& place) {
    return place.side != Place::Side::whole;
  });
  address.found = places_found(column, form, places, columns);
  if (!doubled || (address.found.is_enough() && address.found.share() < 0.5)) {
    return std::nullopt;
  }
  address.in_places = template_of(places, between_parts(form.separator));
  return address;
}

// The order in which the target's sampled values have the parts; nothing where none is sure.
std::optional<JoinedAddress> address_in_rows(const Composer& composer, const Column& column,
                                             const Subject& subject) {
  const TextForm form = text_form(column);
  const auto rows = composed_rows(column);
  static constexpr Part orders[][4] = {{Part::street, Part::city},
                                       {Part::street, Part::postcode, Part::city},
                                       {Part::street, Part::city, Part::postcode},
                                       {Part::street, Part::city, Part::region, Part::postcode},
                                       {Part::street, Part::postcode, Part::city, Part::country},
                                       {Part::street, Part::city, Part::postcode, Part::country}};
  for (const auto& order : orders) {
    JoinedAddress address;
    std::vector<const Column*> columns;
    const auto parts = std::find(std::begin(order), std::end(order), Part::none) - order;
    for (const Part* part = order; part != order + parts; ++part) {
      if (const auto source = composer.find_source(*part, subject)) {
        address.inputs.push_back(*source);
        columns.push_back(&composer.source_column(*source));
      }
    }
    if (form.commas + 1 != static_cast<std::size_t>(parts) || columns.size() != form.commas + 1) {
      continue;
    }
    address.found = parts_found(rows, columns);
    if (address.found.is_enough() && address.found.share() >= 0.5) {
      address.between = between_parts(form.separator);
      return address;
    }
  }
  return std::nullopt;
}

void join_address(Composer& composer, std::uint32_t target) {
  const auto& subject = composer.target_parts()[target].subject;
  const Column& column = composer.target_column(target);
  const auto street = composer.find_source(Part::street, subject);
  const auto city = composer.find_source(Part::city, subject);
  if (!city) {
    return;
  }
  const bool knows_rows = composer.uses_data() && column.statistics.has_value();
  std::optional<JoinedAddress> address;
  if (knows_rows) {
    address = address_in_rows(composer, column, subject);
    if (!address) {
      address = address_in_places(composer, column, subject);
    }
  }
  const bool whole = to_lower(column.name.text).find("full") != std::string::npos ||
                     to_lower(column.comment).find("full address") != std::string::npos;
  if (!address && whole && street) {
    address.emplace();
    for (const Part part : {Part::street, Part::postcode, Part::city, Part::country}) {
      if (const auto source = composer.find_source(part, subject)) {
        address->inputs.push_back(*source);
      }
    }
  }
  if (!address || column.generated || !composer.is_open_to(target, address->inputs)) {
    return;
  }
  std::vector<std::string> inputs;
  for (const auto input : address->inputs) {
    inputs.push_back(composer.source_column(input).name.text);
  }
  std::string reason = fmt::format("{} are the parts of the whole address that '{}' asks for",
                                   names_of(inputs), column.name.text);
  RuleVerdict verdict = verdict_of(address->found, confidence_of_names);
  if (knows_rows && !address->in_places.empty() && !address->found.is_enough()) {
    verdict = {confidence_of_form, "; its sampled values are put together so"};
  } else if (knows_rows && !address->found.is_enough()) {
    verdict = {confidence_unverified, "; the target's values are put together in another way"};
  }
  Transformation both = address->in_places.empty() ? join_of(inputs, address->between)
                                                   : join_as(inputs, address->in_places);
  composer.propose(address->inputs.front(),
                   {target, std::move(both), verdict.confidence, reason + verdict.words});
}

// Where the number of the house stands in nearly all values: "Mill Road 12", "12 Mill Road".
enum class HouseNumber : std::uint8_t { unknown, behind, before };

HouseNumber house_number_in(const Column& column) {
  if (!column.statistics) {
    return HouseNumber::unknown;
  }
  std::size_t values = 0;
  std::size_t behind = 0;
  std::size_t before = 0;
  for (const auto& value : column.statistics->first_rows) {
    const auto text = trim(value);
    const auto last = text.find_last_of(' ');
    values += text.empty() ? 0 : 1;
    if (text.find(',') == text.npos && last != text.npos) {
      const bool starts = starts_with_figure(text);
      behind += !starts && starts_with_figure(text.substr(last + 1)) ? 1 : 0;
      before += starts && !starts_with_figure(text.substr(last + 1)) ? 1 : 0;
    }
  }
  const auto nearly_all = [&](std::size_t count) {
    return values >= Tally::fewest &&
           static_cast<double>(count) >= sure_share * static_cast<double>(values);
  };
  return nearly_all(behind)   ? HouseNumber::behind
         : nearly_all(before) ? HouseNumber::before
                              : HouseNumber::unknown;
}

void split_street(Composer& composer, std::uint32_t source) {
  const auto& subject = composer.source_parts()[source].subject;
  const auto street = composer.find_target(Part::street, subject);
  const auto number = composer.find_target(Part::house_number, subject);
  if (!composer.uses_data() || !street || !number || !composer.is_open_to(*street, source) ||
      !composer.is_open_to(*number, source) || composer.find_source(Part::house_number, subject)) {
    return;
  }
  const Column& column = composer.source_column(source);
  const HouseNumber place = house_number_in(column);
  if (place == HouseNumber::unknown || house_number_in(composer.target_column(*street)) == place) {
    return;  // or the target's streets have their numbers too
  }
  const bool behind = place == HouseNumber::behind;
  const std::string reason = fmt::format(
      "streets with the number of the house {} in '{}', the target has it in '{}'",
      behind ? "behind" : "in front", column.name.text, composer.target_column(*number).name.text);
  composer.propose(source, {*street, split_of(" ", behind ? "before_final" : "last"),
                            confidence_of_form, reason});
  composer.propose(
      source, {*number, split_of(" ", behind ? "final" : "first"), confidence_of_form, reason});
}

void join_street(Composer& composer, std::uint32_t target) {
  const auto& subject = composer.target_parts()[target].subject;
  const auto street = composer.find_source(Part::street, subject);
  const auto number = composer.find_source(Part::house_number, subject);
  if (!composer.uses_data() || !street || !number || !composer.is_open_to(target, *street) ||
      composer.find_target(Part::house_number, subject)) {
    return;
  }
  const HouseNumber place = house_number_in(composer.target_column(target));
  if (place == HouseNumber::unknown || house_number_in(composer.source_column(*street)) == place) {
    return;
  }
  std::vector<std::string> inputs{composer.source_column(*street).name.text,
                                  composer.source_column(*number).name.text};
  if (place == HouseNumber::before) {
    std::swap(inputs[0], inputs[1]);
  }
  const std::string reason = fmt::format(
      "'{}' has streets with the number of the house, which the source has in '{}'",
      composer.target_column(target).name.text, composer.source_column(*number).name.text);
  composer.propose(*street, {target, join_of(inputs, " "), confidence_of_form, reason});
}

}  // namespace

void compose_addresses(Composer& composer) {
  const auto& from = composer.source_parts();
  const auto& to = composer.target_parts();
  if (to.has(Part::city)) {
    for (const auto source : from.of(Part::address)) {
      split_address(composer, source);
    }
  }
  if (from.has(Part::city)) {
    for (const auto target : to.of(Part::address)) {
      join_address(composer, target);
    }
  }
  if (to.has(Part::house_number)) {
    for (const auto source : from.of(Part::street)) {
      split_street(composer, source);
    }
  }
  if (from.has(Part::house_number)) {
    for (const auto target : to.of(Part::street)) {
      join_street(composer, target);
    }
  }
}

}  // namespace mapctl::matching
