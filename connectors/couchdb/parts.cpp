// SPDX-License-Identifier: Apache-2.0
#include "connectors/couchdb/parts.hpp"

#include "connectors/couchdb/connector.hpp"

namespace mapctl::connectors::couchdb {

const ports::Module& parts() {
  static const ports::Module parts{.connector = &factory()};
  return parts;
}

}  // namespace mapctl::connectors::couchdb
