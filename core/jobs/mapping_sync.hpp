// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/jobs/mapping_files.hpp"
#include "core/mapping/document.hpp"
#include "core/registry/yaml_migrations.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::jobs {

enum class DifferenceKind : std::uint8_t {
  missing,    // in a file, but not active in the registry
  different,  // in both, with another transformation
  unknown,    // active in the registry, but in no file
};
std::string_view to_string(DifferenceKind kind) noexcept;

struct MappingDifference {
  DifferenceKind kind = DifferenceKind::missing;
  mapping::MappingKey key{};
  std::string file{};
  int line = 0, column = 0;  // 0: not in the file
  std::string in_yaml{}, in_registry{};
};

// Every mapping of the files and every one of the registry's that belongs to their connectors.
struct Comparison {
  std::size_t mappings = 0;  // in the files
  std::size_t equal = 0;
  // Of the registry: not active, or of a source table that files cannot name.
  std::size_t inactive = 0;
  std::size_t other_tables = 0;
  std::vector<MappingDifference> differences{};  // by file; in it by place, the unknown ones last
};

Comparison compare(const std::vector<MappingFile>& files, registry::YamlMigrations& registry);
// Whether a rule of the registry, as JSON, is this transformation.
bool is_same_rule(const mapping::Transformation& transformation, std::string_view rule);
// What people read: "trim", or "direct" for a plain copy.
std::string words_of(const mapping::Transformation& transformation);

// Who is right where both sides changed, or where no one ever agreed.
enum class Preference : std::uint8_t { none, yaml, registry };

struct SyncChange {
  enum class Action : std::uint8_t {
    create,       // registry gets a mapping
    update,       // registry gets a new version
    deprecate,    // registry no longer serves it
    add_to_yaml,  // the registry's change goes to the file
    change_in_yaml,
    remove_from_yaml,
    conflict,  // nothing is done
  };
  Action action = Action::create;
  MappingDifference about{};
};
std::string_view to_string(SyncChange::Action action) noexcept;

// What brings files and registry to the same state.
struct SyncPlan {
  std::size_t unchanged = 0;
  std::vector<SyncChange> changes{};
  std::vector<registry::YamlMappingWrite> writes{};
  struct FileChange {
    std::string name{};
    std::string text{};  // as it is to become
  };
  std::vector<FileChange> files{};
  std::size_t count(SyncChange::Action action) const noexcept;
};

// Compares files and registry with `base`, the files as both last agreed on them: a change of one
// side goes to the other, changes of both are a conflict unless one is preferred. Without a base
// (`agreed` false) all that the registry has decided otherwise is one. `registry` is null when
// there is none yet.
SyncPlan plan_sync(const std::vector<MappingFile>& files, const std::vector<MappingFile>& base,
                   bool agreed, registry::YamlMigrations* registry, Preference preference);

}  // namespace mapctl::jobs
