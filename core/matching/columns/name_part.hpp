// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/columns/prepared.hpp"

#include <cstdint>

namespace mapctl::matching {

// Which part of a person's name a column holds, going by its name.
enum class NamePart : std::uint8_t { none, first, last, full };
NamePart name_part(const Side& side, const ColumnFeatures& column) noexcept;

}  // namespace mapctl::matching
