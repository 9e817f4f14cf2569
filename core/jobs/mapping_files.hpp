// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/config/mapping_file.hpp"
#include "core/mapping/document.hpp"

#include <cstddef>
#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::jobs {

// One mapping file as it was read.
struct MappingFile {
  std::string name{};  // in its folder: "hubspot.yaml"
  std::string text{};
  std::string sha256{};
  config::ParsedMappingFile parsed{};
  const mapping::ConnectorName& connector() const noexcept { return parsed.document.connector; }
};

struct MappingFolder {
  std::filesystem::path path{};
  std::vector<MappingFile> files{};          // by name
  std::vector<mapping::Finding> findings{};  // by file, line, column; of the folder itself first
  std::size_t mappings() const noexcept;
  bool has_errors() const noexcept;
};

// Reads *.yaml and *.yml of one folder, hidden files left out; the name without its ending is the
// connector's. What cannot be read (no permission, a link, two files of one connector) is a
// finding. Uses `threads` threads, as many as the machine has cores when it is 0. Throws
// Error::not_found when there is no such folder, Error::cancelled.
MappingFolder read_mapping_folder(const std::filesystem::path& path, std::size_t threads = 0,
                                  std::stop_token stop = {});

MappingFile read_mapping_text(std::string name, std::string text);
// Hash of names and hashes: equal while no file was changed, added or removed.
std::string hash_of(const std::vector<MappingFile>& files);
// "crm" of "crm.yaml"; empty for what is no mapping file.
std::string connector_of_file(std::string_view name);

}  // namespace mapctl::jobs
