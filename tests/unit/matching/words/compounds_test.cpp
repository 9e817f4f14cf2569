// SPDX-License-Identifier: Apache-2.0
#include "core/matching/words/compounds.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/matching/samples.hpp"

#include <string>

using namespace mapctl;

namespace {

std::string cut(std::string_view text) {
  const auto lexicon = test::shipped_lexicon();
  std::string result;
  for (const auto word : matching::words_of_compound(text, *lexicon)) {
    result += result.empty() ? "" : " ";
    result += lexicon->text(word);
  }
  return result;
}

}  // namespace

TEST_CASE("foreign nouns written together are cut, letters between them left out", "[matching]") {
  CHECK(cut("auftragswert") == "auftrag wert");
  CHECK(cut("kundenreferenz") == "kunde referenz");
  CHECK(cut("steuerbetrag") == "steuer betrag");
  CHECK(cut("factuurstatus") == "factuur status");
  // With English words, short last ones, and more than two.
  CHECK(cut("kundenstatus") == "kunde status");
  CHECK(cut("auftragsnr") == "auftrag nr");
  CHECK(cut("rechnungsadresszeile") ==
        "rechnung adres zeile");  // "adres" is Dutch, and means the same
}

TEST_CASE("what is no compound is left whole", "[matching]") {
  CHECK(cut("customerstatus").empty());  // English is cut elsewhere
  CHECK(cut("kundenxyz").empty());
  CHECK(cut("kunden").empty());
  CHECK(cut("transport").empty());
  CHECK(cut("comfort").empty());
  CHECK(cut("").empty());
  CHECK(cut(std::string(300, 'e')).empty());
}
