// SPDX-License-Identifier: Apache-2.0
#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/options/choice.hpp"
#include "cli/options/matching.hpp"
#include "cli/terminal/table.hpp"
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/eval/compare.hpp"
#include "core/eval/document.hpp"
#include "core/eval/progressive.hpp"
#include "core/eval/run.hpp"
#include "core/eval/training.hpp"
#include "core/jobs/feedback.hpp"
#include "core/matching/scoring/combination.hpp"
#include "core/registry/registry.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mapctl::cli {
namespace {

constexpr double default_tolerance = 0.005;

std::string cell(const std::optional<double>& value, bool count) {
  if (!value) {
    return "";
  }
  return count ? fmt::format("{:.0f}", *value) : fmt::format("{:.3f}", *value);
}

class EvalCommand final : public Command {
 public:
  std::string_view name() const noexcept override { return "eval"; }
  std::string_view summary() const noexcept override {
    return "Measure how well proposals match labelled suites";
  }
  std::string_view example() const noexcept override {
    return "# every task of one suite, or every suite of a folder\n"
           "mapctl eval suites/orders\n"
           "# keep a run, change the lexicon, and see whether the difference is more than chance\n"
           "mapctl eval suites --format json > before.json\n"
           "mapctl eval suites --compare before.json\n"
           "# which columns were missed, and what stood before them\n"
           "mapctl eval suites/orders --details orders.csv\n"
           "# what the matcher is worth on systems that nothing like it was learned from\n"
           "mapctl eval suites --leave-out family\n"
           "# in CI: exit 4 when a figure fell\n"
           "mapctl eval suites --baseline before.json --tolerance 0.01\n";
  }

  void declare(CLI::App& app) override {
    app.add_option("suite", folder_, "Folder of a suite, or of suites")->type_name("SUITE");
    app.add_option("--truth", load_.truth_file,
                   "Score against this file of each task (default truth.csv)")
        ->type_name("FILE_NAME");
    app.add_flag("--no-data", no_data_, "Match by names, types and comments only");
    app.add_flag("--keep-order", load_.keep_order,
                 "Leave columns in their order instead of a random one");
    between(app.add_option("--min-confidence", min_confidence_,
                           "Below this confidence the decision is \"no match\" (default 0.5)"),
            0, 1)
        ->type_name("SHARE");
    app.add_flag("--one-to-many", one_to_many_,
                 "Let one target column take several source columns");
    auto* details =
        app.add_option("--details", details_,
                       "Write what became of every source column to this CSV file: the truth, its "
                       "rank, what was decided")
            ->type_name("FILE");
    auto* from_reviews =
        app.add_flag("--from-reviews", from_reviews_,
                     "Measure by what reviewers of the tenant decided, month by month");
    auto* progressive =
        app.add_flag("--progressive", progressive_,
                     "Measure memory: meet each system knowing 5, 10, 25 and all others")
            ->excludes(from_reviews);
    auto* leave_out = choices(
        app.add_option("--leave-out", leave_out_,
                       "Train for each suite on the others of the folder: all but this \"suite\", "
                       "or but its \"family\""),
        {"suite", "family"});
    app.add_option("--families", families_,
                   "Which suites are of one family: lines of suite, family, use (all, gaps, none)")
        ->type_name("FILE")
        ->needs("--leave-out");
    auto* compare = app.add_option("--compare", compare_,
                                   "Tell what changed since the run in this JSON document")
                        ->type_name("FILE");
    auto* baseline =
        app.add_option("--baseline", baseline_,
                       "Exit 4 when a suite's figure is worse than in this JSON document")
            ->type_name("FILE");
    auto* tolerance = between(app.add_option("--tolerance", tolerance_,
                                             "What a figure may fall below the baseline (0.005)"),
                              0, 1)
                          ->type_name("SHARE");
    // What has no figures of suites must not pass for a gate that was met.
    for (auto* option : {details, leave_out, compare, baseline, tolerance}) {
      option->excludes(from_reviews)->excludes(progressive);
    }
  }

