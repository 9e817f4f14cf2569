// SPDX-License-Identifier: Apache-2.0
#include "connectors/odbc/dialect.hpp"

#include "connectors/odbc/catalog.hpp"
#include "connectors/odbc/scan.hpp"
#include "tests/support/catch.hpp"

#include <sql.h>
#include <sqlext.h>

namespace mapctl::test {
namespace {

using namespace connectors::odbc;
using catalog::LogicalType;

TEST_CASE("a dialect is chosen by what the server says, unless the profile does", "[odbc]") {
  const auto chosen = [](DialectChoice choice, std::string_view product) {
    return choose_dialect(choice, product).name;
  };
  CHECK(chosen(DialectChoice::automatic, "MariaDB") == "mysql");
  CHECK(chosen(DialectChoice::automatic, "MySQL") == "mysql");
  CHECK(chosen(DialectChoice::automatic, "Microsoft SQL Server") == "sqlserver");
  CHECK(chosen(DialectChoice::automatic, "PostgreSQL") == "generic");
  CHECK(chosen(DialectChoice::automatic, "") == "generic");
  CHECK(chosen(DialectChoice::generic, "MySQL") == "generic");
  CHECK(chosen(DialectChoice::sqlserver, "Babelfish") == "sqlserver");
}

TEST_CASE("values of enum and set are read from the type", "[odbc]") {
  CHECK(listed_values("enum('a','b''c','x,y')") == std::vector<std::string>{"a", "b'c", "x,y"});
  CHECK(listed_values("set('p')") == std::vector<std::string>{"p"});
  CHECK(listed_values("enum('')") == std::vector<std::string>{""});
  CHECK(listed_values("enum('back\\\\slash')") == std::vector<std::string>{"back\\slash"});
  CHECK(listed_values("varchar(3)").empty());
  CHECK(listed_values("enum('never closed") == std::vector<std::string>{"never closed"});
}

// No SQL Server runs here, so its queries are not run: the types are those that a server of its
// kind told of its own columns through FreeTDS.
TEST_CASE("types of SQL Server mean what they hold, not what they are called", "[odbc]") {
  const auto type = [](std::string_view native) { return sqlserver_dialect().type(native); };
  CHECK(type("nvarchar(50)").logical == LogicalType::string);
  CHECK(type("nvarchar(50)").length == 50);
  CHECK_FALSE(type("nvarchar(50)").length_in_bytes);
  CHECK(type("varchar(100)").length_in_bytes);
  CHECK_FALSE(type("nvarchar(max)").length.has_value());
  CHECK(type("money").logical == LogicalType::decimal);
  CHECK(type("money").scale == 4);
  CHECK(type("decimal(38,10)").precision == 38);
  CHECK(type("datetime2(6)").logical == LogicalType::timestamp);
  CHECK_FALSE(type("datetime2(6)").time_zone);
  CHECK(type("datetime").logical == LogicalType::timestamp);
  CHECK(type("datetimeoffset(6)").time_zone);
  CHECK(type("bit").logical == LogicalType::boolean);
  CHECK(type("uniqueidentifier").logical == LogicalType::uuid);
  CHECK(type("varbinary(16)").logical == LogicalType::binary);
  // Not a time at all.
  CHECK(type("timestamp").logical == LogicalType::binary);
  CHECK(type("tinyint").is_unsigned);
  CHECK(type("sysname").length == 128);
  CHECK(type("xml").logical == LogicalType::string);
}

TEST_CASE("columns are read in forms that lose nothing", "[odbc]") {
  const auto read = [](const Dialect& dialect, const char* native, bool brief) {
    catalog::Column column;
    column.type = dialect.type(native);
    return dialect.expression(column, "q", brief);
  };
  CHECK(read(mysql_dialect(), "bit(12)", false) == "CAST(q AS UNSIGNED)");
  CHECK(read(mysql_dialect(), "point", false) == "ST_AsText(q)");
  CHECK(read(mysql_dialect(), "longblob", false).empty());
  CHECK(read(mysql_dialect(), "longblob", true) == "LEFT(q, 64)");
  CHECK(read(mysql_dialect(), "int(11)", true).empty());
  CHECK(read(sqlserver_dialect(), "datetimeoffset(7)", false) == "CONVERT(nvarchar(40), q, 121)");
  CHECK(read(sqlserver_dialect(), "hierarchyid", false) == "q.ToString()");
  CHECK(read(sqlserver_dialect(), "int", false).empty());
}

TEST_CASE("identifiers are quoted in the dialect's way", "[odbc]") {
  CHECK(quote_identifier(mysql_dialect(), "a`b\"c") == "`a``b\"c`");
  CHECK(quote_identifier(sqlserver_dialect(), "a]b[c") == "[a]]b[c]");
  CHECK(quote_identifier(generic_dialect(), "a\"b") == "\"a\"\"b\"");
  CHECK_THROWS_AS(quote_identifier(mysql_dialect(), std::string_view{"a\0b", 3}), Error);
  CHECK(quote_table(sqlserver_dialect(), {catalog::SchemaName{"dbo"}, catalog::TableName{"t.x"}}) ==
        "[dbo].[t.x]");
}

TEST_CASE("the standard's numbers complete what a type's name leaves out", "[odbc]") {
  CHECK(standard_type("varchar", SQL_VARCHAR, 80, std::nullopt).native == "varchar(80)");
  CHECK(standard_type("varchar", SQL_VARCHAR, 80, std::nullopt).length == 80);
  CHECK(standard_type("DECIMAL", SQL_DECIMAL, 10, 2).scale == 2);
  CHECK(standard_type("VARCHAR(80)", SQL_VARCHAR, 80, std::nullopt).native == "VARCHAR(80)");
  CHECK(standard_type("bigint unsigned", SQL_BIGINT, 20, 0).is_unsigned);
  CHECK(standard_type("my_own", SQL_TYPE_DATE, 10, std::nullopt).logical == LogicalType::date);
  CHECK(standard_type("my_own", SQL_BIGINT, 19, 0).bits == 64);
  CHECK(standard_type("my_own", 9999, 19, 0).logical == LogicalType::unknown);
}

}  // namespace
}  // namespace mapctl::test
