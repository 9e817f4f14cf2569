// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/catalog/table.hpp"
#include "core/mapping/transformation.hpp"
#include "core/matching/columns/prepared.hpp"

#include <string>
#include <vector>

namespace mapctl::matching {

// The steps that bring the source's values into the target's form, as types, profiled forms and
// allowed values suggest; no step where a plain copy will do.
mapping::Transformation suggest_transformation(const Side& source, const ColumnFeatures& from,
                                               const Side& target, const ColumnFeatures& to);

// "%d.%m.%Y" for day-first dates with dots, and so on; empty when the column's values have no one
// form of date. Epochs are "epoch_s" and "epoch_ms".
std::string date_format_of(const catalog::Column& column);

}  // namespace mapctl::matching
