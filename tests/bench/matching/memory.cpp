// SPDX-License-Identifier: Apache-2.0
// Proposals with memory: a tenant with 10,000 decided mappings, and a hundred systems (those of a
// suite, repeated) against the shipped entities.
//   bench_matching_memory REPOSITORY SUITE
#include "core/matching/memory/memory.hpp"

#include "connectors/dictionary/connector.hpp"
#include "connectors/sqlite/session.hpp"
#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/hash.hpp"
#include "core/eval/progressive.hpp"
#include "core/matching/columns/prepared.hpp"
#include "core/matching/matcher.hpp"
#include "core/matching/memory/baseline.hpp"
#include "core/registry/decisions.hpp"
#include "tests/bench/figure.hpp"

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

using namespace mapctl;

namespace {

namespace fs = std::filesystem;

constexpr std::size_t systems = 100;
constexpr std::size_t decided = 10'000;
constexpr std::size_t threads = 2;

std::shared_ptr<const catalog::Catalog> entities(const fs::path& root) {
  ports::ConnectorOptions options;
  options.profile = "canonical";
  options.options["path"] = (root / "profiles" / "entities").string();
  const auto connector = connectors::dictionary::factory().open(options, {});
  return std::make_shared<const catalog::Catalog>(connector->discover({}, {}));
}

// One spelling of an entity's field, as some system might have it.
std::string spelled(const std::string& field, std::mt19937& random) {
  static constexpr std::array prefixes = {"", "", "", "hs_", "c_", "prop_", "x_"};
  const bool camel = random() % 2 == 0;
  const bool shortened = random() % 4 == 0;
  std::string name = camel ? "" : prefixes[random() % prefixes.size()];
  bool upper = false;
  for (const char letter : field) {
    if (letter == '_' && camel) {
      upper = true;
    } else if (shortened && (letter == 'a' || letter == 'o')) {
      continue;
    } else {
      name +=
          upper && letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
      upper = false;
    }
  }
  return name;
}

// A registry in which people approved mappings of some systems to the entities.
void fill(const fs::path& path, const catalog::Catalog& target) {
  auto session =
      connectors::sqlite::open_registry_session(path, connectors::sqlite::OpenMode::create);
  registry::initialise(*session, system_clock());
  {
    registry::Registry registry{
        connectors::sqlite::open_registry_session(path, connectors::sqlite::OpenMode::read_write),
        system_clock(),
        {TenantName{"default"}, UserName{"bench"}}};
    registry.ensure_connector({mapping::ConnectorName{"past"}, "database", "", "active"});
  }
  const auto id_of = [&](const char* sql) {
    const auto select = session->prepare(sql);
    return select->step() ? std::string{select->text(0)} : std::string{};
  };
  const std::string tenant = id_of("SELECT id FROM tenants WHERE name = 'default'");
  const std::string connector = id_of("SELECT id FROM connector_definitions");
  ports::Transaction writing{*session, ports::SqlSession::Access::write};
  const auto insert = session->prepare(
      "INSERT OR IGNORE INTO field_mappings (id, tenant_id, connector_id, source_table, "
      "source_field, canonical_entity, canonical_field, mapping_type, confidence_score, "
      "mapping_source, version, status, created_at, updated_at, approved_at, version_reason) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, 'direct', 0.9, 'manual', 2, $8, $9, $9, $9, 'seen')");
  std::mt19937 random{7};
  std::size_t written = 0;
  for (std::size_t system = 0; written < decided; ++system) {
    for (const auto& entry : target.tables()) {
      for (const auto& column : entry.table->columns) {
        if (written == decided || random() % 4 == 0) {
          continue;
        }
        insert->bind(1, new_id());
        insert->bind(2, tenant);
        insert->bind(3, connector);
        insert->bind(4, fmt::format("{}_{}", entry.ref.table.text, system));
        insert->bind(5, spelled(column.name.text, random));
        insert->bind(6, entry.ref.table.text);
        insert->bind(7, column.name.text);
        insert->bind(8, random() % 20 == 0 ? "rejected" : "active");
        insert->bind(9, "2026-01-05T10:00:00.000Z");
        insert->post();
        written += session->changes() == 1 ? 1 : 0;
      }
    }
  }
  writing.commit();
}

struct Times {
  double seconds = 0;
  std::size_t fields = 0;
};

// Every column of every system ranked against all entities at once.
Times propose(const std::vector<std::shared_ptr<const catalog::Catalog>>& sources,
              const std::shared_ptr<const matching::Prepared>& target,
              const matching::Knowledge& knowledge,
              const std::shared_ptr<const matching::Memory>& memory) {
  std::atomic<std::size_t> next{0};
  std::atomic<std::size_t> fields{0};
  Times times;
  times.seconds = bench::fastest(1, [&] {
    std::vector<std::jthread> workers;
    for (std::size_t worker = 0; worker < threads; ++worker) {
      workers.emplace_back([&] {
        for (std::size_t number = next++; number < systems; number = next++) {
          const auto source =
              matching::prepare(sources[number % sources.size()], *knowledge.lexicon);
          const matching::Matcher matcher{
              knowledge, {}, {memory, {}, fmt::format("system{}", number), "canonical"}};
          matcher.match_all(*source, *target, matching::Findings::decisions, {});
          fields += source->whole().columns.size();
        }
      });
    }
  });
  times.fields = fields;
  return times;
}

int run(const fs::path& root, const fs::path& suite) {
  const std::vector<fs::path> profiles{root / "profiles"};
  const std::vector<fs::path> baseline_folders{root / "profiles" / "baseline"};
  matching::Knowledge knowledge;
  const double knowledge_seconds =
      bench::fastest(5, [&] { knowledge = matching::load_knowledge(profiles); });
  const double baseline_seconds = bench::fastest(5, [&] {
    const matching::Memory memory{{}, matching::load_baseline(baseline_folders), knowledge.lexicon};
  });
  bench::figure("memory", "lexicon, model and baseline loaded",
                1000 * (knowledge_seconds + baseline_seconds), "ms", 10, bench::Better::lower);

  const TemporaryDirectory place;
  const auto canonical = entities(root);
  fill(place.path() / "registry.db", *canonical);
  std::shared_ptr<const matching::Memory> memory;
  const double reading = bench::fastest(3, [&] {
    registry::Registry registry{
        connectors::sqlite::open_registry_session(place.path() / "registry.db",
                                                  connectors::sqlite::OpenMode::read_write),
        system_clock(),
        {TenantName{"default"}, UserName{"bench"}}};
    memory = std::make_shared<const matching::Memory>(registry::decisions(registry),
                                                      matching::load_baseline(baseline_folders),
                                                      knowledge.lexicon);
  });
  bench::figure("memory", fmt::format("{} decisions read", memory->own()), 1000 * reading, "ms");

  std::vector<std::shared_ptr<const catalog::Catalog>> sources;
  for (const auto& one : eval::load_systems(suite, {}).tasks) {
    sources.push_back(one.task.source);
  }
  const auto target = matching::prepare(canonical, *knowledge.lexicon);
  const auto rate = [&](const std::shared_ptr<const matching::Memory>& with) {
    double best = 0;
    for (int run = 0; run < 3; ++run) {
      const Times times = propose(sources, target, knowledge, with);
      best = std::max(best, static_cast<double>(times.fields) / times.seconds);
    }
    return best;
  };
  const double without = rate(nullptr);
  const double with = rate(memory);
  bench::figure("memory", "100 systems against all entities, without memory", without, "fields/s");
  bench::figure("memory", "100 systems against all entities, 10,000 decisions in memory", with,
                "fields/s", 50'000, bench::Better::higher);
  bench::figure("memory", "time with memory / without", without / with, "x", 2,
                bench::Better::lower);
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 3) {
      fmt::print(stderr, "usage: bench_matching_memory REPOSITORY SUITE\n");
      return EXIT_FAILURE;
    }
    return run(argv[1], argv[2]);
  } catch (const std::exception& problem) {
    fmt::print(stderr, "{}\n", problem.what());
    return EXIT_FAILURE;
  }
}
