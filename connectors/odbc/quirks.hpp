// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <span>
#include <string_view>

namespace mapctl::connectors::odbc {

// How one driver is spoken to, and where what it says is not so. Everything that is special to a
// driver stands in the table in quirks.cpp.
struct Quirks {
  std::string_view driver{};                // for messages
  std::array<std::string_view, 3> names{};  // parts of its name, lower case
  // Keywords of its connection string.
  std::string_view always{};  // "CHARSET=utf8mb4;"
  std::string_view socket{};
  bool port_behind_server = false;  // Server=host,1433
  bool database_is_file = false;
  std::string_view tls_off{}, tls_require{}, tls_verify{}, tls_ca{};
  // Asks the server for the cipher of the connection: its second column, empty for plain text.
  // Empty: the driver can be relied on to refuse a server without TLS.
  std::string_view tls_cipher{};
  // Statements go as UTF-8: what the driver makes of UTF-16 loses characters beyond the first
  // plane.
  bool sql_is_utf8 = false;
  // Text comes as UTF-8 when asked for as SQL_C_CHAR; else it is asked for as UTF-16.
  bool char_is_utf8 = false;
  // Keeps the whole result of a query in memory, so that a table is read in pieces.
  bool keeps_whole_result = false;
  // Values may be longer than the column says, so that each is asked for by itself.
  bool lengths_are_hints = false;
  // SQLGetData gives the whole of a value whose bound cell was too short.
  bool completes_cells = false;
  // Numbers come right as SQL_C_SBIGINT and SQL_C_DOUBLE, and quicker than as text.
  bool gives_numbers = false;
  // Where SQLCancel changes what the cancelled call is using: what asks for a connection's number,
  // and what another connection tells the server to end what that one does. Empty: SQLCancel.
  std::string_view own_number{}, end_query{};
  // SQLTables and its like put what are schemas into the column for catalogs.
  bool catalogs_are_schemas = false;
  // Column sizes stand in TYPE_NAME already.
  bool type_names_have_sizes = false;
};

// Of the driver that a profile or the driver itself names ("MariaDB Unicode", "libmaodbc.so"); an
// entry without names for one that is not known.
const Quirks& quirks_of(std::string_view driver);
std::span<const Quirks> all_quirks() noexcept;

}  // namespace mapctl::connectors::odbc
