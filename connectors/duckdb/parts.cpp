// SPDX-License-Identifier: Apache-2.0
#include "connectors/duckdb/parts.hpp"

#include "connectors/duckdb/connector.hpp"

namespace mapctl::connectors::duckdb {

const ports::Module& parts() {
  static const ports::Module parts{.connector = &factory()};
  return parts;
}

}  // namespace mapctl::connectors::duckdb
