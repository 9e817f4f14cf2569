// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.hpp"
#include "core/mapping/document.hpp"
#include "core/report/exports.hpp"
#include "core/report/pair_select.hpp"
#include "core/report/sql_expression.hpp"

#include <fmt/format.h>

#include <map>
#include <set>
#include <utility>

namespace mapctl::report {
namespace {

using mapping::yaml_scalar;

// dbt runs everything through Jinja, names and descriptions too.
std::string without_jinja(std::string_view text) {
  std::string plain = replace_all(text, "{{", "{ {");
  plain = replace_all(plain, "{%", "{ %");
  return replace_all(plain, "{#", "{ #");
}

std::string sql_in_jinja(std::string_view sql) {
  std::string result;
  for (std::size_t at = 0; at < sql.size(); ++at) {
    const std::string_view two = sql.substr(at, 2);
    if (two == "{{" || two == "{%" || two == "{#") {
      result += fmt::format("{{{{ '{}' }}}}", two);
      ++at;
    } else {
      result += sql[at];
    }
  }
  return result;
}

std::string identifier(std::string_view text) {
  std::string word;
  for (const char c : fold(text)) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (is_plain || (!word.empty() && word.back() != '_')) {
      word += is_plain ? c : '_';
    }
  }
  while (word.ends_with('_')) {
    word.pop_back();
  }
  return word.empty() || (word.front() >= '0' && word.front() <= '9') ? "x" + word : word;
}

// Names of sources: one for each endpoint and schema, also where two would become the same word.
class SourceNames {
 public:
  const std::string& of(const PairSide& side) {
    std::string& name = names_[{side.endpoint, side.ref.schema.text}];
    if (name.empty()) {
      const std::string base = identifier(
          side.ref.schema.empty() ? side.endpoint
                                  : fmt::format("{}_{}", side.endpoint, side.ref.schema.text));
      name = base;
      for (int number = 2; !taken_.insert(name).second; ++number) {
        name = fmt::format("{}_{}", base, number);
      }
    }
    return name;
  }

 private:
  std::map<std::pair<std::string, std::string>, std::string> names_{};
  std::set<std::string> taken_{};
};

struct SourceTables {
  std::string schema{};
  std::map<std::string, std::string> tables{};  // name, and its text in sources.yml
};

std::string source_table_text(const PairReport& pair) {
  std::string text =
      fmt::format("      - name: {}\n", yaml_scalar(without_jinja(pair.source.ref.table.text)));
  if (!pair.source.table.comment.empty()) {
    text += fmt::format("        description: {}\n",
                        yaml_scalar(without_jinja(pair.source.table.comment)));
  }
  if (pair.source.table.columns.empty()) {
    return text;
  }
  text += "        columns:\n";
  for (const catalog::Column& column : pair.source.table.columns) {
    text += fmt::format("          - name: {}\n", yaml_scalar(without_jinja(column.name.text)));
    if (!column.comment.empty()) {
      text +=
          fmt::format("            description: {}\n", yaml_scalar(without_jinja(column.comment)));
    }
  }
  return text;
}

std::string column_text(const SelectColumn& selected) {
  std::string text = fmt::format("      - name: {}\n", yaml_scalar(without_jinja(selected.name)));
  const catalog::Column* column = selected.column;
  if (column == nullptr) {
    return text;
  }
  if (!column->comment.empty()) {
    text += fmt::format("        description: {}\n", yaml_scalar(without_jinja(column->comment)));
  }
  std::string tests;
  if (column->required) {
    tests += "          - not_null\n";
  }
  if (column->unique) {
    tests += "          - unique\n";
  }
  if (!column->allowed_values.empty()) {
    tests += "          - accepted_values:\n              values:\n";
    for (const std::string& value : column->allowed_values) {
      tests += fmt::format("                - {}\n", yaml_scalar(without_jinja(value)));
    }
  }
  if (!tests.empty()) {
    text += "        tests:\n" + tests;
  }
  return text;
}

std::string model_sql(const PairReport& pair, const std::string& source, const PairSelect& select,
                      SqlTarget target) {
  std::vector<std::string> fields;
  for (const SelectColumn& column : select.columns) {
    fields.push_back(fmt::format("    {} as {}", sql_in_jinja(column.expression),
                                 sql_in_jinja(quote_identifier(target, column.name))));
  }
  std::string text;
  for (const std::string& note : select.notes) {
    const std::string line = replace_all(replace_all(note, "\n", " "), "\r", " ");
    text += fmt::format("-- {}\n", without_jinja(line));
  }
  const auto literal = [](std::string_view value) {
    return "'" + replace_all(replace_all(value, "\\", "\\\\"), "'", "\\'") + "'";
  };
  return text + fmt::format("select\n{}\nfrom {{{{ source({}, {}) }}}} as s\n", join(fields, ",\n"),
                            literal(source), literal(pair.source.ref.table.text));
}

}  // namespace

std::vector<ExportFile> dbt_files(const RunReport& run, PairSource& pairs, SqlTarget target) {
  std::map<std::string, SourceTables> sources;
  std::vector<ExportFile> models;
  std::set<std::string> names;
  SourceNames source_names;
  std::string schema = "version: 2\n\nmodels:\n";
  pairs.rewind();
  while (const PairReport* pair = pairs.next()) {
    const PairSelect select = select_of(target, run, *pair);
    if (select.columns.empty()) {
      continue;
    }
    const std::string& source_name = source_names.of(pair->source);
    SourceTables& source = sources[source_name];
    source.schema = pair->source.ref.schema.text;
    source.tables.emplace(pair->source.ref.table.text, source_table_text(*pair));
    const std::string base = fmt::format("stg_{}__{}_from_{}", identifier(pair->source.endpoint),
                                         identifier(pair->target.ref.table.text),
                                         identifier(pair->source.ref.table.text));
    std::string name = base;
    for (int number = 2; !names.insert(name).second; ++number) {
      name = fmt::format("{}_{}", base, number);
    }
    models.push_back({fmt::format("models/staging/{}.sql", name),
                      model_sql(*pair, source_name, select, target)});
    schema += fmt::format("  - name: {}\n", name);
    schema += fmt::format("    description: {}\n    columns:\n",
                          yaml_scalar(without_jinja(fmt::format(
                              "{} of {}, mapped by mapctl", catalog::to_string(pair->target.ref),
                              pair->source.endpoint))));
    for (const SelectColumn& column : select.columns) {
      schema += column_text(column);
    }
  }
  std::string sources_text = "version: 2\n\nsources:\n";
  for (const auto& [name, source] : sources) {
    sources_text += fmt::format("  - name: {}\n", name);
    if (!source.schema.empty()) {
      sources_text += fmt::format("    schema: {}\n", yaml_scalar(without_jinja(source.schema)));
    }
    sources_text += "    tables:\n";
    for (const auto& [table, text] : source.tables) {
      sources_text += text;
    }
  }
  if (models.empty()) {
    sources_text = "version: 2\n\nsources: []\n";
    schema = "version: 2\n\nmodels: []\n";
  }
  std::vector<ExportFile> files;
  files.push_back({"dbt_project.yml",
                   "name: mapctl_staging\nversion: \"1.0\"\nconfig-version: 2\n"
                   "profile: mapctl_staging\nmodel-paths: [models]\n"});
  files.push_back({"models/sources.yml", std::move(sources_text)});
  files.push_back({"models/staging/schema.yml", std::move(schema)});
  files.insert(files.end(), std::make_move_iterator(models.begin()),
               std::make_move_iterator(models.end()));
  return files;
}

}  // namespace mapctl::report
