// SPDX-License-Identifier: Apache-2.0
#include "core/matching/words/address_words.hpp"

#include "core/matching/words/lexicon.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/knowledge.hpp"

using namespace mapctl;
using namespace mapctl::matching;

TEST_CASE("a word of an address means one part of it", "[matching]") {
  CHECK(address_part_of("zip") == AddressPart::postcode);
  CHECK(address_part_of("zip") == address_part_of("postal"));
  CHECK(address_part_of("county") == address_part_of("province"));
  CHECK(address_part_of("customer") == AddressPart::none);
  CHECK(find_address_word("province")->written);
  CHECK_FALSE(find_address_word("county")->written);
}

TEST_CASE("the words of addresses are places by their role", "[matching]") {
  const auto lexicon = test::shipped_lexicon();
  for (const auto* const word :
       {"canton", "city", "country", "county", "district", "latitude", "longitude", "municipality",
        "nation", "postal", "postcode", "province", "region", "state", "street", "suburb", "town",
        "zip"}) {
    INFO(word);
    CHECK(find_address_word(word) != nullptr);
    CHECK(lexicon->role(lexicon->find(word)) == NameRole::place);
  }
}
