// SPDX-License-Identifier: Apache-2.0
#include "core/matching/columns/value_meanings.hpp"

#include "core/matching/scoring/combination.hpp"
#include "core/matching/scoring/scorer.hpp"
#include "core/matching/values/column_vocabularies.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/matching/samples.hpp"

#include <string>
#include <utility>
#include <vector>

using namespace mapctl;
using namespace mapctl::matching;

namespace {

const std::vector<std::string> some_countries{"Norway", "Chile", "Japan",
                                              "Norway", "Kenya", "Ghana"};
const std::vector<std::string> years{"1987", "1991", "2004", "2011", "1999"};
const std::vector<std::string> figures{"1987", "91", "20412", "11", "7"};
const std::vector<std::string> addresses{"a@mail.org", "b@mail.org", "c.d@mail.org", "e@mail.org"};

ValueMeaning meaning_of(std::string name, const std::vector<std::string>& values) {
  const auto table = test::table("t", {test::filled(std::move(name), "string", values)});
  return test::side_of(table)->columns[0].values_mean;
}

float agreement(const catalog::Column& left, const catalog::Column& right) {
  const auto from = test::table("from", {left, test::column("other")});
  const auto to = test::table("to", {right, test::column("else")});
  const auto source = test::side_of(from);
  const auto target = test::side_of(to);
  const auto scores =
      score(*source, *target, *test::shipped_lexicon(), test::shipped_combination(), {}, {});
  for (const auto& pair : scores.of_source(0)) {
    if (pair.target == 0) {
      return at(*pair.features, Feature::value_meaning);
    }
  }
  return -1;
}

}  // namespace

TEST_CASE("values tell what a column without a name of its own holds", "[matching]") {
  for (const auto* name : {"col3", "Column 7", "Unnamed: 2", "?", "field_12", "", "A"}) {
    INFO(name);
    CHECK(meaning_of(name, some_countries) == ValueMeaning::country);
    CHECK(meaning_of(name, addresses) == ValueMeaning::email);
    CHECK(meaning_of(name, years) == ValueMeaning::year);
    CHECK(meaning_of(name, figures) == ValueMeaning::none);
  }
  CHECK(meaning_of("col1", {"Mon", "Tue", "Wed", "Thu"}) == ValueMeaning::weekday);
  CHECK(meaning_of("col1", {"m", "f", "f", "m"}) == ValueMeaning::gender);
  CHECK(meaning_of("col1", {"Oslo", "Chile", "blue", "x9", "left"}) == ValueMeaning::none);
}

TEST_CASE("a column with a name is what its name says", "[matching]") {
  for (const auto* name : {"origin", "ship to", "team"}) {
    CHECK(meaning_of(name, some_countries) == ValueMeaning::none);
  }
}

TEST_CASE("what nameless values are is sought in the other's name", "[matching]") {
  const auto nameless = test::filled("col3", "string", some_countries);
  CHECK(agreement(nameless, test::column("country")) == 1);
  CHECK(agreement(nameless, test::column("ship_country")) == 1);
  CHECK(agreement(nameless, test::column("currency")) == 0);
  CHECK(agreement(test::column("country"), nameless) == 1);
  CHECK(agreement(test::filled("col3", "string", addresses), test::column("e_mail")) == 1);
  const float opened = agreement(test::filled("col3", "string", {"2021-01-03", "2022-04-05"}),
                                 test::column("opened_on", "date"));
  CHECK(opened > 0);
  CHECK(opened < 1);
}

TEST_CASE("what two letters stand for elsewhere too is of no vocabulary", "[matching]") {
  const auto of = [](const std::vector<std::string>& values) {
    return vocabulary_of(test::filled("x", "string", values));
  };
  CHECK(of({"January", "March", "May"}) == "month");
  CHECK(of({"1", "2", "3"}).empty());
  CHECK(of({"y", "n"}).empty());
  CHECK(of({"Red", "Green", "Blue"}).empty());
}
