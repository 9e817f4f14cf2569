// SPDX-License-Identifier: Apache-2.0
#include "core/report/sql_expression.hpp"

#include "core/base/text.hpp"
#include "core/mapping/expression.hpp"
#include "core/report/sql_dates.hpp"
#include "core/report/sql_texts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

namespace mapctl::report {
namespace {

using catalog::LogicalType;
using mapping::TransformationKind;
using mapping::TransformationStep;

std::string type_name(SqlTarget target, const catalog::DataType& type) {
  const bool is_sqlite = target == SqlTarget::sqlite;
  const bool is_mysql = target == SqlTarget::mysql;
  const bool is_sqlserver = target == SqlTarget::sqlserver;
  switch (type.logical) {
    case LogicalType::boolean:
      return is_sqlite ? "INTEGER" : is_mysql ? "UNSIGNED" : is_sqlserver ? "BIT" : "BOOLEAN";
    case LogicalType::integer: return is_sqlite ? "INTEGER" : is_mysql ? "SIGNED" : "BIGINT";
    case LogicalType::floating:
      return is_sqlite ? "REAL" : is_sqlserver ? "FLOAT" : is_mysql ? "DOUBLE" : "DOUBLE PRECISION";
    case LogicalType::decimal:
      return is_sqlite ? "NUMERIC"
                       : fmt::format("DECIMAL({},{})", type.precision.value_or(38),
                                     type.scale.value_or(6));
    case LogicalType::date: return is_sqlite ? "TEXT" : "DATE";
    case LogicalType::time: return is_sqlite ? "TEXT" : "TIME";
    case LogicalType::timestamp:
      return is_sqlite        ? "TEXT"
             : is_mysql       ? "DATETIME"
             : is_sqlserver   ? "DATETIME2"
             : type.time_zone ? "TIMESTAMP WITH TIME ZONE"
                              : "TIMESTAMP";
    default:
      return is_mysql ? "CHAR" : is_sqlserver ? "NVARCHAR(4000)" : is_sqlite ? "TEXT" : "VARCHAR";
  }
}

std::string cast(const std::string& input, const std::string& type) {
  return fmt::format("CAST({} AS {})", input, type);
}

std::string as_text(SqlTarget target, const std::string& input) {
  catalog::DataType text;
  text.logical = LogicalType::string;
  return cast(input, type_name(target, text));
}

class Writer {
 public:
  Writer(SqlTarget target, const MappingRow& row) : target_{target}, row_{&row} {}

  SqlExpression write() {
    const mapping::Transformation* transformation =
        row_->decision == nullptr ? nullptr : &row_->decision->transformation;
    SqlExpression result;
    result.text = input_column(row_->field->source_column.text);
    if (transformation == nullptr) {
      return result;
    }
    if (transformation->inputs.size() > 1 && transformation->steps.empty()) {
      result.text = join_inputs(" ");
    }
    for (const TransformationStep& step : transformation->steps) {
      const bool is_read = &step != &transformation->steps.back() &&
                           ((&step)[1].kind == TransformationKind::cast ||
                            (&step)[1].kind == TransformationKind::parse_date);
      if (step.kind == TransformationKind::join && is_read) {
        result.text = join_all_inputs(step.argument("separator"));
      } else if (!apply(step, result)) {
        result.text = "NULL";
        result.note =
            fmt::format("'{}' cannot be written as SQL: {}", row_->field->source_column.text,
                        mapping::describe(*transformation));
        return result;
      }
    }
    return result;
  }

 private:
  std::string input_column(std::string_view name) const {
    return "s." + quote_identifier(target_, name);
  }

