// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mapctl::mapping {

// As stored: direct, computed, aggregated, transformed (product.md, section 10).
enum class MappingType : std::uint8_t { direct, computed, aggregated, transformed };
std::string_view to_string(MappingType type) noexcept;
std::optional<MappingType> mapping_type_from(std::string_view word) noexcept;

// What is done to the input(s) on the way.
enum class TransformationKind : std::uint8_t {
  direct,
  cast,  // to the target's type
  trim,
  parse_date,  // text to date or timestamp, by `format`
  parse_number,
  parse_boolean,
  format_text,  // number or date to text
  truncate,     // to `length`
  code_map,     // value to value
  lookup,
  split,       // one part of the input
  join,        // several inputs
  scale_unit,  // times `factor`
  json_path,
  default_value,
  constant,
  generated,
  sequence,
  expression,
  aggregate,
  replace,         // each `old` by `new`, or the one in front or at the end
  substring,       // `length` characters from `start`, counted from 1
  count_parts,     // how many stand between `separator`s; of a JSON list without one
  parse_duration,  // "1:30:00" to seconds
  to_list,         // a list of the one value
};
inline constexpr TransformationKind last_transformation_kind = TransformationKind::to_list;
std::string_view to_string(TransformationKind kind) noexcept;
std::optional<TransformationKind> transformation_kind_from(std::string_view word) noexcept;

// One step. `arguments` are sorted by name; what they mean depends on the kind:
// cast{type}, parse_date{format}, truncate{length}, split{separator,part}, join{separator} or
// join{template}, code_map{from=to ...}, default_value{value}, constant{value},
// scale_unit{factor}, json_path{path}, replace{old,new,at}, where `at` is absent, "start" or "end",
// substring{start,length}, count_parts{separator}.
struct TransformationStep {
  TransformationKind kind = TransformationKind::direct;
  std::vector<std::pair<std::string, std::string>> arguments{};
  bool operator==(const TransformationStep&) const = default;
  std::string_view argument(std::string_view name) const noexcept;  // empty when absent
};

// Steps in the order in which they run. No step at all is a direct copy.
struct Transformation {
  std::vector<TransformationStep> steps{};
  std::vector<std::string> inputs{};  // source columns when there is not exactly one
  std::string note{};                 // for people
  bool operator==(const Transformation&) const = default;
  bool is_direct() const noexcept { return steps.empty() && inputs.size() < 2; }
};

MappingType mapping_type_of(const Transformation& transformation) noexcept;

// "trim, then parse as date (%d/%m/%Y)": what a reviewer reads.
std::string describe(const Transformation& transformation);

// {"steps":[{"kind":"cast","type":"integer"}],"inputs":[...],"note":"..."}; absent parts left out,
// so a direct copy is {}. A code_map has its pairs in an object: {"kind":"code_map","codes":{...}}.
Json to_json(const Transformation& transformation);
void append_json(std::string& out, const Transformation& transformation);  // the same, on one line
// The way back; null is a direct copy. Throws Error::invalid_data.
Transformation transformation_from_json(const Json& json);

}  // namespace mapctl::mapping
