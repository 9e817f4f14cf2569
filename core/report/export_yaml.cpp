// SPDX-License-Identifier: Apache-2.0
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/report/exports.hpp"
#include "core/report/summary.hpp"
#include "core/report/yaml_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace mapctl::report {
namespace {

constexpr std::string_view extras = "extras.";

struct YamlField {
  std::string source{}, transform{};
  double confidence = 0;
  int position = 0;  // of the target column
  std::vector<std::string> others{};
};

struct YamlEntity {
  std::string description{};
  std::map<std::string, YamlField> fields{};  // by target
};

// Entities in the order in which they came.
struct YamlConnector {
  std::vector<std::string> order{};
  std::map<std::string, YamlEntity> entities{};
};

std::string transform_words(const mapping::Transformation& transformation) {
  std::vector<std::string> words;
  for (const mapping::TransformationStep& step : transformation.steps) {
    std::vector<std::string> arguments;
    for (const auto& [name, value] : step.arguments) {
      arguments.push_back(fmt::format("{}={}", name, value));
    }
    const std::string kind{mapping::to_string(step.kind)};
    words.push_back(arguments.empty() ? kind : fmt::format("{}({})", kind, join(arguments, ", ")));
  }
  return join(words, " | ");
}

void add_mapping(YamlEntity& entity, const MappingRow& row) {
  YamlField field;
  field.source = row.field->source_column.text;
  field.confidence = row.confidence;
  field.position = row.target_column == nullptr ? 1'000'000 : row.target_column->position;
  if (row.decision != nullptr) {
    field.transform = transform_words(row.decision->transformation);
  }
  const auto [known, is_new] = entity.fields.emplace(row.target.text, field);
  if (is_new) {
    return;
  }
  // A key can stand once in YAML: the surer source is kept, the others are named in a comment.
  if (field.confidence > known->second.confidence) {
    field.others = std::move(known->second.others);
    field.others.push_back(std::exchange(known->second.source, {}));
    known->second = std::move(field);
  } else {
    known->second.others.push_back(std::move(field.source));
  }
}

std::string connector_of(const PairReport& pair) {
  return pair.connector.empty() ? pair.source.endpoint : pair.connector.text;
}

std::map<std::string, YamlConnector> collect(const RunReport& run, PairSource& pairs) {
  std::map<std::string, YamlConnector> connectors;
  pairs.rewind();
  while (const PairReport* pair = pairs.next()) {
    YamlConnector* connector = nullptr;
    for (const MappingRow& row : mapping_rows(run, *pair)) {
      if (!row.is_mapped()) {
        continue;
      }
      if (connector == nullptr) {
        connector = &connectors[connector_of(*pair)];
      }
      const std::string name = entity_of(*pair).text;
      const auto [entity, is_new] = connector->entities.try_emplace(name);
      if (is_new) {
        connector->order.push_back(name);
        entity->second.description = pair->target.table.comment;
      }
      add_mapping(entity->second, row);
    }
  }
  return connectors;
}

void append_field(std::string& text, const std::string& target, const YamlField& field) {
  for (const std::string& other : field.others) {
    text += fmt::format("    # also proposed: {}\n", yaml_scalar(other));
  }
  if (target.starts_with(extras)) {
    text += fmt::format("    {}: {{target: {}", yaml_scalar(field.source), yaml_scalar(target));
    if (!field.transform.empty()) {
      text += fmt::format(", transform: {}", yaml_scalar(field.transform));
    }
    text += "}\n";
  } else if (field.transform.empty()) {
    text += fmt::format("    {}: {}\n", yaml_scalar(target), yaml_scalar(field.source));
  } else {
    text += fmt::format("    {}: {{source: {}, transform: {}}}\n", yaml_scalar(target),
                        yaml_scalar(field.source), yaml_scalar(field.transform));
  }
}

std::string entity_text(const std::string& name, const YamlEntity& entity) {
  std::string text = yaml_scalar(name) + ":\n";
  if (!entity.description.empty()) {
    text += fmt::format("  description: {}\n", yaml_scalar(entity.description));
  }
  text += "  fields:\n";
  std::vector<const std::pair<const std::string, YamlField>*> fields;
  for (const auto& field : entity.fields) {
    fields.push_back(&field);
  }
  std::stable_sort(fields.begin(), fields.end(), [](const auto* left, const auto* right) {
    return left->second.position < right->second.position;
  });
  for (const auto* field : fields) {
    append_field(text, field->first, field->second);
  }
  return text;
}

std::string file_name(std::string_view connector) {
  std::string name;
  for (const char c : connector) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
    name += is_plain ? c : '_';
  }
  return (name.empty() || name.front() == '.' ? "_" + name : name) + ".yaml";
}

}  // namespace

// Plain where nobody could read it as anything else; quoted as JSON otherwise, which YAML reads.
std::string yaml_scalar(std::string_view text) {
  static constexpr std::array<std::string_view, 11> words{"true", "false", "yes", "no", "on", "off",
                                                          "null", "y",     "n",   "~",  "nan"};
  const bool has_plain_characters =
      !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '.';
      });
  const bool starts_plain =
      has_plain_characters && ((text.front() >= 'a' && text.front() <= 'z') ||
                               (text.front() >= 'A' && text.front() <= 'Z') || text.front() == '_');
  const bool is_word = std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return equal_ignoring_case(word, text);
  });
  if (starts_plain && !is_word) {
    return std::string{text};
  }
  std::string quoted;
  append_json_string(quoted, text);
  return quoted;
}

std::vector<ExportFile> yaml_files(const RunReport& run, PairSource& pairs) {
  std::vector<ExportFile> files;
  for (const auto& [name, connector] : collect(run, pairs)) {
    std::string text;
    for (const std::string& entity : connector.order) {
      text += (text.empty() ? "" : "\n") + entity_text(entity, connector.entities.at(entity));
    }
    files.push_back({file_name(name), std::move(text)});
  }
  return files;
}

void write_yaml(const RunReport& run, PairSource& pairs, const Output& output) {
  const std::vector<ExportFile> files = yaml_files(run, pairs);
  for (const ExportFile& file : files) {
    if (files.size() > 1) {
      output("---\n");
    }
    output(fmt::format("# {}\n", file.path));
    output(file.text);
  }
}

}  // namespace mapctl::report
