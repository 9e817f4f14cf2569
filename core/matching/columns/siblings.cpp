// SPDX-License-Identifier: Apache-2.0
#include "core/matching/columns/siblings.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

namespace mapctl::matching {
namespace {

// Of two tables' column names, what both have, by what either has.
constexpr double least_alike = 0.5;
constexpr std::size_t fewest_shared = 2;
// Every table is compared with every other one.
constexpr std::size_t most_tables = 256;

bool alike(const std::vector<std::uint64_t>& left, const std::vector<std::uint64_t>& right) {
  if (static_cast<double>(std::min(left.size(), right.size())) <
      least_alike * static_cast<double>(std::max(left.size(), right.size()))) {
    return false;
  }
  std::size_t shared = 0;
  for (std::size_t a = 0, b = 0; a < left.size() && b < right.size();) {
    shared += left[a] == right[b] ? 1 : 0;
    const bool left_first = left[a] <= right[b];
    b += right[b] <= left[a] ? 1 : 0;
    a += left_first ? 1 : 0;
  }
  const auto either = left.size() + right.size() - shared;
  return shared >= fewest_shared &&
         static_cast<double>(shared) >= least_alike * static_cast<double>(either);
}

// Of each table the first of those that are alike, directly or by others.
std::vector<std::uint32_t> kinds_of(const Side& side) {
  std::vector<std::vector<std::uint64_t>> names(side.tables.size());
  for (const auto& column : side.columns) {
    names[column.table].push_back(column.core_hash);
  }
  for (auto& list : names) {
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
  }
  std::vector<std::uint32_t> kinds(side.tables.size());
  std::iota(kinds.begin(), kinds.end(), 0U);
  for (std::uint32_t table = 1; table < kinds.size(); ++table) {
    for (std::uint32_t before = 0; before < table; ++before) {
      if (kinds[before] != kinds[table] && alike(names[before], names[table])) {
        const auto first = std::min(kinds[before], kinds[table]);
        const auto second = std::max(kinds[before], kinds[table]);
        std::replace(kinds.begin(), kinds.end(), second, first);
      }
    }
  }
  return kinds;
}

}  // namespace

Siblings siblings_of(const Side& source, const Side& target) {
  Siblings siblings;
  if (source.tables.size() < 2 || source.tables.size() > most_tables) {
    return siblings;
  }
  const auto kinds = kinds_of(source);
  std::map<std::pair<std::uint64_t, std::uint32_t>, std::uint32_t> groups;
  std::vector<std::uint32_t> sizes;
  std::vector<std::uint32_t> group;
  for (const auto& column : source.columns) {
    const auto [found, added] = groups.emplace(std::pair{column.core_hash, kinds[column.table]},
                                               static_cast<std::uint32_t>(groups.size()));
    if (added) {
      sizes.push_back(0);
    }
    ++sizes[found->second];
    group.push_back(found->second);
  }
  if (std::all_of(sizes.begin(), sizes.end(), [](std::uint32_t size) { return size == 1; })) {
    return siblings;
  }
  siblings.group = std::move(group);
  for (const auto number : siblings.group) {
    siblings.shares.push_back(1.0F / static_cast<float>(sizes[number]));
  }
  std::map<std::uint64_t, std::uint32_t> of_name;
  for (const auto& column : target.columns) {
    ++of_name[column.core_hash];
  }
  for (const auto& column : target.columns) {
    siblings.places.push_back(static_cast<float>(of_name[column.core_hash]));
  }
  return siblings;
}

}  // namespace mapctl::matching
