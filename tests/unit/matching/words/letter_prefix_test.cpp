// SPDX-License-Identifier: Apache-2.0
#include "core/matching/words/letter_prefix.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/matching/samples.hpp"

#include <string>
#include <vector>

using namespace mapctl;
using matching::NameReading;

namespace {

using Names = std::vector<std::string>;

std::string joined(const std::vector<matching::Piece>& pieces) {
  std::string text;
  for (const auto& piece : pieces) {
    text += text.empty() ? "" : " ";
    text += piece.text;
  }
  return text;
}

struct Read {
  Names raw{}, expanded{};
};

Read read(const Names& names, const std::string& table_name = "facts") {
  const matching::Tokenizer tokenizer{*test::shipped_lexicon()};
  NameReading table;
  tokenizer.read(table_name, table);
  std::vector<NameReading> readings(names.size());
  for (std::size_t at = 0; at < names.size(); ++at) {
    tokenizer.read(names[at], readings[at]);
  }
  part_letter_prefix(table, readings, tokenizer);
  Read result;
  for (const auto& reading : readings) {
    result.raw.push_back(joined(reading.raw));
    result.expanded.push_back(joined(reading.expanded));
  }
  return result;
}

bool is_untouched(const Names& names) {
  const matching::Tokenizer tokenizer{*test::shipped_lexicon()};
  const auto read_together = read(names);
  for (std::size_t at = 0; at < names.size(); ++at) {
    NameReading alone;
    tokenizer.read(names[at], alone);
    if (joined(alone.raw) != read_together.raw[at] ||
        joined(alone.expanded) != read_together.expanded[at]) {
      return false;
    }
  }
  return true;
}

}  // namespace

TEST_CASE("letters that all columns of a table begin with are parted from the rest", "[matching]") {
  const auto customers = read({"CMCUST", "CMNAME", "CMADR1", "CMCITY", "CMZIP", "CMFAX"});
  CHECK(customers.raw == Names{"cm cust", "cm name", "cm adr 1", "cm city", "cm zip", "cm fax"});
  CHECK(customers.expanded ==
        Names{"customer", "name", "address line 1", "city", "zip code", "fax"});
  // Columns that were added later lack it.
  CHECK(read({"ABNAME", "ABCITY", "ABTAX", "ABTYPE", "LOADED_AT"}).expanded ==
        Names{"name", "city", "tax", "type", "loaded at"});
  // A single letter counts where all names have it.
  CHECK(read({"CNAME", "CADDRESS", "CPHONE", "CCITY", "CCOUNTRY"}).expanded ==
        Names{"name", "address", "phone", "city", "country"});
}

TEST_CASE("half of the columns are enough where the letters are the table's name", "[matching]") {
  const Names events{"USUBJID", "STUDYID", "QXTERM", "QXKIND", "QXWORD", "VISIT"};
  CHECK(read(events, "QX").raw ==
        Names{"usubjid", "studyid", "qx term", "qx kind", "qx word", "visit"});
  CHECK(read(events, "VS").raw.at(2) == "qxterm");
  // Words that only begin alike.
  CHECK(read({"address", "admin", "adult", "name", "city"}, "ad").raw.front() == "address");
}

TEST_CASE("a prefix that is a word stays part of what is meant", "[matching]") {
  CHECK(read({"CUSTNAME", "CUSTCITY", "CUSTZIP", "CUSTTYPE", "CUSTRATE"}).expanded.front() ==
        "customer name");
}

TEST_CASE("names that read as they stand keep their letters", "[matching]") {
  CHECK(is_untouched({"code", "cost", "country", "county", "comment", "color"}));
  CHECK(is_untouched({"address", "admin", "adult", "adviser", "advance"}));
  CHECK(is_untouched({"cm_cust", "cm_name", "cm_city", "cm_zip", "cm_state"}));
  // Too few to tell.
  CHECK(is_untouched({"CMCUST", "CMNAME", "CMCITY"}));
  CHECK(is_untouched({"xqa", "xqb", "xqc", "xqd", "xqe", "xqf"}));
  CHECK(is_untouched({"", "1", "--", "2020", "x"}));
}