  ExitCode run(CommandContext& context) override {
    load_.use_data = !no_data_;
    if (from_reviews_) {
      if (!folder_.empty()) {
        throw Error{ErrorCode::usage, "--from-reviews measures what was decided, and no suite",
                    fmt::format("leave '{}' out", folder_)};
      }
      return run_from_reviews(context);
    }
    if (folder_.empty()) {
      throw Error{ErrorCode::usage, "suite is required", "run 'mapctl eval --help'"};
    }
    if (progressive_) {
      return run_progressive(context);
    }
    if (std::filesystem::path{load_.truth_file}.has_parent_path() || load_.truth_file.empty()) {
      throw Error{ErrorCode::usage, fmt::format("'{}' is no file name", load_.truth_file),
                  "--truth takes the name of a file in each task's folder, without folders"};
    }
    // Read before the work, so that a wrong name costs nothing.
    std::vector<eval::SuiteResult> before;
    std::vector<eval::SuiteResult> baseline;
    if (!compare_.empty()) {
      before = eval::read_document(read_file(compare_), compare_);
    }
    if (!baseline_.empty()) {
      baseline = eval::read_document(read_file(baseline_), baseline_);
    }
    std::optional<AtomicFile> details;
    if (!details_.empty()) {
      details.emplace(details_).write(eval::details_header());
    }
    const bool many = !eval::is_suite(folder_, load_);
    std::vector<std::filesystem::path> folders{folder_};
    if (many) {
      folders = eval::suite_folders(folder_, load_);
    }
    matching::MatchOptions match;
    match.use_data = !no_data_;
    match.min_confidence = min_confidence_.value_or(match.min_confidence);
    match.one_to_one = !one_to_many_;
    auto knowledge = load_knowledge(context);
    std::vector<eval::SuiteResult> results;
    std::optional<eval::TrainingSet> training;
    if (!leave_out_.empty()) {
      if (!many) {
        throw Error{ErrorCode::usage,
                    fmt::format("'{}' is one suite, so nothing is left to train on", folder_),
                    "--leave-out takes a folder of suites"};
      }
      training.emplace(eval::training_suites(folder_, families_), knowledge.lexicon,
                       context.stop());
    }
    std::map<std::string, std::shared_ptr<const matching::Combination>> trained;
    for (const auto& folder : folders) {
      if (training) {
        const auto suite = folder.filename().string();
        const bool by_suite = leave_out_ == "suite";
        const auto family = eval::family_of(suite, families_);
        auto& combination = trained[by_suite ? suite : family];
        if (combination == nullptr) {
          combination = std::make_shared<const matching::Combination>(
              training->train(by_suite ? suite : "", by_suite ? "" : family, context.stop()));
        }
        knowledge.combination = combination;
      }
      results.push_back(
          eval::run_suite(folder, load_, knowledge, match, context.clock(), context.stop()));
      if (details) {
        for (const auto& task : results.back().tasks) {
          details->write(eval::details_lines(results.back().suite, task.task, task.details));
        }
      }
    }
    if (details) {
      details->commit();
    }
    std::vector<eval::Change> changes;
    if (!compare_.empty()) {
      changes = eval::compare(before, results);
    }
    const auto missed = eval::misses(baseline, results, tolerance_);
    print_results(context, results, many, changes, missed);
    for (const auto& miss : missed) {
      context.reporter().warning(
          miss.figure == "suite" ? fmt::format("suite '{}' of the baseline was not run", miss.suite)
                                 : fmt::format("{} of '{}' is {:.4f}, the baseline asks for {:.4f}",
                                               miss.figure, miss.suite, miss.found, miss.wanted),
          "");
    }
    return missed.empty() ? ExitCode::done : ExitCode::gate_missed;
  }

