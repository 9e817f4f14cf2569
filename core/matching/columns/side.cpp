// SPDX-License-Identifier: Apache-2.0
#include "core/base/ascii.hpp"
#include "core/base/hash.hpp"
#include "core/matching/columns/column_facts.hpp"
#include "core/matching/columns/contraction.hpp"
#include "core/matching/columns/conventions.hpp"
#include "core/matching/columns/mentions.hpp"
#include "core/matching/columns/named_keys.hpp"
#include "core/matching/columns/prepared.hpp"
#include "core/matching/columns/products.hpp"
#include "core/matching/columns/reading.hpp"
#include "core/matching/columns/subjects.hpp"
#include "core/matching/columns/table_words.hpp"
#include "core/matching/columns/value_meanings.hpp"
#include "core/matching/columns/wholes.hpp"
#include "core/matching/values/column_vocabularies.hpp"
#include "core/matching/words/letter_prefix.hpp"
#include "core/matching/words/tokenizer.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <span>
#include <string_view>
#include <unordered_set>

namespace mapctl::matching {
namespace {

constexpr std::size_t chunk_size = 16 * 1024;

// A number in a name tells siblings apart but says nothing about what they are.
constexpr float number_weight = 0.5F;
constexpr float least_of_last_word = 0.5F;
// Even a word that every column has counts a little.
constexpr float least_rarity = 0.12F;
// A prefix is a table's own when this share of its columns begins with it.
constexpr double common_prefix_share = 0.7;
constexpr std::size_t fewest_columns_for_prefix = 4;

constexpr float table_word_weight = 0.6F;  // of words beside those of the column's name
constexpr float comment_word_weight = 0.6F;
// Shorter ones, such as "no" and "via", may be made of other words.
constexpr std::size_t shortest_full_word = 4;
constexpr float qualifying_word_weight = 0.4F;

class SideBuilder {
 public:
  SideBuilder(Side& side, const Lexicon& lexicon, const InferredKeys& keys)
      : side_{side}, lexicon_{lexicon}, inferred_{keys}, tokenizer_{lexicon} {}

  void add_table(const catalog::Catalog::Entry& entry) {
    const auto number = static_cast<std::uint32_t>(side_.tables.size());
    auto& table = side_.tables.emplace_back();
    table.ref = entry.ref;
    table.table = entry.table;
    table.first_column = static_cast<std::uint32_t>(side_.columns.size());
    table.column_count = static_cast<std::uint32_t>(entry.table->columns.size());
    NameReading name;
    tokenizer_.read(entry.table->name.text, name);
    if (says_nothing(name)) {
      name.expanded.clear();
    }
    table.name = add_list(name.expanded);
    for (const auto& piece : name.expanded) {
      const auto together =
          piece.written == 0
              ? 1
              : std::count_if(name.expanded.begin(), name.expanded.end(),
                              [&](const Piece& other) { return other.written == piece.written; });
      table.name_shares.push_back((piece.word == 0 ? 1.0F : lexicon_.weight(piece.word)) /
                                  static_cast<float>(together));
    }
    table.name_hash = fast_hash(name.buffer);

    if (readings_.size() < entry.table->columns.size()) {
      readings_.resize(entry.table->columns.size());
    }
    const std::span<NameReading> readings{readings_.data(), entry.table->columns.size()};
    for (std::size_t at = 0; at < readings.size(); ++at) {
      tokenizer_.read(entry.table->columns[at].name.text, readings[at]);
    }
    keep_apart(*entry.table);
    part_letter_prefix(name, readings, tokenizer_);
    read_by_table(name, readings, tokenizer_);
    read_names_of_persons(entry.table->columns, readings, tokenizer_);
    read_numbers_of_records(name, entry.table->columns, readings, tokenizer_);
    read_mail_as_post(readings, tokenizer_);
    read_states_of_addresses(readings, lexicon_);
    read_phrases_with_table(name, readings, lexicon_);
    for (NameReading& reading : readings) {
      mark_what_qualifies(reading, lexicon_);
    }
    const auto common = common_prefix(readings.size());
    const bool whole = common.words > 0 && repeats_name(name, readings, common);
    for (std::size_t at = 0; at < readings.size(); ++at) {
      const bool shares = whole
                              ? begins_as(readings[at].raw, name, name.raw.size())
                              : shares_prefix(readings[common.leader], readings[at], common.words);
      const std::size_t skip = !shares ? 0 : whole ? name.raw.size() : common.words;
      add_column(entry.table->columns[at], *entry.table, readings[at], skip, number);
    }
  }

