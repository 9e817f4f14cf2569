// SPDX-License-Identifier: Apache-2.0
#include "connectors/rest/odata.hpp"

#include "core/base/file.hpp"
#include "tests/integration/rest/fixture.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace mapctl::test {
namespace {

namespace fs = std::filesystem;
using catalog::ColumnName;
using catalog::LogicalType;
using Catch::Matchers::ContainsSubstring;
using connectors::rest::read_odata;

std::string data_folder() {
  const char* root = std::getenv("MAPCTL_TEST_SOURCE_DIR");
  return (root == nullptr ? std::string{"."} : std::string{root}) + "/tests/data/odata";
}

const catalog::Column& column_of(const catalog::Table& table, const char* name) {
  const auto* column = table.find(ColumnName{name});
  REQUIRE(column != nullptr);
  return *column;
}

TEST_CASE("an OData service tells columns, keys and references itself", "[rest]") {
  const RestServer service{{"--data", data_folder()}};
  const std::string streams =
      "record_path: value\nstreams: {orders: {path: Orders}, people: {path: Customers}}\n";
  auto options = rest_options("odata: true\n" + streams);
  if (GENERATE(false, true)) {  // from a file
    options = rest_options("odata_metadata: " + data_folder() + "/shop.edmx\n" + streams);
  }
  options.options["base_url"] = service.url("/odata");
  auto connector = open_rest(options);
  const auto found = connector->discover({}, {});
  CHECK(found.warnings.empty());
  const auto& orders = *found.find({{}, catalog::TableName{"orders"}});
  CHECK(orders.columns[0].name.text == "Changed");  // of what it derives from
  CHECK(orders.primary_key == std::vector{ColumnName{"OrderID"}});
  CHECK(column_of(orders, "OrderID").required);
  CHECK(column_of(orders, "Placed").type.time_zone);
  CHECK(column_of(orders, "CustomerID").type.length == 5);
  CHECK(column_of(orders, "Freight").type.scale == 4);
  CHECK(column_of(orders, "State").allowed_values == std::vector<std::string>{"Open", "Done"});
  CHECK(column_of(orders, "Ship.City").type.length == 40);
  CHECK(column_of(orders, "Ship.City").required);
  CHECK(column_of(orders, "Tags").type.element == LogicalType::string);
  REQUIRE(orders.foreign_keys.size() == 1);
  CHECK(orders.foreign_keys[0].references.table.text == "people");  // the stream that reads the set
  CHECK(orders.foreign_keys[0].referenced_columns[0].text == "ID");

  const Rows rows = read_rows(*connector, "orders");
  CHECK(values_of(rows, "Ship.City") == std::vector<std::string>{"Köln"});
  CHECK(values_of(rows, "Placed") == std::vector<std::string>{"2017-04-13T15:51:04Z"});
  CHECK(values_of(rows, "Changed") == std::vector<std::string>{"1969-12-31T23:59:59.125Z"});
  CHECK(values_of(rows, "State") == std::vector<std::string>{"/Date(9223372036854775807)/"});
  CHECK(values_of(rows, "Freight") == std::vector<std::string>{"null"});
}

TEST_CASE("what is no description of OData is refused with its line", "[rest]") {
  const std::pair<const char*, const char*> wrong[] = {
      {"<html>\n<p>log in</html>", "line 2"},
      {"<!DOCTYPE x [<!ENTITY a \"b\">]><x/>", "document type"},
      {"<edmx/>", "no sets"},
      {"", "line 1"},
  };
  for (const auto& [text, cause] : wrong) {
    const char* document = text;
    const auto facts = facts_of([&] { read_odata(document, "'x'"); });
    CHECK(facts.code == ErrorCode::invalid_data);
    CHECK_THAT(facts.message, ContainsSubstring(cause));
  }
  std::string deep;
  for (int i = 0; i < 100; ++i) {
    deep += "<a>";
  }
  CHECK_THAT(facts_of([&] { read_odata(deep, "'x'"); }).message, ContainsSubstring("too deeply"));
}

TEST_CASE("elements of a description in the wrong places do no harm", "[rest]") {
  const auto described = [](const std::string& type) {
    return "<Schema Namespace='n'>" + type +
           "<EntityContainer><EntitySet Name='S' EntityType='n.A'/></EntityContainer></Schema>";
  };
  const std::string constraint = "<ReferentialConstraint Property='p' ReferencedProperty='q'/>";
  const std::string begin = "<EntityType Name='A'><NavigationProperty Type='n.A'>";
  for (const std::string& inside : {"<EntityType Name='B'></EntityType>" + constraint,
                                    "<EntityType Name='B'>" + constraint + "</EntityType>"}) {
    const auto model =
        read_odata(described(begin + inside + "</NavigationProperty></EntityType>"), "'x'");
    CHECK(model.at("S").references.empty());
  }
}

TEST_CASE("complex types that hold each other many times do not fill the memory", "[rest]") {
  std::string properties;
  for (int i = 0; i < 40; ++i) {
    properties += "<Property Name='p" + std::to_string(i) + "' Type='n.C'/>";
  }
  const auto model = read_odata(
      "<Schema Namespace='n'><ComplexType Name='C'>" + properties + "</ComplexType>" +
          "<EntityType Name='A'><Property Name='id' Type='Edm.Int32'/>" + properties +
          "</EntityType><EntityContainer><EntitySet Name='S' EntityType='n.A'/></EntityContainer>"
          "</Schema>",
      "'x'");
  const auto& columns = model.at("S").shape.columns;
  CHECK(columns.front().column.name.text == "id");
  CHECK(columns.size() <= 5'000);
}

TEST_CASE("descriptions of real services are read whole", "[rest]") {
  const char* data = std::getenv("MAPCTL_TEST_DATA");
  const fs::path folder = fs::path{data == nullptr ? "" : data} / "data/connectors/odata";
  if (data == nullptr || !fs::is_directory(folder)) {
    skip("data", "MAPCTL_TEST_DATA has no data/connectors/odata");
  }
  const auto model_of = [&](const char* file) {
    return read_odata(read_file((folder / file).string()), file);
  };
  const auto sap = model_of("SAP_API_BUSINESS_PARTNER.v2.edmx");
  REQUIRE(sap.contains("A_BusinessPartnerAddress"));
  const auto& address = sap.at("A_BusinessPartnerAddress");
  CHECK(address.key == std::vector<std::string>{"BusinessPartner", "AddressID"});
  CHECK(address.shape.columns.size() > 40);
  const auto& partner = sap.at("A_BusinessPartner").shape.columns;
  CHECK(partner[0].column.name.text == "BusinessPartner");
  CHECK(partner[0].column.comment == "Business Partner");

  const auto northwind = model_of("Northwind-V3.xml");  // references stand apart
  const auto& products = northwind.at("Products");
  std::vector<std::string> targets;
  for (const auto& reference : products.references) {
    targets.push_back(reference.columns[0] + ">" + reference.set + "." + reference.keys[0]);
  }
  std::sort(targets.begin(), targets.end());
  CHECK(targets == std::vector<std::string>{"CategoryID>Categories.CategoryID",
                                            "SupplierID>Suppliers.SupplierID"});

  const auto trippin = model_of("TripPin.xml");
  const auto& people = trippin.at("People");
  CHECK(people.key == std::vector<std::string>{"UserName"});
  for (const char* file : {"Northwind.xml", "Products.xml", "pyodata_metadata.xml",
                           "pyodata_metadata_odata_org_northwind_v2.xml"}) {
    INFO(file);
    for (const auto& [name, set] : model_of(file)) {
      CHECK_FALSE(set.shape.columns.empty());
    }
  }
}

}  // namespace
}  // namespace mapctl::test
