// SPDX-License-Identifier: Apache-2.0
#include "core/matching/values/row_check.hpp"

#include "core/base/text.hpp"
#include "core/catalog/composed_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace mapctl::matching {
namespace {

constexpr std::size_t most_commas = 8;

// Sampled values: by row where rows are known.
const std::vector<std::string>& values_of(const catalog::ColumnStatistics& statistics) noexcept {
  return statistics.first_rows.empty() ? statistics.samples : statistics.first_rows;
}

}  // namespace

std::string in_words(const Tally& tally) {
  return fmt::format("holds in {} of {} sampled rows", tally.holds, tally.of);
}

TextForm text_form(const catalog::Column& column) {
  TextForm form;
  if (!column.statistics) {
    return form;
  }
  std::array<std::array<std::size_t, most_commas + 1>, catalog::part_separators.size()> by_count{};
  for (const auto& value : values_of(*column.statistics)) {
    const auto text = trim(value);
    if (text.empty()) {
      continue;
    }
    ++form.values;
    const char separator = catalog::part_separator(text);
    if (separator == '\0') {
      form.spaced += text.find(' ') != text.npos ? 1 : 0;
      continue;
    }
    const auto count = static_cast<std::size_t>(std::count(text.begin(), text.end(), separator));
    ++by_count[catalog::part_separators.find(separator)][std::min(count, most_commas)];
  }
  for (std::size_t which = 0; which < by_count.size(); ++which) {
    for (std::size_t count = 1; count <= most_commas; ++count) {
      if (by_count[which][count] > form.separated) {
        form.separated = by_count[which][count];
        form.commas = count;
        form.separator = catalog::part_separators[which];
      }
    }
  }
  return form;
}

std::vector<std::vector<std::uint64_t>> composed_rows(const catalog::Column& column) {
  std::vector<std::vector<std::uint64_t>> rows;
  if (!column.statistics) {
    return rows;
  }
  for (const auto& known : column.statistics->row_parts) {
    if (known.size() > 1) {
      rows.push_back(known);
    }
  }
  if (column.personal) {
    return rows;  // the text itself is masked
  }
  for (const auto& value : column.statistics->first_rows) {
    const auto parts = catalog::value_parts(value);
    if (parts.size() > 1 && !value.ends_with("...")) {
      auto& row = rows.emplace_back();
      for (const auto part : parts) {
        row.push_back(catalog::value_hash(part));
      }
    }
  }
  return rows;
}

Tally parts_found(const std::vector<std::vector<std::uint64_t>>& rows,
                  std::span<const catalog::Column* const> columns) {
  Tally tally;
  for (const auto& row : rows) {
    bool judged = false;
    bool holds = row.size() >= columns.size();
    for (std::size_t at = 0; at < columns.size() && holds; ++at) {
      if (columns[at] == nullptr || !columns[at]->statistics) {
        continue;
      }
      if (const auto found = catalog::holds_value(*columns[at]->statistics, row[at])) {
        judged = true;
        holds = *found;
      }
    }
    tally.of += judged ? 1 : 0;
    tally.holds += judged && holds ? 1 : 0;
  }
  return tally;
}

std::optional<double> number_of(std::string_view text) noexcept {
  text = trim(text);
  double number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || problem != std::errc{} || end != text.data() + text.size() ||
      !std::isfinite(number)) {
    return std::nullopt;
  }
  return number;
}

std::vector<std::optional<double>> numbers_of(const catalog::Column& column) {
  std::vector<std::optional<double>> numbers;
  if (column.statistics && !column.personal) {
    for (const auto& value : column.statistics->first_rows) {
      numbers.push_back(number_of(value));
    }
  }
  return numbers;
}

std::optional<bool> holds_number(const catalog::Column& column, double number) {
  if (!column.statistics) {
    return std::nullopt;
  }
  bool known = true;
  for (int digits = 0; digits <= 6; ++digits) {
    const std::string text = fmt::format("{:.{}f}", number, digits);
    const auto written = number_of(text);
    // More digits than the number has are zeros, fewer would be another number.
    if (!written || std::abs(*written - number) > 1e-6 * std::max(1.0, std::abs(number))) {
      continue;
    }
    const auto found = catalog::holds_value(*column.statistics, catalog::value_hash(text));
    if (found && *found) {
      return true;
    }
    known = known && found.has_value();
  }
  return known ? std::optional{false} : std::nullopt;
}

std::optional<bool> holds_rounded(const catalog::Column& column, double number) {
  const auto exact = holds_number(column, number);
  if ((exact && *exact) || !column.statistics) {
    return exact;
  }
  // Sums of money are rounded to two digits, and then written with fewer.
  for (const int digits : {2, column.statistics->fraction_digits}) {
    const double scale = std::pow(10.0, std::clamp(digits, 0, 9));
    if (const auto found = holds_number(column, std::round(number * scale) / scale);
        found && *found) {
      return true;
    }
  }
  return exact;
}

NumberCheck check_numbers(const std::vector<std::optional<double>>& computed,
                          const catalog::Column& target) {
  NumberCheck check;
  const auto* statistics = target.statistics ? &*target.statistics : nullptr;
  check.range_known = statistics != nullptr && statistics->quantiles.size() > 2;
  const double least = check.range_known ? statistics->quantiles.front() : 0;
  const double most = check.range_known ? statistics->quantiles.back() : 0;
  const double room = (most - least) / 2;
  for (const auto& number : computed) {
    if (!number) {
      continue;
    }
    ++check.values;
    check.in_range += *number >= least - room && *number <= most + room ? 1 : 0;
    if (const auto found = holds_rounded(target, *number)) {
      ++check.found.of;
      check.found.holds += *found ? 1 : 0;
    }
  }
  return check;
}

}  // namespace mapctl::matching
