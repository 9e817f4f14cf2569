// SPDX-License-Identifier: Apache-2.0
#include "core/registry/audit.hpp"
#include "core/registry/audit_chain.hpp"
#include "core/registry/state.hpp"

namespace mapctl::registry {
namespace {

using State = AuditChain::State;

// The hash that the last row of the trail makes, with its place; nothing when no row is left.
std::optional<Checkpoint> end_of_trail(RegistryState& state) {
  Query last{state,
             "SELECT position, previous_hash, payload_digest FROM mapping_audit_log WHERE "
             "tenant_id = $1 ORDER BY position DESC LIMIT 1"};
  if (!last.with(state.tenant).step()) {
    return std::nullopt;
  }
  const auto previous = digest_from_bytes(last->bytes(1));
  const auto payload = digest_from_bytes(last->bytes(2));
  Checkpoint end;
  end.position = last->integer(0);
  end.is_whole = previous.has_value() && payload.has_value();
  end.hash = audit_row_hash(previous.value_or(Digest{}), payload.value_or(Digest{}));
  return end;
}

}  // namespace

std::string_view to_string(State state) noexcept {
  switch (state) {
    case State::empty: return "empty";
    case State::unverified: return "unverified";
    case State::verified: return "verified";
    case State::broken: return "broken";
  }
  return {};
}

void remember_verification(Registry& registry, const AuditVerification& verified) {
  RegistryState& state = registry.state();
  Write write{state, Role::viewer, "verify the audit trail"};
  Query keep{state,
             "INSERT INTO audit_verifications (tenant_id, position, hash, findings, verified_at, "
             "verified_by) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (tenant_id) DO UPDATE SET "
             "position = excluded.position, hash = excluded.hash, findings = excluded.findings, "
             "verified_at = excluded.verified_at, verified_by = excluded.verified_by"};
  const Digest head = digest_from_hex(verified.head).value_or(Digest{});
  keep->bind(1, state.tenant);
  keep->bind(2, verified.last_position);
  keep->bind_bytes(3, as_bytes(head));
  keep->bind(4, static_cast<std::int64_t>(verified.findings.size()));
  keep->bind(5, state.now());
  state.user().empty() ? keep->bind_null(6) : keep->bind(6, state.user());
  keep.step();
  write.commit();
}

AuditChain audit_chain(Registry& registry) {
  RegistryState& state = registry.state();
  ports::Transaction transaction{*state.session, ports::SqlSession::Access::read};
  AuditChain chain;
  std::optional<Digest> head;
  {
    Query select{state, "SELECT position, hash FROM audit_heads WHERE tenant_id = $1"};
    if (select.with(state.tenant).step()) {
      chain.position = select->integer(0);
      head = digest_from_bytes(select->bytes(1));
      chain.head = head ? to_hex(*head) : std::string{};
    }
  }
  std::optional<Checkpoint> end = end_of_trail(state);
  const std::vector<Checkpoint> checkpoints = load_checkpoints(*state.session, state.tenant);
  chain.checkpoints = static_cast<std::int64_t>(checkpoints.size());
  if (!end && !checkpoints.empty()) {
    end = checkpoints.back();  // retention took all rows
  }
  std::optional<Digest> verified_hash;
  {
    Query select{state,
                 "SELECT position, hash, findings, verified_at, verified_by FROM "
                 "audit_verifications WHERE tenant_id = $1"};
    if (select.with(state.tenant).step()) {
      AuditChain::Verification& last = chain.last_verified.emplace();
      last.position = select->integer(0);
      verified_hash = digest_from_bytes(select->bytes(1));
      last.findings = select->integer(2);
      last.at = select.text(3);
      last.by = select.text(4);
    }
  }
  if (chain.last_verified) {
    chain.last_verified->by = state.user_name(chain.last_verified->by);
  }
  transaction.commit();

  const bool fits = head && end
                        ? end->is_whole && end->position == chain.position && end->hash == *head
                        : !head && !end && chain.position == 0;
  const auto& last = chain.last_verified;
  if (!fits || (last && (last->findings > 0 || last->position > chain.position))) {
    chain.state = State::broken;
  } else if (!head) {
    chain.state = State::empty;
  } else {
    const bool is_proved = last && last->position == chain.position && verified_hash == head;
    chain.state = is_proved ? State::verified : State::unverified;
  }
  return chain;
}

}  // namespace mapctl::registry
