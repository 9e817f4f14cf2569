// SPDX-License-Identifier: Apache-2.0
#include "connectors/postgres/session.hpp"

#include "core/base/error.hpp"
#include "tests/integration/postgres/one_value.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/postgres.hpp"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace mapctl;
using namespace mapctl::connectors::postgres;
using Catch::Matchers::ContainsSubstring;
using ports::SqlSession;
using ports::Transaction;
using test::error_of;
using test::value;
using namespace std::chrono_literals;

namespace {

using Server = mapctl::test::PostgresServer;

std::unique_ptr<SqlSession> open(const std::string& parameters = {},
                                 SessionSettings settings = {}) {
  return open_registry_session({Secret{Server::shared().url("mapctl", parameters)}, true},
                               std::move(settings));
}

}  // namespace

TEST_CASE("values go to the server and come back as they are", "[postgres]") {
  const auto session = open();
  session->execute(
      "CREATE TEMP TABLE t (a text, b bigint, c double precision, d bytea, e boolean)");
  const auto insert = session->prepare("INSERT INTO t VALUES ($1, $2, $3, $4, $5)");
  insert->bind(1, "it's \"$1\"; --");
  insert->bind(2, std::int64_t{-9007199254740993});
  insert->bind(3, 0.1 + 0.2);
  insert->bind_bytes(4, std::string("\0\xFF'\\", 4));
  insert->bind(5, true);
  CHECK_FALSE(insert->step());
  CHECK(session->changes() == 1);
  const auto select = session->prepare("SELECT a, b, c, d, e, NULL FROM t");
  REQUIRE(select->step());
  CHECK(select->text(0) == "it's \"$1\"; --");
  CHECK(select->integer(1) == -9007199254740993);
  CHECK(select->real(2) == 0.1 + 0.2);
  CHECK(select->bytes(3) == std::string("\0\xFF'\\", 4));
  CHECK(select->integer(4) == 1);
  CHECK(select->is_null(5));
  CHECK_FALSE(select->step());
  CHECK(error_of([&] {
          insert->bind(1, std::string_view{"a\0b", 3});
        }).code() == ErrorCode::invalid_data);
}

TEST_CASE("rows go on while other statements run", "[postgres]") {
  const auto session = open();
  const auto outer = session->prepare("SELECT g, repeat('x', 1000) FROM generate_series(1, 500) g");
  int rows = 0;
  std::string_view first;
  while (outer->step()) {
    ++rows;
    CHECK(outer->integer(0) == rows);
    if (rows == 3) {
      first = outer->text(1);
      CHECK(value(*session, "SELECT 'between'") == "between");
      CHECK(first == std::string(1000, 'x'));
      CHECK(outer->integer(0) == 3);
    }
  }
  CHECK(rows == 500);
  // Abandoned in the middle.
  REQUIRE(outer->step());
  outer->reset();
  CHECK(value(*session, "SELECT 'after'") == "after");
}

TEST_CASE("statements sent ahead are done when the transaction ends", "[postgres]") {
  const auto session = open();
  session->execute("CREATE TEMP TABLE t (a bigint PRIMARY KEY)");
  {
    Transaction transaction{*session, SqlSession::Access::write};
    const auto insert = session->prepare("INSERT INTO t VALUES ($1)");
    for (int i = 0; i < 1000; ++i) {
      insert->bind(1, i);
      insert->post();
    }
    CHECK(value(*session, "SELECT count(*) FROM t") == "1000");
    insert->bind(1, 1000);
    insert->post();
    transaction.commit();
  }
  CHECK(value(*session, "SELECT count(*) FROM t") == "1001");
  const Error problem = error_of([&] {
    Transaction transaction{*session, SqlSession::Access::write};
    const auto insert = session->prepare("INSERT INTO t VALUES ($1)");
    insert->bind(1, 2000);
    insert->post();
    insert->bind(1, 5);
    insert->post();
    insert->bind(1, 2001);
    insert->post();
    transaction.commit();
  });
  CHECK(problem.code() == ErrorCode::conflict);
  CHECK(problem.facts().native_code == "23505");
  CHECK(value(*session, "SELECT count(*) FROM t") == "1001");
}

