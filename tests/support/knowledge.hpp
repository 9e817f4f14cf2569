// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/knowledge.hpp"
#include "core/matching/scoring/combination.hpp"
#include "core/matching/words/lexicon.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <memory>

namespace mapctl::test {

// The words and weights that are shipped, read once.
inline const matching::Knowledge& shipped_knowledge() {
  static const matching::Knowledge knowledge = [] {
    const char* const root = std::getenv("MAPCTL_TEST_SOURCE_DIR");
    return matching::load_knowledge(
        std::array{std::filesystem::path{root != nullptr ? root : "."} / "profiles"});
  }();
  return knowledge;
}

inline const std::shared_ptr<const matching::Lexicon>& shipped_lexicon() {
  return shipped_knowledge().lexicon;
}

inline const matching::Combination& shipped_combination() {
  return *shipped_knowledge().combination;
}

}  // namespace mapctl::test
