// SPDX-License-Identifier: Apache-2.0
#include "tests/support/postgres.hpp"

#include "tests/support/catch.hpp"

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <utility>

namespace mapctl::test {
namespace fs = std::filesystem;
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string{} : std::string{value};
}

void run_script(const char* action, const fs::path& info) {
  const fs::path script =
      fs::path{environment("MAPCTL_TEST_SOURCE_DIR")} / "tests/support/postgres_server.sh";
  const std::string command = "'" + script.string() + "' " + action + " '" + info.string() + "'";
  if (std::system(command.c_str()) != 0) {
    throw std::runtime_error{"failed: " + command};
  }
}

fs::path own_info() {
  static std::atomic<int> number{0};
  const std::string folder = environment("TMPDIR");
  return fs::path{folder.empty() ? "/tmp" : folder} /
         ("mapctl-pg-" + std::to_string(getpid()) + "-" + std::to_string(++number) + ".info");
}

fs::path started(fs::path info) {
  run_script("start", info);
  return info;
}

}  // namespace

PostgresServer::PostgresServer(fs::path info, bool is_ours)
    : info_{std::move(info)}, is_ours_{is_ours} {
  read();
}

PostgresServer::PostgresServer() : PostgresServer{started(own_info()), true} {
  if (!missing_.empty()) {
    skip("postgres", missing_);
  }
}

PostgresServer::~PostgresServer() {
  if (is_ours_) {
    try {
      run_script("stop", info_);
    } catch (const std::exception&) {
      // The folder stays behind; nothing else depends on it.
    }
  }
}

void PostgresServer::read() {
  std::ifstream file{info_};
  for (std::string line; std::getline(file, line);) {
    const std::size_t equals = line.find('=');
    const std::string key = line.substr(0, equals);
    const std::string value = equals == line.npos ? std::string{} : line.substr(equals + 1);
    if (key == "reason") {
      missing_ = value.empty() ? "no server" : value;
    } else if (key == "directory") {
      directory_ = value;
    } else if (key == "port") {
      port_ = std::stoi(value);
    }
  }
}

const PostgresServer& PostgresServer::of_run() {
  static const std::unique_ptr<PostgresServer> server = [] {
    const fs::path info = environment("MAPCTL_TEST_POSTGRES");
    return std::unique_ptr<PostgresServer>{!info.empty() && fs::exists(info)
                                               ? new PostgresServer{info, false}
                                               : new PostgresServer{started(own_info()), true}};
  }();
  return *server;
}

const PostgresServer& PostgresServer::shared() {
  const PostgresServer& server = of_run();
  if (!server.missing_.empty()) {
    skip("postgres", server.missing_);
  }
  return server;
}

const PostgresServer* PostgresServer::find() {
  const PostgresServer& server = of_run();
  return server.missing_.empty() ? &server : nullptr;
}

std::string PostgresServer::url(const std::string& role, const std::string& parameters) const {
  return "postgresql://" + role + "@/mapctl_test?host=" + directory_.string() +
         "&port=" + std::to_string(port_) + (parameters.empty() ? "" : "&" + parameters);
}

std::string PostgresServer::tcp_url(const std::string& password,
                                    const std::string& parameters) const {
  return "postgresql://mapctl:" + password + "@127.0.0.1:" + std::to_string(port_) +
         "/mapctl_test" + (parameters.empty() ? "" : "?" + parameters);
}

std::string PostgresServer::password(bool escaped) {
  return escaped ? "p%40ss%3Aw%2Frd%20%27%22%3F%23%25%26%3D" : "p@ss:w/rd '\"?#%&=";
}

void PostgresServer::halt() const {
  run_script("halt", info_);
}

void PostgresServer::resume() const {
  run_script("resume", info_);
}

}  // namespace mapctl::test
