// SPDX-License-Identifier: Apache-2.0
#include "core/matching/scoring/scorer.hpp"

#include "core/base/error.hpp"
#include "core/matching/scoring/combination.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/matching/samples.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace mapctl;
using namespace mapctl::matching;

namespace {

std::vector<catalog::Column> people() {
  return {
      test::column("cust_id", "integer"),  test::column("first_name"), test::column("last_name"),
      test::column("email_addr"),          test::column("street1"),    test::column("street2"),
      test::column("created", "timestamp")};
}

std::vector<catalog::Column> persons() {
  return {test::column("customerNumber", "integer"),
          test::column("givenName"),
          test::column("surname"),
          test::column("eMail"),
          test::column("addressLine1"),
          test::column("addressLine2"),
          test::column("createdAt", "timestamp")};
}

using Found = std::map<std::string, std::vector<std::pair<std::string, float>>>;

Found found(const std::vector<catalog::Column>& left, const std::vector<catalog::Column>& right) {
  const auto a = test::table("people", left);
  const auto b = test::table("persons", right);
  const auto source = test::side_of(a);
  const auto target = test::side_of(b);
  const auto scores =
      score(*source, *target, *test::shipped_lexicon(), test::shipped_combination(), {}, {});
  Found result;
  for (std::size_t column = 0; column < left.size(); ++column) {
    auto& list = result[left[column].name.text];
    for (const auto& pair : scores.of_source(column)) {
      list.emplace_back(right[pair.target].name.text, pair.score);
    }
  }
  return result;
}

}  // namespace

TEST_CASE("the right partner comes first where names differ in style and words", "[matching]") {
  const auto result = found(people(), persons());
  CHECK(result.at("first_name").front().first == "givenName");
  CHECK(result.at("last_name").front().first == "surname");
  CHECK(result.at("email_addr").front().first == "eMail");
  CHECK(result.at("street1").front().first == "addressLine1");
  CHECK(result.at("street2").front().first == "addressLine2");
  CHECK(result.at("created").front().first == "createdAt");
}

TEST_CASE("names without vowels and of initials find their partners", "[matching]") {
  const std::vector<catalog::Column> assays{
      test::column("assay_id", "integer"), test::column("assay_type"), test::column("assay_strain"),
      test::column("assay_organism"), test::column("src_assay_id")};
  const auto dropped =
      found(assays, {test::column("ss_d", "integer"), test::column("rltnshp_tp"),
                     test::column("ss_tp"), test::column("src_ss_d"), test::column("ss_rgnsm")});
  CHECK(dropped.at("assay_id").front().first == "ss_d");
  CHECK(dropped.at("assay_type").front().first == "ss_tp");
  CHECK(dropped.at("src_assay_id").front().first == "src_ss_d");
  CHECK(dropped.at("assay_organism").front().first == "ss_rgnsm");
  const auto initials =
      found(assays, {test::column("ASI", "integer"), test::column("ASTY"), test::column("ASSTR"),
                     test::column("ASOR"), test::column("SASI")});
  CHECK(initials.at("assay_id").front().first == "ASI");
  CHECK(initials.at("assay_type").front().first == "ASTY");
  CHECK(initials.at("assay_organism").front().first == "ASOR");
  CHECK(initials.at("src_assay_id").front().first == "SASI");
}

TEST_CASE("a description that is nothing but the other's name is one, too", "[matching]") {
  const auto described = [](std::string name, std::string comment) {
    auto column = test::column(std::move(name));
    column.comment = std::move(comment);
    return column;
  };
  const std::vector<catalog::Column> persons{test::column("postal_code"),
                                             test::column("purchase_order_number")};
  const auto chance = [&](std::string comment) {
    const auto result = found({described("XXPONO", std::move(comment))}, persons);
    for (const auto& [name, score] : result.at("XXPONO")) {
      if (name == "postal_code") {
        return score;
      }
    }
    return -1000.0F;
  };
  CHECK(chance("Postal code") > 0);
  CHECK(chance("Postal code") > chance("Postal code of the warehouse that sends it"));
  CHECK(chance("Postal code") > chance("") + 2);
}

