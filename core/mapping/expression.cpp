// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/expression.hpp"

#include "core/base/ascii.hpp"

#include <utility>

namespace mapctl::mapping {
namespace {

bool is_word(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || is_digit(c);
}

// Recursive descent over: sum = product {(+|-) product}; product = value {(*|/) value};
// value = number | name | "(" sum ")" | "-" value. Depth is bounded, as texts come from outside.
class Rewriter {
 public:
  using Input = std::function<std::optional<std::string>(std::string_view)>;
  Rewriter(std::string_view text, const Input& input) : text_{text}, input_{input} {}

  std::optional<std::string> rewrite() {
    if (!sum(0) || at_ != text_.size()) {
      return std::nullopt;
    }
    return std::move(out_);
  }

 private:
  static constexpr int deepest = 64;

  void skip_blanks() {
    while (at_ < text_.size() && text_[at_] == ' ') {
      ++at_;
    }
  }
  char next() {
    skip_blanks();
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  bool sum(int depth) {
    if (!product(depth)) {
      return false;
    }
    while (next() == '+' || next() == '-') {
      take_operator();
      if (!product(depth)) {
        return false;
      }
    }
    return true;
  }

  bool product(int depth) {
    if (!value(depth)) {
      return false;
    }
    while (next() == '*' || next() == '/') {
      take_operator();
      if (!value(depth)) {
        return false;
      }
    }
    return true;
  }

  void take_operator() {
    out_ += ' ';
    out_ += text_[at_++];
    out_ += ' ';
  }

  bool value(int depth) {
    const char c = next();
    if (depth > deepest) {
      return false;
    }
    if (c == '(') {
      ++at_;
      out_ += '(';
      if (!sum(depth + 1) || next() != ')') {
        return false;
      }
      ++at_;
      out_ += ')';
      return true;
    }
    if (c == '-') {
      ++at_;
      out_ += "- ";  // two signs in a row would begin a comment
      return value(depth + 1);
    }
    if (is_digit(c)) {
      return number();
    }
    return c == '"' ? quoted_name() : is_word(c) && name(word());
  }

  std::string_view word() {
    const std::size_t start = at_;
    while (at_ < text_.size() && is_word(text_[at_])) {
      ++at_;
    }
    return text_.substr(start, at_ - start);
  }

  bool number() {
    const std::size_t start = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) {
      ++at_;
    }
    if (at_ + 1 < text_.size() && text_[at_] == '.' && is_digit(text_[at_ + 1])) {
      for (++at_; at_ < text_.size() && is_digit(text_[at_]); ++at_) {
      }
    }
    out_ += text_.substr(start, at_ - start);
    return at_ == text_.size() || !is_word(text_[at_]);
  }

  bool quoted_name() {
    std::string name_in_quotes;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] != '"') {
        name_in_quotes += text_[at_];
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
        name_in_quotes += text_[at_++];
      } else {
        ++at_;
        return name(name_in_quotes);
      }
    }
    return false;
  }

  bool name(std::string_view known) {
    const auto replaced = input_(known);
    if (!replaced) {
      return false;
    }
    out_ += *replaced;
    return true;
  }

  std::string_view text_;
  const Input& input_;
  std::size_t at_ = 0;
  std::string out_{};
};

}  // namespace

std::optional<std::string> rewrite_expression(
    std::string_view text,
    const std::function<std::optional<std::string>(std::string_view name)>& input) {
  return Rewriter{text, input}.rewrite();
}

}  // namespace mapctl::mapping
