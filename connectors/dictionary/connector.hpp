// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/connector.hpp"

namespace mapctl::connectors::dictionary {

// Connector `dictionary`: tables that are only described. Data dictionaries (CSV) and canonical
// entities (YAML), as files or folders; without a path the entities of the data directories.
const ports::ConnectorFactory& factory();

}  // namespace mapctl::connectors::dictionary
