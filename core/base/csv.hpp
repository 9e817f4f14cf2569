// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl {

// RFC 4180 with any one-byte delimiter, over text already in memory; quoted fields may hold line
// breaks. Lines end with LF, CRLF or a lone CR; a leading byte order mark is skipped; a blank line
// is a record of one empty field. For small files of our own formats; data files are read through
// DuckDB.
class CsvReader {
 public:
  // `name` is what errors call the text, for example its file; it must live as long.
  explicit CsvReader(std::string_view text, char delimiter = ',', std::string_view name = {});
  // False at the end. `record` is reused. Throws Error::invalid_data for a quote never closed or
  // text behind a closing quote, naming the line.
  bool next(std::vector<std::string>& record);
  // Line on which the record returned last began, from 1.
  std::size_t line() const noexcept { return record_line_; }

 private:
  [[noreturn]] void fail(std::size_t line, std::string_view problem, std::string hint) const;

  std::string_view text_, name_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::size_t record_line_ = 0;
  char delimiter_;
};

// Appends one field, quoted where RFC 4180 asks for it.
void append_csv_field(std::string& out, std::string_view field);
// As above, and text that a spreadsheet would run as a formula gets a leading apostrophe.
void append_csv_field_for_spreadsheets(std::string& out, std::string_view field);
bool starts_formula(std::string_view field) noexcept;

// Writes lines that people open in a spreadsheet one after the other, each ended with CRLF.
class CsvLine {
 public:
  CsvLine& add(std::string_view field);
  // The line, and begins the next.
  std::string end();

 private:
  std::string text_{};
  bool is_first_ = true;
};

}  // namespace mapctl
