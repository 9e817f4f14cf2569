// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mapping/decision.hpp"

#include <filesystem>
#include <span>
#include <vector>

namespace mapctl::matching {

// Reads the *.tsv files of each folder: what public systems call the fields of our entities, as
// profiles/baseline/README.md describes it. The file's name is the system's. A file of a later
// folder takes the place of one of the same name. A folder that does not exist is passed over.
// Throws Error::configuration naming file and line.
std::vector<mapping::Decision> load_baseline(std::span<const std::filesystem::path> folders);

}  // namespace mapctl::matching
