// SPDX-License-Identifier: Apache-2.0
#include "core/catalog/record_shape.hpp"

#include "core/base/json_text.hpp"
#include "core/base/moment.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <map>
#include <set>
#include <string_view>

namespace mapctl::catalog {
namespace {

constexpr std::size_t most_counted = 10'000;  // of fields that are left out

// Of one value: the system's word and what it can hold.
struct Kind {
  std::string_view name{};
  LogicalType logical = LogicalType::unknown;
  int bits = 0;
};

constexpr Kind json_boolean{"boolean", LogicalType::boolean, 0};
constexpr Kind json_integer{"integer", LogicalType::integer, 64};
constexpr Kind json_number{"number", LogicalType::floating, 64};
constexpr Kind json_string{"string", LogicalType::string, 0};
constexpr Kind json_array{"array", LogicalType::array, 0};
constexpr Kind json_object{"object", LogicalType::object, 0};

// Keys of extended JSON and the words of its systems for them.
constexpr std::pair<std::string_view, Kind> tagged[] = {
    {"$oid", {"objectId", LogicalType::string, 0}},
    {"$date", {"date", LogicalType::timestamp, 0}},
    {"$numberInt", {"int", LogicalType::integer, 32}},
    {"$numberLong", {"long", LogicalType::integer, 64}},
    {"$numberDouble", {"double", LogicalType::floating, 64}},
    {"$numberDecimal", {"decimal", LogicalType::decimal, 0}},
    {"$binary", {"binData", LogicalType::binary, 0}},
    {"$uuid", {"uuid", LogicalType::uuid, 0}},
    {"$timestamp", {"timestamp", LogicalType::timestamp, 0}},
    {"$regularExpression", {"regex", LogicalType::string, 0}},
    {"$symbol", {"symbol", LogicalType::string, 0}},
    {"$code", {"javascript", LogicalType::string, 0}},
    {"$minKey", {"minKey", LogicalType::string, 0}},
    {"$maxKey", {"maxKey", LogicalType::string, 0}},
    {"$undefined", {"undefined", LogicalType::unknown, 0}},
};

const Kind* tagged_kind(const Json& value) {
  if (!value.is_object() || value.empty() || value.size() > 2) {
    return nullptr;
  }
  const std::string& key = value.begin().key();
  for (const auto& [tag, kind] : tagged) {
    if (key == tag) {
      const bool is_uuid = tag == "$binary" && value.begin()->is_object() &&
                           value.begin()->value("subType", std::string{}) == "04";
      static constexpr Kind uuid{"binData", LogicalType::uuid, 0};
      return is_uuid ? &uuid : &kind;
    }
  }
  return nullptr;
}

Kind kind_of(const Json& value, RecordForm form) {
  if (form == RecordForm::extended_json) {
    if (const Kind* kind = tagged_kind(value)) {
      return *kind;
    }
  }
  const bool extended = form == RecordForm::extended_json;
  switch (value.type()) {
    case Json::value_t::boolean:
      return extended ? Kind{"bool", LogicalType::boolean, 0} : json_boolean;
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned: return json_integer;
    case Json::value_t::number_float: return json_number;
    case Json::value_t::string: return json_string;
    case Json::value_t::array: return json_array;
    case Json::value_t::object: return json_object;
    default: return {};
  }
}

bool is_map(const Json& value, RecordForm form) {
  return value.is_object() && !value.empty() &&
         (form == RecordForm::json || tagged_kind(value) == nullptr);
}

struct Count {
  Kind kind{};
  std::int64_t values = 0;
};

struct Field {
  JsonPath path{};
  std::vector<Count> counts{};  // in order of appearance
  std::int64_t present = 0;
  std::int64_t maps = 0;  // whose fields are columns of their own
  std::int64_t dates = 0, timestamps = 0, zoned = 0, uuids = 0, empty_texts = 0;
  LogicalType element = LogicalType::unknown;

