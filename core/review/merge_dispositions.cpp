// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.hpp"
#include "core/review/planner.hpp"

#include <fmt/format.h>

#include <algorithm>

// What the sheets of columns without counterpart ask for, and what all lines come to.
namespace mapctl::review {

using mapping::ReviewColumn;
using mapping::ReviewLine;

void Planner::take_code(const SubmittedLine& line) {
  if (line.id.empty()) {
    return;  // a value that somebody added has no mapping
  }
  const auto found = base_.find(line.id);
  if (found == base_.end()) {
    report(Verdict::refused, line.place, line.id, {},
           fmt::format("code id '{}' is not one of this export", line.id));
    return;
  }
  const ReviewLine& base = *found->second.front();
  Decision decision;
  decision.subject = Decision::Subject::code;
  decision.id = line.id;
  decision.key = base.key;
  decision.code = base.value(ReviewColumn::rule);
  decision.line = fmt::format("{}: '{}'", title_of(base.key), decision.code);
  decision.place = line.place;
  if (++seen_[line.id] > found->second.size()) {
    report(Verdict::refused, line.place, line.id, decision.line,
           "the code id stands on another line too; remove one of them");
    return;
  }
  decision.set = changes_of(line, base);
  if (decision.set.empty()) {
    return;
  }
  const ReviewLine* theirs = now(line.id);
  if (theirs == nullptr) {
    report(Verdict::conflict, line.place, line.id, decision.line,
           "the registry has no such value any more; export the workbook again");
    return;
  }
  decision.before = theirs->values;
  decision.version = theirs->version;
  for (const ReviewColumn column : all_columns) {
    if (decision.set.contains(column)) {
      merge(decision, column, base.value(column), theirs->value(column), false);
    }
  }
  keep(std::move(decision));
}

void Planner::take_disposition(const SubmittedDisposition& line) {
  const auto found = base_.find(line.id);
  if (found == base_.end()) {
    report(Verdict::refused, line.place, line.id, {},
           fmt::format("decision id '{}' is not one of this export", line.id));
    return;
  }
  const ReviewLine& base = *found->second.front();
  const auto text_of = [](const std::optional<Cell>& cell) {
    return cell ? cell->text : std::string{};
  };
  Draft draft{line, base, now(line.id), find_decision(line.id)};
  Decision& fresh = draft.fresh;
  const ReviewLine& in_force = draft.theirs != nullptr ? *draft.theirs : base;
  fresh.id = line.id;
  fresh.key = base.key;
  fresh.line = title_of(base.key);
  fresh.place = line.place;
  fresh.subject =
      base.key.field.empty() ? Decision::Subject::source_column : Decision::Subject::target_column;
  fresh.before = in_force.values;
  fresh.version = draft.theirs != nullptr ? draft.theirs->version : 0;
  fresh.reason_code = text_of(line.reason_code);
  fresh.comment = text_of(line.comment);
  ask(draft, ReviewColumn::reason_code, line.reason_code, fresh.reason_code);
  ask(draft, ReviewColumn::comment, line.comment, fresh.comment);
  if (line.disposition && !equal_ignoring_case(line.disposition->text, base.disposition)) {
    if (!take_word(draft)) {
      return;
    }
  } else if (line.constant && base.disposition == "constant") {
    ask(draft, ReviewColumn::default_value, line.constant, line.constant->text);
  }
  if (fresh.set.empty() && !fresh.later) {
    return;
  }
  if (draft.theirs == nullptr) {
    report(Verdict::conflict, line.place, line.id, fresh.line,
           "the registry has no such line any more; export the workbook again");
    return;
  }
  settle_later(draft);
  for (const ReviewColumn column : all_columns) {
    if (fresh.set.contains(column)) {
      merge(fresh, column, base.value(column), draft.theirs->value(column), false);
    }
  }
  check_decision(fresh);
  if (Decision* earlier = draft.earlier; earlier != nullptr) {
    earlier->set.merge(fresh.set);
    earlier->later = fresh.later ? fresh.later : earlier->later;
    earlier->reason_code = earlier->reason_code.empty() ? fresh.reason_code : earlier->reason_code;
    earlier->comment = earlier->comment.empty() ? fresh.comment : earlier->comment;
  } else {
    keep(std::move(fresh));
  }
}

void Planner::ask(Draft& draft, ReviewColumn column, const std::optional<Cell>& cell,
                  std::string text) {
  if (!cell || text == draft.base.value(column)) {
    return;
  }
  if (draft.earlier != nullptr) {
    const auto asked = draft.earlier->set.find(column);
    if (asked != draft.earlier->set.end()) {
      if (asked->second.text != text) {
        Finding& finding = report(Verdict::conflict, cell->place, draft.line.id, draft.fresh.line,
                                  fmt::format("'{}' here, but '{}' in {}", text, asked->second.text,
                                              to_string(asked->second.place)));
        finding.column = key_of(column);
      }
      return;
    }
  }
  draft.fresh.set[column] = {std::move(text), cell->place};
}

bool Planner::take_word(Draft& draft) {
  const std::optional<Cell>& cell = draft.line.disposition;
  const std::string word = to_lower(cell->text);
  if (word == "not used") {
    ask(draft, ReviewColumn::status, cell, word);
    return true;
  }
  if (word == "undecided") {
    ask(draft, ReviewColumn::status, cell, "proposed");
    draft.fresh.later = false;
    return true;
  }
  if (word == "later") {
    draft.fresh.later = true;
    return true;
  }
  if (word == "mapped") {
    const bool is_mapped =
        draft.earlier != nullptr && draft.earlier->subject == Decision::Subject::mapping;
    return is_mapped || refuse_word(draft, "choose its counterpart on the sheet of the pair");
  }
  if (word == "constant" && draft.fresh.subject == Decision::Subject::target_column) {
    return take_constant(draft);
  }
  return refuse_word(draft, fmt::format("'{}' is no disposition", cell->text));
}

bool Planner::take_constant(Draft& draft) {
  const SubmittedDisposition& line = draft.line;
  if (!line.constant || line.constant->text.empty()) {
    return refuse_word(draft, "which constant? the column beside it is empty");
  }
  ask(draft, ReviewColumn::transformation, line.disposition, "constant");
  ask(draft, ReviewColumn::default_value, line.constant, line.constant->text);
  return true;
}

bool Planner::refuse_word(const Draft& draft, std::string message) {
  Finding& finding = report(Verdict::refused, draft.line.disposition->place, draft.line.id,
                            draft.fresh.line, std::move(message));
  finding.column = "disposition";
  finding.base = draft.base.disposition;
  finding.mine = draft.line.disposition->text;
  return false;
}

// To put a column off, or to take it up again, is no value of a cell that could be merged.
void Planner::settle_later(Draft& draft) {
  std::optional<bool>& later = draft.fresh.later;
  if (!later) {
    return;
  }
  if (*later == (draft.theirs->disposition == "later")) {
    later.reset();
    return;
  }
  Finding& finding =
      report(Verdict::change, draft.line.disposition->place, draft.line.id, draft.fresh.line);
  finding.column = "disposition";
  finding.base = draft.base.disposition;
  finding.mine = draft.line.disposition->text;
  finding.theirs = draft.theirs->disposition;
}

Decision* Planner::find_decision(const std::string& id) {
  const auto found = decision_at_.find(id);
  return found == decision_at_.end() ? nullptr : &plan_.decisions[found->second];
}

void Planner::keep(Decision decision) {
  if (decision.set.empty() && !decision.creates && decision.replaces.empty() && !decision.later) {
    return;
  }
  if (!decision.id.empty()) {
    if (!decision_at_.emplace(decision.id, plan_.decisions.size()).second) {
      report(Verdict::refused, decision.place, decision.id, decision.line,
             "two lines with this mapping id are edited; edit one of them");
      return;
    }
  }
  plan_.decisions.push_back(std::move(decision));
}

void Planner::take_sheets() {
  for (const LostColumns& lost : submission_.without_id) {
    report(Verdict::refused, lost.place, {}, {},
           fmt::format("sheet '{}' has no column '{}' any more, so none of its lines is known; "
                       "give the column its title and its ids back",
                       lost.place.sheet, join(lost.titles, "', '")));
  }
  std::set<std::string> exported;
  for (const auto& [id, of_id] : base_) {
    exported.insert(of_id.front()->sheet);
  }
  for (const std::string& sheet : submission_.without_header) {
    if (exported.contains(sheet)) {
      report(Verdict::refused, {sheet, 0, 0}, {}, {},
             fmt::format("sheet '{}' has lost its header line with 'Mapping id', so none of its "
                         "lines is known; put the line back",
                         sheet));
    }
  }
  for (const LostColumns& lost : submission_.incomplete) {
    report(Verdict::note, lost.place, {}, {},
           fmt::format("sheet '{}' has no column '{}' any more: unchanged, whatever was written "
                       "there",
                       lost.place.sheet, join(lost.titles, "', '")));
  }
}

void Planner::report_missing() {
  // What the registry kept may be of several workbooks, as an archive has them: then a sheet that
  // is not here may never have been.
  const bool is_whole = !submission_.baseline.empty();
  std::set<std::string> sheets(submission_.sheets.begin(), submission_.sheets.end());
  sheets.insert(submission_.without_header.begin(), submission_.without_header.end());
  for (const LostColumns& lost : submission_.without_id) {
    sheets.insert(lost.place.sheet);
  }
  const auto report_line = [&](const ReviewLine& line) {
    if (!seen_.contains(line.id) && line.disposition != "code" &&
        (is_whole || sheets.contains(line.sheet))) {
      report(Verdict::missing, {line.sheet, 0, 0}, line.id, title_of(line.key),
             "the line is gone from the file; nothing is done about it");
    }
  };
  std::vector<const ReviewLine*> lines;
  for (const auto& [id, of_id] : base_) {
    lines.push_back(of_id.front());
  }
  std::sort(lines.begin(), lines.end(), [](const ReviewLine* left, const ReviewLine* right) {
    return std::tie(left->sheet, left->key, left->id) <
           std::tie(right->sheet, right->key, right->id);
  });
  for (const ReviewLine* line : lines) {
    report_line(*line);
  }
}

void Planner::finish() {
  std::erase_if(plan_.decisions, [&](const Decision& decision) {
    return blocked_.contains(decision.id.empty() ? to_string(decision.place) : decision.id);
  });
}

}  // namespace mapctl::review
