// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mapping/decision.hpp"
#include "core/matching/lexicon.hpp"
#include "core/matching/prepared.hpp"
#include "core/matching/tokenizer.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

namespace mapctl::matching {

// How a name becomes a vector.
inline constexpr float memory_group_weight = 0.6F;    // of a synonym group beside its word
inline constexpr float memory_letters_weight = 0.7F;  // of all letter groups beside all words
inline constexpr std::size_t letter_gram = 3;
inline constexpr float memory_number_weight = 0.5F;

// A word of a name that is compared with the names of past decisions.
struct NameWord {
  std::uint64_t stem = 0;
  WordId word = 0;
  float weight = 1;
};

struct NameFeature {
  std::uint32_t key = 0;
  float weight = 0;
};

// A name as a vector. Reuses its memory.
struct NameVector {
  std::vector<NameWord> words{};
  std::vector<NameFeature> features{};
  float length = 1;

  static std::uint32_t key_of_word(std::uint64_t stem) noexcept {
    return static_cast<std::uint32_t>(stem >> 32U);
  }
  static std::uint32_t key_of_group(std::uint32_t group) noexcept {
    return static_cast<std::uint32_t>((std::uint64_t{group} + 1) * 0x9E3779B97F4A7C15ULL >> 32U);
  }

  // `rarity` of a key; letters are all alike.
  template <class Rarity>
  void build(const Lexicon& lexicon, std::string_view letters, Rarity rarity) {
    features.clear();
    float square = 0;
    for (const NameWord& word : words) {
      const auto key = key_of_word(word.stem);
      const float weight = word.weight * rarity(key);
      add(key, weight);
      square += weight * weight;
      for (const auto& member : lexicon.groups(word.word)) {
        const auto group = key_of_group(member.group);
        add(group, word.weight * memory_group_weight * member.weight * rarity(group));
      }
    }
    const float all_words = square > 0 ? std::sqrt(square) : 1.0F;
    const std::size_t count =
        letters.size() + 2 >= letter_gram ? letters.size() + 3 - letter_gram : 0;
    if (count > 0) {
      const float each = memory_letters_weight * all_words / std::sqrt(static_cast<float>(count));
      std::uint32_t window = '^';
      for (std::size_t at = 0; at <= letters.size(); ++at) {
        const char next = at < letters.size() ? letters[at] : '$';
        window = ((window << 8U) | static_cast<unsigned char>(next)) & 0xFFFFFFU;
        if (at > 0) {
          add(window * 2654435761U | 1U, each);
        }
      }
    }
    std::sort(features.begin(), features.end(),
              [](const NameFeature& a, const NameFeature& b) { return a.key < b.key; });
    std::size_t kept = 0;
    square = 0;
    for (const NameFeature& feature : features) {
      if (kept > 0 && features[kept - 1].key == feature.key) {
        features[kept - 1].weight = std::max(features[kept - 1].weight, feature.weight);
      } else {
        features[kept++] = feature;
      }
    }
    features.resize(kept);
    for (const NameFeature& feature : features) {
      square += feature.weight * feature.weight;
    }
    length = square > 0 ? std::sqrt(square) : 1.0F;
  }

 private:
  void add(std::uint32_t key, float weight) { features.push_back({key, weight}); }
};

// The stems of a name's words, each once, ascending.
std::vector<std::uint64_t> stems_of(const NameReading& reading);
// "dwh.public.orders" -> "orders".
std::string_view last_part(std::string_view name) noexcept;
// Of a field with its table and connector.
std::uint64_t source_hash(std::string_view connector, std::string_view table,
                          std::string_view field) noexcept;

// What was decided about one entity, by the spelling of the source fields.
struct MemoryEntity {
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
  struct Use {
    std::uint32_t decision = 0;
    std::uint32_t field = 0;      // in fields
    std::uint32_t table = 0;      // in tables
    std::uint32_t connector = 0;  // number of it
    std::uint64_t source = 0;     // source_hash()
    TypeClass type = TypeClass::unknown;
  };
  struct Name {
    std::uint32_t first = 0, count = 0;  // in uses; none for a target field's own name
    std::uint32_t field = none;          // of an own name
    std::uint64_t letters = 0, numbers = 0;
  };
  struct Posting {
    std::uint32_t name = 0;
    float weight = 0;  // by the name's length
  };

  std::vector<std::uint64_t> fields{};  // their letters
  std::vector<std::vector<std::uint64_t>> tables{};
  std::vector<Use> uses{};
  std::vector<Name> names{};
  std::vector<std::uint32_t> keys{}, begins{};  // ascending; a key's postings
  std::vector<float> rarities{};
  std::vector<Posting> postings{};
  float unknown_rarity = 1;

  // `about` are numbers of decisions.
  MemoryEntity(const std::vector<mapping::Decision>& decisions,
               const std::vector<std::uint32_t>& about, const Lexicon& lexicon);

  // A key's place, or keys.size().
  std::size_t place(std::uint32_t key) const noexcept {
    const auto at = std::lower_bound(keys.begin(), keys.end(), key);
    return at != keys.end() && *at == key ? static_cast<std::size_t>(at - keys.begin())
                                          : keys.size();
  }
};

}  // namespace mapctl::matching
