// SPDX-License-Identifier: Apache-2.0
#include "connectors/postgres/row_block.hpp"

#include "connectors/postgres/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace mapctl::connectors::postgres {
namespace {

constexpr std::size_t most_rows = 1000;
constexpr std::size_t most_bytes = std::size_t{1} << 20U;

// Object ids of built-in types never change.
constexpr Oid text_type = 25;
constexpr Oid text_array = 1009;
constexpr Oid bytea_array = 1001;
constexpr Oid uuid_type = 2950;
constexpr Oid uuid_array = 2951;

struct TypeName {
  Oid type;
  std::string_view name;
};
constexpr std::array<TypeName, 9> known_types{{{bool_type, "boolean"},
                                               {bytea_type, "bytea"},
                                               {20, "bigint"},
                                               {text_type, "text"},
                                               {114, "json"},
                                               {701, "double precision"},
                                               {timestamptz_type, "timestamptz"},
                                               {uuid_type, "uuid"},
                                               {jsonb_type, "jsonb"}}};

std::string_view name_of(Oid type) noexcept {
  const auto found = std::find_if(known_types.begin(), known_types.end(),
                                  [&](const TypeName& known) { return known.type == type; });
  return found == known_types.end() ? std::string_view{} : found->name;
}

void append_int(std::string& out, std::int64_t value) {
  const auto bits = static_cast<std::uint32_t>(value);
  for (int shift = 24; shift >= 0; shift -= 8) {
    out += static_cast<char>(bits >> static_cast<unsigned>(shift));
  }
}

int digit_of(char c) noexcept {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

// Appends the 16 bytes of an id; false, and nothing, for another text than 8-4-4-4-12 digits.
bool append_uuid_bytes(std::string& out, std::string_view text) {
  if (text.size() != 36) {
    return false;
  }
  std::array<char, 16> bytes{};
  std::size_t at = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (text[i++] != '-') {
        return false;
      }
      continue;
    }
    const int high = digit_of(text[i]);
    const int low = digit_of(text[i + 1]);
    if (high < 0 || low < 0) {
      return false;
    }
    bytes[at++] = static_cast<char>(high * 16 + low);
    i += 2;
  }
  out.append(bytes.data(), bytes.size());
  return true;
}

}  // namespace

RowBlock::RowBlock(std::string sql) : sql_{std::move(sql)} {
  const std::string_view text{sql_};
  constexpr std::string_view word = "VALUES (";
  const std::size_t begin = text.find(word);
  columns_.resize(count_parameters(text));
  if (!text.starts_with("INSERT INTO ") || begin == text.npos || columns_.empty()) {
    return;
  }
  const std::size_t open = begin + word.size();
  std::size_t close = open;
  int depth = 1;
  for (bool in_quotes = false; depth > 0 && close < text.size(); ++close) {
    const char c = text[close];
    in_quotes = in_quotes != (c == '\'');
    depth += in_quotes ? 0 : c == '(' ? 1 : c == ')' ? -1 : 0;
  }
  const std::string_view values = text.substr(open, close - open - 1);
  if (depth == 0 && count_parameters(values) == columns_.size() &&
      values.find("DEFAULT") == values.npos) {
    before_ = text.substr(0, begin);
    values_ = values;
    after_ = text.substr(close);
  }
}

bool RowBlock::is_full() const noexcept {
  return rows_ >= most_rows || size_ >= most_bytes;
}

void RowBlock::take(Column& column, const Parameters::Value& value) {
  column.lengths.push_back(value.is_null ? -1 : static_cast<int>(value.bytes.size()));
  if (value.is_null) {
    column.has_null = true;
    return;
  }
  column.bytes += value.bytes;
  size_ += value.bytes.size();
}

bool RowBlock::fits(const Parameters& row) const noexcept {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const Parameters::Value& value = row.values[i];
    if (!value.is_null && (value.is_binary ? columns_[i].is_text : columns_[i].is_binary)) {
      return false;
    }
  }
  return true;
}

void RowBlock::add(const Parameters& row) {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    Column& column = columns_[i];
    const Parameters::Value& value = row.values[i];
    if (!value.is_null) {
      (value.is_binary ? column.is_binary : column.is_text) = true;
    }
    if (!column.varies) {
      if (rows_ == 0) {
        column.first = value;
        continue;
      }
      if (column.first == value || (column.first.is_null && value.is_null)) {
        continue;
      }
      column.varies = true;
      for (std::size_t earlier = 0; earlier < rows_; ++earlier) {
        take(column, column.first);
      }
    }
    take(column, value);
  }
  ++rows_;
}

void RowBlock::clear() {
  for (Column& column : columns_) {
    column.bytes.clear();
    column.lengths.clear();
    column.first = {};
    column.has_null = column.is_text = column.is_binary = false;
  }
  rows_ = 0;
  size_ = 0;
}

