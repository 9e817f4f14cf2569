// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/catalog/table.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Whether a rule holds in the sampled rows of a table.
namespace mapctl::matching {

struct Tally {
  std::size_t holds = 0;
  std::size_t of = 0;  // rows that could be judged
  // Fewer rows are chance.
  static constexpr std::size_t fewest = 5;
  bool is_enough() const noexcept { return of >= fewest; }
  double share() const noexcept {
    return of == 0 ? 0.0 : static_cast<double>(holds) / static_cast<double>(of);
  }
};
// "holds in 48 of 50 sampled rows"
std::string in_words(const Tally& tally);

// How the values of a text column are put together. Masked values keep their form.
struct TextForm {
  std::size_t values = 0;
  std::size_t spaced = 0;     // several words and no separator
  std::size_t separated = 0;  // by as many separators as most
  std::size_t commas = 0;     // how many separators that are
  char separator = ',';       // what stands between: one of catalog::part_separators
};
TextForm text_form(const catalog::Column& column);

// value_hash() of the parts of each sampled value that has several.
std::vector<std::vector<std::uint64_t>> composed_rows(const catalog::Column& column);

// Rows whose parts are values of the columns in their place; null for a part that has none.
Tally parts_found(const std::vector<std::vector<std::uint64_t>>& rows,
                  std::span<const catalog::Column* const> columns);

// A sampled value as a number; nothing for anything else.
std::optional<double> number_of(std::string_view text) noexcept;
// Whether the column has the number in one of the spellings that numbers have; nothing where its
// sketch cannot tell.
std::optional<bool> holds_number(const catalog::Column& column, double number);
// The same for a number that was computed: rounded, too, to the digits that the column's have.
std::optional<bool> holds_rounded(const catalog::Column& column, double number);
// By sampled row; nothing where there is no number.
std::vector<std::optional<double>> numbers_of(const catalog::Column& column);

// What the numbers computed for a target say about the rule.
struct NumberCheck {
  std::size_t values = 0;    // computed
  std::size_t in_range = 0;  // ... within the target's range, somewhat widened
  bool range_known = false;
  Tally found{};  // among the target's values
};
NumberCheck check_numbers(const std::vector<std::optional<double>>& computed,
                          const catalog::Column& target);

}  // namespace mapctl::matching
