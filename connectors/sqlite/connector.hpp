// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/connector.hpp"

namespace mapctl::connectors::sqlite {

// Connectors to SQLite files, opened for reading only. Option `path`.
const ports::ConnectorFactory& factory();

}  // namespace mapctl::connectors::sqlite
