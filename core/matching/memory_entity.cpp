// SPDX-License-Identifier: Apache-2.0
#include "core/matching/memory_entity.hpp"

#include "core/base/hash.hpp"
#include "core/catalog/types.hpp"

#include <map>
#include <string>
#include <tuple>

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
    for (const auto& member : lexicon.groups(word.word)) {
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

MemoryEntity::MemoryEntity(const std::vector<mapping::Decision>& decisions,
                           const std::vector<std::uint32_t>& about, const Lexicon& lexicon) {
  const Tokenizer tokenizer{lexicon};
  NameReading reading;
  std::map<std::string_view, std::uint32_t> table_numbers;
  std::map<std::string_view, std::uint32_t> connector_numbers;
  std::map<std::string_view, std::uint32_t> spelling_numbers;
  std::map<std::uint64_t, std::uint32_t> field_numbers;
  struct Spelled {
    std::string letters{};
    std::vector<NameWord> words{};
    std::uint64_t numbers = 0;
    std::vector<Use> uses{};
    std::uint32_t own_of = none;
  };
  std::vector<Spelled> spelled;
  std::map<std::string, std::uint32_t, std::less<>> spelled_numbers;
  const auto spelling = [&](std::string_view name, bool own) -> Spelled& {
    tokenizer.read(name, reading);
    const std::string key = (own ? "=" : "") + reading.buffer;
    const auto [at, added] =
        spelled_numbers.emplace(key, static_cast<std::uint32_t>(spelled.size()));
    if (added) {
      auto& fresh = spelled.emplace_back();
      fresh.letters = reading.buffer;
      take_words(lexicon, reading, fresh.words, fresh.numbers);
    }
    return spelled[at->second];
  };
  for (const std::uint32_t number : about) {
    const mapping::Decision& decision = decisions[number];
    Use use;
    use.decision = number;
    const std::string_view target = decision.key.field.text;
    tokenizer.read(target, reading);
    const auto letters = fast_hash(reading.buffer);
    const auto [field, fresh] =
        field_numbers.emplace(letters, static_cast<std::uint32_t>(fields.size()));
    use.field = field->second;
    if (fresh) {
      fields.push_back(letters);
      spelling(target, true).own_of = use.field;
    }
    const std::string_view table = decision.key.source_table.text;
    const auto [at, new_table] =
        table_numbers.emplace(table, static_cast<std::uint32_t>(tables.size()));
    use.table = at->second;
    if (new_table) {
      tokenizer.read(last_part(table), reading);
      tables.push_back(stems_of(reading));
    }
    use.connector = connector_numbers
                        .emplace(decision.key.connector.text,
                                 static_cast<std::uint32_t>(connector_numbers.size()))
                        .first->second;
    const std::string_view entity = decision.key.entity.text;
    const auto [spelt, new_spelling] =
        spelling_numbers.emplace(entity, static_cast<std::uint32_t>(spellings.size()));
    use.spelling = spelt->second;
    if (new_spelling) {
      spellings.push_back(entity);
    }
    use.source = source_hash(decision.key.connector.text, table, decision.key.source_field.text);
    use.type = coarse_class(decision.source_type);
    use.verdict = decision.ruling.verdict;
    spelling(decision.key.source_field.text, false).uses.push_back(use);
  }

  // How rare a word is among the names tells what it says.
  std::map<std::uint32_t, std::uint32_t> holders;
  for (const Spelled& name : spelled) {
    std::vector<std::uint32_t> seen;
    for (const NameWord& word : name.words) {
      seen.push_back(NameVector::key_of_word(word.stem));
      for (const auto& member : lexicon.groups(word.word)) {
        seen.push_back(NameVector::key_of_group(member.group));
      }
    }
    std::sort(seen.begin(), seen.end());
    seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
    for (const auto key : seen) {
      ++holders[key];
    }
  }
  const auto all = static_cast<float>(spelled.size());
  const auto rarity_of = [&](float held) {
    constexpr float evenness = 5;
    return std::log(1 + (all + evenness) / (1 + held));
  };
  unknown_rarity = rarity_of(0);
  std::vector<std::tuple<std::uint32_t, std::uint32_t, float>> entries;
  NameVector vector;
  std::vector<float> weights;
  for (const Spelled& name : spelled) {
    const auto number = static_cast<std::uint32_t>(names.size());
    names.push_back({static_cast<std::uint32_t>(uses.size()),
                     static_cast<std::uint32_t>(name.uses.size()), name.own_of,
                     fast_hash(name.letters), name.numbers});
    uses.insert(uses.end(), name.uses.begin(), name.uses.end());
    vector.build(lexicon, name.words, name.letters);
    const float length = vector.weigh(
        [&](std::uint32_t key) {
          const auto found = holders.find(key);
          return found == holders.end() ? unknown_rarity
                                        : rarity_of(static_cast<float>(found->second));
        },
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
      const auto found = holders.find(key);
      rarities.push_back(found == holders.end() ? 1.0F
                                                : rarity_of(static_cast<float>(found->second)));
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
