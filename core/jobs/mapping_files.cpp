// SPDX-License-Identifier: Apache-2.0
#include "core/jobs/mapping_files.hpp"

#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/hash.hpp"
#include "core/base/text.hpp"
#include "core/base/thread.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace mapctl::jobs {
namespace {

using mapping::Finding;
using mapping::Severity;

Finding about(std::string file, std::string message, std::string hint,
              Severity severity = Severity::error) {
  return {severity, std::move(file), 1, 1, std::move(message), std::move(hint)};
}

std::vector<std::string> list_files(const std::filesystem::path& path,
                                    std::vector<Finding>& findings) {
  std::error_code problem;
  std::filesystem::directory_iterator entries{path, problem};
  if (problem) {
    throw_io_error(problem.value(), "read the folder", path);
  }
  std::vector<std::string> names;
  for (const auto& entry : entries) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with('.') || connector_of_file(name).empty()) {
      continue;
    }
    if (entry.symlink_status().type() != std::filesystem::file_type::regular) {
      findings.push_back(about(name, "not a regular file", "put the file itself into the folder"));
      continue;
    }
    names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  std::map<std::string, std::string> known;  // file by connector
  for (const std::string& name : names) {
    const auto [first, is_new] = known.emplace(connector_of_file(name), name);
    if (!is_new) {
      findings.push_back(
          about(name, fmt::format("'{}' is of the same connector", first->second),
                "write one file for each connector, with one of .yaml and .yml behind it"));
    }
  }
  return names;
}

// A text as it stands on disk is worth nothing when it can no longer be read; that is a finding of
// the file and no reason to stop.
MappingFile read_one(const std::filesystem::path& folder, const std::string& name) {
  try {
    return read_mapping_text(name, read_file(folder / name));
  } catch (const Error& error) {
    MappingFile file;
    file.name = name;
    file.parsed.document.connector = mapping::ConnectorName{connector_of_file(name)};
    file.parsed.findings.push_back(about(name, error.facts().message, error.facts().hint));
    return file;
  }
}

}  // namespace

std::size_t MappingFolder::mappings() const noexcept {
  std::size_t count = 0;
  for (const MappingFile& file : files) {
    count += file.parsed.document.mappings();
  }
  return count;
}

bool MappingFolder::has_errors() const noexcept {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.severity == Severity::error; });
}

std::string connector_of_file(std::string_view name) {
  for (const std::string_view ending : {".yaml", ".yml"}) {
    if (name.ends_with(ending)) {
      return std::string{name.substr(0, name.size() - ending.size())};
    }
  }
  return {};
}

MappingFile read_mapping_text(std::string name, std::string text) {
  MappingFile file;
  file.name = std::move(name);
  file.text = std::move(text);
  file.sha256 = sha256(file.text);
  file.parsed = config::parse_mapping_file(file.text, file.name,
                                           mapping::ConnectorName{connector_of_file(file.name)});
  return file;
}

std::string hash_of(const std::vector<MappingFile>& files) {
  Sha256 hash;
  for (const MappingFile& file : files) {
    hash.add_field(file.name).add_field(file.sha256);
  }
  return hash.finish();
}

MappingFolder read_mapping_folder(const std::filesystem::path& path, std::size_t threads,
                                  std::stop_token stop) {
  std::error_code problem;
  if (!std::filesystem::is_directory(path, problem)) {
    throw Error{ErrorCode::not_found, fmt::format("there is no folder '{}'", path.string()),
                "name the folder that holds the mapping files"};
  }
  MappingFolder folder;
  folder.path = path;
  const std::vector<std::string> names = list_files(path, folder.findings);
  folder.files.resize(names.size());

  std::atomic<std::size_t> next{0};
  std::exception_ptr failure;
  std::mutex guard;
  const auto work = [&] {
    try {
      for (std::size_t at = next++; at < names.size() && !stop.stop_requested(); at = next++) {
        folder.files[at] = read_one(path, names[at]);
      }
    } catch (...) {
      const std::scoped_lock lock{guard};
      failure = std::current_exception();
    }
  };
  if (threads == 0) {
    threads = std::max(1U, std::thread::hardware_concurrency());
  }
  {
    std::vector<std::jthread> helpers;
    for (std::size_t at = 1; at < std::min(threads, names.size()); ++at) {
      auto helper = start_thread(work);
      if (!helper) {
        break;
      }
      helpers.push_back(std::move(*helper));
    }
    work();
  }
  if (failure) {
    std::rethrow_exception(failure);
  }
  if (stop.stop_requested()) {
    throw Error{ErrorCode::cancelled, "reading the mapping files was stopped", {}};
  }
  for (const MappingFile& file : folder.files) {
    folder.findings.insert(folder.findings.end(), file.parsed.findings.begin(),
                           file.parsed.findings.end());
  }
  return folder;
}

}  // namespace mapctl::jobs
