// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <string_view>
#include <vector>

namespace mapctl::bench {

enum class Better { lower, higher };

// One line of JSON on standard output; report.py makes BENCHMARKS.md of all lines. `limit` is what
// the figure is held to, 0 for a figure that is only told.
inline void figure(std::string_view bench, std::string_view name, double value,
                   std::string_view unit, double limit = 0, Better better = Better::lower) {
  const bool met = limit <= 0 || (better == Better::lower ? value <= limit : value >= limit);
  fmt::print(
      "{{\"bench\":\"{}\",\"figure\":\"{}\",\"value\":{:.6g},\"unit\":\"{}\",\"limit\":{:.6g},"
      "\"better\":\"{}\",\"met\":{}}}\n",
      bench, name, value, unit, limit, better == Better::lower ? "lower" : "higher", met);
  std::fflush(stdout);
}

// Seconds of the fastest of `runs` calls: noise only ever adds.
template <class Function>
double fastest(int runs, Function&& function) {
  double best = 1e30;
  for (int run = 0; run < runs; ++run) {
    const auto start = std::chrono::steady_clock::now();
    function();
    best = std::min(
        best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

// Of all threads so far. Other programs disturb it less than the time that passes.
inline double processor_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

}  // namespace mapctl::bench
