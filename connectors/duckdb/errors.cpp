// SPDX-License-Identifier: Apache-2.0
#include "connectors/duckdb/errors.hpp"

#include "core/base/text.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <utility>

namespace mapctl::connectors::duckdb {
namespace {

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

struct Known {
  std::string_view part;
  ErrorCode code;
  std::string_view cause;
  std::string_view hint;
};

// DuckDB 1.x; the first match counts.
constexpr std::array known_messages{
    Known{"INTERRUPT", ErrorCode::cancelled, "reading was cancelled", ""},
    Known{"Out of Memory", ErrorCode::resource_limit, "reading needs more memory than is allowed",
          "discover it without statistics, or split the file"},
    Known{"No space left", ErrorCode::resource_limit, "the disk of the temporary folder is full",
          "free space, or set TMPDIR to another disk"},
    Known{"not utf-8", ErrorCode::invalid_data, "not UTF-8 text",
          "name its encoding, for example `encoding: latin-1`"},
    Known{"Invalid unicode", ErrorCode::invalid_data, "not UTF-8 text",
          "name its encoding, for example `encoding: latin-1`"},
    Known{"unterminated quote", ErrorCode::invalid_data,
          "a quoted field is never closed or goes on after its closing quote",
          "correct the line, or set `quote:` to the character the file uses"},
    Known{"Expected Number of Columns", ErrorCode::invalid_data,
          "a row has another number of fields than the header",
          "correct the line, or set `bad_rows: skip`"},
    Known{"Maximum line size", ErrorCode::invalid_data, "a line is longer than 16 MB",
          "check whether a quote is missing, or set `quote:`"},
    Known{"Parquet", ErrorCode::invalid_data, "not a whole Parquet file",
          "check that the file was copied completely"},
    Known{"has duplicate key", ErrorCode::invalid_data, "an object has the same key twice",
          "rename one of the two in what writes the file"},
    Known{"JSON transform error", ErrorCode::invalid_data,
          "a record does not fit the types of the others", "correct the record"},
    Known{"Malformed JSON", ErrorCode::invalid_data, "not well-formed JSON",
          "check the file with a JSON validator"},
    Known{"Input is not a GZIP", ErrorCode::invalid_data, "not a gzip file",
          "rename it if it is not compressed"},
    Known{"Permission denied", ErrorCode::denied, "permission denied",
          "check the file's permissions"},
    Known{"No files found", ErrorCode::not_found, "does not exist", "check the path"},
    Known{"Cannot open file", ErrorCode::io, "cannot be opened", "check the file's permissions"},
};

std::string_view without_values(std::string_view message) {
  return trim(message.substr(0, message.find_first_of("\"'`{[")));
}

std::optional<long long> number_behind(std::string_view marker, std::string_view message) {
  const auto at = message.find(marker);
  if (at == std::string_view::npos) {
    return std::nullopt;
  }
  const auto digits = message.substr(at + marker.size());
  long long line = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), line);
  return failure == std::errc{} ? std::optional{line} : std::nullopt;
}

}  // namespace

std::string first_line(std::string_view message) {
  return std::string{trim(message.substr(0, message.find('\n')))};
}

std::optional<long long> line_in(std::string_view message) {
  return number_behind("on Line: ", message);
}

Error translate(std::string_view message, const std::filesystem::path& file) {
  auto object = fmt::format("file '{}'", file.string());
  if (const auto line = line_in(message)) {
    object += fmt::format(", line {}", *line);
  } else if (const auto record = number_behind("in record/value ", message)) {
    object += fmt::format(", record {}", *record);
  }
  for (const auto& known : known_messages) {
    if (contains(message, known.part)) {
      return Error{known.code, fmt::format("{}: {}", object, known.cause), std::string{known.hint}};
    }
  }
  // The rest of the message is DuckDB's own option advice; what it quotes may be data, or the name
  // that the file has for DuckDB only.
  return Error{Error::Facts{ErrorCode::invalid_data,
                            fmt::format("{}: {}", object, without_values(first_line(message))),
                            "check the file's format and options", "duckdb", Retry::never}};
}

}  // namespace mapctl::connectors::duckdb
