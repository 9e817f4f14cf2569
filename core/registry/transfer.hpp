// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/sql_session.hpp"
#include "core/registry/audit.hpp"
#include "core/registry/registry.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::registry {

struct TransferCounts {
  std::vector<TenantName> tenants{};
  std::int64_t tables = 0;
  std::int64_t rows = 0;
};

// Every row of the registry's tenant, or of all tenants, as lines of JSON: a header, one line a row
// with the values of its columns, and an end that counts them and holds their digest. The same on
// every dialect. Takes an admin; of all tenants, one of tenant "default".
TransferCounts export_registry(Registry& registry, bool all_tenants,
                               const std::function<void(std::string_view line)>& write);

struct ImportResult {
  TransferCounts counts{};
  std::vector<AuditVerification> audit{};  // of each tenant, in the order of counts.tenants
};
// Reads what export_registry() wrote into a registry that has none of these tenants, or only empty
// ones, in one transaction; the audit chains are verified before it ends. Throws
// Error::already_exists for a tenant with content, Error::invalid_data (naming the line) when the
// text is damaged, cut short or holds a broken chain, Error::configuration when it comes from
// another schema version. `next_line` gives false at the end.
ImportResult import_registry(ports::SqlSession& session,
                             const std::function<bool(std::string& line)>& next_line,
                             const std::optional<Secret>& key = {});

}  // namespace mapctl::registry
