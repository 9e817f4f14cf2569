// SPDX-License-Identifier: Apache-2.0
#include "connectors/dictionary/csv_dictionary.hpp"

#include "core/base/csv.hpp"
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

namespace mapctl::connectors::dictionary {
namespace {

enum Field : std::size_t {
  schema,
  table,
  column,
  type,
  description,
  nullable,
  required,
  key,
  references,
  length,
  default_value,
  values,
  unit,
  field_count
};

struct HeaderWord {
  const char* word;
  Field field;
};

// The first word of a field is the one that help and messages use.
constexpr std::array header_words{
    HeaderWord{"schema", schema},
    HeaderWord{"table", table},
    HeaderWord{"column", column},
    HeaderWord{"type", type},
    HeaderWord{"description", description},
    HeaderWord{"nullable", nullable},
    HeaderWord{"required", required},
    HeaderWord{"key", key},
    HeaderWord{"references", references},
    HeaderWord{"length", length},
    HeaderWord{"default", default_value},
    HeaderWord{"values", values},
    HeaderWord{"unit", unit},
    HeaderWord{"table_schema", schema},
    HeaderWord{"table_name", table},
    HeaderWord{"column_name", column},
    HeaderWord{"field", column},
    HeaderWord{"data_type", type},
    HeaderWord{"comment", description},
    HeaderWord{"is_nullable", nullable},
    HeaderWord{"pk", key},
    HeaderWord{"max_length", length},
};

class CsvDictionary {
 public:
  CsvDictionary(const std::filesystem::path& file, Tables& tables) : file_{file}, tables_{tables} {}

  void read(std::optional<char> delimiter) {
    const auto text = read_file(file_);
    if (const auto offset = first_invalid_utf8(text)) {
      line_ = static_cast<std::size_t>(std::count(
                  text.begin(), text.begin() + static_cast<std::ptrdiff_t>(*offset), '\n')) +
              1;
      fail("not UTF-8 text", "save the file as UTF-8");
    }
    const std::string name = fmt::format("file '{}'", file_.string());
    CsvReader reader{text, delimiter.value_or(likely_delimiter(text)), name};
    std::vector<std::string> record;
    while (next(reader, record)) {
      if (std::all_of(record.begin(), record.end(),
                      [](const std::string& field) { return trim(field).empty(); })) {
        continue;
      }
      fields_.empty() ? take_header(record) : take_column(record);
    }
    if (fields_.empty()) {
      throw Error{ErrorCode::invalid_data, fmt::format("file '{}' is empty", file_.string()),
                  "a data dictionary begins with the line: table,column,type,description"};
    }
  }

 private:
  static char likely_delimiter(std::string_view text) {
    const auto line = text.substr(0, text.find('\n'));
    char best = ',';
    for (const char candidate : {';', '\t'}) {
      if (std::count(line.begin(), line.end(), candidate) >
          std::count(line.begin(), line.end(), best)) {
        best = candidate;
      }
    }
    return best;
  }

  [[noreturn]] void fail(std::string message, std::string hint) const {
    throw Error{ErrorCode::invalid_data,
                fmt::format("file '{}', line {}: {}", file_.string(), line_, message),
                std::move(hint)};
  }

  bool next(CsvReader& reader, std::vector<std::string>& record) {
    const bool found = reader.next(record);
    line_ = reader.line();
    return found;
  }

  void take_header(const std::vector<std::string>& record) {
    std::array<bool, field_count> seen{};
    for (const auto& cell : record) {
      const auto word = replace_all(to_lower(trim(cell)), " ", "_");
      const auto* known =
          std::find_if(header_words.begin(), header_words.end(),
                       [&](const HeaderWord& candidate) { return candidate.word == word; });
      if (known == header_words.end()) {
        std::vector<std::string> names;
        for (const auto& candidate : header_words) {
          names.emplace_back(candidate.word);
        }
        fail(fmt::format("unknown heading '{}'", trim(cell)), suggestion(word, names));
      }
      if (std::exchange(seen[known->field], true)) {
        fail(fmt::format("heading '{}' says the same as one before it", trim(cell)),
             "keep one of the two");
      }
      fields_.push_back(known->field);
    }
    for (const auto field : {table, column}) {
      if (!seen[field]) {
        fail(fmt::format("heading '{}' is missing", header_words[field].word),
             "a data dictionary begins with the line: table,column,type,description");
      }
    }
  }