 private:
  static ExitCode run_from_reviews(CommandContext& context) {
    registry::Registry registry = context.open_registry();
    const auto periods = jobs::review_periods(registry::reviewed_mappings(registry));
    if (context.format() == Format::json) {
      Json document = Json::object();
      document["schema"] = "mapctl.reviews/1";
      document["periods"] = Json::array();
      const auto share = [](const std::optional<double>& value) {
        return value ? Json(*value) : Json(nullptr);
      };
      for (const auto& period : periods) {
        Json one = Json::object();
        one["month"] = period.month.empty() ? Json(nullptr) : Json(period.month);
        one["decided"] = period.decided;
        one["approved"] = period.approved;
        one["missed"] = period.missed;
        one["precision"] = share(period.precision());
        one["recall"] = share(period.recall());
        one["sure"] = period.sure;
        one["sure_precision"] = share(period.sure_precision());
        one["ece"] = period.ece;
        document["periods"].push_back(std::move(one));
      }
      context.out().document(document);
      return ExitCode::done;
    }
    TablePrinter table{{{"month", "Month", false, false},
                        {"decided", "Decided", true, false},
                        {"approved", "Approved", true, false},
                        {"missed", "Missed", true, false},
                        {"precision", "Precision", true, false},
                        {"recall", "Recall", true, false},
                        {"sure", "From 0.85", true, false},
                        {"sure_precision", "Precision there", true, false},
                        {"ece", "ECE", true, false}}};
    for (const auto& period : periods) {
      table.add({period.month.empty() ? "all" : period.month, std::to_string(period.decided),
                 std::to_string(period.approved), std::to_string(period.missed),
                 cell(period.precision(), false), cell(period.recall(), false),
                 std::to_string(period.sure), cell(period.sure_precision(), false),
                 cell(period.ece, false)});
    }
    print(context, table);
    return ExitCode::done;
  }

  // How much the decisions about other systems help with one that was never seen. What is shipped
  // in baseline/ takes no part: it knows these systems.
  ExitCode run_progressive(CommandContext& context) const {
    constexpr std::array<std::size_t, 3> sizes{5, 10, 25};
    matching::MatchOptions match;
    match.use_data = !no_data_;
    match.min_confidence = min_confidence_.value_or(match.min_confidence);
    match.one_to_one = !one_to_many_;
    const auto result = eval::progressive(eval::load_systems(folder_, load_), sizes,
                                          load_knowledge(context), match, context.stop());
    if (context.format() == Format::json) {
      Json document = Json::object();
      document["schema"] = "mapctl.eval/1";
      document.update(eval::to_json(result));
      context.out().document(document);
      return ExitCode::done;
    }
    TablePrinter table{{{"systems", "Systems", true, false},
                        {"fields", "Fields", true, false},
                        {"known", "Known", true, false},
                        {"hits", "Hits", true, false},
                        {"hit_rate", "Hit rate", true, false},
                        {"coverage", "Coverage", true, false},
                        {"reused", "Reused", true, false},
                        {"precision", "Precision", true, false},
                        {"f1_without", "F1 without", true, false},
                        {"f1_with", "F1 with", true, false}}};
    for (const auto& step : result.steps) {
      table.add({std::to_string(step.systems), cell(step.fields, true), cell(step.known, true),
                 cell(step.hits, true), cell(step.hit_rate(), false), cell(step.coverage(), false),
                 cell(step.reused, true), cell(step.precision(), false),
                 cell(step.f1_without, false), cell(step.f1_with, false)});
    }
    print(context, table);
    return ExitCode::done;
  }

  void print_results(CommandContext& context, const std::vector<eval::SuiteResult>& results,
                     bool many, const std::vector<eval::Change>& changes,
                     const std::vector<eval::Miss>& missed) const {
    if (context.format() == Format::json) {
      Json document = eval::to_json(results, many);
      if (!leave_out_.empty()) {
        document["leave_out"] = leave_out_;
      }
      if (!compare_.empty()) {
        document["comparison"] = eval::to_json(changes);
      }
      if (!baseline_.empty()) {
        document["missed"] = eval::to_json(missed);
      }
      context.out().document(document);
      return;
    }
    print(context, figures_table(context, results, many));
    if (changes.empty()) {
      return;
    }
    if (context.format() == Format::csv) {
      // A second table of other columns would be read as broken rows of the first.
      context.reporter().warning("csv is one table, so the comparison is left out",
                                 "--format json, jsonl and table have it");
      return;
    }
    if (context.format() == Format::table) {
      context.out().line("");
    }
    print(context, changes_table(changes));
  }

