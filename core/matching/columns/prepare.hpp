// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/catalog/table.hpp"

#include <memory>

namespace mapctl::matching {

class Lexicon;

// One side made ready: names cut into tokens, grams indexed, statistics digested. Made once a
// catalog and shared by all jobs; immutable, so safe to use from several threads.
class Prepared;
std::shared_ptr<const Prepared> prepare(std::shared_ptr<const catalog::Catalog> catalog,
                                        const Lexicon& lexicon);

}  // namespace mapctl::matching
