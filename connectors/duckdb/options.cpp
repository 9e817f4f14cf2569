// SPDX-License-Identifier: Apache-2.0
#include "connectors/duckdb/options.hpp"

#include "connectors/duckdb/info.hpp"
#include "core/base/ascii.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/ports/connector_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

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

// The first "`name: value`" of a hint as "name=value", "..." for no value; empty if there is none.
std::string option_in(std::string_view hint) {
  for (auto at = hint.find('`'); at != hint.npos; at = hint.find('`', at + 1)) {
    const auto inside = hint.substr(at + 1, hint.find('`', at + 1) - at - 1);
    const auto colon = inside.find(':');
    if (colon != 0 && colon == inside.find_first_not_of("abcdefghijklmnopqrstuvwxyz_")) {
      const auto value = trim(inside.substr(colon + 1));
      return fmt::format("{}={}", inside.substr(0, colon), value.empty() ? "..." : value);
    }
  }
  return {};
}

std::string shell_word(const std::string& text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return is_digit(c) || is_lower(c) || is_upper(c) ||
           std::string_view{"/._-+,@="}.find(c) != std::string::npos;
  });
  return plain ? text : "'" + replace_all(text, "'", "'\\''") + "'";
}

}  // namespace

std::string hint_for_endpoint(const FileOptions& options, const std::filesystem::path& file,
                              const std::string& hint) {
  const auto option = option_in(hint);
  if (option.empty() || !options.profile.starts_with("file:")) {
    return hint;
  }
  return fmt::format(
      "{}; a location takes no options, so make a profile and name that: mapctl profile add NAME "
      "--connector file --option {} --option {}",
      hint, shell_word("path=" + file.string()), option);
}

Error with_hint_for_endpoint(const FileOptions& options, const std::filesystem::path& file,
                             const Error& error) {
  auto facts = error.facts();
  facts.hint = hint_for_endpoint(options, file, facts.hint);
  return Error{std::move(facts)};
}

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
