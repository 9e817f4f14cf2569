// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/catalog/table.hpp"
#include "core/matching/columns/sparse_index.hpp"
#include "core/matching/words/address_words.hpp"
#include "core/matching/words/lexicon.hpp"
#include "core/matching/words/roles.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace mapctl::matching {

// Texts that stay where they are.
class TextArena {
 public:
  std::string_view store(std::string_view text);

 private:
  std::vector<std::unique_ptr<char[]>> chunks_;
  std::size_t used_ = 0, size_ = 0;
};

// A distinct word of one side.
struct Term {
  std::string_view text{};
  std::uint64_t hash = 0;                     // of the stem: equal for singular and plural
  std::uint64_t group_bits = 0;               // which synonym groups it may be in; 0: in none
  std::span<const ContrastSide> contrasts{};  // in the lexicon
  WordId word = 0;
  float weight = 1;  // what it says times its rarity on this side
  std::uint32_t alternatives = 0, alternative_count = 0;  // other readings of an abbreviation
  std::string_view written{};  // the abbreviation itself where it has several readings
  bool number = false;
};

struct TermRange {
  std::uint32_t begin = 0, count = 0;
  float weight = 0;  // sum of the terms' weights
};

enum class KeyRole : std::uint8_t { none, unique, foreign, primary };

// What a column may be, coarser than its type.
enum class TypeClass : std::uint8_t {
  unknown,
  text,
  code,
  integer,
  decimal,
  boolean,
  date,
  time,
  timestamp,
  binary,
  structured,
  record  // of fields that are listed as a table of its own
};
// What tells that a column says which thing a row is about; or it is a "former name", or the title
// of a person.
enum class SubjectKind : std::uint8_t { none, by_name, by_table, by_values, other_name, title };
inline bool is_subject(SubjectKind kind) noexcept {
  return kind == SubjectKind::by_name || kind == SubjectKind::by_table ||
         kind == SubjectKind::by_values;
}
// What the values of a column are that has no name of its own.
enum class ValueMeaning : std::uint8_t {
  none,
  email,
  phone,
  url,
  date,
  year,
  month,
  weekday,
  country,
  state,
  currency,
  gender,
  percentage,
};
// What systems keep whole or in parts.
enum class Composition : std::uint8_t { none, name, part_of_name, address, part_of_address };
inline constexpr std::size_t value_bins = 128;

// What values of a column look like, for columns with statistics.
struct ValueFeatures {
  std::array<float, 32> patterns{};       // shares by ValuePattern
  std::array<float, value_bins> grams{};  // hashed trigrams of some values, unit length
  bool has_grams = false;
  bool has_sketch = false;     // so that shared values are known
  float shape[3] = {0, 0, 0};  // log average length, distinct share, null share
  // How often values come again: 1 less the distinct share. 0 for one value only, which may be
  // another one in the next extract, and for a handful of rows.
  float repeated = 0;
  std::uint32_t vocabularies = 0;  // by vocabularies_of()
};

// What is left of a name without its vowels.
struct Consonants {
  std::uint64_t hash = 0;  // 0: fewer than two letters are left
  std::uint32_t count = 0;
  bool vowel_free = false;  // the name is written without any
};

struct ColumnFeatures {
  const catalog::Column* column = nullptr;
  std::uint32_t table = 0;      // index in Side::tables
  std::uint64_t full_hash = 0;  // letters and digits of the name, folded
  std::uint64_t core_hash = 0;  // ... without affixes and the table's common prefix
  std::string_view core{};      // what core_hash is of
  Consonants full_consonants{}, core_consonants{};
  TermRange raw{}, expanded{}, phrases{};  // in Side::lists; phrases empty when there are none
  TermRange referred{};       // in Side::lists: the record whose part it is, by references.hpp
  TermRange comment{};        // in Side::comment_words, ascending
  TermRange spoken{};         // in Side::spoken_words, ascending: of values that are running text
  std::uint32_t head = 0;     // last term of `expanded` that is no number; lists may be empty
  std::uint64_t numbers = 0;  // hash of the digits in the name; 0: none
  std::uint64_t contrast_bits = 0;  // which contrasts its words may be on a side of
  TypeClass type = TypeClass::unknown;
  NameRole role = NameRole::none;
  AddressPart address_part = AddressPart::none;  // where the role is a place
  ValueKind kind = ValueKind::unknown;
  KeyRole key = KeyRole::none;
  KeyRole named_key = KeyRole::none;  // where the table declares none: by the name
  std::int32_t values = -1;           // in Side::values; negative without statistics
  std::uint8_t prefix_words = 0;      // leading words of `raw` that the whole table shares
  bool measurable = false;            // quantiles are there
  std::uint16_t convention = 0;       // what it is in its field of business: Lexicon::meaning()
  std::uint16_t about = 0;            // ... and of which kind of record; mostly its table's
  bool spelled_out = false;           // its words are those of its description
  bool in_other_terms = false;        // `convention` holds loosely
  bool abbreviated = false;           // an abbreviation or foreign word was replaced
  bool read_by_table = false;         // a word was read by its table's name
  bool in_full_words = false;         // of words none of which is cut short
  bool key_by_values = false;         // `named_key` is what values say
  SubjectKind subject = SubjectKind::none;
  float subject_strength = 0;                     // 0..1
  ValueMeaning values_mean = ValueMeaning::none;  // where its name says nothing
  Composition composition = Composition::none;
  // Two columns of its side that it is the product of, row by row; equal where it is none.
  std::array<std::uint32_t, 2> factors{};