TEST_CASE("of two beginnings of a name the longer one is likelier", "[matching]") {
  const auto result = found({test::column("Country"), test::column("City")},
                            {test::column("C"), test::column("Co")});
  CHECK(result.at("Country").front().first == "Co");
  CHECK(result.at("City").front().first == "C");
}

TEST_CASE("names of the same letters are the same however their words are told apart",
          "[matching]") {
  const auto source = test::table("t", {test::column("zorblaxfrobnik"), test::column("frobnik")});
  const auto target = test::table("t", {test::column("zorblax_frobnik"), test::column("frobnik")});
  const auto a = test::side_of(source);
  const auto b = test::side_of(target);
  const auto scores = score(*a, *b, *test::shipped_lexicon(), test::shipped_combination(), {}, {});
  for (const auto& pair : scores.pairs) {
    if (pair.source == 0 && pair.target == 0) {
      for (const Feature feature : {Feature::exact_name, Feature::tokens, Feature::tokens_meant,
                                    Feature::tokens_contained, Feature::head}) {
        CHECK(at(*pair.features, feature) == 1);
      }
    }
  }
  CHECK(found({test::column("zorblaxfrobnik"), test::column("frobnik")},
              {test::column("zorblax_frobnik"), test::column("frobnik")})
            .at("zorblaxfrobnik")
            .front()
            .first == "zorblax_frobnik");
}

TEST_CASE("a table's name stands before or behind a name, not in its middle", "[matching]") {
  const auto differs_by_table = [](const std::string& table, const std::string& column,
                                   const std::string& other) {
    const auto left = test::table(table, {test::column(column)});
    const auto right = test::table("warehouse", {test::column(other)});
    const auto a = test::side_of(left);
    const auto b = test::side_of(right);
    const auto there = score(*a, *b, *test::shipped_lexicon(), test::shipped_combination(), {}, {});
    const auto back = score(*b, *a, *test::shipped_lexicon(), test::shipped_combination(), {}, {});
    REQUIRE(there.pairs.size() == 1);
    REQUIRE(back.pairs.size() == 1);
    const float said = at(*there.pairs[0].features, Feature::exact_table_name);
    CHECK(at(*back.pairs[0].features, Feature::exact_table_name) == said);
    return said == 1;
  };
  CHECK(differs_by_table("invoice", "number", "invoice_number"));
  CHECK_FALSE(differs_by_table("orders", "customer_order_number", "order_number"));
  CHECK_FALSE(differs_by_table("order", "customer_number", "customer_order_number"));
}

TEST_CASE("what a short name would mean does not speak against its letters", "[matching]") {
  // "ct" is a count by the list of abbreviations.
  const auto result = found({test::column("City"), test::column("Country"), test::column("Sum")},
                            {test::column("ct"), test::column("cntr"), test::column("ttl")});
  CHECK(result.at("City").front().first == "ct");
  CHECK(result.at("City").front().second > 0);
  CHECK(result.at("Country").front().first == "cntr");
}

TEST_CASE("an article that ends a name is a word of it", "[matching]") {
  const auto table = test::table("assays", {test::column("assays_DI"), test::column("data_di_fine"),
                                            test::column("date_of_birth")});
  const auto side = test::side_of(table);
  const auto weight_of = [&](std::string_view word) {
    const auto term = std::find_if(side->terms.begin(), side->terms.end(),
                                   [&](const Term& one) { return one.text == word; });
    REQUIRE(term != side->terms.end());
    return term->weight;
  };
  CHECK(weight_of("di") > 0);
  CHECK(weight_of("of") == 0);
}

