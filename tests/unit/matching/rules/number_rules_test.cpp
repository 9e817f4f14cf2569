// SPDX-License-Identifier: Apache-2.0
#include "tests/support/catch.hpp"
#include "tests/unit/matching/rules/rules.hpp"

#include <fmt/format.h>

using namespace mapctl;

namespace {

using Texts = std::vector<std::string>;

// The only column's rule.
std::string rule_of_column(std::string from, const Texts& values, std::string to,
                           const Texts& wanted, std::string_view type = "decimal(12,2)",
                           std::string_view from_type = "string") {
  const auto rules = test::rules_of(test::table("sales", {test::filled(from, from_type, values)}),
                                    test::table("sales", {test::filled(to, type, wanted)}));
  return rules.between(from, to);
}

std::string decimal_of(const Texts& values) {
  const auto rules =
      test::rules_of(test::table("sales", {test::filled("amount", "string", values)}),
                     test::table("sales", {test::column("amount", "decimal(12,2)")}));
  const auto* found = rules.find("amount", "amount");
  return found == nullptr || found->transformation.steps.empty()
             ? "nothing"
             : std::string{found->transformation.steps.front().argument("decimal")};
}

}  // namespace

TEST_CASE("amounts are read whatever stands behind the number", "[matching]") {
  CHECK(decimal_of({"12,50 €", "7,25 €", "1.234,50 €"}) == ",");
  CHECK(decimal_of({"12,50-", "7,25", "1.234,50-"}) == ",");
  CHECK(decimal_of({"8.00-", "12.50", "1.00-"}) == ".");
  CHECK(decimal_of({"€12.50", "€7.25", "€1,234.50"}) == ".");
}

TEST_CASE("per cent become shares where the target has shares", "[matching]") {
  const Texts rates{"19 %", "7 %", "0 %", "19 %", "7 %"};
  CHECK(rule_of_column("vat_rate", rates, "vat_rate", {"0.19", "0.07", "0", "0.19", "0.07"}) ==
        "parse as number, then multiply by 0.01");
  CHECK(rule_of_column("vat_rate", rates, "vat_rate", {"19", "7", "0", "19", "7"}) ==
        "parse as number");
}

TEST_CASE("thousands and millions in names are scaled where values agree", "[matching]") {
  const Texts plain{"120000", "340000", "910000", "455000", "610000", "205000"};
  const Texts thousands{"120", "340", "910", "455", "610", "205"};
  const auto scaled = [&](const char* from, const Texts& values, const char* to,
                          const Texts& wanted) {
    return rule_of_column(from, values, to, wanted, "integer", "integer");
  };
  CHECK(scaled("revenue_k", thousands, "revenue", plain) == "multiply by 1000");
  CHECK(scaled("revenue", plain, "revenue_k", thousands) == "multiply by 0.001");
  CHECK(scaled("revenue_teur", thousands, "revenue_eur", plain) == "multiply by 1000");
  CHECK(scaled("revenue_in_mio", {"1", "3", "9", "4", "6", "2"}, "revenue",
               {"1000000", "3000000", "9000000", "4000000", "6000000", "2000000"}) ==
        "multiply by 1000000");
  CHECK(scaled("Revenue ($000)", thousands, "revenue", plain) == "multiply by 1000");
  CHECK(scaled("Revenue (000s)", thousands, "revenue", plain) == "multiply by 1000");
  // The values are the same, whatever the name says.
  CHECK(scaled("revenue_k", thousands, "revenue", thousands) == "direct copy");
}

TEST_CASE("the sign of a currency feeds its code", "[matching]") {
  const auto rules = test::rules_of(
      test::table("orders",
                  {test::filled("total", "string",
                                {"€12.50", "$7.00", "£3.10", "€8.00", "$1.25", "€99.00"})}),
      test::table("orders", {test::column("total", "decimal(12,2)"),
                             test::filled("currency", "string", {"EUR", "USD", "GBP", "EUR"})}));
  CHECK(rules.between("total", "currency") ==
        "cut to 1 characters, then map the codes '$' to 'USD', '£' to 'GBP', '€' to 'EUR'");
}

