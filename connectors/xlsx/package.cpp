// SPDX-License-Identifier: Apache-2.0
#include "connectors/xlsx/package.hpp"

#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <vector>

namespace mapctl::connectors::xlsx {
namespace {

constexpr std::size_t name_bytes = 1'024;
constexpr std::size_t piece_bytes = 64U << 10U;
constexpr std::uint64_t encrypted = 1;  // bit of an entry's flag

[[noreturn]] void refuse(const std::filesystem::path& path, std::string_view cause,
                         std::string hint = {}) {
  throw Error{ErrorCode::invalid_data, fmt::format("cannot read '{}': {}", path.string(), cause),
              std::move(hint)};
}

[[noreturn]] void refuse_size(const std::filesystem::path& path, std::string_view cause) {
  throw Error{ErrorCode::resource_limit, fmt::format("cannot read '{}': {}", path.string(), cause),
              "no workbook of ours is like this; export it again and repeat the edits"};
}

std::string first_bytes(const std::filesystem::path& path, std::uint64_t limit) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) {
    throw_io_error(errno, "read", path);
  }
  struct stat status {};
  const int problem = ::fstat(descriptor, &status) == 0 ? 0 : errno;
  std::array<char, 8> buffer{};
  const ssize_t count = problem != 0 ? -1 : ::read(descriptor, buffer.data(), buffer.size());
  const int read_problem = errno;
  ::close(descriptor);
  if (count < 0) {
    throw_io_error(problem != 0 ? problem : read_problem, "read", path);
  }
  if (!S_ISREG(status.st_mode)) {
    refuse(path, "it is not a file");
  }
  if (static_cast<std::uint64_t>(status.st_size) > limit) {
    refuse_size(path, fmt::format("it is larger than {}", human_bytes(static_cast<double>(limit))));
  }
  return {buffer.data(), static_cast<std::size_t>(count)};
}

bool leads_out(std::string_view name) {
  if (name.empty() || name.front() == '/' || name.find('\\') != name.npos ||
      name.find('\0') != name.npos || name.find(':') != name.npos) {
    return true;
  }
  for (const std::string_view part : split(name, '/')) {
    if (part == "..") {
      return true;
    }
  }
  return false;
}

}  // namespace

std::string part_key(std::string_view part) {
  return to_lower(part);
}

std::string resolve_part(std::string_view owner, std::string_view target) {
  std::vector<std::string> parts;
  if (!target.empty() && target.front() == '/') {
    target.remove_prefix(1);
  } else {
    for (const std::string_view part : split(owner, '/')) {
      parts.emplace_back(part);
    }
    if (!parts.empty()) {
      parts.pop_back();
    }
  }
  for (const std::string_view part : split(target, '/')) {
    if (part == "..") {
      if (parts.empty()) {
        return {};
      }
      parts.pop_back();
    } else if (!part.empty() && part != ".") {
      parts.emplace_back(part);
    }
  }
  return join(parts, "/");
}