  std::string join_inputs(std::string_view separator) const {
    std::vector<std::string> parts;
    for (const std::string& input : row_->decision->transformation.inputs) {
      parts.push_back(as_text(target_, input_column(input)));
    }
    if (target_ == SqlTarget::sqlite) {
      // Empty inputs leave no separator behind, as CONCAT_WS does elsewhere.
      std::string text;
      for (const std::string& part : parts) {
        text += fmt::format("{}COALESCE({} || {}, '')", text.empty() ? "" : " || ", part,
                            quote_text(target_, separator));
      }
      return fmt::format("NULLIF(rtrim({}, {}), '')", text, quote_text(target_, separator));
    }
    return fmt::format("NULLIF(CONCAT_WS({}, {}), '')", quote_text(target_, separator),
                       join(parts, ", "));
  }

  std::string join_as(std::string_view text) const {
    std::vector<std::string> parts;
    for (const std::string& input : row_->decision->transformation.inputs) {
      parts.push_back(as_text(target_, input_column(input)));
    }
    return sql_of_template(target_, parts, text);
  }

  // A moment without its date or its time of day is none, and no text that can be read as one.
  std::string join_all_inputs(std::string_view separator) const {
    const bool is_mysql = target_ == SqlTarget::mysql;
    const std::string mark = quote_text(target_, separator);
    const std::string between = is_mysql                          ? ", " + mark + ", "
                                : target_ == SqlTarget::sqlserver ? " + " + mark + " + "
                                                                  : " || " + mark + " || ";
    std::vector<std::string> parts;
    for (const std::string& input : row_->decision->transformation.inputs) {
      parts.push_back(as_text(target_, input_column(input)));
    }
    return (is_mysql ? "CONCAT(" : "(") + join(parts, between) + ")";
  }

  catalog::DataType target_type() const {
    return row_->target_column == nullptr ? catalog::DataType{} : row_->target_column->type;
  }

  bool apply(const TransformationStep& step, SqlExpression& result) const;
  std::string cast_to(const std::string& input, const catalog::DataType& type) const;
  bool parse_date(std::string_view format, SqlExpression& result) const;
  std::string parse_number(const std::string& input, bool decimal_comma) const;
  bool compute(std::string_view expression, SqlExpression& result) const;
  std::string parse_boolean(const std::string& input) const;
  std::string truncate(const std::string& input, std::string_view length) const;
  std::string substring(const std::string& input, const TransformationStep& step) const;
  bool replace(const TransformationStep& step, SqlExpression& result) const;
  std::string code_map(const std::string& input, const TransformationStep& step) const;
  std::string split(const std::string& input, std::string_view separator,
                    std::string_view part) const;
  std::string json_path(const std::string& input, std::string_view path) const;

