// SPDX-License-Identifier: Apache-2.0
#include "connectors/duckdb/json_depth.hpp"

#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/handle.hpp"
#include "core/base/json_text.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <cerrno>
#include <string_view>
#include <vector>

namespace mapctl::connectors::duckdb {
namespace {

// Reads what is not packed as it is.
using PackedFile = Handle<gzFile_s, &gzclose_r>;

constexpr unsigned block_bytes = 256U << 10U;

}  // namespace

void require_shallow(const DataFile& file, const std::filesystem::path& readable,
                     const std::stop_token& stop) {
  const PackedFile opened{gzopen(readable.c_str(), "rb")};
  if (!opened) {
    throw_io_error(errno, "read", file.path);
  }
  gzbuffer(opened.get(), block_bytes);
  NestingWatch watch{file.format == Format::json_lines ? NestingWatch::Documents::one_a_line
                                                       : NestingWatch::Documents::one};
  std::vector<char> block(block_bytes);
  for (;;) {
    if (stop.stop_requested()) {
      throw Error{ErrorCode::cancelled, "reading files was cancelled"};
    }
    const int got = gzread(opened.get(), block.data(), block_bytes);
    if (got <= 0) {
      return;  // what is no gzip file is told by DuckDB
    }
    if (watch.passes_limit_with({block.data(), static_cast<std::size_t>(got)})) {
      throw Error{ErrorCode::invalid_data,
                  fmt::format("file '{}', line {}: nested more than {} levels deep",
                              file.path.string(), watch.line(), most_json_depth),
                  "no document that mapctl reads is like this; check where it comes from"};
    }
  }
}

}  // namespace mapctl::connectors::duckdb
