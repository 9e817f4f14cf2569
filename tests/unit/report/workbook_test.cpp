// SPDX-License-Identifier: Apache-2.0
#include "core/report/workbook.hpp"

#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/hash.hpp"
#include "core/base/text.hpp"
#include "core/report/sheet_names.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/report/recording_sink.hpp"
#include "tests/unit/report/sample_run.hpp"

#include <algorithm>
#include <set>

using namespace mapctl;
using namespace mapctl::report;
using test::RecordedCell;
using test::RecordedSheet;
using test::RecordedWorkbook;

namespace {

constexpr std::size_t pair_header = 7;  // title, link, four facts, an empty line

RecordedWorkbook write(const test::SampleRun& sample, const WorkbookOptions& options = {}) {
  RecordedWorkbook workbook;
  const test::RecordingFactory factory{workbook};
  const TemporaryDirectory directory;
  PairList pairs{sample.pairs};
  write_workbook(directory.path() / "out.xlsx", sample.run, pairs, factory, options);
  return workbook;
}

std::vector<std::string> names_of(const RecordedWorkbook& workbook) {
  std::vector<std::string> names;
  for (const RecordedSheet& sheet : workbook.sheets) {
    names.push_back(sheet.options.name);
  }
  return names;
}

bool is_hidden(const RecordedWorkbook& workbook, const std::string& name) {
  return workbook.sheet(name).options.hidden;
}

std::string text_in(const RecordedSheet& sheet, const std::string& id_column_text,
                    const std::string& title) {
  const std::size_t row = sheet.find_row(id_column_text, 1);
  return sheet.at(row, sheet.find_column(pair_header, title));
}

}  // namespace

TEST_CASE("sheets come in the documented order and empty ones are left out", "[report]") {
  CHECK(names_of(write(test::sample_run())) ==
        std::vector<std::string>{"Read Me", "Summary", "Issues", "001 companies→account",
                                 "002 contacts→contact", "003 Orders_2024_ all _dr…→order",
                                 "004 wide_table→wide_entity", "Unmapped source", "Unmapped target",
                                 "Code lists", "Load plan", "Profiles", "Rules and checks",
                                 "Sign-off", "_lists", "_baseline", "_baseline (codes)", "_meta"});
  test::SampleRun bare;
  bare.pairs = {test::plain_pair(1, 2)};
  bare.pairs[0].target.table.columns[0].type = {};
  bare.pairs[0].target.table.columns[1].type = {};
  CHECK(names_of(write(bare)) == std::vector<std::string>{"Read Me", "Summary", "Issues",
                                                          "001 wide_table→wide_entity", "Sign-off",
                                                          "_lists", "_baseline", "_meta"});
  const RecordedWorkbook workbook = write(test::sample_run());
  CHECK(is_hidden(workbook, "_meta"));
  CHECK_FALSE(is_hidden(workbook, "Sign-off"));
  CHECK(workbook.is_closed);
}

TEST_CASE("a run without pairs still gives a workbook", "[report]") {
  const RecordedWorkbook workbook = write(test::SampleRun{});
  CHECK(workbook.sheet("Issues").find_row("none") > 0);
  CHECK(workbook.sheet("Summary").at(workbook.sheet("Summary").find_row("All pairs"), 1) ==
        "0 pairs");
}

TEST_CASE("a pair's sheet has a row for each mapping and each unmapped target", "[report]") {
  const RecordedWorkbook workbook = write(test::sample_run());
  const RecordedSheet& sheet = workbook.sheet("001 companies→account");
  CHECK(sheet.rows.size() == pair_header + 1 + 8 + 2);
  CHECK(text_in(sheet, "industry → industry", "Rule") ==
        "map the codes 'Software' to 'software', 'retail' to 'retail'");
  CHECK(text_in(sheet, "industry → industry", "Transformation") == "lookup");
  CHECK(text_in(sheet, "name → name", "Status") == "approved");
  CHECK(text_in(sheet, "name → name", "Last decision") ==
        "approved by reviewer on 2026-03-01T10:00:00Z, version 2");
  CHECK(text_in(sheet, "annualrevenue → annual_revenue", "Lossy? Why") ==
        "yes: 3 values have more than 2 decimals and would be rounded");
  CHECK(text_in(sheet, "country → country", "Alternative 1") == "website (0.73)");
  CHECK(text_in(sheet, "(no source) → owner_id", "Required") == "yes");
  CHECK(text_in(sheet, "legacy_flag → (no target)", "Status") == "not used");
  CHECK(text_in(sheet, "hs_object_id → account_id", "Key") == "PK");
}

