// SPDX-License-Identifier: Apache-2.0
#include "core/matching/rules/transform.hpp"

#include "core/base/text.hpp"
#include "core/catalog/types.hpp"
#include "core/matching/columns/name_part.hpp"
#include "core/matching/rules/units.hpp"
#include "core/matching/values/date_forms.hpp"
#include "core/matching/values/value_codes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>
#include <vector>

namespace mapctl::matching {
namespace {

using catalog::Column;
using catalog::ColumnStatistics;
using catalog::LogicalType;
using catalog::ValuePattern;
using mapping::Transformation;
using mapping::TransformationKind;

constexpr double date_share = 0.5;       // of the values; below it the column is no date, no number
constexpr double known_share = 0.95;     // of words for yes and no
constexpr double notable_share = 0.001;  // what a transformation is worth

void add(Transformation& transformation, TransformationKind kind,
         std::vector<std::pair<std::string, std::string>> arguments = {}) {
  std::sort(arguments.begin(), arguments.end());
  transformation.steps.push_back({kind, std::move(arguments)});
}

std::string type_argument(const catalog::DataType& type) {
  if (type.logical == LogicalType::decimal && type.precision) {
    return fmt::format("decimal({},{})", *type.precision, type.scale.value_or(0));
  }
  return std::string{catalog::to_string(type.logical)};
}

bool is_textual(const Column& column) noexcept {
  return column.type.logical == LogicalType::string || column.type.logical == LogicalType::unknown;
}

void to_temporal(const Column& from, const Column& to, Transformation& result) {
  // Whoever loads the text elsewhere does not know what the file's reader found out.
  if (const auto format = declared_date_format(from); !format.empty()) {
    add(result, TransformationKind::parse_date, {{"format", format}});
    return;
  }
  if (catalog::is_temporal(from.type.logical)) {
    if (from.type.logical != to.type.logical) {
      add(result, TransformationKind::cast, {{"type", type_argument(to.type)}});
    }
    return;
  }
  if (const auto format = date_format_of(from); !format.empty()) {
    add(result, TransformationKind::parse_date, {{"format", format}});
  } else {
    add(result, TransformationKind::cast, {{"type", type_argument(to.type)}});
  }
}

// Times of day that systems do not read by themselves, or without losing the half of the day.
void to_time_of_day(const Column& from, Transformation& result) {
  const std::string format = is_textual(from) ? time_format_of(from) : std::string{};
  if (format.find("%p") != std::string::npos) {
    add(result, TransformationKind::parse_date, {{"format", format}});
  }
}

// The decimal separator of numbers such as "1.234,50": the last sign that is no digit.
std::string decimal_separator(const Column& column) {
  const auto last_sign = [](std::string_view text) {
    // A currency, a percent sign or a minus may stand behind the number.
    text = text.substr(0, text.find_last_of("0123456789*") + 1);
    for (auto at = text.size(); at-- > 0;) {
      if ((text[at] == ',' || text[at] == '.') && text.size() - at <= 3) {
        return text[at];
      }
    }
    return '\0';
  };
  int commas = 0;
  int points = 0;
  const auto count = [&](std::string_view text) {
    const char sign = last_sign(trim(text));
    commas += sign == ',' ? 1 : 0;
    points += sign == '.' ? 1 : 0;
  };
  for (const auto& sample : column.statistics->samples) {
    count(sample);
  }
  for (const auto& value : column.statistics->frequent) {
    count(value.text);
  }
  return commas > points ? "," : ".";
}

bool has_numbers(const ColumnStatistics& statistics) noexcept {
  return statistics.share(ValuePattern::integer_number) +
             statistics.share(ValuePattern::decimal_number) +
             statistics.share(ValuePattern::grouped_number) +
             statistics.share(ValuePattern::percentage) >=
         date_share;
}

// Source values that the target has another code for; whether there are any.
bool to_codes(const std::vector<CodeMatch>& matches, Transformation& result) {
  std::vector<std::pair<std::string, std::string>> codes;
  for (const auto& match : matches) {
    codes.emplace_back(match.from, match.to);
  }
  if (codes.empty()) {
    return false;
  }
  add(result, TransformationKind::code_map, std::move(codes));
  return true;
}

// Whether the source says "12 %" and the target 0.12.
bool percent_to_share(const Column& from, const Column& to) {
  if (from.statistics->share(ValuePattern::percentage) < date_share || !to.statistics ||
      to.statistics->quantiles.size() < 2 || to.statistics->quantiles.front() < -1 ||
      to.statistics->quantiles.back() > 1 || to.type.logical == LogicalType::integer) {
    return false;
  }
  return std::any_of(
      from.statistics->samples.begin(), from.statistics->samples.end(), [](std::string_view text) {
        double number = 0;
        const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
        return problem == std::errc{} && number >= 2;
      });
}

void to_number(const Column& from, const Column& to, Transformation& result) {
  const auto logical = from.type.logical;
  if (catalog::is_number(logical)) {
    const bool fits = logical == to.type.logical ||
                      (logical == LogicalType::integer && to.type.logical != LogicalType::integer);
    if (!fits) {
      add(result, TransformationKind::cast, {{"type", type_argument(to.type)}});
    }
    return;
  }
  if (from.statistics && is_textual(from) && !has_numbers(*from.statistics)) {
    to_codes(match_codes(from, to), result);
  }
  if (from.statistics && is_textual(from) &&
      from.statistics->share(ValuePattern::grouped_number) +
              from.statistics->share(ValuePattern::percentage) >
          notable_share) {
    add(result, TransformationKind::parse_number, {{"decimal", decimal_separator(from)}});
    if (percent_to_share(from, to)) {
      add(result, TransformationKind::scale_unit, {{"factor", "0.01"}});
    }
    if (to.type.logical != LogicalType::integer) {
      return;
    }
  }
  add(result, TransformationKind::cast, {{"type", type_argument(to.type)}});
}

// "01:30:15", whatever the type.
bool has_durations(const Column& column) {
  if (!column.statistics || column.personal || column.statistics->samples.empty() ||
      !(is_textual(column) || column.type.logical == LogicalType::time ||
        column.type.logical == LogicalType::interval)) {
    return false;
  }
  const auto& samples = column.statistics->samples;
  return std::all_of(samples.begin(), samples.end(), [](std::string_view text) {
    const auto parts = split(text, ':');
    return parts.size() == 3 && std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
             return !part.empty() && part.size() <= 3 &&
                    part.find_first_not_of("0123456789") == part.npos;
           });
  });
}

