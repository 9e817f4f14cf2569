// SPDX-License-Identifier: Apache-2.0
#include "connectors/xlsx/formats.hpp"

#include "core/base/error.hpp"

namespace mapctl::connectors::xlsx {
namespace {

using ports::CellStyle;
using ports::Fill;
using ports::NumberFormat;

constexpr std::uint32_t navy = 0x1F3A5F;
constexpr std::uint32_t white = 0xFFFFFF;
constexpr std::uint32_t line = 0xD0D7DE;
constexpr std::uint32_t link_blue = 0x0B5CAD;
constexpr std::uint32_t edit_orange = 0xC2410C;
constexpr double default_size = 10;

const char* number_format(NumberFormat number) noexcept {
  switch (number) {
    case NumberFormat::general: return nullptr;
    case NumberFormat::text: return "@";
    case NumberFormat::integer: return "#,##0";
    case NumberFormat::decimal: return "#,##0.00";
    case NumberFormat::percent: return "0.0%";
    // Nothing short of certain is shown as 1.00.
    case NumberFormat::score: return "[=1]0.00;[>=0.995]\"0.99\";0.00";
  }
  return nullptr;
}

std::uint32_t key_of(const CellStyle& style) noexcept {
  std::uint32_t key = static_cast<std::uint32_t>(style.fill);
  key = key << 3 | static_cast<std::uint32_t>(style.number);
  for (const bool flag : {style.bold, style.italic, style.wrap, style.centered, style.locked,
                          style.link, style.border}) {
    key = key << 1 | static_cast<std::uint32_t>(flag);
  }
  return key << 8 | style.font_size;
}

lxw_format* new_format(lxw_workbook* workbook) {
  lxw_format* format = workbook_add_format(workbook);
  if (format == nullptr) {
    throw Error{ErrorCode::resource_limit, "no memory for a cell format"};
  }
  return format;
}

void set_fill(lxw_format* format, Fill fill) {
  if (fill == Fill::none) {
    return;
  }
  if (fill == Fill::title) {
    format_set_font_color(format, navy);
    return;
  }
  format_set_pattern(format, LXW_PATTERN_SOLID);
  format_set_fg_color(format, colour_of(fill));
  if (fill == Fill::header) {
    format_set_font_color(format, white);
  }
}

lxw_format* make(lxw_workbook* workbook, const CellStyle& style) {
  lxw_format* format = new_format(workbook);
  format_set_font_size(format, style.font_size == 0 ? default_size : style.font_size);
  format_set_align(format, LXW_ALIGN_VERTICAL_CENTER);
  set_fill(format, style.fill);
  if (const char* number = number_format(style.number)) {
    format_set_num_format(format, number);
  }
  if (style.bold) {
    format_set_bold(format);
  }
  if (style.italic) {
    format_set_italic(format);
  }
  if (style.wrap) {
    format_set_text_wrap(format);
  }
  if (style.centered) {
    format_set_align(format, LXW_ALIGN_CENTER);
  }
  if (!style.locked) {
    format_set_unlocked(format);
  }
  if (style.link) {
    format_set_font_color(format, link_blue);
    format_set_underline(format, LXW_UNDERLINE_SINGLE);
  }
  // Text does not touch the number in the cell before it.
  const bool is_text = style.number == NumberFormat::text || style.number == NumberFormat::general;
  if (style.border && is_text && !style.centered) {
    format_set_indent(format, 1);
  }
  if (style.border) {
    format_set_bottom(format, LXW_BORDER_THIN);
    format_set_right(format, LXW_BORDER_THIN);
    format_set_bottom_color(format, line);
    format_set_right_color(format, line);
  }
  return format;
}

}  // namespace

std::uint32_t colour_of(Fill fill) noexcept {
  switch (fill) {
    case Fill::none: return white;
    case Fill::header:
    case Fill::title: return navy;
    case Fill::green: return 0xD5EFDC;
    case Fill::yellow: return 0xFFF3BF;
    case Fill::amber: return 0xFFE3C2;
    case Fill::red: return 0xFAD4D4;
    case Fill::grey: return 0xE4E7EB;
    case Fill::blue: return 0xD6E6F8;
    case Fill::band: return 0xF1F5F9;
  }
  return white;
}

lxw_format* Formats::get(const CellStyle& style) {
  const std::uint32_t key = key_of(style);
  if (last_ != nullptr && key == last_key_) {
    return last_;
  }
  lxw_format*& format = formats_[key];
  if (format == nullptr) {
    format = make(workbook_, style);
  }
  last_key_ = key;
  last_ = format;
  return format;
}

lxw_format* Formats::conditional(Fill fill, bool bold, bool outline) {
  const std::uint32_t key = static_cast<std::uint32_t>(fill) << 2 |
                            static_cast<std::uint32_t>(bold) << 1 |
                            static_cast<std::uint32_t>(outline);
  lxw_format*& format = conditional_[key];
  if (format != nullptr) {
    return format;
  }
  format = new_format(workbook_);
  if (fill != Fill::none) {
    format_set_bg_color(format, colour_of(fill));
  }
  if (bold) {
    format_set_bold(format);
  }
  if (outline) {
    format_set_border(format, LXW_BORDER_THIN);
    format_set_border_color(format, edit_orange);
    format_set_bold(format);
    format_set_font_color(format, edit_orange);
  }
  return format;
}

}  // namespace mapctl::connectors::xlsx
