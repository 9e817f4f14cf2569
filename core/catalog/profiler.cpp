// SPDX-License-Identifier: Apache-2.0
#include "core/catalog/profiler.hpp"

#include "core/base/hash.hpp"
#include "core/base/text.hpp"
#include "core/catalog/sketches.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <iterator>
#include <unordered_map>
#include <vector>

namespace mapctl::catalog {
namespace {

constexpr std::size_t exact_limit = 4096;  // distinct values counted one by one
constexpr std::size_t heavy_limit = 512;   // counters kept beyond that
constexpr std::size_t text_limit = 256;    // bytes of a value kept for display
constexpr std::size_t shown_frequent = 50;
constexpr std::size_t shown_samples = 24;
constexpr std::size_t row_text_limit = 80;  // bytes of a value that stands for its row

// What one value is, found out once for equal values as long as they are remembered.
struct Facts {
  PatternSet patterns{};
  std::uint64_t folded = 0;  // hash of the folded, trimmed text; 0 for nothing
  std::optional<double> number{};
  std::uint32_t characters = 0;
  std::uint8_t integer_digits = 0;
  std::uint8_t fraction_digits = 0;
};

std::string kept_text(std::string_view value, std::size_t limit = text_limit) {
  if (value.size() <= limit) {
    return to_valid_utf8(value);
  }
  // Bytes first, so that a document of megabytes is not decoded to show its beginning.
  std::string text = to_valid_utf8(value.substr(0, limit + 4));
  while (text.size() > limit) {
    text.resize(utf8_prefix(text, utf8_length(text) - 1).size());
  }
  return text + "...";
}

void read_number(std::string_view text, Facts& facts) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
  }
  double number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || end != text.data() + text.size() || !std::isfinite(number)) {
    return;
  }
  facts.number = number;
  if (text.starts_with('-')) {
    text.remove_prefix(1);
  }
  const auto exponent_at = text.find_first_of("eE");
  int exponent = 0;
  if (exponent_at != text.npos) {
    auto digits = text.substr(exponent_at + 1);
    digits.remove_prefix(digits.starts_with('+') ? 1 : 0);
    std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
    text = text.substr(0, exponent_at);
  }
  const auto point = std::min(text.find('.'), text.size());
  auto whole = text.substr(0, point);
  auto fraction = point < text.size() ? text.substr(point + 1) : std::string_view{};
  whole.remove_prefix(std::min(whole.find_first_not_of('0'), whole.size()));
  const auto digits = [](std::size_t count, int shift) {
    return static_cast<std::uint8_t>(std::clamp(static_cast<int>(count) + shift, 0, 255));
  };
  facts.integer_digits = digits(whole.size(), exponent);
  facts.fraction_digits = digits(fraction.size(), -exponent);
}

Facts look_at(std::string_view value) {
  Facts facts;
  facts.patterns = classify(value);
  const std::string_view text = trim(value);
  facts.folded = value_hash(text);
  facts.characters = static_cast<std::uint32_t>(utf8_length(value));
  const auto has = [&](ValuePattern pattern) {
    return facts.patterns.test(static_cast<std::size_t>(pattern));
  };
  if (has(ValuePattern::integer_number) || has(ValuePattern::decimal_number)) {
    read_number(text, facts);
  }
  return facts;
}

struct Counted {
  std::string text{};
  std::int64_t count = 0;
  Facts facts{};
};

double rounded(double share) noexcept {
  return std::round(share * 1e6) / 1e6;
}

// The value below which `share` of the weighted, sorted numbers lie.
double quantile(const std::vector<std::pair<double, std::int64_t>>& sorted, std::int64_t total,
                double share) noexcept {
  const auto wanted =
      static_cast<std::int64_t>(std::llround(share * static_cast<double>(total - 1)));
  std::int64_t seen = 0;
  for (const auto& [number, weight] : sorted) {
    seen += weight;
    if (seen > wanted) {
      return number;
    }
  }
  return sorted.back().first;
}

}  // namespace

struct ColumnProfiler::State {
  std::int64_t nulls = 0;
  std::int64_t values = 0;
  // By hash of the exact text. Complete while there are few; the counters of a Misra-Gries summary
  // once `distinct` exists, and counts are then what is certain, never more than the truth.
  std::unordered_map<std::uint64_t, Counted> counted{};
  std::unique_ptr<DistinctSketch> distinct{};
  std::vector<std::uint64_t> sketch{};  // ascending
  std::array<std::int64_t, value_pattern_count> patterns{};
  std::int64_t either_order = 0;  // dates that are day first and month first
  std::vector<std::string> samples{};
  std::vector<std::string> first_rows{};
  std::optional<std::string> text_minimum{}, text_maximum{};
  std::optional<double> minimum{}, maximum{};
  std::string minimum_text{}, maximum_text{};
  Moments moments{};
  NumberSample numbers{};
  std::int64_t shortest = 0, longest = 0, characters = 0;
  int integer_digits = 0, fraction_digits = 0;

