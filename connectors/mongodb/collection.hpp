// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/mongodb/client.hpp"
#include "connectors/mongodb/validator.hpp"
#include "core/catalog/record_shape.hpp"
#include "core/catalog/table.hpp"
#include "core/ports/connector.hpp"

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace mapctl::connectors::mongodb {

struct Collection {
  std::string database{}, name{};
  bool is_view = false;
  Validator validator{};
};

struct Collections {
  std::vector<Collection> list{};
  // What the user may not see, with the grant that helps.
  std::optional<catalog::DiscoveryWarning> missing{};
};

// Without the system's own. A user who may not list them gets those that it may read, if any, and
// the warning.
Collections collections_of(Client& client, const std::string& database,
                           const std::stop_token& stop);

struct Sample {
  catalog::Shape shape{};
  std::optional<std::int64_t> documents{};  // in the collection
  bool is_whole = false;                    // all were looked at, and so they were counted
};

// Small collections whole and in their order, of others a random part. What a random part holds
// comes in an order of its own, so its columns are ordered by name, the key first.
Sample sample(Client& client, const Collection& collection, const std::stop_token& stop);

catalog::Table describe(Client& client, const Collection& collection,
                        const ports::DiscoveryScope& scope, const std::stop_token& stop,
                        std::vector<catalog::DiscoveryWarning>& warnings);

}  // namespace mapctl::connectors::mongodb
