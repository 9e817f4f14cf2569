// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/connector.hpp"

namespace mapctl::connectors::odbc {

// What the connector `odbc` is and takes; needs no ODBC.
ports::ConnectorInfo info();

}  // namespace mapctl::connectors::odbc
