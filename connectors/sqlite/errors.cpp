// SPDX-License-Identifier: Apache-2.0
#include "connectors/sqlite/errors.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cerrno>

namespace mapctl::connectors::sqlite {
namespace {

std::string_view primary_name(int primary) noexcept {
  switch (primary) {
    case SQLITE_ERROR: return "SQLITE_ERROR";
    case SQLITE_INTERNAL: return "SQLITE_INTERNAL";
    case SQLITE_PERM: return "SQLITE_PERM";
    case SQLITE_ABORT: return "SQLITE_ABORT";
    case SQLITE_BUSY: return "SQLITE_BUSY";
    case SQLITE_LOCKED: return "SQLITE_LOCKED";
    case SQLITE_NOMEM: return "SQLITE_NOMEM";
    case SQLITE_READONLY: return "SQLITE_READONLY";
    case SQLITE_INTERRUPT: return "SQLITE_INTERRUPT";
    case SQLITE_IOERR: return "SQLITE_IOERR";
    case SQLITE_CORRUPT: return "SQLITE_CORRUPT";
    case SQLITE_NOTFOUND: return "SQLITE_NOTFOUND";
    case SQLITE_FULL: return "SQLITE_FULL";
    case SQLITE_CANTOPEN: return "SQLITE_CANTOPEN";
    case SQLITE_PROTOCOL: return "SQLITE_PROTOCOL";
    case SQLITE_SCHEMA: return "SQLITE_SCHEMA";
    case SQLITE_TOOBIG: return "SQLITE_TOOBIG";
    case SQLITE_CONSTRAINT: return "SQLITE_CONSTRAINT";
    case SQLITE_MISMATCH: return "SQLITE_MISMATCH";
    case SQLITE_MISUSE: return "SQLITE_MISUSE";
    case SQLITE_AUTH: return "SQLITE_AUTH";
    case SQLITE_FORMAT: return "SQLITE_FORMAT";
    case SQLITE_RANGE: return "SQLITE_RANGE";
    case SQLITE_NOTADB: return "SQLITE_NOTADB";
    default: return "SQLITE";
  }
}

bool is_full(int system_error) noexcept {
  return system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG;
}

ErrorCode classify(int code, int system_error) noexcept {
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL: return ErrorCode::busy;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_AUTH: return ErrorCode::denied;
    case SQLITE_FULL:
    case SQLITE_NOMEM:
    case SQLITE_TOOBIG: return ErrorCode::resource_limit;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT: return ErrorCode::invalid_data;
    case SQLITE_INTERRUPT: return ErrorCode::cancelled;
    case SQLITE_CONSTRAINT: return ErrorCode::conflict;
    case SQLITE_IOERR:
      // SQLite says SQLITE_FULL for a full disk alone, and often does not tell the cause of a
      // failed write: it is then a quota or a limit on the size of files far more often than a
      // broken disk.
      if (is_full(system_error) || (code == SQLITE_IOERR_WRITE && system_error == 0)) {
        return ErrorCode::resource_limit;
      }
      return system_error == EACCES || system_error == EPERM ? ErrorCode::denied : ErrorCode::io;
    default: return ErrorCode::internal;
  }
}

std::string_view hint_for(ErrorCode code, int primary) noexcept {
  switch (code) {
    case ErrorCode::busy: return "another process is writing to it; try again when that has ended";
    case ErrorCode::denied: return "check the permissions of the file and of its directory";
    case ErrorCode::resource_limit:
      return primary == SQLITE_NOMEM || primary == SQLITE_TOOBIG
                 ? "the value or result is larger than memory or SQLite allows"
                 : "free some space on the disk, or raise the quota or limit on file sizes";
    case ErrorCode::invalid_data:
      return primary == SQLITE_NOTADB
                 ? "it is not a SQLite file, or it is encrypted"
                 : "restore it from a backup, or recover it with sqlite3 .recover";
    default: return {};
  }
}

}  // namespace

std::string native_code(int code) {
  const int primary = code & 0xFF;
  return code == primary ? std::string{primary_name(primary)}
                         : fmt::format("{}/{}", primary_name(primary), code);
}

Error to_error(int code, int system_error, std::string_view object, std::string_view text) {
  const int primary = code & 0xFF;
  const ErrorCode kind = classify(code, system_error);
  std::string message;
  switch (kind) {
    case ErrorCode::busy: message = fmt::format("{} is locked", object); break;
    case ErrorCode::cancelled: message = fmt::format("{}: cancelled", object); break;
    default: message = fmt::format("{}: {}", object, text);
  }
  return Error{Error::Facts{kind, std::move(message), std::string{hint_for(kind, primary)},
                            native_code(code),
                            kind == ErrorCode::busy ? Retry::may_help : Retry::never}};
}

}  // namespace mapctl::connectors::sqlite
