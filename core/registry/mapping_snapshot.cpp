// SPDX-License-Identifier: Apache-2.0
#include "core/registry/mapping_snapshot.hpp"

#include "core/base/hash.hpp"

#include <bit>

namespace mapctl::registry {
namespace {

using mapping::FieldMapping;

// Each part is hashed with the one before as its seed, so that "ab", "c" is not "a", "bc".
std::uint64_t hash_of(const mapping::ConnectorName& connector, const catalog::TableName& table) {
  return fast_hash(table.text, fast_hash(connector.text));
}
std::uint64_t hash_of(const mapping::ConnectorName& connector, const catalog::TableName& table,
                      const mapping::FieldPath& field) {
  return fast_hash(field.text, hash_of(connector, table));
}

bool same_table(const FieldMapping& mapping, const mapping::ConnectorName& connector,
                const catalog::TableName& table) {
  return mapping.key.source_table == table && mapping.key.connector == connector;
}

}  // namespace

void MappingSnapshot::Index::fill(std::size_t keys) {
  slots.assign(std::bit_ceil(2 * keys + 1), {});
}

void MappingSnapshot::Index::add(std::uint64_t hash, std::size_t first, std::size_t count) {
  std::size_t at = hash & (slots.size() - 1);
  while (slots[at].count != 0) {
    at = (at + 1) & (slots.size() - 1);
  }
  slots[at] = {hash, static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(count)};
}

template <class Same>
const MappingSnapshot::Slot* MappingSnapshot::Index::find(std::uint64_t hash,
                                                          const Same& same) const {
  for (std::size_t at = hash & (slots.size() - 1); slots[at].count != 0;
       at = (at + 1) & (slots.size() - 1)) {
    if (slots[at].hash == hash && same(slots[at].first)) {
      return &slots[at];
    }
  }
  return nullptr;
}

MappingSnapshot::MappingSnapshot(Registry& registry) {
  MappingFilter filter;
  filter.status = mapping::MappingStatus::active;
  registry.for_each_mapping(filter,
                            [&](const FieldMapping& mapping) { mappings_.push_back(mapping); });
  // They come by connector, table, field.
  const auto groups = [&](const auto& same, const auto& take) {
    for (std::size_t first = 0; first < mappings_.size();) {
      std::size_t end = first + 1;
      while (end < mappings_.size() && same(mappings_[first], mappings_[end])) {
        ++end;
      }
      take(first, end - first);
      first = end;
    }
  };
  const auto table = [](const FieldMapping& left, const FieldMapping& right) {
    return same_table(left, right.key.connector, right.key.source_table);
  };
  const auto field = [&](const FieldMapping& left, const FieldMapping& right) {
    return table(left, right) && left.key.source_field == right.key.source_field;
  };
  std::size_t tables = 0;
  std::size_t fields = 0;
  groups(table, [&](std::size_t, std::size_t) { ++tables; });
  groups(field, [&](std::size_t, std::size_t) { ++fields; });
  tables_.fill(tables);
  fields_.fill(fields);
  groups(table, [&](std::size_t first, std::size_t count) {
    const mapping::MappingKey& key = mappings_[first].key;
    tables_.add(hash_of(key.connector, key.source_table), first, count);
  });
  groups(field, [&](std::size_t first, std::size_t count) {
    const mapping::MappingKey& key = mappings_[first].key;
    fields_.add(hash_of(key.connector, key.source_table, key.source_field), first, count);
  });
}

std::span<const FieldMapping> MappingSnapshot::at(const Slot* slot) const {
  return slot == nullptr ? std::span<const FieldMapping>{}
                         : std::span{mappings_}.subspan(slot->first, slot->count);
}

std::span<const FieldMapping> MappingSnapshot::lookup(
    const mapping::ConnectorName& connector, const catalog::TableName& source_table,
    const mapping::FieldPath& source_field) const {
  return at(fields_.find(hash_of(connector, source_table, source_field), [&](std::size_t first) {
    return mappings_[first].key.source_field == source_field &&
           same_table(mappings_[first], connector, source_table);
  }));
}

std::span<const FieldMapping> MappingSnapshot::lookup(
    const mapping::ConnectorName& connector, const catalog::TableName& source_table) const {
  return at(tables_.find(hash_of(connector, source_table), [&](std::size_t first) {
    return same_table(mappings_[first], connector, source_table);
  }));
}

}  // namespace mapctl::registry
