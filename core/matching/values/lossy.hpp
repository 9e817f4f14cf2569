// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/catalog/table.hpp"

#include <string>
#include <vector>

namespace mapctl::matching {

// What would be lost or refused when the source's values are put into the target, in words, most
// serious first. Judged by the profiled values; by the declared types only where there are no
// statistics.
std::vector<std::string> lossy_warnings(const catalog::Column& from, const catalog::Table& target,
                                        const catalog::Column& to);

// Of the source's profiled values the share, 0 .. 1, of which a number, date, yes or no, or UUID
// can be made where the target takes such, by a code map too; 1 where nothing is known.
double taken_share(const catalog::Column& from, const catalog::Column& to);

// Where the target takes each value once, the share of the source's values that are left when each
// is taken once; 1 where the target takes them more often or nothing is known.
double once_share(const catalog::Column& from, const catalog::Table& target,
                  const catalog::Column& to);

}  // namespace mapctl::matching
