// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/jobs/project.hpp"

#include "connectors/dictionary/connector.hpp"
#include "connectors/sqlite/connector.hpp"
#include "connectors/sqlite/session.hpp"
#include "core/matching/words/lexicon.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace mapctl::jobs::test {
namespace {

using connectors::sqlite::open_registry_session;
using connectors::sqlite::OpenMode;

class Watched final : public ports::Connector {
 public:
  Watched(std::string name, Project& project, std::unique_ptr<ports::Connector> real)
      : name_{std::move(name)}, project_{project}, real_{std::move(real)} {}

  ports::Capabilities capabilities() const override { return real_->capabilities(); }
  catalog::Catalog discover(const ports::DiscoveryScope& scope, std::stop_token stop) override {
    project_.note({name_, scope.tables.text(), scope.statistics});
    return real_->discover(scope, std::move(stop));
  }
  std::unique_ptr<ports::RowReader> open_reader(const catalog::TableRef& table,
                                                std::stop_token stop) override {
    return real_->open_reader(table, std::move(stop));
  }
  ports::ServerInfo test(std::stop_token stop) override { return real_->test(std::move(stop)); }

 private:
  std::string name_;
  Project& project_;
  std::unique_ptr<ports::Connector> real_;
};

}  // namespace

EndpointName endpoint(std::string name) {
  return EndpointName{std::move(name)};
}

catalog::TableRef table(std::string name) {
  return {{}, catalog::TableName{std::move(name)}};
}

Project::Project() {
  const auto session = open_registry_session(folder_.path() / "registry.db", OpenMode::create);
  registry::initialise(*session, system_clock());
}

std::filesystem::path Project::path_of(const std::string& name) const {
  return folder_.path() / (name + (is_database_.at(name) ? ".db" : ".csv"));
}

void Project::dictionary(const std::string& name, const std::string& lines) {
  is_database_[name] = false;
  std::ofstream{path_of(name)} << "table,column,type,description\n" << lines;
}

void Project::database(const std::string& name, const std::string& sql) {
  is_database_[name] = true;
  sqlite3* opened = nullptr;
  const int code = sqlite3_open(path_of(name).c_str(), &opened);
  const std::unique_ptr<sqlite3, decltype(&sqlite3_close)> file{opened, &sqlite3_close};
  if (code != SQLITE_OK ||
      sqlite3_exec(opened, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    throw std::runtime_error{sqlite3_errmsg(opened)};
  }
}

std::unique_ptr<ports::Connector> Project::open(const EndpointName& endpoint,
                                                std::stop_token stop) {
  const auto found = is_database_.find(endpoint.text);
  if (found == is_database_.end()) {
    throw Error{ErrorCode::not_found, "there is no profile '" + endpoint.text + "'"};
  }
  ports::ConnectorOptions options;
  options.profile = endpoint.text;
  options.options["path"] = path_of(endpoint.text).string();
  const ports::ConnectorFactory& factory =
      found->second ? connectors::sqlite::factory() : connectors::dictionary::factory();
  return std::make_unique<Watched>(endpoint.text, *this, factory.open(options, std::move(stop)));
}

void Project::note(Read read) {
  {
    const std::lock_guard lock{mutex_};
    reads_.push_back(read);
  }
  if (before_read) {
    before_read(read);
  }
}

std::vector<std::string> Project::statistics_read() const {
  const std::lock_guard lock{mutex_};
  std::vector<std::string> read;
  for (const Read& each : reads_) {
    if (each.statistics) {
      read.push_back(each.endpoint + ": " + each.tables);
    }
  }
  std::sort(read.begin(), read.end());
  return read;
}

void Project::forget_reads() {
  const std::lock_guard lock{mutex_};
  reads_.clear();
}

registry::Registry Project::open_registry() const {
  return registry::Registry{
      open_registry_session(folder_.path() / "registry.db", OpenMode::read_write),
      system_clock(),
      {TenantName{"default"}, UserName{"ada"}}};
}

void Project::change_registry(const std::string& sql) const {
  open_registry_session(folder_.path() / "registry.db", OpenMode::read_write)->execute(sql);
}

std::unique_ptr<ProposeRun> Project::propose_run(ProposeRequest request) {
  return std::make_unique<ProposeRun>(std::move(request), *this, mapctl::test::shipped_knowledge(),
                                      system_clock());
}

std::unique_ptr<BatchRun> Project::batch_run(ProposeRequest request) {
  return std::make_unique<BatchRun>(
      std::move(request), *this, mapctl::test::shipped_knowledge(), system_clock(),
      [this] { return open_registry(); }, journals());
}

PairRequest pair(std::string source, std::string source_tables, std::string target,
                 std::string target_tables) {
  PairRequest made = pair_to_auto(std::move(source), std::move(source_tables), std::move(target));
  made.target_tables = catalog::NamePattern{std::move(target_tables)};
  return made;
}

PairRequest pair_to_auto(std::string source, std::string source_tables, std::string target) {
  PairRequest made;
  made.source = endpoint(std::move(source));
  made.target = endpoint(std::move(target));
  made.source_tables = catalog::NamePattern{std::move(source_tables)};
  return made;
}

ProposeRequest request(std::vector<PairRequest> pairs, std::size_t workers) {
  return {"test", std::move(pairs), {}, workers};
}

std::vector<std::string> labels(const std::vector<PairJob>& jobs) {
  std::vector<std::string> found;
  for (const PairJob& job : jobs) {
    found.push_back((job.problem ? "!" : "") + job.source_label() + " -> " + job.target_label());
  }
  return found;
}

std::vector<std::string> statuses(const std::vector<batch::JobOutcome>& outcomes) {
  std::vector<std::string> found;
  for (const batch::JobOutcome& outcome : outcomes) {
    found.emplace_back(to_string(outcome.status));
  }
  return found;
}

std::vector<std::string> decisions(const mapping::PairProposal& proposal) {
  std::vector<std::string> found;
  for (const mapping::FieldProposal& field : proposal.fields) {
    for (const std::size_t index : field.decision) {
      found.push_back(field.source_column.text + "=" +
                      field.candidates.at(index).target_column.text);
    }
  }
  return found;
}

}  // namespace mapctl::jobs::test
