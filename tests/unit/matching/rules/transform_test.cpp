// SPDX-License-Identifier: Apache-2.0
#include "core/matching/rules/transform.hpp"

#include "core/catalog/profiler.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/matching/samples.hpp"

#include <string>
#include <vector>

using namespace mapctl;
using mapping::Transformation;
using mapping::TransformationKind;
using Kinds = std::vector<TransformationKind>;

namespace {

// From the first column of `from` to the one column `to`.
Transformation suggested(std::vector<catalog::Column> from, catalog::Column to) {
  const auto a = test::table("a", std::move(from));
  const auto b = test::table("b", {std::move(to)});
  const auto source = test::side_of(a);
  const auto target = test::side_of(b);
  return matching::suggest_transformation(*source, source->columns[0], *target, target->columns[0]);
}

Kinds kinds(const Transformation& transformation) {
  Kinds result;
  for (const auto& step : transformation.steps) {
    result.push_back(step.kind);
  }
  return result;
}

}  // namespace

TEST_CASE("equal types are copied", "[matching]") {
  CHECK(suggested({test::column("a", "integer")}, test::column("a", "integer")).is_direct());
  CHECK(suggested({test::filled("a", "string", {"x", "y"})}, test::column("a")).is_direct());
  CHECK(suggested({test::column("a", "integer")}, test::column("a", "decimal(12,2)")).is_direct());
}

TEST_CASE("written dates are parsed by the form they have", "[matching]") {
  const auto format = [](const std::vector<std::string>& values) {
    const auto result = suggested({test::filled("d", "string", values)}, test::column("d", "date"));
    REQUIRE(kinds(result) == Kinds{TransformationKind::parse_date});
    return std::string{result.steps[0].argument("format")};
  };
  CHECK(format({"31/01/2026", "25/12/2025"}) == "%d/%m/%Y");
  CHECK(format({"31.01.2026", "25.12.2025"}) == "%d.%m.%Y");
  CHECK(format({"01/31/2026", "12/25/2025"}) == "%m/%d/%Y");
  CHECK(format({"31/01/26", "25/12/25"}) == "%d/%m/%y");
  CHECK(format({"31/01/2026 08:30", "25/12/2025 17:05"}) == "%d/%m/%Y %H:%M");
  CHECK(format({"31/01/2026 08:30:15", "25/12/2025 17:05:00"}) == "%d/%m/%Y %H:%M:%S");
  CHECK(format({"21.04.22", "06.09.21"}) == "%d.%m.%y");
  CHECK(format({"22-Sep-2018", "05-Jun-2019"}) == "%d-%b-%Y");
  CHECK(format({"05-Jun-21", "22-Sep-18"}) == "%d-%b-%y");
  CHECK(format({"12 December 2015", "3 May 2014", "4 May 2014"}) == "%d %B %Y");
  CHECK(format({"Oct 27, 2021", "May 27, 2016"}) == "%b %d, %Y");
  CHECK(format({"Oct 27, 2021 08:30", "May 27, 2016 17:05"}) == "%b %d, %Y %H:%M");
  CHECK(format({"2016/06/10", "2017/12/15"}) == "%Y/%m/%d");
  CHECK(format({"2016/06/10 08:30", "2017/12/15 17:05"}) == "%Y/%m/%d %H:%M");
  CHECK(format({"2020.02.10", "2017.04.27"}) == "%Y.%m.%d");
  CHECK(format({"20260131", "20251225"}) == "%Y%m%d");
  CHECK(format({"2026-01-31", "2025-12-25"}) == "%Y-%m-%d");
  CHECK(format({"2026-01-31T08:00:00Z", "2025-12-25T09:30:00Z"}) == "%Y-%m-%dT%H:%M:%S%z");
  CHECK(format({"2026-01-31T08:00:00-05:00", "2025-12-25T09:30:00-05:00"}) ==
        "%Y-%m-%dT%H:%M:%S%z");
}

