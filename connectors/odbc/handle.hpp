// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/handle.hpp"

#include <sql.h>
#include <sqlext.h>

#include <cstdint>
#include <string>

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

static_assert(sizeof(SQLWCHAR) == sizeof(char16_t), "unixODBC speaks UTF-16");

inline SQLWCHAR* wide_data(std::u16string& text) noexcept {
  return reinterpret_cast<SQLWCHAR*>(text.data());
}

// ODBC takes numbers as pointers.
inline SQLPOINTER number_attribute(std::uintptr_t value) noexcept {
  return reinterpret_cast<SQLPOINTER>(value);  // NOLINT(performance-no-int-to-ptr)
}

}  // namespace mapctl::connectors::odbc
