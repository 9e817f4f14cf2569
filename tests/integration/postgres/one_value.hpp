// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/sql_session.hpp"

#include <string>

namespace mapctl::test {

// The first value of the answer, or "no row".
inline std::string value(ports::SqlSession& session, const std::string& sql) {
  const auto statement = session.prepare(sql);
  return statement->step() ? std::string{statement->text(0)} : "no row";
}

}  // namespace mapctl::test