TEST_CASE("a rate makes the tax and the gross of a net amount", "[matching]") {
  const Texts net{"100.00", "250.00", "80.00", "1200.00", "45.00", "60.00"};
  const auto times = [&](double factor) {
    Texts result;
    for (const auto& amount : net) {
      result.push_back(fmt::format("{:.2f}", std::stod(amount) * factor));
    }
    return result;
  };
  const auto rules = test::rules_of(
      test::table("invoices", {test::filled("net_amount", "decimal(12,2)", net),
                               test::filled("tax_rate", "integer", test::again({"19"}, 6))}),
      test::table("invoices", {test::filled("net_amount", "decimal(12,2)", net),
                               test::filled("tax_amount", "decimal(12,2)", times(0.19)),
                               test::filled("gross_amount", "decimal(12,2)", times(1.19))}));
  CHECK(rules.between("net_amount", "tax_amount") == "compute net_amount * tax_rate * 0.01");
  CHECK(rules.between("net_amount", "gross_amount") ==
        "compute net_amount * (1 + tax_rate * 0.01)");
  CHECK(rules.says("net_amount", "gross_amount", "holds in 6 of 6 sampled rows"));
}

TEST_CASE("rows of both tables show what a number is made of", "[matching]") {
  Texts cost;
  Texts price;
  Texts left;
  for (int row = 1; row <= 20; ++row) {
    cost.push_back(fmt::format("{}.25", row * 7));
    price.push_back(fmt::format("{}.75", row * 7 + row * row));
    left.push_back(fmt::format("{}.5", row * row));
  }
  const auto table_of = [&](std::vector<catalog::Column> more) {
    std::vector<catalog::Column> columns{test::filled("sku", "string", test::row_numbers(20)),
                                         test::filled("cost", "decimal(12,2)", cost),
                                         test::filled("price", "decimal(12,2)", price)};
    columns.insert(columns.end(), more.begin(), more.end());
    return test::table("products", std::move(columns));
  };
  const auto rules =
      test::rules_of(table_of({}), table_of({test::filled("margin", "decimal(12,2)", left)}));
  CHECK(rules.between("price", "margin") == "compute price - cost");
  CHECK(rules.says("price", "margin", "holds in 20 of 20 sampled rows with the same 'sku'"));
  std::swap(left.front(), left.back());
  std::swap(left[3], left[12]);
  CHECK(test::rules_of(table_of({}), table_of({test::filled("margin", "decimal(12,2)", left)}))
            .between("price", "margin") == "nothing");
}

TEST_CASE("durations and parts of dates become numbers", "[matching]") {
  const Texts spoken{"00:01:30", "01:00:00", "12:15:05", "00:59:59", "02:02:02"};
  CHECK(rule_of_column("duration", spoken, "duration_seconds",
                       {"90", "3600", "44105", "3599", "7322"},
                       "integer") == "read hours:minutes:seconds as seconds");
  CHECK(rule_of_column("duration", spoken, "duration_hours", {"0.5", "1", "12", "1", "2"},
                       "double") ==
        "read hours:minutes:seconds as seconds, then multiply by 0.000277777777778");
  const auto rules = test::rules_of(
      test::table("orders",
                  {test::filled("order_date", "date", {"2025-11-30", "2026-01-31", "2026-02-01"})}),
      test::table("orders",
                  {test::column("order_date", "date"), test::column("order_year", "integer")}));
  CHECK(rules.between("order_date", "order_year") == "write as text (%Y), then cast to integer");
}

TEST_CASE("a part of a date is that of a date with the same words before it", "[matching]") {
  const auto year_of = [](const char* date, const char* year) {
    const test::Rules rules = test::rules_of(
        test::table("orders",
                    {test::filled(date, "date", {"2025-11-30", "2026-01-31", "2026-02-01"})}),
        test::table("orders", {test::column(date, "date"), test::column(year, "integer")}));
    return rules.between(date, year);
  };
  CHECK(year_of("order_due_date", "order_due_year") == "write as text (%Y), then cast to integer");
  CHECK(year_of("order_due_date", "order_paid_year") == "nothing");
}
