// SPDX-License-Identifier: Apache-2.0
#include "cli/artifacts.hpp"
#include "cli/batch_summary.hpp"
#include "cli/catalog_cache.hpp"
#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/endpoint_control.hpp"
#include "cli/endpoint_names.hpp"
#include "cli/options/choice.hpp"
#include "cli/options/language_model.hpp"
#include "cli/options/matching.hpp"
#include "cli/progress_observer.hpp"
#include "cli/run_report.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "core/config/plan_file.hpp"
#include "core/jobs/batch_run.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <exception>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace mapctl::cli {
namespace {

namespace fs = std::filesystem;

matching::MatchOptions options_of(const config::ProposeSettings& settings) {
  matching::MatchOptions options;
  options.min_confidence = settings.min_confidence.value_or(options.min_confidence);
  options.one_to_one = settings.one_to_one.value_or(options.one_to_one);
  options.top =
      static_cast<std::size_t>(settings.top.value_or(static_cast<std::int64_t>(options.top)));
  options.domain = settings.domain.value_or(options.domain);
  options.use_data = settings.use_data.value_or(options.use_data);
  options.use_memory = settings.use_memory.value_or(options.use_memory);
  options.composites = settings.composites.value_or(options.composites);
  return options;
}

// Passwords of URLs stay in memory: the plan goes on under the names that may be shown and kept.
void name_endpoints(CommandContext& context, config::PlanFile& plan) {
  std::set<std::string> warned;
  const auto name = [&](std::string& endpoint, const std::string& where) {
    std::string shown = name_endpoint(context, endpoint);
    if (shown != endpoint && warned.insert(shown).second) {
      context.reporter().warning(
          fmt::format("{}: the endpoint '{}' has its password in plain text", where, shown),
          "leave the password to ~/.pgpass or PGPASSWORD, or name a profile");
    }
    endpoint = std::move(shown);
  };
  for (config::PlanPair& pair : plan.pairs) {
    name(pair.source_endpoint, pair.where);
    name(pair.target_endpoint, pair.where);
  }
  for (std::string* endpoint : {&plan.source, &plan.target}) {
    if (!endpoint->empty()) {
      name(*endpoint, plan.file.filename().string());
    }
  }
  std::map<std::string, std::size_t> limits;
  for (const auto& [endpoint, limit] : plan.limits) {
    limits.emplace(name_endpoint(context, endpoint), limit);
  }
  plan.limits = std::move(limits);
}

// The plan's limits, and where it says nothing what the profiles allow.
jobs::ProposeRequest request_of(const CommandContext& context, const config::PlanFile& plan,
                                const MatchingOptions& given, LanguageModelChoice& language_model,
                                bool runs) {
  jobs::ProposeRequest request{plan.name, {}, plan.limits, given.workers(), {}};
  std::set<std::string> endpoints;
  for (const config::PlanPair& pair : plan.pairs) {
    jobs::PairRequest wanted;
    wanted.source.text = pair.source_endpoint;
    wanted.target.text = pair.target_endpoint;
    wanted.source_tables = catalog::NamePattern{pair.source};
    if (pair.target) {
      wanted.target_tables = catalog::NamePattern{*pair.target};
    }
    wanted.options = given.over(options_of(pair.propose));
    wanted.language_model =
        runs ? language_model.use(pair.propose.llm) : jobs::LanguageModelUse::off;
    endpoints.insert({pair.source_endpoint, pair.target_endpoint});
    request.pairs.push_back(std::move(wanted));
  }
  request.adviser = language_model.adviser();
  for (const std::string& endpoint : endpoints) {
    if (const auto limit = context.connection_limit(endpoint)) {
      request.limits.try_emplace(endpoint, *limit);
    }
  }
  return request;
}

// One line of JSON a job as it ends, for --format jsonl.
class JobLines final : public batch::Observer {
 public:
  JobLines(Output& out, const jobs::BatchRun& run) : out_{out}, run_{run} {}
  void run_started(const batch::Plan&) override {}
  void job_started(const batch::Plan&, std::size_t) override {}
  void job_retried(const batch::Plan&, std::size_t, const Error::Facts&, double) override {}
  void job_finished(const batch::Plan&, const batch::JobOutcome& outcome) override {
    if (problem_) {
      return;
    }
    try {
      out_.json_line(to_json(run_.jobs()[outcome.job], outcome));
      out_.flush();
    } catch (const Error& error) {
      problem_ = error.facts();  // the jobs go on
    }
  }
  void run_finished(const batch::Plan&, const std::vector<batch::JobOutcome>&) override {}

  // Throws what went wrong with a line, for when everything else is done.
  void throw_if_failed() const {
    if (problem_) {
      throw Error{*problem_};
    }
  }

