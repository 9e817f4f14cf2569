// SPDX-License-Identifier: Apache-2.0
#include "core/config/yaml.hpp"

#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "core/config/yaml_events.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <istream>
#include <streambuf>
#include <unordered_map>
#include <utility>

namespace mapctl::config {
namespace {

// Reads from memory without a copy.
class ViewBuffer final : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view text) {
    // streambuf wants a pointer to non-const, but a read buffer is never written to.
    char* begin = const_cast<char*>(text.data());
    setg(begin, begin, begin + text.size());
  }
};

[[noreturn]] void fail(std::string_view file, int line, int column, std::string_view message,
                       std::string hint) {
  throw Error{ErrorCode::configuration, fmt::format("{}:{}:{}: {}", file, line, column, message),
              std::move(hint)};
}

// Builds the tree from the parser's events. The path of open containers is kept as indexes, since
// nodes move while their parents grow.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(std::shared_ptr<const std::string> file, const YamlLimits& limits)
      : file_{std::move(file)}, limits_{limits} {
    root_.file = file_;
  }

  YamlNode take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    if (expects_key()) {
      fail(*file_, mark.line + 1, mark.column + 1, "a key is missing",
           "write a name in front of the colon; 'null' and '~' need quotes to be one");
    }
    add(make(YamlKind::null, mark));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { refuse_reference(mark); }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    if (expects_key()) {
      Open& open = open_.back();
      const auto [known, is_new] = open.keys.emplace(value, mark.line + 1);
      if (!is_new) {
        fail(*file_, mark.line + 1, mark.column + 1, fmt::format("duplicate key '{}'", value),
             fmt::format("it is already given in line {}; remove one of the two", known->second));
      }
      open.key = value;
      open.key_line = mark.line + 1;
      open.key_column = mark.column + 1;
      open.has_key = true;
      return;
    }
    YamlNode node = make(YamlKind::scalar, mark);
    node.text = value;
    node.plain = tag != "!";
    add(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    start(YamlKind::sequence, mark, tag, anchor);
  }
  void OnSequenceEnd() override { end(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    start(YamlKind::map, mark, tag, anchor);
  }
  void OnMapEnd() override { end(); }

 private:
  struct Open {
    YamlNode node{};
    std::unordered_map<std::string, int> keys{};  // with the line of each
    std::string key{};
    int key_line = 0, key_column = 0;
    bool has_key = false;
  };

  bool expects_key() const noexcept {
    return !open_.empty() && open_.back().node.is_map() && !open_.back().has_key;
  }

  void refuse_reference(const YAML::Mark& mark) const {
    fail(*file_, mark.line + 1, mark.column + 1, "anchors and aliases are not read",
         "write the value out where it is used");
  }
  void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) const {
    if (anchor != YAML::NullAnchor) {
      refuse_reference(mark);
    }
  }
  void refuse_tag(const YAML::Mark& mark, const std::string& tag) const {
    if (!tag.empty() && tag != "?" && tag != "!") {
      fail(*file_, mark.line + 1, mark.column + 1, fmt::format("tag '{}' is not read", tag),
           "remove the tag; put text that looks like a number in quotes");
    }
  }

  YamlNode make(YamlKind kind, const YAML::Mark& mark) {
    if (++nodes_ > limits_.nodes) {
      throw Error{ErrorCode::resource_limit,
                  fmt::format("{}: more than {} values", *file_, limits_.nodes),
                  "split the file into smaller ones"};
    }
    YamlNode node;
    node.kind = kind;
    node.file = file_;
    // An absent value has no place of its own.
    node.line = std::max(mark.line, 0) + 1;
    node.column = std::max(mark.column, 0) + 1;
    return node;
  }

  void start(YamlKind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    if (expects_key()) {
      fail(*file_, mark.line + 1, mark.column + 1, "a key must be one value, not a list or map",
           "a text with brackets or braces needs quotes");
    }
    if (static_cast<int>(open_.size()) >= limits_.depth) {
      throw Error{ErrorCode::resource_limit,
                  fmt::format("{}:{}:{}: nested more than {} levels deep", *file_, mark.line + 1,
                              mark.column + 1, limits_.depth),
                  "write the values less deeply nested"};
    }
    Open open;
    open.node = make(kind, mark);
    open_.push_back(std::move(open));
  }

  void end() {
    YamlNode node = std::move(open_.back().node);
    open_.pop_back();
    add(std::move(node));
  }

  void add(YamlNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& open = open_.back();
    if (open.node.is_map()) {
      node.key = std::move(open.key);
      node.key_line = open.key_line;
      node.key_column = open.key_column;
      open.has_key = false;
    }
    open.node.children.push_back(std::move(node));
  }

  std::shared_ptr<const std::string> file_;
  YamlLimits limits_;
  std::size_t nodes_ = 0;
  YamlNode root_;
  std::vector<Open> open_;
};

