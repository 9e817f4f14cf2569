// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/duckdb/options.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::connectors::duckdb {

struct Dialect {
  char delimiter = ',';
  char quote = '"';  // '\0': none; doubled inside a quoted field
  bool header = true;
  std::size_t skipped_lines = 0;  // above the header, or the first row
  bool title_skipped = false;     // they hold something that is no header
  std::size_t later_header = 0;   // line that may be the header instead of the first; 0: none
  bool ragged = false;            // rows do not agree on any delimiter; this is the first line's
};

// Splits text into records and goes on where CsvReader of core would stop: it only says what is
// wrong with a record, as one bad line must not hide a file.
class RecordSplitter {
 public:
  RecordSplitter(std::string_view text, const Dialect& dialect);

  // False at the end. Empty lines are passed over. Fields are reused from call to call.
  bool next(std::vector<std::string>& fields);
  std::size_t line() const noexcept { return record_line_; }  // where the record began, from 1
  std::size_t offset() const noexcept { return at_; }         // behind the record
  bool is_unclosed() const noexcept { return unclosed_; }  // the text ended inside a quoted field
  bool is_garbled() const noexcept { return garbled_; }    // text behind a closing quote

 private:
  void quoted_field(std::string& field);
  void plain_field(std::string& field);
  bool at_line_end() const noexcept;
  void skip_line_end() noexcept;

  std::string_view text_;
  Dialect dialect_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::size_t record_line_ = 0;
  bool unclosed_ = false;
  bool garbled_ = false;
};

// Finds out what the options leave open from the start of a file (without byte order mark);
// `complete` tells that it is the whole file.
Dialect detect_dialect(std::string_view start, bool complete, const FileOptions& options,
                       bool tab_expected);

}  // namespace mapctl::connectors::duckdb
