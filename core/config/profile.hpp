// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/secret.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::config {

struct YamlNode;

// The value of one key of `options:` or `auth:`, with references as they are written.
struct ProfileValue {
  Secret text{};
  // Of an option that is a map, or a list of more than texts; `text` is empty then.
  std::shared_ptr<const YamlNode> tree{};
  bool has_reference = false;
  bool is_secret = false;             // by its key: never shown unless it is one reference
  std::string where{};                // "profiles/crm.yaml:4:15"
  std::filesystem::path directory{};  // of the file that names it, absolute
};

// How to reach one system, after inheritance: keys of the profile replace those it extends, and so
// do the keys inside of the options that are maps of names: config, headers, parameters, streams.
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
    std::optional<double> timeout{};           // seconds
    std::optional<double> catalog_lifetime{};  // seconds; how long a discovered catalog serves
  } limits{};
  struct RetryRules {
    std::optional<std::int64_t> attempts{};
    std::optional<double> backoff{}, max_backoff{}, deadline{};  // seconds
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

// Where secrets come from.
struct SecretSources {
  std::function<std::optional<std::string>(const std::string&)> environment{};
  // Further kinds by name: vault, aws-sm, cmd, store. Each takes what stands behind the colon and
  // throws Error.
  std::map<std::string, std::function<std::string(const std::string&)>, std::less<>> others{};
};

// Resolves ${env:NAME} and ${file:PATH} (relative to the file that names it, one line feed at its
// end dropped); "$${" stands for "${". Throws Error::configuration naming the reference and the
// line, Error::unsupported for kinds that this build does not resolve.
Secret resolve(const ProfileValue& value,
               const std::function<std::optional<std::string>(const std::string&)>& environment);
Secret resolve(const ProfileValue& value, const SecretSources& sources);
// The tree with all its references resolved; `value.tree` must be there.
std::shared_ptr<const YamlNode> resolve_tree(const ProfileValue& value,
                                             const SecretSources& sources);

// Kind and argument of a value that is nothing but one reference: {"store", "crm"}.
struct SecretReference {
  std::string kind{}, argument{};
};
std::optional<SecretReference> only_reference(const ProfileValue& value);

// The text with everything secret masked; references stay readable. A tree is shown as YAML on one
// line.
std::string shown(const ProfileValue& value);

}  // namespace mapctl::config
