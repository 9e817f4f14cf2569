// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/connector.hpp"

namespace mapctl::connectors::mongodb {

// Connector `mongodb`: collections are tables.
const ports::ConnectorFactory& factory();

}  // namespace mapctl::connectors::mongodb
