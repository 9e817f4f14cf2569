// SPDX-License-Identifier: Apache-2.0
#include "core/review/merge.hpp"

#include "tests/support/catch.hpp"

#include <algorithm>
#include <utility>

using namespace mapctl;
using mapping::ReviewColumn;
using mapping::ReviewLine;
using review::Decision;
using review::ImportPlan;
using review::Verdict;

namespace {

const TenantName tenant{"default"};

ReviewLine line_of(const std::string& source, const std::string& target,
                   const std::string& status = "proposed") {
  ReviewLine line;
  line.key.connector.text = "crm";
  line.key.source_table.text = "contacts";
  line.key.entity.text = "person";
  line.key.source_field.text = source;
  line.key.field.text = target;
  line.id = mapping::mapping_id(tenant, line.key).text;
  line.sheet = "001";
  const bool is_mapping = !source.empty() && !target.empty();
  line.values = {is_mapping ? status : "", is_mapping ? "equal" : "unmatched", source, target,
                 is_mapping ? "direct" : ""};
  line.disposition = is_mapping ? "" : "undecided";
  return line;
}

// What was exported, what the registry says now, and the file.
struct Case {
  std::vector<ReviewLine> base{line_of("mail", "email"), line_of("nm", "name"), line_of("zip", ""),
                               line_of("", "country")};
  std::vector<ReviewLine> now = base;
  review::Submission file{};

