// SPDX-License-Identifier: Apache-2.0
#include "core/jobs/mapping_archive.hpp"

#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/hash.hpp"
#include "core/base/json.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace mapctl::jobs {
namespace fs = std::filesystem;
namespace {

using registry::YamlFileRecord;

// A rename is on disk when its folder is.
void flush_folder(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor >= 0) {
    ::fsync(descriptor);
    ::close(descriptor);
  }
}

void make_folder(const fs::path& folder) {
  std::error_code problem;
  fs::create_directories(folder, problem);
  if (problem) {
    throw_io_error(problem.value(), "make the folder", folder);
  }
}

void move_file(const fs::path& from, const fs::path& to, const YamlFileRecord& file) {
  if (::rename(from.c_str(), to.c_str()) == 0) {
    return;
  }
  if (errno != EXDEV) {
    throw_io_error(errno, "move", from);
  }
  // To another file system: the copy is complete before the original goes.
  write_file_atomically(to, file.content);
  if (::unlink(from.c_str()) != 0) {
    throw_io_error(errno, "remove", from);
  }
}

void remove_quietly(const fs::path& path) noexcept {
  std::error_code ignored;
  fs::remove(path, ignored);
}

[[noreturn]] void fail_foreign(const fs::path& path, std::string_view what) {
  throw Error{ErrorCode::conflict, fmt::format("'{}' {}", path.string(), what),
              "put the file back as it was, or move it away, and run the phase again"};
}

}  // namespace

FolderLock::FolderLock(const fs::path& folder)
    : descriptor_{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)} {
  if (descriptor_ < 0) {
    throw_io_error(errno, "open the folder", folder);
  }
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    const int problem = errno;
    ::close(descriptor_);
    if (problem != EWOULDBLOCK) {
      throw_io_error(problem, "lock the folder", folder);
    }
    throw Error{ErrorCode::busy,
                fmt::format("another process migrates the files of '{}'", folder.string()),
                "wait until it has finished"};
  }
}

FolderLock::~FolderLock() {
  ::close(descriptor_);
}

std::optional<std::string> hash_of_file(const fs::path& path) {
  std::error_code problem;
  if (fs::symlink_status(path, problem).type() == fs::file_type::not_found) {
    return std::nullopt;
  }
  return sha256(read_file(path));
}

void require_writable(const fs::path& folder) {
  if (::access(folder.c_str(), W_OK | X_OK) != 0) {
    throw_io_error(errno, "write to the folder", folder);
  }
}

void prepare_archive(const fs::path& archive, const registry::YamlMigrationRecord& record,
                     const std::vector<YamlFileRecord>& files) {
  Json manifest{{"schema", "mapctl.migration-archive/1"},
                {"directory", record.directory},
                {"archived_at", record.archived_at},
                {"keep_until", record.keep_until},
                {"files", Json::array()}};
  for (const YamlFileRecord& file : files) {
    manifest["files"].push_back({{"name", file.name},
                                 {"connector", file.connector.text},
                                 {"sha256", file.sha256},
                                 {"bytes", file.content.size()},
                                 {"mappings", file.mappings}});
  }
  const std::string text = to_document(manifest);
  make_folder(archive);
  const fs::path path = archive / manifest_name;
  std::error_code problem;
  if (fs::exists(path, problem)) {
    if (read_file(path) == text) {
      return;
    }
    throw Error{ErrorCode::already_exists,
                fmt::format("'{}' holds another archive", archive.string()),
                "choose another folder with --archive"};
  }
  for (const YamlFileRecord& file : files) {
    if (fs::exists(archive / file.name, problem)) {
      throw Error{ErrorCode::already_exists,
                  fmt::format("'{}' is already there", (archive / file.name).string()),
                  "choose another folder with --archive"};
    }
  }
  write_file_atomically(path, text);
}

void move_to_archive(const fs::path& folder, const fs::path& archive,
                     const std::vector<YamlFileRecord>& files) {
  for (const YamlFileRecord& file : files) {
    const fs::path from = folder / file.name;
    const fs::path to = archive / file.name;
    const auto here = hash_of_file(from);
    const auto there = hash_of_file(to);
    if (here && *here != file.sha256) {
      fail_foreign(from, "was changed during the cutover");
    }
    if (there == file.sha256) {
      remove_quietly(from);
    } else if (there) {
      fail_foreign(to, "is not what was archived");
    } else if (here) {
      move_file(from, to, file);
    } else {
      fail_foreign(from, "is gone, and not in the archive either");
    }
  }
  flush_folder(archive);
  flush_folder(folder);
}

void check_restore(const fs::path& folder, const std::vector<YamlFileRecord>& files) {
  for (const YamlFileRecord& file : files) {
    const auto here = hash_of_file(folder / file.name);
    const bool is_known =
        !here || *here == file.sha256 || (file.previous && *here == sha256(*file.previous));
    if (!is_known) {
      fail_foreign(folder / file.name, "has content that the migration does not know");
    }
  }
}

void restore_files(const fs::path& folder, const fs::path& archive,
                   const std::vector<YamlFileRecord>& files) {
  check_restore(folder, files);
  for (const YamlFileRecord& file : files) {
    const fs::path to = folder / file.name;
    if (hash_of_file(to) == file.sha256) {
      continue;
    }
    const fs::path from = archive / file.name;
    if (!archive.empty() && !hash_of_file(to) && hash_of_file(from) == file.sha256) {
      move_file(from, to, file);
    } else {
      write_file_atomically(to, file.content);
    }
  }
  flush_folder(folder);
  if (!archive.empty()) {
    // What is equal to the restored files is of no more use; anything else stays.
    for (const YamlFileRecord& file : files) {
      if (hash_of_file(archive / file.name) == file.sha256) {
        remove_quietly(archive / file.name);
      }
    }
    std::error_code problem;
    bool is_only_manifest = true;
    for (const auto& entry : fs::directory_iterator{archive, problem}) {
      is_only_manifest = is_only_manifest && entry.path().filename() == manifest_name;
    }
    if (!problem && is_only_manifest) {
      remove_quietly(archive / manifest_name);
      remove_quietly(archive);
    }
  }
}

}  // namespace mapctl::jobs
