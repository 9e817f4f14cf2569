// SPDX-License-Identifier: Apache-2.0
#include "connectors/mongodb/handle.hpp"
#include "core/base/text.hpp"
#include "tests/integration/mongodb/server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

// Against a simulation; where MAPCTL_TEST_MONGODB names a server of that kind, as HOST:PORT, which
// may be written to, the last case asks that one.
namespace mapctl::test {
namespace {

using catalog::ColumnName;
using catalog::LogicalType;
using Catch::Matchers::ContainsSubstring;

ports::DiscoveryScope with_statistics() {
  ports::DiscoveryScope scope;
  scope.statistics = true;
  scope.protect_personal_data = false;
  return scope;
}

std::vector<std::string> names_of(const catalog::Table& table) {
  std::vector<std::string> names;
  for (const auto& column : table.columns) {
    names.push_back(column.name.text);
  }
  return names;
}

std::string people(int count) {
  std::string documents;
  for (int i = 0; i < count; ++i) {
    documents += fmt::format(R"({}{{"_id": {}, "name": "P {}", "address": {{"city": "Köln"}}{}}})",
                             i == 0 ? "" : ",", 1000 + i, i, i % 2 == 0 ? R"(, "a": 1)" : "");
  }
  return documents;
}

TEST_CASE("a collection is a table with nested fields as dotted columns", "[mongodb]") {
  const MongoServer server{shop()};
  const auto found = open_mongo(mongo_options(server.address()))->discover(with_statistics(), {});
  REQUIRE(found.tables().size() == 5);
  const catalog::Table& table = *found.find(in_shop("people"));
  CHECK(table.primary_key == std::vector{ColumnName{"_id"}});
  CHECK(table.row_count == 4);
  CHECK_FALSE(table.row_count_is_estimate);
  const auto& column = [&](const char* name) -> const catalog::Column& {
    const catalog::Column* one = table.find(ColumnName{name});
    INFO(name);
    REQUIRE(one != nullptr);
    return *one;
  };
  CHECK(column("_id").type.native == "objectId");
  CHECK(column("address.geo.lat").type.logical == LogicalType::floating);
  CHECK(column("address.geo.lat").statistics->presence == Approx(0.5));
  CHECK(column("since").type.logical == LogicalType::timestamp);
  CHECK(column("balance").type.logical == LogicalType::decimal);
  CHECK(column("visits").type.native == "int|long");
  CHECK(column("visits").type.bits == 64);
  CHECK(column("tags").type.element == LogicalType::string);
  CHECK(column("token").type.logical == LogicalType::uuid);
  CHECK(column("code").type.native == "int|string|array|object");
  CHECK(column("code").type.logical == LogicalType::string);
  CHECK(column("code.old").type.logical == LogicalType::boolean);
  const auto mixed =
      std::find_if(found.warnings.begin(), found.warnings.end(),
                   [](const auto& one) { return one.object == "collection 'shop.people'"; });
  REQUIRE(mixed != found.warnings.end());
  CHECK(mixed->message ==
        "field 'code' holds int (25 %) and string (25 %) and array (25 %) and object (25 %)");
}

TEST_CASE("validators say what documents must have, and what none has yet", "[mongodb]") {
  const MongoServer server{shop()};
  const auto found = open_mongo(mongo_options(server.address()))->discover({}, {});
  const catalog::Table& table = *found.find(in_shop("people"));
  CHECK(table.comment == "Whoever bought once");
  const catalog::Column& name = *table.find(ColumnName{"name"});
  CHECK_FALSE(name.nullable);
  CHECK(name.required);
  CHECK(name.type.length == 80);
  CHECK(name.comment == "As they sign");
  CHECK(table.find(ColumnName{"tier"})->allowed_values ==
        std::vector<std::string>{"gold", "silver"});
  CHECK_FALSE(table.find(ColumnName{"address.city"})->nullable);
  const catalog::Column& zone = *table.find(ColumnName{"address.zone"});
  CHECK(zone.nullable);
  CHECK(zone.type.native == "int");
  CHECK(zone.minimum == 1);
  CHECK(zone.maximum == 9);
  CHECK(zone.position == static_cast<int>(table.columns.size()));

  // A validator that only warns has let other documents in.
  const catalog::Table& planned = *found.find(in_shop("planned"));
  CHECK(names_of(planned) == std::vector<std::string>{"when", "amount", "any"});
  CHECK(planned.find(ColumnName{"when"})->nullable);
  CHECK(planned.find(ColumnName{"when"})->type.logical == LogicalType::timestamp);
  CHECK(planned.find(ColumnName{"amount"})->type.logical == LogicalType::decimal);
  CHECK(planned.find(ColumnName{"any"})->type.logical == LogicalType::string);
}

TEST_CASE("indexes are told, and a unique one of one field makes it unique", "[mongodb]") {
  const MongoServer server{shop()};
  const auto found = open_mongo(mongo_options(server.address()))->discover({}, {});
  const catalog::Table& table = *found.find(in_shop("people"));
  const auto property = [&](const char* name) {
    const std::string* value = table.property(name);
    return value == nullptr ? std::string{"none"} : *value;
  };
  CHECK(property("index email_1") == "email; unique, sparse");
  CHECK(property("index place") == "address.city, since descending; unique");
  CHECK(property("index code_1") == "code; unique, partial");
  CHECK(property("index bio_text") == "bio text");
  CHECK(property("index gone") == "seen; expires after 3600 s");
  CHECK(property("index _id_") == "none");
  CHECK(table.find(ColumnName{"email"})->unique);
  CHECK_FALSE(table.find(ColumnName{"address.city"})->unique);
  CHECK_FALSE(table.find(ColumnName{"code"})->unique);
}

TEST_CASE("keys that are documents, views and empty collections are what they are", "[mongodb]") {
  const MongoServer server{shop()};
  auto connector = open_mongo(mongo_options(server.address()));
  const auto found = connector->discover({}, {});
  const catalog::Table& pairs = *found.find(in_shop("pairs"));
  CHECK(pairs.primary_key == std::vector{ColumnName{"_id.left"}, ColumnName{"_id.right"}});
  CHECK_FALSE(pairs.find(ColumnName{"_id.left"})->unique);
  // The ids of a view need not differ.
  const catalog::Table& adults = *found.find(in_shop("adults"));
  CHECK(adults.kind == catalog::TableKind::view);
  CHECK(adults.primary_key.empty());
  const catalog::Table& empty = *found.find(in_shop("empty"));
  CHECK(empty.columns.empty());
  CHECK(empty.row_count == 0);
  CHECK(found.warnings.at(0).object == "collection 'shop.empty'");
  CHECK_THAT(found.warnings.at(0).message, ContainsSubstring("no documents"));

  auto reader = connector->open_reader(in_shop("empty"), {});
  std::vector<std::optional<std::string_view>> row;
  CHECK(reader->columns().empty());
  CHECK_FALSE(reader->next(row));
}

TEST_CASE("values are spelled as people read them", "[mongodb]") {
  const MongoServer server{shop()};
  auto reader = open_mongo(mongo_options(server.address()))->open_reader(in_shop("people"), {});
  std::vector<std::optional<std::string_view>> row;
  REQUIRE(reader->next(row));
  const auto value = [&](const char* name) {
    const auto names = reader->columns();
    const auto at = std::find(names.begin(), names.end(), ColumnName{name}) - names.begin();
    return std::string{row.at(static_cast<std::size_t>(at)).value_or("null")};
  };
  CHECK(value("_id") == "65a000000000000000000001");
  CHECK(value("since") == "2024-01-02T03:04:05.250Z");
  CHECK(value("balance") == "12.50");
  CHECK(value("address.geo.lat") == "50.94");
  CHECK(value("tags") == R"(["a","b"])");
  CHECK(value("token") == "00112233-4455-6677-8899-aabbccddeeff");
  CHECK(value("changed") == "2024-01-02T03:04:05Z");
  CHECK(value("address.zone") == "null");
  REQUIRE(reader->next(row));
  CHECK(value("since") == "1969-12-31T00:00:00Z");
  CHECK(value("visits") == "5000000000");
  CHECK(value("email") == "null");
  CHECK(value("code") == "17");
  REQUIRE(reader->next(row));
  CHECK(value("code") == R"(["x",{"n":1}])");
}

TEST_CASE("larger collections are sampled, counted by the server and read whole", "[mongodb]") {
  // What the server has noted of `noted` is wrong, as after a crash.
  const MongoServer server{R"({"people": {"documents": [)" + people(350) +
                           R"(]}, "noted": {"noted": 3, "documents": [)" + people(150) + "]}}"};
  auto connector = open_mongo(mongo_options(server.address(), {{"sample_documents", "100"}}));
  const auto found = connector->discover({}, {});
  for (const char* name : {"people", "noted"}) {
    INFO(name);
    const catalog::Table& table = *found.find(in_shop(name));
    CHECK(names_of(table) == std::vector<std::string>{"_id", "a", "address.city", "name"});
    CHECK(table.row_count == (name == std::string{"noted"} ? 3 : 350));
    CHECK(table.row_count_is_estimate);
  }
  const auto statistics = connector->discover(with_statistics(), {});
  const catalog::Table& counted = *statistics.find(in_shop("noted"));
  CHECK(counted.row_count == 150);
  CHECK_FALSE(counted.row_count_is_estimate);
  CHECK(counted.find(ColumnName{"a"})->statistics->presence == Approx(0.5));

  auto reader = connector->open_reader(in_shop("people"), {});
  std::vector<std::optional<std::string_view>> row;
  std::vector<std::string> ids;
  while (reader->next(row)) {
    ids.emplace_back(row[0].value_or("null"));
  }
  REQUIRE(ids.size() == 350);
  CHECK(ids.front() == "1000");
  CHECK(ids.back() == "1349");
  CHECK(std::is_sorted(ids.begin(), ids.end()));
}

TEST_CASE("a real server of MongoDB's kind gives what was put into it", "[mongodb]") {
  const char* address = std::getenv("MAPCTL_TEST_MONGODB");
  if (address == nullptr) {
    skip("mongodb", "MAPCTL_TEST_MONGODB names no server");
  }
  mongoc_init();
  using namespace connectors::mongodb;
  const ClientHandle client{mongoc_client_new((std::string{"mongodb://"} + address).c_str())};
  const auto run = [&](const std::string& command) {
    bson_error_t error{};
    const BsonHandle made{bson_new_from_json(reinterpret_cast<const std::uint8_t*>(command.data()),
                                             static_cast<ssize_t>(command.size()), &error)};
    REQUIRE(made);
    const bool done = mongoc_client_command_simple(client.get(), "mapctl_test", made.get(), nullptr,
                                                   nullptr, &error);
    INFO(command.substr(0, 200) << ": " << error.message);
    CHECK(done);
  };
  run(R"({"dropDatabase": 1})");
  run(R"({"insert": "people", "documents": [)" + people(250) + "]}");
  run(R"({"createIndexes": "people", "indexes": [{"key": {"name": 1}, "name": "n",
          "unique": true}]})");
  auto connector = open_mongo(
      mongo_options(address, {{"databases", "mapctl_test"}, {"sample_documents", "100"}}));
  CHECK_THAT(connector->test({}).product, ContainsSubstring("MongoDB"));
  const auto found = connector->discover({}, {});
  REQUIRE(found.tables().size() == 1);
  const catalog::Table& table = *found.tables()[0].table;
  CHECK(names_of(table) == std::vector<std::string>{"_id", "a", "address.city", "name"});
  CHECK(table.find(ColumnName{"name"})->unique);
  CHECK(table.row_count == 250);
  auto reader = connector->open_reader(
      {catalog::SchemaName{"mapctl_test"}, catalog::TableName{"people"}}, {});
  std::vector<std::optional<std::string_view>> row;
  int rows = 0;
  while (reader->next(row)) {
    ++rows;
  }
  CHECK(rows == 250);
  run(R"({"dropDatabase": 1})");
}

}  // namespace
}  // namespace mapctl::test
