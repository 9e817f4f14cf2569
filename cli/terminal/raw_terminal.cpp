// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal/raw_terminal.hpp"

#include "cli/terminal/table.hpp"
#include "cli/terminal/terminal.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace mapctl::cli {
namespace {

constexpr int none = -1, gone = -2;
constexpr int patience = 150;    // milliseconds between looks at size and stop
constexpr int escape_wait = 50;  // for the rest of a key's bytes, through a slow line too

}  // namespace

RawTerminal::RawTerminal() {
  if (::isatty(STDIN_FILENO) != 1 || ::isatty(STDOUT_FILENO) != 1 ||
      ::tcgetattr(STDIN_FILENO, &before_) != 0) {
    throw Error{ErrorCode::usage, "this needs a terminal to type in",
                "use mapctl review list, approve, reject ... in scripts"};
  }
  termios raw = before_;
  ::cfmakeraw(&raw);
  raw.c_oflag |= OPOST;
  if (::tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw) != 0) {
    throw Error{ErrorCode::io, "the terminal cannot be switched to single keys"};
  }
  known_ = size();
  send("\x1b[?1049h\x1b[?25l\x1b[2J");
}

RawTerminal::~RawTerminal() {
  send("\x1b[0m\x1b[?25h\x1b[?1049l");
  ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
}

RawTerminal::Size RawTerminal::size() const noexcept {
  winsize found{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &found) == 0 && found.ws_col > 0 && found.ws_row > 0) {
    return {found.ws_row, found.ws_col};
  }
  return {};
}

void RawTerminal::send(const std::string& bytes) noexcept {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t count = ::write(STDOUT_FILENO, bytes.data() + sent, bytes.size() - sent);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      return;  // the next read finds out that the terminal went away
    }
    sent += static_cast<std::size_t>(count);
  }
}

int RawTerminal::next_byte(int milliseconds) {
  pollfd descriptor{STDIN_FILENO, POLLIN, 0};
  const int ready = ::poll(&descriptor, 1, milliseconds);
  if (ready == 0 || (ready < 0 && errno == EINTR)) {
    return none;
  }
  unsigned char byte = 0;
  if (ready < 0 || ::read(STDIN_FILENO, &byte, 1) != 1) {
    return gone;
  }
  return byte;
}

std::optional<Key> RawTerminal::read(std::stop_token stop) {
  using Kind = Key::Kind;
  for (;;) {
    if (stop.stop_requested()) {
      return std::nullopt;
    }
    if (const Size now = size(); now != known_) {
      known_ = now;
      shown_.clear();
      return Key{Kind::resize, {}};
    }
    const int byte = next_byte(patience);
    if (byte == none) {
      continue;
    }
    if (byte == gone) {
      return std::nullopt;
    }
    switch (byte) {
      case 3:
      case 4: return Key{Kind::interrupt, {}};
      case '\t': return Key{Kind::tab, {}};
      case '\r':
      case '\n': return Key{Kind::enter, {}};
      case 8:
      case 127: return Key{Kind::backspace, {}};
      case 27: break;
      default: {
        if (byte < 32) {
          continue;
        }
        Key key;
        key.text = static_cast<char>(byte);
        const int more = byte >= 0xF0 ? 3 : byte >= 0xE0 ? 2 : byte >= 0xC0 ? 1 : 0;
        for (int at = 0; at < more; ++at) {
          const int next = next_byte(escape_wait);
          if (next < 0) {
            break;
          }
          key.text += static_cast<char>(next);
        }
        return key;
      }
    }
    // ESC [ A, ESC O A, ESC [ 5 ~ ...
    const int second = next_byte(escape_wait);
    if (second != '[' && second != 'O') {
      return Key{Kind::escape, {}};
    }
    std::string sequence;
    for (;;) {
      const int next = next_byte(escape_wait);
      if (next < 0 || sequence.size() > 16) {
        break;
      }
      sequence += static_cast<char>(next);
      if (next >= 0x40 && next <= 0x7E) {
        break;
      }
    }
    if (sequence == "A")
      return Key{Kind::up, {}};
    if (sequence == "B")
      return Key{Kind::down, {}};
    if (sequence == "5~")
      return Key{Kind::page_up, {}};
    if (sequence == "6~")
      return Key{Kind::page_down, {}};
    if (sequence == "H" || sequence == "1~" || sequence == "7~")
      return Key{Kind::home, {}};
    if (sequence == "F" || sequence == "4~" || sequence == "8~")
      return Key{Kind::end, {}};
  }
}

void RawTerminal::draw(const std::vector<std::string>& rows,
                       std::optional<std::pair<std::size_t, std::size_t>> cursor) {
  std::string bytes = "\x1b[?25l";
  if (shown_.size() != rows.size()) {
    bytes += "\x1b[2J";
    shown_.assign(rows.size(), {});
  }
  for (std::size_t at = 0; at < rows.size(); ++at) {
    if (rows[at] != shown_[at]) {
      bytes += fmt::format("\x1b[{};1H{}\x1b[0m\x1b[K", at + 1, rows[at]);
      shown_[at] = rows[at];
    }
  }
  if (cursor) {
    bytes += fmt::format("\x1b[{};{}H\x1b[?25h", cursor->first + 1, cursor->second + 1);
  }
  send(bytes);
}

std::string fit(std::string_view text, std::size_t columns) {
  std::string shown = shorten(printable(text), columns);
  shown.append(columns - std::min(columns, display_width(shown)), ' ');
  return shown;
}

}  // namespace mapctl::cli