TEST_CASE("scores do not depend on the order of columns", "[matching]") {
  const auto expected = found(people(), persons());
  std::mt19937 random{3};
  for (int round = 0; round < 10; ++round) {
    auto left = people();
    auto right = persons();
    std::shuffle(left.begin(), left.end(), random);
    std::shuffle(right.begin(), right.end(), random);
    const auto other = found(left, right);
    for (const auto& [column, list] : expected) {
      const auto& now = other.at(column);
      REQUIRE(now.size() == list.size());
      for (std::size_t at = 0; at < list.size(); ++at) {
        CHECK(now[at].first == list[at].first);
        CHECK(now[at].second == test::Approx(list[at].second).margin(1e-3));
      }
    }
  }
}

TEST_CASE("values decide where names say nothing", "[matching]") {
  std::vector<std::string> codes;
  std::vector<std::string> words;
  for (int at = 0; at < 60; ++at) {
    codes.push_back("SKU-" + std::to_string(1000 + at));
    words.push_back("long text number " + std::to_string(at) + " about things");
  }
  const auto result =
      found({test::filled("f1", "string", codes), test::filled("f2", "string", words)},
            {test::filled("colA", "string", words), test::filled("colB", "string", codes)});
  CHECK(result.at("f1").front().first == "colB");
  CHECK(result.at("f2").front().first == "colA");
}

TEST_CASE("whole numbers are alike with and without a fraction of zeros", "[matching]") {
  std::vector<std::string> whole;
  std::vector<std::string> exported;
  std::vector<std::string> shares;
  for (int at = 0; at < 30; ++at) {
    whole.push_back(std::to_string(at * 37));
    exported.push_back(std::to_string(at * 37) + ".0");
    shares.push_back(std::to_string(at * 37) + ".25");
  }
  const auto a = test::table("a", {test::filled("x", "string", whole)});
  const auto b = test::table(
      "b", {test::filled("y", "string", exported), test::filled("z", "string", shares)});
  const auto source = test::side_of(a);
  const auto target = test::side_of(b);
  const auto scores =
      score(*source, *target, *test::shipped_lexicon(), test::shipped_combination(), {}, {});
  const auto of = [&](std::uint32_t column, Feature feature) {
    const auto found = std::find_if(scores.pairs.begin(), scores.pairs.end(),
                                    [&](const auto& pair) { return pair.target == column; });
    return at(*found->features, feature);
  };
  CHECK(of(0, Feature::value_overlap) > 0.9F);
  CHECK(of(0, Feature::value_grams) > 0.49F);
  CHECK(of(0, Feature::value_patterns) > 0.4F);
  CHECK(of(1, Feature::value_overlap) == 0);
  CHECK(of(1, Feature::value_patterns) < 0);
}

TEST_CASE("an empty column says nothing about values", "[matching]") {
  const auto a = test::table("a", {test::filled("x", "string", {"", "", ""})});
  const auto b = test::table("b", {test::filled("y", "string", {"one", "two", "three"}),
                                   test::filled("z", "string", {"", "", ""})});
  const auto source = test::side_of(a);
  const auto target = test::side_of(b);
  const auto scores =
      score(*source, *target, *test::shipped_lexicon(), test::shipped_combination(), {}, {});
  REQUIRE(scores.pairs.size() == 2);
  for (const auto& pair : scores.pairs) {
    CHECK(at(*pair.features, Feature::shape) == 0);
    CHECK(at(*pair.features, Feature::value_patterns) == 0);
  }
}

TEST_CASE("without use_data values have no say", "[matching]") {
  const auto a = test::table("a", {test::filled("x", "string", {"one", "two", "three"})});
  const auto b = test::table("b", {test::filled("y", "string", {"one", "two", "three"})});
  const auto source = test::side_of(a);
  const auto target = test::side_of(b);
  ScoreOptions options;
  const auto with =
      score(*source, *target, *test::shipped_lexicon(), test::shipped_combination(), options, {});
  options.use_data = false;
  const auto without =
      score(*source, *target, *test::shipped_lexicon(), test::shipped_combination(), options, {});
  CHECK(at(*with.pairs[0].features, Feature::value_overlap) > 0.9F);
  CHECK(at(*without.pairs[0].features, Feature::value_overlap) == 0);
  CHECK(at(*without.pairs[0].features, Feature::value_grams) == 0);
  CHECK(with.pairs[0].own > without.pairs[0].own);
}

