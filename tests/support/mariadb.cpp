// SPDX-License-Identifier: Apache-2.0
#include "tests/support/mariadb.hpp"

#include "connectors/odbc/connection.hpp"
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <stdexcept>
#include <utility>

namespace mapctl::test {
namespace {

std::string environment(const char* name, const std::string& otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : value;
}

// Waits for the script, whose words belong to nobody's output.
void call_script(const std::string& verb, const std::string& state, bool is_plain = false) {
  const std::string script =
      environment("MAPCTL_TEST_SOURCE_DIR", ".") + "/tests/support/mariadb_server.py";
  const pid_t child = ::fork();
  if (child == 0) {
    const int nothing = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    ::dup2(nothing, 1);
    ::execlp("python3", "python3", script.c_str(), verb.c_str(), state.c_str(),
             is_plain ? "plain" : nullptr, nullptr);
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (status != 0) {
    throw std::runtime_error{"mariadb_server.py " + verb + " failed"};
  }
}

std::vector<std::string> read_lines(const std::string& path) {
  std::ifstream file{path};
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    lines.push_back(line);
  }
  return lines;
}

bool is_alive(const std::vector<std::string>& state) {
  return state.size() >= 6 && ::kill(std::stoi(state[2]), 0) == 0;
}

class OwnServer {
 public:
  explicit OwnServer(bool is_plain) : state_{folder_.path() / "state"} {
    call_script("start", state_, is_plain);
  }
  ~OwnServer() {
    try {
      call_script("stop", state_);
    } catch (const std::exception&) {
      // It ends by itself after a while.
    }
  }
  std::vector<std::string> lines() const { return read_lines(state_); }

 private:
  TemporaryDirectory folder_;
  std::string state_;
};

std::vector<std::string> find_server() {
  // tests/support/CMakeLists.txt starts it there.
  const auto shared =
      read_lines(environment("MAPCTL_TEST_BINARY_DIR", ".") + "/tests/support/mariadb.state");
  // A server of another user cannot be asked with signal 0; the connection then tells.
  if (is_alive(shared)) {
    return shared;
  }
  static const OwnServer own{false};
  return own.lines();
}

std::unique_ptr<MariaDbServer> ready_server(const std::vector<std::string>& lines) {
  if (lines.size() < 6) {
    return nullptr;
  }
  auto found =
      std::make_unique<MariaDbServer>(MariaDbServer{lines[0], lines[1], lines[4], lines[5]});
  try {
    found->run("SET @ready = 1");
  } catch (const Error& error) {
    if (error.code() == ErrorCode::configuration) {
      return nullptr;  // no driver
    }
    throw;
  }
  return found;
}

}  // namespace

const MariaDbServer* find_mariadb() {
  static const std::unique_ptr<MariaDbServer> server = ready_server(find_server());
  return server.get();
}

const MariaDbServer* find_mariadb_without_tls() {
  static const OwnServer own{true};
  static const std::unique_ptr<MariaDbServer> server = ready_server(own.lines());
  return server.get();
}

ports::ConnectorOptions MariaDbServer::options(const std::string& database) const {
  ports::ConnectorOptions made;
  made.profile = "shop";
  made.options = {{"driver", "MariaDB Unicode"}, {"server", "127.0.0.1"}, {"port", port}};
  if (!database.empty()) {
    made.options["database"] = database;
  }
  made.secrets.emplace("user", Secret{user});
  made.secrets.emplace("password", Secret{password});
  return made;
}

void MariaDbServer::run(const std::string& sql, const std::string& database) const {
  using Place = std::pair<std::string, std::string>;
  static std::map<Place, std::unique_ptr<connectors::odbc::Connection>> connections;
  auto& connection = connections[{port, database}];
  if (connection == nullptr) {
    connection = std::make_unique<connectors::odbc::Connection>(
        std::make_shared<const connectors::odbc::Settings>(
            connectors::odbc::parse_options(options(database))),
        std::stop_token{});
  }
  connection->execute(sql);
}

std::string mariadb_name(const std::string& name) {
  return "`" + replace_all(name, "`", "``") + "`";
}

}  // namespace mapctl::test
