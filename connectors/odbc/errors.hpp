// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.hpp"

#include <string>
#include <string_view>

namespace mapctl::connectors::odbc {

// One diagnostic record.
struct Diagnostic {
  std::string sqlstate{};
  long native = 0;     // the server's or driver's own number
  std::string text{};  // with the prefixes that name who says it
};

// What was going on: a driver uses the same states for a wrong password and a failed query.
enum class Doing { connecting, working };

// In our terms. `object` is what the message names ("database 'crm' on 'db.example'").
Error to_error(const Diagnostic& diagnostic, std::string_view object, Doing doing);

// "[ma-3.1.15][10.11.6-MariaDB]Unknown database 'x'" as "Unknown database 'x'", on one line.
std::string plain_text(std::string_view text);

}  // namespace mapctl::connectors::odbc
