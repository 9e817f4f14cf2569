// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/handle.hpp"

#include <libpq-fe.h>

#include <string>

namespace mapctl::connectors::postgres {

using ConnectionHandle = Handle<PGconn, &PQfinish>;
using ResultHandle = Handle<PGresult, &PQclear>;
using CancelHandle = Handle<PGcancel, &PQfreeCancel>;
using ConnectionOptionsHandle = Handle<PQconninfoOption, &PQconninfoFree>;
using MemoryHandle = Handle<char, &PQfreemem>;

// libpq gives a null pointer for what it does not know.
inline std::string or_empty(const char* text) {
  return text == nullptr ? std::string{} : std::string{text};
}

}  // namespace mapctl::connectors::postgres
