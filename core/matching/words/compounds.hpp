// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/words/lexicon.hpp"

#include <string_view>
#include <vector>

namespace mapctl::matching {

// German and Dutch write nouns together, with or without a letter between: "kundenreferenz",
// "auftragswert", "klantstatus". The known words that such a name is made of, first to last; at
// least one of them is foreign, others may be English. Empty where some letters are left over.
// Fewest words win. `text` is folded.
std::vector<WordId> words_of_compound(std::string_view text, const Lexicon& lexicon);

}  // namespace mapctl::matching
