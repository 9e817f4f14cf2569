// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/registry/registry.hpp"

#include <cstddef>
#include <memory>

namespace mapctl::registry {

// A proposal in the form in which it is kept: made without a registry, so that threads that share
// one take turns for the writing only. The proposal and the context must outlive it.
class PreparedPair {
 public:
  // Throws Error::invalid_data for names that a registry does not take.
  PreparedPair(const mapping::PairProposal& proposal, const PairContext& context,
               const TenantName& tenant);
  PreparedPair(PreparedPair&&) noexcept;
  ~PreparedPair();

  // As Registry::store_pair().
  StoreCounts store(Registry& registry, const RunId& run, const JobRecord& job) const;

 private:
  friend class Registry;  // many in one transaction
  struct Parts;
  std::unique_ptr<const Parts> parts_;
};

// How many sessions can write to the registry at once. Where that is one, another session only
// waits, and then reads anew all that the one before it wrote.
std::size_t writers(Registry& registry, std::size_t most);

}  // namespace mapctl::registry
