// SPDX-License-Identifier: Apache-2.0
#include "core/matching/scoring/scorer.hpp"

#include "core/base/error.hpp"
#include "core/matching/columns/contraction.hpp"
#include "core/matching/columns/conventions.hpp"
#include "core/matching/columns/inferred_keys.hpp"
#include "core/matching/columns/subjects.hpp"
#include "core/matching/columns/value_meanings.hpp"
#include "core/matching/columns/wholes.hpp"
#include "core/matching/scoring/combination.hpp"
#include "core/matching/scoring/hints.hpp"
#include "core/matching/scoring/kinds.hpp"
#include "core/matching/scoring/normalisation.hpp"
#include "core/matching/scoring/ranking.hpp"
#include "core/matching/scoring/word_columns.hpp"
#include "core/matching/signals/contrasts.hpp"
#include "core/matching/signals/overlaps.hpp"
#include "core/matching/signals/qualified_covers.hpp"
#include "core/matching/signals/references.hpp"
#include "core/matching/signals/signals.hpp"
#include "core/matching/signals/value_signals.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <iterator>
#include <limits>
#include <string_view>
#include <utility>

namespace mapctl::matching {
namespace {

// What makes a pair a candidate; only the order matters.
constexpr float gram_share = 0.30F;
constexpr float skeleton_share = 0.20F;
constexpr float word_share = 0.50F;
constexpr float contained_share = 0.15F;
constexpr float document_share = 0.30F;
constexpr float table_share = 0.25F;
constexpr float overlap_share = 0.50F;
// Of a table's name where only the kind of its records is the same.
constexpr float kind_share = 0.75F;
// Of what the words do not share where they mean the same by convention.
constexpr float convention_words = 0.6F;
// A cover that is only short of rounding and spelling.
constexpr float nearly_whole = 0.93F;
// Of a name's words where the other name has all its letters but the vowels.
constexpr float same_letters = 0.9F;
constexpr std::uint32_t rows_between_polls = 64;
constexpr std::size_t kept_for_target = 3;
constexpr std::uint32_t no_table = std::numeric_limits<std::uint32_t>::max();
// Text that was seen to be no number, say, for a number.
constexpr float measured_misfit = -0.8F;

struct Kept {
  std::uint32_t source = 0, target = 0;
  float rough = 0;
  float grams = 0, skeleton = 0, comment = 0, document = 0, overlap = 0;
  Cover meant{};
  bool phrases = false;  // known phrases say more than their words
};

// A list of words of a source column, and of each word of the target its best similarity to one of
// them, as spelled or as meant.
struct BestWords {
  explicit BestWords(std::size_t target_terms) : of_target(target_terms) {}
  TermRange range{};
  const std::uint8_t* rows = nullptr;  // of TermSimilarities, by source word
  std::vector<std::uint8_t> of_target;
};

class Scoring {
 public:
  Scoring(const Side& source, const Side& target, const Lexicon& lexicon,
          const Combination& combination, const ScoreOptions& options)
      : source_{source},
        target_{target},
        combination_{combination},
        options_{options},
        words_{source, target, lexicon},
        qualified_{source, target, words_},
        grams_{source.grams, target.grams},
        skeletons_{source.skeletons, target.skeletons},
        comments_{source.comments, target.comments},
        documents_{source.documents, target.documents},
        order_{name_order(target)},
        columns_of_words_{target},
        kinds_{target},
        gram_row_(target.columns.size()),
        skeleton_row_(target.columns.size()),
        comment_row_(target.columns.size()),
        document_row_(target.columns.size()),
        overlap_row_(target.columns.size()),
        table_row_(target.columns.size()),
        rough_row_(target.columns.size()),
        meant_row_(target.columns.size()),
        mean_row_(target.columns.size()),
        larger_row_(target.columns.size()),
        by_phrases_row_(target.columns.size()),
        spelled_(target.terms.size()),
        read_(target.terms.size()),
        meant_(target.terms.size()),
        phrases_(target.terms.size()) {
    if (options.use_data && !source.sketches.empty() && !target.sketches.empty()) {
      overlaps_ = overlapping(source, target);
    }
    compare_tables();
  }

