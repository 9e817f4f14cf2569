// SPDX-License-Identifier: Apache-2.0
#include "core/registry/feedback.hpp"

#include "core/base/json.hpp"
#include "core/registry/state.hpp"

#include <fmt/format.h>

#include <string_view>

namespace mapctl::registry {
namespace {

// When the confidence was last written while the mapping waited: that of a later version was
// decided about already.
#define MAPCTL_REVIEWED_SQL(status)                                                        \
  "SELECT m.mapping_source, m.status, m.confidence_score, m.created_at, m.updated_at, "    \
  "(SELECT max(v.created_at) FROM mapping_versions v WHERE v.field_mapping_id = m.id AND " \
  "v.tenant_id = m.tenant_id AND " status                                                  \
  " = 'pending_review') FROM field_mappings m WHERE m.tenant_id = $1 AND m.status <> "     \
  "'pending_review' AND NOT (m.status = 'active' AND m.approved_by IS NULL AND "           \
  "m.version_reason = 'proposed by a run') ORDER BY m.updated_at, m.id"
constexpr auto reviewed_sqlite = MAPCTL_REVIEWED_SQL("json_extract(v.mapping, '$.status')");
constexpr auto reviewed_postgresql = MAPCTL_REVIEWED_SQL("(v.mapping->>'status')");

std::string first_of(std::string text, const std::string& other) {
  return text.empty() ? other : text;
}

}  // namespace

std::vector<ReviewedMapping> reviewed_mappings(Registry& registry) {
  RegistryState& state = registry.state();
  std::vector<ReviewedMapping> found;
  Query select{state, state.session->dialect() == ports::SqlDialect::sqlite ? reviewed_sqlite
                                                                            : reviewed_postgresql};
  select.with(state.tenant);
  while (select.step()) {
    const std::string source = select.text(0);
    ReviewedMapping one;
    one.proposed = source != "manual";
    one.right = select->text(1) == "active";
    one.remembered = source == "rag";
    one.confidence = select->real(2);
    one.proposed_at = first_of(select.text(5), select.text(3));
    one.decided_at = select.text(4);
    if (one.proposed || one.right) {
      found.push_back(std::move(one));
    }
  }
  return found;
}

std::vector<CalibrationRecord> calibrations(Registry& registry) {
  RegistryState& state = registry.state();
  std::vector<CalibrationRecord> found;
  Query select{state,
               "SELECT version, curves, outcomes, ece_before, ece_after, loss_before, loss_after, "
               "reason, created_at, created_by FROM calibrations WHERE tenant_id = $1 ORDER BY "
               "version"};
  select.with(state.tenant);
  while (select.step()) {
    found.push_back({static_cast<int>(select->integer(0)), select.text(1), select->integer(2),
                     select->real(3), select->real(4), select->real(5), select->real(6),
                     select.text(7), select.text(8), select.text(9)});
  }
  for (CalibrationRecord& one : found) {
    one.created_by = one.created_by.empty() ? std::string{} : state.user_name(one.created_by);
  }
  return found;
}

int store_calibration(Registry& registry, const CalibrationRecord& calibration) {
  RegistryState& state = registry.state();
  Write write{state, Role::admin, "change the calibration"};
  check_name("the reason", calibration.reason);
  int before = 0;
  std::string curves;
  {
    Query select{state,
                 "SELECT version, curves FROM calibrations WHERE tenant_id = $1 ORDER BY version "
                 "DESC LIMIT 1"};
    if (select.with(state.tenant).step()) {
      before = static_cast<int>(select->integer(0));
      curves = select.text(1);
    }
  }
  Query insert{state,
               "INSERT INTO calibrations (tenant_id, version, curves, outcomes, ece_before, "
               "ece_after, loss_before, loss_after, reason, created_at, created_by) VALUES ($1, "
               "$2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"};
  insert.with(state.tenant, before + 1, calibration.curves, calibration.outcomes,
              calibration.ece_before, calibration.ece_after, calibration.loss_before,
              calibration.loss_after, calibration.reason, state.now(), state.user());
  if (state.user().empty()) {
    insert->bind_null(11);
  }
  insert.step();
  AuditEntry entry;
  entry.action = "calibrated";
  const std::string field = fmt::format("calibration {}", before + 1);
  entry.field_changed = field;
  entry.old_value = curves;
  entry.new_value = calibration.curves;
  entry.reason = calibration.reason;
  state.audit().add(entry);
  write.commit();
  return before + 1;
}

}  // namespace mapctl::registry
