// SPDX-License-Identifier: Apache-2.0
// Batches in the four sizes of the seed system and a huge one: proposing alone on one thread and on
// two, and proposing with everything stored in an embedded registry. Catalogs are data
// dictionaries on disk, with names put together from the shipped lexicon's words.
#include "connectors/dictionary/connector.hpp"
#include "connectors/sqlite/session.hpp"
#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/jobs/propose_run.hpp"
#include "core/matching/knowledge.hpp"
#include "core/registry/pair_store.hpp"
#include "core/registry/pool.hpp"
#include "core/registry/registry.hpp"
#include "tests/bench/figure.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace mapctl;

struct Size {
  const char* name;
  int jobs;
  int connectors;
  int fields;
};

constexpr std::array words = {
    "customer", "order", "invoice", "product", "ship",     "bill",     "unit",    "total",
    "tax",      "line",  "status",  "created", "updated",  "owner",    "account", "contact",
    "phone",    "email", "street",  "city",    "postal",   "country",  "first",   "last",
    "birth",    "due",   "paid",    "amount",  "number",   "quantity", "price",   "weight",
    "height",   "color", "vendor",  "region",  "currency", "rate",     "start",   "end"};
constexpr std::array heads = {"id", "name", "date", "code", "amount", "type", "flag", "count"};

class Vocabulary {
 public:
  explicit Vocabulary(unsigned seed) : random_{seed} {}
  std::string column(bool camel) {
    const std::string a = words[random_() % words.size()];
    const std::string b = words[random_() % words.size()];
    const std::string c = heads[random_() % heads.size()];
    if (!camel) {
      return a + "_" + b + "_" + c;
    }
    const auto capital = [](std::string word) {
      word[0] = static_cast<char>(word[0] - 'a' + 'A');
      return word;
    };
    return capital(a) + capital(b) + capital(c);
  }

 private:
  std::mt19937 random_;
};

void write_dictionary(const std::filesystem::path& path, int tables, int fields, unsigned seed,
                      bool camel) {
  Vocabulary vocabulary{seed};
  constexpr std::array types = {"varchar(80)", "integer", "decimal(12,2)", "date", "timestamp"};
  std::ofstream file{path};
  file << "table,column,type,description\n";
  for (int table = 0; table < tables; ++table) {
    for (int field = 0; field < fields; ++field) {
      // The position makes names unique, as a real table's are.
      file << "table_" << table << ',' << vocabulary.column(camel) << (camel ? "" : "_") << field
           << ",\"" << types[static_cast<std::size_t>(field) % types.size()] << "\",\n";
    }
  }
}

class Dictionaries final : public jobs::Endpoints {
 public:
  explicit Dictionaries(std::filesystem::path folder) : folder_{std::move(folder)} {}
  std::unique_ptr<ports::Connector> open(const jobs::EndpointName& endpoint,
                                         std::stop_token stop) override {
    ports::ConnectorOptions options;
    options.profile = endpoint.text;
    options.options["path"] = (folder_ / (endpoint.text + ".csv")).string();
    return connectors::dictionary::factory().open(options, stop);
  }

 private:
  std::filesystem::path folder_;
};

jobs::ProposeRequest request_of(const Size& size, std::size_t workers) {
  jobs::ProposeRequest request;
  request.name = size.name;
  request.workers = workers;
  const int tables = size.jobs / size.connectors + 1;
  for (int job = 0; job < size.jobs; ++job) {
    jobs::PairRequest pair;
    pair.source.text = "source" + std::to_string(job % size.connectors);
    pair.target.text = "target";
    const std::string table = "table_" + std::to_string(job / size.connectors % tables);
    pair.source_tables = catalog::NamePattern{table};
    pair.target_tables = catalog::NamePattern{"table_" + std::to_string(job)};
    request.pairs.push_back(std::move(pair));
  }
  return request;
}

// Of the phase that proposes, in seconds.
struct Cost {
  double passed = 1e30, processor = 1e30;
  void take_less(const Cost& other) {
    passed = std::min(passed, other.passed);
    processor = std::min(processor, other.processor);
  }
};

struct Bench {
  Size size;
  std::filesystem::path folder;
  matching::Knowledge knowledge;

