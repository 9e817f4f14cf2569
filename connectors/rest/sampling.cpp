// SPDX-License-Identifier: Apache-2.0
#include "connectors/rest/sampling.hpp"

#include "core/base/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace mapctl::connectors::rest {
namespace {

using catalog::LogicalType;
using catalog::ValuePattern;

constexpr std::size_t column_limit = 5'000;

struct Field {
  JsonPath path{};
  std::int64_t booleans = 0, integers = 0, reals = 0, texts = 0, arrays = 0, objects = 0;
  std::int64_t dates = 0, timestamps = 0, zoned = 0, uuids = 0, empty_texts = 0;
  LogicalType element = LogicalType::unknown;
  bool has_children = false;
  std::int64_t values() const { return booleans + integers + reals + texts + arrays + objects; }
};

LogicalType type_of(const Json& value) {
  switch (value.type()) {
    case Json::value_t::boolean: return LogicalType::boolean;
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned: return LogicalType::integer;
    case Json::value_t::number_float: return LogicalType::floating;
    case Json::value_t::string: return LogicalType::string;
    case Json::value_t::array: return LogicalType::array;
    case Json::value_t::object: return LogicalType::object;
    default: return LogicalType::unknown;
  }
}

class Collector {
 public:
  void record(const Json& value, const JsonPath& prefix) {
    for (const auto& [key, item] : value.items()) {
      JsonPath path = prefix;
      path.push_back(key);
      if (item.is_object() && !item.empty() && path.size() < nesting_limit) {
        if (const std::size_t at = field(path); at < fields_.size()) {
          fields_[at].has_children = true;
        }
        record(item, path);
        continue;
      }
      if (const std::size_t at = field(path); at < fields_.size()) {
        note(fields_[at], item);
      }
    }
  }

  const std::vector<Field>& fields() const noexcept { return fields_; }

 private:
  std::size_t field(const JsonPath& path) {
    const auto known = index_.find(path);
    if (known != index_.end()) {
      return known->second;
    }
    if (fields_.size() >= column_limit) {
      return fields_.size();
    }
    index_.emplace(path, fields_.size());
    fields_.emplace_back().path = path;
    return fields_.size() - 1;
  }

  static void note(Field& field, const Json& value) {
    switch (type_of(value)) {
      case LogicalType::boolean: ++field.booleans; break;
      case LogicalType::integer: ++field.integers; break;
      case LogicalType::floating: ++field.reals; break;
      case LogicalType::object: ++field.objects; break;
      case LogicalType::array:
        ++field.arrays;
        if (!value.empty()) {
          field.element = type_of(value[0]);
        }
        break;
      case LogicalType::string: {
        ++field.texts;
        const auto& text = value.get_ref<const std::string&>();
        if (text.empty()) {
          ++field.empty_texts;
          break;
        }
        const catalog::PatternSet forms = catalog::classify(text);
        const auto has = [&](ValuePattern pattern) {
          return forms[static_cast<std::size_t>(pattern)];
        };
        field.dates += has(ValuePattern::iso_date) ? 1 : 0;
        field.uuids += has(ValuePattern::uuid) ? 1 : 0;
        if (has(ValuePattern::iso_timestamp)) {
          ++field.timestamps;
          const auto tail = text.find_first_of("Z+", 10);
          field.zoned += tail != std::string::npos ? 1 : 0;
        }
        break;
      }
      default: break;
    }
  }