void RowBlock::set_types(std::vector<Oid> types) {
  types_ = std::move(types);
}

bool RowBlock::can_gather() const noexcept {
  if (values_.empty() || types_.size() != columns_.size()) {
    return false;
  }
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const bool takes_bytes = types_[i] == bytea_type;
    if (name_of(types_[i]).empty() || (takes_bytes ? columns_[i].is_text : columns_[i].is_binary)) {
      return false;
    }
  }
  return true;
}

// An array of one dimension as the server reads it in binary form: ids and bytes as they are, all
// else as text, which the statement casts.
Parameters::Value RowBlock::array_of(const Column& column, Oid type) {
  Parameters::Value array;
  array.is_null = false;
  array.is_binary = true;
  std::string& out = array.bytes;
  out.reserve(column.bytes.size() + 4 * column.lengths.size() + 20);
  append_int(out, 1);
  append_int(out, column.has_null ? 1 : 0);
  append_int(out, type);
  append_int(out, static_cast<std::int64_t>(column.lengths.size()));
  append_int(out, 1);
  std::size_t at = 0;
  for (const int length : column.lengths) {
    if (length < 0) {
      append_int(out, -1);
      continue;
    }
    const std::string_view value{column.bytes.data() + at, static_cast<std::size_t>(length)};
    at += value.size();
    if (type == uuid_type) {
      append_int(out, 16);
      if (!append_uuid_bytes(out, value)) {
        array.is_null = true;  // the caller sends texts instead
        return array;
      }
      continue;
    }
    append_int(out, length);
    out += value;
  }
  return array;
}

RowBlock::Gathered RowBlock::gather() const {
  Gathered made;
  std::string arrays;
  std::string names;
  std::vector<std::string> places(columns_.size());
  // There must be one array, as it says how many rows there are.
  const bool all_equal = std::none_of(columns_.begin(), columns_.end(),
                                      [](const Column& column) { return column.varies; });
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const Column& column = columns_[i];
    const std::string_view type_name = name_of(types_[i]);
    const std::size_t number = i + 1;
    if (!column.varies && !(all_equal && i == 0)) {
      places[i] = fmt::format("${}", number);
      made.types.push_back(types_[i]);
      made.parameters.values.push_back(column.first);
      continue;
    }
    Column repeated;
    if (!column.varies) {
      repeated.has_null = column.first.is_null;
      for (std::size_t row = 0; row < rows_; ++row) {
        repeated.bytes += column.first.is_null ? std::string{} : column.first.bytes;
        repeated.lengths.push_back(
            column.first.is_null ? -1 : static_cast<int>(column.first.bytes.size()));
      }
    }
    const Column& source = column.varies ? column : repeated;
    const bool as_is = types_[i] == uuid_type || types_[i] == bytea_type;
    Parameters::Value array = array_of(source, as_is ? types_[i] : text_type);
    const bool is_text = !as_is || array.is_null;
    if (array.is_null) {
      array = array_of(source, text_type);
    }
    made.types.push_back(is_text ? text_array : types_[i] == uuid_type ? uuid_array : bytea_array);
    made.parameters.values.push_back(std::move(array));
    arrays += fmt::format("{}${}", arrays.empty() ? "" : ", ", number);
    names += fmt::format("{}c{}", names.empty() ? "" : ", ", number);
    places[i] = is_text && types_[i] != text_type ? fmt::format("u.c{}::{}", number, type_name)
                                                  : fmt::format("u.c{}", number);
  }
  made.sql = fmt::format("{}SELECT ", before_);
  bool in_quotes = false;
  for (std::size_t i = 0; i < values_.size(); ++i) {
    in_quotes = in_quotes != (values_[i] == '\'');
    if (values_[i] != '$' || in_quotes) {
      made.sql += values_[i];
      continue;
    }
    std::size_t number = 0;
    const char* digits = values_.data() + i + 1;
    const char* end = std::from_chars(digits, values_.data() + values_.size(), number).ptr;
    made.sql += places[number - 1];
    i += static_cast<std::size_t>(end - digits);
  }
  made.sql += fmt::format(" FROM unnest({}) AS u({}){}", arrays, names, after_);
  return made;
}

Parameters RowBlock::row(std::size_t number) const {
  Parameters made;
  for (const Column& column : columns_) {
    if (!column.varies) {
      made.values.push_back(column.first);
      continue;
    }
    std::size_t at = 0;
    for (std::size_t i = 0; i < number; ++i) {
      at += static_cast<std::size_t>(std::max(0, column.lengths[i]));
    }
    Parameters::Value value;
    value.is_null = column.lengths[number] < 0;
    if (!value.is_null) {
      value.bytes = column.bytes.substr(at, static_cast<std::size_t>(column.lengths[number]));
      value.is_binary = column.is_binary;
    }
    made.values.push_back(std::move(value));
  }
  return made;
}

}  // namespace mapctl::connectors::postgres
