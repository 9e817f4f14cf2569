// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/columns/prepared.hpp"
#include "core/matching/signals/similarity.hpp"

#include <string_view>

namespace mapctl::matching {

// What a path leads through a reference to: "user" of "user_id.name", the name of a user, and
// "deal.contact" of "deal.contactId.email". Empty for a key itself ("user_id.value", "user_id") and
// for a path through no reference ("address.city").
std::string_view referred_name(std::string_view column) noexcept;

// Where a table declares no keys: "id" and "order_id" are the orders' own key, "external_id" is
// another one of theirs, and any other "..._id" refers to a record elsewhere.
KeyRole key_by_name(const Side& side, const ColumnFeatures& column) noexcept;

// -1 .. 1, of such keys: a table's own is no reference to another record. Symmetric.
float named_key_compatibility(KeyRole left, KeyRole right) noexcept;

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
