// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/hash.hpp"
#include "core/registry/audit.hpp"
#include "core/registry/changes.hpp"
#include "core/registry/embeddings.hpp"
#include "core/registry/lineage.hpp"
#include "core/registry/mapping_snapshot.hpp"
#include "tests/bench/figure.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

// What the bench programs of the registry have in common, whatever it is kept in.
namespace mapctl::bench {

inline constexpr int wide_fields = 50;  // of each table that look-ups ask for

// How many mappings a large registry has; fewer for a quick look.
inline int kept_mappings() {
  const char* wanted = std::getenv("MAPCTL_BENCH_MAPPINGS");
  return wanted == nullptr ? 1'000'000 : std::max(wide_fields, std::atoi(wanted));
}

// 1234567 as "1,234,567".
inline std::string grouped(std::int64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) {
    at -= 3;
    text.insert(at, ",");
  }
  return text;
}

inline registry::Actor bench_actor() {
  return {TenantName{"default"}, UserName{"bench"}};
}

inline std::vector<registry::NewMapping> mappings_of(const std::string& table, int count) {
  std::vector<registry::NewMapping> made;
  made.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    registry::NewMapping one;
    one.mapping.key = {mapping::ConnectorName{"crm"}, catalog::TableName{table},
                       mapping::FieldPath{"source_field_" + std::to_string(i)},
                       mapping::EntityName{"account"},
                       mapping::FieldPath{"target_field_" + std::to_string(i)}};
    one.mapping.source_data_type = "varchar(80)";
    one.mapping.canonical_data_type = "string";
    one.mapping.confidence = 0.875;
    one.mapping.source = mapping::MappingSource::manual;
    one.mapping.status = mapping::MappingStatus::active;
    made.push_back(std::move(one));
  }
  return made;
}

// One transaction; returns its seconds.
inline double put(registry::Registry& registry, const std::string& table, int count) {
  const auto mappings = mappings_of(table, count);
  return fastest(1, [&] {
    registry::Changes changes{registry};
    if (changes.put_all(mappings, "made for the bench").created != mappings.size()) {
      throw std::runtime_error{"mappings were there already"};
    }
    changes.commit();
  });
}

