// SPDX-License-Identifier: Apache-2.0
#include "core/matching/signals/signals.hpp"

#include "core/matching/scoring/combination.hpp"
#include "core/matching/scoring/confidence.hpp"
#include "core/matching/signals/references.hpp"
#include "core/matching/signals/value_signals.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/matching/samples.hpp"

#include <string_view>
#include <vector>

using namespace mapctl;
using namespace mapctl::matching;

TEST_CASE("type compatibility is symmetric, best for equal types", "[matching]") {
  constexpr auto last = static_cast<int>(TypeClass::record);
  for (int a = 0; a <= last; ++a) {
    for (int b = 0; b <= last; ++b) {
      const auto left = static_cast<TypeClass>(a);
      const auto right = static_cast<TypeClass>(b);
      CHECK(type_compatibility(left, right) == type_compatibility(right, left));
      CHECK(type_compatibility(left, right) <= 1);
      CHECK(type_compatibility(left, right) >= -1);
    }
  }
  CHECK(type_compatibility(TypeClass::date, TypeClass::date) >
        type_compatibility(TypeClass::date, TypeClass::timestamp));
  CHECK(type_compatibility(TypeClass::date, TypeClass::boolean) < 0);
  CHECK(type_compatibility(TypeClass::unknown, TypeClass::date) == 0);
}

TEST_CASE("key compatibility is symmetric", "[matching]") {
  for (int a = 0; a < 4; ++a) {
    for (int b = 0; b < 4; ++b) {
      CHECK(key_compatibility(static_cast<KeyRole>(a), static_cast<KeyRole>(b)) ==
            key_compatibility(static_cast<KeyRole>(b), static_cast<KeyRole>(a)));
    }
  }
  CHECK(key_compatibility(KeyRole::primary, KeyRole::primary) == 1);
  CHECK(key_compatibility(KeyRole::primary, KeyRole::none) < 0);
}

TEST_CASE("a table's own key by its name is no reference to another record", "[matching]") {
  CHECK(named_key_compatibility(KeyRole::primary, KeyRole::primary) == 1);
  CHECK(named_key_compatibility(KeyRole::primary, KeyRole::unique) > 0);
  CHECK(named_key_compatibility(KeyRole::primary, KeyRole::foreign) < 0);
  CHECK(named_key_compatibility(KeyRole::foreign, KeyRole::foreign) == 0);
  CHECK(named_key_compatibility(KeyRole::primary, KeyRole::none) == 0);
  for (int a = 0; a < 4; ++a) {
    for (int b = 0; b < 4; ++b) {
      CHECK(named_key_compatibility(static_cast<KeyRole>(a), static_cast<KeyRole>(b)) ==
            named_key_compatibility(static_cast<KeyRole>(b), static_cast<KeyRole>(a)));
    }
  }
}

TEST_CASE("numbers in names tell siblings apart", "[matching]") {
  CHECK(number_agreement(0, 0) == 0);
  CHECK(number_agreement(5, 5) == 1);
  CHECK(number_agreement(5, 6) == -1);
  CHECK(number_agreement(5, 0) == number_agreement(0, 5));
}

TEST_CASE("value overlap grows with what is shared", "[matching]") {
  CHECK(overlap_strength({0, 0, 0}) == 0);
  CHECK(overlap_strength({0.2, 0.4, 0.3}) < overlap_strength({0.5, 0.7, 0.6}));
  CHECK(overlap_strength({1, 1, 1}) == 1);
}

TEST_CASE("distributions of like numbers agree, of unlike ones do not", "[matching]") {
  catalog::ColumnStatistics a;
  a.quantiles = {0, 1, 2, 5, 8, 9, 10};
  catalog::ColumnStatistics b = a;
  catalog::ColumnStatistics c;
  c.quantiles = {100, 110, 120, 150, 180, 190, 200};
  CHECK(distribution_similarity(a, b) == test::Approx(0.5));
  CHECK(distribution_similarity(a, c) == test::Approx(-0.5));
  CHECK(distribution_similarity(a, c) == distribution_similarity(c, a));
  CHECK(distribution_similarity(a, {}) == 0);
  catalog::ColumnStatistics constant;
  constant.quantiles = std::vector<double>(7, 3.0);
  CHECK(distribution_similarity(constant, constant) == test::Approx(0.5));
}

TEST_CASE("values of one form look alike", "[matching]") {
  const auto mails = test::table(
      "a", {test::filled("x", "string", {"ann@example.org", "bo@site.net", "cy@web.org"}),
            test::filled("y", "string", {"2026-01-02", "2026-03-04", "2026-05-06"}),
            test::filled("z", "string", {"dan@example.net", "eve@site.org"})});
  const auto side = test::side_of(mails);
  REQUIRE(side->values.size() == 3);
  CHECK(pattern_similarity(side->values[0], side->values[2]) >
        pattern_similarity(side->values[0], side->values[1]));
  CHECK(value_gram_similarity(side->values[0], side->values[2]) >
        value_gram_similarity(side->values[0], side->values[1]));
  CHECK(value_gram_similarity(side->values[0], side->values[1]) ==
        value_gram_similarity(side->values[1], side->values[0]));
  CHECK(shape_similarity(side->values[0], side->values[0]) == test::Approx(0.5));
}

