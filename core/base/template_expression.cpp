// SPDX-License-Identifier: Apache-2.0
// The parser of what stands between the braces of a template.
#include "core/base/ascii.hpp"
#include "core/base/error.hpp"
#include "core/base/template_tree.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace mapctl::templates {

void fail_expression(std::string_view where, std::string_view source, std::string_view cause,
                     std::string hint) {
  throw Error{ErrorCode::configuration,
              fmt::format("{}: expression '{}': {}", where, trim(source), cause), std::move(hint)};
}

namespace {

constexpr int depth_limit = 100;
// Each operator puts what is before it one level deeper into the tree.
constexpr int operator_limit = 500;
constexpr std::size_t shown_source = 80;  // bytes, where all of it would fill the screen

struct Token {
  enum class Kind { end, name, number, text, symbol } kind = Kind::end;
  std::string text{};
  Json value{};
  std::size_t end = 0;  // in the source
};

bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

class Lexer {
 public:
  Lexer(std::string_view source, std::string_view where) : source_{source}, where_{where} {}

  std::vector<Token> tokens() {
    std::vector<Token> result;
    do {
      result.push_back(next());
    } while (result.back().kind != Token::Kind::end);
    return result;
  }

 private:
  Token next() {
    while (at_ < source_.size() &&
           std::string_view{" \t\r\n"}.find(source_[at_]) != std::string_view::npos) {
      ++at_;
    }
    Token token;
    if (at_ == source_.size()) {
      token.end = at_;
      return token;
    }
    const char c = source_[at_];
    if (is_name_start(c)) {
      const std::size_t begin = at_;
      while (at_ < source_.size() && (is_name_start(source_[at_]) || is_digit(source_[at_]))) {
        ++at_;
      }
      token.kind = Token::Kind::name;
      token.text = source_.substr(begin, at_ - begin);
    } else if (is_digit(c)) {
      number(token);
    } else if (c == '"' || c == '\'') {
      text(token, c);
    } else {
      token.kind = Token::Kind::symbol;
      const std::string_view two = source_.substr(at_, 2);
      static constexpr std::string_view pairs[] = {"==", "!=", "<=", ">=", "//", "**"};
      const bool is_pair = std::find(std::begin(pairs), std::end(pairs), two) != std::end(pairs);
      token.text = is_pair ? two : source_.substr(at_, 1);
      if (!is_pair && std::string_view{"+-*/%~.,:()[]{}<>|="}.find(c) == std::string_view::npos) {
        fail_expression(where_, source_, fmt::format("unexpected '{}'", c));
      }
      at_ += token.text.size();
    }
    token.end = at_;
    return token;
  }

  void number(Token& token) {
    const char* begin = source_.data() + at_;
    const char* end = source_.data() + source_.size();
    std::int64_t whole = 0;
    const auto integer = std::from_chars(begin, end, whole);
    const char* after = integer.ptr;
    token.kind = Token::Kind::number;
    token.value = whole;
    // "1.5", but not the "1." of "1.get".
    if (after + 1 < end && *after == '.' && is_digit(after[1])) {
      double real = 0;
      after = std::from_chars(begin, end, real).ptr;
      token.value = real;
    } else if (integer.ec != std::errc{}) {
      fail_expression(where_, source_, "a number is too large");
    }
    at_ += static_cast<std::size_t>(after - begin);
  }

  void text(Token& token, char quote) {
    token.kind = Token::Kind::text;
    for (++at_; at_ < source_.size() && source_[at_] != quote; ++at_) {
      char c = source_[at_];
      if (c == '\\' && at_ + 1 < source_.size()) {
        c = source_[++at_];
        switch (c) {
          case 'n': c = '\n'; break;
          case 't': c = '\t'; break;
          case 'r': c = '\r'; break;
          case '\\':
          case '\'':
          case '"': break;
          default: token.text += '\\';
        }
      }
      token.text += c;
    }
    if (at_ == source_.size()) {
      fail_expression(where_, source_, "a text is not closed");
    }
    ++at_;
  }

  std::string_view source_;
  std::string_view where_;
  std::size_t at_ = 0;
};

class ExpressionParser {
 public:
  ExpressionParser(std::string_view source, std::string_view where)
      : source_{source}, where_{where}, tokens_{Lexer{source, where}.tokens()} {}

