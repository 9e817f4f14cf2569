// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/dictionary/tables.hpp"

#include <filesystem>

namespace mapctl::connectors::dictionary {

// Adds the canonical entity of a YAML file. Throws Error::configuration naming file and line:
// unknown keys, duplicate fields, an entity that is there already, types that nobody knows.
void read_entity_file(const std::filesystem::path& file, Tables& tables);

}  // namespace mapctl::connectors::dictionary
