// SPDX-License-Identifier: Apache-2.0
// Start-up: `mapctl --version` against a hello-world, and `mapctl propose` on two small
// dictionaries. Processes are started alternately, so that noise meets both sides.
#include "tests/bench/figure.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

double milliseconds(const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  for (const std::string& word : command) {
    arguments.push_back(const_cast<char*>(word.c_str()));
  }
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  const auto start = Clock::now();
  pid_t child = 0;
  const int problem =
      posix_spawn(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  int status = 0;
  if (problem == 0) {
    waitpid(child, &status, 0);
  }
  const auto end = Clock::now();
  posix_spawn_file_actions_destroy(&actions);
  if (problem != 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    throw std::runtime_error{"'" + command[0] + "' did not run"};
  }
  return std::chrono::duration<double, std::milli>(end - start).count();
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<long>(values.size() / 2),
                   values.end());
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    fmt::print(stderr, "usage: {} HELLO MAPCTL EXAMPLES_DIR\n", argv[0]);
    return 2;
  }
  const std::string hello = argv[1];
  const std::string program = argv[2];
  const std::string examples = std::string{argv[3]} + "/two-dictionaries";
  const std::vector<std::string> propose = {
      program,    "propose",
      "--source", "dictionary:" + examples + "/legacy.csv",
      "--target", "dictionary:" + examples + "/warehouse.csv"};
  constexpr int runs = 60;
  std::vector<double> hellos;
  std::vector<double> versions;
  std::vector<double> proposals;
  for (int run = 0; run < runs; ++run) {
    hellos.push_back(milliseconds({hello}));
    versions.push_back(milliseconds({program, "--version"}));
    proposals.push_back(milliseconds(propose));
  }
  using mapctl::bench::figure;
  figure("start-up", "C++ hello-world", median(hellos), "ms");
  figure("start-up", "mapctl --version", median(versions), "ms");
  figure("start-up", "mapctl --version against hello-world", median(versions) / median(hellos), "x",
         2.0);
  figure("start-up", "mapctl propose on two small dictionaries", median(proposals), "ms", 15);
  return 0;
}
