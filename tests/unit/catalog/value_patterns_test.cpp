// SPDX-License-Identifier: Apache-2.0
#include "core/catalog/profiler.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <vector>

using namespace mapctl::catalog;
using P = ValuePattern;

namespace {

bool has(std::string_view value, P pattern) {
  return classify(value).test(static_cast<std::size_t>(pattern));
}

std::string found(std::string_view value) {
  std::string words;
  const PatternSet patterns = classify(value);
  for (int i = 0; i < value_pattern_count; ++i) {
    if (patterns.test(static_cast<std::size_t>(i))) {
      words += (words.empty() ? "" : " ") + std::string(to_string(static_cast<P>(i)));
    }
  }
  return words;
}

// Values that have the pattern, and values near it that have not.
void check(P pattern, const std::vector<std::string>& yes, const std::vector<std::string>& no) {
  for (const std::string& value : yes) {
    INFO(to_string(pattern) << " in '" << value << "', found: " << found(value));
    CHECK(has(value, pattern));
  }
  for (const std::string& value : no) {
    INFO(to_string(pattern) << " not in '" << value << "', found: " << found(value));
    CHECK_FALSE(has(value, pattern));
  }
}

}  // namespace

TEST_CASE("addresses of the net are told from text that resembles them", "[catalog][patterns]") {
  check(P::email, {"jane@example.com", "j.d+x@mail.example.co.uk", "MÜLLER@Büro.de", "a@b.io"},
        {"jane@example", "@example.com", "jane@", "jane doe@example.com", "a@b@c.com", "a@.com",
         "a@b.c", "a@b.c1", "jane@example..com", ".j@example.com", "twitter: @jane"});
  check(P::url,
        {"https://example.com/x?y=1", "http://localhost:8080", "HTTP://EXAMPLE.COM",
         "www.example.com/path", "ftp://host/file", "http://[::1]/"},
        {"example.com", "http://", "www.", "https:/x", "http:// x", "see http://example.com"});
  check(P::uuid, {"6f9619ff-8b86-d011-b42d-00cf4fc964ff", "{6F9619FF-8B86-D011-B42D-00CF4FC964FF}"},
        {"6f9619ff-8b86-d011-b42d-00cf4fc964f", "6f9619ff8b86d011b42d00cf4fc964ff",
         "6f9619ff-8b86-d011-b42d-00cf4fc964fg", "(6f9619ff-8b86-d011-b42d-00cf4fc964ff)"});
  check(P::ip_address,
        {"192.168.1.1", "0.0.0.0", "255.255.255.255", "::1", "2001:db8::8a2e:370:7334",
         "1:2:3:4:5:6:7:8", "fe80::1%eth0", "::ffff:192.0.2.1"},
        {"192.168.1", "192.168.1.256", "192.168.01.1", "1.2.3.4.5", "12:30:45", "1:2:3:4:5:6:7",
         "1:2:3:4:5:6:7:8:9", "1::2::3", "::", "aa:bb:cc:dd:ee:ff", "12345::"});
}

TEST_CASE("phone numbers are told from other runs of digits", "[catalog][patterns]") {
  check(P::phone,
        {"+49 30 1234567", "+14155550123", "(415) 555-0123", "415-555-0123", "1-800-555-0199",
         "030-0074321", "0171 / 1234567", "555-0123", "415.555.0123", "(5) 555-4729",
         "(415) 555-0123 x12", "+44 (0)20 7946 0958 ext. 7"},
        {"2026-01-31", "31.01.2026", "123-45-6789", "4111 1111 1111 1111", "1234567890", "12345",
         "0123.456789", "192.168.10.100", "1,234,567", "02134-1234", "12-3456789", "1 234 567",
         "+12", "6f9619ff-8b86", "A-555-0123", "2026-01-31 08:00:00"});
  CHECK_FALSE(has("+14155550123", P::integer_number));
}

