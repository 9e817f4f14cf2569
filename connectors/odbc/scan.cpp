// SPDX-License-Identifier: Apache-2.0
#include "connectors/odbc/scan.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/ports/sql_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace mapctl::connectors::odbc {
namespace {

using catalog::LogicalType;

// A piece is as many rows as fill about this much, once the first few tell how long rows are.
constexpr std::size_t wanted_piece_bytes = 4 * 1024 * 1024;
constexpr std::int64_t first_piece_rows = 64;
constexpr std::int64_t most_piece_rows = 50'000;
constexpr std::int64_t piece_growth = 16;

std::optional<Parameter::Kind> kind_of_key(const catalog::Column& column) {
  const std::string native = to_lower(column.type.native);
  switch (column.type.logical) {
    case LogicalType::boolean:
    case LogicalType::integer:
      if (native.starts_with("bit")) {
        return std::nullopt;
      }
      return column.type.is_unsigned ? Parameter::Kind::unsigned_integer : Parameter::Kind::integer;
    case LogicalType::string:
      // The values of enum and set are sorted by number and compared by name.
      if (native.starts_with("char") || native.starts_with("varchar")) {
        return Parameter::Kind::text;
      }
      return std::nullopt;
    case LogicalType::date:
    case LogicalType::timestamp: return Parameter::Kind::text;
    case LogicalType::binary:
      if (native.starts_with("binary") || native.starts_with("varbinary")) {
        return Parameter::Kind::bytes;
      }
      return std::nullopt;
    default: return std::nullopt;
  }
}

// Of those filled up with zeros the text is more than the number, and so it is of years and of
// DOUBLE(10,2).
Cursor::Number number_of(const catalog::Column& column) {
  const std::string native = to_lower(column.type.native);
  const std::string_view word = std::string_view{native}.substr(0, native.find_first_of("( "));
  if (native == "double") {
    return Cursor::Number::real;
  }
  constexpr std::array integers{"tinyint", "smallint", "mediumint", "int", "bigint"};
  return std::find(integers.begin(), integers.end(), word) != integers.end() &&
                 native.find("unsigned") == native.npos && native.find("zerofill") == native.npos
             ? Cursor::Number::integer
             : Cursor::Number::none;
}

}  // namespace

bool key_orders_rows(const catalog::Table& table) {
  return !table.primary_key.empty() &&
         std::all_of(table.primary_key.begin(), table.primary_key.end(),
                     [&](const catalog::ColumnName& name) {
                       const catalog::Column* column = table.find(name);
                       return column != nullptr && kind_of_key(*column).has_value();
                     });
}

std::string quote_identifier(const Dialect& dialect, std::string_view name) {
  return ports::quote_identifier(name, dialect.open_quote, dialect.close_quote);
}

std::string quote_table(const Dialect& dialect, const catalog::TableRef& table) {
  const std::string name = quote_identifier(dialect, table.table.text);
  return table.schema.text.empty() ? name
                                   : quote_identifier(dialect, table.schema.text) + "." + name;
}

TableScan::TableScan(const Connection& connection, const Dialect& dialect,
                     const catalog::TableRef& ref, const catalog::Table& table, Limits limits,
                     std::stop_token stop)
    : connection_{&connection},
      dialect_{&dialect},
      stop_{std::move(stop)},
      limits_{limits},
      from_{quote_table(dialect, ref)},
      piece_rows_{first_piece_rows} {
  for (const catalog::Column& column : table.columns) {
    const std::string quoted = quote_identifier(dialect, column.name.text);
    std::string expression;
    if (dialect.expression != nullptr) {
      expression = dialect.expression(column, quoted, limits.brief);
    }
    list_ += list_.empty() ? "" : ", ";
    list_ += expression.empty() ? quoted : expression;
  }
  choose_way(table);
  cursor_ = std::make_unique<Cursor>(connection, stop_);
  if (connection.quirks().gives_numbers) {
    std::vector<Cursor::Number> numbers;
    for (const catalog::Column& column : table.columns) {
      numbers.push_back(number_of(column));
    }
    cursor_->expect_numbers(std::move(numbers));
  }
  if (way_ != Way::whole && !dialect.begin_reading.empty()) {
    connection.execute(dialect.begin_reading);
    in_transaction_ = true;
  }
  start_piece();
}

