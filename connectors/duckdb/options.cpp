// SPDX-License-Identifier: Apache-2.0
#include "connectors/duckdb/options.hpp"

#include "connectors/duckdb/info.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

namespace mapctl::connectors::duckdb {
namespace {

constexpr std::int64_t sample_minimum = 100;
constexpr std::int64_t sample_maximum = 1'000'000;

[[noreturn]] void fail(const std::string& profile, std::string_view option, std::string_view value,
                       std::string hint) {
  throw Error{ErrorCode::configuration,
              fmt::format("profile '{}': option '{}' cannot be '{}'", profile, option, value),
              std::move(hint)};
}

char parse_delimiter(const std::string& profile, const std::string& value) {
  if (value == "tab" || value == "\\t") {
    return '\t';
  }
  if (value.size() != 1 || value == "\"" || value == "\n" || value == "\r") {
    fail(profile, "delimiter", value, "give one character, or `tab`");
  }
  return value[0];
}

char parse_quote(const std::string& profile, const std::string& value) {
  if (value.empty() || value == "none") {
    return '\0';
  }
  if (value.size() != 1 || value == "\n" || value == "\r") {
    fail(profile, "quote", value, "give one character, or `none`");
  }
  return value[0];
}

template <class T>
T choose(const std::string& profile, std::string_view option, const std::string& value,
         const std::vector<std::pair<std::string, T>>& choices) {
  std::vector<std::string> words;
  for (const auto& [word, result] : choices) {
    if (word == value) {
      return result;
    }
    words.push_back(word);
  }
  fail(profile, option, value, suggestion(value, words));
}

std::int64_t parse_rows(const std::string& profile, const std::string& value) {
  std::int64_t rows = 0;
  const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), rows);
  if (failure != std::errc{} || end != value.data() + value.size() || rows < sample_minimum ||
      rows > sample_maximum) {
    fail(profile, "sample_rows", value,
         fmt::format("give a number of rows from {} to {}", sample_minimum, sample_maximum));
  }
  return rows;
}

void apply(FileOptions& result, const std::string& name, const std::string& value) {
  if (name == "path") {
    result.path = value;
  } else if (name == "format") {
    result.format = choose<Format>(result.profile, name, value,
                                   {{"auto", Format::automatic},
                                    {"csv", Format::csv},
                                    {"json", Format::json},
                                    {"jsonl", Format::json_lines},
                                    {"parquet", Format::parquet}});
  } else if (name == "encoding") {
    const auto word = to_lower(value);
    result.encoding = word == "auto" ? "" : word;
  } else if (name == "delimiter") {
    result.delimiter = parse_delimiter(result.profile, value);
  } else if (name == "quote") {
    result.quote = parse_quote(result.profile, value);
  } else if (name == "header") {
    result.header = choose<Header>(
        result.profile, name, value,
        {{"auto", Header::automatic}, {"true", Header::present}, {"false", Header::absent}});
  } else if (name == "null_values") {
    for (const auto part : split(value, ',')) {
      if (!trim(part).empty()) {
        result.null_values.emplace_back(trim(part));
      }
    }
  } else if (name == "sample_rows") {
    result.sample_rows = parse_rows(result.profile, value);
  } else if (name == "bad_rows") {
    result.skip_bad_rows =
        choose<bool>(result.profile, name, value, {{"fail", false}, {"skip", true}});
  }
}

}  // namespace

FileOptions parse_options(const ports::ConnectorOptions& options) {
  FileOptions result;
  result.profile = options.profile;
  std::vector<std::string> known;
  for (const auto& spec : info().options) {
    known.push_back(spec.name);
  }
  for (const auto& [name, value] : options.options) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      throw Error{ErrorCode::configuration,
                  fmt::format("profile '{}': unknown option '{}' for connector 'file'",
                              options.profile, name),
                  suggestion(name, known)};
    }
    apply(result, name, value);
  }
  if (result.path.empty()) {
    throw Error{ErrorCode::configuration,
                fmt::format("profile '{}': option 'path' is missing", options.profile),
                "give a file or a folder"};
  }
  return result;
}

}  // namespace mapctl::connectors::duckdb
