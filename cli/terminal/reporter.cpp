// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal/reporter.hpp"

#include "core/base/json.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

namespace mapctl::cli {
namespace {

// Messages are worth less than the work: one that cannot be written is dropped.
void write_all(std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t count = ::write(2, bytes.data(), bytes.size());
    if (count < 0) {
      if (errno == EINTR) {
        continue;
      }
      return;
    }
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

std::string_view word_of(LogLevel level) {
  switch (level) {
    case LogLevel::error: return "error";
    case LogLevel::warning: return "warning";
    case LogLevel::info: return "note";
    case LogLevel::debug: return "debug";
  }
  return "note";
}

Style style_of(LogLevel level) {
  switch (level) {
    case LogLevel::error: return Style::red;
    case LogLevel::warning: return Style::yellow;
    case LogLevel::info: return Style::blue;
    case LogLevel::debug: return Style::dim;
  }
  return Style::plain;
}

void append_member(std::string& line, std::string_view name, std::string_view value) {
  append_json_string(line, name);
  line += ':';
  append_json_string(line, value);
}

}  // namespace

void Reporter::say(LogLevel level, std::string_view message, std::string_view hint) noexcept {
  if (level > options_.level) {
    return;
  }
  try {
    std::string text;
    if (options_.json) {
      text = "{";
      if (options_.clock != nullptr) {
        append_member(text, "time", to_iso8601(options_.clock->now()));
        text += ',';
      }
      append_member(text, "level", level == LogLevel::info ? "info" : word_of(level));
      text += ',';
      append_member(text, "message", message);
      if (!hint.empty()) {
        text += ',';
        append_member(text, "hint", hint);
      }
      text += "}\n";
    } else {
      text = fmt::format(
          "{} {}\n", styled(fmt::format("{}:", word_of(level)), style_of(level), options_.terminal),
          printable(message));
      if (!hint.empty()) {
        text += fmt::format("{} {}\n", styled("hint:", Style::bold, options_.terminal),
                            printable(hint));
      }
    }
    const std::lock_guard lock{mutex_};
    write_all(text);
  } catch (...) {
    write_all("error: out of memory while reporting\n");
  }
}

void Reporter::error(const Error::Facts& facts) noexcept {
  say(LogLevel::error, facts.message, facts.hint);
}

void Reporter::warning(std::string_view message, std::string_view hint) noexcept {
  say(LogLevel::warning, message, hint);
}

void Reporter::info(std::string_view message, std::string_view hint) noexcept {
  say(LogLevel::info, message, hint);
}

void Reporter::debug(std::string_view message) noexcept {
  say(LogLevel::debug, message, {});
}

void Reporter::event(std::string_view json_line) noexcept {
  try {
    const std::string line = fmt::format("{}\n", json_line);
    const std::lock_guard lock{mutex_};
    write_all(line);
  } catch (...) {
    write_all("error: out of memory while reporting\n");
  }
}

void Reporter::error_event(const Error::Facts& facts, int exit_code) noexcept {
  try {
    Json error = {{"code", to_string(facts.code)},
                  {"message", facts.message},
                  {"hint", facts.hint.empty() ? Json(nullptr) : Json(facts.hint)}};
    if (!facts.native_code.empty()) {
      error["native_code"] = facts.native_code;
    }
    event(to_line(
        Json{{"schema", "mapctl.error/1"}, {"error", std::move(error)}, {"exit_code", exit_code}}));
  } catch (...) {
    write_all("error: out of memory while reporting\n");
  }
}

void Reporter::raw(std::string_view bytes) noexcept {
  try {
    const std::lock_guard lock{mutex_};
    write_all(bytes);
  } catch (...) {
    write_all(bytes);
  }
}

}  // namespace mapctl::cli
