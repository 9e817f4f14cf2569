// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/columns/prepared.hpp"

#include <cstdint>
#include <span>

namespace mapctl::matching {

// Adds to the rough scores of a source column with every target column what is known beside words,
// letters and values: conventions of a field of business, what tables are about, what the values of
// nameless columns are, what texts mention. `tables`: how far the source table's name agrees with
// those of the target.
void add_hints(const Side& source, std::uint32_t column, const Side& target,
               std::span<const float> tables, std::span<float> rough);

}  // namespace mapctl::matching
