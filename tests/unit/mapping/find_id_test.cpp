// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/find_id.hpp"

#include "core/base/error.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/errors.hpp"

using namespace mapctl::mapping;
using mapctl::ErrorCode;
using mapctl::test::error_of;

TEST_CASE("an id is found by its first characters, six at least", "[mapping]") {
  const std::vector<MappingId> ids{MappingId{"30093eee-0000-5000-8000-000000000000"},
                                   MappingId{"30093eff-0000-5000-8000-000000000000"}};
  CHECK(find_id(ids, "30093eee") == 0);
  CHECK(find_id(ids, ids[1].text) == 1);
  CHECK(error_of([&] { find_id(ids, "30093"); }).code() == ErrorCode::not_found);
  CHECK(error_of([&] { find_id(ids, ""); }).code() == ErrorCode::not_found);
  CHECK(error_of([&] { find_id(ids, "30093e00"); }).code() == ErrorCode::not_found);
  CHECK(error_of([&] { find_id(ids, "30093e"); }).code() == ErrorCode::usage);
}
