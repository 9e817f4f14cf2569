// SPDX-License-Identifier: Apache-2.0
#include "connectors/sqlite/session.hpp"

#include "tests/integration/sqlite/fixture.hpp"

using namespace mapctl;
using namespace mapctl::connectors::sqlite;
using namespace mapctl::connectors::sqlite::test;
using ports::SqlSession;
using ports::Transaction;

namespace {

class SessionFile {
 public:
  std::unique_ptr<SqlSession> open(OpenMode mode = OpenMode::create) const {
    return open_registry_session(directory_.path() / "s.db", mode);
  }

 private:
  TemporaryDirectory directory_{};
};

std::string value(SqlSession& session, const std::string& sql) {
  const auto statement = session.prepare(sql);
  return statement->step() ? std::string{statement->text(0)} : "no row";
}

}  // namespace

TEST_CASE("parameters go by number in any order and as often as wanted", "[sqlite]") {
  const SessionFile file;
  const auto session = file.open();
  const auto statement = session->prepare("SELECT $2 || $1 || $2, $10, $3 IS NULL");
  statement->bind(1, "a");
  statement->bind(2, "b");
  statement->bind(10, 7);
  statement->bind_null(3);
  REQUIRE(statement->step());
  CHECK(statement->text(0) == "bab");
  CHECK(statement->integer(1) == 7);
  CHECK(statement->integer(2) == 1);
  CHECK_FALSE(statement->step());
  CHECK(error_of([&] { statement->bind(4, "x"); }).code() == ErrorCode::internal);
  CHECK(error_of([&] { session->prepare("SELECT ?"); }).code() == ErrorCode::internal);
}

