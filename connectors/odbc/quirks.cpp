// SPDX-License-Identifier: Apache-2.0
#include "connectors/odbc/quirks.hpp"

#include "core/base/text.hpp"

namespace mapctl::connectors::odbc {
namespace {

constexpr std::array<Quirks, 7> make_table() {
  Quirks mariadb;
  mariadb.driver = "MariaDB Connector/ODBC";
  mariadb.names = {"mariadb", "maodbc", {}};
  // Without it, text comes in the character set of the locale.
  mariadb.always = "CHARSET=utf8mb4;";
  mariadb.socket = "SOCKET";
  mariadb.tls_require = "FORCETLS=1;";
  mariadb.tls_verify = "FORCETLS=1;SSLVERIFY=1;";
  mariadb.tls_ca = "SSLCA";
  // FORCETLS goes on without TLS where the server has none.
  mariadb.tls_cipher = "SHOW SESSION STATUS LIKE 'Ssl_cipher'";
  mariadb.char_is_utf8 = true;
  mariadb.keeps_whole_result = true;
  mariadb.completes_cells = true;
  mariadb.gives_numbers = true;
  mariadb.own_number = "SELECT CONNECTION_ID()";
  mariadb.end_query = "KILL QUERY {}";
  mariadb.catalogs_are_schemas = true;

  Quirks mysql;
  mysql.driver = "MySQL Connector/ODBC";
  mysql.names = {"mysql", "myodbc", {}};
  mysql.always = "CHARSET=utf8mb4;";
  mysql.socket = "SOCKET";
  mysql.tls_off = "SSLMODE=DISABLED;";
  mysql.tls_require = "SSLMODE=REQUIRED;";
  mysql.tls_verify = "SSLMODE=VERIFY_IDENTITY;";
  mysql.tls_ca = "SSLCA";
  mysql.tls_cipher = mariadb.tls_cipher;  // old ones do not know SSLMODE
  mysql.keeps_whole_result = true;
  mysql.own_number = mariadb.own_number;
  mysql.end_query = mariadb.end_query;
  mysql.catalogs_are_schemas = true;

  Quirks postgres;
  postgres.driver = "psqlodbc";
  postgres.names = {"postgresql", "psqlodbc", {}};
  // It keeps whole results too, unless it declares a cursor for each query; numbers of booleans
  // would be strings of length 5.
  postgres.always = "UseDeclareFetch=1;Fetch=2000;BoolsAsChar=0;";
  postgres.tls_off = "SSLmode=disable;";
  postgres.tls_require = "SSLmode=require;";
  postgres.tls_verify = "SSLmode=verify-full;";
  // text and types of its own are told as varchar(255) or longvarchar(8190), and may be longer.
  postgres.lengths_are_hints = true;

  Quirks sqlite;
  sqlite.driver = "SQLite ODBC";
  sqlite.names = {"sqlite", {}, {}};
  // One row after the other instead of the whole result; and no file is made of a wrong name.
  sqlite.always = "StepAPI=1;NoCreat=1;";
  sqlite.database_is_file = true;
  sqlite.sql_is_utf8 = true;
  sqlite.char_is_utf8 = true;
  sqlite.lengths_are_hints = true;  // as SQLite itself checks none
  sqlite.type_names_have_sizes = true;

  Quirks freetds;
  freetds.driver = "FreeTDS";
  freetds.names = {"freetds", "tdsodbc", {}};
  freetds.always = "TDS_Version=7.4;ClientCharset=UTF-8;";
  freetds.tls_off = "Encryption=off;";
  freetds.tls_require = "Encryption=require;";
  // It has no word for "verify": the check is switched on by `ca file` of freetds.conf.
  freetds.char_is_utf8 = true;

  Quirks microsoft;
  microsoft.driver = "Microsoft ODBC Driver for SQL Server";
  microsoft.names = {"for sql server", "msodbcsql", "sql server"};
  microsoft.port_behind_server = true;
  microsoft.tls_off = "Encrypt=no;";
  microsoft.tls_require = "Encrypt=yes;TrustServerCertificate=yes;";
  microsoft.tls_verify = "Encrypt=yes;TrustServerCertificate=no;";
  microsoft.tls_ca = "ServerCertificate";

  Quirks other;
  other.driver = "ODBC driver";
  other.lengths_are_hints = true;  // slower, and right for every driver
  return {mariadb, mysql, postgres, sqlite, freetds, microsoft, other};
}

constexpr std::array<Quirks, 7> table = make_table();

}  // namespace

const Quirks& quirks_of(std::string_view driver) {
  const std::string name = to_lower(driver);
  for (const Quirks& quirks : table) {
    for (const std::string_view part : quirks.names) {
      if (!part.empty() && name.find(part) != std::string::npos) {
        return quirks;
      }
    }
  }
  return table.back();
}

std::span<const Quirks> all_quirks() noexcept {
  return table;
}

}  // namespace mapctl::connectors::odbc
