// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.hpp"
#include "core/matching/rules/composite.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <string_view>
#include <utility>

// Places on the earth: latitude and longitude against one text with both.
namespace mapctl::matching {
namespace {

using catalog::Column;
using mapping::Transformation;
using mapping::TransformationKind;

constexpr double most_latitude = 90;
constexpr double most_longitude = 180;
constexpr double sure_points = 0.9;

bool names_a_place(const Side& side, const ColumnFeatures& column) noexcept {
  const std::initializer_list<std::string_view> words{
      "location", "coordinates", "coordinate", "coords", "geo",    "geolocation",
      "position", "point",       "gps",        "latlng", "latlong"};
  return side.has_word(column.raw, words) || side.has_word(column.expanded, words);
}

// The only column of that part.
std::optional<std::uint32_t> only_of(const ColumnParts& parts, Part part) {
  const auto& columns = parts.of(part);
  return columns.size() == 1 ? std::optional{columns.front()} : std::nullopt;
}

// How points are written.
struct Points {
  std::size_t values = 0, formed = 0;
  std::string between{};
  bool one_form = true;
  std::vector<std::pair<double, double>> numbers{};

  bool found() const noexcept {
    return one_form && values >= Tally::fewest &&
           static_cast<double>(formed) >= sure_points * static_cast<double>(values);
  }
};

Points points_of(const Column& column) {
  Points points;
  if (!column.statistics || column.personal || !catalog::is_text(column.type.logical)) {
    return points;
  }
  for (const auto& value : column.statistics->first_rows) {
    const auto text = trim(value);
    const auto end = text.find_first_not_of("0123456789.-");
    const auto next = end == text.npos ? end : text.find_first_of("0123456789-", end);
    points.values += text.empty() ? 0 : 1;
    if (next == text.npos) {
      continue;
    }
    const auto left = number_of(text.substr(0, end));
    const auto right = number_of(text.substr(next));
    const std::string between{text.substr(end, next - end)};
    if (!left || !right || std::abs(*left) > most_longitude || std::abs(*right) > most_longitude ||
        (between != "," && between != ", " && between != ";" && between != " ")) {
      continue;
    }
    points.one_form = points.one_form && (points.formed == 0 || points.between == between);
    points.between = between;
    ++points.formed;
    points.numbers.emplace_back(*left, *right);
  }
  return points;
}

// Points whose numbers the columns have, in this order.
Tally points_found(const Points& points, const Column& first, const Column& second) {
  Tally tally;
  for (const auto& [left, right] : points.numbers) {
    const auto in_first = holds_number(first, left);
    const auto in_second = holds_number(second, right);
    if (in_first || in_second) {
      ++tally.of;
      tally.holds += in_first.value_or(true) && in_second.value_or(true) ? 1 : 0;
    }
  }
  return tally;
}

// Whether the longitude comes first: the rows tell, or a number that no latitude can be.
bool is_turned(const Points& points, const Tally& plain, const Tally& turned) {
  if (plain.holds != turned.holds) {
    return turned.holds > plain.holds;
  }
  return std::any_of(points.numbers.begin(), points.numbers.end(),
                     [](const auto& point) { return std::abs(point.first) > most_latitude; });
}

void split_point(Composer& composer, std::uint32_t source, std::uint32_t latitude,
                 std::uint32_t longitude) {
  const Column& column = composer.source_column(source);
  const Points points = points_of(column);
  if (!points.found() || !composer.is_open_to(latitude, source) ||
      !composer.is_open_to(longitude, source)) {
    return;
  }
  const Column& to_latitude = composer.target_column(latitude);
  const Column& to_longitude = composer.target_column(longitude);
  const Tally plain = points_found(points, to_latitude, to_longitude);
  const Tally swapped = points_found(points, to_longitude, to_latitude);
  const bool turned = is_turned(points, plain, swapped);
  const RuleVerdict verdict = verdict_of(turned ? swapped : plain, confidence_of_form);
  const std::string reason =
      fmt::format("two numbers in '{}', {} first; {} of {} sampled values are so", column.name.text,
                  turned ? "longitude" : "latitude", points.formed, points.values) +
      verdict.words;
  const std::string separator{trim(points.between).empty() ? " " : trim(points.between)};
  const auto part = [&](std::uint32_t target, bool first) {
    Transformation number = split_of(separator, first ? "first" : "last");
    number.steps.push_back(step_of(
        TransformationKind::cast,
        {{"type", std::string{catalog::to_string(composer.target_column(target).type.logical)}}}));
    composer.propose(source, {target, std::move(number), verdict.confidence, reason});
  };
  part(latitude, !turned);
  part(longitude, turned);
}

void join_point(Composer& composer, std::uint32_t target, std::uint32_t latitude,
                std::uint32_t longitude) {
  const Column& column = composer.target_column(target);
  const std::array<std::uint32_t, 2> inputs{latitude, longitude};
  if (!composer.is_open_to(target, inputs)) {
    return;
  }
  const Points points = points_of(column);
  if (!points.found()) {
    return;
  }
  const Column& from_latitude = composer.source_column(latitude);
  const Column& from_longitude = composer.source_column(longitude);
  const Tally plain = points_found(points, from_latitude, from_longitude);
  const Tally swapped = points_found(points, from_longitude, from_latitude);
  const bool turned = is_turned(points, plain, swapped);
  const RuleVerdict verdict = verdict_of(turned ? swapped : plain, confidence_of_form);
  std::vector<std::string> names{from_latitude.name.text, from_longitude.name.text};
  if (turned) {
    std::swap(names[0], names[1]);
  }
  const std::string reason =
      fmt::format("'{}' has points, {} first; {} are their numbers", column.name.text,
                  turned ? "longitude" : "latitude", names_of(names)) +
      verdict.words;
  composer.propose(turned ? longitude : latitude,
                   {target, join_of(std::move(names), points.between), verdict.confidence, reason});
}

}  // namespace

void compose_points(Composer& composer) {
  if (!composer.uses_data()) {
    return;
  }
  const auto to_latitude = only_of(composer.target_parts(), Part::latitude);
  const auto to_longitude = only_of(composer.target_parts(), Part::longitude);
  const auto from_latitude = only_of(composer.source_parts(), Part::latitude);
  const auto from_longitude = only_of(composer.source_parts(), Part::longitude);
  const bool splits = to_latitude && to_longitude && !from_latitude && !from_longitude;
  const bool joins = from_latitude && from_longitude && !to_latitude && !to_longitude;
  if (!splits && !joins) {
    return;
  }
  const Side& side = splits ? composer.source() : composer.target();
  for (std::uint32_t at = 0; at < side.columns.size(); ++at) {
    if (!catalog::is_text(side.columns[at].column->type.logical) ||
        !names_a_place(side, side.columns[at])) {
      continue;
    }
    if (splits) {
      split_point(composer, at, *to_latitude, *to_longitude);
    } else {
      join_point(composer, at, *from_latitude, *from_longitude);
    }
  }
}

}  // namespace mapctl::matching
