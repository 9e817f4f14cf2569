// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/connector.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace mapctl::cli {

class CommandContext;

// Catalogs of profiles that set `limits: catalog_lifetime`. They are the snapshots of the registry;
// a file for each, beside it, tells when it was read, how the profile was set and what the system
// said of itself then. One for a run of the program; safe to use from several threads.
class CatalogCache {
 public:
  // What a catalog is good for.
  struct Terms {
    std::string profile{};
    double lifetime = 0;     // seconds
    std::string settings{};  // differs when the profile reaches something else
  };

  explicit CatalogCache(CommandContext& context) : context_{context} {}
  CatalogCache(const CatalogCache&) = delete;
  CatalogCache& operator=(const CatalogCache&) = delete;

  // From now on nothing is taken from earlier runs.
  void refresh();
  // From now on nothing is taken, and nothing kept.
  void switch_off();

  // A connector whose discovery of structure is answered by what was kept, as long as that is
  // younger than its lifetime and the system does not say that it has changed. What it reads of the
  // whole system anew is kept.
  std::unique_ptr<ports::Connector> watch(std::unique_ptr<ports::Connector> system, Terms terms);

  // Whether discovery took what an earlier run kept.
  bool was_taken(std::string_view profile) const;
  // Whether what discovery gave last is in the registry already.
  bool is_kept(std::string_view profile) const;

 private:
  class Watched;
  enum class Use { all, keep, nothing };
  struct Known {
    catalog::Catalog catalog{};
    bool is_from_before = false;
  };

  std::optional<catalog::Catalog> find_known(const Terms& terms) const;
  std::optional<catalog::Catalog> find(const Terms& terms, const std::optional<std::string>& mark);
  void keep(const Terms& terms, const std::optional<std::string>& mark, catalog::Catalog& found);
  std::filesystem::path file_of(const Terms& terms) const;
  Use use() const;

  CommandContext& context_;
  mutable std::mutex mutex_{};
  Use use_ = Use::all;
  std::map<std::string, Known, std::less<>> known_{};  // of this run, by profile
};

}  // namespace mapctl::cli
