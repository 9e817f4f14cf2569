// SPDX-License-Identifier: Apache-2.0
#include "core/matching/columns/contraction.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/matching/samples.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

using namespace mapctl;
using namespace mapctl::matching;

TEST_CASE("a contraction takes letters of each word in order", "[matching]") {
  const std::vector<std::string_view> words{"assay", "category"};
  CHECK(contraction_of("ascat", words) > 0.8F);
  CHECK(contraction_of("ac", words) > 0);
  CHECK(contraction_of("caas", words) == 0);
  CHECK(contraction_of("as", words) == 0);
  CHECK(contraction_of("assaycategory", words) == 0);
  const std::vector<std::string_view> one{"assay"};
  CHECK(contraction_of("as", one) == 0);
}

TEST_CASE("a name of one letter is the first of another name", "[matching]") {
  const auto initial = [](const char* name, const char* other) {
    const auto left = test::table("a", {test::column(name)});
    const auto right = test::table("b", {test::column(other)});
    const auto from = test::side_of(left);
    const auto to = test::side_of(right);
    return contraction(*from, from->columns[0], to->columns[0]);
  };
  CHECK(initial("Title", "T") > 0);
  CHECK(initial("team_manager", "T") > 0);
  CHECK(initial("Author", "T") == 0);
  CHECK(initial("T", "Title") == 0);
  CHECK(initial("1st", "1") == 0);
}

TEST_CASE("what is written in full is short for nothing", "[matching]") {
  const auto long_names = test::table("t", {test::column("death_datetime")});
  const auto short_names = test::table("u", {test::column("death_date"), test::column("dthdt")});
  const auto named = test::side_of(long_names);
  const auto others = test::side_of(short_names);
  CHECK(contraction(*named, named->columns[0], others->columns[0]) == 0);
  CHECK(contraction(*named, named->columns[0], others->columns[1]) > 0);
  const auto causes = test::table("t", {test::column("cause_of_death")});
  const auto codes = test::table("u", {test::column("code"), test::column("cod")});
  const auto cause = test::side_of(causes);
  const auto code = test::side_of(codes);
  CHECK(contraction(*cause, cause->columns[0], code->columns[0]) == 0);
  CHECK(contraction(*cause, cause->columns[0], code->columns[1]) > 0);
}

TEST_CASE("beginnings of all words make a better contraction than letters from within them",
          "[matching]") {
  const std::vector<std::string_view> category{"assay", "category"};
  const std::vector<std::string_view> type{"assay", "cell", "type"};
  CHECK(contraction_of("asct", category) > 0);
  CHECK(contraction_of("asct", type) > contraction_of("asct", category));
}

TEST_CASE("one word of a name is no contraction of it", "[matching]") {
  CHECK(contraction_of("royalty", std::vector<std::string_view>{"royalty", "y"}) == 0);
  CHECK(contraction_of("musician", std::vector<std::string_view>{"musicians", "name"}) == 0);
  CHECK(contraction_of("musn", std::vector<std::string_view>{"musicians", "name"}) > 0);
}

TEST_CASE("a name written without vowels is known by its other letters", "[matching]") {
  const auto written = test::table("assays", {test::column("assay_id"), test::column("tissue"),
                                              test::column("city"), test::column("io")});
  const auto short_ones = test::table("target", {test::column("ss_d"), test::column("tess"),
                                                 test::column("ct"), test::column("IA")});
  const auto left = test::side_of(written);
  const auto right = test::side_of(short_ones);
  const auto of = [&](std::size_t one, std::size_t other) {
    return dropped_vowels(left->columns[one], right->columns[other]);
  };
  CHECK(of(0, 0) > 0.6F);
  CHECK(of(0, 0) == dropped_vowels(right->columns[0], left->columns[0]));
  CHECK(of(2, 2) > 0.5F);
  CHECK(of(2, 2) < of(0, 0));
  CHECK(of(0, 2) == 0);
  // Both have vowels, and other ones; nothing is left of the last.
  CHECK(of(1, 1) == 0);
  CHECK(of(3, 3) == 0);
  CHECK(dropped_vowels(right->columns[0], right->columns[0]) == 0);
}
