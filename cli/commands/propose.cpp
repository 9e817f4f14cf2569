// SPDX-License-Identifier: Apache-2.0
#include "cli/catalog_cache.hpp"
#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/endpoint_control.hpp"
#include "cli/endpoint_names.hpp"
#include "cli/options/language_model.hpp"
#include "cli/options/learning.hpp"
#include "cli/options/matching.hpp"
#include "cli/progress_observer.hpp"
#include "cli/proposal_printer.hpp"
#include "core/jobs/feedback.hpp"
#include "core/jobs/propose_run.hpp"
#include "core/jobs/registry_names.hpp"
#include "core/matching/memory/memory.hpp"
#include "core/registry/decisions.hpp"
#include "core/registry/registry.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mapctl::cli {
namespace {

class ProposeCommand final : public Command {
 public:
  std::string_view name() const noexcept override { return "propose"; }
  std::string_view summary() const noexcept override {
    return "Propose which source column feeds which target column";
  }
  std::string_view example() const noexcept override {
    return "# every table of a folder of CSV files, each to the canonical entity it fits best\n"
           "mapctl propose --source file:exports --target canonical\n"
           "# one pair, with the reasons\n"
           "mapctl propose --source crm --target canonical --source-table Contact "
           "--target-table contact --explain\n"
           "# what the decisions of reviewers say about confidences\n"
           "mapctl propose --learn\n";
  }

  void declare(CLI::App& app) override {
    app.add_option("--source", source_, "Where the data come from: profile or location")
        ->type_name("EP");
    app.add_option("--target", target_, "Where they go: profile, location or 'canonical'")
        ->type_name("EP");
    app.add_option("--source-table", source_tables_, "Source tables (default: all)")
        ->type_name("GLOB");
    app.add_option("--target-table", target_tables_, "Target tables to choose from (default: all)")
        ->type_name("GLOB");
    matching_.declare(app);
    language_model_.declare(app);
    app.add_flag("--explain", explain_, "Print the evidence for each decision in words");
    app.add_flag("--allow-stale", allow_stale_,
                 "Take the last snapshot of a system that does not answer");
    app.add_flag("--refresh", refresh_, "Read anew what limits.catalog_lifetime lets serve");
    app.add_flag("--save", save_, "Store the proposals in the registry as pending_review");
    learn_.declare(app);
  }

  ExitCode run(CommandContext& context) override {
    if (allow_stale_) {
      endpoint_control(context).allow_stale();
    }
    if (refresh_) {
      endpoint_control(context).catalog_cache().refresh();
    }
    if (learn_.asked()) {
      if (!source_.empty() || !target_.empty()) {
        throw Error{ErrorCode::usage, "--learn and --roll-back propose nothing",
                    "leave --source and --target out"};
      }
      return learn_.run(context);
    }
    for (const auto& [option, value] : {std::pair{"--source", &source_}, {"--target", &target_}}) {
      if (value->empty()) {
        throw Error{ErrorCode::usage, fmt::format("{} is required", option),
                    "run 'mapctl propose --help'"};
      }
    }
    source_ = name_endpoint(context, source_);
    target_ = name_endpoint(context, target_);
    std::optional<registry::Registry> registry;
    if (save_) {
      registry = context.open_registry();  // before the work, so that a missing one costs nothing
    }
    LanguageModelChoice language_model{context, language_model_};
    const auto knowledge = load_knowledge(context);
    jobs::ProposeRun run{request(language_model), context.endpoints(), knowledge, context.clock()};
    remember(context, knowledge.lexicon, run);
    run.connect(context.stop());
    throw_if_nothing_can_run(run);

    Progress progress{context.reporter(), context.clock(),
                      context.shows_progress() ? Progress::Mode::live : Progress::Mode::none};
    ProgressObserver reading{progress, "reading"};
    run.profile({}, reading, context.stop());
    std::vector<std::optional<mapping::PairProposal>> found(run.jobs().size());
    ProgressObserver proposing{progress, "proposing"};
    const auto outcomes = run.propose(
        run.plan(),
        [&](const jobs::Proposed& proposed) { found[proposed.job] = std::move(proposed.proposal); },
        proposing, context.stop());
    progress.stop();
    if (context.stop().stop_requested()) {
      throw Error{ErrorCode::cancelled, "interrupted"};
    }

    if (outcomes.size() == 1 && outcomes.front().error) {
      throw Error{*outcomes.front().error};  // alone, it is the command that has failed
    }
    std::vector<mapping::PairProposal> proposals;
    std::size_t failed = 0;
    for (const batch::JobOutcome& outcome : outcomes) {
      if (outcome.error) {
        ++failed;
        tell(context, *outcome.error);
      } else {
        proposals.push_back(std::move(*found[outcome.job]));
      }
    }
    for (const auto& endpoint : {jobs::EndpointName{source_}, jobs::EndpointName{target_}}) {
      for (const auto& warning : run.catalogs().find(endpoint)->warnings) {
        context.reporter().warning(fmt::format("{}: {}", warning.object, warning.message),
                                   warning.hint);
      }
    }
    language_model.report();
    if (registry) {
      save(context, *registry, run, proposals);
    }
    print_proposals(context, source_, target_, proposals, explain_);
    return failed > 0                    ? ExitCode::jobs_failed
           : language_model.fell_short() ? ExitCode::gate_missed
                                         : ExitCode::done;
  }