TEST_CASE("dates are read in the order in which they can be dates", "[catalog][patterns]") {
  check(P::iso_date, {"2026-01-31", "2024-02-29", "1900-12-01", "2026/01/31", "2020.02.10"},
        {"2026-13-01", "2025-02-29", "2026-1-31", "2026-01-32", "20260131", "2026/1/31",
         "2026.13.01", "2026/01-31", "2026-01-31T08:00:00Z", "0000-00-00"});
  check(P::iso_timestamp,
        {"2026-01-31T08:00:00Z", "2026-01-31 08:00", "2026-01-31 08:00:00.123456+02",
         "2026-01-31T08:00:00+0530", "2026-01-31T08:00:00-05:00", "2026-01-31 08:00:00 UTC"},
        {"2026-01-31", "2026-01-31T25:00:00", "2026-01-31T08:61", "2026-01-31T", "2026-01-31 8am",
         "2026-01-31T08:00:00+99:00"});
  check(P::day_first_date,
        {"31/01/2026", "31.01.2026", "1.2.2026", "31-01-2026", "31/01/26", "31.01.2026 08:00",
         "21.04.22", "22-Sep-2018", "05-JUN-21", "12 December 2015", "3 may 2015 08:00"},
        {"01/31/2026", "32/01/2026", "31/02/2026", "1.2.26", "31.01", "31/01-2026", "1/2/3",
         "31.1.26", "31-01-26", "32-Sep-2018", "22-Sepp-2018", "22-Sep 2018", "2018-Sep-22",
         "12 monkeys 2015", "12 May"});
  check(
      P::month_first_date,
      {"01/31/2026", "1/31/26", "12/31/2026 11:59 PM", "Oct 27, 2021", "March 3 2021"},
      {"31/01/2026", "01.31.2026", "13/13/2026", "Oct 32, 2021", "Oct, 2021", "Section 27, 2021"});
  // Nobody can say which: it counts for both.
  CHECK(has("01/02/2026", P::day_first_date));
  CHECK(has("01/02/2026", P::month_first_date));
  CHECK(found("01.02.2026") == "day_first_date");
}

TEST_CASE("numbers are told by how they are written", "[catalog][patterns]") {
  check(P::integer_number, {"0", "42", "-7", "12345678901234567890"},
        {"007", "4.0", "1e3", "4x", "-", "", "1,000"});
  check(P::decimal_number, {"1.5", "-0.25", ".5", "1e3", "1.5E-7", "12.", "1.234"},
        {"1", "1,5", "1.2.3", ".", "e5", "1.5e", "1.234,5"});
  check(
      P::grouped_number,
      {"1,234.50", "1.234,50", "1,234", "12,50", "1 234,50", "$12.00", "12,50 €", "USD 12",
       "-1,234.5", "($1,234.50)", "1.234.567", "1'234.50", "-$5", "8.00-", "1.234,50-", "12.50- €"},
      {"1.234", "-8.00-", "8.00--", "12.50", "1,2,3", "12,34,56", "1,234.5.6", "12 monkeys", "1 2",
       "$", "(abc)"});
  check(P::percentage, {"12%", "12.5 %", "-3,5%", "1,234.5 %"}, {"%", "12", "12% off", "x%"});
  check(P::leading_zeros, {"00123", "01"}, {"0", "10", "0.5", "0x1"});
  CHECK(found("00123") == "postcode leading_zeros");
}

TEST_CASE("codes are looked up in their lists", "[catalog][patterns]") {
  check(P::country_code, {"DE", "US", "DEU", "GBR"}, {"UK", "de", "XX", "XYZ", "D", "DEUT"});
  check(P::currency_code, {"EUR", "USD", "JPY"}, {"EURO", "eur", "DEM", "EU"});
  check(P::boolean_word, {"true", "FALSE", "Yes", "n", "0", "1", "off"},
        {"maybe", "2", "10", "", "yess"});
  check(P::null_word, {"N/A", "null", "None", "-", "--", "#N/A", "\\N", "(null)"},
        {"0", "unknown value", "nothing", "---x"});
}

