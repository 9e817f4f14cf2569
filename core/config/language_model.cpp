// SPDX-License-Identifier: Apache-2.0
#include "core/config/language_model.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

namespace mapctl::config {
namespace {

constexpr std::size_t most_of_model = 100;  // bytes

class Options {
 public:
  // First of all: of a misspelt option the right one is missing, which would say less.
  Options(const Profile& profile, const SecretSources& sources)
      : profile_{profile}, sources_{sources} {
    static const std::vector<std::string> known{"url",          "model",          "response_format",
                                                "temperature",  "request_tokens", "answer_tokens",
                                                "prompt_price", "answer_price"};
    for (const auto& [name, value] : profile_.options) {
      if (std::find(known.begin(), known.end(), name) == known.end()) {
        throw Error{ErrorCode::configuration,
                    fmt::format("{}: unknown option '{}' for connector '{}'", value.where, name,
                                language_model_connector),
                    suggestion(name, known)};
      }
    }
  }

  std::optional<std::string> text(const std::string& name) const {
    const auto found = profile_.options.find(name);
    if (found == profile_.options.end()) {
      return std::nullopt;
    }
    if (found->second.tree) {
      fail(name, "must be one value, not a map");
    }
    return resolve(found->second, sources_).reveal();
  }

  std::string required(const std::string& name) const {
    const auto value = text(name);
    if (!value || trim(*value).empty()) {
      throw Error{ErrorCode::configuration,
                  fmt::format("{}: profile '{}' of a language model has no option '{}'",
                              profile_.file.string(), profile_.name, name),
                  "'man 5 mapctl-llm' shows an example"};
    }
    return std::string{trim(*value)};
  }

  double number(const std::string& name, double fallback, double low, double high) const {
    const auto given = text(name);
    if (!given) {
      return fallback;
    }
    const std::string_view value = trim(*given);
    double number = 0;
    const auto [end, problem] = std::from_chars(value.data(), value.data() + value.size(), number);
    const bool is_good = problem == std::errc{} && end == value.data() + value.size() &&
                         number >= low && number <= high;
    if (!is_good) {
      fail(name, fmt::format("must be a number from {} to {}", low, high));
    }
    return number;
  }

  [[noreturn]] void fail(const std::string& name, std::string_view what) const {
    throw Error{ErrorCode::configuration,
                fmt::format("{}: option '{}' {}", profile_.options.at(name).where, name, what),
                "'man 5 mapctl-llm' describes the options"};
  }

 private:
  const Profile& profile_;
  const SecretSources& sources_;
};

}  // namespace

bool is_language_model(const Profile& profile) noexcept {
  return profile.connector == language_model_connector;
}

LanguageModelProfile language_model_of(const Profile& profile, const SecretSources& sources) {
  if (!is_language_model(profile)) {
    throw Error{ErrorCode::configuration,
                fmt::format("profile '{}' is of connector '{}' and not of a language model",
                            profile.name, profile.connector),
                "name a profile with 'connector: llm'"};
  }
  const Options options{profile, sources};
  LanguageModelProfile model;
  model.url = options.required("url");
  model.model = options.required("model");
  const bool is_plain = std::all_of(model.model.begin(), model.model.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F;
  });
  if (!is_plain || model.model.size() > most_of_model || first_invalid_utf8(model.model)) {
    options.fail("model", "cannot be a model's name");
  }
  if (const auto format = options.text("response_format")) {
    if (*format != "json_schema" && *format != "json_object" && *format != "text") {
      options.fail("response_format", "must be json_schema, json_object or text");
    }
    model.response_format = *format;
  }
  if (options.text("temperature") == "default") {
    model.temperature.reset();
  } else {
    model.temperature = options.number("temperature", 0, 0, 2);
  }
  const auto whole = [&](const char* name, std::int64_t fallback, double low, double high) {
    return static_cast<std::int64_t>(
        options.number(name, static_cast<double>(fallback), low, high));
  };
  model.request_tokens = whole("request_tokens", model.request_tokens, 500, 1e6);
  model.answer_tokens = whole("answer_tokens", model.answer_tokens, 50, 1e6);
  model.prompt_price = options.number("prompt_price", 0, 0, 1e5);
  model.answer_price = options.number("answer_price", 0, 0, 1e5);
  for (const auto& [name, value] : profile.auth) {
    if (name != "key") {
      throw Error{ErrorCode::configuration,
                  fmt::format("{}: a language model takes no '{}' under auth:", value.where, name),
                  "write auth: {key: \"${env:NAME}\"}"};
    }
    if (!only_reference(value)) {
      throw Error{ErrorCode::configuration,
                  fmt::format("{}: the key of a language model must be a reference", value.where),
                  "write auth: {key: \"${env:NAME}\"}, or ${file:PATH}, ${store:NAME}, ..."};
    }
  }
  return model;
}

Secret language_model_key(const Profile& profile, const SecretSources& sources) {
  const auto found = profile.auth.find("key");
  return found == profile.auth.end() ? Secret{} : resolve(found->second, sources);
}

}  // namespace mapctl::config
