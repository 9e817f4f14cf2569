// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.hpp"

#include "tests/support/catch.hpp"

using namespace mapctl;

TEST_CASE("a glob matches the whole text", "[base][text]") {
  CHECK(glob_match("*", "", false));
  CHECK(glob_match("Opport*", "Opportunity", false));
  CHECK_FALSE(glob_match("Opport", "Opportunity", false));
  CHECK(glob_match("*_id", "account_id", false));
  CHECK_FALSE(glob_match("*_id", "account_ids", false));
  CHECK(glob_match("a*b*c", "aXbXbXc", false));
  CHECK(glob_match("???", "abc", false));
  CHECK_FALSE(glob_match("???", "ab", false));
  CHECK_FALSE(glob_match("", "a", false));
  CHECK(glob_match("", "", false));
}

TEST_CASE("an underscore and a percent sign in a glob stand for themselves", "[base][text]") {
  CHECK_FALSE(glob_match("a_c", "abc", false));
  CHECK_FALSE(glob_match("a%", "abc", false));
}

TEST_CASE("a glob ignores case only when told", "[base][text]") {
  CHECK_FALSE(glob_match("ACC*", "account", false));
  CHECK(glob_match("ACC*", "account", true));
}

TEST_CASE("a class in a glob matches one of its characters", "[base][text]") {
  CHECK(glob_match("t[0-9]", "t7", false));
  CHECK_FALSE(glob_match("t[0-9]", "tx", false));
  CHECK(glob_match("t[!0-9]", "tx", false));
  CHECK_FALSE(glob_match("t[!0-9]", "t7", false));
  CHECK(glob_match("[]x]", "]", false));
  CHECK(glob_match("[!]x]", "a", false));
  CHECK_FALSE(glob_match("[!]x]", "]", false));
  CHECK(glob_match("a[b", "a[b", false));
  CHECK(glob_match("a[", "a[", false));
}

TEST_CASE("a question mark in a glob matches one character of several bytes", "[base][text]") {
  CHECK(glob_match("Gr??e", "Größe", false));
  CHECK(glob_match("*?", "ß", false));
  CHECK_FALSE(glob_match("??", "ß", false));
}

TEST_CASE("a glob with many stars ends in time that a person can wait", "[base][text]") {
  const std::string text(3000, 'a');
  CHECK_FALSE(glob_match("*a*a*a*a*a*a*a*a*b", text, false));
}

TEST_CASE("edit distance counts single changes and gives up above its limit", "[base][text]") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("sitting", "kitten") == 3);
  CHECK(edit_distance("abc", "abc", 0) == 0);
  CHECK(edit_distance("abcdef", "uvwxyz", 2) > 2);
  CHECK(edit_distance("a", "abcdefgh", 3) > 3);
}

TEST_CASE("the nearest known name is offered for a slip, and nothing for another word",
          "[base][text]") {
  const std::vector<std::string> known{"source", "target", "propose", "pairs"};
  CHECK(nearest("sorce", known) == "source");
  CHECK(nearest("TARGET", known) == "target");
  CHECK(nearest("proposal", known) == "propose");
  CHECK_FALSE(nearest("workbook", known));
  CHECK_FALSE(nearest("x", known));
  CHECK_FALSE(nearest("source", {}));
}

TEST_CASE("a suggestion names the nearest name or else the known ones", "[base][text]") {
  const std::vector<std::string> known{"alpha", "beta"};
  CHECK(suggestion("bete", known) == "did you mean 'beta'?");
  CHECK(suggestion("gamma-ray", known) == "known names: alpha, beta");
  CHECK(suggestion("x", {}).empty());
  const std::vector<std::string> many(12, "name_of_something_long");
  CHECK(suggestion("q", many).ends_with(", ..."));
}

TEST_CASE("folding removes case and marks in every script that has them", "[base][text]") {
  CHECK(fold("Łódź Straße") == "lodz strasse");
  CHECK(fold("ÉCOLE") == "ecole");
  CHECK(fold("E\xCC\x81"
             "cole") == "ecole");
  CHECK(fold("ΑΘΉΝΑ") == fold("αθηνα"));
  CHECK(fold("Smørrebrød") == "smorrebrod");
  CHECK(fold("Đà Nẵng") == "da nang");
  CHECK(fold("ABC_1") == "abc_1");
  CHECK(fold("\xFF"
             "A")
            .ends_with("a"));
  CHECK(fold("").empty());
}

TEST_CASE("ill-formed UTF-8 is found where it begins and can be made good", "[base][text]") {
  CHECK_FALSE(first_invalid_utf8("grün €"));
  CHECK(first_invalid_utf8("ab\xFF") == 2);
  CHECK(first_invalid_utf8("eight and more \xFF") == 15);
  CHECK_FALSE(first_invalid_utf8("eight and größer than sixteen"));
  CHECK(first_invalid_utf8("a\xC3") == 1);
  CHECK(first_invalid_utf8("\xED\xA0\x80") == 0);  // a surrogate
  CHECK(first_invalid_utf8("\xC0\x80") == 0);      // overlong
  CHECK(to_valid_utf8("a\xC3z") == "a\xEF\xBF\xBDz");
  CHECK(to_valid_utf8("grün") == "grün");
}

TEST_CASE("lengths and prefixes count code points, never bytes", "[base][text]") {
  CHECK(utf8_length("größe") == 5);
  CHECK(utf8_prefix("größe", 3) == "grö");
  CHECK(utf8_prefix("ab", 9) == "ab");
  CHECK(utf8_prefix("größe", 0).empty());
  CHECK(display_width("日本") == 4);
  CHECK(display_width("e\xCC\x81") == 1);
}

TEST_CASE("splitting keeps empty parts and joining is the way back", "[base][text]") {
  CHECK(split("a,,b", ',') == std::vector<std::string_view>{"a", "", "b"});
  CHECK(split("", ',') == std::vector<std::string_view>{""});
  CHECK(join(std::vector<std::string>{"a", "", "b"}, ",") == "a,,b");
  CHECK(join({}, ",").empty());
  CHECK(replace_all("a.b.c", ".", "::") == "a::b::c");
  CHECK(replace_all("aaa", "aa", "b") == "ba");
  CHECK(replace_all("abc", "", "x") == "abc");
  CHECK(trim(" \t a b \r\n") == "a b");
  CHECK(trim(" \n").empty());
}

TEST_CASE("numbers are written for people", "[base][text]") {
  CHECK(with_thousands(0) == "0");
  CHECK(with_thousands(999) == "999");
  CHECK(with_thousands(1234567) == "1,234,567");
  CHECK(with_thousands(-1000) == "-1,000");
  CHECK(human_bytes(512) == "512 B");
  CHECK(human_bytes(1536) == "1.5 KiB");
  CHECK(human_duration(0.85) == "850 ms");
  CHECK(human_duration(12.34) == "12.3 s");
  CHECK(human_duration(245) == "4m 05s");
  CHECK(human_duration(7260) == "2h 01m");
}

TEST_CASE("sizes and durations are shown in the unit that they round to", "[base][text]") {
  CHECK(human_bytes(1048575) == "1.0 MiB");
  CHECK(human_duration(0.9996) == "1.0 s");
  CHECK(human_duration(59.97) == "1m 00s");
  CHECK(human_duration(59.94) == "59.9 s");
}
