// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mapping/document.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace mapctl::config {

struct YamlSyntaxError {
  int line = 1, column = 1;
  std::string message{};
  std::string hint{};
};

// Readers notice a tab late and give another cause for it. `line` is counted from 1.
bool is_indented_with_tab(std::string_view text, int line) noexcept;

enum class YamlEvent {
  stream_start,
  stream_end,
  document_start,
  document_end,
  alias,
  scalar,
  sequence_start,
  sequence_end,
  map_start,
  map_end,
};

// What a YAML 1.1 or 1.2 reader takes a scalar without quotes for, if not for text: "a number",
// "a boolean", "a date", "nothing". Empty for text; "y" and "n" are text for nearly all of them.
std::string_view plain_scalar_type(std::string_view text) noexcept;

// Walks over the events of YAML text (valid UTF-8, without NUL) with the bytes that each stands
// for. Ten times as fast as building a tree.
class YamlEvents {
 public:
  explicit YamlEvents(std::string_view text);  // which must outlive the walk
  YamlEvents(const YamlEvents&) = delete;
  YamlEvents& operator=(const YamlEvents&) = delete;
  ~YamlEvents();

  // Throws YamlSyntaxError, also for nesting that nobody writes by hand: the time that libyaml
  // takes grows with its square. After stream_end it stays there.
  void next();

  YamlEvent kind() const noexcept { return kind_; }
  int line() const noexcept;    // from 1
  int column() const noexcept;  // from 1, in characters
  // Of a scalar, alias, or of a start or end the bytes of that alone.
  mapping::Span span() const noexcept { return span_; }
  std::string_view value() const noexcept;  // of a scalar, until next()
  bool is_plain() const noexcept;           // scalar without quotes
  bool is_block() const noexcept;           // scalar written with | or >
  bool is_flow() const noexcept;            // map or sequence in braces or brackets
  bool has_anchor() const noexcept;
  std::string_view tag() const noexcept;  // empty when there is none

 private:
  struct Parser;
  std::size_t byte_of(std::size_t character);

  std::unique_ptr<Parser> parser_;
  std::string_view text_;  // without byte order mark
  std::size_t skipped_ = 0;
  bool is_ascii_ = true;
  std::size_t cursor_byte_ = 0, cursor_character_ = 0;
  int depth_ = 0;  // maps and sequences that are open
  YamlEvent kind_ = YamlEvent::stream_start;
  mapping::Span span_{};
};

}  // namespace mapctl::config