  // A line for each task and one for the mean; of many suites their means only, unless a script
  // reads them.
  static TablePrinter figures_table(const CommandContext& context,
                                    const std::vector<eval::SuiteResult>& results, bool many) {
    const bool all = !many || context.format() != Format::table;
    // What a person compares fits on a screen; the rest is in the other formats.
    const auto shown = [&](std::string_view name) {
      static constexpr std::string_view left_out[] = {
          "mrr_pairs",         "hit_at_3", "abstention_precision",
          "abstention_recall", "ece_best", "seconds"};
      return context.format() != Format::table ||
             std::find(std::begin(left_out), std::end(left_out), name) == std::end(left_out);
    };
    std::vector<TableColumn> columns{{"suite", "Suite", false, true}};
    if (all) {
      columns.push_back({"task", "Task", false, true});
    }
    for (const auto& figure : eval::figure_names()) {
      if (shown(figure.name)) {
        columns.push_back({std::string{figure.name}, title_of(figure.name), true, false});
      }
    }
    TablePrinter table{std::move(columns)};
    const auto add = [&](const std::string& suite, const std::string& task,
                         const eval::Figures& figures) {
      std::vector<std::string> cells{suite};
      if (all) {
        cells.push_back(task);
      }
      for (const auto& figure : eval::figure_names()) {
        if (shown(figure.name)) {
          cells.push_back(
              cell(figure.get(figures), figure.better == 0 && figure.name != "seconds"));
        }
      }
      table.add(std::move(cells));
    };
    std::vector<eval::Figures> means;
    for (const auto& suite : results) {
      if (all) {
        for (const auto& task : suite.tasks) {
          add(suite.suite, task.task, task.figures);
        }
      }
      add(suite.suite, "mean", suite.overall);
      means.push_back(suite.overall);
    }
    if (many) {
      add("mean", "mean", eval::mean(means));
    }
    return table;
  }

  static std::string title_of(std::string_view name) {
    static constexpr std::pair<std::string_view, std::string_view> titles[] = {
        {"recall_at_gt", "Recall@GT"},
        {"mrr", "MRR"},
        {"hit_at_1", "Hit@1"},
        {"hit_at_5", "Hit@5"},
        {"precision", "Precision"},
        {"recall", "Recall"},
        {"f1", "F1"},
        {"f1_best", "Best F1"},
        {"abstention_f1", "Abstention"},
        {"ece", "ECE"},
        {"source_columns", "Sources"},
        {"target_columns", "Targets"},
        {"truth", "Truth"}};
    for (const auto& [key, title] : titles) {
      if (key == name) {
        return std::string{title};
      }
    }
    return std::string{name};
  }

  static TablePrinter changes_table(const std::vector<eval::Change>& changes) {
    TablePrinter table{{{"figure", "Figure", false, false},
                        {"before", "Before", true, false},
                        {"after", "After", true, false},
                        {"difference", "Difference", true, false},
                        {"low", "95 % from", true, false},
                        {"high", "to", true, false},
                        {"p", "p", true, false},
                        {"tasks", "Tasks", true, false}}};
    for (const auto& change : changes) {
      table.add({change.figure, fmt::format("{:.3f}", change.before),
                 fmt::format("{:.3f}", change.after),
                 fmt::format("{:+.3f}", change.after - change.before),
                 fmt::format("{:+.3f}", change.low), fmt::format("{:+.3f}", change.high),
                 fmt::format("{:.4f}", change.p), std::to_string(change.tasks)});
    }
    return table;
  }

  std::string folder_, details_, compare_, baseline_, leave_out_, families_;
  eval::LoadOptions load_;
  std::optional<double> min_confidence_;
  double tolerance_ = default_tolerance;
  bool no_data_ = false;
  bool one_to_many_ = false;
  bool progressive_ = false;
  bool from_reviews_ = false;
};

}  // namespace

std::unique_ptr<Command> make_eval_command() {
  return std::make_unique<EvalCommand>();
}

}  // namespace mapctl::cli
