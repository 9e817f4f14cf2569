// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/handle.hpp"

#include <sql.h>
#include <sqlext.h>

namespace mapctl::connectors::odbc {

inline void free_environment(SQLHENV handle) noexcept {
  SQLFreeHandle(SQL_HANDLE_ENV, handle);
}
inline void free_connection(SQLHDBC handle) noexcept {
  // A connection with an open transaction refuses to be closed.
  SQLEndTran(SQL_HANDLE_DBC, handle, SQL_ROLLBACK);
  SQLDisconnect(handle);
  SQLFreeHandle(SQL_HANDLE_DBC, handle);
}
inline void free_statement(SQLHSTMT handle) noexcept {
  SQLFreeHandle(SQL_HANDLE_STMT, handle);
}

using EnvironmentHandle = Handle<void, &free_environment>;
using ConnectionHandle = Handle<void, &free_connection>;
using StatementHandle = Handle<void, &free_statement>;

}  // namespace mapctl::connectors::odbc
