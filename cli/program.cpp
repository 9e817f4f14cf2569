// SPDX-License-Identifier: Apache-2.0
#include "cli/program.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace mapctl::cli {
namespace {

constexpr const char* program_example =
    "Example:\n"
    "  # propose a mapping for a folder of CSV files\n"
    "  mapctl propose --source file:exports --target canonical\n"
    "  # make a registry and a starter project, then run its plan\n"
    "  mapctl init\n"
    "  mapctl batch plan.yaml\n";

constexpr const char* exit_codes =
    "Exit codes:\n"
    "  0    done\n"
    "  1    failed\n"
    "  2    wrong usage or configuration\n"
    "  3    finished, but some jobs failed\n"
    "  4    finished, but a gate was not met\n"
    "  5    a system could not be reached or refused us\n"
    "  130  interrupted by Ctrl-C (143: by SIGTERM)\n";

// CLI11 prints a type behind each option; ours are words like DIR or a list "table|json".
class HelpFormatter final : public CLI::Formatter {
 public:
  HelpFormatter() {
    column_width(32);
    label("REQUIRED", "(required)");
    label("Positionals", "Arguments");
    label("Subcommand", "Command");
    label("SUBCOMMAND", "COMMAND");
  }

  std::string make_option_opts(const CLI::Option* option) const override {
    std::string text;
    if (option->get_type_size() != 0) {
      if (!option->get_type_name().empty()) {
        text += " " + get_label(option->get_type_name());
      }
      if (option->get_expected_max() > 1) {
        text += " ...";
      }
      if (option->get_required()) {
        text += " " + get_label("REQUIRED");
      }
    }
    return text;
  }
};

// Without the blank lines that CLI11 adds between and behind its sections.
std::string tidy(std::string text) {
  while (text.find("\n\n\n") != std::string::npos) {
    text = replace_all(text, "\n\n\n", "\n\n");
  }
  while (text.ends_with("\n\n")) {
    text.pop_back();
  }
  return text;
}

std::string indent(std::string_view text) {
  std::string result;
  for (const std::string_view line : split(text, '\n')) {
    if (!line.empty()) {
      result += fmt::format("  {}\n", line);
    }
  }
  return result;
}

// What holds for a command and for those below it. Their footers are their examples, until here.
void prepare(CLI::App& app) {
  app.fallthrough();
  app.footer(fmt::format(
      "Global options such as --format and --registry: see 'mapctl --help'\n\nExample:\n{}\n{}",
      indent(app.get_footer()), exit_codes));
  for (CLI::App* sub : app.get_subcommands([](CLI::App*) { return true; })) {
    prepare(*sub);
  }
}

// The innermost command that the command line chose.
CLI::App& innermost(CLI::App& app) {
  CLI::App* current = &app;
  while (!current->get_subcommands().empty()) {
    current = current->get_subcommands().front();
  }
  return *current;
}

std::string path_of(const CLI::App& app) {
  return app.get_parent() == nullptr ? app.get_name()
                                     : path_of(*app.get_parent()) + " " + app.get_name();
}

std::vector<std::string> option_names(const CLI::App* app) {
  std::vector<std::string> names;
  for (; app != nullptr; app = app->get_parent()) {
    for (const CLI::Option* option : app->get_options()) {
      for (const std::string& name : option->get_lnames()) {
        names.push_back("--" + name);
      }
    }
  }
  return names;
}

std::vector<std::string> command_names(CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommands([](CLI::App*) { return true; })) {
    names.push_back(sub->get_name());
  }
  return names;
}

[[noreturn]] void fail_usage(const CLI::App& app, std::string message, std::string hint = {}) {
  if (hint.empty()) {
    hint = fmt::format("run '{} --help'", path_of(app));
  }
  throw Error{ErrorCode::usage, std::move(message), std::move(hint)};
}

[[noreturn]] void fail_extra(CLI::App& root, const std::string& extra) {
  CLI::App& app = innermost(root);
  if (extra.starts_with('-') && extra.size() > 1) {
    const std::string name = extra.substr(0, extra.find('='));
    const std::vector<std::string> known = option_names(&app);
    fail_usage(app, fmt::format("unknown option '{}'", name),
               nearest(name, known) ? suggestion(name, known) : std::string{});
  }
  const std::vector<std::string> known = command_names(app);
  if (known.empty()) {
    fail_usage(app, fmt::format("unexpected argument '{}'", extra));
  }
  const std::string message = fmt::format("unknown command '{}'", extra);
  // 'mapctl audit': it is right, but one word is missing.
  std::vector<std::string> elsewhere;
  for (CLI::App* other : root.get_subcommands([](CLI::App*) { return true; })) {
    const std::vector<std::string> below = command_names(*other);
    if (std::find(below.begin(), below.end(), extra) != below.end()) {
      elsewhere.push_back(fmt::format("'{} {}'", path_of(*other), extra));
    }
  }
  if (!elsewhere.empty() && !nearest(extra, known)) {
    fail_usage(app, message, fmt::format("did you mean {}?", fmt::join(elsewhere, " or ")));
  }
  fail_usage(app, message, suggestion(extra, known));
}

