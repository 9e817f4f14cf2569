// SPDX-License-Identifier: Apache-2.0
#include "core/catalog/snapshot.hpp"

#include "core/base/error.hpp"
#include "core/catalog/profiler.hpp"
#include "tests/support/catch.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <functional>

using namespace mapctl::catalog;
using mapctl::Error;
using mapctl::Json;

namespace {

Catalog shop() {
  Column id;
  id.name = ColumnName{"order_id"};
  id.position = 1;
  id.type = parse_data_type("BIGINT UNSIGNED");
  id.nullable = false;
  id.required = true;
  id.unique = true;
  Column amount;
  amount.name = ColumnName{"net \"amount\""};
  amount.position = 2;
  amount.type = parse_data_type("numeric(10,2)");
  amount.default_value = "0";
  amount.comment = "Betrag in €";
  amount.allowed_values = {"b", "a"};
  amount.code_list = "iso4217";
  amount.unit = "%";
  amount.minimum = 0.1;
  amount.maximum = 100;
  amount.personal = PersonalData{"pay", "because", 0.6};
  ColumnProfiler profiler;
  for (const char* value : {"1.5", "2", "7.25", "2"}) {
    profiler.add(value);
  }
  profiler.add_null();
  amount.statistics = profiler.finish();
  amount.statistics->presence = 0.75;
  amount.statistics->sampled = true;
  Column tags;
  tags.name = ColumnName{"tags"};
  tags.position = 3;
  tags.type = parse_data_type("text[]");
  tags.generated = true;

  Table orders;
  orders.name = TableName{"orders"};
  orders.kind = TableKind::view;
  orders.row_count = 5;
  orders.row_count_is_estimate = true;
  orders.comment = "all orders";
  orders.domain = "commerce";
  orders.version = "1.0.0";
  orders.columns = {id, amount, tags};
  orders.primary_key = {id.name};
  orders.foreign_keys = {{"fk",
                          {ColumnName{"order_id"}, ColumnName{"tags"}},
                          {SchemaName{"s"}, TableName{"lines"}},
                          {ColumnName{"b"}, ColumnName{"a"}}}};
  orders.properties = {{"distribution", "key (tags)"}, {"sort_key", "order_id, tags"}};
  Table lines;
  lines.name = TableName{"lines"};
  Catalog catalog;
  catalog.system = "postgres";
  catalog.names_ignore_case = true;
  catalog.taken_at = mapctl::TimePoint{std::chrono::milliseconds{1'767'225'600'123}};
  catalog.schemas = {{SchemaName{"s"}, {lines, orders}}};
  catalog.warnings = {{"table 'x'", "cannot be read", "grant SELECT"}};
  return catalog;
}

}  // namespace

TEST_CASE("a snapshot document reads back as the same catalog", "[catalog][snapshot]") {
  const Catalog before = shop();
  const Json document = to_json(before, "crm", Disclosure::everything);
  const Catalog after = catalog_from_json(mapctl::parse_json(mapctl::to_document(document), "x"));
  CHECK(after.schemas == before.schemas);
  CHECK(after.warnings == before.warnings);
  CHECK(after.system == before.system);
  CHECK(after.names_ignore_case);
  CHECK(after.taken_at == before.taken_at);
  CHECK(to_json(after, "crm", Disclosure::everything) == document);
}

TEST_CASE("a document that may be shared tells no figures that lead back to people",
          "[catalog][snapshot]") {
  Catalog catalog = shop();
  Column& amount = catalog.schemas[0].tables[1].columns[1];
  REQUIRE(amount.personal);
  const auto statistics_in = [&](const Json& document) {
    return document.at("schemas").at(0).at("tables").at(1).at("columns").at(1).at("statistics");
  };
  const Json shared = statistics_in(to_json(catalog, "crm"));
  const Json kept = statistics_in(to_json(catalog, "crm", Disclosure::everything));
  for (const char* figure : {"mean", "deviation", "quantiles", "sketch"}) {
    INFO(figure);
    CHECK_FALSE(shared.contains(figure));
    CHECK(kept.contains(figure));
  }
  CHECK(shared.at("distinct") == kept.at("distinct"));
  CHECK(kept.contains("first_rows"));
  amount.personal.reset();
  Json plain = statistics_in(to_json(catalog, "crm"));
  CHECK_FALSE(plain.contains("first_rows"));  // rows are nobody else's business, personal or not
  plain["first_rows"] = kept.at("first_rows");
  CHECK(plain.size() == kept.size());
}