TEST_CASE("dates whose format only the file's reader knows are parsed", "[matching]") {
  auto date = test::column("d", "date");
  date.type.native = "DATE %d.%m.%Y";
  const auto parsed = suggested({date}, test::column("d", "date"));
  REQUIRE(kinds(parsed) == Kinds{TransformationKind::parse_date});
  CHECK(parsed.steps[0].argument("format") == "%d.%m.%Y");
  CHECK(kinds(suggested({date}, test::column("d", "timestamp"))) ==
        Kinds{TransformationKind::parse_date});
  CHECK(kinds(suggested({date}, test::column("d"))) ==
        Kinds{TransformationKind::parse_date, TransformationKind::format_text});
  CHECK(suggested({test::column("d", "date")}, test::column("d", "date")).is_direct());
}

TEST_CASE("times of day keep the half of the day", "[matching]") {
  const auto format = [](const std::vector<std::string>& values, const char* type) {
    const auto result = suggested({test::filled("d", "string", values)}, test::column("d", type));
    REQUIRE(kinds(result) == Kinds{TransformationKind::parse_date});
    return std::string{result.steps[0].argument("format")};
  };
  CHECK(format({"05/13/2020 02:05 PM", "05/02/2020 01:05 AM"}, "timestamp") == "%m/%d/%Y %I:%M %p");
  CHECK(format({"31.01.2026 2:05:09 pm", "25.12.2025 11:00:00 am"}, "timestamp") ==
        "%d.%m.%Y %I:%M:%S %p");
  CHECK(format({"31/01/2026 02:05PM", "25/12/2025 11:00AM"}, "date") == "%d/%m/%Y %I:%M%p");
  CHECK(format({"2026-01-31 02:05 PM", "2025-12-25 11:00 AM"}, "timestamp") == "%Y-%m-%d %I:%M %p");
  CHECK(format({"02:05 PM", "11:00 AM"}, "time") == "%I:%M %p");
  CHECK(format({"02:05:09 PM", "11:00:00 AM"}, "time") == "%I:%M:%S %p");
  CHECK(suggested({test::filled("t", "string", {"14:05", "11:00"})}, test::column("t", "time"))
            .is_direct());
}

TEST_CASE("the form of masked dates is told from their marks", "[matching]") {
  const auto format = [](const char* value) {
    auto born = test::filled("birth_date", "string", {value, value});
    for (auto& sample : born.statistics->samples) {
      sample = catalog::mask(sample);
    }
    return std::string{
        suggested({born}, test::column("d", "timestamp")).steps.at(0).argument("format")};
  };
  CHECK(format("05/13/2020 02:05 PM") == "%m/%d/%Y %I:%M %p");
  CHECK(format("13/05/2020 02:05PM") == "%d/%m/%Y %I:%M%p");
  CHECK(format("13.05.2020 14:05") == "%d.%m.%Y %H:%M");
  CHECK(format("22-Sep-2018") == "%d-%b-%Y");
  CHECK(format("December 12, 2015") == "%B %d, %Y");
}

TEST_CASE("numbers of eight digits that are dates are parsed as such", "[matching]") {
  const auto result =
      suggested({test::filled("d", "integer", {"20260131", "20251225", "20260301"})},
                test::column("d", "date"));
  REQUIRE(kinds(result) == Kinds{TransformationKind::parse_date});
  CHECK(result.steps[0].argument("format") == "%Y%m%d");
  const auto number = suggested({test::filled("d", "integer", {"20269931", "20251225"})},
                                test::column("d", "date"));
  CHECK(kinds(number) == Kinds{TransformationKind::cast});
}

TEST_CASE("large numbers that go to a timestamp are epochs", "[matching]") {
  const auto result = suggested(
      {test::filled("t", "bigint", {"1700000000", "1710000000", "1720000000", "1690000000"})},
      test::column("t", "timestamp"));
  REQUIRE(kinds(result) == Kinds{TransformationKind::parse_date});
  CHECK(result.steps[0].argument("format") == "epoch_s");
}

