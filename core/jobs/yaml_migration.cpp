// SPDX-License-Identifier: Apache-2.0
#include "core/jobs/yaml_migration.hpp"

#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/jobs/mapping_archive.hpp"
#include "core/jobs/yaml_migration_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

namespace mapctl::jobs {
namespace fs = std::filesystem;
using registry::YamlFileRecord;
using registry::YamlMigrationRecord;
using registry::YamlPhase;
using registry::YamlUpdate;
namespace {

constexpr std::array<std::string_view, 6> step_words = {"plan",   "shadow",  "validate",
                                                        "canary", "cutover", "rollback"};

}  // namespace

YamlFileRecord record_of(const MappingFile& file) {
  return {file.name, file.connector(), file.sha256,
          file.text, std::nullopt,     static_cast<std::int64_t>(file.parsed.document.mappings())};
}

std::vector<YamlFileRecord> records_of(const std::vector<MappingFile>& files) {
  std::vector<YamlFileRecord> records;
  records.reserve(files.size());
  for (const MappingFile& file : files) {
    records.push_back(record_of(file));
  }
  return records;
}

Migration::Migration(registry::Registry* registry, const MigrationOptions& options,
                     const Clock& clock, std::stop_token stop)
    : options_{options}, clock_{clock}, stop_{std::move(stop)}, registry_{registry} {
  std::error_code problem;
  folder_ = fs::canonical(options.folder, problem);
  if (problem || !fs::is_directory(folder_, problem)) {
    throw Error{ErrorCode::not_found,
                fmt::format("there is no folder '{}'", options.folder.string()),
                "name the folder that holds the mapping files"};
  }
  report_.folder = folder_.string();
  report_.step = options.step;
  if (registry != nullptr) {
    store_.emplace(*registry);
  }
}

MigrationReport Migration::run() {
  std::optional<FolderLock> lock;
  if (options_.step != MigrationStep::plan) {
    lock.emplace(folder_);
  }
  load();
  switch (options_.step) {
    case MigrationStep::plan: plan(); break;
    case MigrationStep::shadow: shadow(); break;
    case MigrationStep::validate: validate(); break;
    case MigrationStep::canary: canary(); break;
    case MigrationStep::cutover: cutover(); break;
    case MigrationStep::rollback: rollback(); break;
  }
  report_.state = record_.revision == 0 ? "none" : std::string{to_string(record_.phase)};
  report_.percent = record_.phase == YamlPhase::canary ? record_.percent : 0;
  report_.archive = record_.archive;
  report_.keep_until = record_.keep_until;
  return std::move(report_);
}

void Migration::load() {
  record_.directory = folder_.string();
  if (store_) {
    if (auto known = store_->find(record_.directory)) {
      record_ = std::move(*known);
      known_files_ = store_->files(record_);
    }
  }
}

bool Migration::is_agreed() const noexcept {
  return record_.revision > 0 &&
         (record_.phase != YamlPhase::rolled_back || !record_.validated_hash.empty());
}

void Migration::refuse(std::string why, std::string hint) {
  report_.passed = false;
  report_.refusal = std::move(why);
  report_.hint = std::move(hint);
}

[[noreturn]] void Migration::wrong_order(std::string why, std::string hint) {
  throw Error{ErrorCode::usage, std::move(why), std::move(hint)};
}

std::string Migration::command(std::string_view phase) const {
  return fmt::format("mapctl migrate-yaml {} --phase {}", options_.folder.string(), phase);
}

void Migration::require_step(std::string_view mine) const {
  if (record_.step.empty() || record_.step == mine) {
    return;
  }
  const std::string_view unfinished = record_.step == writing_files ? "shadow"
                                      : record_.step == archiving   ? "cutover"
                                                                    : "rollback";
  wrong_order(fmt::format("the {} of '{}' was interrupted", unfinished, report_.folder),
              "complete it with: " + command(unfinished));
}

void Migration::require_phase(std::initializer_list<YamlPhase> allowed,
                              std::string_view needed) const {
  if (record_.revision > 0 &&
      std::find(allowed.begin(), allowed.end(), record_.phase) != allowed.end()) {
    return;
  }
  if (record_.revision > 0 && record_.phase == YamlPhase::cutover) {
    wrong_order(fmt::format("the files of '{}' have been archived", report_.folder),
                "the registry alone is served; go back with: " + command("rollback"));
  }
  wrong_order(
      record_.revision == 0
          ? fmt::format("the migration of '{}' has not begun", report_.folder)
          : fmt::format("phase '{}' comes after '{}'; '{}' is in '{}'", to_string(options_.step),
                        needed, report_.folder, to_string(record_.phase)),
      "run first: " + command(record_.revision == 0 ? "shadow" : needed));
}

bool Migration::read_folder() {
  now_ = read_mapping_folder(folder_, options_.threads, stop_);
  refuse_foreign_connectors();
  report_.mappings = now_.mappings();
  report_.findings = now_.findings;
  report_.files = records_of(now_.files);
  for (YamlFileRecord& file : report_.files) {
    file.content.clear();
  }
  if (!now_.has_errors()) {
    return true;
  }
  const auto errors = std::count_if(
      now_.findings.begin(), now_.findings.end(),
      [](const mapping::Finding& finding) { return finding.severity == mapping::Severity::error; });
  refuse(fmt::format("{} problem{} in the mapping files of '{}'", errors, errors == 1 ? "" : "s",
                     report_.folder),
         "correct the files at the places named, and run the phase again");
  return false;
}

void Migration::refuse_foreign_connectors() {
  if (!store_) {
    return;
  }
  for (const YamlMigrationRecord& other : store_->list()) {
    if (other.directory == record_.directory || other.phase == YamlPhase::rolled_back) {
      continue;
    }
    for (const YamlFileRecord& theirs : store_->files(other)) {
      for (const MappingFile& ours : now_.files) {
        if (ours.connector() == theirs.connector) {
          now_.findings.push_back({mapping::Severity::error, ours.name, 1, 1,
                                   fmt::format("connector '{}' is being migrated from '{}'",
                                               theirs.connector.text, other.directory),
                                   "rename the file, or roll that migration back first"});
        }
      }
    }
  }
}

std::vector<MappingFile> Migration::base() const {
  std::vector<MappingFile> files;
  for (const YamlFileRecord& file : known_files_) {
    const bool was_written = !file.previous || hash_on_disk(file.name) == file.sha256;
    files.push_back(read_mapping_text(file.name, was_written ? file.content : *file.previous));
  }
  return files;
}

std::string Migration::hash_on_disk(const std::string& name) const {
  const auto found = std::find_if(now_.files.begin(), now_.files.end(),
                                  [&](const MappingFile& file) { return file.name == name; });
  return found == now_.files.end() ? std::string{} : found->sha256;
}

SyncPlan Migration::sync() {
  SyncPlan made = plan_sync(now_.files, is_agreed() ? base() : std::vector<MappingFile>{},
                            is_agreed(), store_ ? &*store_ : nullptr, options_.prefer);
  report_.unchanged = made.unchanged;
  report_.changes = made.changes;
  const std::size_t conflicts = made.count(SyncChange::Action::conflict);
  if (conflicts > 0) {
    for (const SyncChange& change : made.changes) {
      if (change.action == SyncChange::Action::conflict) {
        report_.discrepancies.push_back(change.about);
      }
    }
    refuse(fmt::format("{} mapping{} changed in files and registry alike", conflicts,
                       conflicts == 1 ? " was" : "s were"),
           "decide with --prefer yaml or --prefer registry, or make the two equal");
  }
  return made;
}

void Migration::plan() {
  const bool is_readable = read_folder();
  if (record_.revision > 0 && record_.phase == YamlPhase::cutover) {
    return;
  }
  if (!is_readable) {
    std::erase_if(now_.files, [](const MappingFile& file) { return file.parsed.has_errors(); });
    const std::string why = report_.refusal;
    const std::string hint = report_.hint;
    sync();
    refuse(why, hint);
    return;
  }
  sync();
}

void Migration::shadow() {
  require_step(writing_files);
  if (record_.revision > 0) {
    require_phase(
        {YamlPhase::shadow, YamlPhase::validate, YamlPhase::canary, YamlPhase::rolled_back},
        "shadow");
  }
  if (!read_folder()) {
    return;
  }
  SyncPlan made = sync();
  if (!report_.passed) {
    return;
  }
  if (!made.files.empty()) {
    require_writable(folder_);
  }
  std::vector<YamlFileRecord> files = records_of(now_.files);
  for (const SyncPlan::FileChange& change : made.files) {
    take_over(files, change);
  }
  const bool is_same = is_agreed() && record_.phase != YamlPhase::rolled_back &&
                       made.changes.empty() && record_.step.empty() &&
                       hash_of(now_.files) == hash_of(base());
  if (!is_same) {
    YamlUpdate update;
    update.files = std::move(files);
    update.writes = std::move(made.writes);
    update.reason = fmt::format("mapping files of {}", report_.folder);
    record_.phase = YamlPhase::shadow;
    record_.percent = 0;
    record_.validated_hash.clear();
    record_.step = made.files.empty() ? std::string_view{} : writing_files;
    store_->save(record_, update);
    known_files_ = std::move(*update.files);
    finish_files(made.files);
  }
  compare_all();
  settle(!made.files.empty());
}

void Migration::take_over(std::vector<YamlFileRecord>& files, const SyncPlan::FileChange& change) {
  const MappingFile file = read_mapping_text(change.name, change.text);
  YamlFileRecord record = record_of(file);
  const auto found = std::find_if(files.begin(), files.end(), [&](const YamlFileRecord& known) {
    return known.name == change.name;
  });
  if (found == files.end()) {
    record.previous = std::string{};
    files.push_back(std::move(record));
  } else {
    record.previous = std::move(found->content);
    *found = std::move(record);
  }
}

void Migration::finish_files(const std::vector<SyncPlan::FileChange>& changes) {
  for (const SyncPlan::FileChange& change : changes) {
    const auto here = hash_of_file(folder_ / change.name);
    const std::string expected = hash_on_disk(change.name);
    if (here.value_or(std::string{}) != expected) {
      throw Error{ErrorCode::conflict,
                  fmt::format("'{}' was changed while the registry's changes were to be written "
                              "to it",
                              (folder_ / change.name).string()),
                  "run the phase again: " + command("shadow")};
    }
    write_file_atomically(folder_ / change.name, change.text);
  }
  if (!changes.empty()) {
    now_ = read_mapping_folder(folder_, options_.threads, stop_);
    report_.mappings = now_.mappings();
    report_.files = records_of(now_.files);
    for (YamlFileRecord& file : report_.files) {
      file.content.clear();
    }
  }
}

void Migration::compare_all() {
  Comparison comparison = compare(now_.files, *store_);
  report_.inactive = comparison.inactive;
  report_.other_tables = comparison.other_tables;
  report_.discrepancies = std::move(comparison.differences);
  if (!report_.discrepancies.empty()) {
    const std::size_t count = report_.discrepancies.size();
    refuse(fmt::format("files and registry differ in {} mapping{}", count, count == 1 ? "" : "s"),
           "bring them together with: " + command("shadow"));
  }
}

std::vector<registry::YamlDiscrepancyRecord> Migration::discrepancy_records() const {
  std::vector<registry::YamlDiscrepancyRecord> records;
  for (const MappingDifference& found : report_.discrepancies) {
    records.push_back({found.key,
                       std::string{to_string(found.kind)},
                       found.in_yaml,
                       found.in_registry,
                       std::string{to_string(options_.step)},
                       {}});
  }
  return records;
}

void Migration::settle(bool wrote_files) {
  if (!wrote_files && report_.discrepancies.empty()) {
    return;
  }
  YamlUpdate update;
  update.discrepancies = discrepancy_records();
  if (wrote_files) {
    record_.step.clear();
    update.files = records_of(now_.files);
  }
  store_->save(record_, update);
}

void Migration::validate() {
  require_step({});
  require_phase({YamlPhase::shadow, YamlPhase::validate, YamlPhase::canary}, "shadow");
  if (!read_folder()) {
    return;
  }
  compare_all();
  YamlUpdate update;
  if (report_.passed) {
    record_.phase = std::max(record_.phase, YamlPhase::validate);
    record_.validated_hash = hash_of(now_.files);
    const bool is_kept = std::equal(now_.files.begin(), now_.files.end(), known_files_.begin(),
                                    known_files_.end(), [](const auto& file, const auto& known) {
                                      return file.name == known.name && file.sha256 == known.sha256;
                                    });
    if (!is_kept) {
      update.files = records_of(now_.files);
    }
  } else {
    record_.phase = YamlPhase::shadow;
    record_.percent = 0;
    record_.validated_hash.clear();
    update.discrepancies = discrepancy_records();
  }
  report_.unchanged = report_.mappings - std::min(report_.mappings, report_.discrepancies.size());
  store_->save(record_, update);
}

void Migration::report_files(const std::vector<YamlFileRecord>& files) {
  report_.files = files;
  report_.mappings = 0;
  for (YamlFileRecord& file : report_.files) {
    report_.mappings += static_cast<std::size_t>(file.mappings);
    file.content.clear();
    file.previous.reset();
  }
}

std::string_view to_string(MigrationStep step) noexcept {
  return step_words[static_cast<std::size_t>(step)];
}

std::optional<MigrationStep> migration_step_from(std::string_view word) noexcept {
  const auto found = std::find(step_words.begin(), step_words.end(), word);
  return found == step_words.end()
             ? std::nullopt
             : std::optional{static_cast<MigrationStep>(found - step_words.begin())};
}

std::size_t MigrationReport::count(SyncChange::Action action) const noexcept {
  return static_cast<std::size_t>(
      std::count_if(changes.begin(), changes.end(),
                    [&](const SyncChange& change) { return change.action == action; }));
}

MigrationReport migrate_yaml(registry::Registry* registry, const MigrationOptions& options,
                             const Clock& clock, std::stop_token stop) {
  if (registry == nullptr && options.step != MigrationStep::plan) {
    throw Error{ErrorCode::internal, "a phase without a registry", {}};
  }
  return Migration{registry, options, clock, std::move(stop)}.run();
}

}  // namespace mapctl::jobs