 private:
  Output& out_;
  const jobs::BatchRun& run_;
  std::optional<Error::Facts> problem_{};
};

class BatchCommand final : public Command {
 public:
  std::string_view name() const noexcept override { return "batch"; }
  std::string_view summary() const noexcept override {
    return "Run every table pair of a plan and write the workbook";
  }
  std::string_view example() const noexcept override {
    return "# what would be run\n"
           "mapctl batch plan.yaml --dry-run\n"
           "# run it; exit 4 when less than 80 % of the source fields are mapped\n"
           "mapctl batch plan.yaml --fail-under 0.8\n"
           "# go on with the last run of this plan after Ctrl-C or a kill\n"
           "mapctl batch plan.yaml --resume\n";
  }

  void declare(CLI::App& app) override {
    app.add_option("plan", plan_file_, "The plan")->required()->type_name("PLAN.yaml");
    app.add_flag("--allow-stale", allow_stale_,
                 "Take the last snapshot of a system that does not answer");
    app.add_flag("--refresh", refresh_, "Read anew what limits.catalog_lifetime lets serve");
    app.add_flag("--dry-run", dry_run_, "Print the pairs and do nothing");
    resume_option_ = app.add_option("--resume", resume_run_,
                                    "Go on with a run: RUN, by default the last one of this plan")
                         ->expected(0, 1)
                         ->type_name("RUN");
    between(app.add_option("--fail-under", fail_under_,
                           "Exit 4 when the share of mapped source fields is lower"),
            0, 1)
        ->type_name("SHARE");
    matching_.declare(app);
    language_model_.declare(app);
  }

  ExitCode run(CommandContext& context) override {
    if (allow_stale_) {
      endpoint_control(context).allow_stale();
    }
    if (refresh_) {
      endpoint_control(context).catalog_cache().refresh();
    }
    config::PlanFile plan = config::load_plan(plan_file_);
    name_endpoints(context, plan);
    context.set_endpoint_base(plan.file.parent_path());
    if (!dry_run_) {
      context.open_registry();  // a missing one is told before any work
    }
    LanguageModelChoice language_model{context, language_model_};
    jobs::BatchRun run{request_of(context, plan, matching_, language_model, !dry_run_),
                       context.endpoints(),
                       load_knowledge(context),
                       context.clock(),
                       [&] { return context.open_registry(); },
                       context.settings().registry().directory / "runs"};
    run.set_baseline(load_baseline(context));
    run.connect(context.stop());
    if (dry_run_) {
      return print_plan(context, plan, run);
    }
    std::optional<jobs::Resume> resume;
    if (resume_option_->count() > 0) {
      resume.emplace();
      if (!resume_run_.empty()) {
        resume->run = RunId{resume_run_};
      }
    }
    run.begin(resume);
    try {
      return execute(context, plan, run, language_model);
    } catch (const Error& error) {
      run.interrupt();
      if (error.code() != ErrorCode::cancelled) {
        write_last_words(plan, run);
        throw;
      }
      BatchSummary summary{plan.name, &run, nullptr, "interrupted", {}, context.stopped_as()};
      write_summary(plan, summary);
      throw Error{ErrorCode::cancelled, fmt::format("run '{}' was interrupted", run.run().text),
                  fmt::format("mapctl batch {} --resume goes on with it", plan_file_)};
    }
  }

 private:
  ExitCode execute(CommandContext& context, const config::PlanFile& plan, jobs::BatchRun& run,
                   const LanguageModelChoice& language_model) {
    BatchSummary summary{plan.name, &run, nullptr, "running", {}, std::nullopt};
    write_summary(plan, summary);
    const bool quiet = context.settings().boolean("quiet");
    const auto mode = context.shows_progress() ? Progress::Mode::live
                      : quiet || context.settings().boolean("no_progress")
                          ? Progress::Mode::none
                          : Progress::Mode::json_lines;
    Progress progress{context.reporter(), context.clock(), mode};
    ProgressObserver reading{progress, "reading"};
    run.profile(reading, context.stop());

    ProgressObserver proposing{progress, "proposing"};
    JobLines lines{context.out(), run};
    batch::Observers observers;
    observers.add(proposing);
    if (context.format() == Format::jsonl) {
      observers.add(lines);
    }
    const jobs::BatchResult result = run.propose(observers, context.stop());
    if (result.status == registry::RunStatus::interrupted) {
      throw Error{ErrorCode::cancelled, "interrupted"};
    }
    write_outputs(context, plan, run, progress, summary);
    progress.stop();
    language_model.report();

    summary.result = &result;
    summary.status = to_string(result.status);
    summary.language_model = &language_model;
    const ExitCode code = exit_code(result, language_model.fell_short());
    summary.exit_code = code;
    write_summary(plan, summary);
    run.complete();
    print_result(context, plan, summary, result);
    lines.throw_if_failed();
    return code;
  }