  std::map<JsonPath, std::size_t> index_;
  std::vector<Field> fields_;
};

catalog::DataType text_type(const Field& field) {
  catalog::DataType type;
  type.logical = LogicalType::string;
  type.native = "string";
  const std::int64_t spoken = field.texts - field.empty_texts;
  if (spoken > 0 && field.timestamps == spoken) {
    type.logical = LogicalType::timestamp;
    type.time_zone = field.zoned == spoken;
    type.native = "string(date-time)";
  } else if (spoken > 0 && field.dates == spoken) {
    type.logical = LogicalType::date;
    type.native = "string(date)";
  } else if (spoken > 0 && field.uuids == spoken) {
    type.logical = LogicalType::uuid;
    type.native = "string(uuid)";
  }
  return type;
}

// Sets `mixed` to the names of the types when there is more than one.
catalog::DataType data_type(const Field& field, std::string& mixed) {
  catalog::DataType type;
  const std::int64_t numbers = field.integers + field.reals;
  std::vector<std::string> names;
  const auto add = [&](std::int64_t count, const char* name) {
    if (count > 0) {
      names.emplace_back(name);
    }
  };
  add(field.booleans, "boolean");
  add(numbers, field.reals > 0 ? "number" : "integer");
  add(field.texts, "string");
  add(field.arrays, "array");
  add(field.objects + (field.has_children ? 1 : 0), "object");
  if (names.size() > 1) {
    mixed = join(names, " and ");
    type.native = join(names, "|");
    type.logical = LogicalType::string;
    return type;
  }
  if (field.texts > 0) {
    return text_type(field);
  }
  type.native = names.empty() ? "null" : names[0];
  if (field.booleans > 0) {
    type.logical = LogicalType::boolean;
  } else if (numbers > 0) {
    type.logical = field.reals > 0 ? LogicalType::floating : LogicalType::integer;
    type.bits = 64;
  } else if (field.arrays > 0) {
    type.logical = LogicalType::array;
    type.element = field.element;
  } else if (field.objects > 0) {
    type.logical = LogicalType::object;
  }
  return type;
}

}  // namespace

Shape shape_of_records(std::span<const Json> records) {
  Collector collector;
  for (const Json& record : records) {
    collector.record(record, {});
  }
  Shape shape;
  std::set<std::string> names;
  for (const Field& field : collector.fields()) {
    if (field.has_children && field.values() == 0) {
      continue;  // its fields are the columns
    }
    RecordColumn made;
    made.path = field.path;
    std::string mixed;
    made.column.type = data_type(field, mixed);
    std::string name = join(field.path, ".");
    // {"a.b": 1, "a": {"b": 2}} has two fields of one dotted name.
    for (int number = 2; !names.insert(name).second; ++number) {
      name = fmt::format("{}#{}", join(field.path, "."), number);
    }
    made.column.name = catalog::ColumnName{std::move(name)};
    made.column.position = static_cast<int>(shape.columns.size()) + 1;
    if (!mixed.empty()) {
      shape.remarks.push_back(fmt::format("field '{}' holds {}", made.column.name.text, mixed));
    }
    shape.columns.push_back(std::move(made));
  }
  return shape;
}

RecordProfile::RecordProfile(const Shape& shape)
    : shape_{shape}, profilers_(shape.columns.size()), present_(shape.columns.size()) {}

void RecordProfile::add(const Json& record) {
  ++records_;
  for (std::size_t i = 0; i < shape_.columns.size(); ++i) {
    const Json* value = find(record, shape_.columns[i].path);
    present_[i] += value != nullptr ? 1 : 0;
    if (value == nullptr || value->is_null()) {
      profilers_[i].add_null();
    } else {
      profilers_[i].add(to_text(*value));
    }
  }
}

void RecordProfile::finish(catalog::Table& table, bool sampled, bool protect) {
  for (std::size_t i = 0; i < profilers_.size(); ++i) {
    catalog::ColumnStatistics statistics = profilers_[i].finish();
    statistics.sampled = sampled;
    if (records_ > 0) {
      statistics.presence = static_cast<double>(present_[i]) / static_cast<double>(records_);
    }
    table.columns[i].statistics = std::move(statistics);
    if (protect) {
      catalog::protect_personal_data(table.columns[i], table.name);
    }
  }
}

}  // namespace mapctl::connectors::rest
