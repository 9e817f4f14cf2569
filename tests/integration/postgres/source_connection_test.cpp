// SPDX-License-Identifier: Apache-2.0
#include "connectors/postgres/source.hpp"
#include "core/base/file.hpp"
#include "core/config/profile.hpp"
#include "tests/integration/postgres/source_fixture.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <fstream>
#include <thread>

using namespace mapctl;
using namespace mapctl::test;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;

namespace {

ports::ConnectorOptions tcp_options(const Database& database) {
  ports::ConnectorOptions options;
  options.profile = "crm";
  options.options = {{"host", "127.0.0.1"},
                     {"port", std::to_string(database.server().port())},
                     {"database", database.name()},
                     {"user", "mapctl"}};
  options.secrets.emplace("password", Secret{PostgresServer::password(false)});
  return options;
}

std::unique_ptr<ports::Connector> open_source(const ports::ConnectorOptions& options) {
  return connectors::postgres::factory().open(options, {});
}

// A port where nobody listens, and with `accept` one where somebody never says a word.
class Silence {
 public:
  explicit Silence(bool accept) : socket_{::socket(AF_INET, SOCK_STREAM, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    if (accept) {
      REQUIRE(::listen(socket_, 8) == 0);
    }
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
  ~Silence() { ::close(socket_); }
  std::string port() const { return std::to_string(port_); }

 private:
  int socket_;
  int port_ = 0;
};

}  // namespace

TEST_CASE("the factory of postgres describes itself and checks its options", "[postgres]") {
  const auto info = connectors::postgres::factory().info();
  CHECK(info.name == "postgres");
  CHECK(info.kind == "database");
  CHECK_FALSE(info.capabilities.writes_rows);
  for (const auto& [name, value] : {std::pair{"dialect", "oracle"},
                                    {"statement_timeout", "soon"},
                                    {"statement_timeout", "5 parsecs"}}) {
    ports::ConnectorOptions options;
    options.profile = "crm";
    options.options[name] = value;
    const Error problem = error_of([&] { open_source(options); });
    CHECK(problem.code() == ErrorCode::configuration);
    CHECK_THAT(problem.what(), ContainsSubstring("'crm'"));
    CHECK_THAT(problem.what(), ContainsSubstring(name));
    CHECK_FALSE(problem.facts().hint.empty());
  }
  ports::ConnectorOptions options;
  options.profile = "crm";
  options.secrets.emplace("pasword", Secret{"hunter2"});
  const Error problem = error_of([&] { open_source(options); });
  CHECK_THAT(problem.what(), ContainsSubstring("'pasword'"));
  CHECK_THAT(problem.what(), !ContainsSubstring("hunter2"));
  CHECK_THAT(problem.facts().hint, ContainsSubstring("password"));
}

TEST_CASE("the shipped profiles of PostgreSQL and Redshift are taken by the connector",
          "[postgres]") {
  const std::filesystem::path folder =
      std::filesystem::path{std::getenv("MAPCTL_TEST_SOURCE_DIR")} / "profiles/connectors";
  for (const auto& [name, dialect] :
       {std::pair{"postgres", connectors::postgres::Dialect::postgresql},
        {"redshift", connectors::postgres::Dialect::redshift}}) {
    INFO(name);
    const auto profile = config::load_profile(name, std::array{folder});
    CHECK(profile.connector == "postgres");
    ports::ConnectorOptions options;
    options.profile = name;
    for (const auto& [key, value] : profile.options) {
      options.options[key] = value.text.reveal();
    }
    CHECK(options.options.size() >= 2);
    const Database database;
    const auto connection = connectors::postgres::Source{options_of(database.url())}.connect({});
    CHECK(connectors::postgres::Source{options}.dialect(*connection) == dialect);
  }
}

TEST_CASE("a password belongs to the secrets of a profile", "[postgres]") {
  ports::ConnectorOptions options;
  options.profile = "crm";
  options.options["url"] = "postgresql://me:hunter2@db/crm";
  const Error problem = error_of([&] { open_source(options); });
  CHECK(problem.code() == ErrorCode::configuration);
  CHECK_THAT(problem.what(), !ContainsSubstring("hunter2"));
  CHECK_THAT(problem.facts().hint, ContainsSubstring("auth:"));
}

TEST_CASE("a profile's parts, a URL and a service file lead to the same database", "[postgres]") {
  const Database database;
  database.run("CREATE TABLE here (a int)");
  const auto tables = [](const ports::ConnectorOptions& options) {
    return open_source(options)->discover({}, {}).tables().size();
  };
  CHECK(tables(tcp_options(database)) == 1);
  CHECK(tables(options_of(database.tcp_url(PostgresServer::password(true)))) == 1);

  const TemporaryDirectory folder;
  const auto write = [&](const char* name, const std::string& text) {
    const auto path = folder.path() / name;
    std::ofstream{path} << text;
    ::chmod(path.c_str(), 0600);
    return path.string();
  };
  // A password with every special character, from a file as psql reads it.
  std::string escaped;
  for (const char c : PostgresServer::password(false)) {
    escaped += c == ':' || c == '\\' ? std::string{'\\', c} : std::string{c};
  }
  auto with_file = tcp_options(database);
  with_file.secrets.clear();
  with_file.options["passfile"] = write("pgpass", "*:*:*:mapctl:" + escaped + "\n");
  CHECK(tables(with_file) == 1);

  ::setenv(
      "PGSERVICEFILE",
      write("services", "[crm]\nhost=127.0.0.1\nport=" + std::to_string(database.server().port()) +
                            "\ndbname=" + database.name() + "\nuser=mapctl\n")
          .c_str(),
      1);
  ports::ConnectorOptions service;
  service.profile = "crm";
  service.options["service"] = "crm";
  service.options["passfile"] = with_file.options["passfile"];
  CHECK(tables(service) == 1);
  service.options["service"] = "nobody";
  CHECK(error_of([&] { open_source(service); }).code() == ErrorCode::configuration);
  ::unsetenv("PGSERVICEFILE");
}

TEST_CASE("a connection that is refused says why and what to do", "[postgres]") {
  const Database database;
  const auto problem_with = [&](auto change) {
    auto options = tcp_options(database);
    change(options);
    const Error problem = error_of([&] { open_source(options); });
    CHECK_FALSE(problem.facts().hint.empty());
    CHECK_THAT(problem.what(), !ContainsSubstring(PostgresServer::password(false)));
    CHECK_THAT(problem.what(), !ContainsSubstring("hunter2"));
    return problem;
  };
  const Error password = problem_with([](auto& options) {
    options.secrets.clear();
    options.secrets.emplace("password", Secret{"hunter2"});
  });
  CHECK(password.code() == ErrorCode::denied);
  CHECK(password.facts().native_code == "28P01");
  CHECK(password.facts().retry == Retry::never);
  const Error missing = problem_with([](auto& options) { options.secrets.clear(); });
  CHECK(missing.code() == ErrorCode::denied);
  CHECK_THAT(missing.facts().hint, ContainsSubstring("PGPASSWORD"));
  CHECK(problem_with([](auto& options) { options.options["database"] = "nothing"; }).code() ==
        ErrorCode::not_found);
  const Silence nobody{false};
  const Error refused =
      problem_with([&](auto& options) { options.options["port"] = nobody.port(); });
  CHECK(refused.code() == ErrorCode::unreachable);
  CHECK(refused.facts().retry == Retry::may_help);
  const Silence silent{true};
  const auto start = std::chrono::steady_clock::now();
  const Error timeout = problem_with([&](auto& options) {
    options.options["port"] = silent.port();
    options.limits.timeout = 2;
  });
  CHECK(timeout.code() == ErrorCode::unreachable);
  CHECK(std::chrono::steady_clock::now() - start < 9s);
  CHECK(problem_with([](auto& options) {
          options.options["host"] = "no-such-host.invalid";
        }).code() == ErrorCode::unreachable);
}

TEST_CASE("a server that comes up late is asked again as the profile says", "[postgres]") {
  const PostgresServer server;
  const Database database{server};
  auto options = tcp_options(database);
  server.halt();
  CHECK(error_of([&] { open_source(options); }).code() == ErrorCode::unreachable);
  options.limits.attempts = 50;
  options.limits.backoff = 0.1;
  options.limits.max_backoff = 0.1;
  std::jthread later{[&] {
    std::this_thread::sleep_for(200ms);
    server.resume();
  }};
  CHECK(open_source(options)->test({}).product.starts_with("PostgreSQL"));
}

TEST_CASE("TLS modes are the profile's choice", "[postgres]") {
  const Database database;
  const auto certificate = database.server().directory() / "root.crt";
  if (!std::filesystem::exists(certificate)) {
    skip("openssl", "the server has no certificate");
  }
  auto options = tcp_options(database);
  options.options["sslmode"] = "verify-full";
  options.options["sslrootcert"] = certificate.string();
  CHECK_THAT(open_source(options)->test({}).product, ContainsSubstring("over TLS"));
  options.options["sslmode"] = "disable";
  CHECK_THAT(open_source(options)->test({}).product, !ContainsSubstring("TLS"));

  auto wrong_name = options_of(database.tcp_url(
      PostgresServer::password(true),
      "hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert=" + certificate.string()));
  wrong_name.options["host"] = "db.example";  // the certificate is for another
  const Error name = error_of([&] { open_source(wrong_name); });
  CHECK(name.code() == ErrorCode::unreachable);
  CHECK(name.facts().retry == Retry::never);
  options.options["sslmode"] = "verify-full";
  const TemporaryDirectory folder;
  const auto other = folder.path() / "other.crt";
  REQUIRE(std::system(("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes "
                       "-days 2 -subj /CN=x -keyout /dev/null -out '" +
                       other.string() + "' 2>/dev/null")
                          .c_str()) == 0);
  options.options["sslrootcert"] = other.string();
  const Error trust = error_of([&] { open_source(options); });
  CHECK(trust.code() == ErrorCode::unreachable);
  CHECK(trust.facts().retry == Retry::never);
  CHECK_THAT(trust.facts().hint, ContainsSubstring("sslrootcert"));
  options.options["sslmode"] = "sometimes";
  CHECK_FALSE(error_of([&] { open_source(options); }).facts().hint.empty());
}

TEST_CASE("the connection names itself and changes nothing", "[postgres]") {
  const Database database;
  database.run(
      "CREATE TABLE log (who text, read_only text);"
      "CREATE VIEW look AS SELECT current_setting('application_name') AS name, "
      "current_setting('transaction_read_only') AS read_only, "
      "current_setting('statement_timeout') AS limit;"
      "CREATE FUNCTION write() RETURNS int LANGUAGE sql AS "
      "$$ INSERT INTO public.log VALUES ('x') RETURNING 1 $$;"
      "CREATE VIEW writes AS SELECT public.write()");
  auto options = tcp_options(database);
  const auto look = [&] {
    return read_all(*open_source(options)->open_reader(ref("public", "look"), {})).at(0);
  };
  CHECK(look() == TextRow{"mapctl", "on", "0"});
  options.options["application_name"] = "nightly";
  options.options["statement_timeout"] = "90s";
  CHECK(look() == TextRow{"nightly", "on", "90s"});
  const auto found = open_source(options)->discover(with_statistics(), {});
  REQUIRE(found.warnings.size() == 1);
  CHECK(found.warnings[0].object == "table 'public.writes'");
  CHECK(database.value("SELECT count(*) FROM log") == "0");
}

TEST_CASE("missing privileges are warnings that name the grant", "[postgres]") {
  const Database database;
  const std::string role = "r_" + database.name();
  database.run("CREATE ROLE " + role + " LOGIN", "postgres");
  database.run(
      "CREATE SCHEMA closed; CREATE SCHEMA \"Half open\"; CREATE TABLE closed.a (x int);"
      "CREATE TABLE closed.b (x int); CREATE TABLE \"Half open\".a (x int);"
      "CREATE TABLE \"Half open\".b (x int); CREATE TABLE public.one (x int, y int);"
      "CREATE TABLE public.granted (x int); GRANT USAGE ON SCHEMA \"Half open\" TO " +
      role + "; GRANT SELECT ON public.granted TO " + role);
  const auto connector = open(database.url(role));
  const auto found = connector->discover(with_statistics(), {});
  CHECK(found.tables().size() == 6);
  REQUIRE(found.warnings.size() == 3);
  CHECK(found.warnings[0].object == "schema 'Half open'");
  CHECK(found.warnings[0].hint == "GRANT SELECT ON ALL TABLES IN SCHEMA \"Half open\" TO " + role);
  CHECK(found.warnings[1].object == "schema 'closed'");
  CHECK_THAT(found.warnings[1].hint, ContainsSubstring("GRANT USAGE ON SCHEMA closed TO " + role));
  CHECK(found.warnings[2].object == "table 'public.one'");
  CHECK(found.warnings[2].hint == "GRANT SELECT ON public.one TO " + role);
  CHECK(column_in(table_in(found, "public", "granted"), "x").statistics.has_value());
  CHECK_FALSE(column_in(table_in(found, "closed", "a"), "x").statistics.has_value());
  CHECK(connector->test({}).missing_privileges.size() == 3);

  const Error denied = error_of([&] { connector->open_reader(ref("closed", "a"), {}); });
  CHECK(denied.code() == ErrorCode::denied);
  CHECK_THAT(denied.facts().hint, ContainsSubstring("GRANT USAGE ON SCHEMA closed"));
  CHECK(error_of([&] { connector->discover(with_statistics("one"), {}); }).code() ==
        ErrorCode::denied);
  // Some columns are not all.
  database.run("GRANT SELECT (x) ON public.one TO " + role);
  CHECK_THAT(connector->discover({}, {}).warnings[2].message,
             ContainsSubstring("only some of its columns"));
  // What the warnings name helps.
  database.run(found.warnings[0].hint + ";" + found.warnings[1].hint + ";" +
               found.warnings[2].hint);
  CHECK(connector->discover(with_statistics(), {}).warnings.empty());
  database.run("DROP OWNED BY " + role + "; DROP ROLE " + role, "postgres");
}

TEST_CASE("a grant names what SQL would take for a word of its own in quotes", "[postgres]") {
  const Database database;
  const std::string role = "r_" + database.name();
  database.run("CREATE ROLE " + role + " LOGIN", "postgres");
  database.run(
      "CREATE SCHEMA \"end\"; CREATE TABLE \"end\".a (x int); CREATE TABLE \"order\" (x int); "
      "CREATE SCHEMA endless; CREATE TABLE endless.a (x int)");
  const auto found = open(database.url(role))->discover({}, {});
  REQUIRE(found.warnings.size() == 3);
  std::string grants;
  for (const auto& warning : found.warnings) {
    grants += warning.hint + ";";
  }
  CHECK_THAT(grants, ContainsSubstring("IN SCHEMA \"end\" TO " + role));
  CHECK_THAT(grants, ContainsSubstring("IN SCHEMA endless TO " + role));
  CHECK_THAT(grants, ContainsSubstring("ON public.\"order\" TO " + role));
  database.run(grants);
  CHECK(open(database.url(role))->discover({}, {}).warnings.empty());
  database.run("DROP OWNED BY " + role + "; DROP ROLE " + role, "postgres");
}

TEST_CASE("a server that says nothing is given up after the profile's timeout", "[postgres]") {
  const Database database;
  database.run("CREATE VIEW slow AS SELECT pg_sleep(600)::text AS x");
  auto options = options_of(database.url());
  options.limits.timeout = 2;
  const auto connector = connectors::postgres::factory().open(options, {});
  CHECK(connector->discover({}, {}).tables().size() == 1);
  const auto start = std::chrono::steady_clock::now();
  const Error problem = error_of([&] {
    const auto reader = connector->open_reader(ref("public", "slow"), {});
    std::vector<std::optional<std::string_view>> row;
    reader->next(row);
  });
  CHECK(problem.code() == ErrorCode::unreachable);
  CHECK(std::chrono::steady_clock::now() - start < 300s);
}

TEST_CASE("a server that dies in the middle of a discovery is unreachable", "[postgres]") {
  const PostgresServer server;
  const Database database{server};
  database.run(
      "CREATE VIEW slow AS SELECT g, pg_sleep(0.05)::text FROM "
      "generate_series(1, 10000) g");
  const auto connector = open(database.url());
  std::jthread later{[&] {
    std::this_thread::sleep_for(300ms);
    server.halt();
  }};
  const Error problem = error_of([&] { connector->discover(with_statistics(), {}); });
  CHECK(problem.code() == ErrorCode::unreachable);
  CHECK(problem.facts().retry == Retry::may_help);
  CHECK_FALSE(problem.facts().hint.empty());
}

TEST_CASE("a discovery is stopped in its middle and the connector goes on", "[postgres]") {
  const Database database;
  database.run("CREATE VIEW slow AS SELECT pg_sleep(600)::text AS x");
  const auto connector = open(database.url());
  std::stop_source stop;
  std::jthread later{[&] {
    std::this_thread::sleep_for(200ms);
    stop.request_stop();
  }};
  const Error problem = error_of([&] { connector->discover(with_statistics(), stop.get_token()); });
  CHECK(problem.code() == ErrorCode::cancelled);
  CHECK(connector->discover({}, {}).tables().size() == 1);
}