  // What is stored goes through `sink`.
  Cost propose(std::size_t workers, const jobs::ProposalSink& sink) const {
    Dictionaries endpoints{folder};
    jobs::ProposeRun run{request_of(size, workers), endpoints, knowledge, system_clock()};
    run.connect({});
    const batch::Plan plan = run.plan();
    batch::Observers nobody;
    run.profile({}, nobody, {});
    const double before = bench::processor_seconds();
    Cost cost;
    cost.passed = bench::fastest(1, [&] {
      for (const auto& outcome : run.propose(plan, sink, nobody, {})) {
        if (outcome.error) {
          throw Error{*outcome.error};
        }
      }
    });
    cost.processor = bench::processor_seconds() - before;
    return cost;
  }

  Cost propose_and_store(std::size_t workers) const {
    const TemporaryDirectory place;
    const auto path = place.path() / "registry.db";
    {
      auto session =
          connectors::sqlite::open_registry_session(path, connectors::sqlite::OpenMode::create);
      registry::initialise(*session, system_clock());
    }
    const auto open = [&] {
      return registry::Registry{
          connectors::sqlite::open_registry_session(path, connectors::sqlite::OpenMode::read_write),
          system_clock(), registry::Actor{TenantName{"default"}, UserName{"bench"}}};
    };
    registry::Registry first = open();
    registry::RegistryPool registries{open, registry::writers(first, workers)};
    const RunId run = first.begin_run({size.name, "hash", {}});
    return propose(workers, [&](const jobs::Proposed& proposed) {
      const mapping::PairProposal& proposal = proposed.proposal;
      const std::size_t job = proposed.job;
      registry::JobRecord record;
      record.position = static_cast<std::int64_t>(job);
      record.source_endpoint =
          "source" + std::to_string(job % static_cast<std::size_t>(size.connectors));
      record.target_endpoint = "target";
      record.source_table = proposal.source_table;
      record.target_table = proposal.target_table;
      registry::PairContext context;
      context.connector = mapping::ConnectorName{record.source_endpoint};
      context.entity = registry::entity_name("target", proposal.target_table, false);
      const registry::PreparedPair prepared{proposal, context, first.actor().tenant};
      prepared.store(*registries.acquire(), run, record);
    });
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: {} PROFILES\n", argv[0]);
    return 2;
  }
  const auto knowledge = matching::load_knowledge(std::array{std::filesystem::path{argv[1]}});
  constexpr std::array sizes = {Size{"test", 2, 2, 10}, Size{"small", 5, 5, 15},
                                Size{"medium", 10, 10, 20}, Size{"large", 20, 15, 25},
                                Size{"huge", 200, 40, 25}};
  for (const Size& size : sizes) {
    const TemporaryDirectory folder;
    for (int connector = 0; connector < size.connectors; ++connector) {
      write_dictionary(folder.path() / ("source" + std::to_string(connector) + ".csv"),
                       size.jobs / size.connectors + 1, size.fields,
                       static_cast<unsigned>(connector), true);
    }
    write_dictionary(folder.path() / "target.csv", size.jobs, size.fields, 4711, false);
    const Bench bench{size, folder.path(), knowledge};
    const double fields = static_cast<double>(size.jobs) * size.fields;
    const jobs::ProposalSink nowhere = [](const jobs::Proposed&) {};
    Cost one;
    Cost two;
    Cost stored;
    for (int round = 0; round < 5; ++round) {
      one.take_less(bench.propose(1, nowhere));
      two.take_less(bench.propose(2, nowhere));
      stored.take_less(bench.propose_and_store(2));
    }
    const bool held = std::string_view{size.name} == "huge";
    const std::string name =
        fmt::format("{} ({} x {} x {})", size.name, size.jobs, size.connectors, size.fields);
    using bench::Better;
    bench::figure("batch", name + ": proposed on 2 threads", fields / two.passed, "fields/s",
                  held ? 100'000 : 0, Better::higher);
    bench::figure("batch", name + ": proposed and stored on 2 threads", fields / stored.passed,
                  "fields/s", held ? 50'000 : 0, Better::higher);
    bench::figure("batch", name + ": two threads over one", one.passed / two.passed, "x",
                  held ? 1.7 : 0, Better::higher);
    if (held) {
      bench::figure("batch", name + ": proposed, processor time a field",
                    1e6 * two.processor / fields, "us");
      bench::figure("batch", name + ": proposed and stored, processor time a field",
                    1e6 * stored.processor / fields, "us");
    }
  }
  return 0;
}
