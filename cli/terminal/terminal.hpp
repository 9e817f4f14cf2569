// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mapctl::cli {

enum class ColorMode { automatic, always, never };

// What one of our streams is attached to. Asked once, when the program starts.
struct Terminal {
  bool is_terminal = false;
  bool color = false;
  std::size_t width = 0;  // columns; 0: unlimited

  // `descriptor` is 1 or 2. Colour follows `mode`; automatic is a terminal without NO_COLOR and
  // with a TERM other than "dumb".
  static Terminal of(int descriptor, ColorMode mode);
};

enum class Style { plain, bold, dim, red, green, yellow, blue };

// The text inside colour codes when `terminal` wants them.
std::string styled(std::string_view text, Style style, const Terminal& terminal);

// Control characters, those of direction too, made visible, so that names from a source cannot
// drive the terminal.
std::string printable(std::string_view text);

}  // namespace mapctl::cli
