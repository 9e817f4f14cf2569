// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.hpp"
#include "core/report/exports.hpp"
#include "core/report/pair_select.hpp"
#include "core/report/sql_expression.hpp"

#include <fmt/format.h>

#include <array>
#include <map>
#include <utility>

namespace mapctl::report {
namespace {

constexpr std::array<std::pair<SqlTarget, std::string_view>, 5> target_words{{
    {SqlTarget::sqlite, "sqlite"},
    {SqlTarget::duckdb, "duckdb"},
    {SqlTarget::postgresql, "postgresql"},
    {SqlTarget::mysql, "mysql"},
    {SqlTarget::sqlserver, "sqlserver"},
}};

std::string comment_of(std::string_view text) {
  std::string line = replace_all(text, "\r", " ");
  return "-- " + replace_all(line, "\n", "\n-- ") + "\n";
}

std::string create_view(SqlTarget target, const std::string& name) {
  const std::string quoted = quote_identifier(target, name);
  switch (target) {
    case SqlTarget::sqlite:
      return fmt::format("DROP VIEW IF EXISTS {0};\nCREATE VIEW {0} AS\n", quoted);
    case SqlTarget::sqlserver: return fmt::format("GO\nCREATE OR ALTER VIEW {} AS\n", quoted);
    default: return fmt::format("CREATE OR REPLACE VIEW {} AS\n", quoted);
  }
}

}  // namespace

std::string_view to_string(SqlTarget target) noexcept {
  for (const auto& [known, word] : target_words) {
    if (known == target) {
      return word;
    }
  }
  return {};
}

std::optional<SqlTarget> sql_target_from(std::string_view word) noexcept {
  for (const auto& [target, known] : target_words) {
    if (equal_ignoring_case(word, known)) {
      return target;
    }
  }
  if (equal_ignoring_case(word, "postgres")) {
    return SqlTarget::postgresql;
  }
  if (equal_ignoring_case(word, "mariadb")) {
    return SqlTarget::mysql;
  }
  return std::nullopt;
}

SqlTarget sql_target_of(std::string_view connector) noexcept {
  return sql_target_from(connector).value_or(SqlTarget::duckdb);
}

PairSelect select_of(SqlTarget target, const RunReport& run, const PairReport& pair) {
  PairSelect select;
  std::map<std::string, std::string, std::less<>> fed;
  for (const MappingRow& row : mapping_rows(run, pair)) {
    if (!row.is_mapped()) {
      continue;
    }
    const auto [known, is_new] = fed.emplace(row.target.text, row.field->source_column.text);
    if (!is_new) {
      select.notes.push_back(fmt::format("'{}' is fed by '{}'; '{}' was mapped to it too",
                                         row.target.text, known->second,
                                         row.field->source_column.text));
      continue;
    }
    SqlExpression expression = sql_expression(target, row);
    if (!expression.note.empty()) {
      select.notes.push_back(std::move(expression.note));
    }
    select.columns.push_back({row.target.text, std::move(expression.text), row.target_column});
  }
  for (const UnmappedRow& row : unmapped_targets(run, pair, mapping_rows(run, pair))) {
    if (row.required) {
      select.notes.push_back(fmt::format("required column '{}' has no source", row.name));
    }
  }
  return select;
}

void write_sql(const RunReport& run, PairSource& pairs, SqlTarget target, SqlShape shape,
               const Output& output) {
  output(fmt::format("-- mapctl: {} for {}\n", shape == SqlShape::view ? "views" : "insert-selects",
                     to_string(target)));
  std::map<std::string, int> names;
  pairs.rewind();
  while (const PairReport* pair = pairs.next()) {
    const PairSelect select = select_of(target, run, *pair);
    std::string text =
        "\n" + comment_of(fmt::format("{}: {}", pair->source.endpoint, title_of(*pair)));
    for (const std::string& note : select.notes) {
      text += comment_of(note);
    }
    if (select.columns.empty()) {
      output(text + comment_of("nothing is mapped"));
      continue;
    }
    std::vector<std::string> fields, columns;
    for (const SelectColumn& column : select.columns) {
      const std::string name = quote_identifier(target, column.name);
      columns.push_back(name);
      fields.push_back(fmt::format("  {} AS {}", column.expression, name));
    }
    if (shape == SqlShape::view) {
      std::string name =
          fmt::format("{}_from_{}", pair->target.ref.table.text, pair->source.ref.table.text);
      if (const int count = ++names[fold(name)]; count > 1) {
        name += fmt::format("_{}", count);
      }
      text += create_view(target, name);
    } else {
      text += fmt::format("INSERT INTO {} ({})\n", quote_table(target, pair->target.ref),
                          join(columns, ", "));
    }
    text += fmt::format("SELECT\n{}\nFROM {} AS s;\n", join(fields, ",\n"),
                        quote_table(target, pair->source.ref));
    output(text);
  }
}

}  // namespace mapctl::report
