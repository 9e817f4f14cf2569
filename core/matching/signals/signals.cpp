// SPDX-License-Identifier: Apache-2.0
#include "core/matching/signals/signals.hpp"

#include "core/base/ascii.hpp"
#include "core/base/hash.hpp"
#include "core/matching/words/tokenizer.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <string>

namespace mapctl::matching {
namespace {

constexpr std::array<std::string_view, signal_count> signal_names{
    "exact_name",     "name_tokens",  "name_trigrams", "vowel_free",
    "edit_distance",  "abbreviation", "synonym",       "numbering",
    "qualified_name", "name_role",    "convention",    "description",
    "type",           "key",          "value_overlap", "value_kind",
    "value_patterns", "statistics",   "table_context", "domain",
    "competition"};

struct FeatureFacts {
  std::string_view name{};
  Signal signal{};
};
constexpr std::array<FeatureFacts, feature_count> feature_facts{{
    {"exact_name", Signal::exact_name},
    {"exact_table_name", Signal::exact_name},
    {"trigrams", Signal::name_trigrams},
    {"skeleton", Signal::vowel_free},
    {"edit", Signal::edit_distance},
    {"best_spelling", Signal::name_trigrams},
    {"tokens", Signal::name_tokens},
    {"tokens_meant", Signal::name_tokens},
    {"tokens_contained", Signal::name_tokens},
    {"head", Signal::name_tokens},
    {"abbreviation", Signal::abbreviation},
    {"contraction", Signal::abbreviation},
    {"synonym", Signal::synonym},
    {"numbers", Signal::numbering},
    {"qualified", Signal::qualified_name},
    {"qualified_contained", Signal::qualified_name},
    {"table_name", Signal::table_context},
    {"role", Signal::name_role},
    {"subject", Signal::name_role},
    {"whole_part", Signal::name_role},
    {"convention", Signal::convention},
    {"document", Signal::qualified_name},
    {"comment", Signal::description},
    {"comment_names", Signal::description},
    {"type", Signal::type},
    {"key", Signal::key},
    {"value_kind", Signal::value_kind},
    {"value_meaning", Signal::value_kind},
    {"value_overlap", Signal::value_overlap},
    {"value_grams", Signal::value_patterns},
    {"value_patterns", Signal::value_patterns},
    {"distribution", Signal::statistics},
    {"shape", Signal::statistics},
    {"value_conflict", Signal::value_overlap},
    {"trigrams_lead", Signal::name_trigrams},
    {"skeleton_lead", Signal::vowel_free},
    {"words_lead", Signal::name_tokens},
    {"qualified_lead", Signal::qualified_name},
    {"document_lead", Signal::qualified_name},
    {"overlap_lead", Signal::value_overlap},
    {"value_grams_lead", Signal::value_patterns},
    {"row_rank", Signal::competition},
    {"row_share", Signal::competition},
    {"row_lead", Signal::competition},
    {"column_rank", Signal::competition},
    {"column_share", Signal::competition},
    {"column_lead", Signal::competition},
    {"mutual_best", Signal::competition},
    {"row_claim", Signal::competition},
    {"column_claim", Signal::competition},
    {"settled", Signal::competition},
    {"table_row_rank", Signal::competition},
    {"table_column_rank", Signal::competition},
    {"table_pair", Signal::table_context},
    {"table_pair_back", Signal::table_context},
}};

constexpr float unrelated_types = -1.0F;
constexpr float table_name_weight = 0.5F;  // beside a word of the column's name

}  // namespace

std::string_view to_string(Signal signal) noexcept {
  return signal_names[static_cast<std::size_t>(signal)];
}

Signal signal_of(Feature feature) noexcept {
  return feature_facts[static_cast<std::size_t>(feature)].signal;
}

std::string_view to_string(Feature feature) noexcept {
  return feature_facts[static_cast<std::size_t>(feature)].name;
}

std::optional<Feature> feature_from(std::string_view name) noexcept {
  const auto found = std::find_if(feature_facts.begin(), feature_facts.end(),
                                  [&](const FeatureFacts& facts) { return facts.name == name; });
  if (found == feature_facts.end()) {
    return std::nullopt;
  }
  return static_cast<Feature>(found - feature_facts.begin());
}

FeatureSet absent_features(const Side& source, const Side& target) noexcept {
  FeatureSet absent;
  const auto leave_out = [&](std::initializer_list<Feature> features) {
    for (const Feature feature : features) {
      absent.set(static_cast<std::size_t>(feature));
    }
  };
  if (source.values.empty() || target.values.empty()) {
    leave_out({Feature::value_overlap, Feature::value_grams, Feature::value_patterns,
               Feature::distribution, Feature::shape, Feature::value_conflict,
               Feature::overlap_lead, Feature::value_grams_lead});
  }
  if (!source.has_silent_names && !target.has_silent_names) {
    leave_out({Feature::value_meaning});
  }
  if (source.comment_words.empty() || target.comment_words.empty()) {
    leave_out({Feature::comment});
  }
  if (source.comment_words.empty() && target.comment_words.empty()) {
    leave_out({Feature::comment_names});
  }
  return absent;
}

float type_compatibility(TypeClass left, TypeClass right) noexcept {
  using enum TypeClass;
  if (left == unknown || right == unknown) {
    return 0;
  }
  if (left == right) {
    return 1;
  }
  if (left > right) {
    std::swap(left, right);
  }
  const auto pair = [&](TypeClass a, TypeClass b) { return left == a && right == b; };
  if (pair(date, timestamp)) {
    return 0.85F;
  }
  if (pair(text, code) || pair(integer, decimal)) {
    return 0.7F;
  }
  if (pair(code, integer) || pair(integer, boolean) || pair(code, boolean) ||
      pair(time, timestamp)) {
    return 0.2F;
  }
  if (pair(structured, record)) {
    return 0.7F;
  }
  if (left == text && right != record) {
    // Everything is written as text somewhere.
    return right == structured ? 0.0F : -0.1F;
  }
  if (pair(integer, timestamp) || pair(code, decimal) || pair(integer, date)) {
    return -0.5F;
  }
  return unrelated_types;
}

bool contradicts(ValueKind kind, TypeClass type) noexcept {
  switch (kind) {
    case ValueKind::email:
    case ValueKind::url:
    case ValueKind::uuid:
    case ValueKind::country:
    case ValueKind::currency:
    case ValueKind::words: break;
    default: return false;
  }
  switch (type) {
    case TypeClass::integer:
    case TypeClass::decimal:
    case TypeClass::boolean:
    case TypeClass::date:
    case TypeClass::time:
    case TypeClass::timestamp: return true;
    default: return false;
  }
}

float kind_agreement(float there, float back) noexcept {
  return there < 0 || back < 0 ? std::min(there, back) : std::max(there, back);
}

float key_compatibility(KeyRole left, KeyRole right) noexcept {
  using enum KeyRole;
  if (left > right) {
    std::swap(left, right);
  }
  if (left == none) {
    return right == primary ? -0.5F : right == none ? 0.0F : -0.2F;
  }
  if (left == right) {
    return left == primary ? 1.0F : 0.6F;
  }
  return left == unique && right == primary ? 0.6F : 0.1F;
}

namespace {

constexpr std::size_t most_words_contracted = 6;
constexpr std::size_t longest_contraction = 12;

}  // namespace

bool is_made_of(std::string_view short_name, std::span<const std::string_view> words,
                bool beginnings) noexcept {
  // Bit n of `ends`: the first n letters are explained by the words so far.
  std::uint32_t ends = 1;
  for (const auto word : words) {
    std::uint32_t next = 0;
    for (std::size_t begin = 0; begin < short_name.size(); ++begin) {
      if ((ends >> begin & 1U) == 0 || word.empty() || word.front() != short_name[begin]) {
        continue;
      }
      std::size_t from = 1;
      std::size_t at = begin + 1;
      next |= 1U << at;
      while (at < short_name.size()) {
        const auto found = word.find(short_name[at], from);
        if (found == std::string_view::npos || (beginnings && found != from)) {
          break;
        }
        from = found + 1;
        ++at;
        next |= 1U << at;
      }
    }
    ends = next;
  }
  return (ends >> short_name.size() & 1U) != 0;
}

float role_agreement(const ColumnFeatures& left, const ColumnFeatures& right) noexcept {
  constexpr float other_part = -0.5F;
  const bool apart = left.address_part != AddressPart::none &&
                     right.address_part != AddressPart::none &&
                     left.address_part != right.address_part;
  return apart ? other_part : role_agreement(left.role, right.role);
}

float contraction_of(std::string_view short_name,
                     std::span<const std::string_view> words) noexcept {
  constexpr float with_gaps = 0.8F;
  if (short_name.size() < 2 || short_name.size() > longest_contraction || words.size() < 2 ||
      words.size() > most_words_contracted || short_name.size() < words.size()) {
    return 0;
  }
  std::size_t letters = 0;
  for (const auto word : words) {
    letters += word.size();
    // One word of the name, but for a plural, is not all of them: "musician" is no musicianName.
    const auto shared = static_cast<std::size_t>(
        std::mismatch(word.begin(), word.end(), short_name.begin(), short_name.end()).first -
        word.begin());
    if (shared > 1 && shared + 1 >= std::max(word.size(), short_name.size())) {
      return 0;
    }
  }
  if (short_name.size() >= letters || !is_made_of(short_name, words, false)) {
    return 0;
  }
  const float value = std::min(1.0F, 0.4F + 0.1F * static_cast<float>(short_name.size()));
  return is_made_of(short_name, words, true) ? value : with_gaps * value;
}

namespace {

float contraction_from(std::size_t first, const Side& side, const TermRange& name,
                       const ColumnFeatures& other) noexcept {
  std::array<std::string_view, most_words_contracted> words;
  std::size_t count = 0;
  std::size_t skipped = 0;
  for (const auto term : side.list(name)) {
    if (skipped++ >= first) {
      words[count++] = side.terms[term].text;
    }
  }
  return contraction_of(other.core, {words.data(), count});
}

}  // namespace

float contraction(const Side& side, const ColumnFeatures& named,
                  const ColumnFeatures& other) noexcept {
  // Nothing else is known of "T" beside "title", and of two titles neither leads. "Ti" is likelier.
  constexpr std::array<float, 3> beginnings{0, 0.4F, 0.5F};
  const auto letters = other.core.size();
  // What is written in full is short for nothing: "death_date" for no "death_datetime".
  if (other.in_full_words) {
    return 0;
  }
  if (letters > 0 && letters < beginnings.size() && other.numbers == 0 &&
      named.core.size() > letters + 1 && named.core.starts_with(other.core)) {
    return beginnings[letters];
  }
  if (named.read_by_table && named.expanded.count > 2 &&
      named.expanded.count <= most_words_contracted) {
    // "sttype" is the thing that "sttypenm" of a table "stock_type" names.
    auto thing = named.expanded;
    --thing.count;
    if (const float found = contraction_from(0, side, thing, other); found > 0) {
      return found;
    }
  }
  if (other.core.size() > longest_contraction || named.raw.count < 2 ||
      named.raw.count > most_words_contracted || other.core.empty() || named.core.empty()) {
    return 0;
  }
  const std::size_t prefix = named.prefix_words;
  float best = 0;
  if (other.core.size() < named.core.size() && other.core.front() == named.core.front()) {
    best = contraction_from(prefix, side, named.raw, other);
  }
  return best == 0 && prefix > 0 ? contraction_from(0, side, named.raw, other) : best;
}

Consonants consonants_of(std::string_view name) {
  Consonants result;
  std::array<char, longest_name> kept;
  std::size_t count = 0;
  name = name.substr(0, kept.size());
  for (const char letter : name) {
    if (!is_vowel(letter) && letter != 'y') {
      kept[count++] = letter;
      result.count += letter < '0' || letter > '9' ? 1U : 0U;
    }
  }
  if (result.count >= 2) {
    result.hash = fast_hash({kept.data(), count});
    result.vowel_free = std::none_of(name.begin(), name.end(), is_vowel);
  }
  return result;
}

float dropped_vowels(const ColumnFeatures& left, const ColumnFeatures& right) noexcept {
  if (left.full_hash == right.full_hash || left.core_hash == right.core_hash) {
    return 0;
  }
  std::uint32_t count = 0;
  for (const auto* one : {&left.full_consonants, &left.core_consonants}) {
    for (const auto* other : {&right.full_consonants, &right.core_consonants}) {
      if (one->hash == other->hash && one->hash != 0 && (one->vowel_free || other->vowel_free)) {
        count = std::max(count, one->count);
      }
    }
  }
  return count == 0 ? 0.0F : std::min(1.0F, 0.4F + 0.1F * static_cast<float>(count));
}

float number_agreement(std::uint64_t left, std::uint64_t right) noexcept {
  if (left == 0 && right == 0) {
    return 0;
  }
  if (left == 0 || right == 0) {
    return -0.5F;
  }
  return left == right ? 1.0F : -1.0F;
}

float table_name_similarity(const Side& source, const TableFeatures& left, const Side& target,
                            const TableFeatures& right,
                            const TermSimilarities& similarities) noexcept {
  const auto a = source.list(left.name);
  const auto b = target.list(right.name);
  float found = 0;
  float other_found = 0;
  float all = 0;
  float other_all = 0;
  for (std::size_t at = 0; at < a.size(); ++at) {
    std::uint8_t best = 0;
    for (const auto term : b) {
      best = std::max(best, similarities.meant(a[at])[term]);
    }
    found += left.name_shares[at] * static_cast<float>(best) / 255.0F;
    all += left.name_shares[at];
  }
  for (std::size_t at = 0; at < b.size(); ++at) {
    std::uint8_t best = 0;
    for (const auto term : a) {
      best = std::max(best, similarities.meant(term)[b[at]]);
    }
    other_found += right.name_shares[at] * static_cast<float>(best) / 255.0F;
    other_all += right.name_shares[at];
  }
  return all > 0 && other_all > 0 ? (found / all + other_found / other_all) / 2 : 0.0F;
}

void take_greater(std::span<std::uint8_t> best, const std::uint8_t* others) noexcept {
  // Bytes may be part of anything: only locals let the compiler take many at once.
  std::uint8_t* const values = best.data();
  const std::size_t count = best.size();
  for (std::size_t at = 0; at < count; ++at) {
    values[at] = std::max(values[at], others[at]);
  }
}

QualifiedCovers::QualifiedCovers(const Side& source, const Side& target,
                                 const TermSimilarities& similarities)
    : source_{source},
      target_{target},
      similarities_{similarities},
      to_right_table_(target.tables.size() * source.terms.size(), 0),
      to_left_table_(source.tables.size() * target.terms.size(), 0),
      left_table_sums_(source.tables.size() * target.columns.size(), -1.0F),
      right_table_sums_(target.tables.size() * source.columns.size(), -1.0F) {
  for (std::size_t table = 0; table < target.tables.size(); ++table) {
    auto* const best = to_right_table_.data() + table * source.terms.size();
    for (std::uint32_t term = 0; term < source.terms.size(); ++term) {
      const auto* const row = similarities.meant(term);
      for (const auto word : target.list(target.tables[table].name)) {
        best[term] = std::max(best[term], row[word]);
      }
    }
  }
  for (std::size_t table = 0; table < source.tables.size(); ++table) {
    const std::span<std::uint8_t> best{to_left_table_.data() + table * target.terms.size(),
                                       target.terms.size()};
    for (const auto word : source.list(source.tables[table].name)) {
      take_greater(best, similarities.meant(word));
    }
  }
}

float QualifiedCovers::words_of_left_table(const Name& left, const Name& right) const {
  const auto* const of_table = to_right_table_.data() + right.table * source_.terms.size();
  float sum = 0;
  for (const auto term : source_.list(source_.tables[left.table].name)) {
    const auto* const row = similarities_.meant(term);
    std::uint8_t best = of_table[term];
    for (const auto word : target_.list(right.words)) {
      best = std::max(best, row[word]);
    }
    sum += source_.terms[term].weight * (static_cast<float>(best) / 255.0F);
  }
  return sum;
}

float QualifiedCovers::words_of_right_table(const Name& left, const Name& right) const {
  const auto* const of_table = to_left_table_.data() + left.table * target_.terms.size();
  float sum = 0;
  for (const auto term : target_.list(target_.tables[right.table].name)) {
    std::uint8_t best = of_table[term];
    for (const auto word : source_.list(left.words)) {
      best = std::max(best, similarities_.meant(word)[term]);
    }
    sum += target_.terms[term].weight * static_cast<float>(best) / 255.0F;
  }
  return sum;
}

QualifiedCover QualifiedCovers::cover(const Name& left, const Name& right,
                                      const TableSums& of_tables,
                                      std::span<const std::uint8_t> best_of_left) const {
  const auto words = target_.list(right.words);
  const auto* const to_right = to_right_table_.data() + right.table * source_.terms.size();
  const auto* const to_left = to_left_table_.data() + left.table * target_.terms.size();
  float of_left = 0;
  for (const auto term : source_.list(left.words)) {
    const auto* const row = similarities_.meant(term);
    std::uint8_t best = to_right[term];
    for (const auto word : words) {
      best = std::max(best, row[word]);
    }
    of_left += source_.terms[term].weight * (static_cast<float>(best) / 255.0F);
  }
  float of_right = 0;
  for (const auto word : words) {
    const auto best = std::max(to_left[word], best_of_left[word]);
    of_right += target_.terms[word].weight * static_cast<float>(best) / 255.0F;
  }
  const float left_weight =
      left.words.weight + table_name_weight * source_.tables[left.table].name.weight;
  const float right_weight =
      right.words.weight + table_name_weight * target_.tables[right.table].name.weight;
  return {{(of_left + table_name_weight * of_tables.left) / left_weight,
           (of_right + table_name_weight * of_tables.right) / right_weight},
          std::min(of_left / left.words.weight, of_right / right.words.weight)};
}

QualifiedCover QualifiedCovers::operator()(const ColumnFeatures& left, const ColumnFeatures& right,
                                           std::span<const std::uint8_t> best_of_left) {
  if (left.expanded.weight <= 0 || right.expanded.weight <= 0) {
    return {};
  }
  const Name from{left.expanded, left.table};
  const Name to{right.expanded, right.table};
  const auto left_number = static_cast<std::size_t>(&left - source_.columns.data());
  const auto right_number = static_cast<std::size_t>(&right - target_.columns.data());
  float& of_left = left_table_sums_[left.table * target_.columns.size() + right_number];
  float& of_right = right_table_sums_[right.table * source_.columns.size() + left_number];
  if (of_left < 0) {
    of_left = words_of_left_table(from, to);
  }
  if (of_right < 0) {
    of_right = words_of_right_table(from, to);
  }
  return cover(from, to, {of_left, of_right}, best_of_left);
}

QualifiedCover QualifiedCovers::of_phrases(const ColumnFeatures& left, const ColumnFeatures& right,
                                           std::span<const std::uint8_t> best_of_left) const {
  const Name from{left.phrases.count > 0 ? left.phrases : left.expanded, left.table};
  const Name to{right.phrases.count > 0 ? right.phrases : right.expanded, right.table};
  if (from.words.weight <= 0 || to.words.weight <= 0) {
    return {};
  }
  return cover(from, to, {words_of_left_table(from, to), words_of_right_table(from, to)},
               best_of_left);
}

float name_in_comment(const Side& named, const TermRange& name, const Side& commented,
                      const ColumnFeatures& column) noexcept {
  if (column.comment.count == 0 || name.weight <= 0) {
    return 0;
  }
  const auto begin = commented.comment_words.begin() + column.comment.begin;
  const auto end = begin + column.comment.count;
  float found = 0;
  for (const auto term : named.list(name)) {
    const auto hash = named.terms[term].hash;
    const auto place = std::lower_bound(
        begin, end, hash, [](const auto& word, std::uint64_t value) { return word.first < value; });
    if (place != end && place->first == hash) {
      found += named.terms[term].weight;
    }
  }
  return found / name.weight;
}

}  // namespace mapctl::matching
