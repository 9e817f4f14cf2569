// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mapping/decision.hpp"
#include "core/matching/matcher.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}
namespace mapctl::matching {
class Lexicon;
}

namespace mapctl::cli {

class CommandContext;

// Options of every command that proposes. What is not given on the command line is empty, so that a
// plan's own value can stand.
struct MatchingOptions {
  std::optional<double> min_confidence{};
  std::optional<std::size_t> top{};
  std::optional<std::string> domain{};
  bool one_to_many = false;
  bool no_data = false;
  bool no_memory = false;
  bool no_composites = false;
  std::size_t jobs = 0;  // 0: the number of cores

  void declare(CLI::App& app);
  // `base` with what was given on the command line.
  matching::MatchOptions over(matching::MatchOptions base) const;
  std::size_t workers() const noexcept;
};

// What is shipped, and the folders lexicon/ and model/ of every nearer data directory.
matching::Knowledge load_knowledge(const CommandContext& context);
std::shared_ptr<const matching::Lexicon> load_lexicon(const CommandContext& context);
// Likewise what public systems call the fields of our entities: the folders baseline/.
std::vector<mapping::Decision> load_baseline(const CommandContext& context);

}  // namespace mapctl::cli
