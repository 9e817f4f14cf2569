// SPDX-License-Identifier: Apache-2.0
#include "cli/command.hpp"
#include "cli/review/subcommands.hpp"
#include "cli/run_report.hpp"
#include "cli/subcommand.hpp"
#include "core/base/file.hpp"
#include "core/base/hash.hpp"
#include "core/base/text.hpp"
#include "core/registry/registry.hpp"
#include "core/registry/reviews.hpp"
#include "core/report/workbook.hpp"
#include "core/review/merge.hpp"
#include "core/review/submission.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>

namespace mapctl::cli {
namespace {

using review::Finding;
using review::ImportPlan;
using review::Submission;
using review::Verdict;

struct Outcome {
  std::string result{};                 // what happened, in one word
  std::string base{};                   // where what was exported was found: workbook, registry
  std::string hash{};                   // of the file
  std::vector<std::string> refusals{};  // of the file as a whole
  ImportPlan plan{};
  registry::ReviewCounts written{};
  std::size_t signed_off = 0;
};

registry::ReviewChange change_of(const review::Decision& decision) {
  registry::ReviewChange change;
  using From = review::Decision::Subject;
  using To = registry::ReviewChange::Subject;
  change.subject = decision.subject == From::mapping         ? To::mapping
                   : decision.subject == From::code          ? To::mapping
                   : decision.subject == From::source_column ? To::source_field
                                                             : To::target_field;
  change.key = decision.key;
  change.creates = decision.creates;
  if (decision.subject == From::code) {
    change.code = decision.code;
  }
  if (!decision.replaces.empty()) {
    change.replaces = mapping::MappingId{decision.replaces};
  }
  for (const auto& [column, value] : decision.set) {
    change.set.emplace(column, value.text);
  }
  for (const auto& [column, value] : decision.set) {
    change.seen.emplace(column, decision.before[mapping::index_of(column)]);
  }
  if (decision.version > 0) {
    change.expected_version = decision.version;
  }
  change.later = decision.later;
  change.reason = decision.reason_code.empty() || decision.comment.empty()
                      ? decision.reason_code + decision.comment
                      : fmt::format("{}: {}", decision.reason_code, decision.comment);
  return change;
}

class ImportSubcommand final : public Subcommand {
 public:
  std::string_view name() const noexcept override { return "import"; }
  std::string_view summary() const noexcept override {
    return "Show what an edited workbook would change, or change it";
  }
  std::string_view example() const noexcept override {
    return "# what an edited workbook would change, then the change itself\n"
           "mapctl review import mappings.xlsx\n"
           "mapctl review import mappings.xlsx --apply\n";
  }

  void declare(CLI::App& app) override {
    app.add_option("file", path_, "Workbook that export or batch wrote")
        ->required()
        ->type_name("WORKBOOK.xlsx");
    app.add_flag("--apply", apply_, "Write the changes; without it they are shown only");
    app.add_flag("--partial", partial_,
                 "Write the lines that can be, though others are in conflict or refused");
    app.add_flag("--adopt", adopt_,
                 "Take a workbook of another tenant or registry, or one that is not signed by us");
  }

  ExitCode run(CommandContext& context) override {
    Outcome outcome;
    std::optional<Submission> submission;
    try {
      submission = read(context, outcome);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::invalid_data && error.code() != ErrorCode::resource_limit) {
        throw;
      }
      return not_ours(context, outcome, error.facts());
    }
    if (!submission->is_ours()) {
      return not_ours(context, outcome,
                      {ErrorCode::invalid_data,
                       fmt::format("'{}' is not a workbook that mapctl exported", path_),
                       "it has no export id on Read Me; choose the file that export wrote",
                       {},
                       Retry::never});
    }
    registry::Registry registry = context.open_registry();
    const std::vector<mapping::ReviewLine> base =
        find_base(context, registry, *submission, outcome);
    if (outcome.refusals.empty()) {
      outcome.plan = review::plan_import(
          *submission, base, lines_now(context, registry, *submission), context.tenant());
      write(registry, *submission, outcome);
    } else {
      outcome.result = "refused";
    }
    print_outcome(context, *submission, outcome);
    return outcome.result == "refused" || outcome.result == "conflicts" ||
                   outcome.result == "applied_partly"
               ? ExitCode::gate_missed
               : ExitCode::done;
  }

 private:
  Submission read(CommandContext& context, Outcome& outcome) {
    const auto source = context.readers().open(path_, {});
    Submission submission = review::read_submission(*source, context.stop());
    outcome.hash = sha256(read_file(path_));
    return submission;
  }

  ExitCode not_ours(CommandContext& context, Outcome& outcome, const Error::Facts& facts) const {
    outcome.result = "not_ours";
    if (context.format() == Format::json) {
      context.out().document(Json{{"schema", "mapctl.review/1"},
                                  {"action", "import"},
                                  {"file", path_},
                                  {"result", outcome.result},
                                  {"error", {{"message", facts.message}, {"hint", facts.hint}}}});
    }
    context.reporter().error(facts);
    return ExitCode::usage;
  }

