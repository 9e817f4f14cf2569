// SPDX-License-Identifier: Apache-2.0
#include "cli/options/embedder.hpp"

#include "cli/command.hpp"
#include "cli/options/matching.hpp"
#include "cli/wiring.hpp"
#include "core/jobs/http_embedder.hpp"
#include "core/matching/words/word_embedder.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <utility>

namespace mapctl::cli {

void EmbedderOptions::declare(CLI::App& app) {
  CLI::Option* service =
      app.add_option("--embedder", url,
                     "Address of an OpenAI-compatible embeddings service (default: built in)")
          ->type_name("URL");
  app.add_option("--model", model, "Model that the service embeds with")
      ->type_name("NAME")
      ->needs(service);
  app.add_option("--key-variable", key_variable,
                 "Environment variable with the service's key (default MAPCTL_EMBEDDER_KEY)")
      ->type_name("NAME")
      ->needs(service);
}

std::unique_ptr<ports::Embedder> EmbedderOptions::make(CommandContext& context) const {
  if (url.empty()) {
    return matching::make_word_embedder(load_lexicon(context));
  }
  ports::HttpSettings settings;
  settings.name = "embedder";
  settings.hints.address = "--embedder";
  jobs::HttpEmbedderOptions options;
  options.url = url;
  options.model = model;
  if (const char* key = std::getenv(key_variable.c_str()); key != nullptr) {
    options.key = Secret{key};
  }
  return jobs::make_http_embedder(context.wiring().http().client(settings), std::move(options));
}

}  // namespace mapctl::cli
