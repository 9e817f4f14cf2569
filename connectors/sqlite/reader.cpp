// SPDX-License-Identifier: Apache-2.0
#include "connectors/sqlite/reader.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <utility>

namespace mapctl::connectors::sqlite {
namespace {

std::string select_all(Database& database, const catalog::TableRef& table,
                       std::vector<catalog::ColumnName>& columns) {
  const std::string literal = replace_all(table.table.text, "'", "''");
  Rows rows{database, fmt::format("SELECT name FROM pragma_table_xinfo('{}') WHERE hidden <> 1 "
                                  "ORDER BY cid",
                                  literal)};
  std::string list;
  while (rows.step()) {
    columns.push_back(catalog::ColumnName{rows.string(0)});
    list += (list.empty() ? "" : ", ") + quote_identifier(columns.back().text);
  }
  if (columns.empty()) {
    std::vector<std::string> known;
    Rows names{database,
               "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') ORDER BY name"};
    while (names.step()) {
      known.push_back(names.string(0));
    }
    throw Error{ErrorCode::not_found,
                fmt::format("{} has no table '{}'", database.object(), table.table.text),
                suggestion(table.table.text, known)};
  }
  return fmt::format("SELECT {} FROM main.{}", list, quote_identifier(table.table.text));
}

class Reader final : public ports::RowReader {
 public:
  Reader(std::unique_ptr<Database> database, const catalog::TableRef& table)
      : database_{std::move(database)},
        rows_{*database_, select_all(*database_, table, columns_)},
        converted_(columns_.size()) {}

  std::span<const catalog::ColumnName> columns() const override { return columns_; }

  bool next(std::vector<std::optional<std::string_view>>& row) override {
    // A finished statement would begin anew.
    if (at_end_ || !rows_.step()) {
      at_end_ = true;
      return false;
    }
    row.resize(columns_.size());
    for (std::size_t i = 0; i < row.size(); ++i) {
      row[i] = value(static_cast<int>(i));
    }
    return true;
  }

 private:
  std::optional<std::string_view> value(int column) {
    if (rows_.is_null(column)) {
      return std::nullopt;
    }
    const bool is_blob = rows_.is_blob(column);
    const std::string_view text = rows_.text(column);
    if (!is_blob && !first_invalid_utf8(text)) {
      return text;
    }
    std::string& kept = converted_[static_cast<std::size_t>(column)];
    kept = is_blob ? to_hex(text) : to_valid_utf8(text);
    return kept;
  }

  std::unique_ptr<Database> database_;
  std::vector<catalog::ColumnName> columns_{};  // filled while rows_ is made
  Rows rows_;
  std::vector<std::string> converted_;
  bool at_end_ = false;
};

}  // namespace

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
}

std::unique_ptr<ports::RowReader> make_reader(std::unique_ptr<Database> database,
                                              const catalog::TableRef& table) {
  return std::make_unique<Reader>(std::move(database), table);
}

}  // namespace mapctl::connectors::sqlite
