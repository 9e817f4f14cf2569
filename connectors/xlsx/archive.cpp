// SPDX-License-Identifier: Apache-2.0
#include "connectors/xlsx/archive.hpp"

#include "connectors/xlsx/errors.hpp"
#include "connectors/xlsx/handle.hpp"
#include "core/base/error.hpp"
#include "core/base/file.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

namespace mapctl::connectors::xlsx {
namespace {

constexpr uLong utf8_names = 1u << 11;  // general purpose flag of the zip format
constexpr std::size_t piece = 1u << 20;

// Zip keeps local time without a zone, from 1980 on; ours is UTC.
tm_zip to_zip_time(TimePoint time) {
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{days};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(time - days)};
  tm_zip result{};
  if (static_cast<int>(date.year()) < 1980) {
    result.tm_year = 1980;
    result.tm_mday = 1;
    return result;
  }
  result.tm_year = static_cast<uInt>(static_cast<int>(date.year()));
  result.tm_mon = static_cast<unsigned>(date.month()) - 1;
  result.tm_mday = static_cast<unsigned>(date.day());
  result.tm_hour = static_cast<uInt>(clock.hours().count());
  result.tm_min = static_cast<uInt>(clock.minutes().count());
  result.tm_sec = static_cast<uInt>(clock.seconds().count());
  return result;
}

class ZipArchiveSink final : public ports::ArchiveSink {
 public:
  ZipArchiveSink(std::filesystem::path path, TimePoint modified)
      : path_{std::move(path)}, modified_{to_zip_time(modified)} {
    errno = 0;
    zip_.reset(zipOpen64(path_.c_str(), APPEND_STATUS_CREATE));
    if (zip_ == nullptr) {
      throw_io_error(errno == 0 ? EIO : errno, "write", path_);
    }
  }
  ~ZipArchiveSink() override {
    if (!closed_) {
      zip_.reset();
      ::unlink(path_.c_str());
    }
  }

  void begin(const std::string& name, bool compress) override {
    end_entry();
    zip_fileinfo info{};
    info.tmz_date = modified_;
    // version 4.5 for 64-bit sizes; made on Unix, so that readers agree on what the flag says
    constexpr uLong made_by = 3u << 8 | 45;
    check(zipOpenNewFileInZip4_64(zip_.get(), name.c_str(), &info, nullptr, 0, nullptr, 0, nullptr,
                                  compress ? Z_DEFLATED : 0, Z_DEFAULT_COMPRESSION, 0, -MAX_WBITS,
                                  DEF_MEM_LEVEL, Z_DEFAULT_STRATEGY, nullptr, 0, made_by,
                                  utf8_names, 1));
    is_open_ = true;
  }

  void write(std::string_view bytes) override {
    while (!bytes.empty()) {
      const std::string_view part = bytes.substr(0, piece);
      check(zipWriteInFileInZip(zip_.get(), part.data(), static_cast<unsigned>(part.size())));
      bytes.remove_prefix(part.size());
    }
  }

  void close() override {
    end_entry();
    errno = 0;
    check(zipClose(zip_.release(), nullptr));
    if (is_full(errno)) {
      throw_full(errno, path_);
    }
    closed_ = true;
  }

 private:
  void end_entry() {
    if (std::exchange(is_open_, false)) {
      check(zipCloseFileInZip(zip_.get()));
    }
  }
  void check(int result) const {
    if (result == ZIP_OK) {
      return;
    }
    if (is_full(errno)) {
      throw_full(errno, path_);
    }
    throw Error{Error::Facts{
        ErrorCode::io, fmt::format("cannot write '{}': the archive was refused", path_.string()),
        "check the disk and the length of the entries' names", fmt::format("minizip {}", result),
        Retry::never}};
  }

  std::filesystem::path path_;
  tm_zip modified_;
  ZipHandle zip_{};
  bool is_open_ = false;
  bool closed_ = false;
};

}  // namespace

std::unique_ptr<ports::ArchiveSink> ZipArchiveSinkFactory::create(const std::filesystem::path& path,
                                                                  TimePoint modified) const {
  return std::make_unique<ZipArchiveSink>(path, modified);
}

}  // namespace mapctl::connectors::xlsx
