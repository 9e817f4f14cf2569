// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.hpp"
#include "core/base/json.hpp"
#include "core/registry/evidence.hpp"
#include "core/registry/proposal_bytes.hpp"
#include "core/registry/registry.hpp"
#include "core/registry/state.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace mapctl::registry {
namespace {

using ports::SqlSession;
using ports::Transaction;

std::string totals_to_json(const RunTotals& totals) {
  return to_line(Json{{"jobs", totals.jobs},
                      {"done", totals.done},
                      {"failed", totals.failed},
                      {"skipped", totals.skipped},
                      {"source_fields", totals.source_fields},
                      {"mapped", totals.mapped},
                      {"seconds", totals.seconds}});
}

RunTotals totals_from_json(std::string_view text) {
  RunTotals totals;
  if (text.empty()) {
    return totals;
  }
  const Json json = parse_json(text, "a run's totals");
  totals.jobs = json.value("jobs", std::int64_t{0});
  totals.done = json.value("done", std::int64_t{0});
  totals.failed = json.value("failed", std::int64_t{0});
  totals.skipped = json.value("skipped", std::int64_t{0});
  totals.source_fields = json.value("source_fields", std::int64_t{0});
  totals.mapped = json.value("mapped", std::int64_t{0});
  totals.seconds = json.value("seconds", 0.0);
  return totals;
}

[[noreturn]] void damaged(std::string_view what, std::string_view value) {
  throw Error{ErrorCode::invalid_data,
              fmt::format("{} '{}' in the registry is not one that is known", what, value),
              "restore the registry from a backup"};
}

RunRecord read_run(const Query& row) {
  RunRecord run;
  run.id = RunId{row.text(0)};
  run.name = row.text(1);
  run.plan_hash = row.text(2);
  run.plan = row.text(3);
  const auto status = run_status_from(row->text(4));
  if (!status) {
    damaged("run status", row->text(4));
  }
  run.status = *status;
  run.started_at = row.text(5);
  run.finished_at = row.text(6);
  run.totals = totals_from_json(row->text(7));
  return run;
}

std::size_t size_at(const Query& row, int column) {
  return static_cast<std::size_t>(row->integer(column));
}

// The words of core/base; unknown ones come from a newer program.
ErrorCode error_code_from(std::string_view word) noexcept {
  for (int i = 0; i <= static_cast<int>(ErrorCode::cancelled); ++i) {
    if (word == to_string(static_cast<ErrorCode>(i))) {
      return static_cast<ErrorCode>(i);
    }
  }
  return ErrorCode::internal;
}

// A macro, because statements are known by the address of their text and so must be literals.
#define MAPCTL_JOB_QUERY                                                                     \
  "SELECT position, source_endpoint, target_endpoint, source_schema, source_table, "         \
  "target_schema, target_table, status, input_hash, source_fields, mapped, target_fields, "  \
  "unmapped_target_count, required_unmapped, warnings, seconds, error_code, error_message, " \
  "error_hint, confidence, evidence, unmapped_targets, fields "                              \
  "FROM jobs WHERE batch_id = $1 AND tenant_id = $2 "
constexpr auto jobs_sql = MAPCTL_JOB_QUERY "ORDER BY position";
constexpr auto job_sql = MAPCTL_JOB_QUERY "AND position = $3";
#undef MAPCTL_JOB_QUERY

JobRecord read_job(const Query& row) {
  JobRecord job;
  job.position = row->integer(0);
  job.source_endpoint = row.text(1);
  job.target_endpoint = row.text(2);
  job.source_table = {catalog::SchemaName{row.text(3)}, catalog::TableName{row.text(4)}};
  job.target_table = {catalog::SchemaName{row.text(5)}, catalog::TableName{row.text(6)}};
  const auto status = job_status_from(row->text(7));
  if (!status) {
    damaged("job status", row->text(7));
  }
  job.status = *status;
  job.input_hash = row.text(8);
  job.counts = {size_at(row, 9),  size_at(row, 10), size_at(row, 11),
                size_at(row, 12), size_at(row, 13), size_at(row, 14)};
  job.seconds = row->real(15);
  if (!row->is_null(16)) {
    job.error = JobError{error_code_from(row->text(16)), row.text(17), row.text(18)};
  }
  return job;
}

}  // namespace

void RegistryState::require_run(const RunId& run) {
  Query select{*this, "SELECT 1 FROM batches WHERE id = $1 AND tenant_id = $2"};
  if (!is_uuid(run.text) || !select.with(run.text, tenant).step()) {
    throw Error{ErrorCode::not_found, fmt::format("there is no run '{}'", run.text),
                "list the runs with: mapctl registry status"};
  }
}

