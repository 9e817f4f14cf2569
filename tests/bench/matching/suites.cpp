// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/matching/suites.hpp"

#include "core/base/csv.hpp"
#include "core/base/file.hpp"
#include "core/catalog/profiler.hpp"
#include "core/catalog/types.hpp"
#include "core/matching/assignment.hpp"
#include "core/matching/confidence.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <random>

namespace mapctl::bench {
namespace {

namespace fs = std::filesystem;
using ColumnKey = std::pair<std::string, std::string>;

std::vector<std::vector<std::string>> read_csv(const fs::path& path) {
  const auto text = read_file(path);
  std::string_view view = text;
  if (view.starts_with("\xEF\xBB\xBF")) {
    view.remove_prefix(3);
  }
  CsvReader reader{view};
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> record;
  while (reader.next(record)) {
    rows.push_back(record);
  }
  return rows;
}

void profile(const fs::path& path, catalog::Table& table) {
  if (!fs::exists(path)) {
    return;
  }
  const auto rows = read_csv(path);
  if (rows.size() < 2) {
    return;
  }
  for (std::size_t at = 0; at < rows[0].size(); ++at) {
    const auto column =
        std::find_if(table.columns.begin(), table.columns.end(),
                     [&](const auto& item) { return item.name.text == rows[0][at]; });
    if (column == table.columns.end()) {
      continue;
    }
    catalog::ColumnProfiler profiler;
    for (std::size_t row = 1; row < rows.size(); ++row) {
      if (at >= rows[row].size() || rows[row][at].empty()) {
        profiler.add_null();
      } else {
        profiler.add(rows[row][at]);
      }
    }
    column->statistics = profiler.finish();
  }
}

std::shared_ptr<const catalog::Catalog> load_side(const fs::path& folder, const std::string& side,
                                                  const std::set<ColumnKey>& left_out,
                                                  const LoadOptions& options) {
  std::map<std::string, catalog::Table> tables;
  const auto rows = read_csv(folder / (side + ".csv"));
  for (std::size_t at = 1; at < rows.size(); ++at) {
    auto row = rows[at];
    row.resize(4);
    if (left_out.contains({row[0], row[1]})) {
      continue;
    }
    auto& table = tables[row[0]];
    table.name = catalog::TableName{row[0]};
    catalog::Column column;
    column.name = catalog::ColumnName{row[1]};
    column.type = catalog::parse_data_type(row[2]);
    column.comment = row[3];
    table.columns.push_back(std::move(column));
  }
  if (fs::exists(folder / "tables.csv")) {
    for (const auto& row : read_csv(folder / "tables.csv")) {
      if (row.size() >= 3 && row[0] == side) {
        if (const auto found = tables.find(row[1]); found != tables.end()) {
          found->second.comment = row[2];
        }
      }
    }
  }
  auto result = std::make_shared<catalog::Catalog>();
  auto& schema = result->schemas.emplace_back();
  std::mt19937 random{options.seed};
  for (auto& [name, table] : tables) {
    if (options.use_data) {
      profile(folder / (side + "_data.csv"), table);
      profile(folder / (side + "_data." + name + ".csv"), table);
    }
    for (std::size_t at = table.columns.size(); at > 1; --at) {
      std::swap(table.columns[at - 1], table.columns[random() % at]);
    }
    int position = 0;
    for (auto& column : table.columns) {
      column.position = ++position;
    }
    schema.tables.push_back(std::move(table));
  }
  return result;
}

std::map<ColumnKey, std::uint32_t> numbers_of(const matching::Side& side) {
  std::map<ColumnKey, std::uint32_t> result;
  for (std::uint32_t column = 0; column < side.columns.size(); ++column) {
    const auto& features = side.columns[column];
    result.emplace(
        ColumnKey{side.tables[features.table].ref.table.text, features.column->name.text}, column);
  }
  return result;
}

struct Ranked {
  const matching::ScoredPair* pair;
  bool right;
};

}  // namespace

std::vector<Task> load_suite(const fs::path& folder, const matching::Lexicon& lexicon,
                             const LoadOptions& options) {
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator{folder}) {
    if (fs::exists(entry.path() / options.truth_file)) {
      folders.push_back(entry.path());
    }
  }
  std::sort(folders.begin(), folders.end());
  std::vector<Task> tasks;
  for (const auto& path : folders) {
    const auto truth = read_csv(path / options.truth_file);
    std::set<ColumnKey> source_out;
    std::set<ColumnKey> target_out;
    if (options.truth_file != "truth.csv") {
      const std::set<std::vector<std::string>> chosen{truth.begin() + 1, truth.end()};
      const auto all = read_csv(path / "truth.csv");
      for (std::size_t at = 1; at < all.size(); ++at) {
        if (!chosen.contains(all[at])) {
          source_out.emplace(all[at][0], all[at][1]);
          target_out.emplace(all[at][2], all[at][3]);
        }
      }
    }
    Task task;
    task.suite = folder.filename().string();
    task.name = path.filename().string();
    task.source = load_side(path, "source", source_out, options);
    task.target = load_side(path, "target", target_out, options);
    task.source_side = matching::prepare(task.source, lexicon);
    task.target_side = matching::prepare(task.target, lexicon);
    const auto sources = numbers_of(task.source_side->whole());
    const auto targets = numbers_of(task.target_side->whole());
    for (std::size_t at = 1; at < truth.size(); ++at) {
      const auto source = sources.find({truth[at][0], truth[at][1]});
      const auto target = targets.find({truth[at][2], truth[at][3]});
      if (source != sources.end() && target != targets.end()) {
        task.truth.emplace(source->second, target->second);
      }
    }
    task.truth_size = task.truth.size();
    if (task.truth_size > 0) {
      tasks.push_back(std::move(task));
    }
  }
  return tasks;
}

