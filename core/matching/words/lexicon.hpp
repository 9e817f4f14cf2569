// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/words/roles.hpp"
#include "core/matching/words/vowel_free_words.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::matching {

// Number of a word or phrase ("job title") that the lexicon knows; 0 is "not known".
using WordId = std::uint32_t;

// One membership in a synonym group.
struct GroupMembership {
  std::uint32_t group = 0;
  float weight = 1;  // 1: interchangeable; less: looser
};

// One of the sides of a contrast: "start" of start and end.
struct ContrastSide {
  std::uint16_t contrast = 0, side = 0;
  bool of_tables = false;  // of what tables are called, not columns
};

// What tables and columns of one field of business are, beyond their words: "encounter_id" of a
// clinical system is the key of a visit, whatever the table.
struct Convention {
  std::size_t domain = 0;  // index in Lexicon::domains()
  bool of_table = false;
  bool exactly = false;                // the name has no other words
  bool loosely = false;                // such a column holds it in other terms
  std::uint16_t meaning = 0;           // number of a name; equal for equal names
  std::uint16_t table = 0;             // only in tables of that meaning; 0: in all
  std::vector<std::uint64_t> words{};  // stems, ascending
};

// What the matcher knows about words: profiles/lexicon/README.md describes the files. Immutable
// after load() and safe to use from several threads. Texts are views into the files as read, so
// loading costs no allocation per line.
class Lexicon : public std::enable_shared_from_this<Lexicon> {
 public:
  // Reads the *.tsv files of each folder; later folders extend the earlier ones. A folder or file
  // that does not exist is passed over. Throws Error::configuration naming file and line.
  static std::shared_ptr<const Lexicon> load(std::span<const std::filesystem::path> folders);

  WordId find(std::string_view text) const noexcept;
  std::string_view text(WordId word) const noexcept { return words_[word].text(); }
  std::size_t size() const noexcept { return words_.size() - 1; }
  // Of all that was read; another lexicon may give other proposals.
  std::uint64_t fingerprint() const noexcept { return fingerprint_; }

  // 0 for a word that says nothing, 1 for an ordinary one.
  float weight(WordId word) const noexcept { return links_[word].weight; }
  // Stands in the lexicon as a word, not only as an abbreviation or a foreign word.
  bool is_word(WordId word) const noexcept { return words_[word].genuine; }
  bool starts_phrase(WordId word) const noexcept { return words_[word].starts_phrase; }
  // Whether one begins with these two words; true for a few others, too.
  bool begins_phrase(WordId first, WordId second) const noexcept {
    const auto bit = phrase_bit(first, second);
    return (phrase_beginnings_[bit / 64] >> (bit % 64) & 1U) != 0;
  }

  // What an abbreviation may mean, likeliest first; each is a sequence of words.
  std::size_t expansion_count(WordId word) const noexcept {
    return links_[word + 1].first_expansion - links_[word].first_expansion;
  }
  std::span<const WordId> expansion(WordId word, std::size_t index) const noexcept;
  // English of a foreign word; empty when there is none.
  std::span<const WordId> translation(WordId word) const noexcept;
  bool starts_translation(WordId word) const noexcept { return words_[word].starts_translation; }
  // The one word that may have been shortened to these letters by dropping its vowels; or 0.
  WordId without_vowels(std::string_view letters) const;
  // By group, ascending: those that the files list, and behind them those joined of two that have a
  // word in common.
  std::span<const GroupMembership> groups(WordId word) const noexcept;
  std::span<const GroupMembership> listed_groups(WordId word) const noexcept;

  // The contrasts that the word is on a side of, ascending.
  std::span<const ContrastSide> contrasts(WordId word) const noexcept;

  // Length of the affix that `name` (lower case) begins or ends with, longest first; 0 for none.
  std::size_t prefix_length(std::string_view name) const noexcept;
  std::size_t suffix_length(std::string_view name) const noexcept;

