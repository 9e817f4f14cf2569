// SPDX-License-Identifier: Apache-2.0
#include "core/base/file.hpp"

#include "core/base/error.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

namespace mapctl {
namespace fs = std::filesystem;
namespace {

class Descriptor {
 public:
  explicit Descriptor(int value) noexcept : value_{value} {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value_ >= 0) {
      ::close(value_);
    }
  }
  int get() const noexcept { return value_; }

 private:
  int value_;
};

constexpr std::string_view temporary_suffix = ".tmp";

std::string temporary_prefix(const fs::path& destination) {
  return "." + destination.filename().string() + ".";
}

// Beside the destination, because a rename is atomic only within a file system.
fs::path temporary_name(const fs::path& destination) {
  static std::atomic<unsigned> counter{0};
  return destination.parent_path() / fmt::format("{}{}.{}{}", temporary_prefix(destination),
                                                 ::getpid(), counter++, temporary_suffix);
}

// How long a pipe may be without a writer.
constexpr int pipe_patience_ms = 2'000;

void wait_readable(int descriptor, int timeout_ms) noexcept {
  pollfd wanted{descriptor, POLLIN, 0};
  static_cast<void>(::poll(&wanted, 1, timeout_ms));
}

// A killed process leaves its temporary file behind, and what was put beside it under the same
// name. Whoever writes a file keeps it locked, so one that can be locked is nobody's.
void remove_abandoned(const fs::path& destination) noexcept {
  try {
    const std::string prefix = temporary_prefix(destination);
    const fs::path folder = destination.has_parent_path() ? destination.parent_path() : ".";
    std::vector<fs::path> abandoned;
    for (const fs::directory_entry& entry : fs::directory_iterator{folder}) {
      const std::string name = entry.path().filename().string();
      if (!name.starts_with(prefix) || !name.ends_with(temporary_suffix)) {
        continue;
      }
      const Descriptor file{::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
      if (file.get() >= 0 && ::flock(file.get(), LOCK_EX | LOCK_NB) == 0) {
        abandoned.push_back(entry.path());
        ::unlink(entry.path().c_str());
      }
    }
    for (const fs::path& file : abandoned) {
      fs::remove_all(file.string() + AtomicFile::scratch_suffix);
    }
  } catch (const fs::filesystem_error&) {
    // Tidying up is no reason to fail; the write itself tells what is wrong with the folder.
  }
}

// The permissions of the file that stands there, if one does.
std::optional<mode_t> mode_of(const fs::path& path) noexcept {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return std::nullopt;
  }
  return status.st_mode & static_cast<mode_t>(S_IRWXU | S_IRWXG | S_IRWXO);
}

// A new file is at least its owner's to read and write until it takes the other's place.
constexpr mode_t while_written = S_IRUSR | S_IWUSR;

}  // namespace

void throw_io_error(int error_number, std::string_view action, const fs::path& path) {
  Error::Facts facts;
  facts.message =
      fmt::format("cannot {} '{}': {}", action, path.string(), std::strerror(error_number));
  facts.native_code = fmt::format("errno {}", error_number);
  switch (error_number) {
    case ENOENT:
      facts.code = ErrorCode::not_found;
      facts.hint = "check the path";
      break;
    case EACCES:
    case EPERM:
    case EROFS:
      facts.code = ErrorCode::denied;
      facts.hint = "check the permissions of the file and its directory";
      break;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      facts.code = ErrorCode::resource_limit;
      facts.hint =
          "free some disk space or choose another place; what stood there before is unchanged";
      break;
    case ENOTDIR:
    case EEXIST:
      facts.code = ErrorCode::io;
      facts.hint = "a part of the path is a file, not a folder: choose another path";
      break;
    case EISDIR:
      facts.code = ErrorCode::io;
      facts.hint = "that is a folder: name a file in it";
      break;
    case ELOOP:
    case ENAMETOOLONG:
      facts.code = ErrorCode::io;
      facts.hint = "choose a shorter path without looping links";
      break;
    case EMFILE:
    case ENFILE:
      facts.code = ErrorCode::io;
      facts.hint = "raise the limit of open files (ulimit -n)";
      break;
    default: facts.code = ErrorCode::io; facts.hint = "check the disk and try again";
  }
  throw Error{std::move(facts)};
}