TEST_CASE("values of every kind and size come back, NUL bytes too", "[sqlite]") {
  const SessionFile file;
  const auto session = file.open();
  session->execute("CREATE TABLE v (x)");
  const auto insert = session->prepare("INSERT INTO v VALUES ($1)");
  const std::string large(1 << 20, 'z');
  for (const std::string& text : {std::string{}, std::string("a\0b", 3), large}) {
    {
      const std::string short_lived = text;
      insert->bind(1, short_lived);
    }
    insert->step();
    CHECK(session->changes() == 1);
    const auto select = session->prepare("SELECT x FROM v ORDER BY rowid DESC LIMIT 1");
    REQUIRE(select->step());
    CHECK(select->text(0) == text);
    CHECK_FALSE(select->is_null(0));
  }
  insert->bind(1, 0.1);
  insert->step();
  insert->bind(1, std::int64_t{-9'007'199'254'740'993});
  insert->step();
  insert->bind_null(1);
  insert->step();
  const auto select = session->prepare("SELECT x FROM v ORDER BY rowid DESC LIMIT 3");
  select->step();
  CHECK(select->is_null(0));
  CHECK(select->text(0).empty());
  select->step();
  CHECK(select->integer(0) == -9'007'199'254'740'993);
  select->step();
  CHECK(select->real(0) == 0.1);
}

TEST_CASE("a session has a write-ahead log and enforces foreign keys", "[sqlite]") {
  const SessionFile file;
  const auto session = file.open();
  CHECK(value(*session, "PRAGMA journal_mode") == "wal");
  CHECK(value(*session, "PRAGMA foreign_keys") == "1");
  CHECK(value(*session, "PRAGMA synchronous") == "1");
  session->execute("CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p REFERENCES p)");
  CHECK(error_of([&] { session->execute("INSERT INTO c VALUES (1)"); }).code() ==
        ErrorCode::conflict);
}

TEST_CASE("a transaction that is not committed leaves nothing", "[sqlite]") {
  const SessionFile file;
  const auto session = file.open();
  session->execute("CREATE TABLE t (a)");
  {
    const Transaction transaction{*session, SqlSession::Access::write};
    session->execute("INSERT INTO t VALUES (1)");
  }
  CHECK(value(*session, "SELECT count(*) FROM t") == "0");
  Transaction transaction{*session, SqlSession::Access::write};
  session->execute("INSERT INTO t VALUES (1)");
  CHECK(value(*file.open(), "SELECT count(*) FROM t") == "0");
  transaction.commit();
  CHECK(value(*file.open(OpenMode::read_only), "SELECT count(*) FROM t") == "1");
}

TEST_CASE("a session for reading cannot write", "[sqlite]") {
  const SessionFile file;
  file.open()->execute("CREATE TABLE t (a)");
  const auto session = file.open(OpenMode::read_only);
  CHECK(error_of([&] { session->execute("INSERT INTO t VALUES (1)"); }).code() ==
        ErrorCode::denied);
}

TEST_CASE("a statement given up half read is clean when it is prepared again", "[sqlite]") {
  const SessionFile file;
  const auto session = file.open();
  session->execute("CREATE TABLE t (a); INSERT INTO t VALUES (1), (2), (3)");
  const std::string sql = "SELECT a, $1 FROM t ORDER BY a";
  {
    const auto statement = session->prepare(sql);
    statement->bind(1, "left over");
    statement->step();
    statement->step();
  }
  const auto again = session->prepare(sql);
  const auto second = session->prepare(sql);
  REQUIRE(again->step());
  CHECK(again->integer(0) == 1);
  CHECK(again->is_null(1));
  REQUIRE(second->step());
  CHECK(second->integer(0) == 1);
}

TEST_CASE("identifiers are quoted by the session", "[sqlite]") {
  const SessionFile file;
  const auto session = file.open();
  const std::string name = "we\"ird; DROP TABLE x --";
  session->execute("CREATE TABLE " + session->quote_identifier(name) + " (a)");
  CHECK(value(*session, "SELECT name FROM sqlite_schema") == name);
  CHECK(error_of([&] { session->quote_identifier(std::string("a\0b", 3)); }).code() ==
        ErrorCode::invalid_data);
}

TEST_CASE("wrong SQL is reported with SQLite's words", "[sqlite]") {
  const SessionFile file;
  const auto session = file.open();
  const Error problem = error_of([&] { session->prepare("SELEC 1"); });
  CHECK(problem.code() == ErrorCode::internal);
  CHECK_THAT(problem.what(), Catch::Matchers::ContainsSubstring("SELEC"));
}

TEST_CASE("a database that may not grow rolls back and goes on", "[sqlite]") {
  const SessionFile file;
  const auto session = file.open();
  session->execute("CREATE TABLE t (a); PRAGMA max_page_count = 20");
  const Error problem = error_of([&] {
    Transaction transaction{*session, SqlSession::Access::write};
    session->execute("INSERT INTO t VALUES (zeroblob(1000000))");
    transaction.commit();
  });
  CHECK(problem.code() == ErrorCode::resource_limit);
  CHECK(problem.facts().native_code == "SQLITE_FULL");
  CHECK(value(*session, "SELECT count(*) FROM t") == "0");
  Transaction transaction{*session, SqlSession::Access::write};
  session->execute("INSERT INTO t VALUES (1)");
  transaction.commit();
  CHECK(value(*session, "SELECT count(*) FROM t") == "1");
}

TEST_CASE("binary values keep every byte, and an empty one is not null", "[sqlite]") {
  const SessionFile file;
  const auto session = file.open();
  session->execute("CREATE TABLE t (a BLOB)");
  const std::string all("\0\x01\xFF\x80 z\0", 7);
  const auto insert = session->prepare("INSERT INTO t VALUES ($1)");
  insert->bind_bytes(1, all);
  insert->post();
  insert->bind_bytes(1, {});
  insert->post();
  const auto select = session->prepare("SELECT a, typeof(a) FROM t ORDER BY rowid");
  REQUIRE(select->step());
  CHECK(select->bytes(0) == all);
  REQUIRE(select->step());
  CHECK(select->bytes(0).empty());
  CHECK(select->text(1) == "blob");
}