  // Nothing was cut or replaced: `raw` and `expanded` are one list.
  bool is_read_as_written() const noexcept {
    return raw.begin == expanded.begin && raw.count == expanded.count;
  }
};

struct TableFeatures {
  catalog::TableRef ref{};
  const catalog::Table* table = nullptr;
  std::uint32_t first_column = 0, column_count = 0;
  TermRange name{};                  // in Side::lists
  std::vector<float> name_shares{};  // of each word: an abbreviation's words share its weight
  std::uint64_t name_hash = 0;
  std::uint16_t convention = 0;
  std::uint16_t described = 0;         // a second kind, by its description; 0: none
  std::uint32_t subject = UINT32_MAX;  // the column that says what a row is about; else no column
};

// One or several tables cut into words and indexed. Immutable once built.
struct Side {
  std::vector<TableFeatures> tables{};
  std::vector<ColumnFeatures> columns{};
  std::vector<Term> terms{};
  std::vector<std::uint32_t> lists{};         // term numbers
  std::vector<std::uint64_t> alternatives{};  // stem hashes
  std::vector<std::pair<std::uint64_t, float>> comment_words{};
  std::vector<std::uint64_t> spoken_words{};
  SparseIndex grams{}, skeletons{}, comments{}, documents{};
  std::vector<ValueFeatures> values{};
  std::vector<std::pair<std::uint64_t, std::uint32_t>> sketches{};  // hash, column; ascending
  TextArena arena{};
  bool has_silent_names = false;  // some column has ColumnFeatures::values_mean
  std::uint64_t domains = 0;      // fields of business that its words hint at

  std::span<const std::uint32_t> list(const TermRange& range) const noexcept {
    return {lists.data() + range.begin, range.count};
  }
  // Whether any of these words is among those of the range.
  bool has_word(const TermRange& range,
                std::initializer_list<std::string_view> words) const noexcept;
};

// Of columns whose tables declare no keys.
using InferredKeys = std::unordered_map<const catalog::Column*, KeyRole>;

std::unique_ptr<const Side> build_side(const std::vector<catalog::Catalog::Entry>& tables,
                                       const Lexicon& lexicon, const InferredKeys& keys = {});

// A catalog whose tables are made ready when first asked for; safe from several threads.
class Prepared {
 public:
  Prepared(std::shared_ptr<const catalog::Catalog> catalog, std::shared_ptr<const Lexicon> lexicon);

  const catalog::Catalog& catalog() const noexcept { return *catalog_; }
  const std::vector<catalog::Catalog::Entry>& tables() const noexcept { return tables_; }
  // Throws Error::not_found, naming the nearest table.
  const Side& table(const catalog::TableRef& ref) const;
  const Side& table(std::size_t index) const;
  // All tables as one side, with the rarity of words counted over all of them.
  const Side& whole() const;

 private:
  struct Slot {
    std::once_flag once{};
    std::unique_ptr<const Side> side{};
  };
  const Side& built(Slot& slot, std::vector<catalog::Catalog::Entry> tables) const;

  std::shared_ptr<const catalog::Catalog> catalog_;
  std::shared_ptr<const Lexicon> lexicon_;
  std::vector<catalog::Catalog::Entry> tables_;
  std::map<catalog::TableRef, std::size_t> index_;
  std::unique_ptr<Slot[]> slots_;  // one a table, and one for all
  mutable std::once_flag keys_once_{};
  mutable InferredKeys keys_{};
};

}  // namespace mapctl::matching
