// SPDX-License-Identifier: Apache-2.0
#include "core/matching/rules/composite.hpp"

#include "core/catalog/profiler.hpp"
#include "core/matching/matcher.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/matching/samples.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace mapctl;
using mapping::Candidate;
using mapping::MappingType;
using mapping::PairProposal;
using mapping::TransformationKind;
using test::column;
using test::filled;

namespace {

using Values = std::vector<std::string>;

PairProposal proposed(catalog::Table source, catalog::Table target,
                      matching::MatchOptions options = {}) {
  const auto from = source.name.text;
  const auto to = target.name.text;
  const auto left =
      matching::prepare(test::catalog_of({std::move(source)}), *test::shipped_lexicon());
  const auto right =
      matching::prepare(test::catalog_of({std::move(target)}), *test::shipped_lexicon());
  const matching::Matcher matcher{test::shipped_knowledge(), std::move(options)};
  return matcher.match(*left, test::ref(from), *right, test::ref(to), {});
}

const Candidate* decided(const PairProposal& pair, std::string_view source,
                         std::string_view target) {
  for (const auto& field : pair.fields) {
    for (const std::size_t at : field.decision) {
      if (field.source_column.text == source && field.candidates[at].target_column.text == target) {
        return &field.candidates[at];
      }
    }
  }
  return nullptr;
}

bool is_unmapped(const PairProposal& pair, std::string_view target) {
  return std::any_of(pair.unmapped_targets.begin(), pair.unmapped_targets.end(),
                     [&](const auto& known) { return known.column.text == target; });
}

std::string rule(const Candidate* candidate) {
  REQUIRE(candidate != nullptr);
  return mapping::describe(candidate->transformation);
}

std::string reason(const Candidate* candidate) {
  REQUIRE(candidate != nullptr);
  REQUIRE_FALSE(candidate->evidence.empty());
  CHECK(candidate->evidence.front().signal == "composite");
  return candidate->evidence.front().detail;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

const Values first_names{"Ada", "Grace", "Alan", "Edsger", "Barbara", "Donald", "Tony", "Niklaus"};
const Values last_names{"Lovelace", "Hopper", "Turing", "Dijkstra",
                        "Liskov",   "Knuth",  "Hoare",  "Wirth"};

Values joined(const Values& left, const Values& right, std::string_view between) {
  Values result;
  for (std::size_t at = 0; at < left.size(); ++at) {
    result.push_back(fmt::format("{}{}{}", left[at], between, right[at]));
  }
  return result;
}

catalog::Table people(Values names) {
  return test::table("contacts", {filled("email", "string", {"a@example.com", "b@example.com"}),
                                  filled("full_name", "string", std::move(names))});
}

catalog::Table people_in_parts(bool with_data) {
  return test::table(
      "contacts", {column("email"),
                   with_data ? filled("first_name", "string", first_names) : column("first_name"),
                   with_data ? filled("last_name", "string", last_names) : column("last_name")});
}

}  // namespace

TEST_CASE("a full name feeds first and last name, with a check of its values", "[matching]") {
  const auto pair = proposed(people(joined(first_names, last_names, " ")), people_in_parts(true));
  const auto* first = decided(pair, "full_name", "first_name");
  const auto* last = decided(pair, "full_name", "last_name");
  CHECK(rule(first) == "take part first after a split at ' '");
  CHECK(rule(last) == "take part last after a split at ' '");
  CHECK(first->mapping_type == MappingType::transformed);
  CHECK(has(reason(first), "holds in 8 of 8 sampled rows"));
  CHECK(first->confidence >= matching::confidence_of_values);
  CHECK(pair.unmapped_targets.empty());
  CHECK(mapping::count_coverage(pair).mapped == 2);
}

TEST_CASE("a name with a comma has its last name first", "[matching]") {
  const auto pair = proposed(people(joined(last_names, first_names, ", ")), people_in_parts(true));
  const auto* first = decided(pair, "full_name", "first_name");
  REQUIRE(first != nullptr);
  CHECK(first->transformation.steps.front().argument("separator") == ",");
  CHECK(first->transformation.steps.front().argument("part") == "last");
  CHECK(has(reason(first), "holds in 8 of 8"));
}

TEST_CASE("a split that the values contradict is not proposed", "[matching]") {
  const auto pair = proposed(people(last_names), people_in_parts(false));
  const bool both = decided(pair, "full_name", "first_name") != nullptr &&
                    decided(pair, "full_name", "last_name") != nullptr;
  CHECK_FALSE(both);
}

TEST_CASE("values that the target has not lower the confidence of a split", "[matching]") {
  Values others{"Marie Curie", "Lise Meitner", "Emmy Noether", "Max Born",
                "Niels Bohr",  "Paul Dirac",   "Otto Hahn",    "Erwin Planck"};
  const auto pair = proposed(people(others), people_in_parts(true));
  const auto* first = decided(pair, "full_name", "first_name");
  CHECK(has(reason(first), "none of 8 sampled rows is in the target's data"));
  CHECK(first->confidence < matching::confidence_of_form);
}

TEST_CASE("names with the last name first are told by the columns of the parts", "[matching]") {
  const auto split = proposed(people(joined(last_names, first_names, " ")), people_in_parts(true));
  CHECK(rule(decided(split, "full_name", "first_name")) == "take part last after a split at ' '");
  CHECK(rule(decided(split, "full_name", "last_name")) == "take part first after a split at ' '");
  CHECK(has(reason(decided(split, "full_name", "first_name")), "holds in 8 of 8"));
  auto target = people_in_parts(false);
  target.columns.push_back(filled("full_name", "string", joined(last_names, first_names, " ")));
  const auto join = proposed(people_in_parts(true), std::move(target));
  CHECK(rule(decided(join, "last_name", "full_name")) == "join last_name, first_name with ' '");
}

TEST_CASE("masked names are checked by the hashes of their parts", "[matching]") {
  auto source = people(joined(first_names, last_names, " "));
  catalog::protect_personal_data(source.columns[1], source.name);
  REQUIRE(source.columns[1].personal);
  CHECK(source.columns[1].statistics->first_rows.front() == "A** L*******");
  const auto pair = proposed(std::move(source), people_in_parts(true));
  CHECK(has(reason(decided(pair, "full_name", "last_name")), "holds in 8 of 8 sampled rows"));
}

TEST_CASE("first and last name become the whole name, and stay what they are", "[matching]") {
  auto target = people_in_parts(false);
  target.columns.push_back(filled("full_name", "string", joined(first_names, last_names, " ")));
  const auto pair = proposed(people_in_parts(true), std::move(target));
  const auto* whole = decided(pair, "first_name", "full_name");
  CHECK(rule(whole) == "join first_name, last_name with ' '");
  CHECK(whole->mapping_type == MappingType::computed);
  CHECK(has(reason(whole), "holds in 8 of 8 sampled rows"));
  CHECK(decided(pair, "first_name", "first_name") != nullptr);
  CHECK(decided(pair, "last_name", "last_name") != nullptr);
}

TEST_CASE("an input of a rule counts as mapped", "[matching]") {
  const auto pair = proposed(people_in_parts(true),
                             test::table("contacts", {column("email"), column("full_name")}));
  CHECK(decided(pair, "first_name", "full_name") != nullptr);
  CHECK(mapping::count_coverage(pair).mapped == 3);
}

TEST_CASE("a rule takes nothing from a better match", "[matching]") {
  auto source = people(joined(first_names, last_names, " "));
  source.columns.push_back(filled("first_name", "string", first_names));
  source.columns.push_back(filled("last_name", "string", last_names));
  const auto pair = proposed(std::move(source), people_in_parts(true));
  CHECK(decided(pair, "first_name", "first_name") != nullptr);
  CHECK(decided(pair, "last_name", "last_name") != nullptr);
  CHECK(decided(pair, "full_name", "first_name") == nullptr);
}

TEST_CASE("the name of somebody else is not split", "[matching]") {
  const auto pair = proposed(test::table("employees", {column("employee_id", "integer"),
                                                       column("emergency_contact_name")}),
                             test::table("employees", {column("employee_id", "integer"),
                                                       column("first_name"), column("last_name")}));
  const bool both = decided(pair, "emergency_contact_name", "first_name") != nullptr &&
                    decided(pair, "emergency_contact_name", "last_name") != nullptr;
  CHECK_FALSE(both);
}

TEST_CASE("company names are not split", "[matching]") {
  const auto pair =
      proposed(test::table("accounts",
                           {filled("company_name", "string", {"Orrvale Foods", "Cindrel Paper"})}),
               people_in_parts(false));
  CHECK(decided(pair, "company_name", "first_name") == nullptr);
}

TEST_CASE("without rules of several columns each column stands alone", "[matching]") {
  matching::MatchOptions options;
  options.composites = false;
  const auto pair =
      proposed(people(joined(first_names, last_names, " ")), people_in_parts(true), options);
  CHECK(is_unmapped(pair, "first_name") + is_unmapped(pair, "last_name") >= 1);
}

TEST_CASE("a rule below the least confidence is not decided", "[matching]") {
  matching::MatchOptions options;
  options.min_confidence = 0.99;
  const auto pair =
      proposed(people(joined(first_names, last_names, " ")), people_in_parts(true), options);
  CHECK(is_unmapped(pair, "first_name"));
}

TEST_CASE("an address is taken apart at its commas", "[matching]") {
  const Values addresses{"12 Mill Road, Utrecht, 3511", "7 High Street, Lyon, 69001",
                         "203 Long Lane, Porto, 40000", "9 Elm Street, Boston, 02108",
                         "1 Oak Avenue, Torino, 10121", "88 Lime Walk, Gent, 90001"};
  const auto pair = proposed(
      test::table("shops", {filled("address", "string", addresses)}),
      test::table("shops", {column("street"),
                            filled("city", "string",
                                   {"Utrecht", "Lyon", "Porto", "Boston", "Torino", "Gent"}),
                            column("postal_code")}));
  CHECK(rule(decided(pair, "address", "city")) == "take part 2 after a split at ',', then trim");
  CHECK(rule(decided(pair, "address", "postal_code")) ==
        "take part 3 after a split at ',', then trim");
  CHECK(decided(pair, "address", "street") != nullptr);
  CHECK(has(reason(decided(pair, "address", "city")), "holds in 6 of 6 sampled rows"));
}

namespace {

const Values streets{"Mill Road 12", "High Street 7", "Long Lane 203",
                     "Elm Street 9", "Kirchgasse 1",  "Lime Walk 88"};
const Values cities{"Utrecht", "Lyon", "Porto", "Boston", "Köln", "Gent"};
const Values codes{"35110", "69001", "40000", "02108", "50667", "90001"};

catalog::Table address_in_parts() {
  return test::table("shops",
                     {filled("street", "string", streets), filled("city", "string", cities),
                      filled("postal_code", "string", codes)});
}

catalog::Table address_whole(std::string_view name, std::string_view form) {
  Values all;
  for (std::size_t at = 0; at < streets.size(); ++at) {
    all.push_back(fmt::format(fmt::runtime(form), streets[at], cities[at], codes[at]));
  }
  return test::table("shops", {filled(std::string{name}, "string", all)});
}

}  // namespace

TEST_CASE("a code in front of its city is taken apart once more", "[matching]") {
  auto source = address_whole("address", "{0}, {2} {1}");
  const auto pair = proposed(source, address_in_parts());
  CHECK(rule(decided(pair, "address", "postal_code")) ==
        "take part 2 after a split at ',', then trim, then take part first after a split at ' '");
  CHECK(rule(decided(pair, "address", "city")) ==
        "take part 2 after a split at ',', then trim, then take part last after a split at ' '");
  CHECK(has(reason(decided(pair, "address", "city")), "holds in 6 of 6 sampled rows"));
  // Of masked text only whole parts are known.
  catalog::protect_personal_data(source.columns[0], source.name);
  REQUIRE(source.columns[0].personal);
  const auto masked = proposed(std::move(source), address_in_parts());
  CHECK(decided(masked, "address", "postal_code") != nullptr);
  CHECK(has(reason(decided(masked, "address", "street")), "holds in 6 of 6 sampled rows"));
  // Nobody knows where a code of two words ends.
  const auto unsure = proposed(address_whole("address", "{0}, {2} AB {1}"), address_in_parts());
  CHECK(decided(unsure, "address", "postal_code") == nullptr);
}

TEST_CASE("addresses may have other separators than commas", "[matching]") {
  const auto pair = proposed(address_whole("address", "{0}; {1}; {2}"), address_in_parts());
  CHECK(rule(decided(pair, "address", "city")) == "take part 2 after a split at ';', then trim");
  CHECK(has(reason(decided(pair, "address", "city")), "holds in 6 of 6 sampled rows"));
}

TEST_CASE("the parts of an address become the whole in the order that the target has",
          "[matching]") {
  const auto pair = proposed(address_in_parts(), address_whole("address", "{0}, {2}, {1}"));
  const auto* whole = decided(pair, "street", "address");
  CHECK(rule(whole) == "join street, postal_code, city with ', '");
  CHECK(has(reason(whole), "holds in 6 of 6 sampled rows"));
  // More than one separator makes it.
  const auto mixed = proposed(address_in_parts(), address_whole("full_address", "{0}, {2} {1}"));
  CHECK(rule(decided(mixed, "street", "full_address")) ==
        "join street, postal_code, city as '{1}, {2} {3}'");
  // A whole address is more than its street, even where nobody knows how it is made.
  const auto strange =
      proposed(address_in_parts(), address_whole("full_address", "{2} / {1} / {0}"));
  const auto* doubtful = decided(strange, "street", "full_address");
  CHECK(rule(doubtful) == "join street, postal_code, city with ', '");
  CHECK(doubtful->confidence < matching::confidence_of_names);
  CHECK(has(reason(doubtful), "put together in another way"));
  // What is only a street stays one.
  const auto street =
      proposed(address_in_parts(), test::table("shops", {filled("address", "string", streets)}));
  CHECK(rule(decided(street, "street", "address")) == "direct copy");
}

TEST_CASE("an address without commas is left whole", "[matching]") {
  const auto pair =
      proposed(test::table("shops", {filled("address", "string",
                                            {"12 Mill Road", "7 High Street", "1 Oak Avenue",
                                             "9 Elm Street", "3 Long Lane"})}),
               test::table("shops", {column("street"), column("city"), column("postal_code")}));
  CHECK(decided(pair, "address", "city") == nullptr);
  CHECK(decided(pair, "address", "postal_code") == nullptr);
}

TEST_CASE("a moment feeds a date and a time of day", "[matching]") {
  const auto pair =
      proposed(test::table("orders", {column("ordered_at", "timestamp")}),
               test::table("orders", {column("order_date", "date"), column("order_time", "time")}));
  CHECK(rule(decided(pair, "ordered_at", "order_date")) == "cast to date");
  CHECK(rule(decided(pair, "ordered_at", "order_time")) == "cast to time");
}

TEST_CASE("a date and a time of day become a moment", "[matching]") {
  const auto pair = proposed(
      test::table("orders",
                  {filled("order_date", "string", {"31.01.2026", "25.12.2025", "13.02.2026"}),
                   filled("order_time", "string", {"08:30", "17:05", "23:59"})}),
      test::table("orders", {column("ordered_at", "timestamp")}));
  const auto* moment = decided(pair, "order_date", "ordered_at");
  CHECK(rule(moment) ==
        "join order_date, order_time with ' ', then parse as date (%d.%m.%Y %H:%M)");
  CHECK(decided(pair, "order_time", "ordered_at") == nullptr);
}

TEST_CASE("moments are found in dates and times however these are written", "[matching]") {
  const Values moments{"2026-01-31 08:30:00", "2025-12-25 17:05:00", "2026-02-13 23:59:00",
                       "2026-03-01 00:00:00", "2026-03-02 12:15:00"};
  const auto joined_of = [&](const Values& dates, std::string_view date_type) {
    return proposed(test::table("orders", {filled("order_date", date_type, dates),
                                           filled("order_time", "time",
                                                  {"8:30", "17:05", "23:59", "0:00", "12:15"})}),
                    test::table("orders", {filled("ordered_at", "timestamp", moments)}));
  };
  const auto iso =
      joined_of({"2026-01-31", "2025-12-25", "2026-02-13", "2026-03-01", "2026-03-02"}, "date");
  CHECK(has(reason(decided(iso, "order_date", "ordered_at")), "holds in 5 of 5 sampled rows"));
  const auto german =
      joined_of({"31.01.2026", "25.12.2025", "13.02.2026", "01.03.2026", "02.03.2026"}, "date");
  CHECK(has(reason(decided(german, "order_date", "ordered_at")), "holds in 5 of 5 sampled rows"));
  const auto others =
      joined_of({"2020-01-31", "2020-12-25", "2020-02-13", "2020-03-01", "2020-03-02"}, "date");
  CHECK(has(reason(decided(others, "order_date", "ordered_at")), "none of 5 sampled rows"));
}

TEST_CASE("dates and times of different things are not put together", "[matching]") {
  const auto pair = proposed(
      test::table("orders", {column("shipping_date", "date"), column("opening_time", "time")}),
      test::table("orders", {column("created_at", "timestamp")}));
  for (const auto& field : pair.fields) {
    for (const auto& candidate : field.candidates) {
      CHECK(candidate.transformation.inputs.empty());
    }
  }
}

TEST_CASE("an amount with its currency feeds both", "[matching]") {
  const Values prices{"12.50 EUR", "8.00 USD", "110.25 EUR", "3.99 GBP", "42.00 EUR"};
  const auto pair =
      proposed(test::table("payments", {filled("amount", "string", prices)}),
               test::table("payments", {column("amount", "decimal(12,2)"),
                                        filled("currency", "string", {"EUR", "USD", "GBP"})}));
  CHECK(rule(decided(pair, "amount", "amount")) ==
        "take part first after a split at ' ', then parse as number");
  CHECK(rule(decided(pair, "amount", "currency")) == "take part last after a split at ' '");
  CHECK(has(reason(decided(pair, "amount", "currency")), "holds in 5 of 5 sampled rows"));
}

TEST_CASE("an amount and its currency become a text that has both", "[matching]") {
  const Values prices{"EUR 12.50", "USD 8.00", "EUR 110.25", "GBP 3.99", "EUR 42.00"};
  const auto pair = proposed(
      test::table("payments",
                  {filled("amount", "decimal(12,2)", {"12.50", "8.00", "110.25", "3.99", "42.00"}),
                   filled("currency", "string", {"EUR", "USD", "EUR", "GBP", "EUR"})}),
      test::table("payments", {filled("amount", "string", prices)}));
  const auto* both = decided(pair, "currency", "amount");
  CHECK(rule(both) == "join currency, amount with ' '");
  CHECK(decided(pair, "amount", "amount") == nullptr);
}

TEST_CASE("a line's amount is computed from quantity and price", "[matching]") {
  const auto source = test::table(
      "order_lines",
      {filled("quantity", "integer", {"2", "3", "10", "1", "4", "6"}),
       filled("unit_price", "decimal(10,2)", {"1.50", "2.00", "0.99", "20.00", "5.25", "3.10"})});
  const auto target = [](const Values& amounts) {
    return test::table("order_lines",
                       {column("quantity", "integer"), column("unit_price", "decimal(10,2)"),
                        filled("line_amount", "decimal(12,2)", amounts)});
  };
  const auto pair = proposed(source, target({"3.00", "6.00", "9.90", "20.00", "21.00", "18.60"}));
  const auto* amount = decided(pair, "quantity", "line_amount");
  CHECK(rule(amount) == "compute quantity * unit_price");
  CHECK(amount->mapping_type == MappingType::computed);
  CHECK(amount->transformation.inputs == Values{"quantity", "unit_price"});
  CHECK(has(reason(amount), "holds in 6 of 6 sampled rows"));
  CHECK(decided(pair, "quantity", "quantity") != nullptr);
  CHECK(decided(pair, "unit_price", "unit_price") != nullptr);
  // Amounts of another size are amounts of something else.
  const auto other = proposed(source, target({"9000", "8500", "9900", "9100", "8800", "9300"}));
  CHECK(decided(other, "quantity", "line_amount") == nullptr);
}

TEST_CASE("a sum that the same rows contradict is not proposed", "[matching]") {
  const auto lines = [](catalog::Column amount) {
    return test::table(
        "order_lines",
        {filled("quantity", "integer", {"2", "3", "10", "1", "4", "6"}),
         filled("unit_price", "decimal(10,2)", {"1.50", "2.00", "0.99", "20.00", "5.25", "3.10"}),
         std::move(amount)});
  };
  const auto source = test::table(
      "order_lines",
      {filled("quantity", "integer", {"2", "3", "10", "1", "4", "6"}),
       filled("unit_price", "decimal(10,2)", {"1.50", "2.00", "0.99", "20.00", "5.25", "3.10"})});
  const auto pair =
      proposed(source, lines(filled("line_amount", "decimal(12,2)",
                                    {"6.57", "10.14", "14.78", "26.80", "27.99", "25.13"})));
  CHECK(decided(pair, "quantity", "line_amount") == nullptr);
  CHECK(is_unmapped(pair, "line_amount"));
}

TEST_CASE("value added tax is the tax of a gross amount", "[matching]") {
  const auto pair = proposed(test::table("invoices", {column("net_amount", "decimal(12,2)"),
                                                      column("vat_amount", "decimal(12,2)")}),
                             test::table("invoices", {column("gross_amount", "decimal(12,2)")}));
  CHECK(rule(decided(pair, "net_amount", "gross_amount")) == "compute net_amount + vat_amount");
}

TEST_CASE("a discount is part of what a line costs", "[matching]") {
  const auto lines = [](catalog::Column discount) {
    return test::table("order_lines", {filled("quantity", "integer", {"2", "3", "10", "1", "4"}),
                                       filled("unit_price", "decimal(10,2)",
                                              {"1.50", "2.00", "0.99", "20.00", "5.25"}),
                                       std::move(discount)});
  };
  const auto target = test::table(
      "order_lines", {column("quantity", "integer"), column("unit_price", "decimal(10,2)"),
                      column("line_amount", "decimal(12,2)")});
  const auto share = proposed(
      lines(filled("discount", "decimal(4,2)", {"0", "0.1", "0.25", "0", "0.05"})), target);
  CHECK(rule(decided(share, "quantity", "line_amount")) ==
        "compute quantity * unit_price * (1 - discount)");
  const auto percent =
      proposed(lines(filled("discount_pct", "decimal(4,2)", {"0", "10", "25", "0", "5"})), target);
  CHECK(rule(decided(percent, "quantity", "line_amount")) ==
        "compute quantity * unit_price * (1 - discount_pct * 0.01)");
  // Nobody knows what a discount without values is of.
  const auto unknown = proposed(lines(column("discount", "decimal(4,2)")), target);
  CHECK(decided(unknown, "quantity", "line_amount") == nullptr);
  // An amount of money is no share, as small as it may be.
  const Values small{"0", "0.50", "1.00", "0", "0.50"};
  for (const char* name : {"discount_amount", "discount_value", "discount_eur", "total_discount"}) {
    INFO(name);
    const auto amount = proposed(lines(filled(name, "decimal(4,2)", small)), target);
    CHECK(decided(amount, "quantity", "line_amount") == nullptr);
  }
  for (const char* unit : {"EUR", "usd", "€"}) {
    INFO(unit);
    auto discount = filled("discount", "decimal(4,2)", small);
    discount.unit = unit;
    CHECK(decided(proposed(lines(discount), target), "quantity", "line_amount") == nullptr);
  }
  auto costs = target;
  costs.columns[2] =
      filled("line_amount", "decimal(12,2)", {"3.00", "5.50", "8.90", "20.00", "20.50"});
  CHECK(rule(decided(proposed(lines(filled("discount_amount", "decimal(4,2)", small)), costs),
                     "quantity", "line_amount")) ==
        "compute quantity * unit_price - discount_amount");
}

TEST_CASE("net amounts are gross amounts without tax", "[matching]") {
  const auto pair = proposed(test::table("invoices", {column("gross_amount", "decimal(12,2)"),
                                                      column("tax_amount", "decimal(12,2)")}),
                             test::table("invoices", {column("net_amount", "decimal(12,2)"),
                                                      column("tax_amount", "decimal(12,2)"),
                                                      column("gross_amount", "decimal(12,2)")}));
  CHECK(rule(decided(pair, "gross_amount", "net_amount")) == "compute gross_amount - tax_amount");
}

TEST_CASE("members of a document feed the columns of their names", "[matching]") {
  const Values documents{R"({"city":"Utrecht","zip":"3511","geo":{"lat":52.1}})",
                         R"({"city":"Lyon","zip":"69001","geo":{"lat":45.7}})",
                         R"({"city":"Porto","zip":"4000","geo":{"lat":41.1}})",
                         R"({"city":"Boston","zip":"02108","geo":{"lat":42.3}})",
                         R"({"city":"Torino","geo":{"lat":45.0}})"};
  const auto pair = proposed(
      test::table("shops", {column("shop_id", "integer"), filled("location", "json", documents)}),
      test::table("shops", {column("shop_id", "integer"), column("city"),
                            column("geo_lat", "double"), column("opened_on", "date")}));
  CHECK(rule(decided(pair, "location", "city")) == "take $.city from the JSON");
  CHECK(rule(decided(pair, "location", "geo_lat")) ==
        "take $.geo.lat from the JSON, then cast to floating");
  CHECK(has(reason(decided(pair, "location", "city")), "found in 5 of 5 sampled documents"));
  CHECK(is_unmapped(pair, "opened_on"));
}

TEST_CASE("members within members and first entries of lists are found", "[matching]") {
  Values documents;
  Values skus;
  for (int number = 0; number < 6; ++number) {
    skus.push_back(fmt::format("S{}", number));
    documents.push_back(fmt::format(
        R"({{"ship_to":{{"city":"C{0}","name":"N{0}"}},"tags":["new","sale"],"items":[{{"sku":"S{0}"}}]}})",
        number));
  }
  const auto pair = proposed(
      test::table("events", {column("event_id", "integer"), filled("payload", "json", documents)}),
      test::table("events", {column("event_id", "integer"), column("city"), column("first_tag"),
                             column("tag"), column("name"), filled("sku", "string", skus)}));
  CHECK(rule(decided(pair, "payload", "city")) == "take $.ship_to.city from the JSON");
  CHECK(rule(decided(pair, "payload", "first_tag")) == "take $.tags[0] from the JSON");
  CHECK(has(reason(decided(pair, "payload", "first_tag")), "up to 2 entries the first"));
  CHECK(rule(decided(pair, "payload", "sku")) == "take $.items[0].sku from the JSON");
  CHECK(has(reason(decided(pair, "payload", "sku")), "holds in 6 of 6 sampled rows"));
  // One of several tags, and a name of nobody knows what.
  CHECK(decided(pair, "payload", "tag") == nullptr);
  CHECK(decided(pair, "payload", "name") == nullptr);
}

TEST_CASE("documents that were too long to be kept whole are read as far as they go",
          "[matching]") {
  Values documents;
  for (int number = 0; number < 5; ++number) {
    documents.push_back(fmt::format(R"({{"carrier":"C{}","note":"{}","city":"unseen"}})", number,
                                    std::string(400, 'x')));
  }
  const auto pair = proposed(
      test::table("events", {column("event_id", "integer"), filled("payload", "json", documents)}),
      test::table("events", {column("event_id", "integer"), column("carrier"), column("city")}));
  CHECK(rule(decided(pair, "payload", "carrier")) == "take $.carrier from the JSON");
  CHECK(decided(pair, "payload", "city") == nullptr);
}

TEST_CASE("a currency that only names tell becomes a constant", "[matching]") {
  auto currency = column("currency");
  currency.required = true;
  currency.code_list = "iso4217";
  const auto target = test::table(
      "payments", {column("amount", "decimal(12,2)"), currency, column("fee", "decimal(8,2)")});
  const auto pair = proposed(test::table("payments", {column("amount_eur", "decimal(12,2)"),
                                                      column("fee_eur", "decimal(8,2)")}),
                             target);
  REQUIRE(pair.fields.size() == 3);
  CHECK(pair.fields.back().source_column.empty());
  CHECK(rule(decided(pair, "", "currency")) == "constant 'EUR'");
  CHECK(decided(pair, "", "currency")->mapping_type == MappingType::computed);
  CHECK(pair.unmapped_targets.empty());
  CHECK(mapping::count_coverage(pair).source_fields == 2);
  CHECK(mapping::count_coverage(pair).mapped == 2);
  // Two currencies are none.
  const auto two = proposed(test::table("payments", {column("amount_eur", "decimal(12,2)"),
                                                     column("fee_usd", "decimal(8,2)")}),
                            target);
  CHECK(is_unmapped(two, "currency"));
}

TEST_CASE("a required target that takes one value only is filled with it", "[matching]") {
  auto kind = column("record_kind");
  kind.required = true;
  kind.allowed_values = {"invoice"};
  const auto pair = proposed(test::table("invoices", {column("invoice_id", "integer")}),
                             test::table("invoices", {column("invoice_id", "integer"), kind}));
  CHECK(rule(decided(pair, "", "record_kind")) == "constant 'invoice'");
  kind.required = false;
  const auto free = proposed(test::table("invoices", {column("invoice_id", "integer")}),
                             test::table("invoices", {column("invoice_id", "integer"), kind}));
  CHECK(is_unmapped(free, "record_kind"));
}
