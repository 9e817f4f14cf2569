// SPDX-License-Identifier: Apache-2.0
#include "cli/circuit_breakers.hpp"
#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/endpoint_control.hpp"
#include "cli/options/language_model.hpp"
#include "cli/wiring.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/config/language_model.hpp"
#include "core/config/profile.hpp"
#include "core/registry/registry.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <langinfo.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <clocale>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace mapctl::cli {
namespace fs = std::filesystem;
namespace {

enum class Finding { ok, warning, failed };

std::string_view to_string(Finding finding) {
  switch (finding) {
    case Finding::ok: return "ok";
    case Finding::warning: return "warning";
    case Finding::failed: return "failed";
  }
  return "";
}

struct Check {
  std::string name{};
  Finding finding = Finding::ok;
  std::string detail{};
  std::string hint{};
};

bool same_info(const ports::ConnectorInfo& left, const ports::ConnectorInfo& right) {
  const auto& a = left.capabilities;
  const auto& b = right.capabilities;
  return left.name == right.name && left.description == right.description &&
         left.kind == right.kind && a.discovers_keys == b.discovers_keys &&
         a.discovers_statistics == b.discovers_statistics && a.counts_rows == b.counts_rows &&
         a.reads_rows == b.reads_rows && a.writes_rows == b.writes_rows &&
         a.has_schemas == b.has_schemas && a.names_ignore_case == b.names_ignore_case &&
         std::equal(left.options.begin(), left.options.end(), right.options.begin(),
                    right.options.end(), [](const auto& x, const auto& y) {
                      return x.name == y.name && x.description == y.description &&
                             x.required == y.required && x.is_path == y.is_path;
                    });
}

// The nearest folder on the way up that exists, for files that are yet to be made.
fs::path existing_parent(fs::path path) {
  std::error_code ignored;
  while (!path.empty() && !fs::exists(path, ignored) && path.has_relative_path()) {
    path = path.parent_path();
  }
  return path;
}

class DoctorCommand final : public Command {
 public:
  std::string_view name() const noexcept override { return "doctor"; }
  std::string_view summary() const noexcept override {
    return "Check the installation, the project and the settings";
  }
  std::string_view example() const noexcept override {
    return "# is everything in place\n"
           "mapctl doctor\n"
           "# every setting, its value and where it came from\n"
           "mapctl doctor --config\n";
  }

  void declare(CLI::App& app) override {
    app.add_flag("--config", config_, "Show every setting and where its value came from");
  }

  ExitCode run(CommandContext& context) override {
    if (config_) {
      return show_settings(context);
    }
    check_modules(context);
    check_data(context);
    check_registry(context);
    check_profiles(context);
    check_breakers(context);
    check_language_models(context);
    check_folders(context);
    check_terminal(context);
    const auto failed = std::count_if(checks_.begin(), checks_.end(), [](const Check& check) {
      return check.finding == Finding::failed;
    });
    print_checks(context, failed > 0);
    return failed == 0 ? ExitCode::done : ExitCode::failed;
  }

 private:
  void add(std::string name, Finding finding, std::string detail, std::string hint = {}) {
    checks_.push_back({std::move(name), finding, std::move(detail), std::move(hint)});
  }

  // An Error of `work` is what the check found.
  void attempt(const std::string& name, const std::function<void()>& work) {
    try {
      work();
    } catch (const Error& error) {
      if (error.code() == ErrorCode::cancelled) {
        throw;
      }
      add(name, Finding::failed, error.what(), error.facts().hint);
    }
  }

  void check_modules(CommandContext& context) {
    Wiring& wiring = context.wiring();
    for (const std::string& module : wiring.modules()) {
      const std::string check = fmt::format("module {}", module);
      attempt(check, [&] {
        const ports::Module& loaded = wiring.load_module(module);
        const auto& entries = wiring.connectors();
        const auto entry =
            std::find_if(entries.begin(), entries.end(),
                         [&](const Wiring::Entry& other) { return other.module == module; });
        if (entry != entries.end() &&
            (loaded.connector == nullptr || !same_info(entry->info, loaded.connector->info()))) {
          throw Error{ErrorCode::unsupported,
                      fmt::format("module '{}' says other things of itself than this program knows",
                                  module),
                      "install module and program from the same version"};
        }
        add(check, Finding::ok, wiring.module_path(module).string());
      });
    }
    for (const Wiring::Entry& entry : wiring.connectors()) {
      if (entry.availability == Wiring::Availability::left_out) {
        add(fmt::format("connector {}", entry.info.name), Finding::warning, "not in this build",
            fmt::format("build mapctl with -D {}", entry.build_option));
      }
    }
  }

