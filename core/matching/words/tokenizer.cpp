// SPDX-License-Identifier: Apache-2.0
#include "core/matching/words/tokenizer.hpp"

#include "core/base/ascii.hpp"
#include "core/base/hash.hpp"
#include "core/base/text.hpp"
#include "core/matching/words/compounds.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace mapctl::matching {
namespace {

bool is_letter(char c) noexcept {
  return is_upper(c) || (c >= 'a' && c <= 'z') || (static_cast<unsigned char>(c) & 0x80U) != 0;
}
bool is_ascii(std::string_view text) noexcept {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return (static_cast<unsigned char>(c) & 0x80U) != 0; });
}

// Only characters beyond ASCII are folded here: humps must survive until the name is cut.
std::string fold_foreign(std::string_view name) {
  std::string result;
  for (std::size_t at = 0; at < name.size();) {
    std::size_t end = at;
    while (end < name.size() && (static_cast<unsigned char>(name[end]) & 0x80U) != 0) {
      ++end;
    }
    if (end > at) {
      result += fold(to_valid_utf8(name.substr(at, end - at)));
      at = end;
    } else {
      result += name[at++];
    }
  }
  return result;
}

// "id" says nothing about which one, so it is not all that may be left of a name.
bool may_stand_alone(std::string_view rest) noexcept {
  while (!rest.empty() && !is_letter(rest.front()) && !is_digit(rest.front())) {
    rest.remove_prefix(1);
  }
  while (!rest.empty() && !is_letter(rest.back()) && !is_digit(rest.back())) {
    rest.remove_suffix(1);
  }
  return rest.size() > 1 && is_letter(rest.front()) && rest != "id";
}

std::string_view without_affixes(std::string_view name, const Lexicon& lexicon) {
  std::array<char, longest_name> lowered;
  if (name.size() > lowered.size()) {
    return name;
  }
  std::transform(name.begin(), name.end(), lowered.begin(), [](char c) { return to_lower(c); });
  std::string_view rest{lowered.data(), name.size()};
  std::size_t front = 0;
  if (const auto cut = lexicon.prefix_length(rest); cut > 0 && may_stand_alone(rest.substr(cut))) {
    front = cut;
    rest.remove_prefix(cut);
  }
  if (const auto cut = lexicon.suffix_length(rest);
      cut > 0 && may_stand_alone(rest.substr(0, rest.size() - cut))) {
    rest.remove_suffix(cut);
  }
  return name.substr(front, rest.size());
}

// What brackets hold that is no part of the name: "Director(s)", "Staat(en)", the footnotes of
// "Population [52]", remarks of several words. Units and the like stay: "Weight (kg)".
bool is_remark(char bracket, std::string_view inside) noexcept {
  constexpr std::ptrdiff_t fewest_gaps = 3;
  if (bracket == '[') {
    return !inside.empty() && std::all_of(inside.begin(), inside.end(), is_digit);
  }
  return inside == "s" || inside == "es" || inside == "n" || inside == "en" ||
         std::count(inside.begin(), inside.end(), ' ') >= fewest_gaps;
}

std::string without_remarks(std::string_view name) {
  std::string result;
  for (std::size_t at = 0; at < name.size();) {
    const char bracket = name[at];
    if (bracket == '(' || bracket == '[') {
      const auto end = name.find(bracket == '(' ? ')' : ']', at);
      if (end != std::string_view::npos && is_remark(bracket, name.substr(at + 1, end - at - 1))) {
        result += ' ';
        at = end + 1;
        continue;
      }
    }
    result += name[at++];
  }
  return result;
}

// Where the brackets begin that end a name, "Height (m)"; else the name's length.
std::size_t begin_of_last_brackets(std::string_view name) noexcept {
  const auto open = name.rfind('(');
  if (open == std::string_view::npos || !may_stand_alone(name.substr(0, open))) {
    return name.size();
  }
  const auto close = name.find(')', open);
  const bool at_the_end =
      close == std::string_view::npos ||
      std::none_of(name.begin() + static_cast<std::ptrdiff_t>(close), name.end(),
                   [](char c) { return is_letter(c) || is_digit(c); });
  return at_the_end ? open : name.size();
}

// Of an entry of the lexicon: "gross domestic product per capita".
constexpr std::size_t most_words_known = 5;
constexpr std::size_t shortest_glued = 5;
constexpr std::size_t longest_glued = 40;
constexpr std::size_t most_glued_pieces = 6;
constexpr float word_cost = 1;
constexpr float abbreviation_cost = 1.6F;
constexpr float short_piece_cost = 0.7F;

// Two letters are found in anything; at the beginning or in the middle of a name written together
// only these count: "isperson", "dateofbirth", "leadorcontactid".
bool joins_words(std::string_view piece, bool first) noexcept {
  static constexpr std::string_view inside[] = {"of", "or", "to", "by", "in", "on", "at"};
  return first ? piece == "is"
               : std::find(std::begin(inside), std::end(inside), piece) != std::end(inside);
}

}  // namespace