  void count_value(std::string_view value);
  // Everything that depends on the value's text alone; called for values not remembered.
  void meet(std::string_view value, const Facts& facts);
  void tally(const Facts& facts);
  void give_up_exactness();
  void add_to_sketch(std::uint64_t hash);
};

void ColumnProfiler::State::count_value(std::string_view value) {
  const std::uint64_t hash = fast_hash(value);
  if (const auto known = counted.find(hash); known != counted.end()) {
    ++known->second.count;
    tally(known->second.facts);
    return;
  }
  const Facts facts = look_at(value);
  meet(value, facts);
  tally(facts);
  if (!distinct && counted.size() == exact_limit) {
    give_up_exactness();
  }
  if (distinct) {
    distinct->add(hash);
    if (counted.size() == heavy_limit) {
      // Misra and Gries: a newcomer costs every counter one. Each round undoes as many additions
      // as there are counters, so rounds are rare on average.
      for (auto at = counted.begin(); at != counted.end();) {
        at = --at->second.count == 0 ? counted.erase(at) : std::next(at);
      }
      return;
    }
  }
  counted.emplace(hash, Counted{kept_text(value), 1, facts});
}

void ColumnProfiler::State::give_up_exactness() {
  distinct = std::make_unique<DistinctSketch>();
  std::vector<std::pair<std::int64_t, std::uint64_t>> by_count;
  for (const auto& [hash, entry] : counted) {
    distinct->add(hash);
    by_count.emplace_back(-entry.count, hash);
  }
  const auto middle = by_count.begin() + static_cast<std::ptrdiff_t>(heavy_limit - 1);
  std::nth_element(by_count.begin(), middle, by_count.end());
  std::unordered_map<std::uint64_t, Counted> kept;
  for (auto at = by_count.begin(); at != middle; ++at) {
    kept.insert(counted.extract(at->second));
  }
  counted = std::move(kept);
}

void ColumnProfiler::State::add_to_sketch(std::uint64_t hash) {
  if (hash == 0 || (sketch.size() == sketch_size && hash >= sketch.back())) {
    return;
  }
  const auto at = std::lower_bound(sketch.begin(), sketch.end(), hash);
  if (at != sketch.end() && *at == hash) {
    return;
  }
  sketch.insert(at, hash);
  if (sketch.size() > sketch_size) {
    sketch.pop_back();
  }
}

void ColumnProfiler::State::meet(std::string_view value, const Facts& facts) {
  add_to_sketch(facts.folded);
  if (!text_minimum || value < *text_minimum) {
    text_minimum = std::string(value.substr(0, text_limit + 4));
  }
  if (!text_maximum || value > *text_maximum) {
    text_maximum = std::string(value.substr(0, text_limit + 4));
  }
  if (facts.number && (!minimum || *facts.number < *minimum)) {
    minimum = facts.number;
    minimum_text = trim(value);
  }
  if (facts.number && (!maximum || *facts.number > *maximum)) {
    maximum = facts.number;
    maximum_text = trim(value);
  }
  if (samples.size() < shown_samples) {
    std::string text = kept_text(value);
    if (std::find(samples.begin(), samples.end(), text) == samples.end()) {
      samples.push_back(std::move(text));
    }
  }
  integer_digits = std::max(integer_digits, int{facts.integer_digits});
  fraction_digits = std::max(fraction_digits, int{facts.fraction_digits});
  const std::int64_t length = facts.characters;
  shortest = values == 1 ? length : std::min(shortest, length);
  longest = std::max(longest, length);
}

void ColumnProfiler::State::tally(const Facts& facts) {
  for (auto bits = facts.patterns.to_ulong(); bits != 0; bits &= bits - 1) {
    ++patterns[static_cast<std::size_t>(std::countr_zero(bits))];
  }
  if (facts.patterns.test(static_cast<std::size_t>(ValuePattern::day_first_date)) &&
      facts.patterns.test(static_cast<std::size_t>(ValuePattern::month_first_date))) {
    ++either_order;
  }
  characters += facts.characters;
  if (facts.number) {
    moments.add(*facts.number);
    numbers.add(*facts.number);
  }
}

ColumnProfiler::ColumnProfiler() : state_{std::make_unique<State>()} {}
ColumnProfiler::ColumnProfiler(ColumnProfiler&&) noexcept = default;
ColumnProfiler& ColumnProfiler::operator=(ColumnProfiler&&) noexcept = default;
ColumnProfiler::~ColumnProfiler() = default;

void ColumnProfiler::add_null() {
  ++state_->nulls;
  if (state_->first_rows.size() < first_row_count) {
    state_->first_rows.emplace_back();
  }
}

