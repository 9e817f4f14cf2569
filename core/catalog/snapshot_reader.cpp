// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.hpp"
#include "core/catalog/snapshot.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <charconv>
#include <map>

namespace mapctl::catalog {
namespace {

[[noreturn]] void reject(std::string_view where, std::string_view what) {
  throw Error{ErrorCode::invalid_data, fmt::format("catalog document: '{}' {}", where, what),
              "discover the system again to make a new snapshot"};
}

// Reads members of one object; an optional member may be missing or null.
class Reader {
 public:
  explicit Reader(const Json& json, std::string_view where) : json_{json} {
    if (!json.is_object()) {
      reject(where, "is not an object");
    }
  }

  const Json* member(const char* name) const {
    const auto at = json_.find(name);
    return at == json_.end() || at->is_null() ? nullptr : &*at;
  }

  template <class T>
  std::optional<T> optional(const char* name) const {
    const Json* value = member(name);
    if (value == nullptr) {
      return std::nullopt;
    }
    try {
      return value->get<T>();
    } catch (const nlohmann::json::exception&) {
      reject(name, "has the wrong type");
    }
  }

  template <class T>
  T get(const char* name, T otherwise = {}) const {
    auto value = optional<T>(name);
    return value ? std::move(*value) : std::move(otherwise);
  }

  std::string text(const char* name) const { return get<std::string>(name); }

  std::string name() const {
    auto value = optional<std::string>("name");
    if (!value) {
      reject("name", "is missing");
    }
    return std::move(*value);
  }

  // The elements of a list; nothing where it is missing.
  const Json& list(const char* name) const {
    static const Json none = Json::array();
    const Json* value = member(name);
    if (value == nullptr) {
      return none;
    }
    if (!value->is_array()) {
      reject(name, "is not a list");
    }
    return *value;
  }

  std::vector<ColumnName> names(const char* name) const {
    std::vector<ColumnName> columns;
    for (std::string& column : get<std::vector<std::string>>(name)) {
      columns.emplace_back(std::move(column));
    }
    return columns;
  }

  template <class Enum>
  Enum word(const char* name, std::optional<Enum> (*from)(std::string_view) noexcept,
            Enum otherwise) const {
    const auto text = optional<std::string>(name);
    if (!text) {
      return otherwise;
    }
    const auto value = from(*text);
    if (!value) {
      reject(name, fmt::format("is '{}', which is not known", *text));
    }
    return *value;
  }

