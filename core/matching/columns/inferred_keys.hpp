// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/catalog/table.hpp"
#include "core/matching/columns/prepared.hpp"

#include <vector>

namespace mapctl::matching {

// Where tables declare no keys: a column that several tables have under one name is the key of the
// table that tells its rows apart by it and has the others' values, and a reference in the others.
InferredKeys infer_keys(const std::vector<catalog::Catalog::Entry>& tables);

}  // namespace mapctl::matching
