// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/handle.hpp"

#include <sqlite3.h>

namespace mapctl::connectors::sqlite {

// close_v2 waits for statements that are finalized later.
using DatabaseHandle = Handle<sqlite3, &sqlite3_close_v2>;
using StatementHandle = Handle<sqlite3_stmt, &sqlite3_finalize>;

}  // namespace mapctl::connectors::sqlite
