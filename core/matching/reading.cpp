// SPDX-License-Identifier: Apache-2.0
#include "core/matching/reading.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace mapctl::matching {
namespace {

constexpr std::array<std::string_view, 7> question_words{"is",  "has",  "was",   "can",
                                                         "had", "does", "should"};
// Last words that leave it to the word before what the column is about.
constexpr std::array<std::string_view, 6> open_words{"number",  "code",  "name",
                                                     "address", "value", "no"};
constexpr std::array<std::string_view, 6> beside_a_state{"city",     "town",   "zip",
                                                         "postcode", "postal", "street"};

template <std::size_t Count>
bool contains(const std::array<std::string_view, Count>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_number(const Piece& piece) noexcept {
  return !piece.text.empty() && piece.text.front() >= '0' && piece.text.front() <= '9';
}

NameRole role_of_word(const Piece& piece, const Lexicon& lexicon) {
  if (piece.word != 0 && lexicon.role(piece.word) != NameRole::none) {
    return lexicon.role(piece.word);
  }
  const auto stem = piece.text.substr(0, stem_length(piece.text));
  const auto word = stem.size() < piece.text.size() ? lexicon.find(stem) : WordId{0};
  const auto role = word == 0 ? NameRole::none : lexicon.role(word);
  // "days" are a number of days, no date.
  return role == NameRole::moment ? NameRole::none : role;
}

bool is_about_something(NameRole role) noexcept {
  switch (role) {
    case NameRole::email:
    case NameRole::phone:
    case NameRole::url:
    case NameRole::place:
    case NameRole::currency:
    case NameRole::status:
    case NameRole::kind: return true;
    default: return false;
  }
}

}  // namespace

NameRole role_of(const NameReading& reading, const Lexicon& lexicon) {
  const auto& words = reading.expanded;
  if (words.size() > 1 && contains(question_words, words.front().text)) {
    return NameRole::flag;
  }
  auto last = words.size();
  while (last > 0 && is_number(words[last - 1])) {
    --last;
  }
  if (last == 0) {
    return NameRole::none;
  }
  const auto role = role_of_word(words[last - 1], lexicon);
  if (last > 1 && contains(open_words, words[last - 1].text)) {
    const auto before = role_of_word(words[last - 2], lexicon);
    if (is_about_something(before)) {
      return before;
    }
  }
  return role;
}

void read_states_of_addresses(std::span<NameReading> readings, const Lexicon& lexicon) {
  const auto province = lexicon.find("province");
  if (province == 0) {
    return;
  }
  const auto beside = [&](const NameReading& reading, std::size_t at) {
    return std::any_of(readings.begin(), readings.end(), [&](const NameReading& other) {
      const auto& words = reading.expanded;
      return other.expanded.size() > at && contains(beside_a_state, other.expanded[at].text) &&
             std::equal(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(at),
                        other.expanded.begin(),
                        [](const Piece& a, const Piece& b) { return a.text == b.text; });
    });
  };
  for (auto& reading : readings) {
    for (std::size_t at = 0; at < reading.expanded.size(); ++at) {
      if (reading.expanded[at].text == "state" && beside(reading, at)) {
        for (auto* pieces : {&reading.expanded, &reading.phrases}) {
          for (auto& piece : *pieces) {
            if (piece.text == "state") {
              piece.text = lexicon.text(province);
              piece.word = province;
              piece.origin = PieceOrigin::translation;
            }
          }
        }
      }
    }
  }
}

}  // namespace mapctl::matching
