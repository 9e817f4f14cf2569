// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/rest/columns.hpp"
#include "core/catalog/profiler.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace mapctl::connectors::rest {

// Columns from records: every field that one of them has, in order of appearance, with the type
// that all its values have.
Shape shape_of_records(std::span<const Json> records);

// Statistics of a shape's columns over records.
class RecordProfile {
 public:
  explicit RecordProfile(const Shape& shape);
  void add(const Json& record);
  std::int64_t records() const noexcept { return records_; }
  void finish(catalog::Table& table, bool sampled, bool protect);

 private:
  const Shape& shape_;
  std::vector<catalog::ColumnProfiler> profilers_;
  std::vector<std::int64_t> present_;
  std::int64_t records_ = 0;
};

}  // namespace mapctl::connectors::rest
