// SPDX-License-Identifier: Apache-2.0
#include "core/matching/memory/memory_entity.hpp"

#include "core/base/hash.hpp"
#include "core/catalog/types.hpp"

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

namespace mapctl::matching {
namespace {

TypeClass coarse_class(std::string_view native) {
  using catalog::LogicalType;
  if (native.empty()) {
    return TypeClass::unknown;
  }
  switch (catalog::parse_data_type(native).logical) {
    case LogicalType::boolean: return TypeClass::boolean;
    case LogicalType::integer: return TypeClass::integer;
    case LogicalType::floating:
    case LogicalType::decimal: return TypeClass::decimal;
    case LogicalType::binary: return TypeClass::binary;
    case LogicalType::date: return TypeClass::date;
    case LogicalType::time:
    case LogicalType::interval: return TypeClass::time;
    case LogicalType::timestamp: return TypeClass::timestamp;
    case LogicalType::string: return TypeClass::text;
    default: return TypeClass::unknown;
  }
}

WordId known_word(const Lexicon& lexicon, std::string_view text, WordId word) {
  if (word != 0 && !lexicon.groups(word).empty()) {
    return word;
  }
  const WordId singular = lexicon.find(text.substr(0, stem_length(text)));
  return singular != 0 && !lexicon.groups(singular).empty() ? singular : word;
}

// The words of a reading, as Side has those of its columns.
void take_words(const Lexicon& lexicon, const NameReading& reading, std::vector<NameWord>& words,
                std::uint64_t& numbers) {
  words.clear();
  numbers = 0;
  for (const Piece& piece : reading.expanded) {
    const bool number = piece.text.front() >= '0' && piece.text.front() <= '9';
    const auto stem = stem_hash(piece.text);
    numbers = number ? numbers * 31 + stem : numbers;
    const WordId word = known_word(lexicon, piece.text, piece.word);
    words.push_back(
        {stem, word, number ? memory_number_weight : (word == 0 ? 1.0F : lexicon.weight(word))});
  }
}

}  // namespace

void NameVector::build(const Lexicon& lexicon, std::span<const NameWord> words,
                       std::string_view letters) {
  using Kind = NameFeature::Kind;
  features.clear();
  for (const NameWord& word : words) {
    features.push_back({key_of_word(word.stem), word.weight, Kind::word});
    for (const auto& member : lexicon.listed_groups(word.word)) {
      features.push_back({key_of_group(member.group),
                          word.weight * memory_group_weight * member.weight, Kind::group});
    }
  }
  std::uint32_t window = '^';
  for (std::size_t at = 0; at <= letters.size(); ++at) {
    const char next = at < letters.size() ? letters[at] : '$';
    window = ((window << 8U) | static_cast<unsigned char>(next)) & 0xFFFFFFU;
    if (at > 0) {
      features.push_back({window * 2654435761U | 1U, 0, Kind::letters});
    }
  }
  letter_groups = static_cast<float>(letters.size());
  std::sort(features.begin(), features.end(), [](const NameFeature& a, const NameFeature& b) {
    return a.key != b.key ? a.key < b.key : a.weight > b.weight;
  });
  features.erase(
      std::unique(features.begin(), features.end(),
                  [](const NameFeature& a, const NameFeature& b) { return a.key == b.key; }),
      features.end());
}

std::vector<std::uint64_t> stems_of(const NameReading& reading) {
  std::vector<std::uint64_t> stems;
  for (const Piece& piece : reading.expanded) {
    stems.push_back(stem_hash(piece.text));
  }
  std::sort(stems.begin(), stems.end());
  stems.erase(std::unique(stems.begin(), stems.end()), stems.end());
  return stems;
}

std::string_view last_part(std::string_view name) noexcept {
  const auto dot = name.rfind('.');
  return dot == name.npos || dot + 1 == name.size() ? name : name.substr(dot + 1);
}

std::uint64_t source_hash(std::string_view connector, std::string_view table,
                          std::string_view field) noexcept {
  return fast_hash(field, fast_hash(table, fast_hash(connector)));
}

namespace {

// One spelling of a source field, or of a target field's own name, with what was decided for it.
struct SpelledName {
  std::string letters{};
  std::vector<NameWord> words{};
  std::uint64_t numbers = 0;
  std::vector<MemoryEntity::Use> uses{};
  std::uint32_t own_of = MemoryEntity::none;
};

// Gives equal things one number, in the order in which they come.
template <class Key>
class Numbering {
 public:
  // The number, and whether it is new.
  std::pair<std::uint32_t, bool> of(const Key& key) {
    const auto [at, fresh] = numbers_.emplace(key, static_cast<std::uint32_t>(numbers_.size()));
    return {at->second, fresh};
  }

 private:
  std::map<Key, std::uint32_t> numbers_;
};

// Takes the decisions about one entity apart into its fields, tables and spellings.
class DecisionReader {
 public:
  DecisionReader(MemoryEntity& entity, const Lexicon& lexicon)
      : entity_{entity}, lexicon_{lexicon}, tokenizer_{lexicon} {}

  void read(const mapping::Decision& decision, std::uint32_t number) {
    MemoryEntity::Use use;
    use.decision = number;
    use.field = field_of(decision.key.field.text);
    use.table = table_of(decision.key.source_table.text);
    use.connector = connectors_.of(decision.key.connector.text).first;
    use.spelling = spelling_of(decision.key.entity.text);
    use.source = source_hash(decision.key.connector.text, decision.key.source_table.text,
                             decision.key.source_field.text);
    use.type = coarse_class(decision.source_type);
    use.verdict = decision.ruling.verdict;
    name_of(decision.key.source_field.text, false).uses.push_back(use);
  }

