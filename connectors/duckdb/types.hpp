// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/catalog/types.hpp"

#include <duckdb.h>

namespace mapctl::connectors::duckdb {

// DuckDB's type in the catalog's terms; `native` is spelled as DuckDB does.
catalog::DataType data_type(duckdb_logical_type type);

}  // namespace mapctl::connectors::duckdb
