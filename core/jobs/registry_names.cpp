// SPDX-License-Identifier: Apache-2.0
#include "core/jobs/registry_names.hpp"

#include <string>

namespace mapctl::jobs {

registry::PairContext pair_context(const catalog::Catalog& source,
                                   const catalog::TableRef& source_table,
                                   std::string_view source_endpoint, const catalog::Catalog& target,
                                   const catalog::TableRef& target_table,
                                   std::string_view target_endpoint) {
  registry::PairContext context;
  context.connector = mapping::ConnectorName{std::string{source_endpoint}};
  context.source = source.find(source_table);
  context.target = target.find(target_table);
  if (context.source != nullptr && context.source->kind == catalog::TableKind::file) {
    context.connector_type = "file";
  }
  context.canonical =
      context.target != nullptr && context.target->kind == catalog::TableKind::entity;
  if (context.canonical && !context.target->version.empty()) {
    context.entity_version = context.target->version;
  }
  context.entity = registry::entity_name(target_endpoint, target_table, context.canonical);
  return context;
}

}  // namespace mapctl::jobs
