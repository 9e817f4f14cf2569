// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/secret.hpp"

#include <string>
#include <string_view>

namespace mapctl::connectors::postgres {

// A connection URL with the parameters that are ours taken out; libpq refuses what it does not
// know.
struct Url {
  Secret libpq{};          // as libpq reads it
  std::string schema{};    // schema=NAME: the one the registry is in; empty: the server's choice
  bool pgbouncer = false;  // pgbouncer=true: nothing is kept on the server between transactions
};

// Throws Error::configuration for a URL that libpq cannot read, without repeating any of it: an
// unescaped character of the password shifts what everything else is taken for.
Url parse_url(const Secret& url);

}  // namespace mapctl::connectors::postgres
