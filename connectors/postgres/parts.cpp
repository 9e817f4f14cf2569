// SPDX-License-Identifier: Apache-2.0
#include "connectors/postgres/parts.hpp"

#include "connectors/postgres/connector.hpp"
#include "connectors/postgres/session.hpp"

namespace mapctl::connectors::postgres {

const ports::Module& parts() {
  static const ports::Module parts{.connector = &factory(), .sessions = &session_factory()};
  return parts;
}

}  // namespace mapctl::connectors::postgres
