// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <minizip/zip.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace mapctl::test {

using ZipParts = std::vector<std::pair<std::string, std::string>>;

// Writes an archive of these parts, whatever their names are; the last one goes on with so many
// megabytes of spaces.
void write_zip(const std::filesystem::path& path, const ZipParts& parts,
               std::size_t spaces_in_last = 0);

// The least that is a workbook, with `sheet` for the content of <worksheet> and, when given, shared
// texts (content of <sst>) and styles (content of <styleSheet>).
ZipParts workbook_parts(const std::string& sheet, const std::string& strings = {},
                        const std::string& styles = {});

}  // namespace mapctl::test
