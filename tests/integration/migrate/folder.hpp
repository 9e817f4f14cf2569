// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/file.hpp"
#include "core/jobs/yaml_migration.hpp"
#include "tests/integration/registry/fixture.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace mapctl::jobs::test {

using registry::test::RegistryFile;

// A folder of mapping files and a registry of its own.
class Folder {
 public:
  std::filesystem::path path() const { return directory_.path() / "mappings"; }
  std::filesystem::path archive() const { return directory_.path() / "kept"; }
  Folder() { std::filesystem::create_directory(path()); }

  void write(const std::string& name, std::string_view text) const {
    write_file_atomically(path() / name, text);
  }
  // For another user, whom a test takes the place of.
  void open_to_all() const {
    using std::filesystem::perms;
    std::filesystem::permissions(directory_.path(), perms::all);
    std::filesystem::permissions(path(), perms::all);
  }
  std::string read(const std::string& name) const { return read_file(path() / name); }
  // Every file of the folder with its bytes.
  std::map<std::string, std::string> bytes() const {
    std::map<std::string, std::string> all;
    for (const auto& entry : std::filesystem::directory_iterator{path()}) {
      all[entry.path().filename().string()] = read_file(entry.path());
    }
    return all;
  }

  MigrationOptions options(MigrationStep step) const {
    MigrationOptions options;
    options.folder = path();
    options.step = step;
    options.threads = 2;
    if (step == MigrationStep::canary) {
      options.percent = 50;
    }
    if (step == MigrationStep::cutover) {
      options.archive = archive();
    }
    return options;
  }
  MigrationReport run(const MigrationOptions& options) const {
    registry::Registry registry = file.open();
    return migrate_yaml(&registry, options, file.clock);
  }
  MigrationReport run(MigrationStep step) const { return run(options(step)); }
  // Runs all phases up to this one; every one has to pass.
  MigrationReport run_to(MigrationStep last) const {
    MigrationReport report;
    for (int step = 1; step <= static_cast<int>(last); ++step) {
      report = run(static_cast<MigrationStep>(step));
      REQUIRE(report.refusal.empty());
    }
    return report;
  }
  // Code and message of the error that running this phase throws.
  std::string failure(const MigrationOptions& options) const {
    try {
      run(options);
    } catch (const Error& error) {
      return std::string{to_string(error.code())} + ": " + error.what();
    }
    return "no error";
  }

  RegistryFile file{};

 private:
  TemporaryDirectory directory_{};
};

inline constexpr std::string_view crm_text =
    "# what the CRM calls it\n"
    "account:\n"
    "  description: companies\n"
    "  fields:\n"
    "    account_id: \"Id\"            # the key\n"
    "    name: Name\n"
    "    industry: {source: cf_industry, transform: trim}\n"
    "    annual_revenue: {target: extras.annual_revenue}\n"
    "    owner_id: user_id.value\n";
inline constexpr std::string_view desk_text =
    "contact:\n"
    "  fields:\n"
    "    email: mail\n"
    "    phone: phone   # as typed\n";

}  // namespace mapctl::jobs::test
