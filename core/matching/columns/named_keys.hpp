// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/columns/prepared.hpp"

#include <string_view>

namespace mapctl::matching {

// What a path leads through a reference to: "user" of "user_id.name", the name of a user, and
// "deal.contact" of "deal.contactId.email". Empty for a key itself ("user_id.value", "user_id") and
// for a path through no reference ("address.city").
std::string_view referred_name(std::string_view column) noexcept;

// Where a table declares no keys: "id" and "order_id" are the orders' own key, "external_id" is
// another one of theirs, and any other "..._id" refers to a record elsewhere.
KeyRole key_by_name(const Side& side, const ColumnFeatures& column) noexcept;

}  // namespace mapctl::matching
