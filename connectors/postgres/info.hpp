// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/connector.hpp"

namespace mapctl::connectors::postgres {

// What the connector is and takes, known without libpq.
ports::ConnectorInfo info();

}  // namespace mapctl::connectors::postgres
