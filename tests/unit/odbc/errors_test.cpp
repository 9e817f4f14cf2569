// SPDX-License-Identifier: Apache-2.0
#include "connectors/odbc/errors.hpp"

#include "connectors/odbc/wide_text.hpp"
#include "tests/support/catch.hpp"

namespace mapctl::test {
namespace {

using connectors::odbc::Diagnostic;
using connectors::odbc::Doing;
using connectors::odbc::to_error;

TEST_CASE("what drivers report becomes one of our errors, with a next step", "[odbc]") {
  struct Case {
    Diagnostic said{};
    Doing doing{};
    ErrorCode code{};
    Retry retry = Retry::never;
  };
  const Case cases[] = {
      {{"HY000", 2002, "[ma-3.1.15]Can't connect to server on 'h' (115)"},
       Doing::connecting,
       ErrorCode::unreachable,
       Retry::may_help},
      {{"28000", 1045, "[ma-3.1.15]Access denied for user 'u'@'h' (using password: YES)"},
       Doing::connecting,
       ErrorCode::denied},
      {{"42000", 1044, "[ma-3.1.15]Access denied for user 'u'@'h' to database 'd'"},
       Doing::connecting,
       ErrorCode::denied},
      {{"42000", 1049, "[ma-3.1.15]Unknown database 'd'"}, Doing::connecting, ErrorCode::not_found},
      {{"42000", 1142, "[ma-3.1.15][10.11]SELECT command denied"},
       Doing::working,
       ErrorCode::denied},
      {{"42S02", 1146, "[ma-3.1.15][10.11]Table 'd.t' doesn't exist"},
       Doing::working,
       ErrorCode::not_found},
      {{"08S01", 2013, "[ma-3.1.15]Lost connection to server during query"},
       Doing::working,
       ErrorCode::unreachable,
       Retry::may_help},
      {{"HY000", 2026, "[ma-3.1.15]SSL connection error"},
       Doing::connecting,
       ErrorCode::unreachable},
      {{"70100", 1969, "[ma-3.1.15][10.11]Query execution was interrupted (max_statement_time)"},
       Doing::working,
       ErrorCode::busy},
      {{"08001", 20009, "[FreeTDS][SQL Server]Unable to connect: Adaptive Server is unavailable"},
       Doing::connecting,
       ErrorCode::unreachable,
       Retry::may_help},
      {{"42000", 18456, "[FreeTDS][SQL Server]Login failed for user 'u'."},
       Doing::connecting,
       ErrorCode::denied},
      {{"42000", 4060,
        "[Microsoft][ODBC Driver 18 for SQL Server][SQL Server]Cannot open database"},
       Doing::connecting,
       ErrorCode::not_found},
      {{"42000", 229, "[FreeTDS][SQL Server]The SELECT permission was denied on the object"},
       Doing::working,
       ErrorCode::denied},
      {{"08S01", 0, "[FreeTDS][SQL Server]Write to the server failed"},
       Doing::working,
       ErrorCode::unreachable,
       Retry::may_help},
      {{"08001", 101, "FATAL: password authentication failed for user \"u\""},
       Doing::connecting,
       ErrorCode::denied},
      {{"08001", 101, "connection refused"},
       Doing::connecting,
       ErrorCode::unreachable,
       Retry::may_help},
      {{"01000", 0, "[unixODBC][Driver Manager]Can't open lib 'x' : file not found"},
       Doing::connecting,
       ErrorCode::configuration},
      {{"IM002", 0, "[unixODBC][Driver Manager]Data source name not found"},
       Doing::connecting,
       ErrorCode::configuration},
      {{"HY000", 5014, "[ma-3.1.15]Write error: Broken pipe (32)"},
       Doing::working,
       ErrorCode::unreachable,
       Retry::may_help},
      {{"HYT00", 0, "timeout"}, Doing::connecting, ErrorCode::unreachable, Retry::may_help},
      {{"HYT00", 0, "timeout"}, Doing::working, ErrorCode::busy, Retry::may_help},
      {{"HYC00", 0, "optional feature not implemented"}, Doing::working, ErrorCode::unsupported},
      // The same number means something else where somebody else says it.
      {{"HY000", 1045, "[other driver]a message"}, Doing::working, ErrorCode::io},
      {{"XX999", 0, "who knows"}, Doing::connecting, ErrorCode::unreachable},
  };
  for (const Case& one : cases) {
    INFO(one.said.sqlstate << " " << one.said.native << " " << one.said.text);
    const Error error = to_error(one.said, "database 'd'", one.doing);
    CHECK(std::string{to_string(error.code())} == to_string(one.code));
    CHECK(error.facts().retry == one.retry);
    CHECK(error.facts().native_code == one.said.sqlstate);
    CHECK(std::string{error.what()}.starts_with("database 'd': "));
    const bool says_itself = one.code == ErrorCode::not_found || one.code == ErrorCode::unsupported;
    CHECK((says_itself || !error.facts().hint.empty()));
  }
}

TEST_CASE("messages lose the prefixes of who says them and stay on one line", "[odbc]") {
  using connectors::odbc::plain_text;
  CHECK(plain_text("[ma-3.1.15][10.11.6-MariaDB]Unknown database 'x'") == "Unknown database 'x'");
  CHECK(plain_text("[unixODBC][Driver Manager] two\n lines. ") == "two lines");
  CHECK(plain_text("[never closed") == "[never closed");
  CHECK(plain_text("").empty());
}

TEST_CASE("text goes to UTF-16 and back, and what is ill-formed is replaced", "[odbc]") {
  using connectors::odbc::append_utf8;
  using connectors::odbc::to_utf16;
  const auto back = [](std::u16string_view wide) {
    std::string text;
    append_utf8(text, wide);
    return text;
  };
  for (const char* text : {"", "plain", "ü€", "naïve 😀 中", "\xF4\x8F\xBF\xBF"}) {
    CHECK(back(to_utf16(text)) == text);
  }
  CHECK(to_utf16("😀").size() == 2);
  CHECK(back(to_utf16("a\xFFz")) == "a\xEF\xBF\xBDz");
  CHECK(back(std::u16string{u'a', char16_t{0xD83D}, u'b'}) ==
        "a\xEF\xBF\xBD"
        "b");
  CHECK(back(std::u16string{char16_t{0xDE00}}) == "\xEF\xBF\xBD");
}

}  // namespace
}  // namespace mapctl::test
