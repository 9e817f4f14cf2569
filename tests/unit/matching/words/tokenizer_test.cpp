// SPDX-License-Identifier: Apache-2.0
#include "core/matching/words/tokenizer.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/source_path.hpp"
#include "tests/unit/matching/samples.hpp"

#include <algorithm>
#include <fstream>
#include <span>
#include <sstream>
#include <string>
#include <vector>

using namespace mapctl;
using Words = std::vector<std::string>;

namespace {

Words texts(const std::vector<matching::Piece>& pieces) {
  Words result;
  for (const auto& piece : pieces) {
    result.emplace_back(piece.text);
  }
  return result;
}

matching::NameReading read(std::string_view name) {
  matching::NameReading reading;
  matching::Tokenizer{*test::shipped_lexicon()}.read(name, reading);
  return reading;
}
Words raw(std::string_view name) {
  const auto reading = read(name);
  return texts(reading.raw);
}
Words expanded(std::string_view name) {
  const auto reading = read(name);
  return texts(reading.expanded);
}

// The fields of each line of a file of the shipped lexicon.
std::vector<Words> shipped_lines(const std::string& file) {
  std::ifstream in{test::source_path("profiles/lexicon/" + file)};
  std::vector<Words> lines;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line.front() != '#') {
      std::istringstream rest{line};
      for (lines.emplace_back(); std::getline(rest, line, '\t');) {
        lines.back().push_back(line);
      }
    }
  }
  REQUIRE(lines.size() > 500);
  return lines;
}

// A name of these words, without what the lexicon takes off.
matching::NameReading read_whole(std::string name) {
  std::replace(name.begin(), name.end(), ' ', '_');
  matching::NameReading reading;
  matching::Tokenizer{*test::shipped_lexicon()}.read(name, reading, true);
  return reading;
}

Words words_of(std::span<const matching::WordId> sequence) {
  Words words;
  for (const auto word : sequence) {
    words.emplace_back(test::shipped_lexicon()->text(word));
  }
  return words;
}

}  // namespace

TEST_CASE("names are cut at signs, humps, capitals and digits", "[matching]") {
  CHECK(raw("customer_id") == Words{"customer", "id"});
  CHECK(raw("BillingAddress") == Words{"billing", "address"});
  CHECK(raw("HTTPServerName") == Words{"http", "server", "name"});
  CHECK(raw("street2") == Words{"street", "2"});
  CHECK(raw("order-line.total amount") == Words{"order", "line", "total", "amount"});
  CHECK(raw("ORDER_DATE") == Words{"order", "date"});
}

TEST_CASE("an abbreviation whose first letter is cut off is found behind another word",
          "[matching]") {
  CHECK(expanded("CustFName") == Words{"customer", "first", "name"});
  CHECK(expanded("cust_l_name") == Words{"customer", "last", "name"});
  CHECK(expanded("cust_q_name") == Words{"customer", "q", "name"});
}

TEST_CASE("case and diacritics are folded", "[matching]") {
  CHECK(raw("Stra\xC3\x9F"
            "e") == Words{"strasse"});
  CHECK(raw("Pr\xC3\xA9nom") == Words{"prenom"});
}

TEST_CASE("affixes of systems are taken off, but never all of a name", "[matching]") {
  CHECK(raw("hs_lead_status") == Words{"lead", "status"});
  CHECK(raw("Region__c") == Words{"region"});
  CHECK(raw("hs_id") == Words{"hs", "id"});
  CHECK(raw("owner_id.value") == Words{"owner", "id"});
  CHECK(raw("id.value") == Words{"id", "value"});
}

TEST_CASE("abbreviations, glued and foreign words are read", "[matching]") {
  CHECK(expanded("cust_nbr") == Words{"customer", "number"});
  CHECK(expanded("customerorders") == Words{"customer", "orders"});
  CHECK(expanded("postalcode") == Words{"postal", "code"});
  CHECK(expanded("nachname") == Words{"last", "name"});
  CHECK(expanded("date_naissance") == Words{"date", "of", "birth"});
  CHECK(expanded("Kundenreferenz") == Words{"customer", "reference"});
  CHECK(expanded("rabattsatz_alt") == Words{"discount", "rate", "alternate"});
}

