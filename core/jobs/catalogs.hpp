// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/batch/observer.hpp"
#include "core/catalog/table.hpp"
#include "core/jobs/endpoints.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::jobs {

// Where the statistics of a table are kept while a run is unfinished, so that a resumed run does
// not read the data again. Both may be empty functions.
struct StatisticsStore {
  std::function<std::optional<std::string>(std::string_view name)> find{};
  std::function<void(std::string_view name, std::string_view document)> keep{};
};

// The catalogs of a run's endpoints: structure first, then statistics of the tables that matter,
// table by table on several threads. What fails is remembered where it belongs, an endpoint or a
// table, and stops nothing else. Used by one thread at a time.
class Catalogs {
 public:
  Catalogs(Endpoints& endpoints, const Clock& clock, std::size_t workers);
  ~Catalogs();

  // Structure only. Throws Error::cancelled when stopped.
  void discover(std::span<const EndpointName> names, std::stop_token stop);

  // Statistics of the tables named, as far as their connectors have data.
  void profile(const std::map<EndpointName, std::set<catalog::TableRef>>& tables,
               std::map<std::string, std::size_t> limits, const StatisticsStore& store,
               batch::Observer& observer, std::stop_token stop);

  // Null when the endpoint could not be discovered; problem() then says why.
  std::shared_ptr<const catalog::Catalog> find(const EndpointName& name) const;
  const Error::Facts* problem(const EndpointName& name) const;
  // Why the statistics of a table are missing although there are data.
  const Error::Facts* problem(const EndpointName& name, const catalog::TableRef& table) const;

 private:
  struct Entry {
    std::shared_ptr<catalog::Catalog> catalog{};
    ports::Capabilities capabilities{};
    std::optional<Error::Facts> problem{};
    std::map<catalog::TableRef, Error::Facts> table_problems{};
  };

  Endpoints& endpoints_;
  const Clock& clock_;
  std::size_t workers_;
  std::map<EndpointName, Entry> entries_;
};

}  // namespace mapctl::jobs
