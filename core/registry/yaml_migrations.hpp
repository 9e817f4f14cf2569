// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mapping/mapping.hpp"
#include "core/registry/registry.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::registry {

// How far the move of a folder of mapping files into the registry has come.
enum class YamlPhase : std::uint8_t { shadow, validate, canary, cutover, rolled_back };
std::string_view to_string(YamlPhase phase) noexcept;
std::optional<YamlPhase> yaml_phase_from(std::string_view word) noexcept;

// One folder's migration. `step` is empty, or names the work on files that was begun and that a
// rerun has to finish: "files" (of shadow), "archive" (of cutover), "restore" (of rollback).
struct YamlMigrationRecord {
  std::string id{};
  std::string directory{};  // absolute
  YamlPhase phase = YamlPhase::shadow;
  std::string step{};
  std::int64_t revision = 0;  // 0: not stored yet
  int percent = 0;            // of look-ups that are served from the registry in canary
  std::string archive{};      // folder to which cutover moves the files
  std::string archived_at{}, keep_until{};
  std::string validated_hash{};  // of the files when they were last found equal
  std::string started_at{}, updated_at{};
};

// A file as it was when file and registry last agreed. While a step is unfinished, `previous` is
// what stood there before.
struct YamlFileRecord {
  std::string name{};
  mapping::ConnectorName connector{};
  std::string sha256{};
  std::string content{};
  std::optional<std::string> previous{};
  std::int64_t mappings = 0;
};

struct YamlDiscrepancyRecord {
  mapping::MappingKey key{};
  std::string kind{};  // missing, different, unknown
  std::string in_yaml{}, in_registry{};
  std::string phase{};
  std::string found_at{};
};

// Valid during the visit.
struct StoredRule {
  std::string_view source_table{}, source_field{}, entity{}, field{};
  std::string_view rule{};  // JSON, or empty for a direct copy
  std::string_view status{};
  int version = 0;
};

// A mapping as the files have it, to be written to the registry: active, of source `manual`; or one
// that they no longer have, to be deprecated.
struct YamlMappingWrite {
  mapping::MappingKey key{};
  mapping::Transformation transformation{};
  bool deprecate = false;
  int version = 0;  // that the registry has of it, 0: none. Another one by now is a conflict
};

struct YamlUpdate {
  std::optional<std::vector<YamlFileRecord>> files{};  // all of them, when given
  std::vector<YamlMappingWrite> writes{};
  std::string reason{};  // of the writes
  std::vector<YamlDiscrepancyRecord> discrepancies{};
};

// The state of migrations, and the mappings that they move. Uses the registry's session, so the
// same thread; the registry must outlive it. Throws as Registry does.
class YamlMigrations {
 public:
  explicit YamlMigrations(Registry& registry) noexcept;

  std::optional<YamlMigrationRecord> find(std::string_view directory);
  std::vector<YamlMigrationRecord> list();                                  // by directory
  std::vector<YamlFileRecord> files(const YamlMigrationRecord& migration);  // by name
  // The file of one connector, with its migration; nothing for a connector that none has.
  struct ConnectorFile {
    YamlMigrationRecord migration{};
    YamlFileRecord file{};
  };
  std::optional<ConnectorFile> file_of(const mapping::ConnectorName& connector);

  bool has_rules(const mapping::ConnectorName& connector);
  // All mappings of one connector, whatever their status, in no order.
  void for_each_rule(const mapping::ConnectorName& connector,
                     const std::function<void(const StoredRule&)>& visit);

  // Keeps what a look-up found; anybody who may read may do it.
  void record(const YamlMigrationRecord& migration,
              const std::vector<YamlDiscrepancyRecord>& discrepancies);

  // One transaction with the versions and audit rows of all writes; sets record.revision, and id
  // and started_at of a new one. Throws Error::conflict when another process changed the migration
  // since the record was read.
  void save(YamlMigrationRecord& record, const YamlUpdate& update = {});

  std::vector<YamlDiscrepancyRecord> discrepancies(const YamlMigrationRecord& migration);

 private:
  void write_mappings(const YamlUpdate& update);
  void write_discrepancies(const YamlMigrationRecord& migration,
                           const std::vector<YamlDiscrepancyRecord>& discrepancies);

  RegistryState& state_;
};

}  // namespace mapctl::registry
