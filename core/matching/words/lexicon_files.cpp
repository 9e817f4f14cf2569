// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/hash.hpp"
#include "core/base/text.hpp"
#include "core/matching/words/lexicon.hpp"
#include "core/matching/words/tokenizer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

namespace mapctl::matching {
namespace {

constexpr std::size_t most_domains = 64;

std::string_view next_field(std::string_view& line) noexcept {
  const auto tab = line.find('\t');
  const auto field = line.substr(0, tab);
  line.remove_prefix(tab == std::string_view::npos ? line.size() : tab + 1);
  return trim(field);
}

void append_word(std::string& text, std::string_view word) {
  text += text.empty() ? "" : " ";
  text += word;
}

}  // namespace

struct Lexicon::Loader {
  struct Expansion {
    WordId word;
    int priority;
    Range sequence;
  };
  struct Member {
    WordId word;
    GroupMembership membership;
  };
  struct Phrase {
    WordId word;
    GroupMembership membership;
    Range words;
  };

  struct OnSide {
    WordId word;
    ContrastSide side;
  };

  explicit Loader(Lexicon& target) : lexicon{target} {
    constexpr std::size_t many = 65536;  // not touched before it is used, and then not copied
    members.reserve(many);
    phrases.reserve(many);
    expansions.reserve(many);
    lexicon.sequences_.reserve(many);
  }

  template <class Line>
  void each_line(const std::filesystem::path& path, Line&& take) {
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) {
      return;
    }
    file = path;
    line_number = 0;
    lexicon.files_.push_back(std::make_unique<const std::string>(read_file(path)));
    std::string_view rest = *lexicon.files_.back();
    lexicon.fingerprint_ =
        fast_hash(rest, fast_hash(path.filename().string(), lexicon.fingerprint_));
    while (!rest.empty()) {
      const auto end = rest.find('\n');
      auto line = rest.substr(0, end);
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
      ++line_number;
      if (!line.empty() && line.back() == '\r') {
        line.remove_suffix(1);
      }
      if (!line.empty() && line.front() != '#') {
        take(line);
      }
    }
  }

  [[noreturn]] void fail(std::string_view cause) const {
    throw Error{ErrorCode::configuration,
                fmt::format("lexicon file '{}', line {}: {}", file.string(), line_number, cause),
                "profiles/lexicon/README.md describes the format"};
  }

