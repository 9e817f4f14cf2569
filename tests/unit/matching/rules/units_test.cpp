// SPDX-License-Identifier: Apache-2.0
#include "core/matching/rules/units.hpp"

#include "core/matching/matcher.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/matching/samples.hpp"

#include <string>
#include <vector>

using namespace mapctl;
using test::column;
using test::filled;

namespace {

// The pair of the only column of one table and the only one of another.
mapping::Candidate between(catalog::Column from, catalog::Column to) {
  const auto source = matching::prepare(test::catalog_of({test::table("calls", {std::move(from)})}),
                                        *test::shipped_lexicon());
  const auto target = matching::prepare(test::catalog_of({test::table("calls", {std::move(to)})}),
                                        *test::shipped_lexicon());
  matching::MatchOptions options;
  options.min_confidence = 0;
  const matching::Matcher matcher{test::shipped_knowledge(), options};
  const auto pair = matcher.match(*source, test::ref("calls"), *target, test::ref("calls"), {});
  REQUIRE_FALSE(pair.fields.front().candidates.empty());
  return pair.fields.front().candidates.front();
}

std::string rule_between(catalog::Column from, catalog::Column to) {
  return mapping::describe(between(std::move(from), std::move(to)).transformation);
}

std::vector<std::string> warnings_between(catalog::Column from, catalog::Column to) {
  return between(std::move(from), std::move(to)).warnings;
}

catalog::Column in_unit(catalog::Column column, std::string unit) {
  column.unit = std::move(unit);
  return column;
}

}  // namespace

TEST_CASE("units that both names tell are scaled", "[matching]") {
  CHECK(rule_between(column("duration_ms", "integer"),
                     column("duration_seconds", "decimal(12,3)")) == "multiply by 0.001");
  CHECK(rule_between(column("weight_kg", "decimal(8,2)"),
                     column("weight_grams", "decimal(12,2)")) == "multiply by 1000");
  CHECK(rule_between(column("weight_kg", "decimal(8,2)"), column("weight_kg", "decimal(8,2)")) ==
        "direct copy");
  CHECK(rule_between(column("duration", "integer"), column("duration_seconds", "integer")) ==
        "direct copy");
}

TEST_CASE("units of other systems of measure are scaled", "[matching]") {
  CHECK(rule_between(column("weight_lb", "decimal(8,2)"), column("weight_kg", "decimal(8,3)")) ==
        "multiply by 0.45359237");
  CHECK(rule_between(column("distance_km", "decimal(8,2)"),
                     column("distance_miles", "decimal(8,2)")) == "multiply by 0.621371192237");
  CHECK(rule_between(column("temp_f", "decimal(8,2)"), column("temp_c", "decimal(8,2)")) ==
        "compute (temp_f - 32) / 1.8");
  CHECK(rule_between(column("temperature_celsius", "decimal(8,2)"),
                     column("temperature_fahrenheit", "decimal(8,2)")) ==
        "compute temperature_celsius * 1.8 + 32");
}

TEST_CASE("short units are read beside a unit of their dimension only", "[matching]") {
  CHECK(rule_between(column("weight_g", "decimal(8,2)"), column("weight_kg", "decimal(8,3)")) ==
        "multiply by 0.001");
  CHECK(rule_between(column("height_in", "decimal(8,2)"), column("height_cm", "decimal(8,2)")) ==
        "multiply by 2.54");
  CHECK(rule_between(column("duration_min", "integer"), column("duration_seconds", "integer")) ==
        "multiply by 60");
  CHECK(rule_between(column("length_m", "decimal(8,2)"), column("length_mm", "decimal(8,2)")) ==
        "multiply by 1000");
  CHECK(rule_between(column("duration_min", "integer"), column("duration", "integer")) ==
        "direct copy");
  CHECK(rule_between(column("price_min", "integer"), column("price_max_seconds", "integer")) ==
        "direct copy");
}

