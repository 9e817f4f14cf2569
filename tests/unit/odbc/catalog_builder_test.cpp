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

TEST_CASE("simple keys are taken from the columns, and the tables named where that is not enough",
          "[odbc]") {
  const ports::DiscoveryScope scope;
  CatalogBuilder builder{mysql_dialect(), scope};
  const auto add = [&](const char* table, const char* name, const char* type, const char* word) {
    builder.add(Shape::columns,
                Fields{"s", table, name, "1", type, "1", std::nullopt, "", "", word});
  };
  for (const char* table : {"simple", "paired", "prefixed", "keyless"}) {
    builder.add(Shape::tables, Fields{"s", table, "table", std::nullopt, ""});
  }
  add("simple", "id", "int", "PRI");
  add("simple", "number", "bigint", "UNI");
  add("simple", "other", "int", "MUL");
  add("paired", "a", "int", "PRI");
  add("paired", "b", "int", "PRI");
  add("prefixed", "id", "int", "PRI");
  // Perhaps only the first few characters of it.
  add("prefixed", "code", "varchar(200)", "UNI");
  add("keyless", "x", "int", "");
  const std::vector<catalog::TableRef> unclear = builder.unclear_keys();
  CHECK(unclear == std::vector<catalog::TableRef>{ref("s", "paired"), ref("s", "prefixed")});
  builder.forget_keys(unclear);
  builder.add(Shape::keys, Fields{"s", "paired", "PRIMARY", "P", "2", "a"});
  builder.add(Shape::keys, Fields{"s", "paired", "PRIMARY", "P", "1", "b"});
  const auto found = builder.finish();
  const auto column_of = [&](const char* table, const char* name) {
    return *found.find(ref("s", table))->find(catalog::ColumnName{name});
  };
  CHECK(found.find(ref("s", "simple"))->primary_key ==
        std::vector<catalog::ColumnName>{catalog::ColumnName{"id"}});
  CHECK(column_of("simple", "id").unique);
  CHECK(column_of("simple", "number").unique);
  CHECK_FALSE(column_of("simple", "other").unique);
  CHECK(found.find(ref("s", "paired"))->primary_key ==
        std::vector<catalog::ColumnName>{catalog::ColumnName{"b"}, catalog::ColumnName{"a"}});
  CHECK_FALSE(column_of("paired", "a").unique);
  CHECK_FALSE(column_of("prefixed", "code").unique);
  CHECK(found.find(ref("s", "keyless"))->primary_key.empty());
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
