// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/named.hpp"
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

// Where a setting's value came from, highest precedence last.
enum class OriginKind : std::uint8_t {
  default_value,
  system_file,
  user_file,
  project_file,
  environment,
  flag,
};
std::string_view to_string(OriginKind kind) noexcept;  // "default", "system", ..., "flag"

struct Origin {
  OriginKind kind = OriginKind::default_value;
  std::string place{};  // "--tenant", "MAPCTL_TENANT", "mapctl.yaml:3", or empty for a default
};

// One global setting: flag --log-level, variable MAPCTL_LOG_LEVEL, key log_level.
struct SettingSpec {
  enum class Kind : std::uint8_t { text, word, boolean, path, paths };
  std::string_view name{};  // of the key
  Kind kind = Kind::text;
  std::string_view fallback{};  // empty: decided by whoever uses it
  std::span<const std::string_view> words{};
  std::string_view description{};

  std::string flag() const;      // "--log-level"
  std::string variable() const;  // "MAPCTL_LOG_LEVEL"
};
// All of them, in the order in which they are shown. `config` is not one: it says which file is
// read.
std::span<const SettingSpec> setting_specs() noexcept;

struct Setting {
  const SettingSpec* spec = nullptr;
  std::vector<std::string> values{};  // more than one only for `paths`; empty: not set
  Origin origin{};
};

// What load_settings() reads, so that tests need not change the process.
struct SettingSources {
  std::map<std::string, std::vector<std::string>> flags{};  // by name of the setting, and "config"
  std::function<std::optional<std::string>(const std::string&)> environment{};
  std::filesystem::path working_directory{};
  std::filesystem::path system_directory{"/etc/mapctl"};
};

// Where a registry is: in a file, or on a server.
struct RegistryPlace {
  std::filesystem::path file{};  // empty for one on a server
  Secret url{};                  // of one on a server, as it was given
  std::string shown{};           // the path, or the URL without passwords
  // Where what belongs to this machine is kept: journals of runs, the signing key.
  std::filesystem::path directory{};
  bool is_on_server() const noexcept { return file.empty(); }
};

// "postgresql://me@host/db" of a URL with a password in it.
std::string without_password(std::string_view url);

class Settings {
 public:
  const std::vector<Setting>& all() const noexcept { return settings_; }
  const Setting& get(std::string_view name) const;
  std::string text(std::string_view name) const;  // empty when not set
  bool boolean(std::string_view name) const;
  std::vector<std::filesystem::path> paths(std::string_view name) const;

  // Configuration files that were read, highest precedence first.
  const std::vector<std::filesystem::path>& files() const noexcept { return files_; }
  // The project's mapctl.yaml (or the file of --config), if there is one.
  const std::optional<std::filesystem::path>& project_file() const noexcept {
    return project_file_;
  }
  // Absolute; where mapctl.yaml is, else the working directory.
  const std::filesystem::path& project_directory() const noexcept { return project_directory_; }
  const std::filesystem::path& working_directory() const noexcept { return working_directory_; }
  const std::filesystem::path& user_config_directory() const noexcept { return user_config_; }
  const std::filesystem::path& user_data_directory() const noexcept { return user_data_; }

  // `registry` when set; else .mapctl/registry.db beside mapctl.yaml if there is one, else in the
  // user's data directory. May not exist. A URL of another kind than postgresql:// is
  // Error::unsupported.
  RegistryPlace registry() const;
  // In the order of search: `profiles`, ./profiles, the project's, the user's, then `shipped`;
  // a directory that comes twice, under whatever names, stands at its first place only.
  std::vector<std::filesystem::path> profile_directories(
      std::span<const std::filesystem::path> shipped) const;

 private:
  friend class SettingsLoader;
  std::vector<Setting> settings_;
  std::vector<std::filesystem::path> files_;
  std::optional<std::filesystem::path> project_file_;
  std::filesystem::path project_directory_, working_directory_, user_config_, user_data_;
};

// Flag, environment, ./mapctl.yaml (or --config FILE), user configuration, system configuration,
// default. Relative paths count from the file that names them, else from the working directory.
// Throws Error::configuration naming file and line, variable or flag.
Settings load_settings(const SettingSources& sources);

}  // namespace mapctl::config