TEST_CASE("a factor that makes whole numbers loses no fractions", "[matching]") {
  const auto metres = filled("height_m", "decimal(8,2)", {"0.25", "0.40", "1.25"});
  CHECK(warnings_between(metres, column("height_cm", "integer")).empty());
  CHECK(
      warnings_between(column("height_m", "decimal(8,2)"), column("height_mm", "integer")).empty());
  const auto exact = filled("height_m", "decimal(8,3)", {"0.251", "0.40", "1.25"});
  CHECK(warnings_between(exact, column("height_cm", "integer")).size() == 1);
  CHECK(warnings_between(filled("height_ft", "decimal(8,2)", {"0.25", "0.40", "1.25"}),
                         column("height_cm", "integer"))
            .size() == 1);
}

TEST_CASE("a declared unit is worth more than a name", "[matching]") {
  CHECK(rule_between(in_unit(column("latency", "integer"), "s"),
                     in_unit(column("latency", "integer"), "ms")) == "multiply by 1000");
  CHECK(rule_between(column("discount_ratio", "decimal(4,2)"),
                     in_unit(column("discount_rate", "decimal(4,2)"), "%")) == "multiply by 100");
}

TEST_CASE("cents become units of money with decimals", "[matching]") {
  CHECK(rule_between(column("amount_cents", "bigint"), column("amount", "decimal(12,2)")) ==
        "multiply by 0.01");
  CHECK(rule_between(column("amount", "decimal(12,2)"), column("amount_cents", "bigint")) ==
        "multiply by 100, then cast to integer");
  CHECK(rule_between(column("amount_cents", "bigint"), column("amount_eur", "decimal(12,2)")) ==
        "multiply by 0.01");
  // Whole amounts may well be of cents too.
  CHECK(rule_between(column("amount_cents", "bigint"), column("amount", "bigint")) ==
        "direct copy");
}

TEST_CASE("values decide whether a unit is what the name says", "[matching]") {
  const auto cents =
      filled("amount_cents", "bigint", {"1250", "2000", "999", "3150", "700", "1800", "450"});
  CHECK(rule_between(cents, filled("amount", "decimal(12,2)",
                                   {"12.50", "20.00", "9.99", "31.50", "7.00", "18.00", "4.50"})) ==
        "multiply by 0.01");
  // The target has the same numbers already.
  CHECK(rule_between(cents, filled("amount", "decimal(12,2)",
                                   {"1250", "2000", "999", "3150", "700", "1800", "450"})) ==
        "direct copy");
}

TEST_CASE("of the same rows the values tell whether there is a factor", "[matching]") {
  const std::vector<std::string> pounds{"10.5", "3.25", "88", "41.7", "12.34", "60", "7"};
  const auto source = filled("weight_lb", "decimal(8,2)", pounds);
  CHECK(rule_between(source, filled("weight_kg", "decimal(8,3)",
                                    {"4.763", "1.474", "39.916", "18.915", "5.597", "27.216",
                                     "3.175"})) == "multiply by 0.45359237");
  CHECK(rule_between(source, filled("weight_kg", "decimal(8,2)", pounds)) == "direct copy");
}

TEST_CASE("a conversion that values speak against is warned of, and so is another currency",
          "[matching]") {
  const std::vector<std::string> values{"10.5", "3.25", "88", "41.7", "12.34", "60", "7"};
  const auto alike = warnings_between(filled("weight_lb", "decimal(8,2)", values),
                                      filled("weight_kg", "decimal(8,2)", values));
  REQUIRE(alike.size() == 1);
  CHECK(alike.front() ==
        "by their names 'weight_lb' is in pounds, 'weight_kg' in kilograms, but the values speak "
        "against a conversion");
  const auto money = warnings_between(column("amount_usd", "decimal(12,2)"),
                                      column("amount_eur", "decimal(12,2)"));
  REQUIRE(money.size() == 1);
  CHECK(money.front() == "amounts in USD and in EUR: a rate is needed");
}

