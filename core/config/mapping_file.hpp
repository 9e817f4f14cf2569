// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mapping/document.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::config {

// Bounds on one mapping file; what is beyond them is a finding.
struct MappingFileLimits {
  std::size_t bytes = 64U << 20U;
  std::size_t entries = 1'000'000;
};

struct ParsedMappingFile {
  mapping::MappingDocument document{};
  std::vector<mapping::Finding> findings{};  // by line and column
  bool has_errors() const noexcept;
};

// Reads the text of one mapping file. Whatever could be read in two ways is a finding and is left
// out of the document: bad syntax, bytes that are not UTF-8, tabs as indentation, duplicate keys,
// anchors, aliases, tags, merge keys, further documents, unknown keys and transforms, values of
// another type, plain words that YAML readers take for a number, date, boolean or nothing. A byte
// order mark and CRLF are notes. Never throws for what the text holds. Safe in several threads.
ParsedMappingFile parse_mapping_file(std::string_view text, std::string_view file,
                                     mapping::ConnectorName connector,
                                     const MappingFileLimits& limits = {});

}  // namespace mapctl::config
