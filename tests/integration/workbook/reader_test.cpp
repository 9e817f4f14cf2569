// SPDX-License-Identifier: Apache-2.0
#include "connectors/xlsx/reader.hpp"

#include "connectors/xlsx/sheet_parser.hpp"
#include "connectors/xlsx/sheets.hpp"
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/report/workbook.hpp"
#include "tests/integration/workbook/zip_file.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/report/sample_run.hpp"

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

using namespace mapctl;
using ports::ReadCell;
using ports::ReadRow;

namespace {

std::vector<ReadRow> read_rows(const std::filesystem::path& path, std::size_t sheet = 0,
                               const ports::SheetLimits& limits = {}) {
  const auto source = connectors::xlsx::XlsxSheetSourceFactory{}.open(path, limits);
  std::vector<ReadRow> rows;
  source->read(sheet,
               [&](const ReadRow& row) {
                 rows.push_back(row);
                 return true;
               },
               {});
  return rows;
}

std::vector<ReadRow> read_sheet(const std::string& sheet, const std::string& strings = {},
                                const std::string& styles = {},
                                const ports::SheetLimits& limits = {}) {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "a.xlsx";
  test::write_zip(path, test::workbook_parts(sheet, strings, styles));
  return read_rows(path, 0, limits);
}

ErrorCode problem_of(const test::ZipParts& parts, std::size_t spaces = 0,
                     const ports::SheetLimits& limits = {}) {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "a.xlsx";
  test::write_zip(path, parts, spaces);
  try {
    read_rows(path, 0, limits);
  } catch (const Error& error) {
    INFO(error.what());
    CHECK(std::string{error.what()}.find("a.xlsx") != std::string::npos);
    return error.code();
  }
  FAIL("the file was read");
  return ErrorCode::internal;
}

// A sheet whose rows never begin: what follows in its part is read to the end.
test::ZipParts endless_sheet() {
  test::ZipParts parts = test::workbook_parts("<sheetData>");
  std::string& sheet = parts.back().second;
  sheet.resize(sheet.find("</worksheet>"));
  return parts;
}

ErrorCode problem_of_sheet(const std::string& sheet, const ports::SheetLimits& limits = {}) {
  return problem_of(test::workbook_parts(sheet), 0, limits);
}

}  // namespace

TEST_CASE("cells of every kind are read as a person sees them", "[xlsx]") {
  const auto rows = read_sheet(
      "<dimension ref=\"A1:XFD1048576\"/><sheetData><row r=\"2\">"
      "<c r=\"A2\" t=\"s\"><v>0</v></c><c r=\"B2\" t=\"inlineStr\"><is><r><t>ri</t></r><r><t "
      "xml:space=\"preserve\">ch </t></r><rPh sb=\"0\" eb=\"1\"><t>no</t></rPh></is></c>"
      "<c r=\"C2\"><v>0.1</v></c><c r=\"D2\" s=\"1\"><v>45322</v></c>"
      "<c r=\"E2\" t=\"b\"><v>1</v></c><c r=\"F2\" t=\"e\"><v>#REF!</v></c>"
      "<c r=\"G2\" t=\"str\"><f>A2&amp;\"x\"</f><v>ax</v></c><c r=\"H2\" s=\"2\"/>"
      "<c r=\"I2\" s=\"2\"><v>45322.5</v></c><c r=\"J2\" t=\"d\"><v>2024-02-29T00:00:00</v></c>"
      "<c r=\"K2\"><f>A2</f></c><c r=\"AB2\" s=\"3\"><v>1.5</v></c></row></sheetData>",
      "<si><t>a_x000D_b_x005F_x000D_</t></si>",
      "<numFmts><numFmt numFmtId=\"164\" formatCode=\"[$-409]yyyy\\-mm\\-dd\"/><numFmt "
      "numFmtId=\"165\" formatCode=\"[h]:mm:ss\"/></numFmts><cellStyleXfs><xf "
      "numFmtId=\"14\"/></cellStyleXfs><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf "
      "numFmtId=\"164\"/><xf numFmtId=\"165\"/></cellXfs>");
  REQUIRE(rows.size() == 1);
  const ReadRow& row = rows.front();
  CHECK(row.row == 1);
  CHECK(row.text(0) == "a\rb_x000D_");
  CHECK(row.text(1) == "rich ");
  CHECK(row.text(2) == "0.1");
  CHECK(row.text(3) == "2024-01-31");
  CHECK(row.find(3)->kind == ReadCell::Kind::date);
  CHECK(row.text(4) == "TRUE");
  CHECK(row.text(5) == "#REF!");
  CHECK(row.find(5)->kind == ReadCell::Kind::error);
  CHECK(row.text(6) == "ax");
  CHECK(row.find(6)->is_formula);
  CHECK(row.find(7) == nullptr);
  CHECK(row.text(8) == "2024-01-31 12:00:00");
  CHECK(row.text(9) == "2024-02-29");
  REQUIRE(row.find(10) != nullptr);
  CHECK(row.find(10)->is_formula);
  CHECK(row.text(10).empty());
  CHECK(row.text(27) == "1.5");
}

