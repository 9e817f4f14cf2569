// SPDX-License-Identifier: Apache-2.0
#include "core/catalog/types.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace mapctl::catalog {

std::string_view to_string(LogicalType type) noexcept {
  switch (type) {
    case LogicalType::unknown: return "unknown";
    case LogicalType::boolean: return "boolean";
    case LogicalType::integer: return "integer";
    case LogicalType::floating: return "floating";
    case LogicalType::decimal: return "decimal";
    case LogicalType::string: return "string";
    case LogicalType::binary: return "binary";
    case LogicalType::date: return "date";
    case LogicalType::time: return "time";
    case LogicalType::timestamp: return "timestamp";
    case LogicalType::interval: return "interval";
    case LogicalType::uuid: return "uuid";
    case LogicalType::json: return "json";
    case LogicalType::array: return "array";
    case LogicalType::object: return "object";
  }
  return {};
}

std::optional<LogicalType> logical_type_from(std::string_view word) noexcept {
  for (int i = 0; i <= static_cast<int>(LogicalType::object); ++i) {
    if (to_string(static_cast<LogicalType>(i)) == word) {
      return static_cast<LogicalType>(i);
    }
  }
  return std::nullopt;
}

bool is_number(LogicalType type) noexcept {
  return type == LogicalType::integer || type == LogicalType::floating ||
         type == LogicalType::decimal;
}

bool is_temporal(LogicalType type) noexcept {
  return type == LogicalType::date || type == LogicalType::time || type == LogicalType::timestamp;
}

bool is_text(LogicalType type) noexcept {
  return type == LogicalType::string || type == LogicalType::uuid || type == LogicalType::json;
}