  // Fields of business, by number; a word hints at a set of them, as bits.
  std::span<const std::string_view> domains() const noexcept { return domains_; }
  std::uint64_t domain_bits(WordId word) const noexcept {
    return domain_sets_[links_[word].domain_set];
  }
  // What a column holds whose name ends in the word.
  NameRole role(WordId word) const noexcept { return words_[word].role; }
  // In the order of the files.
  std::span<const Convention> conventions() const noexcept { return conventions_; }
  std::string_view meaning(std::uint16_t number) const noexcept { return meanings_[number]; }

 private:
  struct Range {
    std::uint32_t begin = 0, count = 0;
  };
  // What looking a word up reads. Tens of thousands are made at every start and found in no order,
  // so they are small.
  struct Word {
    const char* begin = nullptr;
    std::uint32_t size = 0;
    bool genuine : 1 = false;
    bool abbreviates : 1 = false;
    bool is_phrase : 1 = false;
    bool starts_phrase : 1 = false;
    bool starts_translation : 1 = false;
    NameRole role = NameRole::none;
    std::string_view text() const noexcept { return {begin, size}; }
  };
  // Of what a word may have several of: the first. They end where the next word's begin.
  struct Links {
    std::uint32_t first_expansion = 0;  // in expansions_
    std::uint32_t first_group = 0;      // in memberships_
    std::uint16_t first_contrast = 0;   // in contrasts_
    std::uint16_t domain_set = 0;       // in domain_sets_
    std::uint32_t translation = 0;      // in translations_
    float weight = 1;
  };
  // By their first letter, suffixes by their last; those of one letter longest first.
  struct Affixes {
    std::vector<std::string_view> texts{};
    std::array<Range, 256> of_letter{};
    void sort(char (*letter)(std::string_view));
    std::span<const std::string_view> of(char letter) const noexcept {
      const Range range = of_letter[static_cast<unsigned char>(letter)];
      return {texts.data() + range.begin, range.count};
    }
  };
  // What the place does not tell of the hash is compared before the texts.
  struct Slot {
    std::uint32_t rest_of_hash = 0;
    WordId word = 0;
  };
  struct Loader;

  static constexpr unsigned phrase_bits_log = 17;  // some eight bits a shipped phrase
  static std::size_t phrase_bit(WordId first, WordId second) noexcept {
    const std::uint64_t both = std::uint64_t{first} << 32U | second;
    return static_cast<std::size_t>(both * 0x9E37'79B9'7F4A'7C15U >> (64U - phrase_bits_log));
  }
  void set_begins_phrase(WordId first, WordId second) noexcept {
    const auto bit = phrase_bit(first, second);
    phrase_beginnings_[bit / 64] |= std::uint64_t{1} << (bit % 64);
  }

  Lexicon();
  // Where the word is, or belongs.
  std::size_t slot_of(std::string_view text, std::uint64_t hash) const noexcept;
  WordId intern(std::string_view text);
  std::span<const WordId> sequence(const Range& range) const noexcept;

  std::vector<std::unique_ptr<const std::string>> files_;  // and what was made of them
  std::uint64_t fingerprint_ = 0;
  std::vector<Word> words_;   // [0] stands for "not known"
  std::vector<Links> links_;  // of words_, and one behind them
  std::vector<Slot> slots_;   // open addressing, power of two
  std::vector<WordId> sequences_;
  std::vector<Range> expansions_;        // in sequences_
  std::vector<Range> translations_{{}};  // in sequences_; [0] is none
  std::vector<GroupMembership> memberships_;
  std::uint32_t last_listed_group_ = 0;
  std::vector<ContrastSide> contrasts_;
  std::vector<std::uint64_t> phrase_beginnings_ =
      std::vector<std::uint64_t>((1U << phrase_bits_log) / 64);
  mutable VowelFreeWords vowel_free_;  // filled when it is first asked
  mutable std::once_flag vowel_free_filled_;
  Affixes prefixes_, suffixes_;
  std::vector<std::string_view> domains_;
  std::vector<std::uint64_t> domain_sets_{0};  // [0] is the empty one
  std::vector<Convention> conventions_;
  std::vector<std::string_view> meanings_{{}};  // [0] stands for none
};

}  // namespace mapctl::matching
