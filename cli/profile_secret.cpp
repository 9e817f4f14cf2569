// SPDX-License-Identifier: Apache-2.0
#include "cli/options/choice.hpp"
#include "cli/profile_tools.hpp"
#include "cli/secrets.hpp"
#include "core/base/error.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <memory>
#include <string>

namespace mapctl::cli {
namespace {

constexpr std::size_t secret_bytes = 1U << 20U;

// From standard input, so that it stands in no command line and no history.
Secret read_secret() {
  std::string text;
  char buffer[4096];
  ssize_t count = 0;
  while ((count = ::read(STDIN_FILENO, buffer, sizeof buffer)) > 0 && text.size() <= secret_bytes) {
    text.append(buffer, static_cast<std::size_t>(count));
  }
  while (text.ends_with('\n') || text.ends_with('\r')) {
    text.pop_back();
  }
  if (text.empty() || text.size() > secret_bytes) {
    throw Error{ErrorCode::usage, "standard input holds no secret",
                "for example: pass show crm | mapctl profile secret set crm-token"};
  }
  return Secret{std::move(text)};
}

class SecretSubcommand final : public Subcommand {
 public:
  std::string_view name() const noexcept override { return "secret"; }
  std::string_view summary() const noexcept override {
    return "Keep secrets in the project's encrypted store, for ${store:NAME}";
  }
  std::string_view example() const noexcept override {
    return "# the value comes from standard input\n"
           "mapctl profile secret set crm_password\n"
           "mapctl profile secret list\n";
  }

  void declare(CLI::App& app) override {
    choices(app.add_option("action", action_,
                           "set (the value is read from standard input), list or remove"),
            {"set", "list", "remove"})
        ->required();
    app.add_option("name", name_, "Name of the secret")->type_name("NAME");
  }

  ExitCode run(CommandContext& context) override {
    if (action_ == "list") {
      TablePrinter table{{{"name", "Secret"}}};
      for (const std::string& name : open_secret_store(context).names()) {
        table.add(std::vector<std::string>{name});
      }
      if (context.format() == Format::json) {
        context.out().document(Json{{"schema", "mapctl.secrets/1"}, {"secrets", table.to_json()}});
      } else {
        print(context, table);
      }
      return ExitCode::done;
    }
    if (name_.empty()) {
      throw Error{ErrorCode::usage, fmt::format("'{}' needs the name of a secret", action_),
                  fmt::format("write: mapctl profile secret {} NAME", action_)};
    }
    SecretStore store = open_secret_store(context);
    if (action_ == "set") {
      store.put(name_, read_secret());
    } else if (!store.remove(name_)) {
      throw Error{ErrorCode::not_found, fmt::format("the secret store has no '{}'", name_),
                  "'mapctl profile secret list' shows what it has"};
    }
    const std::string_view done = action_ == "set" ? "kept" : "removed";
    if (context.format() == Format::json) {
      context.out().document(
          Json{{"schema", "mapctl.secrets/1"}, {"status", done}, {"name", name_}});
    } else {
      context.out().line(fmt::format("{} secret '{}'", done, name_));
    }
    return ExitCode::done;
  }

 private:
  std::string action_, name_;
};

}  // namespace

std::unique_ptr<Subcommand> make_profile_secret() {
  return std::make_unique<SecretSubcommand>();
}

}  // namespace mapctl::cli
