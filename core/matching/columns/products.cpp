// SPDX-License-Identifier: Apache-2.0
#include "core/matching/columns/products.hpp"

#include "core/matching/values/row_check.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace mapctl::matching {
namespace {

// Rows that are no product by chance.
constexpr std::size_t fewest_products = 6;
constexpr double share_of_products = 0.95;
// Pairs grow with the square; of wider tables, most products would be chance, too.
constexpr std::size_t most_numbers = 96;

struct NumberColumn {
  std::uint32_t column = 0;
  std::vector<std::optional<double>> rows{};
};

bool is_product(double whole, double left, double right) noexcept {
  // Written with two digits, or cut to whole numbers.
  return std::abs(whole - left * right) <= std::max(0.006, 0.002 * std::abs(whole));
}

// Zeros and ones are products of too many.
bool says_something(double whole, double left, double right) noexcept {
  return whole != 0 && std::abs(left) != 1 && std::abs(right) != 1;
}

bool multiply_to(const NumberColumn& whole, const NumberColumn& left,
                 const NumberColumn& right) noexcept {
  std::size_t rows = 0;
  std::size_t holding = 0;
  const auto count = std::min({whole.rows.size(), left.rows.size(), right.rows.size()});
  for (std::size_t row = 0; row < count; ++row) {
    const auto &product = whole.rows[row], &one = left.rows[row], &other = right.rows[row];
    if (!product || !one || !other || !says_something(*product, *one, *other)) {
      continue;
    }
    ++rows;
    holding += is_product(*product, *one, *other) ? 1 : 0;
    if (rows == fewest_products / 2 && holding == 0) {
      return false;
    }
  }
  return rows >= fewest_products &&
         static_cast<double>(holding) >= share_of_products * static_cast<double>(rows);
}

void find_in(std::span<ColumnFeatures> columns, std::uint32_t first) {
  const auto is_amount = [](const ColumnFeatures& column) {
    return column.measurable && column.role == NameRole::amount;
  };
  if (std::none_of(columns.begin(), columns.end(), is_amount)) {
    return;
  }
  std::vector<NumberColumn> numbers;
  for (std::uint32_t at = 0; at < columns.size() && numbers.size() < most_numbers; ++at) {
    if (columns[at].measurable && columns[at].role != NameRole::identifier) {
      numbers.push_back({first + at, numbers_of(*columns[at].column)});
    }
  }
  for (const auto& whole : numbers) {
    if (!is_amount(columns[whole.column - first])) {
      continue;
    }
    for (std::size_t left = 0; left < numbers.size(); ++left) {
      for (std::size_t right = left + 1; right < numbers.size(); ++right) {
        if (&numbers[left] != &whole && &numbers[right] != &whole &&
            multiply_to(whole, numbers[left], numbers[right])) {
          columns[whole.column - first].factors = {numbers[left].column, numbers[right].column};
        }
      }
    }
  }
}

}  // namespace

void find_products(Side& side) {
  for (const auto& table : side.tables) {
    find_in({side.columns.data() + table.first_column, table.column_count}, table.first_column);
  }
}

}  // namespace mapctl::matching
