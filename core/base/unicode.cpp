// SPDX-License-Identifier: Apache-2.0
#include "core/base/handle.hpp"
#include "core/base/text.hpp"

#include <utf8proc.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace mapctl {
namespace {

struct Decoded {
  utf8proc_int32_t code_point = -1;  // negative: ill-formed
  std::size_t bytes = 1;
};

Decoded decode(std::string_view text, std::size_t at) noexcept {
  const auto lead = static_cast<unsigned char>(text[at]);
  if (lead < 0x80) {
    return {lead, 1};
  }
  utf8proc_int32_t code_point = -1;
  const auto length =
      utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + at,
                       static_cast<utf8proc_ssize_t>(text.size() - at), &code_point);
  return length > 0 ? Decoded{code_point, static_cast<std::size_t>(length)} : Decoded{};
}

bool is_ascii(std::string_view text) noexcept {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::optional<std::size_t> first_invalid_utf8(std::string_view text) noexcept {
  for (std::size_t at = 0; at < text.size();) {
    // Most text is ASCII, of which eight bytes are looked at in one go.
    std::uint64_t eight = 0;
    while (at + sizeof eight <= text.size()) {
      std::memcpy(&eight, text.data() + at, sizeof eight);
      if ((eight & 0x8080808080808080U) != 0) {
        break;
      }
      at += sizeof eight;
    }
    while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80) {
      ++at;
    }
    if (at == text.size()) {
      break;
    }
    const Decoded next = decode(text, at);
    if (next.code_point < 0) {
      return at;
    }
    at += next.bytes;
  }
  return std::nullopt;
}

std::string to_valid_utf8(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const Decoded next = decode(text, at);
    result += next.code_point < 0 ? std::string_view{"\xEF\xBF\xBD"} : text.substr(at, next.bytes);
    at += next.bytes;
  }
  return result;
}

std::size_t utf8_length(std::string_view text) noexcept {
  std::size_t count = 0;
  for (const char c : text) {
    count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
  }
  return count;
}

std::string_view utf8_prefix(std::string_view text, std::size_t count) noexcept {
  std::size_t at = 0;
  for (; count > 0 && at < text.size(); --count) {
    at += decode(text, at).bytes;
  }
  return text.substr(0, at);
}

std::size_t display_width(std::string_view text) noexcept {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size();) {
    const Decoded next = decode(text, at);
    const int columns = next.code_point < 0 ? 1 : utf8proc_charwidth(next.code_point);
    width += columns > 0 ? static_cast<std::size_t>(columns) : 0;
    at += next.bytes;
  }
  return width;
}

std::string fold(std::string_view text) {
  if (is_ascii(text)) {
    return to_lower(text);
  }
  const std::string valid = to_valid_utf8(text);
  utf8proc_uint8_t* raw = nullptr;
  const auto options =
      static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT |
                                     UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK | UTF8PROC_IGNORE);
  const auto length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(valid.data()),
                                   static_cast<utf8proc_ssize_t>(valid.size()), &raw, options);
  const Handle<utf8proc_uint8_t, &std::free> owned{raw};
  if (length < 0) {
    return to_lower(valid);
  }
  std::string folded(reinterpret_cast<const char*>(raw), static_cast<std::size_t>(length));
  // Letters with a stroke have no decomposition, and names written without them are common.
  for (const auto& [from, to] : {std::pair{"\xC5\x82", "l"}, std::pair{"\xC3\xB8", "o"},
                                 std::pair{"\xC4\x91", "d"}, std::pair{"\xC4\xB1", "i"}}) {
    folded = replace_all(folded, from, to);
  }
  return folded;
}

}  // namespace mapctl
