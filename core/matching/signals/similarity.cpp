// SPDX-License-Identifier: Apache-2.0
#include "core/matching/signals/similarity.hpp"

#include "core/base/ascii.hpp"
#include "core/matching/words/tokenizer.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <iterator>

namespace mapctl::matching {
namespace {

constexpr float full = 255;
// An abbreviation with several meanings is read as the likeliest; the others count less.
constexpr float other_reading = 0.85F;
// ... and so does a word that begins with it and that no list names: "trans", "transmission". Three
// letters begin too many.
constexpr float unlisted_reading = 0.75F;
constexpr std::size_t shortest_unlisted = 4;
// What lists do not relate is at best likely.
constexpr float same_consonants = 0.9F;
constexpr float prefix_base = 0.55F;
constexpr float prefix_share = 0.4F;
constexpr float subsequence = 0.6F;
// Times as long as the letters that stand in it; a still longer word has any of them.
constexpr std::size_t longest_by_subsequence = 3;
constexpr double least_edit_similarity = 0.74;
constexpr float edit_discount = 0.9F;
constexpr std::size_t shortest_compared = 3;
constexpr float inflected = 0.85F;
constexpr std::size_t shortest_stem = 4;

bool same_skeleton(std::string_view left, std::string_view right) noexcept {
  std::size_t a = 1;
  std::size_t b = 1;
  std::size_t shared = 1;
  while (true) {
    while (a < left.size() && is_vowel(left[a])) {
      ++a;
    }
    while (b < right.size() && is_vowel(right[b])) {
      ++b;
    }
    if (a == left.size() || b == right.size()) {
      return a == left.size() && b == right.size() && shared >= shortest_compared;
    }
    if (left[a++] != right[b++]) {
      return false;
    }
    ++shared;
  }
}

bool is_subsequence(std::string_view small, std::string_view large) noexcept {
  std::size_t at = 0;
  for (const char c : large) {
    if (at < small.size() && small[at] == c) {
      ++at;
    }
  }
  return at == small.size();
}

// What may follow the stem of a verb: "referenc-e", "referenc-ed", "cancel-lation". Not "-er",
// which makes a person of it.
bool is_inflection(std::string_view ending, char before) noexcept {
  static constexpr std::string_view endings[] = {"",      "e",      "ed", "ing", "ion",
                                                 "ation", "cation", "al", "ance"};
  return (ending == "d" && before == 'e') ||
         std::find(std::begin(endings), std::end(endings), ending) != std::end(endings);
}

std::uint8_t quantised(float value) noexcept {
  return static_cast<std::uint8_t>(value * full + 0.5F);
}

}  // namespace

std::size_t EditSimilarity::symbol(char c) noexcept {
  static constexpr auto table = [] {
    std::array<std::uint8_t, 256> numbers{};
    for (std::size_t byte = 0; byte < numbers.size(); ++byte) {
      numbers[byte] = static_cast<std::uint8_t>(
          byte >= 'a' && byte <= 'z' ? byte - 'a'
          : byte >= '0' && byte <= '9'
              ? 26 + byte - '0'
              : 36 + (byte & 3U));  // others: alike when their last bits are
    }
    return numbers;
  }();
  return table[static_cast<unsigned char>(c)];
}

EditSimilarity::EditSimilarity(std::string_view pattern) noexcept
    : length_{std::min<std::size_t>(pattern.size(), 64)} {
  for (std::size_t at = 0; at < length_; ++at) {
    positions_[symbol(pattern[at])] |= std::uint64_t{1} << at;
  }
}

double EditSimilarity::operator()(std::string_view text) const noexcept {
  text = text.substr(0, 64);
  const std::size_t longer = std::max(length_, text.size());
  if (longer == 0) {
    return 1;
  }
  if (length_ == 0) {
    return 0;
  }
  // By how much each letter of the pattern makes the distance to the text so far greater or less.
  std::uint64_t plus = ~std::uint64_t{0};
  std::uint64_t minus = 0;
  for (const char c : text) {
    const std::uint64_t equal = positions_[symbol(c)];
    const std::uint64_t diagonal = (((equal & plus) + plus) ^ plus) | equal | minus;
    const std::uint64_t up = ((minus | ~(diagonal | plus)) << 1U) | 1U;
    const std::uint64_t down = (plus & diagonal) << 1U;
    plus = down | ~(diagonal | up);
    minus = up & diagonal;
  }
  const std::uint64_t letters = ~std::uint64_t{0} >> (64 - length_);
  const int distance = static_cast<int>(text.size()) + std::popcount(plus & letters) -
                       std::popcount(minus & letters);
  return 1.0 - static_cast<double>(distance) / static_cast<double>(longer);
}

float spelling_similarity(std::string_view left, std::string_view right) noexcept {
  if (left == right) {
    return 1;
  }
  if (left.size() > right.size() || (left.size() == right.size() && left > right)) {
    std::swap(left, right);
  }
  if (left.size() < shortest_compared || left.front() != right.front()) {
    return 0;
  }
  float best = 0;
  if (right.starts_with(left)) {
    best = prefix_base +
           prefix_share * static_cast<float>(left.size()) / static_cast<float>(right.size());
  }
  if (same_skeleton(left, right)) {
    best = std::max(best, same_consonants);
  } else if (best == 0 && left.size() * 4 <= right.size() * 3 &&
             left.size() * longest_by_subsequence >= right.size() && is_subsequence(left, right)) {
    best = subsequence;
  }
  if (left.size() * 4 >= right.size() * 3) {
    const double edit = EditSimilarity{left}(right);
    if (edit >= least_edit_similarity) {
      best = std::max(best, edit_discount * static_cast<float>(edit));
    }
  }
  return best;
}

bool are_inflections(std::string_view left, std::string_view right) noexcept {
  if (left.size() < shortest_stem || right.size() < shortest_stem ||
      left.substr(0, shortest_stem) != right.substr(0, shortest_stem)) {
    return false;
  }
  left = left.substr(0, stem_length(left));
  right = right.substr(0, stem_length(right));
  const auto end = std::mismatch(left.begin(), left.end(), right.begin(), right.end()).first;
  const auto shared = static_cast<std::size_t>(end - left.begin());
  if (shared < shortest_stem) {
    return false;
  }
  const char last = left[shared - 1];
  const auto is_ending = [&](std::string_view ending) {
    // "shipped", "cancellation": the last letter of the stem twice.
    return is_inflection(ending, last) ||
           (ending.size() > 2 && ending.front() == last && is_inflection(ending.substr(1), last));
  };
  const auto of_left = left.substr(shared);
  const auto of_right = right.substr(shared);
  // "plan" and "plane" are no forms of each other.
  const bool only_e = of_left.size() + of_right.size() == 1 && (of_left == "e" || of_right == "e");
  return !only_e && is_ending(of_left) && is_ending(of_right);
}

float synonym_weight(const Lexicon& lexicon, WordId left, WordId right) noexcept {
  float best = 0;
  if (left == 0 || right == 0) {
    return best;
  }
  // Both in ascending order.
  const auto others = lexicon.groups(right);
  auto other = others.begin();
  for (const auto& one : lexicon.groups(left)) {
    while (other != others.end() && other->group < one.group) {
      ++other;
    }
    if (other != others.end() && other->group == one.group) {
      best = std::max(best, std::min(one.weight, other->weight));
    }
  }
  return best;
}

TermSimilarities::TermSimilarities(const Side& source, const Side& target, const Lexicon& lexicon)
    : columns_{target.terms.size()},
      spelled_(source.terms.size() * target.terms.size()),
      meant_(source.terms.size() * target.terms.size()) {
  const auto has_alternative = [](const Side& side, const Term& term, std::uint64_t hash) {
    for (std::uint32_t at = 0; at < term.alternative_count; ++at) {
      if (side.alternatives[term.alternatives + at] == hash) {
        return true;
      }
    }
    return false;
  };
  const auto may_be = [](const Term& abbreviation, const Term& word) {
    return abbreviation.written.size() >= shortest_unlisted && !word.number &&
           word.text.size() > abbreviation.written.size() + 1 &&
           word.text.starts_with(abbreviation.written);
  };
  // Most words have nothing in common; what tells so stands close together. Words with the same
  // hash, the same first letter or several readings share a bit of `looks`.
  struct Glance {
    std::uint64_t looks = 0, group_bits = 0;
  };
  const auto is_spelled = [](const Term& term) { return !term.number && !term.text.empty(); };
  const auto glance_at = [&](const Term& term) {
    constexpr std::uint64_t bit = 1;
    const auto looks = term.alternative_count > 0 ? ~std::uint64_t{0}
                       : is_spelled(term) ? bit << static_cast<unsigned char>(term.text[0]) % 32U
                                          : bit << (32 + term.hash % 32);
    return Glance{looks, term.group_bits};
  };
  std::vector<Glance> glances(columns_);
  std::transform(target.terms.begin(), target.terms.end(), glances.begin(), glance_at);
  for (std::size_t s = 0; s < source.terms.size(); ++s) {
    const Term& left = source.terms[s];
    const Glance one = glance_at(left);
    auto* const spelled = spelled_.data() + s * columns_;
    auto* const meant = meant_.data() + s * columns_;
    for (std::size_t t = 0; t < columns_; ++t) {
      const Glance& other = glances[t];
      if (((one.looks & other.looks) | (one.group_bits & other.group_bits)) == 0) {
        continue;
      }
      const Term& right = target.terms[t];
      float spelling = 0;
      if (left.hash == right.hash) {
        spelling = 1;
      } else if ((left.alternative_count > 0 && has_alternative(source, left, right.hash)) ||
                 (right.alternative_count > 0 && has_alternative(target, right, left.hash))) {
        spelling = other_reading;
      } else if (may_be(left, right) || may_be(right, left)) {
        spelling = unlisted_reading;
      } else if (is_spelled(left) && is_spelled(right) && left.text[0] == right.text[0]) {
        spelling = spelling_similarity(left.text, right.text);
        // Two known words are different words, however alike they look.
        if (left.word != 0 && right.word != 0 && lexicon.is_word(left.word) &&
            lexicon.is_word(right.word)) {
          spelling *= spelling;
        }
        if (are_inflections(left.text, right.text)) {
          spelling = std::max(spelling, inflected);
        }
      }
      float meaning = spelling;
      if (spelling < 1 && (left.group_bits & right.group_bits) != 0) {
        meaning = std::max(meaning, synonym_weight(lexicon, left.word, right.word));
      }
      spelled[t] = quantised(spelling);
      meant[t] = quantised(meaning);
    }
  }
}

}  // namespace mapctl::matching
