// SPDX-License-Identifier: Apache-2.0
#include "cli/options/choice.hpp"
#include "cli/options/embedder.hpp"
#include "cli/registry/subcommands.hpp"
#include "cli/subcommand.hpp"
#include "core/registry/embeddings.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace mapctl::cli {
namespace {

using registry::SimilarMapping;

class SimilarSubcommand final : public Subcommand {
 public:
  std::string_view name() const noexcept override { return "similar"; }
  std::string_view summary() const noexcept override {
    return "Mappings whose source field is most like the one named";
  }
  std::string_view example() const noexcept override {
    return "mapctl registry similar cust_email --table customers\n";
  }

  void declare(CLI::App& app) override {
    app.add_option("field", field_, "Source field, as a system names it")
        ->required()
        ->type_name("FIELD");
    app.add_option("--table", table_, "Table that the field stands in")->type_name("NAME");
    between(app.add_option("--limit", limit_, "How many (default 10)"), 1, 10'000)->type_name("N");
    embedder_.declare(app);
  }

  ExitCode run(CommandContext& context) override {
    registry::Registry registry = context.open_registry();
    const auto embedder = embedder_.make(context);
    const std::vector<SimilarMapping> found = registry::Embeddings{registry}.similar(
        *embedder, registry::embedding_text(field_, table_), limit_, context.stop());
    if (context.format() == Format::json) {
      Json document{{"schema", "mapctl.similar/1"},
                    {"field", field_},
                    {"table", table_},
                    {"model", embedder->model()},
                    {"mappings", Json::array()}};
      for (const SimilarMapping& similar : found) {
        document["mappings"].push_back(to_json(similar));
      }
      context.out().document(document);
    } else if (context.format() == Format::jsonl) {
      for (const SimilarMapping& similar : found) {
        context.out().json_line(to_json(similar));
      }
    } else {
      print_table(context, found);
    }
    if (found.empty()) {
      context.reporter().info("the registry has no mappings yet",
                              "'mapctl batch' and 'mapctl propose --save' make them, and 'mapctl "
                              "registry baseline' adds those of public systems");
    }
    return ExitCode::done;
  }

 private:
  static Json to_json(const SimilarMapping& similar) {
    const mapping::FieldMapping& mapping = similar.mapping;
    Json json{{"similarity", similar.similarity},
              {"from", to_string(similar.origin)},
              {"connector", mapping.key.connector.text},
              {"source_table", mapping.key.source_table.text},
              {"source_field", mapping.key.source_field.text},
              {"entity", mapping.key.entity.text},
              {"field", mapping.key.field.text}};
    if (similar.origin == registry::Origin::tenant) {
      json.update(Json{{"id", mapping.id.text},
                       {"status", to_string(mapping.status)},
                       {"source", to_string(mapping.source)},
                       {"confidence", mapping.confidence},
                       {"version", mapping.version},
                       {"updated_at", mapping.updated_at},
                       {"updated_by", mapping.updated_by}});
    }
    return json;
  }

  static void print_table(CommandContext& context, const std::vector<SimilarMapping>& found) {
    TablePrinter table{{{"similarity", "Similarity", true, false},
                        {"from", "From", false, false},
                        {"connector", "Connector", false, true},
                        {"source_table", "Source table", false, true},
                        {"source_field", "Source field", false, true},
                        {"entity", "Entity", false, true},
                        {"field", "Field", false, true},
                        {"status", "Status", false, false},
                        {"confidence", "Confidence", true, false}}};
    for (const SimilarMapping& similar : found) {
      const mapping::FieldMapping& mapping = similar.mapping;
      const bool is_decided = similar.origin == registry::Origin::tenant;
      table.add(std::vector<std::string>{
          fmt::format("{:.2f}", similar.similarity), std::string{to_string(similar.origin)},
          mapping.key.connector.text, mapping.key.source_table.text, mapping.key.source_field.text,
          mapping.key.entity.text, mapping.key.field.text,
          is_decided ? std::string{to_string(mapping.status)} : std::string{},
          is_decided ? fmt::format("{:.2f}", mapping.confidence) : std::string{}});
    }
    context.format() == Format::csv ? table.print_csv(context.out())
                                    : table.print_table(context.out(), context.stdout_terminal());
  }

  std::string field_, table_;
  EmbedderOptions embedder_{};
  std::size_t limit_ = 10;
};

}  // namespace

std::unique_ptr<Subcommand> make_registry_similar() {
  return std::make_unique<SimilarSubcommand>();
}

}  // namespace mapctl::cli