  void finish() {
    tell_records();
    read_conventions(side_, lexicon_);
    find_subjects(side_);
    find_value_meanings(side_);
    find_wholes(side_);
    find_products(side_);
    weigh_terms();
    const auto count = side_.columns.size();
    side_.grams = SparseIndex::build_grams(std::move(grams_), count);
    side_.skeletons = SparseIndex::build_grams(std::move(skeletons_), count);
    side_.comments = SparseIndex::build(std::move(comments_), count);
    side_.documents = SparseIndex::build(std::move(documents_), count);
    std::sort(side_.sketches.begin(), side_.sketches.end());
  }

 private:
  // "bill_to" of table "order" is a record where a table "order.bill_to" lists its fields.
  void tell_records() {
    if (side_.tables.size() < 2) {
      return;
    }
    std::unordered_set<std::string_view> tables;
    for (const auto& table : side_.tables) {
      tables.insert(table.ref.table.text);
    }
    std::string path;
    for (auto& column : side_.columns) {
      if (column.type == TypeClass::structured || column.type == TypeClass::unknown) {
        path = side_.tables[column.table].ref.table.text;
        path += path.empty() ? "" : ".";
        path += column.column->name.text;
        column.type = tables.contains(path) ? TypeClass::record : column.type;
      }
    }
  }

  // "source", "data", "export_1": named for the part it plays, not for what it holds.
  static bool says_nothing(const NameReading& name) {
    static constexpr std::string_view parts[] = {"source", "target", "data",   "table", "input",
                                                 "output", "import", "export", "sheet", "file"};
    return std::all_of(name.expanded.begin(), name.expanded.end(), [](const Piece& piece) {
      return std::find(std::begin(parts), std::end(parts), piece.text) != std::end(parts) ||
             (!piece.text.empty() && piece.text.front() >= '0' && piece.text.front() <= '9');
    });
  }

  // "src_assay_id" keeps its prefix where the table has an "assay_id" too.
  void keep_apart(const catalog::Table& table) {
    beginnings_.clear();
    for (std::size_t at = 0; at < table.columns.size(); ++at) {
      beginnings_.emplace_back(fast_hash(readings_[at].buffer), at);
    }
    std::sort(beginnings_.begin(), beginnings_.end());
    for (std::size_t at = 0; at < beginnings_.size(); ++at) {
      const auto same = [&](std::size_t other) {
        return other < beginnings_.size() && beginnings_[other].first == beginnings_[at].first;
      };
      if (same(at + 1) || (at > 0 && same(at - 1))) {
        const auto number = beginnings_[at].second;
        tokenizer_.read(table.columns[number].name.text, readings_[number], true);
      }
    }
  }

  // Leading words of nearly all columns' names, and a column that begins with them.
  struct CommonPrefix {
    std::size_t words = 0, leader = 0;
  };

  // How many leading words nearly all columns share: "film_title", "film_year" ... have one. A name
  // must keep a word of its own. The commonest beginning is sought, so that the order of columns
  // does not matter.
  CommonPrefix common_prefix(std::size_t count) {
    constexpr std::size_t most = 3;
    CommonPrefix common;
    if (count < fewest_columns_for_prefix) {
      return common;
    }
    for (std::size_t words = 1; words <= most; ++words) {
      beginnings_.clear();
      for (std::size_t at = 0; at < count; ++at) {
        const auto& raw = readings_[at].raw;
        if (raw.size() > words) {
          std::uint64_t hash = 0;
          for (std::size_t word = 0; word < words; ++word) {
            hash = fast_hash(raw[word].text, hash);
          }
          beginnings_.emplace_back(hash, at);
        }
      }
      std::sort(beginnings_.begin(), beginnings_.end());
      std::size_t best = 0;
      std::size_t leader = 0;
      for (std::size_t at = 0; at < beginnings_.size();) {
        std::size_t end = at;
        while (end < beginnings_.size() && beginnings_[end].first == beginnings_[at].first) {
          ++end;
        }
        if (end - at > best) {
          best = end - at;
          leader = beginnings_[at].second;
        }
        at = end;
      }
      if (static_cast<double>(best) < common_prefix_share * static_cast<double>(count)) {
        break;
      }
      common = {words, leader};
    }
    return common;
  }