TEST_CASE("what two sides cannot have is 0 in all their pairs, and only that is left out of sums",
          "[matching]") {
  const auto plain =
      test::table("a", {test::column("email", "varchar(80)"), test::column("created_on", "date")});
  const auto with_values =
      test::table("b", {test::filled("mail", "string", {"a@b.org", "c@d.org", "e@f.org"}),
                        test::filled("created", "string", {"2026-01-02", "2026-02-03"})});
  const auto bare = test::side_of(plain);
  const auto filled = test::side_of(with_values);
  CHECK(absent_features(*bare, *filled).test(static_cast<std::size_t>(Feature::value_overlap)));
  CHECK_FALSE(
      absent_features(*filled, *filled).test(static_cast<std::size_t>(Feature::value_overlap)));
  for (const auto& [source, target] : {std::pair{&*bare, &*filled}, {&*filled, &*bare}}) {
    const FeatureSet absent = absent_features(*source, *target);
    const auto scores =
        score(*source, *target, *test::shipped_lexicon(), test::shipped_combination(), {}, {});
    REQUIRE_FALSE(scores.pairs.empty());
    for (const auto& pair : scores.pairs) {
      for (std::size_t feature = 0; feature < feature_count; ++feature) {
        if (absent[feature]) {
          CHECK((*pair.features)[feature] == 0);
        }
      }
      CHECK(pair.own ==
            log_odds(*pair.features, test::shipped_combination().own, own_feature_count));
    }
  }
}

TEST_CASE("wide tables keep few candidates, the right one among them", "[matching]") {
  std::vector<catalog::Column> left;
  std::vector<catalog::Column> right;
  for (int at = 0; at < 300; ++at) {
    left.push_back(test::column("field_" + std::to_string(at) + "_amount"));
    right.push_back(test::column("Field" + std::to_string(299 - at) + "Amount"));
  }
  const auto a = test::table("a", left);
  const auto b = test::table("b", right);
  const auto source = test::side_of(a);
  const auto target = test::side_of(b);
  ScoreOptions options;
  const auto scores =
      score(*source, *target, *test::shipped_lexicon(), test::shipped_combination(), options, {});
  CHECK(scores.pairs.size() <= 300 * (options.per_source + 3));
  std::size_t right_first = 0;
  for (std::uint32_t column = 0; column < 300; ++column) {
    right_first += scores.of_source(column).front().target == 299 - column ? 1U : 0U;
  }
  CHECK(right_first >= 295);
}

TEST_CASE("among many columns of one word those of its type are candidates", "[matching]") {
  const auto visit = [](char first, int at, const char* type) {
    return test::column(std::string("visit_") + first + static_cast<char>('a' + at % 26) +
                            static_cast<char>('a' + at / 26),
                        type);
  };
  std::vector<catalog::Column> left;
  std::vector<catalog::Column> right;
  for (int at = 0; at < 60; ++at) {
    left.push_back(visit('q', at, "integer"));  // for every target three others are as good
    right.push_back(visit('x', at, at % 10 == 9 ? "date" : "integer"));
  }
  left.push_back(visit('z', 0, "date"));
  const auto a = test::table("a", left);
  const auto b = test::table("b", right);
  const auto source = test::side_of(a);
  const auto target = test::side_of(b);
  const auto scores =
      score(*source, *target, *test::shipped_lexicon(), test::shipped_combination(), {}, {});
  const auto candidates = scores.of_source(60);
  CHECK(candidates.size() < right.size());
  CHECK(std::count_if(candidates.begin(), candidates.end(), [&](const ScoredPair& pair) {
          return target->columns[pair.target].type == TypeClass::date;
        }) == 6);
}

