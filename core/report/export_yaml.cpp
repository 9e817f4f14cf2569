// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/document.hpp"
#include "core/report/exports.hpp"
#include "core/report/summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace mapctl::report {
namespace {

struct YamlSource {
  std::string name{};
  mapping::Transformation transformation{};
  double confidence = 0;
  bool approved = false;
};

struct YamlField {
  YamlSource source{};
  int position = 0;  // of the target column
  std::vector<YamlSource> others{};
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

void add_mapping(YamlEntity& entity, const MappingRow& row) {
  YamlSource source;
  source.name = row.field->source_column.text;
  source.confidence = row.confidence;
  source.approved = row.status == ReviewStatus::approved;
  if (row.decision != nullptr) {
    source.transformation = row.decision->transformation;
  }
  const auto [known, is_new] = entity.fields.try_emplace(row.target.text);
  YamlField& field = known->second;
  if (is_new) {
    field.position = row.target_column == nullptr ? 1'000'000 : row.target_column->position;
    field.source = std::move(source);
    return;
  }
  // A key can stand once in YAML: it is the approved source's, then the surer one's.
  const auto rank = [](const YamlSource& one) { return std::pair{one.approved, one.confidence}; };
  if (rank(source) > rank(field.source)) {
    std::swap(source, field.source);
  }
  field.others.push_back(std::move(source));
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

// Writes fields so that each key stands once: canonical fields have theirs, and what would take it
// is written in the other shape.
class FieldWriter {
 public:
  explicit FieldWriter(const YamlEntity& entity) {
    for (const auto& [target, field] : entity.fields) {
      if (!is_reversed(target, field.source)) {
        keys_.insert(target);
      }
    }
  }

  std::string write(const std::string& target, const YamlField& field) {
    std::string text;
    for (const YamlSource& other : field.others) {
      text += other.approved && keys_.insert(other.name).second
                  ? line(mapping::EntryShape::target_map, target, other)
                  : fmt::format("    # also proposed: {}\n", mapping::yaml_scalar(other.name));
    }
    auto shape = mapping::natural_shape(target, field.source.transformation);
    if (is_reversed(target, field.source) && !keys_.insert(field.source.name).second) {
      shape = mapping::EntryShape::source_map;
    }
    return text + line(shape, target, field.source);
  }

 private:
  static bool is_reversed(const std::string& target, const YamlSource& source) {
    return mapping::natural_shape(target, source.transformation) == mapping::EntryShape::target_map;
  }
  static std::string line(mapping::EntryShape shape, const std::string& target,
                          const YamlSource& source) {
    return fmt::format("    {}\n",
                       mapping::entry_text(shape, source.name, target, source.transformation));
  }

  std::set<std::string> keys_;
};

std::string entity_text(const std::string& name, const YamlEntity& entity) {
  std::string text = mapping::entity_head(name, entity.description);
  std::vector<const std::pair<const std::string, YamlField>*> fields;
  for (const auto& field : entity.fields) {
    fields.push_back(&field);
  }
  std::stable_sort(fields.begin(), fields.end(), [](const auto* left, const auto* right) {
    return left->second.position < right->second.position;
  });
  FieldWriter writer{entity};
  for (const auto* field : fields) {
    text += writer.write(field->first, field->second);
  }
  return text;
}

// Two names may become one where characters that no file name should hold give way.
std::string file_name(std::string_view connector, std::set<std::string>& taken) {
  std::string name;
  for (const char c : connector) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
    name += is_plain ? c : '_';
  }
  if (name.empty() || name.front() == '.') {
    name.insert(name.begin(), '_');
  }
  std::string file = name + ".yaml";
  for (int number = 2; !taken.insert(file).second; ++number) {
    file = fmt::format("{}_{}.yaml", name, number);
  }
  return file;
}

}  // namespace

std::vector<ExportFile> yaml_files(const RunReport& run, PairSource& pairs) {
  std::vector<ExportFile> files;
  std::set<std::string> taken;
  for (const auto& [name, connector] : collect(run, pairs)) {
    std::string text;
    for (const std::string& entity : connector.order) {
      text += (text.empty() ? "" : "\n") + entity_text(entity, connector.entities.at(entity));
    }
    files.push_back({file_name(name, taken), std::move(text)});
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
