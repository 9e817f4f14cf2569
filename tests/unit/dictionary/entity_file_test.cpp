// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/dictionary/written.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace mapctl::test {
namespace {

using catalog::LogicalType;
using Catch::Matchers::ContainsSubstring;

constexpr const char* invoice =
    "entity: invoice\n"
    "version: 2.1.0\n"
    "description: A bill\n"
    "domain: finance\n"
    "fields:\n"
    "  - {name: invoice_id, type: string, required: true, key: primary, max_length: 40}\n"
    "  - {name: customer_id, type: string, references: customer.customer_id}\n"
    "  - {name: total, type: decimal, required: true, default: 0, minimum: 0, maximum: 1e6}\n"
    "  - {name: currency, type: string, values: iso4217}\n"
    "  - {name: kind, type: string, values: [bill, credit]}\n"
    "  - {name: tags, type: \"string[]\"}\n"
    "  - {name: share, type: float, unit: \"%\"}\n";

TEST_CASE("an entity's whole numbers have 64 bits and its moments are in UTC", "[dictionary]") {
  Written written;
  written.add("e.yaml",
              "entity: e\nversion: 1.0.0\nfields:\n"
              "  - {name: bytes, type: integer}\n"
              "  - {name: narrow, type: smallint}\n"
              "  - {name: created_at, type: datetime}\n");
  const auto found = written.read("e.yaml");
  const auto& table = only_table(found);
  CHECK(table.columns.at(0).type.bits == 64);
  CHECK(table.columns.at(1).type.bits == 16);
  CHECK(table.columns.at(2).type.time_zone);
}

TEST_CASE("an entity file gives a table with everything it declares", "[dictionary]") {
  Written written;
  written.add("invoice.yaml", invoice);
  const auto found = written.read("invoice.yaml");
  const auto& table = only_table(found);
  CHECK(table.kind == catalog::TableKind::entity);
  CHECK(table.version == "2.1.0");
  CHECK(table.domain == "finance");
  CHECK(table.comment == "A bill");
  REQUIRE(table.columns.size() == 7);
  CHECK(table.primary_key == std::vector<catalog::ColumnName>{catalog::ColumnName{"invoice_id"}});
  CHECK(table.columns[0].required);
  CHECK(table.columns[0].type.length == 40);
  CHECK(table.columns[1].nullable);
  REQUIRE(table.foreign_keys.size() == 1);
  CHECK(table.foreign_keys[0].references.table.text == "customer");
  CHECK(table.columns[2].minimum == 0.0);
  CHECK(table.columns[2].maximum == 1e6);
  CHECK_FALSE(table.columns[2].required);
  CHECK(table.columns[3].code_list == "iso4217");
  CHECK(table.columns[4].allowed_values == std::vector<std::string>{"bill", "credit"});
  CHECK(table.columns[5].type.logical == LogicalType::array);
  CHECK(table.columns[6].unit == "%");
}

TEST_CASE("what is wrong with an entity file is told with file and line", "[dictionary]") {
  const std::string head = "entity: a\nversion: 1.0.0\nfields:\n";
  struct Case {
    std::string text;
    const char* message;
    const char* hint;
  };
  const Case cases[] = {
      {"entity: a\nversion: 1.0.0\nfeilds: []\nfields:\n  - {name: x, type: string}\n", "e.yaml:3",
       "fields"},
      {head + "  - {name: x, type: string, requird: true}\n", "'requird'", "required"},
      {head + "  - {name: x, type: strang}\n", "no type is named 'strang'", "string"},
      {head + "  - {name: x, type: string}\n  - {name: x, type: date}\n",
       "e.yaml:5:5: field 'x' is there twice", "keep one"},
      {head + "  - {name: x, type: string, values: iso9999}\n", "no code list is named 'iso9999'",
       "iso4217"},
      {head + "  - {name: x, type: string, references: y}\n", "'references' cannot be 'y'",
       "entity.field"},
      {"entity: a\nversion: 1.0.0\n", "entity 'a' has no fields", "fields"},
  };
  for (const auto& wrong : cases) {
    Written written;
    written.add("e.yaml", wrong.text);
    const auto error = written.failure("e.yaml");
    INFO(wrong.text);
    CHECK(error.code() == ErrorCode::configuration);
    CHECK_THAT(error.what(), ContainsSubstring("e.yaml"));
    CHECK_THAT(error.what(), ContainsSubstring(wrong.message));
    CHECK_THAT(error.facts().hint, ContainsSubstring(wrong.hint));
  }
}

TEST_CASE("two files of one folder may not describe the same entity", "[dictionary]") {
  Written written;
  written.add("a.yaml", invoice).add("b.yaml", invoice);
  const auto error = written.failure();
  CHECK(error.code() == ErrorCode::configuration);
  CHECK_THAT(error.what(), ContainsSubstring("b.yaml"));
  CHECK_THAT(error.what(), ContainsSubstring("'invoice' is there twice"));
}

TEST_CASE("a folder mixes entities and dictionaries unless its kind is named", "[dictionary]") {
  Written written;
  written.add("a.yaml", invoice).add("b.csv", "table,column\nt,a\n");
  CHECK(written.read().tables().size() == 2);
  CHECK(only_table(written.read("", {{"kind", "canonical"}})).name.text == "invoice");
  CHECK(only_table(written.read("", {{"kind", "dictionary"}})).name.text == "t");
  CHECK_THROWS_WITH(written.read("", {{"kind", "canon"}}), ContainsSubstring("'kind'"));
}

TEST_CASE("without a path the first data directory that has an entity decides", "[dictionary]") {
  Written own;
  Written shipped;
  std::filesystem::create_directory(own.path() + "/entities");
  std::filesystem::create_directory(shipped.path() + "/entities");
  own.add("entities/i.yaml",
          "entity: invoice\nversion: 9.0.0\nfields:\n  - {name: x, type: string}\n");
  shipped.add("entities/i.yaml", invoice);
  shipped.add("entities/z.yaml",
              "entity: zone\nversion: 1.0.0\nfields:\n  - {name: x, type: string}\n");
  ports::ConnectorOptions options;
  options.data_directories = {own.path(), own.path() + "/nowhere", shipped.path()};
  const auto found = connectors::dictionary::factory().open(options, {})->discover({}, {});
  REQUIRE(found.tables().size() == 2);
  CHECK(found.tables()[0].table->version == "9.0.0");
  CHECK(found.tables()[1].table->name.text == "zone");
}

TEST_CASE("the shipped entities are read and refer to each other only", "[dictionary]") {
  const char* root = std::getenv("MAPCTL_TEST_SOURCE_DIR");
  if (root == nullptr) {
    skip("MAPCTL_TEST_SOURCE_DIR is not set");
  }
  ports::ConnectorOptions options;
  options.options["path"] = (std::filesystem::path{root} / "profiles/entities").string();
  const auto found = connectors::dictionary::factory().open(options, {})->discover({}, {});
  CHECK(found.tables().size() == 15);
  for (const auto& entry : found.tables()) {
    INFO(entry.table->name.text);
    CHECK_FALSE(entry.table->comment.empty());
    for (const auto& key : entry.table->foreign_keys) {
      const auto* referenced = found.find(key.references);
      REQUIRE(referenced != nullptr);
      CHECK(referenced->find(key.referenced_columns.at(0)) != nullptr);
    }
  }
}

}  // namespace
}  // namespace mapctl::test
