// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.hpp"
#include "core/catalog/table.hpp"

#include <string>
#include <string_view>

namespace mapctl::catalog {

// SHA-256 over structure only: names, order, types, keys, nullability, defaults and comments, not
// rows, properties, statistics or time. Equal structure gives equal fingerprints on every machine.
std::string fingerprint(const Catalog& catalog);
// As of a catalog that holds this table only.
std::string fingerprint(const TableRef& ref, const Table& table);

// What documents tell of columns that look personal. Means, deviations, quantiles and hashes of
// values can lead back to people, so only what stays with this machine holds them: unfinished work.
enum class Disclosure { shareable, everything };

// One document of schema mapctl.catalog/1.
Json to_json(const Catalog& catalog, std::string_view profile,
             Disclosure disclosure = Disclosure::shareable);
Json to_json(const Column& column, Disclosure disclosure = Disclosure::shareable);
// Everything, whatever it is of.
Json to_json(const ColumnStatistics& statistics);

// The way back, from a document that to_json wrote; throws Error::invalid_data.
Catalog catalog_from_json(const Json& document);

}  // namespace mapctl::catalog
