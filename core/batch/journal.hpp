// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/named.hpp"
#include "core/batch/observer.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace mapctl::batch {

// What a run keeps on disk while it is not finished: a folder of its own with an append-only
// journal of JSON lines, flushed after each job, and the intermediate results it wants to find
// again after a kill ("parts"). The folder is locked for one process at a time and removed when
// the run is complete: from then on the registry alone knows.
class Journal final : public Observer {
 public:
  // Opens or creates the folder of `run` under `folder`. Throws Error::busy when another process
  // has it open, invalid_data when it belongs to a plan with another hash.
  Journal(std::filesystem::path folder, RunId run, std::string plan_hash);
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  ~Journal() override;

  // Runs under `folder` that were begun and not completed, with the hash of their plan.
  static std::map<std::string, std::string> unfinished(const std::filesystem::path& folder);

  // A part is written whole or not at all. Names are of our own making; safe to call from several
  // threads for different names.
  void keep(std::string_view name, std::string_view bytes) const;
  std::optional<std::string> find(std::string_view name) const;

  // Outcomes recorded by earlier processes of this run, by job label; the last one of a job counts.
  const std::map<std::string, JobStatus>& earlier() const noexcept { return earlier_; }

  // Removes the folder. Without it the folder stays for --resume.
  void complete();

  void run_started(const Plan& plan) override;
  void job_started(const Plan& plan, std::size_t job) override;
  void job_retried(const Plan& plan, std::size_t job, const Error::Facts& cause,
                   double wait_seconds) override;
  void job_finished(const Plan& plan, const JobOutcome& outcome) override;
  void run_finished(const Plan& plan, const std::vector<JobOutcome>& outcomes) override;

 private:
  std::filesystem::path part_path(std::string_view name) const;
  void append(std::string line);

  std::filesystem::path folder_;
  int file_ = -1;
  std::map<std::string, JobStatus> earlier_;
};

}  // namespace mapctl::batch
