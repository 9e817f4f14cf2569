// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.hpp"

#include <string>
#include <string_view>

namespace mapctl::connectors::postgres {

// What the server or libpq reported. `sqlstate` is empty when the server said nothing.
struct Report {
  std::string sqlstate{};
  std::string text{};    // one line
  std::string hint{};    // the server's own
  std::string advice{};  // of ours, before any other
};

// In our terms. `object` is what the message names ("database 'crm' on 'db.example'"),
// `asked_to_stop` whether we sent a cancel: a server uses the same code for its time limits.
Error to_error(const Report& report, std::string_view object, bool asked_to_stop = false);

// What libpq says when no connection comes about, with the SQLSTATE that verbose errors hold.
Report read_connect_failure(std::string_view text);

}  // namespace mapctl::connectors::postgres
