// SPDX-License-Identifier: Apache-2.0
#include "core/registry/embeddings.hpp"

#include "core/base/error.hpp"
#include "core/base/vector_index.hpp"
#include "core/registry/mapping_rows.hpp"
#include "core/registry/state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace mapctl::registry {
namespace {

constexpr std::string_view between = " | ";
constexpr std::size_t texts_at_once = 2048;

// Vectors are kept as little-endian 32-bit floats, whatever the machine.
std::string to_bytes(const std::vector<float>& vector) {
  std::string bytes;
  bytes.reserve(vector.size() * 4);
  for (const float value : vector) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    for (int shift = 0; shift < 32; shift += 8) {
      bytes += static_cast<char>(bits >> shift);
    }
  }
  return bytes;
}

std::vector<float> from_bytes(std::string_view bytes) {
  std::vector<float> vector(bytes.size() / 4);
  for (std::size_t i = 0; i < vector.size(); ++i) {
    std::uint32_t bits = 0;
    for (std::size_t at = 4; at-- > 0;) {
      bits = bits << 8U | static_cast<unsigned char>(bytes[i * 4 + at]);
    }
    vector[i] = std::bit_cast<float>(bits);
  }
  return vector;
}

constexpr auto select_sql =
    "SELECT m.id, c.connector_name, m.source_table, m.source_field, m.canonical_entity, "
    "m.canonical_field, e.embedding_text, e.embedding_vector "
    "FROM field_mappings m JOIN connector_definitions c ON c.id = m.connector_id AND "
    "c.tenant_id = m.tenant_id LEFT JOIN mapping_embeddings e ON e.field_mapping_id = m.id AND "
    "e.tenant_id = m.tenant_id AND e.embedding_model = $2 "
    "WHERE m.tenant_id = $1 AND m.status <> 'deprecated' "
    "ORDER BY c.connector_name, m.source_table, m.source_field, m.canonical_entity, "
    "m.canonical_field";
constexpr auto store_sql =
    "INSERT INTO mapping_embeddings (id, tenant_id, field_mapping_id, embedding_text, "
    "embedding_vector, embedding_model, dimensions, created_at) "
    "SELECT $1, $2, m.id, $4, $5, $6, $7, $8 FROM field_mappings m "
    "WHERE m.id = $3 AND m.tenant_id = $2 "
    "ON CONFLICT (field_mapping_id) DO UPDATE SET embedding_text = excluded.embedding_text, "
    "embedding_vector = excluded.embedding_vector, embedding_model = excluded.embedding_model, "
    "dimensions = excluded.dimensions, created_at = excluded.created_at";
constexpr auto mapping_sql =
    "SELECT " MAPCTL_MAPPING_COLUMNS
    ", c.connector_name FROM field_mappings m JOIN connector_definitions c ON "
    "c.id = m.connector_id AND c.tenant_id = m.tenant_id WHERE m.tenant_id = $1 AND m.id = $2";

}  // namespace

struct Embeddings::Known {
  std::string id{};
  std::string text{};
  std::vector<float> vector{};  // empty until it is made
};

struct Embeddings::Collected {
  std::vector<Known> mappings{};
  EmbeddingUpdate update{};
};

std::string embedding_text(const mapping::MappingKey& key) {
  return embedding_text(key.source_field.text, key.source_table.text) + std::string{between} +
         key.entity.text + ' ' + key.field.text;
}

std::string embedding_text(std::string_view source_field, std::string_view table) {
  return table.empty() ? std::string{source_field}
                       : fmt::format("{}{}{}", source_field, between, table);
}

Embeddings::Collected Embeddings::collect(ports::Embedder& embedder, std::stop_token stop) {
  RegistryState& state = registry_->state();
  const std::string model{embedder.model()};
  Collected collected;
  std::vector<std::size_t> missing;
  {
    ports::Transaction reading{*state.session, ports::SqlSession::Access::read};
    {
      Query select{state, select_sql};
      select.with(state.tenant, model);
      while (select.step()) {
        const mapping::MappingKey key{
            mapping::ConnectorName{select.text(1)}, catalog::TableName{select.text(2)},
            mapping::FieldPath{select.text(3)}, mapping::EntityName{select.text(4)},
            mapping::FieldPath{select.text(5)}};
        Known known{select.text(0), embedding_text(key), {}};
        if (select->text(6) == known.text) {
          known.vector = from_bytes(select->bytes(7));
        }
        if (known.vector.empty()) {
          missing.push_back(collected.mappings.size());
        }
        collected.mappings.push_back(std::move(known));
      }
    }
    reading.commit();
  }
  collected.update.kept = collected.mappings.size() - missing.size();
  collected.update.made = missing.size();
  for (std::size_t begin = 0; begin < missing.size(); begin += texts_at_once) {
    const std::size_t end = std::min(begin + texts_at_once, missing.size());
    std::vector<std::string> texts;
    for (std::size_t i = begin; i < end; ++i) {
      texts.push_back(collected.mappings[missing[i]].text);
    }
    std::vector<std::vector<float>> vectors = embedder.embed(texts, stop);
    if (vectors.size() != texts.size()) {
      throw Error{ErrorCode::invalid_data,
                  fmt::format("embedding model '{}' gave {} vectors for {} texts", model,
                              vectors.size(), texts.size())};
    }
    for (std::size_t i = begin; i < end; ++i) {
      collected.mappings[missing[i]].vector = std::move(vectors[i - begin]);
    }
  }
  if (!missing.empty() && state.role >= Role::analyst) {
    Write write{state};
    Query store{state, store_sql};
    const std::string now = state.now();
    for (const std::size_t at : missing) {
      const Known& known = collected.mappings[at];
      store->bind(1, make_id({"embedding", state.tenant, known.id}));
      store->bind(2, state.tenant);
      store->bind(3, known.id);
      store->bind(4, known.text);
      store->bind_bytes(5, to_bytes(known.vector));
      store->bind(6, model);
      store->bind(7, static_cast<std::int64_t>(known.vector.size()));
      store->bind(8, now);
      store->post();
    }
    write.commit();
    collected.update.stored = true;
  }
  return collected;
}

EmbeddingUpdate Embeddings::update(ports::Embedder& embedder, std::stop_token stop) {
  return collect(embedder, std::move(stop)).update;
}

std::vector<SimilarMapping> Embeddings::similar(ports::Embedder& embedder, const std::string& text,
                                                std::size_t count, std::stop_token stop) {
  const Collected collected = collect(embedder, stop);
  std::vector<SimilarMapping> found;
  if (collected.mappings.empty()) {
    return found;
  }
  VectorIndex index{collected.mappings.front().vector.size()};
  for (const Known& known : collected.mappings) {
    index.add(known.vector);
  }
  const std::vector<std::string> query{text};
  RegistryState& state = registry_->state();
  for (const VectorIndex::Hit& hit : index.nearest(embedder.embed(query, stop).at(0), count)) {
    Query select{state, mapping_sql};
    if (select.with(state.tenant, collected.mappings[hit.number].id).step()) {
      const std::string connector = select.text(mapping_column_count);
      found.push_back({read_mapping(*select, connector, state), hit.similarity});
    }
  }
  return found;
}

}  // namespace mapctl::registry
