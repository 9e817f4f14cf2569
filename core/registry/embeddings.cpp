// SPDX-License-Identifier: Apache-2.0
#include "core/registry/embeddings.hpp"

#include "core/base/error.hpp"
#include "core/base/vector_index.hpp"
#include "core/registry/all_tenants.hpp"
#include "core/registry/mapping_rows.hpp"
#include "core/registry/state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <iterator>
#include <optional>
#include <set>
#include <span>
#include <tuple>
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

void read_vector(std::string_view bytes, std::vector<float>& vector) {
  vector.resize(bytes.size() / 4);
  if constexpr (std::endian::native == std::endian::little) {
    if (!vector.empty()) {
      std::memcpy(vector.data(), bytes.data(), vector.size() * 4);
    }
    return;
  }
  for (std::size_t i = 0; i < vector.size(); ++i) {
    std::uint32_t bits = 0;
    for (std::size_t at = 4; at-- > 0;) {
      bits = bits << 8U | static_cast<unsigned char>(bytes[i * 4 + at]);
    }
    vector[i] = std::bit_cast<float>(bits);
  }
}

// embedding_text() of a mapping.
#define MAPCTL_EMBEDDING_TEXT                                                                    \
  "m.source_field || CASE WHEN m.source_table = '' THEN '' ELSE ' | ' || m.source_table END || " \
  "' | ' || m.canonical_entity || ' ' || m.canonical_field"
#define MAPCTL_VECTOR_IS_CURRENT "e.dimensions > 0 AND e.embedding_text = " MAPCTL_EMBEDDING_TEXT

// The vector, or the text to make it of. In no order: sorting would carry all vectors about.
constexpr auto select_sql =
    "SELECT m.id, CASE WHEN " MAPCTL_VECTOR_IS_CURRENT
    " THEN e.embedding_vector END, CASE WHEN " MAPCTL_VECTOR_IS_CURRENT
    " THEN NULL ELSE " MAPCTL_EMBEDDING_TEXT
    " END FROM field_mappings m LEFT JOIN mapping_embeddings e ON e.field_mapping_id = m.id AND "
    "e.tenant_id = m.tenant_id AND e.embedding_model = $2 "
    "WHERE m.tenant_id = $1 AND m.status <> 'deprecated'";
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

constexpr auto baseline_sql =
    "SELECT connector_name, source_table, source_field, canonical_entity, canonical_field, "
    "embedding_vector FROM baseline_embeddings WHERE embedding_model = $1 ORDER BY "
    "connector_name, source_table, source_field, canonical_entity, canonical_field";
constexpr auto add_fact_sql =
    "INSERT INTO baseline_embeddings (embedding_model, connector_name, source_table, "
    "source_field, canonical_entity, canonical_field, embedding_text, embedding_vector, "
    "dimensions, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO "
    "NOTHING";
constexpr auto remove_fact_sql =
    "DELETE FROM baseline_embeddings WHERE embedding_model = $1 AND connector_name = $2 AND "
    "source_table = $3 AND source_field = $4 AND canonical_entity = $5 AND canonical_field = $6";
std::vector<std::vector<float>> embed_all(ports::Embedder& embedder,
                                          const std::vector<std::string>& texts,
                                          const std::stop_token& stop) {
  std::vector<std::vector<float>> all;
  all.reserve(texts.size());
  for (std::size_t begin = 0; begin < texts.size(); begin += texts_at_once) {
    const std::span<const std::string> some{texts.data() + begin,
                                            std::min(texts_at_once, texts.size() - begin)};
    std::vector<std::vector<float>> vectors = embedder.embed(some, stop);
    if (vectors.size() != some.size()) {
      throw Error{ErrorCode::invalid_data,
                  fmt::format("embedding model '{}' gave {} vectors for {} texts", embedder.model(),
                              vectors.size(), some.size())};
    }
    std::move(vectors.begin(), vectors.end(), std::back_inserter(all));
  }
  return all;
}

struct Fact {
  mapping::MappingKey key{};
  std::vector<float> vector{};
};

mapping::MappingKey key_of(const ports::SqlStatement& row, int first) {
  const auto text = [&](int column) { return std::string{row.text(first + column)}; };
  return {mapping::ConnectorName{text(0)}, catalog::TableName{text(1)}, mapping::FieldPath{text(2)},
          mapping::EntityName{text(3)}, mapping::FieldPath{text(4)}};
}