  void write_outputs(CommandContext& context, const config::PlanFile& plan,
                     const jobs::BatchRun& run, Progress& progress, BatchSummary& summary) const {
    std::vector<std::pair<Artifact, fs::path>> wanted;
    if (plan.workbook) {
      const bool zip = plan.layout == config::WorkbookLayout::zip;
      fs::path path = *plan.workbook;
      if (zip) {
        path.replace_extension(".zip");
      }
      wanted.emplace_back(zip ? Artifact::zip : Artifact::xlsx, path);
    }
    for (const std::string& word : plan.also) {
      const auto artifact = artifact_from(word);
      if (!artifact) {
        throw Error{ErrorCode::configuration,
                    fmt::format("'{}' is nothing a run can be written as", word)};
      }
      const bool folder = *artifact == Artifact::dbt;
      wanted.emplace_back(*artifact,
                          fs::path{plan.output_stem.string() + (folder ? "-dbt" : "." + word)});
    }
    registry::Registry registry = context.open_registry();
    const auto record = registry.run(run.run());
    report::RunReport report = describe_run(context, registry, *record);
    report.plan = plan.file.filename().string();
    report.source = plan.source.empty() ? report.source : plan.source;
    report.target = plan.target.empty() ? report.target : plan.target;
    add_warnings(run, report);
    RunPairs pairs{registry, run.run(), [&](const std::string& endpoint) {
                     return run.catalogs().find(jobs::EndpointName{endpoint});
                   }};
    ArtifactOptions options;
    options.kept_in = &registry;
    for (const auto& [artifact, path] : wanted) {
      progress.start_phase(fmt::format("writing {}", path.filename().string()), 0);
      write_artifact(context, artifact, path, report, pairs, options);
      summary.outputs.push_back({std::string{to_string(artifact)}, path.string()});
    }
  }

  // What discovery could not find out is an issue for the reviewer, too.
  static void add_warnings(const jobs::BatchRun& run, report::RunReport& report) {
    std::vector<std::string> endpoints;
    for (const jobs::PairJob& job : run.jobs()) {
      for (const std::string& name : {job.source.text, job.target.text}) {
        if (std::find(endpoints.begin(), endpoints.end(), name) == endpoints.end()) {
          endpoints.push_back(name);
        }
      }
    }
    for (const std::string& endpoint : endpoints) {
      if (const auto catalog = run.catalogs().find(jobs::EndpointName{endpoint})) {
        for (const auto& warning : catalog->warnings) {
          report.issues.push_back({report::Severity::warning,
                                   fmt::format("{}: {}", endpoint, warning.object), warning.message,
                                   warning.hint});
        }
      }
    }
  }

  static void write_summary(const config::PlanFile& plan, const BatchSummary& summary) {
    const fs::path path = summary_path(plan);
    std::error_code problem;
    if (path.has_parent_path()) {
      fs::create_directories(path.parent_path(), problem);
    }
    if (problem) {
      throw_io_error(problem.value(), "write", path);
    }
    write_file_atomically(path, to_document(to_json(summary)));
  }

  // Nobody is to think that a run is still at work which ended with an error.
  static void write_last_words(const config::PlanFile& plan, const jobs::BatchRun& run) {
    const BatchSummary summary{plan.name, &run, nullptr, "interrupted", {}, std::nullopt};
    try {
      write_summary(plan, summary);
    } catch (const Error&) {
      // The error that ended the run is the one to be told.
      overwrite(summary_path(plan), to_document(to_json(summary)));
    }
  }

  // A full disk has no room for another file, but the one from the start has a few bytes left; if
  // they are too few, it stays what it was.
  static void overwrite(const fs::path& path, const std::string& text) noexcept {
    try {
      const std::string before = read_file(path);
      if (!put_into(path, text)) {
        put_into(path, before);
      }
    } catch (const std::exception&) {
      // There is no summary from the start.
    }
  }

  static bool put_into(const fs::path& path, const std::string& text) {
    std::fstream file{path, std::ios::binary | std::ios::in | std::ios::out};
    file << text << std::flush;
    std::error_code problem;
    if (file) {
      fs::resize_file(path, text.size(), problem);
    }
    return file && !problem;
  }

  static fs::path summary_path(const config::PlanFile& plan) {
    return plan.output_stem.string() + ".summary.json";
  }

