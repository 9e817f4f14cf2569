// SPDX-License-Identifier: Apache-2.0
#include "core/matching/columns/subjects.hpp"

#include "core/matching/scoring/combination.hpp"
#include "core/matching/scoring/scorer.hpp"
#include "core/matching/signals/features.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/matching/samples.hpp"

#include <string>
#include <utility>
#include <vector>

using namespace mapctl;
using namespace mapctl::matching;

namespace {

const std::vector<std::string> countries{"Norway", "Chile", "Ghana", "Japan", "New Zealand"};
const std::vector<std::string> capitals{"Oslo", "Santiago", "Accra", "Tokyo", "Wellington"};
const std::vector<std::string> continents{"Europe", "America", "Africa", "Asia", "Oceania"};
const std::vector<std::string> regions{"North", "South", "West", "South", "South"};
const std::vector<std::string> areas{"385 207", "756 102", "238 533", "377 975", "268 021"};

// The column that says what the rows are about, and how that is known.
std::pair<std::string, SubjectKind> subject_of(std::string table,
                                               std::vector<catalog::Column> columns) {
  const auto made = test::table(std::move(table), std::move(columns));
  const auto side = test::side_of(made);
  const auto number = side->tables[0].subject;
  if (number >= side->columns.size()) {
    return {"", SubjectKind::none};
  }
  return {side->columns[number].column->name.text, side->columns[number].subject};
}

float agreement(const catalog::Table& left, const catalog::Table& right, std::size_t at = 0) {
  const auto source = test::side_of(left);
  const auto target = test::side_of(right);
  const auto scores =
      score(*source, *target, *test::shipped_lexicon(), test::shipped_combination(), {}, {});
  for (const auto& pair : scores.of_source(at)) {
    if (pair.target == 0) {
      return matching::at(*pair.features, Feature::subject);
    }
  }
  return -1;
}

}  // namespace

TEST_CASE("a table is about the text whose values do not come again", "[matching]") {
  const std::pair land{std::string{"Land"}, SubjectKind::by_values};
  CHECK(subject_of("2024", {test::filled("Part", "string", regions),
                            test::filled("Land", "string", countries),
                            test::filled("Size", "string", areas)}) == land);
  CHECK(subject_of("2024", {test::filled("Part", "string", regions)}).second == SubjectKind::none);
  CHECK(subject_of("2024", {test::filled("Size", "string", areas)}).second == SubjectKind::none);
}

TEST_CASE("the first of several such texts is what a table is about", "[matching]") {
  const auto land = test::filled("Land", "string", countries);
  const auto seat = test::filled("Seat", "string", capitals);
  CHECK(subject_of("2024", {land, seat}).first == "Land");
  CHECK(subject_of("2024", {seat, land}).first == "Seat");
  CHECK(subject_of("2024", {land, test::filled("Lake Name", "string", capitals)}).first ==
        "Lake Name");
}

TEST_CASE("remarks, addresses and codes do not name what a table is about", "[matching]") {
  for (const auto* name : {"Remarks", "Street", "Location", "Former name", "Currency code",
                           "Website", "Opened on", "Phone"}) {
    INFO(name);
    CHECK(subject_of("2024", {test::filled(name, "string", countries)}).second ==
          SubjectKind::none);
  }
}

TEST_CASE("a column of names comes before values, and one called like the table", "[matching]") {
  const auto by_name = [](const char* name, const char* table) {
    return subject_of(table, {test::filled("Land", "string", countries), test::column(name)}) ==
           std::pair{std::string{name}, SubjectKind::by_name};
  };
  CHECK(by_name("name", "places"));
  CHECK(by_name("Title", "places"));
  CHECK(by_name("place_name", "places"));
  CHECK(by_name("full_name", "places"));
  CHECK_FALSE(by_name("first_name", "places"));
  CHECK_FALSE(by_name("owner_name", "places"));
  CHECK(subject_of("places", {test::column("title"), test::column("name")}).first == "name");
  CHECK(subject_of("countries", {test::column("Country"), test::column("Capital")}) ==
        std::pair{std::string{"Country"}, SubjectKind::by_table});
}

TEST_CASE("beside first and last names a title is no name", "[matching]") {
  CHECK(subject_of("people",
                   {test::column("first_name"), test::column("last_name"), test::column("title")})
            .second == SubjectKind::none);
}

TEST_CASE("a person's title is not the name of another person", "[matching]") {
  const auto person = test::table(
      "employees", {test::column("title"), test::column("first_name"), test::column("last_name")});
  CHECK(agreement(test::table("staff", {test::column("name")}), person) < -0.5F);
  CHECK(agreement(test::table("staff", {test::column("title")}), person) == 0);
  const auto film = test::table("film", {test::column("title"), test::column("length")});
  CHECK(agreement(test::table("movies", {test::column("name")}), film) > 0);
}

TEST_CASE("what a table is about is called 'name' elsewhere", "[matching]") {
  const auto list = test::table(
      "2024", {test::filled("Land", "string", countries), test::filled("Part", "string", regions)});
  const auto places = test::table("places", {test::column("name"), test::column("area")});
  CHECK(agreement(list, places) == 1);
  CHECK(agreement(list, places, 1) < 0);
  CHECK(agreement(list, test::table("places", {test::column("area"), test::column("name")})) < 0);
  CHECK(agreement(places, test::table("2024", {test::filled("Land", "string", countries)})) == 1);
  CHECK(agreement(test::table("countries", {test::column("Country")}),
                  test::table("nations", {test::column("label"), test::column("area")})) > 0.5F);
  // One name is what exact_name tells, and two lists need not be of one thing.
  CHECK(agreement(places, test::table("2024", {test::column("name")})) == 0);
  CHECK(agreement(list, test::table("2025", {test::filled("Seat", "string", capitals)})) == 0);
}

TEST_CASE("a former name is not what a table is about", "[matching]") {
  const auto list = test::table("2024", {test::filled("Land", "string", countries)});
  const auto of = [&](const char* name) {
    return agreement(list, test::table("places", {test::column(name), test::column("name")}));
  };
  CHECK(of("former_name") < of("area"));
  CHECK(of("area") < 0);
}

TEST_CASE("among many tables only those called alike are about the same", "[matching]") {
  const auto catalog = test::catalog_of({test::table("countries", {test::column("name")}),
                                         test::table("films", {test::column("name")})});
  const Prepared prepared{catalog, test::shipped_lexicon()};
  const auto& targets = prepared.whole();
  const auto table = test::table("countries", {test::filled("Land", "string", countries)});
  const auto source = test::side_of(table);
  for (const auto& column : targets.columns) {
    const bool same = targets.tables[column.table].ref.table.text == "countries";
    CHECK((subject_agreement(*source, source->columns[0], targets, column, same ? 1.0F : 0.1F) >
           0) == same);
  }
}