  // Whether a name's first words are the `count` first of the table's.
  static bool begins_as(const std::vector<Piece>& name, const NameReading& table,
                        std::size_t count) {
    return name.size() > count &&
           std::equal(name.begin(), name.begin() + static_cast<std::ptrdiff_t>(count),
                      table.raw.begin(), [](const Piece& one, const Piece& other) {
                        return stem_hash(one.text) == stem_hash(other.text);
                      });
  }

  // Whether what the columns share is only the beginning of the table's name, which some of them
  // have in whole: "credit_note_line_item_id" is the line item's own, "credit_note_id" another's.
  bool repeats_name(const NameReading& table, std::span<const NameReading> columns,
                    const CommonPrefix& common) const {
    return table.raw.size() > common.words &&
           begins_as(columns[common.leader].raw, table, common.words) &&
           std::any_of(columns.begin(), columns.end(), [&](const NameReading& column) {
             return begins_as(column.raw, table, table.raw.size());
           });
  }

  static bool shares_prefix(const NameReading& a, const NameReading& b, std::size_t words) {
    if (words == 0 || a.raw.size() <= words || b.raw.size() <= words) {
      return false;
    }
    for (std::size_t at = 0; at < words; ++at) {
      if (a.raw[at].text != b.raw[at].text) {
        return false;
      }
    }
    return true;
  }

