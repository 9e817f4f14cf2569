// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/dictionary/tables.hpp"

#include <filesystem>
#include <optional>

namespace mapctl::connectors::dictionary {

// Adds the tables of a data dictionary: a line a column, under a header with at least `table` and
// `column`. The delimiter is found out among comma, semicolon and tab when not given. Throws
// Error::invalid_data naming file and line.
void read_csv_dictionary(const std::filesystem::path& file, std::optional<char> delimiter,
                         Tables& tables);

}  // namespace mapctl::connectors::dictionary
