// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/catalog/statistics.hpp"
#include "core/catalog/table.hpp"

#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace mapctl::catalog {

using PatternSet = std::bitset<static_cast<std::size_t>(value_pattern_count)>;

// The forms one value has. No allocation; never throws. Values above 1,024 bytes have none but
// json_document.
PatternSet classify(std::string_view value) noexcept;

// Statistics of one column from its values, in bounded memory whatever their number: exact up to
// some thousands of distinct values, sketches (bottom-k, reservoir) beyond. Deterministic: the
// same values in the same order give the same figures. Used by one thread at a time.
class ColumnProfiler {
 public:
  ColumnProfiler();
  ColumnProfiler(ColumnProfiler&&) noexcept;
  ColumnProfiler& operator=(ColumnProfiler&&) noexcept;
  ~ColumnProfiler();
  void add_null();
  void add(std::string_view value);  // as text, as the system spells it
  ColumnStatistics finish() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Whether the column looks personal, from its name, comment and statistics (product.md: --pii).
std::optional<PersonalData> detect_personal_data(const Column& column, const TableName& table);

// Keeps the form, hides the content: "jane@example.com" -> "j***@e******.com", "Jane" -> "J***".
std::string mask(std::string_view value);

// Sets column.personal, and masks minimum, maximum, frequent values and samples when it is set.
void protect_personal_data(Column& column, const TableName& table);

}  // namespace mapctl::catalog