TEST_CASE("reasons name what the columns share before how they compare with others", "[report]") {
  test::SampleRun sample = test::sample_run();
  mapping::Candidate& chosen = sample.pairs[0].proposal.fields[0].candidates[0];
  chosen.evidence = {{"competition", 1, 3, "each is the other's best"},
                     {"exact_name", 1, 2, "both are named 'id'"},
                     {"type", 0, -1, "the types do not fit"}};
  const RecordedWorkbook workbook = write(sample);
  const RecordedSheet& sheet = workbook.sheet("001 companies→account");
  CHECK(text_in(sheet, "hs_object_id → account_id", "Top reasons") ==
        "both are named 'id'; each is the other's best");
}

TEST_CASE("issues come with the gravest first and the Summary says what is open", "[report]") {
  const RecordedWorkbook workbook = write(test::sample_run());
  const RecordedSheet& issues = workbook.sheet("Issues");
  const std::vector<std::string> order{"error", "warning", "question"};
  std::size_t reached = 0;
  for (std::size_t row = 4; row < issues.rows.size(); ++row) {
    const auto severity = static_cast<std::size_t>(
        std::find(order.begin(), order.end(), issues.at(row, 0)) - order.begin());
    REQUIRE(severity < order.size());
    CHECK(severity >= reached);
    reached = severity;
  }
  CHECK(issues.at(4, 0) == "error");
  CHECK(reached == 2);
  const std::string headline = workbook.sheet("Summary").at(1, 0);
  CHECK(headline.find("source columns have a target or a decision") != std::string::npos);
  CHECK(headline.find("Open: ") != std::string::npos);
}

TEST_CASE("columns that are the same in all lines of a pair are folded away", "[report]") {
  const RecordedWorkbook workbook = write(test::sample_run());
  const RecordedSheet& sheet = workbook.sheet("001 companies→account");
  for (const char* title : {"Source system", "Source table", "Target table", "Table type"}) {
    const auto& column = sheet.options.columns.at(sheet.find_column(pair_header, title));
    CHECK(column.hidden);
    CHECK(column.outline_level == 1);
  }
  CHECK_FALSE(sheet.options.columns.at(sheet.find_column(pair_header, "Source column")).hidden);
}

TEST_CASE("examples do not give away values that few rows have", "[report]") {
  const RecordedWorkbook workbook = write(test::sample_run());
  const RecordedSheet& sheet = workbook.sheet("001 companies→account");
  CHECK(text_in(sheet, "hs_object_id → account_id", "Example (masked)") == "999999");
  CHECK(text_in(sheet, "industry → industry", "Example (masked)") == "Software");
  const RecordedSheet& profiles = workbook.sheet("Profiles");
  const std::size_t row = profiles.find_row("industry", 2);
  const std::string frequent = profiles.at(row, profiles.find_column(3, "Frequent values (rows)"));
  CHECK(frequent == "Software (140), retail (92), Hospitality (61)");
  CHECK(profiles.at(row, profiles.find_column(3, "Minimum")) == "Hospitality");
  CHECK(profiles.at(profiles.find_row("name", 2), profiles.find_column(3, "Maximum")) ==
        "xxxx Xxxxxx XxxX");
  for (const RecordedSheet& each : workbook.sheets) {
    for (std::size_t at = 0; at < each.rows.size(); ++at) {
      for (const RecordedCell& cell : each.rows[at]) {
        CHECK(cell.text.find("Mining") == std::string::npos);
      }
    }
  }
}

TEST_CASE("numbers are numbers and identifiers are text", "[report]") {
  const RecordedWorkbook workbook = write(test::sample_run());
  const RecordedSheet& sheet = workbook.sheet("001 companies→account");
  const std::size_t row = sheet.find_row("name → name", 1);
  const RecordedCell& sure = sheet.rows[row][sheet.find_column(pair_header, "Confidence")];
  CHECK(sure.kind == ports::Cell::Kind::number);
  CHECK(sure.number == test::Approx(0.997));
  const RecordedCell& id = sheet.rows[row][0];
  CHECK(id.kind == ports::Cell::Kind::text);
  CHECK(id.style.number == ports::NumberFormat::text);
}

TEST_CASE("what looks like a formula stays a text cell", "[report]") {
  const RecordedWorkbook workbook = write(test::sample_run());
  const RecordedSheet& sheet = workbook.sheet("001 companies→account");
  const std::size_t row = sheet.find_row("=SUM(A1:A9) → website", 1);
  const RecordedCell& cell = sheet.rows[row][sheet.find_column(pair_header, "Source column")];
  CHECK(cell.text == "=SUM(A1:A9)");
  CHECK(cell.kind == ports::Cell::Kind::text);
}

