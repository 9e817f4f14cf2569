// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.hpp"
#include "core/base/hash.hpp"
#include "core/jobs/mapping_archive.hpp"
#include "core/jobs/yaml_migration_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <system_error>
#include <utility>

namespace mapctl::jobs {
namespace fs = std::filesystem;
using registry::YamlFileRecord;
using registry::YamlPhase;
using registry::YamlUpdate;

fs::path Migration::default_archive() const {
  // Colons of the time are no good in the names of some file systems.
  std::string time = to_iso8601_seconds(clock_.now());
  std::erase_if(time, [](char c) { return c == ':' || c == '-'; });
  return fs::path{report_.folder + "_archive"} / time;
}

void Migration::cutover() {
  require_step(archiving);
  if (record_.revision > 0 && record_.phase == YamlPhase::cutover) {
    if (record_.step == archiving) {
      archive_files();
    }
    report_files(known_files_);
    return;
  }
  require_phase({YamlPhase::canary}, "canary");
  if (!read_folder()) {
    return;
  }
  compare_all();
  if (report_.passed) {
    require_validated();
  }
  if (!report_.passed) {
    settle(false);
    return;
  }
  require_writable(folder_);
  const auto days = std::chrono::hours{24 * archive_days};
  record_.archive = fs::absolute(options_.archive.empty() ? default_archive() : options_.archive)
                        .lexically_normal()
                        .string();
  record_.archived_at = to_iso8601(clock_.now());
  record_.keep_until = to_iso8601(clock_.now() + days);
  known_files_ = records_of(now_.files);
  prepare_archive(record_.archive, record_, known_files_);
  record_.phase = YamlPhase::cutover;
  record_.step = archiving;
  record_.percent = 0;
  YamlUpdate update;
  update.files = known_files_;
  store_->save(record_, update);
  archive_files();
}

void Migration::archive_files() {
  prepare_archive(record_.archive, record_, known_files_);
  move_to_archive(folder_, record_.archive, known_files_);
  record_.step.clear();
  store_->save(record_);
}

void Migration::rollback() {
  if (record_.revision == 0) {
    wrong_order(fmt::format("there is no migration of '{}' to roll back", report_.folder),
                "start one with: " + command("shadow"));
  }
  if (record_.step == restoring) {
    finish_restore();
    return;
  }
  if (record_.phase == YamlPhase::rolled_back) {
    report_files(known_files_);
    return;
  }
  const bool is_archived = record_.phase == YamlPhase::cutover;
  if (is_archived && to_iso8601(clock_.now()) > record_.keep_until) {
    throw Error{ErrorCode::conflict,
                fmt::format("the files of '{}' could be restored until {}", report_.folder,
                            record_.keep_until),
                "write the registry's state as YAML with: mapctl export --format yaml"};
  }
  if (!is_archived && !read_folder()) {
    // Files that cannot be read are still the files: they stay as they are.
    now_.files.clear();
    report_.passed = true;
    report_.refusal.clear();
  }
  std::vector<YamlFileRecord> target = targets(is_archived);
  YamlUpdate update;
  if (!settle_newer_state(target, update)) {
    return;
  }
  check_restore(folder_, target);
  require_writable(folder_);
  record_.step = restoring;
  update.files = target;
  store_->save(record_, update);
  known_files_ = std::move(target);
  finish_restore();
}

std::vector<YamlFileRecord> Migration::targets(bool is_archived) {
  if (is_archived) {
    return known_files_;
  }
  std::vector<YamlFileRecord> files = records_of(now_.files);
  if (record_.step == writing_files) {
    for (const YamlFileRecord& file : known_files_) {
      if (file.previous && hash_on_disk(file.name) == sha256(*file.previous)) {
        std::erase_if(files, [&](const YamlFileRecord& one) { return one.name == file.name; });
        files.push_back(file);
      }
    }
  }
  return files;
}

bool Migration::settle_newer_state(std::vector<YamlFileRecord>& target, YamlUpdate& update) {
  std::vector<MappingFile> agreed;
  for (const YamlFileRecord& file : known_files_) {
    agreed.push_back(read_mapping_text(file.name, file.content));
  }
  Comparison newer = compare(agreed, *store_);
  report_.inactive = newer.inactive;
  report_.other_tables = newer.other_tables;
  if (newer.differences.empty()) {
    return true;
  }
  if (!options_.export_first && !options_.discard) {
    report_.discrepancies = std::move(newer.differences);
    const std::size_t count = report_.discrepancies.size();
    refuse(fmt::format("{} mapping{} changed in the registry since", count,
                       count == 1 ? " was" : "s were"),
           "write the newer state to the files with --export-first, or drop it with --discard");
    return false;
  }
  std::vector<MappingFile> files;
  for (const YamlFileRecord& file : target) {
    files.push_back(read_mapping_text(file.name, file.content));
  }
  SyncPlan made = plan_sync(files, agreed, true, &*store_,
                            options_.discard ? Preference::yaml : Preference::registry);
  if (options_.export_first) {
    for (const SyncPlan::FileChange& change : made.files) {
      take_over(target, change);
    }
  } else {
    // The registry goes back to what the files say, and that is a version of its own.
    made = plan_sync(files, files, false, &*store_, Preference::yaml);
    update.writes = std::move(made.writes);
    update.reason = fmt::format("rolled back to the mapping files of {}", report_.folder);
  }
  report_.changes = std::move(made.changes);
  return true;
}

void Migration::finish_restore() {
  restore_files(folder_, record_.archive, known_files_);
  if (fs::path{record_.archive}.parent_path() == fs::path{report_.folder + "_archive"}) {
    std::error_code ignored;
    fs::remove(fs::path{record_.archive}.parent_path(), ignored);  // unless there are others
  }
  for (YamlFileRecord& file : known_files_) {
    file.previous.reset();
  }
  record_.phase = YamlPhase::rolled_back;
  record_.step.clear();
  record_.percent = 0;
  record_.archive.clear();
  record_.archived_at.clear();
  record_.keep_until.clear();
  // Only where the two are equal may the next shadow tell who changed what since.
  std::vector<MappingFile> restored;
  for (const YamlFileRecord& file : known_files_) {
    restored.push_back(read_mapping_text(file.name, file.content));
  }
  const bool is_equal = compare(restored, *store_).differences.empty();
  record_.validated_hash = is_equal ? hash_of(restored) : std::string{};
  YamlUpdate update;
  update.files = known_files_;
  store_->save(record_, update);
  report_files(known_files_);
}

}  // namespace mapctl::jobs
