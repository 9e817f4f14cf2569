// SPDX-License-Identifier: Apache-2.0
#include "core/matching/columns/reading.hpp"

#include "core/base/ascii.hpp"
#include "core/base/hash.hpp"
#include "core/matching/columns/column_facts.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mapctl::matching {
namespace {

// What follows these in a name only qualifies it.
constexpr std::array<std::string_view, 2> links{"per", "in"};
constexpr std::array<std::string_view, 7> question_words{"is",  "has",  "was",   "can",
                                                         "had", "does", "should"};
// Last words that leave it to the word before what the column is about.
constexpr std::array<std::string_view, 8> open_words{"number", "code",    "name",  "text",
                                                     "label",  "address", "value", "no"};
// "last_update" is when that was.
constexpr std::array<std::string_view, 10> last_acts{"update",   "updated", "modified", "changed",
                                                     "change",   "login",   "seen",     "viewed",
                                                     "accessed", "synced"};
// "check_in_date" has no date in something.
constexpr std::array<std::string_view, 12> before_particles{"check", "log",   "sign", "opt",
                                                            "built", "plug",  "drop", "clock",
                                                            "fill",  "trade", "walk", "stand"};

// What has a state that is no place: "approval_state".
constexpr std::array<std::string_view, 14> of_a_status{
    "approval",  "payment",     "order",       "workflow", "process", "processing", "sync",
    "lifecycle", "publication", "transaction", "transfer", "review",  "connection", "session"};

// A state in other languages, where it means a status as well.
constexpr std::array<std::string_view, 4> foreign_states{"estado", "stato", "etat", "staat"};

template <std::size_t Count>
bool contains(const std::array<std::string_view, Count>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

constexpr std::size_t most_words_of_label = 7;
constexpr std::array<std::string_view, 6> label_articles{"the", "a", "an", "each", "this", "given"};
constexpr std::array<std::string_view, 16> sentence_verbs{
    "is",       "was",       "are",       "were",      "has",        "have",
    "contains", "provides",  "describes", "indicates", "represents", "identifies",
    "records",  "specifies", "if",        "whether"};
constexpr std::array<std::string_view, 3> label_links{"of", "for", "to"};
constexpr std::array<std::string_view, 9> later_links{"in",   "at",    "on",   "by",  "from",
                                                      "with", "where", "when", "that"};
constexpr std::array<std::string_view, 9> label_adjectives{"unique",   "alphanumeric", "numeric",
                                                           "foreign",  "primary",      "surrogate",
                                                           "internal", "system",       "generated"};

// What becomes of an amount: "amount_due" is one.
constexpr std::array<std::string_view, 12> amount_states{
    "due",      "paid",     "owed",        "received",  "billed", "charged",
    "invoiced", "refunded", "outstanding", "remaining", "spent",  "withheld"};

bool in_a_word(char c) noexcept {
  const char lower = to_lower(c);
  return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') ||
         (static_cast<unsigned char>(c) & 0x80U) != 0;
}

bool is_number(const Piece& piece) noexcept {
  return !piece.text.empty() && piece.text.front() >= '0' && piece.text.front() <= '9';
}

NameRole role_of_word(const Piece& piece, const Lexicon& lexicon) {
  // "sku" is a code, a "stock keeping unit" says nothing.
  if (piece.written != 0 && lexicon.role(piece.written) != NameRole::none) {
    return lexicon.role(piece.written);
  }
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

// Whether what follows "in" or "per" may be left out without making it another thing: the cost in
// local currency is a cost, but "time_in_status_id" is an identifier.
bool may_qualify(NameRole last) noexcept {
  switch (last) {
    case NameRole::identifier:
    case NameRole::number:
    case NameRole::code:
    case NameRole::name:
    case NameRole::moment:
    case NameRole::flag:
    case NameRole::email:
    case NameRole::phone:
    case NameRole::url: return false;
    default: return true;
  }
}

// Of a name that has words, and a description that was cut to its beginning.
bool says_nothing_known(const NameReading& reading, std::string_view description,
                        const Lexicon& lexicon) {
  bool unknown = false;
  for (const auto& piece : reading.expanded) {
    if (is_number(piece) || (piece.word != 0 && lexicon.role(piece.word) != NameRole::none)) {
      continue;
    }
    if (piece.origin != PieceOrigin::written || (piece.word != 0 && lexicon.is_word(piece.word))) {
      return false;
    }
    const auto same = [](char a, char b) { return to_lower(a) == to_lower(b); };
    if (std::search(description.begin(), description.end(), piece.text.begin(), piece.text.end(),
                    same) != description.end()) {
      return false;
    }
    unknown = true;
  }
  return unknown;
}

}  // namespace

std::size_t words_to_head(const NameReading& reading, const Lexicon& lexicon) {
  const auto& words = reading.expanded;
  auto last = words.size();
  while (last > 0 && (is_number(words[last - 1]) || words[last - 1].qualifies)) {
    --last;
  }
  const auto end = last == 0 ? NameRole::none : role_of_word(words[last - 1], lexicon);
  const auto qualified = [&](std::size_t link) {
    const auto text = words[link].text;
    if (text == "per") {
      return may_qualify(end) || end == NameRole::moment;
    }
    if (text == "in") {
      // "product_in_stock_cost" is the cost of products in stock.
      const bool headed =
          end == NameRole::none || role_of_word(words[link - 1], lexicon) != NameRole::none;
      return headed && may_qualify(end) && !contains(before_particles, words[link - 1].text);
    }
    return text == "of" && end == NameRole::none;
  };
  for (std::size_t link = 1; link + 1 < last; ++link) {
    if (qualified(link)) {
      return link;
    }
  }
  return last;
}

void mark_what_qualifies(NameReading& reading, const Lexicon& lexicon) {
  auto& words = reading.expanded;
  const auto link = words_to_head(reading, lexicon);
  if (link < words.size() && contains(links, words[link].text)) {
    std::for_each(words.begin() + static_cast<std::ptrdiff_t>(link), words.end(),
                  [](Piece& piece) { piece.qualifies = true; });
  }
}

bool asks(std::string_view word) noexcept {
  return contains(question_words, word);
}

NameRole role_of(const NameReading& reading, const Lexicon& lexicon) {
  const auto& words = reading.expanded;
  if (words.size() > 1 && asks(words.front().text)) {
    return NameRole::flag;
  }
  // "number of players" and "players count" alike.
  if (words.size() > 2 && words[1].text == "of" &&
      (words[0].text == "number" || words[0].text == "count")) {
    return NameRole::quantity;
  }
  if (words.size() > 1 && words[words.size() - 2].text == "last" &&
      contains(last_acts, words.back().text)) {
    return NameRole::moment;
  }
  const auto last = words_to_head(reading, lexicon);
  if (last == 0) {
    return NameRole::none;
  }
  if (last > 1 && contains(amount_states, words[last - 1].text)) {
    const auto before = role_of_word(words[last - 2], lexicon);
    if (before == NameRole::amount || before == NameRole::quantity) {
      return before;
    }
  }
  auto role = role_of_word(words[last - 1], lexicon);
  if (role == NameRole::none && last < words.size() && words[last].qualifies &&
      !contains(links, words[last].text)) {
    role = role_of_word(words.back(), lexicon);  // "Start (date)"
  }
  if (last > 1 && contains(open_words, words[last - 1].text)) {
    const auto before = role_of_word(words[last - 2], lexicon);
    // "amount_text" is an amount that is kept as text.
    const bool as_text = role == NameRole::text && before != NameRole::none;
    // A street's number is a house in it.
    const bool is_house =
        role == NameRole::number && address_part_of(words[last - 2].text) == AddressPart::street;
    if (as_text || (is_about_something(before) && !is_house)) {
      return before;
    }
  }
  const auto head = words[last - 1].text;
  return role == NameRole::none && stem_length(head) < head.size() ? NameRole::several : role;
}

AddressPart address_part_of(const NameReading& reading) noexcept {
  auto part = AddressPart::none;
  for (const auto& piece : reading.expanded) {
    part = std::max(part, address_part_of(piece.text));
  }
  return part;
}

std::string spelled_out(std::string_view description) {
  description = description.substr(0, longest_description);
  description = description.substr(0, description.find_first_of(".,;:("));
  std::vector<std::string> words;
  std::string word;
  const auto end = [&] {
    if (!word.empty() && !contains(label_articles, word)) {
      words.push_back(word);
    }
    word.clear();
  };
  for (const char c : description) {
    if (in_a_word(c)) {
      word += to_lower(c);
    } else {
      end();
    }
  }
  end();
  if (words.size() > most_words_of_label ||
      std::any_of(words.begin(), words.end(),
                  [](const auto& one) { return contains(sentence_verbs, one); })) {
    return {};
  }
  // "identifier of the title": what comes after stands before.
  const auto link = std::find_if(words.begin(), words.end(),
                                 [](const auto& one) { return contains(label_links, one); });
  std::string name;
  const auto take = [&](auto from, auto to) {
    for (; from != to; ++from) {
      if (!contains(label_adjectives, *from)) {
        name += name.empty() ? "" : " ";
        name += *from == "key" ? "identifier" : *from;
      }
    }
  };
  if (link != words.end() && link != words.begin()) {
    const auto rest = std::find_if(link + 1, words.end(), [](const auto& one) {
      return contains(label_links, one) || contains(later_links, one);
    });
    take(link + 1, rest);
  }
  take(words.begin(), link);
  return name;
}

bool read_description(std::string_view description, const NameReading& name, const Lexicon& lexicon,
                      NameReading& described) {
  std::string memory;
  if (description.empty() ||
      !says_nothing_known(name, beginning_of_text(description, memory), lexicon)) {
    return false;
  }
  Tokenizer{lexicon}.read(spelled_out(description), described, true);
  return !described.expanded.empty();
}

void read_names_of_persons(std::span<const catalog::Column> columns,
                           std::span<NameReading> readings, const Tokenizer& tokenizer) {
  const auto is_only = [&](std::size_t at, std::string_view word) {
    const auto& words = readings[at].expanded;
    if (words.size() != 1 || words.front().text != word) {
      return false;
    }
    const auto type = class_of(columns[at]);
    return type == TypeClass::text || type == TypeClass::code || type == TypeClass::unknown;
  };
  bool has_first = false;
  bool has_last = false;
  for (std::size_t at = 0; at < readings.size(); ++at) {
    has_first |= is_only(at, "first");
    has_last |= is_only(at, "last");
  }
  if (!has_first || !has_last) {
    return;
  }
  const auto name = tokenizer.lexicon().find("name");
  for (std::size_t at = 0; at < readings.size(); ++at) {
    if (is_only(at, "first") || is_only(at, "middle") || is_only(at, "last")) {
      readings[at].expanded.push_back({"name", name, PieceOrigin::written, 0});
      tokenizer.join_phrases(readings[at]);
    }
  }
}

void read_numbers_of_records(const NameReading& table, std::span<const catalog::Column> columns,
                             std::span<NameReading> readings, const Tokenizer& tokenizer) {
  const auto number = tokenizer.lexicon().find("number");
  for (std::size_t at = 0; at < readings.size(); ++at) {
    auto& words = readings[at].expanded;
    const bool own =
        !words.empty() && std::all_of(words.begin(), words.end(), [&](const Piece& word) {
          const auto stem = stem_hash(word.text);
          return std::any_of(table.expanded.begin(), table.expanded.end(),
                             [&](const Piece& other) { return stem_hash(other.text) == stem; });
        });
    const auto& statistics = columns[at].statistics;
    if (own && class_of(columns[at]) == TypeClass::integer &&
        (!statistics || statistics->tells_rows_apart())) {
      words.push_back({"number", number, PieceOrigin::of_table, 0});
      tokenizer.join_phrases(readings[at]);
    }
  }
}

void read_mail_as_post(std::span<NameReading> readings, const Tokenizer& tokenizer) {
  const auto& lexicon = tokenizer.lexicon();
  const auto mail = lexicon.find("mail");
  const auto mailing = lexicon.find("mailing");
  if (mail == 0 || mailing == 0) {
    return;
  }
  // Each piece that says mail, with the word behind it.
  const auto each_mail = [&](NameReading& reading, auto&& take) {
    auto& words = reading.expanded;
    for (std::size_t at = 0; at + 1 < words.size(); ++at) {
      if (words[at].written == mail) {
        take(words[at], words[at + 1].text);
      }
    }
  };
  bool has_place = false;
  for (auto& reading : readings) {
    each_mail(reading, [&](const Piece&, std::string_view next) {
      const auto part = address_part_of(next);
      has_place = has_place || part == AddressPart::city || part == AddressPart::postcode;
    });
  }
  if (!has_place) {
    return;
  }
  for (auto& reading : readings) {
    bool is_post = false;
    each_mail(reading, [&](Piece& piece, std::string_view next) {
      if (next == "address" || address_part_of(next) != AddressPart::none) {
        piece = {lexicon.text(mailing), mailing, PieceOrigin::abbreviation, mail, piece.qualifies};
        is_post = true;
      }
    });
    if (is_post) {
      tokenizer.join_phrases(reading);
    }
  }
}

void read_states_of_addresses(std::span<NameReading> readings, const Lexicon& lexicon) {
  const auto province = lexicon.find("province");
  const auto status = lexicon.find("status");
  if (province == 0 || status == 0) {
    return;
  }
  const auto is_state = [&](const Piece& piece) {
    return piece.text == "state" || (piece.origin == PieceOrigin::translation &&
                                     contains(foreign_states, lexicon.text(piece.written)));
  };
  const auto stands_beside_a_state = [](std::string_view word) {
    const auto part = address_part_of(word);
    return part == AddressPart::street || part == AddressPart::city ||
           part == AddressPart::postcode;
  };
  if (std::none_of(readings.begin(), readings.end(), [&](const NameReading& reading) {
        return std::any_of(reading.expanded.begin(), reading.expanded.end(), is_state);
      })) {
    return;
  }
  // What stands before the streets, cities and postcodes; of a table of many columns each of them
  // is looked at once.
  std::vector<std::uint64_t> beginnings;
  const auto each_beginning = [](const NameReading& reading, auto&& take) {
    std::uint64_t beginning = 0;
    for (std::size_t at = 0; at < reading.expanded.size(); ++at) {
      take(at, beginning);
      beginning = fast_hash(reading.expanded[at].text, beginning + 1);
    }
  };
  for (const auto& reading : readings) {
    each_beginning(reading, [&](std::size_t at, std::uint64_t beginning) {
      if (stands_beside_a_state(reading.expanded[at].text)) {
        beginnings.push_back(beginning);
      }
    });
  }
  std::sort(beginnings.begin(), beginnings.end());
  const auto read_as = [&](NameReading& reading, WordId word) {
    for (auto* pieces : {&reading.expanded, &reading.phrases}) {
      for (auto& piece : *pieces) {
        if (is_state(piece)) {
          piece = {lexicon.text(word), word, PieceOrigin::translation, 0, piece.qualifies};
        }
      }
    }
  };
  for (auto& reading : readings) {
    WordId meant = 0;
    each_beginning(reading, [&](std::size_t at, std::uint64_t beginning) {
      if (meant != 0 || !is_state(reading.expanded[at])) {
        return;
      }
      if (std::binary_search(beginnings.begin(), beginnings.end(), beginning)) {
        meant = province;
      } else if (at > 0 && contains(of_a_status, reading.expanded[at - 1].text)) {
        meant = status;
      }
    });
    if (meant != 0) {
      read_as(reading, meant);
    }
  }
}

}  // namespace mapctl::matching
