// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal/table.hpp"

#include "cli/terminal/output.hpp"
#include "core/base/csv.hpp"
#include "core/base/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

namespace mapctl::cli {
namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t narrowest = 8;

}  // namespace

std::string shorten(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) {
    return std::string{text};
  }
  if (width == 0) {
    return {};
  }
  std::size_t count = std::min(utf8_length(text), width);
  while (count > 0 && display_width(utf8_prefix(text, count)) + 1 > width) {
    --count;
  }
  return std::string{utf8_prefix(text, count)} + "…";
}

void TablePrinter::add(std::vector<TableCell> cells) {
  rows_.push_back(std::move(cells));
}

void TablePrinter::add(std::vector<std::string> texts) {
  std::vector<TableCell> cells;
  cells.reserve(texts.size());
  for (std::string& text : texts) {
    cells.push_back({std::move(text), Style::plain});
  }
  rows_.push_back(std::move(cells));
}

std::vector<std::size_t> TablePrinter::fitted_widths(std::size_t limit) const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t width = display_width(columns_[i].title);
    for (const auto& row : rows_) {
      width = std::max(width, display_width(printable(row[i].text)));
    }
    widths.push_back(width);
  }
  if (limit == 0) {
    return widths;
  }
  std::size_t total = gap * (widths.empty() ? 0 : widths.size() - 1);
  for (const std::size_t width : widths) {
    total += width;
  }
  while (total > limit) {
    std::size_t widest = widths.size();
    for (std::size_t i = 0; i < widths.size(); ++i) {
      if (columns_[i].may_shrink && widths[i] > narrowest &&
          (widest == widths.size() || widths[i] > widths[widest])) {
        widest = i;
      }
    }
    if (widest == widths.size()) {
      break;
    }
    --widths[widest];
    --total;
  }
  return widths;
}

void TablePrinter::print_table(Output& out, const Terminal& terminal) const {
  const std::vector<std::size_t> widths = fitted_widths(terminal.is_terminal ? terminal.width : 0);
  const auto print = [&](std::size_t i, std::string_view text, Style style, std::string& line) {
    const std::string shown = shorten(text, widths[i]);
    const std::size_t used = display_width(shown);
    const std::string padding(widths[i] > used ? widths[i] - used : 0, ' ');
    if (columns_[i].is_number) {
      line += padding;
    }
    line += styled(shown, style, terminal);
    const bool is_last = i + 1 == columns_.size();
    if (!columns_[i].is_number && !is_last) {
      line += padding;
    }
    if (!is_last) {
      line += std::string(gap, ' ');
    }
  };
  const auto finish = [&](std::string& line) {
    while (line.ends_with(' ')) {
      line.pop_back();
    }
    out.line(line);
  };
  std::string header;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    print(i, columns_[i].title, Style::bold, header);
  }
  finish(header);
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      print(i, printable(row[i].text), row[i].style, line);
    }
    finish(line);
  }
}

void TablePrinter::print_csv(Output& out) const {
  std::string line;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    line += i == 0 ? "" : ",";
    append_csv_field(line, columns_[i].name);
  }
  out.line(line);
  for (const auto& row : rows_) {
    line.clear();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      line += i == 0 ? "" : ",";
      append_csv_field(line, row[i].text);
    }
    out.line(line);
  }
}

Json TablePrinter::row_to_json(const std::vector<TableCell>& row) const {
  Json object = Json::object();
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const std::string& text = row[i].text;
    if (text.empty()) {
      object[columns_[i].name] = nullptr;
      continue;
    }
    if (columns_[i].is_number) {
      // A sign that people see before a gain is no part of a number of JSON.
      const char* begin =
          text.data() + (text[0] == '+' && text.find_first_of("0123456789") == 1 ? 1 : 0);
      const char* end = text.data() + text.size();
      std::int64_t whole = 0;
      if (const auto [at, error] = std::from_chars(begin, end, whole);
          error == std::errc{} && at == end) {
        object[columns_[i].name] = whole;
        continue;
      }
      double real = 0;
      if (const auto [at, error] = std::from_chars(begin, end, real);
          error == std::errc{} && at == end && std::isfinite(real)) {
        object[columns_[i].name] = real;
        continue;
      }
    }
    object[columns_[i].name] = text;
  }
  return object;
}

void TablePrinter::print_jsonl(Output& out) const {
  for (const auto& row : rows_) {
    out.json_line(row_to_json(row));
  }
}

Json TablePrinter::to_json() const {
  Json array = Json::array();
  for (const auto& row : rows_) {
    array.push_back(row_to_json(row));
  }
  return array;
}

}  // namespace mapctl::cli