TableScan::~TableScan() {
  if (in_transaction_) {
    cursor_.reset();
    try {
      connection_->execute("ROLLBACK");
    } catch (const std::exception&) {
      // The connection is gone, and the transaction with it.
    }
  }
}

void TableScan::choose_way(const catalog::Table& table) {
  if (!connection_->quirks().keeps_whole_result || !dialect_->pages) {
    return;
  }
  for (const catalog::ColumnName& name : table.primary_key) {
    key_columns_.push_back(quote_identifier(*dialect_, name.text));
  }
  if (key_orders_rows(table)) {
    way_ = Way::by_key;
    for (const catalog::ColumnName& name : table.primary_key) {
      const catalog::Column* column = table.find(name);
      key_.push_back(
          {static_cast<std::size_t>(column - table.columns.data()), *kind_of_key(*column)});
    }
  } else {
    way_ = Way::by_count;
  }
  std::vector<std::string> order = key_columns_;
  if (order.empty() && table.kind == catalog::TableKind::view) {
    // A table is scanned in the same order each time; a view's pieces need one that is said.
    for (const catalog::Column& column : table.columns) {
      order.push_back(quote_identifier(*dialect_, column.name.text));
    }
  }
  if (!order.empty()) {
    order_ = " ORDER BY " + join(order, ", ");
  }
}

// Behind the last key: (a > ?) OR (a = ? AND b > ?) ...
std::string TableScan::conditions() const {
  if (way_ != Way::by_key || last_key_.empty()) {
    return {};
  }
  std::string text;
  for (std::size_t end = 0; end < key_columns_.size(); ++end) {
    text += end == 0 ? "(" : " OR (";
    for (std::size_t i = 0; i < end; ++i) {
      text += key_columns_[i] + " = ? AND ";
    }
    text += key_columns_[end] + " > ?)";
  }
  return " WHERE " + text;
}

void TableScan::start_piece() {
  std::string sql = fmt::format("SELECT {} FROM {}{}{}", list_, from_, conditions(),
                                way_ == Way::whole ? "" : order_);
  std::int64_t wanted = piece_rows_;
  if (limits_.rows > 0) {
    wanted = std::min(wanted, limits_.rows - rows_);
  }
  if (way_ != Way::whole) {
    sql += fmt::format(" LIMIT {}", wanted);
    if (way_ == Way::by_count && rows_ > 0) {
      sql += fmt::format(" OFFSET {}", rows_);
    }
  }
  std::vector<Parameter> parameters;
  if (way_ == Way::by_key && !last_key_.empty()) {
    for (std::size_t end = 0; end < last_key_.size(); ++end) {
      parameters.insert(parameters.end(), last_key_.begin(),
                        last_key_.begin() + static_cast<std::ptrdiff_t>(end) + 1);
    }
  }
  in_piece_ = 0;
  piece_rows_ = wanted;
  cursor_->execute(sql, parameters);
}

void TableScan::remember_key() {
  last_key_.clear();
  for (const KeyPart& part : key_) {
    last_key_.push_back({part.kind, cursor_->string(part.column)});
  }
}

bool TableScan::next() {
  if (at_end_ || (limits_.rows > 0 && rows_ >= limits_.rows)) {
    return false;
  }
  while (!cursor_->next()) {
    if (way_ == Way::whole || in_piece_ < piece_rows_) {
      at_end_ = true;
      return false;
    }
    // The driver spends some bytes more on each value.
    const std::size_t row_bytes =
        cursor_->bytes() / static_cast<std::size_t>(in_piece_) + 8 * cursor_->columns();
    piece_rows_ =
        std::clamp<std::int64_t>(static_cast<std::int64_t>(wanted_piece_bytes / row_bytes), 1,
                                 std::min(most_piece_rows, piece_rows_ * piece_growth));
    start_piece();
  }
  ++rows_;
  // The last of a piece is where the next begins.
  if (++in_piece_ == piece_rows_ && way_ == Way::by_key) {
    remember_key();
  }
  return true;
}

}  // namespace mapctl::connectors::odbc