// Into the target's unit of time; nothing where its name does not tell one.
bool to_duration(const Column& from, const Side& target, const ColumnFeatures& to,
                 Transformation& result) {
  const auto unit = has_durations(from) ? unit_of(target, to) : std::nullopt;
  if (!unit || unit->dimension != Dimension::duration) {
    return false;
  }
  add(result, TransformationKind::parse_duration);
  if (unit->worth != 1) {
    add(result, TransformationKind::scale_unit,
        {{"factor", fmt::format("{:.12g}", 1 / unit->worth)}});
    if (to.column->type.logical == LogicalType::integer) {
      add(result, TransformationKind::cast, {{"type", type_argument(to.column->type)}});
    }
  }
  return true;
}

void to_boolean(const Column& from, Transformation& result) {
  if (from.type.logical == LogicalType::boolean) {
    return;
  }
  if (is_textual(from)) {
    // A flag that is set or empty.
    if (from.statistics && from.statistics->distinct == 1 && !from.statistics->frequent.empty() &&
        equal_ignoring_case(from.statistics->frequent.front().text, "x")) {
      add(result, TransformationKind::code_map, {{from.statistics->frequent.front().text, "true"}});
    }
    // "ja", "aktiv": words that no system reads by itself.
    if (from.statistics && from.statistics->share(ValuePattern::boolean_word) < known_share) {
      to_codes(match_booleans(from), result);
    }
    add(result, TransformationKind::parse_boolean);
  } else {
    add(result, TransformationKind::cast, {{"type", "boolean"}});
  }
}

void to_text(const Column& from, const Column& to, bool coded, Transformation& result) {
  const auto logical = coded ? LogicalType::string : from.type.logical;
  if (logical == LogicalType::date) {
    if (const auto format = declared_date_format(from); !format.empty()) {
      add(result, TransformationKind::parse_date, {{"format", format}});
    }
    add(result, TransformationKind::format_text, {{"format", "%Y-%m-%d"}});
  } else if (logical == LogicalType::timestamp) {
    add(result, TransformationKind::format_text, {{"format", "%Y-%m-%dT%H:%M:%S"}});
  } else if (catalog::is_number(logical) || logical == LogicalType::boolean ||
             logical == LogicalType::time || logical == LogicalType::interval) {
    add(result, TransformationKind::cast, {{"type", "string"}});
  }
  // Cut codes are other codes, or none.
  if (!coded && !takes_codes(to) && to.type.length && from.statistics && from.statistics->longest &&
      *from.statistics->longest > *to.type.length) {
    add(result, TransformationKind::truncate, {{"length", std::to_string(*to.type.length)}});
  }
}

