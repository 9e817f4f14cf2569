// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/sheet_source.hpp"

#include <minizip/unzip.h>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace mapctl::connectors::xlsx {

struct ZipReaderCloser {
  using pointer = unzFile;
  void operator()(unzFile file) const noexcept { unzClose(file); }
};
using ZipReaderHandle = std::unique_ptr<void, ZipReaderCloser>;

// The parts of an Open Packaging file, which is a zip archive. Nothing is unpacked to disk, and
// what the archive says about sizes is not believed: bytes are counted as they come out.
class Package {
 public:
  // Throws Error::invalid_data when this is no archive, has two parts of one name, or names that
  // lead out of it; resource_limit when there is too much of it.
  Package(std::filesystem::path path, const ports::SheetLimits& limits);

  const std::filesystem::path& path() const noexcept { return path_; }
  const ports::SheetLimits& limits() const noexcept { return limits_; }
  // Names are compared without regard to case, as Open Packaging wants it.
  bool has(std::string_view part) const;
  // Hands out the part piece by piece until `take` says false. Throws Error::invalid_data when the
  // part is not there, encrypted or damaged, resource_limit beyond the limits.
  void read(std::string_view part, const std::function<bool(std::string_view)>& take);

 private:
  std::filesystem::path path_;
  ports::SheetLimits limits_;
  ZipReaderHandle zip_{};
  std::unordered_map<std::string, unz64_file_pos> parts_{};  // by name in small letters
  std::uint64_t unpacked_ = 0;
};

// "xl/worksheets/sheet1.xml" of "worksheets/sheet1.xml" in a relation of "xl/workbook.xml"; empty
// when the target leads out of the package.
std::string resolve_part(std::string_view owner, std::string_view target);

// The same without regard to case.
std::string part_key(std::string_view part);

}  // namespace mapctl::connectors::xlsx
