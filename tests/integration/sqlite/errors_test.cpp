// SPDX-License-Identifier: Apache-2.0
#include "connectors/sqlite/errors.hpp"

#include "tests/support/catch.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <tuple>

using namespace mapctl;
using namespace mapctl::connectors::sqlite;

TEST_CASE("each SQLite code has its meaning", "[sqlite]") {
  const std::tuple<int, int, ErrorCode> expected[] = {
      {SQLITE_BUSY, 0, ErrorCode::busy},
      {SQLITE_BUSY_SNAPSHOT, 0, ErrorCode::busy},
      {SQLITE_LOCKED, 0, ErrorCode::busy},
      {SQLITE_READONLY, 0, ErrorCode::denied},
      {SQLITE_READONLY_DBMOVED, 0, ErrorCode::denied},
      {SQLITE_CANTOPEN, 0, ErrorCode::denied},
      {SQLITE_PERM, 0, ErrorCode::denied},
      {SQLITE_FULL, 0, ErrorCode::resource_limit},
      {SQLITE_NOMEM, 0, ErrorCode::resource_limit},
      {SQLITE_TOOBIG, 0, ErrorCode::resource_limit},
      {SQLITE_IOERR_WRITE, ENOSPC, ErrorCode::resource_limit},
      {SQLITE_IOERR_WRITE, EFBIG, ErrorCode::resource_limit},
      {SQLITE_IOERR_WRITE, 0, ErrorCode::resource_limit},
      {SQLITE_IOERR_WRITE, EIO, ErrorCode::io},
      {SQLITE_IOERR_READ, EACCES, ErrorCode::denied},
      {SQLITE_IOERR_READ, EIO, ErrorCode::io},
      {SQLITE_CORRUPT, 0, ErrorCode::invalid_data},
      {SQLITE_NOTADB, 0, ErrorCode::invalid_data},
      {SQLITE_INTERRUPT, 0, ErrorCode::cancelled},
      {SQLITE_CONSTRAINT_UNIQUE, 0, ErrorCode::conflict},
      {SQLITE_MISUSE, 0, ErrorCode::internal},
  };
  for (const auto& [code, system_error, meaning] : expected) {
    INFO(code);
    const Error problem = to_error(code, system_error, "database 'x.db'", "in SQLite's words");
    CHECK(problem.code() == meaning);
    CHECK(std::string{problem.what()}.find("x.db") != std::string::npos);
    CHECK((problem.facts().retry == Retry::may_help) == (meaning == ErrorCode::busy));
    const bool explains_itself = meaning == ErrorCode::cancelled ||
                                 meaning == ErrorCode::conflict || meaning == ErrorCode::internal ||
                                 meaning == ErrorCode::io;
    CHECK(problem.facts().hint.empty() == explains_itself);
  }
}

TEST_CASE("native codes keep the extended number", "[sqlite]") {
  CHECK(native_code(SQLITE_BUSY) == "SQLITE_BUSY");
  CHECK(native_code(SQLITE_IOERR_WRITE) == "SQLITE_IOERR/778");
}
