// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/connector.hpp"

namespace mapctl::connectors::salesforce {

// Connector `salesforce`: objects are tables without a schema.
const ports::ConnectorFactory& factory();

}  // namespace mapctl::connectors::salesforce