  SqlTarget target_;
  const MappingRow* row_;
};

bool is_number_text(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && std::isfinite(value);
}

bool Writer::apply(const TransformationStep& step, SqlExpression& result) const {
  const std::string& input = result.text;
  switch (step.kind) {
    case TransformationKind::direct: return true;
    case TransformationKind::cast: {
      catalog::DataType type = catalog::parse_data_type(std::string{step.argument("type")});
      if (type.logical == LogicalType::unknown) {
        type = target_type();
      }
      result.text = cast_to(input, type);
      return true;
    }
    case TransformationKind::trim: result.text = fmt::format("TRIM({})", input); return true;
    case TransformationKind::parse_date: return parse_date(step.argument("format"), result);
    case TransformationKind::parse_number:
      result.text = parse_number(input, step.argument("decimal") == ",");
      return true;
    case TransformationKind::parse_boolean: result.text = parse_boolean(input); return true;
    case TransformationKind::format_text:
      result.text = step.argument("format").empty()
                        ? as_text(target_, input)
                        : sql_to_write_date(target_, input, step.argument("format"));
      return true;
    case TransformationKind::truncate:
      result.text = truncate(input, step.argument("length"));
      return true;
    case TransformationKind::code_map: result.text = code_map(input, step); return true;
    case TransformationKind::split:
      result.text = split(input, step.argument("separator"), step.argument("part"));
      return !result.text.empty();
    case TransformationKind::join:
      result.text = step.argument("template").empty() ? join_inputs(step.argument("separator"))
                                                      : join_as(step.argument("template"));
      return !result.text.empty();
    case TransformationKind::scale_unit:
      if (!is_number_text(step.argument("factor"))) {
        return false;
      }
      result.text = fmt::format("({} * {})", input, step.argument("factor"));
      return true;
    case TransformationKind::json_path:
      result.text = json_path(input, step.argument("path"));
      return true;
    case TransformationKind::default_value:
      result.text =
          fmt::format("COALESCE({}, {})", input, quote_text(target_, step.argument("value")));
      return true;
    case TransformationKind::constant:
      result.text = quote_text(target_, step.argument("value"));
      return true;
    case TransformationKind::sequence:
      result.text = target_ == SqlTarget::sqlserver ? "ROW_NUMBER() OVER (ORDER BY (SELECT NULL))"
                                                    : "ROW_NUMBER() OVER ()";
      return true;
    case TransformationKind::replace: return replace(step, result);
    case TransformationKind::substring: result.text = substring(input, step); return true;
    case TransformationKind::count_parts:
      result.text = sql_count_parts(target_, input, step.argument("separator"));
      return true;
    case TransformationKind::parse_duration:
      result.text = sql_of_duration(target_, as_text(target_, input));
      return true;
    case TransformationKind::to_list: result.text = sql_list_of(target_, input); return true;
    case TransformationKind::expression: return compute(step.argument("expression"), result);
    case TransformationKind::lookup:
    case TransformationKind::generated:
    case TransformationKind::aggregate: return false;
  }
  return false;
}

std::string Writer::cast_to(const std::string& input, const catalog::DataType& type) const {
  if (target_ == SqlTarget::sqlite) {
    // Dates are text there: a cast would leave the time of day in a date.
    switch (type.logical) {
      case LogicalType::date: return fmt::format("date({})", input);
      case LogicalType::time: return fmt::format("time({})", input);
      case LogicalType::timestamp: return fmt::format("datetime({})", input);
      default: break;
    }
  }
  return cast(input, type_name(target_, type));
}

bool Writer::compute(std::string_view expression, SqlExpression& result) const {
  const auto& inputs = row_->decision->transformation.inputs;
  const auto column = [&](std::string_view name) -> std::optional<std::string> {
    const bool known = name == row_->field->source_column.text ||
                       std::find(inputs.begin(), inputs.end(), name) != inputs.end();
    return known ? std::optional{input_column(name)} : std::nullopt;
  };
  const auto text = mapping::rewrite_expression(expression, column);
  if (!text) {
    return false;
  }
  result.text = fmt::format("({})", *text);
  return true;
}

bool Writer::parse_date(std::string_view format, SqlExpression& result) const {
  const LogicalType wanted = target_type().logical;
  const auto date = sql_of_written_date(target_, result.text, format,
                                        wanted == LogicalType::timestamp ? DateKind::moment
                                        : wanted == LogicalType::time    ? DateKind::time_of_day
                                                                         : DateKind::day);
  result.text = date.value_or("NULL");
  return date.has_value();
}

// What stands beside the digits is taken away; a number in brackets, or with its sign behind it, is
// below zero.
std::string Writer::parse_number(const std::string& input, bool decimal_comma) const {
  std::string text = as_text(target_, input);
  const std::array<std::pair<const char*, const char*>, 11> replaced{
      {{decimal_comma ? "." : ",", ""},
       {"$", ""},
       {"€", ""},
       {"£", ""},
       {"¥", ""},
       {"₹", ""},
       {"%", ""},
       {"'", ""},
       {" ", ""},
       {"(", "-"},
       {")", ""}}};
  for (const auto& [mark, instead] : replaced) {
    text = fmt::format("REPLACE({}, {}, {})", text, quote_text(target_, mark),
                       quote_text(target_, instead));
  }
  if (decimal_comma) {
    text = fmt::format("REPLACE({}, ',', '.')", text);
  }
  const std::string letters = quote_text(target_, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
  switch (target_) {  // codes of currencies
    case SqlTarget::mysql: text = fmt::format("REGEXP_REPLACE({}, '[A-Z]', '')", text); break;
    case SqlTarget::sqlserver:
      text = fmt::format("REPLACE(TRANSLATE({}, {}, REPLICATE(' ', 26)), ' ', '')", text, letters);
      break;
    default: text = fmt::format("RTRIM(LTRIM({0}, {1}), {1})", text, letters); break;
  }
  const bool is_mysql = target_ == SqlTarget::mysql;
  const std::string bare = fmt::format("REPLACE({}, '-', '')", text);
  const std::string turned = is_mysql ? fmt::format("CONCAT('-', {})", bare)
                             : target_ == SqlTarget::sqlserver ? fmt::format("'-' + {}", bare)
                                                               : fmt::format("'-' || {}", bare);
  text = fmt::format("CASE WHEN {0} LIKE '%_-' THEN {1} ELSE {0} END", text, turned);
  const LogicalType logical = target_type().logical;
  catalog::DataType type = target_type();
  if (!catalog::is_number(logical)) {
    type = catalog::DataType{};
    type.logical = LogicalType::decimal;
  }
  return cast(fmt::format("NULLIF(NULLIF({}, ''), '-')", text), type_name(target_, type));
}

std::string Writer::parse_boolean(const std::string& input) const {
  const bool has_words = target_ == SqlTarget::duckdb || target_ == SqlTarget::postgresql;
  return fmt::format(
      "CASE WHEN LOWER(TRIM({0})) IN ('true', 't', 'yes', 'y', 'on', '1') THEN {1} "
      "WHEN LOWER(TRIM({0})) IN ('false', 'f', 'no', 'n', 'off', '0') THEN {2} END",
      as_text(target_, input), has_words ? "TRUE" : "1", has_words ? "FALSE" : "0");
}

std::string Writer::truncate(const std::string& input, std::string_view length) const {
  long long characters = 0;
  std::from_chars(length.data(), length.data() + length.size(), characters);
  return target_ == SqlTarget::sqlite
             ? fmt::format("substr({}, 1, {})", input, characters)
             : fmt::format("LEFT({}, {})", as_text(target_, input), characters);
}

std::string Writer::substring(const std::string& input, const TransformationStep& step) const {
  const auto number = [&](std::string_view name) {
    const std::string_view text = step.argument(name);
    std::uint32_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
  };
  return fmt::format("{}({}, {}, {})", target_ == SqlTarget::sqlserver ? "SUBSTRING" : "SUBSTR",
                     as_text(target_, input), number("start"), number("length"));
}

bool Writer::replace(const TransformationStep& step, SqlExpression& result) const {
  const std::string_view old = step.argument("old");
  const std::string_view at = step.argument("at");
  if (at.empty()) {
    result.text = fmt::format("REPLACE({}, {}, {})", result.text, quote_text(target_, old),
                              quote_text(target_, step.argument("new")));
  } else if (at == "start" || at == "end") {
    const std::string text = as_text(target_, result.text);
    result.text = at == "start" ? sql_replace_start(target_, text, old, step.argument("new"))
                                : sql_replace_end(target_, text, old, step.argument("new"));
  } else {
    return false;
  }
  return !old.empty();
}

std::string Writer::code_map(const std::string& input, const TransformationStep& step) const {
  std::string text = fmt::format("CASE {}", as_text(target_, input));
  for (const auto& [from, to] : step.arguments) {
    text += fmt::format(" WHEN {} THEN {}", quote_text(target_, from), quote_text(target_, to));
  }
  return fmt::format("{} ELSE {} END", text, as_text(target_, input));
}

std::string Writer::split(const std::string& input, std::string_view separator,
                          std::string_view part) const {
  const std::string mark = quote_text(target_, separator);
  if (part == "final") {
    return sql_final_part(target_, input, separator);
  }
  if (part == "before_final") {
    return sql_before_final(target_, input, separator);
  }
  const bool first = part == "first" || part == "1" || part.empty();
  int number = 0;
  const auto [end, problem] = std::from_chars(part.data(), part.data() + part.size(), number);
  if (problem == std::errc{} && end == part.data() + part.size() && number > 1) {
    return sql_nth_part(target_, input, separator, number);
  }
  const std::size_t length = utf8_length(separator);  // all of them count characters
  switch (target_) {
    case SqlTarget::sqlite:
      return first ? fmt::format(
                         "CASE WHEN instr({0}, {1}) > 0 THEN substr({0}, 1, instr({0}, {1})"
                         " - 1) ELSE {0} END",
                         input, mark)
                   : fmt::format(
                         "CASE WHEN instr({0}, {1}) > 0 THEN substr({0}, instr({0}, {1}) + "
                         "{2}) END",
                         input, mark, length);
    case SqlTarget::duckdb:
    case SqlTarget::postgresql:
      return first ? fmt::format("split_part({}, {}, 1)", input, mark)
                   : fmt::format("NULLIF(SUBSTR({0}, STRPOS({0} || {1}, {1}) + {2}), '')", input,
                                 mark, length);
    case SqlTarget::mysql:
      return first ? fmt::format("SUBSTRING_INDEX({}, {}, 1)", input, mark)
                   : fmt::format("NULLIF(SUBSTR({0}, LOCATE({1}, CONCAT({0}, {1})) + {2}), '')",
                                 input, mark, length);
    case SqlTarget::sqlserver:
      return first
                 ? fmt::format("LEFT({0}, CHARINDEX({1}, {0} + {1}) - 1)", input, mark)
                 : fmt::format("NULLIF(SUBSTRING({0}, CHARINDEX({1}, {0} + {1}) + {2}, 4000), '')",
                               input, mark, length);
  }
  return input;
}

std::string Writer::json_path(const std::string& input, std::string_view path) const {
  const std::string dollar = path.starts_with("$") ? std::string{path} : fmt::format("$.{}", path);
  const std::string quoted = quote_text(target_, dollar);
  switch (target_) {
    case SqlTarget::sqlite: return fmt::format("json_extract({}, {})", input, quoted);
    case SqlTarget::duckdb: return fmt::format("json_extract_string({}, {})", input, quoted);
    case SqlTarget::postgresql:
      return fmt::format("jsonb_path_query_first(CAST({} AS jsonb), {}) #>> '{{}}'", input, quoted);
    case SqlTarget::mysql: return fmt::format("JSON_UNQUOTE(JSON_EXTRACT({}, {}))", input, quoted);
    case SqlTarget::sqlserver: return fmt::format("JSON_VALUE({}, {})", input, quoted);
  }
  return input;
}

}  // namespace

std::string quote_identifier(SqlTarget target, std::string_view name) {
  switch (target) {
    case SqlTarget::mysql: return "`" + replace_all(name, "`", "``") + "`";
    case SqlTarget::sqlserver: return "[" + replace_all(name, "]", "]]") + "]";
    default: return "\"" + replace_all(name, "\"", "\"\"") + "\"";
  }
}

std::string quote_text(SqlTarget target, std::string_view text) {
  std::string quoted = replace_all(text, "'", "''");
  if (target == SqlTarget::mysql) {
    quoted = replace_all(quoted, "\\", "\\\\");
  }
  return (target == SqlTarget::sqlserver ? "N'" : "'") + quoted + "'";
}

std::string quote_table(SqlTarget target, const catalog::TableRef& table) {
  const std::string name = quote_identifier(target, table.table.text);
  return table.schema.empty() ? name : quote_identifier(target, table.schema.text) + "." + name;
}

SqlExpression sql_expression(SqlTarget target, const MappingRow& row) {
  return Writer{target, row}.write();
}

}  // namespace mapctl::report
