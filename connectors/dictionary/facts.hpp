// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/connector_facts.hpp"

namespace mapctl::connectors::dictionary {

ports::ConnectorFacts facts();

}  // namespace mapctl::connectors::dictionary
