// SPDX-License-Identifier: Apache-2.0
#include "core/review/submission.hpp"

#include "core/base/hash.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/review/memory_sheets.hpp"

using namespace mapctl;
using mapping::ReviewColumn;
using test::MemorySheet;
using test::MemorySheets;

namespace {

MemorySheet pair_sheet() {
  return {"001 a→b",
          {{"a → b", "pair 1 of 1"},
           {"Source", "crm · a"},
           {"Note", "Mapping id", "my own", "Target column", "Status"},
           {"", "id-2", "x", "name", " approved "},
           {"", "id-1", "", "", "proposed"},
           {"", "", "sum", "", ""},
           {"", "", "", "city", "proposed"}}};
}

MemorySheet read_me() {
  return {"Lies mich",
          {{"Mapping workbook"}, {}, {"Export id", "e-1"}, {"Tenant", "acme"}, {"Run id", "r-1"}}};
}

std::vector<MemorySheet> hidden_sheets(const Secret* key) {
  Sha256 digest;
  mapping::ReviewLine line;
  line.id = "id-1";
  line.values[0] = "proposed";
  line.values[2] = "Name";
  line.values[3] = "name";
  line.key.connector.text = "crm";
  line.key.source_table.text = "a";
  line.key.entity.text = "b";
  mapping::add_to_digest(digest, line);
  const std::string sum = digest.finish();
  const std::string text =
      "schema=mapctl.workbook/1\nexport_id=e-1\nrun_id=r-1\ntenant=acme\n"
      "registry_version=3\ngenerated_at=now\nlines_sha256=" +
      sum + "\n";
  MemorySheet baseline{
      "_baseline", {{"mapping_id"}, {"id-1", "proposed", "", "Name", "name"}}, true};
  for (const auto& column : mapping::review_columns()) {
    baseline.rows[0].emplace_back(column.key);
  }
  baseline.rows[0].insert(baseline.rows[0].end(),
                          {"sheet", "connector", "source_table", "entity", "disposition"});
  baseline.rows[1].resize(15);
  baseline.rows[1].insert(baseline.rows[1].end(), {"001 a→b", "crm", "a", "b", ""});
  MemorySheet meta{"_meta",
                   {{"key", "value"},
                    {"schema", "mapctl.workbook/1"},
                    {"export_id", "e-1"},
                    {"run_id", "r-1"},
                    {"tenant", "acme"},
                    {"registry_version", "3"},
                    {"generated_at", "now"},
                    {"lines_sha256", sum},
                    {"hmac_sha256", key == nullptr ? "" : hmac_sha256(*key, text)}},
                   true};
  return {baseline, meta};
}

review::Submission read(std::vector<MemorySheet> sheets) {
  MemorySheets source{std::move(sheets)};
  return review::read_submission(source);
}

}  // namespace

TEST_CASE("lines are found by titles, wherever sheet, rows and columns stand", "[review]") {
  const auto submission = read({read_me(), pair_sheet()});
  CHECK(submission.export_id == "e-1");
  CHECK(submission.tenant == "acme");
  CHECK(submission.sheets == std::vector<std::string>{"001 a→b"});
  REQUIRE(submission.lines.size() == 3);
  const review::SubmittedLine& first = submission.lines.front();
  CHECK(first.id == "id-2");
  CHECK(first.cell(ReviewColumn::status)->text == "approved");
  CHECK(to_string(first.cell(ReviewColumn::status)->place) == "001 a→b!E4");
  CHECK_FALSE(first.cell(ReviewColumn::comment));
  CHECK(submission.lines[1].cell(ReviewColumn::target_column)->text.empty());
  CHECK(submission.lines[2].id.empty());
}

TEST_CASE("a column that stands twice is named", "[review]") {
  MemorySheet sheet = pair_sheet();
  sheet.rows[2].push_back("status");
  const auto submission = read({sheet});
  REQUIRE(submission.doubled.size() == 1);
  CHECK(to_string(submission.doubled.front().first) == "001 a→b!F3");
}

TEST_CASE("a sheet of a pair that has lost its ids or its header is told of", "[review]") {
  MemorySheet sheet{"001 a→b", {{"a → b"}, {}, {}}};
  sheet.rows[1].emplace_back("Id");
  sheet.rows[2].emplace_back("id-1");
  for (const auto& column : mapping::review_columns()) {
    sheet.rows[1].emplace_back(column.title);
    sheet.rows[2].emplace_back("x");
  }
  auto submission = read({sheet});
  CHECK(submission.lines.empty());
  REQUIRE(submission.without_id.size() == 1);
  CHECK(submission.without_id[0].place == review::Place{"001 a→b", 1, 0});
  CHECK(submission.without_id[0].titles == std::vector<std::string>{"Mapping id"});
  CHECK(submission.without_header.empty());

  sheet.rows[1][0] = "Mapping id";
  sheet.rows[1][1] = "Verdict";  // was Status
  submission = read({sheet});
  CHECK(submission.lines.size() == 1);
  CHECK(submission.without_id.empty());
  REQUIRE(submission.incomplete.size() == 1);
  CHECK(submission.incomplete[0].titles == std::vector<std::string>{"Status"});

  sheet.rows.erase(sheet.rows.begin() + 1);
  submission = read({sheet});
  CHECK(submission.without_header == std::vector<std::string>{"001 a→b"});
}

