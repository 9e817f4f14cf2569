// SPDX-License-Identifier: Apache-2.0
#include "core/report/row_words.hpp"

#include <cmath>

namespace mapctl::report {

double rounded(double value) noexcept {
  constexpr double steps = 10000;
  return std::round(value * steps) / steps;
}

std::string type_words(const catalog::Column* column) {
  if (column == nullptr) {
    return {};
  }
  return column->type.native.empty() ? std::string{catalog::to_string(column->type.logical)}
                                     : column->type.native;
}

std::string_view status_word(const MappingRow& row) noexcept {
  if (!row.input_of.empty()) {
    return "input";
  }
  return row.target.empty() && row.record == nullptr ? std::string_view{"unmapped"}
                                                     : to_string(row.status);
}

}  // namespace mapctl::report
