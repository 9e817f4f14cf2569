// SPDX-License-Identifier: Apache-2.0
#include "core/jobs/http_embedder.hpp"

#include "core/base/error.hpp"
#include "core/base/json.hpp"
#include "core/base/json_text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace mapctl::jobs {
namespace {

class HttpEmbedder final : public ports::Embedder {
 public:
  HttpEmbedder(std::shared_ptr<ports::HttpClient> client, HttpEmbedderOptions options)
      : client_{std::move(client)}, options_{std::move(options)} {}

  std::string_view model() const override { return options_.model; }

  std::vector<std::vector<float>> embed(std::span<const std::string> texts,
                                        std::stop_token stop) override {
    std::vector<std::vector<float>> vectors;
    vectors.reserve(texts.size());
    while (!texts.empty()) {
      const auto some = texts.first(std::min(options_.texts_a_request, texts.size()));
      ask(some, vectors, stop);
      texts = texts.subspan(some.size());
    }
    return vectors;
  }

 private:
  [[noreturn]] void refuse(std::string_view cause) const {
    throw Error{ErrorCode::invalid_data,
                fmt::format("'{}' gave no usable embeddings of model '{}': {}",
                            ports::shown_url(options_.url), options_.model, cause),
                "check that the URL is the service's embeddings address and the model is one"};
  }

  void ask(std::span<const std::string> texts, std::vector<std::vector<float>>& vectors,
           const std::stop_token& stop) {
    ports::HttpRequest request;
    request.method = "POST";
    request.url = options_.url;
    request.headers.push_back({"Content-Type", "application/json"});
    if (!options_.key.empty()) {
      request.headers.push_back({"Authorization", "Bearer " + options_.key.reveal()});
    }
    const Json question{{"model", options_.model},
                        {"input", std::vector<std::string>{texts.begin(), texts.end()}},
                        {"encoding_format", "float"}};
    request.body = to_line(question);
    const ports::HttpResponse response = client_->send(request, ports::judge_by_status, stop);
    if (response.status < 200 || response.status >= 300) {
      throw ports::status_error(response);
    }
    const Json answer = read_json(response.body);
    if (!answer.is_object() || !answer.contains("data") || !answer["data"].is_array()) {
      refuse("there is no list 'data' in the answer");
    }
    if (answer["data"].size() != texts.size()) {
      refuse(fmt::format("{} vectors for {} texts", answer["data"].size(), texts.size()));
    }
    const std::size_t first = vectors.size();
    vectors.resize(first + texts.size());
    for (const Json& item : answer["data"]) {
      const bool whole = item.is_object() && item.contains("embedding") &&
                         item["embedding"].is_array() && item.contains("index") &&
                         item["index"].is_number_unsigned();
      if (!whole || item["index"].get<std::size_t>() >= texts.size()) {
        refuse("an entry lacks 'index' or 'embedding'");
      }
      std::vector<float>& vector = vectors[first + item["index"].get<std::size_t>()];
      if (!vector.empty()) {
        refuse("an index stands twice");
      }
      vector = unit(item["embedding"]);
    }
  }

  std::vector<float> unit(const Json& numbers) {
    std::vector<float> vector;
    double square = 0;
    for (const Json& number : numbers) {
      if (!number.is_number()) {
        refuse("an embedding holds something other than numbers");
      }
      vector.push_back(number.get<float>());
      square += static_cast<double>(vector.back()) * static_cast<double>(vector.back());
    }
    if (vector.empty() || (dimensions_ != 0 && vector.size() != dimensions_)) {
      refuse("the embeddings differ in their number of dimensions");
    }
    if (!std::isfinite(square)) {
      refuse("an embedding holds numbers out of range");
    }
    dimensions_ = vector.size();
    const double scale = square > 0 ? 1 / std::sqrt(square) : 0;
    for (float& value : vector) {
      value = static_cast<float>(static_cast<double>(value) * scale);
    }
    return vector;
  }

  std::shared_ptr<ports::HttpClient> client_;
  HttpEmbedderOptions options_;
  std::size_t dimensions_ = 0;
};

}  // namespace

std::unique_ptr<ports::Embedder> make_http_embedder(std::shared_ptr<ports::HttpClient> client,
                                                    HttpEmbedderOptions options) {
  if (ports::host_of(options.url).empty()) {
    throw Error{ErrorCode::configuration, "the embedder's URL names no host",
                "give it as http://HOST:PORT/v1/embeddings"};
  }
  if (options.model.empty()) {
    throw Error{ErrorCode::configuration, "the embedder's model is not named",
                "name one that the service offers"};
  }
  return std::make_unique<HttpEmbedder>(std::move(client), std::move(options));
}

}  // namespace mapctl::jobs
