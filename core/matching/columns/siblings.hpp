// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/columns/prepared.hpp"

#include <cstdint>
#include <vector>

namespace mapctl::matching {

// Columns of one name in tables that hold the same kind of thing: "title" of "book", "article" and
// "report". They are siblings, not rivals, where the other side keeps all of it in fewer tables.
struct Siblings {
  std::vector<std::uint32_t> group{};  // by source column; equal for siblings
  std::vector<float> shares{};         // by source column: 1 / how many siblings there are
  std::vector<float> places{};         // by target column: how many there are of its name

  bool any() const noexcept { return !group.empty(); }
  // 0: the other side has a place for each of them, towards 1: they all go to one.
  float crowding(std::uint32_t source, std::uint32_t target) const noexcept {
    const float places_for_each = places[target] * shares[source];
    return places_for_each < 1 ? 1 - places_for_each : 0.0F;
  }
};

// Empty where no two tables of the source are alike.
Siblings siblings_of(const Side& source, const Side& target);

}  // namespace mapctl::matching