Figures& Figures::operator+=(const Figures& other) {
  recall_at_gt += other.recall_at_gt;
  mrr += other.mrr;
  hit_at_1 += other.hit_at_1;
  hit_at_3 += other.hit_at_3;
  hit_at_5 += other.hit_at_5;
  precision += other.precision;
  recall += other.recall;
  f1 += other.f1;
  f1_best += other.f1_best;
  ece += other.ece;
  tasks += other.tasks;
  return *this;
}

Figures Figures::mean() const {
  Figures result = *this;
  const double count = tasks > 0 ? static_cast<double>(tasks) : 1.0;
  for (double* value :
       {&result.recall_at_gt, &result.mrr, &result.hit_at_1, &result.hit_at_3, &result.hit_at_5,
        &result.precision, &result.recall, &result.f1, &result.f1_best, &result.ece}) {
    *value /= count;
  }
  return result;
}

std::vector<std::pair<double, bool>> decided_pairs(const Task& task,
                                                   const matching::ScoreTable& scores) {
  std::vector<matching::Edge> edges;
  for (const auto& pair : scores.pairs) {
    edges.push_back({pair.source, pair.target, matching::confidence_of(pair.score)});
  }
  const auto chosen = matching::assign_one_to_one(task.source_side->whole().columns.size(),
                                                  task.target_side->whole().columns.size(), edges);
  std::vector<std::pair<double, bool>> result;
  for (const auto& edge : chosen) {
    if (edge) {
      result.emplace_back(edges[*edge].gain,
                          task.truth.contains({edges[*edge].source, edges[*edge].target}));
    }
  }
  return result;
}

Figures evaluate(const Task& task, const matching::ScoreTable& scores) {
  Figures figures;
  figures.tasks = 1;
  const auto& target = task.target_side->whole();
  const auto truth_size = static_cast<double>(task.truth_size);

  std::vector<Ranked> all;
  for (const auto& pair : scores.pairs) {
    all.push_back({&pair, task.truth.contains({pair.source, pair.target})});
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Ranked& a, const Ranked& b) { return a.pair->score > b.pair->score; });
  double found = 0;
  for (std::size_t at = 0; at < std::min(task.truth_size, all.size()); ++at) {
    found += all[at].right ? 1 : 0;
  }
  figures.recall_at_gt = found / truth_size;

  std::map<std::uint32_t, std::vector<std::uint32_t>> targets_of;
  for (const auto& [source, target_column] : task.truth) {
    targets_of[source].push_back(target_column);
  }
  for (const auto& [source, wanted] : targets_of) {
    const auto row = scores.of_source(source);
    std::size_t rank = 0;
    for (std::size_t at = 0; at < row.size() && rank == 0; ++at) {
      if (std::find(wanted.begin(), wanted.end(), row[at].target) != wanted.end()) {
        rank = at + 1;
      }
    }
    if (rank == 0) {
      rank = (row.size() + target.columns.size()) / 2 + 1;  // somewhere among the rest
    }
    figures.mrr += 1.0 / static_cast<double>(rank);
    figures.hit_at_1 += rank <= 1 ? 1 : 0;
    figures.hit_at_3 += rank <= 3 ? 1 : 0;
    figures.hit_at_5 += rank <= 5 ? 1 : 0;
  }
  const auto columns = static_cast<double>(targets_of.size());
  figures.mrr /= columns;
  figures.hit_at_1 /= columns;
  figures.hit_at_3 /= columns;
  figures.hit_at_5 /= columns;

  auto decided = decided_pairs(task, scores);
  std::sort(decided.begin(), decided.end(),
            [](const auto& a, const auto& b) { return a.first > b.first; });
  const auto f1_of = [&](double right, double made) {
    return right > 0 ? 2 * right / (made + truth_size) : 0.0;
  };
  constexpr double threshold = 0.5;
  constexpr std::size_t bins = 10;
  double right = 0;
  double made = 0;
  std::vector<double> sums(bins, 0), rights(bins, 0), counts(bins, 0);
  double default_right = 0;
  double default_made = 0;
  for (std::size_t at = 0; at < decided.size(); ++at) {
    const auto& [confidence, good] = decided[at];
    right += good ? 1 : 0;
    made += 1;
    if (at + 1 == decided.size() || decided[at + 1].first < confidence) {
      figures.f1_best = std::max(figures.f1_best, f1_of(right, made));
    }
    if (confidence >= threshold) {
      default_right = right;
      default_made = made;
      const auto bin = std::min(bins - 1, static_cast<std::size_t>(confidence * bins));
      sums[bin] += confidence;
      rights[bin] += good ? 1 : 0;
      counts[bin] += 1;
    }
  }
  figures.precision = default_made > 0 ? default_right / default_made : 0;
  figures.recall = default_right / truth_size;
  figures.f1 = f1_of(default_right, default_made);
  for (std::size_t bin = 0; bin < bins; ++bin) {
    if (counts[bin] > 0) {
      figures.ece += std::fabs(sums[bin] - rights[bin]) / default_made;
    }
  }
  return figures;
}

std::shared_ptr<const matching::Lexicon> shipped_lexicon(const fs::path& repository) {
  const std::vector<fs::path> folders{repository / "profiles" / "lexicon"};
  return matching::Lexicon::load(folders);
}

}  // namespace mapctl::bench