TEST_CASE("what only values tell is a candidate among many columns", "[matching]") {
  std::vector<catalog::Column> columns;
  for (int at = 0; at < 40; ++at) {
    columns.push_back(test::column("fire_alarm_" + std::to_string(at), "integer"));
  }
  columns.push_back(test::filled(
      "remarks", "string",
      {"Brick fireplace in the den", "Two baths and a pool", "New roof, fireplace and porch"}));
  const auto homes = test::table("homes", std::move(columns));
  const auto flags = test::table(
      "f", {test::filled("fireplace", "integer", {"1", "0", "1"}), test::column("remarks_a"),
            test::column("remarks_b"), test::column("remarks_c"), test::column("remarks_d")});
  const auto source = test::side_of(flags);
  const auto target = test::side_of(homes);
  const auto scores =
      score(*source, *target, *test::shipped_lexicon(), test::shipped_combination(), {}, {});
  const auto row = scores.of_source(0);
  CHECK(std::any_of(row.begin(), row.end(), [](const auto& pair) { return pair.target == 40; }));
}

TEST_CASE("a stop ends scoring as cancelled", "[matching]") {
  const auto a = test::table("a", people());
  const auto source = test::side_of(a);
  std::stop_source stop;
  stop.request_stop();
  try {
    score(*source, *source, *test::shipped_lexicon(), test::shipped_combination(), {},
          stop.get_token());
    FAIL("was not cancelled");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::cancelled);
  }
}

TEST_CASE("a side without columns has no pairs", "[matching]") {
  const auto a = test::table("a", {});
  const auto b = test::table("b", people());
  const auto none = test::side_of(a);
  const auto some = test::side_of(b);
  CHECK(score(*none, *some, *test::shipped_lexicon(), test::shipped_combination(), {}, {})
            .pairs.empty());
  CHECK(score(*some, *none, *test::shipped_lexicon(), test::shipped_combination(), {}, {})
            .of_source(2)
            .empty());
}

TEST_CASE("a part of a record that is referred to is not the record's own", "[matching]") {
  const auto left = test::table(
      "deals", {test::column("user_id.name"), test::column("user_id.value", "integer")});
  const auto best_of = [&](const std::string& table, const std::string& column) {
    const auto right = test::table(table, {test::column(column), test::column("owner_id")});
    const auto source = test::side_of(left);
    const auto target = test::side_of(right);
    const auto scores =
        score(*source, *target, *test::shipped_lexicon(), test::shipped_combination(), {}, {});
    for (const auto& pair : scores.of_source(0)) {
      if (pair.target == 0) {
        return pair.score;
      }
    }
    return -100.0F;
  };
  CHECK(best_of("opportunity", "name") < 0);
  CHECK(best_of("opportunity", "user_name") > 0);
  CHECK(best_of("user", "name") > -1);
  CHECK(best_of("opportunity", "user_name") > best_of("opportunity", "name") + 2);
}

TEST_CASE("values conflict only under other names, and where none is shared", "[matching]") {
  const std::vector<std::string> left_codes{"B", "F", "A", "F", "B", "F", "B", "A"};
  const std::vector<std::string> right_codes{"D", "H", "M", "H", "D", "D", "H", "M"};
  const std::vector<std::string> shared_codes{"D", "A", "M", "A", "D", "D", "A", "M"};
  const auto from = test::table("assay", {test::filled("assay_type", "string", left_codes),
                                          test::filled("status", "string", left_codes)});
  const auto to = test::table("assay", {test::filled("relationship_type", "string", right_codes),
                                        test::filled("status", "string", right_codes),
                                        test::filled("kind", "string", shared_codes)});
  const auto source = test::side_of(from);
  const auto target = test::side_of(to);
  const auto scores =
      score(*source, *target, *test::shipped_lexicon(), test::shipped_combination(), {}, {});
  const auto conflict = [&](std::string_view left, std::string_view right) {
    for (const auto& pair : scores.pairs) {
      if (source->columns[pair.source].column->name.text == left &&
          target->columns[pair.target].column->name.text == right) {
        return at(*pair.features, matching::Feature::value_conflict);
      }
    }
    FAIL("no such pair");
    return 0.0F;
  };
  CHECK(conflict("assay_type", "relationship_type") < -0.4F);
  CHECK(conflict("status", "status") == 0);
  CHECK(conflict("assay_type", "kind") == 0);
}
