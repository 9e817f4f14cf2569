// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/rules/units.hpp"

#include <optional>

namespace mapctl::matching {

// What one of a column's numbers counts, as the end of its name says: "revenue_k" and
// "revenue_teur" are in thousands, "price_in_mio" in millions.
std::optional<Unit> multiple_of(const Side& side, const ColumnFeatures& column) noexcept;
// The same where only a letter says it ("revenue_k"), which may mean other things.
bool is_letter_multiple(const Side& side, const ColumnFeatures& column) noexcept;
// Whether the names have the same words but for such an end.
bool same_but_multiple(const Side& source, const ColumnFeatures& from, const Side& target,
                       const ColumnFeatures& to) noexcept;

// Whether the last words before it are the same: "ask_price_k", "asking_price".
bool same_head_but_multiple(const Side& source, const ColumnFeatures& from, const Side& target,
                            const ColumnFeatures& to) noexcept;

}  // namespace mapctl::matching
