// SPDX-License-Identifier: Apache-2.0
#include "connectors/postgres/pass_file.hpp"

#include "connectors/postgres/handle.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

namespace mapctl::connectors::postgres {
namespace {

std::string option_of(PGconn* connection, std::string_view keyword) {
  const ConnectionOptionsHandle options{PQconninfo(connection)};
  for (const PQconninfoOption* option = options.get();
       option != nullptr && option->keyword != nullptr; ++option) {
    if (keyword == option->keyword && option->val != nullptr) {
      return option->val;
    }
  }
  return {};
}

// As the line of the file that is for this connection begins.
std::string line_wanted(PGconn* connection) {
  return fmt::format("{}:{}:{}:{}", or_empty(PQhost(connection)), or_empty(PQport(connection)),
                     or_empty(PQdb(connection)), or_empty(PQuser(connection)));
}

}  // namespace

PassFileProblem look_at_pass_file(const std::filesystem::path& file) {
  const std::string& name = file.native();
  struct stat facts {};
  if (::stat(name.c_str(), &facts) != 0) {
    const int problem = errno;
    return {problem == ENOENT ? fmt::format("there is no password file '{}'", name)
                              : fmt::format("password file '{}' cannot be read: {}", name,
                                            std::strerror(problem)),
            fmt::format("set PGPASSWORD, or write the password to '{}' with mode 0600", name)};
  }
  if (!S_ISREG(facts.st_mode)) {
    return {fmt::format("password file '{}' is no ordinary file", name),
            "name another one with PGPASSFILE"};
  }
  if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return {fmt::format("password file '{}' is not used, as others may get at it (mode {:04o})",
                        name, facts.st_mode & 07777U),
            fmt::format("chmod 0600 '{}'", name)};
  }
  if (::access(name.c_str(), R_OK) != 0) {
    return {fmt::format("password file '{}' cannot be read: {}", name, std::strerror(errno)),
            fmt::format("let it belong to the user that runs mapctl: '{}'", name)};
  }
  return {};
}

void explain_pass_file(Report& report, PGconn* connection) {
  const bool none_given = report.text.find("no password supplied") != std::string::npos;
  const bool wrong_one = report.text.find("password retrieved from file") != std::string::npos;
  const std::string file =
      none_given || wrong_one ? option_of(connection, "passfile") : std::string{};
  if (file.empty()) {
    return;
  }
  if (wrong_one) {
    report.advice = fmt::format("check the line of '{}' for {}", file, line_wanted(connection));
    return;
  }
  PassFileProblem problem = look_at_pass_file(file);
  if (problem.cause.empty()) {
    problem = {
        fmt::format("no line of password file '{}' is for {}", file, line_wanted(connection)),
        fmt::format("set PGPASSWORD, or add {}:PASSWORD to '{}'", line_wanted(connection), file)};
  }
  report.text += "; " + problem.cause;
  report.advice = problem.hint;
}

}  // namespace mapctl::connectors::postgres
