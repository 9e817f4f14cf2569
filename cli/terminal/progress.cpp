// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal/progress.hpp"

#include "cli/terminal/reporter.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/base/thread.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace mapctl::cli {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t bar_width = 20;
constexpr std::size_t shown_items = 8;
constexpr auto redraw_every = 100ms;

std::string cut(std::string text, std::size_t width) {
  if (width == 0 || display_width(text) <= width) {
    return text;
  }
  std::size_t count = std::min(utf8_length(text), width);
  while (count > 0 && display_width(utf8_prefix(text, count)) + 1 > width) {
    --count;
  }
  return std::string{utf8_prefix(text, count)} + "…";
}

std::string bar(std::size_t done, std::size_t total) {
  const std::size_t filled = std::min(bar_width, done * bar_width / total);
  std::string result = "[";
  result += std::string(filled, '#');
  result += std::string(bar_width - filled, '.');
  return result + "]";
}

}  // namespace

std::vector<std::string> render_progress(const ProgressState& state, const Terminal& terminal,
                                         std::size_t max_items) {
  // One column is left free: a full line would move the cursor to the next one.
  const std::size_t width = terminal.width > 1 ? terminal.width - 1 : 0;
  std::string overall = state.phase;
  if (state.total > 0) {  // else the phase has no parts to count
    overall += fmt::format(" {} {}/{}", bar(state.done, state.total), state.done, state.total);
  }
  if (state.failed > 0) {
    overall += fmt::format(", {} failed", state.failed);
  }
  if (state.done > 0 && state.seconds > 0) {
    const double rate = static_cast<double>(state.done) / state.seconds;
    overall += fmt::format(", {:.1f}/s", rate);
    if (state.done < state.total) {
      overall += fmt::format(", {} left",
                             human_duration(static_cast<double>(state.total - state.done) / rate));
    }
  }
  std::vector<std::string> lines{cut(std::move(overall), width)};
  std::size_t shown = 0;
  for (const auto& [item, label] : state.running) {
    if (shown == max_items) {
      lines.push_back(cut(fmt::format("  and {} more", state.running.size() - max_items), width));
      break;
    }
    const auto began = state.since.find(item);
    const double seconds =
        began == state.since.end() ? 0 : std::max(0.0, state.seconds - began->second);
    lines.push_back(cut(fmt::format("  {} {}", printable(label), human_duration(seconds)), width));
    ++shown;
  }
  return lines;
}

Progress::Progress(Reporter& reporter, const Clock& clock, Mode mode)
    : reporter_{reporter}, clock_{clock}, mode_{mode} {
  if (mode_ != Mode::live) {
    return;
  }
  auto thread = start_thread([this](std::stop_token stop) {
    std::unique_lock lock{mutex_};
    while (!stop.stop_requested()) {
      draw();
      wake_.wait_for(lock, stop, redraw_every, [] { return false; });
    }
  });
  if (thread) {
    thread_ = std::move(*thread);
  }
}

Progress::~Progress() {
  stop();
}

void Progress::start_phase(std::string_view phase, std::size_t total) {
  const std::lock_guard lock{mutex_};
  state_ = ProgressState{};
  state_.phase = phase;
  state_.total = total;
  phase_began_ = clock_.elapsed();
  if (mode_ == Mode::json_lines) {
    reporter_.event(
        to_line({{"event", "phase_started"}, {"phase", state_.phase}, {"total", total}}));
  }
}

void Progress::start_item(std::size_t item, std::string_view label) {
  const std::lock_guard lock{mutex_};
  state_.running[item] = label;
  state_.since[item] = clock_.elapsed() - phase_began_;
  if (mode_ == Mode::json_lines) {
    reporter_.event(
        to_line({{"event", "started"}, {"phase", state_.phase}, {"item", item}, {"label", label}}));
  }
}

void Progress::finish_item(std::size_t item, std::string_view label, std::string_view status,
                           double seconds) {
  const std::lock_guard lock{mutex_};
  state_.running.erase(item);
  state_.since.erase(item);
  ++state_.done;
  if (status == "failed") {
    ++state_.failed;
  }
  if (mode_ == Mode::json_lines) {
    reporter_.event(to_line({{"event", "finished"},
                             {"phase", state_.phase},
                             {"item", item},
                             {"label", label},
                             {"status", status},
                             {"seconds", seconds},
                             {"done", state_.done},
                             {"total", state_.total}}));
  }
}

void Progress::note(std::string_view line) {
  const std::lock_guard lock{mutex_};
  erase();
  reporter_.info(line);
}

void Progress::stop() noexcept {
  thread_.request_stop();
  if (thread_.joinable()) {
    thread_.join();
  }
  const std::lock_guard lock{mutex_};
  erase();
  mode_ = Mode::none;
}

// Called with the mutex held.
void Progress::draw() {
  if (state_.phase.empty()) {
    return;
  }
  state_.seconds = clock_.elapsed() - phase_began_;
  const std::vector<std::string> lines =
      render_progress(state_, reporter_.options().terminal, shown_items);
  std::string text;
  if (drawn_lines_ > 0) {
    text += fmt::format("\x1b[{}A", drawn_lines_);
  }
  for (const std::string& line : lines) {
    text += fmt::format("\r{}\x1b[K\n", line);
  }
  // What a longer view left below.
  text += "\x1b[J";
  reporter_.raw(text);
  drawn_lines_ = lines.size();
}

void Progress::erase() noexcept {
  if (drawn_lines_ == 0) {
    return;
  }
  try {
    reporter_.raw(fmt::format("\x1b[{}A\r\x1b[J", drawn_lines_));
  } catch (...) {
    reporter_.raw("\n");
  }
  drawn_lines_ = 0;
}

}  // namespace mapctl::cli
