// SPDX-License-Identifier: Apache-2.0
#include "core/matching/words/roles.hpp"

#include "core/matching/columns/prepared.hpp"
#include "core/matching/columns/reading.hpp"
#include "core/matching/scoring/scorer.hpp"
#include "core/matching/signals/signals.hpp"
#include "core/matching/words/lexicon.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/matching/samples.hpp"

#include <string>
#include <utility>
#include <vector>

using namespace mapctl;
using namespace mapctl::matching;

namespace {

NameRole role(std::string_view name) {
  const auto lexicon = test::shipped_lexicon();
  NameReading reading;
  Tokenizer{*lexicon}.read(name, reading);
  return role_of(reading, *lexicon);
}

ValueKind kind_of(const std::vector<std::string>& values) {
  return value_kind_of(*test::filled("c", "string", values).statistics);
}

// Words that the first column of a table is read as.
std::string first_reading(std::vector<catalog::Column> columns) {
  const auto table = test::table("t", std::move(columns));
  const auto side = test::side_of(table);
  std::string text;
  for (const auto term : side->list(side->columns.front().expanded)) {
    text += text.empty() ? "" : " ";
    text += side->terms[term].text;
  }
  return text;
}

float feature(Feature feature, const catalog::Column& from, const catalog::Column& to) {
  const auto left = test::table("a", {from});
  const auto right = test::table("b", {to});
  const auto source = test::side_of(left);
  const auto target = test::side_of(right);
  const auto scores =
      score(*source, *target, *test::shipped_lexicon(), test::shipped_combination(), {}, {});
  return at(*scores.pairs.at(0).features, feature);
}

const std::vector<std::string> companies{"Acme Corp", "Globex Inc", "Initech Ltd",
                                         "Umbrella Group"};

}  // namespace

TEST_CASE("the last word of a name tells what the column holds", "[matching]") {
  CHECK(role("user_id") == NameRole::identifier);
  CHECK(role("customerName") == NameRole::name);
  CHECK(role("created_at") == NameRole::moment);
  CHECK(role("vat_pct") == NameRole::rate);
  CHECK(role("tax_amount") == NameRole::amount);
  CHECK(role("is_active") == NameRole::flag);
  CHECK(role("has_incidents") == NameRole::flag);
  CHECK(role("number of players") == NameRole::quantity);
  CHECK(role("playerCount") == NameRole::quantity);
  CHECK(role("street_number") == NameRole::number);  // a house, and no street
  CHECK(role("street_name") == NameRole::place);
  CHECK(role("company") == NameRole::none);
  CHECK(role("trial_days") == NameRole::several);
  CHECK(role("attributes") == NameRole::several);
  CHECK(role("status") == NameRole::status);
  CHECK(role("last_update") == NameRole::moment);
  CHECK(role("lastLogin") == NameRole::moment);
  CHECK(role("account_last_seen") == NameRole::moment);
  CHECK(role("last_price") == NameRole::amount);
  CHECK(role("42") == NameRole::none);
  CHECK(role("amount_text") == NameRole::amount);
  CHECK(role("status_text") == NameRole::status);
  CHECK(role("review_text") == NameRole::text);
  // What follows "in", "per" or "of" only qualifies the head ...
  CHECK(role("cost_in_local_currency") == NameRole::amount);
  CHECK(role("date_of_birth") == NameRole::moment);
  CHECK(role("revenue_per_year") == NameRole::amount);
  // ... and so does what stands in brackets behind it ...
  CHECK(role("Amount (per line number)") == NameRole::amount);
  CHECK(role("Revenue ($000)") == NameRole::amount);
  CHECK(role("Rate (per hour)") == NameRole::rate);
  // ... unless it is the head itself.
  CHECK(role("time_in_status_id") == NameRole::identifier);
  CHECK(role("check_in_date") == NameRole::moment);
  CHECK(role("product_in_stock_cost") == NameRole::amount);
  CHECK(role("bill_of_lading_number") == NameRole::number);
  // Brackets tell what the name before them leaves open.
  CHECK(role("Start (date)") == NameRole::moment);
  CHECK(role("Requests per day") == NameRole::several);
}

TEST_CASE("what only qualifies a name counts less than what it names", "[matching]") {
  const auto agreement = [](const char* one, const char* other) {
    return feature(Feature::qualified, test::column(one), test::column(other));
  };
  CHECK(agreement("revenue_per_year", "revenue") > agreement("revenue_per_year", "year"));
  CHECK(agreement("Height (feet)", "height") > agreement("height_feet", "height"));
  CHECK(agreement("Height (feet)", "height_feet") > agreement("Height (feet)", "height"));
}