std::size_t stem_length(std::string_view word) noexcept {
  const auto size = word.size();
  if (size < 4 || word.back() != 's' || word.ends_with("ss") || word.ends_with("us") ||
      word.ends_with("is")) {
    return size;
  }
  if (word.ends_with("ies") && size > 4) {
    return size - 2;
  }
  if (word.ends_with("sses") || word.ends_with("xes") || word.ends_with("ches") ||
      word.ends_with("shes")) {
    return size - 2;
  }
  return size - 1;
}

std::string singular_of(std::string_view word) {
  std::string singular{word.substr(0, stem_length(word))};
  if (word.ends_with("ies") && singular.ends_with('i')) {
    singular.back() = 'y';
  }
  return singular;
}

std::uint64_t stem_hash(std::string_view word) noexcept {
  const auto stem = word.substr(0, stem_length(word));
  if (stem.size() > 2 && stem.size() <= 64 && stem.back() == 'y') {
    std::array<char, 64> changed;
    std::copy(stem.begin(), stem.end(), changed.begin());
    changed[stem.size() - 1] = 'i';
    return fast_hash({changed.data(), stem.size()});
  }
  return fast_hash(stem);
}

std::string_view beginning_of_text(std::string_view text, std::string& memory) {
  if (text.size() > longest_description) {
    auto end = longest_description;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
      --end;
    }
    text = text.substr(0, end);
  }
  if (is_ascii(text)) {
    return text;
  }
  memory = fold(text);
  return memory;
}

void Tokenizer::read(std::string_view name, NameReading& reading, bool keep_affixes) const {
  reading.raw.clear();
  reading.expanded.clear();
  reading.phrases.clear();
  reading.buffer.clear();
  std::string folded;
  if (!is_ascii(name.substr(0, longest_name))) {
    folded = fold_foreign(utf8_prefix(name.substr(0, 4 * longest_name), longest_name));
    name = folded;
  }
  name = name.substr(0, longest_name);
  std::string kept;
  if (!keep_affixes) {
    if (std::any_of(name.begin(), name.end(), [](char c) { return c == '(' || c == '['; })) {
      kept = without_remarks(name);
      name = may_stand_alone(kept) ? std::string_view{kept} : name;
    }
    name = without_affixes(name, lexicon_);
  }
  std::string spelled;
  if (name.find_first_of("#%") != std::string_view::npos &&
      std::any_of(name.begin(), name.end(), is_letter)) {
    // "Permit #", "# of Doors", "Cmp%"; alone the sign counts the rows.
    spelled = replace_all(replace_all(name, "#", " number "), "%", " percent ");
    name = std::string_view{spelled}.substr(0, longest_name);
  }
  const std::size_t brackets = begin_of_last_brackets(name);
  reading.buffer.reserve(longest_name);  // pieces point into it: it must not move
  bool in_brackets = false;
  std::size_t begin = 0;
  const auto cut = [&] {
    const auto text = std::string_view{reading.buffer}.substr(begin);
    if (!text.empty()) {
      reading.raw.push_back({text, lexicon_.find(text), PieceOrigin::written, 0, in_brackets});
    }
    begin = reading.buffer.size();
  };
  char before = 0;
  for (std::size_t at = 0; at < name.size(); ++at) {
    const char c = name[at];
    if (!is_letter(c) && !is_digit(c)) {
      cut();
      in_brackets |= at == brackets;
    } else {
      const bool hump = is_upper(c) && is_letter(before) && !is_upper(before);
      const bool end_of_capitals = is_upper(c) && is_upper(before) && at + 1 < name.size() &&
                                   is_letter(name[at + 1]) && !is_upper(name[at + 1]);
      if (hump || end_of_capitals || (is_digit(c) != is_digit(before) && before != 0)) {
        cut();
      }
      reading.buffer += to_lower(c);
    }
    before = is_letter(c) || is_digit(c) ? c : 0;
  }
  cut();
  for (std::size_t at = 0; at < reading.raw.size();) {
    const auto read = reading.expanded.size();
    const bool qualifies = reading.raw[at].qualifies;
    if (const auto taken = take_cut_abbreviation(at, reading); taken > 0) {
      at += taken;
    } else if (const auto count = take_translation(at, reading); count > 0) {
      at += count;
    } else {
      expand(reading.raw[at++], reading.expanded);
    }
    std::for_each(reading.expanded.begin() + static_cast<std::ptrdiff_t>(read),
                  reading.expanded.end(), [&](Piece& piece) { piece.qualifies = qualifies; });
  }
  join_phrases(reading);
}

