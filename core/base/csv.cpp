// SPDX-License-Identifier: Apache-2.0
#include "core/base/csv.hpp"

#include "core/base/error.hpp"

#include <fmt/format.h>

#include <utility>

namespace mapctl {

CsvReader::CsvReader(std::string_view text, char delimiter, std::string_view name)
    : text_{text}, name_{name}, delimiter_{delimiter} {
  if (text_.starts_with("\xEF\xBB\xBF")) {
    text_.remove_prefix(3);
  }
}

void CsvReader::fail(std::size_t line, std::string_view problem, std::string hint) const {
  throw Error{ErrorCode::invalid_data,
              fmt::format("{}{}line {}: {}", name_, name_.empty() ? "" : ", ", line, problem),
              std::move(hint)};
}

bool CsvReader::next(std::vector<std::string>& record) {
  record.clear();
  if (at_ >= text_.size()) {
    return false;
  }
  record_line_ = line_;
  for (;;) {
    std::string& field = record.emplace_back();
    if (at_ < text_.size() && text_[at_] == '"') {
      for (++at_;; ++at_) {
        if (at_ >= text_.size()) {
          fail(record_line_, "a quote is never closed",
               "close the quote, or double it inside a quoted field");
        }
        if (text_[at_] == '"') {
          if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
            ++at_;
          } else {
            ++at_;
            break;
          }
        }
        line_ += text_[at_] == '\n' ? 1 : 0;
        field += text_[at_];
      }
      if (at_ < text_.size() && text_[at_] != delimiter_ && text_[at_] != '\n' &&
          text_[at_] != '\r') {
        fail(line_, "text follows a closing quote",
             "quote the whole field and double the quotes inside it");
      }
    } else {
      const std::size_t start = at_;
      while (at_ < text_.size() && text_[at_] != delimiter_ && text_[at_] != '\n' &&
             text_[at_] != '\r') {
        ++at_;
      }
      field.assign(text_.substr(start, at_ - start));
    }
    if (at_ < text_.size() && text_[at_] == delimiter_) {
      ++at_;
      continue;
    }
    if (at_ < text_.size() && text_[at_] == '\r') {
      ++at_;
    }
    if (at_ < text_.size() && text_[at_] == '\n') {
      ++at_;
    }
    ++line_;
    return true;
  }
}

void append_csv_field(std::string& out, std::string_view field) {
  if (field.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += field;
    return;
  }
  out += '"';
  for (const char c : field) {
    if (c == '"') {
      out += '"';
    }
    out += c;
  }
  out += '"';
}

bool starts_formula(std::string_view field) noexcept {
  return !field.empty() &&
         std::string_view{"=+-@\t\r"}.find(field.front()) != std::string_view::npos;
}

void append_csv_field_for_spreadsheets(std::string& out, std::string_view field) {
  if (!starts_formula(field)) {
    append_csv_field(out, field);
    return;
  }
  std::string guarded{"'"};
  guarded += field;
  append_csv_field(out, guarded);
}

CsvLine& CsvLine::add(std::string_view field) {
  if (!is_first_) {
    text_ += ',';
  }
  is_first_ = false;
  append_csv_field_for_spreadsheets(text_, field);
  return *this;
}

std::string CsvLine::end() {
  text_ += "\r\n";
  is_first_ = true;
  return std::exchange(text_, {});
}

}  // namespace mapctl
