// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/handle.hpp"

#include <libpq-fe.h>

namespace mapctl::connectors::postgres {

using ConnectionHandle = Handle<PGconn, &PQfinish>;
using ResultHandle = Handle<PGresult, &PQclear>;
using CancelHandle = Handle<PGcancel, &PQfreeCancel>;
using ConnectionOptionsHandle = Handle<PQconninfoOption, &PQconninfoFree>;
using MemoryHandle = Handle<char, &PQfreemem>;

}  // namespace mapctl::connectors::postgres
