// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/catalog/table.hpp"
#include "core/registry/registry.hpp"
#include "core/report/model.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
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

// The pairs of a run, read from the registry one by one. Writers go through them several times, so
// the first ones stay in memory, as many as fit `kept_bytes`. The registry must outlive it and is
// used by nobody else meanwhile.
class RunPairs final : public report::PairSource {
 public:
  static constexpr std::size_t usual_bytes = 64U << 20U;

  RunPairs(registry::Registry& registry, RunId run, CatalogOf catalog_of,
           std::size_t kept_bytes = usual_bytes);
  void rewind() override { at_ = 0; }
  const report::PairReport* next() override;
  std::size_t kept() const noexcept { return kept_.size(); }

 private:
  struct Pair {
    report::PairReport report{};
    // What evidence names its signals by; lives as long as the report.
    std::shared_ptr<const std::set<std::string, std::less<>>> signal_names{};
  };
  Pair read(const registry::JobRecord& job, std::size_t number);

  registry::Registry& registry_;
  RunId run_;
  CatalogOf catalog_of_;
  std::vector<registry::JobRecord> jobs_;
  std::size_t kept_bytes_;
  std::size_t at_ = 0;
  std::deque<Pair> kept_{};  // of the first jobs
  Pair current_{};
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

  report::PairSide target_of(const mapping::EntityName& entity) const;

  registry::Registry& registry_;
  CatalogOf catalog_of_;
  std::vector<std::string> endpoints_{};  // that were discovered; a longer name comes first
  std::vector<Group> groups_;
  std::size_t at_ = 0;
  report::PairReport current_{};
};

}  // namespace mapctl::cli
