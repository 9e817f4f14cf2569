// SPDX-License-Identifier: Apache-2.0
#include "core/matching/knowledge.hpp"

#include "core/matching/scoring/combination.hpp"
#include "core/matching/words/lexicon.hpp"

#include <string_view>
#include <vector>

namespace mapctl::matching {

Knowledge load_knowledge(std::span<const std::filesystem::path> profiles) {
  const auto folders = [&](std::string_view name) {
    std::vector<std::filesystem::path> result;
    for (const auto& folder : profiles) {
      result.push_back(folder / name);
    }
    return result;
  };
  return {Lexicon::load(folders("lexicon")), load_combination(folders("model"))};
}

}  // namespace mapctl::matching