  void check_data(CommandContext& context) {
    for (const char* folder : {"entities", "lexicon", "connectors"}) {
      const fs::path path = context.shipped(folder);
      std::error_code ignored;
      if (fs::is_directory(path, ignored) && !fs::is_empty(path, ignored)) {
        add(fmt::format("shipped {}", folder), Finding::ok, path.string());
      } else {
        add(fmt::format("shipped {}", folder), Finding::failed,
            fmt::format("'{}' is missing", path.string()), "install mapctl completely");
      }
    }
  }

  void check_registry(CommandContext& context) {
    attempt("registry", [&] {
      const config::RegistryPlace place = context.settings().registry();
      std::error_code unknown;
      if (!place.is_on_server() && !fs::exists(place.file, unknown)) {
        add("registry", Finding::warning, fmt::format("there is none at '{}'", place.shown),
            "make one with 'mapctl init'; propose and discover work without");
        return;
      }
      const registry::RegistryStatus status = context.open_registry().status();
      add("registry", Finding::ok,
          fmt::format("{}: schema {}, {} mappings, {}", place.shown, status.schema_version,
                      with_thousands(status.mappings),
                      human_bytes(static_cast<double>(status.size_bytes))));
      check_key(place.directory / "signing.key");
    });
  }

  void check_key(const fs::path& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
      add("signing key", Finding::warning, fmt::format("there is none at '{}'", path.string()),
          "make one with 'mapctl init'");
    } else if ((status.st_mode & 077) != 0) {
      add("signing key", Finding::failed, fmt::format("'{}' can be read by others", path.string()),
          fmt::format("run: chmod 600 '{}'", path.string()));
    } else {
      add("signing key", Finding::ok, path.string());
    }
  }

  void check_profiles(CommandContext& context) {
    const std::vector<fs::path> directories = context.profile_directories();
    std::size_t good = 0;
    for (const config::ProfileEntry& entry : config::list_profiles(directories)) {
      const std::string check = fmt::format("profile {}", entry.name);
      attempt(check, [&] {
        const config::Profile profile = config::load_profile(entry.name, directories);
        if (!config::is_language_model(profile) &&
            context.wiring().find(profile.connector) == nullptr) {
          context.wiring().connector(profile.connector);
        }
        for (const std::string& warning : profile.warnings) {
          add(check, Finding::warning, warning);
        }
        ++good;
      });
    }
    add("profiles", Finding::ok, fmt::format("{} can be used", good));
  }

  // A system that is down is no fault of the installation.
  void check_breakers(CommandContext& context) {
    const auto open = endpoint_control(context).breakers().all();
    for (const OpenBreaker& breaker : open) {
      add(fmt::format("circuit breaker {}", breaker.profile), Finding::warning,
          breaker.describe(context.clock().now()),
          fmt::format("when the system is up again, run: mapctl profile test {}", breaker.profile));
    }
    if (open.empty()) {
      add("circuit breakers", Finding::ok, "all are closed");
    }
  }

  // Nothing else needs them, so that one which does not answer is no failure.
  void check_language_models(CommandContext& context) {
    const std::vector<fs::path> directories = context.profile_directories();
    std::size_t configured = 0;
    for (const config::ProfileEntry& entry : config::list_profiles(directories)) {
      std::optional<config::Profile> profile;
      try {
        profile = config::load_profile(entry.name, directories);
      } catch (const Error&) {
        continue;  // told with the profiles
      }
      if (!config::is_language_model(*profile)) {
        continue;
      }
      ++configured;
      const std::string check = fmt::format("language model {}", entry.name);
      try {
        add(check, Finding::ok, check_language_model(context, *profile));
      } catch (const Error& error) {
        if (error.code() == ErrorCode::cancelled) {
          throw;
        }
        add(check, Finding::warning, error.what(), error.facts().hint);
      }
    }
    if (configured == 0) {
      add("language model", Finding::ok, "none is configured, and nothing needs one");
    }
  }

