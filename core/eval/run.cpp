// SPDX-License-Identifier: Apache-2.0
#include "core/eval/run.hpp"

#include "core/base/error.hpp"
#include "core/matching/columns/prepared.hpp"
#include "core/matching/words/lexicon.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <utility>

namespace mapctl::eval {
namespace {

// Columns of a side in the order of their names.
struct Numbering {
  std::vector<std::uint32_t> number_of{};  // by the matcher's number
  std::vector<ColumnKey> keys{};           // by that order
  std::map<ColumnKey, std::uint32_t> by_key{};

  explicit Numbering(const matching::Side& side) {
    std::vector<std::pair<ColumnKey, std::uint32_t>> columns;
    for (std::uint32_t column = 0; column < side.columns.size(); ++column) {
      const auto& features = side.columns[column];
      columns.push_back(
          {{side.tables[features.table].ref.table.text, features.column->name.text}, column});
    }
    std::sort(columns.begin(), columns.end());
    number_of.resize(columns.size());
    for (std::uint32_t number = 0; number < columns.size(); ++number) {
      number_of[columns[number].second] = number;
      keys.push_back(columns[number].first);
      by_key.emplace(std::move(columns[number].first), number);
    }
  }
};

}  // namespace

Judgement judge(const Task& task, const matching::Knowledge& knowledge,
                const matching::MatchOptions& match, std::stop_token stop) {
  const auto source = matching::prepare(task.source, *knowledge.lexicon);
  const auto target = matching::prepare(task.target, *knowledge.lexicon);
  Numbering sources{source->whole()};
  Numbering targets{target->whole()};
  const auto guesses = [&](const std::vector<matching::ColumnPair>& pairs) {
    std::vector<Guess> result;
    result.reserve(pairs.size());
    for (const auto& pair : pairs) {
      result.push_back(
          {sources.number_of[pair.source], targets.number_of[pair.target], pair.confidence});
    }
    return result;
  };
  const matching::Matcher matcher{knowledge, match};
  const auto ranking =
      matcher.match_all(*source, *target, matching::Findings::all, std::move(stop));

  Judged judged;
  judged.sources = sources.number_of.size();
  judged.targets = targets.number_of.size();
  judged.scored = guesses(ranking.scored);
  judged.decided = guesses(ranking.decided);
  judged.assigned = guesses(ranking.assigned);
  std::set<std::uint32_t> partnered;
  for (const auto& [left, right] : task.truth) {
    const auto number = sources.by_key.at(left);
    judged.truth.emplace(number, targets.by_key.at(right));
    partnered.insert(number);
  }
  for (const auto& [left, right] : task.acceptable) {
    judged.acceptable.emplace(sources.by_key.at(left), targets.by_key.at(right));
  }
  if (task.unpartnered) {
    for (const auto& key : *task.unpartnered) {
      if (const auto found = sources.by_key.find(key); found != sources.by_key.end()) {
        judged.unpartnered.push_back(found->second);
      }
    }
  } else {
    for (std::uint32_t column = 0; column < judged.sources; ++column) {
      if (!partnered.contains(column)) {
        judged.unpartnered.push_back(column);
      }
    }
  }
  return {std::move(judged), std::move(sources.keys), std::move(targets.keys)};
}

SuiteResult run_suite(const std::filesystem::path& folder, const LoadOptions& load,
                      const matching::Knowledge& knowledge, const matching::MatchOptions& match,
                      const Clock& clock, std::stop_token stop) {
  SuiteResult result;
  result.suite = (folder.has_filename() ? folder : folder.parent_path()).filename().string();
  std::vector<Figures> all;
  for (const auto& path : task_folders(folder, load)) {
    if (stop.stop_requested()) {
      throw Error{ErrorCode::cancelled, "interrupted"};
    }
    const Task task = load_task(path, load);
    const double started = clock.elapsed();
    const Judgement judgement = judge(task, knowledge, match, stop);
    const double seconds = clock.elapsed() - started;
    Figures figures = measure(judgement.judged);
    figures.seconds = seconds;
    all.push_back(figures);
    result.tasks.push_back(
        {task.name, figures, details(judgement.judged, judgement.sources, judgement.targets)});
  }
  result.overall = mean(all);
  return result;
}

}  // namespace mapctl::eval
