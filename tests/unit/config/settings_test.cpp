// SPDX-License-Identifier: Apache-2.0
#include "core/config/settings.hpp"

#include "core/base/file.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/config/failure.hpp"

#include <filesystem>
#include <map>
#include <string>

using namespace mapctl;
using namespace mapctl::config;
using mapctl::test::failure;
namespace fs = std::filesystem;

namespace {

// A project, a user's and a system's directory, and an environment of its own.
class World {
 public:
  World() {
    for (const char* name : {"project", "config/mapctl", "etc"}) {
      fs::create_directories(root() / name);
    }
    variables["XDG_CONFIG_HOME"] = (root() / "config").string();
    variables["XDG_DATA_HOME"] = (root() / "data").string();
  }
  fs::path root() const { return directory_.path(); }
  void write(const std::string& name, std::string_view text) const {
    write_file_atomically(root() / name, text);
  }
  SettingSources sources() const {
    SettingSources result;
    result.flags = flags;
    result.environment = [this](const std::string& name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      return found == variables.end() ? std::nullopt : std::optional{found->second};
    };
    result.working_directory = root() / "project";
    result.system_directory = root() / "etc";
    return result;
  }
  Settings load() const { return load_settings(sources()); }

  std::map<std::string, std::string> variables;
  std::map<std::string, std::vector<std::string>> flags;

 private:
  TemporaryDirectory directory_;
};

}  // namespace

TEST_CASE("a setting comes from flag, variable, project, user, system and default in this order",
          "[config]") {
  World world;
  const auto tenant = [&] {
    const Settings settings = world.load();
    const Setting& setting = settings.get("tenant");
    return settings.text("tenant") + " from " + std::string{to_string(setting.origin.kind)} + " " +
           setting.origin.place;
  };
  CHECK(tenant() == "default from default ");
  world.write("etc/config.yaml", "# ours\ntenant: system\n");
  CHECK(tenant() == "system from system " + (world.root() / "etc/config.yaml:2").string());
  world.write("config/mapctl/config.yaml", "tenant: user\n");
  CHECK(tenant() == "user from user " + (world.root() / "config/mapctl/config.yaml:1").string());
  world.write("project/mapctl.yaml", "\n\ntenant: project\n");
  CHECK(tenant() == "project from project mapctl.yaml:3");
  world.variables["MAPCTL_TENANT"] = "variable";
  CHECK(tenant() == "variable from environment MAPCTL_TENANT");
  world.flags["tenant"] = {"flag"};
  CHECK(tenant() == "flag from flag --tenant");
  CHECK(world.load().files().size() == 3);
}

TEST_CASE("an empty variable counts as not set", "[config]") {
  World world;
  world.variables["MAPCTL_TENANT"] = "";
  CHECK(world.load().text("tenant") == "default");
}

TEST_CASE("relative paths count from the file that names them", "[config]") {
  World world;
  world.write("config/mapctl/config.yaml", "registry: own/r.db\nprofiles: [p, /abs/q]\n");
  Settings settings = world.load();
  CHECK(settings.registry().file == world.root() / "config/mapctl/own/r.db");
  CHECK(settings.paths("profiles") ==
        std::vector<fs::path>{world.root() / "config/mapctl/p", "/abs/q"});
  world.variables["MAPCTL_REGISTRY"] = "sqlite:r.db";
  world.variables["MAPCTL_PROFILES"] = "one:two";
  settings = world.load();
  CHECK(settings.registry().file == world.root() / "project/r.db");
  CHECK(settings.paths("profiles") ==
        std::vector<fs::path>{world.root() / "project/one", world.root() / "project/two"});
}

TEST_CASE("the default registry lies beside mapctl.yaml, else with the user's data", "[config]") {
  World world;
  CHECK(world.load().registry().file == world.root() / "data/mapctl/registry.db");
  world.write("project/mapctl.yaml", "");
  CHECK(world.load().registry().file == world.root() / "project/.mapctl/registry.db");
}

TEST_CASE("the file of --config takes the place of ./mapctl.yaml", "[config]") {
  World world;
  world.write("project/mapctl.yaml", "tenant: here\n");
  world.write("other.yaml", "tenant: there\n");
  world.flags["config"] = {"../other.yaml"};
  const Settings settings = world.load();
  CHECK(settings.text("tenant") == "there");
  CHECK(settings.get("tenant").origin.place == "../other.yaml:1");
  CHECK(settings.project_directory() == world.root());
  CHECK(settings.registry().file == world.root() / ".mapctl/registry.db");
  world.flags["config"] = {"absent.yaml"};
  CHECK(failure([&] { world.load(); }).starts_with("configuration\ncannot "));
  world.flags.erase("config");
  world.variables["MAPCTL_CONFIG"] = "..";
  CHECK(failure([&] { world.load(); }).starts_with("configuration\ncannot "));
}

