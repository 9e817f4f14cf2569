// SPDX-License-Identifier: Apache-2.0
#include "connectors/xlsx/sheet_parser.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/ports/sheet_sink.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <optional>

namespace mapctl::connectors::xlsx {
namespace {

std::optional<std::uint32_t> hex_of(std::string_view text, std::size_t at) noexcept {
  if (text.size() < at + 7 || text[at] != '_' || text[at + 1] != 'x' || text[at + 6] != '_') {
    return std::nullopt;
  }
  std::uint32_t value = 0;
  const char* const end = text.data() + at + 6;
  const auto result = std::from_chars(text.data() + at + 2, end, value, 16);
  return result.ec == std::errc{} && result.ptr == end ? std::optional{value} : std::nullopt;
}

void append_utf8(std::string& out, std::uint32_t point) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0 | point >> 6);
    put(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    put(0xE0 | point >> 12);
    put(0x80 | (point >> 6 & 0x3F));
    put(0x80 | (point & 0x3F));
  } else {
    put(0xF0 | point >> 18);
    put(0x80 | (point >> 12 & 0x3F));
    put(0x80 | (point >> 6 & 0x3F));
    put(0x80 | (point & 0x3F));
  }
}

template <class Number>
std::optional<Number> number_of(std::string_view text) noexcept {
  Number value{};
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || result.ec != std::errc{} || result.ptr != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

// Row and column of "AB12", each only if it is there.
struct Address {
  std::optional<std::uint32_t> row{}, column{};
};
std::optional<Address> parse_address(std::string_view text) noexcept {
  Address address;
  std::size_t at = 0;
  std::uint32_t column = 0;
  for (; at < text.size() &&
         ((text[at] >= 'A' && text[at] <= 'Z') || (text[at] >= 'a' && text[at] <= 'z'));
       ++at) {
    if (at == 4) {
      return std::nullopt;
    }
    column = column * 26 + static_cast<std::uint32_t>((text[at] & ~0x20) - 'A') + 1;
  }
  const auto row = number_of<std::uint32_t>(text.substr(at));
  if (column == 0 || !row || *row == 0) {
    return std::nullopt;
  }
  address.column = column - 1;
  address.row = *row - 1;
  return address;
}

bool is_midnight(double serial) noexcept {
  return std::abs(serial - std::round(serial)) < 0.5 / 86'400;
}

}  // namespace

bool is_date_format(int built_in) noexcept {
  return (built_in >= 14 && built_in <= 22) || (built_in >= 27 && built_in <= 36) ||
         (built_in >= 50 && built_in <= 58);
}

bool is_date_format(std::string_view code) {
  for (std::size_t at = 0; at < code.size() && code[at] != ';'; ++at) {
    switch (code[at]) {
      case '"':
        at = code.find('"', at + 1);
        if (at == code.npos) {
          return false;
        }
        break;
      case '\\':
      case '_':
      case '*': ++at; break;
      case '[': {
        // [h] counts hours; the rest are colours, languages and conditions.
        const std::size_t end = code.find(']', at);
        if (end == code.npos) {
          return false;
        }
        const std::string inside = to_lower(code.substr(at + 1, end - at - 1));
        if (!inside.empty() && inside.find_first_not_of("hms") == inside.npos) {
          return false;
        }
        at = end;
        break;
      }
      case 'y':
      case 'Y':
      case 'd':
      case 'D':
      case 'm':
      case 'M':
      case 'h':
      case 'H': return true;
      case 'G':  // "General"
      case 'g':
        if (to_lower(code.substr(at, 7)) == "general") {
          at += 6;
        }
        break;
      default: break;
    }
  }
  return false;
}

