// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.hpp"
#include "core/eval/suite.hpp"
#include "core/matching/matcher.hpp"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace mapctl::eval {

// How memory does when it knows a number of systems and meets one that it has never seen. Every
// system is left out in turn; counts are sums over all of them.
struct MemoryFigures {
  std::size_t systems = 0;  // in memory, at most
  double fields = 0;        // source fields that have a target
  double known = 0;         // ... that a system in memory maps
  double hits = 0;          // of the known ones: memory's first answer is right
  double reused = 0;        // mappings at 0.85 and above that memory answered so
  double reused_right = 0;
  double f1_without = 0, f1_with = 0;  // of all decisions, mean over the tasks

  double hit_rate() const noexcept { return known > 0 ? hits / known : 0; }
  double coverage() const noexcept { return fields > 0 ? hits / fields : 0; }
  double precision() const noexcept { return reused > 0 ? reused_right / reused : 0; }
};

// From which confidence on a mapping counts as reused: the bar for approving without a person.
inline constexpr double reuse_bar = 0.85;

struct ProgressiveResult {
  std::string suite{};
  std::size_t systems = 0;
  std::vector<MemoryFigures> steps{};  // by number of systems, the last one with all others
};

// A suite for this: tasks with the system each is about.
struct SystemTasks {
  std::string suite{};
  struct One {
    std::string system{};
    Task task{};
  };
  std::vector<One> tasks{};
};

// The tasks of a suite: the system is what follows "__" in a task's name, or the whole name. A
// folder of CSV files with source_system, source_table, source_column, source_type,
// canonical_entity, canonical_field is one too: each system's columns against the fields that it is
// mapped to, or, in a file whose name begins with "_", against all fields of that file.
SystemTasks load_systems(const std::filesystem::path& folder, const LoadOptions& options);

// `sizes` are numbers of systems in memory; those as large as all others are done once. Which ones
// are drawn follows from the name of the system left out.
ProgressiveResult progressive(const SystemTasks& suite, std::span<const std::size_t> sizes,
                              const matching::Knowledge& knowledge,
                              const matching::MatchOptions& match, std::stop_token stop);

Json to_json(const ProgressiveResult& result);

}  // namespace mapctl::eval
