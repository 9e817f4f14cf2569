// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/terminal/output.hpp"
#include "cli/terminal/reporter.hpp"
#include "cli/terminal/table.hpp"
#include "core/base/clock.hpp"
#include "core/base/named.hpp"
#include "core/base/secret.hpp"
#include "core/config/settings.hpp"
#include "core/jobs/endpoints.hpp"
#include "core/ports/archive_sink.hpp"
#include "core/ports/connector.hpp"
#include "core/ports/sheet_sink.hpp"
#include "core/ports/sheet_source.hpp"
#include "core/ports/sql_session.hpp"

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace mapctl::config {
struct Profile;
}
namespace mapctl::registry {
class Registry;
}

namespace mapctl::cli {

class Wiring;

enum class ExitCode {
  done = 0,
  failed = 1,
  usage = 2,
  jobs_failed = 3,
  gate_missed = 4,
  unreachable = 5,
  interrupted = 130,
  terminated = 143,
};

// What a command works with; made by main() before run() is called.
class CommandContext {
 public:
  struct Parts {
    const config::Settings* settings = nullptr;
    Output* out = nullptr;
    Reporter* reporter = nullptr;
    Terminal stdout_terminal{};
    Terminal stderr_terminal{};
    Format format = Format::table;
    bool progress = false;  // stderr is a terminal, and neither --no-progress nor --quiet is given
    std::stop_token stop{};
    std::function<int()> signal{};  // that asked for the stop; 0: none
    const Clock* clock = nullptr;
    Wiring* wiring = nullptr;
  };
  explicit CommandContext(const Parts& parts);
  CommandContext(const CommandContext&) = delete;
  CommandContext& operator=(const CommandContext&) = delete;
  ~CommandContext();

  const config::Settings& settings() const noexcept { return *parts_.settings; }
  Output& out() const noexcept { return *parts_.out; }
  Reporter& reporter() const noexcept { return *parts_.reporter; }
  const Terminal& stdout_terminal() const noexcept { return parts_.stdout_terminal; }
  const Terminal& stderr_terminal() const noexcept { return parts_.stderr_terminal; }
  Format format() const noexcept { return parts_.format; }
  bool shows_progress() const noexcept { return parts_.progress; }
  std::stop_token stop() const noexcept { return parts_.stop; }
  // What a command that was stopped ends the program with.
  ExitCode stopped_as() const;
  const Clock& clock() const noexcept { return *parts_.clock; }
  Wiring& wiring() const noexcept { return *parts_.wiring; }

  TenantName tenant() const;
  UserName user() const;  // --user, MAPCTL_USER, else the operating system's

  // Profiles, inline locations and `canonical`, with secrets resolved at the moment of opening.
  // Lives as long as the context; safe to use from several threads.
  jobs::Endpoints& endpoints();
  std::unique_ptr<ports::Connector> open_endpoint(std::string_view endpoint);
  // Relative locations of endpoints count from here instead of the working directory: a plan's.
  void set_endpoint_base(std::filesystem::path directory);

  // How many connections its profile allows at once; nothing where no profile says so.
  std::optional<std::size_t> connection_limit(std::string_view endpoint) const;

  // A folder that --profiles names and that does not exist is Error::usage, here and below; one of
  // MAPCTL_PROFILES or of a configuration is a warning.
  std::vector<std::filesystem::path> profile_directories() const;
  // The profile of that name after inheritance; Error::not_found offers the nearest name.
  config::Profile load_profile(std::string_view name) const;

  // False when the registry's file does not exist yet; one on a server is taken to be there. Warns,
  // once, of one that a flag, a variable or a configuration names.
  bool has_registry() const;
  std::unique_ptr<ports::SqlSession> open_registry_session(bool create) const;
  // Error::not_found with the hint `mapctl init` when there is none.
  registry::Registry open_registry() const;

  // Each loads the xlsx module.
  const ports::SheetSinkFactory& sheets() const;
  const ports::ArchiveSinkFactory& archives() const;
  const ports::SheetSourceFactory& readers() const;
  // What workbooks are signed with: signing.key beside the registry's file, or with the
  // project's own data for one on a server, as `init` makes it. Nothing
  // when there is none: workbooks are then not signed.
  std::optional<Secret> signing_key() const;
  // Shipped data: "lexicon", "entities", "connectors".
  std::filesystem::path shipped(std::string_view relative) const;
  // Folders that may hold entities/, lexicon/, baseline/ and model/: those of profiles, and what
  // is shipped.
  std::vector<std::filesystem::path> data_directories() const;

 private:
  class ProfileEndpoints;
  void check_profile_directories() const;

  Parts parts_;
  mutable std::atomic<bool> told_of_registry_ = false;
  mutable std::atomic<bool> told_of_profiles_ = false;
  std::unique_ptr<ProfileEndpoints> endpoints_;
};

// A table in the format the context asks for; `json` too, as an array without a schema, so commands
// that promise a document write that themselves.
void print(CommandContext& context, const TablePrinter& table);

// One command of the program: a class in cli/commands/<name>.cpp and a line in commands.hpp.
class Command {
 public:
  virtual ~Command() = default;
  virtual std::string_view name() const noexcept = 0;
  virtual std::string_view summary() const noexcept = 0;  // one line, capital first, no full stop
  // Lines of the Example section of --help: command lines that work as they stand, each with a
  // "# comment" or a line of its own before it.
  virtual std::string_view example() const noexcept = 0;
  // Options, positionals, subcommands. Touches no file and no server.
  virtual void declare(CLI::App& app) = 0;
  virtual ExitCode run(CommandContext& context) = 0;
};

// Those of commands.hpp, in that order.
std::vector<std::unique_ptr<Command>> make_commands();

}  // namespace mapctl::cli
