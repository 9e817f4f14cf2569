// SPDX-License-Identifier: Apache-2.0
#include "core/matching/columns/wholes.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/matching/samples.hpp"

#include <string>
#include <utility>
#include <vector>

using namespace mapctl;
using namespace mapctl::matching;

namespace {

// Whether the first columns of the tables are whole and part; it must be so both ways.
bool is_part(const catalog::Table& one, const catalog::Table& other, bool use_data = true) {
  const auto left = test::side_of(one);
  const auto right = test::side_of(other);
  const float there = whole_and_part(*left, left->columns[0], *right, right->columns[0], use_data);
  const float back = whole_and_part(*right, right->columns[0], *left, left->columns[0], use_data);
  CHECK(there == back);
  return there > 0;
}

bool is_part(std::string whole, std::string part) {
  return is_part(test::table("t", {test::column(std::move(whole))}),
                 test::table("u", {test::column(std::move(part))}));
}

const std::vector<std::string> prices{"2.50", "4.00", "7.25", "3.10", "9.99", "5.00", "6.40"};
const std::vector<std::string> quantities{"3", "2", "4", "10", "5", "7", "2"};
const std::vector<std::string> costs{"7.50", "8.00", "29.00", "31.00", "49.95", "35.00", "12.80"};

catalog::Table lines(const std::vector<std::string>& cost) {
  return test::table("lines", {test::filled("whole_cost", "decimal", cost),
                               test::filled("unit_price", "decimal", prices),
                               test::filled("quantity", "integer", quantities)});
}

}  // namespace

TEST_CASE("a name is the whole of first and last names of the same", "[matching]") {
  CHECK(is_part("agent_name", "agent_first_name"));
  CHECK(is_part("full_name", "surname"));
  CHECK(is_part("customer_name", "last_name"));
  CHECK_FALSE(is_part("agent_name", "buyer_last_name"));
  CHECK_FALSE(is_part("agent_name", "agent_city"));
  CHECK_FALSE(is_part("first_name", "last_name"));
  // A name may be that of anything; of a table of persons it is theirs.
  CHECK_FALSE(is_part("name", "first_name"));
  CHECK(is_part(test::table("employees", {test::column("name")}),
                test::table("u", {test::column("last_name")})));
  CHECK(is_part(test::table("t", {test::column("name"), test::column("last_name"),
                                  test::column("first_name")}),
                test::table("u", {test::column("last_name")})));
  CHECK_FALSE(is_part(test::table("t", {test::column("name"), test::column("buyer_last_name"),
                                        test::column("buyer_first_name")}),
                      test::table("u", {test::column("last_name")})));
}

TEST_CASE("an address is the whole of cities and postcodes", "[matching]") {
  CHECK(is_part("house_address", "house_zip_code"));
  CHECK(is_part("address", "city"));
  CHECK_FALSE(is_part("address", "street"));  // often another word for it
  CHECK_FALSE(is_part("firm_address", "house_city"));
  CHECK_FALSE(is_part("email_address", "city"));
  CHECK_FALSE(is_part("address", "city_id"));
  // What the address is about may be told by the other table.
  CHECK(is_part(test::table("t", {test::column("employee_address")}),
                test::table("employees", {test::column("city")})));
  CHECK_FALSE(is_part(test::table("t", {test::column("employee_address")}),
                      test::table("orders", {test::column("city")})));
}

TEST_CASE("beside a city of the same an address is its first line", "[matching]") {
  const auto city = test::table("u", {test::column("ship_city")});
  CHECK_FALSE(is_part(
      test::table("t", {test::column("ship_address"), test::column("ship_postcode")}), city));
  CHECK(is_part(test::table("t", {test::column("ship_address"), test::column("bill_city"),
                                  test::column("ship_country")}),
                city));
}

TEST_CASE("what holds no text is no whole of texts", "[matching]") {
  const auto city = test::table("u", {test::column("city")});
  CHECK_FALSE(is_part(test::table("t", {test::column("address", "boolean")}), city));
  CHECK_FALSE(is_part(test::table("t", {test::column("address", "json")}), city));
}

