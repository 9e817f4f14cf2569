// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.hpp"
#include "core/catalog/table.hpp"

#include <string>
#include <string_view>

namespace mapctl::catalog {

// SHA-256 over structure only: names, order, types, keys, nullability, defaults and comments, not
// rows, statistics or time. Equal structure gives equal fingerprints on every machine.
std::string fingerprint(const Catalog& catalog);

// One document of schema mapctl.catalog/1 (product.md, section 9).
Json to_json(const Catalog& catalog, std::string_view profile);
Json to_json(const Column& column);
Json to_json(const ColumnStatistics& statistics);

// The way back, from a document that to_json wrote; throws Error::invalid_data.
Catalog catalog_from_json(const Json& document);

}  // namespace mapctl::catalog
