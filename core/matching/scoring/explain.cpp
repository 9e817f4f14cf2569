// SPDX-License-Identifier: Apache-2.0
#include "core/matching/scoring/explain.hpp"

#include "core/catalog/types.hpp"
#include "core/matching/columns/conventions.hpp"
#include "core/matching/columns/mentions.hpp"
#include "core/matching/columns/value_meanings.hpp"
#include "core/matching/columns/wholes.hpp"
#include "core/matching/scoring/combination.hpp"
#include "core/matching/signals/contrasts.hpp"
#include "core/matching/signals/signals.hpp"
#include "core/matching/signals/similarity.hpp"
#include "core/matching/signals/value_signals.hpp"
#include "core/matching/values/column_vocabularies.hpp"
#include "core/matching/values/vocabularies.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <concepts>
#include <string>

namespace mapctl::matching {
namespace {

// In log-odds; less than this is not worth a line.
constexpr float least_contribution = 0.02F;

int percent(float share) {
  return static_cast<int>(std::lround(100 * share));
}

// A text or a number in words; lives as long as the call that it is an argument of.
class Described {
 public:
  Described(std::string_view text) : text_{text} {}
  Described(const std::string& text) : text_{text} {}
  Described(const char* text) : text_{text} {}
  template <class Number>
  requires std::integral<Number> Described(Number number)
      : size_{static_cast<std::size_t>(
            std::to_chars(digits_.data(), digits_.data() + digits_.size(), number).ptr -
            digits_.data())} {}
  std::string_view text() const noexcept {
    return size_ > 0 ? std::string_view{digits_.data(), size_} : text_;
  }

 private:
  std::array<char, 20> digits_{};
  std::size_t size_ = 0;
  std::string_view text_{};
};

template <class... Parts>
void append(std::string& out, const Parts&... parts) {
  const std::array<Described, sizeof...(parts)> list{Described{parts}...};
  std::size_t size = out.size();
  for (const Described& part : list) {
    size += part.text().size();
  }
  out.reserve(size);
  for (const Described& part : list) {
    out += part.text();
  }
}

// A batch makes hundreds of thousands of sentences: formatting them took a tenth of its time.
template <class... Parts>
std::string concat(const Parts&... parts) {
  std::string out;
  append(out, parts...);
  return out;
}

class Explanation {
 public:
  Explanation(const ScoredPair& pair, const Place& place, const Side& source, const Side& target,
              const Lexicon& lexicon)
      : pair_{pair},
        place_{place},
        source_{source},
        target_{target},
        lexicon_{lexicon},
        left_{source.columns[pair.source]},
        right_{target.columns[pair.target]} {}

  std::string sentence(Signal signal) const {
    switch (signal) {
      case Signal::exact_name: return exact_name();
      case Signal::name_tokens: return name_tokens();
      case Signal::name_trigrams:
        return concat("the names share ", percent(value(Feature::trigrams)),
                      " % of their letter groups");
      case Signal::vowel_free:
        return concat("without vowels the names agree to ", percent(value(Feature::skeleton)),
                      " %");
      case Signal::edit_distance:
        return concat("the spelling agrees to ", percent(value(Feature::edit)), " %");
      case Signal::abbreviation: return abbreviation();
      case Signal::synonym: return synonym();
      case Signal::contrast: return contrast();
      case Signal::numbering: return numbering();
      case Signal::qualified_name:
        return concat("with their tables' names the words agree to ",
                      percent(value(Feature::qualified)), " %");
      case Signal::name_role: return name_role();
      case Signal::convention: return convention();
      case Signal::description: return description();
      case Signal::type: return type();
      case Signal::key: return key();
      case Signal::value_overlap: return value_overlap();
      case Signal::value_kind: return value_kind();
      case Signal::value_patterns: return value_patterns();
      case Signal::statistics:
        return concat(
            std::string_view{value(Feature::distribution) != 0 ? "distribution and length"
                                                               : "length"},
            " of the values ",
            std::string_view{value(Feature::shape) + value(Feature::distribution) > 0 ? "are alike"
                                                                                      : "differ"});
      case Signal::table_context: return table_context();
      case Signal::competition: return competition();
      case Signal::domain: break;
    }
    return {};
  }

