// SPDX-License-Identifier: Apache-2.0
#include "connectors/duckdb/encoding.hpp"

#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/handle.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>
#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

namespace mapctl::connectors::duckdb {
namespace {

using FileHandle = Handle<std::FILE, &std::fclose>;

class Converter {
 public:
  explicit Converter(const std::string& encoding)
      : raw_{iconv_open("UTF-8", iconv_name(encoding).c_str())} {
    if (raw_ == failed()) {
      throw Error{ErrorCode::configuration,
                  fmt::format("option 'encoding' cannot be '{}'", encoding),
                  "`iconv -l` lists the known ones, for example latin-1, windows-1252, utf-16"};
    }
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;
  ~Converter() { iconv_close(raw_); }
  iconv_t get() const noexcept { return raw_; }

 private:
  static iconv_t failed() noexcept { return reinterpret_cast<iconv_t>(-1); }
  static std::string iconv_name(const std::string& encoding) {
    return encoding == "latin-1" || encoding == "latin1" ? "ISO-8859-1" : encoding;
  }
  iconv_t raw_;
};

FileHandle open_for_reading(const std::filesystem::path& file) {
  FileHandle opened{std::fopen(file.c_str(), "rb")};
  if (!opened) {
    throw_io_error(errno, "read", file);
  }
  return opened;
}

std::size_t read_some(std::FILE* file, char* to, std::size_t size,
                      const std::filesystem::path& path) {
  const auto got = std::fread(to, 1, size, file);
  if (got < size && std::ferror(file) != 0) {
    throw_io_error(errno, "read", path);
  }
  return got;
}

}  // namespace

std::string_view encoding_of_mark(std::string_view start) noexcept {
  if (start.starts_with("\xFF\xFE") || start.starts_with("\xFE\xFF")) {
    return "utf-16";
  }
  return "utf-8";
}

bool is_utf8(std::string_view encoding) noexcept {
  return equal_ignoring_case(encoding, "utf-8") || equal_ignoring_case(encoding, "utf8") ||
         equal_ignoring_case(encoding, "ascii") || equal_ignoring_case(encoding, "us-ascii");
}

void convert_to_utf8(const std::filesystem::path& file, const std::string& encoding,
                     const std::filesystem::path& destination, std::stop_token stop) {
  const Converter converter{encoding};
  const auto source = open_for_reading(file);
  const FileHandle target{std::fopen(destination.c_str(), "wb")};
  if (!target) {
    throw_io_error(errno, "create", destination);
  }
  std::vector<char> input(1U << 18U);
  std::vector<char> output(1U << 20U);
  std::size_t kept = 0;  // bytes of a character that the last block cut in two
  std::size_t offset = 0;
  bool first = true;
  for (;;) {
    if (stop.stop_requested()) {
      throw Error{ErrorCode::cancelled, "reading files was cancelled"};
    }
    const auto got = read_some(source.get(), input.data() + kept, input.size() - kept, file);
    char* from = input.data();
    std::size_t left = kept + got;
    if (left == 0) {
      break;
    }
    char* to = output.data();
    std::size_t room = output.size();
    const auto converted = iconv(converter.get(), &from, &left, &to, &room);
    const auto used = static_cast<std::size_t>(from - input.data());
    if (converted == static_cast<std::size_t>(-1) && (errno == EILSEQ || got == 0)) {
      throw Error{ErrorCode::invalid_data,
                  fmt::format("file '{}': bytes at offset {} are not '{}'", file.string(),
                              offset + used, encoding),
                  "set `encoding:` to the one the file was written in"};
    }
    std::string_view text{output.data(), static_cast<std::size_t>(to - output.data())};
    if (first && text.starts_with("\xEF\xBB\xBF")) {
      text.remove_prefix(3);
    }
    first = first && text.empty();
    if (std::fwrite(text.data(), 1, text.size(), target.get()) != text.size()) {
      throw_io_error(errno, "write", destination);
    }
    offset += used;
    kept = left;
    std::memmove(input.data(), from, left);
  }
  if (std::fflush(target.get()) != 0) {
    throw_io_error(errno, "write", destination);
  }
}

void copy_with_head(const std::filesystem::path& file, std::size_t offset, std::string_view head,
                    const std::filesystem::path& destination, const std::stop_token& stop) {
  const auto source = open_for_reading(file);
  const FileHandle target{std::fopen(destination.c_str(), "wb")};
  if (!target) {
    throw_io_error(errno, "create", destination);
  }
  if (std::fseek(source.get(), static_cast<long>(offset), SEEK_SET) != 0) {
    throw_io_error(errno, "read", file);
  }
  std::vector<char> block(1U << 20U);
  while (!head.empty()) {
    if (stop.stop_requested()) {
      throw Error{ErrorCode::cancelled, "reading files was cancelled"};
    }
    if (std::fwrite(head.data(), 1, head.size(), target.get()) != head.size()) {
      throw_io_error(errno, "write", destination);
    }
    head = {block.data(), read_some(source.get(), block.data(), block.size(), file)};
  }
  if (std::fflush(target.get()) != 0) {
    throw_io_error(errno, "write", destination);
  }
}

FileStart read_start(const std::filesystem::path& file, std::size_t limit) {
  const auto opened = open_for_reading(file);
  FileStart start;
  start.text.resize(limit + 1);
  const auto got = read_some(opened.get(), start.text.data(), limit + 1, file);
  start.complete = got <= limit;
  start.text.resize(std::min(got, limit));
  return start;
}

void require_utf8(const FileStart& start, const std::filesystem::path& file) {
  const auto offset = first_invalid_utf8(start.text);
  if (!offset || (!start.complete && *offset + 4 > start.text.size())) {
    return;
  }
  const auto line = std::count(start.text.begin(),
                               start.text.begin() + static_cast<std::ptrdiff_t>(*offset), '\n') +
                    1;
  throw Error{
      ErrorCode::invalid_data,
      fmt::format("file '{}', line {}: not UTF-8 text (byte 0x{:02X} at offset {})", file.string(),
                  line, static_cast<unsigned char>(start.text[*offset]), *offset),
      "name its encoding, for example `encoding: latin-1`"};
}

}  // namespace mapctl::connectors::duckdb