  std::int64_t values() const {
    std::int64_t sum = 0;
    for (const Count& count : counts) {
      sum += count.values;
    }
    return sum;
  }
  void note(const Kind& kind) {
    const auto known = std::find_if(counts.begin(), counts.end(),
                                    [&](const Count& one) { return one.kind.name == kind.name; });
    if (known != counts.end()) {
      ++known->values;
    } else {
      counts.push_back({kind, 1});
    }
  }
};

// Fixed order of the words, so that the same values in another order give the same type.
int rank(LogicalType type) {
  switch (type) {
    case LogicalType::boolean: return 0;
    case LogicalType::integer: return 1;
    case LogicalType::floating: return 2;
    case LogicalType::decimal: return 3;
    case LogicalType::string: return 5;
    case LogicalType::array: return 7;
    case LogicalType::object: return 8;
    default: return 6;
  }
}

DataType text_type(const Field& field, std::int64_t texts) {
  DataType type;
  type.logical = LogicalType::string;
  type.native = "string";
  const std::int64_t spoken = texts - field.empty_texts;
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

std::string share_of(std::int64_t part, std::int64_t whole) {
  const double share = 100 * static_cast<double>(part) / static_cast<double>(whole);
  return share < 1 ? "under 1 %" : fmt::format("{:.0f} %", std::floor(share + 0.5));
}

// Sets `mixed` to the types and their shares when there is more than one.
DataType data_type(const Field& field, std::string& mixed) {
  std::vector<Count> counts = field.counts;
  if (field.maps > 0) {
    const auto known = std::find_if(counts.begin(), counts.end(), [](const Count& one) {
      return one.kind.logical == LogicalType::object;
    });
    if (known != counts.end()) {
      known->values += field.maps;
    } else {
      counts.push_back({json_object, field.maps});
    }
  }
  std::stable_sort(counts.begin(), counts.end(), [](const Count& left, const Count& right) {
    return std::pair{rank(left.kind.logical), left.kind.name} <
           std::pair{rank(right.kind.logical), right.kind.name};
  });
  // JSON has one kind of number: 1 and 1.5 are not of two types.
  if (counts.size() > 1 && counts[0].kind.name == "integer" && counts[1].kind.name == "number") {
    counts[1].values += counts[0].values;
    counts.erase(counts.begin());
  }
  DataType type;
  if (counts.empty()) {
    type.native = "null";
    return type;
  }
  std::vector<std::string> names, shares;
  std::int64_t all = 0;
  for (const Count& count : counts) {
    names.emplace_back(count.kind.name);
    all += count.values;
  }
  for (const Count& count : counts) {
    shares.push_back(fmt::format("{} ({})", count.kind.name, share_of(count.values, all)));
  }
  type.native = join(names, "|");
  const bool are_numbers = std::all_of(counts.begin(), counts.end(), [](const Count& count) {
    return is_number(count.kind.logical);
  });
  if (counts.size() > 1 && !are_numbers) {
    mixed = join(shares, " and ");
    type.logical = LogicalType::string;
    return type;
  }
  const Kind& widest = counts.back().kind;
  if (widest.name == "string") {
    return text_type(field, counts.back().values);
  }
  type.logical = widest.logical;
  if (widest.bits > 0) {
    type.bits = widest.bits;
  }
  type.time_zone = widest.name == "date" || widest.name == "timestamp";
  if (type.logical == LogicalType::array) {
    type.element = field.element;
  }
  return type;
}

// The years that a calendar of four digits has; what lies beyond is shown as the number it is.
constexpr std::int64_t first_millisecond = -62'135'596'800'000;
constexpr std::int64_t last_millisecond = 253'402'300'799'999;

std::string moment_text(std::int64_t milliseconds) {
  if (milliseconds < first_millisecond || milliseconds > last_millisecond) {
    return fmt::format("{}", milliseconds);
  }
  const auto moment = format_moment({milliseconds * 1000}, "%Y-%m-%dT%H:%M:%S");
  const auto rest = ((milliseconds % 1000) + 1000) % 1000;
  return rest == 0 ? moment + "Z" : fmt::format("{}.{:03}Z", moment, rest);
}

std::string date_text(const Json& value) {
  if (value.is_string()) {
    return value.get<std::string>();
  }
  // {"$date": {"$numberLong": "milliseconds since 1970"}}
  std::int64_t milliseconds = 0;
  const std::string text = value.is_object() && !value.empty() ? to_text(*value.begin()) : "";
  std::from_chars(text.data(), text.data() + text.size(), milliseconds);
  return moment_text(milliseconds);
}

// Writers give up to 20 digits; the shortest that means the same number is kept.
std::string double_text(const std::string& spelled) {
  double value = 0;
  const auto [end, error] = std::from_chars(spelled.data(), spelled.data() + spelled.size(), value);
  const bool is_number = error == std::errc{} && end == spelled.data() + spelled.size();
  return is_number && std::isfinite(value) ? to_line(Json(value)) : spelled;
}

// The 16 bytes that `base64` stands for as the hexadecimal groups of a UUID; else the text itself.
std::string uuid_text(const std::string& base64) {
  static constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string made;
  unsigned bits = 0;
  int count = 0;
  for (const char c : base64) {
    const auto digit = digits.find(c);
    if (digit == std::string_view::npos) {
      break;
    }
    bits = (bits << 6 | static_cast<unsigned>(digit)) & 0xfffU;
    count += 6;
    if (count >= 8) {
      count -= 8;
      const bool starts_group =
          made.size() == 8 || made.size() == 13 || made.size() == 18 || made.size() == 23;
      made += starts_group ? "-" : "";
      made += fmt::format("{:02x}", bits >> static_cast<unsigned>(count) & 0xffU);
    }
  }
  return made.size() == 36 ? made : base64;
}

// Inside of lists and maps, values of extended JSON are shown in their short form.
Json plain(const Json& value) {
  if (const Kind* kind = tagged_kind(value)) {
    const std::string text = record_text(value, RecordForm::extended_json);
    if (kind->logical == LogicalType::integer || kind->logical == LogicalType::floating) {
      Json number = Json::parse(text, nullptr, false);
      return number.is_number() ? number : Json(text);
    }
    return text;
  }
  Json made = value;
  if (made.is_structured()) {
    for (Json& item : made) {
      item = plain(item);
    }
  }
  return made;
}

}  // namespace

struct ShapeBuilder::State {
  explicit State(RecordForm given) : form{given} {}

