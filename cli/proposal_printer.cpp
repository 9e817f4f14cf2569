// SPDX-License-Identifier: Apache-2.0
#include "cli/proposal_printer.hpp"

#include "cli/command.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <utility>

namespace mapctl::cli {
namespace {

using mapping::Candidate;
using mapping::FieldProposal;
using mapping::PairProposal;

Style style_of(double confidence) {
  return confidence >= 0.9 ? Style::green : confidence >= 0.7 ? Style::yellow : Style::red;
}

std::string target_name(const PairProposal& pair) {
  return pair.target_table.table.empty() ? "no target table"
                                         : catalog::to_string(pair.target_table);
}

// Best candidate that was not decided for: what a reviewer would look at next.
const Candidate* runner_up(const FieldProposal& field) {
  for (std::size_t at = 0; at < field.candidates.size(); ++at) {
    if (std::find(field.decision.begin(), field.decision.end(), at) == field.decision.end()) {
      return &field.candidates[at];
    }
  }
  return nullptr;
}

void explain_candidate(Output& out, const Candidate& candidate, std::string_view role) {
  out.line(fmt::format("    {} {} ({:.2f})", role, printable(candidate.target_column.text),
                       candidate.confidence));
  for (const mapping::Evidence& evidence : candidate.evidence) {
    out.line(fmt::format("      {:+.2f} {}: {}", evidence.weight, evidence.signal,
                         printable(evidence.detail)));
  }
  if (!candidate.transformation.is_direct()) {
    out.line(fmt::format("      transformation: {}",
                         printable(mapping::describe(candidate.transformation))));
  }
  for (const std::string& warning : candidate.warnings) {
    out.line(fmt::format("      warning: {}", printable(warning)));
  }
}

std::string source_name(const FieldProposal& field) {
  return field.source_column.empty() ? "(constant)" : field.source_column.text;
}

// For a field that feeds nothing by itself: "input of total, tax"; empty where it feeds nothing.
class RuleInputs {
 public:
  explicit RuleInputs(const PairProposal& pair) : inputs_{mapping::inputs_of_rules(pair)} {}
  std::string words(const FieldProposal& field) const {
    const auto found = inputs_.find(field.source_column.text);
    std::string text;
    if (found != inputs_.end()) {
      for (const catalog::ColumnName& target : found->second) {
        text += (text.empty() ? "input of " : ", ") + target.text;
      }
    }
    return text;
  }