TEST_CASE("signs that stand for words are read as these", "[matching]") {
  CHECK(raw("Permit #") == Words{"permit", "number"});
  CHECK(raw("# of Stories") == Words{"number", "of", "stories"});
  CHECK(raw("Cmp%") == Words{"cmp", "percent"});
  CHECK(raw("#").empty());
}

TEST_CASE("abbreviations are read alike where words are written together", "[matching]") {
  CHECK(expanded("DEPTID") == expanded("DEPT_ID"));
  CHECK(expanded("internalid") == Words{"internal", "identifier"});
}

TEST_CASE("names of files end in what kind of file it is", "[matching]") {
  CHECK(expanded("CUSTMAST") == Words{"customer", "master"});
  CHECK(expanded("ordhdr") == Words{"order", "header"});
  CHECK(expanded("orddtl") == Words{"order", "detail"});
  CHECK(expanded("forecast") == Words{"forecast"});
  CHECK(expanded("xqmast") == Words{"xqmast"});
}

TEST_CASE("an order that a customer gave is no order that we gave", "[matching]") {
  CHECK(expanded("auftragsnummer") == Words{"sales", "order", "number"});
  CHECK(expanded("bestellnummer") == Words{"order", "number"});
}

TEST_CASE("a glued word is left whole when a letter cannot be explained", "[matching]") {
  CHECK(expanded("xqzwordle") == Words{"xqzwordle"});
}

TEST_CASE("names written together are cut at words that join others, flags and plurals",
          "[matching]") {
  CHECK(expanded("isperson") == Words{"is", "person"});
  CHECK(expanded("dateofhire") == Words{"date", "of", "hire"});
  CHECK(expanded("leadorcontactownerid") == Words{"lead", "or", "contact", "owner", "identifier"});
  CHECK(expanded("accountingbooksubsidiary") == Words{"accounting", "book", "subsidiary"});
  CHECK(expanded("hierarchynumbersent") == Words{"hierarchy", "number", "sent"});
  CHECK(expanded("vesselcharters") == Words{"vessel", "charters"});
}

TEST_CASE("ordinary words are not taken apart", "[matching]") {
  for (const std::string word : {"island", "issue", "orbit", "informative", "tobacco", "attendance",
                                 "international", "throughput", "insurance", "together"}) {
    CHECK(expanded(word) == Words{word});
  }
}

TEST_CASE("what brackets remark is no part of a name, units and indexes that tell apart are",
          "[matching]") {
  CHECK(raw("Director(s)") == Words{"director"});
  CHECK(raw("Autor(en)") == Words{"autor"});
  CHECK(raw("Population [52][53]") == Words{"population"});
  CHECK(raw("Country (click for details of each)") == Words{"country"});
  CHECK(raw("Weight (kg)") == Words{"weight", "kg"});
  CHECK(raw("(s)") == Words{"s"});
  CHECK(raw("Open (never closed") == Words{"open", "never", "closed"});
  matching::NameReading kept;
  matching::Tokenizer{*test::shipped_lexicon()}.read("line[0]", kept, true);
  CHECK(texts(kept.raw) == Words{"line", "0"});
}

TEST_CASE("known phrases become one piece beside the single words", "[matching]") {
  const auto reading = read("job_title");
  CHECK(texts(reading.phrases) == Words{"job title"});
  CHECK(texts(reading.expanded) == Words{"job", "title"});
  CHECK(texts(read("net_out_bytes").phrases) == Words{"net out", "bytes"});
  CHECK(read("colour").phrases.empty());
}

