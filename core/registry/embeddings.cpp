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
#include <iterator>
#include <set>
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
    facts.push_back({key_of(*select, 0), from_bytes(select->bytes(5))});
  }
  return facts;
}

// Rows that belong to no tenant are written while the session stands for all of them.
class AllTenants {
 public:
  explicit AllTenants(RegistryState& state) : state_{&state} {
    state.session->use_tenant(ports::SqlSession::all_tenants);
  }
  AllTenants(const AllTenants&) = delete;
  AllTenants& operator=(const AllTenants&) = delete;
  ~AllTenants() { state_->session->use_tenant(state_->tenant); }

 private:
  RegistryState* state_;
};

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
        const mapping::MappingKey key = key_of(*select, 1);
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
  std::vector<std::string> texts;
  for (const std::size_t at : missing) {
    texts.push_back(collected.mappings[at].text);
  }
  std::vector<std::vector<float>> vectors = embed_all(embedder, texts, stop);
  for (std::size_t i = 0; i < missing.size(); ++i) {
    collected.mappings[missing[i]].vector = std::move(vectors[i]);
  }
  collected.update.stored =
      !missing.empty() && state.role >= Role::analyst && store(collected, missing, model);
  return collected;
}

bool Embeddings::store(const Collected& collected, const std::vector<std::size_t>& made,
                       std::string_view model) {
  RegistryState& state = registry_->state();
  try {
    Write write{state};
    Query insert{state, store_sql};
    const std::string now = state.now();
    for (const std::size_t at : made) {
      const Known& known = collected.mappings[at];
      insert->bind(1, make_id({"embedding", state.tenant, known.id}));
      insert->bind(2, state.tenant);
      insert->bind(3, known.id);
      insert->bind(4, known.text);
      insert->bind_bytes(5, to_bytes(known.vector));
      insert->bind(6, model);
      insert->bind(7, static_cast<std::int64_t>(known.vector.size()));
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
  return collect(embedder, std::move(stop)).update;
}

std::vector<SimilarMapping> Embeddings::similar(ports::Embedder& embedder, const std::string& text,
                                                std::size_t count, std::stop_token stop) {
  const Collected collected = collect(embedder, stop);
  RegistryState& state = registry_->state();
  const std::vector<Fact> facts = load_facts(state, embedder.model());
  std::vector<SimilarMapping> found;
  if (collected.mappings.empty() && facts.empty()) {
    return found;
  }
  const std::vector<std::string> query{text};
  const std::vector<float> wanted = embedder.embed(query, stop).at(0);
  VectorIndex index{wanted.size()};
  for (const Known& known : collected.mappings) {
    index.add(known.vector);
  }
  for (const Fact& fact : facts) {
    index.add(fact.vector);
  }
  for (const VectorIndex::Hit& hit : index.nearest(wanted, count)) {
    if (hit.number >= collected.mappings.size()) {
      SimilarMapping similar;
      similar.mapping.key = facts[hit.number - collected.mappings.size()].key;
      similar.similarity = hit.similarity;
      similar.origin = Origin::baseline;
      found.push_back(std::move(similar));
      continue;
    }
    Query select{state, mapping_sql};
    if (select.with(state.tenant, collected.mappings[hit.number].id).step()) {
      const std::string connector = select.text(mapping_column_count);
      found.push_back({read_mapping(*select, connector, state), hit.similarity, Origin::tenant});
    }
  }
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
  const AllTenants all{state};
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
