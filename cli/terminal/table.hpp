// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/terminal/terminal.hpp"
#include "core/base/json.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::cli {

// At most `width` columns of the terminal, the last one an ellipsis if something is missing.
std::string shorten(std::string_view text, std::size_t width);

class Output;

enum class Format { table, json, jsonl, csv };

struct TableColumn {
  std::string name{};       // of the key in jsonl and csv: "row_count"
  std::string title{};      // in the table: "Rows"
  bool is_number = false;   // right-aligned
  bool may_shrink = false;  // cut with "…" where the terminal is too narrow, widest first
};

struct TableCell {
  std::string text{};
  Style style = Style::plain;  // colour only adds to what the words say
};

// Rows of text printed as a table, csv or JSON lines. Widths follow the terminal's idea of
// characters; without a terminal nothing is cut.
class TablePrinter {
 public:
  explicit TablePrinter(std::vector<TableColumn> columns) : columns_{std::move(columns)} {}

  void add(std::vector<TableCell> cells);  // as many as there are columns
  void add(std::vector<std::string> texts);
  std::size_t size() const noexcept { return rows_.size(); }

  void print_table(Output& out, const Terminal& terminal) const;
  void print_csv(Output& out) const;  // the texts as they are, header first
  // One object a row; numeric columns become numbers, empty texts null.
  void print_jsonl(Output& out) const;
  Json to_json() const;  // array of the same objects

 private:
  Json row_to_json(const std::vector<TableCell>& row) const;
  std::vector<std::size_t> fitted_widths(std::size_t limit) const;

  std::vector<TableColumn> columns_;
  std::vector<std::vector<TableCell>> rows_;
};

}  // namespace mapctl::cli
