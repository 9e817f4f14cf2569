// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/terminal/terminal.hpp"
#include "core/base/clock.hpp"
#include "core/base/error.hpp"

#include <mutex>
#include <string_view>

namespace mapctl::cli {

enum class LogLevel { error, warning, info, debug };

// Standard error: what the program says to people, or to a log collector with --log-format json
// (one object a line: time, level, message, hint). Safe to call from several threads; never throws.
class Reporter {
 public:
  struct Options {
    LogLevel level = LogLevel::info;
    bool json = false;
    Terminal terminal{};
    const Clock* clock = nullptr;  // for json; may be null
  };
  Reporter() = default;
  explicit Reporter(const Options& options) : options_{options} {}

  void error(const Error::Facts& facts) noexcept;
  void warning(std::string_view message, std::string_view hint = {}) noexcept;
  void info(std::string_view message, std::string_view hint = {}) noexcept;  // "note: ..."
  void debug(std::string_view message) noexcept;
  // One JSON object on a line, whatever the level: events for programs.
  void event(std::string_view json_line) noexcept;
  // The event of schema mapctl.error/1.
  void error_event(const Error::Facts& facts, int exit_code) noexcept;
  // Bytes as they are, for the live view of progress.
  void raw(std::string_view bytes) noexcept;

  const Options& options() const noexcept { return options_; }
  void configure(const Options& options) { options_ = options; }

 private:
  void say(LogLevel level, std::string_view message, std::string_view hint) noexcept;

  std::mutex mutex_;
  Options options_{};
};

}  // namespace mapctl::cli
