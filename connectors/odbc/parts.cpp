// SPDX-License-Identifier: Apache-2.0
#include "connectors/odbc/parts.hpp"

#include "connectors/odbc/connector.hpp"

namespace mapctl::connectors::odbc {

const ports::Module& parts() {
  static const ports::Module parts{.connector = &factory()};
  return parts;
}

}  // namespace mapctl::connectors::odbc
