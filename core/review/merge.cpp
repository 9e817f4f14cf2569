// SPDX-License-Identifier: Apache-2.0
#include "core/review/merge.hpp"

#include "core/base/text.hpp"
#include "core/review/planner.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mapctl::review {
namespace {

using mapping::MappingKey;
using mapping::ReviewColumn;
using mapping::ReviewLine;
using mapping::ReviewStatus;

bool is_alive(const ReviewLine& line) {
  const auto status = mapping::review_status_from(line.value(ReviewColumn::status));
  return !status || (*status != ReviewStatus::rejected && *status != ReviewStatus::not_used &&
                     *status != ReviewStatus::deprecated);
}

PairName pair_of(const MappingKey& key) {
  return {key.connector.text, key.source_table.text, key.entity.text};
}

std::string unknown_column(const std::string& name, const std::set<std::string>& known) {
  const std::vector<std::string> names(known.begin(), known.end());
  const std::string hint = suggestion(name, names);
  return hint.empty() ? fmt::format("there is no column '{}'", name)
                      : fmt::format("there is no column '{}'; {}", name, hint);
}

}  // namespace

std::string_view key_of(ReviewColumn column) noexcept {
  return mapping::review_columns()[mapping::index_of(column)].key;
}

std::string title_of(const MappingKey& key) {
  return fmt::format("{} → {}", key.source_field.empty() ? "(no source)" : key.source_field.text,
                     key.field.empty() ? "(no target)" : key.field.text);
}

Planner::Planner(const Submission& submission, const std::vector<ReviewLine>& base,
                 const std::vector<ReviewLine>& now, const TenantName& tenant)
    : submission_{submission}, tenant_{tenant} {
  for (const ReviewLine& line : base) {
    base_[line.id].push_back(&line);
    note_columns(line);
  }
  for (const ReviewLine& line : now) {
    now_.emplace(line.id, &line);
    note_columns(line);
  }
}

ImportPlan Planner::run() {
  for (const auto& [place, title] : submission_.doubled) {
    Finding finding;
    finding.verdict = Verdict::refused;
    finding.place = place;
    finding.message = fmt::format("column '{}' stands twice on the sheet; remove one", title);
    plan_.findings.push_back(std::move(finding));
  }
  take_sheets();
  for (const SubmittedLine& line : submission_.lines) {
    ++plan_.lines;
    seen_[line.id] += line.id.empty() ? 0U : 1U;
    line.id.empty() ? take_new(line) : take_known(line);
  }
  for (const SubmittedLine& line : submission_.codes) {
    take_code(line);
  }
  for (const SubmittedDisposition& line : submission_.dispositions) {
    take_disposition(line);
  }
  report_missing();
  finish();
  return std::move(plan_);
}

void Planner::note_columns(const ReviewLine& line) {
  Columns& columns = columns_[pair_of(line.key)];
  if (!line.key.source_field.empty()) {
    columns.sources.insert(line.key.source_field.text);
  }
  if (!line.key.field.empty()) {
    columns.targets.insert(line.key.field.text);
  }
}

const ReviewLine* Planner::now(const std::string& id) const {
  const auto found = now_.find(id);
  return found == now_.end() ? nullptr : found->second;
}

Finding& Planner::report(Verdict verdict, const Place& place, const std::string& id,
                         std::string line, std::string message) {
  Finding finding;
  finding.verdict = verdict;
  finding.place = place;
  finding.id = id;
  finding.line = std::move(line);
  finding.message = std::move(message);
  plan_.findings.push_back(std::move(finding));
  if (verdict == Verdict::conflict || verdict == Verdict::refused) {
    blocked_.insert(id.empty() ? to_string(place) : id);
  }
  return plan_.findings.back();
}

