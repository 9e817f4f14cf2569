// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace mapctl {

// Whole file, a pipe to its end; throws Error::not_found, denied or io, naming the path.
std::string read_file(const std::filesystem::path& path);

// A new file that takes the place of an old one all at once: it is written beside the destination
// and renamed over it by commit(). Without commit() the destructor removes it and the old file
// stays as it was; what a killed process left behind is removed by the next one that writes the
// same destination. Errors (full disk, missing directory, no permission) throw Error naming the
// path.
class AtomicFile {
 public:
  // A folder named temporary() with this at its end belongs to the same writer and goes with it.
  static constexpr const char* scratch_suffix = ".d";

  explicit AtomicFile(std::filesystem::path destination);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  // Where to write, for libraries that want a path of their own.
  const std::filesystem::path& temporary() const noexcept { return temporary_; }
  void write(std::string_view bytes);
  // Flushes to disk and renames.
  void commit();

 private:
  std::filesystem::path destination_;
  std::filesystem::path temporary_;
  int descriptor_ = -1;
  bool committed_ = false;
};

void write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

// Turns errno into an Error about `path`; `action` is a verb phrase such as "write".
[[noreturn]] void throw_io_error(int error_number, std::string_view action,
                                 const std::filesystem::path& path);

// A directory of our own under $TMPDIR, removed with everything in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory();
  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace mapctl
