// SPDX-License-Identifier: Apache-2.0
#include "connectors/postgres/session.hpp"
#include "core/base/clock.hpp"
#include "core/base/file.hpp"
#include "core/registry/registry.hpp"
#include "tests/integration/postgres/one_value.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/postgres.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

using namespace mapctl;
using namespace mapctl::test;
using Catch::Matchers::ContainsSubstring;
using connectors::postgres::open_registry_session;

namespace {

class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_{name} {
    const char* before = std::getenv(name);
    had_ = before != nullptr;
    before_ = had_ ? before : "";
    ::setenv(name, value.c_str(), 1);
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  ~Variable() { had_ ? ::setenv(name_, before_.c_str(), 1) : ::unsetenv(name_); }

 private:
  const char* name_;
  bool had_ = false;
  std::string before_{};
};

std::string escaped(const std::string& password) {
  std::string text;
  for (const char c : password) {
    text += c == ':' || c == '\\' ? std::string{'\\', c} : std::string{c};
  }
  return text;
}

// A service `registry` of the test server, without a password, and a file of passwords that
// libpq looks into; both as somebody keeps them at home.
class Credentials {
 public:
  Credentials()
      : services_{write("services", "[registry]\nhost=127.0.0.1\nport=" + port() +
                                        "\ndbname=mapctl_test\nuser=mapctl\nconnect_timeout=30\n")},
        passwords_{write("pgpass", "other:*:*:*:hunter2\n127.0.0.1:" + port() +
                                       ":mapctl_test:mapctl:" +
                                       escaped(PostgresServer::password(false)) + "\n")} {}
  std::string write(const char* name, const std::string& text, mode_t mode = 0600) const {
    const std::string path = (folder_.path() / name).string();
    std::ofstream{path} << text;
    ::chmod(path.c_str(), mode);
    return path;
  }
  static std::string port() { return std::to_string(PostgresServer::shared().port()); }
  const std::string& services() const { return services_; }
  const std::string& passwords() const { return passwords_; }
  // Also what no error may show: the password as it is and as it stands in the file.
  static Error::Facts refused(const std::string& url = "postgresql:///?service=registry") {
    const Error::Facts problem = facts_of([&] { open_registry_session({Secret{url}}); });
    const std::string said = problem.message + "\n" + problem.hint;
    for (const std::string& secret :
         {PostgresServer::password(false), escaped(PostgresServer::password(false)),
          std::string{"hunter2"}, std::string{"not-the-password"}}) {
      CHECK_THAT(said, !ContainsSubstring(secret));
    }
    CHECK_FALSE(problem.hint.empty());
    CHECK(problem.retry == Retry::never);
    return problem;
  }

 private:
  TemporaryDirectory folder_{};
  std::string services_, passwords_;
};

}  // namespace

TEST_CASE("a registry is found by a service and opened by a password file", "[postgres]") {
  const Credentials credentials;
  const Variable services{"PGSERVICEFILE", credentials.services()};
  const Variable passwords{"PGPASSFILE", credentials.passwords()};
  const std::string schema = "service" + std::to_string(::getpid());
  const std::string url = "postgresql:///?service=registry&schema=" + schema;
  {
    const auto session = open_registry_session({Secret{url}, true});
    CHECK(value(*session,
                "SELECT current_user || ' ' || current_database() || ' ' || "
                "current_schema() || ' ' || inet_server_port()") ==
          "mapctl mapctl_test " + schema + " " + Credentials::port());
    registry::initialise(*session, system_clock());
  }
  {
    // As the environment names it, which is how a scheduler does.
    const Variable service{"PGSERVICE", "registry"};
    registry::Registry opened{open_registry_session({Secret{"postgresql://?schema=" + schema}}),
                              system_clock(),
                              {TenantName{"default"}, UserName{"ada"}}};
    CHECK(opened.status().mappings == 0);
  }
  {
    // The URL goes before the service.
    const auto session = open_registry_session({Secret{
        "postgresql:///postgres?service=registry&passfile=" +
        credentials.write("own pass", "*:*:postgres:mapctl:" +
                                          escaped(PostgresServer::password(false)) + "\n")}});
    CHECK(value(*session, "SELECT current_database()") == "postgres");
  }
  open_registry_session({Secret{url}})->execute("DROP SCHEMA " + schema + " CASCADE");
}

