// SPDX-License-Identifier: Apache-2.0
#include "connectors/odbc/catalog.hpp"
#include "core/base/error.hpp"
#include "tests/support/catch.hpp"

namespace mapctl::test {
namespace {

using namespace connectors::odbc;

using Fields = std::vector<Field>;

catalog::TableRef ref(const char* schema, const char* table) {
  return {catalog::SchemaName{schema}, catalog::TableName{table}};
}

Fields column(const char* table, const char* name, const char* place) {
  return {"s", table, name, place, "int", "1", std::nullopt, "", ""};
}

TEST_CASE("keys keep their order and pairs, in whatever order rows come", "[odbc]") {
  const ports::DiscoveryScope scope;
  CatalogBuilder builder{mysql_dialect(), scope};
  builder.add(Shape::tables, Fields{"s", "parent", "table", "7", "the parents"});
  builder.add(Shape::tables, Fields{"s", "child", "table", std::nullopt, ""});
  builder.add(Shape::columns, column("child", "y", "2"));
  builder.add(Shape::columns, column("parent", "a", "2"));
  builder.add(Shape::columns, column("parent", "b", "1"));
  builder.add(Shape::columns, column("child", "x", "1"));
  builder.add(Shape::columns, column("of another table", "x", "1"));
  builder.add(Shape::keys, Fields{"s", "parent", "PRIMARY", "P", "2", "a"});
  builder.add(Shape::keys, Fields{"s", "parent", "PRIMARY", "P", "1", "b"});
  // Of the second key a part is only the beginning of a column.
  builder.add(Shape::keys, Fields{"s", "child", "u", "U", "1", std::nullopt});
  builder.add(Shape::keys, Fields{"s", "child", "v", "U", "1", "y"});
  builder.add(Shape::references, Fields{"s", "child", "f", "2", "x", "s", "parent", "a"});
  builder.add(Shape::references, Fields{"s", "child", "f", "1", "y", "s", "parent", "b"});
  const auto found = builder.finish();
  const auto* parent = found.find(ref("s", "parent"));
  REQUIRE(parent != nullptr);
  CHECK(parent->row_count == 7);
  CHECK(parent->row_count_is_estimate);
  CHECK(parent->columns.front().name.text == "b");
  REQUIRE(parent->primary_key.size() == 2);
  CHECK(parent->primary_key[0].text == "b");
  const auto* child = found.find(ref("s", "child"));
  REQUIRE(child != nullptr);
  CHECK_FALSE(child->columns[0].unique);
  CHECK(child->columns[1].unique);
  REQUIRE(child->foreign_keys.size() == 1);
  CHECK(child->foreign_keys[0].columns[0].text == "y");
  CHECK(child->foreign_keys[0].referenced_columns[0].text == "b");
  CHECK(child->foreign_keys[0].referenced_columns[1].text == "a");
}

TEST_CASE("columns that came before the tables join those that are wanted", "[odbc]") {
  ports::DiscoveryScope scope;
  scope.tables = catalog::NamePattern{"a*"};
  CatalogBuilder columns{mysql_dialect(), scope};
  columns.expect_columns_first();
  columns.add(Shape::columns, column("a1", "y", "2"));
  columns.add(Shape::columns, column("b1", "x", "1"));
  columns.add(Shape::columns, column("a1", "x", "1"));
  columns.add(Shape::columns,
              Fields{"s", "a1", "z", "3", "enum('", "1", std::nullopt, "", "", "1"});
  CatalogBuilder builder{mysql_dialect(), scope};
  builder.add(Shape::tables, Fields{"s", "a1", "table", std::nullopt, ""});
  builder.add(Shape::tables, Fields{"s", "a2", "table", std::nullopt, ""});
  builder.add(Shape::keys, Fields{"s", "a1", "PRIMARY", "P", "1", "y"});
  builder.add(Shape::columns, column("a2", "x", "1"));
  builder.take_columns(std::move(columns));
  // What was cut off is known of columns that were taken too, and told once.
  CHECK(builder.forget_cut_columns() == std::vector<catalog::TableRef>{ref("s", "a1")});
  CHECK(builder.forget_cut_columns().empty());
  builder.add(Shape::columns, column("a1", "y", "2"));
  builder.add(Shape::columns, column("a1", "x", "1"));
  const auto found = builder.finish();
  CHECK(found.tables().size() == 2);
  const auto* table = found.find(ref("s", "a1"));
  REQUIRE(table != nullptr);
  REQUIRE(table->columns.size() == 2);
  CHECK(table->columns[0].name.text == "x");
  CHECK(table->columns[1].unique);
  CHECK(table->primary_key == std::vector<catalog::ColumnName>{catalog::ColumnName{"y"}});
  CHECK(found.find(ref("s", "a2"))->columns.size() == 1);
}

TEST_CASE("foreign keys told in two parts are put together", "[odbc]") {
  const ports::DiscoveryScope scope;
  CatalogBuilder builder{mysql_dialect(), scope};
  builder.add(Shape::tables, Fields{"s", "child", "table", std::nullopt, ""});
  builder.add(Shape::columns, column("child", "x", "1"));
  builder.add(Shape::split_references,
              Fields{"C", "s/f", "2", "x", "a", std::nullopt, std::nullopt});
  builder.add(Shape::split_references, Fields{"K", "s/f", "s", "child", "f", "t", "parent"});
  builder.add(Shape::split_references,
              Fields{"C", "s/f", "1", "y", "b", std::nullopt, std::nullopt});
  builder.add(Shape::split_references, Fields{"K", "s/g", "s", "not here", "g", "t", "parent"});
  const auto found = builder.finish();
  const auto* child = found.find(ref("s", "child"));
  REQUIRE(child->foreign_keys.size() == 1);
  CHECK(child->foreign_keys[0].name == "f");
  CHECK(child->foreign_keys[0].references == ref("t", "parent"));
  CHECK(child->foreign_keys[0].columns[0].text == "y");
  CHECK(child->foreign_keys[0].columns[1].text == "x");
}

TEST_CASE("tables without columns are warned of, or refused when asked for alone", "[odbc]") {
  ports::DiscoveryScope scope;
  {
    CatalogBuilder builder{mysql_dialect(), scope};
    builder.add(Shape::tables, Fields{"s", "v", "view", std::nullopt, "it fails"});
    const auto found = builder.finish();
    CHECK(found.tables().empty());
    REQUIRE(found.warnings.size() == 1);
    CHECK(found.warnings[0].message == "it fails");
  }
  scope.tables = catalog::NamePattern{"v"};
  CatalogBuilder builder{mysql_dialect(), scope};
  builder.add(Shape::tables, Fields{"s", "v", "view", std::nullopt, ""});
  CHECK_THROWS_AS(builder.finish(), Error);
}

TEST_CASE("only what the scope asks for is kept, by exact names", "[odbc]") {
  ports::DiscoveryScope scope;
  scope.tables = catalog::NamePattern{"Order_*"};
  scope.schemas = catalog::NamePattern{"sales"};
  CatalogBuilder builder{mysql_dialect(), scope};
  for (const char* schema : {"sales", "Sales"}) {
    for (const char* table : {"Order_Lines", "OrderXLines", "order_lines"}) {
      builder.add(Shape::tables, Fields{schema, table, "table", std::nullopt, ""});
    }
  }
  CHECK(builder.tables() == std::vector<catalog::TableRef>{ref("sales", "Order_Lines")});
}

}  // namespace
}  // namespace mapctl::test