 private:
  const Json& json_;
};

std::vector<std::uint64_t> read_sketch(std::string_view text) {
  if (text.size() % 16 != 0) {
    reject("sketch", "is cut off");
  }
  std::vector<std::uint64_t> sketch;
  for (std::size_t at = 0; at < text.size(); at += 16) {
    std::uint64_t hash = 0;
    const auto* const end = text.data() + at + 16;
    const auto [stop, problem] = std::from_chars(text.data() + at, end, hash, 16);
    if (problem != std::errc{} || stop != end) {
      reject("sketch", "is not hexadecimal");
    }
    sketch.push_back(hash);
  }
  return sketch;
}

ColumnStatistics read_statistics(const Json& json) {
  const Reader reader{json, "statistics"};
  ColumnStatistics statistics;
  statistics.rows = reader.get<std::int64_t>("rows");
  statistics.sampled = reader.get<bool>("sampled");
  statistics.null_share = reader.get<double>("null_share");
  statistics.distinct = reader.get<std::int64_t>("distinct");
  statistics.minimum = reader.optional<std::string>("minimum");
  statistics.maximum = reader.optional<std::string>("maximum");
  statistics.mean = reader.optional<double>("mean");
  statistics.deviation = reader.optional<double>("deviation");
  statistics.quantiles = reader.get<std::vector<double>>("quantiles");
  statistics.shortest = reader.optional<std::int64_t>("shortest");
  statistics.longest = reader.optional<std::int64_t>("longest");
  statistics.average_length = reader.optional<double>("average_length");
  statistics.integer_digits = reader.get<int>("integer_digits");
  statistics.fraction_digits = reader.get<int>("fraction_digits");
  for (const Json& entry : reader.list("patterns")) {
    const Reader known{entry, "patterns"};
    // A pattern that a later version knows and we do not is no reason to refuse the rest.
    if (const auto pattern = value_pattern_from(known.text("pattern"))) {
      statistics.patterns.push_back({*pattern, known.get<double>("share")});
    }
  }
  for (const Json& entry : reader.list("frequent")) {
    const Reader value{entry, "frequent"};
    statistics.frequent.push_back({value.text("text"), value.get<std::int64_t>("count")});
  }
  statistics.samples = reader.get<std::vector<std::string>>("samples");
  statistics.sketch = read_sketch(reader.text("sketch"));
  statistics.first_rows = reader.get<std::vector<std::string>>("first_rows");
  for (const auto& row : reader.get<std::vector<std::string>>("row_parts")) {
    statistics.row_parts.push_back(read_sketch(row));
  }
  statistics.presence = reader.optional<double>("presence");
  return statistics;
}

Column read_column(const Json& json) {
  const Reader reader{json, "column"};
  Column column;
  column.name = ColumnName{reader.name()};
  column.position = reader.get<int>("position");
  column.type.native = reader.text("native_type");
  column.type.logical = reader.word("type", &logical_type_from, LogicalType::unknown);
  column.type.length = reader.optional<std::int64_t>("length");
  column.type.length_in_bytes = reader.get<bool>("length_in_bytes");
  column.type.precision = reader.optional<int>("precision");
  column.type.scale = reader.optional<int>("scale");
  column.type.bits = reader.optional<int>("bits");
  column.type.is_unsigned = reader.get<bool>("unsigned");
  column.type.time_zone = reader.get<bool>("time_zone");
  column.type.element = reader.word("element", &logical_type_from, LogicalType::unknown);
  column.nullable = reader.get<bool>("nullable", true);
  column.required = reader.get<bool>("required");
  column.generated = reader.get<bool>("generated");
  column.unique = reader.get<bool>("unique");
  column.default_value = reader.optional<std::string>("default");
  column.comment = reader.text("comment");
  column.allowed_values = reader.get<std::vector<std::string>>("allowed_values");
  column.code_list = reader.text("code_list");
  column.unit = reader.text("unit");
  column.minimum = reader.optional<double>("minimum");
  column.maximum = reader.optional<double>("maximum");
  if (const Json* found = reader.member("personal")) {
    const Reader personal{*found, "personal"};
    column.personal = PersonalData{personal.text("kind"), personal.text("reason"),
                                   personal.get<double>("likelihood")};
  }
  if (const Json* statistics = reader.member("statistics")) {
    column.statistics = read_statistics(*statistics);
  }
  return column;
}

ForeignKey read_foreign_key(const Json& json) {
  const Reader reader{json, "foreign_keys"};
  ForeignKey key;
  key.name = reader.text("name");
  key.columns = reader.names("columns");
  const Json* found = reader.member("references");
  if (found == nullptr) {
    reject("references", "is missing");
  }
  const Reader references{*found, "references"};
  key.references = {SchemaName{references.text("schema")}, TableName{references.text("table")}};
  key.referenced_columns = references.names("columns");
  return key;
}

// Rows of one table are compared side by side, and a column without any value keeps none.
void check_rows(const Table& table) {
  const Column* known = nullptr;
  for (const Column& column : table.columns) {
    const auto rows = column.statistics ? column.statistics->first_rows.size() : 0;
    if (rows > first_row_count) {
      reject("first_rows", fmt::format("of '{}.{}' has {} rows and at most {} are kept",
                                       table.name.text, column.name.text, rows, first_row_count));
    }
    if (rows == 0) {
      continue;
    }
    if (known != nullptr && rows != known->statistics->first_rows.size()) {
      reject("first_rows", fmt::format("of '{}.{}' has {} rows and those of '{}' have {}",
                                       table.name.text, column.name.text, rows, known->name.text,
                                       known->statistics->first_rows.size()));
    }
    known = &column;
  }
}

Table read_table(const Json& json) {
  const Reader reader{json, "table"};
  Table table;
  table.name = TableName{reader.name()};
  table.kind = reader.word("kind", &table_kind_from, TableKind::table);
  table.row_count = reader.optional<std::int64_t>("row_count");
  table.row_count_is_estimate = reader.get<bool>("row_count_is_estimate");
  table.comment = reader.text("comment");
  table.domain = reader.text("domain");
  table.version = reader.text("version");
  for (const Json& column : reader.list("columns")) {
    table.columns.push_back(read_column(column));
  }
  check_rows(table);
  table.primary_key = reader.names("primary_key");
  for (const Json& key : reader.list("foreign_keys")) {
    table.foreign_keys.push_back(read_foreign_key(key));
  }
  using Texts = std::map<std::string, std::string>;
  for (auto& [name, value] : reader.get<Texts>("properties")) {
    table.properties.push_back({name, value});
  }
  return table;
}

// "2026-01-31T08:05:09.123Z", as to_iso8601 writes it.
TimePoint read_time(std::string_view text) {
  constexpr std::string_view shape = "0000-00-00T00:00:00.000Z";
  bool good = text.size() == shape.size();
  for (std::size_t i = 0; good && i < shape.size(); ++i) {
    good = shape[i] == '0' ? text[i] >= '0' && text[i] <= '9' : text[i] == shape[i];
  }
  if (!good) {
    reject("taken_at", fmt::format("is '{}', which is no time in UTC", text));
  }
  const auto number = [&](std::size_t at, std::size_t size) {
    int value = 0;
    std::from_chars(text.data() + at, text.data() + at + size, value);
    return value;
  };
  using namespace std::chrono;
  const year_month_day date{year{number(0, 4)}, month{static_cast<unsigned>(number(5, 2))},
                            day{static_cast<unsigned>(number(8, 2))}};
  if (!date.ok()) {
    reject("taken_at", fmt::format("is '{}', which is no day", text));
  }
  return sys_days{date} + hours{number(11, 2)} + minutes{number(14, 2)} + seconds{number(17, 2)} +
         milliseconds{number(20, 3)};
}

}  // namespace

Catalog catalog_from_json(const Json& document) {
  const Reader reader{document, "document"};
  if (const std::string schema = reader.text("schema"); schema != "mapctl.catalog/1") {
    reject("schema", fmt::format("is '{}' and not 'mapctl.catalog/1'", schema));
  }
  Catalog catalog;
  catalog.system = reader.text("system");
  catalog.names_ignore_case = reader.get<bool>("names_ignore_case");
  if (const auto taken_at = reader.optional<std::string>("taken_at")) {
    catalog.taken_at = read_time(*taken_at);
  }
  for (const Json& entry : reader.list("schemas")) {
    const Reader schema_reader{entry, "schemas"};
    Schema& schema = catalog.schemas.emplace_back();
    schema.name = SchemaName{schema_reader.name()};
    for (const Json& table : schema_reader.list("tables")) {
      schema.tables.push_back(read_table(table));
    }
  }
  for (const Json& entry : reader.list("warnings")) {
    const Reader warning{entry, "warnings"};
    catalog.warnings.push_back(
        {warning.text("object"), warning.text("message"), warning.text("hint")});
  }
  return catalog;
}

}  // namespace mapctl::catalog
