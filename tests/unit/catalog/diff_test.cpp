// SPDX-License-Identifier: Apache-2.0
#include "core/catalog/diff.hpp"

#include "core/catalog/profiler.hpp"
#include "tests/support/catch.hpp"

using namespace mapctl::catalog;

namespace {

Column column_of(const char* name, const char* type) {
  Column made;
  made.name = ColumnName{name};
  made.type = parse_data_type(type);
  return made;
}

Catalog one_table(std::vector<Column> columns, const char* name = "orders") {
  Table table;
  table.name = TableName{name};
  int position = 0;
  for (Column& next : columns) {
    next.position = ++position;
  }
  table.columns = std::move(columns);
  Catalog catalog;
  catalog.schemas = {{SchemaName{"s"}, {table}}};
  return catalog;
}

Table& table_of(Catalog& catalog) {
  return catalog.schemas[0].tables[0];
}

std::string text(const std::vector<Change>& changes) {
  std::string lines;
  for (const Change& change : changes) {
    lines += std::string(to_string(change.kind)) + " " + to_string(change.table) + " " +
             change.column + ": " + change.before + " -> " + change.after + "\n";
  }
  return lines;
}

ColumnStatistics statistics(const std::vector<std::string>& values) {
  ColumnProfiler profiler;
  for (const std::string& value : values) {
    profiler.add(value);
  }
  return profiler.finish();
}

}  // namespace

TEST_CASE("equal catalogs have no differences", "[catalog][diff]") {
  const Catalog catalog = one_table({column_of("id", "int"), column_of("name", "text")});
  CHECK(diff(catalog, catalog).empty());
  CHECK(diff({}, {}).empty());
}

TEST_CASE("tables that come and go are told", "[catalog][diff]") {
  const Catalog before = one_table({column_of("id", "int")}, "old");
  const Catalog after = one_table({column_of("id", "int")}, "new");
  CHECK(text(diff(before, after)) ==
        "table_added s.new :  -> s.new\ntable_removed s.old : s.old -> \n");
}

TEST_CASE("columns that come and go are told with their types", "[catalog][diff]") {
  const Catalog before = one_table({column_of("id", "int"), column_of("fax", "varchar(20)")});
  const Catalog after = one_table({column_of("id", "int"), column_of("created_at", "timestamp")});
  CHECK(text(diff(before, after)) ==
        "column_added s.orders created_at:  -> timestamp\n"
        "column_removed s.orders fax: varchar(20) -> \n");
}

TEST_CASE("changes of a column are told one by one", "[catalog][diff]") {
  const Catalog before = one_table({column_of("id", "int"), column_of("amount", "numeric(8,2)")});
  Catalog after = before;
  Column& amount = table_of(after).columns[1];
  amount.type = parse_data_type("numeric(12,2)");
  amount.nullable = false;
  amount.default_value = "0";
  amount.comment = "net";
  amount.unique = true;
  CHECK(text(diff(before, after)) ==
        "type_changed s.orders amount: numeric(8,2) -> numeric(12,2)\n"
        "nullability_changed s.orders amount: nullable -> not null\n"
        "default_changed s.orders amount:  -> 0\n"
        "comment_changed s.orders amount:  -> net\n"
        "key_changed s.orders amount: not unique -> unique\n");
}

TEST_CASE("allowed values belong to the type", "[catalog][diff]") {
  Catalog before = one_table({column_of("status", "enum")});
  table_of(before).columns[0].allowed_values = {"open"};
  Catalog after = before;
  table_of(after).columns[0].allowed_values.push_back("won");
  CHECK(text(diff(before, after)) ==
        "type_changed s.orders status: enum {open} -> enum {open, won}\n");
}

TEST_CASE("keys are compared in key order and foreign keys by what they join", "[catalog][diff]") {
  Catalog before = one_table({column_of("a", "int"), column_of("b", "int")});
  table_of(before).primary_key = {ColumnName{"a"}, ColumnName{"b"}};
  table_of(before).foreign_keys = {
      {"fk_1", {ColumnName{"a"}}, {SchemaName{"s"}, TableName{"x"}}, {ColumnName{"id"}}}};
  Catalog after = before;
  table_of(after).foreign_keys[0].name = "fk_generated_2";
  CHECK(diff(before, after).empty());
  table_of(after).primary_key = {ColumnName{"b"}, ColumnName{"a"}};
  table_of(after).foreign_keys[0].references.table.text = "y";
  CHECK(text(diff(before, after)) ==
        "key_changed s.orders :  -> (a) references s.y (id)\n"
        "key_changed s.orders : (a) references s.x (id) -> \n"
        "key_changed s.orders : primary key (a, b) -> primary key (b, a)\n");
}