  // The value that stands for the signal, 0..1.
  double score(Signal signal) const {
    const auto half = [](float value) { return static_cast<double>(value) + 0.5; };
    const auto signed_value = [](float value) { return (static_cast<double>(value) + 1) / 2; };
    double result = 0;
    switch (signal) {
      case Signal::exact_name:
        result = static_cast<double>(
            std::max(value(Feature::exact_name), value(Feature::exact_table_name)));
        break;
      case Signal::name_tokens: result = static_cast<double>(value(Feature::tokens)); break;
      case Signal::name_trigrams: result = static_cast<double>(value(Feature::trigrams)); break;
      case Signal::vowel_free: result = static_cast<double>(value(Feature::skeleton)); break;
      case Signal::edit_distance: result = static_cast<double>(value(Feature::edit)); break;
      case Signal::abbreviation: result = static_cast<double>(value(Feature::abbreviation)); break;
      case Signal::synonym: result = static_cast<double>(value(Feature::synonym)); break;
      case Signal::contrast: result = signed_value(value(Feature::contrast)); break;
      case Signal::numbering: result = signed_value(value(Feature::numbers)); break;
      case Signal::qualified_name: result = static_cast<double>(value(Feature::qualified)); break;
      case Signal::name_role: result = signed_value(value(Feature::role)); break;
      case Signal::convention: result = signed_value(value(Feature::convention)); break;
      case Signal::description:
        result =
            static_cast<double>(std::max(value(Feature::comment), value(Feature::comment_names)));
        break;
      case Signal::type: result = signed_value(value(Feature::type)); break;
      case Signal::key: result = signed_value(value(Feature::key)); break;
      case Signal::value_overlap:
        result = static_cast<double>(value(Feature::value_overlap));
        break;
      case Signal::value_kind: result = signed_value(value(Feature::value_kind)); break;
      case Signal::value_patterns:
        result = (half(value(Feature::value_patterns)) + half(value(Feature::value_grams))) / 2;
        break;
      case Signal::statistics:
        result = half((value(Feature::shape) + value(Feature::distribution)) / 2);
        break;
      case Signal::table_context: result = static_cast<double>(value(Feature::table_pair)); break;
      case Signal::competition: result = static_cast<double>(value(Feature::settled)); break;
      case Signal::domain: break;
    }
    return std::clamp(result, 0.0, 1.0);
  }

 private:
  float value(Feature feature) const noexcept { return at(*pair_.features, feature); }
  const std::string& left_name() const noexcept { return left_.column->name.text; }
  const std::string& right_name() const noexcept { return right_.column->name.text; }

  std::string exact_name() const {
    if (value(Feature::exact_name) > 0) {
      return left_name() == right_name()
                 ? concat("both are named '", left_name(), "'")
                 : concat("'", left_name(), "' and '", right_name(), "' are the same name");
    }
    return concat("'", left_name(), "' and '", right_name(), "' differ by the table's name only");
  }

  std::string name_tokens() const {
    std::string shared;
    int count = 0;
    for (const auto term : source_.list(left_.expanded)) {
      const auto hash = source_.terms[term].hash;
      const auto words = target_.list(right_.expanded);
      if (std::any_of(words.begin(), words.end(),
                      [&](std::uint32_t other) { return target_.terms[other].hash == hash; })) {
        append(shared, std::string_view{count++ == 0 ? "" : ", "}, "'", source_.terms[term].text,
               "'");
      }
    }
    if (count == 0) {
      return value(Feature::tokens) > 0.2F ? "the names' words are spelled alike"
                                           : "the names share no word";
    }
    return concat("the names share the word", std::string_view{count == 1 ? "" : "s"}, " ", shared);
  }

