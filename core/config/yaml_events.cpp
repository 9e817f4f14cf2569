// SPDX-License-Identifier: Apache-2.0
#include "core/config/yaml_events.hpp"

#include "core/base/ascii.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>
#include <yaml.h>

#include <algorithm>
#include <array>

namespace mapctl::config {
namespace {

constexpr int most_depth = 64;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

YamlEvent kind_of(yaml_event_type_t type) noexcept {
  switch (type) {
    case YAML_STREAM_START_EVENT: return YamlEvent::stream_start;
    case YAML_DOCUMENT_START_EVENT: return YamlEvent::document_start;
    case YAML_DOCUMENT_END_EVENT: return YamlEvent::document_end;
    case YAML_ALIAS_EVENT: return YamlEvent::alias;
    case YAML_SCALAR_EVENT: return YamlEvent::scalar;
    case YAML_SEQUENCE_START_EVENT: return YamlEvent::sequence_start;
    case YAML_SEQUENCE_END_EVENT: return YamlEvent::sequence_end;
    case YAML_MAPPING_START_EVENT: return YamlEvent::map_start;
    case YAML_MAPPING_END_EVENT: return YamlEvent::map_end;
    case YAML_NO_EVENT:
    case YAML_STREAM_END_EVENT: break;
  }
  return YamlEvent::stream_end;
}

bool is_continuation(char c) noexcept {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

YamlSyntaxError explain(const yaml_parser_t& parser, std::string_view text) {
  YamlSyntaxError error;
  const std::string problem = parser.problem == nullptr ? "cannot be read" : parser.problem;
  if (parser.error == YAML_MEMORY_ERROR) {
    throw Error{ErrorCode::resource_limit, "not enough memory", "split the file into smaller ones"};
  }
  if (parser.error == YAML_READER_ERROR) {
    const std::size_t at = std::min(parser.problem_offset, text.size());
    error.line =
        static_cast<int>(std::count(text.begin(), text.begin() + static_cast<long>(at), '\n')) + 1;
    error.message = fmt::format("not valid YAML: {} (U+{:04X})", problem,
                                static_cast<unsigned>(std::max(parser.problem_value, 0)));
    error.hint = "remove the character, or write it as an escape in double quotes";
    return error;
  }
  error.line = static_cast<int>(parser.problem_mark.line) + 1;
  error.column = static_cast<int>(parser.problem_mark.column) + 1;
  // A tab is noticed at its place, or at the next line.
  for (std::size_t back = 0; back < 2 && back <= parser.problem_mark.line; ++back) {
    if (is_indented_with_tab(text, static_cast<int>(parser.problem_mark.line - back) + 1)) {
      error.line -= static_cast<int>(back);
      error.column = 1;
      error.message = "a tab is used as indentation";
      error.hint = "indent with spaces";
      return error;
    }
  }
  error.message = "not valid YAML: " + problem;
  if (parser.context != nullptr) {
    error.message +=
        fmt::format(" {} that starts in line {}", parser.context, parser.context_mark.line + 1);
  }
  error.hint = problem.find("mapping values are not allowed") != problem.npos
                   ? "text with a colon and a space in it needs quotes"
                   : "check indentation, colons and quotes near this line";
  return error;
}

}  // namespace

bool is_indented_with_tab(std::string_view text, int line) noexcept {
  for (int at = 1; at < line; ++at) {
    const std::size_t end = text.find('\n');
    if (end == text.npos) {
      return false;
    }
    text.remove_prefix(end + 1);
  }
  text = text.substr(0, text.find('\n'));
  const std::size_t content = text.find_first_not_of(" \t\r");
  return content != text.npos && text.substr(0, content).find('\t') != text.npos;
}

std::string_view plain_scalar_type(std::string_view text) noexcept {
  static constexpr std::array<std::string_view, 8> booleans{"true", "false", "yes",  "no",
                                                            "on",   "off",   "True", "False"};
  if (text.empty() || text == "~" || equal_ignoring_case(text, "null")) {
    return "nothing";
  }
  const char first = text.front();
  if (first != '+' && first != '-' && first != '.' && !is_digit(first)) {
    const bool is_boolean =
        text.size() <= 5 &&
        std::any_of(booleans.begin(), booleans.end(),
                    [&](std::string_view word) { return equal_ignoring_case(word, text); });
    return is_boolean ? "a boolean" : std::string_view{};
  }
  std::string_view rest = text;
  if (first == '+' || first == '-') {
    rest.remove_prefix(1);
  }
  if (equal_ignoring_case(rest, ".inf") || equal_ignoring_case(rest, ".nan")) {
    return "a number";
  }
  const bool has_prefix = rest.size() > 2 && rest[0] == '0' && (rest[1] == 'x' || rest[1] == 'o');
  const std::string_view characters = has_prefix ? "0123456789abcdefABCDEF_" : "0123456789._eE+-";
  const std::string_view body = has_prefix ? rest.substr(2) : rest;
  const bool has_digit = std::any_of(body.begin(), body.end(), is_digit);
  if (has_digit && body.find_first_not_of(characters) == body.npos) {
    const bool is_date = text.size() >= 8 && is_digit(first) &&
                         std::count(text.begin(), text.end(), '-') == 2 &&
                         text.find_first_not_of("0123456789-") == text.npos;
    return is_date ? "a date" : "a number";
  }
  if (has_digit && is_digit(first) && text.find_first_not_of("0123456789:.-TZ +") == text.npos) {
    return "a date or time";
  }
  return {};
}

struct YamlEvents::Parser {
  Parser() {
    if (yaml_parser_initialize(&parser) == 0) {
      throw Error{ErrorCode::resource_limit, "not enough memory to read YAML",
                  "give the process more memory"};
    }
  }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;
  ~Parser() {
    yaml_event_delete(&event);
    yaml_parser_delete(&parser);
  }
  yaml_parser_t parser{};
  yaml_event_t event{};
};

YamlEvents::YamlEvents(std::string_view text) : parser_{std::make_unique<Parser>()}, text_{text} {
  if (text_.starts_with(byte_order_mark)) {
    skipped_ = byte_order_mark.size();
    text_.remove_prefix(skipped_);
  }
  unsigned bits = 0;  // without a branch for each byte
  for (const char c : text_) {
    bits |= static_cast<unsigned char>(c);
  }
  is_ascii_ = bits < 0x80U;
  yaml_parser_set_encoding(&parser_->parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(&parser_->parser,
                               reinterpret_cast<const unsigned char*>(text_.data()), text_.size());
}

YamlEvents::~YamlEvents() = default;

// The library counts characters. Events come nearly in order, so the way is short.
std::size_t YamlEvents::byte_of(std::size_t character) {
  if (is_ascii_) {
    return skipped_ + std::min(character, text_.size());
  }
  while (cursor_character_ < character && cursor_byte_ < text_.size()) {
    do {
      ++cursor_byte_;
    } while (cursor_byte_ < text_.size() && is_continuation(text_[cursor_byte_]));
    ++cursor_character_;
  }
  while (cursor_character_ > character) {
    do {
      --cursor_byte_;
    } while (cursor_byte_ > 0 && is_continuation(text_[cursor_byte_]));
    --cursor_character_;
  }
  return skipped_ + cursor_byte_;
}

void YamlEvents::next() {
  yaml_event_delete(&parser_->event);
  if (yaml_parser_parse(&parser_->parser, &parser_->event) == 0) {
    throw explain(parser_->parser, text_);
  }
  kind_ = kind_of(parser_->event.type);
  if (kind_ == YamlEvent::map_start || kind_ == YamlEvent::sequence_start) {
    if (++depth_ > most_depth) {
      throw YamlSyntaxError{line(), column(),
                            fmt::format("nested more than {} levels deep", most_depth),
                            "write the values less deeply nested"};
    }
  } else if (kind_ == YamlEvent::map_end || kind_ == YamlEvent::sequence_end) {
    --depth_;
  }
  span_.begin = static_cast<std::uint32_t>(byte_of(parser_->event.start_mark.index));
  span_.end = static_cast<std::uint32_t>(byte_of(parser_->event.end_mark.index));
}

int YamlEvents::line() const noexcept {
  return static_cast<int>(parser_->event.start_mark.line) + 1;
}

int YamlEvents::column() const noexcept {
  return static_cast<int>(parser_->event.start_mark.column) + 1;
}

std::string_view YamlEvents::value() const noexcept {
  if (kind_ != YamlEvent::scalar) {
    return {};
  }
  const auto& scalar = parser_->event.data.scalar;
  return {reinterpret_cast<const char*>(scalar.value), scalar.length};
}

bool YamlEvents::is_plain() const noexcept {
  return kind_ == YamlEvent::scalar && parser_->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

bool YamlEvents::is_block() const noexcept {
  return kind_ == YamlEvent::scalar &&
         (parser_->event.data.scalar.style == YAML_LITERAL_SCALAR_STYLE ||
          parser_->event.data.scalar.style == YAML_FOLDED_SCALAR_STYLE);
}

bool YamlEvents::is_flow() const noexcept {
  return (kind_ == YamlEvent::map_start &&
          parser_->event.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE) ||
         (kind_ == YamlEvent::sequence_start &&
          parser_->event.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE);
}

bool YamlEvents::has_anchor() const noexcept {
  switch (kind_) {
    case YamlEvent::scalar: return parser_->event.data.scalar.anchor != nullptr;
    case YamlEvent::map_start: return parser_->event.data.mapping_start.anchor != nullptr;
    case YamlEvent::sequence_start: return parser_->event.data.sequence_start.anchor != nullptr;
    default: return false;
  }
}

std::string_view YamlEvents::tag() const noexcept {
  const unsigned char* tag = nullptr;
  switch (kind_) {
    case YamlEvent::scalar: tag = parser_->event.data.scalar.tag; break;
    case YamlEvent::map_start: tag = parser_->event.data.mapping_start.tag; break;
    case YamlEvent::sequence_start: tag = parser_->event.data.sequence_start.tag; break;
    default: break;
  }
  return tag == nullptr ? std::string_view{} : reinterpret_cast<const char*>(tag);
}

}  // namespace mapctl::config
