// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/connector.hpp"

namespace mapctl::connectors::rest {

// Connector `rest`: the streams of a profile are tables without a schema.
const ports::ConnectorFactory& factory();

}  // namespace mapctl::connectors::rest
