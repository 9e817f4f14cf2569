// SPDX-License-Identifier: Apache-2.0
#include "connectors/http/parts.hpp"

#include "connectors/http/client.hpp"

namespace mapctl::connectors::http {

const ports::Module& parts() {
  static const ports::Module parts{.http = &factory()};
  return parts;
}

}  // namespace mapctl::connectors::http
