// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/clock.hpp"
#include "core/registry/yaml_migrations.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::jobs {

// Held while a phase works on a folder; gone with the process that held it.
class FolderLock {
 public:
  // Throws Error::busy when another process of this machine holds it, Error::not_found.
  explicit FolderLock(const std::filesystem::path& folder);
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  ~FolderLock();

 private:
  int descriptor_ = -1;
};

// SHA-256 of a file, or nothing when there is none.
std::optional<std::string> hash_of_file(const std::filesystem::path& path);

// Throws Error unless files can be made in, and taken out of, the folder.
void require_writable(const std::filesystem::path& folder);

// An empty or new folder with the manifest of what is to come. Throws Error::already_exists when
// the folder holds something else than an unfinished archive of the same files.
inline constexpr std::string_view manifest_name = "manifest.json";
void prepare_archive(const std::filesystem::path& archive,
                     const registry::YamlMigrationRecord& record,
                     const std::vector<registry::YamlFileRecord>& files);

// Moves each file from `folder` to `archive`. A file is at any time complete in one of the two
// places or in both, so that a rerun goes on where this one was stopped. Throws Error::conflict for
// a file that is neither here nor there as it was recorded.
void move_to_archive(const std::filesystem::path& folder, const std::filesystem::path& archive,
                     const std::vector<registry::YamlFileRecord>& files);

// The way back, byte for byte: from the archive, or from what the registry keeps of the file. A
// file that has other content than recorded, before or after, is a conflict.
void restore_files(const std::filesystem::path& folder, const std::filesystem::path& archive,
                   const std::vector<registry::YamlFileRecord>& files);
// Throws Error::conflict if restore_files() would.
void check_restore(const std::filesystem::path& folder,
                   const std::vector<registry::YamlFileRecord>& files);

}  // namespace mapctl::jobs
