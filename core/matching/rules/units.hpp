// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mapping/proposal.hpp"
#include "core/matching/columns/prepared.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mapctl::matching {

enum class Dimension : std::uint8_t {
  money,
  duration,
  share,
  size,
  mass,
  length,
  area,
  volume,
  temperature,
  count,  // of thousands or millions of whatever it is
};

// What one of a column's numbers is worth in the base unit of its dimension.
struct Unit {
  Dimension dimension{};
  double worth = 1;
  std::string_view name{};
  bool assumed = false;  // follows from nothing but that no other unit is named
};

// As the column declares it, or as its name says: "price_cents", "latency_ms", "discount_pct".
std::optional<Unit> unit_of(const Side& side, const ColumnFeatures& column) noexcept;

// Gives the candidates of columns in different units the step between them, where names name the
// units and values, if there are any on both sides, agree; where they do not, a warning.
void scale_units(const Side& source, const Side& target, bool use_data,
                 mapping::PairProposal& proposal);

}  // namespace mapctl::matching
