// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.hpp"
#include "core/jobs/yaml_migration_run.hpp"
#include "core/registry/tenants.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

namespace mapctl::jobs {
using registry::YamlPhase;
using registry::YamlUpdate;

void Migration::require_validated() {
  if (hash_of(now_.files) != record_.validated_hash) {
    refuse(fmt::format("files of '{}' were changed since they were validated", report_.folder),
           fmt::format("run first: {}, then {}", command("shadow"), command("validate")));
  }
}

std::optional<int> Migration::flagged_percent() {
  const auto flag = registry::flag(*registry_, "canary_percent");
  double percent = 0;
  if (!flag ||
      std::from_chars(flag->data(), flag->data() + flag->size(), percent).ec != std::errc{}) {
    return std::nullopt;
  }
  return static_cast<int>(percent);
}

void Migration::canary() {
  const std::optional<int> percent = options_.percent ? options_.percent : flagged_percent();
  if (!percent) {
    wrong_order("phase 'canary' needs --percent, or the tenant's flag canary_percent",
                "say which share is served from the registry: --percent 5");
  }
  require_step({});
  require_phase({YamlPhase::validate, YamlPhase::canary}, "validate");
  if (!read_folder()) {
    return;
  }
  require_validated();
  if (!report_.passed) {
    return;
  }
  record_.phase = YamlPhase::canary;
  record_.percent = *percent;
  store_->save(record_);
  for (const MappingFile& file : now_.files) {
    for (const mapping::DocumentEntity& entity : file.parsed.document.entities) {
      look_up_table(file, entity);
    }
  }
  if (!report_.discrepancies.empty()) {
    const std::size_t count = report_.discrepancies.size();
    refuse(fmt::format("{} look-up{} gave another answer and {} served from the files", count,
                       count == 1 ? "" : "s", count == 1 ? "was" : "were"),
           "bring them together with: " + command("shadow"));
    YamlUpdate update;
    update.discrepancies = discrepancy_records();
    store_->save(record_, update);
  }
}

void Migration::look_up_table(const MappingFile& file, const mapping::DocumentEntity& entity) {
  std::map<std::string_view, std::vector<const mapping::DocumentEntry*>> by_source;
  for (const mapping::DocumentEntry& entry : entity.entries) {
    by_source[entry.source.text].push_back(&entry);
  }
  for (const auto& [source, entries] : by_source) {
    if (stop_.stop_requested()) {
      throw Error{ErrorCode::cancelled, "comparing the look-ups was stopped", {}};
    }
    if (!is_in_canary(registry_->actor().tenant, file.connector(), entity.name.text, source,
                      record_.percent)) {
      ++report_.from_yaml;
      continue;
    }
    const auto stored = registry_->lookup(file.connector(), catalog::TableName{entity.name.text},
                                          mapping::FieldPath{std::string{source}});
    const std::size_t before = report_.discrepancies.size();
    compare_answers(file, entity, entries, stored);
    ++(report_.discrepancies.size() == before ? report_.from_registry : report_.from_yaml);
  }
}

void Migration::compare_answers(const MappingFile& file, const mapping::DocumentEntity& entity,
                                const std::vector<const mapping::DocumentEntry*>& entries,
                                const std::vector<mapping::FieldMapping>& stored) {
  std::size_t matched = 0;
  for (const mapping::DocumentEntry* entry : entries) {
    const auto found = std::find_if(stored.begin(), stored.end(), [&](const auto& mapping) {
      return mapping.key.entity == entity.name && mapping.key.field == entry->field;
    });
    const bool is_known = found != stored.end();
    matched += is_known ? 1 : 0;
    if (!is_known || found->transformation != entry->transformation) {
      report_.discrepancies.push_back(
          {is_known ? DifferenceKind::different : DifferenceKind::missing,
           mapping::key_of(file.parsed.document, entity, *entry), file.name, entry->line,
           entry->column, words_of(entry->transformation),
           is_known ? words_of(found->transformation) : std::string{}});
    }
  }
  for (const mapping::FieldMapping& mapping : stored) {
    const bool is_known = mapping.key.entity != entity.name ||
                          std::any_of(entries.begin(), entries.end(), [&](const auto* entry) {
                            return entry->field == mapping.key.field;
                          });
    if (!is_known) {
      report_.discrepancies.push_back({DifferenceKind::unknown,
                                       mapping.key,
                                       file.name,
                                       0,
                                       0,
                                       {},
                                       words_of(mapping.transformation)});
    }
  }
}

}  // namespace mapctl::jobs
