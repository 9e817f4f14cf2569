// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/postgres/handle.hpp"

#include <string>
#include <string_view>

namespace mapctl::connectors::postgres {

// How a value of a type becomes the text that the server would print, with dates as ISO and
// moments in UTC. Booleans are "true" and "false", bytes hexadecimal.
enum class Decoder : unsigned char {
  as_is,  // the bytes are the text
  boolean,
  int2,
  int4,
  int8,
  oid,
  float4,
  float8,
  numeric,
  date,
  time,
  timestamp,
  timestamptz,
  uuid,
  bytes,
  jsonb,
  by_server,  // not known here: to be asked for as text
};

// Of the type with this object id; `kind` as in pg_type.typtype.
Decoder decoder_of(Oid type, char kind) noexcept;

// Appends the text of one binary value. Throws Error::invalid_data for bytes that are no value of
// the type.
void append_text(std::string& out, Decoder decoder, std::string_view bytes);

}  // namespace mapctl::connectors::postgres
