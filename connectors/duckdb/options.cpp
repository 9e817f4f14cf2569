// SPDX-License-Identifier: Apache-2.0
#include "connectors/duckdb/options.hpp"

#include "connectors/duckdb/info.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/ports/connector_options.hpp"

#include <fmt/format.h>

namespace mapctl::connectors::duckdb {
namespace {

constexpr std::int64_t sample_minimum = 100;
constexpr std::int64_t sample_maximum = 1'000'000;
constexpr std::int64_t most_skipped_lines = 1000;

// '\0' for none.
std::optional<char> read_quote(const ports::ConnectorOptions& options) {
  const auto given = options.options.find("quote");
  if (given == options.options.end()) {
    return std::nullopt;
  }
  const std::string& text = given->second;
  if (text.empty() || text == "none") {
    return '\0';
  }
  if (text.size() != 1 || text == "\n" || text == "\r") {
    ports::fail_option(options, "quote", fmt::format("cannot be '{}'", text),
                       "give one character, or none");
  }
  return text.front();
}

}  // namespace

FileOptions parse_options(const ports::ConnectorOptions& options) {
  ports::check_options(options, info());
  FileOptions result;
  result.profile = options.profile;
  result.path = ports::text_option(options, "path");
  if (result.path.empty()) {
    ports::fail_option(options, "path", "is empty", "give a file or a folder");
  }
  result.format = ports::word_option(options, "format",
                                     {{"auto", Format::automatic},
                                      {"csv", Format::csv},
                                      {"json", Format::json},
                                      {"jsonl", Format::json_lines},
                                      {"parquet", Format::parquet}},
                                     result.format);
  const std::string encoding = to_lower(ports::text_option(options, "encoding"));
  result.encoding = encoding == "auto" ? "" : encoding;
  result.delimiter = ports::delimiter_option(options, "delimiter");
  result.quote = read_quote(options);
  result.header = ports::word_option(
      options, "header",
      {{"auto", Header::automatic}, {"true", Header::present}, {"false", Header::absent}},
      result.header);
  if (options.options.count("skip_lines") != 0 &&
      ports::text_option(options, "skip_lines") != "auto") {
    result.skip_lines = static_cast<std::size_t>(
        ports::whole_option(options, "skip_lines", 0, 0, most_skipped_lines));
  }
  result.null_values = ports::list_option(options, "null_values");
  result.sample_rows = ports::whole_option(options, "sample_rows", result.sample_rows,
                                           sample_minimum, sample_maximum);
  result.skip_bad_rows =
      ports::word_option(options, "bad_rows", {{"fail", false}, {"skip", true}}, false);
  return result;
}

}  // namespace mapctl::connectors::duckdb