TEST_CASE("rows and cells without addresses follow one another", "[xlsx]") {
  const auto rows = read_sheet(
      "<sheetData><row><c><v>1</v></c><c/><c><v>2</v></c></row><row r=\"5\"/><row><c "
      "t=\"inlineStr\"><is><t>x</t></is></c></row></sheetData>");
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].row == 0);
  CHECK(rows[0].text(2) == "2");
  CHECK(rows[1].row == 5);
  CHECK(rows[1].text(0) == "x");
}

TEST_CASE("any prefix and the strict edition of the standard are read", "[xlsx]") {
  test::ZipParts parts = test::workbook_parts("");
  const std::string strict = "http://purl.oclc.org/ooxml/spreadsheetml/main";
  parts[1].second = "<x:workbook xmlns:x=\"" + strict +
                    "\" xmlns:q=\"http://purl.oclc.org/ooxml/officeDocument/relationships\">"
                    "<x:workbookPr date1904=\"1\"/><x:sheets><x:sheet name=\"A &amp; B\" "
                    "sheetId=\"7\" state=\"veryHidden\" q:id=\"s1\"/></x:sheets></x:workbook>";
  parts.back().second =
      "<y:worksheet xmlns:y=\"" + strict +
      "\" xmlns:z=\"urn:other\"><y:sheetData><z:row/><y:row r=\"1\"><z:c r=\"A1\"/><y:c r=\"B1\">"
      "<y:v>3</y:v></y:c></y:row></y:sheetData></y:worksheet>";
  const TemporaryDirectory directory;
  const auto path = directory.path() / "a.xlsx";
  test::write_zip(path, parts);
  const auto source = connectors::xlsx::XlsxSheetSourceFactory{}.open(path, {});
  REQUIRE(source->sheets().size() == 1);
  CHECK(source->sheets().front().name == "A & B");
  CHECK(source->sheets().front().is_hidden);
  const auto rows = read_rows(path);
  REQUIRE(rows.size() == 1);
  CHECK(rows.front().text(1) == "3");
}

