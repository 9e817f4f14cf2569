// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json_path.hpp"
#include "core/catalog/profiler.hpp"
#include "core/catalog/table.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

// Tables from documents without a schema: JSON of an API or of a document store.
namespace mapctl::catalog {

// How values are spelled. In extended JSON a map with one key that begins with '$' is a value of a
// type that JSON lacks: {"$date": ...}, {"$numberLong": "7"}.
enum class RecordForm : std::uint8_t { json, extended_json };

// A column and where its values are in a record; nested fields have dotted names.
struct RecordColumn {
  Column column{};
  JsonPath path{};
  double presence = 1;  // share of the records looked at that have it
};

struct Shape {
  std::vector<RecordColumn> columns{};
  std::vector<std::string> remarks{};  // for people: fields whose values are of several types
  std::size_t left_out = 0;            // fields that came when there were most_record_columns
  bool left_out_more = false;          // than were counted
};

// Documents whose keys are data ("2024-01-01": ...) would else make a column of each.
inline constexpr std::size_t most_record_columns = 5'000;

// What should be said of the table `object` ("stream 'orders'") whose records have the shape.
std::vector<DiscoveryWarning> warnings_of(const Shape& shape, const std::string& object);

// Nested maps are taken apart to this depth; deeper ones are one column of JSON.
inline constexpr std::size_t nesting_limit = 6;

// Collects every field that a record has, in order of appearance, with the type that all its
// values have, in memory that grows with the fields and not with the records.
class ShapeBuilder {
 public:
  explicit ShapeBuilder(RecordForm form = RecordForm::json);
  ShapeBuilder(ShapeBuilder&&) noexcept;
  ShapeBuilder& operator=(ShapeBuilder&&) noexcept;
  ~ShapeBuilder();
  void add(const Json& record);
  std::int64_t records() const noexcept;
  Shape finish() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Shape shape_of_records(std::span<const Json> records, RecordForm form = RecordForm::json);

// How a reader spells a value that is not null.
std::string record_text(const Json& value, RecordForm form);

// Statistics of a shape's columns over records.
class RecordProfile {
 public:
  explicit RecordProfile(const Shape& shape, RecordForm form = RecordForm::json);
  void add(const Json& record);
  std::int64_t records() const noexcept { return records_; }
  void finish(Table& table, bool sampled, bool protect);

 private:
  const Shape& shape_;
  RecordForm form_;
  std::vector<ColumnProfiler> profilers_;
  std::vector<std::int64_t> present_;
  std::int64_t records_ = 0;
};

}  // namespace mapctl::catalog
