// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/secret.hpp"
#include "core/mapping/mapping.hpp"
#include "core/registry/registry.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::registry {

// Members that are empty do not restrict. Times are compared as ISO 8601 texts; a day will do.
struct AuditFilter {
  std::optional<mapping::MappingId> mapping{};
  std::string action{};
  std::string user{};   // e-mail address, as users are known by
  std::string trace{};  // of one run of the program
  std::string since{};  // this moment and later
  std::string until{};  // before this moment
  std::size_t limit = 0;
};

struct AuditRow {
  std::int64_t position = 0;  // in the tenant's chain, from 1
  std::string id{}, mapping{}, action{}, field_changed{}, old_value{}, new_value{};
  std::string changed_by{}, reason{}, ip_address{}, user_agent{}, trace_id{}, created_at{};
  std::optional<double> confidence_delta{};
  bool erased = false;  // its values were blanked for a person's sake
};

// Newest first. Returns how many. `visit` must not use the registry.
std::size_t for_each_audit_row(Registry& registry, const AuditFilter& filter,
                               const std::function<void(const AuditRow&)>& visit);

struct AuditFinding {
  enum class Kind : std::uint8_t { changed, removed, inserted, reordered, head, checkpoint };
  Kind kind = Kind::changed;
  std::int64_t position = 0;
  std::int64_t last_position = 0;  // of several rows, else the same
  std::string id{};                // of a row that is there
  std::string detail{};
};
std::string_view to_string(AuditFinding::Kind kind) noexcept;

struct AuditVerification {
  std::int64_t rows = 0;
  std::int64_t first_position = 0;  // 0: no rows
  std::int64_t last_position = 0;
  std::int64_t erased_rows = 0;
  std::int64_t checkpoints = 0;
  std::string head{};                    // hash of the last row, hexadecimal
  std::vector<AuditFinding> findings{};  // by position; the first thousand
  bool intact() const noexcept { return findings.empty(); }
};

// Reads the whole trail of the tenant and proves it against its hashes, its checkpoints and the
// head of the chain. With `key`, signatures of checkpoints are checked too; without, one that is
// signed is taken as it is. Throws Error::cancelled.
AuditVerification verify_audit(Registry& registry, const std::optional<Secret>& key = {},
                               std::stop_token stop = {});

// Keeps what verify_audit() found, for audit_chain(). Anybody who may read may do it.
void remember_verification(Registry& registry, const AuditVerification& verified);

// What is known of a tenant's chain without reading all of it.
struct AuditChain {
  enum class State : std::uint8_t {
    empty,       // nothing was written yet
    unverified,  // rows were written since the last verification, or there was none
    verified,    // up to its head
    broken,      // the last verification found something, or the end does not fit the head
  };
  struct Verification {
    std::string at{}, by{};
    std::int64_t position = 0;  // of the last row then
    std::int64_t findings = 0;
  };
  State state = State::empty;
  std::int64_t position = 0;  // of the last row
  std::string head{};         // its hash, hexadecimal
  std::int64_t checkpoints = 0;
  std::optional<Verification> last_verified{};
};
std::string_view to_string(AuditChain::State state) noexcept;
AuditChain audit_chain(Registry& registry);

struct AuditCount {
  std::string action{};
  std::string user{};
  std::int64_t count = 0;
  std::string first{}, last{};  // moments
};
// Counts by action and user over a period (since, until), by action and user.
std::vector<AuditCount> audit_report(Registry& registry, const AuditFilter& filter);

struct RetentionResult {
  std::int64_t removed = 0;
  std::int64_t kept = 0;
  std::int64_t checkpoint = 0;  // position of the last row removed; 0 when there was none
  bool is_signed = false;
};
// Removes the rows of the trail that are older than `before`, as a whole prefix of the chain, and
// leaves a checkpoint with the last hash, signed with `key` when there is one. Takes an admin.
// Throws Error::invalid_data when the trail is broken: nothing that proves it is thrown away.
RetentionResult apply_retention(Registry& registry, const std::string& before,
                                const std::optional<Secret>& key, bool dry_run = false);

}  // namespace mapctl::registry