TEST_CASE("rows that are posted one by one are there for whatever comes next", "[postgres]") {
  const std::string parameters = GENERATE("", "pgbouncer=true");
  const auto session = open(parameters);
  session->execute(
      "CREATE TEMP TABLE a (x bigint PRIMARY KEY, y text, z text); CREATE TEMP TABLE b (x bigint)");
  const auto first = session->prepare("INSERT INTO a (x, y, z) VALUES ($1, $2, upper($2) || '(') ");
  const auto second = session->prepare("INSERT INTO b VALUES ($1)");
  const auto odd = session->prepare("INSERT INTO b SELECT $1::bigint");
  Transaction transaction{*session, SqlSession::Access::write};
  for (int i = 0; i < 173; ++i) {
    first->bind(1, i);
    i % 3 == 0 ? first->bind_null(2) : first->bind(2, "it's " + std::to_string(i));
    first->post_row();
    second->bind(1, i);
    second->post_row();
    if (i == 60) {
      CHECK(value(*session, "SELECT count(*) FROM a") == "61");
      CHECK(value(*session, "SELECT count(*) FROM b") == "61");
    }
    if (i == 70) {
      odd->bind(1, 1000);
      odd->post_row();
      second->bind(1, 1001);
      second->post();
    }
  }
  SECTION("and committed") {
    transaction.commit();
    CHECK(value(*session, "SELECT count(*) || ' ' || sum(x) FROM a") == "173 14878");
    CHECK(value(*session, "SELECT count(*) FROM a WHERE y IS NULL") == "58");
    CHECK(value(*session, "SELECT y || z FROM a WHERE x = 172") == "it's 172IT'S 172(");
    CHECK(value(*session, "SELECT count(*) FROM b") == "175");
  }
  SECTION("but for a row that is wrong, which the transaction does not survive") {
    first->bind(1, 5);
    first->post_row();
    const Error problem = error_of([&] { transaction.commit(); });
    CHECK(problem.code() == ErrorCode::conflict);
    session->rollback();
    CHECK(value(*session, "SELECT count(*) FROM a") == "0");
    Transaction next{*session, SqlSession::Access::write};
    first->bind(1, 5);
    first->post_row();
    next.commit();
    CHECK(value(*session, "SELECT count(*) FROM a") == "1");
  }
}

TEST_CASE("rows that travel together hold what they would hold alone", "[postgres]") {
  const std::string parameters = GENERATE("", "pgbouncer=true");
  const auto session = open(parameters);
  const std::string columns =
      "(n bigint, id uuid, owner uuid, seen timestamptz, share double precision, flag boolean, "
      "note text, rule jsonb, raw json, hash bytea, same text, none text, small integer)";
  session->execute("CREATE TEMP TABLE alone " + columns + "; CREATE TEMP TABLE together " +
                   columns);
  Transaction transaction{*session, SqlSession::Access::write};
  const auto fill = [&](const std::string& table, bool is_last_known) {
    const auto insert =
        session->prepare("INSERT INTO " + table +
                         " (n, id, owner, seen, share, flag, note, rule, raw, hash, same, "
                         "none" +
                         (is_last_known ? "" : ", small") +
                         ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12" +
                         (is_last_known ? "" : ", $13") + ")");
    for (int i = 0; i < 2'100; ++i) {
      insert->bind(1, i);
      const std::string digits = std::to_string(100000 + i);
      insert->bind(2, "0F8fad5b-d9cb-469f-a165-70867a" + digits);
      insert->bind(3, "{0f8fad5bd9cb469fa165-708670" + digits + "}");  // as the server takes it too
      insert->bind(4, "2026-02-02T02:40:" + std::to_string(10 + i % 50) + ".5Z");
      insert->bind(5, i / 7.0);
      insert->bind(6, i % 2 == 0);
      i % 5 == 0 ? insert->bind_null(7) : insert->bind(7, "it's {\"" + digits + "\", NULL}\\");
      insert->bind(8, "{\"a\": " + digits + "}");
      insert->bind(9, "{\"a\" : " + digits + "}");
      i % 3 == 0 ? insert->bind_null(10)
                 : insert->bind_bytes(10, std::string("\0\xFF'\\", 4) + digits);
      insert->bind(11, "as ever");
      insert->bind_null(12);
      if (!is_last_known) {
        insert->bind(13, i);
      }
      table == "alone" ? insert->post() : insert->post_row();
    }
  };
  const bool is_last_known = GENERATE(true, false);
  fill("alone", is_last_known);
  fill("together", is_last_known);
  transaction.commit();
  CHECK(value(*session, "SELECT count(*) FROM together") == "2100");
  CHECK(
      value(*session,
            "SELECT count(*) FROM alone a JOIN together b ON a.n = b.n WHERE a::text = b::text") ==
      "2100");
}

