// SPDX-License-Identifier: Apache-2.0
#include "connectors/rest/parts.hpp"

#include "connectors/rest/connector.hpp"

namespace mapctl::connectors::rest {

const ports::Module& parts() {
  static const ports::Module parts{.connector = &factory()};
  return parts;
}

}  // namespace mapctl::connectors::rest