TEST_CASE("columns of few values conflict where they share none, others do not", "[matching]") {
  const std::vector<std::string> categories{"B", "F", "A", "F", "B", "F", "B", "A"};
  const std::vector<std::string> relations{"D", "H", "M", "H", "D", "D", "H", "M"};
  const auto table = test::table(
      "assay", {test::filled("category", "string", categories),
                test::filled("relation", "string", relations),
                test::filled("serial", "string", {"k81", "q92", "z13", "x44", "w75", "v06"}),
                test::filled("batch", "string", {"m22", "p33", "j44", "h55", "g66", "u77"}),
                test::filled("active", "string", {"yes", "no", "yes", "yes", "no", "no"}),
                test::filled("enabled", "integer", {"1", "0", "1", "1", "0", "0"}),
                test::filled("site", "string", {"cc", "cc", "cc", "cc", "cc", "cc"}),
                test::filled("effect", "string",
                             {"strong", "weak", "strong", "weak", "none", "weak", "none"}),
                test::column("unseen")});
  const auto side = test::side_of(table);
  const auto conflict = [&](std::size_t a, std::size_t b) {
    const auto& left = side->columns[a];
    const auto& right = side->columns[b];
    return value_conflict(left, side->values[static_cast<std::size_t>(left.values)], right,
                          side->values[static_cast<std::size_t>(right.values)]);
  };
  CHECK(conflict(0, 1) > 0.4F);
  CHECK(conflict(0, 1) == conflict(1, 0));
  CHECK(conflict(0, 1) <= 1);
  CHECK(conflict(2, 3) == 0);
  CHECK(conflict(4, 5) == 0);
  CHECK(conflict(2, 6) == 0);
  // A code may stand for a word.
  CHECK(conflict(0, 7) == 0);
}

TEST_CASE("a record whose fields are listed is no column of values", "[matching]") {
  using enum TypeClass;
  CHECK(type_compatibility(record, record) == 1);
  CHECK(type_compatibility(record, text) == -1);
  CHECK(type_compatibility(structured, text) == 0);
  CHECK(type_compatibility(structured, record) > 0);
  CHECK(type_compatibility(record, integer) == -1);
}

TEST_CASE("values unlike in letters and in forms speak against a pair", "[matching]") {
  const auto table = test::table(
      "person",
      {test::filled("birth_day", "string", {"1", "12", "27", "30", "5", "8", "21", "16"}),
       test::filled("birth_place", "string",
                    {"Ulm", "Bonn", "Kiel", "Trier", "Gera", "Jena", "Hof", "Celle"}),
       test::filled("gender", "string", {"m", "f", "f", "m", "m", "f", "m", "f"}),
       test::filled("sex", "string",
                    {"male", "female", "male", "male", "female", "male", "female", "male"})});
  const auto side = test::side_of(table);
  const auto compared = [&](std::size_t a, std::size_t b) {
    const auto& left = side->columns[a];
    const auto& right = side->columns[b];
    Features features{};
    compare_values(left, side->values[static_cast<std::size_t>(left.values)], right,
                   side->values[static_cast<std::size_t>(right.values)], 0, features);
    return features;
  };
  CHECK(at(compared(0, 1), Feature::value_conflict) < -0.6F);
  CHECK(at(compared(1, 1), Feature::value_conflict) == 0);
  // "m" and "male" mean the same.
  CHECK(at(compared(2, 3), Feature::value_conflict) == 0);
  CHECK(at(compared(2, 3), Feature::value_overlap) == test::Approx(0.5));
  CHECK(at(compared(0, 2), Feature::value_overlap) == 0);
}

TEST_CASE("no fitted weight speaks against a feature", "[matching]") {
  const auto& own = test::shipped_combination().own;
  const auto& full = test::shipped_combination().full;
  for (std::size_t at = 0; at < feature_count; ++at) {
    CHECK(own.of[at] >= 0);
    CHECK(full.of[at] >= 0);
  }
  CHECK(own.constant < 0);
  CHECK(test::shipped_combination().partnered >= 0);
}

TEST_CASE("confidence is monotone and stays between 0 and 1", "[matching]") {
  double before = 0;
  for (float odds = -20; odds <= 20; odds += 0.5F) {
    const double now = confidence_of(odds);
    CHECK(now >= before);
    CHECK(now > 0);
    CHECK(now < 1);
    before = now;
  }
  CHECK(confidence_of(0) == test::Approx(0.5));
}

TEST_CASE("no log-odds below the bound of a confidence have it", "[matching]") {
  for (const double confidence : {0.0, 0.001, 0.02, 0.2, 0.5, 0.9, 0.99, 0.994, 1.0}) {
    CAPTURE(confidence);
    const float bound = log_odds_below(confidence);
    for (float odds = -20; odds <= 20; odds += 0.01F) {
      CHECK((odds >= bound || confidence_of(odds) < confidence));
    }
  }
  CHECK(confidence_of(log_odds_below(0.5)) > 0.49);
}

TEST_CASE("what is surer comes first among what is nearly sure, too", "[matching]") {
  double before = confidence_of(3.9F);
  for (float odds = 4; odds <= 12; odds += 0.5F) {
    const double now = confidence_of(odds);
    CHECK(now > before);
    CHECK(now < 0.995);
    before = now;
  }
  CHECK(confidence_of(4.5951F) == test::Approx(0.99).margin(0.0001));
  CHECK(confidence_of(4.6F) - confidence_of(4.59F) < 0.0002);
}

TEST_CASE("every signal has its own name", "[matching]") {
  for (std::size_t a = 0; a < signal_count; ++a) {
    CHECK_FALSE(to_string(static_cast<Signal>(a)).empty());
    for (std::size_t b = 0; b < a; ++b) {
      CHECK(to_string(static_cast<Signal>(a)) != to_string(static_cast<Signal>(b)));
    }
  }
  CHECK(signal_of(Feature::type) == Signal::type);
  CHECK(signal_of(Feature::synonym) == Signal::synonym);
  CHECK(signal_of(Feature::table_pair) == Signal::table_context);
  CHECK(signal_of(Feature::value_grams_lead) == Signal::value_patterns);
  CHECK(signal_of(Feature::row_lead) == Signal::competition);
}