TEST_CASE("padded text is trimmed first", "[matching]") {
  const auto result =
      suggested({test::filled("n", "string", {" 12", "13 ", "14"})}, test::column("n", "integer"));
  CHECK(kinds(result) == Kinds{TransformationKind::trim, TransformationKind::cast});
}

TEST_CASE("numbers with separators are parsed", "[matching]") {
  const auto result = suggested({test::filled("n", "string", {"1.234,50", "2.999,99", "3.100,00"})},
                                test::column("n", "decimal(12,2)"));
  REQUIRE(kinds(result) == Kinds{TransformationKind::parse_number});
  CHECK(result.steps[0].argument("decimal") == ",");
}

TEST_CASE("yes and no become booleans", "[matching]") {
  CHECK(kinds(suggested({test::filled("b", "string", {"yes", "no", "yes"})},
                        test::column("b", "boolean"))) == Kinds{TransformationKind::parse_boolean});
}

TEST_CASE("words that no system reads as yes or no are mapped first", "[matching]") {
  const auto result =
      suggested({test::filled("b", "string", {"ja", "nein", "ja"})}, test::column("b", "boolean"));
  REQUIRE(kinds(result) == Kinds{TransformationKind::code_map, TransformationKind::parse_boolean});
  CHECK(result.steps[0].argument("ja") == "true");
}

TEST_CASE("words become the numbers that the target has for them", "[matching]") {
  const auto result = suggested({test::filled("active", "string", {"Y", "N", "Y"})},
                                test::filled("is_active", "integer", {"1", "0", "1"}));
  REQUIRE(kinds(result) == Kinds{TransformationKind::code_map, TransformationKind::cast});
  CHECK(result.steps[0].argument("Y") == "1");
  CHECK(result.steps[0].argument("N") == "0");
}

TEST_CASE("too long text is cut to the target's length", "[matching]") {
  const auto result = suggested({test::filled("n", "string", {std::string(50, 'x')})},
                                test::column("n", "varchar(20)"));
  REQUIRE(kinds(result) == Kinds{TransformationKind::truncate});
  CHECK(result.steps[0].argument("length") == "20");
}

TEST_CASE("codes are never cut", "[matching]") {
  auto listed = test::column("country_code", "varchar(2)");
  listed.code_list = "iso3166_alpha2";
  const auto known = suggested(
      {test::filled("country", "string", {"Germany", "France", "Narnia", "Spain", "Italy"})},
      listed);
  REQUIRE(kinds(known) == Kinds{TransformationKind::code_map});
  CHECK(known.steps[0].argument("Spain") == "ES");
  CHECK(known.steps[0].argument("Narnia").empty());
  CHECK(suggested({test::filled("country", "string", {"Narnia", "Gondor", "Germany"})}, listed)
            .is_direct());
  // A target without data has no codes to tell but those of its length.
  const std::vector<std::string> names{"Germany", "France", "Spain"};
  const auto two =
      suggested({test::filled("country", "string", names)}, test::column("country", "char(2)"));
  REQUIRE(kinds(two) == Kinds{TransformationKind::code_map});
  CHECK(two.steps[0].argument("Germany") == "DE");
  const auto three =
      suggested({test::filled("country", "string", names)}, test::column("country", "char(3)"));
  REQUIRE(kinds(three) == Kinds{TransformationKind::code_map});
  CHECK(three.steps[0].argument("Germany") == "DEU");
  CHECK(suggested({test::filled("colour", "string", {"red", "blue"})},
                  test::column("colour", "char(2)"))
            .is_direct());
  // The first letter of a name is its initial.
  CHECK(kinds(suggested({test::filled("middle_name", "string", {"Anna", "Lee"})},
                        test::column("middle_initial", "char(1)"))) ==
        Kinds{TransformationKind::truncate});
}

