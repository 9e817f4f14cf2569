// SPDX-License-Identifier: Apache-2.0
#include "cli/options/matching.hpp"

#include "cli/command.hpp"
#include "cli/options/choice.hpp"
#include "core/matching/memory/baseline.hpp"
#include "core/matching/words/lexicon.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>
#include <thread>
#include <vector>

namespace mapctl::cli {

void MatchingOptions::declare(CLI::App& app) {
  between(app.add_option("--min-confidence", min_confidence,
                         "Below this confidence the decision is \"no match\" (default 0.5)"),
          0, 1)
      ->type_name("SHARE");
  between(app.add_option("--top", top, "Candidates kept for each source column (default 5)"), 1,
          100)
      ->type_name("N");
  app.add_option("--domain", domain,
                 "Field of business that names are read in: crm, commerce, finance, hr, ...")
      ->type_name("NAME");
  app.add_flag("--one-to-many", one_to_many, "Let one target column take several source columns");
  app.add_flag("--no-composites", no_composites,
               "Pair single columns only: no splits, joins and sums of several");
  app.add_flag("--no-data", no_data, "Propose from names, types and comments only");
  app.add_flag("--no-memory", no_memory, "Do not let past decisions take part");
  between(app.add_option("-j,--jobs", jobs, "Threads (default: the number of cores)"), 1, 256)
      ->type_name("N");
}

matching::MatchOptions MatchingOptions::over(matching::MatchOptions base) const {
  base.min_confidence = min_confidence.value_or(base.min_confidence);
  base.top = top.value_or(base.top);
  base.domain = domain.value_or(base.domain);
  base.one_to_one = base.one_to_one && !one_to_many;
  base.use_data = base.use_data && !no_data;
  base.use_memory = base.use_memory && !no_memory;
  base.composites = base.composites && !no_composites;
  return base;
}

std::size_t MatchingOptions::workers() const noexcept {
  return jobs != 0 ? jobs : std::max<std::size_t>(1, std::thread::hardware_concurrency());
}

namespace {

// Every data directory, the nearest last.
std::vector<std::filesystem::path> data_folders(const CommandContext& context) {
  std::vector<std::filesystem::path> folders = context.data_directories();
  std::reverse(folders.begin(), folders.end());
  return folders;
}

std::vector<std::filesystem::path> data_folders(const CommandContext& context, const char* name) {
  auto folders = data_folders(context);
  for (std::filesystem::path& folder : folders) {
    folder /= name;
  }
  return folders;
}

}  // namespace

matching::Knowledge load_knowledge(const CommandContext& context) {
  return matching::load_knowledge(data_folders(context));
}

std::shared_ptr<const matching::Lexicon> load_lexicon(const CommandContext& context) {
  return matching::Lexicon::load(data_folders(context, "lexicon"));
}

std::vector<mapping::Decision> load_baseline(const CommandContext& context) {
  return matching::load_baseline(data_folders(context, "baseline"));
}

}  // namespace mapctl::cli