TEST_CASE("a renamed column is recognised from type, place and name", "[catalog][diff]") {
  const Catalog before = one_table({column_of("id", "int"), column_of("cust_name", "varchar(80)"),
                                    column_of("city", "varchar(40)")});
  const Catalog after =
      one_table({column_of("id", "int"), column_of("customer_name", "varchar(80)"),
                 column_of("city", "varchar(40)")});
  const auto changes = diff(before, after);
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].kind == ChangeKind::column_renamed);
  CHECK(changes[0].column == "customer_name");
  CHECK(changes[0].before == "cust_name");
  CHECK(changes[0].after == "customer_name");
  CHECK(changes[0].likelihood > 0.75);
  CHECK(changes[0].likelihood <= 1);
}

TEST_CASE("values tell a rename that the names hide", "[catalog][diff]") {
  Column before_column = column_of("f17", "text");
  before_column.statistics = statistics({"Berlin", "Paris", "Rome"});
  Column city = column_of("city", "text");
  city.statistics = statistics({"Berlin", "Paris", "Rome", "Oslo"});
  Column colour = column_of("colour", "text");
  colour.statistics = statistics({"red", "green", "blue"});
  const Catalog before = one_table({column_of("id", "int"), before_column});
  const Catalog after = one_table({column_of("id", "int"), colour, city});
  const auto changes = diff(before, after);
  REQUIRE(changes.size() == 2);
  CHECK(changes[0].kind == ChangeKind::column_added);
  CHECK(changes[0].column == "colour");
  CHECK(changes[1].kind == ChangeKind::column_renamed);
  CHECK(changes[1].column == "city");

  // The same column without any common value is another column.
  Column other = before_column;
  other.statistics = statistics({"x", "y", "z"});
  const auto replaced =
      diff(one_table({column_of("id", "int"), other}), one_table({column_of("id", "int"), city}));
  CHECK(text(replaced) ==
        "column_added s.orders city:  -> text\ncolumn_removed s.orders f17: text -> \n");
}

TEST_CASE("between two equally good names no rename is proposed", "[catalog][diff]") {
  const Catalog before = one_table({column_of("note", "text")});
  Catalog after = one_table({column_of("note1", "text"), column_of("note2", "text")});
  for (Column& added : table_of(after).columns) {
    added.position = 1;
  }
  for (const Change& change : diff(before, after)) {
    CHECK(change.kind != ChangeKind::column_renamed);
  }
}

TEST_CASE("types that cannot be the same column are no rename", "[catalog][diff]") {
  const Catalog before = one_table({column_of("id", "int"), column_of("active", "boolean")});
  const Catalog after = one_table({column_of("id", "int"), column_of("active_at", "timestamp")});
  CHECK(text(diff(before, after)) ==
        "column_added s.orders active_at:  -> timestamp\n"
        "column_removed s.orders active: boolean -> \n");
}

TEST_CASE("a rename does not count as a change of the keys it stands in", "[catalog][diff]") {
  Catalog before = one_table({column_of("order_nr", "int"), column_of("x", "text")});
  table_of(before).primary_key = {ColumnName{"order_nr"}};
  table_of(before).foreign_keys = {{"",
                                    {ColumnName{"order_nr"}},
                                    {SchemaName{"s"}, TableName{"orders"}},
                                    {ColumnName{"order_nr"}}}};
  Catalog after = before;
  table_of(after).columns[0].name.text = "order_number";
  table_of(after).columns[0].type = parse_data_type("bigint");
  table_of(after).primary_key = {ColumnName{"order_number"}};
  table_of(after).foreign_keys[0].columns = {ColumnName{"order_number"}};
  table_of(after).foreign_keys[0].referenced_columns = {ColumnName{"order_number"}};
  CHECK(text(diff(before, after)) ==
        "column_renamed s.orders order_number: order_nr -> order_number\n"
        "type_changed s.orders order_number: int -> bigint\n");
}

TEST_CASE("the words of changes are all different", "[catalog][diff]") {
  for (int i = 0; i <= static_cast<int>(ChangeKind::key_changed); ++i) {
    CHECK_FALSE(to_string(static_cast<ChangeKind>(i)).empty());
    for (int j = 0; j < i; ++j) {
      CHECK(to_string(static_cast<ChangeKind>(i)) != to_string(static_cast<ChangeKind>(j)));
    }
  }
}
