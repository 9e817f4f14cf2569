// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/digest.hpp"
#include "core/ports/sql_session.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mapctl::registry {

struct RegistryState;

// The chain of audit rows of one tenant. Each row keeps the digest of its payload and the hash of
// the row before; the hash of a row covers both. What may name a person (values, reason, address,
// agent) enters the payload by its own digest, which takes its place when it is erased: the chain
// then still proves the rest of the row, and that nothing else was changed.
struct AuditFields {
  std::string_view id{};
  std::string_view mapping{};
  std::string_view action{};
  std::string_view field_changed{};
  std::string_view old_value{};
  std::string_view new_value{};
  std::string_view changed_by{};
  std::string_view reason{};
  std::optional<double> confidence_delta{};
  std::string_view ip_address{};
  std::string_view user_agent{};
  std::string_view trace_id{};
  std::string_view created_at{};
};

// The columns of a row that the chain covers, as read_audit_fields() reads them from `first` on.
// The views are valid as long as the statement's row.
#define MAPCTL_AUDIT_COLUMNS                                                                       \
  "id, field_mapping_id, action, field_changed, old_value, new_value, changed_by, change_reason, " \
  "confidence_delta, ip_address, user_agent, trace_id, created_at"
inline constexpr int audit_column_count = 13;
AuditFields read_audit_fields(const ports::SqlStatement& row, int first);

// Reused by one thread at a time, as its buffer is.
class AuditHasher {
 public:
  Digest personal(const AuditFields& row);
  Digest payload(const AuditFields& row, const Digest& personal);
  Digest payload(const AuditFields& row) { return payload(row, personal(row)); }

 private:
  std::string buffer_{};
};

// What the first row of a tenant's chain follows.
Digest audit_genesis(std::string_view tenant_id);
Digest audit_row_hash(const Digest& previous, const Digest& payload) noexcept;

struct AuditEntry {
  std::string_view action{};
  std::string_view mapping{};  // id, or empty
  std::string_view field_changed{};
  std::string_view old_value{};
  std::string_view new_value{};
  std::string_view reason{};
  std::optional<double> confidence_delta{};
  std::string_view trace{};  // empty: the actor's
};

// What a row needs besides its entry and the row before.
struct PreparedAudit {
  std::int64_t position = 0;
  std::string id{};
  Digest payload{};
};

// Appends to the chain of the state's tenant inside one write transaction, which holds the tenant's
// write lock. Write makes it when it is first needed and finishes it before it commits.
class AuditTrail {
 public:
  explicit AuditTrail(RegistryState& state);
  void add(const AuditEntry& entry);
  // With what prepare() made of the same entry. Throws Error::internal when that was for another
  // position.
  void add(const AuditEntry& entry, const PreparedAudit& prepared);
  // May run in other threads while rows are added, each with a hasher of its own.
  PreparedAudit prepare(const AuditEntry& entry, std::int64_t position, AuditHasher& hasher) const;
  std::int64_t next_position() const noexcept { return position_ + 1; }
  void finish();  // writes the head of the chain

 private:
  AuditFields fields_of(const AuditEntry& entry, std::string_view id) const;

  RegistryState& state_;
  std::string now_;
  std::string user_;
  std::int64_t position_ = 0;
  Digest hash_{};
  bool has_head_ = false;
  bool changed_ = false;
  AuditHasher hasher_{};
};

}  // namespace mapctl::registry
