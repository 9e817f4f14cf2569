// SPDX-License-Identifier: Apache-2.0
#include "core/matching/words/vowel_free_words.hpp"

#include "core/matching/words/tokenizer.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/matching/samples.hpp"

#include <array>
#include <string>
#include <string_view>

using namespace mapctl;

namespace {

constexpr std::array<std::string_view, 9> words{
    "", "album", "artist", "category", "categories", "schedule", "planet", "plant", "street"};

std::string_view meant(std::string_view letters) {
  matching::VowelFreeWords known;
  for (std::uint32_t number = 1; number < words.size(); ++number) {
    known.add(words[number], number);
  }
  return words[known.find(letters)];
}

}  // namespace

TEST_CASE("a word is known by its consonants", "[matching]") {
  CHECK(meant("albm") == "album");
  CHECK(meant("artst") == "artist");
  CHECK(meant("schdle") == "schedule");  // a vowel at the end may stay
  CHECK(meant("strt") == "street");
}

TEST_CASE("forms of one word are no doubt, other words are", "[matching]") {
  CHECK(meant("ctgry") == "category");
  CHECK(meant("plnt").empty());  // a plant or a planet
}

TEST_CASE("what still has vowels inside, or is short, is no shortened word", "[matching]") {
  CHECK(meant("albun").empty());
  CHECK(meant("artis").empty());
  CHECK(meant("alb").empty());
  CHECK(meant("album").empty());
  CHECK(meant("albmx").empty());
  CHECK(meant("").empty());
  CHECK(meant("r2d2").empty());
  CHECK(matching::VowelFreeWords{}.find("albm") == 0);
}

TEST_CASE("a name is read by words that no list shortens", "[matching]") {
  const auto lexicon = test::shipped_lexicon();
  matching::NameReading reading;
  matching::Tokenizer{*lexicon}.read("HSPTL_ADMISSION_DT", reading);
  REQUIRE_FALSE(reading.expanded.empty());
  CHECK(reading.expanded.front().text == "hospital");
  CHECK(reading.raw.front().text == "hsptl");
}
