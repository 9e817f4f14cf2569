// SPDX-License-Identifier: Apache-2.0
#include "core/matching/row_check.hpp"

#include "core/base/text.hpp"

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
  std::array<std::size_t, most_commas + 1> by_commas{};
  for (const auto& value : values_of(*column.statistics)) {
    const auto text = trim(value);
    if (text.empty()) {
      continue;
    }
    ++form.values;
    const auto commas = static_cast<std::size_t>(std::count(text.begin(), text.end(), ','));
    ++by_commas[std::min(commas, most_commas)];
    form.spaced += commas == 0 && text.find(' ') != text.npos ? 1 : 0;
  }
  const auto most = std::max_element(by_commas.begin() + 1, by_commas.end());
  form.commas = static_cast<std::size_t>(most - by_commas.begin());
  form.separated = *most;
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
    // Sums of money are rounded before they are stored.
    for (const double candidate : {*number, std::round(*number * 100) / 100}) {
      const auto found = holds_number(target, candidate);
      if (found && *found) {
        ++check.found.holds;
        ++check.found.of;
        break;
      }
      if (candidate != *number || candidate == std::round(*number * 100) / 100) {
        check.found.of += found ? 1 : 0;
        break;
      }
    }
  }
  return check;
}

}  // namespace mapctl::matching