TEST_CASE("days are counted as Excel counts them", "[xlsx]") {
  using connectors::xlsx::date_text;
  CHECK(date_text(1, false) == "1900-01-01");
  CHECK(date_text(59, false) == "1900-02-28");
  CHECK(date_text(61, false) == "1900-03-01");
  CHECK(date_text(45'351, false) == "2024-02-29");
  CHECK(date_text(45'351.999999, false) == "2024-03-01");
  CHECK(date_text(0.25, false) == "06:00:00");
  CHECK(date_text(0, true) == "1904-01-01");
  CHECK(date_text(2'958'465, false) == "9999-12-31");
  CHECK(date_text(2'958'466, false).empty());
  CHECK(date_text(-1, false).empty());
  using connectors::xlsx::is_date_format;
  CHECK(is_date_format("dd/mm/yy"));
  CHECK(is_date_format("[Red]yyyy"));
  CHECK_FALSE(is_date_format("[hh]:mm"));
  CHECK_FALSE(is_date_format("\"day\" 0"));
  CHECK_FALSE(is_date_format("0.00\\d;d"));
  CHECK_FALSE(is_date_format("General"));
  CHECK_FALSE(is_date_format("#,##0_d"));
}

TEST_CASE("our own workbook reads back as it was written", "[xlsx]") {
  const test::SampleRun sample = test::sample_run();
  const TemporaryDirectory directory;
  const auto path = directory.path() / "a.xlsx";
  report::PairList pairs{sample.pairs};
  report::write_workbook(path, sample.run, pairs, connectors::xlsx::XlsxSheetSinkFactory{});
  const auto source = connectors::xlsx::XlsxSheetSourceFactory{}.open(path, {});
  std::vector<std::string> hidden;
  std::size_t pair_sheet = 0;
  for (std::size_t at = 0; at < source->sheets().size(); ++at) {
    const ports::SheetInfo& sheet = source->sheets()[at];
    if (sheet.is_hidden) {
      hidden.push_back(sheet.name);
    }
    if (sheet.name.starts_with("001 ")) {
      pair_sheet = at;
    }
  }
  CHECK(hidden == std::vector<std::string>{"_lists", "_baseline", "_baseline (codes)", "_meta"});
  const auto rows = read_rows(path, pair_sheet);
  const auto found = std::find_if(rows.begin(), rows.end(), [](const ReadRow& row) {
    return row.text(1) == "=SUM(A1:A9) → website";
  });
  REQUIRE(found != rows.end());
  CHECK(found->find(1)->kind == ReadCell::Kind::text);
  CHECK_FALSE(found->find(1)->is_formula);
}

TEST_CASE("reading ends when nothing more is wanted, or when it is stopped", "[xlsx]") {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "a.xlsx";
  test::write_zip(path, test::workbook_parts("<sheetData><row><c><v>1</v></c></row><row><c><v>2</v>"
                                             "</c></row></sheetData>"));
  const auto source = connectors::xlsx::XlsxSheetSourceFactory{}.open(path, {});
  std::size_t seen = 0;
  source->read(0, [&](const ReadRow&) { return ++seen == 2; }, {});
  CHECK(seen == 1);
  source->read(0, [&](const ReadRow&) { return ++seen > 0; }, {});
  CHECK(seen == 3);
  std::stop_source stop;
  stop.request_stop();
  CHECK_THROWS_AS(source->read(
                      0, [](const ReadRow&) { return true; }, stop.get_token()),
                  Error);
  struct Own {};
  CHECK_THROWS_AS(source->read(0, [](const ReadRow&) -> bool { throw Own{}; }, {}), Own);
}

TEST_CASE("what is no workbook is refused with what it is", "[xlsx]") {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "a.xlsx";
  const auto message = [&](const std::string& bytes) {
    write_file_atomically(path, bytes);
    try {
      read_rows(path);
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::invalid_data);
      return std::string{error.what()};
    }
    return std::string{};
  };
  const auto says = [&](const std::string& bytes, const std::string& words) {
    const std::string text = message(bytes);
    INFO(text);
    CHECK(text.find(words) != std::string::npos);
  };
  says("", "not an .xlsx workbook");
  says("Name;Value\n", "not an .xlsx workbook");
  says("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "old Excel file");
  says("PK\x03\x04 and nothing more", "damaged");
  test::write_zip(path, {{"a.txt", "text"}});
  says(read_file(path), "not an .xlsx workbook");
  test::write_zip(path, {{"mimetype", "x"}, {"content.xml", "<a/>"}});
  says(read_file(path), "OpenDocument");
  test::write_zip(path, test::workbook_parts("<sheetData/>"));
  const std::string whole = read_file(path);
  says(whole.substr(0, whole.size() / 2), "damaged");
  CHECK_THROWS_AS(read_rows(directory.path() / "missing.xlsx"), Error);
  CHECK_THROWS_AS(read_rows(directory.path()), Error);
}

TEST_CASE("damaged and malformed sheets are refused, not guessed", "[xlsx]") {
  CHECK(problem_of_sheet("<sheetData><row r=\"2\"/><row r=\"2\"/></sheetData>") ==
        ErrorCode::invalid_data);
  CHECK(problem_of_sheet("<sheetData><row r=\"0\"/></sheetData>") == ErrorCode::invalid_data);
  CHECK(problem_of_sheet("<sheetData><row r=\"1048577\"/></sheetData>") == ErrorCode::invalid_data);
  CHECK(problem_of_sheet("<sheetData><row r=\"99999999999999999999\"/></sheetData>") ==
        ErrorCode::invalid_data);
  CHECK(problem_of_sheet("<sheetData><row r=\"1\"><c r=\"XFE1\"/></row></sheetData>") ==
        ErrorCode::invalid_data);
  CHECK(problem_of_sheet("<sheetData><row r=\"1\"><c r=\"AAAAAA1\"/></row></sheetData>") ==
        ErrorCode::invalid_data);
  CHECK(problem_of_sheet("<sheetData><row r=\"1\"><c r=\"B1\"/><c r=\"A1\"/></row></sheetData>") ==
        ErrorCode::invalid_data);
  CHECK(problem_of_sheet("<sheetData><row r=\"1\"><c r=\"A2\"/></row></sheetData>") ==
        ErrorCode::invalid_data);
  CHECK(problem_of_sheet("<sheetData><row><c t=\"s\"><v>7</v></c></row></sheetData>") ==
        ErrorCode::invalid_data);
  CHECK(problem_of_sheet("<sheetData><row><c><v>many</v></c></row></sheetData>") ==
        ErrorCode::invalid_data);
  CHECK(problem_of_sheet("<sheetData><row><c><v>1e999</v></c></row></sheetData>") ==
        ErrorCode::invalid_data);
  CHECK(problem_of_sheet("<sheetData><row></sheetData>") == ErrorCode::invalid_data);
}

TEST_CASE("a bomb of a workbook costs neither memory nor time", "[xlsx]") {
  SECTION("a part that unpacks to far more than it is") {
    // 64 MiB of spaces pack to about 64 KiB.
    CHECK(problem_of(endless_sheet(), 64) == ErrorCode::resource_limit);
  }
  SECTION("more than may be unpacked at all") {
    ports::SheetLimits limits;
    limits.unpacked_bytes = 1U << 20U;
    CHECK(problem_of(endless_sheet(), 4, limits) == ErrorCode::resource_limit);
  }
  SECTION("entities that grow") {
    test::ZipParts parts = test::workbook_parts("");
    parts.back().second =
        "<?xml version=\"1.0\"?><!DOCTYPE w [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b "
        "\"&a;&a;&a;&a;&a;&a;&a;&a;\">]><worksheet "
        "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData><row><c "
        "t=\"str\"><v>&b;</v></c></row></sheetData></worksheet>";
    CHECK(problem_of(parts) == ErrorCode::invalid_data);
  }
  SECTION("an entity that names a file") {
    test::ZipParts parts = test::workbook_parts("");
    parts.back().second =
        "<?xml version=\"1.0\"?><!DOCTYPE w [<!ENTITY a SYSTEM \"file:///etc/hostname\">]>"
        "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">"
        "<sheetData><row><c t=\"str\"><v>&a;</v></c></row></sheetData></worksheet>";
    CHECK(problem_of(parts) == ErrorCode::invalid_data);
  }
  SECTION("elements without end") {
    std::string deep;
    for (int level = 0; level < 10'000; ++level) {
      deep += "<a>";
    }
    CHECK(problem_of_sheet(deep) == ErrorCode::invalid_data);
  }
  SECTION("a tag without end") {
    std::string letters;
    for (std::uint32_t at = 0; at < 4U << 20U; ++at) {
      letters += static_cast<char>('a' + (at * 7919U >> 3U) % 26U);
    }
    ports::SheetLimits limits;
    limits.ratio = 1'000'000;
    CHECK(problem_of_sheet("<sheetData a=\"" + letters + "\"/>", limits) ==
          ErrorCode::resource_limit);
  }
  SECTION("a text without end") {
    CHECK(problem_of_sheet("<sheetData><row><c t=\"inlineStr\"><is><t>" +
                           std::string(2U << 20U, 'x') + "</t></is></c></row></sheetData>") ==
          ErrorCode::resource_limit);
    CHECK(problem_of_sheet("<sheetData><row><c t=\"str\"><v>" + std::string(2U << 20U, 'x') +
                           "</v></c></row></sheetData>") == ErrorCode::invalid_data);
  }
  SECTION("shared texts beyond the limit") {
    ports::SheetLimits limits;
    limits.string_bytes = 10'000;
    std::string strings;
    for (int at = 0; at < 1'000; ++at) {
      strings += "<si><t>text</t></si>";
    }
    CHECK(problem_of(test::workbook_parts("<sheetData/>", strings), 0, limits) ==
          ErrorCode::resource_limit);
  }
  SECTION("too many parts") {
    ports::SheetLimits limits;
    limits.entries = 3;
    CHECK(problem_of(test::workbook_parts("<sheetData/>"), 0, limits) == ErrorCode::resource_limit);
  }
  SECTION("too large a file") {
    ports::SheetLimits limits;
    limits.file_bytes = 100;
    CHECK(problem_of(test::workbook_parts("<sheetData/>"), 0, limits) == ErrorCode::resource_limit);
  }
}

TEST_CASE("names that lead out of the archive, or stand there twice, are refused", "[xlsx]") {
  for (const char* name : {"../evil.xml", "/etc/passwd", "xl/../../evil.xml", "xl\\evil.xml"}) {
    test::ZipParts parts = test::workbook_parts("<sheetData/>");
    parts.emplace_back(name, "x");
    CHECK(problem_of(parts) == ErrorCode::invalid_data);
  }
  test::ZipParts twice = test::workbook_parts("<sheetData/>");
  twice.emplace_back("XL/Workbook.xml", "<x/>");
  CHECK(problem_of(twice) == ErrorCode::invalid_data);
  test::ZipParts outside = test::workbook_parts("<sheetData/>");
  outside[2].second = std::string{outside[2].second}.replace(
      outside[2].second.find("worksheets/sheet1.xml"), 21, "../../../../etc/passwd");
  CHECK(problem_of(outside) == ErrorCode::invalid_data);
  CHECK(connectors::xlsx::resolve_part("xl/workbook.xml", "../a/b.xml") == "a/b.xml");
  CHECK(connectors::xlsx::resolve_part("xl/workbook.xml", "/a/./b.xml") == "a/b.xml");
  CHECK(connectors::xlsx::resolve_part("xl/workbook.xml", "../../b.xml").empty());
}
