// SPDX-License-Identifier: Apache-2.0
// The parser of templates.
#include "core/base/template.hpp"

#include "core/base/template_tree.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace mapctl {
namespace {

using templates::fail_expression;
using templates::Node;
using templates::Op;
using templates::parse_expression;
using templates::Statement;

constexpr int deepest_branch = 100;

class TemplateParser {
 public:
  TemplateParser(std::string_view text, std::string_view where) : text_{text}, where_{where} {}

  std::vector<Statement> parse() {
    std::vector<Statement> statements = block();
    if (!stopped_.empty()) {
      fail_expression(where_, stopped_, "there is no 'if' before it");
    }
    return statements;
  }

 private:
  // Up to the end, or to an elif, else or endif, which is then in stopped_.
  std::vector<Statement> block() {
    std::vector<Statement> statements;
    stopped_.clear();
    while (!text_.empty()) {
      const std::size_t open = std::min({text_.find("{{"), text_.find("{%"), text_.find("{#")});
      if (open != 0) {
        Statement statement;
        statement.text = text_.substr(0, open);
        text_.remove_prefix(std::min(open, text_.size()));
        statements.push_back(std::move(statement));
        continue;
      }
      if (text_.starts_with("{#")) {
        inside("#}");
        continue;
      }
      if (text_.starts_with("{{")) {
        const std::string_view source = expression_source();
        Statement statement;
        statement.kind = Statement::Kind::print;
        statement.text = trim(source);
        statement.expression = parse_expression(source, where_);
        statements.push_back(std::move(statement));
        continue;
      }
      const std::string_view code = trim(inside("%}"));
      if (code.starts_with("set ")) {
        statements.push_back(assignment(code));
      } else if (code.starts_with("if ")) {
        statements.push_back(branch(code.substr(3)));
      } else if (code.starts_with("elif ") || code == "else" || code == "endif") {
        stopped_ = code;
        return statements;
      } else {
        fail_expression(where_, code, "only set and if are known",
                        "write it without loops and macros");
      }
    }
    return statements;
  }

  // Braces of a map, and of texts, belong to the expression.
  std::string_view expression_source() {
    char quote = 0;
    int braces = 0;
    for (std::size_t i = 2; i < text_.size(); ++i) {
      const char c = text_[i];
      if (quote != 0) {
        if (c == '\\') {
          ++i;
        } else if (c == quote) {
          quote = 0;
        }
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == '{') {
        ++braces;
      } else if (c == '}' && braces > 0) {
        --braces;
      } else if (c == '}' && text_.substr(i).starts_with("}}")) {
        const std::string_view source = text_.substr(2, i - 2);
        text_.remove_prefix(i + 2);
        return source;
      }
    }
    fail_expression(where_, text_, "'}}' is missing");
  }

  std::string_view inside(std::string_view close) {
    const std::size_t end = text_.find(close, 2);
    if (end == std::string_view::npos) {
      fail_expression(where_, text_, fmt::format("'{}' is missing", close));
    }
    std::string_view code = text_.substr(2, end - 2);
    text_.remove_prefix(end + 2);
    // "{%-" and "-%}" would strip white space, which these texts do not depend on.
    if (code.starts_with('-')) {
      code.remove_prefix(1);
    }
    if (code.ends_with('-')) {
      code.remove_suffix(1);
    }
    return code;
  }

  Statement assignment(std::string_view code) {
    const std::size_t equals = code.find('=');
    if (equals == std::string_view::npos) {
      fail_expression(where_, code, "'=' is missing");
    }
    Statement statement;
    statement.kind = Statement::Kind::set;
    statement.text = trim(code.substr(4, equals - 4));
    statement.expression = parse_expression(code.substr(equals + 1), where_);
    return statement;
  }

  Statement branch(std::string_view condition) {
    if (++depth_ > deepest_branch) {
      fail_expression(where_, condition, "nested too deeply");
    }
    Statement statement;
    statement.kind = Statement::Kind::branch;
    statement.expression = parse_expression(condition, where_);
    statement.body = block();
    const std::string end{stopped_};
    if (end.starts_with("elif ")) {
      statement.otherwise.push_back(branch(std::string_view{end}.substr(5)));
      --depth_;
      return statement;
    }
    if (end == "else") {
      statement.otherwise = block();
    }
    if (stopped_ != "endif") {
      fail_expression(where_, condition, "'endif' is missing");
    }
    stopped_.clear();
    --depth_;
    return statement;
  }

  std::string_view text_;
  std::string_view where_;
  std::string stopped_;
  int depth_ = 0;  // of conditions; an elif is one within the one before
};

bool node_mentions(const Node& node, std::string_view name) {
  return (node.op == Op::name && node.name == name) ||
         std::any_of(node.children.begin(), node.children.end(),
                     [&](const Node& child) { return node_mentions(child, name); });
}

bool statement_mentions(const Statement& statement, std::string_view name) {
  const auto any = [&](const std::vector<Statement>& statements) {
    return std::any_of(statements.begin(), statements.end(),
                       [&](const Statement& one) { return statement_mentions(one, name); });
  };
  return node_mentions(statement.expression, name) || any(statement.body) ||
         any(statement.otherwise);
}

}  // namespace

Template Template::parse(std::string_view text, std::string_view where) {
  Template made;
  made.source_ = text;
  if (text.find("{{") == std::string_view::npos && text.find("{%") == std::string_view::npos &&
      text.find("{#") == std::string_view::npos) {
    return made;
  }
  made.where_ = where;
  auto tree = std::make_shared<Tree>();
  tree->statements = TemplateParser{text, where}.parse();
  made.tree_ = std::move(tree);
  return made;
}

Template Template::constant(std::string text) {
  Template made;
  made.source_ = std::move(text);
  return made;
}

bool Template::mentions(std::string_view name) const {
  return tree_ != nullptr &&
         std::any_of(tree_->statements.begin(), tree_->statements.end(),
                     [&](const Statement& one) { return statement_mentions(one, name); });
}

}  // namespace mapctl