std::map<ReviewColumn, Decision::Value> Planner::changes_of(const SubmittedLine& line,
                                                            const ReviewLine& base) {
  std::map<ReviewColumn, Decision::Value> changed;
  for (const ReviewColumn column : all_columns) {
    const std::optional<Cell>& cell = line.cell(column);
    if (!cell) {
      continue;
    }
    const std::string& before = base.value(column);
    if (before.starts_with("sha256:") && cell->text.size() > 1'000) {
      continue;  // shortened in the sheet; the rest stands on `Overflow`
    }
    const auto refuse = [&](std::string message) {
      Finding& finding =
          report(Verdict::refused, cell->place, line.id, title_of(base.key), std::move(message));
      finding.column = key_of(column);
      finding.base = before;
      finding.mine = cell->text;
    };
    if (cell->kind == ports::ReadCell::Kind::error) {
      refuse(fmt::format("the cell holds the error {}", cell->text));
      continue;
    }
    if (cell->is_formula && cell->text.empty()) {
      refuse("the cell holds a formula without result; save the file in a spreadsheet program");
      continue;
    }
    bool is_restored = false;
    std::string mine = restore(*cell, before, column, is_restored);
    if (is_restored) {
      Finding& finding = report(Verdict::note, cell->place, line.id, title_of(base.key),
                                "read as unchanged: a spreadsheet program shows it in another way");
      finding.column = key_of(column);
      finding.base = before;
      finding.mine = cell->text;
    }
    if (mine == before) {
      continue;
    }
    if (mine.empty() && !mapping::review_columns()[mapping::index_of(column)].may_be_cleared) {
      refuse(column == ReviewColumn::target_column
                 ? "it cannot be empty; set the status to 'rejected' or 'not used' instead"
                 : "it cannot be empty");
      continue;
    }
    if (std::string problem = check_word(column, mine); !problem.empty()) {
      refuse(std::move(problem));
      continue;
    }
    changed[column] = {std::move(mine), cell->place};
  }
  return changed;
}

std::string Planner::check_word(ReviewColumn column, std::string& word) {
  if (column == ReviewColumn::status) {
    const auto status = mapping::review_status_from(word);
    if (!status || *status == ReviewStatus::deprecated) {
      return fmt::format("'{}' is no status a reviewer can choose", word);
    }
    word = std::string{to_string(*status)};
  } else if (column == ReviewColumn::equivalence) {
    const auto equivalence = mapping::equivalence_from(word);
    if (!equivalence) {
      return fmt::format("'{}' is no equivalence", word);
    }
    word = std::string{to_string(*equivalence)};
  } else if (column == ReviewColumn::transformation) {
    const std::string lower = to_lower(word);
    if (lower != "not used" && !mapping::transformation_from_review(lower, {}, {})) {
      return fmt::format("'{}' is no transformation", word);
    }
    word = lower;
  }
  return {};
}

bool Planner::merge(Decision& decision, ReviewColumn column, const std::string& base,
                    const std::string& theirs, bool is_new) {
  const Decision::Value mine = decision.set.at(column);
  Finding finding;
  finding.place = mine.place;
  finding.id = decision.id;
  finding.line = decision.line;
  finding.column = key_of(column);
  finding.base = base;
  finding.mine = mine.text;
  finding.theirs = theirs;
  if (!is_new && mine.text == theirs) {
    finding.verdict = Verdict::merged;
    decision.set.erase(column);
  } else if (is_new || theirs == base) {
    finding.verdict = Verdict::change;
  } else {
    finding.verdict = Verdict::conflict;
    finding.message = fmt::format(
        "exported as '{}', the file says '{}', the registry now says "
        "'{}'",
        base, mine.text, theirs);
    blocked_.insert(decision.id.empty() ? to_string(decision.place) : decision.id);
  }
  const bool is_clean = finding.verdict != Verdict::conflict;
  plan_.findings.push_back(std::move(finding));
  return is_clean;
}

std::string Planner::final_text(const SubmittedLine& line, const Decision& decision,
                                ReviewColumn column, const ReviewLine& base) const {
  if (const auto found = decision.set.find(column); found != decision.set.end()) {
    return found->second.text;
  }
  return line.cell(column) ? line.cell(column)->text : base.value(column);
}

