// SPDX-License-Identifier: Apache-2.0
#include "cli/options/choice.hpp"
#include "cli/options/matching.hpp"
#include "cli/registry/subcommands.hpp"
#include "cli/subcommand.hpp"
#include "cli/wiring.hpp"
#include "core/jobs/http_embedder.hpp"
#include "core/matching/word_embedder.hpp"
#include "core/registry/embeddings.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
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

  void declare(CLI::App& app) override {
    app.add_option("field", field_, "Source field, as a system names it")
        ->required()
        ->type_name("FIELD");
    app.add_option("--table", table_, "Table that the field stands in")->type_name("NAME");
    between(app.add_option("--limit", limit_, "How many (default 10)"), 1, 10'000)->type_name("N");
    CLI::Option* url =
        app.add_option("--embedder", embedder_url_,
                       "Address of an OpenAI-compatible embeddings service (default: built in)")
            ->type_name("URL");
    app.add_option("--model", model_, "Model that the service embeds with")
        ->type_name("NAME")
        ->needs(url);
    app.add_option("--key-variable", key_variable_,
                   "Environment variable with the service's key (default MAPCTL_EMBEDDER_KEY)")
        ->type_name("NAME")
        ->needs(url);
  }

  ExitCode run(CommandContext& context) override {
    registry::Registry registry = context.open_registry();
    const auto embedder = make_embedder(context);
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
                              "'mapctl batch' and 'mapctl propose --save' make them");
    }
    return ExitCode::done;
  }

 private:
  std::unique_ptr<ports::Embedder> make_embedder(CommandContext& context) const {
    if (embedder_url_.empty()) {
      return matching::make_word_embedder(load_lexicon(context));
    }
    ports::HttpSettings settings;
    settings.name = "embedder";
    jobs::HttpEmbedderOptions options;
    options.url = embedder_url_;
    options.model = model_;
    if (const char* key = std::getenv(key_variable_.c_str()); key != nullptr) {
      options.key = Secret{key};
    }
    return jobs::make_http_embedder(context.wiring().http().client(settings), std::move(options));
  }

  static Json to_json(const SimilarMapping& similar) {
    const mapping::FieldMapping& mapping = similar.mapping;
    return Json{{"similarity", similar.similarity},
                {"id", mapping.id.text},
                {"connector", mapping.key.connector.text},
                {"source_table", mapping.key.source_table.text},
                {"source_field", mapping.key.source_field.text},
                {"entity", mapping.key.entity.text},
                {"field", mapping.key.field.text},
                {"status", to_string(mapping.status)},
                {"source", to_string(mapping.source)},
                {"confidence", mapping.confidence},
                {"version", mapping.version},
                {"updated_at", mapping.updated_at},
                {"updated_by", mapping.updated_by}};
  }

  static void print_table(CommandContext& context, const std::vector<SimilarMapping>& found) {
    TablePrinter table{{{"similarity", "Similarity", true, false},
                        {"connector", "Connector", false, true},
                        {"source_table", "Source table", false, true},
                        {"source_field", "Source field", false, true},
                        {"entity", "Entity", false, true},
                        {"field", "Field", false, true},
                        {"status", "Status", false, false},
                        {"confidence", "Confidence", true, false}}};
    for (const SimilarMapping& similar : found) {
      const mapping::FieldMapping& mapping = similar.mapping;
      table.add(std::vector<std::string>{
          fmt::format("{:.2f}", similar.similarity), mapping.key.connector.text,
          mapping.key.source_table.text, mapping.key.source_field.text, mapping.key.entity.text,
          mapping.key.field.text, std::string{to_string(mapping.status)},
          fmt::format("{:.2f}", mapping.confidence)});
    }
    context.format() == Format::csv ? table.print_csv(context.out())
                                    : table.print_table(context.out(), context.stdout_terminal());
  }

  std::string field_, table_;
  std::string embedder_url_, model_, key_variable_ = "MAPCTL_EMBEDDER_KEY";
  std::size_t limit_ = 10;
};

}  // namespace

std::unique_ptr<Subcommand> make_registry_similar() {
  return std::make_unique<SimilarSubcommand>();
}

}  // namespace mapctl::cli
