// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mapping/decision.hpp"
#include "core/matching/columns/prepared.hpp"
#include "core/matching/words/lexicon.hpp"
#include "core/matching/words/tokenizer.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

namespace mapctl::matching {

// How a name becomes a vector.
inline constexpr float memory_group_weight = 0.6F;    // of a synonym group beside its word
inline constexpr float memory_letters_weight = 0.7F;  // of all letter groups beside all words
inline constexpr float memory_number_weight = 0.5F;

// A word of a name that is compared with the names of past decisions.
struct NameWord {
  std::uint64_t stem = 0;
  WordId word = 0;
  float weight = 1;
};

struct NameFeature {
  enum class Kind : std::uint8_t { word, group, letters };
  std::uint32_t key = 0;
  float weight = 0;  // before it is known how rare it is
  Kind kind = Kind::word;
};

// A name as a vector of its words, their synonym groups and its letters.
struct NameVector {
  std::vector<NameFeature> features{};  // by key, each once
  float letter_groups = 0;

  static std::uint32_t key_of_word(std::uint64_t stem) noexcept {
    return static_cast<std::uint32_t>(stem >> 32U);
  }
  static std::uint32_t key_of_group(std::uint32_t group) noexcept {
    return static_cast<std::uint32_t>((std::uint64_t{group} + 1) * 0x9E3779B97F4A7C15ULL >> 32U);
  }

  void build(const Lexicon& lexicon, std::span<const NameWord> words, std::string_view letters);

  // Weights of the features where `rarity` tells that of a key, and the vector's length; letters
  // are all alike.
  template <class Rarity>
  float weigh(Rarity rarity, std::vector<float>& weights) const {
    weights.resize(features.size());
    float of_words = 0;
    float square = 0;
    for (std::size_t at = 0; at < features.size(); ++at) {
      const NameFeature& feature = features[at];
      if (feature.kind != NameFeature::Kind::letters) {
        weights[at] = feature.weight * rarity(feature.key);
        square += weights[at] * weights[at];
        of_words += feature.kind == NameFeature::Kind::word ? weights[at] * weights[at] : 0.0F;
      }
    }
    const float all_words = of_words > 0 ? std::sqrt(of_words) : 1.0F;
    const float each = memory_letters_weight * all_words / std::sqrt(std::max(1.0F, letter_groups));
    for (std::size_t at = 0; at < features.size(); ++at) {
      if (features[at].kind == NameFeature::Kind::letters) {
        weights[at] = each;
        square += each * each;
      }
    }
    return square > 0 ? std::sqrt(square) : 1.0F;
  }
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
    std::uint32_t spelling = 0;   // in spellings, of the entity's name
    std::uint64_t source = 0;     // source_hash()
    TypeClass type = TypeClass::unknown;
    mapping::Verdict verdict = mapping::Verdict::approved;
  };
  struct Name {
    // In uses, by decision, so that a tenant's own come first; none for a target field's own name.
    std::uint32_t first = 0, count = 0;
    std::uint32_t field = none;  // of an own name
    std::uint64_t letters = 0, numbers = 0;
  };
  struct Posting {
    std::uint32_t name = 0;
    float weight = 0;  // by the name's length
  };

  std::vector<std::uint64_t> fields{};        // their letters
  std::vector<std::string_view> spellings{};  // of the entity; views into the decisions
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
    const std::size_t mask = slots.size() - 1;
    for (std::size_t at = hashed(key) & mask;; at = (at + 1) & mask) {
      if (slots[at] == 0) {
        return keys.size();
      }
      if (keys[slots[at] - 1] == key) {
        return slots[at] - 1;
      }
    }
  }

 private:
  static std::size_t hashed(std::uint32_t key) noexcept {
    return static_cast<std::size_t>(std::uint64_t{key} * 0x9E3779B97F4A7C15ULL >> 32U);
  }
  void hash_keys();

  std::vector<std::uint32_t> slots{};  // a key's place + 1; open addressing, power of two
};

}  // namespace mapctl::matching
