// SPDX-License-Identifier: Apache-2.0
#include "core/jobs/batch_run.hpp"

#include "core/base/hash.hpp"
#include "core/batch/runner.hpp"
#include "core/jobs/feedback.hpp"
#include "core/jobs/registry_names.hpp"
#include "core/matching/memory/memory.hpp"
#include "core/registry/decisions.hpp"
#include "core/registry/pair_store.hpp"
#include "core/registry/pool.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <set>
#include <utility>

namespace mapctl::jobs {
namespace {

// The last run of a plan may stand behind any number of other plans' runs.
constexpr std::size_t every_run = std::numeric_limits<std::int64_t>::max();

// Parts of the journal.
constexpr std::string_view decisions_part = "decisions";
constexpr std::string_view calibration_part = "calibration";
// Writers of one tenant take turns, so more sessions would only burden the server.
constexpr std::size_t most_sessions = 8;

// Of what was asked for, not of what was found: a table that appeared since is no other plan.
std::string hash_of(const ProposeRequest& request) {
  Sha256 hash;
  hash.add_field(request.name);
  for (const PairRequest& pair : request.pairs) {
    hash.add_field(pair.source.text)
        .add_field(pair.target.text)
        .add_field(pair.source_tables.text())
        .add_field(pair.target_tables ? "table " + pair.target_tables->text() : "auto")
        .add_field(fmt::format("{} {} {} {} {} {}", pair.options.min_confidence,
                               pair.options.one_to_one, pair.options.top, pair.options.domain,
                               pair.options.use_data, pair.options.composites))
        .add_field(pair.options.use_memory ? "memory" : "no memory");
    if (pair.language_model != LanguageModelUse::off) {
      hash.add_field("language model");
    }
  }
  return hash.finish();
}

registry::JobStatus stored_status(batch::JobStatus status) {
  switch (status) {
    case batch::JobStatus::done:
    case batch::JobStatus::resumed: return registry::JobStatus::done;
    case batch::JobStatus::failed: return registry::JobStatus::failed;
    case batch::JobStatus::skipped: return registry::JobStatus::skipped;
  }
  return registry::JobStatus::skipped;
}

registry::RunTotals totals_of(const std::vector<batch::JobOutcome>& outcomes) {
  registry::RunTotals totals;
  for (const batch::JobOutcome& outcome : outcomes) {
    ++totals.jobs;
    totals.done += stored_status(outcome.status) == registry::JobStatus::done ? 1 : 0;
    totals.failed += outcome.status == batch::JobStatus::failed ? 1 : 0;
    totals.skipped += outcome.status == batch::JobStatus::skipped ? 1 : 0;
    totals.source_fields += static_cast<std::int64_t>(outcome.counts.fields);
    totals.mapped += static_cast<std::int64_t>(outcome.counts.mapped);
    totals.seconds += outcome.seconds;
  }
  return totals;
}

registry::RunStatus status_of(const registry::RunTotals& totals, bool stopped) {
  if (stopped && totals.skipped > 0) {
    return registry::RunStatus::interrupted;
  }
  if (totals.failed == 0) {
    return registry::RunStatus::done;
  }
  return totals.done == 0 ? registry::RunStatus::failed : registry::RunStatus::partial;
}

// Passes on to both what happens: the caller's view and the journal.
batch::Observers both(batch::Observer& first, batch::Observer& second) {
  batch::Observers observers;
  observers.add(first);
  observers.add(second);
  return observers;
}

}  // namespace

BatchRun::BatchRun(ProposeRequest request, Endpoints& endpoints, matching::Knowledge knowledge,
                   const Clock& clock, OpenRegistry open_registry, std::filesystem::path journals)
    : plan_hash_{hash_of(request)},
      name_{request.name},
      workers_{std::max<std::size_t>(1, request.workers)},
      clock_{clock},
      open_registry_{std::move(open_registry)},
      journals_{std::move(journals)},
      proposing_{std::move(request), endpoints, knowledge, clock},
      knowledge_{std::move(knowledge)} {}

BatchRun::~BatchRun() = default;

void BatchRun::connect(std::stop_token stop) {
  proposing_.connect(std::move(stop));
}

const RunId& BatchRun::begin(const std::optional<Resume>& resume) {
  registry_ = std::make_unique<registry::Registry>(open_registry_());
  if (!resume) {
    run_ = registry_->begin_run({name_, plan_hash_, {}});
    started_at_ = to_iso8601(clock_.now());
    journal_ = std::make_unique<batch::Journal>(journals_, run_, plan_hash_);
    remember();
    return run_;
  }
  std::optional<registry::RunRecord> found;
  if (resume->run) {
    found = registry_->run(*resume->run);
  } else {
    for (registry::RunRecord& record : registry_->runs(every_run)) {
      if (!found && record.name == name_) {
        found = std::move(record);
      }
    }
  }
  if (!found) {
    throw Error{ErrorCode::not_found,
                resume->run ? fmt::format("there is no run '{}'", resume->run->text)
                            : fmt::format("the plan '{}' was never run", name_),
                "run the plan without --resume"};
  }
  if (found->plan_hash != plan_hash_) {
    throw Error{ErrorCode::configuration,
                fmt::format("the plan '{}' is not the one of run '{}'", name_, found->id.text),
                "start a new run without --resume, or take the change to the plan back"};
  }
  run_ = found->id;
  started_at_ = found->started_at;
  journal_ = std::make_unique<batch::Journal>(journals_, run_, plan_hash_);
  registry_->reopen_run(run_);
  remember();
  return run_;
}

// The decisions as they were when the run began, so that a resume proposes what the run would have
// proposed: what was decided since, or what the run itself had approved by policy, is for the next.
void BatchRun::remember() {
  std::string curves;
  if (const auto kept = journal_->find(calibration_part)) {
    curves = *kept;
  } else {
    curves = calibration_in_force(registry::calibrations(*registry_))->text();
    journal_->keep(calibration_part, curves);
  }
  proposing_.calibrate(std::make_shared<const matching::Calibration>(
      matching::Calibration::parse(curves, "the run's calibration")));
  const auto& all = jobs();
  if (std::none_of(all.begin(), all.end(),
                   [](const PairJob& job) { return job.options.use_memory; })) {
    return;
  }
  std::vector<mapping::Decision> own;
  if (const auto kept = journal_->find(decisions_part)) {
    own = mapping::decisions_from_text(*kept, "the run's decisions");
  } else {
    own = registry::decisions(*registry_);
    journal_->keep(decisions_part, mapping::decisions_to_text(own));
  }
  proposing_.remember(std::make_shared<const matching::Memory>(std::move(own), std::move(baseline_),
                                                               knowledge_.lexicon));
}

void BatchRun::profile(batch::Observer& observer, std::stop_token stop) {
  const StatisticsStore store{
      [&](std::string_view name) { return journal_->find(name); },
      [&](std::string_view name, std::string_view document) { journal_->keep(name, document); }};
  proposing_.profile(store, observer, std::move(stop));
  std::set<EndpointName> stored;
  for (const PairJob& job : jobs()) {
    for (const EndpointName& endpoint : {job.source, job.target}) {
      const auto catalog = catalogs().find(endpoint);
      if (catalog && stored.insert(endpoint).second) {
        registry_->store_snapshot(ProfileName{endpoint.text}, *catalog);
      }
    }
  }
}

registry::JobRecord BatchRun::record_of(std::size_t index, const batch::JobOutcome* outcome) const {
  const PairJob& job = jobs()[index];
  registry::JobRecord record;
  record.position = static_cast<std::int64_t>(index);
  record.source_endpoint = job.source.text;
  record.target_endpoint = job.target.text;
  record.source_table = job.source_table;
  if (!job.choose_target) {
    record.target_table = job.target_choices.front();
  }
  if (outcome != nullptr) {
    record.status = stored_status(outcome->status);
    record.seconds = outcome->seconds;
    if (outcome->error) {
      record.error = {outcome->error->code, outcome->error->message, outcome->error->hint};
    }
  }
  return record;
}

void BatchRun::settle(batch::Plan& plan) {
  std::vector<registry::JobRecord> known = registry_->jobs_of(run_);
  for (const registry::JobRecord& record : known) {
    const auto index = static_cast<std::size_t>(record.position);
    if (record.status != registry::JobStatus::done || index >= plan.jobs.size() ||
        plan.jobs[index].settled || plan.jobs[index].input_hash != record.input_hash) {
      continue;
    }
    batch::JobOutcome outcome;
    outcome.status = batch::JobStatus::resumed;
    outcome.counts = {record.counts.source_fields, record.counts.mapped,
                      record.counts.required_unmapped, record.counts.warnings};
    outcome.seconds = record.seconds;
    plan.jobs[index].settled = outcome;
  }
}

BatchResult BatchRun::propose(batch::Observer& observer, std::stop_token stop) {
  batch::Plan plan = proposing_.plan();
  settle(plan);
  registry::RegistryPool registries{
      open_registry_, registry::writers(*registry_, std::min(workers_, most_sessions))};
  const auto sink = [&](const Proposed& proposed) {
    const PairJob& job = jobs()[proposed.job];
    const mapping::PairProposal& proposal = proposed.proposal;
    registry::JobRecord record = record_of(proposed.job, nullptr);
    record.status = registry::JobStatus::done;
    record.target_table = proposal.target_table;
    record.input_hash = plan.jobs[proposed.job].input_hash;
    record.seconds = proposed.seconds;
    const registry::PairContext context =
        pair_context(*catalogs().find(job.source), job.source_table, job.source.text,
                     *catalogs().find(job.target), proposal.target_table, job.target.text);
    const registry::PreparedPair prepared{proposal, context, registry_->actor().tenant};
    prepared.store(*registries.acquire(stop), run_, record);
  };
  batch::Observers observers = both(observer, *journal_);
  BatchResult result;
  result.outcomes = proposing_.propose(plan, sink, observers, stop);
  for (const batch::JobOutcome& outcome : result.outcomes) {
    if (outcome.status == batch::JobStatus::failed || outcome.status == batch::JobStatus::skipped) {
      registry_->record_job(run_, record_of(outcome.job, &outcome));
    }
  }
  totals_ = totals_of(result.outcomes);
  result.totals = totals_;
  result.status = status_of(result.totals, stop.stop_requested());
  result.started_at = started_at_;
  result.finished_at = to_iso8601(clock_.now());
  registry_->finish_run(run_, result.status, result.totals);
  return result;
}

void BatchRun::interrupt() noexcept {
  try {
    if (registry_ && !run_.empty()) {
      registry_->finish_run(run_, registry::RunStatus::interrupted, totals_);
    }
  } catch (const Error&) {
    // The run then stays `running` in the registry, which --resume takes up just as well.
  }
}

void BatchRun::complete() {
  if (journal_) {
    journal_->complete();
  }
}

}  // namespace mapctl::jobs
