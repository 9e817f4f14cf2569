// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/sqlite/database.hpp"
#include "core/ports/connector.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::connectors::sqlite {

std::string to_hex(std::string_view bytes);  // lower case

// Reads every row of one table or view over a connection of its own. Binary values are given in
// hexadecimal, text that is not UTF-8 with U+FFFD in place of what is wrong.
std::unique_ptr<ports::RowReader> make_reader(std::unique_ptr<Database> database,
                                              const catalog::TableRef& table);

}  // namespace mapctl::connectors::sqlite