  ScoreTable run(const std::stop_token& stop) {
    const auto rows = static_cast<std::uint32_t>(source_.columns.size());
    kept_.reserve(rows * std::min(options_.per_source, target_.columns.size()));
    if (options_.per_source < target_.columns.size()) {
      best_of_target_.resize(target_.columns.size() * kept_for_target);
      least_of_target_.resize(target_.columns.size());
      choice_.resize(target_.columns.size());
      by_order_.resize(target_.columns.size());
      for (std::uint32_t t = 0; t < by_order_.size(); ++t) {
        by_order_[order_[t]] = t;
      }
    }
    std::uint32_t table = no_table;
    for (std::uint32_t row = 0; row < rows; ++row) {
      if (std::exchange(table, source_.columns[row].table) != source_.columns[row].table) {
        take_table(table);
      }
      if (row % rows_between_polls == 0 && stop.stop_requested()) {
        throw Error{ErrorCode::cancelled, "matching was cancelled"};
      }
      scan(row);
    }
    return finish();
  }

 private:
  void compare_tables() {
    table_names_.resize(source_.tables.size() * target_.tables.size());
    for (std::size_t s = 0; s < source_.tables.size(); ++s) {
      for (std::size_t t = 0; t < target_.tables.size(); ++t) {
        const auto& left = source_.tables[s];
        const auto& right = target_.tables[t];
        const float value = left.name_hash == right.name_hash
                                ? 1.0F
                                : table_name_similarity(source_, left, target_, right, words_);
        table_names_[s * target_.tables.size() + t] =
            std::max(value, kind_share * kinds_agreement(left, right));
      }
    }
  }

  float table_names(const ColumnFeatures& left, const ColumnFeatures& right) const noexcept {
    return table_names_[left.table * target_.tables.size() + right.table];
  }

  // Makes `best` that of the words of `range`, where `rows` are the similarities to go by.
  void take(BestWords& best, const TermRange& range, const std::uint8_t* rows) const {
    best.range = range;
    best.rows = rows;
    std::fill(best.of_target.begin(), best.of_target.end(), std::uint8_t{0});
    for (const auto term : source_.list(range)) {
      take_greater(best.of_target, rows + term * best.of_target.size());
    }
  }

  void take_meanings(const ColumnFeatures& column) {
    take(meant_, column.expanded, words_.meant(0));
    if (column.phrases.count > 0) {
      take(phrases_, column.phrases, words_.meant(0));
    }
  }

  // How far a source column's words and those of a target column are found in each other.
  Cover cover(const BestWords& left, const TermRange& right) const noexcept {
    if (left.range.weight <= 0 || right.weight <= 0) {
      return {};
    }
    const auto others = target_.list(right);
    std::uint8_t any = 0;
    for (const auto term : others) {
      any |= left.of_target[term];
    }
    if (any == 0) {
      return {};
    }
    Cover result;
    for (const auto term : others) {
      result.backward += target_.terms[term].weight * static_cast<float>(left.of_target[term]);
    }
    for (const auto term : source_.list(left.range)) {
      const auto* similar = left.rows + term * left.of_target.size();
      std::uint8_t best = 0;
      for (const auto other : others) {
        best = std::max(best, similar[other]);
      }
      result.forward += source_.terms[term].weight * static_cast<float>(best);
    }
    result.forward /= left.range.weight * 255.0F;
    result.backward /= right.weight * 255.0F;
    return result;
  }

  // Of the source's table: how far its name agrees with those of the target columns' tables.
  void take_table(std::uint32_t table) {
    const auto* const names = table_names_.data() + table * target_.tables.size();
    for (std::size_t t = 0; t < table_row_.size(); ++t) {
      table_row_[t] = names[target_.columns[t].table];
    }
  }

  // Rough scores of one source column with every target column; the best become candidates.
  void scan(std::uint32_t row) {
    grams_.cosines(row, gram_row_);
    skeletons_.cosines(row, skeleton_row_);
    comments_.cosines(row, comment_row_);
    documents_.cosines(row, document_row_);
    take_overlaps(row);
    take_meant(source_.columns[row]);
    add_up();
    kinds_.add_agreement(source_.columns[row], rough_row_);
    add_hints(source_, row, target_,
              {table_names_.data() + source_.columns[row].table * target_.tables.size(),
               target_.tables.size()},
              rough_row_);
    keep_best(row);
  }

