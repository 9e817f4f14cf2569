// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.hpp"
#include "core/base/json.hpp"
#include "core/registry/state.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace mapctl::registry {
namespace {

std::optional<std::int64_t> limit_of(const Json& quotas, const char* name) {
  const auto found = quotas.find(name);
  return found != quotas.end() && found->is_number_integer()
             ? std::optional{found->get<std::int64_t>()}
             : std::nullopt;
}

}  // namespace

bool is_uuid(std::string_view text) noexcept {
  if (text.size() != 36) {
    return false;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const bool digit = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
    if (dash ? text[i] != '-' : !digit) {
      return false;
    }
  }
  return true;
}

const TenantRules& RegistryState::rules() {
  if (known_rules) {
    return *known_rules;
  }
  Query select{*this,
               "SELECT t.policy, t.quotas, (SELECT f.value FROM flags f WHERE f.tenant_id = t.id "
               "AND f.name = 'auto_approve') FROM tenants t WHERE t.id = $1"};
  TenantRules rules;
  if (select.with(tenant).step()) {
    if (!select->is_null(0)) {
      rules.second_person =
          parse_json(select->text(0), "the tenant's policy").value("second_person", false);
    }
    if (!select->is_null(1)) {
      const Json quotas = parse_json(select->text(1), "the tenant's quotas");
      rules.max_mappings = limit_of(quotas, "mappings");
      rules.max_runs_a_day = limit_of(quotas, "runs_a_day");
    }
    const std::string_view share = select->text(2);
    double value = 0;
    if (!share.empty() &&
        std::from_chars(share.data(), share.data() + share.size(), value).ec == std::errc{}) {
      rules.auto_approve = value;
    }
  }
  return known_rules.emplace(rules);
}

void RegistryState::count_new_mapping() {
  const auto limit = rules().max_mappings;
  if (!limit) {
    return;
  }
  if (mapping_count) {
    ++*mapping_count;
  } else {
    Query count{*this, "SELECT count(*) FROM field_mappings WHERE tenant_id = $1"};
    count.with(tenant).step();
    mapping_count = count->integer(0);
  }
  if (*mapping_count > *limit) {
    throw Error{ErrorCode::resource_limit,
                fmt::format("tenant '{}' may keep {} mappings", actor.tenant.text, *limit),
                "ask an admin to raise it: mapctl tenant quota --mappings N"};
  }
}

void RegistryState::count_new_run() {
  const auto limit = rules().max_runs_a_day;
  if (!limit) {
    return;
  }
  Query count{*this, "SELECT count(*) FROM batches WHERE tenant_id = $1 AND started_at > $2"};
  count.with(tenant, to_iso8601(clock->now() - std::chrono::hours{24})).step();
  if (count->integer(0) > *limit) {
    throw Error{ErrorCode::resource_limit,
                fmt::format("tenant '{}' may start {} runs a day", actor.tenant.text, *limit),
                "wait, or ask an admin to raise it: mapctl tenant quota --runs-a-day N"};
  }
}

}  // namespace mapctl::registry
