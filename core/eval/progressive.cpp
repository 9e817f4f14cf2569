// SPDX-License-Identifier: Apache-2.0
#include "core/eval/progressive.hpp"

#include "core/base/csv.hpp"
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/hash.hpp"
#include "core/catalog/types.hpp"
#include "core/eval/document.hpp"
#include "core/matching/columns/prepared.hpp"
#include "core/matching/memory/memory.hpp"
#include "core/matching/words/lexicon.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <random>
#include <set>
#include <string_view>
#include <utility>

namespace mapctl::eval {
namespace {

namespace fs = std::filesystem;
using Pair = std::pair<ColumnKey, ColumnKey>;

constexpr std::array<std::string_view, 6> fact_columns{"source_system",    "source_table",
                                                       "source_column",    "source_type",
                                                       "canonical_entity", "canonical_field"};
// Under which endpoint the targets of all tasks are known to memory.
constexpr std::string_view endpoint = "suite";

std::vector<fs::path> fact_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator{folder, failed}) {
    if (entry.path().extension() == ".csv") {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

struct Fact {
  std::string system{}, type{};
  ColumnKey source{}, target{};
};

std::vector<Fact> read_facts(const fs::path& file) {
  const auto text = read_file(file);
  const auto shown = fmt::format("file '{}'", file.string());
  CsvReader reader{text, ',', shown};
  std::vector<std::string> record;
  if (!reader.next(record) ||
      !std::equal(fact_columns.begin(), fact_columns.end(), record.begin(), record.end())) {
    throw Error{ErrorCode::invalid_data,
                fmt::format("'{}' does not begin with the columns of facts", file.string()),
                fmt::format("they are {}", fmt::join(fact_columns, ","))};
  }
  std::vector<Fact> facts;
  while (reader.next(record)) {
    if (record.size() >= fact_columns.size()) {
      facts.push_back({record[0], record[3], {record[1], record[2]}, {record[4], record[5]}});
    }
  }
  return facts;
}

class CatalogMaker {
 public:
  void add(const ColumnKey& key, const std::string& type) {
    if (!seen_.insert(key).second) {
      return;
    }
    auto& table = tables_[key.table];
    table.name = catalog::TableName{key.table};
    catalog::Column column;
    column.name = catalog::ColumnName{key.column};
    column.type = catalog::parse_data_type(type);
    table.columns.push_back(std::move(column));
  }
  std::shared_ptr<const catalog::Catalog> finish() {
    auto result = std::make_shared<catalog::Catalog>();
    auto& schema = result->schemas.emplace_back();
    for (auto& [name, table] : tables_) {
      std::sort(table.columns.begin(), table.columns.end(),
                [](const auto& a, const auto& b) { return a.name < b.name; });
      for (std::size_t at = 0; at < table.columns.size(); ++at) {
        table.columns[at].position = static_cast<int>(at) + 1;
      }
      schema.tables.push_back(std::move(table));
    }
    return result;
  }

 private:
  std::map<std::string, catalog::Table> tables_;
  std::set<ColumnKey> seen_;
};

void add_tasks(const std::vector<Fact>& facts, const std::string& prefix, bool one_target,
               SystemTasks& suite) {
  CatalogMaker all;
  std::map<std::string, std::vector<const Fact*>> systems;
  for (const Fact& fact : facts) {
    all.add(fact.target, {});
    systems[fact.system].push_back(&fact);
  }
  const auto together = all.finish();
  for (const auto& [system, list] : systems) {
    CatalogMaker sources;
    CatalogMaker targets;
    auto& one = suite.tasks.emplace_back();
    one.system = system;
    one.task.name = prefix + system;
    for (const Fact* fact : list) {
      sources.add(fact->source, fact->type);
      targets.add(fact->target, {});
      one.task.truth.emplace_back(fact->source, fact->target);
    }
    one.task.source = sources.finish();
    one.task.target = one_target ? together : targets.finish();
    auto& truth = one.task.truth;
    std::sort(truth.begin(), truth.end());
    truth.erase(std::unique(truth.begin(), truth.end()), truth.end());
  }
}

std::string entity_of(const std::string& table) {
  return fmt::format("{}.{}", endpoint, table);
}

void add_decisions(const SystemTasks::One& one, std::vector<mapping::Decision>& decisions) {
  for (const auto& [source, target] : one.task.truth) {
    mapping::Decision decision;
    decision.key = {mapping::ConnectorName{one.system}, catalog::TableName{source.table},
                    mapping::FieldPath{source.column}, mapping::EntityName{entity_of(target.table)},
                    mapping::FieldPath{target.column}};
    const auto* table =
        one.task.source->find(catalog::TableRef{{}, catalog::TableName{source.table}});
    for (const auto& column : table->columns) {
      if (column.name.text == source.column) {
        decision.source_type = column.type.native;
      }
    }
    decisions.push_back(std::move(decision));
  }
}

// One task with its sides made ready; targets that tasks share are made ready once.
struct Ready {
  const SystemTasks::One* one = nullptr;
  std::shared_ptr<const matching::Prepared> source{}, target{};
  std::set<Pair> truth{};
  double f1_without = 0;
};

ColumnKey key_of(const matching::Side& side, std::uint32_t column) {
  const auto& features = side.columns[column];
  return {side.tables[features.table].ref.table.text, features.column->name.text};
}

double f1_of(const Ready& task, const std::vector<matching::ColumnPair>& decided) {
  double right = 0;
  for (const auto& pair : decided) {
    right += task.truth.contains({key_of(task.source->whole(), pair.source),
                                  key_of(task.target->whole(), pair.target)})
                 ? 1
                 : 0;
  }
  const double both = static_cast<double>(decided.size()) + static_cast<double>(task.truth.size());
  return both > 0 ? 2 * right / both : 0;
}

class Progress {
 public:
  Progress(const SystemTasks& suite, const matching::Knowledge& knowledge,
           const matching::MatchOptions& match, std::stop_token stop)
      : suite_{suite}, knowledge_{knowledge}, match_{match}, stop_{std::move(stop)} {
    std::map<const catalog::Catalog*, std::shared_ptr<const matching::Prepared>> targets;
    std::set<std::string> systems;
    for (const auto& one : suite.tasks) {
      systems.insert(one.system);
      auto& target = targets[one.task.target.get()];
      if (!target) {
        target = matching::prepare(one.task.target, *knowledge_.lexicon);
      }
      tasks_.push_back({&one,
                        matching::prepare(one.task.source, *knowledge_.lexicon),
                        target,
                        {one.task.truth.begin(), one.task.truth.end()},
                        0});
    }
    systems_.assign(systems.begin(), systems.end());
    const matching::Matcher matcher{knowledge_, match_};
    for (Ready& task : tasks_) {
      check();
      task.f1_without = f1_of(
          task, matcher.match_all(*task.source, *task.target, matching::Findings::decisions, stop_)
                    .decided);
    }
  }

  std::size_t systems() const noexcept { return systems_.size(); }

  MemoryFigures step(std::size_t size) const {
    MemoryFigures figures;
    figures.systems = size;
    for (const std::string& system : systems_) {
      check();
      const auto memory = memory_without(system, size);
      for (const Ready& task : tasks_) {
        if (task.one->system == system) {
          figures.f1_with += meet(task, memory, figures) / static_cast<double>(tasks_.size());
          figures.f1_without += task.f1_without / static_cast<double>(tasks_.size());
        }
      }
    }
    return figures;
  }

 private:
  void check() const {
    if (stop_.stop_requested()) {
      throw Error{ErrorCode::cancelled, "interrupted"};
    }
  }

  struct Known {
    std::shared_ptr<const matching::Memory> memory{};
    std::set<ColumnKey> targets{};
  };

  Known memory_without(const std::string& system, std::size_t size) const {
    std::vector<std::string> others;
    std::copy_if(systems_.begin(), systems_.end(), std::back_inserter(others),
                 [&](const std::string& other) { return other != system; });
    std::mt19937_64 random{fast_hash(system)};
    for (std::size_t at = others.size(); at > 1; --at) {
      std::swap(others[at - 1], others[random() % at]);
    }
    others.resize(std::min(size, others.size()));
    const std::set<std::string> chosen{others.begin(), others.end()};
    std::vector<mapping::Decision> decisions;
    Known known;
    for (const auto& one : suite_.tasks) {
      if (chosen.contains(one.system)) {
        add_decisions(one, decisions);
        for (const auto& [source, target] : one.task.truth) {
          known.targets.insert(target);
        }
      }
    }
    known.memory = std::make_shared<const matching::Memory>(
        std::move(decisions), std::vector<mapping::Decision>{}, knowledge_.lexicon);
    return known;
  }

  // What memory says when it meets a task for the first time; gives back F1 of all decisions.
  double meet(const Ready& task, const Known& known, MemoryFigures& figures) const {
    const matching::Matcher matcher{
        knowledge_, match_, {known.memory, {}, task.one->system, std::string{endpoint}}};
    const auto ranking =
        matcher.match_all(*task.source, *task.target, matching::Findings::decisions, stop_);
    std::map<ColumnKey, ColumnKey> answers;
    for (const auto& pair : ranking.recalled) {
      answers.emplace(key_of(task.source->whole(), pair.source),
                      key_of(task.target->whole(), pair.target));
    }
    for (auto at = task.truth.begin(); at != task.truth.end();) {
      const ColumnKey source = at->first;
      bool is_known = false;
      for (; at != task.truth.end() && at->first == source; ++at) {
        is_known = is_known || known.targets.contains(at->second);
      }
      figures.fields += 1;
      figures.known += is_known ? 1 : 0;
      const auto answer = answers.find(source);
      figures.hits +=
          is_known && answer != answers.end() && task.truth.contains({source, answer->second}) ? 1
                                                                                               : 0;
    }
    for (const auto& pair : ranking.decided) {
      const auto source = key_of(task.source->whole(), pair.source);
      const auto target = key_of(task.target->whole(), pair.target);
      const auto answer = answers.find(source);
      if (pair.confidence >= reuse_bar && answer != answers.end() && answer->second == target) {
        figures.reused += 1;
        figures.reused_right += task.truth.contains({source, target}) ? 1 : 0;
      }
    }
    return f1_of(task, ranking.decided);
  }

  const SystemTasks& suite_;
  matching::Knowledge knowledge_;
  matching::MatchOptions match_;
  std::stop_token stop_;
  std::vector<Ready> tasks_;
  std::vector<std::string> systems_;
};

}  // namespace

SystemTasks load_systems(const fs::path& folder, const LoadOptions& options) {
  SystemTasks suite;
  suite.suite = (folder.has_filename() ? folder : folder.parent_path()).filename().string();
  if (!is_suite(folder, options)) {
    const auto files = fact_files(folder);
    if (files.empty()) {
      throw Error{ErrorCode::not_found,
                  fmt::format("'{}' holds neither tasks nor files of facts", folder.string()),
                  "see the section SUITES of mapctl-eval(1)"};
    }
    for (const auto& file : files) {
      const std::string stem = file.stem().string();
      const bool one_target = stem.front() == '_';
      add_tasks(read_facts(file), one_target ? stem.substr(1) + "__" : std::string{}, one_target,
                suite);
    }
    return suite;
  }
  for (const auto& path : task_folders(folder, options)) {
    SystemTasks::One one;
    one.task = load_task(path, options);
    const auto at = one.task.name.find("__");
    one.system = at == std::string::npos ? one.task.name : one.task.name.substr(at + 2);
    suite.tasks.push_back(std::move(one));
  }
  return suite;
}

ProgressiveResult progressive(const SystemTasks& suite, std::span<const std::size_t> sizes,
                              const matching::Knowledge& knowledge,
                              const matching::MatchOptions& match, std::stop_token stop) {
  const Progress progress{suite, knowledge, match, std::move(stop)};
  ProgressiveResult result;
  result.suite = suite.suite;
  result.systems = progress.systems();
  const std::size_t all = result.systems - std::min<std::size_t>(result.systems, 1);
  for (const std::size_t size : sizes) {
    if (size < all) {
      result.steps.push_back(progress.step(size));
    }
  }
  result.steps.push_back(progress.step(all));
  return result;
}

Json to_json(const ProgressiveResult& result) {
  Json json = Json::object();
  json["suite"] = result.suite;
  json["systems"] = result.systems;
  Json steps = Json::array();
  for (const MemoryFigures& step : result.steps) {
    Json one = Json::object();
    one["systems"] = step.systems;
    one["fields"] = static_cast<std::int64_t>(step.fields);
    one["known"] = static_cast<std::int64_t>(step.known);
    one["hits"] = static_cast<std::int64_t>(step.hits);
    one["hit_rate"] = rounded(step.hit_rate());
    one["coverage"] = rounded(step.coverage());
    one["reused"] = static_cast<std::int64_t>(step.reused);
    one["precision"] = rounded(step.precision());
    one["f1_without"] = rounded(step.f1_without);
    one["f1_with"] = rounded(step.f1_with);
    steps.push_back(std::move(one));
  }
  json["progressive"] = std::move(steps);
  return json;
}

}  // namespace mapctl::eval