  Node parse() {
    Node node = expression();
    if (peek().kind != Token::Kind::end) {
      fail_expression(where_, source_, fmt::format("unexpected '{}'", peek().text));
    }
    return node;
  }

 private:
  const Token& peek(std::size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  bool is(std::string_view text, std::size_t ahead = 0) const {
    const Token& token = peek(ahead);
    return (token.kind == Token::Kind::symbol || token.kind == Token::Kind::name) &&
           token.text == text;
  }
  bool accept(std::string_view text) {
    if (!is(text)) {
      return false;
    }
    ++at_;
    return true;
  }
  void expect(std::string_view text) {
    if (!accept(text)) {
      fail_expression(where_, source_,
                      peek().kind == Token::Kind::end
                          ? fmt::format("'{}' is missing at the end", text)
                          : fmt::format("'{}' is missing before '{}'", text, peek().text));
    }
  }
  Node make(Op op, std::vector<Node> children) {
    if (++operators_ > operator_limit) {
      fail_expression(where_, source_.substr(0, shown_source), "it is too long",
                      "set parts of it with {% set %} first");
    }
    Node node;
    node.op = op;
    node.children = std::move(children);
    return node;
  }

  Node expression() {
    if (++depth_ > depth_limit) {
      fail_expression(where_, source_, "nested too deeply");
    }
    Node node = either();
    if (accept("if")) {
      Node condition = either();
      Node otherwise;  // null
      if (accept("else")) {
        otherwise = expression();
      } else {
        otherwise.literal = "";
      }
      node = make(Op::conditional, {std::move(condition), std::move(node), std::move(otherwise)});
    }
    --depth_;
    return node;
  }

  Node either() {
    Node node = both();
    while (accept("or")) {
      node = make(Op::logical_or, {std::move(node), both()});
    }
    return node;
  }
  Node both() {
    Node node = negation();
    while (accept("and")) {
      node = make(Op::logical_and, {std::move(node), negation()});
    }
    return node;
  }
  Node negation() {
    if (accept("not")) {
      if (++depth_ > depth_limit) {
        fail_expression(where_, source_, "nested too deeply");
      }
      Node node = make(Op::logical_not, {negation()});
      --depth_;
      return node;
    }
    return comparison();
  }

  Node comparison() {
    Node node = sum();
    while (true) {
      static constexpr std::pair<std::string_view, Op> operators[] = {
          {"==", Op::equal},         {"!=", Op::not_equal}, {"<=", Op::less_equal},
          {">=", Op::greater_equal}, {"<", Op::less},       {">", Op::greater}};
      bool found = false;
      for (const auto& [text, op] : operators) {
        if (accept(text)) {
          node = make(op, {std::move(node), sum()});
          found = true;
          break;
        }
      }
      if (found) {
        continue;
      }
      if (is("not") && is("in", 1)) {
        at_ += 2;
        node = make(Op::not_in, {std::move(node), sum()});
      } else if (accept("in")) {
        node = make(Op::in, {std::move(node), sum()});
      } else if (accept("is")) {
        node = make(accept("not") ? Op::is_not : Op::is, {std::move(node)});
        node.name = to_lower(peek().text);
        if (peek().kind != Token::Kind::name || !is_test(node.name)) {
          fail_expression(where_, source_,
                          fmt::format("unknown test '{}' behind 'is'", peek().text));
        }
        ++at_;
      } else {
        return node;
      }
    }
  }

  Node sum() {
    Node node = product();
    while (true) {
      if (accept("+")) {
        node = make(Op::add, {std::move(node), product()});
      } else if (accept("-")) {
        node = make(Op::subtract, {std::move(node), product()});
      } else if (accept("~")) {
        node = make(Op::concatenate, {std::move(node), product()});
      } else {
        return node;
      }
    }
  }
  Node product() {
    Node node = sign();
    while (true) {
      if (accept("*")) {
        node = make(Op::multiply, {std::move(node), sign()});
      } else if (accept("//")) {
        node = make(Op::floor_divide, {std::move(node), sign()});
      } else if (accept("/")) {
        node = make(Op::divide, {std::move(node), sign()});
      } else if (accept("%")) {
        node = make(Op::modulo, {std::move(node), sign()});
      } else {
        return node;
      }
    }
  }
  Node sign() {
    if (accept("-")) {
      return make(Op::negate, {postfix(primary())});
    }
    accept("+");
    return postfix(primary());
  }

  void arguments(Node& node) {
    while (!accept(")")) {
      std::string keyword;
      if (peek().kind == Token::Kind::name && is("=", 1)) {
        keyword = peek().text;
        at_ += 2;
      }
      node.children.push_back(expression());
      node.keywords.push_back(std::move(keyword));
      if (!is(")")) {
        expect(",");
      }
    }
  }

  std::string word(std::string_view what) {
    if (peek().kind != Token::Kind::name) {
      fail_expression(where_, source_, fmt::format("{} is missing", what));
    }
    return tokens_[at_++].text;
  }

  Node postfix(Node node) {
    while (true) {
      if (accept(".")) {
        std::string name = word("a name behind '.'");
        if (accept("(")) {
          if (!is_method(name)) {
            fail_expression(where_, source_, fmt::format("unknown method '{}'", name),
                            suggestion(name, method_names()));
          }
          node = make(Op::method, {std::move(node)});
          node.keywords.emplace_back();
          node.name = std::move(name);
          arguments(node);
        } else {
          node = make(Op::attribute, {std::move(node)});
          node.name = std::move(name);
        }
      } else if (accept("[")) {
        node = subscript(std::move(node));
      } else if (accept("|")) {
        std::string name = word("a filter behind '|'");
        if (!is_filter(name)) {
          fail_expression(where_, source_, fmt::format("unknown filter '{}'", name),
                          suggestion(name, filter_names()));
        }
        node = make(Op::filter, {std::move(node)});
        node.keywords.emplace_back();
        node.name = std::move(name);
        if (accept("(")) {
          arguments(node);
        }
      } else {
        return node;
      }
    }
  }

  Node subscript(Node node) {
    Node first;
    if (!is(":")) {
      first = expression();
      if (accept("]")) {
        return make(Op::index, {std::move(node), std::move(first)});
      }
    }
    expect(":");
    Node second;
    if (!is("]")) {
      second = expression();
    }
    expect("]");
    return make(Op::slice, {std::move(node), std::move(first), std::move(second)});
  }

  Node primary() {
    const Token token = peek();
    Node node;
    switch (token.kind) {
      case Token::Kind::end: fail_expression(where_, source_, "a value is missing at the end");
      case Token::Kind::number:
        node.literal = token.value;
        ++at_;
        return node;
      case Token::Kind::text:
        node.literal = token.text;
        ++at_;
        // Texts beside each other are one.
        while (peek().kind == Token::Kind::text) {
          node.literal = node.literal.get<std::string>() + tokens_[at_++].text;
        }
        return node;
      case Token::Kind::name: return name(token);
      case Token::Kind::symbol: break;
    }
    if (accept("(")) {
      node = expression();
      expect(")");
      return node;
    }
    if (accept("[")) {
      node.op = Op::list;
      while (!accept("]")) {
        node.children.push_back(expression());
        if (!is("]")) {
          expect(",");
        }
      }
      return node;
    }
    if (accept("{")) {
      node.op = Op::map;
      while (!accept("}")) {
        node.children.push_back(expression());
        expect(":");
        node.children.push_back(expression());
        if (!is("}")) {
          expect(",");
        }
      }
      return node;
    }
    fail_expression(where_, source_, fmt::format("unexpected '{}'", token.text));
  }

  Node name(const Token& token) {
    Node node;
    ++at_;
    const std::string lower = to_lower(token.text);
    if (lower == "true" || lower == "false") {
      node.literal = lower == "true";
    } else if (lower == "none" || lower == "null") {
      node.literal = nullptr;
    } else if (accept("(")) {
      if (!is_function(token.text)) {
        fail_expression(where_, source_, fmt::format("unknown function '{}'", token.text),
                        suggestion(token.text, function_names()));
      }
      node.op = Op::call;
      node.name = token.text;
      arguments(node);
    } else {
      node.op = Op::name;
      node.name = token.text;
    }
    return node;
  }

  std::string_view source_;
  std::string_view where_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int depth_ = 0;
  int operators_ = 0;
};

}  // namespace

Node parse_expression(std::string_view source, std::string_view where) {
  return ExpressionParser{source, where}.parse();
}

}  // namespace mapctl::templates
