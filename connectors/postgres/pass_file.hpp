// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/postgres/errors.hpp"

#include <libpq-fe.h>

#include <filesystem>
#include <string>

namespace mapctl::connectors::postgres {

// Why a file of passwords gave none for a connection, and what helps. Never a line of the file.
struct PassFileProblem {
  std::string cause{};  // empty: the file could be read
  std::string hint{};
};
PassFileProblem look_at_pass_file(const std::filesystem::path& file);

// Adds to what a refused connection reported why the file of passwords that libpq looked into gave
// none, or a wrong one: libpq says no more than that there was no password.
void explain_pass_file(Report& report, PGconn* connection);

}  // namespace mapctl::connectors::postgres
