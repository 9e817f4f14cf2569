// SPDX-License-Identifier: Apache-2.0
#include "core/matching/columns/inferred_keys.hpp"

#include "core/base/ascii.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <tuple>

namespace mapctl::matching {
namespace {

// A name that more tables have is no key of one of them: each is compared with every other.
constexpr std::size_t most_tables_of_name = 64;
// "id" and "code" are each table's own.
constexpr std::size_t shortest_name = 5;
// Of the values of a reference, how many must be the key's; rows are often only sampled.
constexpr double least_contained = 0.5;
// Of the other tables with values, how many must refer to the key.
constexpr double least_referring = 0.7;

struct Holder {
  const catalog::Table* table = nullptr;
  const catalog::Column* column = nullptr;
};

std::string letters_of(std::string_view name) {
  std::string letters;
  for (const char c : name) {
    if (c != '_' && c != '-' && c != ' ') {
      letters += to_lower(c);
    }
  }
  return letters;
}

bool has_values(const Holder& holder) noexcept {
  return holder.column->statistics && !holder.column->statistics->sketch.empty();
}

bool may_be_key(const Holder& holder, std::string_view letters) noexcept {
  if (!has_values(holder)) {
    return false;
  }
  const auto& statistics = *holder.column->statistics;
  // One row tells nothing but by its name.
  return statistics.tells_rows_apart() || (statistics.rows == 1 && letters.ends_with("id"));
}

double contained(const Holder& reference, const Holder& key) {
  return catalog::estimate_overlap(*reference.column->statistics, *key.column->statistics)
      .left_in_right;
}

// What speaks for one of several tables whose rows the same values tell apart: its name, that it
// has nothing but the key, that it has most to say.
auto merit(const Holder& holder, double referring, std::string_view letters) {
  const auto table = letters_of(holder.table->name.text);
  const auto columns = holder.table->columns.size();
  return std::tuple{referring, letters.starts_with(table) ? 1 : 0, columns == 1 ? 1 : 0, columns};
}

void infer(std::string_view letters, const std::vector<Holder>& holders, InferredKeys& keys) {
  const auto with_values =
      static_cast<double>(std::count_if(holders.begin(), holders.end(), has_values));
  const Holder* best = nullptr;
  double best_referring = 0;
  for (const auto& holder : holders) {
    if (!may_be_key(holder, letters)) {
      continue;
    }
    double referring = 0;
    for (const auto& other : holders) {
      if (&other != &holder && has_values(other)) {
        referring += contained(other, holder) >= least_contained ? 1 : 0;
      }
    }
    if (referring == 0 || referring < least_referring * (with_values - 1)) {
      continue;
    }
    if (best == nullptr ||
        merit(*best, best_referring, letters) < merit(holder, referring, letters)) {
      best = &holder;
      best_referring = referring;
    }
  }
  if (best == nullptr) {
    return;
  }
  for (const auto& holder : holders) {
    if (&holder == best) {
      keys.emplace(holder.column, KeyRole::primary);
    } else if (!has_values(holder) || contained(holder, *best) >= least_contained) {
      keys.emplace(holder.column, KeyRole::foreign);
    }
  }
}

// One of each table: "customer_id" and "customerid" side by side do not refer to each other.
void add(const Holder& holder, std::vector<Holder>& holders) {
  if (holders.empty() || holders.back().table != holder.table) {
    holders.push_back(holder);
  } else if (!has_values(holders.back())) {
    holders.back() = holder;
  }
}

}  // namespace

InferredKeys infer_keys(const std::vector<catalog::Catalog::Entry>& tables) {
  InferredKeys keys;
  if (tables.size() < 2) {
    return keys;
  }
  std::map<std::string, std::vector<Holder>, std::less<>> by_name;
  for (const auto& entry : tables) {
    const auto& table = *entry.table;
    if (!table.primary_key.empty() || !table.foreign_keys.empty()) {
      continue;
    }
    for (const auto& column : table.columns) {
      if (column.statistics && !column.unique && column.name.text.size() >= shortest_name) {
        add({&table, &column}, by_name[letters_of(column.name.text)]);
      }
    }
  }
  for (const auto& [letters, holders] : by_name) {
    if (holders.size() > 1 && holders.size() <= most_tables_of_name) {
      infer(letters, holders, keys);
    }
  }
  return keys;
}

}  // namespace mapctl::matching
