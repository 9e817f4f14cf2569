// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/ascii.hpp"
#include "core/matching/words/lexicon.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::matching {

// How a word came to stand in a name.
enum class PieceOrigin : std::uint8_t {
  written,
  segmented,
  abbreviation,
  translation,
  phrase,
  of_table
};

struct Piece {
  std::string_view text{};  // into the reading's buffer or into the lexicon
  WordId word = 0;          // 0 when the lexicon does not know it
  PieceOrigin origin = PieceOrigin::written;
  WordId written = 0;      // of an expanded abbreviation: the abbreviation
  bool qualifies = false;  // stands in brackets behind the name, or after its "per" or "in"
};

// One name cut into words, three times over; `read` reuses its memory. The pieces point into the
// reading and the lexicon, so they live as long as the shorter of the two.
struct NameReading {
  std::string buffer{};           // folded letters and digits of the whole name, without affixes
  std::vector<Piece> raw{};       // words as written: "cust", "nbr", "2"
  std::vector<Piece> expanded{};  // glued words cut, abbreviations and foreign words replaced
  std::vector<Piece> phrases{};   // `expanded` with known phrases as one piece; empty if none
};

// Identifiers longer than this are read up to it only; nobody names a column so, but files do.
inline constexpr std::size_t longest_name = 256;

class Tokenizer {
 public:
  explicit Tokenizer(const Lexicon& lexicon) : lexicon_{lexicon} {}

  // Cuts at everything that is neither letter nor digit, at camelCase humps ("HTTPServer" is http,
  // server) and between letters and digits; folds case and diacritics; takes the lexicon's affixes
  // off, unless they are to be kept. A name of nothing but signs gives no piece.
  void read(std::string_view name, NameReading& reading, bool keep_affixes = false) const;

  // Words of the beginning of running text, folded as names are but not stemmed, without those that
  // say nothing.
  template <class Take>
  void each_text_word(std::string_view text, Take&& take) const;

  // Adds the piece as read: cut where it is glued, or what the abbreviation stands for.
  void expand(const Piece& piece, std::vector<Piece>& out) const;
  // Finds the phrases of `expanded`.
  void join_phrases(NameReading& reading) const;
  const Lexicon& lexicon() const noexcept { return lexicon_; }

 private:
  WordId known_word(std::string_view piece) const noexcept;
  void segment(std::string_view text, std::vector<Piece>& pieces) const;
  void cut_kind_of_file(std::string_view text, std::vector<Piece>& pieces) const;
  std::size_t take_cut_abbreviation(std::size_t at, NameReading& reading) const;
  std::size_t take_translation(std::size_t at, NameReading& reading) const;
  void take_meaning(WordId word, std::vector<Piece>& out) const;

  const Lexicon& lexicon_;
};

// Length of the word without its plural ending: "addresses" -> 7. Where the ending is "ies" the
// stem ends in "i" ("companies" -> "compani"), and stem_hash() takes a final "y" for an "i".
std::size_t stem_length(std::string_view word) noexcept;
// "companies" -> "company".
std::string singular_of(std::string_view word);
// The same for singular and plural.
std::uint64_t stem_hash(std::string_view word) noexcept;

inline constexpr std::size_t longest_description = 600;  // bytes of a comment that are looked at
// As much of a comment, and no character cut in two. Where it is not ASCII, it is folded into
// `memory`.
std::string_view beginning_of_text(std::string_view text, std::string& memory);

template <class Take>
void Tokenizer::each_text_word(std::string_view text, Take&& take) const {
  std::string folded;
  text = beginning_of_text(text, folded);
  char word[64];
  std::size_t length = 0;
  const auto flush = [&] {
    if (length >= 2) {
      const std::string_view view{word, length};
      const WordId known = lexicon_.find(view);
      const float weight = known == 0 ? 1.0F : lexicon_.weight(known);
      if (weight > 0) {
        take(view, known, weight);
      }
    }
    length = 0;
  };
  for (const char c : text) {
    const bool part = is_upper(c) || is_lower(c) || is_digit(c) || (c & 0x80) != 0;
    if (part && length < sizeof word) {
      word[length++] = to_lower(c);
    } else {
      flush();
    }
  }
  flush();
}

}  // namespace mapctl::matching
