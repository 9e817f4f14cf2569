// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mapping/proposal.hpp"
#include "core/matching/columns/prepared.hpp"
#include "core/matching/rules/unit_table.hpp"

#include <optional>
#include <string_view>

namespace mapctl::matching {

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
// units and values, if there are any on both sides, agree, or where the values alone show a factor.
// Where they do not agree, or seem to differ by a factor that nothing names, a warning.
void scale_units(const Side& source, const Side& target, bool use_data,
                 mapping::PairProposal& proposal);

}  // namespace mapctl::matching
