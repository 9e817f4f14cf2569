// SPDX-License-Identifier: Apache-2.0
#include "core/matching/scoring/normalisation.hpp"

#include "core/matching/columns/siblings.hpp"
#include "core/matching/scoring/combination.hpp"
#include "core/matching/scoring/ranking.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <limits>
#include <vector>

namespace mapctl::matching {
namespace {

// To be the best of what is all unlikely is no merit: below this chance ranks count less.
constexpr float likely_enough = 0.015F;
float plausible(float chance) noexcept {
  return std::min(1.0F, chance / likely_enough);
}

struct Standing {
  float lead = 0;
  bool best = false;
};

// `order` holds pair numbers of one row or column, best first.
template <class Take>
void standings(std::span<const std::uint32_t> order, std::span<const float> chances, Take&& take) {
  const float best = chances[order.front()];
  const float second = order.size() > 1 ? chances[order[1]] : 0.0F;
  for (std::size_t at = 0; at < order.size(); ++at) {
    const float chance = chances[order[at]];
    take(order[at], {chance - (at == 0 ? second : best), chance == best && best >= likely_enough});
  }
}

constexpr int balancing_rounds = 8;
constexpr float greatest_odds = 12;  // as log-odds; keeps the sums in range

// What a pair claims of its row and its column, where a row or column that stays alone claims 1
// too; then both balanced against each other (Sinkhorn and Knopp 1967, with that slack).
void claims(std::span<ScoredPair> pairs, std::size_t sources, std::size_t targets) {
  // What the rounds need of a pair, close together.
  struct Claim {
    std::uint32_t source = 0, target = 0;
    float odds = 0;
  };
  std::vector<Claim> claims;
  claims.reserve(pairs.size());
  std::vector<float> rows(sources, 1.0F);
  std::vector<float> columns(targets, 1.0F);
  for (const auto& pair : pairs) {
    const float odds = std::exp(std::clamp(pair.own, -greatest_odds, greatest_odds));
    claims.push_back({pair.source, pair.target, odds});
    rows[pair.source] += odds;
    columns[pair.target] += odds;
  }
  for (std::size_t number = 0; number < pairs.size(); ++number) {
    const Claim& claim = claims[number];
    at(*pairs[number].features, Feature::row_claim) = claim.odds / rows[claim.source];
  }
  // Factors of rows and columns, begun at equal footing so that neither side comes first.
  const auto invert = [](std::vector<float>& sums) {
    for (auto& sum : sums) {
      sum = 1.0F / std::sqrt(sum);
    }
  };
  invert(rows);
  invert(columns);
  std::vector<float> row_sums(sources);
  std::vector<float> column_sums(targets);
  for (int round = 0; round < balancing_rounds; ++round) {
    std::fill(row_sums.begin(), row_sums.end(), 1.0F);
    std::fill(column_sums.begin(), column_sums.end(), 1.0F);
    for (std::size_t from = 0; from < claims.size();) {
      const auto source = claims[from].source;
      float sum = 1;
      for (; from < claims.size() && claims[from].source == source; ++from) {
        const auto& claim = claims[from];
        sum += claim.odds * columns[claim.target];
        column_sums[claim.target] += claim.odds * rows[source];
      }
      row_sums[source] = sum;
    }
    for (std::size_t row = 0; row < sources; ++row) {
      rows[row] = std::sqrt(rows[row] / row_sums[row]);
    }
    for (std::size_t column = 0; column < targets; ++column) {
      columns[column] = std::sqrt(columns[column] / column_sums[column]);
    }
  }
  for (std::size_t number = 0; number < pairs.size(); ++number) {
    const auto& [source, target, odds] = claims[number];
    at(*pairs[number].features, Feature::settled) =
        std::min(1.0F, rows[source] * odds * columns[target]);
  }
}

// What was met of a table while going through a row or column, best first.
struct Met {
  std::uint32_t count = 0, rank = 0;
  float chance = 0;
};

// 1 / rank of the pairs of one row among those to the same table (or of one column, from the same);
// equal chances share a rank. `met` holds an empty entry for every table and is left so.
template <class TableOf>
void ranks_in_tables(std::span<ScoredPair> pairs, std::span<const std::uint32_t> order,
                     std::span<const float> chances, Feature feature, TableOf&& table_of,
                     std::vector<Met>& met) {
  for (const auto number : order) {
    auto& table = met[table_of(pairs[number])];
    if (++table.count == 1 || chances[number] < table.chance) {
      table.rank = table.count;
      table.chance = chances[number];
    }
    at(*pairs[number].features, feature) =
        plausible(chances[number]) / static_cast<float>(table.rank);
  }
  for (const auto number : order) {
    met[table_of(pairs[number])] = {};
  }
}

// Of the columns of a source table, the share that finds a good partner in the target table; by the
// best target table for that source table.
void table_pairs(std::span<ScoredPair> pairs, const Side& source, const Side& target,
                 std::span<const float> chances) {
  const std::size_t tables = target.tables.size();
  if (tables == 1) {
    for (auto& pair : pairs) {
      at(*pair.features, Feature::table_pair) = 1;
    }
    return;
  }
  std::vector<float> sums(source.tables.size() * tables, 0.0F);
  std::vector<float> best(tables, 0.0F);
  std::vector<std::uint32_t> touched;
  for (std::size_t from = 0; from < pairs.size();) {
    std::size_t end = from;
    for (; end < pairs.size() && pairs[end].source == pairs[from].source; ++end) {
      const auto table = target.columns[pairs[end].target].table;
      if (best[table] == 0) {
        touched.push_back(table);
      }
      best[table] = std::max(best[table], chances[end]);
    }
    const auto source_table = source.columns[pairs[from].source].table;
    for (const auto table : touched) {
      sums[source_table * tables + table] += best[table];
      best[table] = 0;
    }
    touched.clear();
    from = end;
  }
  std::vector<float> greatest(source.tables.size(), 0.0F);
  for (std::size_t at_sum = 0; at_sum < sums.size(); ++at_sum) {
    greatest[at_sum / tables] = std::max(greatest[at_sum / tables], sums[at_sum]);
  }
  for (auto& pair : pairs) {
    const auto table = source.columns[pair.source].table;
    const float sum = sums[table * tables + target.columns[pair.target].table];
    at(*pair.features, Feature::table_pair) = greatest[table] > 0 ? sum / greatest[table] : 0.0F;
  }
}

// The same from the target's side: the share of its table's columns that a source table serves.
void table_pairs_back(std::span<ScoredPair> pairs, const Side& source, const Side& target,
                      std::span<const float> chances) {
  const std::size_t tables = source.tables.size();
  if (tables == 1) {
    for (auto& pair : pairs) {
      at(*pair.features, Feature::table_pair_back) = 1;
    }
    return;
  }
  // Best of each target column by source table; columns x tables, both of one schema's size.
  std::vector<float> best(target.columns.size() * tables, 0.0F);
  for (std::size_t number = 0; number < pairs.size(); ++number) {
    const auto table = source.columns[pairs[number].source].table;
    auto& place = best[pairs[number].target * tables + table];
    place = std::max(place, chances[number]);
  }
  std::vector<float> sums(target.tables.size() * tables, 0.0F);
  for (std::size_t column = 0; column < target.columns.size(); ++column) {
    for (std::size_t table = 0; table < tables; ++table) {
      sums[target.columns[column].table * tables + table] += best[column * tables + table];
    }
  }
  std::vector<float> greatest(target.tables.size());
  for (std::size_t table = 0; table < greatest.size(); ++table) {
    const auto* const row = sums.data() + table * tables;
    greatest[table] = *std::max_element(row, row + tables);
  }
  for (auto& pair : pairs) {
    const auto table = target.columns[pair.target].table;
    const float sum = sums[table * tables + source.columns[pair.source].table];
    at(*pair.features, Feature::table_pair_back) =
        greatest[table] > 0 ? sum / greatest[table] : 0.0F;
  }
}

struct Lead {
  Feature of, lead;
};
constexpr Lead leads[] = {
    {Feature::trigrams, Feature::trigrams_lead},
    {Feature::skeleton, Feature::skeleton_lead},
    {Feature::qualified, Feature::qualified_lead},
    {Feature::document, Feature::document_lead},
    {Feature::value_overlap, Feature::overlap_lead},
    {Feature::value_grams, Feature::value_grams_lead},
};
constexpr std::size_t lead_count = std::size(leads);

// Best and second best of each key feature among the pairs of one row or column.
struct Leaders {
  std::array<float, lead_count> best{}, second{};
  void add(const Features& features) noexcept {
    for (std::size_t number = 0; number < lead_count; ++number) {
      const float value = at(features, leads[number].of);
      if (value > best[number]) {
        second[number] = best[number];
        best[number] = value;
      } else if (value > second[number]) {
        second[number] = value;
      }
    }
  }
  float over_others(std::size_t number, float value) const noexcept {
    return value - (value == best[number] ? second[number] : best[number]);
  }
};

constexpr auto no_group = std::numeric_limits<std::uint32_t>::max();

// Of one column: who is best, and the best of the others that are no siblings of it.
struct Strangers {
  std::array<float, lead_count> best{}, second{};
  std::array<std::uint32_t, lead_count> group{};
  Strangers() { group.fill(no_group); }
  void add(const Features& features, std::uint32_t of) noexcept {
    for (std::size_t number = 0; number < lead_count; ++number) {
      const float value = at(features, leads[number].of);
      if (value > best[number]) {
        if (group[number] != of) {
          second[number] = best[number];
        }
        best[number] = value;
        group[number] = of;
      } else if (value > second[number] && group[number] != of) {
        second[number] = value;
      }
    }
  }
  float lead(std::size_t number, float value, std::uint32_t of) const noexcept {
    return value - (group[number] == of ? second[number] : best[number]);
  }
};

}  // namespace

void compare_with_others(std::span<ScoredPair> pairs, const Side& source, const Side& target) {
  const Siblings siblings = siblings_of(source, target);
  std::vector<Leaders> columns(target.columns.size());
  std::vector<Strangers> strangers(siblings.any() ? target.columns.size() : 0);
  for (const auto& pair : pairs) {
    columns[pair.target].add(*pair.features);
    if (siblings.any()) {
      strangers[pair.target].add(*pair.features, siblings.group[pair.source]);
    }
  }
  for (std::size_t from = 0; from < pairs.size();) {
    Leaders row;
    std::size_t end = from;
    for (; end < pairs.size() && pairs[end].source == pairs[from].source; ++end) {
      row.add(*pairs[end].features);
    }
    for (; from < end; ++from) {
      const auto& pair = pairs[from];
      auto& features = *pair.features;
      const auto& column = columns[pair.target];
      const float crowding = siblings.any() ? siblings.crowding(pair.source, pair.target) : 0.0F;
      for (std::size_t number = 0; number < lead_count; ++number) {
        const float value = at(features, leads[number].of);
        float lead = column.over_others(number, value);
        if (crowding > 0) {
          const float over_strangers =
              strangers[pair.target].lead(number, value, siblings.group[pair.source]);
          lead += crowding * (over_strangers - lead);
        }
        at(features, leads[number].lead) = (row.over_others(number, value) + lead) / 2;
      }
    }
  }
}

void normalise(std::span<ScoredPair> pairs, const Side& source, const Side& target) {
  std::vector<float> chances(pairs.size());
  for (std::size_t number = 0; number < pairs.size(); ++number) {
    chances[number] = probability(pairs[number].own);
  }
  std::vector<std::uint32_t> order(pairs.size());
  for (std::uint32_t number = 0; number < pairs.size(); ++number) {
    order[number] = number;
  }
  std::vector<bool> best_of_row(pairs.size(), false);
  std::vector<std::uint64_t> keys;
  const auto sort = [&](std::span<std::uint32_t> numbers) {  // best first
    keys.clear();
    for (const std::uint32_t number : numbers) {
      keys.push_back(falling_key(chances[number], number));
    }
    std::sort(keys.begin(), keys.end());
    std::transform(keys.begin(), keys.end(), numbers.begin(),
                   [](std::uint64_t key) { return static_cast<std::uint32_t>(key); });
  };
  const auto target_table = [&](const ScoredPair& pair) {
    return target.columns[pair.target].table;
  };
  const auto source_table = [&](const ScoredPair& pair) {
    return source.columns[pair.source].table;
  };
  std::vector<Met> met(std::max(source.tables.size(), target.tables.size()));
  for (std::size_t from = 0; from < pairs.size();) {
    std::size_t end = from;
    while (end < pairs.size() && pairs[end].source == pairs[from].source) {
      ++end;
    }
    const std::span<std::uint32_t> row{order.data() + from, end - from};
    sort(row);
    standings(row, chances, [&](std::uint32_t number, const Standing& standing) {
      at(*pairs[number].features, Feature::row_lead) = standing.lead;
      best_of_row[number] = standing.best;
    });
    ranks_in_tables(pairs, row, chances, Feature::table_row_rank, target_table, met);
    from = end;
  }

  std::vector<std::uint32_t> begin(target.columns.size() + 1, 0);
  for (const auto& pair : pairs) {
    ++begin[pair.target + 1];
  }
  for (std::size_t column = 0; column < target.columns.size(); ++column) {
    begin[column + 1] += begin[column];
  }
  auto place = begin;
  for (std::uint32_t number = 0; number < pairs.size(); ++number) {
    order[place[pairs[number].target]++] = number;
  }
  for (std::size_t column = 0; column < target.columns.size(); ++column) {
    const std::span<std::uint32_t> numbers{order.data() + begin[column],
                                           begin[column + 1] - begin[column]};
    if (numbers.empty()) {
      continue;
    }
    sort(numbers);
    standings(numbers, chances, [&](std::uint32_t number, const Standing& standing) {
      auto& features = *pairs[number].features;
      // What a column is a part of does not vie with the one that is its copy.
      at(features, Feature::column_lead) =
          at(features, Feature::whole_part) > 0 ? std::max(standing.lead, 0.0F) : standing.lead;
      at(features, Feature::mutual_best) = standing.best && best_of_row[number] ? 1.0F : 0.0F;
    });
    ranks_in_tables(pairs, numbers, chances, Feature::table_column_rank, source_table, met);
  }
  table_pairs(pairs, source, target, chances);
  table_pairs_back(pairs, source, target, chances);
  claims(pairs, source.columns.size(), target.columns.size());
}

}  // namespace mapctl::matching
