// SPDX-License-Identifier: Apache-2.0
#include "core/catalog/table.hpp"

#include "tests/support/catch.hpp"

using namespace mapctl::catalog;

namespace {

Column column_at(const char* name, int position) {
  Column made;
  made.name = ColumnName{name};
  made.position = position;
  return made;
}

}  // namespace

TEST_CASE("columns and keys are found by their exact names", "[catalog][table]") {
  Table table;
  table.columns = {column_at("order_id", 1), column_at("Line", 2), column_at("product_id", 3)};
  table.primary_key = {ColumnName{"order_id"}, ColumnName{"Line"}};
  table.foreign_keys = {{"fk_order",
                         {ColumnName{"order_id"}},
                         {SchemaName{""}, TableName{"orders"}},
                         {ColumnName{"id"}}}};
  REQUIRE(table.find(ColumnName{"Line"}) != nullptr);
  CHECK(table.find(ColumnName{"Line"})->position == 2);
  CHECK(table.find(ColumnName{"line"}) == nullptr);
  CHECK(table.in_primary_key(ColumnName{"order_id"}));
  CHECK_FALSE(table.in_primary_key(ColumnName{"product_id"}));
  REQUIRE(table.foreign_key_of(ColumnName{"order_id"}) != nullptr);
  CHECK(table.foreign_key_of(ColumnName{"order_id"})->references.table.text == "orders");
  CHECK(table.foreign_key_of(ColumnName{"product_id"}) == nullptr);
}

TEST_CASE("normalising brings everything into the documented order", "[catalog][table]") {
  Catalog catalog;
  Table orders;
  orders.name = TableName{"orders"};
  orders.columns = {column_at("b", 2), column_at("a", 3), column_at("z", 1)};
  orders.primary_key = {ColumnName{"z"}, ColumnName{"a"}};
  orders.foreign_keys = {{"k2", {ColumnName{"a"}}, {}, {}},
                         {"", {ColumnName{"z"}}, {}, {}},
                         {"", {ColumnName{"b"}}, {}, {}}};
  Table accounts;
  accounts.name = TableName{"accounts"};
  catalog.schemas = {{SchemaName{"sales"}, {orders, accounts}}, {SchemaName{"hr"}, {}}};
  catalog.warnings = {{"b", "", ""}, {"a", "", ""}};
  normalise(catalog);

  CHECK(catalog.schemas[0].name.text == "hr");
  REQUIRE(catalog.tables().size() == 2);
  CHECK(to_string(catalog.tables()[0].ref) == "sales.accounts");
  const Table* table = catalog.find({SchemaName{"sales"}, TableName{"orders"}});
  REQUIRE(table != nullptr);
  CHECK(table == catalog.tables()[1].table);
  CHECK(table->columns[0].name.text == "z");
  CHECK(table->columns[2].name.text == "a");
  CHECK(table->primary_key[0].text == "z");  // in key order, not sorted
  CHECK(table->foreign_keys[0].columns[0].text == "b");
  CHECK(table->foreign_keys[2].name == "k2");
  CHECK(catalog.warnings[0].object == "a");
}

TEST_CASE("a table is found only in its own schema", "[catalog][table]") {
  Catalog catalog;
  Table table;
  table.name = TableName{"orders"};
  catalog.schemas = {{SchemaName{"a"}, {}}, {SchemaName{"b"}, {table}}};
  CHECK(catalog.find({SchemaName{"b"}, TableName{"orders"}}) != nullptr);
  CHECK(catalog.find({SchemaName{"a"}, TableName{"orders"}}) == nullptr);
  CHECK(catalog.find({SchemaName{""}, TableName{"orders"}}) == nullptr);
}

TEST_CASE("the words of table kinds lead back to them", "[catalog][table]") {
  for (int i = 0; i <= static_cast<int>(TableKind::stream); ++i) {
    const auto kind = static_cast<TableKind>(i);
    CHECK(table_kind_from(to_string(kind)) == kind);
  }
  CHECK_FALSE(table_kind_from("sheet"));
}
