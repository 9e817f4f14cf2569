// SPDX-License-Identifier: Apache-2.0
#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/starter_project.hpp"
#include "cli/wiring.hpp"
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/registry/migrations.hpp"
#include "core/registry/registry.hpp"

#include <CLI/CLI.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/random.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

namespace mapctl::cli {
namespace fs = std::filesystem;
namespace {

void make_directories(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) {
    throw_io_error(error.value(), "create the directory", path);
  }
}

// False when the file is there already; it is then left as it is.
bool create_file(const fs::path& path, std::string_view bytes, mode_t mode) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (descriptor < 0) {
    if (errno == EEXIST) {
      return false;
    }
    throw_io_error(errno, "create", path);
  }
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      const int number = errno;
      ::close(descriptor);
      ::unlink(path.c_str());  // half a file would be kept by the next init
      throw_io_error(number, "write", path);
    }
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  if (::close(descriptor) != 0) {
    throw_io_error(errno, "write", path);
  }
  return true;
}

std::string random_key() {
  std::array<unsigned char, 32> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    throw Error{ErrorCode::io, "the system gives no random numbers for a signing key"};
  }
  std::string text;
  for (const unsigned char byte : bytes) {
    text += fmt::format("{:02x}", byte);
  }
  return text + "\n";
}

class InitCommand final : public Command {
 public:
  std::string_view name() const noexcept override { return "init"; }
  std::string_view summary() const noexcept override {
    return "Make a registry and a commented starter project";
  }
  std::string_view example() const noexcept override {
    return "# a registry and a starter project in this folder\n"
           "mapctl init\n"
           "# the same in another one, then a look at what its plan would do\n"
           "mapctl init crm-migration\n"
           "cd crm-migration && mapctl batch plan.yaml --dry-run\n"
           "# only a registry\n"
           "mapctl init --registry-only --registry /srv/mapctl/registry.db\n"
           "# the same on a server, in a schema of its own; libpq finds the password in ~/.pgpass\n"
           "mapctl init --registry-only --registry 'postgresql://mapctl@db/prod?schema=mapctl'\n";
  }

  void declare(CLI::App& app) override {
    app.add_option("directory", directory_, "Folder of the project (default: this one)")
        ->type_name("DIR");
    app.add_flag("--registry-only", registry_only_, "Make no files but the registry and its key");
  }

  ExitCode run(CommandContext& context) override {
    const config::Settings& settings = context.settings();
    const fs::path project = (settings.working_directory() / directory_).lexically_normal();
    // Without another choice the registry belongs to the project that is made here.
    const bool is_chosen =
        settings.get("registry").origin.kind != config::OriginKind::default_value;
    config::RegistryPlace registry = settings.registry();
    if (!is_chosen && !registry_only_) {
      registry.file = project / ".mapctl" / "registry.db";
      registry.directory = registry.file.parent_path();
    } else if (registry.is_on_server() && !registry_only_) {
      registry.directory = project / ".mapctl";
    }
    if (!registry_only_) {
      make_directories(project / "profiles");
      make_directories(project / "data");
      for (const StarterFile& file : starter_files()) {
        note(project / file.name, create_file(project / file.name, file.content, 0666), settings);
      }
    }
    make_directories(registry.directory);
    std::error_code ignored;
    bool is_new = !registry.is_on_server() && !fs::exists(registry.file, ignored);
    {
      const auto session = context.wiring().open_registry(registry, true, context.stop());
      is_new = is_new || registry::schema_version(*session) == 0;
      registry::initialise(*session, context.clock(), context.tenant());
    }
    if (registry.is_on_server()) {
      items_.push_back({registry.shown, is_new});
    } else {
      note(registry.file, is_new, settings);
    }
    const fs::path key = registry.directory / "signing.key";
    note(key, create_file(key, random_key(), 0600), settings);
    if (registry.directory.filename() == ".mapctl") {
      // Registry and key are this machine's and do not belong under version control.
      const fs::path ignore = registry.directory / ".gitignore";
      note(ignore, create_file(ignore, "*\n", 0666), settings);
    }
    print_items(context);
    return ExitCode::done;
  }

 private:
  struct Item {
    std::string path{};
    bool is_new = false;
  };

  void note(const fs::path& path, bool is_new, const config::Settings& settings) {
    const fs::path relative = path.lexically_relative(settings.working_directory());
    const bool is_below = !relative.empty() && *relative.begin() != "..";
    items_.push_back({is_below ? relative.string() : path.string(), is_new});
  }

  void print_items(CommandContext& context) const {
    if (context.format() == Format::json) {
      Json document = {{"schema", "mapctl.init/1"}, {"files", Json::array()}};
      for (const Item& item : items_) {
        document["files"].push_back(
            {{"path", item.path}, {"status", item.is_new ? "made" : "kept"}});
      }
      context.out().document(document);
      return;
    }
    TablePrinter table{{{"status", "Status"}, {"path", "File"}}};
    std::size_t made = 0;
    for (const Item& item : items_) {
      made += item.is_new ? 1 : 0;
      table.add(std::vector<TableCell>{
          {item.is_new ? "made" : "kept", item.is_new ? Style::green : Style::plain},
          {item.path, Style::plain}});
    }
    print(context, table);
    if (made < items_.size()) {
      context.reporter().info(made > 0 ? "files that were there already are unchanged"
                                       : "everything was there already; nothing is changed");
    }
  }

  std::string directory_ = ".";
  bool registry_only_ = false;
  std::vector<Item> items_;
};

}  // namespace

std::unique_ptr<Command> make_init_command() {
  return std::make_unique<InitCommand>();
}

}  // namespace mapctl::cli