void ColumnProfiler::add(std::string_view value) {
  ++state_->values;
  if (state_->first_rows.size() < first_row_count) {
    state_->first_rows.push_back(kept_text(value, row_text_limit));
  }
  state_->count_value(value);
}

namespace {

// Dates that could be read both ways are read as those are that can be read in one way only. Where
// there are none of these, nobody knows, and both orders keep their share.
void settle_order(std::array<std::int64_t, value_pattern_count>& patterns, std::int64_t either) {
  auto& day = patterns[static_cast<std::size_t>(ValuePattern::day_first_date)];
  auto& month = patterns[static_cast<std::size_t>(ValuePattern::month_first_date)];
  if (day > month) {
    month -= either;
  } else if (month > day) {
    day -= either;
  }
}

std::vector<double> quantiles_of(std::vector<std::pair<double, std::int64_t>> numbers) {
  std::sort(numbers.begin(), numbers.end());
  std::int64_t total = 0;
  for (const auto& [number, weight] : numbers) {
    total += weight;
  }
  std::vector<double> quantiles;
  for (const double share : {0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0}) {
    quantiles.push_back(quantile(numbers, total, share));
  }
  return quantiles;
}

}  // namespace

ColumnStatistics ColumnProfiler::finish() const {
  const State& state = *state_;
  ColumnStatistics result;
  result.rows = state.nulls + state.values;
  if (result.rows > 0) {
    result.null_share =
        rounded(static_cast<double>(state.nulls) / static_cast<double>(result.rows));
  }
  if (state.values == 0) {
    return result;
  }
  const bool exact = state.distinct == nullptr;
  const auto values = static_cast<double>(state.values);
  result.distinct =
      exact ? static_cast<std::int64_t>(state.counted.size())
            : std::clamp<std::int64_t>(std::llround(state.distinct->estimate()),
                                       static_cast<std::int64_t>(exact_limit) + 1, state.values);
  result.shortest = state.shortest;
  result.longest = state.longest;
  result.average_length = rounded(static_cast<double>(state.characters) / values);
  result.sketch = state.sketch;
  result.samples = state.samples;
  result.first_rows = state.first_rows;

  auto patterns = state.patterns;
  settle_order(patterns, state.either_order);
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    if (patterns[i] > 0) {
      result.patterns.push_back(
          {static_cast<ValuePattern>(i), rounded(static_cast<double>(patterns[i]) / values)});
    }
  }
  // Any number of five digits may be a postcode, but a column of nothing but numbers is one of
  // postcodes only if nearly all have five.
  if (result.share(ValuePattern::postcode) < 0.9 &&
      result.share(ValuePattern::integer_number) >= 0.95) {
    std::erase_if(result.patterns, [](const PatternShare& known) {
      return known.pattern == ValuePattern::postcode;
    });
  }
  std::stable_sort(
      result.patterns.begin(), result.patterns.end(),
      [](const PatternShare& left, const PatternShare& right) { return left.share > right.share; });

  // Figures of numbers only where the column is one of numbers; a few strays must not hide that.
  const auto number_share = static_cast<double>(state.moments.count()) / values;
  if (number_share >= 0.9) {
    result.minimum = state.minimum_text;
    result.maximum = state.maximum_text;
  } else {
    result.minimum = kept_text(*state.text_minimum);
    result.maximum = kept_text(*state.text_maximum);
  }
  if (number_share >= 0.5) {
    result.mean = state.moments.mean();
    result.deviation = state.moments.deviation();
    result.integer_digits = state.integer_digits;
    result.fraction_digits = state.fraction_digits;
    std::vector<std::pair<double, std::int64_t>> numbers;
    if (exact) {
      for (const auto& [hash, entry] : state.counted) {
        if (entry.facts.number) {
          numbers.emplace_back(*entry.facts.number, entry.count);
        }
      }
    } else {
      for (const double number : state.numbers.numbers()) {
        numbers.emplace_back(number, 1);
      }
    }
    result.quantiles = quantiles_of(std::move(numbers));
    result.quantiles.front() = *state.minimum;
    result.quantiles.back() = *state.maximum;
  }

  for (const auto& [hash, entry] : state.counted) {
    // Of many values those that come once are no more than more samples.
    if (entry.count > 1 || (exact && state.counted.size() <= shown_frequent)) {
      result.frequent.push_back({entry.text, entry.count});
    }
  }
  std::sort(result.frequent.begin(), result.frequent.end(),
            [](const FrequentValue& left, const FrequentValue& right) {
              return left.count != right.count ? left.count > right.count : left.text < right.text;
            });
  if (result.frequent.size() > shown_frequent) {
    result.frequent.resize(shown_frequent);
  }
  return result;
}

}  // namespace mapctl::catalog
