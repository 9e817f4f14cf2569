// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/secret.hpp"
#include "core/ports/embedder.hpp"
#include "core/ports/http_client.hpp"

#include <memory>
#include <string>

namespace mapctl::jobs {

struct HttpEmbedderOptions {
  std::string url{};    // ends in /embeddings: "http://localhost:11434/v1/embeddings"
  std::string model{};  // as the service names it
  Secret key{};         // sent as a bearer token when not empty
  std::size_t texts_a_request = 64;
};

// Asks a service with the embeddings interface of OpenAI, as Ollama, vLLM and cloud services have
// it. Vectors are scaled to length 1. Throws Error::configuration for an URL without host or an
// empty model.
std::unique_ptr<ports::Embedder> make_http_embedder(std::shared_ptr<ports::HttpClient> client,
                                                    HttpEmbedderOptions options);

}  // namespace mapctl::jobs