TEST_CASE("only what may be edited is unlocked, and its header differs", "[report]") {
  const RecordedWorkbook workbook = write(test::sample_run());
  const RecordedSheet& sheet = workbook.sheet("001 companies→account");
  const auto& header = sheet.rows[pair_header];
  const auto& row = sheet.rows[pair_header + 1];
  std::set<std::string> editable;
  for (std::size_t column = 0; column < header.size(); ++column) {
    const bool is_marked = header[column].style.fill == ports::Fill::yellow;
    CHECK(is_marked == !row[column].style.locked);
    if (is_marked) {
      editable.insert(header[column].text);
    }
  }
  CHECK(editable == std::set<std::string>{"Status", "Equivalence", "Source column", "Target column",
                                          "Transformation", "Rule", "Default", "Null handling",
                                          "Zero-date and zone policy", "Data-quality rule",
                                          "Reviewer", "Reviewed on", "Reason code", "Comment"});
}

TEST_CASE("drop-downs point at the lists that hold their words", "[report]") {
  const RecordedWorkbook workbook = write(test::sample_run());
  const RecordedSheet& lists = workbook.sheet("_lists");
  const RecordedSheet& second = workbook.sheet("002 contacts→contact");
  std::set<std::string> sources;
  for (const ports::ListValidation& validation : second.validations) {
    sources.insert(validation.source);
    CHECK(validation.source.front() == '=');
  }
  CHECK(sources.contains("='_lists'!$A$2:$A$7"));
  CHECK(lists.at(1, 0) == "proposed");
  CHECK(lists.at(6, 0) == "not used");
  // The first pair takes 8 rows, so that the second begins at row 10, and has 6 source columns.
  CHECK(sources.contains("='_lists'!$H$10:$H$15"));
  CHECK(lists.at(9, 7) == "email");
  CHECK(lists.at(14, 7) == "marketing_opt_in");
  CHECK(sources.contains("='_lists'!$I$10:$I$16"));
}

TEST_CASE("each line finds its values in the baseline", "[report]") {
  const RecordedWorkbook workbook = write(test::sample_run());
  const RecordedSheet& baseline = workbook.sheet("_baseline");
  std::size_t lines = 0;
  for (const char* name :
       {"001 companies→account", "002 contacts→contact", "004 wide_table→wide_entity"}) {
    const RecordedSheet& sheet = workbook.sheet(name);
    const std::size_t at = sheet.find_column(pair_header, "Baseline row");
    for (std::size_t row = pair_header + 1; row < sheet.rows.size(); ++row) {
      const auto line = static_cast<std::size_t>(sheet.rows[row][at].number);
      CHECK(baseline.at(line, 0) == sheet.at(row, 0));
      CHECK(baseline.at(line, 1) == sheet.at(row, sheet.find_column(pair_header, "Status")));
      CHECK(baseline.at(line, 14) == sheet.at(row, sheet.find_column(pair_header, "Comment")));
      ++lines;
    }
  }
  CHECK(baseline.rows.size() == lines + 1);
  CHECK(workbook.names.at("mapctl_baseline_1") == "='_baseline'!$A$2:$O$22");
}

TEST_CASE("the meta sheet is signed when there is a key", "[report]") {
  const test::SampleRun sample = test::sample_run();
  const RecordedWorkbook unsigned_book = write(sample);
  CHECK(unsigned_book.sheet("_meta")
            .at(unsigned_book.sheet("_meta").find_row("hmac_sha256"), 1)
            .empty());
  const Secret key{"key of the test"};
  WorkbookOptions options;
  options.key = &key;
  const RecordedWorkbook workbook = write(sample, options);
  const RecordedSheet& meta = workbook.sheet("_meta");
  std::string text;
  for (const char* name : {"schema", "export_id", "run_id", "tenant", "registry_version",
                           "generated_at", "lines_sha256"}) {
    text += std::string{name} + "=" + meta.at(meta.find_row(name), 1) + "\n";
  }
  CHECK(meta.at(meta.find_row("hmac_sha256"), 1) == hmac_sha256(key, text));
  const RecordedSheet& read_me = workbook.sheet("Read Me");
  CHECK(read_me.at(read_me.find_row("Export id"), 1) == meta.at(meta.find_row("export_id"), 1));
}