 private:
  std::map<std::string, std::vector<catalog::ColumnName>, std::less<>> inputs_;
};

void explain_pair(Output& out, const PairProposal& pair) {
  const RuleInputs inputs{pair};
  for (const mapping::Evidence& evidence : pair.evidence) {
    out.line(fmt::format("  {:+.2f} {}: {}", evidence.weight, evidence.signal,
                         printable(evidence.detail)));
  }
  for (const FieldProposal& field : pair.fields) {
    out.line(fmt::format("  {}", printable(source_name(field))));
    for (const std::size_t decided : field.decision) {
      explain_candidate(out, field.candidates[decided], "->");
    }
    if (field.decision.empty()) {
      const std::string input = inputs.words(field);
      out.line(input.empty() ? fmt::format("    no match ({:.2f})", field.confidence)
                             : fmt::format("    {}", printable(input)));
    }
    if (const Candidate* next = runner_up(field)) {
      explain_candidate(out, *next, "next best:");
    }
  }
}

void print_pair(CommandContext& context, const PairProposal& pair, bool explain) {
  Output& out = context.out();
  const mapping::CoverageCount counts = mapping::count_coverage(pair);
  out.line(styled(fmt::format("{} -> {}", printable(catalog::to_string(pair.source_table)),
                              printable(target_name(pair))),
                  Style::bold, context.stdout_terminal()) +
           fmt::format("  confidence {:.2f}, {} of {} columns mapped", pair.confidence,
                       counts.mapped, counts.source_fields));
  TablePrinter table{{{"source_column", "Source column", false, true},
                      {"target_column", "Target column", false, true},
                      {"confidence", "Confidence", true, false},
                      {"transformation", "Transformation", false, true},
                      {"warnings", "Warnings", false, true}}};
  const RuleInputs inputs{pair};
  for (const FieldProposal& field : pair.fields) {
    if (field.decision.empty()) {
      table.add({{field.source_column.text}, {"-", Style::dim}, {""}, {inputs.words(field)}, {""}});
      continue;
    }
    for (const std::size_t decided : field.decision) {
      const Candidate& candidate = field.candidates[decided];
      table.add(
          {{source_name(field)},
           {candidate.target_column.text},
           {fmt::format("{:.2f}", candidate.confidence), style_of(candidate.confidence)},
           {candidate.transformation.is_direct() ? std::string{}
                                                 : mapping::describe(candidate.transformation)},
           {fmt::format("{}", fmt::join(candidate.warnings, "; ")), Style::yellow}});
    }
  }
  table.print_table(out, context.stdout_terminal());
  std::string missing;
  for (const mapping::UnmappedTarget& target : pair.unmapped_targets) {
    if (target.required) {
      missing += (missing.empty() ? "" : ", ") + printable(target.column.text);
    }
  }
  if (!missing.empty()) {
    out.line(styled("required, without source: " + missing, Style::red, context.stdout_terminal()));
  }
  if (explain) {
    explain_pair(out, pair);
  }
  out.line("");
}

void print_csv(CommandContext& context, const std::vector<PairProposal>& proposals) {
  TablePrinter table{{{"source_table", "", false, false},
                      {"source_column", "", false, false},
                      {"target_table", "", false, false},
                      {"target_column", "", false, false},
                      {"confidence", "", true, false},
                      {"mapping_type", "", false, false},
                      {"transformation", "", false, false},
                      {"warnings", "", false, false}}};
  for (const PairProposal& pair : proposals) {
    const RuleInputs inputs{pair};
    for (const FieldProposal& field : pair.fields) {
      if (field.decision.empty()) {
        table.add(std::vector<std::string>{catalog::to_string(pair.source_table),
                                           field.source_column.text, "", "", "", "",
                                           inputs.words(field), ""});
      }
      for (const std::size_t decided : field.decision) {
        const Candidate& candidate = field.candidates[decided];
        table.add(std::vector<std::string>{
            catalog::to_string(pair.source_table), field.source_column.text,
            catalog::to_string(candidate.target_table), candidate.target_column.text,
            fmt::format("{:.4f}", candidate.confidence),
            std::string{to_string(candidate.mapping_type)},
            candidate.transformation.is_direct() ? "" : mapping::describe(candidate.transformation),
            fmt::format("{}", fmt::join(candidate.warnings, "; "))});
      }
    }
  }
  table.print_csv(context.out());
}

// One line a field: what `jq` and friends take in best.
void print_lines(CommandContext& context, const std::vector<PairProposal>& proposals) {
  for (const PairProposal& pair : proposals) {
    const Json document = mapping::to_json(pair);
    for (const Json& field : document.at("fields")) {
      Json line{{"source_table", document.at("source_table")},
                {"target_table", document.at("target_table")}};
      line.update(field);
      context.out().json_line(line);
    }
  }
}

}  // namespace

void print_proposals(CommandContext& context, std::string_view source, std::string_view target,
                     const std::vector<PairProposal>& proposals, bool explain) {
  switch (context.format()) {
    case Format::json: context.out().document(mapping::to_json(source, target, proposals)); return;
    case Format::jsonl: print_lines(context, proposals); return;
    case Format::csv: print_csv(context, proposals); return;
    case Format::table:
      for (const PairProposal& pair : proposals) {
        print_pair(context, pair, explain);
      }
  }
}

}  // namespace mapctl::cli