// Seconds that half of the calls stay below, call by call.
template <class Function>
double median(int calls, Function&& function) {
  std::vector<double> seconds;
  seconds.reserve(static_cast<std::size_t>(calls));
  for (int call = 0; call < calls; ++call) {
    const auto start = std::chrono::steady_clock::now();
    function(call);
    seconds.push_back(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::nth_element(seconds.begin(), seconds.begin() + calls / 2, seconds.end());
  return seconds[static_cast<std::size_t>(calls) / 2];
}

struct LookupKeys {
  std::vector<std::string> tables{};
  std::vector<std::string> fields{};
  explicit LookupKeys(int count) {
    std::mt19937 random{42};
    const auto known = static_cast<unsigned>(kept_mappings() / wide_fields);
    for (int i = 0; i < count; ++i) {
      tables.push_back("table_" + std::to_string(1 + random() % known));
      fields.push_back("source_field_" + std::to_string(random() % wide_fields));
    }
  }
};

// Look-ups through the registry against `bare`, which asks the same and returns how many rows came.
// They take turns, so that both meet the same machine. `held`: the mappings that are there.
template <class Bare, class BareTable>
void lookup_figures(registry::Registry& registry, const char* name, std::int64_t held, double limit,
                    Bare&& bare, BareTable&& bare_table) {
  constexpr int calls = 4'000;
  constexpr int rounds = 5;
  const LookupKeys keys{calls};
  const mapping::ConnectorName connector{"crm"};
  const auto at = [](int call) { return static_cast<std::size_t>(call); };
  std::size_t found = 0;
  std::size_t found_bare = 0;
  double ours = 1e30, theirs = 1e30, table_ours = 1e30, table_theirs = 1e30;
  for (int round = 0; round < rounds; ++round) {
    ours = std::min(ours, median(calls, [&](int call) {
                      found += registry
                                   .lookup(connector, catalog::TableName{keys.tables[at(call)]},
                                           mapping::FieldPath{keys.fields[at(call)]})
                                   .size();
                    }));
    theirs = std::min(theirs, median(calls, [&](int call) {
                        found_bare += bare(keys.tables[at(call)], keys.fields[at(call)]);
                      }));
    table_ours = std::min(
        table_ours, median(calls / 10, [&](int call) {
          found += registry.lookup(connector, catalog::TableName{keys.tables[at(call)]}).size();
        }));
    table_theirs = std::min(table_theirs, median(calls / 10, [&](int call) {
                              found_bare += bare_table(keys.tables[at(call)]);
                            }));
  }
  const std::size_t wanted = std::size_t{rounds} * (calls + calls / 10 * wide_fields);
  if (found != wanted || found_bare != wanted) {
    throw std::runtime_error{"the look-ups did not find what was stored"};
  }
  figure(name, "look-up among " + grouped(held) + " mappings, p50", ours * 1e6, "us");
  figure(name, "the same by a bare statement", theirs * 1e6, "us");
  figure(name, "look-up / bare statement", ours / theirs, "ratio", limit);
  figure(name, "50 fields of a table in one look-up, p50", table_ours * 1e6, "us", 190);
  figure(name, "50 fields / bare statement", table_ours / table_theirs, "ratio");
}

inline void snapshot_figures(registry::Registry& registry, const char* name) {
  constexpr int calls = 1'000'000;
  const LookupKeys keys{4'000};
  const mapping::ConnectorName connector{"crm"};
  std::vector<std::pair<catalog::TableName, mapping::FieldPath>> asked;
  for (std::size_t i = 0; i < keys.tables.size(); ++i) {
    asked.emplace_back(keys.tables[i], keys.fields[i]);
  }
  const auto start = std::chrono::steady_clock::now();
  const registry::MappingSnapshot snapshot{registry};
  const double loading =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::size_t found = 0;
  const double seconds = fastest(3, [&] {
    for (int call = 0; call < calls; ++call) {
      const auto& [table, field] = asked[static_cast<std::size_t>(call) % asked.size()];
      found += snapshot.lookup(connector, table, field).size();
    }
  });
  if (found != std::size_t{3} * calls) {
    throw std::runtime_error{"the snapshot did not find what was stored"};
  }
  figure(name, "look-up in a snapshot in memory", seconds / calls * 1e6, "us", 1);
  figure(name, "mappings a second read into the snapshot",
         static_cast<double>(snapshot.size()) / loading, "1/s");
}

inline void verify_figure(registry::Registry& registry, const char* name) {
  std::int64_t rows = 0;
  const double seconds = fastest(3, [&] {
    const registry::AuditVerification verified = registry::verify_audit(registry);
    if (!verified.intact()) {
      throw std::runtime_error{"the trail is not intact"};
    }
    rows = verified.rows;
  });
  figure(name, "audit rows verified", static_cast<double>(rows) / seconds, "rows/s", 300'000,
         Better::higher);
}

// `held`: the rows of the trail.
inline void audit_tail_figure(registry::Registry& registry, const char* name, std::int64_t held) {
  registry::AuditFilter filter;
  filter.limit = 1'000;
  std::size_t rows = 0;
  const double seconds = fastest(5, [&] {
    rows = registry::for_each_audit_row(registry, filter, [](const registry::AuditRow&) {});
  });
  if (rows != filter.limit) {
    throw std::runtime_error{"the trail is shorter than it should be"};
  }
  figure(name, "last 1,000 of " + grouped(held) + " audit rows", seconds * 1000, "ms", 20);
}

inline void lineage_figure(registry::Registry& registry, const char* name) {
  registry::LineageQuery query;
  query.limit = 10'000;
  std::size_t bytes = 0;
  std::size_t rows = 0;
  const double seconds = fastest(5, [&] {
    rows = registry::for_each_lineage_row(
        registry, query, [&](std::span<const std::string> row) { bytes += row[2].size(); });
  });
  if (rows != query.limit || bytes == 0) {
    throw std::runtime_error{"the lineage grid is shorter than it should be"};
  }
  figure(name, "lineage grid, a page of 10,000 rows", seconds * 1000, "ms", 50);
}

// A vector of 256 dimensions for each text, in no direction that another text would have.
class RandomEmbedder final : public ports::Embedder {
 public:
  std::string_view model() const override { return "bench-256"; }
  std::vector<std::vector<float>> embed(std::span<const std::string> texts,
                                        std::stop_token) override {
    std::vector<std::vector<float>> vectors;
    vectors.reserve(texts.size());
    for (const std::string& text : texts) {
      std::minstd_rand random{static_cast<unsigned>(fast_hash(text))};
      std::uniform_real_distribution<float> share{-1, 1};
      std::vector<float>& vector = vectors.emplace_back(256);
      float square = 0;
      for (float& value : vector) {
        value = share(random);
        square += value * value;
      }
      for (float& value : vector) {
        value /= std::sqrt(square);
      }
    }
    return vectors;
  }
};

// Of `held` mappings without vectors. The search alone is the figure of bench_vectors; here the
// vectors are read first, as a command does that asks once.
inline void similar_figures(registry::Registry& registry, const char* name, std::size_t held) {
  RandomEmbedder embedder;
  registry::Embeddings embeddings{registry};
  std::size_t made = 0;
  const double making = fastest(1, [&] { made = embeddings.update(embedder, {}).made; });
  std::size_t found = 0;
  const double searching =
      fastest(3, [&] { found = embeddings.similar(embedder, "city", 10, {}).size(); });
  if (made != held || found != 10) {
    throw std::runtime_error{"the search did not see the vectors of all mappings"};
  }
  const std::string number = grouped(static_cast<std::int64_t>(held));
  figure(name, "vectors of 256 dimensions made and stored", static_cast<double>(made) / making,
         "1/s");
  figure(name, "top 10 of " + number + " vectors, all read from the registry", searching * 1000,
         "ms");
}

}  // namespace mapctl::bench
