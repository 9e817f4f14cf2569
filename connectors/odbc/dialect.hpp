// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/odbc/options.hpp"
#include "core/catalog/table.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::connectors::odbc {

// One value of a row of a catalog query.
using Field = std::optional<std::string_view>;

// What the rows of a catalog query are. Columns by position:
enum class Shape : std::uint8_t {
  // schema, table, "table" or "view", estimated rows, comment
  tables,
  // schema, table, column, position, type, 1 when nullable, default, comment, and words of
  // "generated", "identity" (given by the server, never loaded) and "counted" (given when left
  // out); maybe also 1 when type or default are cut off here
  columns,
  // schema, table, key, "P" or "U", place in the key, column (null when only a part of it)
  keys,
  // schema, table, key, place in the key, column, schema and table and column it refers to
  references,
  // "K", key's id, schema, table, key, schema and table it refers to;
  // "C", key's id, place in the key, column, column it refers to
  split_references,
  // schema, table, estimated rows
  row_counts,
  // one text
  mark,
};

// One query over the whole database. "{}" takes conditions that narrow it to one schema or one
// table, by the expressions given here; an empty expression cannot be narrowed.
struct CatalogQuery {
  Shape shape{};
  std::string_view sql{};
  std::string_view schema{};
  std::string_view table{};
};

// What a server's catalog, names and types are like, as data.
struct Dialect {
  std::string_view name{};
  std::string_view product{};  // how SQL_DBMS_NAME begins, lower case; more behind a bar
  char open_quote = '"';
  char close_quote = '"';
  // For each part of the catalog what is asked first, and what when that is refused or unknown.
  // Empty for what the dialect has not; no tables at all: ODBC's catalog functions are asked.
  std::span<const CatalogQuery> tables{}, columns{}, keys{}, references{}, row_counts{};
  // Conditions that halve the work where two connections share it: the first asks for its share of
  // the columns, the second for the rest of them and for all else. Empty: it cannot be halved.
  std::array<std::string_view, 2> shares{};
  // Of tables where `columns` cut something off.
  std::span<const CatalogQuery> whole_columns{};
  // For each part of the catalog queries for one text that differs when that part has changed, the
  // first that the server answers; none at all: no dialect of a server that tells.
  std::span<const std::span<const CatalogQuery>> marks{};
  std::string_view setup{};  // run after connecting
  // How a time limit is set, in seconds; the first that the server takes. Drivers that know
  // SQL_ATTR_QUERY_TIMEOUT do not all heed it.
  std::span<const std::string_view> time_limits{};
  std::string_view begin_reading{};  // a state of the database for all pieces of a table
  bool database_is_schema = false;   // `database:` names a schema; else schemas are within it
  bool pages = false;                // LIMIT and OFFSET; row values by OR of their parts
  std::string_view grant{};          // hint for who sees nothing
  // Puts what the server says in the words of the shape, where its query does not; may be null.
  void (*translate)(Shape shape, std::span<Field> row) = nullptr;
  catalog::DataType (*type)(std::string_view native) = nullptr;
  // What to read of a column, so that it comes as exact text; `brief` for a part that is enough
  // for statistics. Empty: the column itself.
  std::string (*expression)(const catalog::Column& column, const std::string& quoted,
                            bool brief) = nullptr;
};

const Dialect& mysql_dialect();
const Dialect& sqlserver_dialect();
const Dialect& generic_dialect();

const Dialect& choose_dialect(DialectChoice choice, std::string_view product);

// "numeric" of "NUMERIC(10, 2)".
std::string type_word(std::string_view native);
// The values of enum('a','b''c') and set(...); empty for other types.
std::vector<std::string> listed_values(std::string_view native);

}  // namespace mapctl::connectors::odbc