  std::string words(const Side& side, const ColumnFeatures& column) const {
    std::string text;
    for (const auto term : side.list(column.expanded)) {
      text += text.empty() ? "" : " ";
      text += side.terms[term].text;
    }
    return text;
  }

  std::string abbreviation() const {
    std::string text;
    if (left_.abbreviated) {
      text = concat("'", left_name(), "' reads as '", words(source_, left_), "'");
    }
    if (right_.abbreviated) {
      append(text, std::string_view{text.empty() ? "" : ", "}, "'", right_name(), "' reads as '",
             words(target_, right_), "'");
    }
    return text.empty() ? "the names agree once written-together words are cut" : text;
  }

  std::string synonym() const {
    float best = 0;
    std::string_view a;
    std::string_view b;
    const auto look = [&](const TermRange& left, const TermRange& right) {
      for (const auto s : source_.list(left)) {
        for (const auto t : target_.list(right)) {
          const auto& one = source_.terms[s];
          const auto& other = target_.terms[t];
          if (one.hash != other.hash && (one.group_bits & other.group_bits) != 0) {
            if (const float weight = synonym_weight(lexicon_, one.word, other.word);
                weight > best) {
              best = weight;
              a = one.text;
              b = other.text;
            }
          }
        }
      }
    };
    look(left_.expanded, right_.expanded);
    look(left_.phrases.count > 0 ? left_.phrases : left_.expanded,
         right_.phrases.count > 0 ? right_.phrases : right_.expanded);
    return best > 0 ? concat("'", a, "' can stand for '", b, "'")
                    : std::string{"words of the names can stand for each other"};
  }

  std::string contrast() const {
    if (const auto opposed = find_opposed(source_, left_, target_, right_)) {
      return concat("'", opposed->left, "' and '", opposed->right, "' exclude each other");
    }
    return "words of the names exclude each other";
  }

  std::string numbering() const {
    const float agreement = value(Feature::numbers);
    return agreement > 0       ? "the same number stands in both names"
           : agreement < -0.9F ? "different numbers stand in the names"
                               : "only one of the names has a number";
  }

  // Why the column is the one that its table is about.
  std::string subject(const ColumnFeatures& column) const {
    const auto& name = column.column->name.text;
    switch (column.subject) {
      case SubjectKind::by_table: return concat("'", name, "' is called like its table");
      case SubjectKind::by_values:
        return concat("'", name, "' tells its table's rows apart in words");
      default: return concat("'", name, "' is called so");
    }
  }

  std::string name_role() const {
    if (value(Feature::whole_part) > 0) {
      const bool of_left = is_left_whole(source_, left_, target_, right_);
      const auto& whole = of_left ? left_name() : right_name();
      const auto& part = of_left ? right_name() : left_name();
      return is_mentioned(source_, left_, target_, right_)
                 ? concat("values of '", whole, "' mention '", part, "'")
                 : concat("'", part, "' is a part of '", whole, "'");
    }
    if (value(Feature::subject) < 0) {
      const bool of_left = source_.tables[left_.table].subject == pair_.source;
      return concat("'", of_left ? left_name() : right_name(),
                    "' says which thing a row is about, '", of_left ? right_name() : left_name(),
                    "' does not");
    }
    if (value(Feature::subject) > 0) {
      const bool of_right = left_.subject == SubjectKind::by_name;
      return concat("both name what their rows are: ", subject(of_right ? right_ : left_));
    }
    if (value(Feature::role) < role_agreement(left_, right_)) {
      const bool of_left = left_.referred.count > 0;
      return concat("'", of_left ? left_name() : right_name(),
                    "' is of a record that its own refers to, '",
                    of_left ? right_name() : left_name(), "' is not");
    }
    if (left_.role == right_.role && role_agreement(left_, right_) < 0) {
      return concat("by their names '", left_name(), "' and '", right_name(),
                    "' are different parts of an address");
    }
    return left_.role == right_.role
               ? concat("by their names both are ", described(left_.role))
               : concat("by its name '", left_name(), "' is ", described(left_.role), ", '",
                        right_name(), "' is ", described(right_.role));
  }

