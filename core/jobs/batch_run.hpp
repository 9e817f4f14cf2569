// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/clock.hpp"
#include "core/base/named.hpp"
#include "core/batch/journal.hpp"
#include "core/batch/observer.hpp"
#include "core/batch/plan.hpp"
#include "core/jobs/propose_run.hpp"
#include "core/mapping/decision.hpp"
#include "core/registry/registry.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace mapctl::jobs {

// A registry of its own for whoever calls; several are used at once.
using OpenRegistry = std::function<registry::Registry()>;

// Which run to go on with: one by its id, or the last one of the plan.
struct Resume {
  std::optional<RunId> run{};
};

// How a run ended.
struct BatchResult {
  registry::RunStatus status = registry::RunStatus::running;
  registry::RunTotals totals{};
  std::string started_at{}, finished_at{};
  std::vector<batch::JobOutcome> outcomes{};  // in plan order
};

// A batch from its plan to a registry that holds all of it, in phases: connect, begin, profile,
// propose. The registry is the truth for what is done; the journal under `journals` keeps what a
// killed run needs to go on with. Used by one thread at a time.
class BatchRun {
 public:
  BatchRun(ProposeRequest request, Endpoints& endpoints, matching::Knowledge knowledge,
           const Clock& clock, OpenRegistry open_registry, std::filesystem::path journals);
  ~BatchRun();

  // What answers where the tenant's own decisions say nothing; before begin().
  void set_baseline(std::vector<mapping::Decision> baseline) { baseline_ = std::move(baseline); }

  void connect(std::stop_token stop);
  const std::vector<PairJob>& jobs() const noexcept { return proposing_.jobs(); }
  const Catalogs& catalogs() const noexcept { return proposing_.catalogs(); }
  // What would be run; nothing is settled but what cannot run.
  batch::Plan plan() const { return proposing_.plan(); }

  // Makes a run in the registry, or takes one up again. Throws Error::not_found when there is none
  // to resume, configuration when its plan was another, busy when another process works on it.
  const RunId& begin(const std::optional<Resume>& resume);
  const RunId& run() const noexcept { return run_; }
  const std::string& started_at() const noexcept { return started_at_; }

  // Reads statistics, kept in the journal as they come, and stores a snapshot of each endpoint.
  void profile(batch::Observer& observer, std::stop_token stop);

  // Proposes and stores, each pair all at once. A stop leaves a run that can be resumed.
  BatchResult propose(batch::Observer& observer, std::stop_token stop);

  // The run is to be resumed later: the phases before propose() were interrupted.
  void interrupt() noexcept;
  // Everything that follows from the run is written: the journal may go. Until then a resume finds
  // it, and repeats what was not finished.
  void complete();

 private:
  registry::JobRecord record_of(std::size_t job, const batch::JobOutcome* outcome) const;
  void settle(batch::Plan& plan);
  void remember();

  std::string plan_hash_;
  std::string name_;
  std::size_t workers_;
  const Clock& clock_;
  OpenRegistry open_registry_;
  std::filesystem::path journals_;
  ProposeRun proposing_;
  std::unique_ptr<registry::Registry> registry_;
  std::unique_ptr<batch::Journal> journal_;
  RunId run_{};
  std::string started_at_{};
  matching::Knowledge knowledge_;
  std::vector<mapping::Decision> baseline_{};
  registry::RunTotals totals_{};  // as far as propose() came
};

}  // namespace mapctl::jobs
