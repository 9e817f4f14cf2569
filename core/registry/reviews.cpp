// SPDX-License-Identifier: Apache-2.0
#include "core/registry/reviews.hpp"

#include "core/base/error.hpp"
#include "core/base/json.hpp"
#include "core/registry/audit_trail.hpp"
#include "core/registry/evidence.hpp"
#include "core/registry/reviews_state.hpp"
#include "core/registry/state.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace mapctl::registry {

using mapping::ReviewColumn;
using mapping::ReviewLine;

namespace {

constexpr auto insert_export =
    "INSERT INTO workbook_exports (tenant_id, export_id, part, run_id, lines, created_at, "
    "created_by) VALUES ($1, $2, $3, $4, $5, $6, $7)";

constexpr auto select_reviews =
    "SELECT id, connector_name, source_table, source_field, canonical_entity, canonical_field, "
    "flag, written, updated_at, updated_by FROM reviews WHERE tenant_id = $1";

ReviewRecord read_review(const ports::SqlStatement& row, RegistryState& state) {
  const auto text = [&](int column) { return std::string{row.text(column)}; };
  ReviewRecord record;
  record.id = text(0);
  record.key = {mapping::ConnectorName{text(1)}, catalog::TableName{text(2)},
                mapping::FieldPath{text(3)}, mapping::EntityName{text(4)},
                mapping::FieldPath{text(5)}};
  record.flag = text(6);
  const Json written = parse_json(row.text(7), fmt::format("the review of line {}", record.id));
  for (const auto& [key, value] : written.items()) {
    if (value.is_string()) {
      record.written.emplace(key, value.get<std::string>());
    }
  }
  record.updated_at = text(8);
  record.updated_by = state.user_name(text(9));
  return record;
}

// Rows of `sql` for a filter over the named columns.
std::unique_ptr<ports::SqlStatement> prepare_filtered(RegistryState& state, std::string sql,
                                                      const ReviewFilter& filter,
                                                      const std::string& connector_value,
                                                      std::string_view connector_column,
                                                      bool has_entity, std::string_view order) {
  int parameters = 1;
  const auto add = [&](bool wanted, std::string_view column) {
    if (wanted) {
      sql += fmt::format(" AND {} = ${}", column, ++parameters);
    }
  };
  add(filter.connector.has_value(), connector_column);
  add(filter.source_table.has_value(), "source_table");
  add(has_entity && filter.entity.has_value(), "canonical_entity");
  sql += order;
  auto select = state.session->prepare(sql);
  int parameter = 1;
  select->bind(1, state.tenant);
  if (filter.connector) {
    select->bind(++parameter, connector_value);
  }
  if (filter.source_table) {
    select->bind(++parameter, filter.source_table->text);
  }
  if (has_entity && filter.entity) {
    select->bind(++parameter, filter.entity->text);
  }
  return select;
}

Json to_json(const ReviewLine& line) {
  Json values = Json::array();
  for (const std::string& value : line.values) {
    values.push_back(value);
  }
  return Json::array({line.id, std::move(values), line.key.connector.text,
                      line.key.source_table.text, line.key.entity.text, line.disposition,
                      line.sheet});
}

ReviewLine line_from_json(const Json& json) {
  ReviewLine line;
  line.id = json.at(0).get<std::string>();
  for (std::size_t at = 0; at < line.values.size(); ++at) {
    line.values[at] = json.at(1).at(at).get<std::string>();
  }
  line.key = {mapping::ConnectorName{json.at(2).get<std::string>()},
              catalog::TableName{json.at(3).get<std::string>()},
              mapping::FieldPath{line.value(ReviewColumn::source_column)},
              mapping::EntityName{json.at(4).get<std::string>()},
              mapping::FieldPath{line.value(ReviewColumn::target_column)}};
  line.disposition = json.at(5).get<std::string>();
  line.sheet = json.at(6).get<std::string>();
  return line;
}

}  // namespace

std::string value_json(std::string_view key, std::string_view value) {
  std::string json = "{";
  append_text(json, key);
  json += ':';
  append_text(json, value);
  return json + '}';
}

std::string_view ReviewRecord::text(ReviewColumn column) const noexcept {
  const auto found = written.find(mapping::review_columns()[mapping::index_of(column)].key);
  return found == written.end() ? std::string_view{} : std::string_view{found->second};
}