// An abbreviation that was cut: one with digits in it, "telf1", "b2b", or one that begins with a
// single letter behind another word, "CustFName".
std::size_t Tokenizer::take_cut_abbreviation(std::size_t at, NameReading& reading) const {
  constexpr std::size_t most_pieces = 3;
  constexpr std::size_t shortest_behind_initial = 3;
  const auto& raw = reading.raw;
  for (auto count = std::min(most_pieces, raw.size() - at); count > 1; --count) {
    const auto& last = raw[at + count - 1].text;
    // Pieces lie one behind the other in the buffer.
    const std::string_view joined{
        raw[at].text.data(),
        static_cast<std::size_t>(last.data() + last.size() - raw[at].text.data())};
    const bool has_digits = is_digit(raw[at + 1].text.front());
    const bool has_initial = count == 2 && at > 0 && raw[at].text.size() == 1 &&
                             is_letter(raw[at].text.front()) &&
                             raw[at + 1].text.size() >= shortest_behind_initial;
    const WordId word = has_digits || has_initial ? lexicon_.find(joined) : WordId{0};
    if (word != 0 && lexicon_.expansion_count(word) > 0) {
      take_meaning(word, reading.expanded);
      return count;
    }
  }
  return 0;
}

// "fecha_nacimiento" as one entry, else a single foreign word that means nothing in English.
std::size_t Tokenizer::take_translation(std::size_t at, NameReading& reading) const {
  const auto& raw = reading.raw;
  const WordId first = raw[at].word;
  if (first == 0) {
    return 0;
  }
  const auto take = [&](WordId word, std::size_t count) {
    take_meaning(word, reading.expanded);
    return count;
  };
  if (lexicon_.starts_translation(first)) {
    std::string joined{raw[at].text};
    WordId best = 0;
    std::size_t length = 0;
    for (std::size_t count = 2; count <= most_words_known && at + count <= raw.size(); ++count) {
      joined += '_';
      joined += raw[at + count - 1].text;
      if (const WordId word = lexicon_.find(joined);
          word != 0 && !lexicon_.translation(word).empty()) {
        best = word;
        length = count;
      }
    }
    if (best != 0) {
      return take(best, length);
    }
  }
  if (!lexicon_.translation(first).empty() && !lexicon_.is_word(first) &&
      lexicon_.expansion_count(first) == 0) {
    return take(first, 1);
  }
  return 0;
}

// What a word stands for: a foreign one, an abbreviation, or itself.
void Tokenizer::take_meaning(WordId word, std::vector<Piece>& out) const {
  if (const auto english = lexicon_.translation(word); !english.empty()) {
    for (const WordId meant : english) {
      out.push_back({lexicon_.text(meant), meant, PieceOrigin::translation, word});
    }
  } else if (!lexicon_.is_word(word) && lexicon_.expansion_count(word) > 0) {
    for (const WordId meant : lexicon_.expansion(word, 0)) {
      out.push_back({lexicon_.text(meant), meant, PieceOrigin::abbreviation, word});
    }
  } else {
    out.push_back({lexicon_.text(word), word, PieceOrigin::segmented, 0});
  }
}

void Tokenizer::expand(const Piece& piece, std::vector<Piece>& out) const {
  if (piece.word != 0 && lexicon_.expansion_count(piece.word) > 0) {
    for (const WordId word : lexicon_.expansion(piece.word, 0)) {
      out.push_back({lexicon_.text(word), word, PieceOrigin::abbreviation, piece.word});
    }
    return;
  }
  const bool known = piece.word != 0 && lexicon_.is_word(piece.word);
  if (const WordId word = known ? 0 : lexicon_.without_vowels(piece.text); word != 0) {
    out.push_back({lexicon_.text(word), word, PieceOrigin::abbreviation, 0});
    return;
  }
  if (known || piece.text.size() < shortest_glued || piece.text.size() > longest_glued) {
    out.push_back(piece);
    return;
  }
  std::vector<Piece> parts;
  segment(piece.text, parts);
  if (parts.size() < 2) {
    cut_kind_of_file(piece.text, parts);
  }
  if (parts.size() < 2) {
    const auto compound = words_of_compound(piece.text, lexicon_);
    for (const WordId part : compound) {
      take_meaning(part, out);
    }
    if (compound.empty()) {
      out.push_back(piece);
    }
    return;
  }
  for (const auto& part : parts) {
    if (part.word != 0 && lexicon_.expansion_count(part.word) > 0) {
      for (const WordId word : lexicon_.expansion(part.word, 0)) {
        out.push_back({lexicon_.text(word), word, PieceOrigin::abbreviation, part.word});
      }
    } else {
      out.push_back(part);
    }
  }
}

