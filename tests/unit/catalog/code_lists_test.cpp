// SPDX-License-Identifier: Apache-2.0
#include "core/catalog/code_lists.hpp"

#include "tests/support/catch.hpp"

#include <algorithm>

using namespace mapctl::catalog;

TEST_CASE("code lists are sorted, without repeats and of the standard's size",
          "[catalog][code_lists]") {
  for (const std::string_view name : {"iso4217", "iso3166_alpha2", "iso3166_alpha3", "iso639_1"}) {
    const auto list = code_list(name);
    CHECK(std::is_sorted(list.begin(), list.end()));
    CHECK(std::adjacent_find(list.begin(), list.end()) == list.end());
    CHECK(list.size() > 170);
  }
  CHECK(code_list("iso3166_alpha2").size() == 249);
  CHECK(code_list("iso3166_alpha3").size() == 249);
  CHECK(code_list("iso9999").empty());
}

TEST_CASE("codes are looked up exactly", "[catalog][code_lists]") {
  CHECK(in_code_list("iso4217", "EUR"));
  CHECK(in_code_list("iso4217", "AED"));
  CHECK(in_code_list("iso4217", "ZWL"));
  CHECK_FALSE(in_code_list("iso4217", "eur"));
  CHECK_FALSE(in_code_list("iso4217", "DEM"));
  CHECK_FALSE(in_code_list("iso4217", "EU"));
  CHECK(in_code_list("iso3166_alpha2", "GB"));
  CHECK_FALSE(in_code_list("iso3166_alpha2", "UK"));
  CHECK(in_code_list("iso3166_alpha3", "DEU"));
  CHECK(in_code_list("iso639_1", "de"));
  CHECK_FALSE(in_code_list("iso639_1", "DE"));
  CHECK_FALSE(in_code_list("nothing", "EUR"));
}
