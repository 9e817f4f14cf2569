// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/clock.hpp"
#include "core/jobs/mapping_sync.hpp"
#include "core/registry/registry.hpp"
#include "core/registry/yaml_migrations.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::jobs {

enum class MigrationStep : std::uint8_t { plan, shadow, validate, canary, cutover, rollback };
std::string_view to_string(MigrationStep step) noexcept;
std::optional<MigrationStep> migration_step_from(std::string_view word) noexcept;

struct MigrationOptions {
  std::filesystem::path folder{};
  MigrationStep step = MigrationStep::plan;
  std::optional<int> percent{};     // of canary
  std::filesystem::path archive{};  // of cutover; empty: beside the folder
  bool export_first = false;        // of rollback: the registry's newer state is written as YAML
  bool discard = false;             // of rollback: the registry goes back to the files' state
  Preference prefer = Preference::none;  // where both sides changed
  std::size_t threads = 0;               // 0: as many as there are cores
};

// How long the archive is kept, and a rollback possible, after the cutover.
inline constexpr int archive_days = 90;

// What one call found and did.
struct MigrationReport {
  std::string folder{};
  MigrationStep step = MigrationStep::plan;
  std::string state{};  // phase that is in force now: "none", "shadow", ... "rolled_back"
  bool passed = true;   // false: a gate was not met; what that kept from being done is not done
  std::string refusal{}, hint{};                  // why, in one sentence each
  std::vector<registry::YamlFileRecord> files{};  // without their content
  std::size_t mappings = 0;
  std::vector<mapping::Finding> findings{};
  std::size_t unchanged = 0;
  std::vector<SyncChange> changes{};  // planned or made
  std::vector<MappingDifference> discrepancies{};
  std::size_t inactive = 0, other_tables = 0;  // of the registry, beside the files
  int percent = 0;
  std::size_t from_registry = 0, from_yaml = 0;  // look-ups of canary
  std::string archive{}, keep_until{};
  std::size_t count(SyncChange::Action action) const noexcept;
};

// Runs one phase. Every state in between is stored with the mappings in one transaction and before
// the files are touched, so a call that was killed is completed by the same call again. `registry`
// may be null for a plan only. Throws Error: usage for a phase out of its order, busy when another
// process works on the folder, conflict when a file is not what the migration knows.
MigrationReport migrate_yaml(registry::Registry* registry, const MigrationOptions& options,
                             const Clock& clock, std::stop_token stop = {});

// Whether the look-ups of this field are in the canary's share: always the same answer.
bool is_in_canary(const TenantName& tenant, const mapping::ConnectorName& connector,
                  std::string_view table, std::string_view field, int percent) noexcept;

// Active mappings of a table, or of one field of it, from where the migration's phase says: the
// files before cutover and after a rollback, in canary the share's from the registry after
// comparing the two, else the registry. A discrepancy is recorded, and answered from the file.
// Of a mapping with a share beside it, `subject` (the actor where it is empty) sees the version
// that it is always shown; files know no shares.
struct ServedMapping {
  mapping::FieldMapping mapping{};
  bool from_yaml = false;
  bool from_share = false;
};
struct ServedLookup {
  std::vector<ServedMapping> mappings{};
  std::size_t discrepancies = 0;
  std::string note{};  // why the file could not be asked, if so
};
ServedLookup look_up(registry::Registry& registry, const mapping::ConnectorName& connector,
                     const catalog::TableName& table,
                     const std::optional<mapping::FieldPath>& field, std::string_view subject = {});

}  // namespace mapctl::jobs