Package::Package(std::filesystem::path path, const ports::SheetLimits& limits)
    : path_{std::move(path)}, limits_{limits} {
  const std::string magic = first_bytes(path_, limits_.file_bytes);
  if (magic.starts_with("\xD0\xCF\x11\xE0")) {
    refuse(path_, "it is an old Excel file (.xls) or one with a password",
           "save it as .xlsx without a password");
  }
  if (!magic.starts_with("PK")) {
    refuse(path_, "it is not an .xlsx workbook", "save it as .xlsx");
  }
  zip_.reset(unzOpen64(path_.c_str()));
  if (zip_ == nullptr) {
    refuse(path_, "the archive is damaged", "copy the file again");
  }
  unz_global_info64 info{};
  if (unzGetGlobalInfo64(zip_.get(), &info) != UNZ_OK) {
    refuse(path_, "the archive is damaged", "copy the file again");
  }
  if (info.number_entry > limits_.entries) {
    refuse_size(path_, fmt::format("it has {} parts", info.number_entry));
  }
  std::size_t seen = 0;
  int code = unzGoToFirstFile(zip_.get());
  for (; code == UNZ_OK; code = unzGoToNextFile(zip_.get())) {
    if (++seen > limits_.entries) {
      refuse_size(path_, fmt::format("it has more than {} parts", limits_.entries));
    }
    unz_file_info64 entry{};
    std::array<char, name_bytes + 1> buffer{};
    if (unzGetCurrentFileInfo64(zip_.get(), &entry, buffer.data(), name_bytes, nullptr, 0, nullptr,
                                0) != UNZ_OK ||
        entry.size_filename > name_bytes) {
      refuse(path_, "the archive's list of parts is damaged", "copy the file again");
    }
    const std::string_view name{buffer.data(), entry.size_filename};
    if (leads_out(name)) {
      refuse(path_, fmt::format("it has a part with an unusable name, '{}'",
                                to_valid_utf8(std::string_view{buffer.data()})));
    }
    unz64_file_pos position{};
    if (unzGetFilePos64(zip_.get(), &position) != UNZ_OK) {
      refuse(path_, "the archive's list of parts is damaged", "copy the file again");
    }
    // Programs disagree about which of two parts of one name counts.
    if (!parts_.emplace(part_key(name), position).second) {
      refuse(path_, fmt::format("it has two parts named '{}'", to_valid_utf8(name)));
    }
  }
  if (code != UNZ_END_OF_LIST_OF_FILE) {
    refuse(path_, "the archive's list of parts is damaged", "copy the file again");
  }
}

bool Package::has(std::string_view part) const {
  return parts_.contains(part_key(part));
}

void Package::read(std::string_view part, const std::function<bool(std::string_view)>& take) {
  const auto found = parts_.find(part_key(part));
  if (found == parts_.end()) {
    refuse(path_, fmt::format("its part '{}' is missing", part), "copy the file again");
  }
  unz64_file_pos position = found->second;
  unz_file_info64 entry{};
  if (unzGoToFilePos64(zip_.get(), &position) != UNZ_OK ||
      unzGetCurrentFileInfo64(zip_.get(), &entry, nullptr, 0, nullptr, 0, nullptr, 0) != UNZ_OK) {
    refuse(path_, fmt::format("its part '{}' is damaged", part), "copy the file again");
  }
  if ((entry.flag & encrypted) != 0) {
    refuse(path_, "it has a password", "save it without one");
  }
  if (unzOpenCurrentFile(zip_.get()) != UNZ_OK) {
    refuse(path_, fmt::format("its part '{}' is damaged", part), "copy the file again");
  }
  struct Closer {
    unzFile zip;
    ~Closer() { unzCloseCurrentFile(zip); }
  } closer{zip_.get()};
  std::vector<char> buffer(piece_bytes);
  std::uint64_t of_part = 0;
  for (;;) {
    const int count =
        unzReadCurrentFile(zip_.get(), buffer.data(), static_cast<unsigned>(buffer.size()));
    if (count < 0) {
      refuse(path_, fmt::format("its part '{}' is damaged", part), "copy the file again");
    }
    if (count == 0) {
      break;
    }
    of_part += static_cast<std::uint64_t>(count);
    unpacked_ += static_cast<std::uint64_t>(count);
    if (unpacked_ > limits_.unpacked_bytes) {
      refuse_size(path_, fmt::format("it unpacks to more than {}",
                                     human_bytes(static_cast<double>(limits_.unpacked_bytes))));
    }
    // The packed size is what the archive says; a small lie there makes the ratio larger, and a
    // size beyond the file's own is none.
    const std::uint64_t packed = std::max<std::uint64_t>(entry.compressed_size, 1);
    if (of_part > limits_.ratio_floor && of_part / limits_.ratio > packed) {
      refuse_size(path_, fmt::format("its part '{}' unpacks to more than {} times its size", part,
                                     limits_.ratio));
    }
    if (!take({buffer.data(), static_cast<std::size_t>(count)})) {
      return;
    }
  }
  if (unzCloseCurrentFile(zip_.get()) == UNZ_CRCERROR) {
    refuse(path_, fmt::format("its part '{}' is damaged", part), "copy the file again");
  }
}

}  // namespace mapctl::connectors::xlsx