TEST_CASE("another currency is warned of and its parts and thousands are scaled", "[matching]") {
  struct Case {
    const char* from;
    const char* to;
    const char* rule;
  };
  constexpr Case cases[]{{"price_usd", "price_eur_cents", "multiply by 100"},
                         {"price_usd", "price_cents_eur", "multiply by 100"},
                         {"price_eur_cents", "price_usd", "multiply by 0.01"},
                         {"price_usd", "price_eur_k", "multiply by 0.001"},
                         {"price_usd", "price_k_eur", "multiply by 0.001"},
                         {"price_kusd", "price_eur", "multiply by 1000"},
                         {"usd_price", "eur_price", "direct copy"}};
  for (const auto& [from, to, rule] : cases) {
    INFO(from << " " << to);
    const auto found = between(column(from, "decimal(12,4)"), column(to, "decimal(12,4)"));
    CHECK(mapping::describe(found.transformation) == rule);
    REQUIRE(found.warnings.size() == 1);
    CHECK(found.warnings.front().ends_with(": a rate is needed"));
  }
  // One currency needs none, and what a rate does to values speaks against no factor.
  CHECK(warnings_between(column("price_eur", "decimal(12,2)"),
                         column("price_eur_cents", "decimal(12,2)"))
            .empty());
  const auto yen = between(
      filled("price_jpy", "decimal(12,2)", {"1500", "2500", "9500", "4400", "3100", "2700"}),
      filled("price_eur_cents", "integer", {"935", "1560", "5900", "2750", "1900", "1690"}));
  CHECK(mapping::describe(yen.transformation).starts_with("multiply by 100"));
}

TEST_CASE("units of physics are scaled where only they tell the names apart", "[matching]") {
  const auto rule = [](const char* from, const char* to) {
    return rule_between(column(from, "decimal(12,3)"), column(to, "decimal(12,3)"));
  };
  CHECK(rule("power_kw", "power_w") == "multiply by 1000");
  CHECK(rule("power_hp", "power_kw") == "multiply by 0.745699871582");
  CHECK(rule("energy_wh", "energy_kwh") == "multiply by 0.001");
  CHECK(rule("energy_kWh", "energy_MJ") == "multiply by 3.6");
  CHECK(rule("speed_kmh", "speed_mph") == "multiply by 0.621371192237");
  CHECK(rule("speed (km/h)", "speed (m/s)") == "multiply by 0.277777777778");
  CHECK(rule("pressure_bar", "pressure_psi") == "multiply by 14.503773773");
  CHECK(rule("pressure_hPa", "pressure_kPa") == "multiply by 0.1");
  CHECK(rule("voltage_mv", "voltage_v") == "multiply by 0.001");
  CHECK(rule("current_a", "current_ma") == "multiply by 1000");
  CHECK(rule("frequency_ghz", "frequency_mhz") == "multiply by 1000");
  CHECK(rule("bandwidth_mbps", "bandwidth_kbps") == "multiply by 1000");
  CHECK(rule("growth_pct", "growth_share") == "multiply by 0.01");
}

TEST_CASE("areas are scaled, and a name may be nothing but its unit", "[matching]") {
  const auto rule = [](const char* from, const char* to) {
    return rule_between(column(from, "decimal(12,3)"), column(to, "decimal(12,3)"));
  };
  CHECK(rule("lot_acres", "plot_area_sqm") == "multiply by 4046.8564224");
  CHECK(rule("sqft", "living_area_sqm") == "multiply by 0.09290304");
  CHECK(rule("area_m2", "area_ha") == "multiply by 0.0001");
  CHECK(rule("area_sq_ft", "area_sqm") == "multiply by 0.09290304");
}

TEST_CASE("months and years are twelve to one, as ages and as what is paid", "[matching]") {
  const auto rule = [](const char* from, const char* to) {
    return rule_between(column(from, "decimal(12,2)"), column(to, "decimal(12,2)"));
  };
  CHECK(rule("age_years", "age_months") == "multiply by 12");
  CHECK(rule("salary_month", "salary_year") == "multiply by 12");
  CHECK(rule("Monatsgehalt", "annual_salary") == "multiply by 12");
  CHECK(rule("annual_rent", "monthly_rent") == "multiply by 0.0833333333333");
  // Parts of a calendar.
  CHECK(rule("birth_year", "birth_month") == "direct copy");
  CHECK(rule("pay_month", "pay_year") == "direct copy");
  // No number of days is a month.
  CHECK(rule("age_days", "age_months") == "direct copy");
}

