// SPDX-License-Identifier: Apache-2.0
#include "cli/artifacts.hpp"
#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/options/choice.hpp"
#include "cli/run_report.hpp"
#include "core/base/text.hpp"
#include "core/registry/registry.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mapctl::cli {
namespace {

std::vector<std::string> words_of(std::span<const std::string_view> views) {
  return {views.begin(), views.end()};
}

class ExportCommand final : public Command {
 public:
  std::string_view name() const noexcept override { return "export"; }
  std::string_view summary() const noexcept override {
    return "Write the registry's mappings, or a run, as a workbook, page, table or code";
  }
  std::string_view example() const noexcept override {
    return "# every mapping of the registry, for a spreadsheet\n"
           "mapctl export --format csv -o mappings.csv\n"
           "# the last run as a page that opens from disk\n"
           "mapctl export --run --format html -o run.html\n"
           "# mapping files of what is approved, as migrate-yaml reads them\n"
           "mapctl export --format yaml --status active\n";
  }

  void declare(CLI::App& app) override {
    choices(app.add_option("--format", format_, "What to write"), words_of(artifact_words()))
        ->required();
    app.add_option("-o,--output", output_, "File, or folder for dbt (default: standard output)")
        ->type_name("PATH");
    run_option_ = app.add_option("--run", run_,
                                 "A run instead of the registry: RUN, by default "
                                 "the last one")
                      ->expected(0, 1)
                      ->type_name("RUN");
    app.add_option("--source", filter_.source, "Only sources that match: endpoint or table")
        ->type_name("GLOB");
    app.add_option("--entity", filter_.entity, "Only targets that match: entity or table")
        ->type_name("GLOB");
    app.add_option("--status", statuses_,
                   "Only mappings of this status: proposed, approved, rejected, not_used, "
                   "deprecated, or the registry's word")
        ->delimiter(',')
        ->type_name("STATUS");
    between(app.add_option("--min-confidence", filter_.min_confidence,
                           "Only mappings at least this sure"),
            0, 1)
        ->type_name("SHARE");
    choices(app.add_option("--dialect", dialect_, "SQL of sql and dbt (default: the target's own)"),
            {"sqlite", "duckdb", "postgresql", "mysql", "sqlserver"});
    choices(app.add_option("--shape", shape_, "Of sql: a view or an insert-select a pair"),
            {"view", "insert"});
    app.add_flag("--protect", protect_, "Lock the cells of a workbook that are not to be edited");
  }

  ExitCode run(CommandContext& context) override {
    report::Filter filter = filter_;
    for (const std::string& word : statuses_) {
      filter.statuses.push_back(status_from(word));
    }
    ArtifactOptions options;
    options.protect = protect_;
    options.sql_shape =
        shape_ == "insert" ? report::SqlShape::insert_select : report::SqlShape::view;
    if (!dialect_.empty()) {
      options.sql_target = report::sql_target_from(dialect_);
    }
    registry::Registry registry = context.open_registry();
    options.kept_in = &registry;
    report::RunReport report;
    std::unique_ptr<report::PairSource> pairs;
    if (run_option_->count() > 0) {
      const registry::RunRecord record = find_run(registry);
      report = describe_run(context, registry, record);
      pairs = std::make_unique<RunPairs>(registry, record.id, snapshots_of(registry));
    } else {
      report = describe_registry(context, registry);
      pairs = std::make_unique<MappingPairs>(registry, snapshots_of(registry));
    }
    report::FilteredPairs filtered{*pairs, std::move(filter)};
    const Artifact artifact = *artifact_from(format_);
    if (output_.empty()) {
      print_artifact(context, artifact, report, filtered, options);
    } else {
      write_artifact(context, artifact, output_, report, filtered, options);
    }
    return ExitCode::done;
  }

 private:
  static report::ReviewStatus status_from(const std::string& word) {
    if (const auto status = report::review_status_from(word)) {
      return *status;
    }
    if (const auto stored = mapping::mapping_status_from(word)) {
      return report::review_status_of(*stored);
    }
    const std::vector<std::string> known = {"proposed",   "approved",       "rejected",
                                            "not_used",   "flagged",        "needs_info",
                                            "deprecated", "pending_review", "active"};
    throw Error{ErrorCode::usage, fmt::format("'{}' is no status", word), suggestion(word, known)};
  }

  registry::RunRecord find_run(registry::Registry& registry) const {
    auto record = run_.empty() ? registry.last_run() : registry.run(RunId{run_});
    if (!record) {
      throw Error{ErrorCode::not_found,
                  run_.empty() ? std::string{"the registry holds no run yet"}
                               : fmt::format("there is no run '{}'", run_),
                  "mapctl registry runs lists them"};
    }
    return *record;
  }

  std::string format_, output_, run_, dialect_, shape_ = "view";
  CLI::Option* run_option_ = nullptr;
  report::Filter filter_{};
  std::vector<std::string> statuses_;
  bool protect_ = false;
};

}  // namespace

std::unique_ptr<Command> make_export_command() {
  return std::make_unique<ExportCommand>();
}

}  // namespace mapctl::cli
