// SPDX-License-Identifier: Apache-2.0
#include "core/matching/scoring/ranking.hpp"
#include "core/matching/scoring/scorer.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace mapctl::matching {

std::vector<std::uint32_t> name_order(const Side& side) {
  std::vector<std::uint32_t> columns(side.columns.size());
  std::iota(columns.begin(), columns.end(), 0U);
  std::sort(columns.begin(), columns.end(), [&](std::uint32_t a, std::uint32_t b) {
    const auto& left = side.columns[a];
    const auto& right = side.columns[b];
    if (left.table != right.table) {
      const auto order = side.tables[left.table].ref <=> side.tables[right.table].ref;
      return order != 0 ? order < 0 : left.table < right.table;
    }
    const auto order = left.column->name <=> right.column->name;
    return order != 0 ? order < 0 : a < b;
  });
  std::vector<std::uint32_t> order(columns.size());
  for (std::uint32_t place = 0; place < columns.size(); ++place) {
    order[columns[place]] = place;
  }
  return order;
}

void ScoreTable::sort_rows(std::span<const std::uint32_t> target_ranks) {
  struct Place {
    std::uint64_t key = 0;
    std::uint32_t number = 0;
    bool operator<(const Place& other) const noexcept {
      return key != other.key ? key < other.key : number < other.number;
    }
  };
  std::vector<Place> places;
  std::vector<ScoredPair> row;
  for (std::size_t column = 0; column + 1 < begin.size(); ++column) {
    const auto first = pairs.begin() + begin[column];
    row.assign(first, pairs.begin() + begin[column + 1]);
    places.clear();
    for (std::uint32_t number = 0; number < row.size(); ++number) {
      const std::uint32_t tie = target_ranks.empty() ? 0 : target_ranks[row[number].target];
      places.push_back({falling_key(row[number].score, tie), number});
    }
    std::sort(places.begin(), places.end());
    std::transform(places.begin(), places.end(), first,
                   [&](const Place& place) { return row[place.number]; });
  }
}

}  // namespace mapctl::matching
