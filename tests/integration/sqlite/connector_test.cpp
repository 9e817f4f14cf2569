// SPDX-License-Identifier: Apache-2.0
#include "connectors/sqlite/connector.hpp"

#include "tests/integration/sqlite/fixture.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

using namespace mapctl;
using namespace mapctl::connectors::sqlite;
using namespace mapctl::connectors::sqlite::test;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;

namespace {

std::unique_ptr<ports::Connector> open(const std::string& path) {
  ports::ConnectorOptions options;
  options.profile = "crm";
  options.options["path"] = path;
  return factory().open(options, {});
}

// Slow enough to be stopped: four nested loops over a thousand numbers.
constexpr auto endless =
    "CREATE TABLE n (x INTEGER);"
    "WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 1000) "
    "INSERT INTO n SELECT x FROM c;"
    "CREATE VIEW endless AS SELECT a.x FROM n a, n b, n c, n d WHERE a.x + b.x + c.x + d.x < 0;";

}  // namespace

TEST_CASE("the factory describes itself and checks its options", "[sqlite]") {
  const auto info = factory().info();
  CHECK(info.name == "sqlite");
  CHECK(info.kind == "database");
  CHECK(info.capabilities.reads_rows);
  CHECK_FALSE(info.capabilities.writes_rows);
  REQUIRE(info.options.size() == 1);
  CHECK(info.options[0].is_path);

  ports::ConnectorOptions options;
  options.profile = "crm";
  const Error missing = error_of([&] { factory().open(options, {}); });
  CHECK(missing.code() == ErrorCode::configuration);
  CHECK_THAT(missing.what(), ContainsSubstring("'crm'"));
  options.options = {{"path", "x"}, {"pth", "y"}};
  const Error unknown = error_of([&] { factory().open(options, {}); });
  CHECK(unknown.code() == ErrorCode::configuration);
  CHECK_THAT(unknown.what(), ContainsSubstring("'pth'"));
  CHECK_THAT(unknown.facts().hint, ContainsSubstring("path"));
}

TEST_CASE("files that cannot be a source are refused with the reason", "[sqlite]") {
  const TemporaryDirectory directory;
  const auto path = (directory.path() / "x.db").string();
  CHECK(error_of([&] { open(path); }).code() == ErrorCode::not_found);
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK(error_of([&] { open(directory.path().string()); }).code() == ErrorCode::configuration);

  // What an encrypted database looks like: no readable header.
  std::ofstream{path, std::ios::binary} << std::string(8192, '\x91');
  const Error encrypted = error_of([&] { open(path); });
  CHECK(encrypted.code() == ErrorCode::invalid_data);
  CHECK_THAT(encrypted.facts().hint, ContainsSubstring("encrypted"));
  CHECK(encrypted.facts().native_code == "SQLITE_NOTADB");
}

TEST_CASE("a source is opened without being changed", "[sqlite]") {
  const SampleFile file{"CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('x')"};
  const std::string before = read_file(file.path());
  {
    const auto connector = file.open();
    ports::DiscoveryScope scope;
    scope.statistics = true;
    connector->discover(scope, {});
    CHECK_THAT(connector->test({}).product, ContainsSubstring("SQLite 3."));
  }
  CHECK(read_file(file.path()) == before);
  CHECK(std::distance(std::filesystem::directory_iterator{file.directory()}, {}) == 1);
}

TEST_CASE("a damaged table is a warning and the others are read", "[sqlite]") {
  const SampleFile file{
      "PRAGMA page_size = 512; CREATE TABLE good (a TEXT); CREATE TABLE broken (a TEXT);"
      "INSERT INTO good VALUES ('x');"
      "WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 400) "
      "INSERT INTO broken SELECT hex(randomblob(40)) FROM c;"};
  {
    // Page 3 is the root of the second table.
    std::fstream bytes{file.path(), std::ios::in | std::ios::out | std::ios::binary};
    bytes.seekp(2 * 512);
    bytes << std::string(512, '\xEE');
  }
  const auto catalog = file.discover();
  REQUIRE(catalog.find(table("good")) != nullptr);
  CHECK(catalog.find(table("good"))->row_count == 1);
  REQUIRE(catalog.warnings.size() == 1);
  CHECK(catalog.warnings[0].object == "table 'broken'");
  CHECK_FALSE(catalog.warnings[0].hint.empty());

  ports::DiscoveryScope scope;
  scope.tables = catalog::NamePattern{"broken"};
  CHECK(error_of([&] { file.discover(scope); }).code() == ErrorCode::invalid_data);
}

