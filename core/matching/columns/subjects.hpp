// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/columns/prepared.hpp"

namespace mapctl::matching {

// Finds the column of each table that says which thing a row is about. That is the one called
// "name", "title" or "label"; where there is none, the one called like the table ("country" of
// countries); else the text whose values come again least. Call it when all columns are there.
void find_subjects(Side& side);

// Whether both columns say which thing a row is about, where at least one table has a "name" or the
// like: "Country" of a list of countries is its "name" elsewhere. Below 0 where only one does.
// `tables`: how far the tables' names agree. Symmetric, -0.8..1.
float subject_agreement(const Side& source, const ColumnFeatures& left, const Side& target,
                        const ColumnFeatures& right, float tables) noexcept;

}  // namespace mapctl::matching