TEST_CASE("codes and dispositions without their ids are told of", "[review]") {
  const auto submission =
      read({{"Code lists", {{"Id", "Source value", "Target code"}, {"c-1", "DEU", "DE"}}},
            {"Unmapped source", {{"Disposition", "Reason code"}, {"not used", "old"}}}});
  REQUIRE(submission.without_id.size() == 2);
  CHECK(submission.without_id[0].titles.front() == "Code id");
  CHECK(submission.without_id[1].titles.front() == "Decision id");
}

TEST_CASE("dispositions and signatures are read from their sheets", "[review]") {
  const auto submission = read({{"Unmapped target",
                                 {{"Decision id", "Required", "Disposition", "Constant", "Comment"},
                                  {"id-9", "yes", "constant", "42", "always"}}},
                                {"Sign-off",
                                 {{"Content hash", "abc"},
                                  {"Gate", "Answers for", "Name", "Decision", "Date"},
                                  {"Business", "codes", "Ada", "agreed", "2026-01-31"},
                                  {"Architecture", "types"}}}});
  CHECK_FALSE(submission.is_ours());
  REQUIRE(submission.dispositions.size() == 1);
  CHECK(submission.dispositions.front().constant->text == "42");
  CHECK_FALSE(submission.dispositions.front().reason_code);
  REQUIRE(submission.signatures.size() == 2);
  CHECK(submission.signatures.front().date == "2026-01-31");
  CHECK(submission.signatures.back().is_empty());
  CHECK(submission.content_hash == "abc");
}

TEST_CASE("what is written where nothing is read back is known by its cell", "[review]") {
  const auto submission = read({read_me(),
                                pair_sheet(),
                                {"Ladeplan",
                                 {{"Load plan"},
                                  {"Owner", "Step", "Target table", "Load mode", "Frequency"},
                                  {"", "1", "b", "merge on key", ""},
                                  {"ada", "2", "c", "truncate first", ""}}},
                                {"Rules and checks",
                                 {{"Rule", "Severity", "Check", "Owner", "Comment"},
                                  {"R0001", "error", "not null", "", ""},
                                  {"R0002", "error", "unique", "", "since May"}}},
                                {"Issues",
                                 {{"Severity", "Where", "What", "What to do", "Answer", "Who"},
                                  {"error", "a.x", "no target", "decide", "later", ""}}}});
  REQUIRE(submission.unread.size() == 4);
  const auto words = [&](std::size_t at) {
    const review::UnreadCell& cell = submission.unread[at];
    return to_string(cell.place) + " " + cell.sheet + "/" + cell.line + "/" + cell.column + "=" +
           cell.text;
  };
  CHECK(words(0) == "Ladeplan!D4 Load plan/c/Load mode=truncate first");
  CHECK(words(1) == "Ladeplan!A4 Load plan/c/Owner=ada");
  CHECK(words(2) == "Rules and checks!E3 Rules and checks/R0002/Comment=since May");
  CHECK(words(3) == "Issues!E2 Issues/a.x/Answer=later");
  CHECK(submission.doubled.empty());
}

TEST_CASE("the seal covers what was exported and who signed it", "[review]") {
  const Secret key{"a key"}, other{"another"};
  CHECK(seal_of(read({read_me(), pair_sheet()}), &key) == review::Seal::missing);
  auto sheets = hidden_sheets(&key);
  CHECK(seal_of(read(sheets), &key) == review::Seal::intact);
  CHECK(seal_of(read(sheets), &other) == review::Seal::broken);
  CHECK(seal_of(read(sheets), nullptr) == review::Seal::unsigned_);
  CHECK(seal_of(read(hidden_sheets(nullptr)), &key) == review::Seal::unsigned_);
  auto forged = sheets;
  forged[0].rows[1][17] = "other table";
  CHECK(seal_of(read(forged), &key) == review::Seal::broken);
  forged = sheets;
  forged[1].rows[4][1] = "other tenant";
  CHECK(seal_of(read(forged), &key) == review::Seal::broken);
}
