// SPDX-License-Identifier: Apache-2.0
#include "core/matching/scoring/partnered.hpp"

#include "core/matching/scoring/combination.hpp"
#include "core/matching/scoring/tables.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/matching/samples.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

using namespace mapctl;
using matching::partnered_share;
using matching::partnered_shift;
using matching::ScoredPair;
using matching::ScoreTable;
using matching::Side;

namespace {

catalog::Table table_of(const std::string& name, int columns) {
  std::vector<catalog::Column> list;
  for (int number = 0; number < columns; ++number) {
    list.push_back(test::column(fmt::format("{}_{}", name, static_cast<char>('a' + number))));
  }
  return test::table(name, std::move(list));
}

// Column by column, each with this score.
std::vector<ScoredPair> pairs_of(std::uint32_t count, float score) {
  std::vector<ScoredPair> pairs;
  for (std::uint32_t column = 0; column < count; ++column) {
    pairs.push_back({column, column, score, score, nullptr});
  }
  return pairs;
}

const catalog::Table orders =
    test::table("orders", {test::column("order_id", "integer"), test::column("customer_name"),
                           test::column("order_date", "date"), test::column("total_amount"),
                           test::column("currency"), test::column("kw1")});

ScoreTable scored(const Side& source, const Side& target, float weight) {
  auto combination = test::shipped_combination();
  combination.partnered = weight;
  return matching::score(source, target, *test::shipped_lexicon(), combination, {}, {});
}

using Scores = std::map<std::pair<std::uint32_t, std::uint32_t>, float>;
Scores scores_by_pair(const ScoreTable& table) {
  Scores scores;
  for (const auto& pair : table.pairs) {
    scores[{pair.source, pair.target}] = pair.score;
  }
  return scores;
}

}  // namespace

TEST_CASE("the share of columns with a counterpart is that of the smaller side", "[matching]") {
  const auto small_table = table_of("small", 10);
  const auto small = test::side_of(small_table);
  const auto large_table = table_of("large", 20);
  const auto large = test::side_of(large_table);
  const auto all = pairs_of(10, 6);
  CHECK(partnered_share(all, *small, *large) > 0.9);
  CHECK(partnered_share(all, *large, *small) == test::Approx(partnered_share(all, *small, *large)));
  CHECK(partnered_share(pairs_of(3, 6), *small, *large) < 0.4);
  CHECK(partnered_share({}, *small, *large) == test::Approx(matching::usual_partnered));
}

TEST_CASE("a target that many columns resemble is one counterpart", "[matching]") {
  const auto source_table = table_of("source", 10);
  const auto source = test::side_of(source_table);
  const auto target_table = table_of("target", 10);
  const auto target = test::side_of(target_table);
  std::vector<ScoredPair> pairs;
  for (std::uint32_t column = 0; column < 10; ++column) {
    pairs.push_back({column, 0, 4, 4, nullptr});
  }
  CHECK(partnered_share(pairs, *source, *target) < 0.3);
}

TEST_CASE("tables that take no part do not lower the share", "[matching]") {
  const auto alone = table_of("alone", 8);
  const auto other = table_of("other", 30);
  const auto source = matching::build_side(
      {{test::ref("alone"), &alone}, {test::ref("other"), &other}}, *test::shipped_lexicon());
  const auto target = matching::build_side(
      {{test::ref("other"), &other}, {test::ref("alone"), &alone}}, *test::shipped_lexicon());
  std::vector<ScoredPair> pairs;
  for (std::uint32_t column = 0; column < source->columns.size(); ++column) {
    for (std::uint32_t to = 0; to < target->columns.size(); ++to) {
      const bool same = source->tables[source->columns[column].table].ref.table.text == "alone" &&
                        source->columns[column].column->name == target->columns[to].column->name;
      pairs.push_back({column, to, 0, same ? 6.0F : -6.0F, nullptr});
    }
  }
  CHECK(partnered_share(pairs, *source, *target) > 0.8);
}

TEST_CASE("the shift is bounded, grows with the share and is none for a weight of 0",
          "[matching]") {
  const auto source_table = table_of("source", 20);
  const auto source = test::side_of(source_table);
  const auto target_table = table_of("target", 20);
  const auto target = test::side_of(target_table);
  CHECK(partnered_shift(pairs_of(20, 6), *source, *target, 0) == 0);
  float before = -10;
  for (std::uint32_t found = 1; found <= 20; found += 3) {
    const float shift = partnered_shift(pairs_of(found, 6), *source, *target, 1);
    CHECK(shift >= before);
    CHECK(shift >= -1);
    CHECK(shift <= 2);
    before = shift;
  }
  CHECK(before > 1);
  CHECK(partnered_shift(pairs_of(1, 6), *source, *target, 1) == -1);
}

TEST_CASE("in a copy every pair is likelier, in tables with little in common less", "[matching]") {
  const auto source = test::side_of(orders);
  const auto copy = test::side_of(orders);
  auto other_table = table_of("weather", 12);
  other_table.columns.front() = test::column("currency");
  const auto other = test::side_of(other_table);
  for (const bool of_copy : {true, false}) {
    const Side& target = of_copy ? *copy : *other;
    const auto without = scored(*source, target, 0);
    const auto with = scored(*source, target, 1);
    CHECK(without.shift == 0);
    CHECK((of_copy ? with.shift > 0 : with.shift < 0));
    const auto before = scores_by_pair(without);
    bool shifted = false;
    for (const auto& [pair, score] : scores_by_pair(with)) {
      const float moved = score - before.at(pair);
      if (moved > 0 || with.shift < 0) {
        CHECK(moved == test::Approx(with.shift).margin(0.001));
        shifted = true;
      }
    }
    CHECK(shifted);
  }
}

TEST_CASE("what nothing speaks for stays unlikely in a copy", "[matching]") {
  auto renamed = orders;
  renamed.columns.back() = test::column("zzq");
  const auto source = test::side_of(orders);
  const auto target = test::side_of(renamed);
  const auto scores = scored(*source, *target, 1);
  REQUIRE(scores.shift > 0);
  for (const auto& pair : scores.pairs) {
    if (source->columns[pair.source].column->name.text == "kw1" &&
        target->columns[pair.target].column->name.text == "zzq") {
      CHECK(pair.score < 0);
    }
  }
}

TEST_CASE("two tables' fit counts the share of columns with a counterpart once", "[matching]") {
  const auto source = test::side_of(orders);
  const auto target_table = table_of("weather", 12);
  const auto target = test::side_of(target_table);
  const auto copy = test::side_of(orders);
  for (const Side* to : {target.get(), copy.get()}) {
    const auto fit = [&](float weight) {
      const auto scores = scored(*source, *to, weight);
      return matching::table_fit(*source, *to, scores, *test::shipped_lexicon(), {}).confidence;
    };
    CHECK(fit(1) == test::Approx(fit(0)).margin(0.01));
  }
}