TEST_CASE("a row that cannot be is refused among many as it is alone", "[postgres]") {
  const auto session = open();
  session->execute("CREATE TEMP TABLE t (id uuid, hash bytea)");
  const auto insert = session->prepare("INSERT INTO t VALUES ($1, $2)");
  const auto put = [&](const std::string& id, bool as_bytes) {
    insert->bind(1, id);
    as_bytes ? insert->bind_bytes(2, "\\x") : insert->bind(2, "\\x");
    insert->post_row();
  };
  const std::string id = "0f8fad5b-d9cb-469f-a165-7086728950";
  SECTION("for its content") {
    const Error problem = error_of([&] {
      Transaction transaction{*session, SqlSession::Access::write};
      for (int i = 10; i < 40; ++i) {
        put(i == 20 ? "no id" : id + std::to_string(i), true);
      }
      transaction.commit();
    });
    CHECK(problem.facts().native_code == "22P02");
    CHECK(value(*session, "SELECT count(*) FROM t") == "0");
  }
  SECTION("but bytes and their text may alternate") {
    Transaction transaction{*session, SqlSession::Access::write};
    for (int i = 10; i < 40; ++i) {
      put(id + std::to_string(i), i < 30);
    }
    transaction.commit();
    CHECK(value(*session, "SELECT count(*) FROM t WHERE hash = '\\x5c78'") == "20");
    CHECK(value(*session, "SELECT count(*) FROM t WHERE hash = ''") == "10");
  }
  SECTION("for a table that is not there") {
    const auto other = session->prepare("INSERT INTO missing VALUES ($1)");
    const Error problem = error_of([&] {
      Transaction transaction{*session, SqlSession::Access::write};
      for (int i = 0; i < 20; ++i) {
        other->bind(1, i);
        other->post_row();
      }
      transaction.commit();
    });
    CHECK(problem.facts().native_code == "42P01");
    CHECK(value(*session, "SELECT 1") == "1");
  }
}

TEST_CASE("a failed transaction is rolled back and the session goes on", "[postgres]") {
  const auto session = open();
  session->execute("CREATE TEMP TABLE t (a bigint)");
  CHECK(error_of([&] {
          Transaction transaction{*session, SqlSession::Access::write};
          session->execute("INSERT INTO t VALUES (1)");
          session->execute("SELEC 1");
        }).code() == ErrorCode::internal);
  CHECK(value(*session, "SELECT count(*) FROM t") == "0");
  CHECK(error_of([&] { value(*session, "SELECT 1 / 0"); }).code() == ErrorCode::invalid_data);
  CHECK(value(*session, "SELECT 2") == "2");
}

TEST_CASE("the tenant is in force for each transaction and statement, and no longer",
          "[postgres]") {
  for (const std::string parameters : {"", "pgbouncer=true"}) {
    CAPTURE(parameters);
    const auto session = open(parameters);
    const std::string ask = "SELECT coalesce(current_setting('mapctl.tenant', true), '')";
    CHECK(value(*session, ask).empty());
    session->use_tenant("one's");
    CHECK(value(*session, ask) == "one's");
    session->begin(SqlSession::Access::read);
    CHECK(value(*session, ask) == "one's");
    session->commit();
    session->use_tenant({});
    SqlSession& same = *session;
    same.begin(SqlSession::Access::read);
    CHECK(value(same, ask).empty());
    same.commit();
    CHECK(value(*session, ask).empty());
  }
}

TEST_CASE("a statement that fails does not leave the tenant of another in force", "[postgres]") {
  const auto session = open();
  const std::string ask = "SELECT coalesce(current_setting('mapctl.tenant', true), '')";
  session->use_tenant("first");
  CHECK(value(*session, ask) == "first");
  session->use_tenant("second");
  // What was set together with it is undone by the server.
  CHECK_THROWS_AS(value(*session, "SELECT 1 / 0"), Error);
  CHECK(value(*session, ask) == "second");
  session->use_tenant("third");
  {
    Transaction transaction{*session, SqlSession::Access::write};
    CHECK(value(*session, ask) == "third");
  }
  CHECK(value(*session, ask) == "third");
  const auto rows = session->prepare("SELECT generate_series(1, 1000), " + ask.substr(7));
  session->use_tenant("fourth");
  REQUIRE(rows->step());
  CHECK(rows->text(1) == "fourth");
  session->use_tenant("fifth");  // while the rows still come
  CHECK(value(*session, ask) == "fifth");
  REQUIRE(rows->step());
  CHECK(rows->text(1) == "fourth");
}

