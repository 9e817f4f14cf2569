// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/odbc/fixture.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>

// Servers that are killed, or that are not what the profile says.
namespace mapctl::test {
namespace {

using Catch::Matchers::ContainsSubstring;
using namespace std::chrono_literals;

// A port of 127.0.0.1 where each client is answered with `words`, once it has said something or,
// for servers that begin, at once; then the line is closed.
class WrongServer {
 public:
  WrongServer(std::string words, bool begins) : words_{std::move(words)}, begins_{begins} {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(socket_, 8) == 0);
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = std::to_string(ntohs(address.sin_port));
    thread_ = std::jthread{[this](std::stop_token stop) { serve(stop); }};
  }
  WrongServer(const WrongServer&) = delete;
  WrongServer& operator=(const WrongServer&) = delete;
  ~WrongServer() {
    thread_.request_stop();
    thread_.join();
    ::close(socket_);
  }
  const std::string& port() const { return port_; }

 private:
  void serve(const std::stop_token& stop) const {
    while (!stop.stop_requested()) {
      pollfd waiting{socket_, POLLIN, 0};
      if (::poll(&waiting, 1, 20) != 1) {
        continue;
      }
      const int client = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
      char said[4096];
      if (begins_ || ::recv(client, said, sizeof said, 0) > 0) {
        ::send(client, words_.data(), words_.size(), MSG_NOSIGNAL);
      }
      ::close(client);
    }
  }

  std::string words_;
  bool begins_;
  int socket_ = -1;
  std::string port_;
  std::jthread thread_;
};

// A port that nobody listens on, nor can while this lives.
class ClosedPort {
 public:
  ClosedPort() : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    text_ = std::to_string(ntohs(address.sin_port));
  }
  ClosedPort(const ClosedPort&) = delete;
  ClosedPort& operator=(const ClosedPort&) = delete;
  ~ClosedPort() { ::close(socket_); }
  const std::string& text() const noexcept { return text_; }

 private:
  int socket_;
  std::string text_{};
};

// No SQL Server runs here: FreeTDS is asked about what it meets instead of one.
Error error_of_freetds(const std::string& port, std::map<std::string, std::string> more = {}) {
  ports::ConnectorOptions options;
  options.profile = "books";
  options.options = {{"driver", "FreeTDS"},
                     {"dialect", "sqlserver"},
                     {"server", "127.0.0.1"},
                     {"port", port},
                     {"database", "books"}};
  for (auto& [name, value] : more) {
    options.options[name] = value;
  }
  options.secrets.emplace("user", Secret{"ana"});
  options.secrets.emplace("password", Secret{"s3;cr}et"});
  options.limits.timeout = 5;
  options.limits.attempts = 1;
  const Error error = error_of([&] { open(options); });
  INFO(error.what());
  if (error.code() == ErrorCode::configuration &&
      error.facts().hint.find("odbcinst") != std::string::npos) {
    skip("freetds", "there is no ODBC driver named 'FreeTDS'");
  }
  CHECK_FALSE(error.facts().hint.empty());
  const std::string all = error.what() + error.facts().hint;
  CHECK(all.find("s3;cr") == std::string::npos);
  CHECK(all.find("PWD") == std::string::npos);
  return error;
}

TEST_CASE("a SQL Server that does not run is unreachable and worth another try", "[odbc]") {
  const ClosedPort port;
  const Error error = error_of_freetds(port.text());
  CHECK(error.code() == ErrorCode::unreachable);
  CHECK(error.facts().retry == Retry::may_help);
  CHECK_THAT(error.what(),
             ContainsSubstring("database 'books' on '127.0.0.1:" + port.text() + "'"));
  CHECK_THAT(error.facts().hint, ContainsSubstring("server runs"));
}

