// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/report/exports.hpp"
#include "core/report/summary.hpp"

#include <string>
#include <string_view>

namespace mapctl::report {

std::string quote_identifier(SqlTarget target, std::string_view name);
std::string quote_text(SqlTarget target, std::string_view text);
std::string quote_table(SqlTarget target, const catalog::TableRef& table);

// What feeds a target column, over the source table with alias `s`. `note` tells why the
// expression is null although something was meant; else it is empty.
struct SqlExpression {
  std::string text{};
  std::string note{};
};
SqlExpression sql_expression(SqlTarget target, const MappingRow& row);

}  // namespace mapctl::report
