// SPDX-License-Identifier: Apache-2.0
#include "core/matching/values/lossy.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/matching/samples.hpp"

#include <string>
#include <vector>

using namespace mapctl;

namespace {

std::string warnings(const catalog::Column& from, const catalog::Column& to) {
  std::string text;
  for (const auto& warning : matching::lossy_warnings(from, test::table("t", {to}), to)) {
    text += warning + "\n";
  }
  return text;
}

bool says(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("text longer than the target is told by its values", "[matching]") {
  const auto to = test::column("note", "varchar(120)");
  CHECK(says(warnings(test::filled("note", "varchar(4000)", {std::string(212, 'x'), "short"}), to),
             "values up to 212 characters do not fit 120"));
  CHECK(warnings(test::filled("note", "varchar(4000)", {"short"}), to).empty());
}

TEST_CASE("what a code map leaves over is told, and not the length that it mends", "[matching]") {
  auto to = test::column("country_code", "varchar(2)");
  to.code_list = "iso3166_alpha2";
  const auto some = warnings(
      test::filled("country", "string", {"Germany", "France", "Narnia", "Spain", "Italy"}), to);
  CHECK(some == "not among the target's codes: 'Narnia'\n");
  CHECK(warnings(test::filled("country", "string", {"Germany", "France"}), to).empty());
  CHECK(says(warnings(test::filled("country", "string", {"Narnia", "Gondor"}), to),
             "values up to 6 characters do not fit 2 characters: a code map is needed"));
  CHECK(warnings(test::filled("country", "string", {"DE", "FR"}), to).empty());
}

TEST_CASE("declared lengths count only without statistics", "[matching]") {
  const auto to = test::column("note", "varchar(120)");
  CHECK(says(warnings(test::column("note", "varchar(255)"), to), "declared up to 255"));
  CHECK(warnings(test::column("note", "varchar(100)"), to).empty());
}

TEST_CASE("digits that do not fit a decimal are told", "[matching]") {
  const auto to = test::column("amount", "decimal(6,2)");
  const auto text = warnings(test::filled("amount", "string", {"123456.789", "1.5"}), to);
  CHECK(says(text, "6 digits before the point do not fit decimal(6,2)"));
  CHECK(says(text, "3 digits behind the point are rounded to 2"));
  CHECK(warnings(test::filled("amount", "string", {"1234.50", "0.25"}), to).empty());
}

TEST_CASE("fractions, leading zeros and large numbers are lost in integers", "[matching]") {
  const auto to = test::column("n", "integer");
  CHECK(says(warnings(test::filled("n", "string", {"1.5", "2.25"}), to), "fractions are lost"));
  CHECK(says(warnings(test::filled("n", "string", {"00123", "00456"}), to),
             "leading zeros are lost"));
  auto small = test::column("n", "smallint");
  small.type.bits = 16;
  CHECK(says(warnings(test::filled("n", "integer", {"1", "70000"}), small), "do not fit 16 bits"));
}

TEST_CASE("missing values are told where the target needs one", "[matching]") {
  auto to = test::column("name");
  to.nullable = false;
  to.required = true;
  CHECK(says(warnings(test::filled("name", "string", {"a", "", "b", "c"}), to),
             "25 % of the values are missing"));
  CHECK(warnings(test::filled("name", "string", {"a", "b"}), to).empty());
  to.default_value = "none";
  CHECK(warnings(test::filled("name", "string", {"a", ""}), to).empty());
}

TEST_CASE("values outside the target's codes are named", "[matching]") {
  auto to = test::column("state");
  to.allowed_values = {"open", "closed"};
  const auto text = warnings(test::filled("state", "string", {"Open", "stalled", "closed"}), to);
  CHECK(says(text, "'stalled'"));
  CHECK_FALSE(says(text, "'Open'"));
}

TEST_CASE("values that are no dates or numbers are counted", "[matching]") {
  CHECK(
      says(warnings(test::filled("d", "string", {"2026-01-01", "2026-01-02", "soon", "2026-01-04"}),
                    test::column("d", "date")),
           "25 % of the values are no dates"));
  CHECK(says(warnings(test::filled("d", "string", {"1", "2", "many", "4"}),
                      test::column("d", "decimal(9,2)")),
             "no numbers"));
}

TEST_CASE("the share of values that a target takes counts what a code map makes of them",
          "[matching]") {
  const auto number = test::column("room", "integer");
  CHECK(matching::taken_share(test::filled("mrn", "string", {"MRN-1", "MRN-2"}), number) == 0);
  CHECK(matching::taken_share(test::filled("room", "string", {"12", "unknown"}), number) ==
        test::Approx(0.5));
  CHECK(matching::taken_share(test::filled("active", "string", {"yes", "no"}),
                              test::column("is_active", "boolean")) == 1);
  CHECK(matching::taken_share(test::filled("day", "integer", {"17", "4"}),
                              test::column("born_on", "date")) == 0);
  CHECK(matching::taken_share(test::column("mrn"), number) == 1);
  CHECK(matching::taken_share(test::filled("mrn", "string", {"MRN-1"}), test::column("id")) == 1);
}

TEST_CASE("the time of day and the zone can be lost", "[matching]") {
  CHECK(says(warnings(test::column("t", "timestamp"), test::column("t", "date")), "time of day"));
  CHECK(
      says(warnings(test::column("t", "timestamp with time zone"), test::column("t", "timestamp")),
           "time zone"));
}

TEST_CASE("repeated values are told where the target is unique", "[matching]") {
  auto to = test::column("code");
  to.unique = true;
  CHECK(says(warnings(test::filled("code", "string", {"a", "a", "b", "b"}), to), "values repeat"));
  CHECK(warnings(test::filled("code", "string", {"a", "b"}), to).empty());
}

TEST_CASE("a date cannot become a number", "[matching]") {
  CHECK(says(warnings(test::column("d", "date"), test::column("n", "integer")), "cannot become"));
}

TEST_CASE("a moment without a zone is noted where the target keeps moments in UTC", "[matching]") {
  const auto to = test::column("t", "timestamp with time zone");
  CHECK(says(warnings(test::column("t", "timestamp"), to), "no time zone: taken as UTC"));
  CHECK(warnings(test::column("t", "timestamp with time zone"), to).empty());
}

TEST_CASE("dates that do not tell their order are not said to be mixed", "[matching]") {
  const auto to = test::column("d", "date");
  const auto open = warnings(test::filled("d", "string", {"01/02/2026", "03/04/2026"}), to);
  CHECK(says(open, "cannot be told"));
  CHECK_FALSE(says(open, "others month first"));
  const auto told = warnings(test::filled("d", "string", {"01/02/2026", "31/03/2026"}), to);
  CHECK_FALSE(says(told, "cannot be told"));
}

TEST_CASE("numbers and times of day of which no date can be made are told", "[matching]") {
  const auto to = test::column("d", "date");
  const std::string_view unknown = "the numbers have no known form of date";
  CHECK(says(warnings(test::filled("d", "integer", {"200506", "210528", "160420"}), to), unknown));
  CHECK(says(warnings(test::filled("d", "integer", {"43183", "45492", "44474"}), to), unknown));
  CHECK(warnings(test::filled("d", "integer", {"20260131", "20251225"}), to).empty());
  CHECK(says(warnings(test::filled("d", "string", {"43183", "45492", "44474"}), to),
             "100 % of the values are no dates"));
  CHECK(
      says(warnings(test::filled("d", "time", {"10:17", "07:45"}), to), "time cannot become date"));
}