std::string read_file(const fs::path& path) {
  // Without O_NONBLOCK a pipe is opened only when somebody writes to it.
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.get() < 0) {
    throw_io_error(errno, "open", path);
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) {
    throw_io_error(errno, "read", path);
  }
  if (S_ISDIR(status.st_mode)) {
    throw_io_error(EISDIR, "read", path);
  }
  const bool is_pipe = S_ISFIFO(status.st_mode);
  if (is_pipe) {
    wait_readable(file.get(), pipe_patience_ms);
  }
  std::string content;
  content.reserve(static_cast<std::size_t>(status.st_size));
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t count = ::read(file.get(), buffer.data(), buffer.size());
    if (count == 0) {
      if (is_pipe && content.empty()) {
        throw Error{
            ErrorCode::io,
            fmt::format("cannot read '{}': it is a pipe that nobody writes to", path.string()),
            "name a file, or a pipe whose writer runs"};
      }
      return content;
    }
    if (count < 0) {
      if (errno == EAGAIN) {
        wait_readable(file.get(), -1);
        continue;
      }
      if (errno == EINTR) {
        continue;
      }
      throw_io_error(errno, "read", path);
    }
    content.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

AtomicFile::AtomicFile(fs::path destination)
    : destination_{std::move(destination)}, temporary_{temporary_name(destination_)} {
  // Known now, and not only when everything is written and cannot be renamed.
  std::error_code unknown;
  if (fs::is_directory(destination_, unknown)) {
    throw_io_error(EISDIR, "write", destination_);
  }
  remove_abandoned(destination_);
  for (;;) {
    descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor_ < 0) {
      throw_io_error(errno, "write", destination_);
    }
    // Between the two calls another process may have taken the file for an abandoned one.
    struct stat status {};
    if (::flock(descriptor_, LOCK_EX) == 0 && ::fstat(descriptor_, &status) == 0 &&
        status.st_nlink > 0) {
      if (const auto mode = mode_of(destination_)) {
        ::fchmod(descriptor_, *mode | while_written);
      }
      return;
    }
    ::close(std::exchange(descriptor_, -1));
  }
}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
  if (!committed_) {
    ::unlink(temporary_.c_str());
  }
}

void AtomicFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
    if (count < 0) {
      if (errno == EINTR) {
        continue;
      }
      throw_io_error(errno, "write", destination_);
    }
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void AtomicFile::commit() {
  // A library may have written through its own descriptor: what counts is the file, not ours.
  const Descriptor written{::open(temporary_.c_str(), O_RDONLY | O_CLOEXEC)};
  if (written.get() < 0 || ::fsync(written.get()) != 0) {
    throw_io_error(errno, "write", destination_);
  }
  if (const auto mode = mode_of(destination_);
      mode && mode_of(temporary_) == (*mode | while_written)) {
    ::fchmod(written.get(), *mode);
  }
  if (::close(std::exchange(descriptor_, -1)) != 0) {
    throw_io_error(errno, "write", destination_);
  }
  if (::rename(temporary_.c_str(), destination_.c_str()) != 0) {
    throw_io_error(errno, "replace", destination_);
  }
  committed_ = true;
}

void write_file_atomically(const fs::path& path, std::string_view bytes) {
  AtomicFile file{path};
  file.write(bytes);
  file.commit();
}

TemporaryDirectory::TemporaryDirectory() {
  const char* base = std::getenv("TMPDIR");
  std::string name = fmt::format("{}/mapctl-XXXXXX", base != nullptr && *base ? base : "/tmp");
  if (::mkdtemp(name.data()) == nullptr) {
    throw_io_error(errno, "create a temporary directory", name);
  }
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace mapctl
