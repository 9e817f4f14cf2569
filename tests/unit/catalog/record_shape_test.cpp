// SPDX-License-Identifier: Apache-2.0
#include "core/catalog/record_shape.hpp"

#include "core/base/json.hpp"
#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace mapctl::catalog {
namespace {

std::vector<Json> records(const std::string& text) {
  const Json list = Json::parse(text);
  return {list.begin(), list.end()};
}

std::string spelled(const Shape& shape) {
  std::string all;
  for (const RecordColumn& column : shape.columns) {
    all += column.column.name.text + ":" + std::string{to_string(column.column.type.logical)} + " ";
  }
  return all;
}

TEST_CASE("columns come in order of appearance with the type that all values have", "[catalog]") {
  const auto shape = shape_of_records(records(
      R"([{"id": 1, "o": {"b": "2024-01-31", "deep": {"x": true}}, "n": null},
          {"id": 2.5, "o": {"b": "2024-02-01"}, "list": [1]}])"));
  CHECK(spelled(shape) == "id:floating o.b:date o.deep.x:boolean n:unknown list:array ");
  CHECK(shape.columns[2].presence == 0.5);
  CHECK(shape.columns[0].presence == 1);
  CHECK(shape.remarks.empty());
  CHECK(shape.columns[4].column.type.element == LogicalType::integer);
}

TEST_CASE("a field of several types is text, and its remark tells the share of each", "[catalog]") {
  const auto shape = shape_of_records(
      records(R"([{"v": 1}, {"v": "x"}, {"v": {"a": 1}}, {"v": [1]}, {"v": 2}, {"v": null}])"));
  CHECK(shape.remarks ==
        std::vector<std::string>{"field 'v' holds integer (40 %) and string (20 %) and array (20 "
                                 "%) and object (20 %)"});
  CHECK(shape.columns[0].column.type.native == "integer|string|array|object");
  CHECK(shape.columns[0].column.type.logical == LogicalType::string);
  CHECK(shape.columns[0].column.name.text == "v");
  CHECK(shape.columns[1].column.name.text == "v.a");
  // The order of the records does not change the type.
  const auto turned =
      shape_of_records(records(R"([{"v": [1]}, {"v": 2}, {"v": {"a": 1}}, {"v": "x"}, {"v": 1}])"));
  CHECK(turned.columns[0].column.type.native == shape.columns[0].column.type.native);
}

TEST_CASE("fields beyond the most that are looked at are counted and told", "[catalog]") {
  Json wide = Json::object();
  for (std::size_t i = 0; i < most_record_columns; ++i) {
    wide["f" + std::to_string(i)] = i;
  }
  Json wider = wide;
  wider["left"] = 1;
  wider["out"] = {{"too", 1}};
  ShapeBuilder builder;
  builder.add(wide);
  CHECK(builder.finish().left_out == 0);
  CHECK(warnings_of(builder.finish(), "table 't'").empty());
  builder.add(wider);
  builder.add(wider);
  const Shape shape = builder.finish();
  CHECK(shape.columns.size() == most_record_columns);
  CHECK(shape.left_out == 3);
  const auto warnings = warnings_of(shape, "table 't'");
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].object == "table 't'");
  CHECK(warnings[0].message == "3 of its fields are left out: 5000 are looked at");
}

TEST_CASE("two fields of one dotted name are two columns", "[catalog]") {
  const auto shape = shape_of_records(records(R"([{"a.b": 1, "a": {"b": 2}}])"));
  CHECK(spelled(shape) == "a.b:integer a.b#2:integer ");
}

