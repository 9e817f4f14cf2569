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
  const ReviewLine* theirs = now(line.id);
  Decision* decision = find_decision(line.id);
  Decision fresh;
  fresh.id = line.id;
  fresh.key = base.key;
  fresh.line = title_of(base.key);
  fresh.place = line.place;
  fresh.subject =
      base.key.field.empty() ? Decision::Subject::source_column : Decision::Subject::target_column;
  fresh.before = theirs != nullptr ? theirs->values : base.values;
  fresh.version = theirs != nullptr ? theirs->version : 0;
  fresh.reason_code = line.reason_code ? line.reason_code->text : std::string{};
  fresh.comment = line.comment ? line.comment->text : std::string{};
  // Each sheet shows the same line; what one of them leaves as it was does not count.
  const auto ask = [&](ReviewColumn column, const std::optional<Cell>& cell, std::string before,
                       std::string text) {
    if (!cell || text == before) {
      return;
    }
    if (decision != nullptr) {
      const auto asked = decision->set.find(column);
      if (asked != decision->set.end()) {
        if (asked->second.text != text) {
          Finding& finding =
              report(Verdict::conflict, cell->place, line.id, fresh.line,
                     fmt::format("'{}' here, but '{}' in {}", text, asked->second.text,
                                 to_string(asked->second.place)));
          finding.column = key_of(column);
        }
        return;
      }
    }
    fresh.set[column] = {std::move(text), cell->place};
  };
  ask(ReviewColumn::reason_code, line.reason_code, base.value(ReviewColumn::reason_code),
      line.reason_code ? line.reason_code->text : std::string{});
  ask(ReviewColumn::comment, line.comment, base.value(ReviewColumn::comment),
      line.comment ? line.comment->text : std::string{});
  if (line.disposition && !equal_ignoring_case(line.disposition->text, base.disposition)) {
    const std::string word = to_lower(line.disposition->text);
    const auto refuse = [&](std::string message) {
      Finding& finding = report(Verdict::refused, line.disposition->place, line.id, fresh.line,
                                std::move(message));
      finding.column = "disposition";
      finding.base = base.disposition;
      finding.mine = line.disposition->text;
    };
    const std::string status_before = base.value(ReviewColumn::status);
    if (word == "not used") {
      ask(ReviewColumn::status, line.disposition, status_before, "not used");
    } else if (word == "undecided") {
      ask(ReviewColumn::status, line.disposition, status_before, "proposed");
      fresh.later = false;
    } else if (word == "later") {
      fresh.later = true;
    } else if (word == "mapped") {
      if (decision == nullptr || decision->subject != Decision::Subject::mapping) {
        refuse("choose its counterpart on the sheet of the pair");
        return;
      }
    } else if (word == "constant" && fresh.subject == Decision::Subject::target_column) {
      if (!line.constant || line.constant->text.empty()) {
        refuse("which constant? the column beside it is empty");
        return;
      }
      ask(ReviewColumn::transformation, line.disposition, base.value(ReviewColumn::transformation),
          "constant");
      ask(ReviewColumn::default_value, line.constant, base.value(ReviewColumn::default_value),
          line.constant->text);
    } else {
      refuse(fmt::format("'{}' is no disposition", line.disposition->text));
      return;
    }
  } else if (line.constant && base.disposition == "constant") {
    ask(ReviewColumn::default_value, line.constant, base.value(ReviewColumn::default_value),
        line.constant->text);
  }
  if (fresh.set.empty() && !fresh.later) {
    return;
  }
  if (theirs == nullptr) {
    report(Verdict::conflict, line.place, line.id, fresh.line,
           "the registry has no such line any more; export the workbook again");
    return;
  }
  if (fresh.later && *fresh.later == (theirs->disposition == "later")) {
    fresh.later.reset();
  } else if (fresh.later) {
    Finding& finding = report(Verdict::change, line.disposition->place, line.id, fresh.line);
    finding.column = "disposition";
    finding.base = base.disposition;
    finding.mine = line.disposition->text;
    finding.theirs = theirs->disposition;
  }
  for (const ReviewColumn column : all_columns) {
    if (fresh.set.contains(column)) {
      merge(fresh, column, base.value(column), theirs->value(column), false);
    }
  }
  check_decision(fresh);
  if (decision != nullptr) {
    decision->set.merge(fresh.set);
    decision->later = fresh.later ? fresh.later : decision->later;
    decision->reason_code =
        decision->reason_code.empty() ? fresh.reason_code : decision->reason_code;
    decision->comment = decision->comment.empty() ? fresh.comment : decision->comment;
  } else {
    keep(std::move(fresh));
  }
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

void Planner::report_missing() {
  const std::set<std::string> sheets(submission_.sheets.begin(), submission_.sheets.end());
  const auto report_line = [&](const ReviewLine& line) {
    if (!seen_.contains(line.id) && sheets.contains(line.sheet)) {
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