  // Covers by meaning: only columns with a word that is like one of the source column's have any.
  void take_meant(const ColumnFeatures& column) {
    take_meanings(column);
    for (const auto t : meant_columns_) {
      meant_row_[t] = {};
      mean_row_[t] = 0;
      larger_row_[t] = 0;
      by_phrases_row_[t] = 0;
    }
    meant_columns_.clear();
    const auto take_columns = [&](std::size_t term) {
      for (const auto t : columns_of_words_.of(term)) {
        if (mean_row_[t] == 0) {
          const auto [meant, by_phrases] = scan_words(column, target_.columns[t]);
          meant_row_[t] = meant;
          mean_row_[t] = meant.mean();
          larger_row_[t] = meant.larger();
          by_phrases_row_[t] = by_phrases ? 1 : 0;
          meant_columns_.push_back(t);
        }
      }
    };
    each_set(meant_.of_target, take_columns);
    if (column.phrases.count > 0) {
      each_set(phrases_.of_target, take_columns);
    }
  }

  void add_up() noexcept {
    // Only plain rows let the compiler take several columns at once.
    const float* const grams = gram_row_.data();
    const float* const skeletons = skeleton_row_.data();
    const float* const means = mean_row_.data();
    const float* const larger = larger_row_.data();
    const float* const documents = document_row_.data();
    const float* const overlaps = overlap_row_.data();
    const float* const tables = table_row_.data();
    float* const rough = rough_row_.data();
    const std::size_t count = rough_row_.size();
    for (std::size_t t = 0; t < count; ++t) {
      rough[t] = gram_share * grams[t] + skeleton_share * skeletons[t] + word_share * means[t] +
                 contained_share * larger[t] + document_share * documents[t] +
                 overlap_share * overlaps[t] + table_share * tables[t];
    }
  }

  void take_overlaps(std::uint32_t row) {
    if (overlaps_.empty()) {
      return;
    }
    std::fill(overlap_row_.begin(), overlap_row_.end(), 0.0F);
    const auto [first, last] =
        std::equal_range(overlaps_.begin(), overlaps_.end(), Overlapping{row},
                         [](const auto& a, const auto& b) { return a.source < b.source; });
    for (auto item = first; item != last; ++item) {
      overlap_row_[item->target] = item->strength;
    }
  }

  Kept kept_of(std::uint32_t row, std::uint32_t t) const noexcept {
    return {row,
            t,
            rough_row_[t],
            gram_row_[t],
            skeleton_row_[t],
            comment_row_[t],
            document_row_[t],
            overlap_row_[t],
            meant_row_[t],
            by_phrases_row_[t] != 0};
  }

  void keep_best(std::uint32_t row) {
    const auto count = static_cast<std::uint32_t>(target_.columns.size());
    if (options_.per_source >= count) {
      for (std::uint32_t t = 0; t < count; ++t) {
        kept_.push_back(kept_of(row, t));
      }
      return;
    }
    const float least = least_of_best(rough_row_, options_.per_source);
    // Nobody can tell which columns these are, so each is written and only some are kept.
    std::size_t kept = 0;
    for (std::uint32_t t = 0; t < count; ++t) {
      choice_[kept] = falling_key(rough_row_[t], order_[t]);
      kept += rough_row_[t] >= least ? 1 : 0;
    }
    const auto best = choice_.begin() + static_cast<std::ptrdiff_t>(options_.per_source);
    std::nth_element(choice_.begin(), best, choice_.begin() + static_cast<std::ptrdiff_t>(kept));
    for (auto chosen = choice_.begin(); chosen != best; ++chosen) {
      kept_.push_back(kept_of(row, by_order_[static_cast<std::uint32_t>(*chosen)]));
    }
    for (std::uint32_t t = 0; t < count; ++t) {
      if (rough_row_[t] > least_of_target_[t]) {
        remember_for_target(kept_of(row, t));
      }
    }
  }

