// SPDX-License-Identifier: Apache-2.0
#include "core/ports/change_mark.hpp"

#include "tests/integration/odbc/fixture.hpp"

namespace mapctl::test {
namespace {

std::string mark_of(ports::Connector& connector) {
  auto* marked = dynamic_cast<ports::ChangeMarked*>(&connector);
  REQUIRE(marked != nullptr);
  const auto mark = marked->change_mark({});
  REQUIRE(mark.has_value());
  return *mark;
}

ports::ConnectorOptions as_user(const MariaDbDatabase& database, const std::string& user) {
  auto options = database.options();
  options.secrets.clear();
  options.secrets.emplace("user", Secret{user});
  options.secrets.emplace("password", Secret{"pw"});
  return options;
}

void make_marked_tables(const MariaDbDatabase& database) {
  database.run("CREATE TABLE parent (id INT PRIMARY KEY, code VARCHAR(20))");
  database.run("CREATE TABLE child_of (id INT PRIMARY KEY, p INT, n INT)");
  database.run("CREATE VIEW seen AS SELECT id FROM child_of");
}

const char* const marked_changes[] = {
    "ALTER TABLE child_of ADD COLUMN `more ü` VARCHAR(10)",
    "ALTER TABLE child_of MODIFY n BIGINT",
    "ALTER TABLE child_of MODIFY n BIGINT NOT NULL DEFAULT 7",
    "ALTER TABLE child_of MODIFY n BIGINT NOT NULL DEFAULT 8",
    "ALTER TABLE child_of MODIFY n BIGINT NOT NULL DEFAULT 8 COMMENT 'how many'",
    "ALTER TABLE parent COMMENT 'the parents'",
    "ALTER TABLE parent ADD UNIQUE KEY by_code (code)",
    "ALTER TABLE parent DROP KEY by_code, ADD UNIQUE KEY by_code (code, id)",
    "ALTER TABLE child_of ADD CONSTRAINT to_parent FOREIGN KEY (p) REFERENCES parent (id)",
    "ALTER TABLE child_of DROP FOREIGN KEY to_parent",
    "ALTER TABLE parent DROP PRIMARY KEY, ADD PRIMARY KEY (id, code)",
    "CREATE OR REPLACE VIEW seen AS SELECT id, p FROM child_of",
    "CREATE TABLE another (id INT)",
    "RENAME TABLE another TO yet_another",
    "DROP TABLE yet_another",
    "ALTER TABLE child_of DROP COLUMN `more ü`",
};

TEST_CASE("the change mark of MariaDB differs after every change of what discovery finds",
          "[odbc]") {
  const MariaDbDatabase database;
  make_marked_tables(database);
  auto connector = open(database.options());
  std::string mark = mark_of(*connector);
  for (const char* change : marked_changes) {
    INFO(change);
    database.run(change);
    const std::string now = mark_of(*connector);
    CHECK(now != mark);
    CHECK(mark_of(*connector) == now);
    mark = now;
  }
}

TEST_CASE("rows, statistics and other databases leave the change mark of MariaDB as it is",
          "[odbc]") {
  const MariaDbDatabase database;
  make_marked_tables(database);
  auto connector = open(database.options());
  const std::string mark = mark_of(*connector);
  database.run("INSERT INTO parent SELECT seq, 'x' FROM seq_1_to_500");
  database.run("ANALYZE TABLE parent");
  database.run("DELETE FROM parent WHERE id > 100");
  const MariaDbDatabase other{"_other"};
  make_marked_tables(other);
  CHECK(mark_of(*connector) == mark);
  CHECK(mark_of(*open(database.options())) == mark);  // of the database, not of the connection
}

TEST_CASE("a user who may not look into InnoDB is told of the same changes, and of grants",
          "[odbc]") {
  const MariaDbDatabase database;
  make_marked_tables(database);
  const std::string user = "marks" + database.name();
  const std::string who = "'" + user + "'@'127.0.0.1'";
  database.run("CREATE USER " + who + " IDENTIFIED BY 'pw'");
  const std::string all = mariadb_name(database.name());
  database.run("GRANT SELECT, REFERENCES ON " + all + ".parent TO " + who);
  const auto now = [&] { return mark_of(*open(as_user(database, user))); };
  const std::string one_table = now();
  database.run("GRANT SELECT, REFERENCES ON " + all + ".* TO " + who);
  std::string mark = now();
  CHECK(mark != one_table);
  for (const char* change : marked_changes) {
    INFO(change);
    database.run(change);
    const std::string next = now();
    CHECK(next != mark);
    mark = next;
  }
  database.run("DROP USER " + who);
}

}  // namespace
}  // namespace mapctl::test