TEST_CASE("a file in write-ahead mode is read from a directory that cannot be written to",
          "[sqlite]") {
  const SampleFile file{"PRAGMA journal_mode = WAL; CREATE TABLE t (a TEXT)", "a?b #1%.db"};
  std::filesystem::permissions(file.path(), std::filesystem::perms{0444});
  std::filesystem::permissions(file.directory(), std::filesystem::perms{0555});
  const pid_t child = fork();
  if (child == 0) {
    int code = 1;
    try {
      if (geteuid() != 0 || (setgid(65534) == 0 && setuid(65534) == 0)) {
        code = file.discover().tables().size() == 1 ? 0 : 2;
      }
    } catch (const std::exception&) {
      code = 3;
    }
    _exit(code);
  }
  int status = 0;
  waitpid(child, &status, 0);
  std::filesystem::permissions(file.directory(), std::filesystem::perms{0755});
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("a file that may not be read is denied", "[sqlite]") {
  const SampleFile file{"CREATE TABLE t (a TEXT)"};
  std::filesystem::permissions(file.path(), std::filesystem::perms::none);
  std::filesystem::permissions(file.directory(), std::filesystem::perms{0755});
  const pid_t child = fork();
  if (child == 0) {
    int code = 1;
    if (geteuid() != 0 || (setgid(65534) == 0 && setuid(65534) == 0)) {
      try {
        file.open();
      } catch (const Error& problem) {
        code = problem.code() == ErrorCode::denied ? 0 : 2;
      }
    }
    _exit(code);
  }
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("rows are read in order with nulls, binary values and ill-formed text", "[sqlite]") {
  const SampleFile file{
      "CREATE TABLE t (a TEXT, b BLOB, c REAL, d TEXT AS (a || '!'));"
      "INSERT INTO t VALUES ('x', x'00FF10', 1.5), (NULL, NULL, NULL), "
      "(CAST(x'61FF62' AS TEXT), 'text', 2);"};
  const auto connector = file.open();
  const auto reader = connector->open_reader(table("T"), {});
  REQUIRE(reader->columns().size() == 4);
  CHECK(reader->columns()[3].text == "d");
  std::vector<std::optional<std::string_view>> row;
  REQUIRE(reader->next(row));
  CHECK(row[0] == "x");
  CHECK(row[1] == "00ff10");
  CHECK(row[2] == "1.5");
  CHECK(row[3] == "x!");
  REQUIRE(reader->next(row));
  for (const auto& value : row) {
    CHECK_FALSE(value);
  }
  REQUIRE(reader->next(row));
  CHECK(row[0] ==
        "a\xEF\xBF\xBD"
        "b");
  CHECK(row[1] == "text");
  CHECK_FALSE(reader->next(row));
}

TEST_CASE("a table that is not there is named with the nearest one", "[sqlite]") {
  const SampleFile file{"CREATE TABLE Customer (a TEXT)"};
  const Error problem = error_of([&] { file.open()->open_reader(table("Custmer"), {}); });
  CHECK(problem.code() == ErrorCode::not_found);
  CHECK_THAT(problem.facts().hint, ContainsSubstring("Customer"));
}

TEST_CASE("discovery and reading end when they are asked to stop", "[sqlite]") {
  const SampleFile file{endless};
  const auto stopped = [&](auto&& work) {
    std::stop_source stop;
    const std::jthread asker{[&] {
      std::this_thread::sleep_for(50ms);
      stop.request_stop();
    }};
    const auto start = std::chrono::steady_clock::now();
    const Error problem = error_of([&] { work(stop.get_token()); });
    CHECK(problem.code() == ErrorCode::cancelled);
    CHECK(std::chrono::steady_clock::now() - start < 10s);
  };
  stopped([&](std::stop_token stop) {
    ports::DiscoveryScope scope;
    scope.statistics = true;
    file.open()->discover(scope, stop);
  });
  stopped([&](std::stop_token stop) {
    const auto reader = file.open()->open_reader(table("endless"), stop);
    std::vector<std::optional<std::string_view>> row;
    reader->next(row);
  });
}

TEST_CASE("discovery sees one state while another process writes", "[sqlite]") {
  const SampleFile file{"PRAGMA journal_mode = WAL; CREATE TABLE t (a TEXT)"};
  const auto connector = file.open();
  file.run("CREATE TABLE u (b TEXT)");
  CHECK(connector->discover({}, {}).tables().size() == 2);
}
