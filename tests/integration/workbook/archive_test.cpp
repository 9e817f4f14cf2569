// SPDX-License-Identifier: Apache-2.0
#include "connectors/xlsx/archive.hpp"

#include "connectors/xlsx/sheets.hpp"
#include "core/base/file.hpp"
#include "core/report/workbook.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/report/sample_run.hpp"

#include <minizip/unzip.h>

#include <chrono>
#include <filesystem>
#include <set>

using namespace mapctl;

namespace {

std::set<std::string> entries_of(const std::filesystem::path& path) {
  std::set<std::string> names;
  unzFile zip = unzOpen64(path.c_str());
  REQUIRE(zip != nullptr);
  for (int code = unzGoToFirstFile(zip); code == UNZ_OK; code = unzGoToNextFile(zip)) {
    char name[256];
    unz_file_info64 info{};
    REQUIRE(unzGetCurrentFileInfo64(zip, &info, name, sizeof name, nullptr, 0, nullptr, 0) ==
            UNZ_OK);
    names.insert(name);
    // Reading to the end checks the checksum.
    REQUIRE(unzOpenCurrentFile(zip) == UNZ_OK);
    char buffer[4096];
    while (unzReadCurrentFile(zip, buffer, sizeof buffer) > 0) {
    }
    CHECK(unzCloseCurrentFile(zip) == UNZ_OK);
  }
  unzClose(zip);
  return names;
}

}  // namespace

TEST_CASE("a run as an archive has an index and a workbook a pair", "[xlsx]") {
  const test::SampleRun sample = test::sample_run();
  const connectors::xlsx::XlsxSheetSinkFactory sheets;
  const connectors::xlsx::ZipArchiveSinkFactory archives;
  const TemporaryDirectory directory;
  report::PairList pairs{sample.pairs};
  const auto path = directory.path() / "a.zip";
  report::write_workbook_archive(path, sample.run, pairs, sheets, archives);
  CHECK(entries_of(path) ==
        std::set<std::string>{
            "index.xlsx", "index.html", "001-companies-account.xlsx", "002-contacts-contact.xlsx",
            "003-orders_2024__all__draft_-order.xlsx", "004-wide_table-wide_entity.xlsx"});
  CHECK(std::distance(std::filesystem::directory_iterator{directory.path()}, {}) == 1);

  const auto again = directory.path() / "b.zip";
  report::write_workbook_archive(again, sample.run, pairs, sheets, archives);
  CHECK(read_file(path) == read_file(again));
}

TEST_CASE("an abandoned archive leaves nothing behind", "[xlsx]") {
  const TemporaryDirectory directory;
  {
    const connectors::xlsx::ZipArchiveSinkFactory archives;
    const auto archive = archives.create(directory.path() / "a.zip", TimePoint{});
    archive->begin("a.txt", true);
    archive->write("text");
  }
  CHECK(std::filesystem::is_empty(directory.path()));
}