  void add_column(const catalog::Column& column, const catalog::Table& table,
                  const NameReading& reading, std::size_t skip, std::uint32_t table_number) {
    const auto number = static_cast<std::uint32_t>(side_.columns.size());
    auto& features = side_.columns.emplace_back();
    features.column = &column;
    features.table = table_number;
    features.full_hash = fast_hash(reading.buffer);
    features.prefix_words = static_cast<std::uint8_t>(skip);
    std::size_t from = 0;
    for (std::size_t at = 0; at < skip; ++at) {
      from += reading.raw[at].text.size();
    }
    features.core = side_.arena.store(std::string_view{reading.buffer}.substr(from));
    features.core_hash = fast_hash(features.core);
    features.full_consonants = consonants_of(reading.buffer);
    features.core_consonants = skip == 0 ? features.full_consonants : consonants_of(features.core);
    features.raw = add_list(reading.raw);
    features.spelled_out = read_description(column.comment, reading, lexicon_, spelled_);
    const NameReading& meant = features.spelled_out ? spelled_ : reading;
    features.expanded = std::equal(meant.expanded.begin(), meant.expanded.end(),
                                   reading.raw.begin(), reading.raw.end(), is_same)
                            ? features.raw
                            : add_list(meant.expanded);
    features.phrases = meant.phrases.empty() ? TermRange{} : add_list(meant.phrases);
    if (features.raw.count > 1) {
      // No article ends a name: "assays_DI" is not the assays'.
      auto& last = side_.terms[side_.list(features.raw).back()];
      last.weight = last.weight == 0 ? least_of_last_word : last.weight;
    }
    if (const auto referred = referred_name(column.name.text); !referred.empty()) {
      NameReading record;
      tokenizer_.read(referred, record);
      features.referred = add_list(record.expanded);
    }
    features.in_full_words =
        (reading.raw.size() > 1 || reading.buffer.size() >= shortest_full_word) &&
        std::all_of(reading.raw.begin(), reading.raw.end(), [&](const Piece& piece) {
          return piece.word != 0 && lexicon_.is_word(piece.word);
        });
    features.abbreviated = features.spelled_out;
    for (const auto& piece : meant.expanded) {
      features.abbreviated |= piece.origin == PieceOrigin::abbreviation ||
                              piece.origin == PieceOrigin::translation ||
                              piece.origin == PieceOrigin::of_table;
      features.read_by_table |= piece.origin == PieceOrigin::of_table;
    }
    const auto words = side_.list(features.expanded);
    for (const auto term : words) {
      for (const ContrastSide& side : side_.terms[term].contrasts) {
        features.contrast_bits |= std::uint64_t{1} << (side.contrast % 64U);
      }
      if (side_.terms[term].number) {
        features.numbers = features.numbers * 31 + side_.terms[term].hash;
      }
    }
    if (const auto count = words_to_head(meant, lexicon_); count > 0) {
      features.head = words[count - 1];
    }
    features.type = class_of(column);
    features.role = role_of(meant, lexicon_);
    if (features.role == NameRole::place) {
      features.address_part = address_part_of(meant);
    }
    features.key = key_of(table, column);
    if (features.key == KeyRole::none && table.primary_key.empty() && table.foreign_keys.empty()) {
      features.named_key = key_by_name(side_, features);
    }
    if (const auto found = inferred_.find(&column); found != inferred_.end()) {
      features.key = KeyRole::none;
      features.named_key = found->second;
      features.key_by_values = true;
    }

    add_letters(features.core, number, grams_);
    skeleton_.clear();
    for (std::size_t at = skip; at < reading.raw.size(); ++at) {
      const auto text = reading.raw[at].text;
      for (std::size_t letter = 0; letter < text.size(); ++letter) {
        // A "y" that does not begin a word is dropped with the vowels: "cntr" is a country.
        if (letter == 0 || !(is_vowel(text[letter]) || text[letter] == 'y')) {
          skeleton_ += text[letter];
        }
      }
    }
    add_letters(skeleton_, number, skeletons_);
    add_comment(column.comment, features, number);
    add_document(features, side_.tables[table_number], number);
    if (column.statistics && column.statistics->rows > 0) {
      features.kind = value_kind_of(*column.statistics);
      if (column.statistics->distinct > 0) {  // an empty column says nothing about its values
        add_values(*column.statistics, features, number);
      }
    }
  }

  void add_comment(std::string_view comment, ColumnFeatures& features, std::uint32_t number) {
    const auto begin = side_.comment_words.size();
    tokenizer_.each_text_word(comment, [&](std::string_view word, WordId, float weight) {
      side_.comment_words.emplace_back(stem_hash(word), weight);
    });
    const auto first = side_.comment_words.begin() + static_cast<std::ptrdiff_t>(begin);
    std::sort(first, side_.comment_words.end());
    side_.comment_words.erase(
        std::unique(first, side_.comment_words.end(),
                    [](const auto& a, const auto& b) { return a.first == b.first; }),
        side_.comment_words.end());
    features.comment = {static_cast<std::uint32_t>(begin),
                        static_cast<std::uint32_t>(side_.comment_words.size() - begin), 0};
    for (auto at = begin; at < side_.comment_words.size(); ++at) {
      const auto& [hash, weight] = side_.comment_words[at];
      features.comment.weight += weight;
      comments_.push_back({static_cast<std::uint32_t>(hash >> 32U), number, weight});
    }
  }

  void add_document(const ColumnFeatures& features, const TableFeatures& table,
                    std::uint32_t number) {
    const auto add = [&](std::uint64_t hash, float weight) {
      documents_.push_back({static_cast<std::uint32_t>(hash >> 32U), number, weight});
    };
    for (const auto term : side_.list(features.expanded)) {
      add(side_.terms[term].hash, side_.terms[term].weight);
    }
    for (const auto term : side_.list(table.name)) {
      add(side_.terms[term].hash, table_word_weight * side_.terms[term].weight);
    }
    for (std::uint32_t at = 0; at < features.comment.count; ++at) {
      const auto& [hash, weight] = side_.comment_words[features.comment.begin + at];
      add(hash, comment_word_weight * weight);
    }
  }

