// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/terminal/terminal.hpp"
#include "core/base/clock.hpp"

#include <condition_variable>
#include <cstddef>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace mapctl::cli {

class Reporter;

// What progress looks like at one moment; rendered by render_progress(), which tests call too.
struct ProgressState {
  std::string phase{};  // "reading", "proposing", "writing the workbook"
  std::size_t total = 0;
  std::size_t done = 0;
  std::size_t failed = 0;
  double seconds = 0;                            // since the start of the phase
  std::map<std::size_t, std::string> running{};  // by number: "crm: Account -> account"
  std::map<std::size_t, double> since{};         // seconds at which each began
};

// Lines without line feeds, each at most `width` columns: the overall bar with count, rate and time
// left, then the running items (at most `max_items`, and how many more).
std::vector<std::string> render_progress(const ProgressState& state, const Terminal& terminal,
                                         std::size_t max_items);

// Live view of a run on standard error, redrawn by a thread of its own; one JSON object a line for
// each item with Mode::json_lines; silent with Mode::none. Safe to call from several threads; never
// throws after construction. The destructor removes the live view.
class Progress {
 public:
  enum class Mode { none, live, json_lines };
  Progress(Reporter& reporter, const Clock& clock, Mode mode);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  void start_phase(std::string_view phase, std::size_t total);
  void start_item(std::size_t item, std::string_view label);
  // `status` is the word of the outcome: "done", "failed", "skipped", "resumed".
  void finish_item(std::size_t item, std::string_view label, std::string_view status,
                   double seconds);
  // A line that stays above the live view.
  void note(std::string_view line);
  void stop() noexcept;  // ends the live view; nothing is shown afterwards

 private:
  void draw();
  void erase() noexcept;

  Reporter& reporter_;
  const Clock& clock_;
  Mode mode_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  ProgressState state_;
  double phase_began_ = 0;
  std::size_t drawn_lines_ = 0;
  std::jthread thread_;
};

}  // namespace mapctl::cli
