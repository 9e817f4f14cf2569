// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/review/merge.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

// How a plan is made. Not for users of the library.
namespace mapctl::review {

inline constexpr mapping::ReviewColumn all_columns[] = {
    mapping::ReviewColumn::status,         mapping::ReviewColumn::equivalence,
    mapping::ReviewColumn::source_column,  mapping::ReviewColumn::target_column,
    mapping::ReviewColumn::transformation, mapping::ReviewColumn::rule,
    mapping::ReviewColumn::default_value,  mapping::ReviewColumn::null_handling,
    mapping::ReviewColumn::date_policy,    mapping::ReviewColumn::quality_rule,
    mapping::ReviewColumn::reviewer,       mapping::ReviewColumn::reviewed_on,
    mapping::ReviewColumn::reason_code,    mapping::ReviewColumn::comment};

std::string_view key_of(mapping::ReviewColumn column) noexcept;
std::string title_of(const mapping::MappingKey& key);

// The pair that a line belongs to: connector, source table, entity.
using PairName = std::tuple<std::string, std::string, std::string>;
struct Columns {
  std::set<std::string> sources{}, targets{};
};

class Planner {
 public:
  Planner(const Submission& submission, const std::vector<mapping::ReviewLine>& base,
          const std::vector<mapping::ReviewLine>& now, const TenantName& tenant);

  ImportPlan run();

 private:
  // Of sheets as a whole: what keeps their lines from being read.
  void take_sheets();

  void note_columns(const mapping::ReviewLine& line);

  const mapping::ReviewLine* now(const std::string& id) const;

  Finding& report(Verdict verdict, const Place& place, const std::string& id, std::string line,
                  std::string message = {});

  // What the file changes of a line, each cell with its new text.
  std::map<mapping::ReviewColumn, Decision::Value> changes_of(const SubmittedLine& line,
                                                              const mapping::ReviewLine& base);

  // Brings words of a list into their usual form; says what is wrong with others.
  static std::string check_word(mapping::ReviewColumn column, std::string& word);

  // What the registry has instead of what was exported; false when there is a conflict.
  bool merge(Decision& decision, mapping::ReviewColumn column, const std::string& base,
             const std::string& theirs, bool is_new);

  std::string final_text(const SubmittedLine& line, const Decision& decision,
                         mapping::ReviewColumn column, const mapping::ReviewLine& base) const;

  void take_known(const SubmittedLine& line);

  // Another source or target column was chosen: another mapping.
  void take_other_columns(const SubmittedLine& line, const mapping::ReviewLine& base,
                          Decision decision);

  bool check_columns(const mapping::MappingKey& key, const Place& place, const std::string& id);

  void take_new(const SubmittedLine& line);

  const mapping::ReviewLine* neighbour_of(const SubmittedLine& line) const;

  void check_decision(Decision& decision);

  static bool is_constant(const Decision& decision);

  void take_code(const SubmittedLine& line);

  // A line of the sheets of columns without counterpart, on its way to a decision.
  struct Draft {
    const SubmittedDisposition& line;
    const mapping::ReviewLine& base;
    const mapping::ReviewLine* theirs;  // null when the registry has it no more
    Decision* earlier;                  // what the line asked for on another sheet, or null
    Decision fresh{};
  };

  void take_disposition(const SubmittedDisposition& line);

  // Each sheet shows the same line; what one of them leaves as it was does not count.
  void ask(Draft& draft, mapping::ReviewColumn column, const std::optional<Cell>& cell,
           std::string text);

  // What the disposition asks for; false when it is refused.
  bool take_word(Draft& draft);
  bool take_constant(Draft& draft);
  bool refuse_word(const Draft& draft, std::string message);

  void settle_later(Draft& draft);

  Decision* find_decision(const std::string& id);

  void keep(Decision decision);

  // A deleted line is reported and never applied.
  void report_missing();

  void finish();

  const Submission& submission_;
  const TenantName& tenant_;
  std::unordered_map<std::string, std::vector<const mapping::ReviewLine*>> base_{};
  std::unordered_map<std::string, const mapping::ReviewLine*> now_{};
  std::map<PairName, Columns> columns_{};
  std::unordered_map<std::string, std::size_t> seen_{};
  std::unordered_map<std::string, std::size_t> decision_at_{};
  std::set<std::string> new_ids_{}, blocked_{};
  ImportPlan plan_{};
};

}  // namespace mapctl::review
