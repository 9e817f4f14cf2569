// SPDX-License-Identifier: Apache-2.0
#include "core/matching/rules/same_rows.hpp"

#include "core/catalog/statistics.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <optional>
#include <set>
#include <unordered_map>

namespace mapctl::matching {
namespace {

using catalog::Column;
using mapping::Transformation;
using mapping::TransformationKind;
using Numbers = std::vector<std::optional<double>>;

// Of the rows, for a sum that no name asks for.
constexpr double nearly_all_rows = 0.95;
constexpr std::size_t fewest_sums = 10;
constexpr std::size_t most_summands = 12;  // columns of numbers; with more, chance finds sums

std::vector<std::pair<std::size_t, std::size_t>> rows_in_both(
    const std::vector<std::string>& left, const std::vector<std::string>& right) {
  std::unordered_map<std::uint64_t, std::size_t> by_value;
  for (std::size_t row = 0; row < right.size(); ++row) {
    if (right[row].empty() || !by_value.emplace(catalog::value_hash(right[row]), row).second) {
      return {};  // no key
    }
  }
  std::vector<std::pair<std::size_t, std::size_t>> rows;
  std::set<std::uint64_t> seen;
  for (std::size_t row = 0; row < left.size(); ++row) {
    const auto hash = catalog::value_hash(left[row]);
    if (left[row].empty() || !seen.insert(hash).second) {
      return {};
    }
    if (const auto found = by_value.find(hash); found != by_value.end()) {
      rows.emplace_back(row, found->second);
    }
  }
  return rows;
}

bool is_figure(const ColumnFeatures& column) noexcept {
  return catalog::is_number(column.column->type.logical) && column.key == KeyRole::none &&
         column.named_key == KeyRole::none;
}

double apply(char sign, double left, double right) noexcept {
  return sign == '+' ? left + right : sign == '-' ? left - right : left * right;
}

struct RowSum {
  std::uint32_t left = 0, right = 0;
  char sign = '+';
  Tally tally{};
};

// Whether the sums are as many different numbers as tell something.
Tally sums_in_rows(const Numbers& left, const Numbers& right, char sign, const Numbers& sums,
                   const SameRows& same) {
  Tally tally;
  std::set<double> different;
  for (const auto& [from, to] : same.rows) {
    if (from >= left.size() || from >= right.size() || to >= sums.size() || !left[from] ||
        !right[from] || !sums[to]) {
      continue;
    }
    constexpr double cent = 0.0051;  // sums of money are rounded
    const double sum = apply(sign, *left[from], *right[from]);
    const double off = std::abs(sum - *sums[to]);
    ++tally.of;
    tally.holds += off <= 1e-9 * std::abs(sum) || (off < cent && std::abs(sum) >= 1) ? 1 : 0;
    // Beside nothing, or times one, it would be a copy.
    const bool is_copy = off == 0 && (sum == *left[from] || sum == *right[from]);
    if (!is_copy) {
      different.insert(*sums[to]);
    }
  }
  if (different.size() * 2 < tally.of) {
    tally = {};
  }
  return tally;
}

}  // namespace

const std::vector<std::string>* plain_rows(const Column& column) noexcept {
  return column.statistics && !column.personal && !column.statistics->first_rows.empty()
             ? &column.statistics->first_rows
             : nullptr;
}

SameRows same_rows(const Composer& composer) {
  SameRows best;
  for (std::uint32_t target = 0; target < composer.target().columns.size(); ++target) {
    const auto source = composer.source_of(target);
    if (!source || *source >= composer.source().columns.size()) {
      continue;
    }
    const auto& own = composer.source_column(*source).statistics;
    const auto& other = composer.target_column(target).statistics;
    if (!own || !other || !own->tells_rows_apart() || !other->tells_rows_apart()) {
      continue;
    }
    const auto* left = plain_rows(composer.source_column(*source));
    const auto* right = plain_rows(composer.target_column(target));
    // Only plain copies are keys: of a rule's results nothing is known here.
    const auto* candidate = composer.decided_candidate(*source, target);
    if (left == nullptr || right == nullptr || candidate == nullptr ||
        candidate->transformation.inputs.size() > 1) {
      continue;
    }
    auto rows = rows_in_both(*left, *right);
    if (rows.size() > best.rows.size()) {
      best = {composer.source_column(*source).name.text, std::move(rows)};
    }
  }
  return best;
}

void compute_by_rows(Composer& composer, const SameRows& same) {
  std::vector<std::uint32_t> figures;
  std::vector<Numbers> numbers;
  for (std::uint32_t source = 0; source < composer.source().columns.size(); ++source) {
    if (is_figure(composer.source().columns[source])) {
      figures.push_back(source);
      numbers.push_back(numbers_of(composer.source_column(source)));
    }
  }
  if (figures.size() < 2 || figures.size() > most_summands) {
    return;
  }
  for (std::uint32_t target = 0; target < composer.target().columns.size(); ++target) {
    if (!composer.is_free(target) || !is_figure(composer.target().columns[target])) {
      continue;
    }
    const Numbers sums = numbers_of(composer.target_column(target));
    std::optional<RowSum> best;
    for (std::uint32_t left = 0; left < figures.size(); ++left) {
      for (std::uint32_t right = 0; right < figures.size(); ++right) {
        for (const char sign : {'+', '-', '*'}) {
          if (left == right || (sign != '-' && left > right)) {
            continue;
          }
          const Tally tally = sums_in_rows(numbers[left], numbers[right], sign, sums, same);
          if (tally.of >= fewest_sums && tally.share() >= nearly_all_rows &&
              (!best || tally.holds > best->tally.holds)) {
            best = {left, right, sign, tally};
          }
        }
      }
    }
    if (!best) {
      continue;
    }
    Transformation transformation;
    const std::string& one = composer.source_column(figures[best->left]).name.text;
    const std::string& other = composer.source_column(figures[best->right]).name.text;
    transformation.inputs = {one, other};
    const std::string expression =
        fmt::format("{} {} {}", in_expression(one), best->sign, in_expression(other));
    transformation.steps.push_back(
        step_of(TransformationKind::expression, {{"expression", expression}}));
    composer.propose(figures[best->left],
                     {target, std::move(transformation), confidence_of_form,
                      fmt::format("'{}' is {}, which {} with the same '{}'",
                                  composer.target_column(target).name.text, expression,
                                  in_words(best->tally), same.key)});
  }
}

}  // namespace mapctl::matching
