// SPDX-License-Identifier: Apache-2.0
#include "core/matching/values/value_codes.hpp"

#include "core/matching/values/column_vocabularies.hpp"
#include "core/matching/values/vocabularies.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/matching/samples.hpp"

#include <string>
#include <vector>

using namespace mapctl;
using test::column;
using test::filled;

namespace {

std::string codes(const catalog::Column& from, const catalog::Column& to) {
  std::string text;
  for (const auto& match : matching::match_codes(from, to)) {
    text += match.from + "=" + match.to + " ";
  }
  return text;
}

catalog::Column allowing(std::vector<std::string> values) {
  auto result = column("code");
  result.allowed_values = std::move(values);
  return result;
}

}  // namespace

TEST_CASE("values of one vocabulary are mapped by what they mean", "[matching]") {
  CHECK(codes(filled("sex", "string", {"M", "F", "M"}), allowing({"male", "female", "other"})) ==
        "M=male F=female ");
  CHECK(codes(filled("st", "string", {"A", "A", "I"}), allowing({"active", "inactive"})) ==
        "A=active I=inactive ");
  // The same letters are months of no gender.
  CHECK(codes(filled("m", "string", {"M", "F"}), allowing({"march", "february"})).empty());
}

TEST_CASE("names of countries and currencies become their codes", "[matching]") {
  auto country = column("country");
  country.code_list = "iso3166_alpha2";
  CHECK(codes(filled("c", "string", {"Germany", "Germany", "United Kingdom"}), country) ==
        "Germany=DE United Kingdom=GB ");
  auto currency = column("currency");
  currency.code_list = "iso4217";
  CHECK(codes(filled("c", "string", {"US Dollar", "Pound Sterling", "Euro", "Euro"}), currency) ==
        "Euro=EUR Pound Sterling=GBP US Dollar=USD ");
  CHECK(codes(filled("c", "string", {"EUR", "USD"}), currency).empty());
}

TEST_CASE("values that the target's data have are codes too", "[matching]") {
  CHECK(codes(filled("sex", "string", {"M", "F", "M"}),
              filled("gender", "string", {"female", "male", "female"})) == "M=male F=female ");
  CHECK(codes(filled("city", "string", {"Lyon", "Porto"}),
              filled("city", "string", {"LYON", "PORTO"}))
            .empty());
}

TEST_CASE("states and words for the status of an order are known", "[matching]") {
  CHECK(codes(filled("state", "string", {"CA", "NY", "TX", "CA"}),
              filled("state", "string", {"California", "New York", "Texas"})) ==
        "CA=California NY=New York TX=Texas ");
  CHECK(codes(filled("status", "string", {"O", "S", "C", "X"}),
              filled("status", "string", {"open", "shipped", "closed", "cancelled"})) ==
        "C=closed O=open S=shipped X=cancelled ");
}

TEST_CASE("words that come again and again are codes, however they are spelled", "[matching]") {
  const auto often = [](const std::vector<std::string>& words) {
    std::vector<std::string> values;
    for (int times = 0; times < 4; ++times) {
      values.insert(values.end(), words.begin(), words.end());
    }
    return values;
  };
  const auto from = filled("stage", "string", often({"qualified_out", "won back"}));
  CHECK(codes(from, filled("stage", "string", often({"QUALIFIED OUT", "WON-BACK"}))) ==
        "qualified_out=QUALIFIED OUT won back=WON-BACK ");
  // Each once: names, not codes.
  CHECK(codes(from, filled("stage", "string", {"QUALIFIED OUT", "WON-BACK"})).empty());
}

TEST_CASE("numbers that differ by their sign or point are different codes", "[matching]") {
  CHECK(codes(filled("flag", "string", {"-1", "0", "1"}), allowing({"0", "1"})).empty());
  CHECK(codes(filled("rate", "string", {"1.5", "2"}), allowing({"15", "2"})).empty());
  CHECK(codes(filled("rate", "string", {"1.5", "100"}), allowing({"1.55", "1000"})).empty());
  // Marks beside words say nothing still.
  CHECK(codes(filled("kind", "string", {"Well-known", "a.b"}), allowing({"well_known", "AB"})) ==
        "Well-known=well_known a.b=AB ");
}

TEST_CASE("a value of nothing but marks is no code", "[matching]") {
  CHECK(codes(filled("kind", "string", {"-", "..", "A"}), allowing({"_", "a"})) == "A=a ");
}

TEST_CASE("what codes are compared by keeps signs and points of numbers", "[matching]") {
  CHECK(matching::folded_code("-1") == "-1");
  CHECK(matching::folded_code(" -1.50 ") == "-1.50");
  CHECK(matching::folded_code("- 1") == "1");
  CHECK(matching::folded_code("US-Dollar") == "usdollar");
  CHECK(matching::folded_code("2-3") == "23");
  CHECK(matching::folded_code("No.5") == "no5");
  CHECK(matching::folded_code("5.") == "5");
  CHECK(matching::folded_code("-.").empty());
}

TEST_CASE("words for yes and no in other languages become true and false", "[matching]") {
  std::string text;
  const auto from = filled("aktiv", "string", {"ja", "nein", "ja"});
  const auto matches = matching::match_booleans(from);
  for (const auto& match : matches) {
    text += match.from + "=" + match.to + " ";
  }
  CHECK(text == "ja=true nein=false ");
  CHECK(matching::covered_share(from, matches) == 1.0);
  CHECK(matching::match_booleans(filled("aktiv", "string", {"rot", "blau"})).empty());
}

TEST_CASE("a code map tells how much of the column it covers", "[matching]") {
  const auto from = filled("sex", "string", {"M", "M", "M", "F", "?"});
  const mapping::TransformationStep step{mapping::TransformationKind::code_map,
                                         {{"F", "female"}, {"M", "male"}}};
  const auto evidence = matching::code_evidence(from, step);
  CHECK(evidence.score == 0.8);
  CHECK(evidence.detail ==
        "2 of 3 values, 80 % of the rows, have a code: 'M' to 'male' in 3 rows, 'F' to 'female' in "
        "1 rows");
}

TEST_CASE("a column is of the vocabulary that has its values", "[matching]") {
  const auto bits = [](const std::vector<std::string>& values) {
    return matching::vocabularies_of(test::filled("x", "string", values));
  };
  const auto genders = bits({"m", "f", "f", "u", "m", "f"});
  CHECK((genders & matching::specific_vocabularies()) != 0);
  CHECK((genders & bits({"male", "female", "female", "male"})) == genders);
  // "m", "d", "w" and "u" are said of genders, too, but "s" is not.
  const auto marital = bits({"s", "m", "d", "w", "u", "s"});
  CHECK((marital & matching::specific_vocabularies()) != 0);
  CHECK((marital & genders) == 0);
  const auto flags = bits({"yes", "no", "no", "yes"});
  CHECK(flags != 0);
  CHECK((flags & matching::specific_vocabularies()) == 0);
  CHECK(bits({"soul", "jazz", "rock", "jazz"}) == 0);
  CHECK(bits({"m", "m", "m"}) == 0);
  // Masked values are known by their hashes.
  auto masked = test::filled("x", "string", {"male", "female", "female", "male"});
  masked.personal = catalog::PersonalData{.kind = "gender"};
  CHECK((matching::vocabularies_of(masked) & genders) == genders);
}
