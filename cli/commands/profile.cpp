// SPDX-License-Identifier: Apache-2.0
#include "core/config/profile.hpp"

#include "cli/circuit_breakers.hpp"
#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/endpoint_control.hpp"
#include "cli/endpoint_names.hpp"
#include "cli/fetched_documents.hpp"
#include "cli/options/language_model.hpp"
#include "cli/profile_tools.hpp"
#include "cli/wiring.hpp"
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "core/config/endpoint.hpp"
#include "core/config/language_model.hpp"
#include "core/ports/connector_options.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace mapctl::cli {
namespace fs = std::filesystem;
namespace {

using config::Profile;

std::string yaml_quoted(std::string_view text) {
  std::string result;
  append_json_string(result, text);  // a JSON string is a YAML double-quoted one
  return result;
}

void write_value(std::string& yaml, std::string_view key, const std::optional<double>& value,
                 std::string_view unit) {
  if (value) {
    yaml += fmt::format("  {}: {}{}\n", key, *value, unit);
  }
}

std::string to_yaml(const Profile& profile) {
  std::string yaml = fmt::format("name: {}\nconnector: {}\n", profile.name, profile.connector);
  if (!profile.description.empty()) {
    yaml += fmt::format("description: {}\n", yaml_quoted(profile.description));
  }
  const auto write_map = [&](std::string_view name, const auto& values) {
    if (!values.empty()) {
      yaml += fmt::format("{}:\n", name);
      for (const auto& [key, value] : values) {
        const std::string text = config::shown(value);
        yaml += fmt::format("  {}: {}\n", key, value.tree ? text : yaml_quoted(text));
      }
    }
  };
  write_map("options", profile.options);
  write_map("auth", profile.auth);
  const Profile::Limits& limits = profile.limits;
  if (limits.requests_per_second || limits.max_connections || limits.timeout ||
      limits.catalog_lifetime) {
    yaml += "limits:\n";
    write_value(yaml, "requests_per_second", limits.requests_per_second, "");
    if (limits.max_connections) {
      yaml += fmt::format("  max_connections: {}\n", *limits.max_connections);
    }
    write_value(yaml, "timeout", limits.timeout, "s");
    write_value(yaml, "catalog_lifetime", limits.catalog_lifetime, "s");
  }
  const Profile::RetryRules& retry = profile.retry;
  if (retry.attempts || retry.backoff || retry.max_backoff || retry.deadline) {
    yaml += "retry:\n";
    if (retry.attempts) {
      yaml += fmt::format("  attempts: {}\n", *retry.attempts);
    }
    write_value(yaml, "backoff", retry.backoff, "s");
    write_value(yaml, "max_backoff", retry.max_backoff, "s");
    write_value(yaml, "deadline", retry.deadline, "s");
  }
  if (!profile.roles.empty()) {
    yaml += fmt::format("access:\n  roles: [{}]\n", join(profile.roles, ", "));
  }
  return yaml;
}

Json profile_to_json(const Profile& profile) {
  const auto number = [](const auto& value) { return value ? Json(*value) : Json{}; };
  Json json = {{"schema", "mapctl.profile/1"},   {"name", profile.name},
               {"connector", profile.connector}, {"description", profile.description},
               {"files", Json::array()},         {"options", Json::object()},
               {"auth", Json::object()}};
  for (const fs::path& file : profile.chain) {
    json["files"].push_back(file.string());
  }
  for (const auto& [key, value] : profile.options) {
    const std::string text = config::shown(value);
    json["options"][key] = value.tree ? parse_json(text, key) : Json(text);
  }
  for (const auto& [key, value] : profile.auth) {
    json["auth"][key] = config::shown(value);
  }
  json["limits"] = {{"requests_per_second", number(profile.limits.requests_per_second)},
                    {"max_connections", number(profile.limits.max_connections)},
                    {"timeout", number(profile.limits.timeout)},
                    {"catalog_lifetime", number(profile.limits.catalog_lifetime)}};
  json["retry"] = {{"attempts", number(profile.retry.attempts)},
                   {"backoff", number(profile.retry.backoff)},
                   {"max_backoff", number(profile.retry.max_backoff)},
                   {"deadline", number(profile.retry.deadline)}};
  json["access"] = {{"roles", profile.roles}};
  return json;
}

std::pair<std::string, std::string> split_assignment(const std::string& text,
                                                     std::string_view option) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw Error{ErrorCode::usage, fmt::format("{} '{}' has no '='", option, text),
                fmt::format("write {} NAME=VALUE", option)};
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

class ProfileCommand final : public Command {
 public:
  ProfileCommand() {
    tools_.push_back(make_profile_import());
    tools_.push_back(make_profile_secret());
  }
  std::string_view name() const noexcept override { return "profile"; }
  std::string_view summary() const noexcept override {
    return "List, show, test and add profiles of systems";
  }
  std::string_view example() const noexcept override {
    return "# a profile for a folder of semicolon-separated files\n"
           "mapctl profile add sales --connector file --option path=exports "
           "--option 'delimiter=;'\n"
           "# can it be reached, and what is missing\n"
           "mapctl profile test sales\n"
           "# what a profile amounts to after inheritance, secrets masked\n"
           "mapctl profile show sales\n"
           "# a REST system from its Airbyte manifest\n"
           "mapctl profile import-airbyte manifest.yaml --name crm\n";
  }