void Planner::take_known(const SubmittedLine& line) {
  const auto found = base_.find(line.id);
  if (found == base_.end()) {
    report(Verdict::refused, line.place, line.id, {},
           fmt::format("mapping id '{}' is not one of this export", line.id));
    return;
  }
  const ReviewLine& base = *found->second.front();
  if (seen_[line.id] > found->second.size()) {
    report(Verdict::refused, line.place, line.id, title_of(base.key),
           "the mapping id stands on another line too; remove one of them, or its id for a new "
           "mapping");
    return;
  }
  const std::size_t before = plan_.findings.size();
  Decision decision;
  decision.id = line.id;
  decision.place = line.place;
  decision.key = base.key;
  decision.line = title_of(base.key);
  decision.subject = base.key.field.empty()          ? Decision::Subject::source_column
                     : base.key.source_field.empty() ? Decision::Subject::target_column
                                                     : Decision::Subject::mapping;
  decision.set = changes_of(line, base);
  decision.reason_code = final_text(line, decision, ReviewColumn::reason_code, base);
  decision.comment = final_text(line, decision, ReviewColumn::comment, base);
  if (decision.set.empty()) {
    plan_.unchanged += plan_.findings.size() == before ? 1 : 0;
    return;
  }
  if (decision.set.contains(ReviewColumn::source_column) ||
      decision.set.contains(ReviewColumn::target_column)) {
    take_other_columns(line, base, std::move(decision));
    return;
  }
  const ReviewLine* theirs = now(line.id);
  if (theirs == nullptr) {
    report(Verdict::conflict, decision.set.begin()->second.place, line.id, decision.line,
           "the registry has no such line any more; export the workbook again");
    return;
  }
  decision.before = theirs->values;
  decision.version = theirs->version;
  for (const ReviewColumn column : all_columns) {
    if (decision.set.contains(column)) {
      merge(decision, column, base.value(column), theirs->value(column), false);
    }
  }
  check_decision(decision);
  keep(std::move(decision));
}

void Planner::take_other_columns(const SubmittedLine& line, const ReviewLine& base,
                                 Decision decision) {
  const auto chosen = [&](ReviewColumn column) {
    const auto found = decision.set.find(column);
    return found == decision.set.end() ? base.value(column) : found->second.text;
  };
  const auto place_of = [&] {
    const auto found = decision.set.find(ReviewColumn::target_column);
    return found != decision.set.end() ? found->second.place
                                       : decision.set.at(ReviewColumn::source_column).place;
  };
  const bool was_mapping = decision.subject == Decision::Subject::mapping;
  MappingKey key = base.key;
  key.source_field.text = chosen(ReviewColumn::source_column);
  key.field.text = chosen(ReviewColumn::target_column);
  const Place place = place_of();
  if (!check_columns(key, place, line.id)) {
    return;
  }
  if (was_mapping && decision.reason_code.empty() && decision.comment.empty()) {
    report(Verdict::refused, place, line.id, decision.line,
           "another column than the proposed one needs a reason code or a comment");
    return;
  }
  const std::string new_id = mapping::mapping_id(tenant_, key).text;
  if (base_.contains(new_id)) {
    report(Verdict::refused, place, line.id, decision.line,
           fmt::format("'{}' has a line of its own; decide about it there", title_of(key)));
    return;
  }
  decision.key = key;
  const ReviewLine* existing = now(new_id);
  const ReviewLine* old = now(line.id);
  decision.replaces = was_mapping && old != nullptr && is_alive(*old) ? line.id : std::string{};
  if (was_mapping && old == nullptr) {
    report(Verdict::conflict, place, line.id, decision.line,
           "the registry has no such mapping any more; export the workbook again");
    return;
  }
  decision.creates = existing == nullptr;
  decision.version = old != nullptr ? old->version : 0;
  decision.subject = Decision::Subject::mapping;
  decision.line = title_of(key);
  if (existing != nullptr) {
    decision.before = existing->values;
    decision.version = existing->version;
  } else if (old != nullptr && !decision.replaces.empty()) {
    // Somebody else may have decided about the mapping that goes.
    const std::string& was = base.value(ReviewColumn::status);
    const std::string& is = old->value(ReviewColumn::status);
    if (was != is) {
      Finding& finding =
          report(Verdict::conflict, place, line.id, title_of(base.key),
                 fmt::format("it was '{}' when it was exported and is '{}' now", was, is));
      finding.column = key_of(ReviewColumn::status);
      finding.base = was;
      finding.theirs = is;
      return;
    }
  }
  const bool is_new = decision.creates;
  for (const ReviewColumn column : all_columns) {
    if (decision.set.contains(column)) {
      merge(decision, column, base.value(column),
            existing != nullptr ? existing->value(column) : std::string{}, is_new);
    }
  }
  // What this line said of itself; a status that was not touched is not one of the new mapping.
  decision.set.erase(ReviewColumn::source_column);
  decision.set.erase(ReviewColumn::target_column);
  if (decision.creates && !new_ids_.insert(new_id).second) {
    report(Verdict::refused, place, line.id, decision.line,
           "two lines of the file ask for this mapping");
    return;
  }
  check_decision(decision);
  keep(std::move(decision));
}

