// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/registry/registry.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::registry {

// What belongs to the tenant of a registry; every change takes an admin and has its audit row. The
// admins of tenant "default" run the registry: they make tenants and see all of them.

void add_tenant(Registry& registry, const TenantName& tenant);
std::vector<TenantRecord> visible_tenants(Registry& registry);  // by name

struct TenantPolicy {
  bool second_person = false;  // who proposed a change cannot approve it
};
TenantPolicy policy(Registry& registry);
bool set_policy(Registry& registry, const TenantPolicy& policy);  // false: it was so already

// A limit that is not set does not limit.
struct Quotas {
  std::optional<std::int64_t> mappings{};
  std::optional<std::int64_t> runs_a_day{};        // of the last 24 hours
  std::optional<std::int64_t> llm_tokens_a_day{};  // asked and answered, of a UTC day
  std::optional<std::int64_t> llm_cost_a_month{};  // in what the prices of profiles are in
};
Quotas quotas(Registry& registry);
bool set_quotas(Registry& registry, const Quotas& quotas);

struct UserRecord {
  UserName name{};
  std::string display_name{};
  Role role = Role::none;
  std::string status{};  // active, erased
  std::string created_at{};
};
std::vector<UserRecord> users(Registry& registry);  // by name
// Adds the user or gives another role. The first role given in a tenant closes it, so whoever gives
// it becomes an admin too. Throws Error::conflict when the last admin would lose the role.
void add_user(Registry& registry, const UserName& user, Role role,
              std::string_view display_name = {});

struct Erasure {
  std::string alias{};           // what stands for the person from now on
  std::int64_t audit_rows = 0;   // whose values were blanked
  std::int64_t other_texts = 0;  // notes, versions, reviews, flags ... that named the person
};
// Takes a person's name and address out of the tenant: the account, the values of audit rows that
// name the person, notes, reasons, reviews, sign-offs, flags and proposals. The chain of audit rows
// stays provable. Names of less than four letters stay in texts, and so do mapping files.
Erasure erase_user(Registry& registry, const UserName& user);

struct Flag {
  std::string name{}, value{}, updated_at{}, updated_by{};
};
// auto_approve (off, or a confidence from which on proposals become active by themselves), use_llm
// (true: a language model is asked; false: it may not be), llm_below (fields decided with less
// confidence are asked about too), llm_confidence (what its choice is worth), llm_values (masked,
// shown), canary_percent (0 to 100), and whatever else a tenant agrees on.
std::vector<Flag> flags(Registry& registry);  // by name
// The flag that commands read and that `name` may be a slip of; nothing for one of these.
std::optional<std::string> flag_meant_by(std::string_view name);
std::optional<std::string> flag(Registry& registry, std::string_view name);
bool set_flag(Registry& registry, const std::string& name, const std::string& value);
bool unset_flag(Registry& registry, const std::string& name);

}  // namespace mapctl::registry
