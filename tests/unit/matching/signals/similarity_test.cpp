// SPDX-License-Identifier: Apache-2.0
#include "core/matching/signals/similarity.hpp"

#include "core/base/text.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/matching/samples.hpp"

#include <random>
#include <string>

using namespace mapctl;
using matching::EditSimilarity;

TEST_CASE("bit-parallel edit similarity equals the distance computed cell by cell", "[matching]") {
  std::mt19937 random{7};
  const auto word = [&] {
    std::string text(1 + random() % 20, 'a');
    for (auto& c : text) {
      c = static_cast<char>('a' + random() % 4);
    }
    return text;
  };
  for (int round = 0; round < 500; ++round) {
    const auto a = word();
    const auto b = word();
    const double expected = 1.0 - static_cast<double>(edit_distance(a, b)) /
                                      static_cast<double>(std::max(a.size(), b.size()));
    CHECK(EditSimilarity{a}(b) == test::Approx(expected));
  }
}

TEST_CASE("edit similarity copes with empty and overlong texts", "[matching]") {
  CHECK(EditSimilarity{""}("") == 1);
  CHECK(EditSimilarity{"abc"}("") == 0);
  CHECK(EditSimilarity{""}("abc") == 0);
  CHECK(EditSimilarity{std::string(500, 'a')}(std::string(700, 'a')) == 1);
  CHECK(EditSimilarity{std::string(64, 'a')}(std::string(64, 'b')) == 0);
}

TEST_CASE("spelling similarity is symmetric and knows prefixes and dropped vowels", "[matching]") {
  using matching::spelling_similarity;
  CHECK(spelling_similarity("customer", "customer") == 1);
  CHECK(spelling_similarity("cstmr", "customer") > 0.85F);
  CHECK(spelling_similarity("desc", "description") > 0.6F);
  CHECK(spelling_similarity("adress", "address") > 0.7F);
  CHECK(spelling_similarity("order", "invoice") == 0);
  // Any letters are found in a word that is long enough.
  CHECK(spelling_similarity("care", "carrierclaimlines") == 0);
  for (const auto& [a, b] : {std::pair{"custm", "customer"}, std::pair{"amt", "amount"},
                             std::pair{"qty", "quantity"}, std::pair{"street", "state"}}) {
    CHECK(spelling_similarity(a, b) == spelling_similarity(b, a));
  }
}

TEST_CASE("forms of one verb are told from words that only look alike", "[matching]") {
  using matching::are_inflections;
  for (const auto& [a, b] : {std::pair{"created", "creation"}, std::pair{"reference", "referenced"},
                             std::pair{"shipping", "shipped"}, std::pair{"cancel", "cancellation"},
                             std::pair{"approve", "approvals"}, std::pair{"start", "starting"}}) {
    CHECK(are_inflections(a, b));
    CHECK(are_inflections(b, a));
  }
  for (const auto& [a, b] : {std::pair{"plan", "plane"}, std::pair{"count", "county"},
                             std::pair{"owner", "owned"}, std::pair{"state", "statement"},
                             std::pair{"customer", "customs"}, std::pair{"use", "used"}}) {
    CHECK_FALSE(are_inflections(a, b));
    CHECK_FALSE(are_inflections(b, a));
  }
}

TEST_CASE("synonyms count by the weight of their group", "[matching]") {
  const auto lexicon = test::shipped_lexicon();
  CHECK(matching::synonym_weight(*lexicon, lexicon->find("vendor"), lexicon->find("supplier")) ==
        1);
  CHECK(matching::synonym_weight(*lexicon, lexicon->find("vendor"), lexicon->find("street")) == 0);
  CHECK(matching::synonym_weight(*lexicon, 0, 0) == 0);
}

TEST_CASE("an abbreviation of several readings may be any word that begins with it", "[matching]") {
  const auto left = test::table("l", {test::column("temp")});
  const auto right = test::table(
      "r", {test::column("temporary"), test::column("tempering"), test::column("tension")});
  const auto a = test::side_of(left);
  const auto b = test::side_of(right);
  const matching::TermSimilarities words{*a, *b, *test::shipped_lexicon()};
  const auto meant = [&](std::size_t column) {
    return words.meant(a->list(a->columns[0].expanded)[0])[b->list(b->columns[column].expanded)[0]];
  };
  CHECK(meant(0) == 255);
  CHECK(meant(1) > 180);
  CHECK(meant(1) < 200);
  CHECK(meant(2) < 128);
}

TEST_CASE("words of two sides are compared by spelling and by meaning", "[matching]") {
  const auto left = test::table("l", {test::column("vendor")});
  const auto right = test::table("r", {test::column("supplier")});
  const auto a = test::side_of(left);
  const auto b = test::side_of(right);
  const matching::TermSimilarities words{*a, *b, *test::shipped_lexicon()};
  const auto s = a->list(a->columns[0].expanded)[0];
  const auto t = b->list(b->columns[0].expanded)[0];
  CHECK(words.spelled(s)[t] < 128);
  CHECK(words.meant(s)[t] == 255);
}
