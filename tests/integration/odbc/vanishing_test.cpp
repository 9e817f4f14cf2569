// SPDX-License-Identifier: Apache-2.0
#include "connectors/odbc/connection.hpp"
#include "core/base/text.hpp"
#include "tests/integration/odbc/fixture.hpp"

#include <fmt/format.h>

#include <thread>

namespace mapctl::test {
namespace {

// Makes and drops databases with all kinds of tables in them, until it is told to stop.
void come_and_go(const std::string& name, const std::stop_token& stop) {
  using namespace connectors::odbc;
  const Connection connection{
      std::make_shared<const Settings>(parse_options(mariadb().options(""))), {}};
  while (!stop.stop_requested()) {
    connection.execute("CREATE DATABASE " + name);
    const auto in = [&](const std::string& sql) {
      connection.execute(replace_all(sql, "@", name + "."));
    };
    in("CREATE TABLE @parent (id INT PRIMARY KEY, code VARCHAR(20) UNIQUE)");
    in("CREATE TABLE @child (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES @parent (id))");
    in("CREATE TABLE @parts (id INT, at DATE) PARTITION BY HASH (id) PARTITIONS 3");
    in("CREATE TABLE @flat (id INT PRIMARY KEY) ENGINE = MyISAM");
    in("CREATE VIEW @seen AS SELECT c.id, p.code FROM @child c JOIN @parent p ON p.id = c.p");
    in("CREATE TABLE @`o\"d.ü` (`a/b` INT PRIMARY KEY, r INT, CONSTRAINT `f'k` FOREIGN KEY (r) "
       "REFERENCES @parent (id))");
    in("CREATE VIEW @broken AS SELECT id FROM @flat");
    in("ALTER TABLE @parent ADD COLUMN more VARCHAR(50), DROP INDEX code");
    in("DROP TABLE @flat");
    in("RENAME TABLE @parts TO @other");
    in("DROP TABLE @child");
    in("TRUNCATE TABLE @`o\"d.ü`");
    connection.execute("DROP DATABASE " + name);
  }
}

TEST_CASE("discovery of all databases goes on while tables and databases come and go", "[odbc]") {
  const MariaDbDatabase database;
  database.run("CREATE TABLE stays (id INT PRIMARY KEY, n VARCHAR(10))");
  database.run("INSERT INTO stays VALUES (1, 'a'), (2, 'b')");
  const std::string user = "sees" + database.name();
  database.run("CREATE USER '" + user + "'@'127.0.0.1' IDENTIFIED BY 'pw'");
  database.run("GRANT SELECT ON *.* TO '" + user + "'@'127.0.0.1'");
  auto full = mariadb().options("");
  full.options["tls"] = "require";
  auto poor = mariadb().options("");  // without PROCESS, each table is opened for its keys
  poor.secrets.clear();
  poor.secrets.emplace("user", Secret{user});
  poor.secrets.emplace("password", Secret{"pw"});
  {
    const std::jthread busy{
        [&](const std::stop_token& stop) { come_and_go(database.name() + "_fleeting", stop); }};
    for (const auto& options : {full, poor}) {
      auto connector = open(options);
      for (int round = 0; round < 8; ++round) {
        const auto found = connector->discover({}, {});
        CHECK(table_in(found, database.name(), "stays").columns.size() == 2);
      }
      ports::DiscoveryScope scope;
      scope.schemas = catalog::NamePattern{database.name() + "*"};
      scope.statistics = true;
      for (int round = 0; round < 8; ++round) {
        const auto found = connector->discover(scope, {});
        CHECK(table_in(found, database.name(), "stays").row_count == 2);
      }
    }
  }
  database.run("DROP USER '" + user + "'@'127.0.0.1'");
}

}  // namespace
}  // namespace mapctl::test
