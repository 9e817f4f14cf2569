// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <termios.h>

#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace mapctl::cli {

struct Key {
  enum class Kind {
    text,
    up,
    down,
    page_up,
    page_down,
    home,
    end,
    enter,
    escape,
    backspace,
    tab,
    interrupt,
    resize
  };
  Kind kind = Kind::text;
  std::string text{};  // of `text`: one character
};

// The terminal of standard input and output as a screen: no echo, no lines, an alternate page. The
// destructor gives everything back, however the end comes. Plain ANSI, so it works through ssh and
// tmux. Used by one thread.
class RawTerminal {
 public:
  // Throws Error::usage when either of the two is no terminal.
  RawTerminal();
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;
  ~RawTerminal();

  struct Size {
    std::size_t rows = 24, columns = 80;
    bool operator==(const Size&) const = default;
  };
  Size size() const noexcept;
  // Waits for a key or a new size; nothing when `stop` was requested or the terminal went away.
  std::optional<Key> read(std::stop_token stop);
  // Replaces the whole screen; rows that are the same as before are not sent again. Rows may hold
  // colour codes. `cursor` is shown there when given (row, column).
  void draw(const std::vector<std::string>& rows,
            std::optional<std::pair<std::size_t, std::size_t>> cursor = {});

 private:
  int next_byte(int milliseconds);  // -1: none, -2: gone
  void send(const std::string& bytes) noexcept;

  termios before_{};
  Size known_{};
  std::vector<std::string> shown_{};
};

// As many characters as fit `columns`, then spaces up to it; control characters made visible.
std::string fit(std::string_view text, std::size_t columns);

}  // namespace mapctl::cli
