// SPDX-License-Identifier: Apache-2.0
#include "connectors/odbc/cursor.hpp"

#include "connectors/odbc/interruption.hpp"
#include "connectors/odbc/real_text.hpp"
#include "connectors/odbc/wide_text.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <utility>

namespace mapctl::connectors::odbc {
namespace {

constexpr std::size_t widest_cell = 8 * 1024;         // bytes; what may be longer is not in a block
constexpr std::size_t block_bytes = 2 * 1024 * 1024;  // of all columns
constexpr std::size_t long_cell = 1024;               // bytes of a value that may be longer
constexpr SQLULEN most_block_rows = 1'000;
constexpr std::size_t piece_bytes = 16 * 1024;  // of a long value
constexpr std::size_t longest_value = std::size_t{256} * 1024 * 1024;
constexpr std::size_t rows_between_stops = 256;

template <class Kind>
SQLSMALLINT c_type(Kind kind) noexcept {
  switch (kind) {
    case Kind::narrow: return SQL_C_CHAR;
    case Kind::wide: return SQL_C_WCHAR;
    case Kind::integer: return SQL_C_SBIGINT;
    case Kind::real: return SQL_C_DOUBLE;
    case Kind::binary: break;
  }
  return SQL_C_BINARY;
}

// What ends a value in a buffer.
template <class Kind>
std::size_t end_bytes(Kind kind) noexcept {
  return kind == Kind::narrow ? 1 : kind == Kind::wide ? sizeof(char16_t) : 0;
}

// A name of a catalog function with its length; null for all.
struct NameArgument {
  explicit NameArgument(const CatalogName& name)
      : text{name ? to_utf16(*name) : std::u16string{}}, is_given{name.has_value()} {}
  SQLWCHAR* data() noexcept { return is_given ? wide_data(text) : nullptr; }
  // Ended by NUL: drivers take the length for bytes of UTF-8 and cut names.
  SQLSMALLINT size() const noexcept { return is_given ? SQL_NTS : 0; }
  std::u16string text;
  bool is_given;
};

}  // namespace

template <class Call>
SQLRETURN Cursor::waiting(Call call) const {
  SQLRETURN code = SQL_SUCCESS;
  {
    const Interruption interruption{*connection_, statement_.get(), stop_};
    code = call();
  }
  check_stop();  // a statement that was cancelled may look like one that has ended
  return code;
}

Cursor::Cursor(const Connection& connection, std::stop_token stop)
    : connection_{&connection}, stop_{std::move(stop)}, statement_{connection.make_statement()} {
  if (connection.settings().query_timeout > 0) {
    // Drivers that cannot say so; the time limit is then the server's.
    SQLSetStmtAttr(statement_.get(), SQL_ATTR_QUERY_TIMEOUT,
                   number_attribute(static_cast<std::size_t>(connection.settings().query_timeout)),
                   0);
  }
}

void Cursor::check_stop() const {
  if (stop_.stop_requested()) {
    throw Error{ErrorCode::cancelled, fmt::format("{}: cancelled", connection_->object())};
  }
}

void Cursor::check(SQLRETURN code) const {
  if (!SQL_SUCCEEDED(code)) {
    throw connection_->error(SQL_HANDLE_STMT, statement_.get());
  }
}

void Cursor::bind(std::span<const Parameter> parameters) {
  wide_parameters_.clear();
  byte_parameters_.clear();
  integers_.clear();
  unsigned_integers_.clear();
  // ODBC keeps pointers to them.
  wide_parameters_.reserve(parameters.size());
  byte_parameters_.reserve(parameters.size());
  integers_.reserve(parameters.size());
  unsigned_integers_.reserve(parameters.size());
  parameter_lengths_.assign(parameters.size(), 0);
  SQLFreeStmt(statement_.get(), SQL_RESET_PARAMS);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const auto number = static_cast<SQLUSMALLINT>(i + 1);
    const std::string& text = parameters[i].text;
    SQLSMALLINT c_type = SQL_C_SBIGINT;
    SQLSMALLINT sql_type = SQL_BIGINT;
    SQLULEN size = 20;
    SQLPOINTER data = nullptr;
    switch (parameters[i].kind) {
      case Parameter::Kind::integer:
        std::from_chars(text.data(), text.data() + text.size(), integers_.emplace_back());
        data = &integers_.back();
        break;
      case Parameter::Kind::unsigned_integer:
        std::from_chars(text.data(), text.data() + text.size(), unsigned_integers_.emplace_back());
        data = &unsigned_integers_.back();
        c_type = SQL_C_UBIGINT;
        break;
      case Parameter::Kind::bytes:
        byte_parameters_.push_back(text);
        data = byte_parameters_.back().data();
        c_type = SQL_C_BINARY;
        sql_type = SQL_VARBINARY;
        size = std::max<SQLULEN>(1, text.size());
        parameter_lengths_[i] = static_cast<SQLLEN>(text.size());
        break;
      case Parameter::Kind::text:
        wide_parameters_.push_back(to_utf16(text));
        data = wide_parameters_.back().data();
        c_type = SQL_C_WCHAR;
        sql_type = SQL_WVARCHAR;
        size = std::max<SQLULEN>(1, wide_parameters_.back().size());
        parameter_lengths_[i] =
            static_cast<SQLLEN>(wide_parameters_.back().size() * sizeof(char16_t));
        break;
    }
    check(SQLBindParameter(statement_.get(), number, SQL_PARAM_INPUT, c_type, sql_type, size, 0,
                           data, parameter_lengths_[i], &parameter_lengths_[i]));
  }
}

