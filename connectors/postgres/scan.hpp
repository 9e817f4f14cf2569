// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/postgres/link.hpp"
#include "core/ports/sql_session.hpp"

#include <memory>
#include <string_view>

namespace mapctl::connectors::postgres {

// A SELECT whose rows come as COPY sends them in its binary form: libpq then makes no result of its
// own for each row, and bytes and times need not go through text. Gives the same values as any
// other statement of the session.
std::unique_ptr<ports::SqlStatement> make_scan(std::shared_ptr<Link> link, std::string_view sql);

}  // namespace mapctl::connectors::postgres
