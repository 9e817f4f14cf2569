// SPDX-License-Identifier: Apache-2.0
#include "core/report/model.hpp"

#include "core/base/hash.hpp"
#include "core/base/text.hpp"
#include "core/report/summary.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace mapctl::report {
namespace {

bool table_matches(const std::string& glob, const PairSide& side, std::string_view other) {
  if (glob.empty()) {
    return true;
  }
  const auto matches = [&](std::string_view name) { return glob_match(glob, name, true); };
  return matches(side.endpoint) || matches(side.ref.table.text) ||
         matches(catalog::to_string(side.ref)) || (!other.empty() && matches(other));
}

}  // namespace

std::string_view to_string(Severity severity) noexcept {
  switch (severity) {
    case Severity::error: return "error";
    case Severity::warning: return "warning";
    case Severity::question: return "question";
  }
  return {};
}

const FieldRecord* PairReport::find(const catalog::ColumnName& source_column,
                                    const catalog::ColumnName& target_column) const noexcept {
  const auto found = std::find_if(records.begin(), records.end(), [&](const FieldRecord& record) {
    return record.source == source_column && record.target == target_column;
  });
  return found == records.end() ? nullptr : &*found;
}

std::string export_id_of(const RunReport& run) {
  if (!run.export_id.empty()) {
    return run.export_id;
  }
  NameId id;
  return id.add("export")
      .add(run.run.text)
      .add(run.tenant.text)
      .add(run.registry_version)
      .add(to_iso8601(run.generated_at))
      .finish();
}

bool Filter::passes_everything() const noexcept {
  return source.empty() && entity.empty() && statuses.empty() && min_confidence <= 0;
}

const PairReport* FilteredPairs::next() {
  for (;;) {
    const PairReport* pair = pairs_->next();
    if (pair == nullptr || filter_.passes_everything()) {
      return pair;
    }
    if (!table_matches(filter_.source, pair->source, {}) ||
        !table_matches(filter_.entity, pair->target, pair->entity.text)) {
      continue;
    }
    if (filter_.statuses.empty() && filter_.min_confidence <= 0) {
      return pair;
    }
    current_ = *pair;
    const std::vector<MappingRow> rows = mapping_rows({}, *pair);
    using Key = std::pair<catalog::ColumnName, catalog::ColumnName>;
    std::set<Key> kept;
    std::set<catalog::ColumnName> kept_sources;
    for (const MappingRow& row : rows) {
      const bool status_passes =
          filter_.statuses.empty() || std::find(filter_.statuses.begin(), filter_.statuses.end(),
                                                row.status) != filter_.statuses.end();
      const bool confidence_passes =
          filter_.min_confidence <= 0 ||
          (!row.target.empty() && row.confidence >= filter_.min_confidence);
      if (status_passes && confidence_passes) {
        kept.emplace(row.field->source_column, row.target);
        kept_sources.insert(row.field->source_column);
      }
    }
    current_.is_partial = true;
    current_.proposal.unmapped_targets.clear();
    for (const UnmappedRow& unmapped : unmapped_targets({}, *pair, rows)) {
      current_.proposal.unmapped_targets.push_back(
          {catalog::ColumnName{unmapped.name}, unmapped.required});
    }
    std::erase_if(current_.proposal.fields, [&](const mapping::FieldProposal& field) {
      return !kept_sources.contains(field.source_column);
    });
    for (mapping::FieldProposal& field : current_.proposal.fields) {
      std::erase_if(field.decision, [&](std::size_t at) {
        return !kept.contains({field.source_column, field.candidates[at].target_column});
      });
    }
    std::erase_if(current_.records, [&](const FieldRecord& record) {
      return !kept.contains({record.source, record.target});
    });
    return &current_;
  }
}

}  // namespace mapctl::report
