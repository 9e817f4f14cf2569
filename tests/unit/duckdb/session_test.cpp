// SPDX-License-Identifier: Apache-2.0
#include "connectors/duckdb/session.hpp"

#include "connectors/duckdb/errors.hpp"
#include "core/base/error.hpp"
#include "tests/support/catch.hpp"

#include <chrono>
#include <thread>

namespace mapctl::connectors::duckdb {
namespace {

TEST_CASE("a session loads no extension from elsewhere and keeps out of the home folder",
          "[duckdb]") {
  Session session;
  const auto value = [&](const char* name) {
    return session.rows(std::string{"SELECT CAST(current_setting('"} + name + "') AS VARCHAR)", {})
        .at(0)
        .at(0)
        .value_or("");
  };
  CHECK(value("autoinstall_known_extensions") == "false");
  CHECK(value("autoload_known_extensions") == "false");
  CHECK(value("TimeZone") == "UTC");
  for (const char* name : {"home_directory", "temp_directory", "extension_directory"}) {
    CHECK(value(name).starts_with(Engine::shared()->directory().string()));
  }
  CHECK_THROWS_AS(session.execute("LOAD httpfs"), DuckError);
}

TEST_CASE("what sessions leave on disk is gone with them", "[duckdb]") {
  std::filesystem::path directory, shared;
  {
    Session session;
    session.execute("SELECT 1");
    directory = session.directory();
    shared = Engine::shared()->directory();
    CHECK(std::filesystem::exists(directory));
    CHECK(std::filesystem::exists(shared));
  }
  CHECK_FALSE(std::filesystem::exists(directory));
  CHECK_FALSE(std::filesystem::exists(shared));
}

TEST_CASE("sessions share one memory limit and see nothing of each other", "[duckdb]") {
  Session one, other;
  one.execute("CREATE TEMPORARY TABLE mine AS SELECT 1 AS x");
  CHECK_THROWS_AS(other.execute("SELECT * FROM mine"), DuckError);
  const auto limit = [](Session& session) {
    return session.rows("SELECT current_setting('memory_limit')", {}).at(0).at(0).value_or("");
  };
  const auto usual = limit(one);
  CHECK(usual == limit(other));
  other.make_room(100'000);
  CHECK(limit(one) == limit(other));
  CHECK(limit(one) != usual);
}

TEST_CASE("more scans than fit wait for their turn or for a cancel", "[duckdb]") {
  Session session;
  std::vector<Engine::ScanPermit> taken;
  for (int scan = 0; scan < Engine::scans; ++scan) {
    taken.push_back(session.scan_permit({}));
  }
  std::stop_source stop;
  stop.request_stop();
  CHECK_THROWS_AS(session.scan_permit(stop.get_token()), Error);
  taken.pop_back();
  CHECK_NOTHROW(session.scan_permit({}));
}

TEST_CASE("a running query stops soon after it was asked to", "[duckdb]") {
  Session session;
  session.execute("SELECT 1");
  std::stop_source stop;
  const std::jthread asker{[&] {
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
    stop.request_stop();
  }};
  try {
    // Far longer than the test may take.
    session.rows(
        "SELECT CAST(sum(a.i * b.i) AS VARCHAR) FROM range(10000000) a(i), "
        "range(10000000) b(i)",
        stop.get_token());
    FAIL("the query ran to its end");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::cancelled);
  }
  CHECK(session.rows("SELECT '1'", {}).at(0).at(0) == "1");
}

TEST_CASE("quoting doubles what it quotes with", "[duckdb]") {
  CHECK(quote_literal("it's") == "'it''s'");
  CHECK(quote_identifier("a\"b") == "\"a\"\"b\"");
}

}  // namespace
}  // namespace mapctl::connectors::duckdb
