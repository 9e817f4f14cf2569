// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/transform_text.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

namespace mapctl::mapping {
namespace {

constexpr std::string_view inputs_word = "inputs";
constexpr std::string_view note_word = "note";

bool is_special(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x20 ||
         std::string_view{",()|=\"\\"}.find(c) != std::string_view::npos;
}

// How much of the text is a value without quotes: parentheses that are closed again belong to it,
// with the commas in them, as in "decimal(12,2)".
std::size_t bare_length(std::string_view text) noexcept {
  int depth = 0;
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '(') {
      ++depth;
    } else if (c == ')' && depth > 0) {
      --depth;
    } else if (is_special(c) && !(c == ',' && depth > 0)) {
      break;
    }
  }
  return depth == 0 ? at : 0;
}

void append_word(std::string& out, std::string_view text) {
  const bool is_bare = !text.empty() && text.front() != ' ' && text.back() != ' ' &&
                       bare_length(text) == text.size();
  if (is_bare) {
    out += text;
  } else {
    append_json_string(out, text);
  }
}

std::vector<std::string> known_words() {
  std::vector<std::string> words;
  for (int i = 0; i <= static_cast<int>(last_transformation_kind); ++i) {
    words.emplace_back(to_string(static_cast<TransformationKind>(i)));
  }
  return words;
}

class TextReader {
 public:
  explicit TextReader(std::string_view text) : text_{text} {}

  Transformation read() {
    Transformation transformation;
    do {
      read_step(transformation);
      skip_blanks();
    } while (take('|'));
    if (at_ < text_.size()) {
      reject(fmt::format("'{}' is not expected at character {}", text_[at_], at_ + 1));
    }
    return transformation;
  }

 private:
  [[noreturn]] void reject(std::string_view what, std::string hint = {}) const {
    throw Error{ErrorCode::invalid_data, fmt::format("transform '{}': {}", text_, what),
                hint.empty() ? "write it as: trim | parse_date(format=%d/%m/%Y)" : std::move(hint)};
  }

  void skip_blanks() noexcept {
    while (at_ < text_.size() && text_[at_] == ' ') {
      ++at_;
    }
  }

  bool take(char c) noexcept {
    if (at_ < text_.size() && text_[at_] == c) {
      ++at_;
      return true;
    }
    return false;
  }

  std::string quoted() {
    const std::size_t begin = at_++;
    while (at_ < text_.size() && text_[at_] != '"') {
      at_ += text_[at_] == '\\' ? 2 : 1;
    }
    if (at_ >= text_.size()) {
      reject("a quote is not closed");
    }
    ++at_;
    const Json json =
        Json::parse(text_.substr(begin, at_ - begin), nullptr, /*allow_exceptions=*/false);
    if (!json.is_string()) {
      reject(fmt::format("{} is not text in quotes", text_.substr(begin, at_ - begin)));
    }
    return json.get<std::string>();
  }

  std::string step_name() {
    skip_blanks();
    const std::size_t begin = at_;
    while (at_ < text_.size() && !is_special(text_[at_])) {
      ++at_;
    }
    const std::string_view found = trim(text_.substr(begin, at_ - begin));
    if (found.empty()) {
      reject("a step is missing");
    }
    return std::string{found};
  }

  // A word or quoted text; empty words are refused, as nobody means them.
  std::string word(std::string_view what) {
    skip_blanks();
    if (at_ < text_.size() && text_[at_] == '"') {
      std::string text = quoted();
      skip_blanks();
      return text;
    }
    const std::string_view found = text_.substr(at_, bare_length(text_.substr(at_)));
    at_ += found.size();
    if (trim(found).empty()) {
      reject(fmt::format("{} is missing", what));
    }
    return std::string{trim(found)};
  }

  std::vector<std::string> words_in_parentheses(std::string_view what) {
    std::vector<std::string> words;
    if (!take('(')) {
      reject(fmt::format("{} has no parentheses", what));
    }
    do {
      words.push_back(word(what));
    } while (take(','));
    close();
    return words;
  }

  void close() {
    if (!take(')')) {
      reject("a parenthesis is not closed");
    }
  }