TEST_CASE("a server that is no SQL Server is told from one that is down", "[odbc]") {
  const WrongServer http{"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", false};
  const WrongServer mysql{std::string("\x4a\0\0\0\x0a"
                                      "8.0.30\0",
                                      12) +
                              std::string(64, 'x'),
                          true};
  const WrongServer hangs_up{"", false};
  for (const WrongServer* server : {&http, &mysql, &hangs_up}) {
    const Error error = error_of_freetds(server->port());
    INFO(error.what());
    CHECK(error.code() == ErrorCode::unreachable);
    CHECK(error.facts().retry == Retry::never);
    CHECK_THAT(error.facts().hint, ContainsSubstring("a SQL Server answers"));
  }
}

TEST_CASE("a driver of another kind of server does not take a SQL Server's place", "[odbc]") {
  const Error at_mariadb = error_of_freetds(mariadb().port);
  CHECK(at_mariadb.code() == ErrorCode::unreachable);
  CHECK_THAT(at_mariadb.facts().hint, ContainsSubstring("a SQL Server answers"));
  const Error missing = [] {
    ports::ConnectorOptions options;
    options.profile = "books";
    options.options = {{"driver", "ODBC Driver 99 for SQL Server"}, {"server", "127.0.0.1"}};
    return error_of([&] { open(options); });
  }();
  CHECK(missing.code() == ErrorCode::configuration);
  CHECK_THAT(missing.facts().hint, ContainsSubstring("odbcinst -q -d"));
}

TEST_CASE("a server that goes away in the middle of a discovery is unreachable", "[odbc]") {
  const MariaDbDatabase database;
  database.run("CREATE TABLE t (id INT PRIMARY KEY)");
  database.run("CREATE VIEW slow AS SELECT seq, SLEEP(0.05) AS waited FROM seq_1_to_10000");
  const std::string user = "die" + database.name();
  database.run("CREATE USER '" + user + "'@'127.0.0.1' IDENTIFIED BY 'pw'");
  database.run("GRANT SELECT ON *.* TO '" + user + "'@'127.0.0.1'");
  auto options = database.options();
  options.secrets.clear();
  options.secrets.emplace("user", Secret{user});
  options.secrets.emplace("password", Secret{"pw"});
  auto connector = open(options);
  std::atomic<bool> is_over = false;
  std::jthread killer{[&] {
    while (!is_over) {
      std::this_thread::sleep_for(200ms);
      mariadb().run("KILL USER '" + user + "'@'127.0.0.1'");
    }
  }};
  ports::DiscoveryScope scope;
  scope.statistics = true;
  const Error error = error_of([&] { connector->discover(scope, {}); });
  is_over = true;
  killer.join();
  INFO(error.what());
  CHECK(error.code() == ErrorCode::unreachable);
  CHECK(error.facts().retry == Retry::may_help);
  CHECK_FALSE(error.facts().hint.empty());
  database.run("DROP USER '" + user + "'@'127.0.0.1'");
}

TEST_CASE("a password with every special character reaches the server and no message", "[odbc]") {
  const MariaDbDatabase database;
  const std::string user = "odd" + database.name();
  const std::string password = R"(p !"#$%&'()*+,-./:;<=>?@[\]^_`{|}~}} ; {x)";
  std::string quoted;
  for (const char c : password) {
    quoted += c == '\'' || c == '\\' ? std::string{'\\', c} : std::string{c};
  }
  database.run("CREATE USER '" + user + "'@'127.0.0.1' IDENTIFIED BY '" + quoted + "'");
  database.run("CREATE TABLE here (id INT PRIMARY KEY)");
  database.run("GRANT SELECT ON `" + database.name() + "`.* TO '" + user + "'@'127.0.0.1'");
  auto options = database.options();
  options.secrets.clear();
  options.secrets.emplace("user", Secret{user});
  options.secrets.emplace("password", Secret{password});
  CHECK(open(options)->discover({}, {}).tables().size() == 1);
  options.secrets.erase("password");
  options.secrets.emplace("password", Secret{password + "x"});
  const Error error = error_of([&] { open(options); });
  CHECK(error.code() == ErrorCode::denied);
  CHECK((error.what() + error.facts().hint).find("{|}") == std::string::npos);
  database.run("DROP USER '" + user + "'@'127.0.0.1'");
}

}  // namespace
}  // namespace mapctl::test