TEST_CASE("the content hash tells of a changed decision", "[report]") {
  test::SampleRun sample = test::sample_run();
  const auto hash = [&] {
    const RecordedWorkbook workbook = write(sample);
    const RecordedSheet& meta = workbook.sheet("_meta");
    return meta.at(meta.find_row("lines_sha256"), 1);
  };
  const std::string before = hash();
  sample.pairs[0].records[0].comment = "another word";
  CHECK(hash() != before);
}

TEST_CASE("issues link to the line they are about", "[report]") {
  const RecordedWorkbook workbook = write(test::sample_run());
  const RecordedSheet& issues = workbook.sheet("Issues");
  const std::size_t row = issues.find_row("account.owner_id", 1);
  CHECK(issues.at(row, 0) == "error");
  const RecordedSheet& sheet = workbook.sheet("001 companies→account");
  const std::size_t line = sheet.find_row("(no source) → owner_id", 1);
  CHECK(issues.rows[row][4].target ==
        link_to("001 companies→account", static_cast<std::uint32_t>(line), 1));
}

TEST_CASE("rows beyond the limit continue on another sheet and nothing is lost", "[report]") {
  test::SampleRun sample;
  sample.run = test::sample_run().run;
  sample.pairs = {test::plain_pair(1, 25), test::plain_pair(2, 4)};
  WorkbookOptions options;
  options.sheet_rows = 18;  // ten lines of a pair
  const RecordedWorkbook workbook = write(sample, options);
  std::set<std::string> seen;
  for (const char* name : {"001 wide_table→wide_entity", "001 wide_table→wide_entity (2)",
                           "001 wide_table→wide_entity (3)"}) {
    const RecordedSheet& sheet = workbook.sheet(name);
    CHECK(sheet.rows.size() <= 18);
    CHECK(sheet.has_filter);
    CHECK(sheet.at(pair_header, 0) == "Mapping id");
    CHECK(sheet.options.frozen_rows == pair_header + 1);
    CHECK_FALSE(sheet.validations.empty());
    for (std::size_t row = pair_header + 1; row < sheet.rows.size(); ++row) {
      seen.insert(sheet.at(row, 7));
    }
  }
  CHECK(seen.size() == 25);
  for (const RecordedSheet& sheet : workbook.sheets) {
    // A pair's columns are one range of _lists, which no real table has a million of.
    const std::string& name = sheet.options.name;
    if (name != "Read Me" && name.substr(0, 7) != "Summary" && name != "_lists") {
      INFO(sheet.options.name);
      CHECK(sheet.rows.size() <= 18);
    }
  }
}

TEST_CASE("baseline rows are found across continued sheets", "[report]") {
  test::SampleRun sample;
  sample.run = test::sample_run().run;
  sample.pairs = {test::plain_pair(1, 25), test::plain_pair(2, 4)};
  WorkbookOptions options;
  options.sheet_rows = 18;
  const RecordedWorkbook workbook = write(sample, options);
  std::size_t checked = 0;
  for (const RecordedSheet& sheet : workbook.sheets) {
    if (sheet.options.name.substr(0, 2) != "00") {
      continue;
    }
    // The formula of an edited cell names the part of the baseline that the sheet looks into.
    const std::string& formula = sheet.fills.front().formula;
    const std::string part = formula.substr(
        formula.find("mapctl_baseline_") + std::string{"mapctl_baseline_"}.size(), 1);
    const RecordedSheet& baseline =
        workbook.sheet(part == "1" ? "_baseline" : "_baseline (" + part + ")");
    const std::size_t at = sheet.find_column(pair_header, "Baseline row");
    for (std::size_t row = pair_header + 1; row < sheet.rows.size(); ++row) {
      CHECK(baseline.at(static_cast<std::size_t>(sheet.rows[row][at].number), 0) ==
            sheet.at(row, 0));
      ++checked;
    }
  }
  CHECK(checked == 29);
}

