// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/batch/observer.hpp"
#include "core/batch/plan.hpp"
#include "core/catalog/names.hpp"
#include "core/jobs/catalogs.hpp"
#include "core/jobs/endpoints.hpp"
#include "core/mapping/proposal.hpp"
#include "core/matching/matcher.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace mapctl::jobs {

// Whether a language model is asked about what matching leaves open; `replay`: only the answers
// that the registry keeps are used, and nothing is sent.
enum class LanguageModelUse : std::uint8_t { off, on, replay };

struct Advised {
  const catalog::Table& source;
  const catalog::Table& target;
  const matching::MatchOptions& options;
  LanguageModelUse use = LanguageModelUse::on;
};

// Improves a proposal before it is kept. Called from several threads at once.
class Adviser {
 public:
  virtual ~Adviser() = default;
  // Of what decides its advice beside the proposal.
  virtual std::string fingerprint() const = 0;
  virtual void advise(const Advised& advised, mapping::PairProposal& proposal,
                      std::stop_token stop) = 0;
};

// What was asked for: every source table that matches, each to one target table.
struct PairRequest {
  EndpointName source{};
  EndpointName target{};
  catalog::NamePattern source_tables{};
  // The targets to choose from. One table: that one. Several, or nothing (`target: auto`): the
  // likeliest of them for each source table.
  std::optional<catalog::NamePattern> target_tables{};
  // Where no targets are named: a source table and a target table that are the only ones are a
  // pair, however little they have in common.
  bool pair_only_tables = false;
  matching::MatchOptions options{};
  LanguageModelUse language_model = LanguageModelUse::off;  // needs ProposeRequest::adviser
};

struct ProposeRequest {
  std::string name{};
  std::vector<PairRequest> pairs{};
  std::map<std::string, std::size_t> limits{};  // jobs at once, by endpoint
  std::size_t workers = 1;
  std::shared_ptr<Adviser> adviser{};
};

// One table pair. Without target table it is still to be found.
struct PairJob {
  EndpointName source{};
  EndpointName target{};
  catalog::TableRef source_table{};
  std::vector<catalog::TableRef> target_choices{};  // more than one: ranked when the job runs
  bool choose_target = false;
  matching::MatchOptions options{};
  LanguageModelUse language_model = LanguageModelUse::off;
  std::optional<Error::Facts> problem{};  // known before anything runs

  std::string source_label() const;  // "crm: Account"
  std::string target_label() const;  // "canonical: account", "canonical: auto"
};

// A finished proposal, on its way to where it is kept.
struct Proposed {
  std::size_t job = 0;     // index in jobs()
  std::size_t worker = 0;  // 0 .. workers - 1
  double seconds = 0;      // that finding it took
  mapping::PairProposal& proposal;
};

// Called on the worker's thread; may move the proposal away. What it throws fails the job.
using ProposalSink = std::function<void(const Proposed& proposed)>;

// One run in its phases: connect, profile, propose. Used by one thread at a time.
class ProposeRun {
 public:
  ProposeRun(ProposeRequest request, Endpoints& endpoints, matching::Knowledge knowledge,
             const Clock& clock);
  ~ProposeRun();

  // Reads the structure of every endpoint and makes jobs of the requests, in their order. An
  // endpoint or table that is not there becomes a job with a problem. The same pair asked for
  // twice throws Error::configuration.
  void connect(std::stop_token stop);
  const std::vector<PairJob>& jobs() const noexcept { return jobs_; }

  // Past decisions that take part from here on; before plan() and propose().
  void remember(std::shared_ptr<const matching::Memory> memory);
  // How confidences are to be read, likewise.
  void calibrate(std::shared_ptr<const matching::Calibration> calibration);

  // The jobs as a batch sees them, with the hash of what decides each result.
  batch::Plan plan() const;

  // Statistics of the tables that matter, where options.use_data asks for them.
  void profile(const StatisticsStore& store, batch::Observer& observer, std::stop_token stop);

  // Runs what `plan` has not settled.
  std::vector<batch::JobOutcome> propose(const batch::Plan& plan, const ProposalSink& sink,
                                         batch::Observer& observer, std::stop_token stop);

  const Catalogs& catalogs() const noexcept { return catalogs_; }

 private:
  struct Sides;

  void expand(const PairRequest& request);
  mapping::PairProposal propose_one(const PairJob& job, std::stop_token stop) const;
  void advise(const PairJob& job, mapping::PairProposal& proposal, std::stop_token stop) const;
  void prepare();

  ProposeRequest request_;
  matching::Knowledge knowledge_;
  std::shared_ptr<const matching::Memory> memory_{};
  std::shared_ptr<const matching::Calibration> calibration_{};
  const Clock& clock_;
  Catalogs catalogs_;
  std::vector<PairJob> jobs_;
  std::map<EndpointName, std::shared_ptr<const matching::Prepared>> sources_;
  std::map<EndpointName, std::shared_ptr<const matching::Prepared>> targets_;
};

}  // namespace mapctl::jobs