TEST_CASE("a snapshot document has the keys of the contract", "[catalog][snapshot]") {
  const Json document = to_json(shop(), "crm");
  CHECK(document.at("schema") == "mapctl.catalog/1");
  CHECK(document.at("profile") == "crm");
  CHECK(document.at("fingerprint") == fingerprint(shop()));
  CHECK(document.at("taken_at") == "2026-01-01T00:00:00.123Z");
  const Json& table = document.at("schemas").at(0).at("tables").at(1);
  for (const char* key :
       {"name", "kind", "row_count", "comment", "columns", "primary_key", "foreign_keys"}) {
    CHECK(table.contains(key));
  }
  CHECK(document.at("schemas").at(0).at("tables").at(0).at("row_count").is_null());
  const Json& column = table.at("columns").at(1);
  for (const char* key : {"name", "position", "native_type", "type", "nullable", "default",
                          "comment", "statistics"}) {
    CHECK(column.contains(key));
  }
  CHECK(column.at("native_type") == "numeric(10,2)");
  CHECK(column.at("type") == "decimal");
  CHECK(table.at("columns").at(0).at("statistics").is_null());
  const Json& references = table.at("foreign_keys").at(0).at("references");
  CHECK(references.at("schema") == "s");
  CHECK(references.at("table") == "lines");
  CHECK(references.at("columns") == Json::array({"b", "a"}));
}

