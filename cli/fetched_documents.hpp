// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/file.hpp"
#include "core/ports/connector.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>

namespace mapctl::cli {

class CommandContext;

bool is_web_address(std::string_view text) noexcept;

// Documents that profiles name by their URLs. Each is asked for once a run and kept in a file, with
// the version that the server gave it: next time the server only tells whether there is another
// one. Nothing that proves who asks is sent or kept. Safe to use from several threads.
class FetchedDocuments {
 public:
  // A run keeps what it fetches to itself where `directory` is empty or cannot be written to.
  FetchedDocuments(std::filesystem::path directory, CommandContext& context);
  FetchedDocuments(const FetchedDocuments&) = delete;
  FetchedDocuments& operator=(const FetchedDocuments&) = delete;

  // Where the document is that `option` of the profile names, JSON or YAML. What was kept serves,
  // with a warning that tells its age, while the server cannot be reached; without it an Error
  // names profile and option.
  std::filesystem::path fetch(const ports::ConnectorOptions& profile, const std::string& option,
                              const std::string& url, std::stop_token stop);

 private:
  struct Kept;
  std::filesystem::path refresh(const ports::ConnectorOptions& profile, const std::string& url,
                                const std::string& key, const std::stop_token& stop);
  Kept find(const std::string& key) const;
  void note(const std::string& key, const Kept& kept, const std::string& url) const;
  std::filesystem::path write(const std::string& name, std::string_view text);

  std::filesystem::path directory_;
  CommandContext& context_;
  std::mutex mutex_;
  std::map<std::string, std::filesystem::path> known_;  // of this run
  std::unique_ptr<TemporaryDirectory> own_;             // where `directory_` does not do
};

}  // namespace mapctl::cli
