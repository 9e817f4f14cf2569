// SPDX-License-Identifier: Apache-2.0
#include "connectors/rest/unzip.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>

namespace mapctl::connectors::rest {
namespace {

constexpr int gzip_window = 15 + 16;  // the largest window; 16 asks for gzip's header
constexpr std::size_t unzip_step = 64U << 10U;

struct InflateEnd {
  void operator()(z_stream* stream) const noexcept { inflateEnd(stream); }
};

[[noreturn]] void fail_damaged(std::string_view what) {
  throw Error{ErrorCode::invalid_data, fmt::format("{} is no whole gzip file", what),
              "fetch it again; if it stays so, ask who runs the system"};
}

}  // namespace

bool is_gzip(std::string_view bytes) noexcept {
  return bytes.size() > 2 && bytes[0] == '\x1f' && bytes[1] == '\x8b' && bytes[2] == '\x08';
}

std::string unzipped(std::string_view bytes, std::uint64_t limit, std::string_view what) {
  z_stream stream{};
  if (inflateInit2(&stream, gzip_window) != Z_OK) {
    throw Error{ErrorCode::resource_limit, fmt::format("no memory to unpack {}", what)};
  }
  const std::unique_ptr<z_stream, InflateEnd> owner{&stream};
  std::string made;
  std::array<char, unzip_step> block{};
  while (!bytes.empty() || stream.avail_out == 0) {
    // zlib counts in 32 bits.
    const std::size_t given =
        std::min<std::size_t>(bytes.size(), std::numeric_limits<uInt>::max() / 2);
    // zlib takes no const pointer, and does not write to it.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(given);
    stream.next_out = reinterpret_cast<Bytef*>(block.data());
    stream.avail_out = static_cast<uInt>(block.size());
    const int result = inflate(&stream, Z_NO_FLUSH);
    bytes.remove_prefix(given - stream.avail_in);
    made.append(block.data(), block.size() - stream.avail_out);
    if (made.size() > limit) {
      throw Error{ErrorCode::resource_limit,
                  fmt::format("{} is more than {} when unpacked", what,
                              human_bytes(static_cast<double>(limit))),
                  "ask for less at once, or set option 'response_limit' higher"};
    }
    if (result == Z_STREAM_END) {
      // Zeros may follow the last member, as tape blocks have them.
      if (!is_gzip(bytes)) {
        return made;
      }
      inflateReset(&stream);
    } else if (result != Z_OK) {
      fail_damaged(what);
    }
  }
  fail_damaged(what);
}

}  // namespace mapctl::connectors::rest