std::string sentence_to_message(std::string text) {
  text = text.substr(0, text.find('\n'));
  if (!text.empty() && text.back() == '.') {
    text.pop_back();
  }
  if (!text.empty() && (text.size() < 2 || text[1] < 'A' || text[1] > 'Z')) {
    text[0] = to_lower(text.substr(0, 1))[0];
  }
  return text;
}

}  // namespace

Program::Program()
    : app_{std::make_unique<CLI::App>("Maps the fields of one system to the fields of another",
                                      "mapctl")},
      commands_{make_commands()} {
  CLI::App& app = *app_;
  app.formatter(std::make_shared<HelpFormatter>());
  app.set_help_flag("-h,--help", "Print this help");
  app.set_version_flag("--version", "mapctl " MAPCTL_VERSION, "Print the version");
  app.require_subcommand(0, 1);
  app.footer([] { return fmt::format("{}\n{}", program_example, exit_codes); });

  const auto add_flag_for = [&](const std::string& name, const std::string& flag,
                                std::string_view description, std::string_view type) {
    std::vector<std::string>& values = flags_[name];
    CLI::Option* option = app.add_option(flag, values, std::string{description});
    option->type_name(std::string{type})
        ->type_size(1)
        ->expected(1)
        ->allow_extra_args(false)
        ->group("Global options");
    option->multi_option_policy(name == "profiles" ? CLI::MultiOptionPolicy::TakeAll
                                                   : CLI::MultiOptionPolicy::TakeLast);
  };
  for (const config::SettingSpec& spec : config::setting_specs()) {
    using Kind = config::SettingSpec::Kind;
    if (spec.kind == Kind::boolean) {
      app.add_flag_callback(
             spec.flag(), [this, name = std::string{spec.name}] { flags_[name] = {"true"}; },
             std::string{spec.description})
          ->group("Global options");
      continue;
    }
    std::string type = spec.kind == Kind::paths ? "DIR" : spec.kind == Kind::path ? "URL" : "NAME";
    if (spec.kind == Kind::word) {
      type = fmt::format("{}", fmt::join(spec.words, "|"));
    }
    add_flag_for(std::string{spec.name}, spec.flag(), spec.description, type);
  }
  add_flag_for("config", "--config", "Configuration file instead of ./mapctl.yaml", "FILE");

  for (const std::unique_ptr<Command>& command : commands_) {
    CLI::App* sub =
        app.add_subcommand(std::string{command->name()}, std::string{command->summary()});
    sub->group("Commands");
    // Declaring all costs a tenth of what a small run does.
    sub->preparse_callback([this, &command = *command](std::size_t) { declare(command); });
  }
}

void Program::declare(Command& command) {
  if (!declared_.insert(&command).second) {
    return;
  }
  CLI::App& app = *app_->get_subcommand(std::string{command.name()});
  app.footer(std::string{command.example()});
  command.declare(app);
  prepare(app);
}

CLI::App& Program::whole() {
  for (const std::unique_ptr<Command>& command : commands_) {
    declare(*command);
  }
  return *app_;
}

Program::~Program() = default;

Program::Outcome Program::parse(int argc, const char* const* argv, Output& out) {
  CLI::App& app = *app_;
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    const CLI::App& asked = innermost(app);
    out.write(tidy(asked.help(asked.get_parent() == nullptr ? "" : path_of(*asked.get_parent()))));
    return Outcome::answered;
  } catch (const CLI::CallForVersion&) {
    out.line("mapctl " MAPCTL_VERSION);
    return Outcome::answered;
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string text = error.what();  // "--jobs: 1 required N missing"
    const bool is_repeated = text.find("At Most") != text.npos || text.find("got 2") != text.npos;
    fail_usage(innermost(app), fmt::format("option '{}' {}", text.substr(0, text.find(':')),
                                           is_repeated ? "is given twice" : "needs a value"));
  } catch (const CLI::ConversionError& error) {
    const std::string text = error.what();  // "Could not convert: --jobs = many"
    const auto name = text.find(": "), value = text.find(" = ");
    if (name == text.npos || value == text.npos) {
      fail_usage(innermost(app), sentence_to_message(text));
    }
    fail_usage(innermost(app),
               fmt::format("{} cannot be '{}'", text.substr(name + 2, value - name - 2),
                           text.substr(value + 3)));
  } catch (const CLI::ParseError& error) {
    const std::vector<std::string> extras = app.remaining(true);
    if (!extras.empty() && extras.front() != "--") {
      fail_extra(whole(), extras.front());
    }
    fail_usage(innermost(app), sentence_to_message(error.what()));
  }
  if (app.get_subcommands().empty()) {
    fail_usage(app, "no command given");
  }
  const std::string& name = app.get_subcommands().front()->get_name();
  chosen_ = std::find_if(commands_.begin(), commands_.end(), [&](const auto& command) {
              return command->name() == name;
            })->get();
  return Outcome::run;
}

}  // namespace mapctl::cli
