// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/registry/changes.hpp"
#include "core/registry/lineage.hpp"

#include <cstddef>
#include <string>

namespace mapctl::test {

// Maps a field of "Lead" to "account", in a transaction of its own.
inline void map_lead_field(registry::Registry& registry, const std::string& field) {
  registry::Changes changes{registry};
  registry::NewMapping made;
  made.mapping.key = {mapping::ConnectorName{"crm"}, catalog::TableName{"Lead"},
                      mapping::FieldPath{field}, mapping::EntityName{"account"},
                      mapping::FieldPath{"name"}};
  changes.create(made, "by hand");
  changes.commit();
}

inline std::size_t lineage_rows(registry::Registry& registry) {
  return registry::for_each_lineage_row(registry, {}, [](auto&&) {});
}

}  // namespace mapctl::test
