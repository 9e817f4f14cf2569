// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/secret.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::config {

// The value of one key of `options:` or `auth:`, with references as they are written.
struct ProfileValue {
  Secret text{};
  bool has_reference = false;
  bool is_secret = false;             // by its key: never shown unless it is one reference
  std::string where{};                // "profiles/crm.yaml:4:15"
  std::filesystem::path directory{};  // of the file that names it, absolute
};

// How to reach one system, after inheritance: keys of the profile replace those it extends.
struct Profile {
  std::string name{};
  std::string connector{};
  std::string description{};
  std::filesystem::path file{};
  std::vector<std::filesystem::path> chain{};  // file first, then what it extends, nearest first
  std::map<std::string, ProfileValue> options{};
  std::map<std::string, ProfileValue> auth{};
  struct Limits {
    std::optional<double> requests_per_second{};
    std::optional<std::int64_t> max_connections{};
    std::optional<double> timeout{};  // seconds
  } limits{};
  struct RetryRules {
    std::optional<std::int64_t> attempts{};
    std::optional<double> backoff{}, max_backoff{};  // seconds
  } retry{};
  std::vector<std::string> roles{};
  std::vector<std::string> warnings{};  // secrets in plain text, with file and line
};

// Reads `name`.yaml of the first directory that has it. `shipped` directories come last in
// `directories` anyhow; a profile may extend one of its own name in a later directory. Throws
// Error::not_found offering the nearest name, Error::configuration naming file and line, for a
// cycle of `extends` with the whole circle.
Profile load_profile(std::string_view name, std::span<const std::filesystem::path> directories);
// The profile of one file, wherever it is.
Profile load_profile_file(const std::filesystem::path& path,
                          std::span<const std::filesystem::path> directories);

struct ProfileEntry {
  std::string name{};
  std::filesystem::path file{};
};
// Every profile that load_profile() finds, by name.
std::vector<ProfileEntry> list_profiles(std::span<const std::filesystem::path> directories);

// Name of a profile as users may choose it: letters, digits, '_', '-' and '.'.
bool is_valid_profile_name(std::string_view name) noexcept;

// Resolves ${env:NAME} and ${file:PATH} (relative to the file that names it, one line feed at its
// end dropped); "$${" stands for "${". Throws Error::configuration naming the reference and the
// line, Error::unsupported for kinds that this build does not resolve.
Secret resolve(const ProfileValue& value,
               const std::function<std::optional<std::string>(const std::string&)>& environment);

// The text with everything secret masked; references stay readable.
std::string shown(const ProfileValue& value);

}  // namespace mapctl::config
