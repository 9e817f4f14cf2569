// SPDX-License-Identifier: Apache-2.0
#include "core/report/workbook.hpp"

#include "core/base/file.hpp"
#include "core/report/book.hpp"

#include <fmt/format.h>

#include <memory>
#include <utility>

namespace mapctl::report {
namespace {

ports::WorkbookProperties properties_of(const RunReport& run) {
  ports::WorkbookProperties properties;
  properties.title = run.name.empty() ? "Mapping workbook" : "Mapping workbook: " + run.name;
  properties.subject = fmt::format("run {}", run.run.text);
  properties.author = fmt::format("mapctl {}", run.tool_version);
  properties.comments = fmt::format("export {}", export_id_of(run));
  properties.created = run.generated_at;
  return properties;
}

void write_sheets(Book& book) {
  write_read_me(book);
  write_summary(book);
  write_issues(book);
  write_pair_sheets(book);
  write_unmapped_source(book);
  write_unmapped_target(book);
  write_code_lists(book);
  write_load_plan(book);
  write_profiles(book);
  write_rules(book);
  write_sign_off(book);
  write_overflow(book);
  write_lists(book);
  write_baseline(book);
  write_meta(book);
}

void write_index_sheets(Book& book) {
  write_read_me(book);
  write_summary(book);
  write_issues(book);
  write_load_plan(book);
  write_sign_off(book);
  write_overflow(book);
  write_meta(book);
}

void write_book(Book& book, const std::filesystem::path& path,
                const ports::SheetSinkFactory& sheets) {
  book.export_id = export_id_of(book.run);
  scan(book);
  const std::unique_ptr<ports::SheetSink> sink = sheets.create(path, properties_of(book.run));
  book.sink = sink.get();
  book.is_index ? write_index_sheets(book) : write_sheets(book);
  book.check_stop();
  sink->close();
}

}  // namespace

WorkbookResult write_workbook(const std::filesystem::path& path, const RunReport& run,
                              PairSource& pairs, const ports::SheetSinkFactory& sheets,
                              const WorkbookOptions& options, std::stop_token stop) {
  Book book{run, pairs, options, std::move(stop)};
  AtomicFile file{path};
  write_book(book, file.temporary(), sheets);
  file.commit();
  return {book.export_id, book.sheets, book.totals.mappings};
}

WorkbookResult write_index_workbook(const std::filesystem::path& path, const RunReport& run,
                                    PairSource& pairs, const ports::SheetSinkFactory& sheets,
                                    const WorkbookOptions& options, std::stop_token stop) {
  Book book{run, pairs, options, std::move(stop)};
  book.is_index = true;
  write_book(book, path, sheets);
  return {book.export_id, book.sheets, book.totals.mappings};
}

}  // namespace mapctl::report
