// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/catalog/table.hpp"

#include <map>
#include <string>
#include <string_view>

namespace mapctl::connectors::dictionary {

// Tables by name while they are read.
using Tables = std::map<catalog::TableRef, catalog::Table>;

// Adds that `column` refers to "table.column" or "schema.table.column". False for another form.
bool add_reference(catalog::Table& table, const catalog::ColumnName& column,
                   std::string_view reference);

// Whether we ship the codes of a list with this name.
bool is_code_list(std::string_view name) noexcept;

// Column::required from the rest.
void settle(catalog::Table& table);

}  // namespace mapctl::connectors::dictionary