bool Planner::check_columns(const MappingKey& key, const Place& place, const std::string& id) {
  const Columns& known = columns_[pair_of(key)];
  if (key.entity.empty() || key.entity.text.ends_with('.')) {
    report(Verdict::refused, place, id, title_of(key),
           "the pair has no target table; run it again with one");
    return false;
  }
  if (!key.source_field.empty() && !known.sources.contains(key.source_field.text)) {
    report(Verdict::refused, place, id, title_of(key),
           unknown_column(key.source_field.text, known.sources));
    return false;
  }
  if (key.field.empty() || !known.targets.contains(key.field.text)) {
    report(Verdict::refused, place, id, title_of(key),
           unknown_column(key.field.text, known.targets));
    return false;
  }
  return true;
}

void Planner::take_new(const SubmittedLine& line) {
  const auto text = [&](ReviewColumn column) {
    return line.cell(column) ? line.cell(column)->text : std::string{};
  };
  const std::string source = text(ReviewColumn::source_column);
  const std::string target = text(ReviewColumn::target_column);
  if (source.empty() && target.empty()) {
    // Perhaps a remark below the lines, perhaps a decision that has lost its columns.
    const auto written = std::find_if(line.cells.begin(), line.cells.end(),
                                      [](const auto& cell) { return cell && !cell->text.empty(); });
    if (written != line.cells.end()) {
      Finding& finding =
          report(Verdict::note, (*written)->place, {}, {},
                 "passed over: the line has no mapping id and no source or target column");
      finding.column =
          mapping::review_columns()[static_cast<std::size_t>(written - line.cells.begin())].key;
      finding.mine = (*written)->text;
    }
    return;
  }
  const ReviewLine* neighbour = neighbour_of(line);
  if (neighbour == nullptr) {
    report(Verdict::refused, line.place, {}, {},
           "the line has no mapping id, and no other line of the sheet tells its pair");
    return;
  }
  const ReviewLine nothing;
  Decision decision;
  decision.creates = true;
  decision.place = line.place;
  decision.key = neighbour->key;
  decision.key.source_field.text = source;
  decision.key.field.text = target;
  decision.line = title_of(decision.key);
  if (!check_columns(decision.key, line.place, {})) {
    return;
  }
  if (source.empty() && text(ReviewColumn::transformation) != "constant") {
    report(Verdict::refused, line.place, {}, decision.line,
           "a line without source column needs the transformation 'constant'");
    return;
  }
  const std::string id = mapping::mapping_id(tenant_, decision.key).text;
  if (base_.contains(id)) {
    report(Verdict::refused, line.place, {}, decision.line,
           "this mapping has a line of its own; decide about it there");
    return;
  }
  SubmittedLine known = line;
  known.id = decision.id = id;
  decision.set = changes_of(known, nothing);
  decision.set.erase(ReviewColumn::source_column);
  decision.set.erase(ReviewColumn::target_column);
  decision.reason_code = text(ReviewColumn::reason_code);
  decision.comment = text(ReviewColumn::comment);
  if (const ReviewLine* existing = now(id)) {
    decision.creates = false;
    decision.before = existing->values;
    for (const ReviewColumn column : all_columns) {
      if (decision.set.contains(column)) {
        merge(decision, column, {}, existing->value(column), false);
      }
    }
  } else if (!new_ids_.insert(id).second) {
    report(Verdict::refused, line.place, {}, decision.line,
           "two lines of the file ask for this mapping");
    return;
  } else {
    report(Verdict::added, line.place, id, decision.line);
  }
  check_decision(decision);
  keep(std::move(decision));
}