  // The cover of the words' meaning, and whether known phrases say more than their words.
  std::pair<Cover, bool> scan_words(const ColumnFeatures& column,
                                    const ColumnFeatures& other) const noexcept {
    const Cover words = cover(meant_, other.expanded);
    if (column.phrases.count == 0 && other.phrases.count == 0) {
      return {words, false};
    }
    const Cover phrases = cover(column.phrases.count > 0 ? phrases_ : meant_,
                                other.phrases.count > 0 ? other.phrases : other.expanded);
    return phrases.mean() > words.mean() ? std::pair{phrases, true} : std::pair{words, false};
  }

  void remember_for_target(const Kept& item) {
    auto* const slots = best_of_target_.data() + item.target * kept_for_target;
    std::size_t place = kept_for_target - 1;
    while (place > 0 && item.rough > slots[place - 1].rough) {
      slots[place] = slots[place - 1];
      --place;
    }
    slots[place] = item;
    least_of_target_[item.target] = slots[kept_for_target - 1].rough;
  }

  // Numbers in kept_ by source column, then target, each pair once; with the best of every target.
  std::vector<std::uint32_t> candidates() {
    const std::size_t rows = source_.columns.size();
    const std::size_t of_row = kept_.size() / rows;  // the same for each
    const auto joining = static_cast<std::ptrdiff_t>(kept_.size());
    std::copy_if(best_of_target_.begin(), best_of_target_.end(), std::back_inserter(kept_),
                 [](const Kept& item) { return item.rough > 0; });
    std::sort(kept_.begin() + joining, kept_.end(),
              [](const Kept& a, const Kept& b) { return a.source < b.source; });
    auto next = static_cast<std::size_t>(joining);
    std::vector<std::uint32_t> numbers;
    numbers.reserve(kept_.size());
    // A row's candidates by the place of their targets, and which places are taken.
    std::vector<std::uint32_t> at_place(target_.columns.size());
    std::vector<std::uint64_t> taken((target_.columns.size() + 63) / 64, 0);
    for (std::size_t row = 0; row < rows; ++row) {
      const auto take = [&](std::uint32_t number) {
        const auto place = order_[kept_[number].target];
        at_place[place] = number;
        taken[place / 64] |= std::uint64_t{1} << (place % 64);
      };
      for (std::size_t number = row * of_row; number < (row + 1) * of_row; ++number) {
        take(static_cast<std::uint32_t>(number));
      }
      for (; next < kept_.size() && kept_[next].source == row; ++next) {
        take(static_cast<std::uint32_t>(next));
      }
      for (std::size_t group = 0; group < taken.size(); ++group) {
        for (auto places = std::exchange(taken[group], 0); places != 0; places &= places - 1) {
          numbers.push_back(
              at_place[group * 64 + static_cast<std::size_t>(std::countr_zero(places))]);
        }
      }
    }
    return numbers;
  }

  ScoreTable finish() {
    const auto numbers = candidates();
    ScoreTable table;
    table.with_data = options_.use_data;
    table.resize(numbers.size());
    for (std::size_t place = 0; place < numbers.size();) {
      const auto row = kept_[numbers[place]].source;
      const auto& column = source_.columns[row];
      const EditSimilarity edit{column.core};
      take(spelled_, column.raw, words_.spelled(0));
      if (!column.is_read_as_written()) {
        take(read_, column.expanded, words_.spelled(0));
      }
      take_meanings(column);
      for (; place < numbers.size() && kept_[numbers[place]].source == row; ++place) {
        measure(kept_[numbers[place]], edit, table.pairs[place]);
      }
    }
    compare_with_others(table.pairs, source_, target_);
    combine(table, source_, target_, order_, combination_, &words_);
    return table;
  }

