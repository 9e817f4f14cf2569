// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/transformation.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace mapctl::mapping {

std::string_view to_string(MappingType type) noexcept {
  switch (type) {
    case MappingType::direct: return "direct";
    case MappingType::computed: return "computed";
    case MappingType::aggregated: return "aggregated";
    case MappingType::transformed: return "transformed";
  }
  return {};
}

std::optional<MappingType> mapping_type_from(std::string_view word) noexcept {
  for (int i = 0; i <= static_cast<int>(MappingType::transformed); ++i) {
    if (to_string(static_cast<MappingType>(i)) == word) {
      return static_cast<MappingType>(i);
    }
  }
  return std::nullopt;
}

std::string_view to_string(TransformationKind kind) noexcept {
  switch (kind) {
    case TransformationKind::direct: return "direct";
    case TransformationKind::cast: return "cast";
    case TransformationKind::trim: return "trim";
    case TransformationKind::parse_date: return "parse_date";
    case TransformationKind::parse_number: return "parse_number";
    case TransformationKind::parse_boolean: return "parse_boolean";
    case TransformationKind::format_text: return "format_text";
    case TransformationKind::truncate: return "truncate";
    case TransformationKind::code_map: return "code_map";
    case TransformationKind::lookup: return "lookup";
    case TransformationKind::split: return "split";
    case TransformationKind::join: return "join";
    case TransformationKind::scale_unit: return "scale_unit";
    case TransformationKind::json_path: return "json_path";
    case TransformationKind::default_value: return "default_value";
    case TransformationKind::constant: return "constant";
    case TransformationKind::generated: return "generated";
    case TransformationKind::sequence: return "sequence";
    case TransformationKind::expression: return "expression";
    case TransformationKind::aggregate: return "aggregate";
    case TransformationKind::replace: return "replace";
    case TransformationKind::substring: return "substring";
    case TransformationKind::count_parts: return "count_parts";
    case TransformationKind::parse_duration: return "parse_duration";
    case TransformationKind::to_list: return "to_list";
  }
  return {};
}

std::optional<TransformationKind> transformation_kind_from(std::string_view word) noexcept {
  for (int i = 0; i <= static_cast<int>(last_transformation_kind); ++i) {
    if (to_string(static_cast<TransformationKind>(i)) == word) {
      return static_cast<TransformationKind>(i);
    }
  }
  return std::nullopt;
}

std::string_view TransformationStep::argument(std::string_view name) const noexcept {
  for (const auto& [known, value] : arguments) {
    if (known == name) {
      return value;
    }
  }
  return {};
}

MappingType mapping_type_of(const Transformation& transformation) noexcept {
  const auto has = [&](auto... kinds) {
    return std::any_of(
        transformation.steps.begin(), transformation.steps.end(),
        [&](const TransformationStep& step) { return ((step.kind == kinds) || ...); });
  };
  using enum TransformationKind;
  if (has(aggregate)) {
    return MappingType::aggregated;
  }
  if (transformation.inputs.size() > 1 || has(join, constant, default_value, generated, sequence)) {
    return MappingType::computed;
  }
  const bool changes =
      std::any_of(transformation.steps.begin(), transformation.steps.end(),
                  [](const TransformationStep& step) { return step.kind != direct; });
  return changes ? MappingType::transformed : MappingType::direct;
}

namespace {

// " 'x'" behind a word, or nothing when there is no such argument.
std::string quoted(std::string_view before, std::string_view argument) {
  return argument.empty() ? std::string{} : fmt::format("{}'{}'", before, argument);
}

std::string plain(std::string_view before, std::string_view argument, std::string_view after = {}) {
  return argument.empty() ? std::string{} : fmt::format("{}{}{}", before, argument, after);
}

std::string describe_code_map(const TransformationStep& step) {
  constexpr std::size_t shown = 3;
  std::vector<std::string> pairs;
  for (const auto& [from, to] : step.arguments) {
    if (pairs.size() == shown) {
      pairs.push_back(fmt::format("and {} more", step.arguments.size() - shown));
      break;
    }
    pairs.push_back(fmt::format("'{}' to '{}'", from, to));
  }
  return pairs.empty() ? std::string{"map the codes"}
                       : fmt::format("map the codes {}", join(pairs, ", "));
}

std::string describe(const TransformationStep& step, const std::vector<std::string>& inputs) {
  const auto argument = [&](std::string_view name) { return step.argument(name); };
  switch (step.kind) {
    case TransformationKind::direct: return "copy";
    case TransformationKind::cast: return "cast" + plain(" to ", argument("type"));
    case TransformationKind::trim: return "trim";
    case TransformationKind::parse_date:
      // Formats that begin with an hour have no date.
      return (argument("format").starts_with("%I") || argument("format").starts_with("%H")
                  ? "parse as time of day"
                  : "parse as date") +
             plain(" (", argument("format"), ")");
    case TransformationKind::parse_number:
      return "parse as number" + plain(" (", argument("format"), ")");
    case TransformationKind::parse_boolean: return "parse as boolean";
    case TransformationKind::format_text:
      return "write as text" + plain(" (", argument("format"), ")");
    case TransformationKind::truncate:
      return "cut" + plain(" to ", argument("length"), " characters");
    case TransformationKind::code_map: return describe_code_map(step);
    case TransformationKind::lookup: return "look up" + plain(" in ", argument("table"));
    case TransformationKind::split:
      return plain("take part ", argument("part"), " after a ") + "split" +
             quoted(" at ", argument("separator"));
    case TransformationKind::join:
      return "join" + plain(" ", join(inputs, ", ")) + quoted(" with ", argument("separator")) +
             quoted(" as ", argument("template"));
    case TransformationKind::scale_unit: return "multiply" + plain(" by ", argument("factor"));
    case TransformationKind::json_path:
      return "take" + plain(" ", argument("path")) + " from the JSON";
    case TransformationKind::default_value: return "default" + quoted(" ", argument("value"));
    case TransformationKind::constant: return "constant" + quoted(" ", argument("value"));
    case TransformationKind::generated: return "generate" + plain(" ", argument("type"));
    case TransformationKind::sequence: return "number in sequence";
    case TransformationKind::expression: return "compute" + plain(" ", argument("expression"));
    case TransformationKind::aggregate: return "aggregate" + plain(" by ", argument("function"));
    case TransformationKind::replace:
      return (argument("new").empty()
                  ? fmt::format("take away '{}'", argument("old"))
                  : fmt::format("replace '{}' by '{}'", argument("old"), argument("new"))) +
             (argument("at") == "start" ? " in front"
              : argument("at") == "end" ? " at the end"
                                        : "");
    case TransformationKind::substring:
      return fmt::format("take {} characters from number {}", argument("length"),
                         argument("start"));
    case TransformationKind::count_parts:
      return argument("separator").empty()
                 ? std::string{"count the entries of the JSON list"}
                 : fmt::format("count the parts between '{}'", argument("separator"));
    case TransformationKind::parse_duration: return "read hours:minutes:seconds as seconds";
    case TransformationKind::to_list: return "put into a list";
  }
  return {};
}

}  // namespace