  std::string convention() const {
    const auto spaced = [&](std::uint16_t meaning) {
      std::string text{lexicon_.meaning(meaning)};
      std::replace(text.begin(), text.end(), '_', ' ');
      return text;
    };
    return left_.convention == right_.convention
               ? fmt::format("by the conventions of the field both are '{}'",
                             spaced(left_.convention))
               : fmt::format("by the conventions of the field '{}' is '{}', '{}' is '{}'",
                             left_name(), spaced(left_.convention), right_name(),
                             spaced(right_.convention));
  }

  std::string value_overlap() const {
    const auto& ours = source_.values[static_cast<std::size_t>(left_.values)];
    const auto& theirs = target_.values[static_cast<std::size_t>(right_.values)];
    const auto both = ours.vocabularies & theirs.vocabularies & specific_vocabularies();
    if (both != 0 && value(Feature::value_overlap) <= one_vocabulary) {
      return concat("the values on both sides are of the vocabulary '",
                    all_vocabularies()[static_cast<std::size_t>(std::countr_zero(both))].name, "'");
    }
    return concat("shared values: ", percent(value(Feature::value_overlap)), " of 100");
  }

  std::string value_kind() const {
    if (value(Feature::value_meaning) > 0) {
      const bool of_source = left_.values_mean != ValueMeaning::none;
      return concat("'", of_source ? left_name() : right_name(),
                    "' is no name, but its values are ",
                    matching::described(of_source ? left_.values_mean : right_.values_mean));
    }
    const float there = values_suit(left_.kind, right_.role);
    const float back = values_suit(right_.kind, left_.role);
    const bool of_source = kind_agreement(there, back) == there;
    const float fit = of_source ? there : back;
    return concat("the ", std::string_view{of_source ? "source" : "target"}, "'s values are ",
                  std::string_view{described(of_source ? left_.kind : right_.kind)}, ", which ",
                  std::string_view{fit > 0 ? "suits" : "does not suit"}, " ",
                  std::string_view{described(of_source ? right_.role : left_.role)});
  }

  std::string description() const {
    const float names = value(Feature::comment_names);
    const float comments = value(Feature::comment);
    if (comments == 0 && names > 0) {
      return concat(percent(names), " % of a name's words stand in the other's description");
    }
    return concat("the descriptions agree to ", percent(comments), " %");
  }

  std::string type() const {
    const auto name = [](const catalog::Column& column) {
      return column.type.native.empty() ? std::string{catalog::to_string(column.type.logical)}
                                        : column.type.native;
    };
    const auto& left = *left_.column;
    const auto& right = *right_.column;
    const float fit = value(Feature::type);
    return concat("type '", name(left), "' ",
                  std::string_view{fit >= 1      ? "is the same kind as"
                                   : fit > 0     ? "fits"
                                   : fit > -0.5F ? "can be turned into"
                                                 : "does not fit"},
                  " '", name(right), "'");
  }

  std::string key() const {
    static constexpr std::array<std::string_view, 4> roles{"no key", "unique", "a foreign key",
                                                           "the primary key"};
    // As declared, or else as values or names tell.
    const auto role = [](const ColumnFeatures& column) {
      return static_cast<std::size_t>(column.key != KeyRole::none ? column.key : column.named_key);
    };
    const bool both = role(left_) == role(right_);
    return both
               ? concat("both are ", roles[role(left_)])
               : concat("the source is ", roles[role(left_)], ", the target ", roles[role(right_)]);
  }

