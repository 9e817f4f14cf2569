// SPDX-License-Identifier: Apache-2.0
#include "core/registry/audit_trail.hpp"

#include "core/base/error.hpp"
#include "core/registry/state.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace mapctl::registry {
namespace {

// With its length first, so that text cannot move from one field to the next unseen.
void append_field(std::string& buffer, std::string_view text) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), text.size()).ptr;
  buffer.append(digits.data(), end);
  buffer += ':';
  buffer += text;
}

constexpr auto insert_sql =
    "INSERT INTO mapping_audit_log (tenant_id, position, id, field_mapping_id, action, "
    "field_changed, old_value, new_value, changed_by, change_reason, confidence_delta, trace_id, "
    "created_at, payload_digest, previous_hash) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";

}  // namespace

Digest AuditHasher::personal(const AuditFields& row) {
  buffer_.clear();
  append_field(buffer_, row.old_value);
  append_field(buffer_, row.new_value);
  append_field(buffer_, row.reason);
  append_field(buffer_, row.ip_address);
  append_field(buffer_, row.user_agent);
  return digest_of(buffer_);
}

Digest AuditHasher::payload(const AuditFields& row, const Digest& personal) {
  buffer_.assign(as_bytes(personal));
  append_field(buffer_, row.id);
  append_field(buffer_, row.mapping);
  append_field(buffer_, row.action);
  append_field(buffer_, row.field_changed);
  append_field(buffer_, row.changed_by);
  append_field(buffer_, row.trace_id);
  append_field(buffer_, row.created_at);
  std::array<char, 32> number{};
  std::size_t length = 0;
  if (row.confidence_delta) {
    length = static_cast<std::size_t>(
        std::to_chars(number.data(), number.data() + number.size(), *row.confidence_delta).ptr -
        number.data());
  }
  append_field(buffer_, {number.data(), length});
  return digest_of(buffer_);
}

AuditFields read_audit_fields(const ports::SqlStatement& row, int first) {
  AuditFields fields;
  fields.id = row.text(first);
  fields.mapping = row.text(first + 1);
  fields.action = row.text(first + 2);
  fields.field_changed = row.text(first + 3);
  fields.old_value = row.text(first + 4);
  fields.new_value = row.text(first + 5);
  fields.changed_by = row.text(first + 6);
  fields.reason = row.text(first + 7);
  if (!row.is_null(first + 8)) {
    fields.confidence_delta = row.real(first + 8);
  }
  fields.ip_address = row.text(first + 9);
  fields.user_agent = row.text(first + 10);
  fields.trace_id = row.text(first + 11);
  fields.created_at = row.text(first + 12);
  return fields;
}

Digest audit_genesis(std::string_view tenant_id) {
  return digest_of(fmt::format("mapctl.audit/1 {}", tenant_id));
}

Digest audit_row_hash(const Digest& previous, const Digest& payload) noexcept {
  std::array<char, 2 * sizeof(Digest)> both{};
  as_bytes(previous).copy(both.data(), sizeof(Digest));
  as_bytes(payload).copy(both.data() + sizeof(Digest), sizeof(Digest));
  return digest_of({both.data(), both.size()});
}

AuditTrail::AuditTrail(RegistryState& state)
    : state_{state}, now_{state.now()}, user_{state.user()} {
  Query head{state, "SELECT position, hash FROM audit_heads WHERE tenant_id = $1"};
  if (head.with(state.tenant).step()) {
    const auto hash = digest_from_bytes(head->bytes(1));
    if (!hash) {
      throw Error{ErrorCode::invalid_data, "the head of the audit chain is damaged",
                  "see what is left of it with: mapctl registry verify"};
    }
    position_ = head->integer(0);
    hash_ = *hash;
    has_head_ = true;
  } else {
    hash_ = audit_genesis(state.tenant);
  }
  Query insert{state, insert_sql};
  insert->bind(1, state.tenant);
  user_.empty() ? insert->bind_null(9) : insert->bind(9, user_);
  insert->bind(13, now_);
}

AuditFields AuditTrail::fields_of(const AuditEntry& entry, std::string_view id) const {
  AuditFields row;
  row.id = id;
  row.mapping = entry.mapping;
  row.action = entry.action;
  row.field_changed = entry.field_changed;
  row.old_value = entry.old_value;
  row.new_value = entry.new_value;
  row.changed_by = user_;
  row.reason = entry.reason;
  row.confidence_delta = entry.confidence_delta;
  row.trace_id = entry.trace.empty() ? std::string_view{state_.actor.trace} : entry.trace;
  row.created_at = now_;
  return row;
}

PreparedAudit AuditTrail::prepare(const AuditEntry& entry, std::int64_t position,
                                  AuditHasher& hasher) const {
  PreparedAudit made;
  made.position = position;
  made.id = make_id({"audit", state_.tenant, std::to_string(position)});
  made.payload = hasher.payload(fields_of(entry, made.id));
  return made;
}

void AuditTrail::add(const AuditEntry& entry) {
  add(entry, prepare(entry, next_position(), hasher_));
}

void AuditTrail::add(const AuditEntry& entry, const PreparedAudit& prepared) {
  if (prepared.position != next_position()) {
    throw Error{ErrorCode::internal, "an audit row was prepared for another place of the trail"};
  }
  ++position_;
  changed_ = true;
  const AuditFields row = fields_of(entry, prepared.id);
  Query insert{state_, insert_sql};
  const auto text_or_null = [&](int parameter, std::string_view text) {
    text.empty() ? insert->bind_null(parameter) : insert->bind(parameter, text);
  };
  insert->bind(2, position_);
  insert->bind(3, prepared.id);
  text_or_null(4, row.mapping);
  insert->bind(5, row.action);
  text_or_null(6, row.field_changed);
  text_or_null(7, row.old_value);
  text_or_null(8, row.new_value);
  text_or_null(10, row.reason);
  row.confidence_delta ? insert->bind(11, *row.confidence_delta) : insert->bind_null(11);
  text_or_null(12, row.trace_id);
  insert->bind_bytes(14, as_bytes(prepared.payload));
  insert->bind_bytes(15, as_bytes(hash_));
  insert->post_row();
  hash_ = audit_row_hash(hash_, prepared.payload);
}

void AuditTrail::finish() {
  if (!changed_) {
    return;
  }
  Query write{state_, has_head_
                          ? "UPDATE audit_heads SET position = $2, hash = $3 WHERE tenant_id = $1"
                          : "INSERT INTO audit_heads (tenant_id, position, hash) "
                            "VALUES ($1, $2, $3)"};
  write->bind(1, state_.tenant);
  write->bind(2, position_);
  write->bind_bytes(3, as_bytes(hash_));
  write.step();
}

}  // namespace mapctl::registry