  void record(const Json& value, const JsonPath& prefix) {
    for (const auto& [key, item] : value.items()) {
      JsonPath path = prefix;
      path.push_back(key);
      const std::size_t at = field(path);
      if (is_map(item, form) && path.size() < nesting_limit) {
        if (at < fields.size()) {
          ++fields[at].present;
          ++fields[at].maps;
        }
        record(item, path);
      } else if (at < fields.size()) {
        ++fields[at].present;
        note(fields[at], item);
      }
    }
  }

  std::size_t field(const JsonPath& path) {
    const auto known = index.find(path);
    if (known != index.end()) {
      return known->second;
    }
    if (fields.size() >= most_record_columns) {
      if (left_out.size() < most_counted) {
        left_out.insert(path);
      }
      return fields.size();
    }
    index.emplace(path, fields.size());
    fields.emplace_back().path = path;
    return fields.size() - 1;
  }

  void note(Field& field, const Json& value) const {
    const Kind kind = kind_of(value, form);
    if (kind.logical == LogicalType::unknown) {
      return;
    }
    field.note(kind);
    if (kind.logical == LogicalType::array && !value.empty()) {
      field.element = kind_of(value[0], form).logical;
    }
    if (!value.is_string()) {
      return;
    }
    const auto& text = value.get_ref<const std::string&>();
    if (text.empty()) {
      ++field.empty_texts;
      return;
    }
    const PatternSet forms = classify(text);
    const auto has = [&](ValuePattern pattern) { return forms[static_cast<std::size_t>(pattern)]; };
    field.dates += has(ValuePattern::iso_date) ? 1 : 0;
    field.uuids += has(ValuePattern::uuid) ? 1 : 0;
    if (has(ValuePattern::iso_timestamp)) {
      ++field.timestamps;
      // Behind the date; a zone by name is UTC or GMT.
      field.zoned += text.find_first_of("Zz+-UG", 10) != std::string::npos ? 1 : 0;
    }
  }

