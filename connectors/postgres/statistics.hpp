// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/postgres/catalog.hpp"

#include <stop_token>

namespace mapctl::connectors::postgres {

// Sets the statistics of each column. At most scope.statistics_rows rows cross the line: of a
// larger table a sample that the server draws, the same one each time; how many rows, nulls, and
// the smallest and largest values the server then finds out over the whole table, up to some
// millions of rows. Of a view the first rows are taken. Throws Error.
void profile_relation(Connection& connection, const Source& source, Relation& relation,
                      const ports::DiscoveryScope& scope);

}  // namespace mapctl::connectors::postgres
