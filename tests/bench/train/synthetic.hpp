// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/catalog/table.hpp"

#include <cstddef>
#include <filesystem>

namespace mapctl::matching {
class Lexicon;
}

namespace mapctl::bench {

// Writes a suite of made-up tasks: two systems with tables of `catalog`, each with its own habits
// of naming (case, prefixes, abbreviations and synonyms of the lexicon, vowels and ends of words
// left out), columns of its own, types and parts of descriptions or none. What was one column is a
// true pair. The same for equal input, so that fits can be repeated.
void write_synthetic_suite(const std::filesystem::path& folder, const catalog::Catalog& catalog,
                           const matching::Lexicon& lexicon, std::size_t tasks);

}  // namespace mapctl::bench
