// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/catalog/table.hpp"
#include "core/registry/registry.hpp"
#include "core/report/model.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace mapctl::cli {

class CommandContext;

// The catalog of an endpoint, or null when nobody has it any more.
using CatalogOf =
    std::function<std::shared_ptr<const catalog::Catalog>(const std::string& endpoint)>;

// The latest snapshot of each endpoint that the registry holds; read when first asked for.
CatalogOf snapshots_of(registry::Registry& registry);

// What the registry and the clock know of a run as a whole.
report::RunReport describe_run(CommandContext& context, registry::Registry& registry,
                               const registry::RunRecord& run);
// The same for an export of the mappings themselves.
report::RunReport describe_registry(CommandContext& context, registry::Registry& registry);

// The pairs of a run, read from the registry one by one. The registry must outlive it and is used
// by nobody else meanwhile.
class RunPairs final : public report::PairSource {
 public:
  RunPairs(registry::Registry& registry, RunId run, CatalogOf catalog_of);
  void rewind() override { at_ = 0; }
  const report::PairReport* next() override;

 private:
  registry::Registry& registry_;
  RunId run_;
  CatalogOf catalog_of_;
  std::vector<registry::JobRecord> jobs_;
  std::size_t at_ = 0;
  report::PairReport current_{};
  // What evidence names its signals by; lives as long as current_.
  std::shared_ptr<const std::set<std::string, std::less<>>> signal_names_{};
};

// The mappings of the registry whatever their run, as pairs of a source table and an entity. The
// registry must outlive it and is used by nobody else meanwhile.
class MappingPairs final : public report::PairSource {
 public:
  MappingPairs(registry::Registry& registry, CatalogOf catalog_of);
  void rewind() override { at_ = 0; }
  const report::PairReport* next() override;

 private:
  struct Group {
    mapping::ConnectorName connector{};
    catalog::TableName source_table{};
    mapping::EntityName entity{};
    auto operator<=>(const Group&) const = default;
  };

  registry::Registry& registry_;
  CatalogOf catalog_of_;
  std::vector<Group> groups_;
  std::size_t at_ = 0;
  report::PairReport current_{};
};

}  // namespace mapctl::cli
