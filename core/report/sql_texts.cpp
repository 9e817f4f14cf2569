// SPDX-License-Identifier: Apache-2.0
#include "core/report/sql_texts.hpp"

#include "core/base/text.hpp"
#include "core/report/sql_expression.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstddef>

namespace mapctl::report {
namespace {

std::string_view length_function(SqlTarget target) noexcept {
  return target == SqlTarget::mysql       ? "CHAR_LENGTH"
         : target == SqlTarget::sqlserver ? "LEN"
                                          : "LENGTH";
}

// Blanks at the end are no separators of words.
std::string without_end_blanks(const std::string& input, std::string_view separator) {
  return separator == " " ? fmt::format("RTRIM({})", input) : input;
}

std::string as_integer(SqlTarget target, const std::string& input) {
  return fmt::format("CAST({} AS {})", input,
                     target == SqlTarget::sqlite  ? "INTEGER"
                     : target == SqlTarget::mysql ? "SIGNED"
                                                  : "BIGINT");
}

std::string concat(SqlTarget target, const std::string& left, const std::string& right) {
  return target == SqlTarget::mysql       ? fmt::format("CONCAT({}, {})", left, right)
         : target == SqlTarget::sqlserver ? fmt::format("{} + {}", left, right)
                                          : fmt::format("{} || {}", left, right);
}

// A sign that stands in no text, to be put where a text begins or ends. Collations of these two
// systems may skip a control character.
std::string border(SqlTarget target) {
  return target == SqlTarget::mysql || target == SqlTarget::sqlserver ? quote_text(target, "|")
         : target == SqlTarget::sqlite                                ? "char(1)"
                                                                      : "chr(1)";
}

}  // namespace

std::string sql_final_part(SqlTarget target, const std::string& input, std::string_view separator) {
  const std::string text = without_end_blanks(input, separator);
  const std::string mark = quote_text(target, separator);
  switch (target) {
    case SqlTarget::sqlite:
      // All signs that are no separators are taken from the end.
      return utf8_length(separator) != 1
                 ? std::string{}
                 : fmt::format("substr({0}, length(rtrim({0}, replace({0}, {1}, ''))) + 1)", text,
                               mark);
    case SqlTarget::duckdb: return fmt::format("string_split({}, {})[-1]", text, mark);
    case SqlTarget::postgresql:
      return fmt::format("reverse(split_part(reverse({}), reverse({}), 1))", text, mark);
    case SqlTarget::mysql: return fmt::format("SUBSTRING_INDEX({}, {}, -1)", text, mark);
    case SqlTarget::sqlserver:
      return fmt::format("RIGHT({0}, CHARINDEX(REVERSE({1}), REVERSE({0}) + REVERSE({1})) - 1)",
                         text, mark);
  }
  return {};
}

std::string sql_before_final(SqlTarget target, const std::string& input,
                             std::string_view separator) {
  const std::string text = without_end_blanks(input, separator);
  const std::string final_part = sql_final_part(target, input, separator);
  const std::size_t length = utf8_length(separator);
  if (target == SqlTarget::sqlite) {
    return utf8_length(separator) != 1
               ? std::string{}
               : fmt::format(
                     "NULLIF(substr({0}, 1, length(rtrim({0}, replace({0}, {1}, ''))) - 1), '')",
                     text, quote_text(target, separator));
  }
  if (target == SqlTarget::sqlserver) {
    return fmt::format(
        "CASE WHEN CHARINDEX({1}, {0}) > 0 THEN LEFT({0}, LEN({0}) - LEN({2}) - {3}) END", text,
        quote_text(target, separator), final_part, length);
  }
  return fmt::format("NULLIF(LEFT({0}, GREATEST({1}({0}) - {1}({2}) - {3}, 0)), '')", text,
                     length_function(target), final_part, length);
}

std::string sql_replace_start(SqlTarget target, const std::string& input, std::string_view old,
                              std::string_view instead) {
  const std::string sign = border(target);
  const std::string text =
      fmt::format("REPLACE({}, {}, {})", concat(target, sign, input),
                  concat(target, sign, quote_text(target, old)),
                  instead.empty() ? sign : concat(target, sign, quote_text(target, instead)));
  return target == SqlTarget::sqlserver ? fmt::format("SUBSTRING({}, 2, 4000)", text)
                                        : fmt::format("SUBSTR({}, 2)", text);
}

std::string sql_replace_end(SqlTarget target, const std::string& input, std::string_view old,
                            std::string_view instead) {
  const std::string sign = border(target);
  const std::string text =
      fmt::format("REPLACE({}, {}, {})", concat(target, input, sign),
                  concat(target, quote_text(target, old), sign),
                  instead.empty() ? sign : concat(target, quote_text(target, instead), sign));
  switch (target) {
    case SqlTarget::mysql: return fmt::format("REVERSE(SUBSTR(REVERSE({}), 2))", text);
    case SqlTarget::sqlserver: return fmt::format("REVERSE(SUBSTRING(REVERSE({}), 2, 4000))", text);
    default: return fmt::format("RTRIM({}, {})", text, sign);
  }
}

std::string sql_nth_part(SqlTarget target, const std::string& input, std::string_view separator,
                         int number) {
  const std::string mark = quote_text(target, separator);
  switch (target) {
    case SqlTarget::sqlite:
      // A list of texts made of the text: its quotes and backslashes are escaped before.
      return fmt::format(
          "json_extract('[' || replace(json_quote(CAST({} AS TEXT)), {}, '\",\"') || ']', '$[{}]')",
          input, mark, number - 1);
    case SqlTarget::duckdb:
    case SqlTarget::postgresql:
      return fmt::format("NULLIF(split_part({}, {}, {}), '')", input, mark, number);
    case SqlTarget::mysql:
      return fmt::format(
          "CASE WHEN CHAR_LENGTH({0}) - CHAR_LENGTH(REPLACE({0}, {1}, '')) >= {2} * "
          "CHAR_LENGTH({1}) "
          "THEN SUBSTRING_INDEX(SUBSTRING_INDEX({0}, {1}, {3}), {1}, -1) END",
          input, mark, number - 1, number);
    case SqlTarget::sqlserver:
      return fmt::format(
          "JSON_VALUE('[\"' + REPLACE(STRING_ESCAPE({}, 'json'), {}, '\",\"') + '\"]', '$[{}]')",
          input, mark, number - 1);
  }
  return input;
}

std::string sql_list_of(SqlTarget target, const std::string& input) {
  const auto list = [&] {
    switch (target) {
      case SqlTarget::sqlite: return fmt::format("json_array({})", input);
      case SqlTarget::duckdb: return fmt::format("[{}]", input);
      case SqlTarget::postgresql: return fmt::format("ARRAY[{}]", input);
      case SqlTarget::mysql: return fmt::format("JSON_ARRAY({})", input);
      case SqlTarget::sqlserver:
        return fmt::format("'[\"' + STRING_ESCAPE(CAST({} AS nvarchar(max)), 'json') + '\"]'",
                           input);
    }
    return input;
  };
  return fmt::format("CASE WHEN {} IS NOT NULL THEN {} END", input, list());
}

std::string sql_count_parts(SqlTarget target, const std::string& input,
                            std::string_view separator) {
  if (separator.empty()) {
    switch (target) {
      case SqlTarget::sqlite:
      case SqlTarget::duckdb: return fmt::format("json_array_length({})", input);
      case SqlTarget::postgresql:
        return fmt::format("jsonb_array_length(CAST({} AS jsonb))", input);
      case SqlTarget::mysql: return fmt::format("JSON_LENGTH({})", input);
      case SqlTarget::sqlserver:
        return fmt::format(
            "CASE WHEN {0} IS NOT NULL THEN (SELECT COUNT(*) FROM OPENJSON({0})) END", input);
    }
  }
  return fmt::format(
      "CASE WHEN {0} = '' THEN 0 ELSE ({1}({0}) - {1}(REPLACE({0}, {2}, ''))) / {3} + 1 END", input,
      length_function(target), quote_text(target, separator), utf8_length(separator));
}

std::string sql_of_duration(SqlTarget target, const std::string& input) {
  const auto part = [&](int number) {
    return as_integer(target, sql_nth_part(target, input, ":", number));
  };
  return fmt::format("({} * 3600 + {} * 60 + COALESCE({}, 0))", part(1), part(2), part(3));
}

std::string sql_of_template(SqlTarget target, const std::vector<std::string>& inputs,
                            std::string_view text) {
  std::vector<std::string> parts;
  std::string before;
  std::string first_before;
  while (!text.empty()) {
    const auto open = text.find('{');
    before += text.substr(0, open);
    if (open == text.npos) {
      parts.push_back(quote_text(target, before));
      break;
    }
    const auto close = text.find('}', open);
    std::size_t number = 0;
    const auto digits =
        close == text.npos ? std::string_view{} : text.substr(open + 1, close - open - 1);
    const auto [end, problem] =
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (problem != std::errc{} || end != digits.data() + digits.size() || number == 0 ||
        number > inputs.size()) {
      return {};
    }
    const std::string& input = inputs[number - 1];
    parts.push_back(
        fmt::format("COALESCE({}, '')",
                    before.empty() ? input : concat(target, quote_text(target, before), input)));
    before.clear();
    text.remove_prefix(close + 1);
  }
  if (parts.empty()) {
    return {};
  }
  const std::string whole = target == SqlTarget::mysql
                                ? fmt::format("CONCAT({})", join(parts, ", "))
                                : join(parts, target == SqlTarget::sqlserver ? " + " : " || ");
  return fmt::format("NULLIF({}, '')", whole);
}

}  // namespace mapctl::report
