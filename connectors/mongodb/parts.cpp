// SPDX-License-Identifier: Apache-2.0
#include "connectors/mongodb/parts.hpp"

#include "connectors/mongodb/connector.hpp"

namespace mapctl::connectors::mongodb {

const ports::Module& parts() {
  static const ports::Module parts{.connector = &factory()};
  return parts;
}

}  // namespace mapctl::connectors::mongodb