  float weight_of(std::string_view text) const {
    float value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !(value >= 0 && value <= 1)) {
      fail(fmt::format("'{}' is not a weight from 0 to 1", text));
    }
    return value;
  }

  WordId genuine(std::string_view text) {
    const WordId word = lexicon.intern(text);
    lexicon.words_[word].genuine = true;
    return word;
  }

  // The words of "job title", each known from now on.
  Range sequence(std::string_view phrase) {
    Range range{static_cast<std::uint32_t>(lexicon.sequences_.size()), 0};
    while (!phrase.empty()) {
      const auto space = phrase.find(' ');
      const auto word = phrase.substr(0, space);
      phrase.remove_prefix(space == std::string_view::npos ? phrase.size() : space + 1);
      if (!word.empty()) {
        lexicon.sequences_.push_back(genuine(word));
        ++range.count;
      }
    }
    return range;
  }

  void expansion_line(std::string_view line, int priority) {
    const auto key = next_field(line);
    const auto text = next_field(line);
    if (key.empty() || text.empty()) {
      fail("an abbreviation and its expansion are needed, separated by a tab");
    }
    const WordId word = lexicon.intern(key);
    expansions.push_back({word, priority, sequence(text)});
  }

  void translation_line(std::string_view line) {
    const auto key = next_field(line);
    const auto text = next_field(line);
    if (key.empty() || text.empty()) {
      fail("a word and its translation are needed, separated by a tab");
    }
    const WordId word = lexicon.intern(key);
    lexicon.words_[word].translation = sequence(text);
    if (const auto joint = key.find('_'); joint != std::string_view::npos) {
      const WordId first = lexicon.intern(key.substr(0, joint));
      lexicon.words_[first].starts_translation = true;
    }
  }

  // The words of a member that has several.
  Range add_member(std::string_view member, const GroupMembership& membership) {
    members.push_back({genuine(member), membership});
    if (member.find(' ') == std::string_view::npos) {
      return {};
    }
    const Range words = sequence(member);
    if (words.count > 0) {
      lexicon.words_[lexicon.sequences_[words.begin]].starts_phrase = true;
    }
    if (words.count > 1) {
      lexicon.set_begins_phrase(lexicon.sequences_[words.begin],
                                lexicon.sequences_[words.begin + 1]);
    }
    return words;
  }

  // Abbreviations in names are replaced before phrases are looked for, so a phrase that holds one
  // is known by what it stands for, too: "national id" as "national identifier".
  void expand_phrases() {
    for (const auto& phrase : phrases) {
      const std::span words{lexicon.sequences_.data() + phrase.words.begin, phrase.words.count};
      if (std::none_of(words.begin(), words.end(),
                       [&](WordId word) { return lexicon.expansion_count(word) > 0; })) {
        continue;
      }
      std::string expanded;
      for (const WordId word : words) {
        if (lexicon.expansion_count(word) == 0) {
          append_word(expanded, lexicon.words_[word].text);
          continue;
        }
        for (const WordId meant : lexicon.expansion(word, 0)) {
          append_word(expanded, lexicon.words_[meant].text);
        }
      }
      if (expanded != lexicon.words_[phrase.word].text) {
        lexicon.files_.push_back(std::make_unique<const std::string>(std::move(expanded)));
        add_member(*lexicon.files_.back(), phrase.membership);
      }
    }
  }

  void synonym_line(std::string_view line) {
    float weight = 1;
    if (constexpr std::string_view key = "weight="; line.starts_with(key)) {
      weight = weight_of(next_field(line).substr(key.size()));
    }
    const std::uint32_t group = ++groups;
    std::size_t found = 0;
    while (!line.empty()) {
      const auto member = next_field(line);
      if (member.empty()) {
        continue;
      }
      ++found;
      if (const Range words = add_member(member, {group, weight}); words.count > 0) {
        phrases.push_back({members.back().word, members.back().membership, words});
      }
    }
    if (found < 2) {
      fail("a group of synonyms needs two members at least");
    }
  }

  void contrast_line(std::string_view line) {
    ++contrasts;
    constexpr std::string_view mark = "of=tables\t";
    const bool of_tables = line.starts_with(mark);
    line.remove_prefix(of_tables ? mark.size() : 0);
    std::uint16_t side = 0;
    while (!line.empty()) {
      auto words = next_field(line);
      side = static_cast<std::uint16_t>(side + (words.empty() ? 0 : 1));
      for (const auto word : split(words, ' ')) {
        sides.push_back({lexicon.intern(word), {contrasts, side, of_tables}});
      }
    }
    if (side < 2) {
      fail("words that exclude each other stand in two fields at least");
    }
  }

  void affix_line(std::string_view line) {
    const auto kind = next_field(line);
    const auto text = next_field(line);
    if ((kind != "prefix" && kind != "suffix") || text.empty()) {
      fail("'prefix' or 'suffix' and a text are needed, separated by a tab");
    }
    (kind == "prefix" ? lexicon.prefixes_ : lexicon.suffixes_).texts.push_back(text);
  }

  void stopword_line(std::string_view line) {
    const auto token = next_field(line);
    const auto weight = next_field(line);
    if (token.empty() || weight.empty()) {
      fail("a token and its weight are needed, separated by a tab");
    }
    const WordId word = genuine(token);
    lexicon.words_[word].weight = weight_of(weight);
  }

  void domain_line(std::string_view line) {
    const auto domain = next_field(line);
    const auto word = next_field(line);
    if (domain.empty() || word.empty()) {
      fail("a domain and a word are needed, separated by a tab");
    }
    lexicon.words_[lexicon.intern(word)].domains |= std::uint64_t{1} << domain_number(domain);
  }

  std::size_t domain_number(std::string_view domain) {
    auto& names = lexicon.domains_;
    auto place = std::find(names.begin(), names.end(), domain);
    if (place == names.end()) {
      if (names.size() == most_domains) {
        fail(fmt::format("more than {} domains", most_domains));
      }
      place = names.insert(names.end(), domain);
    }
    return static_cast<std::size_t>(place - names.begin());
  }

  std::uint16_t meaning_number(std::string_view name) {
    auto& names = lexicon.meanings_;
    auto place = std::find(names.begin(), names.end(), name);
    if (place == names.end()) {
      if (names.size() > std::numeric_limits<std::uint16_t>::max()) {
        fail("too many meanings");
      }
      place = names.insert(names.end(), name);
    }
    return static_cast<std::uint16_t>(place - names.begin());
  }

  void convention_line(std::string_view line) {
    const auto domain = next_field(line);
    const auto scope = next_field(line);
    const auto meaning = next_field(line);
    auto words = next_field(line);
    const auto table = next_field(line);
    Convention convention;
    convention.exactly = words.starts_with('=');
    convention.loosely = words.starts_with('~');
    words.remove_prefix(convention.exactly || convention.loosely ? 1 : 0);
    if (domain.empty() || (scope != "table" && scope != "column") || meaning.empty() ||
        words.empty()) {
      fail(
          "a field of business, 'table' or 'column', a meaning and words are needed, separated by "
          "tabs");
    }
    convention.domain = domain_number(domain);
    convention.of_table = scope == "table";
    convention.meaning = meaning_number(meaning);
    convention.table = table.empty() ? std::uint16_t{0} : meaning_number(table);
    for (const auto word : split(words, ' ')) {
      convention.words.push_back(stem_hash(word));
    }
    auto& stems = convention.words;
    std::sort(stems.begin(), stems.end());
    stems.erase(std::unique(stems.begin(), stems.end()), stems.end());
    lexicon.conventions_.push_back(std::move(convention));
  }

  void role_line(std::string_view line) {
    const auto name = next_field(line);
    const auto word = next_field(line);
    if (name.empty() || word.empty()) {
      fail("a role and a word are needed, separated by a tab");
    }
    const auto role = name_role_from(name);
    if (!role) {
      fail(fmt::format("'{}' is no role", name));
    }
    lexicon.words_[lexicon.intern(word)].role = *role;
  }

  // Puts what belongs to words behind each other, by word, and for each word as it was read.
  template <class Item, class Value>
  void place(const std::vector<Item>& items, Value Item::*value, Range Word::*of_word,
             std::vector<Value>& places) {
    for (const auto& item : items) {
      ++(lexicon.words_[item.word].*of_word).count;
    }
    std::uint32_t begin = 0;
    for (auto& word : lexicon.words_) {
      (word.*of_word).begin = begin;
      begin += std::exchange((word.*of_word).count, 0);
    }
    places.resize(items.size());
    for (const auto& item : items) {
      auto& range = lexicon.words_[item.word].*of_word;
      places[range.begin + range.count++] = item.*value;
    }
  }

  void finish() {
    std::stable_sort(expansions.begin(), expansions.end(),
                     [](const auto& a, const auto& b) { return a.priority < b.priority; });
    place(expansions, &Expansion::sequence, &Word::expansions, lexicon.expansion_ranges_);
    expand_phrases();
    place(members, &Member::membership, &Word::groups, lexicon.memberships_);
    place(sides, &OnSide::side, &Word::contrasts, lexicon.contrasts_);
    lexicon.prefixes_.sort([](std::string_view prefix) { return prefix.front(); });
    lexicon.suffixes_.sort([](std::string_view suffix) { return suffix.back(); });
  }

  Lexicon& lexicon;
  std::filesystem::path file{};
  std::size_t line_number = 0;
  std::uint32_t groups = 0;
  std::uint16_t contrasts = 0;
  std::vector<Expansion> expansions{};
  std::vector<Member> members{};
  std::vector<OnSide> sides{};
  std::vector<Phrase> phrases{};  // those of `members` that are several words
};

