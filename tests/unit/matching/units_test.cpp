// SPDX-License-Identifier: Apache-2.0
#include "core/matching/units.hpp"

#include "core/matching/matcher.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/matching/samples.hpp"

#include <string>
#include <vector>

using namespace mapctl;
using test::column;
using test::filled;

namespace {

// What is done to the only column of one table on its way to the only one of another.
std::string rule_between(catalog::Column from, catalog::Column to) {
  const auto source = matching::prepare(test::catalog_of({test::table("calls", {std::move(from)})}),
                                        *test::shipped_lexicon());
  const auto target = matching::prepare(test::catalog_of({test::table("calls", {std::move(to)})}),
                                        *test::shipped_lexicon());
  matching::MatchOptions options;
  options.min_confidence = 0;
  const matching::Matcher matcher{test::shipped_knowledge(), options};
  const auto pair = matcher.match(*source, test::ref("calls"), *target, test::ref("calls"), {});
  REQUIRE_FALSE(pair.fields.front().candidates.empty());
  return mapping::describe(pair.fields.front().candidates.front().transformation);
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