TEST_CASE("values of extended JSON have their types and short spellings", "[catalog]") {
  const auto list = records(
      R"([{"_id": {"$oid": "65b0c0ffee65b0c0ffee0001"}, "n": {"$numberInt": "7"},
           "big": {"$numberLong": "9007199254740993"}, "d": {"$numberDecimal": "12.50"},
           "at": {"$date": {"$numberLong": "1704164645123"}}, "f": {"$numberDouble": "0.5"},
           "u": {"$binary": {"base64": "AAECAwQFBgcICQoLDA0ODw==", "subType": "04"}},
           "m": {"x": {"$numberInt": "1"}}, "l": [{"$numberInt": "1"}, {"$oid": "ab"}],
           "mixed": {"$numberInt": "1"}},
          {"n": {"$numberLong": "8"}, "mixed": "x", "at": {"$date": "1969-12-31T23:59:59Z"}}])");
  const auto shape = shape_of_records(list, RecordForm::extended_json);
  CHECK(spelled(shape) ==
        "_id:string n:integer big:integer d:decimal at:timestamp f:floating u:uuid m.x:integer "
        "l:array mixed:string ");
  CHECK(shape.columns[0].column.type.native == "objectId");
  CHECK(shape.columns[1].column.type.native == "int|long");
  CHECK(shape.columns[1].column.type.bits == 64);
  CHECK(shape.remarks ==
        std::vector<std::string>{"field 'mixed' holds int (50 %) and string (50 %)"});
  const auto text = [&](std::size_t record, const char* key) {
    return record_text(list[record][key], RecordForm::extended_json);
  };
  CHECK(text(0, "_id") == "65b0c0ffee65b0c0ffee0001");
  CHECK(text(0, "big") == "9007199254740993");
  CHECK(text(0, "d") == "12.50");
  CHECK(text(0, "at") == "2024-01-02T03:04:05.123Z");
  CHECK(text(1, "at") == "1969-12-31T23:59:59Z");
  CHECK(text(0, "u") == "00010203-0405-0607-0809-0a0b0c0d0e0f");
  const auto spelling = [](const char* json) {
    return record_text(Json::parse(json), RecordForm::extended_json);
  };
  // Doubles come with all their digits; the shortest text that means the same is kept.
  CHECK(spelling(R"({"$numberDouble": "50.729999999999996874"})") == "50.73");
  CHECK(spelling(R"({"$numberDouble": "7.0"})") == "7.0");
  CHECK(spelling(R"({"$numberDouble": "-Infinity"})") == "-Infinity");
  CHECK(spelling(R"({"$timestamp": {"t": 1704164645, "i": 3}})") == "2024-01-02T03:04:05Z");
  CHECK(spelling(R"({"$binary": {"base64": "AAEC", "subType": "04"}})") == "AAEC");
  CHECK(spelling(R"({"$binary": {"base64": "AAECAwQFBgcICQoLDA0ODw==", "subType": "00"}})") ==
        "AAECAwQFBgcICQoLDA0ODw==");
  CHECK(text(0, "l") == R"([1,"ab"])");
  // The same keys in plain JSON are fields.
  CHECK(spelled(shape_of_records(records(R"([{"a": {"$oid": "x"}}])"))) == "a.$oid:string ");
}

TEST_CASE("a time behind UTC has a time zone like any other", "[catalog]") {
  const auto shape = shape_of_records(records(
      R"([{"at": "2026-01-31T08:05:09-05:00", "wall": "2026-01-31T08:05:09"},
          {"at": "2026-01-31T08:05:09+02:00", "wall": "2026-01-31T09:05:09"},
          {"at": "2026-01-31T08:05:09Z", "wall": "2026-01-31T10:05:09"}])"));
  CHECK(shape.columns[0].column.type.logical == LogicalType::timestamp);
  CHECK(shape.columns[0].column.type.time_zone);
  CHECK_FALSE(shape.columns[1].column.type.time_zone);
}

TEST_CASE("a date beyond all calendars is shown as the number it is", "[catalog]") {
  const auto shown = [](const char* json) {
    return record_text(Json::parse(json), RecordForm::extended_json);
  };
  CHECK(shown(R"({"$date": {"$numberLong": "-62135596800000"}})") == "0001-01-01T00:00:00Z");
  CHECK(shown(R"({"$date": {"$numberLong": "253402300799999"}})") == "9999-12-31T23:59:59.999Z");
  CHECK(shown(R"({"$date": {"$numberLong": "9223372036854775807"}})") == "9223372036854775807");
  CHECK(shown(R"({"$date": {"$numberLong": "-9223372036854775808"}})") == "-9223372036854775808");
}

}  // namespace
}  // namespace mapctl::catalog
