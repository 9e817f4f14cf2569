// SPDX-License-Identifier: Apache-2.0
#include "cli/profile_tools.hpp"
#include "cli/rest_profile.hpp"
#include "cli/wiring.hpp"
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "core/config/airbyte_import.hpp"
#include "core/config/profile.hpp"
#include "core/config/yaml_json.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

namespace mapctl::cli {
namespace fs = std::filesystem;
namespace {

// What the connector must accept: the profile with texts in the place of its references.
void check_streams(CommandContext& context, const config::Profile& profile) {
  config::SecretSources nothing;
  nothing.environment = [](const std::string&) { return std::optional<std::string>{"1"}; };
  ports::ConnectorOptions options;
  options.profile = profile.name;
  for (const auto& [name, value] : profile.options) {
    if (value.tree) {
      options.trees[name] = config::resolve_tree(value, nothing);
    } else {
      options.options[name] = config::resolve(value, nothing).reveal();
    }
  }
  options.http = [&]() -> const ports::HttpClientFactory& { return context.wiring().http(); };
  context.wiring().connector("rest").open(options, context.stop());
}

class ImportSubcommand final : public Subcommand {
 public:
  std::string_view name() const noexcept override { return "import-airbyte"; }
  std::string_view summary() const noexcept override {
    return "Make a profile from an Airbyte declarative manifest";
  }
  std::string_view example() const noexcept override {
    return "mapctl profile import-airbyte manifest.yaml --name crm\n";
  }

  void declare(CLI::App& app) override {
    app.add_option("manifest", manifest_, "The manifest")->required()->type_name("MANIFEST.yaml");
    app.add_option("--name", name_, "Name of the new profile (default: from the manifest's name)")
        ->type_name("NAME");
    app.add_option("--directory", directory_, "Where to write it (default: ./profiles)")
        ->type_name("DIR");
    app.add_flag("--partial", partial_, "Leave out the streams that are not supported");
  }

  ExitCode run(CommandContext& context) override {
    const fs::path source = context.settings().working_directory() / manifest_;
    const std::string name = name_.empty() ? name_from(source) : name_;
    const config::AirbyteImport made =
        config::import_airbyte(config::parse_yaml(read_file(source), manifest_), name);
    for (const config::UnsupportedComponent& one : made.unsupported) {
      context.reporter().warning(fmt::format(
          "{}: component '{}' is not supported{}: {}", one.where, one.component,
          one.stream.empty() ? "" : fmt::format(" (stream '{}')", one.stream), one.reason));
    }
    if (!made.unsupported.empty() && !partial_) {
      throw Error{ErrorCode::unsupported,
                  fmt::format("'{}' needs {} {} that mapctl does not have", manifest_,
                              made.unsupported.size(),
                              made.unsupported.size() == 1 ? "component" : "components"),
                  made.streams.empty()
                      ? std::string{"all its streams need them: describe those that you want in a "
                                    "profile of your own, as mapctl-rest(5) tells"}
                      : fmt::format("--partial makes a profile of the other {}",
                                    streams_text(made.streams.size()))};
    }
    if (made.streams.empty()) {
      throw Error{ErrorCode::unsupported, fmt::format("no stream of '{}' can be had", manifest_),
                  "the warnings above name what is not supported"};
    }
    const fs::path file = place_rest_profile(
        context, (context.settings().working_directory() / directory_).lexically_normal(), name,
        made.profile, made.profile);
    for (const std::string& remark : made.remarks) {
      context.reporter().warning(remark);
    }
    if (context.format() == Format::json || context.format() == Format::jsonl) {
      context.out().json_line({{"schema", "mapctl.profile_added/1"},
                               {"name", name},
                               {"file", file.string()},
                               {"streams", made.streams},
                               {"unsupported", made.unsupported.size()}});
    } else {
      context.out().line(
          fmt::format("made {} with {}", file.string(), streams_text(made.streams.size())));
    }
    return ExitCode::done;
  }

 private:
  static std::string streams_text(std::size_t count) {
    return fmt::format("{} {}", count, count == 1 ? "stream" : "streams");
  }

  // "source-my-crm.manifest.yaml" and "source-my-crm/manifest.yaml" are "my-crm".
  static std::string name_from(const fs::path& source) {
    std::string name = source.filename().string();
    if (name == "manifest.yaml" || name == "manifest.yml") {
      name = source.parent_path().filename().string();
    }
    name = name.substr(0, name.find('.'));
    return name.starts_with("source-") ? name.substr(7) : name;
  }

  std::string manifest_, name_;
  std::string directory_ = "profiles";
  bool partial_ = false;
};

}  // namespace

// Written beside, read back and tried on the connector; only then put into its place.
void check_place(const fs::path& directory, const std::string& name) {
  if (!config::is_valid_profile_name(name)) {
    throw Error{ErrorCode::usage, fmt::format("'{}' cannot be a profile's name", name),
                "use letters, digits, '_', '-' and '.'; 'canonical' is taken"};
  }
  const fs::path file = directory / (name + ".yaml");
  std::error_code error;
  if (fs::exists(file, error)) {
    throw Error{ErrorCode::already_exists,
                fmt::format("profile '{}' is already in '{}'", name, file.string()),
                "choose another name, or move that file away"};
  }
}

fs::path place_rest_profile(CommandContext& context, const fs::path& directory,
                            const std::string& name, const std::string& yaml,
                            const std::string& tried) {
  check_place(directory, name);
  const fs::path file = directory / (name + ".yaml");
  std::error_code error;
  const TemporaryDirectory trial;
  const fs::path trial_file = trial.path() / (name + ".yaml");
  write_file_atomically(trial_file, tried);
  check_streams(context, config::load_profile_file(trial_file, context.profile_directories()));
  fs::create_directories(directory, error);
  if (error) {
    throw_io_error(error.value(), "create the directory", directory);
  }
  write_file_atomically(file, yaml);
  return file;
}

std::unique_ptr<Subcommand> make_profile_import() {
  return std::make_unique<ImportSubcommand>();
}

}  // namespace mapctl::cli
