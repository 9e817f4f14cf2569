// SPDX-License-Identifier: Apache-2.0
// Writes every artifact of the sample run into a folder, for tests that look at them with other
// programs: write_sample FOLDER [ROWS]. With ROWS the workbook is cut into sheets of so many rows.
#include "connectors/xlsx/archive.hpp"
#include "connectors/xlsx/sheets.hpp"
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/report/exports.hpp"
#include "core/report/html.hpp"
#include "core/report/workbook.hpp"
#include "tests/unit/report/sample_run.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace {

using namespace mapctl;

template <class Write>
void write_text(const std::filesystem::path& path, Write write) {
  std::string text;
  write([&](std::string_view piece) { text += piece; });
  write_file_atomically(path, text);
}

}  // namespace

int main(int argc, char* argv[]) {
  if (argc < 2) {
    fmt::print(stderr, "usage: write_sample FOLDER [ROWS]\n");
    return 2;
  }
  try {
    const std::filesystem::path folder = argv[1];
    std::filesystem::create_directories(folder);
    const test::SampleRun sample = test::sample_run();
    report::PairList pairs{sample.pairs};
    const connectors::xlsx::XlsxSheetSinkFactory sheets;
    const connectors::xlsx::ZipArchiveSinkFactory archives;
    report::WorkbookOptions options;
    if (argc > 2) {
      options.sheet_rows = static_cast<std::uint32_t>(std::atoi(argv[2]));
    }
    report::write_workbook(folder / "sample.xlsx", sample.run, pairs, sheets, options);
    report::write_workbook_archive(folder / "sample.zip", sample.run, pairs, sheets, archives,
                                   options);
    write_text(folder / "sample.html", [&](const report::Output& output) {
      report::write_html(sample.run, pairs, output);
    });
    write_text(folder / "sample.csv",
               [&](const report::Output& output) { report::write_csv(sample.run, pairs, output); });
    write_text(folder / "sample.json", [&](const report::Output& output) {
      report::write_json(sample.run, pairs, output);
    });
    write_text(folder / "sample.jsonl", [&](const report::Output& output) {
      report::write_jsonl(sample.run, pairs, output);
    });
    for (const report::SqlTarget target :
         {report::SqlTarget::sqlite, report::SqlTarget::duckdb, report::SqlTarget::postgresql,
          report::SqlTarget::mysql, report::SqlTarget::sqlserver}) {
      write_text(folder / fmt::format("{}.sql", report::to_string(target)),
                 [&](const report::Output& output) {
                   report::write_sql(sample.run, pairs, target, report::SqlShape::view, output);
                 });
    }
    report::write_files(folder / "yaml", report::yaml_files(sample.run, pairs));
    report::write_files(folder / "dbt",
                        report::dbt_files(sample.run, pairs, report::SqlTarget::duckdb));
  } catch (const Error& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return 1;
  }
  return 0;
}