  std::string value_patterns() const {
    const auto& left_statistics = left_.column->statistics;
    const auto& right_statistics = right_.column->statistics;
    if (!left_statistics || !right_statistics) {
      return value(Feature::value_grams_lead) < 0
                 ? "there are no values to compare, and those of another pair agree"
                 : "there are no values to compare, and those of other pairs differ";
    }
    const auto& a = left_statistics->patterns;
    const auto& b = right_statistics->patterns;
    if (!a.empty() && !b.empty() && a.front().share > 0.5 && b.front().share > 0.5) {
      const auto left = catalog::to_string(a.front().pattern);
      const auto right = catalog::to_string(b.front().pattern);
      return left == right ? concat("values on both sides are mostly of the form ", left)
                           : concat("values are mostly ", left, " here, ", right, " there");
    }
    return concat("the values' letters agree to ", percent(value(Feature::value_grams) + 0.5F),
                  " %");
  }

  std::string table_context() const {
    const bool of_one_kind =
        kinds_agreement(source_.tables[left_.table], target_.tables[right_.table]) > 0;
    return concat(
        of_one_kind ? "the tables' names or kinds agree to " : "the tables' names agree to ",
        percent(value(Feature::table_name)), " %, their columns to ",
        percent(value(Feature::table_pair)), " % of the best table");
  }

  std::string competition() const {
    const int lead = percent(std::fabs(value(Feature::row_lead)));
    if (value(Feature::row_lead) >= 0) {
      return value(Feature::mutual_best) > 0
                 ? concat("each is the other's best, ", lead, " points before the next")
                 : concat("best of ", place_.of, " targets, but the target has a better source");
    }
    return concat("another target is ", lead, " points better");
  }

  const ScoredPair& pair_;
  const Place& place_;
  const Side& source_;
  const Side& target_;
  const Lexicon& lexicon_;
  const ColumnFeatures& left_;
  const ColumnFeatures& right_;
};

}  // namespace

std::vector<mapping::Evidence> explain(const ScoredPair& pair, const Place& place,
                                       const Side& source, const Side& target,
                                       const Lexicon& lexicon, const Weights& weights) {
  std::array<float, signal_count> contributions{};
  const bool same_name = at(*pair.features, Feature::exact_name) > 0;
  const bool described = at(*pair.features, Feature::comment) > 0;
  for (std::size_t number = 0; number < feature_count; ++number) {
    if ((*pair.features)[number] == 0 || weights.of[number] == 0) {
      continue;
    }
    auto signal = signal_of(static_cast<Feature>(number));
    // The same name is one reason, not five; and of all words those of the descriptions are most.
    if (same_name && signal <= Signal::edit_distance) {
      signal = Signal::exact_name;
    } else if (described && (number == static_cast<std::size_t>(Feature::document) ||
                             number == static_cast<std::size_t>(Feature::document_lead))) {
      signal = Signal::description;
    }
    contributions[static_cast<std::size_t>(signal)] +=
        (*pair.features)[number] * weights.of[number];
  }
  std::array<std::uint8_t, signal_count> order{};
  std::size_t count = 0;
  // Words that stand for each other elsewhere do not where they exclude each other.
  if (at(*pair.features, Feature::contrast) < 0) {
    contributions[static_cast<std::size_t>(Signal::synonym)] = 0;
  }
  for (std::size_t signal = 0; signal < signal_count; ++signal) {
    if (std::fabs(contributions[signal]) >= least_contribution) {
      order[count++] = static_cast<std::uint8_t>(signal);
    }
  }
  std::sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count),
            [&](std::uint8_t a, std::uint8_t b) {
              return contributions[a] != contributions[b] ? contributions[a] > contributions[b]
                                                          : a < b;
            });
  const Explanation explanation{pair, place, source, target, lexicon};
  std::vector<mapping::Evidence> result;
  result.reserve(count);
  for (std::size_t number = 0; number < count; ++number) {
    const auto signal = static_cast<Signal>(order[number]);
    result.push_back({to_string(signal), explanation.score(signal),
                      static_cast<double>(contributions[order[number]]),
                      explanation.sentence(signal)});
  }
  return result;
}

}  // namespace mapctl::matching
