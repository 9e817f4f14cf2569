// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/columns/prepared.hpp"

namespace mapctl::matching {

// What a column can hold: by its type, or by its values where the type is text.
TypeClass class_of(const catalog::Column& column);
// By what the table declares, and by values and name where it declares nothing.
KeyRole key_of(const catalog::Table& table, const catalog::Column& column);
ValueFeatures value_features_of(const catalog::ColumnStatistics& statistics);

}  // namespace mapctl::matching