TEST_CASE("through a pooler nothing is kept on the server between transactions", "[postgres]") {
  const auto session = open("pgbouncer=true&schema=pooled");
  session->use_tenant("t");
  CHECK(value(*session, "SELECT current_schema()") == "pooled");
  CHECK(value(*session, "SELECT count(*) FROM pg_prepared_statements") == "0");
  const auto plain = open("schema=pooled");
  CHECK(value(*plain, "SELECT current_schema()") == "pooled");
  CHECK(value(*plain, "SELECT count(*) > 0 FROM pg_prepared_statements") == "1");
  plain->execute("DROP SCHEMA pooled");
}

TEST_CASE("writers of one tenant queue, those of another do not wait", "[postgres]") {
  // Its own schema has locks of its own: no other test's writers are in the queue.
  const std::string own = "schema=queue";
  const auto first = open(own);
  first->use_tenant("a");
  first->begin(SqlSession::Access::write);
  SessionSettings hurried;
  hurried.busy_timeout = 100ms;
  const auto same = open(own, hurried);
  same->use_tenant("a");
  const Error problem = error_of([&] { same->begin(SqlSession::Access::write); });
  CHECK(problem.code() == ErrorCode::busy);
  CHECK(problem.facts().retry == Retry::may_help);
  same->use_tenant("b");
  same->begin(SqlSession::Access::write);
  same->rollback();
  same->use_tenant(SqlSession::all_tenants);
  CHECK(error_of([&] { same->begin(SqlSession::Access::write); }).code() == ErrorCode::busy);
  first->rollback();
  same->begin(SqlSession::Access::write);
  same->commit();
}

TEST_CASE("a running statement ends when it is asked to stop", "[postgres]") {
  std::stop_source stop;
  SessionSettings settings;
  settings.stop = stop.get_token();
  const auto session = open({}, settings);
  const std::jthread asker{[&] {
    std::this_thread::sleep_for(100ms);
    stop.request_stop();
  }};
  const auto start = std::chrono::steady_clock::now();
  CHECK(error_of([&] { value(*session, "SELECT pg_sleep(20)"); }).code() == ErrorCode::cancelled);
  CHECK(std::chrono::steady_clock::now() - start < 5s);
}

TEST_CASE("passwords with every special character work and are in no message", "[postgres]") {
  const Server& server = Server::shared();
  const auto session = open_registry_session({Secret{server.tcp_url(Server::password(true))}});
  CHECK(value(*session, "SELECT current_user") == "mapctl");
  const Error wrong =
      error_of([&] { open_registry_session({Secret{server.tcp_url("not-the-password")}}); });
  CHECK(wrong.code() == ErrorCode::denied);
  CHECK(wrong.facts().native_code == "28P01");
  CHECK_THAT(wrong.what(), ContainsSubstring("mapctl_test"));
  CHECK_THAT(wrong.what() + wrong.facts().hint, !ContainsSubstring("not-the-password"));
}

