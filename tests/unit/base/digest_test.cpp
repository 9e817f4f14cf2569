// SPDX-License-Identifier: Apache-2.0
#include "core/base/digest.hpp"

#include "core/base/hash.hpp"
#include "tests/support/catch.hpp"

using namespace mapctl;

TEST_CASE("a digest is SHA-256, whatever the length and whoever computes it", "[digest]") {
  // FIPS 180-4, the one-block example.
  CHECK(to_hex(digest_of("abc")) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  std::string text;
  for (int length = 0; length < 300; ++length) {
    INFO("length " << length);
    REQUIRE(to_hex(digest_of(text)) == sha256(text));
    REQUIRE(portable_digest_of(text) == digest_of(text));
    text += static_cast<char>(length * 7);
  }
}

TEST_CASE("a digest is read back from bytes and from digits only when they are whole", "[digest]") {
  const Digest digest = digest_of("mapctl");
  CHECK(digest_from_bytes(as_bytes(digest)) == digest);
  CHECK(digest_from_hex(to_hex(digest)) == digest);
  CHECK_FALSE(digest_from_bytes("short"));
  CHECK_FALSE(digest_from_hex(std::string(64, 'g')));
  CHECK_FALSE(digest_from_hex(to_hex(digest) + "00"));
}
