// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/embedder.hpp"

#include <memory>
#include <string>

namespace CLI {
class App;
}

namespace mapctl::cli {

class CommandContext;

// Options of every command that makes vectors of names: the built-in embedder, or a service.
struct EmbedderOptions {
  std::string url{}, model{}, key_variable = "MAPCTL_EMBEDDER_KEY";

  void declare(CLI::App& app);
  std::unique_ptr<ports::Embedder> make(CommandContext& context) const;
};

}  // namespace mapctl::cli