void Cursor::execute(std::string_view sql, std::span<const Parameter> parameters) {
  check_stop();
  SQLFreeStmt(statement_.get(), SQL_CLOSE);
  bind(parameters);
  check(waiting([&] { return connection_->start(statement_.get(), sql); }));
  begin();
}

void Cursor::tables() {
  check_stop();
  std::u16string kinds = u"TABLE,VIEW,BASE TABLE,MATERIALIZED VIEW,FOREIGN TABLE";
  check(waiting([&] {
    return SQLTablesW(statement_.get(), nullptr, 0, nullptr, 0, nullptr, 0, wide_data(kinds),
                      static_cast<SQLSMALLINT>(kinds.size()));
  }));
  begin();
}

void Cursor::columns(const CatalogName& catalog, const CatalogName& schema,
                     const CatalogName& table) {
  check_stop();
  NameArgument in_catalog{catalog};
  NameArgument in_schema{schema};
  NameArgument of_table{table};
  check(waiting([&] {
    return SQLColumnsW(statement_.get(), in_catalog.data(), in_catalog.size(), in_schema.data(),
                       in_schema.size(), of_table.data(), of_table.size(), nullptr, 0);
  }));
  begin();
}

void Cursor::primary_keys(const CatalogName& catalog, const CatalogName& schema,
                          const std::string& table) {
  check_stop();
  NameArgument in_catalog{catalog};
  NameArgument in_schema{schema};
  NameArgument of_table{CatalogName{table}};
  check(waiting([&] {
    return SQLPrimaryKeysW(statement_.get(), in_catalog.data(), in_catalog.size(), in_schema.data(),
                           in_schema.size(), of_table.data(), of_table.size());
  }));
  begin();
}

void Cursor::foreign_keys(const CatalogName& catalog, const CatalogName& schema,
                          const std::string& table) {
  check_stop();
  NameArgument in_catalog{catalog};
  NameArgument in_schema{schema};
  NameArgument of_table{CatalogName{table}};
  check(waiting([&] {
    return SQLForeignKeysW(statement_.get(), nullptr, 0, nullptr, 0, nullptr, 0, in_catalog.data(),
                           in_catalog.size(), in_schema.data(), in_schema.size(), of_table.data(),
                           of_table.size());
  }));
  begin();
}

void Cursor::plan_column(SQLUSMALLINT number, ColumnState& column, bool& in_blocks) const {
  SQLSMALLINT type = 0;
  SQLULEN size = 0;
  // Nobody looks at the name; psqlodbc fails without a place for it.
  std::array<SQLWCHAR, 256> name{};
  SQLSMALLINT name_length = 0;
  check(SQLDescribeColW(statement_.get(), number, name.data(),
                        static_cast<SQLSMALLINT>(name.size()), &name_length, &type, &size, nullptr,
                        nullptr));
  const Quirks& quirks = connection_->quirks();
  const Kind as_text = quirks.char_is_utf8 ? Kind::narrow : Kind::wide;
  std::size_t width = 128;  // of numbers and times as text
  column.is_text = true;
  switch (type) {
    case SQL_BINARY:
    case SQL_VARBINARY:
    case SQL_LONGVARBINARY:
      column.kind = Kind::binary;
      width = size;
      break;
    case SQL_CHAR:
    case SQL_VARCHAR:
    case SQL_LONGVARCHAR:
    case SQL_WCHAR:
    case SQL_WVARCHAR:
    case SQL_WLONGVARCHAR:
      column.kind = as_text;
      width = 4 * size;
      break;
    case SQL_BIT:
    case SQL_TINYINT:
    case SQL_SMALLINT:
    case SQL_INTEGER:
    case SQL_BIGINT:
    case SQL_REAL:
    case SQL_FLOAT:
    case SQL_DOUBLE:
    case SQL_DECIMAL:
    case SQL_NUMERIC:
    case SQL_GUID:
    case SQL_TYPE_DATE:
    case SQL_TYPE_TIME:
    case SQL_TYPE_TIMESTAMP:
      width = std::max<std::size_t>(width, size + 8);
      column.is_text = false;
      break;
    default:
      // A type of the driver's own: as long as it likes.
      column.kind = as_text;
      width = 0;
  }
  if (width == 0 || size == 0 || width > widest_cell) {
    column.is_long = quirks.completes_cells;
    width = long_cell;
    in_blocks = in_blocks && column.is_long;
  }
  column.width = (width + 8) & ~std::size_t{3};
}