Reviews::Reviews(Registry& registry) noexcept : registry_{&registry}, state_{registry.state()} {}

std::vector<ReviewRecord> Reviews::records(const ReviewFilter& filter) {
  const auto select = prepare_filtered(
      state_, select_reviews, filter, filter.connector ? filter.connector->text : std::string{},
      "connector_name", true,
      " ORDER BY connector_name, source_table, canonical_entity, source_field, canonical_field");
  std::vector<ReviewRecord> records;
  while (select->step()) {
    records.push_back(read_review(*select, state_));
  }
  return records;
}

std::optional<ReviewRecord> find_review(RegistryState& state, const std::string& id) {
  const auto select = state.session->prepare(std::string{select_reviews} + " AND id = $2");
  select->bind(1, state.tenant);
  select->bind(2, id);
  if (!select->step()) {
    return std::nullopt;
  }
  return read_review(*select, state);
}

void write_review(RegistryState& state, const ReviewRecord& record) {
  Json written = Json::object();
  for (const auto& [key, value] : record.written) {
    written[key] = value;
  }
  Query write{state,
              "INSERT INTO reviews (tenant_id, id, connector_name, source_table, source_field, "
              "canonical_entity, canonical_field, flag, reviewer, written, updated_at, updated_by) "
              "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (tenant_id, "
              "id) DO UPDATE SET flag = excluded.flag, reviewer = excluded.reviewer, "
              "written = excluded.written, updated_at = excluded.updated_at, "
              "updated_by = excluded.updated_by"};
  write.with(state.tenant, record.id, record.key.connector.text, record.key.source_table.text,
             record.key.source_field.text, record.key.entity.text, record.key.field.text,
             record.flag, std::string{record.text(ReviewColumn::reviewer)}, to_line(written),
             state.now(), state.user());
  if (state.user().empty()) {
    write->bind_null(12);
  }
  write.step();
}

std::vector<DispositionRecord> Reviews::dispositions(const ReviewFilter& filter) {
  std::string connector;
  if (filter.connector) {
    const std::string* id = state_.find_connector(*filter.connector);
    if (id == nullptr) {
      return {};
    }
    connector = *id;
  }
  const auto select = prepare_filtered(
      state_,
      "SELECT c.connector_name, source_table, source_field, reason, d.created_at, d.created_by "
      "FROM field_dispositions d JOIN connector_definitions c ON c.id = d.connector_id AND "
      "c.tenant_id = d.tenant_id WHERE d.tenant_id = $1",
      filter, connector, "d.connector_id", false,
      " ORDER BY c.connector_name, source_table, source_field");
  std::vector<DispositionRecord> records;
  while (select->step()) {
    DispositionRecord record;
    record.connector.text = std::string{select->text(0)};
    record.source_table.text = std::string{select->text(1)};
    record.source_field.text = std::string{select->text(2)};
    record.reason = std::string{select->text(3)};
    record.created_at = std::string{select->text(4)};
    record.created_by = state_.user_name(std::string{select->text(5)});
    records.push_back(std::move(record));
  }
  return records;
}

void Reviews::begin_export(const std::string& export_id, const std::string& run_id) {
  Write write{state_};
  Query remove{state_, "DELETE FROM workbook_exports WHERE tenant_id = $1 AND export_id = $2"};
  remove.with(state_.tenant, export_id).step();
  Query insert{state_, insert_export};
  insert.with(state_.tenant, export_id, 0, run_id, std::string{"[]"}, state_.now(), state_.user());
  if (state_.user().empty()) {
    insert->bind_null(7);
  }
  insert.step();
  write.commit();
}

void Reviews::add_to_export(const std::string& export_id, const std::vector<ReviewLine>& lines) {
  Json json = Json::array();
  for (const ReviewLine& line : lines) {
    json.push_back(to_json(line));
  }
  Write write{state_};
  std::int64_t last = -1;
  {
    Query select{state_,
                 "SELECT coalesce(max(part), -1) FROM workbook_exports WHERE tenant_id = $1 AND "
                 "export_id = $2"};
    last = select.with(state_.tenant, export_id).step() ? select->integer(0) : -1;
  }
  if (last < 0) {
    return;  // nobody began it
  }
  Query insert{state_, insert_export};
  insert.with(state_.tenant, export_id, last + 1, std::string{}, to_line(json), state_.now(),
              state_.user());
  if (state_.user().empty()) {
    insert->bind_null(7);
  }
  insert.step();
  write.commit();
}