  void check_folders(CommandContext& context) {
    const char* temporary = std::getenv("TMPDIR");
    const std::vector<std::pair<std::string, fs::path>> folders{
        {"working folder", context.settings().working_directory()},
        {"registry's folder", context.settings().registry().directory},
        {"temporary folder",
         fs::path{temporary != nullptr && *temporary != '\0' ? temporary : "/tmp"}}};
    for (const auto& [name, wanted] : folders) {
      const fs::path path = existing_parent(wanted);
      struct statvfs space {};
      if (::statvfs(path.c_str(), &space) != 0) {
        add(name, Finding::failed, fmt::format("'{}' cannot be looked at", path.string()),
            "check the path and its permissions");
        continue;
      }
      const double free = static_cast<double>(space.f_bavail) * static_cast<double>(space.f_frsize);
      const std::string detail = fmt::format("{}: {} free", path.string(), human_bytes(free));
      if (::access(path.c_str(), W_OK) != 0) {
        add(name, Finding::warning, fmt::format("'{}' cannot be written to", path.string()),
            "results must go somewhere else");
      } else if (free < 100e6) {
        add(name, Finding::warning, detail, "free some space before a large batch");
      } else {
        add(name, Finding::ok, detail);
      }
    }
  }

  void check_terminal(CommandContext& context) {
    const Terminal& terminal = context.stdout_terminal();
    // The environment's locale, asked for without changing how this program formats numbers.
    const locale_t locale = ::newlocale(LC_CTYPE_MASK, "", static_cast<locale_t>(nullptr));
    const std::string encoding =
        locale == static_cast<locale_t>(nullptr) ? "unknown" : ::nl_langinfo_l(CODESET, locale);
    if (locale != static_cast<locale_t>(nullptr)) {
      ::freelocale(locale);
    }
    const std::string detail = terminal.is_terminal
                                   ? fmt::format("{} columns, {}, {}", terminal.width,
                                                 terminal.color ? "colour" : "no colour", encoding)
                                   : fmt::format("standard output is no terminal, {}", encoding);
    if (encoding == "UTF-8" || !terminal.is_terminal) {
      add("terminal", Finding::ok, detail);
    } else {
      add("terminal", Finding::warning, detail,
          "choose a UTF-8 locale, for example: export LC_ALL=C.UTF-8");
    }
  }

  void print_checks(CommandContext& context, bool is_failed) const {
    if (context.format() == Format::json) {
      Json document = {{"schema", "mapctl.doctor/1"},
                       {"version", MAPCTL_VERSION},
                       {"status", is_failed ? "failed" : "ok"},
                       {"checks", Json::array()}};
      for (const Check& check : checks_) {
        document["checks"].push_back(
            {{"name", check.name},
             {"status", to_string(check.finding)},
             {"detail", check.detail},
             {"hint", check.hint.empty() ? Json(nullptr) : Json(check.hint)}});
      }
      context.out().document(document);
      return;
    }
    TablePrinter table{{{"status", "Status"},
                        {"name", "Check"},
                        {"detail", "Detail", false, true},
                        {"hint", "Next step", false, true}}};
    for (const Check& check : checks_) {
      const Style style = check.finding == Finding::ok        ? Style::green
                          : check.finding == Finding::warning ? Style::yellow
                                                              : Style::red;
      table.add(std::vector<TableCell>{{std::string{to_string(check.finding)}, style},
                                       {check.name, Style::plain},
                                       {check.detail, Style::plain},
                                       {check.hint, Style::plain}});
    }
    print(context, table);
  }

  static ExitCode show_settings(CommandContext& context) {
    const config::Settings& settings = context.settings();
    TablePrinter table{{{"setting", "Setting"},
                        {"value", "Value", false, true},
                        {"origin", "From"},
                        {"place", "Where", false, true}}};
    for (const config::Setting& setting : settings.all()) {
      std::string value = join(setting.values, ":");
      if (setting.spec->name == "registry" && value.empty()) {
        value = settings.registry().shown;
      } else if (setting.spec->name == "registry") {
        value = config::without_password(value);
      } else if (setting.spec->name == "user" && value.empty()) {
        value = context.user().text;
      }
      table.add(std::vector<std::string>{std::string{setting.spec->name}, value,
                                         std::string{config::to_string(setting.origin.kind)},
                                         setting.origin.place});
    }
    if (context.format() == Format::json) {
      Json files = Json::array();
      for (const fs::path& file : settings.files()) {
        files.push_back(file.string());
      }
      context.out().document({{"schema", "mapctl.settings/1"},
                              {"files", std::move(files)},
                              {"settings", table.to_json()}});
    } else {
      print(context, table);
    }
    return ExitCode::done;
  }

  bool config_ = false;
  std::vector<Check> checks_;
};

}  // namespace

std::unique_ptr<Command> make_doctor_command() {
  return std::make_unique<DoctorCommand>();
}

}  // namespace mapctl::cli