  std::vector<mapping::ReviewLine> find_base(CommandContext& context, registry::Registry& registry,
                                             const Submission& submission, Outcome& outcome) const {
    const std::optional<Secret> key = context.signing_key();
    const review::Seal seal = review::seal_of(submission, key ? &*key : nullptr);
    const bool is_other_tenant = submission.tenant != context.tenant().text;
    if (is_other_tenant && !adopt_) {
      outcome.refusals.push_back(fmt::format("it was exported for tenant '{}', this is '{}'",
                                             submission.tenant, context.tenant().text));
    }
    const bool is_trusted =
        seal == review::Seal::intact || (seal == review::Seal::unsigned_ && !key);
    if (seal == review::Seal::broken && !adopt_) {
      outcome.refusals.emplace_back(
          "its hidden sheets were changed, or it was signed with another key");
    } else if (seal == review::Seal::unsigned_ && key && !adopt_) {
      outcome.refusals.emplace_back("it is not signed, though this registry signs its workbooks");
    }
    if (seal != review::Seal::missing && (is_trusted || adopt_)) {
      outcome.base = "workbook";
      return submission.baseline;
    }
    if (!outcome.refusals.empty()) {
      return {};
    }
    std::vector<mapping::ReviewLine> kept =
        registry::Reviews{registry}.load_export(submission.export_id);
    outcome.base = "registry";
    if (kept.empty()) {
      outcome.refusals.push_back(
          fmt::format("its hidden sheets are gone, and the registry keeps no export '{}'",
                      submission.export_id));
    }
    return kept;
  }

  // What an export of the same things would say now.
  std::vector<mapping::ReviewLine> lines_now(CommandContext& context, registry::Registry& registry,
                                             const Submission& submission) const {
    std::vector<mapping::ReviewLine> lines;
    const auto take = [&](const mapping::ReviewLine& line) { lines.push_back(line); };
    if (submission.run_id.empty()) {
      MappingPairs pairs{registry, snapshots_of(registry)};
      report::for_each_review_line(describe_registry(context, registry), pairs, take);
      return lines;
    }
    const auto record = registry.run(RunId{submission.run_id});
    if (!record) {
      throw Error{ErrorCode::not_found,
                  fmt::format("'{}' was exported from run '{}', which this registry does not have",
                              path_, submission.run_id),
                  "import it into the registry it came from"};
    }
    RunPairs pairs{registry, record->id, snapshots_of(registry)};
    report::for_each_review_line(describe_run(context, registry, *record), pairs, take);
    return lines;
  }

  void write(registry::Registry& registry, const Submission& submission, Outcome& outcome) const {
    const ImportPlan& plan = outcome.plan;
    const std::vector<registry::SignOffRecord> signatures = signatures_of(registry, submission);
    const bool is_blocked = plan.is_blocked();
    const bool has_work = !plan.decisions.empty() || !signatures.empty();
    if (is_blocked && (!partial_ || !apply_)) {
      outcome.result = plan.count(Verdict::refused) > 0 ? "refused" : "conflicts";
      return;
    }
    if (!has_work) {
      outcome.result = is_blocked ? "refused" : "nothing_to_do";
      return;
    }
    if (!apply_) {
      outcome.result = "would_apply";
      outcome.signed_off = signatures.size();
      return;
    }
    std::vector<registry::ReviewChange> changes;
    for (const review::Decision& decision : plan.decisions) {
      changes.push_back(change_of(decision));
    }
    // What is agreed to is the rule with its codes.
    std::stable_partition(changes.begin(), changes.end(), [](const registry::ReviewChange& change) {
      return change.code.has_value();
    });
    const registry::ReviewOrigin origin{
        fmt::format("review import {} (sha256 {})",
                    std::filesystem::path{path_}.filename().string(), outcome.hash.substr(0, 16)),
        {}};
    registry::Reviews reviews{registry};
    try {
      outcome.written = reviews.apply(changes, origin, signatures);
      outcome.signed_off = outcome.written.signatures;
      outcome.result = is_blocked ? "applied_partly" : "applied";
    } catch (const Error& error) {
      // A second person is missing, or somebody was faster: nothing was written.
      if (error.code() != ErrorCode::denied && error.code() != ErrorCode::conflict) {
        throw;
      }
      outcome.refusals.push_back(error.facts().hint.empty()
                                     ? std::string{error.what()}
                                     : fmt::format("{} ({})", error.what(), error.facts().hint));
      outcome.result = error.code() == ErrorCode::conflict ? "conflicts" : "refused";
    }
  }

  static std::vector<registry::SignOffRecord> signatures_of(registry::Registry& registry,
                                                            const Submission& submission) {
    const auto known = registry::Reviews{registry}.signatures(submission.export_id);
    std::vector<registry::SignOffRecord> records;
    for (const review::SubmittedSignature& signature : submission.signatures) {
      const auto same = std::find_if(known.begin(), known.end(), [&](const auto& record) {
        return record.gate == signature.gate && record.name == signature.name &&
               record.decision == signature.decision && record.signed_on == signature.date &&
               record.version == signature.version && record.comment == signature.comment;
      });
      if (!signature.is_empty() && same == known.end()) {
        records.push_back({submission.export_id, signature.gate, signature.name, signature.decision,
                           signature.date, signature.version, signature.comment,
                           submission.content_hash});
      }
    }
    return records;
  }