TEST_CASE("a service that cannot be had says so", "[postgres]") {
  const Credentials credentials;
  {
    const Variable services{"PGSERVICEFILE", credentials.services()};
    const Error::Facts unknown = Credentials::refused("postgresql:///?service=regsitry");
    CHECK(unknown.code == ErrorCode::configuration);
    CHECK_THAT(unknown.message, ContainsSubstring("regsitry"));
    CHECK_THAT(unknown.hint, ContainsSubstring("PGSERVICEFILE"));
  }
  {
    const Variable services{"PGSERVICEFILE", credentials.services() + ".gone"};
    const Error::Facts missing = Credentials::refused();
    CHECK(missing.code == ErrorCode::configuration);
    CHECK_THAT(missing.message, ContainsSubstring(".gone"));
  }
  const Variable services{"PGSERVICEFILE",
                          credentials.write("broken", "[registry]\nhost=127.0.0.1\nhunter2\n")};
  const Error::Facts broken = Credentials::refused();
  CHECK(broken.code == ErrorCode::configuration);
  CHECK_THAT(broken.message, ContainsSubstring("line 3"));
}

TEST_CASE("a password file that gives no password says why and what helps", "[postgres]") {
  const Credentials credentials;
  const Variable services{"PGSERVICEFILE", credentials.services()};
  const std::string right = "*:*:*:mapctl:" + escaped(PostgresServer::password(false)) + "\n";
  const std::string place = "127.0.0.1:" + Credentials::port() + ":mapctl_test:mapctl";
  {
    const std::string open = credentials.write("open", right, 0644);
    const Variable passwords{"PGPASSFILE", open};
    const Error::Facts problem = Credentials::refused();
    CHECK(problem.code == ErrorCode::denied);
    CHECK_THAT(problem.message, ContainsSubstring("'" + open + "'"));
    CHECK_THAT(problem.message, ContainsSubstring("mode 0644"));
    CHECK(problem.hint == "chmod 0600 '" + open + "'");
    ::chmod(open.c_str(), 0600);
    CHECK(value(*open_registry_session({Secret{"postgresql:///?service=registry"}}), "SELECT 1") ==
          "1");
  }
  {
    const std::string other = credentials.write("ssl service", "elsewhere:*:*:mapctl:hunter2\n");
    const Variable passwords{"PGPASSFILE", other};
    const Error::Facts problem = Credentials::refused();
    CHECK(problem.code == ErrorCode::denied);
    CHECK_THAT(problem.message, ContainsSubstring("no line of password file '" + other + "'"));
    CHECK_THAT(problem.message, ContainsSubstring(place));
    CHECK_THAT(problem.hint, ContainsSubstring(place + ":PASSWORD"));
  }
  {
    const Variable passwords{"PGPASSFILE", credentials.passwords() + ".gone"};
    const Error::Facts problem = Credentials::refused();
    CHECK(problem.code == ErrorCode::denied);
    CHECK_THAT(problem.message, ContainsSubstring("there is no password file"));
    CHECK_THAT(problem.hint, ContainsSubstring("PGPASSWORD"));
    // Another way to the password does without the file.
    const Variable password{"PGPASSWORD", PostgresServer::password(false)};
    CHECK(value(*open_registry_session({Secret{"postgresql:///?service=registry"}}), "SELECT 1") ==
          "1");
  }
  {
    const Variable passwords{"PGPASSFILE",
                             std::filesystem::path{credentials.services()}.parent_path()};
    CHECK_THAT(Credentials::refused().message, ContainsSubstring("no ordinary file"));
  }
  const std::string wrong = credentials.write("wrong", "*:*:*:mapctl:not-the-password\n");
  const Variable passwords{"PGPASSFILE", wrong};
  const Error::Facts problem = Credentials::refused();
  CHECK(problem.code == ErrorCode::denied);
  CHECK(problem.native_code == "28P01");
  CHECK(problem.hint == "check the line of '" + wrong + "' for " + place);
}
