// SPDX-License-Identifier: Apache-2.0
#include "core/matching/value_words.hpp"

#include "core/matching/shared_hashes.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace mapctl::matching {
namespace {

constexpr std::size_t most_rows = 64;  // a bit each
constexpr std::size_t most_words_of_value = 24;
constexpr std::size_t fewest_letters_of_word = 2;
// Fewer digits are a count or a flag anywhere.
constexpr std::size_t fewest_digits_of_word = 3;
// As many pairs of columns, and the word they have makes none by itself.
constexpr std::size_t most_pairs_of_word = 1600;
// Below this share of values of several words the others are no parts of a composed text.
constexpr double least_composed = 0.5;

bool is_between(char c) noexcept {
  return c == ' ' || c == ',' || c == ';' || c == '|' || c == '/' || c == '\n' || c == '\t';
}

bool is_plain(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         static_cast<unsigned char>(c) >= 0x80;
}

// Without the brackets and points around it.
std::string_view bare(std::string_view word) noexcept {
  while (!word.empty() && !is_plain(word.front())) {
    word.remove_prefix(1);
  }
  while (!word.empty() && !is_plain(word.back())) {
    word.remove_suffix(1);
  }
  return word;
}

bool tells_something(std::string_view word) noexcept {
  const bool digits =
      std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
  return word.size() >= (digits ? fewest_digits_of_word : fewest_letters_of_word);
}

std::vector<std::string_view> words_of(std::string_view value) {
  std::vector<std::string_view> words;
  for (std::size_t from = 0; from < value.size() && words.size() < most_words_of_value;) {
    std::size_t end = from;
    while (end < value.size() && !is_between(value[end])) {
      ++end;
    }
    if (end > from) {
      words.push_back(value.substr(from, end - from));
    }
    from = end + 1;
  }
  return words;
}

const std::vector<std::string>& rows_of(const catalog::ColumnStatistics& statistics) noexcept {
  return statistics.first_rows.empty() ? statistics.samples : statistics.first_rows;
}

// What two columns have in common.
struct SharedWord {
  std::uint64_t pair = 0;
  std::uint64_t rows = 0;  // of the composed column, for a part; 0 for a word of both
  float weight = 0;
};

struct WordWeights {
  std::vector<float> lengths{};       // of each column
  std::vector<std::uint64_t> rows{};  // ... those with words
  std::vector<float> weights{};       // of each word
};

WordWeights weighed(const Side& side) {
  WordWeights result;
  result.lengths.assign(side.columns.size(), 0);
  result.rows.assign(side.columns.size(), 0);
  result.weights.resize(side.value_words.size());
  for (const auto& word : side.value_words) {
    result.rows[word.column] |= word.rows;
  }
  const auto columns = static_cast<double>(
      std::count_if(result.rows.begin(), result.rows.end(), [](auto rows) { return rows != 0; }));
  const auto& words = side.value_words;
  for (std::size_t at = 0; at < words.size();) {
    std::size_t end = at;
    while (end < words.size() && words[end].hash == words[at].hash) {
      ++end;
    }
    const auto weight = static_cast<float>(std::log(1 + columns / static_cast<double>(end - at)));
    for (; at < end; ++at) {
      result.weights[at] = weight;
      result.lengths[words[at].column] += weight * weight;
    }
  }
  return result;
}

// Values of `parts` that are words of `whole`, by pair of columns.
std::vector<SharedWord> parts_in(const Side& whole, const Side& parts, bool whole_is_source) {
  std::vector<SharedWord> found;
  each_shared(
      whole.value_words, parts.sketches, [](const ValueWord& word) { return word.hash; },
      [](const auto& value) { return value.first; }, most_pairs_of_word,
      [&](std::size_t word, std::size_t value) {
        const auto& [hash, rows, column] = whole.value_words[word];
        const auto part = parts.sketches[value].second;
        found.push_back({whole_is_source ? pair_of(column, part) : pair_of(part, column), rows, 0});
      });
  return found;
}

using Strengths = std::vector<std::pair<std::uint64_t, float>>;

void add_parts(const Side& composed, const WordWeights& words, const Side& parts,
               bool composed_is_source, Strengths& result) {
  auto found = parts_in(composed, parts, composed_is_source);
  std::sort(found.begin(), found.end(),
            [](const SharedWord& a, const SharedWord& b) { return a.pair < b.pair; });
  for (std::size_t at = 0; at < found.size();) {
    std::uint64_t rows = 0;
    std::size_t count = 0;
    const auto pair = found[at].pair;
    for (; at < found.size() && found[at].pair == pair; ++at) {
      rows |= found[at].rows;
      ++count;
    }
    const auto whole = composed_is_source ? source_of(pair) : target_of(pair);
    const auto part = composed_is_source ? target_of(pair) : source_of(pair);
    const auto all = std::popcount(words.rows[whole]);
    const auto values = parts.columns[part].column->statistics->sketch.size();
    const auto most = std::min<std::size_t>(values, static_cast<std::size_t>(all));
    if (most == 0) {
      continue;
    }
    const double of_rows = std::popcount(rows) / static_cast<double>(all);
    const double of_values = std::min(1.0, static_cast<double>(count) / static_cast<double>(most));
    result.emplace_back(pair, static_cast<float>(std::sqrt(of_rows * of_values)));
  }
}

void add_common(const Side& source, const WordWeights& lefts, const Side& target,
                const WordWeights& rights, Strengths& result) {
  const auto hash_of = [](const ValueWord& word) { return word.hash; };
  std::vector<SharedWord> found;
  each_shared(
      source.value_words, target.value_words, hash_of, hash_of, most_pairs_of_word,
      [&](std::size_t left, std::size_t right) {
        found.push_back({pair_of(source.value_words[left].column, target.value_words[right].column),
                         0, lefts.weights[left] * rights.weights[right]});
      });
  std::stable_sort(found.begin(), found.end(),
                   [](const SharedWord& a, const SharedWord& b) { return a.pair < b.pair; });
  for (std::size_t at = 0; at < found.size();) {
    float sum = 0;
    const auto pair = found[at].pair;
    for (; at < found.size() && found[at].pair == pair; ++at) {
      sum += found[at].weight;
    }
    const float length =
        std::sqrt(lefts.lengths[source_of(pair)] * rights.lengths[target_of(pair)]);
    result.emplace_back(pair, std::min(1.0F, sum / length));
  }
}

}  // namespace