TEST_CASE("hashes in a snapshot keep all their bits", "[catalog][snapshot]") {
  ColumnStatistics statistics;
  statistics.sketch = {1, 0xFFFF'FFFF'FFFF'FFFFULL};
  CHECK(to_json(statistics).at("sketch") == "0000000000000001ffffffffffffffff");
}

TEST_CASE("every part of the structure is in the fingerprint", "[catalog][snapshot]") {
  const std::string before = fingerprint(shop());
  CHECK(before.size() == 64);
  CHECK(before == fingerprint(shop()));
  const std::vector<std::function<void(Catalog&)>> changes{
      [](Catalog& c) { c.schemas[0].name.text = "t"; },
      [](Catalog& c) { c.schemas[0].tables[1].name.text = "Orders"; },
      [](Catalog& c) { c.schemas[0].tables[1].comment = ""; },
      [](Catalog& c) { c.schemas[0].tables[1].kind = TableKind::table; },
      [](Catalog& c) { c.schemas[0].tables[1].version = "1.0.1"; },
      [](Catalog& c) { c.schemas[0].tables.pop_back(); },
      [](Catalog& c) { c.schemas[0].tables[1].primary_key.clear(); },
      [](Catalog& c) { c.schemas[0].tables[1].foreign_keys[0].referenced_columns.pop_back(); },
      [](Catalog& c) { c.schemas[0].tables[1].foreign_keys[0].references.table.text = "x"; },
      [](Catalog& c) { c.schemas[0].tables[1].columns[0].name.text = "id"; },
      [](Catalog& c) { c.schemas[0].tables[1].columns[0].type.native = "bigint"; },
      [](Catalog& c) { c.schemas[0].tables[1].columns[0].type.bits = 32; },
      [](Catalog& c) { c.schemas[0].tables[1].columns[0].nullable = true; },
      [](Catalog& c) { c.schemas[0].tables[1].columns[0].unique = false; },
      [](Catalog& c) { c.schemas[0].tables[1].columns[0].default_value = ""; },
      [](Catalog& c) { c.schemas[0].tables[1].columns[1].default_value.reset(); },
      [](Catalog& c) { c.schemas[0].tables[1].columns[1].comment = "x"; },
      [](Catalog& c) {
        c.schemas[0].tables[1].columns[1].allowed_values = {"a", "b"};
      },
      [](Catalog& c) { c.schemas[0].tables[1].columns[1].type.scale = 3; },
      [](Catalog& c) {
        std::swap(c.schemas[0].tables[1].columns[0].position,
                  c.schemas[0].tables[1].columns[1].position);
      },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    Catalog changed = shop();
    changes[i](changed);
    INFO("change " << i);
    CHECK(fingerprint(changed) != before);
  }
}

TEST_CASE("rows, statistics, time and the order of discovery are not in the fingerprint",
          "[catalog][snapshot]") {
  Catalog other = shop();
  other.taken_at += std::chrono::hours{1};
  other.schemas[0].tables[1].row_count = 99;
  other.schemas[0].tables[1].properties.clear();
  other.schemas[0].tables[1].columns[1].statistics.reset();
  other.schemas[0].tables[1].columns[1].personal.reset();
  other.warnings.clear();
  std::reverse(other.schemas[0].tables.begin(), other.schemas[0].tables.end());
  CHECK(fingerprint(other) == fingerprint(shop()));
}

TEST_CASE("a fingerprint written down once stays the same", "[catalog][snapshot]") {
  // Another value here means that every stored snapshot would look changed.
  CHECK(fingerprint(shop()) == "ec19c087e422f8ec936f67395f446fe57bed1e0a26fb8971a51c16a5e0786f08");
}

TEST_CASE("a table's fingerprint is that of a catalog without others", "[catalog][snapshot]") {
  Catalog alone = shop();
  auto& schema = alone.schemas[0];
  schema.tables.resize(1);
  alone.schemas.resize(1);
  const Table& table = schema.tables[0];
  CHECK(fingerprint({schema.name, table.name}, table) == fingerprint(alone));
  CHECK(fingerprint({schema.name, table.name}, table) != fingerprint(shop()));
}

TEST_CASE("documents that are no snapshots are refused by what is wrong", "[catalog][snapshot]") {
  const auto refused = [](const char* text) {
    try {
      catalog_from_json(mapctl::parse_json(text, "x"));
    } catch (const Error& error) {
      CHECK(error.code() == mapctl::ErrorCode::invalid_data);
      return std::string{error.what()};
    }
    return std::string{"accepted"};
  };
  CHECK(refused("[]") == "catalog document: 'document' is not an object");
  CHECK(refused(R"({"schema":"mapctl.eval/1"})") ==
        "catalog document: 'schema' is 'mapctl.eval/1' and not 'mapctl.catalog/1'");
  const std::string head = R"({"schema":"mapctl.catalog/1",)";
  CHECK(refused((head + R"("schemas":{}})").c_str()) ==
        "catalog document: 'schemas' is not a list");
  CHECK(refused((head + R"("schemas":[{"tables":[]}]})").c_str()) ==
        "catalog document: 'name' is missing");
  CHECK(refused((head + R"("schemas":[{"name":"s","tables":[{"name":"t","columns":[
        {"name":"c","position":"x"}]}]}]})")
                    .c_str()) == "catalog document: 'position' has the wrong type");
  CHECK(refused((head + R"("schemas":[{"name":"s","tables":[{"name":"t","columns":[
        {"name":"c","type":"blurb"}]}]}]})")
                    .c_str()) == "catalog document: 'type' is 'blurb', which is not known");
  CHECK(refused((head + R"("taken_at":"yesterday"})").c_str()) ==
        "catalog document: 'taken_at' is 'yesterday', which is no time in UTC");
  CHECK(refused((head + R"("taken_at":"2026-02-31T00:00:00.000Z"})").c_str()) ==
        "catalog document: 'taken_at' is '2026-02-31T00:00:00.000Z', which is no day");
}

TEST_CASE("rows of columns that cannot stand side by side are refused", "[catalog][snapshot]") {
  const auto read = [](std::vector<std::size_t> rows) {
    Json columns = Json::array();
    for (const std::size_t count : rows) {
      const Json statistics{{"rows", 80}, {"first_rows", std::vector<std::string>(count, "x")}};
      columns.push_back(
          Json{{"name", fmt::format("c{}", columns.size() + 1)}, {"statistics", statistics}});
    }
    const Json table{{"name", "orders"}, {"columns", columns}};
    const Json schema{{"name", "s"}, {"tables", Json::array({table})}};
    try {
      catalog_from_json(Json{{"schema", "mapctl.catalog/1"}, {"schemas", Json::array({schema})}});
    } catch (const Error& error) {
      CHECK(error.code() == mapctl::ErrorCode::invalid_data);
      return std::string{error.what()};
    }
    return std::string{"accepted"};
  };
  CHECK(read({24, 24}) == "accepted");
  CHECK(read({first_row_count, 0, first_row_count}) == "accepted");  // without any value no rows
  CHECK(read({24, 0, 10}) ==
        "catalog document: 'first_rows' of 'orders.c3' has 10 rows and those of 'c1' have 24");
  CHECK(read({first_row_count + 1}) ==
        "catalog document: 'first_rows' of 'orders.c1' has 51 rows and at most 50 are kept");
}
