// SPDX-License-Identifier: Apache-2.0
#include "connectors/duckdb/folder.hpp"

#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace mapctl::connectors::duckdb {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::pair<std::string_view, Format>, 8> suffixes{{
    {".csv", Format::csv},
    {".tsv", Format::csv},
    {".txt", Format::csv},
    {".json", Format::json},
    {".jsonl", Format::json_lines},
    {".ndjson", Format::json_lines},
    {".parquet", Format::parquet},
    {".pq", Format::parquet},
}};

struct NameParts {
  std::string stem{};
  std::optional<Format> format{};
  bool compressed = false;
};

NameParts take_apart(const fs::path& path) {
  NameParts parts;
  parts.stem = path.filename().string();
  auto lower = to_lower(parts.stem);
  if (lower.ends_with(".gz")) {
    parts.compressed = true;
    lower.resize(lower.size() - 3);
    parts.stem.resize(lower.size());
  }
  for (const auto& [suffix, format] : suffixes) {
    if (lower.size() > suffix.size() && lower.ends_with(suffix)) {
      parts.format = format;
      parts.stem.resize(parts.stem.size() - suffix.size());
      break;
    }
  }
  return parts;
}

// For a file named by itself whose name tells nothing.
Format look_inside(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  std::array<char, 64> bytes{};
  file.read(bytes.data(), bytes.size());
  const auto start = trim(std::string_view{bytes.data(), static_cast<std::size_t>(file.gcount())});
  if (start.starts_with("PAR1")) {
    return Format::parquet;
  }
  return start.starts_with('{') || start.starts_with('[') ? Format::json : Format::csv;
}

DataFile data_file(const fs::path& path, const NameParts& parts, const FileOptions& options) {
  DataFile file;
  file.path = path;
  file.compressed = parts.compressed;
  file.format =
      options.format != Format::automatic ? options.format : parts.format.value_or(Format::csv);
  file.table.table = catalog::TableName{to_valid_utf8(parts.stem)};
  return file;
}

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::error_code failure;
  std::vector<fs::path> entries;
  for (fs::directory_iterator at{folder, failure}; !failure && at != fs::directory_iterator{};
       at.increment(failure)) {
    if (!at->path().filename().string().starts_with('.')) {
      entries.push_back(at->path());
    }
  }
  if (failure) {
    throw_io_error(failure.value(), "read", folder);
  }
  std::sort(entries.begin(), entries.end());
  return entries;
}

// Opening a pipe waits for whoever writes to it, perhaps for ever.
bool is_special(const fs::file_status& status) {
  return fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status);
}

void add_files(const fs::path& folder, const catalog::SchemaName& schema,
               const FileOptions& options, Listing& listing) {
  for (const auto& entry : entries_of(folder)) {
    std::error_code ignored;
    if (fs::is_directory(entry, ignored)) {
      if (!schema.empty()) {
        listing.warnings.push_back({fmt::format("folder '{}'", entry.string()),
                                    "lies deeper than one level and was passed over",
                                    "name it as `path` of a profile of its own"});
      } else {
        try {
          add_files(entry, catalog::SchemaName{to_valid_utf8(entry.filename().string())}, options,
                    listing);
        } catch (const Error& error) {
          listing.warnings.push_back(
              {fmt::format("folder '{}'", entry.string()), error.what(), error.facts().hint});
        }
      }
      continue;
    }
    const auto parts = take_apart(entry);
    if (parts.format && is_special(fs::status(entry, ignored))) {
      listing.warnings.push_back({fmt::format("file '{}'", entry.string()),
                                  "is a pipe, socket or device and was passed over",
                                  "write its content to a file"});
    } else if (parts.format) {
      auto& file = listing.files.emplace_back(data_file(entry, parts, options));
      file.table.schema = schema;
    }
  }
}

// Equal stems get their whole file names; stems that differ only in case are told of.
void make_names_distinct(Listing& listing) {
  std::map<catalog::TableRef, std::vector<DataFile*>> same;
  std::map<std::string, std::vector<DataFile*>> nearly_same;
  for (auto& file : listing.files) {
    same[file.table].push_back(&file);
    nearly_same[file.table.schema.text + '\n' + to_lower(file.table.table.text)].push_back(&file);
  }
  const auto warn = [&](const std::vector<DataFile*>& files, std::string message,
                        std::string hint) {
    listing.warnings.push_back({fmt::format("file '{}'", files.front()->path.string()),
                                std::move(message), std::move(hint)});
  };
  for (const auto& [key, files] : nearly_same) {
    if (files.size() > 1 && files.front()->table != files.back()->table) {
      warn(files,
           fmt::format("'{}' and '{}' differ only in case", files.front()->table.table.text,
                       files.back()->table.table.text),
           "rename one: other systems do not tell them apart");
    }
  }
  for (const auto& [table, files] : same) {
    if (files.size() > 1) {
      for (auto* file : files) {
        file->table.table = catalog::TableName{to_valid_utf8(file->path.filename().string())};
      }
      warn(files,
           fmt::format("{} files are named '{}'; their tables have the whole file names",
                       files.size(), table.table.text),
           "keep one of them if they hold the same");
    }
  }
  std::sort(listing.files.begin(), listing.files.end(),
            [](const DataFile& left, const DataFile& right) { return left.table < right.table; });
}

}  // namespace

Listing list_files(const FileOptions& options) {
  std::error_code failure;
  const auto status = fs::status(options.path, failure);
  if (!fs::exists(status)) {
    if (failure && failure != std::errc::no_such_file_or_directory &&
        failure != std::errc::not_a_directory) {
      throw_io_error(failure.value(), "read", options.path);
    }
    throw Error{ErrorCode::not_found,
                fmt::format("path '{}' does not exist", options.path.string()),
                "check the spelling; relative paths start at the file that names them, or at the "
                "current folder"};
  }
  if (is_special(status)) {
    throw Error{ErrorCode::invalid_data,
                fmt::format("file '{}' is a pipe, socket or device", options.path.string()),
                "write its content to a file and name that"};
  }
  Listing listing;
  if (!fs::is_directory(status)) {
    auto parts = take_apart(options.path);
    if (!parts.format && options.format == Format::automatic) {
      parts.format = look_inside(options.path);
      parts.stem = options.path.stem().string();
    }
    listing.files.push_back(data_file(options.path, parts, options));
    return listing;
  }
  add_files(options.path, {}, options, listing);
  if (listing.files.empty()) {
    throw Error{ErrorCode::not_found,
                fmt::format("folder '{}' holds no data files", options.path.string()),
                "files are known by .csv, .tsv, .txt, .json, .jsonl, .ndjson or .parquet, the text "
                "ones also with .gz"};
  }
  make_names_distinct(listing);
  return listing;
}

}  // namespace mapctl::connectors::duckdb