// Old systems end the names of files in what kind of file it is: "custmast", "ordhdr". Two such
// short pieces are not cut elsewhere, but the second confirms the first.
void Tokenizer::cut_kind_of_file(std::string_view text, std::vector<Piece>& pieces) const {
  constexpr std::array<std::string_view, 8> kinds{"mast", "mstr", "mst",  "hdr",
                                                  "dtl",  "hist", "xref", "tran"};
  constexpr std::size_t shortest_thing = 2;
  for (const auto kind : kinds) {
    if (!text.ends_with(kind) || text.size() < kind.size() + shortest_thing) {
      continue;
    }
    const auto thing = text.substr(0, text.size() - kind.size());
    const WordId word = lexicon_.find(thing);
    if (word != 0 && (lexicon_.is_word(word) || lexicon_.expansion_count(word) > 0)) {
      pieces = {{thing, word, PieceOrigin::segmented, 0},
                {text.substr(thing.size()), lexicon_.find(kind), PieceOrigin::segmented, 0}};
      return;
    }
  }
}

// Of a plural that is not listed, its singular.
WordId Tokenizer::known_word(std::string_view piece) const noexcept {
  if (const WordId word = lexicon_.find(piece); word != 0) {
    return word;
  }
  constexpr std::size_t shortest_plural = 5;
  const auto stem = piece.size() < shortest_plural ? piece.size() : stem_length(piece);
  if (stem == piece.size() || piece.ends_with("ies")) {
    return 0;
  }
  const WordId singular = lexicon_.find(piece.substr(0, stem));
  return singular != 0 && lexicon_.is_word(singular) ? singular : 0;
}

// The cheapest way to write `text` as known words: few pieces, whole words before abbreviations.
// `pieces` stays empty when some letter cannot be covered.
void Tokenizer::segment(std::string_view text, std::vector<Piece>& pieces) const {
  constexpr float impossible = 1e9F;
  struct Step {
    float cost = impossible;
    std::size_t from = 0;
    WordId word = 0;
    std::size_t count = 0;
  };
  std::array<Step, longest_glued + 1> steps{};
  steps[0].cost = 0;
  for (std::size_t end = 2; end <= text.size(); ++end) {
    for (std::size_t begin = 0; begin + 2 <= end; ++begin) {
      const auto& before = steps[begin];
      const std::size_t length = end - begin;
      if (before.cost >= impossible || before.count == most_glued_pieces) {
        continue;
      }
      const auto piece = text.substr(begin, length);
      if (length == 2 && end != text.size() && !joins_words(piece, begin == 0)) {
        continue;
      }
      const WordId word = known_word(piece);
      if (word == 0) {
        continue;
      }
      const bool genuine = lexicon_.is_word(word);
      // Short pieces are found in anything, so they only count as last words ("custid").
      if (!genuine && (length < 3 || lexicon_.expansion_count(word) == 0)) {
        continue;
      }
      const float cost = before.cost + (genuine ? word_cost : abbreviation_cost) +
                         (length <= 3 ? short_piece_cost : 0.0F);
      if (cost < steps[end].cost) {
        steps[end] = {cost, begin, word, before.count + 1};
      }
    }
  }
  const auto& last = steps[text.size()];
  constexpr float dearest_piece = 1.9F;
  if (last.cost >= impossible || last.cost > dearest_piece * static_cast<float>(last.count)) {
    return;
  }
  for (std::size_t end = text.size(); end > 0; end = steps[end].from) {
    const auto from = steps[end].from;
    pieces.insert(pieces.begin(),
                  {text.substr(from, end - from), steps[end].word, PieceOrigin::segmented, 0});
  }
}

void Tokenizer::join_phrases(NameReading& reading) const {
  reading.phrases.clear();
  const auto& words = reading.expanded;
  const auto may_begin = [&](std::size_t at) {
    return at + 1 < words.size() && words[at].word != 0 && words[at + 1].word != 0 &&
           lexicon_.begins_phrase(words[at].word, words[at + 1].word);
  };
  bool possible = false;
  for (std::size_t at = 0; at < words.size(); ++at) {
    possible |= may_begin(at);
  }
  if (!possible) {
    return;
  }
  bool found = false;
  std::string joined;
  for (std::size_t at = 0; at < words.size();) {
    WordId best = 0;
    std::size_t length = 0;
    if (may_begin(at)) {
      joined = words[at].text;
      for (std::size_t count = 2; count <= most_words_known && at + count <= words.size();
           ++count) {
        joined += ' ';
        joined += words[at + count - 1].text;
        if (const WordId word = lexicon_.find(joined);
            word != 0 && !lexicon_.groups(word).empty()) {
          best = word;
          length = count;
        }
      }
    }
    if (best != 0) {
      found = true;
      reading.phrases.push_back({lexicon_.text(best), best, PieceOrigin::phrase, 0});
      at += length;
    } else {
      reading.phrases.push_back(words[at++]);
    }
  }
  if (!found) {
    reading.phrases.clear();
  }
}

}  // namespace mapctl::matching