std::vector<Fact> load_facts(RegistryState& state, std::string_view model) {
  std::vector<Fact> facts;
  Query select{state, baseline_sql};
  select.with(model);
  while (select.step()) {
    facts.push_back({key_of(*select, 0), {}});
    read_vector(select->bytes(5), facts.back().vector);
  }
  return facts;
}

void require_upkeep(const RegistryState& state) {
  if (state.actor.tenant.text != "default") {
    throw Error{
        ErrorCode::denied,
        fmt::format("the shared baseline is not changed from tenant '{}'", state.actor.tenant.text),
        "change it as an admin of tenant 'default'"};
  }
  state.require(Role::admin, "change the shared baseline");
}

}  // namespace

std::string_view to_string(Origin origin) noexcept {
  return origin == Origin::tenant ? "tenant" : "baseline";
}

// A mapping without a vector.
struct Embeddings::Missing {
  std::string id{};
  std::string text{};
  std::vector<float> vector{};  // once it is made
};

struct Embeddings::Collected {
  EmbeddingUpdate update{};
  std::vector<std::string> ids{};  // of the vectors
  std::optional<VectorIndex> vectors{};

  void add(std::string id, std::span<const float> vector) {
    ids.push_back(std::move(id));
    add(vector);
  }
  void add(std::span<const float> vector) {
    if (!vectors) {
      vectors.emplace(vector.size());
    }
    vectors->add(vector);
  }
};

std::string embedding_text(const mapping::MappingKey& key) {
  return embedding_text(key.source_field.text, key.source_table.text) + std::string{between} +
         key.entity.text + ' ' + key.field.text;
}

std::string embedding_text(std::string_view source_field, std::string_view table) {
  return table.empty() ? std::string{source_field}
                       : fmt::format("{}{}{}", source_field, between, table);
}

Embeddings::Collected Embeddings::collect(ports::Embedder& embedder, Wanted wanted,
                                          std::stop_token stop) {
  RegistryState& state = registry_->state();
  const std::string model{embedder.model()};
  Collected collected;
  std::vector<Missing> missing;
  {
    ports::Transaction reading{*state.session, ports::SqlSession::Access::read};
    {
      const auto select = state.session->prepare_scan(select_sql);
      select->bind(1, state.tenant);
      select->bind(2, model);
      std::vector<float> vector;
      while (select->step()) {
        if (select->is_null(1)) {
          missing.push_back({std::string{select->text(0)}, std::string{select->text(2)}, {}});
          continue;
        }
        ++collected.update.kept;
        if (wanted == Wanted::vectors) {
          read_vector(select->bytes(1), vector);
          collected.add(std::string{select->text(0)}, vector);
        }
      }
    }
    reading.commit();
  }
  std::sort(missing.begin(), missing.end(), [](const Missing& left, const Missing& right) {
    return std::tie(left.text, left.id) < std::tie(right.text, right.id);
  });
  collected.update.made = missing.size();
  std::vector<std::string> texts;
  for (const Missing& one : missing) {
    texts.push_back(one.text);
  }
  std::vector<std::vector<float>> vectors = embed_all(embedder, texts, stop);
  for (std::size_t i = 0; i < missing.size(); ++i) {
    missing[i].vector = std::move(vectors[i]);
  }
  collected.update.stored =
      !missing.empty() && state.role >= Role::analyst && store(missing, model);
  if (wanted == Wanted::vectors) {
    for (Missing& one : missing) {
      collected.add(std::move(one.id), one.vector);
    }
  }
  return collected;
}

bool Embeddings::store(const std::vector<Missing>& made, std::string_view model) {
  RegistryState& state = registry_->state();
  try {
    Write write{state};
    Query insert{state, store_sql};
    const std::string now = state.now();
    for (const Missing& one : made) {
      insert->bind(1, make_id({"embedding", state.tenant, one.id}));
      insert->bind(2, state.tenant);
      insert->bind(3, one.id);
      insert->bind(4, one.text);
      insert->bind_bytes(5, to_bytes(one.vector));
      insert->bind(6, model);
      insert->bind(7, static_cast<std::int64_t>(one.vector.size()));
      insert->bind(8, now);
      insert->post();
    }
    write.commit();
  } catch (const Error& problem) {
    if (problem.code() != ErrorCode::denied) {
      throw;
    }
    return false;
  }
  return true;
}