void add_value_words(const catalog::Column& column, std::uint32_t number,
                     std::vector<ValueWord>& words) {
  const auto& statistics = *column.statistics;
  const auto begin = static_cast<std::ptrdiff_t>(words.size());
  std::size_t values = 0;
  std::size_t composed = 0;
  if (column.personal) {
    // The texts are masked.
    for (std::size_t row = 0; row < std::min(statistics.row_parts.size(), most_rows); ++row) {
      ++values;
      const auto& parts = statistics.row_parts[row];
      composed += parts.size() > 1 ? 1 : 0;
      for (const auto hash : parts) {
        words.push_back({hash, std::uint64_t{1} << row, number});
      }
    }
  } else {
    const auto& rows = rows_of(statistics);
    for (std::size_t row = 0; row < std::min(rows.size(), most_rows); ++row) {
      const auto found = words_of(rows[row]);
      values += found.empty() ? 0 : 1;
      if (found.size() < 2) {
        continue;
      }
      ++composed;
      const auto add = [&](std::string_view word) {
        if (tells_something(word)) {
          words.push_back({catalog::value_hash(word), std::uint64_t{1} << row, number});
        }
      };
      for (std::size_t at = 0; at < found.size(); ++at) {
        add(found[at]);
        if (const auto inner = bare(found[at]); inner.size() < found[at].size()) {
          add(inner);
        }
        if (at + 1 < found.size() && found.size() > 2) {
          const auto* const first = found[at].data();
          const auto* const last = found[at + 1].data() + found[at + 1].size();
          add({first, static_cast<std::size_t>(last - first)});
        }
      }
    }
  }
  if (static_cast<double>(composed) < least_composed * static_cast<double>(values)) {
    words.resize(static_cast<std::size_t>(begin));
    return;
  }
  std::sort(words.begin() + begin, words.end(),
            [](const ValueWord& a, const ValueWord& b) { return a.hash < b.hash; });
  auto kept = words.begin() + begin;
  for (auto word = words.begin() + begin; word != words.end(); ++word) {
    if (kept != words.begin() + begin && std::prev(kept)->hash == word->hash) {
      std::prev(kept)->rows |= word->rows;
    } else {
      *kept++ = *word;
    }
  }
  words.erase(kept, words.end());
}

std::vector<Overlapping> sharing_words(const Side& source, const Side& target) {
  if (source.value_words.empty() && target.value_words.empty()) {
    return {};
  }
  const WordWeights lefts = weighed(source);
  const WordWeights rights = weighed(target);
  Strengths found;
  add_parts(source, lefts, target, true, found);
  add_parts(target, rights, source, false, found);
  add_common(source, lefts, target, rights, found);
  std::sort(found.begin(), found.end());
  std::vector<Overlapping> result;
  for (const auto& [pair, strength] : found) {
    const auto s = source_of(pair);
    const auto t = target_of(pair);
    if (!result.empty() && result.back().source == s && result.back().target == t) {
      result.back().strength = std::max(result.back().strength, strength);
    } else {
      result.push_back({s, t, strength});
    }
  }
  return result;
}

float strength_of(const std::vector<Overlapping>& pairs, std::uint32_t source,
                  std::uint32_t target) noexcept {
  const auto found =
      std::lower_bound(pairs.begin(), pairs.end(), std::pair{source, target},
                       [](const Overlapping& a, const auto& b) {
                         return a.source != b.first ? a.source < b.first : a.target < b.second;
                       });
  return found != pairs.end() && found->source == source && found->target == target
             ? found->strength
             : 0.0F;
}

}  // namespace mapctl::matching
