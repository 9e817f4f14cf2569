// SPDX-License-Identifier: Apache-2.0
#include "core/registry/migrations_job_fields.hpp"

#include "core/registry/evidence.hpp"
#include "core/registry/proposal_bytes.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

namespace mapctl::registry {
namespace {

using ports::SqlSession;

struct StoredJob {
  std::string id{};
  std::string tenant{};
  std::string source_table{};
  catalog::TableRef target_table{};
  std::string what() const { return fmt::format("the proposal for '{}'", source_table); }
};

std::vector<StoredJob> jobs_with_fields(SqlSession& session) {
  std::vector<StoredJob> jobs;
  const auto select = session.prepare(
      "SELECT id, tenant_id, source_table, target_schema, target_table FROM jobs "
      "WHERE status = 'done' ORDER BY id");
  while (select->step()) {
    const auto text = [&](int column) { return std::string{select->text(column)}; };
    jobs.push_back(
        {text(0), text(1), text(2), {catalog::SchemaName{text(3)}, catalog::TableName{text(4)}}});
  }
  return jobs;
}

}  // namespace

void gather_job_fields(SqlSession& session) {
  const auto select = session.prepare(
      "SELECT source_column, decision, confidence, candidates FROM job_fields "
      "WHERE job_id = $1 ORDER BY position");
  const auto update = session.prepare("UPDATE jobs SET fields = $1 WHERE id = $2");
  for (const StoredJob& job : jobs_with_fields(session)) {
    SignalNames names;
    std::vector<mapping::FieldProposal> fields;
    select->bind(1, job.id);
    while (select->step()) {
      mapping::FieldProposal field;
      field.source_column = catalog::ColumnName{std::string{select->text(0)}};
      field.candidates = candidates_from_json(select->text(3), job.target_table, names, job.what());
      field.decision = decision_from_json(select->text(1), field.candidates.size(), job.what());
      field.confidence = select->real(2);
      fields.push_back(std::move(field));
    }
    update->bind_bytes(1, fields_to_bytes(fields, job.target_table));
    update->bind(2, job.id);
    update->step();
  }
}

void spread_job_fields(SqlSession& session) {
  const auto select = session.prepare("SELECT fields FROM jobs WHERE id = $1");
  const auto insert = session.prepare(
      "INSERT INTO job_fields (job_id, position, tenant_id, source_column, decision, confidence, "
      "candidates) VALUES ($1, $2, $3, $4, $5, $6, $7)");
  for (const StoredJob& job : jobs_with_fields(session)) {
    SignalNames names;
    select->bind(1, job.id);
    select->step();
    const auto fields = fields_from_bytes(select->bytes(0), job.target_table, names, job.what());
    select->reset();
    insert->bind(1, job.id);
    insert->bind(3, job.tenant);
    for (std::size_t position = 0; position < fields.size(); ++position) {
      insert->bind(2, static_cast<std::int64_t>(position));
      insert->bind(4, fields[position].source_column.text);
      insert->bind(5, decision_to_json(fields[position].decision));
      insert->bind(6, fields[position].confidence);
      insert->bind(7, candidates_to_json(fields[position].candidates, job.target_table));
      insert->step();
    }
  }
}

}  // namespace mapctl::registry