[[noreturn]] void fail_syntax(std::string_view text, std::string_view file,
                              const YAML::Exception& error) {
  const int line = std::max(error.mark.line, 0) + 1;
  const int column = std::max(error.mark.column, 0) + 1;
  // The parser notices a tab late: at the next line, or as a map that does not end.
  for (const int at : {line, line - 1}) {
    if (at >= 1 && is_indented_with_tab(text, at)) {
      fail(file, at, 1, "a tab is used as indentation", "indent with spaces");
    }
  }
  std::string cause = to_lower(error.msg.substr(0, 1)) + error.msg.substr(1);
  std::string hint = "check indentation, colons and quotes near this line";
  if (cause.find("end of map not found") != std::string::npos ||
      cause.find("illegal map value") != std::string::npos) {
    hint = "check the indentation; text with a colon and a space in it needs quotes";
  }
  fail(file, line, column, fmt::format("not valid YAML: {}", cause), std::move(hint));
}

int count_lines(std::string_view text) {
  return static_cast<int>(std::count(text.begin(), text.end(), '\n')) + 1;
}

}  // namespace

std::string_view to_string(YamlKind kind) noexcept {
  switch (kind) {
    case YamlKind::null: return "nothing";
    case YamlKind::scalar: return "a value";
    case YamlKind::sequence: return "a list";
    case YamlKind::map: return "a map";
  }
  return "nothing";
}

const YamlNode* YamlNode::find(std::string_view name) const noexcept {
  if (kind != YamlKind::map) {
    return nullptr;
  }
  const auto found = std::find_if(children.begin(), children.end(),
                                  [&](const YamlNode& child) { return child.key == name; });
  return found == children.end() ? nullptr : &*found;
}

std::string YamlNode::where() const {
  return line == 0 ? *file : fmt::format("{}:{}:{}", *file, line, column);
}

std::string YamlNode::key_where() const {
  return key_line == 0 ? where() : fmt::format("{}:{}:{}", *file, key_line, key_column);
}

YamlNode parse_yaml(std::string_view text, std::string_view file, const YamlLimits& limits) {
  if (text.size() > limits.bytes) {
    throw Error{
        ErrorCode::resource_limit,
        fmt::format("{}: larger than {}", file, human_bytes(static_cast<double>(limits.bytes))),
        "split the file into smaller ones"};
  }
  if (const auto invalid = first_invalid_utf8(text)) {
    fail(file, count_lines(text.substr(0, *invalid)), 1, "not valid UTF-8",
         "save the file as UTF-8");
  }
  if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos) {
    fail(file, count_lines(text.substr(0, zero)), 1, "contains a zero byte",
         "save the file as UTF-8 text");
  }
  if (text.starts_with("\xEF\xBB\xBF")) {
    text.remove_prefix(3);
  }
  TreeBuilder builder{std::make_shared<const std::string>(file), limits};
  ViewBuffer buffer{text};
  std::istream stream{&buffer};
  try {
    YAML::Parser parser{stream};
    if (parser.HandleNextDocument(builder)) {
      TreeBuilder second{std::make_shared<const std::string>(file), limits};
      if (parser.HandleNextDocument(second)) {
        fail(file, second.take().line, 1, "more than one YAML document",
             "put each document into a file of its own");
      }
    }
  } catch (const YAML::Exception& error) {
    fail_syntax(text, file, error);
  }
  return builder.take();
}

YamlNode load_yaml(const std::filesystem::path& path, const YamlLimits& limits) {
  return parse_yaml(read_file(path), path.string(), limits);
}

void fail_at(const YamlNode& node, std::string_view message, std::string hint) {
  throw Error{ErrorCode::configuration, fmt::format("{}: {}", node.where(), message),
              std::move(hint)};
}

void fail_at_key(const YamlNode& node, std::string_view message, std::string hint) {
  throw Error{ErrorCode::configuration, fmt::format("{}: {}", node.key_where(), message),
              std::move(hint)};
}

}  // namespace mapctl::config
