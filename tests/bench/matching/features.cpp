// SPDX-License-Identifier: Apache-2.0
// Writes the features of every candidate pair of labelled suites, for reading what went wrong and
// for trying other models than fit.cpp's with a tool that reads arrays.
//   bench_matching_features REPOSITORY OUT SUITE_FOLDER[:TRUTH_FILE] ...
// OUT gets features.f32 (a row of floats a pair), pairs.i32 (task, source, target, right),
// tasks.tsv and columns.tsv. When OUT has own.f32, a float a pair in the same order, the features
// of a pair's standing are made from these scores. A task is written whole, without row data, and
// as single table pairs, as `propose` sees them.
#include "core/base/file.hpp"
#include "core/eval/suite.hpp"
#include "core/matching/lexicon.hpp"
#include "core/matching/matcher.hpp"
#include "core/matching/normalisation.hpp"
#include "core/matching/prepared.hpp"
#include "core/matching/scorer.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstring>
#include <exception>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace mapctl;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t candidates_of_whole = 40;
constexpr std::size_t candidates_of_pair = 12;
constexpr std::size_t least_truth_of_pair = 2;

class Writer {
 public:
  Writer(fs::path folder, std::shared_ptr<const matching::Lexicon> lexicon)
      : folder_{std::move(folder)}, lexicon_{std::move(lexicon)} {
    fs::create_directories(folder_);
    if (const auto path = folder_ / "own.f32"; fs::exists(path)) {
      const auto bytes = read_file(path);
      own_.emplace(bytes.size() / sizeof(float));
      std::memcpy(own_->data(), bytes.data(), own_->size() * sizeof(float));
    }
  }

  void add(const std::string& suite, const eval::Task& task, bool has_data) {
    const auto source = matching::prepare(task.source, *lexicon_);
    const auto target = matching::prepare(task.target, *lexicon_);
    add_pairing(suite, task.name, "whole", task, source->whole(), target->whole(),
                candidates_of_whole, true);
    if (has_data) {
      add_pairing(suite, task.name, "no_data", task, source->whole(), target->whole(),
                  candidates_of_whole, false);
    }
    std::map<std::pair<std::string, std::string>, std::size_t> tables;
    for (const auto& [left, right] : task.truth) {
      ++tables[{left.table, right.table}];
    }
    const bool one_pair = source->tables().size() == 1 && target->tables().size() == 1;
    for (const auto& [names, count] : tables) {
      if (count >= least_truth_of_pair && !one_pair) {
        const auto& left = source->table(catalog::TableRef{{}, catalog::TableName{names.first}});
        const auto& right = target->table(catalog::TableRef{{}, catalog::TableName{names.second}});
        add_pairing(suite, task.name + "/" + names.first + "/" + names.second, "pair", task, left,
                    right, candidates_of_pair, true);
      }
    }
  }

  void finish() const {
    const auto write = [&](const char* name, const void* data, std::size_t bytes) {
      write_file_atomically(folder_ / name, {static_cast<const char*>(data), bytes});
    };
    write("features.f32", features_.data(), features_.size() * sizeof(float));
    write("pairs.i32", pairs_.data(), pairs_.size() * sizeof(std::int32_t));
    write_file_atomically(folder_ / "tasks.tsv", tasks_);
    write_file_atomically(folder_ / "columns.tsv", columns_);
    fmt::print("{} pairs of {} features\n", pairs_.size() / 4, matching::feature_count);
  }

 private:
  static eval::ColumnKey key_of(const matching::Side& side, std::uint32_t column) {
    const auto& features = side.columns[column];
    return {side.tables[features.table].ref.table.text, features.column->name.text};
  }

  void add_pairing(const std::string& suite, const std::string& name, std::string_view variant,
                   const eval::Task& task, const matching::Side& source,
                   const matching::Side& target, std::size_t candidates, bool use_data) {
    matching::ScoreOptions options;
    options.per_source = candidates;
    options.use_data = use_data;
    auto scores = matching::score(source, target, *lexicon_, options, {});
    if (own_) {
      for (auto& pair : scores.pairs) {
        pair.own = own_->at(next_++);
      }
      matching::normalise(scores.pairs, source, target);
    }
    const std::set<std::pair<eval::ColumnKey, eval::ColumnKey>> truth{task.truth.begin(),
                                                                      task.truth.end()};
    std::size_t true_pairs = 0;
    for (std::uint32_t left = 0; left < source.columns.size(); ++left) {
      for (std::uint32_t right = 0; right < target.columns.size(); ++right) {
        true_pairs += truth.count({key_of(source, left), key_of(target, right)});
      }
    }
    const auto tell = [&](const matching::Side& side, std::string_view role) {
      for (std::uint32_t column = 0; column < side.columns.size(); ++column) {
        const auto key = key_of(side, column);
        fmt::format_to(std::back_inserter(columns_), "{}\t{}\t{}\t{}\t{}\n", tasks_written_, role,
                       column, key.table, key.column);
      }
    };
    tell(source, "source");
    tell(target, "target");
    for (const auto& pair : scores.pairs) {
      features_.insert(features_.end(), pair.features.begin(), pair.features.end());
      const bool right = truth.contains({key_of(source, pair.source), key_of(target, pair.target)});
      for (const std::uint32_t value :
           {tasks_written_, pair.source, pair.target, std::uint32_t{right}}) {
        pairs_.push_back(static_cast<std::int32_t>(value));
      }
    }
    fmt::format_to(std::back_inserter(tasks_), "{}\t{}\t{}\t{}\t{}\t{}\n", suite, name, variant,
                   source.columns.size(), target.columns.size(), true_pairs);
    ++tasks_written_;
  }

  fs::path folder_;
  std::shared_ptr<const matching::Lexicon> lexicon_;
  std::optional<std::vector<float>> own_;
  std::size_t next_ = 0;
  std::vector<float> features_;
  std::vector<std::int32_t> pairs_;
  std::string tasks_, columns_;
  std::uint32_t tasks_written_ = 0;
};

int run(const std::vector<std::string>& arguments) {
  const std::vector<fs::path> lexicon_folders{fs::path{arguments[0]} / "profiles" / "lexicon"};
  Writer writer{arguments[1], matching::Lexicon::load(lexicon_folders)};
  for (std::size_t at = 2; at < arguments.size(); ++at) {
    eval::LoadOptions options;
    fs::path folder = arguments[at];
    if (const auto colon = arguments[at].rfind(':'); colon != std::string::npos) {
      folder = arguments[at].substr(0, colon);
      options.truth_file = arguments[at].substr(colon + 1);
    }
    for (const auto& path : eval::task_folders(folder, options)) {
      const auto task = eval::load_task(path, options);
      bool has_data = false;
      for (const auto& entry : task.source->tables()) {
        for (const auto& column : entry.table->columns) {
          has_data = has_data || column.statistics.has_value();
        }
      }
      writer.add(folder.filename().string(), task, has_data);
    }
  }
  writer.finish();
  return 0;
}

}  // namespace

int main(int count, char** values) {
  try {
    if (count < 4) {
      fmt::print(stderr, "usage: bench_matching_features REPOSITORY OUT SUITE[:TRUTH_FILE] ...\n");
      return 2;
    }
    return run({values + 1, values + count});
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return 1;
  }
}
