// SPDX-License-Identifier: Apache-2.0
#include "tests/support/catch.hpp"

TEST_CASE("passes") {
  CHECK(1 + 1 == 2);
}

TEST_CASE("fails four times") {
  for (int i = 0; i < 4; ++i) {
    CHECK(i < 0);
  }
}

TEST_CASE("needs a server") {
  mapctl::test::skip("server", "no server");
}

TEST_CASE("skips without a name") {
  mapctl::test::skip("no reason to run");
}

TEST_CASE("fails before it skips") {
  SECTION("first") {
    CHECK(1 + 1 == 3);
  }
  SECTION("second") {
    mapctl::test::skip("server", "no server");
  }
}

TEST_CASE("skips two sections") {
  SECTION("first") {
    mapctl::test::skip("server", "no server");
  }
  SECTION("second") {
    mapctl::test::skip("server", "no server");
  }
}
