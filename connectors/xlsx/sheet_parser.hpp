// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/xlsx/xml.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::connectors::xlsx {

// What cells refer to.
struct CellContext {
  const std::vector<std::string>* strings = nullptr;  // the shared texts
  const std::vector<bool>* date_styles = nullptr;     // of a style: shows a date
  bool from_1904 = false;                             // days are counted from 1904
};

// True for a number format that shows a moment in time, not a duration.
bool is_date_format(std::string_view code);
bool is_date_format(int built_in) noexcept;

// 2026-01-31, or with a time of day 2026-01-31 12:00:00; a time alone before the first day. Empty
// for what is no day of Excel's.
std::string date_text(double serial, bool from_1904);

// Turns "_x000D_" into the character it stands for.
std::string unescape(std::string_view text);

// Text of <t> elements, the phonetic ones left out. Throws Error::invalid_data when it is longer
// than the limit.
class TextCollector {
 public:
  TextCollector(std::size_t limit, std::string_view file) : limit_{limit}, file_{file} {}
  void clear() {
    text_.clear();
    phonetic_ = 0;
    inside_ = false;
  }
  void start(std::string_view name);
  void end(std::string_view name);
  void text(std::string_view piece);
  std::string take();

 private:
  std::size_t limit_;
  std::string_view file_;
  std::string text_{};
  int phonetic_ = 0;
  bool inside_ = false;
};

// Reads one sheet's part; rows go to `visit`.
class SheetParser final : public XmlHandler {
 public:
  SheetParser(const Package& package, std::string_view sheet, const CellContext& context,
              const ports::SheetSource::Visit& visit);
  void start(Vocabulary vocabulary, std::string_view name, const Attributes& attributes) override;
  void end(Vocabulary vocabulary, std::string_view name) override;
  void text(std::string_view text) override;
  bool is_done() const noexcept override { return is_done_; }

 private:
  enum class Type { number, shared, inline_text, text, boolean, error, date };
  void begin_row(const Attributes& attributes);
  void begin_cell(const Attributes& attributes);
  void end_cell();
  void set_number(ports::ReadCell& cell);
  [[noreturn]] void refuse(std::string_view cause) const;

  const Package& package_;
  std::string sheet_;
  const CellContext& context_;
  const ports::SheetSource::Visit& visit_;
  ports::ReadRow row_{};
  bool in_data_ = false, in_row_ = false, in_cell_ = false, in_value_ = false, in_inline_ = false;
  bool is_done_ = false, is_formula_ = false;
  std::int64_t last_row_ = -1, last_column_ = -1;
  std::uint32_t column_ = 0;
  Type type_ = Type::number;
  std::size_t style_ = 0;
  std::string value_{};
  TextCollector inline_;
};

}  // namespace mapctl::connectors::xlsx
