// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/connector.hpp"

namespace mapctl::connectors::postgres {

// Connectors to PostgreSQL and Redshift, over read-only transactions. Options as in info();
// secrets `password`, `sslpassword` and `url`.
const ports::ConnectorFactory& factory();

}  // namespace mapctl::connectors::postgres