EmbeddingUpdate Embeddings::update(ports::Embedder& embedder, std::stop_token stop) {
  return collect(embedder, Wanted::counts, std::move(stop)).update;
}

std::vector<SimilarMapping> Embeddings::similar(ports::Embedder& embedder, const std::string& text,
                                                std::size_t count, std::stop_token stop) {
  Collected collected = collect(embedder, Wanted::vectors, stop);
  RegistryState& state = registry_->state();
  const std::vector<Fact> facts = load_facts(state, embedder.model());
  for (const Fact& fact : facts) {
    collected.add(fact.vector);
  }
  std::vector<SimilarMapping> found;
  if (!collected.vectors) {
    return found;
  }
  const std::vector<std::string> query{text};
  const std::vector<float> wanted = embedder.embed(query, stop).at(0);
  for (const VectorIndex::Hit& hit :
       collected.vectors->nearest(wanted, count, VectorIndex::Ties::all)) {
    if (hit.number >= collected.ids.size()) {
      SimilarMapping similar;
      similar.mapping.key = facts[hit.number - collected.ids.size()].key;
      similar.similarity = hit.similarity;
      similar.origin = Origin::baseline;
      found.push_back(std::move(similar));
      continue;
    }
    Query select{state, mapping_sql};
    if (select.with(state.tenant, collected.ids[hit.number]).step()) {
      const std::string connector = select.text(mapping_column_count);
      found.push_back({read_mapping(*select, connector, state), hit.similarity, Origin::tenant});
    }
  }
  std::sort(found.begin(), found.end(), [](const SimilarMapping& left, const auto& right) {
    return left.similarity != right.similarity ? left.similarity > right.similarity
           : left.origin != right.origin       ? left.origin < right.origin
                                               : left.mapping.key < right.mapping.key;
  });
  found.resize(std::min(found.size(), count));
  return found;
}

BaselineUpdate update_baseline(Registry& registry, std::span<const mapping::MappingKey> facts,
                               ports::Embedder& embedder, std::stop_token stop) {
  RegistryState& state = registry.state();
  require_upkeep(state);
  const std::string model{embedder.model()};
  BaselineUpdate update;
  std::set<mapping::MappingKey> gone;
  for (Fact& fact : load_facts(state, model)) {
    gone.insert(std::move(fact.key));
  }
  std::vector<const mapping::MappingKey*> missing;
  std::vector<std::string> texts;
  for (const mapping::MappingKey& fact : facts) {
    if (gone.erase(fact) > 0) {
      ++update.kept;
    } else {
      missing.push_back(&fact);
      texts.push_back(embedding_text(fact));
    }
  }
  if (missing.empty() && gone.empty()) {
    return update;
  }
  const std::vector<std::vector<float>> vectors = embed_all(embedder, texts, stop);
  // Rows that belong to no tenant are written while the session stands for all of them.
  const AllTenants all{*state.session, state.tenant};
  Write write{state, Role::admin, "change the shared baseline"};
  const auto remove = state.session->prepare(remove_fact_sql);
  const auto bind = [&](ports::SqlStatement& statement, const mapping::MappingKey& key) {
    statement.bind(1, model);
    statement.bind(2, key.connector.text);
    statement.bind(3, key.source_table.text);
    statement.bind(4, key.source_field.text);
    statement.bind(5, key.entity.text);
    statement.bind(6, key.field.text);
  };
  for (const mapping::MappingKey& key : gone) {
    bind(*remove, key);
    remove->step();
    ++update.removed;
  }
  const auto add = state.session->prepare(add_fact_sql);
  const std::string now = state.now();
  for (std::size_t i = 0; i < missing.size(); ++i) {
    bind(*add, *missing[i]);
    add->bind(7, texts[i]);
    add->bind_bytes(8, to_bytes(vectors[i]));
    add->bind(9, static_cast<std::int64_t>(vectors[i].size()));
    add->bind(10, now);
    add->step();
    update.made += static_cast<std::size_t>(state.session->changes());
  }
  const std::string counts =
      fmt::format("{}: {} added, {} removed", model, update.made, update.removed);
  AuditEntry entry;
  entry.action = "baseline_updated";
  entry.field_changed = "baseline";
  entry.new_value = counts;
  state.audit().add(entry);
  write.commit();
  return update;
}

}  // namespace mapctl::registry