 private:
  jobs::ProposeRequest request(LanguageModelChoice& language_model) const {
    jobs::PairRequest pair;
    pair.source.text = source_;
    pair.target.text = target_;
    pair.source_tables = catalog::NamePattern{source_tables_};
    if (!target_tables_.empty()) {
      pair.target_tables = catalog::NamePattern{target_tables_};
    }
    pair.pair_only_tables = true;
    pair.options = matching_.over({});
    pair.language_model = language_model.use({});
    return {"propose", {std::move(pair)}, {}, matching_.workers(), language_model.adviser()};
  }

  // What the tenant decided, where there is a registry, and what is shipped.
  void remember(const CommandContext& context, std::shared_ptr<const matching::Lexicon> lexicon,
                jobs::ProposeRun& run) const {
    std::vector<mapping::Decision> own;
    if (context.has_registry()) {
      try {
        registry::Registry registry = context.open_registry();
        run.calibrate(jobs::calibration_in_force(registry::calibrations(registry)));
        if (!matching_.no_memory) {
          own = registry::decisions(registry);
        }
      } catch (const Error& error) {
        // Proposals can be had without it, but not as if nothing had ever been decided.
        context.reporter().warning(
            fmt::format("past decisions take no part: {}", error.facts().message),
            error.facts().hint);
      }
    }
    if (!matching_.no_memory) {
      run.remember(std::make_shared<const matching::Memory>(std::move(own), load_baseline(context),
                                                            std::move(lexicon)));
    }
  }

  static void tell(CommandContext& context, const Error::Facts& facts) {
    context.reporter().error(facts);
    if (context.format() == Format::json || context.format() == Format::jsonl) {
      context.reporter().error_event(facts, static_cast<int>(ExitCode::jobs_failed));
    }
  }

  // Alone, a wrong name is the command's own error and not a failed job among others.
  static void throw_if_nothing_can_run(const jobs::ProposeRun& run) {
    const auto& all = run.jobs();
    if (!all.empty() && std::all_of(all.begin(), all.end(),
                                    [](const auto& job) { return job.problem.has_value(); })) {
      throw Error{*all.front().problem};
    }
  }

  void save(CommandContext& context, registry::Registry& registry, const jobs::ProposeRun& run,
            const std::vector<mapping::PairProposal>& proposals) const {
    const auto source = run.catalogs().find(jobs::EndpointName{source_});
    const auto target = run.catalogs().find(jobs::EndpointName{target_});
    registry.store_snapshot(ProfileName{source_}, *source);
    registry.store_snapshot(ProfileName{target_}, *target);
    std::vector<mapping::PairProposal> with_target;
    std::vector<registry::PairContext> contexts;
    for (const mapping::PairProposal& proposal : proposals) {
      if (!proposal.target_table.table.empty()) {
        with_target.push_back(proposal);
        contexts.push_back(jobs::pair_context(*source, proposal.source_table, source_, *target,
                                              proposal.target_table, target_));
      }
    }
    registry::StoreCounts counts;
    const RunId id = registry.save_proposals({"propose", {}, {}}, source_, target_, with_target,
                                             contexts, &counts);
    context.reporter().info(fmt::format(
        "saved as run {}: {} new, {} changed, {} unchanged, {} decided before and left as they are",
        id.text, counts.created, counts.updated, counts.unchanged, counts.kept));
  }

  std::string source_, target_;
  std::string source_tables_ = "*", target_tables_;
  MatchingOptions matching_;
  LanguageModelFlags language_model_;
  LearningOptions learn_;
  bool explain_ = false;
  bool allow_stale_ = false;
  bool refresh_ = false;
  bool save_ = false;
};

}  // namespace

std::unique_ptr<Command> make_propose_command() {
  return std::make_unique<ProposeCommand>();
}

}  // namespace mapctl::cli