  void measure(const Kept& item, const EditSimilarity& edit, ScoredPair& pair) {
    pair.source = item.source;
    pair.target = item.target;
    auto& features = *pair.features;
    const auto& left = source_.columns[item.source];
    const auto& right = target_.columns[item.target];
    const auto set = [&](Feature feature, float value) { at(features, feature) = value; };

    const bool exact = left.core_hash == right.core_hash || left.full_hash == right.full_hash;
    const float spelled = static_cast<float>(edit(right.core));
    const float dropped = dropped_vowels(left, right);
    const float skeleton = dropped > 0 ? 1.0F : item.skeleton;
    const auto raw = cover(spelled_, right.raw);
    const auto read = left.abbreviated || right.abbreviated ||
                              left.raw.count != left.expanded.count ||
                              right.raw.count != right.expanded.count
                          ? cover(left.is_read_as_written() ? spelled_ : read_, right.expanded)
                          : raw;
    set(Feature::exact_name, exact ? 1.0F : 0.0F);
    set(Feature::trigrams, item.grams);
    set(Feature::skeleton, skeleton);
    set(Feature::edit, spelled);
    set(Feature::best_spelling,
        std::max({item.grams, skeleton, spelled, item.meant.mean(), exact ? 1.0F : 0.0F}));
    set(Feature::tokens, raw.mean());
    set(Feature::tokens_meant, item.meant.mean());
    set(Feature::tokens_contained, item.meant.larger());
    set(Feature::abbreviation, std::max(0.0F, read.mean() - raw.mean()));
    set(Feature::synonym, std::max(0.0F, item.meant.mean() - std::max(read.mean(), raw.mean())));
    if (left.expanded.count > 0 && right.expanded.count > 0) {
      set(Feature::head, static_cast<float>(words_.meant(left.head)[right.head]) / 255.0F);
    }
    const float contracted =
        std::max({contraction(source_, left, right), contraction(target_, right, left), dropped});
    set(Feature::contraction, contracted);
    set(Feature::numbers, number_agreement(left.numbers, right.numbers));
    set(Feature::table_name, table_names(left, right));
    measure_qualified(left, right, item.phrases, features);
    if (exact && left.spelled_out != right.spelled_out) {
      take_as_whole(left, right, 1, features);
    }
    if (left.full_hash == right.full_hash) {
      // However the words are told apart: "lead_or_contact_id" and "leadorcontactid".
      set(Feature::tokens, 1);
      set(Feature::tokens_contained, 1);
      set(Feature::head, 1);
      take_as_whole(left, right, 1, features);
    } else if (contracted > 0) {
      take_as_whole(left, right, dropped > 0 ? std::max(contracted, same_letters) : contracted,
                    features);
    }
    set(Feature::document, item.document);
    set(Feature::comment, item.comment);
    set(Feature::comment_names, std::max(name_in_comment(source_, left.expanded, target_, right),
                                         name_in_comment(target_, right.expanded, source_, left)));
    if (is_name_in_comment(source_, left.expanded, target_, right) ||
        is_name_in_comment(target_, right.expanded, source_, left)) {
      take_as_whole(left, right, 1, features);
    }
    const bool elsewhere = left.referred.count != right.referred.count &&
                           is_of_another_record(source_, left, target_, right, words_);
    // What a short name without vowels would mean by itself does not speak against it.
    const float roles = role_agreement(left, right);
    // Nor does what kind of thing a table lists: "country" is the name of its rows.
    const bool by_values =
        left.subject == SubjectKind::by_values || right.subject == SubjectKind::by_values;
    const bool no_subject = left.subject == SubjectKind::none && right.subject == SubjectKind::none;
    const float subject =
        no_subject || exact || elsewhere || (by_values && !options_.use_data)
            ? 0.0F
            : subject_agreement(source_, left, target_, right, table_names(left, right));
    const float part =
        elsewhere ? 0.0F : whole_and_part(source_, left, target_, right, options_.use_data);
    set(Feature::whole_part, part);
    set(Feature::subject, part > 0 ? 0.0F : subject);
    set(Feature::role, elsewhere                                ? -1.0F
                       : dropped > 0 || subject > 0 || part > 0 ? std::max(roles, 0.0F)
                                                                : roles);
    const float convention = convention_agreement(source_, left, target_, right);
    set(Feature::convention, convention);
    if (convention > 0) {
      auto& qualified = at(features, Feature::qualified);
      qualified += (1 - qualified) * convention * convention_words;
    }
    if (options_.use_data && (source_.has_silent_names || target_.has_silent_names)) {
      set(Feature::value_meaning, value_meaning_agreement(source_, left, target_, right));
    }
    if (!exact && part == 0 && convention <= 0 && contracted == 0) {
      set(Feature::contrast, find_opposed(source_, left, target_, right) ? -1.0F : 0.0F);
    }
    const bool misfit = options_.use_data &&
                        (contradicts(left.kind, right.type) || contradicts(right.kind, left.type));
    set(Feature::type,
        std::min(type_compatibility(left.type, right.type), misfit ? measured_misfit : 1.0F));
    set(Feature::key, key_agreement(left, right));
    if (options_.use_data) {
      set(Feature::value_kind,
          kind_agreement(values_suit(left.kind, right.role), values_suit(right.kind, left.role)));
    }
    if (options_.use_data && left.values >= 0 && right.values >= 0) {
      const auto& a = source_.values[static_cast<std::size_t>(left.values)];
      const auto& b = target_.values[static_cast<std::size_t>(right.values)];
      compare_values(left, a, right, b, item.overlap, features);
      if (part > 0) {
        // A part is not written like the whole.
        set(Feature::value_conflict, 0);
        set(Feature::value_kind, std::max(at(features, Feature::value_kind), 0.0F));
      }
    }
  }

