// SPDX-License-Identifier: Apache-2.0
#include "connectors/duckdb/options.hpp"

#include "tests/support/catch.hpp"

namespace mapctl::connectors::duckdb {
namespace {

TEST_CASE("a hint at an option tells of a profile where the endpoint is a location", "[duckdb]") {
  FileOptions location;
  location.profile = "file:a.csv";
  const std::string begin =
      "; a location takes no options, so make a profile and name that: mapctl profile add NAME "
      "--connector file --option ";
  const auto added = [&](const std::string& hint, const char* file = "/d/a.csv") {
    const auto text = hint_for_endpoint(location, file, hint);
    REQUIRE(text.starts_with(hint));
    return text.substr(hint.size());
  };
  CHECK(added("for example `encoding: latin-1`") ==
        begin + "path=/d/a.csv --option encoding=latin-1");
  CHECK(added("check `delimiter:` and `quote:`") == begin + "path=/d/a.csv --option delimiter=...");
  CHECK(added("set `header: true`", "/d/it's new.csv") ==
        begin + "'path=/d/it'\\''s new.csv' --option header=true");
  // What names no option stays as it is, and so does what is said to a profile.
  CHECK(added("name them in the first line").empty());
  CHECK(added("`iconv -l` lists the known ones, ` is a quote").empty());
  CHECK(added("a ` alone").empty());
  FileOptions profile;
  profile.profile = "sales";
  CHECK(hint_for_endpoint(profile, "/d/a.csv", "set `header: true`") == "set `header: true`");

  const auto error = with_hint_for_endpoint(
      location, "/d/a.csv", Error{ErrorCode::invalid_data, "file 'x'", "set `quote:`"});
  CHECK(error.code() == ErrorCode::invalid_data);
  CHECK(std::string{error.what()} == "file 'x'");
  CHECK(error.facts().hint.ends_with("--option quote=..."));
}

}  // namespace
}  // namespace mapctl::connectors::duckdb
