// SPDX-License-Identifier: Apache-2.0
#include "tests/support/catch.hpp"
#include "tests/unit/matching/rules/rules.hpp"

using namespace mapctl;

namespace {

using Texts = std::vector<std::string>;

const Texts roads{"Mill Road 12", "High Street 7", "Long Lane 203",
                  "Elm Street 9", "Oak Avenue 1",  "Lime Walk 88"};
const Texts towns{"Austin", "Boston", "Denver", "Miami", "Seattle", "Portland"};
const Texts states{"TX", "MA", "CO", "FL", "WA", "OR"};
const Texts zips{"73301", "02108", "80202", "33101", "98101", "97035"};

Texts joined_parts(const Texts& one, std::string_view between, const Texts& other) {
  Texts result;
  for (std::size_t row = 0; row < one.size(); ++row) {
    result.push_back(one[row] + std::string{between} + other[row]);
  }
  return result;
}

const catalog::Table in_parts = test::table(
    "customers", {test::filled("street", "string", roads), test::filled("city", "string", towns),
                  test::filled("state", "string", states), test::filled("zip", "string", zips)});

}  // namespace

TEST_CASE("a city with its state and code is taken apart and put together", "[matching]") {
  const auto lines = joined_parts(joined_parts(towns, ", ", states), " ", zips);
  const auto parts = test::table(
      "customers", {test::filled("city", "string", towns), test::filled("state", "string", states),
                    test::filled("zip", "string", zips)});
  const auto split =
      test::rules_of(test::table("customers", {test::filled("location", "string", lines)}), parts);
  CHECK(split.between("location", "city") == "take part 1 after a split at ',', then trim");
  CHECK(split.between("location", "zip") ==
        "take part 2 after a split at ',', then trim, then take part last after a split at ' '");
  CHECK(split.says("location", "zip", "holds in 6 of 6 sampled rows"));
  const auto whole = joined_parts(roads, ", ", lines);
  const auto join = test::rules_of(
      in_parts, test::table("customers", {test::filled("address", "string", whole)}));
  CHECK(join.between("street", "address") ==
        "join street, city, state, zip as '{1}, {2}, {3} {4}'");
  CHECK(join.says("street", "address", "holds in 6 of 6 sampled rows"));
}

TEST_CASE("a code with its city is a line of an address", "[matching]") {
  const auto rules = test::rules_of(
      test::table("customers",
                  {test::filled("city_line", "string", joined_parts(zips, " ", towns))}),
      test::table("customers", {test::filled("postal_code", "string", zips),
                                test::filled("city", "string", towns)}));
  CHECK(rules.between("city_line", "postal_code") == "take part first after a split at ' '");
  CHECK(rules.between("city_line", "city") == "take part last after a split at ' '");
}

TEST_CASE("the number of a house is a part of its street", "[matching]") {
  Texts names;
  Texts numbers;
  for (const auto& road : roads) {
    names.push_back(road.substr(0, road.rfind(' ')));
    numbers.push_back(road.substr(road.rfind(' ') + 1));
  }
  const auto apart = test::table("customers", {test::filled("street_name", "string", names),
                                               test::filled("house_number", "string", numbers)});
  const auto whole = test::table("customers", {test::filled("street", "string", roads)});
  const auto split = test::rules_of(whole, apart);
  CHECK(split.between("street", "street_name") == "take part before_final after a split at ' '");
  CHECK(split.between("street", "house_number") == "take part final after a split at ' '");
  CHECK(test::rules_of(apart, whole).between("street_name", "street") ==
        "join street_name, house_number with ' '");
}

TEST_CASE("latitude and longitude are one point", "[matching]") {
  const Texts north{"52.09", "50.85", "48.21", "47.37", "53.55", "51.51"};
  const Texts east{"5.12", "4.35", "16.37", "8.54", "9.99", "-0.13"};
  const auto apart = test::table(
      "stores", {test::filled("lat", "double", north), test::filled("lng", "double", east)});
  const auto whole = test::table(
      "stores", {test::filled("geo_location", "string", joined_parts(north, ",", east))});
  CHECK(test::rules_of(apart, whole).between("lat", "geo_location") == "join lat, lng with ','");
  const auto split = test::rules_of(whole, apart);
  CHECK(split.between("geo_location", "lng") ==
        "take part last after a split at ',', then trim, then cast to floating");
  CHECK(split.says("geo_location", "lng", "latitude first"));
  // Some write the longitude first.
  const auto turned = test::table(
      "stores", {test::filled("geo_location", "string", joined_parts(east, " ", north))});
  CHECK(test::rules_of(apart, turned).between("lng", "geo_location") == "join lng, lat with ' '");
}