TEST_CASE("text beyond the limit of a cell goes whole to the overflow sheet", "[report]") {
  test::SampleRun sample = test::sample_run();
  std::string text;
  for (int at = 0; at < 60; ++at) {
    text += "é" + std::to_string(at) + "😀 ";
  }
  sample.pairs[0].records[1].comment = text;
  WorkbookOptions options;
  options.cell_characters = 120;
  const RecordedWorkbook workbook = write(sample, options);
  const RecordedSheet& overflow = workbook.sheet("Overflow");
  std::string joined;
  std::size_t first = 0;
  for (std::size_t row = 4; row < overflow.rows.size(); ++row) {
    CHECK(utf16_length(overflow.at(row, 4)) <= 120);
    if (overflow.at(row, 2) == "Comment" && overflow.at(row, 0) == "001 companies→account") {
      first = first == 0 ? row : first;
      joined += overflow.at(row, 4);
    }
  }
  CHECK(joined == text);
  const RecordedSheet& sheet = workbook.sheet("001 companies→account");
  const std::size_t row = sheet.find_row("country → country", 1);
  const RecordedCell& cell = sheet.rows[row][sheet.find_column(pair_header, "Comment")];
  CHECK(cell.target == link_to("Overflow", static_cast<std::uint32_t>(first)));
  CHECK(utf16_length(cell.text) <= 120);
  for (const RecordedSheet& each : workbook.sheets) {
    if (each.options.name == "Read Me" || each.options.name == "Summary") {
      continue;  // texts of our own, of fixed length
    }
    for (const auto& cells : each.rows) {
      for (const RecordedCell& written : cells) {
        CHECK(utf16_length(written.text) <= 120);
      }
    }
  }
}

TEST_CASE("the load plan puts referenced tables first", "[report]") {
  const RecordedWorkbook workbook = write(test::sample_run());
  const RecordedSheet& plan = workbook.sheet("Load plan");
  CHECK(plan.find_row("account", 1) < plan.find_row("contact", 1));
  const std::size_t row = plan.find_row("contact", 1);
  CHECK(plan.at(row, 4) == "fact");
  CHECK(plan.at(row, 5) == "account");
  CHECK(plan.at(plan.find_row("account", 1), 4) == "dimension");
}

TEST_CASE("code lists show what each frequent value becomes", "[report]") {
  const RecordedWorkbook workbook = write(test::sample_run());
  const RecordedSheet& codes = workbook.sheet("Code lists");
  const auto code = [&](const std::string& value) { return codes.at(codes.find_row(value, 4), 6); };
  CHECK(code("Software") == "software");
  CHECK(code("Hospitality") == "hospitality");
  CHECK(code("us") == "US");
  CHECK(code("Germany").empty());
  CHECK(codes.at(codes.find_row("Germany", 4), 8) == "open");
}

TEST_CASE("rules come from what the target declares", "[report]") {
  const RecordedWorkbook workbook = write(test::sample_run());
  const RecordedSheet& rules = workbook.sheet("Rules and checks");
  std::set<std::string> checks;
  for (std::size_t row = 4; row < rules.rows.size(); ++row) {
    checks.insert(rules.at(row, 4) + " " + rules.at(row, 5));
  }
  CHECK(checks.contains("account_id is unique"));
  CHECK(checks.contains("owner_id is never null"));
  CHECK(checks.contains("industry is one of: software, retail, hospitality, manufacturing"));
  CHECK(checks.contains("annual_revenue is at least 0"));
  CHECK(checks.contains("country is a code of iso3166_alpha2"));
  CHECK(checks.contains("account_id exists in account"));
  CHECK_FALSE(checks.contains("website has at most 255 characters"));
}

TEST_CASE("a request to stop ends the writing and leaves the old file", "[report]") {
  const test::SampleRun sample = test::sample_run();
  RecordedWorkbook workbook;
  const test::RecordingFactory factory{workbook};
  const TemporaryDirectory directory;
  const std::filesystem::path path = directory.path() / "out.xlsx";
  write_file_atomically(path, "old");
  PairList pairs{sample.pairs};
  std::stop_source stop;
  stop.request_stop();
  CHECK_THROWS_AS(write_workbook(path, sample.run, pairs, factory, {}, stop.get_token()), Error);
  CHECK(read_file(path) == "old");
}

TEST_CASE("a sheet with very many lines keeps its links few", "[report]") {
  test::SampleRun sample;
  sample.run = test::sample_run().run;
  for (int line = 0; line < 6'000; ++line) {
    sample.run.issues.push_back({Severity::warning, "x", "y", "z", std::nullopt});
  }
  PairReport pair = test::plain_pair(1, 6'000);
  for (mapping::FieldProposal& field : pair.proposal.fields) {
    field.candidates[0].confidence = 0.5;
  }
  sample.pairs = {pair};
  const RecordedWorkbook workbook = write(sample);
  const RecordedSheet& issues = workbook.sheet("Issues");
  CHECK(issues.rows.size() > 12'000);
  const auto links = std::count_if(issues.rows.begin(), issues.rows.end(), [](const auto& row) {
    return row.size() > 4 && row[4].kind == ports::Cell::Kind::link;
  });
  CHECK(links == 5'000);
  CHECK(issues.rows.back()[4].text == "001 wide_table→wide_entity");
}
