// SPDX-License-Identifier: Apache-2.0
#include "cli/command.hpp"
#include "cli/program.hpp"
#include "cli/wiring.hpp"
#include "core/base/error.hpp"
#include "core/base/thread.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <new>
#include <optional>
#include <stop_token>
#include <string_view>
#include <thread>

namespace mapctl::cli {
namespace {

// Turns SIGINT and SIGTERM into a stop request. They are blocked before any other thread starts,
// so that this thread alone receives them; a second one ends the program at once.
class SignalWaiter {
 public:
  SignalWaiter() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGINT);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, wake_up);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    thread_ = start_thread([this] { wait(); });
    if (!thread_) {
      pthread_sigmask(SIG_UNBLOCK, &set_, nullptr);  // they end the program at once
    }
  }
  SignalWaiter(const SignalWaiter&) = delete;
  SignalWaiter& operator=(const SignalWaiter&) = delete;
  ~SignalWaiter() {
    finished_ = true;
    if (thread_) {
      pthread_kill(thread_->native_handle(), wake_up);
    }
  }

  std::stop_token token() const { return source_.get_token(); }
  int received() const noexcept { return received_; }  // 0: none

 private:
  static constexpr int wake_up = SIGUSR1;

  void wait() {
    for (;;) {
      int number = 0;
      if (sigwait(&set_, &number) != 0) {
        continue;
      }
      if (finished_) {
        return;
      }
      if (number == wake_up) {
        continue;
      }
      if (received_ != 0) {
        end_at_once(number);
      }
      received_ = number;
      source_.request_stop();
    }
  }

  static void end_at_once(int number) {
    std::signal(number, SIG_DFL);
    sigset_t only;
    sigemptyset(&only);
    sigaddset(&only, number);
    pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
    ::kill(::getpid(), number);
  }

  sigset_t set_{};
  std::stop_source source_;
  std::atomic<int> received_ = 0;
  std::atomic<bool> finished_ = false;
  std::optional<std::jthread> thread_{};
};

ExitCode exit_code_of(const Error::Facts& facts) {
  switch (facts.code) {
    case ErrorCode::usage:
    case ErrorCode::configuration: return ExitCode::usage;
    case ErrorCode::unreachable: return ExitCode::unreachable;
    case ErrorCode::denied:
      // A file of ours that may not be read or written is no system that refused us.
      return facts.native_code.starts_with("errno ") ? ExitCode::failed : ExitCode::unreachable;
    default: return ExitCode::failed;
  }
}

Error::Facts facts_of(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const Error& error) {
    return error.facts();
  } catch (const std::bad_alloc&) {
    return {ErrorCode::resource_limit,
            "out of memory",
            "use a smaller scope or fewer --jobs",
            {},
            Retry::never};
  } catch (const std::exception& error) {
    return {ErrorCode::internal,
            fmt::format("internal error: {}", error.what()),
            "this is a defect of mapctl; please report it with the command line",
            {},
            Retry::never};
  } catch (...) {
    return {ErrorCode::internal,
            "internal error of an unknown kind",
            "this is a defect of mapctl; please report it with the command line",
            {},
            Retry::never};
  }
}

ExitCode report(const Error::Facts& facts, Reporter& reporter, bool as_json, int signal) {
  ExitCode code = exit_code_of(facts);
  if (facts.code == ErrorCode::cancelled && signal != 0) {
    code = signal == SIGTERM ? ExitCode::terminated : ExitCode::interrupted;
  }
  reporter.error(facts);
  if (as_json) {
    reporter.error_event(facts, static_cast<int>(code));
  }
  return code;
}

// Whether errors are wanted as JSON, for those that come up before the settings are known.
bool asks_for_json(int argc, const char* const* argv) {
  const char* variable = std::getenv("MAPCTL_FORMAT");
  std::string_view format = variable == nullptr ? "" : variable;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--format" && i + 1 < argc) {
      format = argv[i + 1];
    } else if (argument.starts_with("--format=")) {
      format = argument.substr(9);
    }
  }
  return format == "json" || format == "jsonl";
}