TEST_CASE("plurals have the stem of their singular", "[matching]") {
  using matching::stem_hash;
  CHECK(stem_hash("companies") == stem_hash("company"));
  CHECK(stem_hash("addresses") == stem_hash("address"));
  CHECK(stem_hash("orders") == stem_hash("order"));
  CHECK(stem_hash("status") != stem_hash("statu"));
  CHECK(stem_hash("analysis") != stem_hash("analysi"));
}

TEST_CASE("hostile names are read without harm", "[matching]") {
  CHECK(raw("").empty());
  CHECK(raw("___ -- !!").empty());
  CHECK(raw("123456") == Words{"123456"});
  CHECK(raw("\xF0\x9F\x98\x80").size() == 1);
  CHECK(raw(std::string(10000, 'x')).size() == 1);
  CHECK(raw(std::string(10000, '_')).empty());
  CHECK_NOTHROW(raw("\xFF\xFE broken \x80"));
  std::string humps;
  for (int at = 0; at < 3000; ++at) {
    humps += "aB";
  }
  CHECK(raw(humps).size() <= matching::longest_name);
}

TEST_CASE("words of descriptions leave out what says nothing", "[matching]") {
  Words found;
  matching::Tokenizer{*test::shipped_lexicon()}.each_text_word(
      "The Date of the order",
      [&](std::string_view word, matching::WordId, float) { found.emplace_back(word); });
  CHECK(found == Words{"date", "order"});
}

TEST_CASE("words of descriptions are folded as names are", "[matching]") {
  const auto words = [](std::string_view text) {
    Words found;
    matching::Tokenizer{*test::shipped_lexicon()}.each_text_word(
        text, [&](std::string_view word, matching::WordId, float) { found.emplace_back(word); });
    return found;
  };
  CHECK(words("Straße; GRÖSSE, Élève") == Words{"strasse", "grosse", "eleve"});
  // A character that the limit would cut in two is left out.
  const std::string begin = std::string(matching::longest_description - 4, ' ') + "abc";
  CHECK(words(begin + "é is far") == Words{"abc"});
  CHECK_NOTHROW(words("\xFF\xFE broken \x80"));
}

TEST_CASE("a singular is found by its plural's ending", "[matching]") {
  CHECK(singular_of("companies") == "company");
  CHECK(singular_of("boxes") == "box");
  CHECK(singular_of("ties") == "tie");
  CHECK(singular_of("status") == "status");
  CHECK(singular_of("order") == "order");
}

TEST_CASE("every shipped abbreviation and foreign word is read as what it stands for",
          "[matching]") {
  const auto lexicon = test::shipped_lexicon();
  for (const auto& line : shipped_lines("abbreviations.tsv")) {
    INFO(line.front());
    const auto reading = read_whole(line.front());
    CHECK(texts(reading.expanded) == words_of(lexicon->expansion(lexicon->find(line.front()), 0)));
  }
  for (const auto& line : shipped_lines("translations.tsv")) {
    INFO(line.front());
    const auto reading = read_whole(line.front());
    CHECK(texts(reading.expanded) == words_of(lexicon->translation(lexicon->find(line.front()))));
  }
}

TEST_CASE("every shipped synonym is found in a name", "[matching]") {
  const auto lexicon = test::shipped_lexicon();
  for (const auto& line : shipped_lines("synonyms.tsv")) {
    for (const auto& member : line) {
      if (member.starts_with("weight=")) {
        continue;
      }
      INFO(member);
      const auto reading = read_whole(member);
      const auto& pieces = reading.phrases.empty() ? reading.expanded : reading.phrases;
      REQUIRE(pieces.size() == 1);
      const auto found = lexicon->groups(pieces.front().word);
      const auto listed = lexicon->groups(lexicon->find(member));
      CHECK(std::any_of(found.begin(), found.end(), [&](const auto& one) {
        return std::any_of(listed.begin(), listed.end(),
                           [&](const auto& other) { return other.group == one.group; });
      }));
    }
  }
}