  ExitCode exit_code(const jobs::BatchResult& result, bool fell_short) const {
    const auto refused = [](const batch::JobOutcome& outcome) {
      return outcome.error && (outcome.error->code == ErrorCode::unreachable ||
                               outcome.error->code == ErrorCode::denied);
    };
    const auto& outcomes = result.outcomes;
    if (!outcomes.empty() && std::all_of(outcomes.begin(), outcomes.end(), refused)) {
      return ExitCode::unreachable;
    }
    if (result.totals.failed > 0) {
      return ExitCode::jobs_failed;
    }
    const double coverage = result.totals.source_fields == 0
                                ? 1.0
                                : static_cast<double>(result.totals.mapped) /
                                      static_cast<double>(result.totals.source_fields);
    return fell_short || (fail_under_ && coverage < *fail_under_) ? ExitCode::gate_missed
                                                                  : ExitCode::done;
  }

  static void print_result(CommandContext& context, const config::PlanFile& plan,
                           const BatchSummary& summary, const jobs::BatchResult& result) {
    if (context.format() == Format::json) {
      context.out().document(to_json(summary));
      return;
    }
    if (context.format() == Format::jsonl) {
      return;
    }
    TablePrinter table{{{"source", "Source", false, true},
                        {"target", "Target", false, true},
                        {"status", "Status", false, false},
                        {"mapped", "Mapped", true, false},
                        {"unmapped", "Unmapped", true, false},
                        {"coverage", "Coverage", true, false},
                        {"seconds", "Seconds", true, false},
                        {"error", "Error", false, true}}};
    for (const batch::JobOutcome& outcome : result.outcomes) {
      const jobs::PairJob& job = summary.run->jobs()[outcome.job];
      const bool counted =
          outcome.status == batch::JobStatus::done || outcome.status == batch::JobStatus::resumed;
      const auto figure = [&](std::string text) { return counted ? std::move(text) : ""; };
      table.add({{job.source_label()},
                 {job.target_label()},
                 {std::string{to_string(outcome.status)}, counted ? Style::plain : Style::red},
                 {figure(fmt::format("{}", outcome.counts.mapped))},
                 {figure(fmt::format("{}", outcome.counts.unmapped()))},
                 {figure(fmt::format("{:.2f}", outcome.counts.coverage()))},
                 {figure(fmt::format("{:.3f}", outcome.seconds))},
                 {outcome.error ? outcome.error->message : std::string{}}});
    }
    if (context.format() == Format::csv) {
      table.print_csv(context.out());
      return;
    }
    table.print_table(context.out(), context.stdout_terminal());
    const registry::RunTotals& totals = result.totals;
    context.out().line(fmt::format("{} {}: {} done, {} failed; {} of {} source fields mapped",
                                   totals.jobs, totals.jobs == 1 ? "pair" : "pairs", totals.done,
                                   totals.failed, with_thousands(totals.mapped),
                                   with_thousands(totals.source_fields)));
    for (const OutputRecord& output : summary.outputs) {
      context.out().line(fmt::format("{:<8} {}", output.kind, output.path));
    }
    context.out().line(fmt::format("{:<8} {}", "summary", summary_path(plan).string()));
    context.out().line(fmt::format("{:<8} {}", "run", summary.run->run().text));
  }

  static ExitCode print_plan(CommandContext& context, const config::PlanFile& plan,
                             const jobs::BatchRun& run) {
    bool impossible = false;
    TablePrinter table{{{"source_endpoint", "Source endpoint", false, false},
                        {"source", "Source", false, true},
                        {"target_endpoint", "Target endpoint", false, false},
                        {"target", "Target", false, true},
                        {"problem", "Problem", false, true}}};
    for (const jobs::PairJob& job : run.jobs()) {
      impossible = impossible || job.problem.has_value();
      table.add(std::vector<std::string>{
          job.source.text, catalog::to_string(job.source_table), job.target.text,
          job.choose_target ? "auto" : catalog::to_string(job.target_choices.front()),
          job.problem ? job.problem->message : ""});
    }
    switch (context.format()) {
      case Format::json:
        context.out().document(
            Json{{"schema", "mapctl.plan/1"}, {"name", plan.name}, {"pairs", table.to_json()}});
        break;
      case Format::jsonl: table.print_jsonl(context.out()); break;
      case Format::csv: table.print_csv(context.out()); break;
      case Format::table:
        table.print_table(context.out(), context.stdout_terminal());
        context.out().line(fmt::format("{} {}; nothing was run", table.size(),
                                       table.size() == 1 ? "pair" : "pairs"));
    }
    return impossible ? ExitCode::jobs_failed : ExitCode::done;
  }

  std::string plan_file_;
  bool allow_stale_ = false;
  bool refresh_ = false;
  bool dry_run_ = false;
  CLI::Option* resume_option_ = nullptr;
  std::string resume_run_;
  std::optional<double> fail_under_;
  MatchingOptions matching_;
  LanguageModelFlags language_model_;
};

}  // namespace

std::unique_ptr<Command> make_batch_command() {
  return std::make_unique<BatchCommand>();
}

}  // namespace mapctl::cli