  void add_values(const catalog::ColumnStatistics& statistics, ColumnFeatures& features,
                  std::uint32_t number) {
    features.values = static_cast<std::int32_t>(side_.values.size());
    side_.values.push_back(value_features_of(statistics));
    side_.values.back().vocabularies = vocabularies_of(*features.column);
    features.measurable = statistics.quantiles.size() >= 3;
    const auto spoken = words_of_values(statistics, features.kind, tokenizer_);
    features.spoken = {static_cast<std::uint32_t>(side_.spoken_words.size()),
                       static_cast<std::uint32_t>(spoken.size()), 0};
    side_.spoken_words.insert(side_.spoken_words.end(), spoken.begin(), spoken.end());
    for (const auto hash : statistics.sketch) {
      side_.sketches.emplace_back(hash, number);
    }
  }

  // Of pieces that were read together: whether one was taken over from the other.
  static bool is_same(const Piece& one, const Piece& other) noexcept {
    return one.text.data() == other.text.data() && one.text.size() == other.text.size() &&
           one.word == other.word && one.written == other.written &&
           one.qualifies == other.qualifies;
  }

  TermRange add_list(const std::vector<Piece>& pieces) {
    TermRange range{static_cast<std::uint32_t>(side_.lists.size()),
                    static_cast<std::uint32_t>(pieces.size()), 0};
    for (const auto& piece : pieces) {
      side_.lists.push_back(intern(piece));
    }
    return range;
  }

  std::uint32_t intern(const Piece& piece) {
    const auto hash = stem_hash(piece.text);
    const bool ambiguous = piece.written != 0 && lexicon_.expansion_count(piece.written) > 1;
    const auto key = hash ^ (ambiguous ? piece.written * 0x9E3779B97F4A7C15ULL : 0) ^
                     (piece.qualifies ? 0xC2B2AE3D27D4EB4FULL : 0);
    if ((side_.terms.size() + 1) * 2 > slots_.size()) {
      grow();
    }
    auto& slot = slot_of(key);
    if (slot != 0) {
      // Of a word and its plural, what is known of words is said of the former.
      auto& known = side_.terms[slot - 1];
      if (piece.text.size() < known.text.size()) {
        known.text = side_.arena.store(piece.text);
      }
      return slot - 1;
    }
    const auto number = static_cast<std::uint32_t>(side_.terms.size());
    slot = number + 1;
    keys_.push_back(key);
    auto& term = side_.terms.emplace_back();
    term.text = side_.arena.store(piece.text);
    term.hash = hash;
    term.word = piece.word;
    term.contrasts = lexicon_.contrasts(piece.word);
    if (stem_length(piece.text) < piece.text.size()) {
      // The singular is what the lexicon lists more often.
      const WordId singular = lexicon_.find(singular_of(piece.text));
      if (!lexicon_.groups(singular).empty() && lexicon_.groups(term.word).empty()) {
        term.word = singular;
      }
      if (term.contrasts.empty()) {
        term.contrasts = lexicon_.contrasts(singular);
      }
    }
    if (term.word != 0) {
      term.weight = lexicon_.weight(term.word);
      for (const auto& membership : lexicon_.groups(term.word)) {
        term.group_bits |= std::uint64_t{1} << (membership.group % 64U);
      }
    }
    term.weight *= piece.qualifies ? qualifying_word_weight : 1.0F;
    term.number = !piece.text.empty() && piece.text.front() >= '0' && piece.text.front() <= '9';
    if (ambiguous) {
      term.written = lexicon_.text(piece.written);
      term.alternatives = static_cast<std::uint32_t>(side_.alternatives.size());
      side_.alternatives.push_back(stem_hash(lexicon_.text(piece.written)));
      for (std::size_t at = 1; at < lexicon_.expansion_count(piece.written); ++at) {
        const auto words = lexicon_.expansion(piece.written, at);
        if (words.size() == 1) {
          side_.alternatives.push_back(stem_hash(lexicon_.text(words.front())));
        }
      }
      term.alternative_count =
          static_cast<std::uint32_t>(side_.alternatives.size()) - term.alternatives;
    }
    return number;
  }

