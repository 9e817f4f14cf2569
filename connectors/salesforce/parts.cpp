// SPDX-License-Identifier: Apache-2.0
#include "connectors/salesforce/parts.hpp"

#include "connectors/salesforce/connector.hpp"

namespace mapctl::connectors::salesforce {

const ports::Module& parts() {
  static const ports::Module parts{.connector = &factory()};
  return parts;
}

}  // namespace mapctl::connectors::salesforce