TEST_CASE("the certificate is checked when the URL asks for it", "[postgres]") {
  const Server& server = Server::shared();
  const auto root = server.directory() / "root.crt";
  if (!std::filesystem::exists(root)) {
    mapctl::test::skip("openssl", "the server has no certificate");
  }
  const std::string password = Server::password(true);
  const auto session = open_registry_session(
      {Secret{server.tcp_url(password, "sslmode=verify-full&sslrootcert=" + root.string())}});
  CHECK(value(*session, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()") == "1");
  const Error missing = error_of([&] {
    open_registry_session(
        {Secret{server.tcp_url(password, "sslmode=verify-full&sslrootcert=/nowhere.crt")}});
  });
  CHECK(missing.code() == ErrorCode::unreachable);
  CHECK(missing.facts().retry == Retry::never);
  CHECK_THAT(missing.facts().hint, ContainsSubstring("sslrootcert"));

  // The right certificate under the name of another host.
  const std::string elsewhere = "postgresql://mapctl:" + password +
                                "@registry.example.org:" + std::to_string(server.port()) +
                                "/mapctl_test?hostaddr=127.0.0.1&sslrootcert=" + root.string();
  const Error wrong_host =
      error_of([&] { open_registry_session({Secret{elsewhere + "&sslmode=verify-full"}}); });
  CHECK(wrong_host.code() == ErrorCode::unreachable);
  CHECK(wrong_host.facts().retry == Retry::never);
  CHECK_THAT(wrong_host.facts().hint, ContainsSubstring("host name"));
  CHECK_THAT(wrong_host.what() + wrong_host.facts().hint, !ContainsSubstring(password));
  // verify-ca asks who signed the certificate, not whose it is.
  CHECK(value(*open_registry_session({Secret{elsewhere + "&sslmode=verify-ca"}}), "SELECT 1") ==
        "1");

  // A certificate that somebody else signed.
  const auto other = server.directory() / "other.crt";
  const std::string make =
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 "
      "-nodes -days 2 -subj /CN=other -keyout /dev/null -out '" +
      other.string() + "' 2>/dev/null";
  REQUIRE(std::system(make.c_str()) == 0);
  const Error foreign = error_of([&] {
    open_registry_session(
        {Secret{server.tcp_url(password, "sslmode=verify-full&sslrootcert=" + other.string())}});
  });
  CHECK(foreign.facts().retry == Retry::never);
  CHECK_THAT(foreign.facts().hint, ContainsSubstring("sslrootcert"));
}

TEST_CASE("a server that is not there, and a database that is not, are told apart", "[postgres]") {
  const Error nobody =
      error_of([] { open_registry_session({Secret{"postgresql://me@127.0.0.1:1/db"}}); });
  CHECK(nobody.code() == ErrorCode::unreachable);
  CHECK(nobody.facts().retry == Retry::may_help);
  std::string url = Server::shared().url();
  url.replace(url.find("mapctl_test"), 11, "nothing_here");
  CHECK(error_of([&] { open_registry_session({Secret{url}}); }).code() == ErrorCode::not_found);
}

TEST_CASE("a server that went away is found again, and an unknown commit is looked up",
          "[postgres]") {
  const Server server;
  SessionSettings settings;
  settings.look_up_patience = 20s;
  const auto session = open_registry_session({Secret{server.url()}, true}, settings);
  session->execute("CREATE TABLE t (a bigint)");
  const auto insert = session->prepare("INSERT INTO t VALUES ($1)");
  insert->bind(1, 1);

  SECTION("before the transaction began") {
    server.halt();
    server.resume();
    Transaction transaction{*session, SqlSession::Access::write};
    insert->step();
    transaction.commit();
    CHECK(value(*session, "SELECT count(*) FROM t") == "1");
  }
  SECTION("in the middle, which fails and may be tried again") {
    session->begin(SqlSession::Access::write);
    insert->step();
    server.halt();
    const Error lost = error_of([&] { insert->step(); });
    CHECK(lost.code() == ErrorCode::unreachable);
    CHECK(lost.facts().retry == Retry::may_help);
    session->rollback();
    CHECK(error_of([&] { session->begin(SqlSession::Access::write); }).code() ==
          ErrorCode::unreachable);
    server.resume();
    CHECK(value(*session, "SELECT count(*) FROM t") == "0");
  }
  SECTION("at the commit, which did not happen") {
    session->begin(SqlSession::Access::write);
    insert->step();
    server.halt();
    const std::jthread starter{[&] {
      std::this_thread::sleep_for(300ms);
      server.resume();
    }};
    const Error lost = error_of([&] { session->commit(); });
    CHECK(lost.code() == ErrorCode::unreachable);
    CHECK_THAT(lost.what(), ContainsSubstring("nothing was written"));
    session->rollback();
    CHECK(value(*session, "SELECT count(*) FROM t") == "0");
  }
}

TEST_CASE("a commit whose fate cannot be learned is unknown and not repeated", "[postgres]") {
  const Server server;
  SessionSettings settings;
  settings.look_up_patience = 300ms;
  const auto session = open_registry_session({Secret{server.url()}, true}, settings);
  session->begin(SqlSession::Access::write);
  session->execute("CREATE TABLE t (a bigint)");
  server.halt();
  const Error lost = error_of([&] { session->commit(); });
  CHECK(lost.code() == ErrorCode::commit_unknown);
  CHECK(lost.facts().retry == Retry::never);
  session->rollback();
}
