// SPDX-License-Identifier: Apache-2.0
#include "core/matching/values/row_check.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/matching/samples.hpp"

#include <array>
#include <string>
#include <vector>

using namespace mapctl;
using test::filled;

TEST_CASE("parts are sought in the columns of their place", "[matching]") {
  const auto whole = filled("n", "string", {"Ada Lovelace", "Alan Turing", "Ada Turing", "Grace"});
  const auto first = filled("f", "string", {"Ada", "ALAN"});
  const auto last = filled("l", "string", {"Lovelace", "Hopper"});
  const std::array<const catalog::Column*, 2> both{&first, &last};
  const auto found = matching::parts_found(matching::composed_rows(whole), both);
  CHECK(found.of == 3);
  CHECK(found.holds == 1);
  const std::array<const catalog::Column*, 2> one{&first, nullptr};
  CHECK(matching::parts_found(matching::composed_rows(whole), one).holds == 3);
}

TEST_CASE("a sketch that does not know all values judges only those it can", "[matching]") {
  std::vector<std::string> many;
  for (int number = 0; number < 2000; ++number) {
    many.push_back("value" + std::to_string(number));
  }
  const auto column = filled("v", "string", many);
  std::size_t known = 0;
  for (int number = 0; number < 50; ++number) {
    const auto found = catalog::holds_value(*column.statistics,
                                            catalog::value_hash("value" + std::to_string(number)));
    CHECK((!found || *found));
    known += found ? 1 : 0;
  }
  CHECK(known < 50);
}

TEST_CASE("numbers are found in any spelling", "[matching]") {
  const auto column = filled("a", "decimal(8,2)", {"12.50", "7", "0.333"});
  CHECK(matching::holds_number(column, 12.5) == true);
  CHECK(matching::holds_number(column, 7.0) == true);
  CHECK(matching::holds_number(column, 8.0) == false);
  CHECK(matching::number_of(" 12.5 ") == 12.5);
  CHECK_FALSE(matching::number_of("12,5"));
}

TEST_CASE("masked values keep their form", "[matching]") {
  const auto form = matching::text_form(
      filled("a", "string", {"A** L*******", "G**** H*****", "1* M*** R***, U******, ****"}));
  CHECK(form.values == 3);
  CHECK(form.spaced == 2);
  CHECK(form.separated == 1);
  CHECK(form.commas == 2);
}
