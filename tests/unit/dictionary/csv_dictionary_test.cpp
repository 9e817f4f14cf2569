// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/dictionary/written.hpp"

namespace mapctl::test {
namespace {

using catalog::LogicalType;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("a data dictionary gives tables, types, keys and references", "[dictionary]") {
  Written written;
  written.add("d.csv",
              "table,column,type,description,nullable,key,references,length,default,values,unit\n"
              "orders,id,bigint,Number of the order,no,pk,,,,,\n"
              "orders,customer,int,\"Who bought, and pays\",no,,crm.customers.id,,,,\n"
              "orders,state,varchar,,yes,,,12,new,new|paid|sent,\n"
              "orders,weight,\"decimal(8,3)\",,,,,,,,kg\n"
              "orders,currency,char(3),,no,,,,EUR,iso4217,\n");
  const auto found = written.read("d.csv");
  const auto& table = only_table(found);
  REQUIRE(table.columns.size() == 5);
  CHECK(table.primary_key == std::vector<catalog::ColumnName>{catalog::ColumnName{"id"}});
  CHECK(table.columns[0].unique);
  CHECK(table.columns[0].required);
  CHECK(table.columns[0].comment == "Number of the order");
  REQUIRE(table.foreign_keys.size() == 1);
  CHECK(catalog::to_string(table.foreign_keys[0].references) == "crm.customers");
  CHECK(table.foreign_keys[0].referenced_columns[0].text == "id");
  CHECK(table.columns[1].comment == "Who bought, and pays");
  CHECK(table.columns[2].type.length == 12);
  CHECK(table.columns[2].default_value == "new");
  CHECK(table.columns[2].allowed_values == std::vector<std::string>{"new", "paid", "sent"});
  CHECK(table.columns[2].nullable);
  CHECK(table.columns[3].type.precision == 8);
  CHECK(table.columns[3].type.scale == 3);
  CHECK(table.columns[3].unit == "kg");
  CHECK(table.columns[4].code_list == "iso4217");
  // Not nullable, but there is a default.
  CHECK_FALSE(table.columns[4].nullable);
  CHECK_FALSE(table.columns[4].required);
  CHECK_FALSE(table.row_count.has_value());
}

TEST_CASE("the header of a dictionary may be in any order, case, delimiter and behind a mark",
          "[dictionary]") {
  Written written;
  written.add("a.csv", "\xEF\xBB\xBFType;COLUMN;Table\nint;id;t\n");
  written.add("b.tsv", "column_name\ttable_name\tdata type\nid\tt\tint\n");
  for (const char* file : {"a.csv", "b.tsv"}) {
    const auto found = written.read(file);
    const auto& table = only_table(found);
    CHECK(table.name.text == "t");
    CHECK(table.columns.at(0).name.text == "id");
    CHECK(table.columns.at(0).type.logical == LogicalType::integer);
  }
  CHECK(only_table(written.read("a.csv", {{"delimiter", ";"}})).columns.size() == 1);
}

TEST_CASE("tables of a dictionary may lie in schemas and be mixed line by line", "[dictionary]") {
  Written written;
  written.add("d.csv", "schema,table,column\nsales,b,x\nhr,a,y\nsales,b,z\nsales,a,x\n");
  const auto found = written.read("d.csv");
  std::string names;
  for (const auto& entry : found.tables()) {
    names += catalog::to_string(entry.ref) + " ";
  }
  CHECK(names == "hr.a sales.a sales.b ");
  ports::DiscoveryScope scope;
  scope.tables = catalog::NamePattern{"sales.*"};
  CHECK(written.read("d.csv", {}, scope).tables().size() == 2);
}

TEST_CASE("what is wrong with a dictionary is told with file and line", "[dictionary]") {
  struct Case {
    const char* text;
    const char* message;
    const char* hint;
  };
  const Case cases[] = {
      {"table,colum,type\n", "line 1: unknown heading 'colum'", "column"},
      {"table,type\nt,int\n", "line 1: heading 'column' is missing", "table,column,type"},
      {"table,column,table\n", "line 1: heading 'table' says the same", "keep one"},
      {"table,column\nt,a\n\nt,a\n", "line 4: column 'a' of table 't' is there twice", "keep one"},
      {"table,column\nt,\n", "line 2: 'column' is empty", "names both"},
      {"table,column,nullable\nt,a,perhaps\n", "line 2: 'nullable' cannot be 'perhaps'", "yes"},
      {"table,column,length\nt,a,-1\n", "line 2: 'length' cannot be '-1'", "number"},
      {"table,column,references\nt,a,b\n", "line 2: 'references' cannot be 'b'", "table.column"},
      {"table,column\nt,a,b\n", "line 2: has 3 fields where the header has 2", "quotes"},
      {"table,column\nt,\"a\n", "line 2: a quote is never closed", "close"},
      {"table,column\nt,gr\xF6\xDF"
       "e\n",
       "line 2: not UTF-8 text", "UTF-8"},
      {"", "is empty", "table,column,type,description"},
  };
  for (const auto& wrong : cases) {
    Written written;
    written.add("d.csv", wrong.text);
    const auto error = written.failure("d.csv");
    INFO(wrong.text);
    CHECK(error.code() == ErrorCode::invalid_data);
    CHECK_THAT(error.what(), ContainsSubstring("d.csv'"));
    CHECK_THAT(error.what(), ContainsSubstring(wrong.message));
    CHECK_THAT(error.facts().hint, ContainsSubstring(wrong.hint));
  }
}

TEST_CASE("a dictionary has no rows and says so", "[dictionary]") {
  Written written;
  written.add("d.csv", "table,column\nt,a\n");
  ports::ConnectorOptions options;
  options.options["path"] = written.path("d.csv");
  auto connector = connectors::dictionary::factory().open(options, {});
  CHECK_THROWS_WITH(connector->open_reader({{}, catalog::TableName{"t"}}, {}),
                    ContainsSubstring("'t' has no rows"));
}

}  // namespace
}  // namespace mapctl::test
