// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/odbc/connection.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::connectors::odbc {

// A value for a question mark.
struct Parameter {
  enum class Kind : std::uint8_t { text, integer, unsigned_integer, bytes };
  Kind kind = Kind::text;
  std::string text{};  // UTF-8; digits of an integer; bytes as they are
};

// A name in a call to one of ODBC's catalog functions; nothing asks for all.
using CatalogName = std::optional<std::string>;

// The rows of one query, fetched in blocks where the driver tells how long values can be, else one
// by one. Looks at the stop token every few hundred rows. The connection must outlive it.
class Cursor {
 public:
  Cursor(const Connection& connection, std::stop_token stop);

  // What a column of the statements to come is, where its text is that of a number and nothing
  // more: as numbers they cost the driver less. Ignored where values are fetched one by one.
  enum class Number : std::uint8_t { none, integer, real };
  void expect_numbers(std::vector<Number> columns) { numbers_ = std::move(columns); }

  void execute(std::string_view sql, std::span<const Parameter> parameters = {});
  void tables();
  void columns(const CatalogName& catalog, const CatalogName& schema, const CatalogName& table);
  void primary_keys(const CatalogName& catalog, const CatalogName& schema,
                    const std::string& table);
  void foreign_keys(const CatalogName& catalog, const CatalogName& schema,
                    const std::string& table);

  bool next();  // false at the end; throws Error
  std::size_t columns() const noexcept { return columns_.size(); }
  bool is_null(std::size_t column) const noexcept;
  bool is_binary(std::size_t column) const noexcept;
  // Of all values since execute(), as the driver gave them; whole blocks count.
  std::size_t bytes() const noexcept { return bytes_; }
  // Of a null or a column that the driver did not give nothing. UTF-8, or bytes of a binary column.
  // Valid until the next row.
  std::string_view text(std::size_t column) const;
  // The whole row by text(). Views stay valid until the next row.
  void read(std::vector<std::optional<std::string_view>>& row) const;
  std::string string(std::size_t column) const { return std::string{text(column)}; }
  std::optional<std::string> optional(std::size_t column) const;
  std::optional<std::int64_t> integer(std::size_t column) const;

 private:
  enum class Kind : std::uint8_t { narrow, wide, binary, integer, real };
  struct ColumnState {
    Kind kind = Kind::narrow;
    bool is_text = false;           // else digits and the like, which are ASCII
    bool is_long = false;           // may be longer than its cell
    std::size_t width = 0;          // bytes of a cell in a block
    std::vector<char> cells{};      // of a block
    std::vector<SQLLEN> lengths{};  // bytes, or SQL_NULL_DATA
    std::string value{};            // that is in no cell, as the driver gave it
    bool is_in_cell = false;
    bool null = false;
    mutable std::string converted{};
  };

  void check_stop() const;
  // Makes a call to the driver that may wait for the server; a stop cuts it short and is thrown.
  template <class Call>
  SQLRETURN waiting(Call call) const;
  void check(SQLRETURN code) const;
  void bind(std::span<const Parameter> parameters);
  void begin();
  void plan_column(SQLUSMALLINT number, ColumnState& column, bool& in_blocks) const;
  void plan_numbers();
  void bind_blocks();
  bool next_block();
  bool next_single();
  void read_value(SQLUSMALLINT number, ColumnState& column);
  void check_lengths(ColumnState& column, SQLUSMALLINT number);
  std::optional<std::string_view> native_value(const ColumnState& column) const noexcept;
  std::string_view text_of(const ColumnState& column, std::string_view value) const;

  const Connection* connection_;
  std::stop_token stop_;
  std::vector<std::u16string> wide_parameters_{};
  std::vector<std::int64_t> integers_{};
  std::vector<std::uint64_t> unsigned_integers_{};
  std::vector<std::string> byte_parameters_{};
  std::vector<SQLLEN> parameter_lengths_{};
  std::vector<Number> numbers_{};
  std::vector<ColumnState> columns_{};
  bool in_blocks_ = false;
  SQLULEN block_rows_ = 1;
  SQLULEN fetched_ = 0;  // rows of the block
  std::size_t row_ = 0;  // in the block
  std::size_t rows_ = 0;
  std::size_t bytes_ = 0;
  bool at_end_ = true;
  StatementHandle statement_{};
};

}  // namespace mapctl::connectors::odbc
