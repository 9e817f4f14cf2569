// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal/terminal.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>

namespace mapctl::cli {
namespace {

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

std::size_t width_of(int descriptor) {
  // What people set wins, as for other programs.
  if (const char* columns = std::getenv("COLUMNS")) {
    const long value = std::strtol(columns, nullptr, 10);
    if (value > 0 && value < 10'000) {
      return static_cast<std::size_t>(value);
    }
  }
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    return size.ws_col;
  }
  return 80;
}

std::string_view code_of(Style style) {
  switch (style) {
    case Style::plain: return "";
    case Style::bold: return "1";
    case Style::dim: return "2";
    case Style::red: return "31";
    case Style::green: return "32";
    case Style::yellow: return "33";
    case Style::blue: return "34";
  }
  return "";
}

}  // namespace

Terminal Terminal::of(int descriptor, ColorMode mode) {
  Terminal terminal;
  terminal.is_terminal = ::isatty(descriptor) == 1;
  if (terminal.is_terminal) {
    terminal.width = width_of(descriptor);
  }
  const char* kind = std::getenv("TERM");
  const bool can_color = kind != nullptr && std::string_view{kind} != "dumb";
  terminal.color =
      mode == ColorMode::always ||
      (mode == ColorMode::automatic && terminal.is_terminal && can_color && !is_set("NO_COLOR"));
  return terminal;
}

std::string styled(std::string_view text, Style style, const Terminal& terminal) {
  if (!terminal.color || style == Style::plain || text.empty()) {
    return std::string{text};
  }
  return fmt::format("\x1b[{}m{}\x1b[0m", code_of(style), text);
}

namespace {

// The bytes of a control character at the front that changes the direction of what follows, or 0:
// with one of them a name shows as another one, and the rest of the line with it.
std::size_t direction_mark(std::string_view text) noexcept {
  static constexpr std::string_view marks[] = {"\u061C", "\u200E", "\u200F", "\u202A",
                                               "\u202B", "\u202C", "\u202D", "\u202E",
                                               "\u2066", "\u2067", "\u2068", "\u2069"};
  const auto found = std::find_if(std::begin(marks), std::end(marks),
                                  [&](std::string_view mark) { return text.starts_with(mark); });
  return found == std::end(marks) ? 0 : found->size();
}

// The code point of well-formed UTF-8 of two or three bytes.
unsigned code_point(std::string_view bytes) noexcept {
  unsigned code = static_cast<unsigned char>(bytes[0]) & (bytes.size() == 2 ? 0x1FU : 0x0FU);
  for (const char byte : bytes.substr(1)) {
    code = code << 6U | (static_cast<unsigned char>(byte) & 0x3FU);
  }
  return code;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte == '\n') {
      result += "\\n";
    } else if (byte == '\t') {
      result += "\\t";
    } else if (byte == '\r') {
      result += "\\r";
    } else if (byte < 0x20 || byte == 0x7F) {
      result += fmt::format("\\x{:02X}", byte);
    } else if (byte == 0xC2 && i + 1 < text.size() &&
               static_cast<unsigned char>(text[i + 1]) < 0xA0) {
      // The control characters U+0080 to U+009F, which some terminals obey.
      result += fmt::format("\\u{:04X}", static_cast<unsigned char>(text[++i]));
    } else if (const std::size_t size = direction_mark(text.substr(i)); size != 0) {
      result += fmt::format("\\u{:04X}", code_point(text.substr(i, size)));
      i += size - 1;
    } else {
      result += text[i];
    }
  }
  return result;
}

}  // namespace mapctl::cli