  void declare(CLI::App& app) override {
    app.require_subcommand(1);
    list_ = app.add_subcommand("list", "List the profiles that can be used by name");
    show_ = app.add_subcommand("show", "Show a profile after inheritance, secrets masked");
    list_->footer("mapctl profile list\n");
    show_->footer("mapctl profile show sales\n");
    show_->add_option("name", name_, "Profile")->required()->type_name("NAME");
    test_ = app.add_subcommand("test", "Connect and show what answers, and what it refuses");
    test_->footer("mapctl profile test sales\nmapctl profile test sqlite:shop.db\n");
    test_->add_option("endpoint", name_, "Profile or location")->required()->type_name("EP");
    add_ = app.add_subcommand("add", "Write a new profile; never overwrites one");
    add_->footer(
        "mapctl profile add sales --connector file --option path=exports --option 'delimiter=;'\n");
    add_->add_option("name", name_, "Name of the new profile")->required()->type_name("NAME");
    add_->add_option("--connector", connector_, "Kind of system")->type_name("NAME");
    add_->add_option("--extends", extends_, "Profile to take everything else from")
        ->type_name("NAME");
    add_->add_option("--option", options_, "Option of the connector (repeatable)")
        ->type_name("NAME=VALUE")
        ->type_size(1)
        ->allow_extra_args(false);
    add_->add_option("--auth", auth_,
                     "Secret, as a reference such as password='${env:NAME}' (repeatable)")
        ->type_name("NAME=VALUE")
        ->type_size(1)
        ->allow_extra_args(false);
    add_->add_option("--directory", directory_, "Where to write it (default: ./profiles)")
        ->type_name("DIR");
    for (const auto& tool : tools_) {
      tool_apps_.push_back(&cli::declare(*tool, app));
    }
  }

  ExitCode run(CommandContext& context) override {
    if (list_->parsed()) {
      return list(context);
    }
    if (show_->parsed()) {
      return show(context);
    }
    for (std::size_t i = 0; i < tools_.size(); ++i) {
      if (tool_apps_[i]->parsed()) {
        return tools_[i]->run(context);
      }
    }
    return test_->parsed() ? test(context) : add(context);
  }

 private:
  static ExitCode list(CommandContext& context) {
    TablePrinter table{{{"name", "Profile"},
                        {"connector", "Connector"},
                        {"description", "Description", false, true},
                        {"file", "File", false, true}}};
    const std::vector<fs::path> directories = context.profile_directories();
    for (const config::ProfileEntry& entry : config::list_profiles(directories)) {
      // One profile that is wrong must not hide the others.
      try {
        const Profile profile = config::load_profile(entry.name, directories);
        for (const std::string& warning : profile.warnings) {
          context.reporter().warning(warning);
        }
        table.add(std::vector<std::string>{entry.name, profile.connector, profile.description,
                                           entry.file.string()});
      } catch (const Error& error) {
        context.reporter().warning(error.what(), error.facts().hint);
        table.add(std::vector<TableCell>{{entry.name, Style::plain},
                                         {"?", Style::red},
                                         {"cannot be read", Style::red},
                                         {entry.file.string(), Style::plain}});
      }
    }
    if (context.format() == Format::json) {
      context.out().document({{"schema", "mapctl.profiles/1"}, {"profiles", table.to_json()}});
    } else {
      print(context, table);
    }
    return ExitCode::done;
  }

  ExitCode show(CommandContext& context) const {
    const Profile profile = context.load_profile(name_);
    for (const std::string& warning : profile.warnings) {
      context.reporter().warning(warning);
    }
    if (context.format() == Format::table) {
      for (const fs::path& file : profile.chain) {
        context.out().line(fmt::format("# {}", file.string()));
      }
      context.out().write(to_yaml(profile));
    } else if (context.format() == Format::csv) {
      throw Error{ErrorCode::usage, "a profile cannot be shown as csv",
                  "use --format table, json or jsonl"};
    } else {
      const Json json = profile_to_json(profile);
      context.format() == Format::json ? context.out().document(json)
                                       : context.out().json_line(json);
    }
    return ExitCode::done;
  }

