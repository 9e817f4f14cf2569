// SPDX-License-Identifier: Apache-2.0
#include "core/catalog/diff.hpp"

#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <tuple>
#include <unordered_map>

namespace mapctl::catalog {

std::string_view to_string(ChangeKind kind) noexcept {
  switch (kind) {
    case ChangeKind::table_added: return "table_added";
    case ChangeKind::table_removed: return "table_removed";
    case ChangeKind::column_added: return "column_added";
    case ChangeKind::column_removed: return "column_removed";
    case ChangeKind::column_renamed: return "column_renamed";
    case ChangeKind::type_changed: return "type_changed";
    case ChangeKind::nullability_changed: return "nullability_changed";
    case ChangeKind::default_changed: return "default_changed";
    case ChangeKind::comment_changed: return "comment_changed";
    case ChangeKind::key_changed: return "key_changed";
  }
  return {};
}

namespace {

// New name by old name, for each table that is in both catalogs.
using Renames = std::map<TableRef, std::map<ColumnName, ColumnName>>;

std::string squeezed(std::string_view name) {
  std::string letters = fold(name);
  std::erase_if(letters, [](char c) { return c == '_' || c == '-' || c == ' ' || c == '.'; });
  return letters;
}

double name_similarity(const Column& before, const Column& after) {
  const std::string left = squeezed(before.name.text);
  const std::string right = squeezed(after.name.text);
  const std::size_t longer = std::max(left.size(), right.size());
  if (longer == 0) {
    return 0;
  }
  const double edits = static_cast<double>(edit_distance(left, right, longer));
  double similarity = 1 - edits / static_cast<double>(longer);
  const auto& [small, large] =
      std::minmax(left, right, [](const auto& a, const auto& b) { return a.size() < b.size(); });
  if (small.size() >= 3 && large.find(small) != std::string::npos) {
    similarity = std::max(similarity, 0.8);
  }
  return similarity;
}

// 1 where nothing moved; columns dropped before it move a column too, so a step or two cost little.
double position_similarity(const Column& before, const Column& after) noexcept {
  return std::exp(-std::abs(before.position - after.position) / 3.0);
}

std::optional<double> statistics_similarity(const Column& before, const Column& after) {
  if (!before.statistics || !after.statistics) {
    return std::nullopt;
  }
  const auto& left = *before.statistics;
  const auto& right = *after.statistics;
  if (left.distinct == 0 || right.distinct == 0) {
    return std::nullopt;
  }
  const Overlap overlap = estimate_overlap(left, right);
  // A table grows between two snapshots: what the old column held should be in the new one.
  const double values = std::max(overlap.jaccard, overlap.left_in_right);
  const double nulls = 1 - std::abs(left.null_share - right.null_share);
  return 0.8 * values + 0.2 * nulls;
}

double rename_likelihood(const Table& old_table, const Column& before, const Table& new_table,
                         const Column& after) {
  const bool same_logical = before.type.logical == after.type.logical;
  if (!same_logical && !(is_number(before.type.logical) && is_number(after.type.logical))) {
    return 0;
  }
  double sum = 0;
  double weights = 0;
  const auto add = [&](double weight, double score) {
    sum += weight * score;
    weights += weight;
  };
  const bool same_type = before.type.native == after.type.native ||
                         (before.type.length == after.type.length && same_logical);
  add(1, same_type ? 1 : same_logical ? 0.7 : 0.3);
  add(1.5, name_similarity(before, after));
  add(1, position_similarity(before, after));
  add(0.5, before.nullable == after.nullable &&
                   old_table.in_primary_key(before.name) == new_table.in_primary_key(after.name)
               ? 1
               : 0);
  if (!before.comment.empty() || !after.comment.empty()) {
    add(1.5, before.comment == after.comment ? 1 : 0);
  }
  if (const auto values = statistics_similarity(before, after)) {
    add(3, *values);
  }
  return sum / weights;
}

struct RenameCandidate {
  const Column* before = nullptr;
  const Column* after = nullptr;
  double likelihood = 0;
};

// The candidates that are the best of both their columns. Between equals nobody can say, so
// neither is proposed.
std::vector<RenameCandidate> mutual_best(const std::vector<RenameCandidate>& candidates) {
  struct Best {
    double likelihood = 0;
    std::size_t count = 0;  // of candidates that have it
  };
  std::unordered_map<const Column*, Best> best_of;
  for (const RenameCandidate& one : candidates) {
    for (const Column* column : {one.before, one.after}) {
      Best& best = best_of[column];
      if (one.likelihood > best.likelihood) {
        best = {one.likelihood, 1};
      } else if (one.likelihood == best.likelihood) {
        ++best.count;
      }
    }
  }
  std::vector<RenameCandidate> kept;
  std::copy_if(candidates.begin(), candidates.end(), std::back_inserter(kept),
               [&](const RenameCandidate& one) {
                 const Best& before = best_of[one.before];
                 const Best& after = best_of[one.after];
                 return one.likelihood == before.likelihood && before.count == 1 &&
                        one.likelihood == after.likelihood && after.count == 1;
               });
  return kept;
}

std::string describe_type(const Column& column) {
  std::string text =
      column.type.native.empty() ? std::string(to_string(column.type.logical)) : column.type.native;
  if (!column.code_list.empty()) {
    text += fmt::format(" of {}", column.code_list);
  }
  if (!column.allowed_values.empty()) {
    text += fmt::format(" {{{}}}", join(column.allowed_values, ", "));
  }
  return text;
}

std::string joined(const std::vector<ColumnName>& columns) {
  std::vector<std::string> names;
  for (const ColumnName& column : columns) {
    names.push_back(column.text);
  }
  return join(names, ", ");
}

std::vector<ColumnName> renamed(std::vector<ColumnName> columns, const TableRef& table,
                                const Renames& renames) {
  if (const auto known = renames.find(table); known != renames.end()) {
    for (ColumnName& column : columns) {
      if (const auto name = known->second.find(column); name != known->second.end()) {
        column = name->second;
      }
    }
  }
  return columns;
}

std::string describe_key(const TableRef& table, const ForeignKey& key, const Renames& renames) {
  return fmt::format("({}) references {} ({})", joined(renamed(key.columns, table, renames)),
                     to_string(key.references),
                     joined(renamed(key.referenced_columns, key.references, renames)));
}

std::vector<std::string> describe_foreign_keys(const TableRef& ref, const Table& table,
                                               const Renames& renames) {
  std::vector<std::string> keys;
  for (const ForeignKey& key : table.foreign_keys) {
    keys.push_back(describe_key(ref, key, renames));
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

class Comparison {
 public:
  Comparison(const TableRef& ref, const Table& before, const Table& after,
             std::vector<Change>& changes)
      : ref_{ref}, before_{before}, after_{after}, changes_{changes} {}

  // First for every table: keys are compared with the new names in hand.
  void find_renames(Renames& renames) {
    std::vector<RenameCandidate> candidates;
    for (const Column& old_column : before_.columns) {
      if (after_.find(old_column.name) != nullptr) {
        continue;
      }
      for (const Column& new_column : after_.columns) {
        if (before_.find(new_column.name) != nullptr) {
          continue;
        }
        const double likelihood = rename_likelihood(before_, old_column, after_, new_column);
        if (likelihood >= 0.5) {
          candidates.push_back({&old_column, &new_column, likelihood});
        }
      }
    }
    for (const RenameCandidate& found : mutual_best(candidates)) {
      renames[ref_][found.before->name] = found.after->name;
      add(ChangeKind::column_renamed, found.after->name.text, found.before->name.text,
          found.after->name.text, std::round(found.likelihood * 100) / 100);
    }
  }

  void compare(const Renames& renames) {
    if (before_.comment != after_.comment) {
      add(ChangeKind::comment_changed, "", before_.comment, after_.comment);
    }
    std::vector<ColumnName> found;
    for (const Column& column : before_.columns) {
      const ColumnName name = renamed({column.name}, ref_, renames).front();
      if (const Column* now = after_.find(name)) {
        compare(column, *now);
        found.push_back(name);
      } else {
        add(ChangeKind::column_removed, column.name.text, describe_type(column), "");
      }
    }
    std::sort(found.begin(), found.end());
    for (const Column& column : after_.columns) {
      if (!std::binary_search(found.begin(), found.end(), column.name)) {
        add(ChangeKind::column_added, column.name.text, "", describe_type(column));
      }
    }
    compare_keys(renames);
  }

 private:
  void add(ChangeKind kind, std::string column, std::string before, std::string after,
           double likelihood = 1) {
    changes_.push_back(
        {kind, ref_, std::move(column), std::move(before), std::move(after), likelihood});
  }

  void compare(const Column& before, const Column& after) {
    const std::string& name = after.name.text;
    if (before.type != after.type || before.allowed_values != after.allowed_values ||
        before.code_list != after.code_list) {
      std::string was = describe_type(before);
      std::string is = describe_type(after);
      if (was == is) {
        was = fmt::format("{} ({})", was, to_string(before.type.logical));
        is = fmt::format("{} ({})", is, to_string(after.type.logical));
      }
      add(ChangeKind::type_changed, name, std::move(was), std::move(is));
    }
    if (before.nullable != after.nullable) {
      add(ChangeKind::nullability_changed, name, before.nullable ? "nullable" : "not null",
          after.nullable ? "nullable" : "not null");
    } else if (before.required != after.required &&
               before.default_value.has_value() == after.default_value.has_value()) {
      add(ChangeKind::nullability_changed, name, before.required ? "required" : "optional",
          after.required ? "required" : "optional");
    }
    if (before.default_value != after.default_value) {
      add(ChangeKind::default_changed, name, before.default_value.value_or(""),
          after.default_value.value_or(""));
    }
    if (before.comment != after.comment) {
      add(ChangeKind::comment_changed, name, before.comment, after.comment);
    }
    if (before.unique != after.unique) {
      add(ChangeKind::key_changed, name, before.unique ? "unique" : "not unique",
          after.unique ? "unique" : "not unique");
    }
  }

  void compare_keys(const Renames& renames) {
    const auto primary = [](const std::vector<ColumnName>& columns) {
      return columns.empty() ? std::string{} : fmt::format("primary key ({})", joined(columns));
    };
    if (renamed(before_.primary_key, ref_, renames) != after_.primary_key) {
      add(ChangeKind::key_changed, "", primary(before_.primary_key), primary(after_.primary_key));
    }
    const auto old_keys = describe_foreign_keys(ref_, before_, renames);
    const auto new_keys = describe_foreign_keys(ref_, after_, {});
    std::vector<std::string> gone;
    std::vector<std::string> come;
    std::set_difference(old_keys.begin(), old_keys.end(), new_keys.begin(), new_keys.end(),
                        std::back_inserter(gone));
    std::set_difference(new_keys.begin(), new_keys.end(), old_keys.begin(), old_keys.end(),
                        std::back_inserter(come));
    for (std::string& key : gone) {
      add(ChangeKind::key_changed, "", std::move(key), "");
    }
    for (std::string& key : come) {
      add(ChangeKind::key_changed, "", "", std::move(key));
    }
  }

  const TableRef& ref_;
  const Table& before_;
  const Table& after_;
  std::vector<Change>& changes_;
};

}  // namespace

std::vector<Change> diff(const Catalog& before, const Catalog& after) {
  std::vector<Change> changes;
  std::map<TableRef, const Table*> new_tables;
  for (const auto& [ref, table] : after.tables()) {
    new_tables.emplace(ref, table);
  }
  std::map<TableRef, std::pair<const Table*, const Table*>> common;
  for (const auto& [ref, table] : before.tables()) {
    if (const auto now = new_tables.find(ref); now != new_tables.end()) {
      common.emplace(ref, std::pair{table, now->second});
      new_tables.erase(now);
    } else {
      changes.push_back({ChangeKind::table_removed, ref, "", to_string(ref), "", 1});
    }
  }
  for (const auto& [ref, table] : new_tables) {
    changes.push_back({ChangeKind::table_added, ref, "", "", to_string(ref), 1});
  }
  Renames renames;
  for (const auto& [ref, tables] : common) {
    Comparison{ref, *tables.first, *tables.second, changes}.find_renames(renames);
  }
  for (const auto& [ref, tables] : common) {
    Comparison{ref, *tables.first, *tables.second, changes}.compare(renames);
  }
  std::sort(changes.begin(), changes.end(), [](const Change& left, const Change& right) {
    return std::tie(left.table, left.kind, left.column, left.before, left.after) <
           std::tie(right.table, right.kind, right.column, right.before, right.after);
  });
  return changes;
}

}  // namespace mapctl::catalog
