// SPDX-License-Identifier: Apache-2.0
#include "cli/options/embedder.hpp"
#include "cli/options/matching.hpp"
#include "cli/registry/subcommands.hpp"
#include "cli/subcommand.hpp"
#include "core/registry/embeddings.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <vector>

namespace mapctl::cli {
namespace {

class BaselineSubcommand final : public Subcommand {
 public:
  std::string_view name() const noexcept override { return "baseline"; }
  std::string_view summary() const noexcept override {
    return "Bring the facts that all tenants share up to date, for 'similar'";
  }
  std::string_view example() const noexcept override { return "mapctl registry baseline\n"; }

  void declare(CLI::App& app) override { embedder_.declare(app); }

  ExitCode run(CommandContext& context) override {
    std::vector<mapping::MappingKey> facts;
    for (mapping::Decision& fact : load_baseline(context)) {
      facts.push_back(std::move(fact.key));
    }
    registry::Registry registry = context.open_registry();
    const auto embedder = embedder_.make(context);
    const registry::BaselineUpdate update =
        registry::update_baseline(registry, facts, *embedder, context.stop());
    const Json document{{"schema", "mapctl.baseline/1"},
                        {"model", embedder->model()},
                        {"kept", update.kept},
                        {"made", update.made},
                        {"removed", update.removed}};
    if (context.format() == Format::json) {
      context.out().document(document);
    } else if (context.format() == Format::jsonl) {
      context.out().json_line(document);
    } else {
      TablePrinter table{{{"model", "Model", false, true},
                          {"kept", "Kept", true, false},
                          {"made", "Made", true, false},
                          {"removed", "Removed", true, false}}};
      table.add(std::vector<std::string>{
          std::string{embedder->model()}, fmt::format("{}", update.kept),
          fmt::format("{}", update.made), fmt::format("{}", update.removed)});
      print(context, table);
    }
    return ExitCode::done;
  }

 private:
  EmbedderOptions embedder_{};
};

}  // namespace

std::unique_ptr<Subcommand> make_registry_baseline() {
  return std::make_unique<BaselineSubcommand>();
}

}  // namespace mapctl::cli