  Case() {
    file.sheets = {"001"};
    for (std::size_t at = 0; at < base.size(); ++at) {
      file.lines.push_back(submitted(base[at], at));
    }
  }
  static review::SubmittedLine submitted(const ReviewLine& line, std::size_t row) {
    review::SubmittedLine result;
    result.id = line.id;
    result.place = {"001", static_cast<std::uint32_t>(row), 0};
    for (std::size_t at = 0; at < line.values.size(); ++at) {
      review::Cell cell;
      cell.text = line.values[at];
      cell.place = {"001", static_cast<std::uint32_t>(row), static_cast<std::uint32_t>(at + 1)};
      result.cells[at] = cell;
    }
    return result;
  }
  void edit(std::size_t line, ReviewColumn column, std::string text) {
    file.lines[line].cells[mapping::index_of(column)]->text = std::move(text);
  }
  ImportPlan plan() const { return plan_import(file, base, now, tenant); }
};

const review::Finding* find(const ImportPlan& plan, Verdict verdict) {
  const auto found = std::find_if(plan.findings.begin(), plan.findings.end(),
                                  [&](const auto& finding) { return finding.verdict == verdict; });
  return found == plan.findings.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("an untouched workbook changes nothing", "[review]") {
  Case test;
  const ImportPlan plan = test.plan();
  CHECK(plan.findings.empty());
  CHECK(plan.decisions.empty());
  CHECK(plan.unchanged == 4);
}

TEST_CASE("what cannot be read back is a note that blocks nothing", "[review]") {
  Case test;
  test.file.unread = {{{"Load plan", 4, 3}, "Load plan", "Owner", "person", "ada"}};
  const ImportPlan plan = test.plan();
  REQUIRE(plan.findings.size() == 1);
  CHECK(plan.findings[0].verdict == Verdict::note);
  CHECK(plan.findings[0].place == review::Place{"Load plan", 4, 3});
  CHECK(plan.findings[0].column == "owner");
  CHECK(plan.findings[0].mine == "ada");
  CHECK_FALSE(plan.is_blocked());
  CHECK(plan.decisions.empty());
}

TEST_CASE("what the registry decided since then stays when the file left it alone", "[review]") {
  Case test;
  test.now[0].values[0] = "approved";
  CHECK(test.plan().findings.empty());
}

TEST_CASE("lines sorted, columns missing: only what was edited counts", "[review]") {
  Case test;
  test.edit(0, ReviewColumn::status, "Approved");
  for (review::SubmittedLine& line : test.file.lines) {
    line.cells[mapping::index_of(ReviewColumn::comment)].reset();
  }
  std::reverse(test.file.lines.begin(), test.file.lines.end());
  const ImportPlan plan = test.plan();
  REQUIRE(plan.decisions.size() == 1);
  CHECK(plan.decisions[0].id == test.base[0].id);
  CHECK(plan.decisions[0].set.at(ReviewColumn::status).text == "approved");
  CHECK(plan.count(Verdict::change) == 1);
}

TEST_CASE("equal changes merge, different ones are a conflict that names all three", "[review]") {
  Case test;
  test.edit(0, ReviewColumn::status, "approved");
  test.now[0].values[0] = "approved";
  test.edit(1, ReviewColumn::comment, "mine");
  test.now[1].values[13] = "theirs";
  const ImportPlan plan = test.plan();
  CHECK(plan.count(Verdict::merged) == 1);
  REQUIRE(plan.count(Verdict::conflict) == 1);
  const review::Finding& conflict = *find(plan, Verdict::conflict);
  CHECK(to_string(conflict.place) == "001!O2");
  CHECK(conflict.mine == "mine");
  CHECK(conflict.theirs == "theirs");
  CHECK(plan.decisions.empty());
  CHECK(plan.is_blocked());
}

TEST_CASE("a conflict in one cell holds its whole line back and no other", "[review]") {
  Case test;
  test.edit(0, ReviewColumn::status, "approved");
  test.edit(0, ReviewColumn::comment, "mine");
  test.now[0].values[13] = "theirs";
  test.edit(1, ReviewColumn::status, "approved");
  const ImportPlan plan = test.plan();
  REQUIRE(plan.decisions.size() == 1);
  CHECK(plan.decisions[0].id == test.base[1].id);
}

TEST_CASE("words that are not of the list are refused, and so is an emptied status", "[review]") {
  for (const auto& [column, word] : std::initializer_list<std::pair<ReviewColumn, const char*>>{
           {ReviewColumn::status, "fine"},
           {ReviewColumn::status, "deprecated"},
           {ReviewColumn::status, ""},
           {ReviewColumn::equivalence, "same"},
           {ReviewColumn::transformation, "magic"},
           {ReviewColumn::target_column, ""},
           {ReviewColumn::source_column, ""},
           {ReviewColumn::target_column, "nmae"}}) {
    Case test;
    test.edit(0, column, word);
    test.edit(0, ReviewColumn::comment, "because");
    const ImportPlan plan = test.plan();
    INFO(word);
    CHECK(plan.count(Verdict::refused) == 1);
    CHECK(plan.decisions.empty());
  }
}

TEST_CASE("a cleared comment is cleared", "[review]") {
  Case test;
  test.base[0].values[13] = test.now[0].values[13] = "old";
  test.edit(0, ReviewColumn::comment, "");
  const ImportPlan plan = test.plan();
  REQUIRE(plan.decisions.size() == 1);
  CHECK(plan.decisions[0].set.at(ReviewColumn::comment).text.empty());
}

TEST_CASE("a rejection needs a reason, which may have been there before", "[review]") {
  Case test;
  test.edit(0, ReviewColumn::status, "rejected");
  CHECK(test.plan().count(Verdict::refused) == 1);
  test.edit(0, ReviewColumn::reason_code, "duplicate");
  CHECK_FALSE(test.plan().is_blocked());
  Case before;
  before.base[0].values[13] = before.now[0].values[13] = "why";
  before.edit(0, ReviewColumn::comment, "why");
  before.edit(0, ReviewColumn::status, "not_used");
  const ImportPlan plan = before.plan();
  REQUIRE(plan.decisions.size() == 1);
  CHECK(plan.decisions[0].set.at(ReviewColumn::status).text == "not used");
}

TEST_CASE("another target is a new mapping in the place of the old", "[review]") {
  Case test;
  test.edit(0, ReviewColumn::target_column, "country");
  CHECK(test.plan().count(Verdict::refused) == 1);  // without a reason
  test.edit(0, ReviewColumn::comment, "it holds the country");
  ImportPlan plan = test.plan();
  REQUIRE(plan.decisions.size() == 1);
  const Decision decision = plan.decisions.front();
  CHECK(decision.creates);
  CHECK(decision.replaces == test.base[0].id);
  CHECK(decision.key.field.text == "country");

  // The same file again, after it was applied.
  test.now[0].values[0] = "rejected";
  ReviewLine fresh = line_of("mail", "country");
  fresh.values[13] = "it holds the country";
  test.now.push_back(fresh);
  plan = test.plan();
  CHECK_FALSE(plan.is_blocked());
  CHECK(plan.decisions.empty());
  CHECK(plan.count(Verdict::merged) == 2);
}

TEST_CASE("another target for a mapping that somebody approved meanwhile is a conflict",
          "[review]") {
  Case test;
  test.edit(0, ReviewColumn::target_column, "country");
  test.edit(0, ReviewColumn::comment, "because");
  test.now[0].values[0] = "approved";
  CHECK(test.plan().count(Verdict::conflict) == 1);
}

TEST_CASE("a target that has a line of its own is not given away", "[review]") {
  Case test;
  ReviewLine own = line_of("mail", "name");
  test.base.push_back(own);
  test.now.push_back(own);
  test.edit(0, ReviewColumn::target_column, "name");
  test.edit(0, ReviewColumn::comment, "because");
  CHECK(test.plan().count(Verdict::refused) == 1);
}

TEST_CASE("an unmapped column gets its counterpart", "[review]") {
  Case test;
  test.edit(2, ReviewColumn::target_column, "country");
  test.edit(2, ReviewColumn::status, "approved");
  ImportPlan plan = test.plan();
  REQUIRE(plan.decisions.size() == 1);
  CHECK(plan.decisions[0].creates);
  CHECK(plan.decisions[0].replaces.empty());
  CHECK(plan.decisions[0].set.at(ReviewColumn::status).text == "approved");

  Case other;
  other.edit(3, ReviewColumn::source_column, "zip");
  plan = other.plan();
  REQUIRE(plan.decisions.size() == 1);
  CHECK(plan.decisions[0].key.source_field.text == "zip");
  CHECK(plan.decisions[0].key.field.text == "country");
  other.edit(2, ReviewColumn::target_column, "country");
  CHECK(other.plan().count(Verdict::refused) == 1);  // both lines ask for it
}

TEST_CASE("nothing can be approved where there is nothing", "[review]") {
  Case test;
  test.edit(2, ReviewColumn::status, "approved");
  test.edit(3, ReviewColumn::status, "approved");
  CHECK(test.plan().count(Verdict::refused) == 2);
}

TEST_CASE("a copied line is refused, a deleted one reported", "[review]") {
  Case test;
  test.file.lines.push_back(test.file.lines.front());
  CHECK(test.plan().count(Verdict::refused) == 1);
  Case other;
  other.file.lines.erase(other.file.lines.begin());
  const ImportPlan plan = other.plan();
  CHECK_FALSE(plan.is_blocked());
  REQUIRE(plan.count(Verdict::missing) == 1);
  CHECK(find(plan, Verdict::missing)->id == other.base[0].id);
}

TEST_CASE("a sheet whose lines cannot be told is refused, and each line reported", "[review]") {
  Case test;
  test.file.baseline = test.base;
  test.file.lines.clear();
  test.file.sheets.clear();
  test.file.without_id = {{{"001", 7, 0}, {"Mapping id"}}};
  ImportPlan plan = test.plan();
  REQUIRE(plan.count(Verdict::refused) == 1);
  CHECK(find(plan, Verdict::refused)->place == review::Place{"001", 7, 0});
  CHECK(find(plan, Verdict::refused)->message.find("sheet '001' has no column 'Mapping id'") == 0);
  CHECK(plan.count(Verdict::missing) == test.base.size());

  test.file.without_id.clear();
  test.file.without_header = {"001", "my own notes"};
  plan = test.plan();
  CHECK(plan.count(Verdict::refused) == 1);
  CHECK(plan.count(Verdict::missing) == test.base.size());
}

TEST_CASE("lines of a deleted sheet are missing where the file says what it was exported with",
          "[review]") {
  Case test;
  test.file.lines.clear();
  test.file.sheets.clear();
  CHECK(test.plan().findings.empty());  // perhaps one workbook of many
  test.file.baseline = test.base;
  const ImportPlan plan = test.plan();
  CHECK_FALSE(plan.is_blocked());
  CHECK(plan.count(Verdict::missing) == test.base.size());
}

TEST_CASE("columns that are gone and lines that say nothing usable are noted", "[review]") {
  Case test;
  test.file.incomplete = {{{"001", 7, 0}, {"Status"}}};
  review::SubmittedLine fresh = Case::submitted(line_of("", ""), 9);
  fresh.id.clear();
  fresh.cells[mapping::index_of(ReviewColumn::status)]->text = "approved";
  fresh.cells[mapping::index_of(ReviewColumn::equivalence)]->text.clear();
  test.file.lines.push_back(fresh);
  const ImportPlan plan = test.plan();
  CHECK_FALSE(plan.is_blocked());
  CHECK(plan.count(Verdict::note) == 2);
  CHECK(plan.findings[0].message.find("no column 'Status'") != std::string::npos);
  CHECK(plan.findings[1].mine == "approved");
  CHECK(plan.findings[1].column == "status");
}

TEST_CASE("a line without id is a new mapping of the sheet's pair", "[review]") {
  Case test;
  review::SubmittedLine fresh = Case::submitted(line_of("zip", "country"), 9);
  fresh.id.clear();
  test.file.lines.push_back(fresh);
  const ImportPlan plan = test.plan();
  CHECK(plan.count(Verdict::added) == 1);
  REQUIRE(plan.decisions.size() == 1);
  CHECK(plan.decisions[0].creates);
  CHECK(plan.decisions[0].key == line_of("zip", "country").key);
  test.now.push_back(line_of("zip", "country"));
  CHECK(test.plan().decisions.empty());  // it is there already

  Case unknown;
  fresh.id = "no such id";
  unknown.file.lines.push_back(fresh);
  CHECK(unknown.plan().count(Verdict::refused) == 1);
}

TEST_CASE("dispositions say what becomes of columns without counterpart", "[review]") {
  Case test;
  const auto dispose = [&](std::size_t line, std::string word, std::string reason,
                           std::string constant = {}) {
    review::SubmittedDisposition result;
    result.id = test.base[line].id;
    const auto cell = [&](std::string text, std::uint32_t column) {
      review::Cell made;
      made.text = std::move(text);
      made.place = {"Unmapped", static_cast<std::uint32_t>(line), column};
      return made;
    };
    result.disposition = cell(std::move(word), 1);
    result.comment = cell(std::move(reason), 2);
    result.constant = cell(std::move(constant), 3);
    return result;
  };
  test.file.dispositions = {dispose(2, "Not used", "old"), dispose(3, "constant", "", "DE")};
  ImportPlan plan = test.plan();
  CHECK_FALSE(plan.is_blocked());
  REQUIRE(plan.decisions.size() == 2);
  CHECK(plan.decisions[0].set.at(ReviewColumn::status).text == "not used");
  CHECK(plan.decisions[1].set.at(ReviewColumn::default_value).text == "DE");

  test.file.dispositions = {dispose(2, "not used", ""), dispose(3, "constant", "")};
  CHECK(test.plan().count(Verdict::refused) == 2);  // no reason, no constant
  test.file.dispositions = {dispose(2, "mapped", ""), dispose(3, "perhaps", "")};
  CHECK(test.plan().count(Verdict::refused) == 2);
  test.file.dispositions = {dispose(2, "later", "")};
  plan = test.plan();
  REQUIRE(plan.decisions.size() == 1);
  CHECK(plan.decisions[0].later == true);

  // The two sheets disagree.
  test.edit(2, ReviewColumn::status, "flagged");
  test.file.dispositions = {dispose(2, "not used", "old")};
  CHECK(test.plan().count(Verdict::conflict) == 1);
}

TEST_CASE("a code is decided about by its own id", "[review]") {
  Case test;
  ReviewLine code = line_of("mail", "email");
  code.id = "a code";
  code.disposition = "code";
  code.values = {"proposed", "unmatched", "mail", "email", "", "DEU"};
  test.base.push_back(code);
  test.now.push_back(code);
  review::SubmittedLine line = Case::submitted(code, 20);
  line.cells[mapping::index_of(ReviewColumn::source_column)].reset();
  line.cells[mapping::index_of(ReviewColumn::target_column)].reset();
  line.cells[mapping::index_of(ReviewColumn::rule)].reset();
  line.cells[mapping::index_of(ReviewColumn::transformation)].reset();
  test.file.codes = {line};
  CHECK(test.plan().findings.empty());
  test.file.codes[0].cells[mapping::index_of(ReviewColumn::default_value)]->text = "DE";
  const ImportPlan plan = test.plan();
  REQUIRE(plan.decisions.size() == 1);
  CHECK(plan.decisions[0].subject == Decision::Subject::code);
  CHECK(plan.decisions[0].code == "DEU");
  CHECK(plan.decisions[0].set.at(ReviewColumn::default_value).text == "DE");
  test.now.back().values[6] = "GER";
  CHECK(test.plan().count(Verdict::conflict) == 1);
  test.now.back().values[6] = "DE";
  CHECK(test.plan().count(Verdict::merged) == 1);
  test.file.codes.push_back(test.file.codes.front());
  CHECK(test.plan().count(Verdict::refused) == 1);
}

TEST_CASE("what a spreadsheet program does by itself is no edit", "[review]") {
  using ports::ReadCell;
  struct Mangled {
    const char* base;
    ReadCell::Kind kind;
    const char* text;
    bool is_restored;
  };
  for (const Mangled& mangled : std::initializer_list<Mangled>{
           {"007", ReadCell::Kind::number, "7", true},
           {"1e3", ReadCell::Kind::number, "1000", true},
           {"12345678901234567", ReadCell::Kind::number, "12345678901234568", true},
           {"1-2", ReadCell::Kind::date, "2026-02-01", true},
           {"MAR1", ReadCell::Kind::date, "2026-03-01", true},
           {"3/4/25", ReadCell::Kind::date, "2025-03-04", true},
           {"true", ReadCell::Kind::boolean, "TRUE", true},
           {"a\nb", ReadCell::Kind::text, "a b", true},
           {"007", ReadCell::Kind::number, "8", false},
           {"007", ReadCell::Kind::text, "7", false},
           {"1-2", ReadCell::Kind::date, "2026-02-03", false},
           {"n/a", ReadCell::Kind::date, "2026-02-03", false},
           {"", ReadCell::Kind::number, "7", false}}) {
    review::Cell cell;
    cell.kind = mangled.kind;
    cell.text = mangled.text;
    bool note = false;
    INFO(mangled.base << " " << mangled.text);
    const std::string read = review::restore(cell, mangled.base, ReviewColumn::default_value, note);
    CHECK(note == mangled.is_restored);
    CHECK(read == (mangled.is_restored ? mangled.base : mangled.text));
  }
  review::Cell day;
  day.kind = ports::ReadCell::Kind::date;
  day.text = "2026-01-31 00:00:01";
  bool note = false;
  CHECK(review::restore(day, "", ReviewColumn::reviewed_on, note) == "2026-01-31");
}

TEST_CASE("errors and formulas without result are not taken for values", "[review]") {
  Case test;
  auto& cell = *test.file.lines[0].cells[mapping::index_of(ReviewColumn::comment)];
  cell.kind = ports::ReadCell::Kind::error;
  cell.text = "#NAME?";
  auto& formula = *test.file.lines[1].cells[mapping::index_of(ReviewColumn::comment)];
  formula.is_formula = true;
  CHECK(test.plan().count(Verdict::refused) == 2);
}