  void print_outcome(CommandContext& context, const Submission& submission,
                     const Outcome& outcome) const {
    if (context.format() == Format::json) {
      print_json(context, submission, outcome);
      return;
    }
    if (context.format() == Format::jsonl) {
      for (const Finding& finding : outcome.plan.findings) {
        context.out().json_line(to_json(finding));
      }
      warn_of_refusals(context, outcome);
      return;
    }
    TablePrinter table{{{"verdict", "What", false, false},
                        {"cell", "Cell", false, true},
                        {"line", "Line", false, true},
                        {"column", "Column", false, false},
                        {"base", "Exported", false, true},
                        {"mine", "File", false, true},
                        {"theirs", "Registry", false, true},
                        {"message", "Why", false, true}}};
    for (const Finding& finding : outcome.plan.findings) {
      table.add(std::vector<std::string>{std::string{to_string(finding.verdict)}, cell_of(finding),
                                         finding.line, finding.column, finding.base, finding.mine,
                                         finding.theirs, finding.message});
    }
    if (table.size() > 0 || context.format() != Format::table) {
      print(context, table);
    }
    if (context.format() == Format::table) {
      for (const std::string& refusal : outcome.refusals) {
        context.out().line(fmt::format("refused: {}", printable(refusal)));
      }
      context.out().line(sentence(outcome));
    } else {
      warn_of_refusals(context, outcome);
    }
  }

  // Where the output has lines of the file only.
  static void warn_of_refusals(CommandContext& context, const Outcome& outcome) {
    for (const std::string& refusal : outcome.refusals) {
      context.reporter().warning(fmt::format("refused: {}", printable(refusal)));
    }
  }

  static std::string cell_of(const Finding& finding) {
    return finding.verdict == Verdict::missing ? finding.place.sheet : to_string(finding.place);
  }

  static std::string sentence(const Outcome& outcome) {
    const ImportPlan& plan = outcome.plan;
    const std::string figures = fmt::format(
        "{} lines read: {} cells changed, {} new mappings, {} merged, {} conflicts, {} "
        "refused, {} lines missing",
        plan.lines, plan.count(Verdict::change), plan.count(Verdict::added),
        plan.count(Verdict::merged), plan.count(Verdict::conflict), plan.count(Verdict::refused),
        plan.count(Verdict::missing));
    if (outcome.result == "would_apply") {
      return figures + "; nothing is written without --apply";
    }
    if (outcome.result == "applied" || outcome.result == "applied_partly") {
      return fmt::format("{}; written: {} lines, {} audit rows", figures, outcome.written.lines,
                         outcome.written.cells + outcome.signed_off);
    }
    if (outcome.result == "nothing_to_do") {
      return figures + "; nothing to do";
    }
    return figures + "; nothing was written";
  }

  static Json to_json(const Finding& finding) {
    return Json{{"verdict", to_string(finding.verdict)},
                {"sheet", finding.place.sheet},
                {"cell", finding.verdict == Verdict::missing
                             ? Json{}
                             : Json(ports::cell_address(finding.place.row, finding.place.column))},
                {"id", finding.id},
                {"line", finding.line},
                {"column", finding.column},
                {"base", finding.base},
                {"mine", finding.mine},
                {"theirs", finding.theirs},
                {"message", finding.message}};
  }

  void print_json(CommandContext& context, const Submission& submission,
                  const Outcome& outcome) const {
    const ImportPlan& plan = outcome.plan;
    Json document{{"schema", "mapctl.review/1"},
                  {"action", "import"},
                  {"file", path_},
                  {"sha256", outcome.hash},
                  {"export_id", submission.export_id},
                  {"run_id", submission.run_id},
                  {"base", outcome.base},
                  {"dry_run", !apply_},
                  {"result", outcome.result},
                  {"refusals", outcome.refusals}};
    Json counts{{"lines", plan.lines}, {"unchanged", plan.unchanged}};
    for (const Verdict verdict :
         {Verdict::change, Verdict::added, Verdict::merged, Verdict::conflict, Verdict::refused,
          Verdict::missing, Verdict::note}) {
      counts[std::string{to_string(verdict)}] = plan.count(verdict);
    }
    document["counts"] = std::move(counts);
    document["written"] = Json{{"lines", outcome.written.lines},
                               {"audit_rows", outcome.written.cells + outcome.signed_off},
                               {"created", outcome.written.created},
                               {"approved", outcome.written.approved},
                               {"rejected", outcome.written.rejected},
                               {"not_used", outcome.written.not_used},
                               {"flagged", outcome.written.flagged}};
    document["findings"] = Json::array();
    for (const Finding& finding : plan.findings) {
      document["findings"].push_back(to_json(finding));
    }
    context.out().document(document);
  }

  std::string path_{};
  bool apply_ = false, partial_ = false, adopt_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> make_review_import() {
  return std::make_unique<ImportSubcommand>();
}

}  // namespace mapctl::cli
