// SPDX-License-Identifier: Apache-2.0
#include "connectors/odbc/cursor.hpp"
#include "tests/integration/odbc/fixture.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

namespace mapctl::test {
namespace {

void check_hides_password(const Error& error) {
  CHECK(error.facts().hint != "");
  const std::string all = error.what() + error.facts().hint;
  CHECK(all.find(mariadb().password) == std::string::npos);
  CHECK(all.find("PWD") == std::string::npos);
}

// A port of 127.0.0.1 that takes connections and says nothing, or that nobody listens on.
class Socket {
 public:
  explicit Socket(bool listening) : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    if (listening) {
      REQUIRE(::listen(socket_, 4) == 0);
    }
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = std::to_string(ntohs(address.sin_port));
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { ::close(socket_); }
  const std::string& port() const { return port_; }

 private:
  int socket_;
  std::string port_;
};

TEST_CASE("a server that does not run is unreachable", "[odbc]") {
  const Socket closed{false};
  auto options = mariadb().options("x");
  options.options["port"] = closed.port();
  const Error error = error_of([&] { open(options); });
  CHECK(error.code() == ErrorCode::unreachable);
  CHECK(error.facts().retry == Retry::may_help);
  CHECK_THAT(error.what(),
             Catch::Matchers::ContainsSubstring("database 'x' on '127.0.0.1:" + closed.port()));
  check_hides_password(error);
}

TEST_CASE("a server that does not answer is given up when the time is over", "[odbc]") {
  const Socket silent{true};
  auto options = mariadb().options("");
  options.options["port"] = silent.port();
  options.limits.timeout = 1;
  const auto start = std::chrono::steady_clock::now();
  const Error error = error_of([&] { open(options); });
  CHECK(error.code() == ErrorCode::unreachable);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{20});
  check_hides_password(error);
}

TEST_CASE("connecting is tried again as the profile says", "[odbc]") {
  const Socket closed{false};
  auto options = mariadb().options("");
  options.options["port"] = closed.port();
  options.limits.attempts = 3;
  options.limits.backoff = 0.05;
  const auto start = std::chrono::steady_clock::now();
  CHECK(error_of([&] { open(options); }).code() == ErrorCode::unreachable);
  CHECK(std::chrono::steady_clock::now() - start > std::chrono::milliseconds{80});
  std::stop_source stop;
  stop.request_stop();
  CHECK(error_of([&] { connectors::odbc::factory().open(options, stop.get_token()); }).code() ==
        ErrorCode::cancelled);
}

TEST_CASE("a wrong password, a wrong database and a missing grant are told apart", "[odbc]") {
  auto options = mariadb().options("");
  options.secrets.erase("password");
  options.secrets.emplace("password", Secret{"not the p;w}"});
  Error error = error_of([&] { open(options); });
  CHECK(error.code() == ErrorCode::denied);
  CHECK(std::string{error.what()}.find("not the p;w}") == std::string::npos);
  CHECK_THAT(error.facts().hint, Catch::Matchers::ContainsSubstring("auth.password"));

  error = error_of([&] { open(mariadb().options("no_such_database")); });
  CHECK(error.code() == ErrorCode::not_found);
  CHECK_THAT(error.what(), Catch::Matchers::ContainsSubstring("no_such_database"));
  check_hides_password(error);

  const MariaDbDatabase database;
  const std::string user = "none" + database.name();
  database.run("CREATE USER '" + user + "'@'127.0.0.1' IDENTIFIED BY 'pw'");
  auto poor = database.options();
  poor.secrets.clear();
  poor.secrets.emplace("user", Secret{user});
  poor.secrets.emplace("password", Secret{"pw"});
  error = error_of([&] { open(poor); });
  CHECK(error.code() == ErrorCode::denied);
  database.run("DROP USER '" + user + "'@'127.0.0.1'");
}

TEST_CASE("a driver that is not installed is a matter of configuration", "[odbc]") {
  auto options = mariadb().options("");
  for (const char* driver : {"No Such Driver", "/no/such/driver.so"}) {
    options.options["driver"] = driver;
    const Error error = error_of([&] { open(options); });
    CHECK(error.code() == ErrorCode::configuration);
    CHECK_THAT(error.facts().hint, Catch::Matchers::ContainsSubstring("odbcinst"));
    check_hides_password(error);
  }
  options.options.erase("driver");
  options.options["dsn"] = "no such source";
  CHECK(error_of([&] { open(options); }).code() == ErrorCode::configuration);
}

TEST_CASE("a certificate for another host is refused when it is to be verified", "[odbc]") {
  using namespace connectors::odbc;
  const MariaDbDatabase database;
  auto options = database.options();
  options.options["tls"] = "require";
  std::string certificate = mariadb().socket;
  certificate.replace(certificate.rfind('/') + 1, std::string::npos, "cert.pem");
  if (!std::filesystem::exists(certificate)) {
    skip("openssl", "the server has no certificate");
  }
  {  // Encrypted, whoever it is.
    const Connection connection{std::make_shared<const Settings>(parse_options(options)), {}};
    Cursor cursor{connection, {}};
    cursor.execute("SHOW SESSION STATUS LIKE 'Ssl_cipher'");
    REQUIRE(cursor.next());
    CHECK_FALSE(cursor.text(1).empty());
  }
  options.options["tls"] = "verify";
  options.options["tls_ca"] = certificate;
  const Error error = error_of([&] { open(options); });
  CHECK(error.code() == ErrorCode::unreachable);
  CHECK_THAT(error.facts().hint, Catch::Matchers::ContainsSubstring("tls"));
}

TEST_CASE("a server without TLS is refused when encryption is required", "[odbc]") {
  auto options = mariadb_without_tls().options("");
  open(options);
  for (const char* tls : {"require", "verify"}) {
    INFO(tls);
    options.options["tls"] = tls;
    const Error error = error_of([&] { open(options); });
    CHECK(error.code() == ErrorCode::unreachable);
    CHECK(error.facts().retry == Retry::never);
    CHECK_THAT(error.what(), Catch::Matchers::ContainsSubstring("127.0.0.1:"));
    CHECK_THAT(error.facts().hint, Catch::Matchers::ContainsSubstring("tls"));
    check_hides_password(error);
  }
}

TEST_CASE("a local socket is encrypted when that is required", "[odbc]") {
  auto options = mariadb().options("");
  options.options.erase("server");
  options.options.erase("port");
  options.options["socket"] = mariadb().socket;
  options.options["tls"] = "require";
  CHECK_FALSE(open(options)->test({}).product.empty());
}

TEST_CASE("a connection that is cut while rows are read is an error, not an end", "[odbc]") {
  const MariaDbDatabase database;
  database.run("CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(2000))");
  database.run("INSERT INTO t SELECT seq, REPEAT('x', 2000) FROM seq_1_to_20000");
  const std::string user = "cut" + database.name();
  database.run("CREATE USER '" + user + "'@'127.0.0.1' IDENTIFIED BY 'pw'");
  database.run("GRANT SELECT ON *.* TO '" + user + "'@'127.0.0.1'");
  auto options = database.options();
  options.secrets.clear();
  options.secrets.emplace("user", Secret{user});
  options.secrets.emplace("password", Secret{"pw"});
  auto reader = open(options)->open_reader(ref(database.name(), "t"), {});
  std::vector<std::optional<std::string_view>> row;
  REQUIRE(reader->next(row));
  database.run("KILL USER '" + user + "'@'127.0.0.1'");
  const Error error = error_of([&] {
    while (reader->next(row)) {
    }
  });
  INFO(error.what());
  CHECK(error.code() == ErrorCode::unreachable);
  CHECK(error.facts().retry == Retry::may_help);
  database.run("DROP USER '" + user + "'@'127.0.0.1'");
}

TEST_CASE("a query that takes too long ends when the profile's time is over", "[odbc]") {
  const MariaDbDatabase database;
  database.run(
      "CREATE VIEW slow AS SELECT COUNT(*) AS n FROM seq_1_to_1000000 a "
      "JOIN seq_1_to_1000000 b ON a.seq % 1000 = b.seq % 999");
  auto options = database.options();
  options.limits.timeout = 1;
  const auto start = std::chrono::steady_clock::now();
  const Error error = error_of([&] {
    auto reader = open(options)->open_reader(ref(database.name(), "slow"), {});
    rows_of(*reader);
  });
  CHECK(error.code() == ErrorCode::busy);
  CHECK_THAT(error.facts().hint, Catch::Matchers::ContainsSubstring("limits.timeout"));
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{8});
}

}  // namespace
}  // namespace mapctl::test
