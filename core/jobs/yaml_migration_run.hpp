// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/jobs/mapping_files.hpp"
#include "core/jobs/yaml_migration.hpp"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::jobs {

// What a migration's record says about work on files that was begun and not finished.
inline constexpr std::string_view writing_files = "files";
inline constexpr std::string_view archiving = "archive";
inline constexpr std::string_view restoring = "restore";

registry::YamlFileRecord record_of(const MappingFile& file);
std::vector<registry::YamlFileRecord> records_of(const std::vector<MappingFile>& files);

// One call of migrate_yaml().
class Migration {
 public:
  Migration(registry::Registry* registry, const MigrationOptions& options, const Clock& clock,
            std::stop_token stop);
  MigrationReport run();

 private:
  void load();
  bool is_agreed() const noexcept;
  void refuse(std::string why, std::string hint);
  [[noreturn]] static void wrong_order(std::string why, std::string hint);
  std::string command(std::string_view phase) const;
  // A phase that was killed has to be completed, or taken back, before another one.
  void require_step(std::string_view mine) const;
  void require_phase(std::initializer_list<registry::YamlPhase> allowed,
                     std::string_view needed) const;
  // Reads the files; false, with the refusal, when they cannot all be read as one thing only.
  bool read_folder();
  void refuse_foreign_connectors();
  // The files as both sides last agreed on them: of one whose new text was never written that is
  // what stood there before.
  std::vector<MappingFile> base() const;
  std::string hash_on_disk(const std::string& name) const;
  SyncPlan sync();
  void plan();
  void shadow();
  static void take_over(std::vector<registry::YamlFileRecord>& files,
                        const SyncPlan::FileChange& change);
  void finish_files(const std::vector<SyncPlan::FileChange>& changes);
  // Compares what is stored now with what stands in the files now.
  void compare_all();
  std::vector<registry::YamlDiscrepancyRecord> discrepancy_records() const;
  // Ends a step that wrote files, and keeps what was found.
  void settle(bool wrote_files);
  void validate();
  void require_validated();
  std::optional<int> flagged_percent();  // the tenant's flag canary_percent
  void canary();
  // Every field is looked up as a reader would; those in the share from the registry.
  void look_up_table(const MappingFile& file, const mapping::DocumentEntity& entity);
  void compare_answers(const MappingFile& file, const mapping::DocumentEntity& entity,
                       const std::vector<const mapping::DocumentEntry*>& entries,
                       const std::vector<mapping::FieldMapping>& stored);
  std::filesystem::path default_archive() const;
  void cutover();
  void archive_files();
  void report_files(const std::vector<registry::YamlFileRecord>& files);
  void rollback();
  // What is to stand in the folder afterwards: the archived bytes; before the cutover, what stands
  // there now, or what the shadow was about to write.
  std::vector<registry::YamlFileRecord> targets(bool is_archived);
  // Deals with mappings that changed in the registry since; false when they forbid the rollback.
  bool settle_newer_state(std::vector<registry::YamlFileRecord>& target,
                          registry::YamlUpdate& update);
  void finish_restore();

  const MigrationOptions& options_;
  const Clock& clock_;
  std::stop_token stop_;
  registry::Registry* registry_;
  std::optional<registry::YamlMigrations> store_;
  std::filesystem::path folder_;
  registry::YamlMigrationRecord record_;
  std::vector<registry::YamlFileRecord> known_files_;
  MappingFolder now_;
  MigrationReport report_;
};

}  // namespace mapctl::jobs
