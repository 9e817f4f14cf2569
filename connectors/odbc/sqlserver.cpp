// SPDX-License-Identifier: Apache-2.0
#include "connectors/odbc/dialect.hpp"

#include <fmt/format.h>

#include <array>

// SQL Server and what speaks like it, by its sys views of the current database.
namespace mapctl::connectors::odbc {
namespace {

constexpr std::array tables{
    CatalogQuery{Shape::tables,
                 "SELECT s.name, o.name, CASE o.type WHEN 'V' THEN 'view' ELSE 'table' END, "
                 "(SELECT SUM(p.rows) FROM sys.partitions p WHERE p.object_id = o.object_id "
                 "AND p.index_id IN (0, 1)), CAST(e.value AS nvarchar(3000)) "
                 "FROM sys.objects o JOIN sys.schemas s ON s.schema_id = o.schema_id "
                 "LEFT JOIN sys.extended_properties e ON e.class = 1 AND e.major_id = o.object_id "
                 "AND e.minor_id = 0 AND e.name = 'MS_Description' "
                 "WHERE o.type IN ('U', 'V') AND o.is_ms_shipped = 0{} ORDER BY s.name, o.name",
                 "s.name", "o.name"}};

// Alias types are told by the type behind them, which system_type_id names.
constexpr std::array columns{CatalogQuery{
    Shape::columns,
    "SELECT s.name, o.name, c.name, c.column_id, "
    "CASE WHEN t.name IN ('varchar', 'char', 'varbinary', 'binary') THEN t.name + '(' + "
    "CASE c.max_length WHEN -1 THEN 'max' ELSE CAST(c.max_length AS varchar(10)) END + ')' "
    "WHEN t.name IN ('nvarchar', 'nchar') THEN t.name + '(' + "
    "CASE c.max_length WHEN -1 THEN 'max' ELSE CAST(c.max_length / 2 AS varchar(10)) END + ')' "
    "WHEN t.name IN ('decimal', 'numeric') THEN t.name + '(' + CAST(c.precision AS varchar(10)) + "
    "',' + CAST(c.scale AS varchar(10)) + ')' "
    "WHEN t.name IN ('datetime2', 'datetimeoffset', 'time') THEN t.name + '(' + "
    "CAST(c.scale AS varchar(10)) + ')' ELSE t.name END, "
    "CASE WHEN c.is_nullable = 1 THEN 1 ELSE 0 END, CAST(d.definition AS nvarchar(3000)), "
    "CAST(e.value AS nvarchar(3000)), "
    "CASE WHEN c.is_computed = 1 THEN 'generated' WHEN c.is_identity = 1 THEN 'identity' "
    "ELSE '' END "
    "FROM sys.columns c JOIN sys.objects o ON o.object_id = c.object_id "
    "JOIN sys.schemas s ON s.schema_id = o.schema_id "
    "LEFT JOIN sys.types b ON b.user_type_id = c.user_type_id "
    "LEFT JOIN sys.types t ON t.user_type_id = CASE WHEN b.is_user_defined = 1 "
    "AND b.is_assembly_type = 0 THEN c.system_type_id ELSE c.user_type_id END "
    "LEFT JOIN sys.default_constraints d ON d.object_id = c.default_object_id "
    "LEFT JOIN sys.extended_properties e ON e.class = 1 AND e.major_id = c.object_id "
    "AND e.minor_id = c.column_id AND e.name = 'MS_Description' "
    "WHERE o.type IN ('U', 'V') AND o.is_ms_shipped = 0{} ORDER BY s.name, o.name, c.column_id",
    "s.name", "o.name"}};

constexpr std::array keys{CatalogQuery{
    Shape::keys,
    "SELECT s.name, o.name, i.name, CASE WHEN i.is_primary_key = 1 THEN 'P' ELSE 'U' END, "
    "x.key_ordinal, c.name FROM sys.indexes i "
    "JOIN sys.index_columns x ON x.object_id = i.object_id AND x.index_id = i.index_id "
    "JOIN sys.columns c ON c.object_id = x.object_id AND c.column_id = x.column_id "
    "JOIN sys.objects o ON o.object_id = i.object_id JOIN sys.schemas s ON s.schema_id = "
    "o.schema_id WHERE o.type = 'U' AND o.is_ms_shipped = 0 AND i.is_unique = 1 "
    "AND i.has_filter = 0 AND x.key_ordinal > 0{} ORDER BY s.name, o.name, i.name, x.key_ordinal",
    "s.name", "o.name"}};

constexpr std::array references{CatalogQuery{
    Shape::references,
    "SELECT s.name, o.name, f.name, x.constraint_column_id, c.name, rs.name, ro.name, rc.name "
    "FROM sys.foreign_keys f "
    "JOIN sys.foreign_key_columns x ON x.constraint_object_id = f.object_id "
    "JOIN sys.objects o ON o.object_id = x.parent_object_id "
    "JOIN sys.schemas s ON s.schema_id = o.schema_id "
    "JOIN sys.columns c ON c.object_id = x.parent_object_id AND c.column_id = x.parent_column_id "
    "JOIN sys.objects ro ON ro.object_id = x.referenced_object_id "
    "JOIN sys.schemas rs ON rs.schema_id = ro.schema_id "
    "JOIN sys.columns rc ON rc.object_id = x.referenced_object_id "
    "AND rc.column_id = x.referenced_column_id WHERE o.is_ms_shipped = 0{} "
    "ORDER BY s.name, o.name, f.name, x.constraint_column_id",
    "s.name", "o.name"}};

catalog::DataType sqlserver_type(std::string_view native) {
  catalog::DataType type = catalog::parse_data_type(native);
  const std::string word = type_word(native);
  if (word == "timestamp" || word == "rowversion") {
    // A number of the row's version; a time only by name.
    type = {};
    type.native = native;
    type.logical = catalog::LogicalType::binary;
    type.length = 8;
    type.length_in_bytes = true;
  } else if (word == "varchar" || word == "char") {
    type.length_in_bytes = true;
  } else if (word == "tinyint") {
    type.is_unsigned = true;
  } else if (word == "sysname") {
    type.logical = catalog::LogicalType::string;
    type.length = 128;
  } else if (word == "sql_variant" || word == "hierarchyid" || word == "geography" ||
             word == "geometry" || word == "xml") {
    type.logical = catalog::LogicalType::string;
  }
  return type;
}

std::string sqlserver_expression(const catalog::Column& column, const std::string& quoted,
                                 bool brief) {
  const std::string word = type_word(column.type.native);
  if (word == "hierarchyid" || word == "geography" || word == "geometry") {
    return fmt::format("{}.ToString()", quoted);
  }
  if (word == "sql_variant") {
    return fmt::format("CONVERT(nvarchar(4000), {})", quoted);
  }
  if (word == "datetimeoffset") {
    // Drivers know no type for it, and give it as they like.
    return fmt::format("CONVERT(nvarchar(40), {}, 121)", quoted);
  }
  if (word == "xml") {
    return fmt::format("CONVERT(nvarchar({}), {})", brief ? "4000" : "max", quoted);
  }
  if (brief && (word == "text" || word == "ntext" || column.type.native.ends_with("char(max)"))) {
    return fmt::format("SUBSTRING({}, 1, 4000)", quoted);
  }
  if (brief && (word == "image" || word == "varbinary")) {
    return fmt::format("SUBSTRING({}, 1, 64)", quoted);
  }
  return {};
}

}  // namespace

const Dialect& sqlserver_dialect() {
  static const Dialect dialect = [] {
    Dialect made;
    made.name = "sqlserver";
    made.product = "microsoft sql server";
    made.open_quote = '[';
    made.close_quote = ']';
    made.tables = tables;
    made.columns = columns;
    made.keys = keys;
    made.references = references;
    made.grant = "GRANT SELECT ON SCHEMA::name TO the user, and VIEW DEFINITION for keys";
    made.type = &sqlserver_type;
    made.expression = &sqlserver_expression;
    return made;
  }();
  return dialect;
}

}  // namespace mapctl::connectors::odbc
