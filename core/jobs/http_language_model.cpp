// SPDX-License-Identifier: Apache-2.0
#include "core/jobs/http_language_model.hpp"

#include "core/base/error.hpp"
#include "core/base/json.hpp"
#include "core/base/json_text.hpp"
#include "core/base/text.hpp"
#include "core/ports/secret_mask.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

namespace mapctl::jobs {
namespace {

constexpr std::size_t shown_of_refusal = 160;     // code points
constexpr std::int64_t most_tokens = 10'000'000;  // of one request; more cannot be right

// What the service says is wrong, without the key: services repeat what they refuse.
std::string reason_of(const ports::HttpResponse& response, const Secret& key) {
  const Json answer = read_json(response.body);
  if (!answer.is_object() || !answer.contains("error")) {
    return {};
  }
  const Json& error = answer["error"];
  const Json message = error.is_object() ? error.value("message", Json{}) : error;
  if (!message.is_string()) {
    return {};
  }
  const ports::SecretMask secrets{key};
  return ports::shown_text(message.get_ref<const std::string&>(), &secrets, shown_of_refusal);
}

Error refusal(const ports::HttpResponse& response, const Secret& key) {
  Error::Facts facts = ports::status_error(response, reason_of(response, key)).facts();
  if (facts.code == ErrorCode::not_found) {
    facts.hint = "check option 'url' of the profile, and that the service has the model";
  } else if (facts.code == ErrorCode::denied) {
    facts.hint = "check the key under auth: and what it may be used for";
  } else if (facts.code == ErrorCode::configuration) {
    facts.hint = "check the profile's options; 'man 5 mapctl-llm' describes them";
  }
  return Error{std::move(facts)};
}

ports::HttpRequest request_to(const HttpLanguageModelOptions& options, std::string_view path) {
  ports::HttpRequest request;
  request.url = options.url;
  while (request.url.ends_with('/')) {
    request.url.pop_back();
  }
  request.url += path;
  if (!options.key.empty()) {
    request.headers.push_back({"Authorization", "Bearer " + options.key.reveal()});
  }
  return request;
}

std::optional<std::int64_t> count_at(const Json& usage, const char* name) {
  const auto found = usage.find(name);
  if (found == usage.end() || !found->is_number_unsigned()) {
    return std::nullopt;
  }
  const auto count = found->get<std::uint64_t>();
  return count <= static_cast<std::uint64_t>(most_tokens)
             ? std::optional{static_cast<std::int64_t>(count)}
             : std::nullopt;
}

class HttpLanguageModel final : public ports::LanguageModel {
 public:
  HttpLanguageModel(std::shared_ptr<ports::HttpClient> client, HttpLanguageModelOptions options)
      : client_{std::move(client)}, options_{std::move(options)} {}

  std::string_view model() const override { return options_.model; }

  ports::LanguageAnswer answer(const ports::LanguagePrompt& prompt, std::stop_token stop) override {
    ports::HttpRequest request = request_to(options_, "/chat/completions");
    request.method = "POST";
    request.headers.push_back({"Content-Type", "application/json"});
    request.body = body_of(prompt);
    const ports::HttpResponse response = client_->send(request, ports::judge_by_status, stop);
    if (response.status < 200 || response.status >= 300) {
      throw refusal(response, options_.key);
    }
    return read(response);
  }

 private:
  [[noreturn]] void refuse(std::string_view cause) const {
    throw Error{ErrorCode::invalid_data,
                fmt::format("'{}' gave no answer of model '{}': {}", ports::shown_url(options_.url),
                            options_.model, cause),
                "check that option 'url' is what /chat/completions of the service stands behind"};
  }

  std::string body_of(const ports::LanguagePrompt& prompt) const {
    Json body{{"model", options_.model},
              {"messages", Json::array({Json{{"role", "system"}, {"content", prompt.instructions}},
                                        Json{{"role", "user"}, {"content", prompt.content}}})},
              {"stream", false},
              {"max_tokens", options_.answer_tokens}};
    if (options_.temperature) {
      body["temperature"] = *options_.temperature;
    }
    if (options_.format == AnswerFormat::json_schema) {
      body["response_format"] =
          Json{{"type", "json_schema"},
               {"json_schema",
                {{"name", "choices"},
                 {"strict", true},
                 {"schema", parse_json(prompt.answer_schema, "the schema of the answer")}}}};
    } else if (options_.format == AnswerFormat::json_object) {
      body["response_format"] = Json{{"type", "json_object"}};
    }
    return to_line(body);
  }

  ports::LanguageAnswer read(const ports::HttpResponse& response) const {
    const Json document = read_json(response.body);
    if (document.is_discarded()) {
      throw ports::not_json_error(response);
    }
    if (!document.is_object() || !document.contains("choices") || !document["choices"].is_array() ||
        document["choices"].empty()) {
      refuse("there is no list 'choices' in it");
    }
    const Json& first = document["choices"].front();
    const Json message = first.is_object() ? first.value("message", Json{}) : Json{};
    if (!message.is_object() || !message.contains("content") || !message["content"].is_string()) {
      refuse("its first choice has no text");
    }
    ports::LanguageAnswer answer;
    answer.text = message["content"].get<std::string>();
    const Json usage = document.value("usage", Json{});
    if (usage.is_object()) {
      const auto asked = count_at(usage, "prompt_tokens");
      const auto answered = count_at(usage, "completion_tokens");
      answer.counted = asked && answered;
      answer.prompt_tokens = answer.counted ? *asked : 0;
      answer.answer_tokens = answer.counted ? *answered : 0;
    }
    return answer;
  }

  std::shared_ptr<ports::HttpClient> client_;
  HttpLanguageModelOptions options_;
};

}  // namespace

std::unique_ptr<ports::LanguageModel> make_http_language_model(
    std::shared_ptr<ports::HttpClient> client, HttpLanguageModelOptions options) {
  if (ports::host_of(options.url).empty()) {
    throw Error{ErrorCode::configuration, "the language model's URL names no host",
                "give it as http://HOST:PORT/v1"};
  }
  if (options.model.empty()) {
    throw Error{ErrorCode::configuration, "the language model is not named",
                "name one that the service offers"};
  }
  return std::make_unique<HttpLanguageModel>(std::move(client), std::move(options));
}

std::optional<bool> offers_model(ports::HttpClient& client, const HttpLanguageModelOptions& options,
                                 std::stop_token stop) {
  const ports::HttpResponse response =
      client.send(request_to(options, "/models"), ports::judge_by_status, std::move(stop));
  if (response.status == 404 || response.status == 405) {
    return std::nullopt;  // it answers, but keeps no list
  }
  if (response.status < 200 || response.status >= 300) {
    throw refusal(response, options.key);
  }
  const Json document = read_json(response.body);
  if (document.is_discarded()) {
    throw ports::not_json_error(response);
  }
  if (!document.is_object() || !document.contains("data") || !document["data"].is_array()) {
    return std::nullopt;
  }
  const Json& models = document["data"];
  return std::any_of(models.begin(), models.end(), [&](const Json& entry) {
    const Json name = entry.is_object() ? entry.value("id", Json{}) : Json{};
    return name.is_string() && name.get_ref<const std::string&>() == options.model;
  });
}

}  // namespace mapctl::jobs