  std::vector<SpelledName> take_names() { return std::move(names_); }

 private:
  std::uint32_t field_of(std::string_view target) {
    tokenizer_.read(target, reading_);
    const auto letters = fast_hash(reading_.buffer);
    const auto [number, is_new] = fields_.of(letters);
    if (is_new) {
      entity_.fields.push_back(letters);
      name_of(target, true).own_of = number;
    }
    return number;
  }

  std::uint32_t table_of(std::string_view table) {
    const auto [number, is_new] = tables_.of(table);
    if (is_new) {
      tokenizer_.read(last_part(table), reading_);
      entity_.tables.push_back(stems_of(reading_));
    }
    return number;
  }

  std::uint32_t spelling_of(std::string_view entity) {
    const auto [number, is_new] = spellings_.of(entity);
    if (is_new) {
      entity_.spellings.push_back(entity);
    }
    return number;
  }

  SpelledName& name_of(std::string_view name, bool is_own) {
    tokenizer_.read(name, reading_);
    const auto [number, is_new] = spelled_.of((is_own ? "=" : "") + reading_.buffer);
    if (is_new) {
      SpelledName& fresh = names_.emplace_back();
      fresh.letters = reading_.buffer;
      take_words(lexicon_, reading_, fresh.words, fresh.numbers);
    }
    return names_[number];
  }

  MemoryEntity& entity_;
  const Lexicon& lexicon_;
  Tokenizer tokenizer_;
  NameReading reading_{};
  Numbering<std::uint64_t> fields_{};
  Numbering<std::string_view> tables_{}, connectors_{}, spellings_{};
  Numbering<std::string> spelled_{};
  std::vector<SpelledName> names_{};
};

// How rare a word or synonym group is among the names tells what it says.
class NameRarities {
 public:
  NameRarities(std::span<const SpelledName> names, const Lexicon& lexicon)
      : all_{static_cast<float>(names.size())} {
    std::vector<std::uint32_t> seen;
    for (const SpelledName& name : names) {
      seen.clear();
      for (const NameWord& word : name.words) {
        seen.push_back(NameVector::key_of_word(word.stem));
        for (const auto& member : lexicon.listed_groups(word.word)) {
          seen.push_back(NameVector::key_of_group(member.group));
        }
      }
      std::sort(seen.begin(), seen.end());
      seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
      for (const auto key : seen) {
        ++holders_[key];
      }
    }
  }

  float of_unknown() const { return of_held(0); }
  // Nothing for letters, which are all alike.
  std::optional<float> of(std::uint32_t key) const {
    const auto found = holders_.find(key);
    return found == holders_.end() ? std::nullopt
                                   : std::optional{of_held(static_cast<float>(found->second))};
  }

 private:
  float of_held(float held) const {
    constexpr float evenness = 5;
    return std::log(1 + (all_ + evenness) / (1 + held));
  }

  float all_;
  std::map<std::uint32_t, std::uint32_t> holders_{};  // names with the key
};

}  // namespace

MemoryEntity::MemoryEntity(const std::vector<mapping::Decision>& decisions,
                           const std::vector<std::uint32_t>& about, const Lexicon& lexicon) {
  DecisionReader reader{*this, lexicon};
  for (const std::uint32_t number : about) {
    reader.read(decisions[number], number);
  }
  const std::vector<SpelledName> spelled = reader.take_names();
  const NameRarities rarities_of_keys{spelled, lexicon};
  unknown_rarity = rarities_of_keys.of_unknown();

  std::vector<std::tuple<std::uint32_t, std::uint32_t, float>> entries;
  NameVector vector;
  std::vector<float> weights;
  for (const SpelledName& name : spelled) {
    const auto number = static_cast<std::uint32_t>(names.size());
    names.push_back({static_cast<std::uint32_t>(uses.size()),
                     static_cast<std::uint32_t>(name.uses.size()), name.own_of,
                     fast_hash(name.letters), name.numbers});
    uses.insert(uses.end(), name.uses.begin(), name.uses.end());
    vector.build(lexicon, name.words, name.letters);
    const float length = vector.weigh(
        [&](std::uint32_t key) { return rarities_of_keys.of(key).value_or(unknown_rarity); },
        weights);
    for (std::size_t at = 0; at < vector.features.size(); ++at) {
      entries.emplace_back(vector.features[at].key, number, weights[at] / length);
    }
  }
  std::sort(entries.begin(), entries.end());
  for (const auto& [key, name, weight] : entries) {
    if (keys.empty() || keys.back() != key) {
      keys.push_back(key);
      begins.push_back(static_cast<std::uint32_t>(postings.size()));
      rarities.push_back(rarities_of_keys.of(key).value_or(1.0F));
    }
    postings.push_back({name, weight});
  }
  begins.push_back(static_cast<std::uint32_t>(postings.size()));
  hash_keys();
}

void MemoryEntity::hash_keys() {
  std::size_t size = 8;
  while (size < 2 * keys.size()) {
    size *= 2;
  }
  slots.assign(size, 0);
  for (std::uint32_t number = 0; number < keys.size(); ++number) {
    std::size_t at = hashed(keys[number]) & (size - 1);
    while (slots[at] != 0) {
      at = (at + 1) & (size - 1);
    }
    slots[at] = number + 1;
  }
}

}  // namespace mapctl::matching
