// SPDX-License-Identifier: Apache-2.0
#include "cli/command.hpp"
#include "cli/connector/subcommands.hpp"
#include "cli/fetched_documents.hpp"
#include "cli/rest_profile.hpp"
#include "cli/subcommand.hpp"
#include "cli/wiring.hpp"
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "core/config/openapi_scaffold.hpp"
#include "core/config/profile.hpp"
#include "core/config/yaml.hpp"
#include "core/config/yaml_json.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace mapctl::cli {
namespace fs = std::filesystem;
namespace {

class ConnectorNewSubcommand final : public Subcommand {
 public:
  std::string_view name() const noexcept override { return "new"; }
  std::string_view summary() const noexcept override {
    return "Make a profile for a REST system from its OpenAPI 3 description";
  }
  std::string_view example() const noexcept override {
    return "mapctl connector new crm --from-openapi openapi.json --set org=acme\n";
  }

  void declare(CLI::App& app) override {
    app.add_option("name", name_, "Name of the new profile")->required()->type_name("NAME");
    app.add_option("--from-openapi", source_, "The description, JSON or YAML: a file or a URL")
        ->required()
        ->type_name("URL_OR_FILE");
    app.add_option("--set", values_, "Value of a parameter that no list gives (repeatable)")
        ->type_name("NAME=VALUE")
        ->type_size(1)
        ->allow_extra_args(false);
    app.add_option("--stream", wanted_, "Only streams whose names match (repeatable)")
        ->type_name("GLOB")
        ->type_size(1)
        ->allow_extra_args(false);
    app.add_option("--directory", directory_, "Where to write it (default: ./profiles)")
        ->type_name("DIR");
  }

  ExitCode run(CommandContext& context) override {
    const fs::path directory =
        (context.settings().working_directory() / directory_).lexically_normal();
    check_place(directory, name_);
    config::OpenApiRequest request = make_request();
    const bool is_url = is_web_address(source_);
    const fs::path file = (context.settings().working_directory() / source_).lexically_normal();
    const std::string text = is_url ? download(context) : read_file(file);
    const bool is_json = trim(text).starts_with('{');
    // What was fetched is kept beside the profile, so that it means the same tomorrow.
    const std::string kept = name_ + (is_json ? ".openapi.json" : ".openapi.yaml");
    const fs::path document = is_url ? directory / kept : file;
    const Json description =
        is_json ? parse_json(text, source_) : config::to_json(config::parse_yaml(text, source_));
    request.document = document.lexically_relative(directory).string();
    const config::OpenApiProfile made = config::scaffold_openapi(description, request);

    const TemporaryDirectory trial;
    request.document = is_url ? (trial.path() / kept).string() : file.string();
    if (is_url) {
      write_file_atomically(trial.path() / kept, text);
    }
    const fs::path profile = place_rest_profile(
        context, directory, name_, made.yaml, config::scaffold_openapi(description, request).yaml);
    if (is_url) {
      write_file_atomically(document, text);
    }
    tell(context, made, profile);
    return ExitCode::done;
  }

 private:
  config::OpenApiRequest make_request() const {
    config::OpenApiRequest request;
    request.name = name_;
    request.source = source_;
    for (const std::string& value : values_) {
      const std::size_t equals = value.find('=');
      if (equals == std::string::npos || equals == 0) {
        throw Error{ErrorCode::usage, fmt::format("--set '{}' has no '='", value),
                    "write --set NAME=VALUE"};
      }
      request.values[value.substr(0, equals)] = value.substr(equals + 1);
    }
    request.wanted = wanted_;
    return request;
  }

  std::string download(CommandContext& context) const {
    ports::HttpSettings settings;
    settings.name = name_;
    settings.hints.address = "--from-openapi";
    ports::HttpRequest request;
    request.url = source_;
    request.headers = {{"Accept", "application/json, application/yaml;q=0.9, */*;q=0.5"}};
    const ports::HttpResponse response = context.wiring().http().client(settings)->send(
        request, &ports::judge_by_status, context.stop());
    if (response.status < 200 || response.status > 299) {
      Error::Facts facts = ports::status_error(response).facts();
      if (facts.code == ErrorCode::denied) {
        facts.hint = "it is asked for without credentials: download it, and name the file instead";
      }
      throw Error{std::move(facts)};
    }
    return response.body;
  }

  void tell(CommandContext& context, const config::OpenApiProfile& made,
            const fs::path& profile) const {
    for (const std::string& remark : made.remarks) {
      context.reporter().warning(remark);
    }
    if (context.format() == Format::json || context.format() == Format::jsonl) {
      Json left_out = Json::array();
      for (const auto& one : made.left_out) {
        left_out.push_back({{"path", one.path}, {"reason", one.reason}});
      }
      context.out().json_line({{"schema", "mapctl.profile_added/1"},
                               {"name", name_},
                               {"file", profile.string()},
                               {"streams", made.streams},
                               {"left_out", std::move(left_out)},
                               {"missing_values", made.missing_values}});
      return;
    }
    context.out().line(fmt::format("made {} with {} {}: {}", profile.string(), made.streams.size(),
                                   made.streams.size() == 1 ? "stream" : "streams",
                                   join(made.streams, ", ")));
    // Answers that are no lists are many, and nothing is to be done about them.
    for (const auto& one : made.left_out) {
      if (one.reason.starts_with("it needs")) {
        context.reporter().info(fmt::format("'{}' is left out: {}", one.path, one.reason));
      }
    }
    if (!made.missing_values.empty()) {
      context.reporter().info(
          "some lists need values",
          fmt::format("give them with --set {}=...", join(made.missing_values, "=... --set ")));
    }
    context.reporter().info(
        "paging, keys and parents are read from names",
        fmt::format("look it through, then try it: mapctl connector test {}", name_));
  }

  std::string name_, source_;
  std::string directory_ = "profiles";
  std::vector<std::string> values_, wanted_;
};

}  // namespace

std::unique_ptr<Subcommand> make_connector_new() {
  return std::make_unique<ConnectorNewSubcommand>();
}

}  // namespace mapctl::cli