  // A contraction stands for all words of the other name, as far as it is one; so does the same
  // name that is spelled out on one side only.
  void take_as_whole(const ColumnFeatures& left, const ColumnFeatures& right, float contracted,
                     Features& features) const noexcept {
    if (contracted <= at(features, Feature::tokens_meant)) {
      return;
    }
    at(features, Feature::tokens_meant) = contracted;
    const bool tables =
        source_.tables[left.table].name.count > 0 && target_.tables[right.table].name.count > 0;
    auto& qualified = at(features, Feature::qualified);
    qualified = std::max(
        qualified, tables ? (2 * contracted + at(features, Feature::table_name)) / 3 : contracted);
  }

  // The words of table and column on both sides: "account.name" is "account_name" elsewhere.
  void measure_qualified(const ColumnFeatures& left, const ColumnFeatures& right, bool phrases,
                         Features& features) {
    auto covered = qualified_(left, right, meant_.of_target);
    if (phrases) {
      const auto better = qualified_.of_phrases(
          left, right, left.phrases.count > 0 ? phrases_.of_target : meant_.of_target);
      covered = better.all.mean() > covered.all.mean() ? better : covered;
    }
    at(features, Feature::qualified) = covered.all.mean();
    at(features, Feature::qualified_contained) = covered.names;
    // "account.name" and "account_name": what one name has more is the other's table.
    const float own = at(features, Feature::tokens_contained);
    const bool by_words =
        own > nearly_whole && at(features, Feature::tokens_meant) < nearly_whole &&
        covered.names > nearly_whole && !differ_in_middle(source_, left, target_, right, words_);
    at(features, Feature::exact_table_name) =
        by_words || qualified_.are_same_phrase(left, right) ? 1.0F : 0.0F;
  }

  const Side& source_;
  const Side& target_;
  const Combination& combination_;
  const ScoreOptions& options_;
  TermSimilarities words_;
  QualifiedCovers qualified_;
  SparseAlignment grams_, skeletons_, comments_, documents_;
  std::vector<std::uint32_t> order_, by_order_;  // of a target column its place, and back
  std::vector<float> table_names_;
  std::vector<Overlapping> overlaps_;
  ColumnsOfWords columns_of_words_;  // of the target
  KindsOfColumns kinds_;             // of the target
  // Of one source column, by target column and by the target's words.
  std::vector<float> gram_row_, skeleton_row_, comment_row_, document_row_, overlap_row_,
      table_row_, rough_row_;
  std::vector<Cover> meant_row_;
  std::vector<float> mean_row_, larger_row_;  // of meant_row_
  std::vector<std::uint8_t> by_phrases_row_;
  std::vector<std::uint32_t> meant_columns_;  // those with a cover
  BestWords spelled_, read_, meant_, phrases_;
  std::vector<std::uint64_t> choice_;  // falling_key() of every target column
  std::vector<Kept> kept_, best_of_target_;
  std::vector<float> least_of_target_;  // rough score of the last one in best_of_target_
};

}  // namespace

ScoreTable score(const Side& source, const Side& target, const Lexicon& lexicon,
                 const Combination& combination, const ScoreOptions& options,
                 std::stop_token stop) {
  if (source.columns.empty() || target.columns.empty()) {
    ScoreTable empty;
    empty.begin.assign(source.columns.size() + 1, 0);
    return empty;
  }
  return Scoring{source, target, lexicon, combination, options}.run(stop);
}

}  // namespace mapctl::matching
