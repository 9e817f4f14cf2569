// SPDX-License-Identifier: Apache-2.0
#include "core/base/hash.hpp"

#include "core/base/secret.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <set>
#include <thread>
#include <vector>

using namespace mapctl;

TEST_CASE("SHA-256 gives the digests of the standard's examples", "[base][hash]") {
  CHECK(sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("SHA-256 of a stream is that of the whole", "[base][hash]") {
  Sha256 stream;
  stream.add("a").add("").add("bc");
  CHECK(stream.finish() == sha256("abc"));
}

TEST_CASE("fields added to a hash do not run into each other", "[base][hash]") {
  CHECK(Sha256{}.add_field("ab").add_field("c").finish() !=
        Sha256{}.add_field("a").add_field("bc").finish());
  CHECK(NameId{}.add("ab").add("c").finish() != NameId{}.add("a").add("bc").finish());
}

TEST_CASE("HMAC-SHA-256 gives the digest of RFC 4231's second case", "[base][hash]") {
  CHECK(hmac_sha256(Secret{"Jefe"}, "what do ya want for nothing?") ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST_CASE("a name-based id is a version 5 UUID that never changes", "[base][hash]") {
  const std::string id = NameId{}.add("default").add("hubspot").add("name").finish();
  // Written down once: another value here would change every mapping's id.
  CHECK(id == "46f3358d-84a5-5d38-ad78-8bfaff005da0");
  CHECK(id.size() == 36);
  CHECK(id[14] == '5');
  CHECK(std::string_view{"89ab"}.find(id[19]) != std::string_view::npos);
  CHECK(id == NameId{}.add("default").add("hubspot").add("name").finish());
}

TEST_CASE("new ids are version 7 UUIDs that grow in the order they were made", "[base][hash]") {
  std::vector<std::string> ids(20'000);
  std::generate(ids.begin(), ids.end(), new_id);
  CHECK(ids.front().size() == 36);
  CHECK(ids.front()[14] == '7');
  CHECK(std::string_view{"89ab"}.find(ids.front()[19]) != std::string_view::npos);
  CHECK(std::is_sorted(ids.begin(), ids.end()));
  CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
}

TEST_CASE("ids made by several threads at once are all different", "[base][hash]") {
  std::vector<std::vector<std::string>> made(4);
  {
    std::vector<std::jthread> threads;
    for (auto& own : made) {
      threads.emplace_back([&own] {
        for (int i = 0; i < 2000; ++i) {
          own.push_back(new_id());
        }
      });
    }
  }
  std::set<std::string> all;
  for (const auto& own : made) {
    CHECK(std::is_sorted(own.begin(), own.end()));
    all.insert(own.begin(), own.end());
  }
  CHECK(all.size() == 8000);
}

TEST_CASE("the quick hash depends on text and seed only", "[base][hash]") {
  CHECK(fast_hash("email") == fast_hash("email"));
  CHECK(fast_hash("email") != fast_hash("emails"));
  CHECK(fast_hash("email", 1) != fast_hash("email", 2));
}