void Cursor::begin() {
  SQLSMALLINT count = 0;
  check(SQLNumResultCols(statement_.get(), &count));
  columns_.clear();
  columns_.resize(static_cast<std::size_t>(std::max<SQLSMALLINT>(count, 0)));
  at_end_ = count <= 0;
  fetched_ = 0;
  row_ = 0;
  rows_ = 0;
  bytes_ = 0;
  if (at_end_) {
    return;
  }
  const Settings& settings = connection_->settings();
  in_blocks_ = settings.fetch == Fetch::blocks ||
               (settings.fetch == Fetch::automatic && !connection_->quirks().lengths_are_hints);
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    plan_column(static_cast<SQLUSMALLINT>(i + 1), columns_[i], in_blocks_);
  }
  SQLFreeStmt(statement_.get(), SQL_UNBIND);
  if (in_blocks_) {
    plan_numbers();
    bind_blocks();
  } else {
    SQLSetStmtAttr(statement_.get(), SQL_ATTR_ROW_ARRAY_SIZE, number_attribute(1), 0);
    SQLSetStmtAttr(statement_.get(), SQL_ATTR_ROWS_FETCHED_PTR, nullptr, 0);
  }
}

void Cursor::plan_numbers() {
  for (std::size_t i = 0; i < std::min(columns_.size(), numbers_.size()); ++i) {
    if (numbers_[i] != Number::none && !columns_[i].is_text && !columns_[i].is_long) {
      columns_[i].kind = numbers_[i] == Number::integer ? Kind::integer : Kind::real;
      columns_[i].width = sizeof(std::int64_t);
      columns_[i].converted.resize(longest_real);
    }
  }
}

void Cursor::bind_blocks() {
  std::size_t row_bytes = 0;
  bool has_long = false;
  for (const ColumnState& column : columns_) {
    row_bytes += column.width + sizeof(SQLLEN);
    has_long = has_long || column.is_long;
  }
  // Only of the row that the driver is at can it give the rest of a value.
  block_rows_ = has_long ? 1 : std::clamp<SQLULEN>(block_bytes / row_bytes, 1, most_block_rows);
  SQLSetStmtAttr(statement_.get(), SQL_ATTR_ROW_BIND_TYPE, number_attribute(SQL_BIND_BY_COLUMN), 0);
  check(
      SQLSetStmtAttr(statement_.get(), SQL_ATTR_ROW_ARRAY_SIZE, number_attribute(block_rows_), 0));
  check(SQLSetStmtAttr(statement_.get(), SQL_ATTR_ROWS_FETCHED_PTR, &fetched_, 0));
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    ColumnState& column = columns_[i];
    column.cells.resize(column.width * block_rows_);
    column.lengths.assign(block_rows_, SQL_NULL_DATA);
    check(SQLBindCol(statement_.get(), static_cast<SQLUSMALLINT>(i + 1), c_type(column.kind),
                     column.cells.data(), static_cast<SQLLEN>(column.width),
                     column.lengths.data()));
  }
}

bool Cursor::next() {
  if (at_end_) {
    return false;
  }
  const bool more = in_blocks_ ? next_block() : next_single();
  if (!more) {
    at_end_ = true;
    SQLFreeStmt(statement_.get(), SQL_CLOSE);
  }
  return more;
}

bool Cursor::next_block() {
  if (++row_ < fetched_) {
    return true;
  }
  if (rows_ % rows_between_stops == 0 || block_rows_ > 1) {
    check_stop();
  }
  const SQLRETURN code = waiting([&] { return SQLFetch(statement_.get()); });
  if (code == SQL_NO_DATA) {
    return false;
  }
  check(code);
  row_ = 0;
  rows_ += fetched_;
  if (fetched_ == 0) {
    return false;
  }
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    check_lengths(columns_[i], static_cast<SQLUSMALLINT>(i + 1));
  }
  return true;
}