  // The name of a profile that stands for a language model and no endpoint.
  std::optional<Profile> language_model(const CommandContext& context) const {
    const bool is_name = config::parse_endpoint(name_).kind == config::Endpoint::Kind::profile;
    if (is_name) {
      if (Profile profile = context.load_profile(name_); config::is_language_model(profile)) {
        return profile;
      }
    }
    return std::nullopt;
  }

  ExitCode test_language_model(CommandContext& context, const Profile& profile) const {
    for (const std::string& warning : profile.warnings) {
      context.reporter().warning(warning);
    }
    const double began = context.clock().elapsed();
    const std::string found = check_language_model(context, profile);
    const double seconds = context.clock().elapsed() - began;
    if (context.format() == Format::json || context.format() == Format::jsonl) {
      const Json json = {{"schema", "mapctl.test/1"},
                         {"endpoint", name_},
                         {"product", found},
                         {"seconds", seconds},
                         {"missing_privileges", Json::array()}};
      context.format() == Format::json ? context.out().document(json)
                                       : context.out().json_line(json);
      return ExitCode::done;
    }
    TablePrinter table{{{"item", "Item"}, {"value", "Value", false, true}}};
    table.add(std::vector<std::string>{"endpoint", name_});
    table.add(std::vector<std::string>{"product", found});
    table.add(std::vector<std::string>{"answered in", human_duration(seconds)});
    print(context, table);
    return ExitCode::done;
  }

  // Who is refused learns whether others, too, were: what they kept of the circuit breaker.
  ports::ServerInfo ask(CommandContext& context) const {
    try {
      return context.open_endpoint(name_)->test(context.stop());
    } catch (const Error&) {
      const auto open = endpoint_control(context).breakers().find(name_);
      if (open) {
        context.reporter().warning(fmt::format("the circuit breaker of '{}' is {}", name_,
                                               open->describe(context.clock().now())),
                                   "a command that begins now tries all the same");
      }
      throw;
    }
  }

  ExitCode test(CommandContext& context) {
    name_ = name_endpoint(context, name_);
    if (const auto profile = language_model(context)) {
      return test_language_model(context, *profile);
    }
    const double began = context.clock().elapsed();
    const ports::ServerInfo info = ask(context);
    const double seconds = context.clock().elapsed() - began;
    // It answered, so that whatever was kept of its breaker is over.
    const bool has_breaker = endpoint_control(context).breakers().is_used(name_);
    constexpr auto breaker = CircuitBreaker::State::closed;
    if (context.format() == Format::json || context.format() == Format::jsonl) {
      Json json = {{"schema", "mapctl.test/1"},
                   {"endpoint", name_},
                   {"product", info.product},
                   {"seconds", seconds},
                   {"circuit_breaker", has_breaker ? Json(mapctl::to_string(breaker)) : Json{}},
                   {"missing_privileges", Json::array()}};
      for (const auto& missing : info.missing_privileges) {
        json["missing_privileges"].push_back(
            {{"object", missing.object}, {"message", missing.message}, {"hint", missing.hint}});
      }
      context.format() == Format::json ? context.out().document(json)
                                       : context.out().json_line(json);
    } else {
      TablePrinter table{{{"item", "Item"}, {"value", "Value", false, true}}};
      table.add(std::vector<std::string>{"endpoint", name_});
      table.add(std::vector<std::string>{"product", info.product});
      table.add(std::vector<std::string>{"answered in", human_duration(seconds)});
      if (has_breaker) {
        table.add(
            std::vector<std::string>{"circuit breaker", std::string{mapctl::to_string(breaker)}});
      }
      table.add(std::vector<std::string>{"missing privileges",
                                         info.missing_privileges.empty()
                                             ? "none"
                                             : fmt::format("{}", info.missing_privileges.size())});
      print(context, table);
    }
    for (const auto& missing : info.missing_privileges) {
      context.reporter().warning(fmt::format("{}: {}", missing.object, missing.message),
                                 missing.hint);
    }
    return ExitCode::done;
  }