  bool yes_or_no(std::string_view text, Field field) const {
    const auto word = to_lower(text);
    for (const char* yes : {"yes", "y", "true", "1", "x", "pk", "pri", "primary"}) {
      if (word == yes) {
        return true;
      }
    }
    for (const char* no : {"no", "n", "false", "0", "-"}) {
      if (word == no) {
        return false;
      }
    }
    fail(fmt::format("'{}' cannot be '{}'", header_words[field].word, text), "write yes or no");
  }

  std::int64_t number(std::string_view text) const {
    std::int64_t value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc{} || end != text.data() + text.size() || value < 1) {
      fail(fmt::format("'length' cannot be '{}'", text), "write a number of characters");
    }
    return value;
  }

  static std::vector<std::string> listed(std::string_view text) {
    const char separator = text.find('|') != std::string_view::npos   ? '|'
                           : text.find(';') != std::string_view::npos ? ';'
                                                                      : ',';
    std::vector<std::string> result;
    for (const auto part : split(text, separator)) {
      if (!trim(part).empty()) {
        result.emplace_back(trim(part));
      }
    }
    return result;
  }

  void take_key(catalog::Table& to, catalog::Column& described, std::string_view text) const {
    const auto word = to_lower(text);
    if (word == "unique" || word == "uk" || word == "uni") {
      described.unique = true;
    } else if (word == "fk" || word == "mul" || word == "foreign") {
      return;  // `references` says where to
    } else if (yes_or_no(text, key)) {
      to.primary_key.push_back(described.name);
    }
  }

  void take_column(const std::vector<std::string>& record) {
    if (record.size() > fields_.size()) {
      fail(fmt::format("has {} fields where the header has {}", record.size(), fields_.size()),
           "put fields that hold the delimiter into quotes");
    }
    std::array<std::string_view, field_count> cells{};
    for (std::size_t i = 0; i < record.size(); ++i) {
      cells[fields_[i]] = trim(record[i]);
    }
    for (const auto field : {table, column}) {
      if (cells[field].empty()) {
        fail(fmt::format("'{}' is empty", header_words[field].word), "each line names both");
      }
    }
    catalog::TableRef ref;
    ref.schema = catalog::SchemaName{std::string{cells[schema]}};
    ref.table = catalog::TableName{std::string{cells[table]}};
    auto& to = tables_[ref];
    to.name = ref.table;

    catalog::Column described;
    described.name = catalog::ColumnName{std::string{cells[column]}};
    if (to.find(described.name) != nullptr) {
      fail(fmt::format("column '{}' of table '{}' is there twice", cells[column],
                       catalog::to_string(ref)),
           "keep one of the two lines");
    }
    described.position = static_cast<int>(to.columns.size()) + 1;
    described.type = catalog::parse_data_type(cells[type]);
    described.comment = std::string{cells[description]};
    described.unit = std::string{cells[unit]};
    if (!cells[length].empty()) {
      described.type.length = number(cells[length]);
    }
    if (!cells[nullable].empty()) {
      described.nullable = yes_or_no(cells[nullable], nullable);
    }
    if (!cells[required].empty()) {
      described.nullable = !yes_or_no(cells[required], required);
    }
    if (!cells[default_value].empty()) {
      described.default_value = std::string{cells[default_value]};
    }
    if (is_code_list(cells[values])) {
      described.code_list = std::string{cells[values]};
    } else if (!cells[values].empty()) {
      described.allowed_values = listed(cells[values]);
    }
    if (!cells[key].empty()) {
      take_key(to, described, cells[key]);
    }
    if (!cells[references].empty() && !add_reference(to, described.name, cells[references])) {
      fail(fmt::format("'references' cannot be '{}'", cells[references]), "write table.column");
    }
    to.columns.push_back(std::move(described));
  }

  const std::filesystem::path& file_;
  Tables& tables_;
  std::vector<Field> fields_;
  std::size_t line_ = 1;
};

}  // namespace

void read_csv_dictionary(const std::filesystem::path& file, std::optional<char> delimiter,
                         Tables& tables) {
  CsvDictionary{file, tables}.read(delimiter);
}

}  // namespace mapctl::connectors::dictionary
