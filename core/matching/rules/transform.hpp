// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/catalog/table.hpp"
#include "core/mapping/transformation.hpp"
#include "core/matching/columns/prepared.hpp"

namespace mapctl::matching {

// The steps that bring the source's values into the target's form, as types, profiled forms and
// allowed values suggest; no step where a plain copy will do.
mapping::Transformation suggest_transformation(const Side& source, const ColumnFeatures& from,
                                               const Side& target, const ColumnFeatures& to);

}  // namespace mapctl::matching
