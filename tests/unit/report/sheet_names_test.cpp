// SPDX-License-Identifier: Apache-2.0
#include "core/report/sheet_names.hpp"

#include "core/base/text.hpp"
#include "tests/support/catch.hpp"

#include <set>

using namespace mapctl;
using namespace mapctl::report;

TEST_CASE("sheet names lose what Excel forbids", "[report]") {
  SheetNames names;
  CHECK(names.take("a:b\\c/d?e*f[g]h") == "a_b_c_d_e_f_g_h");
  CHECK(names.take("'quoted'") == "_quoted_");
  CHECK(names.take("History") == "History_");
  CHECK_FALSE(names.take("").empty());
}

TEST_CASE("sheet names differ in any case and stay within 31 UTF-16 units", "[report]") {
  SheetNames names;
  std::set<std::string> folded;
  for (int round = 0; round < 12; ++round) {
    for (const char* wanted : {"a very long name that does not fit anywhere",
                               "A VERY LONG NAME THAT DOES NOT FIT ANYWHERE", "Account", "ACCOUNT",
                               "😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀"}) {
      const std::string name = names.take(wanted);
      CHECK(utf16_length(name) <= 31);
      CHECK(folded.insert(fold(name)).second);
    }
  }
}

TEST_CASE("a pair's sheet shortens both tables and keeps the number", "[report]") {
  SheetNames names;
  CHECK(names.take_pair(1, "Account", "account") == "001 Account→account");
  const std::string name =
      names.take_pair(2, "a_table_with_a_long_name", "another_long_table_name");
  CHECK(utf16_length(name) == 31);
  CHECK(name.substr(0, 4) == "002 ");
  CHECK(name.find("…→another_l") != std::string::npos);
  CHECK(names.take_pair(3, "a", "a_target_with_a_rather_long_name") ==
        "003 a→a_target_with_a_rather_l…");
  CHECK(names.take_pair(1234, "x", "y") == "1234 x→y");
}

TEST_CASE("links and ranges quote the names of sheets", "[report]") {
  CHECK(link_to("it's", 6, 1) == "internal:'it''s'!B7");
  CHECK(range_of("_lists", 1, 0, 8, 27) == "='_lists'!$A$2:$AB$9");
  CHECK(column_letters(0) == "A");
  CHECK(column_letters(25) == "Z");
  CHECK(column_letters(26) == "AA");
  CHECK(column_letters(16383) == "XFD");
}