  ExitCode add(CommandContext& context) const {
    if (!config::is_valid_profile_name(name_)) {
      throw Error{ErrorCode::usage, fmt::format("'{}' cannot be a profile's name", name_),
                  "use letters, digits, '_', '-' and '.'; 'canonical' is taken"};
    }
    if (connector_.empty() && extends_.empty()) {
      throw Error{ErrorCode::usage, "a profile needs --connector or --extends",
                  "'mapctl connector list' shows the connectors, 'mapctl profile list' the "
                  "profiles"};
    }
    const fs::path directory =
        (context.settings().working_directory() / directory_).lexically_normal();
    const fs::path file = directory / (name_ + ".yaml");
    std::error_code error;
    if (fs::exists(file, error)) {
      throw Error{ErrorCode::already_exists,
                  fmt::format("profile '{}' is already in '{}'", name_, file.string()),
                  "choose another name, or edit that file"};
    }
    // Written, read back and only then put into its place, so that what is wrong stays outside.
    const std::string text = document(context, directory);
    const TemporaryDirectory trial;
    write_file_atomically(trial.path() / (name_ + ".yaml"), text);
    const Profile profile =
        config::load_profile_file(trial.path() / (name_ + ".yaml"), context.profile_directories());
    check(context, profile);
    fs::create_directories(directory, error);
    if (error) {
      throw_io_error(error.value(), "create the directory", directory);
    }
    write_file_atomically(file, text);
    for (const std::string& warning :
         config::load_profile_file(file, context.profile_directories()).warnings) {
      context.reporter().warning(warning);
    }
    if (context.format() == Format::json || context.format() == Format::jsonl) {
      context.out().json_line(
          {{"schema", "mapctl.profile_added/1"}, {"name", name_}, {"file", file.string()}});
    } else {
      context.out().line(fmt::format("made {}", file.string()));
    }
    return ExitCode::done;
  }

  // Paths are given relative to the working directory, and kept relative to the profile's file.
  std::string document(CommandContext& context, const fs::path& directory) const {
    std::string text = fmt::format("name: {}\n", yaml_quoted(name_));
    if (!extends_.empty()) {
      text += fmt::format("extends: {}\n", yaml_quoted(extends_));
    }
    std::string connector = connector_;
    std::map<std::string, std::string> given;
    if (!extends_.empty()) {
      const Profile parent = context.load_profile(extends_);
      connector = connector.empty() ? parent.connector : connector;
      for (const auto& [name, value] : parent.options) {
        given[name] = value.text.reveal();
      }
    }
    for (const std::string& assignment : options_) {
      const auto [name, value] = split_assignment(assignment, "--option");
      given[name] = value;
    }
    if (!connector_.empty()) {
      text += fmt::format("connector: {}\n", yaml_quoted(connector));
    }
    const Wiring::Entry* entry = context.wiring().find(connector);
    const auto write_all = [&](std::string_view key, std::string_view option,
                               const std::vector<std::string>& assignments) {
      if (!assignments.empty()) {
        text += fmt::format("{}:\n", key);
      }
      for (const std::string& assignment : assignments) {
        auto [name, value] = split_assignment(assignment, option);
        const bool is_path =
            key == "options" && entry != nullptr && ports::is_path(entry->info, name, given);
        if (is_path && !is_web_address(value) && !fs::path{value}.is_absolute() &&
            value.find("${") == std::string::npos) {
          value = (context.settings().working_directory() / value)
                      .lexically_normal()
                      .lexically_relative(directory)
                      .string();
        }
        text += fmt::format("  {}: {}\n", yaml_quoted(name), yaml_quoted(value));
      }
    };
    write_all("options", "--option", options_);
    write_all("auth", "--auth", auth_);
    return text;
  }

  static void check(CommandContext& context, const Profile& profile) {
    if (config::is_language_model(profile)) {
      open_language_model(context, profile);
      return;
    }
    const Wiring::Entry* entry = context.wiring().find(profile.connector);
    if (entry == nullptr) {
      context.wiring().connector(profile.connector);  // throws, with the nearest name
      return;
    }
    std::vector<std::string> known;
    for (const ports::OptionSpec& spec : entry->info.options) {
      known.push_back(spec.name);
      if (spec.required && !profile.options.contains(spec.name)) {
        throw Error{ErrorCode::usage,
                    fmt::format("connector '{}' needs option '{}'", profile.connector, spec.name),
                    fmt::format("add --option {}=... ({})", spec.name, spec.description)};
      }
    }
    for (const auto& [option, value] : profile.options) {
      if (std::find(known.begin(), known.end(), option) == known.end()) {
        throw Error{ErrorCode::usage,
                    fmt::format("connector '{}' has no option '{}'", profile.connector, option),
                    suggestion(option, known)};
      }
    }
  }

  std::vector<std::unique_ptr<Subcommand>> tools_;
  std::vector<CLI::App*> tool_apps_;
  CLI::App* list_ = nullptr;
  CLI::App* show_ = nullptr;
  CLI::App* test_ = nullptr;
  CLI::App* add_ = nullptr;
  std::string name_, connector_, extends_;
  std::string directory_ = "profiles";
  std::vector<std::string> options_, auth_;
};

}  // namespace

std::unique_ptr<Command> make_profile_command() {
  return std::make_unique<ProfileCommand>();
}

}  // namespace mapctl::cli