// Of a whole block.
void Cursor::check_lengths(ColumnState& column, SQLUSMALLINT number) {
  const auto room = static_cast<SQLLEN>(column.width - end_bytes(column.kind));
  column.is_in_cell = true;
  for (std::size_t row = 0; row < fetched_; ++row) {
    const SQLLEN length = column.lengths[row];
    if (length >= 0 && length <= room) {
      bytes_ += static_cast<std::size_t>(length);
    } else if (length != SQL_NULL_DATA) {
      if (!column.is_long) {
        throw Error{ErrorCode::invalid_data,
                    fmt::format("{}: a value is longer than the driver said of its column",
                                connection_->object()),
                    "set fetch: values in the options of the profile"};
      }
      column.is_in_cell = false;
      read_value(number, column);
    }
  }
}

bool Cursor::next_single() {
  if (rows_++ % rows_between_stops == 0) {
    check_stop();
  }
  const SQLRETURN code = waiting([&] { return SQLFetch(statement_.get()); });
  if (code == SQL_NO_DATA) {
    return false;
  }
  check(code);
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    read_value(static_cast<SQLUSMALLINT>(i + 1), columns_[i]);
  }
  return true;
}

void Cursor::read_value(SQLUSMALLINT number, ColumnState& column) {
  column.value.clear();
  column.null = false;
  std::array<char, piece_bytes> piece;  // NOLINT: filled by the driver
  const std::size_t room = piece.size() - end_bytes(column.kind);
  for (;;) {
    SQLLEN length = 0;
    const SQLRETURN code = SQLGetData(statement_.get(), number, c_type(column.kind), piece.data(),
                                      static_cast<SQLLEN>(piece.size()), &length);
    if (code == SQL_NO_DATA) {
      break;
    }
    check(code);
    if (length == SQL_NULL_DATA) {
      column.null = true;
      break;
    }
    const bool is_cut = length == SQL_NO_TOTAL || static_cast<std::size_t>(length) > room;
    column.value.append(piece.data(), is_cut ? room : static_cast<std::size_t>(length));
    if (!is_cut) {
      break;
    }
    if (column.value.size() > longest_value) {
      throw Error{ErrorCode::resource_limit,
                  fmt::format("{}: a value is longer than {}", connection_->object(),
                              human_bytes(static_cast<double>(longest_value))),
                  "leave the table out, or read it through a view without that column"};
    }
    check_stop();
  }
  bytes_ += column.value.size();
}

bool Cursor::is_null(std::size_t column) const noexcept {
  return column >= columns_.size() || !native_value(columns_[column]).has_value();
}

bool Cursor::is_binary(std::size_t column) const noexcept {
  return column < columns_.size() && columns_[column].kind == Kind::binary;
}

std::optional<std::string_view> Cursor::native_value(const ColumnState& column) const noexcept {
  if (!column.is_in_cell) {
    return column.null ? std::nullopt : std::optional<std::string_view>{column.value};
  }
  const SQLLEN length = column.lengths[row_];
  if (length == SQL_NULL_DATA) {
    return std::nullopt;
  }
  return std::string_view{column.cells.data() + row_ * column.width,
                          static_cast<std::size_t>(length)};
}

std::string_view Cursor::text_of(const ColumnState& column, std::string_view value) const {
  switch (column.kind) {
    case Kind::binary: return value;
    case Kind::narrow:
      if (!column.is_text || !first_invalid_utf8(value)) {
        return value;
      }
      column.converted = to_valid_utf8(value);
      break;
    case Kind::integer: {
      std::int64_t number = 0;
      std::memcpy(&number, value.data(), sizeof number);
      char* text = column.converted.data();
      return {text, std::to_chars(text, text + longest_real, number).ptr};
    }
    case Kind::real: {
      double number = 0;
      std::memcpy(&number, value.data(), sizeof number);
      return real_text(number, std::span<char, longest_real>{column.converted});
    }
    case Kind::wide:
      column.converted.clear();
      append_utf8(column.converted, {reinterpret_cast<const char16_t*>(value.data()),
                                     value.size() / sizeof(char16_t)});
      break;
  }
  return column.converted;
}

std::string_view Cursor::text(std::size_t column) const {
  if (column >= columns_.size()) {
    return {};
  }
  const auto value = native_value(columns_[column]);
  return value ? text_of(columns_[column], *value) : std::string_view{};
}

void Cursor::read(std::vector<std::optional<std::string_view>>& row) const {
  row.resize(columns_.size());
  for (std::size_t i = 0; i < row.size(); ++i) {
    row[i] = native_value(columns_[i]);
    if (row[i]) {
      row[i] = text_of(columns_[i], *row[i]);
    }
  }
}

std::optional<std::string> Cursor::optional(std::size_t column) const {
  return is_null(column) ? std::nullopt : std::optional<std::string>{text(column)};
}

std::optional<std::int64_t> Cursor::integer(std::size_t column) const {
  const std::string_view digits = text(column);
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (digits.empty() || failure != std::errc{}) {
    return std::nullopt;
  }
  return number;
}

}  // namespace mapctl::connectors::odbc
