// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mapping/mapping.hpp"
#include "core/ports/embedder.hpp"
#include "core/registry/registry.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::registry {

// What a mapping's vector is made of: "field | table | entity field", so that a search text may
// leave out the later parts.
std::string embedding_text(const mapping::MappingKey& key);
// The same for a field that has no mapping yet; `table` may be empty.
std::string embedding_text(std::string_view source_field, std::string_view table);

// Where a mapping was found: among the tenant's own, or among the facts that all tenants share.
enum class Origin : std::uint8_t { tenant, baseline };
std::string_view to_string(Origin origin) noexcept;

struct SimilarMapping {
  mapping::FieldMapping mapping{};  // of a fact of the baseline only the key
  float similarity = 0;             // -1 to 1
  Origin origin = Origin::tenant;
};

struct EmbeddingUpdate {
  std::size_t kept = 0;  // had a vector of the model and text
  std::size_t made = 0;
  // The vectors made were written; a viewer's are not, nor where the registry can only be read.
  bool stored = false;
};

// Vectors of the tenant's mappings, but for the deprecated ones. They are made when they are first
// asked for, and again when the mapping's key or the model changed. Shares the session of
// `registry`, which must outlive it.
class Embeddings {
 public:
  explicit Embeddings(Registry& registry) : registry_{&registry} {}

  // Throws what the embedder throws; then nothing is stored.
  EmbeddingUpdate update(ports::Embedder& embedder, std::stop_token stop);
  // The `count` mappings nearest to `text` of the tenant and of the shared baseline, nearest first,
  // equal ones the tenant's before, then by connector, table, field, entity. Brings the tenant's
  // vectors up to date first.
  std::vector<SimilarMapping> similar(ports::Embedder& embedder, const std::string& text,
                                      std::size_t count, std::stop_token stop);

 private:
  struct Missing;
  struct Collected;
  enum class Wanted : std::uint8_t { counts, vectors };
  Collected collect(ports::Embedder& embedder, Wanted wanted, std::stop_token stop);
  // False where the registry may not be written.
  bool store(const std::vector<Missing>& made, std::string_view model);

  Registry* registry_;
};

struct BaselineUpdate {
  std::size_t kept = 0;  // had a vector of the model
  std::size_t made = 0;
  std::size_t removed = 0;  // are no facts any more
};

// Makes the shared baseline of the embedder's model hold exactly `facts`. Every tenant reads it and
// none writes it: it takes an admin of tenant 'default', and the database of a server keeps
// transactions of tenants out by itself. One transaction with an audit row of tenant 'default',
// unless nothing changes. Throws what the embedder throws; then nothing is stored.
BaselineUpdate update_baseline(Registry& registry, std::span<const mapping::MappingKey> facts,
                               ports::Embedder& embedder, std::stop_token stop);

}  // namespace mapctl::registry