  RecordForm form;
  std::map<JsonPath, std::size_t> index{};
  std::vector<Field> fields{};
  std::set<JsonPath> left_out{};
  std::int64_t records = 0;
};

ShapeBuilder::ShapeBuilder(RecordForm form) : state_{std::make_unique<State>(form)} {}
ShapeBuilder::ShapeBuilder(ShapeBuilder&&) noexcept = default;
ShapeBuilder& ShapeBuilder::operator=(ShapeBuilder&&) noexcept = default;
ShapeBuilder::~ShapeBuilder() = default;

void ShapeBuilder::add(const Json& record) {
  ++state_->records;
  if (record.is_object()) {
    state_->record(record, {});
  }
}

std::int64_t ShapeBuilder::records() const noexcept {
  return state_->records;
}

Shape ShapeBuilder::finish() const {
  Shape shape;
  std::set<std::string> names;
  for (const Field& field : state_->fields) {
    if (field.maps > 0 && field.values() == 0) {
      continue;  // its fields are the columns
    }
    RecordColumn made;
    made.path = field.path;
    made.presence = static_cast<double>(field.present) / static_cast<double>(state_->records);
    std::string mixed;
    made.column.type = data_type(field, mixed);
    std::string name = join(field.path, ".");
    // {"a.b": 1, "a": {"b": 2}} has two fields of one dotted name.
    for (int number = 2; !names.insert(name).second; ++number) {
      name = fmt::format("{}#{}", join(field.path, "."), number);
    }
    made.column.name = ColumnName{std::move(name)};
    made.column.position = static_cast<int>(shape.columns.size()) + 1;
    if (!mixed.empty()) {
      shape.remarks.push_back(fmt::format("field '{}' holds {}", made.column.name.text, mixed));
    }
    shape.columns.push_back(std::move(made));
  }
  shape.left_out = state_->left_out.size();
  shape.left_out_more = shape.left_out >= most_counted;
  return shape;
}

std::vector<DiscoveryWarning> warnings_of(const Shape& shape, const std::string& object) {
  std::vector<DiscoveryWarning> warnings;
  for (const std::string& remark : shape.remarks) {
    warnings.push_back({object, remark, "its values are read as text"});
  }
  if (shape.left_out > 0) {
    warnings.push_back(
        {object,
         fmt::format("{}{} of its fields are left out: {} are looked at",
                     shape.left_out_more ? "at least " : "", shape.left_out, most_record_columns),
         "keys that are data belong in a list; read it through a view or a schema that names the "
         "fields that are wanted"});
  }
  return warnings;
}

Shape shape_of_records(std::span<const Json> records, RecordForm form) {
  ShapeBuilder builder{form};
  for (const Json& record : records) {
    builder.add(record);
  }
  return builder.finish();
}

std::string record_text(const Json& value, RecordForm form) {
  if (form == RecordForm::json) {
    return to_text(value);
  }
  if (tagged_kind(value) == nullptr) {
    return to_text(value.is_structured() ? plain(value) : value);
  }
  const std::string& tag = value.begin().key();
  const Json& inner = *value.begin();
  if (tag == "$date") {
    return date_text(inner);
  }
  if (tag == "$binary" && inner.is_object()) {
    std::string text = inner.value("base64", std::string{});
    return inner.value("subType", std::string{}) == "04" ? uuid_text(text) : text;
  }
  if (tag == "$numberDouble" && inner.is_string()) {
    return double_text(inner.get<std::string>());
  }
  if (tag == "$timestamp" && inner.is_object()) {
    // Seconds, and a number that tells operations of one second apart.
    return moment_text(inner.value("t", std::uint32_t{0}) * std::int64_t{1000});
  }
  if (tag == "$regularExpression" && inner.is_object()) {
    return fmt::format("/{}/{}", inner.value("pattern", ""), inner.value("options", ""));
  }
  return to_text(inner);
}

RecordProfile::RecordProfile(const Shape& shape, RecordForm form)
    : shape_{shape},
      form_{form},
      profilers_(shape.columns.size()),
      present_(shape.columns.size()) {}

void RecordProfile::add(const Json& record) {
  ++records_;
  for (std::size_t i = 0; i < shape_.columns.size(); ++i) {
    const Json* value = find_at(record, shape_.columns[i].path);
    present_[i] += value != nullptr ? 1 : 0;
    if (value == nullptr || value->is_null()) {
      profilers_[i].add_null();
    } else {
      profilers_[i].add(record_text(*value, form_));
    }
  }
}

void RecordProfile::finish(Table& table, bool sampled, bool protect) {
  for (std::size_t i = 0; i < profilers_.size(); ++i) {
    ColumnStatistics statistics = profilers_[i].finish();
    statistics.sampled = sampled;
    if (records_ > 0) {
      statistics.presence = static_cast<double>(present_[i]) / static_cast<double>(records_);
    }
    table.columns[i].statistics = std::move(statistics);
    if (protect) {
      protect_personal_data(table.columns[i], table.name);
    }
  }
}

}  // namespace mapctl::catalog
