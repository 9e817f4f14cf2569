// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/batch/observer.hpp"
#include "core/jobs/batch_run.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/knowledge.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mapctl::jobs::test {

EndpointName endpoint(std::string name);
catalog::TableRef table(std::string name);

// Real systems in a folder of their own, reached by name: data dictionaries and SQLite files.
// Every read of a catalog is counted, and passed to `before_read` first.
class Project : public Endpoints {
 public:
  Project();

  // A dictionary of lines "table,column,type,description".
  void dictionary(const std::string& name, const std::string& lines);
  // An SQLite file; `sql` is run on the one that is there already.
  void database(const std::string& name, const std::string& sql);
  std::filesystem::path path_of(const std::string& name) const;

  std::unique_ptr<ports::Connector> open(const EndpointName& endpoint,
                                         std::stop_token stop) override;

  struct Read {
    std::string endpoint{};
    std::string tables{};  // the pattern
    bool statistics = false;
  };
  // On the reading thread; may throw instead of the connector. It is called without a lock.
  std::function<void(const Read& read)> before_read{};
  std::vector<std::string> statistics_read() const;  // "endpoint: pattern", sorted
  void forget_reads();
  void note(Read read);

  registry::Registry open_registry() const;
  void change_registry(const std::string& sql) const;
  std::filesystem::path journals() const { return folder_.path() / "runs"; }

  std::unique_ptr<ProposeRun> propose_run(ProposeRequest request);
  std::unique_ptr<BatchRun> batch_run(ProposeRequest request);

 private:
  TemporaryDirectory folder_{};
  std::map<std::string, bool> is_database_{};
  mutable std::mutex mutex_{};
  std::vector<Read> reads_{};
};

PairRequest pair(std::string source, std::string source_tables, std::string target,
                 std::string target_tables);
PairRequest pair_to_auto(std::string source, std::string source_tables, std::string target);
ProposeRequest request(std::vector<PairRequest> pairs, std::size_t workers = 2);

// "source -> target" of every job, with "!" before one that cannot run.
std::vector<std::string> labels(const std::vector<PairJob>& jobs);
// Statuses of a plan's jobs, in its order.
std::vector<std::string> statuses(const std::vector<batch::JobOutcome>& outcomes);
// "column=target" of every decided field.
std::vector<std::string> decisions(const mapping::PairProposal& proposal);

class Watcher final : public batch::Observer {
 public:
  std::function<void(const batch::JobOutcome&)> finished{};
  void run_started(const batch::Plan&) override {}
  void job_started(const batch::Plan&, std::size_t) override {}
  void job_retried(const batch::Plan&, std::size_t, const Error::Facts&, double) override {}
  void job_finished(const batch::Plan&, const batch::JobOutcome& outcome) override {
    if (finished) {
      finished(outcome);
    }
  }
  void run_finished(const batch::Plan&, const std::vector<batch::JobOutcome>&) override {}
};

using mapctl::test::facts_of;

}  // namespace mapctl::jobs::test
