// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/hash.hpp"
#include "core/base/text.hpp"
#include "core/matching/words/lexicon.hpp"
#include "core/matching/words/tokenizer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <numeric>
#include <utility>

namespace mapctl::matching {
namespace {

constexpr std::size_t most_domains = 64;

// Two words that are interchangeable with a third are so with each other, most of the time. A word
// of many meanings says nothing of the kind.
constexpr float weight_of_joined = 0.7F;
constexpr float least_weight_joined = 0.9F;
constexpr std::size_t most_groups_joined = 6;

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
  struct OnSide {
    WordId word;
    ContrastSide side;
  };

  explicit Loader(Lexicon& target) : lexicon{target} {
    constexpr std::size_t many = 65536;  // not touched before it is used, and then not copied
    members.reserve(many);
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

  // Each word of "job title", known from now on.
  template <class Take>
  void each_word(std::string_view phrase, Take&& take) {
    while (!phrase.empty()) {
      const auto space = phrase.find(' ');
      const auto word = phrase.substr(0, space);
      phrase.remove_prefix(space == std::string_view::npos ? phrase.size() : space + 1);
      if (!word.empty()) {
        take(genuine(word));
      }
    }
  }

  Range sequence(std::string_view phrase) {
    Range range{static_cast<std::uint32_t>(lexicon.sequences_.size()), 0};
    each_word(phrase, [&](WordId word) {
      lexicon.sequences_.push_back(word);
      ++range.count;
    });
    return range;
  }

  void expansion_line(std::string_view line, int priority) {
    const auto key = next_field(line);
    const auto text = next_field(line);
    if (key.empty() || text.empty()) {
      fail("an abbreviation and its expansion are needed, separated by a tab");
    }
    const WordId word = lexicon.intern(key);
    lexicon.words_[word].abbreviates = true;
    expansions.push_back({word, priority, sequence(text)});
  }

  // Each word's behind each other, likeliest first.
  void sort_expansions() {
    std::stable_sort(expansions.begin(), expansions.end(), [](const auto& a, const auto& b) {
      return std::pair{a.word, a.priority} < std::pair{b.word, b.priority};
    });
  }

  void translation_line(std::string_view line) {
    const auto key = next_field(line);
    const auto text = next_field(line);
    if (key.empty() || text.empty()) {
      fail("a word and its translation are needed, separated by a tab");
    }
    const WordId word = lexicon.intern(key);
    lexicon.links_[word].translation = static_cast<std::uint32_t>(lexicon.translations_.size());
    lexicon.translations_.push_back(sequence(text));
    if (const auto joint = key.find('_'); joint != std::string_view::npos) {
      const WordId first = lexicon.intern(key.substr(0, joint));
      lexicon.words_[first].starts_translation = true;
    }
  }

  // Whether it is a phrase that holds an abbreviation.
  bool add_member(std::string_view member, const GroupMembership& membership) {
    const WordId known = genuine(member);
    members.push_back({known, membership});
    if (member.find(' ') == std::string_view::npos) {
      return false;
    }
    lexicon.words_[known].is_phrase = true;
    std::array<WordId, 2> beginning{};
    std::size_t count = 0;
    bool is_shortened = false;
    each_word(member, [&](WordId word) {
      if (count < beginning.size()) {
        beginning[count] = word;
      }
      ++count;
      is_shortened = is_shortened || lexicon.words_[word].abbreviates;
    });
    lexicon.words_[beginning[0]].starts_phrase = true;
    if (count > 1) {
      lexicon.set_begins_phrase(beginning[0], beginning[1]);
    }
    return is_shortened;
  }

  // Abbreviations in names are replaced before phrases are looked for, so a phrase that holds one
  // is known by what it stands for, too: "national id" as "national identifier".
  void add_in_full(std::string_view phrase, const GroupMembership& membership) {
    std::string in_full;
    each_word(phrase, [&](WordId word) {
      if (!lexicon.words_[word].abbreviates) {
        append_word(in_full, lexicon.words_[word].text());
        return;
      }
      const auto likeliest = std::lower_bound(
          expansions.begin(), expansions.end(), word,
          [](const Expansion& expansion, WordId of) { return expansion.word < of; });
      for (const WordId meant : lexicon.sequence(likeliest->sequence)) {
        append_word(in_full, lexicon.words_[meant].text());
      }
    });
    if (in_full != phrase) {
      lexicon.files_.push_back(std::make_unique<const std::string>(std::move(in_full)));
      add_member(*lexicon.files_.back(), membership);
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
      if (add_member(member, {group, weight})) {
        add_in_full(member, {group, weight});
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
    if (sides.size() > std::numeric_limits<std::uint16_t>::max()) {
      fail("too many words of contrasts");
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
    lexicon.links_[word].weight = weight_of(weight);
  }

  void domain_line(std::string_view line) {
    const auto domain = next_field(line);
    const auto word = next_field(line);
    if (domain.empty() || word.empty()) {
      fail("a domain and a word are needed, separated by a tab");
    }
    if (word.find_first_of("_ -") != std::string_view::npos) {
      fail(fmt::format("'{}' is several words, and only single ones hint at a domain", word));
    }
    auto& sets = lexicon.domain_sets_;
    auto& set = lexicon.links_[lexicon.intern(word)].domain_set;
    if (set == 0) {
      if (sets.size() > std::numeric_limits<std::uint16_t>::max()) {
        fail("too many words of domains");
      }
      set = static_cast<std::uint16_t>(sets.size());
      sets.push_back(0);
    }
    sets[set] |= std::uint64_t{1} << domain_number(domain);
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
  template <class Item, class Value, class Index>
  void place(const std::vector<Item>& items, Value Item::*value, Index Links::*first,
             std::vector<Value>& places) {
    for (const auto& item : items) {
      ++(lexicon.links_[item.word].*first);
    }
    std::size_t end = 0;
    for (auto& links : lexicon.links_) {
      end += links.*first;
      links.*first = static_cast<Index>(end);
    }
    places.resize(items.size());
    for (auto item = items.rbegin(); item != items.rend(); ++item) {
      places[--(lexicon.links_[item->word].*first)] = (*item).*value;
    }
  }

  // Joins what groups hold that have a word in common: "subject, summary" and "summary, short
  // description". Members stand in the order of their groups.
  void join_groups() {
    std::vector<std::uint32_t> begin(groups + 2, 0);
    std::vector<std::uint32_t> groups_of(lexicon.words_.size(), 0);
    for (const auto& member : members) {
      ++begin[member.membership.group + 1];
      ++groups_of[member.word];
    }
    std::partial_sum(begin.begin(), begin.end(), begin.begin());
    std::vector<std::pair<WordId, std::uint32_t>> links;
    for (const auto& [word, membership] : members) {
      if (membership.weight >= least_weight_joined && groups_of[word] > 1 &&
          groups_of[word] <= most_groups_joined) {
        links.emplace_back(word, membership.group);
      }
    }
    std::sort(links.begin(), links.end());
    std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;
    for (std::size_t from = 0; from < links.size(); ++from) {
      for (std::size_t to = from + 1; to < links.size() && links[to].first == links[from].first;
           ++to) {
        pairs.emplace_back(links[from].second, links[to].second);
      }
    }
    std::sort(pairs.begin(), pairs.end());
    pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
    for (const auto& [left, right] : pairs) {
      ++groups;
      for (const auto group : {left, right}) {
        for (auto at = begin[group]; at < begin[group + 1]; ++at) {
          members.push_back({members[at].word, {groups, weight_of_joined}});
        }
      }
    }
  }

  void finish() {
    lexicon.last_listed_group_ = groups;
    join_groups();
    lexicon.links_.emplace_back();
    place(expansions, &Expansion::sequence, &Links::first_expansion, lexicon.expansions_);
    place(members, &Member::membership, &Links::first_group, lexicon.memberships_);
    place(sides, &OnSide::side, &Links::first_contrast, lexicon.contrasts_);
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
};

std::shared_ptr<const Lexicon> Lexicon::load(std::span<const std::filesystem::path> folders) {
  const std::shared_ptr<Lexicon> lexicon{new Lexicon};
  Loader loader{*lexicon};
  const auto each_line = [&](std::string_view file, auto&& take) {
    for (const auto& folder : folders) {
      loader.each_line(folder / file, take);
    }
  };
  int priority = 0;
  for (const auto& folder : folders) {
    --priority;  // a later folder's expansions come first
    loader.each_line(folder / "abbreviations.tsv",
                     [&](std::string_view line) { loader.expansion_line(line, priority); });
  }
  loader.sort_expansions();  // which synonyms ask for
  each_line("translations.tsv", [&](std::string_view line) { loader.translation_line(line); });
  each_line("synonyms.tsv", [&](std::string_view line) { loader.synonym_line(line); });
  each_line("contrasts.tsv", [&](std::string_view line) { loader.contrast_line(line); });
  each_line("words.tsv", [&](std::string_view line) { loader.genuine(trim(line)); });
  each_line("affixes.tsv", [&](std::string_view line) { loader.affix_line(line); });
  each_line("stopwords.tsv", [&](std::string_view line) { loader.stopword_line(line); });
  each_line("domains.tsv", [&](std::string_view line) { loader.domain_line(line); });
  each_line("roles.tsv", [&](std::string_view line) { loader.role_line(line); });
  each_line("conventions.tsv", [&](std::string_view line) { loader.convention_line(line); });
  loader.finish();
  return lexicon;
}

}  // namespace mapctl::matching
