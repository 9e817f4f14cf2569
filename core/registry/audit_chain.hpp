// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/digest.hpp"
#include "core/base/hash.hpp"
#include "core/base/secret.hpp"
#include "core/ports/sql_session.hpp"
#include "core/registry/audit.hpp"

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

// Parts of the audit trail: what retention leaves in the place of rows that it removed. Not for
// users of the library.
namespace mapctl::registry {

struct Checkpoint {
  std::int64_t position = 0;  // of the last row removed
  Digest hash{};              // of that row
  std::int64_t removed = 0;
  std::string removed_before{};
  std::string signature{};  // or empty
  bool is_whole = true;     // the hash is one
};

std::vector<Checkpoint> load_checkpoints(ports::SqlSession& session,
                                         const std::string& tenant_id);  // by position
std::string sign(std::string_view tenant_id, const Checkpoint& checkpoint, const Secret& key);

// verify_audit() inside a transaction of the caller's.
AuditVerification verify_chain(ports::SqlSession& session, const std::string& tenant_id,
                               const std::optional<Secret>& key, std::stop_token stop = {});

}  // namespace mapctl::registry