TEST_CASE("a last word that says little leaves the role to the word before", "[matching]") {
  CHECK(role("phone_number") == NameRole::phone);
  CHECK(role("email_address") == NameRole::email);
  CHECK(role("country_code") == NameRole::place);
  CHECK(role("postal_code") == NameRole::place);
  // An abbreviation has a role of its own.
  CHECK(role("sku") == NameRole::code);
  CHECK(role("bucket_arn") == NameRole::identifier);
  CHECK(role("created_by") == NameRole::actor);
  CHECK(role("last_modified") == NameRole::moment);
  CHECK(role("due") == NameRole::moment);
  CHECK(role("amount_due") == NameRole::amount);
  CHECK(role("quantity_received") == NameRole::quantity);
  CHECK(role("ticket_number") == NameRole::number);
}

TEST_CASE("roles agree, exclude each other, or say nothing, in both directions", "[matching]") {
  CHECK(role_agreement(NameRole::identifier, NameRole::identifier) == 1);
  CHECK(role_agreement(NameRole::identifier, NameRole::name) == -1);
  CHECK(role_agreement(NameRole::none, NameRole::name) == 0);
  for (std::size_t left = 0; left < name_role_count; ++left) {
    for (std::size_t right = 0; right < name_role_count; ++right) {
      const auto a = static_cast<NameRole>(left);
      const auto b = static_cast<NameRole>(right);
      CHECK(role_agreement(a, b) == role_agreement(b, a));
    }
  }
  CHECK(feature(Feature::role, test::column("group_id"), test::column("group_name")) == -1);
}

TEST_CASE("several things are hardly one date or rate, else a plural says nothing", "[matching]") {
  for (const auto single : {NameRole::moment, NameRole::rate, NameRole::flag}) {
    CHECK(role_agreement(NameRole::several, single) < 0);
    CHECK(role_agreement(single, NameRole::several) < 0);
  }
  for (const auto other : {NameRole::none, NameRole::several, NameRole::text, NameRole::quantity}) {
    CHECK(role_agreement(NameRole::several, other) == 0);
    CHECK(role_agreement(other, NameRole::several) == 0);
  }
  CHECK(values_suit(ValueKind::integer, NameRole::several) == 0);
}

TEST_CASE("who did it is a key or a name, and not when", "[matching]") {
  CHECK(role_agreement(NameRole::actor, NameRole::actor) == 1);
  CHECK(role_agreement(NameRole::actor, NameRole::identifier) == 0);
  CHECK(role_agreement(NameRole::name, NameRole::actor) == 0);
  CHECK(role_agreement(NameRole::actor, NameRole::moment) == -1);
  CHECK(values_suit(ValueKind::words, NameRole::actor) == 0);
  CHECK(values_suit(ValueKind::moment, NameRole::actor) < 0);
}

TEST_CASE("every role has a name that is read back", "[matching]") {
  for (std::size_t number = 1; number < name_role_count; ++number) {
    const auto role = static_cast<NameRole>(number);
    CHECK(name_role_from(to_string(role)) == role);
    CHECK_FALSE(described(role).empty());
  }
  CHECK_FALSE(name_role_from("none").has_value());
  CHECK_FALSE(name_role_from("colour").has_value());
}

TEST_CASE("values tell their kind", "[matching]") {
  CHECK(kind_of({"2026-01-31T08:00:00Z", "2026-02-01T09:30:00Z"}) == ValueKind::moment);
  CHECK(kind_of({"true", "false", "true"}) == ValueKind::flag);
  CHECK(kind_of({"1", "17", "230"}) == ValueKind::integer);
  CHECK(kind_of({"1.5", "2.25", "3"}) == ValueKind::decimal);
  CHECK(kind_of({"ann@example.com", "bob@example.org"}) == ValueKind::email);
  CHECK(kind_of(companies) == ValueKind::words);
  // Figures with their units and dates have words in them, but are none.
  CHECK(kind_of({"457 lbs.", "520 lbs.", "1249 lbs."}) != ValueKind::words);
  CHECK(kind_of({"May 29, 1953", "Aug 31, 1954", "May 15, 1955"}) != ValueKind::words);
}

TEST_CASE("values that cannot be what a name says speak against the pair", "[matching]") {
  CHECK(values_suit(ValueKind::moment, NameRole::name) == -1);
  CHECK(values_suit(ValueKind::flag, NameRole::number) == -1);
  CHECK(values_suit(ValueKind::words, NameRole::identifier) < -0.5F);
  CHECK(values_suit(ValueKind::uuid, NameRole::identifier) == 1);
  CHECK(values_suit(ValueKind::unknown, NameRole::name) == 0);
  CHECK(values_suit(ValueKind::words, NameRole::none) == 0);
  // The direction does not matter, and what speaks against a pair outweighs what speaks for it.
  const auto company = test::filled("company", "string", companies);
  CHECK(feature(Feature::value_kind, company, test::column("account_id")) < -0.5F);
  CHECK(feature(Feature::value_kind, test::column("account_id"), company) < -0.5F);
  CHECK(kind_agreement(0.3F, -0.8F) == -0.8F);
  CHECK(kind_agreement(0.3F, 0.0F) == 0.3F);
}

