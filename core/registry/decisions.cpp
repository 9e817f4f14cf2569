// SPDX-License-Identifier: Apache-2.0
#include "core/registry/decisions.hpp"

#include "core/registry/state.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace mapctl::registry {
namespace {

using mapping::Decision;
using mapping::Ruling;
using mapping::Verdict;

// An active mapping that nobody approved was let through by the tenant's policy.
constexpr auto current_sql =
    "SELECT m.id, c.connector_name, m.source_table, m.source_field, m.source_data_type, "
    "m.canonical_entity, m.canonical_field, m.status, m.version, m.approved_by, m.approved_at, "
    "m.updated_by, m.updated_at FROM field_mappings m JOIN connector_definitions c ON "
    "c.id = m.connector_id AND c.tenant_id = m.tenant_id WHERE m.tenant_id = $1 AND "
    "m.status <> 'pending_review' AND NOT (m.status = 'active' AND m.approved_by IS NULL AND "
    "m.version_reason = 'proposed by a run')";
// Only a mapping with three versions or more can have been decided twice.
#define MAPCTL_EARLIER_SQL(status)                                                         \
  "SELECT v.field_mapping_id, v.version, " status                                          \
  ", v.approved_by, v.created_by, v.approved_at, v.created_at FROM field_mappings m JOIN " \
  "mapping_versions v ON v.field_mapping_id = m.id AND v.tenant_id = m.tenant_id WHERE "   \
  "m.tenant_id = $1 AND m.version > 2 AND m.status <> 'pending_review' AND " status        \
  " <> 'pending_review' AND NOT (" status                                                  \
  " = 'active' AND v.approved_by IS NULL AND "                                             \
  "v.reason = 'proposed by a run') ORDER BY v.field_mapping_id, v.version"
constexpr auto earlier_sqlite = MAPCTL_EARLIER_SQL("json_extract(v.mapping, '$.status')");
constexpr auto earlier_postgresql = MAPCTL_EARLIER_SQL("(v.mapping->>'status')");
constexpr auto unused_sql =
    "SELECT c.connector_name, d.source_table, d.source_field, d.created_by, d.created_at FROM "
    "field_dispositions d JOIN connector_definitions c ON c.id = d.connector_id AND "
    "c.tenant_id = d.tenant_id WHERE d.tenant_id = $1 AND d.disposition = 'not_used'";

Verdict verdict_of(std::string_view status) noexcept {
  return status == "active"     ? Verdict::approved
         : status == "rejected" ? Verdict::rejected
                                : Verdict::withdrawn;
}

// Whose decision it was: of an approval the approver, else whoever wrote the version.
std::string chosen(const std::string& approver, const std::string& writer) {
  return approver.empty() ? writer : approver;
}

// A user's id stands for the name until all rows are read.
struct Row {
  std::string id{};
  Decision decision{};
};

}  // namespace

std::vector<Decision> decisions(Registry& registry) {
  RegistryState& state = registry.state();
  std::vector<Row> rows;
  std::unordered_map<std::string, std::size_t> numbers;
  {
    ports::Transaction reading{*state.session, ports::SqlSession::Access::read};
    {
      Query select{state, current_sql};
      select.with(state.tenant);
      while (select.step()) {
        Row row;
        row.id = select.text(0);
        Decision& decision = row.decision;
        decision.key = {mapping::ConnectorName{select.text(1)}, catalog::TableName{select.text(2)},
                        mapping::FieldPath{select.text(3)}, mapping::EntityName{select.text(5)},
                        mapping::FieldPath{select.text(6)}};
        decision.source_type = select.text(4);
        const Verdict verdict = verdict_of(select->text(7));
        const bool approved = verdict == Verdict::approved;
        decision.ruling = {verdict, static_cast<int>(select->integer(8)),
                           chosen(approved ? select.text(9) : std::string{}, select.text(11)),
                           chosen(approved ? select.text(10) : std::string{}, select.text(12))};
        numbers.emplace(row.id, rows.size());
        rows.push_back(std::move(row));
      }
    }
    {
      Query select{state, state.session->dialect() == ports::SqlDialect::sqlite
                              ? earlier_sqlite
                              : earlier_postgresql};
      select.with(state.tenant);
      while (select.step()) {
        const auto found = numbers.find(select.text(0));
        const Verdict verdict = verdict_of(select->text(2));
        // The last one that said otherwise is what the present one reversed.
        if (found != numbers.end() && verdict != rows[found->second].decision.ruling.verdict) {
          const bool approved = verdict == Verdict::approved;
          rows[found->second].decision.reversed =
              Ruling{verdict, static_cast<int>(select->integer(1)),
                     chosen(approved ? select.text(3) : std::string{}, select.text(4)),
                     chosen(approved ? select.text(5) : std::string{}, select.text(6))};
        }
      }
    }
    {
      Query select{state, unused_sql};
      select.with(state.tenant);
      while (select.step()) {
        Row row;
        row.decision.key.connector.text = select.text(0);
        row.decision.key.source_table.text = select.text(1);
        row.decision.key.source_field.text = select.text(2);
        row.decision.ruling = {Verdict::not_used, 0, select.text(3), select.text(4)};
        rows.push_back(std::move(row));
      }
    }
    reading.commit();
  }
  const auto name = [&](Ruling& ruling) {
    ruling.by = ruling.by.empty() ? std::string{} : state.user_name(ruling.by);
  };
  std::vector<Decision> result;
  result.reserve(rows.size());
  for (Row& row : rows) {
    if (row.decision.reversed) {
      name(*row.decision.reversed);
    }
    name(row.decision.ruling);
    result.push_back(std::move(row.decision));
  }
  std::sort(result.begin(), result.end(),
            [](const Decision& a, const Decision& b) { return a.key < b.key; });
  return result;
}

}  // namespace mapctl::registry
