// SPDX-License-Identifier: Apache-2.0
#include "core/matching/value_words.hpp"

#include "core/matching/scorer.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/matching/samples.hpp"

#include <array>
#include <string>
#include <utility>
#include <vector>

using namespace mapctl;
using namespace mapctl::matching;

namespace {

using Values = std::vector<std::string>;

const Values whole{"12 Mill Road, Utrecht", "7 Abbey Lane, San Antonio", "1 Mill Road, Leiden"};

float shared(const Values& source, const Values& target) {
  const auto left = test::table("a", {test::filled("x", "string", source)});
  const auto right = test::table("b", {test::filled("y", "string", target)});
  return strength_of(sharing_words(*test::side_of(left), *test::side_of(right)), 0, 0);
}

}  // namespace

TEST_CASE("the values of one column are words of another's", "[matching]") {
  CHECK(shared(whole, {"Utrecht", "Leiden", "San Antonio"}) > 0.9F);
  CHECK(shared({"Utrecht", "Leiden", "San Antonio"}, whole) ==
        shared(whole, {"Utrecht", "Leiden", "San Antonio"}));
  CHECK(shared(whole, {"Utrecht", "Delft", "Gouda"}) < 0.6F);
  CHECK(shared(whole, {"Delft", "Gouda"}) == 0);
  CHECK(shared({"(206) 555-8122", "(71) 555-4848"}, {"206", "830"}) > 0.4F);
}

TEST_CASE("texts that share words are alike", "[matching]") {
  CHECK(shared(whole, {"Mill Road, Utrecht", "Abbey Lane, San Antonio"}) > 0.5F);
  CHECK(shared(whole, {"no word of it", "nor of this"}) == 0);
}

TEST_CASE("single words, flags and small numbers have no parts", "[matching]") {
  CHECK(shared({"Utrecht", "Leiden"}, {"Utrecht", "Leiden"}) == 0);
  CHECK(shared({"1 of 2", "2 of 2"}, {"1", "2"}) == 0);
  CHECK(shared({"Utrecht", "Leiden", "The Hague"}, {"Hague", "The"}) == 0);
}

TEST_CASE("what is masked still has its parts", "[matching]") {
  auto column = test::filled("x", "string", {"A** K***", "G**** H*****"});
  column.personal = catalog::PersonalData{"name", "", 1};
  column.statistics->row_parts = {{catalog::value_hash("Ada"), catalog::value_hash("King")},
                                  {catalog::value_hash("Grace"), catalog::value_hash("Hopper")}};
  const auto left = test::table("a", {std::move(column)});
  const auto right = test::table("b", {test::filled("y", "string", {"King", "Hopper"})});
  CHECK(strength_of(sharing_words(*test::side_of(left), *test::side_of(right)), 0, 0) ==
        test::Approx(1));
}

TEST_CASE("a pair is measured by the words of its values", "[matching]") {
  const auto left = test::table("a", {test::filled("x", "string", whole)});
  const auto right = test::table("b", {test::filled("y", "string", {"Utrecht", "Leiden"}),
                                       test::filled("z", "string", {"Delft", "Gouda"})});
  const auto source = test::side_of(left);
  const auto target = test::side_of(right);
  const auto measured = [&](const ScoreOptions& options) {
    const auto scores =
        score(*source, *target, *test::shipped_lexicon(), test::shipped_combination(), options, {});
    std::array<float, 2> result{};
    for (const auto& pair : scores.pairs) {
      result[pair.target] = at(*pair.features, Feature::value_words);
    }
    return result;
  };
  CHECK(measured({})[0] > 0.5F);
  CHECK(measured({})[1] == 0);
  ScoreOptions without;
  without.use_data = false;
  CHECK(measured(without)[0] == 0);
}
