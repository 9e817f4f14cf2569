// SPDX-License-Identifier: Apache-2.0
#include "core/eval/details.hpp"

#include "core/base/csv.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace mapctl::eval {
namespace {

constexpr std::size_t shown_candidates = 3;

Verdict verdict_of(const Judged& judged, std::uint32_t source, const std::vector<Guess>& decided,
                   bool has_truth, bool is_unpartnered) {
  const bool is_right = std::any_of(decided.begin(), decided.end(), [&](const Guess& guess) {
    const std::pair pair{source, guess.target};
    return judged.truth.contains(pair) || judged.acceptable.contains(pair);
  });
  if (is_right) {
    return Verdict::right;
  }
  if (has_truth) {
    return decided.empty() ? Verdict::missed : Verdict::wrong;
  }
  if (is_unpartnered) {
    return decided.empty() ? Verdict::abstained : Verdict::invented;
  }
  return Verdict::unjudged;
}

std::vector<std::vector<Guess>> by_source(std::vector<Guess> guesses, std::size_t sources) {
  sort_best_first(guesses);
  std::vector<std::vector<Guess>> rows(sources);
  for (const auto& guess : guesses) {
    rows[guess.source].push_back(guess);
  }
  return rows;
}

std::string text_of(const std::vector<ColumnKey>& keys) {
  std::vector<std::string> texts;
  for (const auto& key : keys) {
    texts.push_back(to_string(key));
  }
  return join(texts, "; ");
}

std::string text_of(const std::vector<RatedColumn>& columns) {
  std::vector<std::string> texts;
  for (const auto& column : columns) {
    texts.push_back(fmt::format("{} {:.4f}", to_string(column.column), column.confidence));
  }
  return join(texts, "; ");
}

}  // namespace

std::string_view to_string(Verdict verdict) noexcept {
  switch (verdict) {
    case Verdict::right: return "right";
    case Verdict::wrong: return "wrong";
    case Verdict::missed: return "missed";
    case Verdict::invented: return "invented";
    case Verdict::abstained: return "abstained";
    case Verdict::unjudged: break;
  }
  return "unjudged";
}

std::vector<Detail> details(const Judged& judged, const std::vector<ColumnKey>& sources,
                            const std::vector<ColumnKey>& targets) {
  const auto scored = by_source(judged.scored, judged.sources);
  const auto decided = by_source(judged.decided, judged.sources);
  std::vector<bool> unpartnered(judged.sources, false);
  for (const auto source : judged.unpartnered) {
    unpartnered[source] = true;
  }
  const auto rated = [&](const Guess& guess) {
    return RatedColumn{targets[guess.target], guess.confidence};
  };
  std::vector<Detail> result(judged.sources);
  for (const auto& [source, target] : judged.truth) {
    result[source].truth.push_back(targets[target]);
  }
  for (std::uint32_t source = 0; source < judged.sources; ++source) {
    auto& detail = result[source];
    const auto& row = scored[source];
    detail.source = sources[source];
    detail.verdict =
        verdict_of(judged, source, decided[source], !detail.truth.empty(), unpartnered[source]);
    const auto first = std::find_if(row.begin(), row.end(), [&](const Guess& guess) {
      return judged.truth.contains({source, guess.target});
    });
    if (first != row.end()) {
      detail.rank = static_cast<std::size_t>(first - row.begin()) + 1;
    }
    std::transform(decided[source].begin(), decided[source].end(),
                   std::back_inserter(detail.decided), rated);
    const auto shown = std::min(row.size(), shown_candidates);
    std::transform(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(shown),
                   std::back_inserter(detail.likeliest), rated);
  }
  return result;
}

std::string details_header() {
  CsvLine line;
  for (const char* title : {"suite", "task", "source_table", "source_column", "verdict", "truth",
                            "rank", "decided", "likeliest"}) {
    line.add(title);
  }
  return line.end();
}

std::string details_lines(std::string_view suite, std::string_view task,
                          const std::vector<Detail>& details) {
  std::string text;
  CsvLine line;
  for (const auto& detail : details) {
    line.add(suite)
        .add(task)
        .add(detail.source.table)
        .add(detail.source.column)
        .add(to_string(detail.verdict))
        .add(text_of(detail.truth))
        .add(detail.rank ? std::to_string(*detail.rank) : "")
        .add(text_of(detail.decided))
        .add(text_of(detail.likeliest));
    text += line.end();
  }
  return text;
}

}  // namespace mapctl::eval
