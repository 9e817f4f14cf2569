// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/catalog/table.hpp"
#include "core/registry/records.hpp"

#include <string_view>

namespace mapctl::jobs {

// Under which connector and entity the registry keeps the mappings of a table pair, and the tables
// themselves. The catalogs must outlive the result.
registry::PairContext pair_context(const catalog::Catalog& source,
                                   const catalog::TableRef& source_table,
                                   std::string_view source_endpoint, const catalog::Catalog& target,
                                   const catalog::TableRef& target_table,
                                   std::string_view target_endpoint);

}  // namespace mapctl::jobs