const ReviewLine* Planner::neighbour_of(const SubmittedLine& line) const {
  for (const SubmittedLine& other : submission_.lines) {
    if (other.place.sheet == line.place.sheet && !other.id.empty()) {
      if (const auto found = base_.find(other.id); found != base_.end()) {
        return found->second.front();
      }
    }
  }
  return nullptr;
}

void Planner::check_decision(Decision& decision) {
  const auto found = decision.set.find(ReviewColumn::status);
  if (found == decision.set.end()) {
    return;
  }
  const auto refuse = [&](std::string message) {
    Finding& finding = report(Verdict::refused, found->second.place, decision.id, decision.line,
                              std::move(message));
    finding.column = "status";
    finding.mine = found->second.text;
  };
  const auto status = *mapping::review_status_from(found->second.text);
  const bool is_decision_against =
      status == ReviewStatus::rejected || status == ReviewStatus::not_used;
  if (is_decision_against && decision.reason_code.empty() && decision.comment.empty()) {
    refuse(fmt::format("'{}' needs a reason code or a comment", to_string(status)));
  } else if (is_decision_against && (decision.creates || !decision.replaces.empty())) {
    refuse("the line asks for another column and is decided against at the same time");
  } else if (decision.subject == Decision::Subject::source_column &&
             (status == ReviewStatus::approved || status == ReviewStatus::rejected)) {
    refuse("there is nothing to decide about yet: choose a target column");
  } else if (decision.subject == Decision::Subject::target_column &&
             (status == ReviewStatus::approved || status == ReviewStatus::rejected) &&
             !is_constant(decision)) {
    refuse("there is nothing to decide about yet: choose a source column");
  }
}

bool Planner::is_constant(const Decision& decision) {
  const auto found = decision.set.find(ReviewColumn::transformation);
  return (found != decision.set.end()
              ? found->second.text
              : decision.before[mapping::index_of(ReviewColumn::transformation)]) == "constant";
}

std::string_view to_string(Verdict verdict) noexcept {
  switch (verdict) {
    case Verdict::change: return "change";
    case Verdict::merged: return "merged";
    case Verdict::added: return "added";
    case Verdict::conflict: return "conflict";
    case Verdict::refused: return "refused";
    case Verdict::missing: return "missing";
    case Verdict::note: return "note";
  }
  return {};
}

std::size_t ImportPlan::count(Verdict verdict) const noexcept {
  return static_cast<std::size_t>(
      std::count_if(findings.begin(), findings.end(),
                    [&](const Finding& finding) { return finding.verdict == verdict; }));
}

ImportPlan plan_import(const Submission& submission, const std::vector<ReviewLine>& base,
                       const std::vector<ReviewLine>& now, const TenantName& tenant) {
  ImportPlan plan = Planner{submission, base, now, tenant}.run();
  for (const UnreadCell& cell : submission.unread) {
    Finding finding;
    finding.verdict = Verdict::note;
    finding.place = cell.place;
    finding.line = cell.line;
    finding.column = to_lower(cell.column);
    finding.mine = cell.text;
    finding.message = fmt::format(
        "not read back: the registry keeps nothing of '{}', write it to the pair's sheet as a "
        "comment",
        cell.sheet);
    plan.findings.push_back(std::move(finding));
  }
  return plan;
}

}  // namespace mapctl::review
