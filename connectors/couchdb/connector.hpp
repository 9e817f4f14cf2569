// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/connector.hpp"

namespace mapctl::connectors::couchdb {

// Connector `couchdb`: documents of a kind are a table.
const ports::ConnectorFactory& factory();

}  // namespace mapctl::connectors::couchdb
