// SPDX-License-Identifier: Apache-2.0
#include "connectors/rest/parts.hpp"

#include "connectors/rest/connector.hpp"

namespace mapctl::connectors::rest {

const ports::Module& parts() {
  static const ports::Module parts = [] {
    ports::Module made;
    made.connector = &factory();
    return made;
  }();
  return parts;
}

}  // namespace mapctl::connectors::rest