RunId RegistryState::insert_run(const NewRun& run) {
  check_name("the run's name", run.name);
  Query last{*this, "SELECT coalesce(max(sequence), 0) FROM batches WHERE tenant_id = $1"};
  last.with(tenant).step();
  const std::int64_t sequence = last->integer(0) + 1;
  RunId id{make_id({"run", tenant, std::to_string(sequence)})};
  Query insert{*this,
               "INSERT INTO batches (id, tenant_id, sequence, name, plan_hash, plan, status, "
               "started_at, created_by) VALUES ($1, $2, $3, $4, $5, $6, 'running', $7, $8)"};
  insert.with(id.text, tenant, sequence, run.name, run.plan_hash, run.plan, now(), user());
  if (run.plan.empty()) {
    insert->bind_null(6);
  }
  if (user().empty()) {
    insert->bind_null(8);
  }
  insert.step();
  count_new_run();
  return id;
}

void RegistryState::update_run(const RunId& run, RunStatus status, const RunTotals* totals) {
  Query update{*this,
               "UPDATE batches SET status = $1, finished_at = $2, "
               "totals = coalesce($3, totals) WHERE id = $4 AND tenant_id = $5"};
  update.with(to_string(status), now(), "", run.text, tenant);
  if (totals == nullptr) {
    update->bind_null(2);
    update->bind_null(3);
  } else {
    update->bind(3, totals_to_json(*totals));
  }
  update.step();
}

RunId Registry::begin_run(const NewRun& run) {
  Write write{*state_};
  RunId id = state_->insert_run(run);
  write.commit();
  return id;
}

void Registry::reopen_run(const RunId& run) {
  Write write{*state_};
  state_->require_run(run);
  state_->update_run(run, RunStatus::running, nullptr);
  write.commit();
}

void Registry::finish_run(const RunId& run, RunStatus status, const RunTotals& totals) {
  Write write{*state_};
  state_->require_run(run);
  state_->update_run(run, status, &totals);
  write.commit();
}

std::vector<RunRecord> Registry::runs(std::size_t limit) {
  std::vector<RunRecord> runs;
  Query select{*state_,
               "SELECT id, name, plan_hash, plan, status, started_at, finished_at, totals "
               "FROM batches WHERE tenant_id = $1 ORDER BY sequence DESC LIMIT $2"};
  select.with(state_->tenant, static_cast<std::int64_t>(limit));
  while (select.step()) {
    runs.push_back(read_run(select));
  }
  return runs;
}

std::optional<RunRecord> Registry::run(const RunId& run) {
  Query select{*state_,
               "SELECT id, name, plan_hash, plan, status, started_at, finished_at, totals "
               "FROM batches WHERE id = $1 AND tenant_id = $2"};
  if (!is_uuid(run.text) || !select.with(run.text, state_->tenant).step()) {
    return std::nullopt;
  }
  return read_run(select);
}

std::optional<RunRecord> Registry::last_run() {
  auto newest = runs(1);
  if (newest.empty()) {
    return std::nullopt;
  }
  return std::move(newest.front());
}

void RegistryState::write_job(const RunId& run, const JobRecord& job,
                              const mapping::PairProposal* proposal, std::string_view fields) {
  Query insert{
      *this,
      "INSERT INTO jobs (id, tenant_id, batch_id, position, source_endpoint, "
      "target_endpoint, source_schema, source_table, target_schema, target_table, "
      "status, input_hash, source_fields, mapped, target_fields, unmapped_target_count, "
      "required_unmapped, warnings, seconds, updated_at, confidence, evidence, "
      "unmapped_targets, error_code, error_message, error_hint, fields) VALUES ($1, $2, $3, $4, "
      "$5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, "
      "$22, $23, $24, $25, $26, $27) ON CONFLICT (batch_id, position) DO UPDATE SET "
      "source_endpoint = excluded.source_endpoint, "
      "target_endpoint = excluded.target_endpoint, "
      "source_schema = excluded.source_schema, source_table = excluded.source_table, "
      "target_schema = excluded.target_schema, target_table = excluded.target_table, "
      "status = excluded.status, input_hash = excluded.input_hash, "
      "source_fields = excluded.source_fields, mapped = excluded.mapped, "
      "target_fields = excluded.target_fields, "
      "unmapped_target_count = excluded.unmapped_target_count, "
      "required_unmapped = excluded.required_unmapped, warnings = excluded.warnings, "
      "seconds = excluded.seconds, updated_at = excluded.updated_at, "
      "confidence = excluded.confidence, evidence = excluded.evidence, "
      "unmapped_targets = excluded.unmapped_targets, error_code = excluded.error_code, "
      "error_message = excluded.error_message, error_hint = excluded.error_hint, "
      "fields = excluded.fields"};
  const auto number = [](std::size_t count) { return static_cast<std::int64_t>(count); };
  insert.with(make_id({"job", run.text, std::to_string(job.position)}), tenant, run.text,
              job.position, job.source_endpoint, job.target_endpoint, job.source_table.schema.text,
              job.source_table.table.text, job.target_table.schema.text,
              job.target_table.table.text, to_string(job.status), job.input_hash,
              number(job.counts.source_fields), number(job.counts.mapped),
              number(job.counts.target_fields), number(job.counts.unmapped_targets),
              number(job.counts.required_unmapped), number(job.counts.warnings), job.seconds,
              now());
  if (proposal != nullptr) {
    insert->bind(21, proposal->confidence);
    insert->bind(22, evidence_to_json(proposal->evidence));
    insert->bind(23, unmapped_to_json(proposal->unmapped_targets));
    insert->bind_bytes(27, fields);
  } else {
    insert->bind_null(21);
    insert->bind_null(22);
    insert->bind_null(23);
    insert->bind_null(27);
  }
  if (job.error) {
    insert->bind(24, to_string(job.error->code));
    insert->bind(25, job.error->message);
    insert->bind(26, job.error->hint);
  } else {
    insert->bind_null(24);
    insert->bind_null(25);
    insert->bind_null(26);
  }
  insert.step();
}