TEST_CASE("a price per unit is not scaled as the unit is", "[matching]") {
  CHECK(rule_between(column("price_per_kg", "decimal(8,2)"),
                     column("price_per_lb", "decimal(8,2)")) == "direct copy");
}

TEST_CASE("short units beside other words need the same thing measured", "[matching]") {
  const auto rule = [](const char* from, const char* to) {
    return rule_between(column(from, "decimal(12,2)"), column(to, "decimal(12,2)"));
  };
  CHECK(rule("dur_min", "duration_seconds") == "multiply by 60");
  CHECK(rule("temp_f", "body_temperature_c") == "compute (temp_f - 32) / 1.8");
  CHECK(rule("ask_price_k", "asking_price") == "multiply by 1000");
  CHECK(rule("price_min", "duration_max_seconds") == "direct copy");
  CHECK(rule("class_c", "water_fahrenheit") == "direct copy");
  CHECK(rule("stock_wh", "capacity_kwh") == "direct copy");
  CHECK(rule("vitamin_k", "total_vitamins") == "direct copy");
}

TEST_CASE("values tell what short units beside other words are", "[matching]") {
  const auto from =
      filled("usage_wh", "bigint", {"12500", "20000", "9990", "31500", "7000", "18000", "4500"});
  CHECK(rule_between(from, filled("drawn_kwh", "decimal(8,3)",
                                  {"11.4", "21.1", "9.2", "33.6", "7.3", "16.8", "4.1"})) ==
        "multiply by 0.001");
}

TEST_CASE("a number is scaled before it is given its type", "[matching]") {
  CHECK(rule_between(column("power_kw", "double"), column("power_w", "decimal(8,0)")) ==
        "multiply by 1000, then cast to decimal(8,0)");
  CHECK(rule_between(column("POWER_KW", "double"), column("power_w", "integer")) ==
        "multiply by 1000, then cast to integer");
}

TEST_CASE("columns of a file without rows may hold numbers", "[matching]") {
  CHECK(rule_between(filled("wt_lb", "string", {}), filled("weight_kg", "string", {})) ==
        "cast to floating, then multiply by 0.45359237");
  CHECK(rule_between(filled("temp_f", "string", {}), filled("temp_c", "string", {})) ==
        "compute (temp_f - 32) / 1.8");
  CHECK(rule_between(filled("wt_lb", "string", {"heavy", "light", "none", "a lot", "little"}),
                     filled("weight_kg", "string", {})) == "direct copy");
}

TEST_CASE("values show a factor that no name tells", "[matching]") {
  const auto percent = filled("mwst", "bigint", {"7", "19", "19", "7", "7", "19", "19"});
  CHECK(rule_between(percent, filled("vat_rate", "decimal(4,2)",
                                     {"0.19", "0.07", "0.07", "0.19", "0.19", "0.07", "0.07"})) ==
        "multiply by 0.01");
  CHECK(rule_between(percent, filled("vat_rate", "bigint",
                                     {"19", "7", "7", "19", "19", "7", "7"})) == "direct copy");
}

TEST_CASE("values a known factor apart are warned of where no name tells it", "[matching]") {
  const auto small = filled("weight", "decimal(8,3)",
                            {"1.213", "2.471", "3.302", "0.951", "2.226", "1.787", "2.912"});
  const auto found = warnings_between(
      small,
      filled("weight", "decimal(8,3)", {"1251", "2419", "3390", "917", "2260", "1840", "2880"}));
  REQUIRE(found.size() == 1);
  CHECK(found.front() ==
        "the values of 'weight' are about 1000 times those of 'weight' (half are below 2260, "
        "against 2.226): they may be in different units");
  CHECK(warnings_between(small, filled("weight", "decimal(8,3)",
                                       {"4.2", "9.1", "2.5", "7.7", "6.1", "3.3", "5.8"}))
            .empty());
  // Numbers of things are in no unit.
  CHECK(warnings_between(filled("order_number", "bigint", {"11", "12", "13", "14", "15", "16"}),
                         filled("order_number", "bigint",
                                {"11000", "12000", "13000", "14000", "15000", "16000"}))
            .empty());
}
