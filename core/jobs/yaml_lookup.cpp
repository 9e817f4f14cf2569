// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/hash.hpp"
#include "core/jobs/yaml_migration.hpp"
#include "core/mapping/transform_text.hpp"
#include "core/registry/shares.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace mapctl::jobs {
namespace {

using mapping::FieldMapping;
using registry::YamlPhase;

// The file as it stands on disk, or what the registry keeps of it when it is not to be had here.
MappingFile read_served(const registry::YamlMigrations::ConnectorFile& known, std::string& note) {
  const auto path = std::filesystem::path{known.migration.directory} / known.file.name;
  try {
    MappingFile file = read_mapping_text(known.file.name, read_file(path));
    if (!file.parsed.has_errors()) {
      return file;
    }
    note = fmt::format("'{}' has errors; answered from its last good state", path.string());
  } catch (const Error& error) {
    note = fmt::format("{}; answered from its last known state", error.facts().message);
  }
  return read_mapping_text(known.file.name, known.file.content);
}

FieldMapping from_entry(const TenantName& tenant, mapping::MappingKey key,
                        const mapping::DocumentEntry& entry) {
  FieldMapping made;
  made.id = mapping::mapping_id(tenant, key);
  made.key = std::move(key);
  made.transformation = entry.transformation;
  made.mapping_type = mapping::mapping_type_of(entry.transformation);
  made.source = mapping::MappingSource::manual;
  made.status = mapping::MappingStatus::active;
  return made;
}

// The answers for one source field of one entity.
struct FieldAnswers {
  std::vector<const mapping::DocumentEntry*> yaml{};
  std::vector<const FieldMapping*> stored{};
};

const FieldMapping* find_equal(const FieldAnswers& answers, const mapping::DocumentEntry& entry) {
  const auto found =
      std::find_if(answers.stored.begin(), answers.stored.end(), [&](const FieldMapping* mapping) {
        return mapping->key.field == entry.field && mapping->transformation == entry.transformation;
      });
  return found == answers.stored.end() ? nullptr : *found;
}

// Files know no shares, so what they answered stays.
void serve_shares(registry::Registry& registry, std::string_view subject, ServedLookup& served) {
  std::vector<FieldMapping> mappings;
  std::vector<std::size_t> places;
  for (std::size_t at = 0; at < served.mappings.size(); ++at) {
    if (!served.mappings[at].from_yaml) {
      mappings.push_back(served.mappings[at].mapping);
      places.push_back(at);
    }
  }
  if (mappings.empty()) {
    return;
  }
  const std::string_view who =
      subject.empty() ? std::string_view{registry.actor().user.text} : subject;
  for (const std::size_t at : registry::serve_shares(registry, who, mappings)) {
    served.mappings[places[at]].mapping = mappings[at];
    served.mappings[places[at]].from_share = true;
  }
}

registry::YamlDiscrepancyRecord discrepancy(const mapping::MappingKey& key, std::string kind,
                                            std::string in_yaml, std::string in_registry) {
  return {key, std::move(kind), std::move(in_yaml), std::move(in_registry), "canary", {}};
}

}  // namespace

bool is_in_canary(const TenantName& tenant, const mapping::ConnectorName& connector,
                  std::string_view table, std::string_view field, int percent) noexcept {
  // Each part is hashed with the one before as its seed, so that "ab","c" is not "a","bc".
  std::uint64_t hash = fast_hash(tenant.text);
  hash = fast_hash(connector.text, hash);
  hash = fast_hash(table, hash);
  hash = fast_hash(field, hash);
  return static_cast<int>(hash % 100) < percent;
}

ServedLookup look_up(registry::Registry& registry, const mapping::ConnectorName& connector,
                     const catalog::TableName& table,
                     const std::optional<mapping::FieldPath>& field, std::string_view subject) {
  ServedLookup served;
  const std::vector<FieldMapping> stored =
      field ? registry.lookup(connector, table, *field) : registry.lookup(connector, table);
  registry::YamlMigrations store{registry};
  const auto known = store.file_of(connector);
  const bool is_migrated = !known || known->migration.phase == YamlPhase::cutover;
  std::optional<MappingFile> file;
  const mapping::DocumentEntity* entity = nullptr;
  if (!is_migrated) {
    file = read_served(*known, served.note);
    for (const mapping::DocumentEntity& one : file->parsed.document.entities) {
      entity = one.name.text == table.text ? &one : entity;
    }
  }
  // What files cannot say is the registry's alone.
  std::map<std::string, FieldAnswers> answers;
  for (const FieldMapping& mapping : stored) {
    if (entity == nullptr || mapping.key.entity.text != table.text) {
      served.mappings.push_back({mapping, false, false});
    } else {
      answers[mapping.key.source_field.text].stored.push_back(&mapping);
    }
  }
  if (entity == nullptr) {
    serve_shares(registry, subject, served);
    return served;
  }
  for (const mapping::DocumentEntry& entry : entity->entries) {
    if (!field || entry.source == *field) {
      answers[entry.source.text].yaml.push_back(&entry);
    }
  }

  registry::YamlUpdate update;
  const registry::YamlMigrationRecord& migration = known->migration;
  for (const auto& [source, answer] : answers) {
    const bool compares =
        migration.phase == YamlPhase::canary &&
        is_in_canary(registry.actor().tenant, connector, table.text, source, migration.percent);
    const std::size_t before = update.discrepancies.size();
    for (const mapping::DocumentEntry* entry : answer.yaml) {
      const FieldMapping* equal = find_equal(answer, *entry);
      mapping::MappingKey key = mapping::key_of(file->parsed.document, *entity, *entry);
      if (equal == nullptr && compares) {
        const auto other = std::find_if(
            answer.stored.begin(), answer.stored.end(),
            [&](const FieldMapping* mapping) { return mapping->key.field == entry->field; });
        update.discrepancies.push_back(discrepancy(
            key, other == answer.stored.end() ? "missing" : "different",
            words_of(entry->transformation),
            other == answer.stored.end() ? std::string{} : words_of((*other)->transformation)));
      }
      served.mappings.push_back(
          {equal != nullptr ? *equal : from_entry(registry.actor().tenant, std::move(key), *entry),
           true, false});
    }
    if (!compares) {
      continue;
    }
    for (const FieldMapping* mapping : answer.stored) {
      const bool is_known = std::any_of(
          answer.yaml.begin(), answer.yaml.end(),
          [&](const mapping::DocumentEntry* entry) { return entry->field == mapping->key.field; });
      if (!is_known) {
        update.discrepancies.push_back(
            discrepancy(mapping->key, "unknown", {}, words_of(mapping->transformation)));
      }
    }
    if (update.discrepancies.size() == before) {
      for (std::size_t back = 1; back <= answer.yaml.size(); ++back) {
        served.mappings[served.mappings.size() - back].from_yaml = false;
      }
    }
  }
  if (!update.discrepancies.empty()) {
    served.discrepancies = update.discrepancies.size();
    store.record(migration, update.discrepancies);
  }
  serve_shares(registry, subject, served);
  std::sort(served.mappings.begin(), served.mappings.end(),
            [](const ServedMapping& left, const ServedMapping& right) {
              return left.mapping.key < right.mapping.key;
            });
  return served;
}

}  // namespace mapctl::jobs