ColorMode color_mode(std::string_view word) {
  return word == "always"  ? ColorMode::always
         : word == "never" ? ColorMode::never
                           : ColorMode::automatic;
}

Format format_from(std::string_view word) {
  return word == "json"    ? Format::json
         : word == "jsonl" ? Format::jsonl
         : word == "csv"   ? Format::csv
                           : Format::table;
}

LogLevel log_level(const config::Settings& settings) {
  const std::string word = settings.text("log_level");
  if (settings.boolean("quiet") || word == "error") {
    return LogLevel::error;
  }
  return word == "warning" ? LogLevel::warning : word == "debug" ? LogLevel::debug : LogLevel::info;
}

config::Settings read_settings(const Program& program) {
  config::SettingSources sources;
  sources.flags = program.flags();
  sources.environment = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>{value};
  };
  sources.working_directory = std::filesystem::current_path();
  return config::load_settings(sources);
}

ExitCode run_command(Program& program, const config::Settings& settings, Output& out,
                     Reporter& reporter, SignalWaiter& signals) {
  const ColorMode color = color_mode(settings.text("color"));
  Wiring wiring{executable_directory()};
  CommandContext::Parts parts;
  parts.settings = &settings;
  parts.out = &out;
  parts.reporter = &reporter;
  parts.stdout_terminal = Terminal::of(STDOUT_FILENO, color);
  parts.stderr_terminal = Terminal::of(STDERR_FILENO, color);
  parts.format = format_from(settings.text("format"));
  parts.progress = parts.stderr_terminal.is_terminal && !settings.boolean("no_progress") &&
                   !settings.boolean("quiet");
  parts.stop = signals.token();
  parts.signal = [&signals] { return signals.received(); };
  parts.clock = &system_clock();
  parts.wiring = &wiring;
  reporter.configure({log_level(settings), settings.text("log_format") == "json",
                      parts.stderr_terminal, parts.clock});
  CommandContext context{parts};
  const ExitCode code = program.command().run(context);
  out.flush();
  return code;
}

int run(int argc, const char* const* argv) {
  Output out;
  Reporter reporter;
  bool as_json = asks_for_json(argc, argv);
  std::optional<SignalWaiter> signals;
  try {
    Program program;
    if (program.parse(argc, argv, out) == Program::Outcome::answered) {
      out.flush();
      return static_cast<int>(ExitCode::done);
    }
    const config::Settings settings = read_settings(program);
    const std::string format = settings.text("format");
    as_json = as_json || format == "json" || format == "jsonl";
    signals.emplace();
    ExitCode code = run_command(program, settings, out, reporter, *signals);
    if (code == ExitCode::interrupted && signals->received() == SIGTERM) {
      code = ExitCode::terminated;
    }
    return static_cast<int>(code);
  } catch (...) {
    const Error::Facts facts = facts_of(std::current_exception());
    // What was printed before the error is still true.
    try {
      out.flush();
    } catch (const Error&) {
      // The first error counts.
    }
    return static_cast<int>(report(facts, reporter, as_json, signals ? signals->received() : 0));
  }
}

}  // namespace
}  // namespace mapctl::cli

int main(int argc, char* argv[]) {
  // Asked by scripts again and again: answered before anything is set up.
  if (argc == 2 && std::string_view{argv[1]} == "--version") {
    constexpr std::string_view text = "mapctl " MAPCTL_VERSION "\n";
    return ::write(STDOUT_FILENO, text.data(), text.size()) == static_cast<ssize_t>(text.size())
               ? 0
               : 1;
  }
  // A reader that goes away is noticed by Output.
  std::signal(SIGPIPE, SIG_IGN);
  // A file that may not grow is an error of the write, like a full disk.
  std::signal(SIGXFSZ, SIG_IGN);
  return mapctl::cli::run(argc, argv);
}