  void read_step(Transformation& transformation) {
    const std::string name = step_name();
    if (name == inputs_word) {
      transformation.inputs = words_in_parentheses(name);
      return;
    }
    if (name == note_word) {
      transformation.note = words_in_parentheses(name).front();
      return;
    }
    const auto kind = transformation_kind_from(name);
    if (!kind) {
      reject(fmt::format("'{}' is not a known step", name), suggestion(name, known_words()));
    }
    TransformationStep step;
    step.kind = *kind;
    if (take('(')) {
      do {
        std::string argument = word("an argument");
        if (!take('=')) {
          reject(fmt::format("argument '{}' has no '='", argument));
        }
        step.arguments.emplace_back(std::move(argument), word("a value"));
      } while (take(','));
      close();
    }
    std::sort(step.arguments.begin(), step.arguments.end());
    check(step);
    transformation.steps.push_back(std::move(step));
  }

  void require(const TransformationStep& step, std::string_view name,
               std::string_view example) const {
    const bool is_given = std::any_of(step.arguments.begin(), step.arguments.end(),
                                      [&](const auto& argument) { return argument.first == name; });
    if (!is_given) {
      reject(fmt::format("'{}' needs '{}'", to_string(step.kind), name),
             fmt::format("write it as: {}({}={})", to_string(step.kind), name, example));
    }
  }

  void check(const TransformationStep& step) const {
    for (std::size_t i = 1; i < step.arguments.size(); ++i) {
      if (step.arguments[i - 1].first == step.arguments[i].first) {
        reject(fmt::format("argument '{}' is given twice", step.arguments[i].first));
      }
    }
    switch (step.kind) {
      case TransformationKind::constant:
      case TransformationKind::default_value: require(step, "value", "unknown"); break;
      case TransformationKind::json_path: require(step, "path", "$.name"); break;
      case TransformationKind::expression: require(step, "expression", "\"a + b\""); break;
      case TransformationKind::aggregate: require(step, "function", "sum"); break;
      case TransformationKind::replace: {
        require(step, "old", "-");
        const std::string_view at = step.argument("at");
        if (!at.empty() && at != "start" && at != "end") {
          reject(fmt::format("'{}' is no place for 'replace'", at),
                 "write it as: replace(old=-, at=start) or replace(old=-, at=end)");
        }
        break;
      }
      case TransformationKind::substring: {
        require(step, "start", "5");
        require(step, "length", "8");
        check_number<std::uint32_t>(step, "start");
        check_number<std::uint32_t>(step, "length");
        break;
      }
      case TransformationKind::code_map:
        if (step.arguments.empty()) {
          reject("'code_map' has no codes", "write it as: code_map(M=male, F=female)");
        }
        break;
      case TransformationKind::truncate: {
        require(step, "length", "40");
        check_number<std::uint32_t>(step, "length");
        break;
      }
      case TransformationKind::scale_unit: {
        require(step, "factor", "0.01");
        check_number<double>(step, "factor");
        break;
      }
      default: break;
    }
  }

  template <class Number>
  void check_number(const TransformationStep& step, std::string_view name) const {
    const std::string_view text = step.argument(name);
    Number number{};
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    bool is_finite = true;
    if constexpr (std::is_floating_point_v<Number>) {
      is_finite = std::isfinite(number);
    }
    if (problem != std::errc{} || end != text.data() + text.size() || !is_finite) {
      reject(fmt::format("'{}' is not a number for '{}'", text, name));
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::string to_text(const Transformation& transformation) {
  std::string out;
  const auto begin_step = [&](std::string_view name) {
    out += out.empty() ? "" : " | ";
    out += name;
  };
  if (!transformation.inputs.empty()) {
    begin_step(inputs_word);
    for (const std::string& input : transformation.inputs) {
      out += &input == &transformation.inputs.front() ? "(" : ", ";
      append_word(out, input);
    }
    out += ')';
  }
  if (!transformation.note.empty()) {
    begin_step(note_word);
    out += '(';
    append_word(out, transformation.note);
    out += ')';
  }
  for (const TransformationStep& step : transformation.steps) {
    begin_step(to_string(step.kind));
    for (const auto& argument : step.arguments) {
      out += &argument == &step.arguments.front() ? "(" : ", ";
      append_word(out, argument.first);
      out += '=';
      append_word(out, argument.second);
    }
    out += step.arguments.empty() ? "" : ")";
  }
  return out;
}

Transformation transformation_from_text(std::string_view text) {
  return TextReader{text}.read();
}

}  // namespace mapctl::mapping