TEST_CASE("wrong settings name file and line, variable or flag", "[config]") {
  World world;
  world.write("project/mapctl.yaml", "tenant: a\nlog-level: info\n");
  CHECK(failure([&] { world.load(); }) ==
        "configuration\nmapctl.yaml:2:1: unknown key 'log-level' in the configuration\n"
        "did you mean 'log_level'?");
  world.write("project/mapctl.yaml", "format: jsn\n");
  CHECK(failure([&] { world.load(); }) ==
        "configuration\nmapctl.yaml:1:9: key 'format' is 'jsn', but must be one of: table, json, "
        "jsonl, csv\ndid you mean 'json'?");
  world.write("project/mapctl.yaml", "");
  world.variables["MAPCTL_QUIET"] = "perhaps";
  CHECK(failure([&] { world.load(); }) ==
        "configuration\nMAPCTL_QUIET is 'perhaps', but must be true or false\n");
  world.variables.erase("MAPCTL_QUIET");
  world.flags["color"] = {"allways"};
  CHECK(failure([&] { world.load(); }) ==
        "usage\n--color is 'allways', but must be one of: auto, always, never\n"
        "did you mean 'always'?");
}

TEST_CASE("booleans of the environment are read in their usual spellings", "[config]") {
  World world;
  for (const char* yes : {"1", "true", "YES", "on"}) {
    world.variables["MAPCTL_QUIET"] = yes;
    CHECK(world.load().boolean("quiet"));
  }
  for (const char* no : {"0", "false", "No", "off"}) {
    world.variables["MAPCTL_QUIET"] = no;
    CHECK_FALSE(world.load().boolean("quiet"));
  }
}

TEST_CASE("a registry on a server is named without its passwords", "[config]") {
  World world;
  world.flags["registry"] = {"postgresql://me:se@cr/et@host:5433/db?sslpassword=pin&schema=maps"};
  RegistryPlace place = world.load().registry();
  CHECK(place.is_on_server());
  CHECK(place.shown == "postgresql://me@host:5433/db?schema=maps");
  CHECK(place.url.reveal().starts_with("postgresql://me:se@cr/et@"));
  CHECK(place.directory == world.root() / "data/mapctl");
  world.write("project/mapctl.yaml", "");
  world.flags["registry"] = {"postgres:///db?service=maps&password=secret"};
  place = world.load().registry();
  CHECK(place.shown == "postgres:///db?service=maps");
  CHECK(place.directory == world.root() / "project/.mapctl");
}

TEST_CASE("a registry on an unknown kind of server is refused without showing its password",
          "[config]") {
  World world;
  world.flags["registry"] = {"mysql://me:secret@host/db"};
  const Settings settings = world.load();
  const std::string message = failure([&] { settings.registry(); });
  CHECK(message.starts_with("unsupported\nregistry 'mysql://...'"));
  CHECK(message.find("secret") == std::string::npos);
}

TEST_CASE("profiles are searched from the nearest directory to the shipped one", "[config]") {
  World world;
  world.write("project/mapctl.yaml", "profiles: mine\n");
  const std::vector<fs::path> shipped{"/usr/share/mapctl/profiles/connectors"};
  CHECK(world.load().profile_directories(shipped) ==
        std::vector<fs::path>{world.root() / "project/mine", world.root() / "project/profiles",
                              world.root() / "config/mapctl/profiles", shipped[0]});
}

TEST_CASE("a directory of profiles that has several names is searched once", "[config]") {
  World world;
  fs::create_directories(world.root() / "project/profiles");
  fs::create_directory_symlink(world.root() / "project/profiles", world.root() / "link");
  world.write("project/mapctl.yaml", "profiles: [./profiles, nowhere, nowhere]\n");
  const std::vector<fs::path> shipped{world.root() / "link"};
  CHECK(world.load().profile_directories(shipped) ==
        std::vector<fs::path>{world.root() / "project/profiles", world.root() / "project/nowhere",
                              world.root() / "config/mapctl/profiles"});
}

TEST_CASE("every setting has a flag and a variable that follow from its key", "[config]") {
  for (const SettingSpec& spec : setting_specs()) {
    CHECK(spec.flag().starts_with("--"));
    CHECK(spec.flag().find('_') == std::string::npos);
    CHECK_FALSE(spec.description.empty());
  }
  CHECK(setting_specs()[0].variable() == "MAPCTL_REGISTRY");
}

TEST_CASE("a password among a URL's parameters is hidden whatever is in it", "[config]") {
  CHECK(without_password("postgresql://host:5433/db?password=x@y") == "postgresql://host:5433/db");
  CHECK(without_password("postgresql://me@host/db?password=x@y&sslmode=require") ==
        "postgresql://me@host/db?sslmode=require");
  CHECK(without_password("postgresql://me:pa?ss@host/db?password=x@y") ==
        "postgresql://me@host/db");
  CHECK(without_password("postgresql://me:a@b/db?password=x@y") == "postgresql://me@b/db");
  CHECK(without_password("postgresql://host/db?user=a@b&schema=s") ==
        "postgresql://host/db?user=a@b&schema=s");
  for (const char* url : {"postgresql://me:pw?password=secret@host/db",
                          "postgresql://[::1]:5432/db?password=a@secret",
                          "postgresql://me:secret?x@host/db", "postgresql://me:secret@host"}) {
    CHECK(without_password(url).find("secret") == std::string::npos);
  }
}
