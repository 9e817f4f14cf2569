// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/columns/prepared.hpp"
#include "core/matching/signals/similarity.hpp"

namespace mapctl::matching {

// Of keys as tables declare them: -1 .. 1. Symmetric.
float key_compatibility(KeyRole left, KeyRole right) noexcept;

// -1 .. 1, of keys as key_by_name() tells them: a table's own is no reference to another record.
// Symmetric.
float named_key_compatibility(KeyRole left, KeyRole right) noexcept;

// Of the keys of two columns, be they declared, inferred or told by names: -1 .. 1. Symmetric.
float key_agreement(const ColumnFeatures& left, const ColumnFeatures& right) noexcept;

// Whether what the longer of two names has more stands in its middle: a "customer order number" of
// the orders is no customer number. Symmetric; neither name may be empty.
bool differ_in_middle(const Side& source, const ColumnFeatures& left, const Side& target,
                      const ColumnFeatures& right, const TermSimilarities& similarities) noexcept;

// Whether one column is a part of a record that its own refers to, and neither the other column nor
// its table is named after such a record: "user_id.name" is no deal's name, but may be its
// "owner_name", or the name of a "user". Symmetric.
bool is_of_another_record(const Side& source, const ColumnFeatures& left, const Side& target,
                          const ColumnFeatures& right,
                          const TermSimilarities& similarities) noexcept;

}  // namespace mapctl::matching
