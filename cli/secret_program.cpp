// SPDX-License-Identifier: Apache-2.0
#include "cli/secret_program.hpp"

#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <optional>
#include <thread>
#include <vector>

namespace mapctl::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds program_limit{30};
constexpr std::size_t output_limit = 1U << 20U;

// A child that is killed and waited for when nobody did before.
class Child {
 public:
  explicit Child(std::vector<std::string> words) : words_{std::move(words)} {
    std::vector<char*> arguments;
    for (std::string& word : words_) {
      arguments.push_back(word.data());
    }
    arguments.push_back(nullptr);
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
      throw_io_error(errno, "make a pipe for", words_[0]);
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    // This program blocks some signals and ignores others, which a child would inherit.
    sigset_t none, usual;
    sigemptyset(&none);
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    sigaddset(&usual, SIGXFSZ);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &usual);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    const int failed =
        ::posix_spawnp(&process_, arguments[0], &actions, &attributes, arguments.data(), ::environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    output_ = ends[0];
    if (failed != 0) {
      ::close(output_);
      throw_io_error(failed, "run", words_[0]);
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    ::close(output_);
    if (!status_) {
      ::kill(process_, SIGKILL);
      wait(0);
    }
  }

  const std::string& name() const noexcept { return words_[0]; }

  // Appends what has come within `milliseconds`; false at the end of what it prints.
  bool read(std::string& text, int milliseconds) {
    pollfd ready{output_, POLLIN, 0};
    if (::poll(&ready, 1, milliseconds) <= 0) {
      return true;
    }
    char buffer[4096];
    const ssize_t count = ::read(output_, buffer, sizeof buffer);
    if (count > 0) {
      text.append(buffer, static_cast<std::size_t>(count));
    }
    return count > 0 || (count < 0 && errno == EINTR);
  }

  // As waitpid gives it; nothing while it runs.
  std::optional<int> ended() {
    if (!status_) {
      wait(WNOHANG);
    }
    return status_;
  }

 private:
  void wait(int options) {
    int status = 0;
    pid_t waited;
    do {
      waited = ::waitpid(process_, &status, options);
    } while (waited < 0 && errno == EINTR);
    if (waited == process_) {
      status_ = status;
    }
  }

  std::vector<std::string> words_;
  pid_t process_ = -1;
  int output_ = -1;
  std::optional<int> status_{};
};

}  // namespace

std::string output_of_program(std::string_view line, const std::stop_token& stop) {
  std::vector<std::string> words;
  for (const std::string_view word : split(line, ' ')) {
    if (!word.empty()) {
      words.emplace_back(word);
    }
  }
  if (words.empty()) {
    throw Error{ErrorCode::configuration, "no program is named", "write ${cmd:PROGRAM ARGUMENT}"};
  }
  Child child{std::move(words)};
  const auto fail = [&](std::string_view problem) {
    throw Error{ErrorCode::configuration, fmt::format("program '{}' {}", child.name(), problem),
                "run it by hand and look at what it prints"};
  };
  std::string text;
  const auto until = Clock::now() + program_limit;
  bool prints = true;
  for (;;) {
    if (stop.stop_requested()) {
      throw Error{ErrorCode::cancelled, fmt::format("program '{}' was interrupted", child.name())};
    }
    if (Clock::now() >= until) {
      fail(fmt::format("did not end within {} seconds", program_limit.count()));
    }
    if (text.size() > output_limit) {
      fail("printed more than 1 MiB");
    }
    if (prints) {
      prints = child.read(text, 50);
    } else if (const auto status = child.ended()) {
      if (!WIFEXITED(*status) || WEXITSTATUS(*status) != 0) {
        fail("failed");
      }
      break;
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
  }
  while (text.ends_with('\n') || text.ends_with('\r')) {
    text.pop_back();
  }
  return text;
}

}  // namespace mapctl::cli