std::vector<ReviewLine> Reviews::load_export(const std::string& export_id) {
  Query select{state_,
               "SELECT lines FROM workbook_exports WHERE tenant_id = $1 AND export_id = $2 ORDER "
               "BY part"};
  select.with(state_.tenant, export_id);
  std::vector<ReviewLine> lines;
  const std::string what = fmt::format("the export {}", export_id);
  while (select.step()) {
    try {
      for (const Json& line : parse_json(select->text(0), what)) {
        lines.push_back(line_from_json(line));
      }
    } catch (const Json::exception&) {
      throw Error{ErrorCode::invalid_data, fmt::format("{} is damaged in the registry", what),
                  "export the workbook again"};
    }
  }
  return lines;
}

std::optional<std::string> Reviews::run_of_export(const std::string& export_id) {
  Query select{state_,
               "SELECT run_id FROM workbook_exports WHERE tenant_id = $1 AND export_id = $2 AND "
               "part = 0"};
  if (!select.with(state_.tenant, export_id).step()) {
    return std::nullopt;
  }
  return select.text(0);
}

std::vector<SignOffRecord> Reviews::signatures(const std::string& export_id) {
  Query select{state_,
               "SELECT gate, name, decision, signed_on, version, comment, content_hash FROM "
               "sign_offs WHERE tenant_id = $1 AND export_id = $2 ORDER BY gate"};
  select.with(state_.tenant, export_id);
  std::vector<SignOffRecord> records;
  while (select.step()) {
    records.push_back({export_id, select.text(0), select.text(1), select.text(2), select.text(3),
                       select.text(4), select.text(5), select.text(6)});
  }
  return records;
}

// Returns how many were not there yet, or differ.
std::size_t write_signatures(RegistryState& state, Reviews& reviews,
                             const std::vector<SignOffRecord>& records,
                             const ReviewOrigin& origin) {
  std::size_t written = 0;
  for (const SignOffRecord& record : records) {
    const std::vector<SignOffRecord> known = reviews.signatures(record.export_id);
    const auto same = std::find_if(known.begin(), known.end(), [&](const SignOffRecord& other) {
      return other.gate == record.gate;
    });
    const auto words = [](const SignOffRecord& of) {
      return fmt::format("{} · {} · {} · {} · {}", of.name, of.decision, of.signed_on, of.version,
                         of.comment);
    };
    if (same != known.end() && words(*same) == words(record)) {
      continue;
    }
    Query insert{state,
                 "INSERT INTO sign_offs (tenant_id, export_id, gate, name, decision, signed_on, "
                 "version, comment, content_hash, updated_at, updated_by) VALUES ($1, $2, $3, $4, "
                 "$5, $6, $7, $8, $9, $10, $11) ON CONFLICT (tenant_id, export_id, gate) DO "
                 "UPDATE SET name = excluded.name, decision = excluded.decision, signed_on = "
                 "excluded.signed_on, version = excluded.version, comment = excluded.comment, "
                 "content_hash = excluded.content_hash, updated_at = excluded.updated_at, "
                 "updated_by = excluded.updated_by"};
    insert.with(state.tenant, record.export_id, record.gate, record.name, record.decision,
                record.signed_on, record.version, record.comment, record.content_hash, state.now(),
                state.user());
    if (state.user().empty()) {
      insert->bind_null(11);
    }
    insert.step();
    const std::string field = fmt::format("sign_off.{}", record.gate);
    const std::string before = same == known.end() ? std::string{} : words(*same);
    const std::string after = words(record);
    const std::string old_value = value_json(record.gate, before);
    const std::string new_value = value_json(record.gate, after);
    AuditEntry entry;
    entry.action = "updated";
    entry.field_changed = field;
    entry.old_value = old_value;
    entry.new_value = new_value;
    entry.reason = origin.how;
    entry.trace = origin.trace;
    state.audit().add(entry);
    ++written;
  }
  return written;
}

}  // namespace mapctl::registry
