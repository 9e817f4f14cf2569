// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/support/source_path.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <vector>

extern "C" char** environ;  // NOLINT: POSIX declares it nowhere

namespace mapctl::test {

// tests/support/rest_server.py, or another server there, on a free port of 127.0.0.1, as long as
// this lives.
class RestServer {
 public:
  explicit RestServer(std::vector<std::string> arguments = {},
                      const std::string& script = "rest_server.py") {
    // -B: no compiled modules among the sources.
    arguments.insert(arguments.begin(), {"python3", "-B", source_path("tests/support/" + script)});
    std::vector<char*> argv;
    for (std::string& argument : arguments) {
      argv.push_back(argument.data());
    }
    argv.push_back(nullptr);
    int input[2];
    int output[2];
    if (::pipe2(input, O_CLOEXEC) != 0 || ::pipe2(output, O_CLOEXEC) != 0) {
      throw std::runtime_error{"no pipe"};
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input[0], 0);
    posix_spawn_file_actions_adddup2(&actions, output[1], 1);
    const int failed =
        ::posix_spawnp(&process_, argv[0], &actions, nullptr, argv.data(), ::environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(input[0]);
    ::close(output[1]);
    input_ = input[1];
    char c = 0;
    while (failed == 0 && ::read(output[0], &c, 1) == 1 && c != '\n') {
      port_ += c;
    }
    ::close(output[0]);
    if (port_.empty()) {
      throw std::runtime_error{script + " did not start"};
    }
  }
  RestServer(const RestServer&) = delete;
  RestServer& operator=(const RestServer&) = delete;
  ~RestServer() {
    ::close(input_);
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }

  const std::string& port() const noexcept { return port_; }
  std::string url(const std::string& path = {}) const { return "http://127.0.0.1:" + port_ + path; }

 private:
  pid_t process_ = -1;
  int input_ = -1;
  std::string port_;
};

}  // namespace mapctl::test