TEST_CASE("text that is seen to be words does not fit a number or a date", "[matching]") {
  const auto company = test::filled("company", "string", companies);
  CHECK(feature(Feature::type, company, test::column("a", "integer")) < -0.5F);
  CHECK(feature(Feature::type, company, test::column("a", "date")) < -0.5F);
  CHECK(feature(Feature::type, company, test::column("a", "string")) > 0);
}

TEST_CASE("a state beside a city is a province, alone it is not", "[matching]") {
  CHECK(first_reading({test::column("billing_state"), test::column("billing_city")}) ==
        "billing province");
  CHECK(first_reading({test::column("state"), test::column("zip")}) == "province");
  CHECK(first_reading({test::column("state"), test::column("priority")}) == "state");
  CHECK(first_reading({test::column("approval_state"), test::column("city")}) == "approval status");
  CHECK(first_reading({test::column("state"), test::column("billing_city")}) == "state");
  // So it is with foreign words that may mean both.
  CHECK(first_reading({test::column("estado"), test::column("cidade")}) == "province");
  CHECK(first_reading({test::column("estado"), test::column("prioridade")}) == "status");
}

TEST_CASE("a whole number called after its table is a number of it", "[matching]") {
  const auto reading = [](const char* type) {
    const auto table = test::table("customers", {test::column("cust", type)});
    return test::side_of(table)->columns[0].role;
  };
  CHECK(reading("integer") == NameRole::number);
  CHECK(reading("string") == NameRole::none);
  CHECK(reading("boolean") == NameRole::none);
}

TEST_CASE("different parts of an address hardly stand for each other", "[matching]") {
  const auto agreement = [](const char* one, const char* other) {
    return feature(Feature::role, test::column(one), test::column(other));
  };
  CHECK(agreement("zip", "postal_code") == 1);
  CHECK(agreement("state", "province") == 1);
  CHECK(agreement("home_town", "city") == 1);
  CHECK(agreement("zip_code", "country_code") < 0);
  CHECK(agreement("latitude", "longitude") < 0);
  CHECK(agreement("billing_city", "billing_country") < 0);
  CHECK(agreement("city", "name") == role_agreement(NameRole::place, NameRole::name));
}

TEST_CASE("first beside last are names of a person, unless they are no text", "[matching]") {
  CHECK(first_reading({test::column("First"), test::column("Last")}) == "first name");
  CHECK(first_reading({test::column("Last"), test::column("Middle"), test::column("First")}) ==
        "last name");
  CHECK(first_reading({test::column("first"), test::column("second")}) == "first");
  CHECK(first_reading({test::column("first", "date"), test::column("last", "date")}) == "first");
}

TEST_CASE("a short description spells a name out, a sentence does not", "[matching]") {
  CHECK(spelled_out("Telephone number 1") == "telephone number 1");
  CHECK(spelled_out("Alphanumeric unique identifier of the title.") == "title identifier");
  CHECK(spelled_out("foreign key to the patient") == "patient identifier");
  CHECK(spelled_out("Date of birth, where known") == "birth date");
  CHECK(spelled_out("indicates whether the account is closed").empty());
  CHECK(spelled_out("one of several things that a clerk may enter by hand").empty());
  CHECK(spelled_out("").empty());
  CHECK(spelled_out(" of ") == "");
}

TEST_CASE("a name of no known word is read as its description", "[matching]") {
  const auto reading = [](std::string name, std::string comment) {
    auto column = test::column(std::move(name));
    column.comment = std::move(comment);
    return first_reading({std::move(column)});
  };
  CHECK(reading("tconst", "unique identifier of the title") == "title identifier");
  CHECK(reading("CMTOWN", "Town") == "town");
  // It says something, or the description explains the word itself.
  CHECK(reading("town", "postal address") == "town");
  CHECK(reading("tconst", "tconst of the title") == "tconst");
  CHECK(reading("tconst", "") == "tconst");
}

TEST_CASE("a name that one side alone spells out is still the same name", "[matching]") {
  auto described = test::column("tconst");
  described.comment = "unique identifier of the title";
  CHECK(feature(Feature::tokens_meant, described, test::column("tconst")) == 1);
  CHECK(feature(Feature::tokens_meant, described, test::column("title_id")) > 0.9F);
}
