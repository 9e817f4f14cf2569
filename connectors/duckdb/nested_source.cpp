// SPDX-License-Identifier: Apache-2.0
#include "connectors/duckdb/nested_source.hpp"

#include "connectors/duckdb/encoding.hpp"
#include "connectors/duckdb/errors.hpp"
#include "connectors/duckdb/json_depth.hpp"
#include "connectors/duckdb/types.hpp"
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/hash.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <set>
#include <string>
#include <system_error>
#include <utility>

namespace mapctl::connectors::duckdb {
namespace {

using catalog::LogicalType;

constexpr std::uintmax_t small_file = 8U << 20U;
constexpr std::uintmax_t explained_file = 64U << 20U;
// Compressed JSON is some ten times as long as its file.
constexpr std::uintmax_t sampled_whole = 64U << 20U;
constexpr std::uintmax_t sampled_whole_compressed = 6U << 20U;
constexpr std::size_t column_limit = 20'000;
constexpr int depth_limit = 16;

std::string json_rows(const std::string& shown, Format format, bool whole) {
  // An object is never read as a map: its keys are columns.
  return fmt::format(
      "read_json({}, format = '{}', map_inference_threshold = -1, field_appearance_threshold = 0, "
      "maximum_depth = {}, convert_strings_to_integers = false{})",
      shown, format == Format::json_lines ? "newline_delimited" : "auto", depth_limit,
      whole ? ", sample_size = -1" : "");
}

void add_columns(std::vector<SourceColumn>& columns, const std::string& name,
                 const std::string& expression, duckdb_logical_type type, int depth) {
  if (columns.size() >= column_limit) {
    throw Error{ErrorCode::resource_limit,
                fmt::format("more than {} columns, objects unfolded", column_limit),
                "read the file with fewer nested objects"};
  }
  const bool is_object = duckdb_get_type_id(type) == DUCKDB_TYPE_STRUCT;
  if (is_object && depth < depth_limit) {
    const auto count = duckdb_struct_type_child_count(type);
    for (idx_t i = 0; i < count; ++i) {
      char* raw = duckdb_struct_type_child_name(type, i);
      const std::string child_name{raw};
      duckdb_free(raw);
      LogicalTypeHandle child;
      *child.out() = duckdb_struct_type_child_type(type, i);
      add_columns(columns, name + "." + child_name,
                  fmt::format("struct_extract({}, {})", expression, quote_literal(child_name)),
                  child.get(), depth + 1);
    }
    return;
  }
  SourceColumn column;
  column.name = catalog::ColumnName{name};
  column.type = data_type(type);
  column.nested = depth > 0;
  const auto logical = column.type.logical;
  const bool composed = logical == LogicalType::array || logical == LogicalType::object;
  column.ordered = !composed && logical != LogicalType::json && logical != LogicalType::binary &&
                   logical != LogicalType::interval && logical != LogicalType::unknown;
  column.value = expression;
  column.text = fmt::format("CAST({} AS VARCHAR)",
                            composed ? fmt::format("to_json({})", expression) : expression);
  columns.push_back(std::move(column));
}

void count_rows(Session& session, const DataFile& file, Source& source, std::stop_token stop) {
  std::error_code failure;
  const auto size = std::filesystem::file_size(file.path, failure);
  std::string query;
  if (file.format == Format::parquet) {
    query = fmt::format("SELECT CAST(sum(num_rows) AS VARCHAR) FROM parquet_file_metadata({})",
                        session.show(file.path));
  } else if (!failure && size <= small_file) {
    query = fmt::format("SELECT CAST(count(*) AS VARCHAR) FROM {}", source.text_rows);
  } else {
    return;
  }
  const auto rows = session.rows(query, std::move(stop));
  source.row_count = std::stoll(rows.at(0).at(0).value_or("0"));
}

// Converted to UTF-8 where it is in something else.
std::filesystem::path readable_text(Session& session, const DataFile& file,
                                    const FileOptions& options, std::stop_token stop) {
  if (file.compressed) {
    return file.path;
  }
  const auto start = read_start(file.path, 4096);
  const std::string encoding =
      options.encoding.empty() ? std::string{encoding_of_mark(start.text)} : options.encoding;
  if (is_utf8(encoding) && !start.text.starts_with("\xEF\xBB\xBF")) {
    require_utf8(start, file.path);
    return file.path;
  }
  auto readable =
      session.directory() / fmt::format("utf8-{}", sha256(file.path.string()).substr(0, 16));
  convert_to_utf8(file.path, encoding, readable, std::move(stop));
  return readable;
}

}  // namespace

void explain_json(const DataFile& file) {
  std::error_code failure;
  const auto size = std::filesystem::file_size(file.path, failure);
  if (failure || size > explained_file || file.compressed || file.format == Format::parquet) {
    return;
  }
  const auto text = read_file(file.path);
  // A file of lines may be called ".json".
  if (file.format == Format::json && !Json::accept(text.substr(0, text.find('\n')))) {
    static_cast<void>(parse_json(text, file.path.string()));
    return;
  }
  std::size_t number = 0;
  for (const auto line : split(text, '\n')) {
    ++number;
    if (!trim(line).empty() && !Json::accept(line)) {
      throw Error{ErrorCode::invalid_data,
                  fmt::format("file '{}', line {}: not a JSON object", file.path.string(), number),
                  "each line of a JSON Lines file is one object"};
    }
  }
}

bool guesses_types(const DataFile& file) {
  std::error_code failure;
  const auto size = std::filesystem::file_size(file.path, failure);
  return file.format != Format::parquet && !failure &&
         size > (file.compressed ? sampled_whole_compressed : sampled_whole);
}

Source nested_source(Session& session, const DataFile& file, const FileOptions& options,
                     Looking looking, std::stop_token stop) {
  Source source;
  if (file.format == Format::parquet) {
    source.text_rows = fmt::format("read_parquet({})", session.show(file.path));
  } else {
    const auto readable = readable_text(session, file, options, stop);
    // DuckDB follows the levels on the stack, also those that it makes no columns of.
    require_shallow(file, readable, stop);
    source.text_rows = json_rows(session.show(readable), file.format,
                                 looking == Looking::through || !guesses_types(file));
  }
  source.typed_rows = source.text_rows;
  const auto columns = session.describe("SELECT * FROM " + source.text_rows);
  for (const auto& column : columns) {
    add_columns(source.columns, column.name, quote_identifier(column.name), column.type.get(), 0);
  }
  count_rows(session, file, source, stop);
  const bool nothing_but_json = source.columns.size() == 1 &&
                                source.columns[0].name.text == "json" &&
                                source.columns[0].type.logical == LogicalType::json;
  if (nothing_but_json && source.row_count == 0) {
    source.columns.clear();  // an empty list tells nothing of its columns
  }
  return source;
}

}  // namespace mapctl::connectors::duckdb