TEST_CASE("postcodes and identity numbers have the forms of their countries",
          "[catalog][patterns]") {
  check(P::postcode,
        {"12345", "02134-1234", "SW1A 1AA", "M1 1AE", "K1A 0B1", "K1A0B1", "1234 AB", "00-950",
         "1000-205", "100-0001", "01310-100", "111 22"},
        {"1234", "123456", "SW1A", "ABC DEF", "12-34-56", "A1"});
  check(P::national_id,
        {"123-45-6789", "AB123456C", "AB 12 34 56 C", "12345678Z", "X1234567L", "RSSMRA85T10A562S"},
        {"000-45-6789", "666-45-6789", "900-45-6789", "123-00-6789", "123-45-0000", "12345678A",
         "AB123456E", "123456789", "RSSMRA85T10A562"});
  check(P::credit_card,
        {"4111111111111111", "4111 1111 1111 1111", "5500-0000-0000-0004", "340000000000009"},
        {"4111111111111112", "1234567890123452", "411111111111", "4111x11111111111",
         "0000000000000000"});
}

TEST_CASE("names of people are found with care", "[catalog][patterns]") {
  check(P::person_name,
        {"Jane Doe", "Juan Pérez", "Mary-Ann O'Brien", "Jane Q. Public", "Doe, Jane", "Karl McKay",
         "Ana Maria Silva", "Élodie Martin"},
        {"Jane", "JANE DOE", "jane doe", "Jane doe", "Acme Inc", "Sales Manager", "New York",
         "Main Street", "Jane Doe 2", "The Beatles", "A. B.", "Closed Won", "Jane Mary Ann Doe",
         "John  Doe", "iPhone Case"});
}

TEST_CASE("JSON documents must be whole and well-formed", "[catalog][patterns]") {
  check(P::json_document,
        {"{}", "[]", R"({"a":1})", R"([1, 2.5e3, "x", null, true, {"b": [[], {}]}])",
         R"( {"a":"\u00e9\n"} )", R"([[],1])", R"({"a":{},"b":2})"},
        {"{", "{a:1}", R"({"a":1,})", "[1,]", "[01]", "[1 2]", R"({"a" 1})", R"(["\x"])",
         R"({"a":1}})", "[,]", "{6F9619FF-8B86-D011-B42D-00CF4FC964FF}", "\"text\"", "12",
         "[\"\n\"]", "[1}", R"({"a"})"});
  std::string deep(300, '[');
  CHECK_FALSE(has(deep + std::string(300, ']'), P::json_document));
  const std::string large = "{\"a\":\"" + std::string(5000, 'x') + "\"}";
  CHECK(found(large) == "json_document");
}

TEST_CASE("blanks at either end are noticed and otherwise ignored", "[catalog][patterns]") {
  CHECK(found(" 42") == "integer_number padded");
  CHECK(found("jane@example.com\t") == "email padded");
  CHECK(found("   ") == "padded");
  CHECK(found("").empty());
  CHECK(found("a b").empty());
}

TEST_CASE("values above 1,024 bytes have no pattern but that of a document",
          "[catalog][patterns]") {
  CHECK(found(std::string(1025, '1')).empty());
  CHECK(found(std::string(1000, '1')) == "integer_number");
}

TEST_CASE("classifying survives any bytes", "[catalog][patterns]") {
  std::uint32_t state = 1;
  const std::string alphabet = "0123456789abzAZ@.-/:,+() %'{}[]\"\\eE\xC3\xA4\xFF";
  for (int round = 0; round < 200'000; ++round) {
    std::string value;
    state = state * 1664525U + 1013904223U;
    for (std::uint32_t size = state >> 27U; size > 0; --size) {
      state = state * 1664525U + 1013904223U;
      value += alphabet[(state >> 16U) % alphabet.size()];
    }
    classify(value);
  }
  SUCCEED();
}
