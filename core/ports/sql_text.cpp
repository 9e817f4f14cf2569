// SPDX-License-Identifier: Apache-2.0
#include "core/ports/sql_text.hpp"

#include "core/base/error.hpp"

namespace mapctl::ports {

std::string quote_identifier(std::string_view name, char open, char close) {
  std::string quoted{open};
  for (const char c : name) {
    if (c == '\0') {
      throw Error{ErrorCode::invalid_data, "an identifier contains a NUL byte",
                  "rename it in the database"};
    }
    quoted += c;
    if (c == close) {
      quoted += c;
    }
  }
  return quoted + close;
}

}  // namespace mapctl::ports
