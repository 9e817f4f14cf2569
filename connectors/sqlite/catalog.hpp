// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/sqlite/database.hpp"
#include "core/catalog/table.hpp"
#include "core/ports/connector.hpp"

#include <stop_token>
#include <string_view>

namespace mapctl::connectors::sqlite {

// The declared type as SQLite treats it: a word that is not known elsewhere gets the type of its
// affinity, and INTEGER holds 64 bits.
catalog::DataType column_type(std::string_view declared);

// Every table and view of the main database that the scope asks for.
catalog::Catalog read_catalog(Database& database, const ports::DiscoveryScope& scope,
                              std::stop_token stop);

// One pass over the table's rows, or over a part spread evenly over it when it has more than
// scope.statistics_rows; sets each column's statistics. For a view the first rows are taken.
void profile_table(Database& database, catalog::Table& table, bool has_row_ids,
                   const ports::DiscoveryScope& scope);

}  // namespace mapctl::connectors::sqlite
