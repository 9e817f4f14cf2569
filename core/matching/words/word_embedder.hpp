// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/words/lexicon.hpp"
#include "core/ports/embedder.hpp"

#include <memory>

namespace mapctl::matching {

inline constexpr std::size_t word_embedding_dimensions = 256;

// An embedder without a model file and without a network: the words of a text as the tokenizer
// reads them, their synonym groups and the letter trigrams of the names, hashed into 256
// dimensions with a sign (feature hashing: Weinberger and others, ICML 2009). Parts of a text are
// separated by " | "; the first part says most. The same lexicon gives the same vectors on every
// machine; another one is another model().
std::unique_ptr<ports::Embedder> make_word_embedder(std::shared_ptr<const Lexicon> lexicon);

}  // namespace mapctl::matching
