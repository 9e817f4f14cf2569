// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/sql_session.hpp"

namespace mapctl::registry {

// Between a row of job_fields for each field, with JSON, and all of a job's fields in its own row.
// Both forms must be there; what is converted stays in the old one too.
void gather_job_fields(ports::SqlSession& session);
void spread_job_fields(ports::SqlSession& session);

}  // namespace mapctl::registry