void Registry::record_job(const RunId& run, const JobRecord& job) {
  if (job.status == JobStatus::done) {
    throw Error{ErrorCode::internal, "a job that is done is stored with its proposal"};
  }
  check_name("the source table's name", to_string(job.source_table));
  check_name("the target table's name", to_string(job.target_table));
  Write write{*state_};
  state_->require_run(run);
  state_->write_job(run, job, nullptr, {});
  write.commit();
}

std::vector<JobRecord> Registry::jobs_of(const RunId& run) {
  state_->require_run(run);
  std::vector<JobRecord> jobs;
  Query select{*state_, jobs_sql};
  select.with(run.text, state_->tenant);
  while (select.step()) {
    jobs.push_back(read_job(select));
  }
  return jobs;
}

std::vector<DoneJob> Registry::done_jobs(const RunId& run) {
  state_->require_run(run);
  std::vector<DoneJob> jobs;
  Query select{*state_,
               "SELECT position, input_hash FROM jobs WHERE batch_id = $1 AND tenant_id = $2 "
               "AND status = 'done' ORDER BY position"};
  select.with(run.text, state_->tenant);
  while (select.step()) {
    jobs.push_back({select->integer(0), select.text(1)});
  }
  return jobs;
}

namespace {

// The pair of the job that `jobs` stands on; a job that is not done has no proposal.
StoredPair read_pair(const Query& jobs, const std::shared_ptr<SignalNames>& names) {
  StoredPair pair;
  pair.job = read_job(jobs);
  mapping::PairProposal& proposal = pair.proposal;
  proposal.source_table = pair.job.source_table;
  proposal.target_table = pair.job.target_table;
  pair.signal_names = names;
  if (pair.job.status != JobStatus::done) {
    return pair;
  }
  const std::string what = fmt::format("the proposal for '{}'", to_string(pair.job.source_table));
  proposal.confidence = jobs->real(19);
  proposal.evidence = evidence_from_json(jobs->text(20), *names, what);
  proposal.unmapped_targets = unmapped_from_json(jobs->text(21), what);
  proposal.fields = fields_from_bytes(jobs->bytes(22), proposal.target_table, *names, what);
  return pair;
}

}  // namespace

void Registry::for_each_pair(const RunId& run, const std::function<void(StoredPair&&)>& visit) {
  // One view of the registry for all pairs, whatever others write meanwhile.
  Transaction transaction{*state_->session, SqlSession::Access::read};
  state_->require_run(run);
  const auto names = std::make_shared<SignalNames>();
  Query jobs{*state_, jobs_sql};
  jobs.with(run.text, state_->tenant);
  while (jobs.step()) {
    if (StoredPair pair = read_pair(jobs, names); pair.job.status == JobStatus::done) {
      visit(std::move(pair));
    }
  }
  transaction.commit();
}

std::optional<StoredPair> Registry::pair(const RunId& run, std::int64_t position) {
  Transaction transaction{*state_->session, SqlSession::Access::read};
  state_->require_run(run);
  std::optional<StoredPair> found;
  Query job{*state_, job_sql};
  job.with(run.text, state_->tenant, position);
  if (job.step()) {
    found = read_pair(job, std::make_shared<SignalNames>());
  }
  transaction.commit();
  return found;
}

std::vector<StoredPair> Registry::proposals_of(const RunId& run) {
  std::vector<StoredPair> pairs;
  for_each_pair(run, [&](StoredPair&& pair) { pairs.push_back(std::move(pair)); });
  return pairs;
}

}  // namespace mapctl::registry