std::shared_ptr<const Lexicon> Lexicon::load(std::span<const std::filesystem::path> folders) {
  const std::shared_ptr<Lexicon> lexicon{new Lexicon};
  Loader loader{*lexicon};
  int priority = 0;
  for (const auto& folder : folders) {
    --priority;  // a later folder's expansions come first
    loader.each_line(folder / "abbreviations.tsv",
                     [&](std::string_view line) { loader.expansion_line(line, priority); });
    loader.each_line(folder / "translations.tsv",
                     [&](std::string_view line) { loader.translation_line(line); });
    loader.each_line(folder / "synonyms.tsv",
                     [&](std::string_view line) { loader.synonym_line(line); });
    loader.each_line(folder / "contrasts.tsv",
                     [&](std::string_view line) { loader.contrast_line(line); });
    loader.each_line(folder / "words.tsv",
                     [&](std::string_view line) { loader.genuine(trim(line)); });
    loader.each_line(folder / "affixes.tsv",
                     [&](std::string_view line) { loader.affix_line(line); });
    loader.each_line(folder / "stopwords.tsv",
                     [&](std::string_view line) { loader.stopword_line(line); });
    loader.each_line(folder / "domains.tsv",
                     [&](std::string_view line) { loader.domain_line(line); });
    loader.each_line(folder / "roles.tsv", [&](std::string_view line) { loader.role_line(line); });
    loader.each_line(folder / "conventions.tsv",
                     [&](std::string_view line) { loader.convention_line(line); });
  }
  loader.finish();
  return lexicon;
}

}  // namespace mapctl::matching