// The names of a JSON object's own members. A sample may be cut off at its end, so it is not
// parsed.
std::vector<std::string_view> members_of(std::string_view document) {
  std::vector<std::string_view> names;
  int depth = 0;
  for (std::size_t at = 0; at < document.size(); ++at) {
    const char c = document[at];
    depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
    if (c != '"') {
      continue;
    }
    const std::size_t begin = ++at;
    while (at < document.size() && document[at] != '"') {
      at += document[at] == '\\' ? 2 : 1;
    }
    const std::size_t after = document.find_first_not_of(" \t\r\n", at + 1);
    if (depth == 1 && after < document.size() && document[after] == ':') {
      names.push_back(document.substr(begin, at - begin));
    }
  }
  return names;
}

// The path of the member that the target asks for, as sample values show it.
std::string json_member(const Column& from, const Column& to) {
  static constexpr std::string_view usual[] = {"value", "name", "id", "label", "display_value"};
  if (!from.statistics) {
    return {};
  }
  std::string best;
  for (const auto& sample : from.statistics->samples) {
    const auto members = members_of(sample);
    const auto path_of = [&](std::string_view wanted) {
      for (const auto member : members) {
        // Of other names a path could not say where they end.
        if (equal_ignoring_case(member, wanted) &&
            member.find_first_of(".\"[]\\ ") == member.npos) {
          return fmt::format("$.{}", member);
        }
      }
      return std::string{};
    };
    if (auto path = path_of(to.name.text); !path.empty()) {
      return path;
    }
    for (const auto key : usual) {
      if (best.empty()) {
        best = path_of(key);
      }
    }
  }
  return best;
}

// A column of the same table that holds the given part of a name.
const ColumnFeatures* sibling(const Side& side, const ColumnFeatures& column, NamePart part) {
  for (const auto& other : side.columns) {
    if (other.table == column.table && &other != &column && name_part(side, other) == part) {
      return &other;
    }
  }
  return nullptr;
}

void split_or_join_names(const Side& source, const ColumnFeatures& from, const Side& target,
                         const ColumnFeatures& to, Transformation& result) {
  const auto have = name_part(source, from);
  if (have == NamePart::none) {
    return;
  }
  const auto want = name_part(target, to);
  if (have == NamePart::full && (want == NamePart::first || want == NamePart::last)) {
    add(result, TransformationKind::split,
        {{"separator", " "}, {"part", want == NamePart::first ? "first" : "last"}});
    return;
  }
  if (want == NamePart::full && (have == NamePart::first || have == NamePart::last)) {
    const auto* other =
        sibling(source, from, have == NamePart::first ? NamePart::last : NamePart::first);
    if (other != nullptr) {
      const auto& first = have == NamePart::first ? from : *other;
      const auto& last = have == NamePart::first ? *other : from;
      result.inputs = {first.column->name.text, last.column->name.text};
      add(result, TransformationKind::join, {{"separator", " "}});
    }
  }
}

}  // namespace

Transformation suggest_transformation(const Side& source, const ColumnFeatures& from_features,
                                      const Side& target, const ColumnFeatures& to_features) {
  const Column& from = *from_features.column;
  const Column& to = *to_features.column;
  Transformation result;
  const auto wanted = to.type.logical;
  if (is_textual(from) && from.statistics &&
      from.statistics->share(ValuePattern::padded) > notable_share) {
    add(result, TransformationKind::trim);
  }
  const bool document = from.type.logical == LogicalType::json ||
                        from.type.logical == LogicalType::object ||
                        (from.statistics && is_textual(from) &&
                         from.statistics->share(ValuePattern::json_document) >= date_share);
  if (document && to_features.type < TypeClass::structured) {
    if (const auto path = json_member(from, to); !path.empty()) {
      add(result, TransformationKind::json_path, {{"path", path}});
    }
  }
  split_or_join_names(source, from_features, target, to_features, result);
  if (wanted == LogicalType::boolean) {
    to_boolean(from, result);
  } else if (wanted == LogicalType::date || wanted == LogicalType::timestamp) {
    to_temporal(from, to, result);
  } else if (wanted == LogicalType::time) {
    to_time_of_day(from, result);
  } else if (catalog::is_number(wanted)) {
    if (!to_duration(from, target, to_features, result)) {
      to_number(from, to, result);
    }
  } else if (wanted == LogicalType::string) {
    to_text(from, to, to_codes(match_codes(from, to), result), result);
  }
  if (!to.nullable && to.default_value && from.statistics && from.statistics->null_share > 0) {
    add(result, TransformationKind::default_value, {{"value", *to.default_value}});
  }
  return result;
}

}  // namespace mapctl::matching
