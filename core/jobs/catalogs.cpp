// SPDX-License-Identifier: Apache-2.0
#include "core/jobs/catalogs.hpp"

#include "core/base/json.hpp"
#include "core/batch/runner.hpp"
#include "core/catalog/snapshot.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <mutex>
#include <tuple>
#include <utility>

namespace mapctl::jobs {
namespace {

struct TableTask {
  EndpointName endpoint{};
  catalog::TableRef table{};
};

// Glob characters in a name would match other tables, so they are taken literally by a class.
std::string literal_pattern(std::string_view name) {
  std::string pattern;
  for (const char c : name) {
    if (c == '*' || c == '?' || c == '[') {
      pattern += '[';
      pattern += c;
      pattern += ']';
    } else {
      pattern += c;
    }
  }
  return pattern;
}

ports::DiscoveryScope scope_of(const catalog::TableRef& table) {
  ports::DiscoveryScope scope;
  if (!table.schema.empty()) {
    scope.schemas = catalog::NamePattern{literal_pattern(table.schema.text)};
  }
  scope.tables = catalog::NamePattern{literal_pattern(table.table.text)};
  scope.statistics = true;
  return scope;
}

std::string part_name(const TableTask& task, const std::string& structure) {
  return fmt::format("statistics of {} in {} as {}", catalog::to_string(task.table),
                     task.endpoint.text, structure);
}

catalog::Table* find_table(catalog::Catalog& catalog, const catalog::TableRef& ref) {
  for (catalog::Schema& schema : catalog.schemas) {
    for (catalog::Table& table : schema.tables) {
      if (schema.name == ref.schema && table.name == ref.table) {
        return &table;
      }
    }
  }
  return nullptr;
}

// The profiled table replaces the one discovered without statistics.
void adopt(catalog::Catalog& into, const TableTask& task, catalog::Catalog&& profiled) {
  catalog::Table* target = find_table(into, task.table);
  catalog::Table* source = find_table(profiled, task.table);
  if (target == nullptr || source == nullptr) {
    throw Error{ErrorCode::not_found,
                fmt::format("table '{}' of '{}' disappeared while it was read",
                            catalog::to_string(task.table), task.endpoint.text),
                "run again when the source is at rest"};
  }
  *target = std::move(*source);
  for (catalog::DiscoveryWarning& warning : profiled.warnings) {
    if (std::find(into.warnings.begin(), into.warnings.end(), warning) == into.warnings.end()) {
      into.warnings.push_back(std::move(warning));
    }
  }
}

}  // namespace

Catalogs::Catalogs(Endpoints& endpoints, const Clock& clock, std::size_t workers)
    : endpoints_{endpoints}, clock_{clock}, workers_{std::max<std::size_t>(1, workers)} {}

Catalogs::~Catalogs() = default;

void Catalogs::discover(std::span<const EndpointName> names, std::stop_token stop) {
  batch::Plan plan;
  for (const EndpointName& name : names) {
    if (entries_.try_emplace(name).second) {
      plan.jobs.push_back({name.text, {}, {}, {}, std::nullopt});
    }
  }
  const auto work = [&](std::size_t job, std::size_t, std::stop_token token) {
    Entry& entry = entries_.at(EndpointName{plan.jobs[job].source});  // each job has its own entry
    const auto connector = endpoints_.open(EndpointName{plan.jobs[job].source}, token);
    entry.capabilities = connector->capabilities();
    entry.catalog = std::make_shared<catalog::Catalog>(connector->discover({}, token));
    return batch::JobCounts{};
  };
  batch::Observers nobody;
  for (const batch::JobOutcome& outcome :
       batch::ThreadRunner{workers_, clock_}.run(plan, work, nobody, stop)) {
    entries_.at(EndpointName{plan.jobs[outcome.job].source}).problem = outcome.error;
  }
  if (stop.stop_requested()) {
    throw Error{ErrorCode::cancelled, "interrupted while the catalogs were read"};
  }
}

void Catalogs::profile(const std::map<EndpointName, std::set<catalog::TableRef>>& tables,
                       std::map<std::string, std::size_t> limits, const StatisticsStore& store,
                       batch::Observer& observer, std::stop_token stop) {
  batch::Plan plan{"profile", {}, std::move(limits)};
  std::vector<TableTask> tasks;
  for (const auto& [endpoint, refs] : tables) {
    const Entry& entry = entries_.at(endpoint);
    if (!entry.catalog || !entry.capabilities.discovers_statistics) {
      continue;
    }
    for (const catalog::TableRef& ref : refs) {
      plan.jobs.push_back({fmt::format("{}: {}", endpoint.text, catalog::to_string(ref)),
                           {},
                           {},
                           {endpoint.text},
                           std::nullopt});
      tasks.push_back({endpoint, ref});
    }
  }
  std::map<EndpointName, std::string> structures;  // as discovered, before tables are replaced
  for (const TableTask& task : tasks) {
    if (const auto [at, added] = structures.try_emplace(task.endpoint); added) {
      at->second = catalog::fingerprint(*entries_.at(task.endpoint).catalog);
    }
  }
  std::mutex adopting;  // tables of one catalog are replaced by several workers
  std::vector<std::map<EndpointName, std::unique_ptr<ports::Connector>>> connectors(workers_);
  const auto work = [&](std::size_t job, std::size_t worker, std::stop_token token) {
    const TableTask& task = tasks[job];
    Entry& entry = entries_.at(task.endpoint);
    const std::string name = part_name(task, structures.at(task.endpoint));
    if (const auto kept = store.find ? store.find(name) : std::nullopt) {
      auto profiled = catalog::catalog_from_json(parse_json(*kept, name));
      const std::lock_guard lock{adopting};
      adopt(*entry.catalog, task, std::move(profiled));
      return batch::JobCounts{};
    }
    auto& connector = connectors[worker][task.endpoint];
    if (!connector) {
      connector = endpoints_.open(task.endpoint, token);
    }
    auto profiled = connector->discover(scope_of(task.table), token);
    if (store.keep) {
      // A resumed run must propose what an uninterrupted one does.
      store.keep(name, to_line(catalog::to_json(profiled, task.endpoint.text,
                                                catalog::Disclosure::everything)));
    }
    const std::lock_guard lock{adopting};
    adopt(*entry.catalog, task, std::move(profiled));
    return batch::JobCounts{};
  };
  for (const batch::JobOutcome& outcome :
       batch::ThreadRunner{workers_, clock_}.run(plan, work, observer, stop)) {
    if (outcome.error) {
      const TableTask& task = tasks[outcome.job];
      entries_.at(task.endpoint).table_problems.insert_or_assign(task.table, *outcome.error);
    }
  }
  if (stop.stop_requested()) {
    throw Error{ErrorCode::cancelled, "interrupted while the tables were read"};
  }
  // Workers finish in any order; what they warned about is reported in one.
  for (auto& [name, entry] : entries_) {
    if (entry.catalog) {
      std::sort(entry.catalog->warnings.begin(), entry.catalog->warnings.end(),
                [](const auto& a, const auto& b) {
                  return std::tie(a.object, a.message) < std::tie(b.object, b.message);
                });
    }
  }
}

std::shared_ptr<const catalog::Catalog> Catalogs::find(const EndpointName& name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() ? nullptr : found->second.catalog;
}

const Error::Facts* Catalogs::problem(const EndpointName& name) const {
  const auto found = entries_.find(name);
  return found != entries_.end() && found->second.problem ? &*found->second.problem : nullptr;
}

const Error::Facts* Catalogs::problem(const EndpointName& name,
                                      const catalog::TableRef& table) const {
  const auto found = entries_.find(name);
  if (found == entries_.end()) {
    return nullptr;
  }
  const auto problem = found->second.table_problems.find(table);
  return problem == found->second.table_problems.end() ? nullptr : &problem->second;
}

}  // namespace mapctl::jobs