namespace {

// What the numbers in brackets mean, if anything.
enum class Arguments : std::uint8_t {
  none,
  characters,  // length
  bytes,       // length
  bits,        // length in bits: bit(8)
  digits,      // precision, scale
  mantissa,    // binary digits of a float
};

struct Spelling {
  std::string_view name{};
  LogicalType logical{};
  Arguments arguments = Arguments::none;
  int bits = 0;
  std::int64_t length = 0;  // when the spelling itself fixes it
  bool time_zone = false;
  bool is_unsigned = false;
  LogicalType element = LogicalType::unknown;
};

using enum LogicalType;
constexpr auto chars = Arguments::characters;
constexpr auto octets = Arguments::bytes;

// Base names in lower case, without arguments, signedness and time zone. Sorted.
constexpr Spelling spellings[] = {
    {"address", object},
    {"anytype", unknown},
    {"array", array},
    {"auto number", string, chars},
    {"autonumber", string, chars},
    {"base64", binary},
    {"bfile", binary},
    {"bigdatetime", timestamp},
    {"bigint", integer, Arguments::none, 64},
    {"bigserial", integer, Arguments::none, 64},
    {"bignum", decimal, Arguments::digits},
    {"bignumeric", decimal, Arguments::digits},
    {"binary", binary, octets},
    {"binary varying", binary, octets},
    {"binary_double", floating, Arguments::none, 64},
    {"binary_float", floating, Arguments::none, 32},
    {"bindata", binary},
    {"bit", boolean, Arguments::bits},
    {"bit varying", binary, Arguments::bits},
    {"blob", binary, octets},
    {"bool", boolean},
    {"boolean", boolean},
    {"bpchar", string, chars},
    {"byte", integer, Arguments::none, 8},
    {"bytea", binary},
    {"bytes", binary, octets},
    {"char", string, chars, 0, 1},
    {"char large object", string, chars},
    {"char varying", string, chars},
    {"character", string, chars, 0, 1},
    {"character large object", string, chars},
    {"character varying", string, chars},
    {"checkbox", boolean},
    {"cidr", string},
    {"citext", string},
    {"clob", string, chars},
    {"combobox", string, chars},
    {"complex", object},
    {"complextype", object},
    {"composite", object},
    {"compound", object},
    {"counter", integer, Arguments::none, 32},
    {"currency", decimal, Arguments::digits},
    {"date", date},
    {"date time", timestamp},
    {"date/time", timestamp},
    {"date32", date},
    {"date64", date},
    {"datetime", timestamp},
    {"datetime2", timestamp},
    {"datetimeoffset", timestamp, Arguments::none, 0, 0, true},
    {"dbclob", string, chars},
    {"dec", decimal, Arguments::digits},
    {"decfloat", decimal},
    {"decimal", decimal, Arguments::digits},
    {"decimal128", decimal, Arguments::digits},
    {"decimal256", decimal, Arguments::digits},
    {"dict", object},
    {"document", object},
    {"double", floating, Arguments::none, 64},
    {"double precision", floating, Arguments::none, 64},
    {"dropdown", string, chars},
    {"duration", interval},
    {"email", string, chars},
    {"encryptedstring", string, chars},
    {"enum", string},
    {"enum8", string},
    {"enum16", string},
    {"enumeration", string},
    {"fixed", decimal, Arguments::digits},
    {"float", floating, Arguments::mantissa, 64},
    {"float16", floating, Arguments::none, 16},
    {"float32", floating, Arguments::none, 32},
    {"float4", floating, Arguments::none, 32},
    {"float64", floating, Arguments::none, 64},
    {"float8", floating, Arguments::none, 64},
    {"geography", binary},
    {"geolocation", object},
    {"geometry", binary},
    {"graphic", string, chars, 0, 1},
    {"guid", uuid},
    {"halffloat", floating, Arguments::none, 16},
    {"hstore", object},
    {"html", string, chars},
    {"hugeint", integer, Arguments::none, 128},
    {"hyperlink", string, chars},
    {"id", string, chars},
    {"image", binary},
    {"inet", string},
    {"inet4", string},
    {"inet6", string},
    {"int", integer, Arguments::none, 32},
    {"int identity", integer, Arguments::none, 32},
    {"int1", integer, Arguments::none, 8},
    {"int128", integer, Arguments::none, 128},
    {"int16", integer, Arguments::none, 16},
    {"int2", integer, Arguments::none, 16},
    {"int3", integer, Arguments::none, 24},
    {"int32", integer, Arguments::none, 32},
    {"int4", integer, Arguments::none, 32},
    {"int64", integer, Arguments::none, 64},
    {"int8", integer, Arguments::none, 64},
    {"integer", integer, Arguments::none, 32},
    {"interval", interval},
    {"interval day to second", interval},
    {"interval year to month", interval},
    {"json", json},
    {"jsonb", json},
    {"jsonpath", string},
    {"large_binary", binary},
    {"large_string", string},
    {"large_utf8", string},
    {"list", array},
    {"location", object},
    {"long", integer, Arguments::none, 64},
    {"long raw", binary},
    {"long text", string, chars},
    {"long text area", string, chars},
    {"long varchar", string, chars},
    {"longblob", binary, octets, 0, 4'294'967'295},
    {"longtext", string, chars},
    {"longtextarea", string, chars},
    {"longvarchar", string, chars},
    {"lookup", string},
    {"macaddr", string},
    {"macaddr8", string},
    {"map", object},
    {"master detail", string},
    {"mediumblob", binary, octets, 0, 16'777'215},
    {"mediumint", integer, Arguments::none, 24},
    {"mediumtext", string, chars},
    {"memo", string, chars},
    {"monetary", decimal, Arguments::digits},
    {"money", decimal},
    {"multipicklist", string, chars},
    {"multiselect", string, chars},
    {"name", string, chars},
    {"national char", string, chars, 0, 1},
    {"national char varying", string, chars},
    {"national character", string, chars, 0, 1},
    {"national character varying", string, chars},
    {"national varchar", string, chars},
    {"native character", string, chars, 0, 1},
    {"nchar", string, chars, 0, 1},
    {"nchar varying", string, chars},
    {"nclob", string, chars},
    {"ntext", string, chars},
    {"number", decimal, Arguments::digits},
    {"numeric", decimal, Arguments::digits},
    {"nvarchar", string, chars},
    {"nvarchar2", string, chars},
    {"object", object},
    {"objectid", string, chars, 0, 24},
    {"oid", integer, Arguments::none, 32, 0, false, true},
    {"percent", decimal, Arguments::digits},
    {"phone", string, chars},
    {"phone_number", string, chars},
    {"picklist", string, chars},
    {"raw", binary, octets},
    {"real", floating, Arguments::none, 32},
    {"record", object},
    {"reference", string, chars},
    {"repeated", array},
    {"rich text area", string, chars},
    {"rowid", string},
    {"rowversion", binary, octets, 0, 8},
    {"seconddate", timestamp},
    {"serial", integer, Arguments::none, 32},
    {"serial2", integer, Arguments::none, 16},
    {"serial4", integer, Arguments::none, 32},
    {"serial8", integer, Arguments::none, 64},
    {"set", array, Arguments::none, 0, 0, false, false, string},
    {"short", integer, Arguments::none, 16},
    {"short text", string, chars, 0, 255},
    {"single", floating, Arguments::none, 32},
    {"smalldatetime", timestamp},
    {"smallint", integer, Arguments::none, 16},
    {"smallmoney", decimal},
    {"smallserial", integer, Arguments::none, 16},
    {"sql_variant", unknown},
    {"str", string, chars},
    {"string", string, chars},
    {"struct", object},
    {"super", json},
    {"sysname", string, chars, 0, 128},
    {"text", string, chars},
    {"text area", string, chars},
    {"textarea", string, chars},
    {"time", time},
    {"time32", time},
    {"time64", time},
    {"timestamp", timestamp},
    {"timestamp_ms", timestamp},
    {"timestamp_ns", timestamp},
    {"timestamp_s", timestamp},
    {"timestamp_tz", timestamp, Arguments::none, 0, 0, true},
    {"timestamp_us", timestamp},
    {"timestampltz", timestamp, Arguments::none, 0, 0, true},
    {"timestampntz", timestamp},
    {"timestamptz", timestamp, Arguments::none, 0, 0, true},
    {"timetz", time, Arguments::none, 0, 0, true},
    {"tinyblob", binary, octets, 0, 255},
    {"tinyint", integer, Arguments::none, 8},
    {"tinytext", string, chars},
    {"tsquery", string},
    {"tsvector", string},
    {"ubigint", integer, Arguments::none, 64, 0, false, true},
    {"uhugeint", integer, Arguments::none, 128, 0, false, true},
    {"uint", integer, Arguments::none, 32, 0, false, true},
    {"uint16", integer, Arguments::none, 16, 0, false, true},
    {"uint32", integer, Arguments::none, 32, 0, false, true},
    {"uint64", integer, Arguments::none, 64, 0, false, true},
    {"uint8", integer, Arguments::none, 8, 0, false, true},
    {"uinteger", integer, Arguments::none, 32, 0, false, true},
    {"uniqueidentifier", uuid},
    {"url", string, chars},
    {"urowid", string},
    {"usmallint", integer, Arguments::none, 16, 0, false, true},
    {"utf8", string},
    {"utinyint", integer, Arguments::none, 8, 0, false, true},
    {"uuid", uuid},
    {"varbinary", binary, octets},
    {"varbit", binary, Arguments::bits},
    {"varbyte", binary, octets},
    {"varchar", string, chars},
    {"varchar2", string, chars},
    {"varchar_auto", string, chars},
    {"vargraphic", string, chars},
    {"variant", json},
    {"varying character", string, chars},
    {"xml", string},
    {"xmltype", string},
    {"year", integer, Arguments::none, 16},
    {"yes/no", boolean},
};

const Spelling* find_spelling(std::string_view name) noexcept {
  for (const Spelling& known : spellings) {
    if (known.name == name) {
      return &known;
    }
  }
  return nullptr;
}

constexpr int deepest_type = 16;  // of arrays of arrays; spellings come from outside

// "decimal ( 10 , 2 ) unsigned" as base "decimal", arguments {"10","2"} and rest "unsigned".
struct Parts {
  std::string words{};  // base and rest, single blanks between
  std::vector<std::string> arguments{};
  bool has_arguments = false;
};

Parts take_apart(std::string_view lower) {
  Parts parts;
  int depth = 0;
  const auto blank = [&] {
    if (!parts.words.empty() && parts.words.back() != ' ') {
      parts.words += ' ';
    }
  };
  for (const char c : lower) {
    const bool opens = c == '(' || c == '[' || c == '<' || c == '{';
    const bool closes = c == ')' || c == ']' || c == '>' || c == '}';
    if (opens && depth++ == 0) {
      blank();
      parts.has_arguments = true;
      parts.arguments.emplace_back();
    } else if (closes && depth > 0 && --depth == 0) {
      blank();
    } else if (depth == 0) {
      if (c == ' ' || c == '\t' || c == '\n' || c == '-') {
        blank();
      } else {
        parts.words += c;
      }
    } else if (c == ',' && depth == 1) {
      parts.arguments.emplace_back();
    } else {
      parts.arguments.back() += c;
    }
  }
  while (!parts.words.empty() && parts.words.back() == ' ') {
    parts.words.pop_back();
  }
  return parts;
}

bool take_suffix(std::string& words, std::string_view suffix) {
  if (words.size() > suffix.size() && words.ends_with(suffix) &&
      words[words.size() - suffix.size() - 1] == ' ') {
    words.resize(words.size() - suffix.size() - 1);
    return true;
  }
  return false;
}

// The leading number of "80 byte", if there is one.
std::optional<std::int64_t> number(std::string_view text) noexcept {
  text = trim(text);
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{}) {
    return std::nullopt;
  }
  const auto rest = trim(text.substr(static_cast<std::size_t>(end - text.data())));
  return rest.empty() || rest == "byte" || rest == "bytes" || rest == "char" ? std::optional{value}
                                                                             : std::nullopt;
}

std::optional<int> small_number(const std::vector<std::string>& arguments, std::size_t at) {
  const auto value = at < arguments.size() ? number(arguments[at]) : std::nullopt;
  return value && *value >= -1000 && *value <= 1000 ? std::optional{static_cast<int>(*value)}
                                                    : std::nullopt;
}

void apply_arguments(DataType& type, const Spelling& spelling, const Parts& parts) {
  const auto first = parts.arguments.empty() ? std::nullopt : number(parts.arguments[0]);
  switch (spelling.arguments) {
    case Arguments::none: break;
    case Arguments::characters:
    case Arguments::bytes:
      type.length_in_bytes = spelling.arguments == Arguments::bytes ||
                             (first && (parts.arguments[0].find("byte") != std::string::npos));
      if (first && *first > 0) {
        type.length = first;
      } else if (!parts.has_arguments && spelling.length > 0) {
        type.length = spelling.length;
      }
      break;
    case Arguments::bits:
      if (first && (*first > 1 || spelling.logical == binary)) {
        type.logical = binary;
        type.length = (*first + 7) / 8;
        type.length_in_bytes = true;
      }
      break;
    case Arguments::digits:
      type.precision = small_number(parts.arguments, 0);
      if (type.precision) {
        type.scale = small_number(parts.arguments, 1).value_or(0);
      } else if (parts.arguments.size() == 2) {
        type.scale = small_number(parts.arguments, 1);  // Oracle's number(*,2)
      }
      break;
    case Arguments::mantissa:
      if (parts.arguments.size() == 1 && first) {
        type.bits = *first <= 24 ? 32 : 64;
      }
      break;
  }
}

// What follows the brackets or the base name and is no part of it.
void take_modifiers(Parts& parts, DataType& type, bool& is_unsigned) {
  for (bool again = true; again;) {
    again = take_suffix(parts.words, "zerofill") || take_suffix(parts.words, "auto_increment") ||
            take_suffix(parts.words, "signed") || take_suffix(parts.words, "not null") ||
            take_suffix(parts.words, "null") || take_suffix(parts.words, "identity") ||
            take_suffix(parts.words, "binary");
    if (take_suffix(parts.words, "unsigned")) {
      is_unsigned = again = true;
    }
  }
  for (const std::string_view zone : {"with local time zone", "with time zone"}) {
    type.time_zone = type.time_zone || take_suffix(parts.words, zone);
  }
  take_suffix(parts.words, "without time zone");
  if (parts.words.starts_with("unsigned ")) {  // SQLite's "unsigned big int"
    is_unsigned = true;
    parts.words.erase(0, std::string_view{"unsigned "}.size());
  }
  if (parts.words == "big int") {
    parts.words = "bigint";
  }
}

DataType parse_lower(std::string_view lower, int depth);

// "text[]", "int[3]", "integer array", "_int4", "array<string>", "list(varchar)".
std::optional<DataType> parse_array(std::string_view lower, const Parts& parts, int depth) {
  std::string_view inner;
  if (lower.ends_with(']')) {
    const auto open = lower.rfind('[');
    const auto size = open == lower.npos ? lower : lower.substr(open + 1, lower.size() - open - 2);
    if (open != lower.npos && open > 0 &&
        size.find_first_not_of("0123456789") == std::string_view::npos) {
      inner = lower.substr(0, open);
    }
  } else if (lower.ends_with(" array")) {
    inner = lower.substr(0, lower.size() - std::string_view{" array"}.size());
  } else if (lower.starts_with('_') && find_spelling(lower.substr(1)) != nullptr) {
    inner = lower.substr(1);  // PostgreSQL's internal names
  } else if ((parts.words == "array" || parts.words == "list" || parts.words == "large_list") &&
             parts.arguments.size() == 1) {
    inner = parts.arguments[0];
    const auto label = inner.find(": ");  // Arrow: list<item: string>
    inner = label == inner.npos ? inner : inner.substr(label + 2);
  }
  if (inner.empty()) {
    return std::nullopt;
  }
  DataType type;
  type.logical = array;
  type.element = parse_lower(trim(inner), depth + 1).logical;
  return type;
}

DataType parse_lower(std::string_view lower, int depth) {
  if (depth > deepest_type) {
    return {};
  }
  Parts parts = take_apart(lower);
  if (const auto list = parse_array(lower, parts, depth)) {
    return *list;
  }
  if (parts.words == "formula" && parts.arguments.size() == 1) {
    return parse_lower(trim(parts.arguments[0]), depth + 1);
  }
  DataType type;
  bool is_unsigned = false;
  take_modifiers(parts, type, is_unsigned);
  if (parts.words.starts_with("interval")) {
    parts.words = "interval";  // interval day(3) to second(6)
  } else if (parts.words.starts_with("enum ") || parts.words.starts_with("set ")) {
    parts.words.resize(parts.words.find(' '));  // set ('a','b') character set utf8
  }
  const Spelling* spelling = find_spelling(parts.words);
  if (spelling == nullptr) {
    return {};
  }
  type.logical = spelling->logical;
  type.element = spelling->element;
  type.time_zone = type.time_zone || spelling->time_zone;
  if (spelling->bits > 0) {
    type.bits = spelling->bits;
  }
  type.is_unsigned = is_unsigned || spelling->is_unsigned;
  apply_arguments(type, *spelling, parts);
  if (spelling->name == "tinyint" && parts.arguments.size() == 1 && parts.arguments[0] == "1") {
    // MySQL spells its booleans so.
    return {boolean};
  }
  if (spelling->name == "timestamp" && parts.arguments.size() == 2 &&
      parts.arguments[1].find("tz=") != std::string::npos) {
    type.time_zone = true;  // Arrow: timestamp[us, tz=UTC]
  }
  if (spelling->name == "money" || spelling->name == "smallmoney") {
    type.precision = spelling->name == "money" ? 19 : 10;
    type.scale = 4;
  }
  return type;
}

}  // namespace

DataType parse_data_type(std::string_view spelling) {
  DataType type = parse_lower(to_lower(trim(spelling)), 0);
  type.native = std::string(spelling);
  return type;
}

}  // namespace mapctl::catalog
