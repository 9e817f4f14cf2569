// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fstream>
#include <string>

namespace mapctl::test {

// A sanitizer keeps freed memory and shadows of it: what it makes of a program's size says nothing
// of the program.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool memory_is_measurable = false;
#else
constexpr bool memory_is_measurable = true;
#endif

// The most memory in kB that this process had in RAM since forget_peak_memory().
inline long peak_memory_kilobytes() {
  std::ifstream status{"/proc/self/status"};
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) {
      return std::stol(line.substr(6));
    }
  }
  return 0;
}

inline void forget_peak_memory() {
  std::ofstream{"/proc/self/clear_refs"} << "5";
}

}  // namespace mapctl::test
