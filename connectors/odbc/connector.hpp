// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/connector.hpp"

namespace mapctl::connectors::odbc {

// Connectors to databases through their ODBC drivers, which only read.
const ports::ConnectorFactory& factory();

}  // namespace mapctl::connectors::odbc