std::string describe(const Transformation& transformation) {
  std::vector<std::string> steps;
  for (const TransformationStep& step : transformation.steps) {
    steps.push_back(describe(step, transformation.inputs));
  }
  if (steps.empty()) {
    return transformation.inputs.size() < 2 ? "direct copy"
                                            : "combine " + join(transformation.inputs, ", ");
  }
  return join(steps, ", then ");
}

namespace {

[[noreturn]] void reject(std::string_view what) {
  throw Error{ErrorCode::invalid_data, fmt::format("transformation: {}", what),
              "write it as {\"steps\": [{\"kind\": \"trim\"}]}"};
}

std::string text_of(const Json& json, std::string_view name) {
  if (!json.is_string()) {
    reject(fmt::format("'{}' is not a text", name));
  }
  return json.get<std::string>();
}

void read_arguments(const Json& json, TransformationStep& step) {
  for (const auto& [name, value] : json.items()) {
    if (name != "kind" && name != "codes") {
      step.arguments.emplace_back(name, text_of(value, name));
    }
  }
  if (const auto codes = json.find("codes"); codes != json.end()) {
    if (step.kind != TransformationKind::code_map || !codes->is_object()) {
      reject("'codes' is for a code_map and holds an object");
    }
    for (const auto& [from, to] : codes->items()) {
      step.arguments.emplace_back(from, text_of(to, from));
    }
  }
  std::sort(step.arguments.begin(), step.arguments.end());
}

}  // namespace

void append_json(std::string& out, const Transformation& transformation) {
  const char* separator = "";
  const auto key = [&](std::string_view name) {
    out += separator;
    append_json_string(out, name);
    out += ':';
    separator = ",";
  };
  const auto member = [&](std::string_view name, std::string_view value) {
    key(name);
    append_json_string(out, value);
  };
  out += '{';
  if (!transformation.steps.empty()) {
    out += "\"steps\":[";
    for (const TransformationStep& step : transformation.steps) {
      out += &step == &transformation.steps.front() ? "{" : ",{";
      separator = "";
      member("kind", to_string(step.kind));
      // A code may be any word, "kind" too, so codes have an object of their own.
      const bool nested = step.kind == TransformationKind::code_map && !step.arguments.empty();
      if (nested) {
        out += ",\"codes\":{";
        separator = "";
      }
      for (const auto& [name, value] : step.arguments) {
        member(name, value);
      }
      out += nested ? "}}" : "}";
    }
    out += ']';
    separator = ",";
  }
  if (!transformation.inputs.empty()) {
    key("inputs");
    out += '[';
    for (const std::string& input : transformation.inputs) {
      out += &input == &transformation.inputs.front() ? "" : ",";
      append_json_string(out, input);
    }
    out += ']';
  }
  if (!transformation.note.empty()) {
    member("note", transformation.note);
  }
  out += '}';
}

Json to_json(const Transformation& transformation) {
  std::string text;
  append_json(text, transformation);
  return parse_json(text, "transformation");
}

Transformation transformation_from_json(const Json& json) {
  Transformation transformation;
  if (json.is_null()) {
    return transformation;
  }
  if (!json.is_object()) {
    reject("it is not an object");
  }
  if (const auto steps = json.find("steps"); steps != json.end()) {
    if (!steps->is_array()) {
      reject("'steps' is not a list");
    }
    for (const Json& entry : *steps) {
      if (!entry.is_object() || !entry.contains("kind")) {
        reject("a step has no 'kind'");
      }
      const std::string word = text_of(entry.at("kind"), "kind");
      const auto kind = transformation_kind_from(word);
      if (!kind) {
        reject(fmt::format("'{}' is not a kind of step", word));
      }
      TransformationStep& step = transformation.steps.emplace_back();
      step.kind = *kind;
      read_arguments(entry, step);
    }
  }
  if (const auto inputs = json.find("inputs"); inputs != json.end()) {
    if (!inputs->is_array()) {
      reject("'inputs' is not a list");
    }
    for (const Json& input : *inputs) {
      transformation.inputs.push_back(text_of(input, "inputs"));
    }
  }
  if (const auto note = json.find("note"); note != json.end()) {
    transformation.note = text_of(*note, "note");
  }
  return transformation;
}

}  // namespace mapctl::mapping