  std::uint32_t& slot_of(std::uint64_t key) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = (key ^ (key >> 32U)) & mask;
    while (slots_[at] != 0 && keys_[slots_[at] - 1] != key) {
      at = (at + 1) & mask;
    }
    return slots_[at];
  }

  void grow() {
    slots_.assign(slots_.empty() ? 256 : slots_.size() * 2, 0);
    for (std::uint32_t number = 0; number < keys_.size(); ++number) {
      slot_of(keys_[number]) = number + 1;
    }
  }

  // Rarity over the columns of this side: what nearly all of them have (the table's name as prefix,
  // say) tells little.
  void weigh_terms() {
    std::vector<std::uint32_t> columns_with(side_.terms.size(), 0);
    std::vector<std::uint32_t> seen(side_.terms.size(), 0);
    for (std::uint32_t number = 0; number < side_.columns.size(); ++number) {
      const auto& column = side_.columns[number];
      for (const auto* range : {&column.raw, &column.expanded, &column.phrases}) {
        for (const auto term : side_.list(*range)) {
          if (seen[term] != number + 1) {
            seen[term] = number + 1;
            ++columns_with[term];
          }
        }
      }
    }
    const auto count = static_cast<double>(side_.columns.size());
    for (std::size_t at = 0; at < side_.terms.size(); ++at) {
      auto& term = side_.terms[at];
      const auto with = static_cast<double>(std::max(columns_with[at], 1U));
      const auto rarity = static_cast<float>(std::log((count + 1) / with) / std::log(count + 1));
      term.weight *= std::max(rarity, least_rarity) * (term.number ? number_weight : 1.0F);
    }
    const auto weigh = [&](TermRange& range) {
      for (const auto term : side_.list(range)) {
        range.weight += side_.terms[term].weight;
      }
    };
    for (auto& column : side_.columns) {
      weigh(column.raw);
      weigh(column.expanded);
      weigh(column.phrases);
    }
    for (auto& table : side_.tables) {
      weigh(table.name);
    }
  }

  // Their many small buffers outlast a builder: a batch builds a side for each table.
  static std::vector<NameReading>& readings_of_thread() {
    thread_local std::vector<NameReading> readings;
    return readings;
  }

  Side& side_;
  const Lexicon& lexicon_;
  const InferredKeys& inferred_;
  Tokenizer tokenizer_;
  std::vector<NameReading>& readings_ = readings_of_thread();  // of one table, reused by the next
  std::vector<std::pair<std::uint64_t, std::size_t>> beginnings_;
  std::vector<SparseIndex::Occurrence> grams_, skeletons_, comments_, documents_;
  std::string skeleton_;
  NameReading spelled_;
  std::vector<std::uint64_t> keys_;   // of terms
  std::vector<std::uint32_t> slots_;  // open addressing, term number + 1
};

}  // namespace

std::string_view TextArena::store(std::string_view text) {
  if (text.empty()) {
    return {};
  }
  if (chunks_.empty() || used_ + text.size() > size_) {
    size_ = std::max(chunk_size, text.size());
    chunks_.push_back(std::make_unique_for_overwrite<char[]>(size_));
    used_ = 0;
  }
  char* const place = chunks_.back().get() + used_;
  std::memcpy(place, text.data(), text.size());
  used_ += text.size();
  return {place, text.size()};
}

std::unique_ptr<const Side> build_side(const std::vector<catalog::Catalog::Entry>& tables,
                                       const Lexicon& lexicon, const InferredKeys& keys) {
  auto side = std::make_unique<Side>();
  std::size_t columns = 0;
  for (const auto& entry : tables) {
    columns += entry.table->columns.size();
  }
  side->tables.reserve(tables.size());
  side->columns.reserve(columns);
  side->lists.reserve(columns * 6);
  SideBuilder builder{*side, lexicon, keys};
  for (const auto& entry : tables) {
    builder.add_table(entry);
  }
  builder.finish();
  return side;
}

}  // namespace mapctl::matching
