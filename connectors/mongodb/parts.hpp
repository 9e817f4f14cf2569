// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/module.hpp"

namespace mapctl::connectors::mongodb {

// What this folder offers the program, linked or as a module.
const ports::Module& parts();

}  // namespace mapctl::connectors::mongodb
