// SPDX-License-Identifier: Apache-2.0
#include "connectors/xlsx/sheets.hpp"

#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "tests/support/catch.hpp"

#include <minizip/unzip.h>

#include <chrono>
#include <filesystem>
#include <memory>

using namespace mapctl;
using Catch::Matchers::ContainsSubstring;

namespace {

// The text of one part of a zip file.
std::string part_of(const std::filesystem::path& path, const char* name) {
  unzFile zip = unzOpen64(path.c_str());
  REQUIRE(zip != nullptr);
  REQUIRE(unzLocateFile(zip, name, 1) == UNZ_OK);
  REQUIRE(unzOpenCurrentFile(zip) == UNZ_OK);
  std::string text(1 << 20, '\0');
  const int size = unzReadCurrentFile(zip, text.data(), static_cast<unsigned>(text.size()));
  unzCloseCurrentFile(zip);
  unzClose(zip);
  REQUIRE(size >= 0);
  text.resize(static_cast<std::size_t>(size));
  return text;
}

ports::Cell text_cell(std::string_view text) {
  ports::Cell cell;
  cell.kind = ports::Cell::Kind::text;
  cell.text = text;
  return cell;
}

std::unique_ptr<ports::SheetSink> open(const std::filesystem::path& path) {
  const connectors::xlsx::XlsxSheetSinkFactory factory;
  ports::WorkbookProperties properties;
  properties.title = "test";
  properties.created = TimePoint{std::chrono::milliseconds{1'767'225'600'000}};
  return factory.create(path, properties);
}

std::string sheet_of(std::string_view text) {
  const TemporaryDirectory directory;
  const std::filesystem::path path = directory.path() / "a.xlsx";
  const auto sink = open(path);
  ports::SheetOptions options;
  options.name = "One";
  sink->begin_sheet(options);
  sink->row({text_cell(text)}, 0);
  sink->close();
  return part_of(path, "xl/worksheets/sheet1.xml");
}

}  // namespace

TEST_CASE("a text cell is text whatever it starts with", "[xlsx]") {
  for (const char* text : {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "{=A1}", "http://example.com"}) {
    const std::string sheet = sheet_of(text);
    CHECK(sheet.find("<f>") == std::string::npos);
    CHECK(sheet.find("hyperlink") == std::string::npos);
    CHECK_THAT(sheet, ContainsSubstring("t=\"inlineStr\""));
  }
}

TEST_CASE("text that XML cannot hold is repaired and text that looks like an escape is kept",
          "[xlsx]") {
  CHECK_THAT(sheet_of("a\xff"
                      "b"),
             ContainsSubstring("a\xEF\xBF\xBD"
                               "b"));
  CHECK_THAT(sheet_of(std::string_view{"a\0b", 3}), ContainsSubstring("a\xEF\xBF\xBD"
                                                                      "b"));
  CHECK_THAT(sheet_of("a\xEF\xBF\xBF"
                      "b"),
             ContainsSubstring("a\xEF\xBF\xBD"
                               "b"));
  CHECK_THAT(sheet_of("_x000D_"), ContainsSubstring("_x005F_x000D_"));
  CHECK_THAT(sheet_of("snake_case_name"), ContainsSubstring(">snake_case_name<"));
  CHECK_THAT(sheet_of("a\x01"
                      "b"),
             ContainsSubstring("a_x0001_b"));
  CHECK_THAT(sheet_of("a<b&c"), ContainsSubstring("a&lt;b&amp;c"));
}

TEST_CASE("links beyond Excel's limit stay as text", "[xlsx]") {
  const TemporaryDirectory directory;
  const std::filesystem::path path = directory.path() / "a.xlsx";
  const auto sink = open(path);
  ports::SheetOptions options;
  options.name = "One";
  sink->begin_sheet(options);
  ports::Cell link = text_cell("here");
  link.kind = ports::Cell::Kind::link;
  link.target = "internal:'One'!A1";
  for (int row = 0; row < 65'600; ++row) {
    sink->row({link}, 0);
  }
  CHECK(sink->next_row() == 65'600);
  sink->close();
  CHECK(std::filesystem::file_size(path) > 0);
}

TEST_CASE("what a workbook needs while it is written lies in a folder of its own that goes with it",
          "[xlsx]") {
  const TemporaryDirectory directory;
  const std::filesystem::path path = directory.path() / "a.xlsx";
  const std::filesystem::path scratch = path.string() + AtomicFile::scratch_suffix;
  ports::SheetOptions options;
  options.name = "One";
  {
    const auto abandoned = open(path);
    abandoned->begin_sheet(options);
    CHECK(std::filesystem::is_directory(scratch));
    for (const auto& entry : std::filesystem::directory_iterator{directory.path()}) {
      CHECK((entry.path() == path || entry.path() == scratch));
    }
  }
  CHECK(std::filesystem::is_empty(directory.path()));
  const auto sink = open(path);
  sink->begin_sheet(options);
  sink->close();
  CHECK_FALSE(std::filesystem::exists(scratch));
  CHECK(std::filesystem::exists(path));
}

TEST_CASE("a sheet name that is taken is refused with its name", "[xlsx]") {
  const TemporaryDirectory directory;
  const auto sink = open(directory.path() / "a.xlsx");
  ports::SheetOptions options;
  options.name = "One";
  sink->begin_sheet(options);
  options.name = "ONE";
  try {
    sink->begin_sheet(options);
    FAIL("no error");
  } catch (const Error& error) {
    CHECK_THAT(error.what(), ContainsSubstring("'ONE'"));
  }
}

TEST_CASE("an abandoned workbook leaves nothing behind", "[xlsx]") {
  const TemporaryDirectory directory;
  {
    const auto sink = open(directory.path() / "a.xlsx");
    ports::SheetOptions options;
    options.name = "One";
    sink->begin_sheet(options);
    sink->row({text_cell("x")}, 0);
  }
  CHECK(std::filesystem::is_empty(directory.path()));
}

TEST_CASE("more sheets than the usual limit of open files can be written", "[xlsx]") {
  const TemporaryDirectory directory;
  const auto sink = open(directory.path() / "a.xlsx");
  for (int sheet = 0; sheet < 1100; ++sheet) {
    ports::SheetOptions options;
    options.name = "sheet " + std::to_string(sheet);
    sink->begin_sheet(options);
    sink->row({text_cell("x")}, 0);
  }
  sink->close();
  CHECK(std::filesystem::file_size(directory.path() / "a.xlsx") > 0);
}

TEST_CASE("a folder that does not exist is named", "[xlsx]") {
  const auto write = [] {
    const auto sink = open("/nonexistent-folder/a.xlsx");
    ports::SheetOptions options;
    options.name = "One";
    sink->begin_sheet(options);
    sink->close();
  };
  CHECK_THROWS_AS(write(), Error);
}
