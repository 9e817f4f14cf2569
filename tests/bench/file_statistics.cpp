// SPDX-License-Identifier: Apache-2.0
// File statistics against DuckDB's own SUMMARIZE over the same generated CSV file, each in a child
// process so that its peak memory is its own: bench_file_statistics [MEGABYTES]
#include "connectors/duckdb/connector.hpp"
#include "connectors/duckdb/session.hpp"
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "tests/bench/figure.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>

namespace mapctl::bench {
namespace {

constexpr int runs = 3;
constexpr double ratio_limit = 1.5;
constexpr double memory_limit = 300;

void generate(const std::filesystem::path& path, long megabytes) {
  constexpr const char* cities[] = {"Paris", "München", "", "Łódź", "New York", "O'Fallon"};
  std::ofstream file{path, std::ios::binary};
  file << "order_id,customer_ref,quantity,price,discount,is_paid,ordered_on,shipped_at,city,note\n";
  std::uint64_t state = 1;
  const auto next = [&state](std::uint64_t below) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    return (state >> 33U) % below;
  };
  std::string line;
  const auto bytes = static_cast<std::streamoff>(megabytes) << 20U;
  for (std::int64_t i = 0; file.tellp() < bytes; ++i) {
    line.clear();
    for (int part = 0; part < 1000; ++part, ++i) {
      line += fmt::format(
          "{},{:06},{},{}.{:02},0.{:04},{},2024-{:02}-{:02},2024-01-{:02} {:02}:15:30,{},\"line "
          "{}, "
          "of some text\"\n",
          i, next(1'000'000), next(50), next(1000), next(100), next(10'000),
          next(3) == 0 ? "false" : "true", next(12) + 1, next(28) + 1, next(28) + 1, next(24),
          cities[next(6)], next(1000));
    }
    file << line;
  }
}

struct Measured {
  double seconds = 0;
  double megabytes = 0;
};

// Runs the action in a child; ends the program if it fails there.
Measured in_child(const std::function<void()>& action) {
  const auto start = std::chrono::steady_clock::now();
  const pid_t child = fork();
  if (child == 0) {
    try {
      action();
    } catch (const std::exception& error) {
      fmt::print(stderr, "error: {}\n", error.what());
      _exit(1);
    }
    _exit(0);
  }
  int status = 0;
  rusage used{};
  wait4(child, &status, 0, &used);
  Measured measured;
  measured.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  measured.megabytes = static_cast<double>(used.ru_maxrss) / 1024;
  if (child < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    throw Error{ErrorCode::internal, "the measured process failed"};
  }
  return measured;
}

Measured best_of(const std::function<void()>& action) {
  Measured best{1e30, 0};
  for (int run = 0; run < runs; ++run) {
    const auto measured = in_child(action);
    best.seconds = std::min(best.seconds, measured.seconds);
    best.megabytes = std::max(best.megabytes, measured.megabytes);
  }
  return best;
}

void measure(long megabytes) {
  const TemporaryDirectory folder;
  const auto path = folder.path() / "orders.csv";
  generate(path, megabytes);
  const auto reference = best_of([&] {
    connectors::duckdb::Session session;
    session.execute("SUMMARIZE FROM read_csv(" + session.show(path) + ")");
  });
  const auto ours = best_of([&] {
    ports::ConnectorOptions options;
    options.options["path"] = path.string();
    ports::DiscoveryScope scope;
    scope.statistics = true;
    const auto found = connectors::duckdb::factory().open(options, {})->discover(scope, {});
    if (found.tables().size() != 1 || found.tables()[0].table->columns.size() != 10) {
      throw Error{ErrorCode::internal, "the statistics are not those of the file"};
    }
  });
  const auto bench = fmt::format("file statistics, CSV of {} MB", megabytes);
  figure(bench, "SUMMARIZE", reference.seconds, "s");
  figure(bench, "statistics", ours.seconds, "s");
  figure(bench, "statistics / SUMMARIZE", ours.seconds / reference.seconds, "", ratio_limit);
  figure(bench, "peak memory", ours.megabytes, "MB", memory_limit);
}

}  // namespace
}  // namespace mapctl::bench

int main(int argc, char** argv) {
  try {
    mapctl::bench::measure(argc > 1 ? std::strtol(argv[1], nullptr, 10) : 200);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return 1;
  }
}