std::string date_text(double serial, bool from_1904) {
  constexpr double last_day = 2'958'466;  // behind the year 9999
  if (!std::isfinite(serial) || serial < 0 || serial >= last_day) {
    return {};
  }
  double day = std::floor(serial);
  double seconds = std::round((serial - day) * 86'400);
  if (seconds >= 86'400) {
    day += 1;
    seconds = 0;
  }
  const auto time = static_cast<int>(seconds);
  const std::string clock =
      fmt::format("{:02}:{:02}:{:02}", time / 3'600, time / 60 % 60, time % 60);
  if (day < 1 && !from_1904) {
    return clock;
  }
  // Excel has a 29 February 1900, so days before it are one later than they look.
  using namespace std::chrono;
  const auto count = static_cast<int>(day);
  const sys_days base = from_1904    ? sys_days{year{1904} / January / 1}
                        : count < 60 ? sys_days{year{1899} / December / 31}
                                     : sys_days{year{1899} / December / 30};
  const year_month_day date{base + days{count}};
  const std::string text =
      fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return is_midnight(serial) ? text : text + " " + clock;
}

std::string unescape(std::string_view text) {
  if (text.find("_x") == text.npos) {
    return std::string{text};
  }
  std::string plain;
  for (std::size_t at = 0; at < text.size();) {
    const auto unit = hex_of(text, at);
    if (!unit) {
      plain += text[at++];
      continue;
    }
    at += 7;
    if (*unit < 0xD800 || *unit > 0xDFFF) {
      append_utf8(plain, *unit);
      continue;
    }
    const auto low = *unit < 0xDC00 ? hex_of(text, at) : std::nullopt;
    if (low && *low >= 0xDC00 && *low <= 0xDFFF) {
      at += 7;
      append_utf8(plain, 0x10000 + ((*unit - 0xD800) << 10) + (*low - 0xDC00));
    } else {
      append_utf8(plain, 0xFFFD);
    }
  }
  return plain;
}

void TextCollector::start(std::string_view name) {
  if (name == "rPh") {
    ++phonetic_;
  } else if (name == "t") {
    inside_ = phonetic_ == 0;
  }
}

void TextCollector::end(std::string_view name) {
  if (name == "rPh") {
    --phonetic_;
  } else if (name == "t") {
    inside_ = false;
  }
}

void TextCollector::text(std::string_view piece) {
  if (!inside_) {
    return;
  }
  if (text_.size() + piece.size() > limit_) {
    throw Error{ErrorCode::resource_limit,
                fmt::format("cannot read '{}': a text is longer than {} bytes", file_, limit_),
                "no cell of a spreadsheet holds so much"};
  }
  text_ += piece;
}

std::string TextCollector::take() {
  std::string plain = unescape(text_);
  clear();
  return plain;
}

SheetParser::SheetParser(const Package& package, std::string_view sheet, const CellContext& context,
                         const ports::SheetSource::Visit& visit)
    : package_{package},
      sheet_{sheet},
      context_{context},
      visit_{visit},
      inline_{package.limits().cell_bytes, package.path().native()} {}

void SheetParser::refuse(std::string_view cause) const {
  throw Error{
      ErrorCode::invalid_data,
      fmt::format("cannot read '{}': sheet '{}' {}", package_.path().string(), sheet_, cause),
      "open the file in a spreadsheet program and save it again as .xlsx"};
}

void SheetParser::begin_row(const Attributes& attributes) {
  std::uint32_t number = static_cast<std::uint32_t>(last_row_ + 1);
  if (attributes.has("r")) {
    const auto given = number_of<std::uint32_t>(attributes.get("r"));
    if (!given || *given == 0) {
      refuse(fmt::format("has a row numbered '{}'", to_valid_utf8(attributes.get("r"))));
    }
    number = *given - 1;
  }
  if (number >= ports::sheet_rows) {
    refuse("has more rows than a sheet can hold");
  }
  if (number <= last_row_) {
    refuse(fmt::format("has row {} behind row {}", number + 1, last_row_ + 1));
  }
  last_row_ = number;
  last_column_ = -1;
  row_.row = number;
  row_.cells.clear();
  in_row_ = true;
}

void SheetParser::begin_cell(const Attributes& attributes) {
  column_ = static_cast<std::uint32_t>(last_column_ + 1);
  if (attributes.has("r")) {
    const auto address = parse_address(attributes.get("r"));
    if (!address || *address->row != row_.row) {
      refuse(fmt::format("has a cell '{}' in row {}", to_valid_utf8(attributes.get("r")),
                         row_.row + 1));
    }
    column_ = *address->column;
  }
  if (column_ >= ports::sheet_columns) {
    refuse("has more columns than a sheet can hold");
  }
  if (column_ <= last_column_) {
    refuse(fmt::format("has two cells {}", ports::cell_address(row_.row, column_)));
  }
  last_column_ = column_;
  const std::string_view type = attributes.get("t");
  type_ = type == "s"           ? Type::shared
          : type == "inlineStr" ? Type::inline_text
          : type == "str"       ? Type::text
          : type == "b"         ? Type::boolean
          : type == "e"         ? Type::error
          : type == "d"         ? Type::date
                                : Type::number;
  style_ = number_of<std::size_t>(attributes.get("s")).value_or(0);
  value_.clear();
  inline_.clear();
  is_formula_ = false;
  in_cell_ = true;
}

void SheetParser::start(Vocabulary vocabulary, std::string_view name,
                        const Attributes& attributes) {
  if (vocabulary != Vocabulary::spreadsheet) {
    return;
  }
  if (!in_data_) {
    in_data_ = name == "sheetData";
  } else if (!in_row_) {
    if (name == "row") {
      begin_row(attributes);
    }
  } else if (!in_cell_) {
    if (name == "c") {
      begin_cell(attributes);
    }
  } else if (in_inline_) {
    inline_.start(name);
  } else if (name == "v") {
    in_value_ = true;
  } else if (name == "is") {
    in_inline_ = true;
  } else if (name == "f") {
    is_formula_ = true;
  }
}

void SheetParser::end(Vocabulary vocabulary, std::string_view name) {
  if (vocabulary != Vocabulary::spreadsheet || !in_data_) {
    return;
  }
  if (in_inline_) {
    inline_.end(name);
    in_inline_ = name != "is";
  } else if (in_value_) {
    in_value_ = name != "v";
  } else if (name == "c" && in_cell_) {
    in_cell_ = false;
    end_cell();
  } else if (name == "row" && in_row_) {
    in_row_ = false;
    is_done_ = !row_.cells.empty() && !visit_(row_);
  } else if (name == "sheetData") {
    is_done_ = true;
  }
}

void SheetParser::text(std::string_view text) {
  if (in_inline_) {
    inline_.text(text);
  } else if (in_value_) {
    if (value_.size() + text.size() > package_.limits().cell_bytes) {
      refuse(fmt::format("has a text of more than {} bytes in {}", package_.limits().cell_bytes,
                         ports::cell_address(row_.row, column_)));
    }
    value_ += text;
  }
}

void SheetParser::set_number(ports::ReadCell& cell) {
  const std::string_view digits = trim(value_);
  const auto number = number_of<double>(digits);
  if (!number || !std::isfinite(*number)) {
    refuse(fmt::format("has '{}' for a number in {}", utf8_prefix(digits, 40),
                       ports::cell_address(row_.row, column_)));
  }
  cell.number = *number;
  cell.kind = ports::ReadCell::Kind::number;
  const auto& dates = *context_.date_styles;
  if (style_ < dates.size() && dates[style_]) {
    cell.text = date_text(*number, context_.from_1904);
    if (!cell.text.empty()) {
      cell.kind = ports::ReadCell::Kind::date;
      return;
    }
  }
  cell.text = fmt::format("{}", *number);
}

void SheetParser::end_cell() {
  using Kind = ports::ReadCell::Kind;
  ports::ReadCell cell;
  cell.column = column_;
  cell.is_formula = is_formula_;
  switch (type_) {
    case Type::inline_text: cell.text = inline_.take(); break;
    case Type::text: cell.text = unescape(value_); break;
    case Type::shared: {
      const auto index = number_of<std::size_t>(trim(value_));
      if (trim(value_).empty()) {
        return;
      }
      if (!index || *index >= context_.strings->size()) {
        refuse(fmt::format("refers to a shared text that is not there in {}",
                           ports::cell_address(row_.row, column_)));
      }
      cell.text = (*context_.strings)[*index];
      break;
    }
    case Type::boolean:
      cell.kind = Kind::boolean;
      cell.number = trim(value_) == "1" || trim(value_) == "true" ? 1 : 0;
      cell.text = value_.empty() ? "" : cell.number != 0 ? "TRUE" : "FALSE";
      break;
    case Type::error:
      cell.kind = Kind::error;
      cell.text = value_;
      break;
    case Type::date:
      cell.kind = Kind::date;
      cell.text = value_;
      std::replace(cell.text.begin(), cell.text.end(), 'T', ' ');
      if (cell.text.ends_with(" 00:00:00")) {
        cell.text.resize(cell.text.size() - 9);
      }
      break;
    case Type::number:
      if (!trim(value_).empty()) {
        set_number(cell);
      }
      break;
  }
  // A formula without a result is content too: it must not look like an empty cell.
  if (!cell.text.empty() || is_formula_) {
    row_.cells.push_back(std::move(cell));
  }
}

}  // namespace mapctl::connectors::xlsx