TEST_CASE("an amount is the whole of what its rows multiply", "[matching]") {
  const auto price = test::table("u", {test::column("unit_price", "decimal")});
  CHECK(is_part(lines(costs), price));
  CHECK_FALSE(is_part(lines(costs), price, false));
  CHECK(is_part(lines(costs), test::table("u", {test::column("Quantity", "integer")})));
  CHECK_FALSE(is_part(lines(costs), test::table("u", {test::column("discount", "decimal")})));
  auto others = costs;
  others[1] = "8.50";
  CHECK_FALSE(is_part(lines(others), price));
  // One row may be as it is by chance.
  CHECK_FALSE(is_part(test::table("lines", {test::filled("cost", "decimal", {"7.50"}),
                                            test::filled("unit_price", "decimal", {"2.50"}),
                                            test::filled("quantity", "integer", {"3"})}),
                      price));
}

TEST_CASE("of two products that is the whole which the other is a factor of", "[matching]") {
  std::vector<std::string> halves;
  std::vector<std::string> twice(prices.size(), "2");
  for (const auto* half : {"1.25", "2.00", "3.625", "1.55", "4.995", "2.50", "3.20"}) {
    halves.emplace_back(half);
  }
  twice.back() = "4";
  halves.back() = "1.60";
  const auto one = lines(costs);
  const auto other = test::table("prices", {test::filled("unit_price", "decimal", prices),
                                            test::filled("half_price", "decimal", halves),
                                            test::filled("times", "integer", twice)});
  const auto left = test::side_of(one);
  const auto right = test::side_of(other);
  REQUIRE(right->columns[0].factors[0] != right->columns[0].factors[1]);
  REQUIRE(whole_and_part(*left, left->columns[0], *right, right->columns[0], true) > 0);
  CHECK(is_left_whole(*left, left->columns[0], *right, right->columns[0]));
  CHECK_FALSE(is_left_whole(*right, right->columns[0], *left, left->columns[0]));
}

TEST_CASE("what texts mention is a part of them where it is a flag", "[matching]") {
  const std::vector<std::string> texts{
      "Large garden, brick fireplace in the den", "Two baths and a POOL, covered porch",
      "Near the golf course", "Fireplaces in two rooms, pool with deck"};
  const auto homes = test::table("homes", {test::filled("description", "string", texts)});
  const auto is_told = [&](catalog::Column column, bool use_data = true) {
    return is_part(homes, test::table("u", {std::move(column)}), use_data);
  };
  const std::vector<std::string> flags{"1", "0", "0", "1"};
  CHECK(is_told(test::filled("fireplace", "integer", flags)));
  CHECK(is_told(test::filled("has_pool", "string", {"yes", "no", "no", "yes"})));
  CHECK(is_told(test::column("Pool", "boolean")));
  CHECK_FALSE(is_told(test::filled("fireplace", "integer", flags), false));
  const auto told = test::table("u", {test::filled("fireplace", "integer", flags)});
  const auto left = test::side_of(homes);
  const auto right = test::side_of(told);
  CHECK(is_left_whole(*left, left->columns[0], *right, right->columns[0]));
  CHECK_FALSE(is_left_whole(*right, right->columns[0], *left, left->columns[0]));
  CHECK_FALSE(is_told(test::filled("fireplace", "integer", {"1", "2", "0", "1"})));
  // One text may mention anything, and all words of the name count.
  CHECK_FALSE(is_told(test::filled("porch", "integer", flags)));
  CHECK_FALSE(is_told(test::filled("pool_heating", "integer", flags)));
  CHECK_FALSE(is_told(test::column("flag", "boolean")));
  // Only running text mentions things.
  CHECK_FALSE(is_part(test::table("t", {test::filled("kind", "string", {"pool", "house", "pool"})}),
                      test::table("u", {test::column("pool", "boolean")})));
}
