// SPDX-License-Identifier: Apache-2.0
// Real databases of others, when MAPCTL_TEST_DATA names a folder that has them.
#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "tests/integration/odbc/fixture.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace mapctl::test {
namespace {

std::filesystem::path sample(const std::string& name) {
  const char* data = std::getenv("MAPCTL_TEST_DATA");
  const std::filesystem::path path =
      std::filesystem::path{data == nullptr ? "" : data} / "data" / "samples" / name;
  if (data == nullptr || !std::filesystem::exists(path)) {
    skip("data", "MAPCTL_TEST_DATA has no sample " + name);
  }
  return path;
}

// The files hold DELIMITER commands, which are the client's.
void load(const std::filesystem::path& file) {
  const MariaDbServer& server = mariadb();
  const pid_t child = ::fork();
  if (child == 0) {
    const int input = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    ::dup2(input, 0);
    ::setenv("MYSQL_PWD", server.password.c_str(), 1);
    const std::string port = "--port=" + server.port;
    const std::string user = "--user=" + server.user;
    ::execlp("mariadb", "mariadb", "--no-defaults", "--protocol=tcp", "--host=127.0.0.1",
             port.c_str(), user.c_str(), "--default-character-set=utf8mb4", nullptr);
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
    skip("mariadb", "there is no program 'mariadb'");
  }
  REQUIRE(status == 0);
}

TEST_CASE("Chinook is discovered with its keys, and its names are whole", "[odbc]") {
  // The script makes its database anew: here under a name that no other test has.
  const std::string script = read_file(sample("chinook/Chinook_MySql.sql"));
  const MariaDbDatabase database{"_Chinook"};
  const TemporaryDirectory folder;
  const auto renamed = folder.path() / "chinook.sql";
  write_file_atomically(renamed, replace_all(script, "`Chinook`", mariadb_name(database.name())));
  load(renamed);
  auto connector = open(database.options());
  const auto found = connector->discover({}, {});
  CHECK(found.tables().size() == 11);
  CHECK(found.warnings.empty());
  CHECK(texts(table_in(found, database.name(), "PlaylistTrack").primary_key) ==
        std::vector<std::string>{"PlaylistId", "TrackId"});
  auto reader = connector->open_reader(ref(database.name(), "Artist"), {});
  const auto rows = rows_of(*reader);
  REQUIRE(rows.size() == 275);
  CHECK(rows[5][1] == "Antônio Carlos Jobim");
}

}  // namespace
}  // namespace mapctl::test
