// SPDX-License-Identifier: Apache-2.0
#include "core/matching/scoring/bounds.hpp"

#include "core/matching/scoring/combination.hpp"
#include "core/matching/scoring/confidence.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/matching/samples.hpp"

#include <string>
#include <vector>

using namespace mapctl;
using namespace mapctl::matching;

namespace {

float score_of_pair(const catalog::Table& from, const catalog::Table& to, std::string_view source,
                    std::string_view target) {
  const auto left = test::side_of(from);
  const auto right = test::side_of(to);
  const auto scores =
      score(*left, *right, *test::shipped_lexicon(), test::shipped_combination(), {}, {});
  for (const auto& pair : scores.pairs) {
    if (left->columns[pair.source].column->name.text == source &&
        right->columns[pair.target].column->name.text == target) {
      return pair.score;
    }
  }
  return -100;
}

}  // namespace

TEST_CASE("what is doubtful keeps its order and stays below the bar of automatic approval",
          "[matching]") {
  CHECK(doubted(0.5F) == 0.5F);
  CHECK(doubted(3) > doubted(2));
  CHECK(confidence_of(doubted(40)) < 0.85);
}

TEST_CASE("values that come again are no sure key, whatever the names say", "[matching]") {
  auto to = test::table("invoice", {test::column("invoice_id", "integer"), test::column("total")});
  to.primary_key = {catalog::ColumnName{"invoice_id"}};
  const auto score = [&](const std::vector<std::string>& keys) {
    return score_of_pair(test::table("invoice", {test::filled("invoice_id", "integer", keys),
                                                 test::column("total")}),
                         to, "invoice_id", "invoice_id");
  };
  CHECK(score({"1", "2", "3", "4", "5", "6"}) > 3);
  CHECK(confidence_of(score({"1", "1", "1", "2", "2", "2"})) < 0.85);
}

TEST_CASE("an address in words is no match of the key of an address", "[matching]") {
  const auto to = test::table("order", {test::column("shipping_address_id"),
                                        test::column("order_id"), test::column("currency")});
  const auto score = [&](const std::vector<std::string>& values) {
    return score_of_pair(
        test::table("order", {test::filled("ship_address", "string", values),
                              test::filled("order_id", "integer", {"1", "2", "3", "4"})}),
        to, "ship_address", "shipping_address_id");
  };
  CHECK(score({"12 Main Street", "5 Elm Street", "7 Oak Avenue", "1 High Road"}) < 0);
}
