// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/sql_session.hpp"

#include <string_view>

namespace mapctl::registry {

// Statements of the migrations that chain the audit rows and keep policies, flags and candidates.
extern const std::string_view chain_up;
extern const std::string_view chain_down;
extern const std::string_view chain_up_sqlite;
extern const std::string_view chain_down_sqlite;
extern const std::string_view chain_up_postgresql;
extern const std::string_view chain_down_postgresql;
extern const std::string_view governance_up;
extern const std::string_view governance_down;
extern const std::string_view verifications_up;
extern const std::string_view verifications_down;

// Chains the rows that every tenant has already, in the order of their positions.
void chain_audit_rows(ports::SqlSession& session);

}  // namespace mapctl::registry
