// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/secret.hpp"
#include "core/ports/archive_sink.hpp"
#include "core/ports/sheet_sink.hpp"
#include "core/report/model.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

namespace mapctl::report {

struct WorkbookOptions {
  // Excel's limits; tests make them small.
  std::uint32_t sheet_rows = ports::sheet_rows;
  std::size_t cell_characters = ports::cell_characters;  // UTF-16 units, as Excel counts
  std::int64_t minimum_count = 5;  // values that fewer rows have are not shown
  bool protect = false;            // lock what is not meant to be edited
  const Secret* key = nullptr;     // signs _meta; null: unsigned
  // Called with each line in the order of the baseline, so that it can be kept elsewhere too.
  std::function<void(const mapping::ReviewLine&)> on_line{};
};

// The lines that a workbook of these pairs would hold, without their sheets.
void for_each_review_line(const RunReport& run, PairSource& pairs,
                          const std::function<void(const mapping::ReviewLine&)>& visit);

struct WorkbookResult {
  std::string export_id{};
  std::size_t sheets = 0;
  std::size_t mappings = 0;
};

// Writes the review workbook. The file at `path` is replaced all at once at the end; when anything
// fails it stays as it was. Equal input gives equal bytes. Memory does not grow with the rows.
// Throws Error: resource_limit (disk), io, denied, cancelled.
WorkbookResult write_workbook(const std::filesystem::path& path, const RunReport& run,
                              PairSource& pairs, const ports::SheetSinkFactory& sheets,
                              const WorkbookOptions& options = {}, std::stop_token stop = {});

// A zip of one workbook a pair, an index workbook and an index page.
WorkbookResult write_workbook_archive(const std::filesystem::path& path, const RunReport& run,
                                      PairSource& pairs, const ports::SheetSinkFactory& sheets,
                                      const ports::ArchiveSinkFactory& archives,
                                      const WorkbookOptions& options = {},
                                      std::stop_token stop = {});

}  // namespace mapctl::report
