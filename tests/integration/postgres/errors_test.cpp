// SPDX-License-Identifier: Apache-2.0
#include "connectors/postgres/errors.hpp"

#include "connectors/postgres/url.hpp"
#include "tests/support/catch.hpp"

#include <string>

using namespace mapctl;
using namespace mapctl::connectors::postgres;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("each SQLSTATE says what to do", "[postgres]") {
  struct Expected {
    const char* sqlstate;
    ErrorCode code;
    Retry retry;
  };
  for (const Expected& expected : {
           Expected{"08006", ErrorCode::unreachable, Retry::may_help},
           {"08P01", ErrorCode::invalid_data, Retry::never},
           {"0A000", ErrorCode::unsupported, Retry::never},
           {"22P02", ErrorCode::invalid_data, Retry::never},
           {"23505", ErrorCode::conflict, Retry::never},
           {"25006", ErrorCode::denied, Retry::never},
           {"26000", ErrorCode::configuration, Retry::never},
           {"28P01", ErrorCode::denied, Retry::never},
           {"3D000", ErrorCode::not_found, Retry::never},
           {"40001", ErrorCode::busy, Retry::may_help},
           {"40P01", ErrorCode::busy, Retry::may_help},
           {"42501", ErrorCode::denied, Retry::never},
           {"42601", ErrorCode::internal, Retry::never},
           {"42P01", ErrorCode::not_found, Retry::never},
           {"53100", ErrorCode::resource_limit, Retry::never},
           {"53300", ErrorCode::busy, Retry::may_help},
           {"55P03", ErrorCode::busy, Retry::may_help},
           {"57014", ErrorCode::busy, Retry::may_help},
           {"57P01", ErrorCode::unreachable, Retry::may_help},
           {"57P03", ErrorCode::unreachable, Retry::may_help},
           {"57P04", ErrorCode::not_found, Retry::never},
           {"XX001", ErrorCode::invalid_data, Retry::never},
           {"", ErrorCode::unreachable, Retry::may_help},
       }) {
    CAPTURE(expected.sqlstate);
    const Error error = to_error({expected.sqlstate, "words", {}}, "database 'crm'");
    CHECK(error.code() == expected.code);
    CHECK(error.facts().retry == expected.retry);
    CHECK(error.facts().native_code == expected.sqlstate);
    CHECK_THAT(error.what(), ContainsSubstring("database 'crm'"));
  }
}

TEST_CASE("an ended statement was cancelled only if we asked", "[postgres]") {
  CHECK(to_error({"57014", "canceling statement", {}}, "x", true).code() == ErrorCode::cancelled);
  CHECK(to_error({"57014", "canceling statement", {}}, "x", false).code() == ErrorCode::busy);
  CHECK(to_error({"23505", "duplicate key", {}}, "x", true).code() == ErrorCode::conflict);
}

TEST_CASE("the code of a refused connection is found in libpq's words", "[postgres]") {
  const Report report = read_connect_failure(
      "connection to server at \"db\" (10.0.0.1), port 5432 failed: FATAL:  28P01: password "
      "authentication failed for user \"me\"\nLOCATION:  auth_failed, auth.c:338\n");
  CHECK(report.sqlstate == "28P01");
  CHECK(report.text ==
        "connection to server at \"db\" (10.0.0.1), port 5432 failed: FATAL: password "
        "authentication failed for user \"me\"");
  const Report refused = read_connect_failure(
      "connection to server at \"db\", port 5432 failed: Connection refused\n\tIs the server "
      "running on that host and accepting TCP/IP connections?\n");
  CHECK(refused.sqlstate.empty());
  CHECK_THAT(refused.text, ContainsSubstring("refused; Is the server"));
  const Error certificate =
      to_error(read_connect_failure("SSL error: certificate verify failed"), "database 'crm'");
  CHECK(certificate.facts().retry == Retry::never);
  CHECK_THAT(certificate.facts().hint, ContainsSubstring("sslrootcert"));
}

TEST_CASE("our own parameters are taken out of a URL", "[postgres]") {
  const Url url = parse_url(
      Secret{"postgresql://me:p%40ss@h:5433/db?sslmode=require&schema=my%20maps&pgbouncer=true"});
  CHECK(url.libpq.reveal() == "postgresql://me:p%40ss@h:5433/db?sslmode=require");
  CHECK(url.schema == "my maps");
  CHECK(url.pgbouncer);
  CHECK(parse_url(Secret{"postgresql:///db?schema=x"}).libpq.reveal() == "postgresql:///db");
}

TEST_CASE("an @ is allowed where it can mean one thing only", "[postgres]") {
  for (const char* text : {"postgresql://me:p%40ss@h/d%40b", "postgresql:///db?host=@socket,h",
                           "postgresql://h/db?password=a@b@c", "postgresql://me@h"}) {
    CAPTURE(text);
    CHECK_NOTHROW(parse_url(Secret{text}));
  }
}

TEST_CASE("a URL that cannot be read is refused without repeating any of it", "[postgres]") {
  for (const char* text :
       {"postgresql://me:hunter2/x@h/db", "postgresql://me:hunter2@h/db?nope=1",
        "postgresql://me:hunter2@h:port/db?schema=a&schema=%zz", "postgresql://me:pw@hunter2@h/db",
        "postgresql://me:pw@hunter2/x@h/db", "postgresql://me:pw?x@hunter2@h/db"}) {
    CAPTURE(text);
    try {
      parse_url(Secret{text});
      FAIL("nothing was thrown");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::configuration);
      CHECK_THAT(error.what(), !ContainsSubstring("hunter2"));
      CHECK_FALSE(error.facts().hint.empty());
    }
  }
}
