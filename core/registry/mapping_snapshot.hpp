// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mapping/mapping.hpp"
#include "core/registry/registry.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace mapctl::registry {

// The active mappings of a tenant at one moment, in memory: for a run that asks for very many of
// them and has to see one state of all. Safe to read from several threads.
class MappingSnapshot {
 public:
  // Reads all of them; throws as Registry does.
  explicit MappingSnapshot(Registry& registry);

  // As Registry::lookup(). Valid as long as the snapshot.
  std::span<const mapping::FieldMapping> lookup(const mapping::ConnectorName& connector,
                                                const catalog::TableName& source_table,
                                                const mapping::FieldPath& source_field) const;
  std::span<const mapping::FieldMapping> lookup(const mapping::ConnectorName& connector,
                                                const catalog::TableName& source_table) const;
  std::size_t size() const noexcept { return mappings_.size(); }

 private:
  // Mappings with one key stand behind each other. An empty slot has count 0.
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t first = 0;
    std::uint32_t count = 0;
  };
  struct Index {
    std::vector<Slot> slots{};  // a power of two, at most half full
    void fill(std::size_t keys);
    void add(std::uint64_t hash, std::size_t first, std::size_t count);
    template <class Same>
    const Slot* find(std::uint64_t hash, const Same& same) const;
  };
  std::span<const mapping::FieldMapping> at(const Slot* slot) const;

  std::vector<mapping::FieldMapping> mappings_{};
  Index tables_{}, fields_{};
};

}  // namespace mapctl::registry
