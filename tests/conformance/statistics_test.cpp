// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/sample.hpp"
#include "tests/conformance/subject.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>

namespace mapctl::test {
namespace {

catalog::Table profiled_customers(const Subject& subject, bool protect) {
  ports::DiscoveryScope scope;
  scope.statistics = true;
  scope.protect_personal_data = protect;
  scope.tables = catalog::NamePattern{subject.name_of("customers")};
  const auto found = subject.open()->discover(scope, {});
  const auto* table = found.find(
      {catalog::SchemaName{subject.schema()}, catalog::TableName{subject.name_of("customers")}});
  REQUIRE(table != nullptr);
  return *table;
}

const catalog::ColumnStatistics& statistics_of(const catalog::Table& table,
                                               const std::string& column) {
  const auto* found = table.find(catalog::ColumnName{column});
  REQUIRE(found != nullptr);
  REQUIRE(found->statistics.has_value());
  return *found->statistics;
}

bool has_statistics(const Subject& subject) {
  return subject.factory().info().capabilities.discovers_statistics;
}

TEST_CASE("every connector with data gives the known figures of the sample", "[conformance]") {
  for (const auto& subject : subjects()) {
    if (!has_statistics(*subject)) {
      continue;
    }
    DYNAMIC_SECTION(subject->name()) {
      const auto table = profiled_customers(*subject, false);
      const auto& id = statistics_of(table, subject->name_of("customer_id"));
      CHECK(id.rows == 5);
      CHECK_FALSE(id.sampled);
      CHECK(id.null_share == 0);
      CHECK(id.distinct == 5);
      CHECK(id.minimum == "8");
      CHECK(id.maximum == "100");
      REQUIRE(id.mean.has_value());
      CHECK(*id.mean == Approx(43.6));
      CHECK(*id.deviation == Approx(40.31501).epsilon(1e-4));
      REQUIRE(id.quantiles.size() == 7);
      CHECK(id.quantiles[0] == 8);
      CHECK(id.quantiles[3] == 31);
      CHECK(id.quantiles[6] == 100);
      CHECK(id.integer_digits == 3);

      const auto& balance = statistics_of(table, subject->name_of("balance"));
      CHECK(balance.null_share == Approx(0.2));
      CHECK(std::stod(*balance.minimum) == Approx(-3.25));
      CHECK(std::stod(*balance.maximum) == Approx(1000));
      CHECK(*balance.mean == Approx(252.5));
      CHECK(balance.fraction_digits == 2);

      const auto& name = statistics_of(table, subject->name_of("Full Name"));
      CHECK(name.shortest == 3);
      CHECK(name.longest == 19);
      CHECK(statistics_of(table, subject->name_of("postal_code"))
                .share(catalog::ValuePattern::leading_zeros) == Approx(0.6));
      CHECK(statistics_of(table, subject->name_of("postal_code")).distinct == 4);
      CHECK(statistics_of(table, subject->name_of("born_on")).minimum == "1975-12-31");
      CHECK(statistics_of(table, subject->name_of("born_on")).maximum == "2001-01-01");
      CHECK(statistics_of(table, subject->name_of("is_active")).distinct == 2);
      CHECK(statistics_of(table, subject->name_of("E-Mail")).share(catalog::ValuePattern::email) ==
            Approx(1));
      CHECK(statistics_of(table, subject->name_of("E-Mail")).null_share == Approx(0.2));
    }
  }
}

TEST_CASE("every connector with data hides personal values unless told otherwise",
          "[conformance]") {
  for (const auto& subject : subjects()) {
    if (!has_statistics(*subject)) {
      continue;
    }
    DYNAMIC_SECTION(subject->name()) {
      const auto shows_ada = [](const catalog::ColumnStatistics& statistics) {
        const auto is_ada = [](const auto& text) { return text == "ada@example.net"; };
        return std::any_of(statistics.samples.begin(), statistics.samples.end(), is_ada) ||
               std::any_of(statistics.frequent.begin(), statistics.frequent.end(),
                           [&](const auto& frequent) { return is_ada(frequent.text); }) ||
               statistics.minimum == "ada@example.net";
      };
      const auto hidden = profiled_customers(*subject, true);
      CHECK(hidden.find(catalog::ColumnName{subject->name_of("E-Mail")})->personal.has_value());
      CHECK_FALSE(shows_ada(statistics_of(hidden, subject->name_of("E-Mail"))));
      CHECK_FALSE(statistics_of(hidden, subject->name_of("E-Mail")).samples.empty());
      const auto open = profiled_customers(*subject, false);
      CHECK(shows_ada(statistics_of(open, subject->name_of("E-Mail"))));
    }
  }
}

TEST_CASE("every connector gives no statistics unless asked", "[conformance]") {
  for (const auto& subject : subjects()) {
    DYNAMIC_SECTION(subject->name()) {
      const auto found = subject->open()->discover({}, {});
      for (const auto& entry : found.tables()) {
        for (const auto& column : entry.table->columns) {
          CHECK_FALSE(column.statistics.has_value());
        }
      }
    }
  }
}

}  // namespace
}  // namespace mapctl::test