TEST_CASE("values are mapped to the target's codes", "[matching]") {
  auto to = test::column("status");
  to.allowed_values = {"open", "in_progress", "closed"};
  const auto result =
      suggested({test::filled("status", "string", {"OPEN", "In Progress", "closed"})}, to);
  REQUIRE(kinds(result) == Kinds{TransformationKind::code_map});
  CHECK(result.steps[0].argument("OPEN") == "open");
  CHECK(result.steps[0].argument("In Progress") == "in_progress");
}

TEST_CASE("a whole name is split into its parts", "[matching]") {
  const auto result = suggested({test::column("full_name")}, test::column("last_name"));
  REQUIRE(kinds(result) == Kinds{TransformationKind::split});
  CHECK(result.steps[0].argument("part") == "last");
  CHECK(suggested({test::column("company_name")}, test::column("last_name")).is_direct());
}

TEST_CASE("parts of a name are joined into the whole", "[matching]") {
  const auto result =
      suggested({test::column("first_name"), test::column("last_name")}, test::column("full_name"));
  REQUIRE(kinds(result) == Kinds{TransformationKind::join});
  CHECK(result.inputs == std::vector<std::string>{"first_name", "last_name"});
}

TEST_CASE("a member is taken out of documents", "[matching]") {
  const auto result = suggested(
      {test::filled("owner", "json", {R"({"id": 7, "name": "x"})", R"({"id": 8, "name": "y"})"})},
      test::column("owner", "string"));
  REQUIRE_FALSE(result.steps.empty());
  CHECK(result.steps[0].kind == TransformationKind::json_path);
}

TEST_CASE("the member is named as the documents spell it, and not one of an inner document",
          "[matching]") {
  const auto path = [](const std::string& document, const char* target) {
    const auto result = suggested({test::filled("d", "json", {document, document})},
                                  test::column(target, "string"));
    return result.steps.empty() ? std::string{} : std::string{result.steps[0].argument("path")};
  };
  CHECK(path(R"({"City": "Utrecht", "x": 1})", "city") == "$.City");
  CHECK(path(R"({"kind": "city", "Name" : "Utrecht"})", "city") == "$.Name");
  CHECK(path(R"({"home": {"city": "Utrecht"}, "id": 3})", "city") == "$.id");
  CHECK(path(R"({"say \"city\": ": 1, "label": "x"})", "city") == "$.label");
  CHECK(path(R"({"first name": "Ada"})", "first name").empty());
  CHECK(path(R"([{"city": "Utrecht"}])", "city").empty());
}

TEST_CASE("missing values take the target's default", "[matching]") {
  auto to = test::column("kind");
  to.nullable = false;
  to.default_value = "other";
  const auto result = suggested({test::filled("kind", "string", {"a", "", "b"})}, to);
  REQUIRE(kinds(result) == Kinds{TransformationKind::default_value});
  CHECK(result.steps[0].argument("value") == "other");
}

TEST_CASE("temporal types and numbers are cast or written as text", "[matching]") {
  CHECK(kinds(suggested({test::column("d", "timestamp")}, test::column("d", "date"))) ==
        Kinds{TransformationKind::cast});
  CHECK(kinds(suggested({test::column("d", "date")}, test::column("d"))) ==
        Kinds{TransformationKind::format_text});
  CHECK(kinds(suggested({test::column("n", "decimal(8,2)")}, test::column("n", "integer"))) ==
        Kinds{TransformationKind::cast});
}

TEST_CASE("a key of names is no name to be joined", "[matching]") {
  const auto joined =
      suggested({test::column("first_name"), test::column("last_name")}, test::column("full_name"));
  CHECK(kinds(joined) == Kinds{TransformationKind::join});
  for (const char* key : {"last_name_id", "last_name_identifier", "lastNameID"}) {
    CHECK(suggested({test::column("first_name"), test::column(key)}, test::column("full_name"))
              .is_direct());
  }
}
