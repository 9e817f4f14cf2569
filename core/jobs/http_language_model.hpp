// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/secret.hpp"
#include "core/ports/http_client.hpp"
#include "core/ports/language_model.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

namespace mapctl::jobs {

// How a service is told which form an answer is to have.
enum class AnswerFormat : std::uint8_t { json_schema, json_object, text };

struct HttpLanguageModelOptions {
  std::string url{};    // what /chat/completions stands behind: "http://localhost:11434/v1"
  std::string model{};  // as the service names it
  Secret key{};         // sent as a bearer token when not empty
  AnswerFormat format = AnswerFormat::json_schema;
  std::optional<double> temperature = 0.0;  // nothing: the service's own
  std::int64_t answer_tokens = 2000;        // most of them
};

// Asks a service with the chat interface of OpenAI, as Ollama, vLLM and cloud services have it.
// Throws Error::configuration for an URL without host or an empty model.
std::unique_ptr<ports::LanguageModel> make_http_language_model(
    std::shared_ptr<ports::HttpClient> client, HttpLanguageModelOptions options);

// Whether the service answers and offers the model. Nothing when it does not list its models.
// Throws what LanguageModel::answer() throws.
std::optional<bool> offers_model(ports::HttpClient& client, const HttpLanguageModelOptions& options,
                                 std::stop_token stop);

}  // namespace mapctl::jobs
