// SPDX-License-Identifier: Apache-2.0
#include "connectors/odbc/options.hpp"

#include "connectors/odbc/info.hpp"
#include "connectors/odbc/quirks.hpp"
#include "core/base/error.hpp"
#include "core/ports/connector_options.hpp"
#include "tests/support/catch.hpp"

#include <map>

namespace mapctl::test {
namespace {

using connectors::odbc::connection_string;
using connectors::odbc::parse_options;
using connectors::odbc::quirks_of;

using Options = std::map<std::string, std::string>;

ports::ConnectorOptions with(const Options& options, const Options& secrets = {}) {
  ports::ConnectorOptions made;
  made.profile = "crm";
  made.options = options;
  for (const auto& [name, value] : secrets) {
    made.secrets.emplace(name, Secret{value});
  }
  return made;
}

std::string string_of(const Options& options, const Options& secrets = {}) {
  const auto settings = parse_options(with(options, secrets));
  return connection_string(settings, quirks_of(settings.driver)).reveal();
}

TEST_CASE("a connection string quotes every value and speaks the driver's words", "[odbc]") {
  CHECK(string_of({{"driver", "MariaDB Unicode"},
                   {"server", "db.example"},
                   {"port", "3307"},
                   {"database", "c;rm}"},
                   {"tls", "verify"},
                   {"tls_ca", "/ca.pem"}},
                  {{"user", "u"}, {"password", "p;w{}\"'="}}) ==
        "Driver={MariaDB Unicode};Server=db.example;Port=3307;Database={c;rm}}};UID=u;"
        "PWD={p;w{}}\"'=};CHARSET=utf8mb4;FORCETLS=1;SSLVERIFY=1;SSLCA=/ca.pem;");
  CHECK(string_of({{"driver", "ODBC Driver 18 for SQL Server"},
                   {"server", "db"},
                   {"port", "1433"},
                   {"tls", "require"},
                   {"attributes", "ApplicationIntent=ReadOnly"}}) ==
        "Driver={ODBC Driver 18 for SQL Server};Server={db,1433};Encrypt=yes;"
        "TrustServerCertificate=yes;ApplicationIntent=ReadOnly");
  CHECK(string_of({{"driver", "MariaDB Unicode"}, {"socket", "/run/s"}}) ==
        "Driver={MariaDB Unicode};SOCKET=/run/s;CHARSET=utf8mb4;");
  CHECK(string_of({{"dsn", "sales"}}) == "DSN=sales;");
}

TEST_CASE("options that do not go together are refused by name", "[odbc]") {
  struct Case {
    Options options{};
    std::string says{};
  };
  const Case cases[] = {
      {{}, "'driver' or 'dsn'"},
      {{{"driver", "a"}, {"dsn", "b"}}, "not both"},
      {{{"driver", "a"}, {"port", "http"}}, "'port'"},
      {{{"driver", "a"}, {"port", "70000"}}, "'port'"},
      {{{"driver", "a"}, {"tls", "yes"}}, "'tls'"},
      {{{"driver", "a"}, {"dialect", "mysq"}}, "'dialect'"},
      {{{"driver", "a"}, {"fetch", "rows"}}, "'fetch'"},
      {{{"driver", "a"}, {"sever", "x"}}, "'sever'"},
  };
  for (const Case& one : cases) {
    INFO(one.says);
    try {
      parse_options(with(one.options));
      FAIL("it was taken");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::configuration);
      CHECK_THAT(error.what(), Catch::Matchers::ContainsSubstring(one.says));
      CHECK_THAT(error.what(), Catch::Matchers::ContainsSubstring("'crm'"));
      CHECK(error.facts().hint != "");
    }
  }
}

TEST_CASE("a password among the attributes is refused without being shown", "[odbc]") {
  for (const char* attributes : {"A=b; PWD=hunter2", "password=hunter2"}) {
    try {
      parse_options(with({{"driver", "a"}, {"attributes", attributes}}));
      FAIL("it was taken");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::configuration);
      const std::string all = error.what() + error.facts().hint;
      CHECK(all.find("hunter2") == std::string::npos);
    }
  }
}

TEST_CASE("a wish for encryption that a driver has no word for is refused, not dropped", "[odbc]") {
  for (const char* driver : {"SQLite3", "FreeTDS", "Some Driver"}) {
    INFO(driver);
    CHECK_THROWS_AS(string_of({{"driver", driver}, {"tls", "verify"}}), Error);
  }
  CHECK_THAT(string_of({{"driver", "FreeTDS"}, {"tls", "require"}}),
             Catch::Matchers::ContainsSubstring("Encryption=require;"));
}

TEST_CASE("the database of a driver for files is a path", "[odbc]") {
  const auto info = connectors::odbc::info();
  for (const auto& quirks : connectors::odbc::all_quirks()) {
    for (const std::string_view name : quirks.names) {
      INFO(name);
      CHECK(ports::is_path(info, "database", {{"driver", std::string{name}}}) ==
            (quirks.database_is_file && !name.empty()));
    }
  }
  CHECK_FALSE(ports::is_path(info, "database", {{"dsn", "sales"}}));
  CHECK(ports::is_path(info, "tls_ca", {}));
}

TEST_CASE("drivers are known by parts of their names", "[odbc]") {
  CHECK(quirks_of("MariaDB Unicode").driver == "MariaDB Connector/ODBC");
  CHECK(quirks_of("/usr/lib/odbc/libmaodbc.so").driver == "MariaDB Connector/ODBC");
  CHECK(quirks_of("MySQL ODBC 8.0 Unicode Driver").driver == "MySQL Connector/ODBC");
  CHECK(quirks_of("PostgreSQL Unicode").driver == "psqlodbc");
  CHECK(quirks_of("libtdsodbc.so").driver == "FreeTDS");
  CHECK(quirks_of("ODBC Driver 17 for SQL Server").driver ==
        "Microsoft ODBC Driver for SQL Server");
  CHECK(quirks_of("SQLite3").driver == "SQLite ODBC");
  // What is not known is read in the way that is right for every driver.
  CHECK(quirks_of("Oracle").lengths_are_hints);
  CHECK_FALSE(quirks_of("Oracle").char_is_utf8);
}

TEST_CASE("the profile's limits become those of the connection", "[odbc]") {
  auto options = with({{"driver", "a"}});
  CHECK(parse_options(options).query_timeout == 0);
  CHECK(parse_options(options).retry.attempts == 1);
  options.limits.timeout = 2.5;
  options.limits.attempts = 4;
  CHECK(parse_options(options).login_timeout == 3);
  CHECK(parse_options(options).query_timeout == 3);
  CHECK(parse_options(options).retry.attempts == 4);
}

}  // namespace
}  // namespace mapctl::test
