// SPDX-License-Identifier: Apache-2.0
#include "core/matching/words/word_embedder.hpp"

#include "core/base/error.hpp"
#include "core/base/hash.hpp"
#include "core/matching/words/tokenizer.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>

namespace mapctl::matching {
namespace {

constexpr std::string_view separator = " | ";
// The field, its table, and where it leads.
constexpr std::array part_weights{1.0F, 0.45F, 0.6F};
constexpr float group_weight = 0.8F;    // of a synonym group beside the word itself
constexpr float written_weight = 0.4F;  // of the letters, which abbreviations share with words
constexpr std::size_t gram = 3;
// Each feature stands in two places, so that two features that meet in one still differ.
constexpr std::size_t places = 2;

enum class Kind : std::uint64_t { word = 1, group = 2, letters = 3 };

class WordEmbedder final : public ports::Embedder {
 public:
  explicit WordEmbedder(std::shared_ptr<const Lexicon> lexicon)
      : lexicon_{std::move(lexicon)},
        tokenizer_{*lexicon_},
        model_{fmt::format("mapctl-words-1.{:016x}", lexicon_->fingerprint())} {}

  // Vectors are kept by it. Those of another lexicon are not comparable: synonym groups go by their
  // numbers, which one line more changes, and words by their weights.
  std::string_view model() const override { return model_; }

  std::vector<std::vector<float>> embed(std::span<const std::string> texts,
                                        std::stop_token stop) override {
    constexpr std::size_t between_polls = 256;
    std::vector<std::vector<float>> vectors;
    vectors.reserve(texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (i % between_polls == 0 && stop.stop_requested()) {
        throw Error{ErrorCode::cancelled, "embedding was stopped"};
      }
      vectors.push_back(embed_one(texts[i]));
    }
    return vectors;
  }

 private:
  std::vector<float> embed_one(std::string_view text) {
    std::vector<float> vector(word_embedding_dimensions, 0.0F);
    for (std::size_t part = 0; !text.empty(); ++part) {
      const std::size_t end = text.find(separator);
      add_part(text.substr(0, end), part_weights[std::min(part, part_weights.size() - 1)], vector);
      text.remove_prefix(end == text.npos ? text.size() : end + separator.size());
    }
    float square = 0;
    for (const float value : vector) {
      square += value * value;
    }
    if (square > 0) {
      const float scale = 1 / std::sqrt(square);
      for (float& value : vector) {
        value *= scale;
      }
    }
    return vector;
  }

  void add_part(std::string_view text, float weight, std::vector<float>& vector) {
    tokenizer_.read(text, reading_);
    for (const Piece& piece : reading_.expanded) {
      const float says = piece.word == 0 ? 1.0F : lexicon_->weight(piece.word);
      add(Kind::word, stem_hash(piece.text), weight * says, vector);
      for (const GroupMembership& member : lexicon_->listed_groups(piece.word)) {
        add(Kind::group, member.group, weight * says * group_weight * member.weight, vector);
      }
    }
    const std::string_view letters = reading_.buffer;
    if (letters.size() >= gram) {
      const std::size_t grams = letters.size() - gram + 1;
      const float each = weight * written_weight / std::sqrt(static_cast<float>(grams));
      for (std::size_t i = 0; i < grams; ++i) {
        add(Kind::letters, fast_hash(letters.substr(i, gram)), each, vector);
      }
    }
  }

  static void add(Kind kind, std::uint64_t feature, float weight, std::vector<float>& vector) {
    std::array<char, sizeof feature> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      bytes[i] = static_cast<char>(feature >> (8 * i));
    }
    for (std::size_t place = 0; place < places; ++place) {
      const std::uint64_t hash = fast_hash({bytes.data(), bytes.size()},
                                           static_cast<std::uint64_t>(kind) * places + place);
      vector[hash % word_embedding_dimensions] += (hash >> 63U) != 0 ? weight : -weight;
    }
  }

  std::shared_ptr<const Lexicon> lexicon_;
  Tokenizer tokenizer_;
  std::string model_;
  NameReading reading_{};
};

}  // namespace

std::unique_ptr<ports::Embedder> make_word_embedder(std::shared_ptr<const Lexicon> lexicon) {
  return std::make_unique<WordEmbedder>(std::move(lexicon));
}

}  // namespace mapctl::matching
