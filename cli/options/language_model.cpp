// SPDX-License-Identifier: Apache-2.0
#include "cli/options/language_model.hpp"

#include "cli/options/choice.hpp"
#include "cli/profile_access.hpp"
#include "cli/secrets.hpp"
#include "cli/wiring.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/jobs/http_language_model.hpp"
#include "core/registry/tenants.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace mapctl::cli {
namespace {

using jobs::LanguageModelUse;

std::optional<double> number_of(const std::optional<std::string>& text) {
  double value = 0;
  if (!text ||
      std::from_chars(text->data(), text->data() + text->size(), value).ec != std::errc{}) {
    return std::nullopt;
  }
  return value;
}

jobs::HttpLanguageModelOptions options_of(const config::LanguageModelProfile& profile) {
  jobs::HttpLanguageModelOptions options;
  options.url = profile.url;
  options.model = profile.model;
  options.format = profile.response_format == "json_schema"   ? jobs::AnswerFormat::json_schema
                   : profile.response_format == "json_object" ? jobs::AnswerFormat::json_object
                                                              : jobs::AnswerFormat::text;
  options.temperature = profile.temperature;
  options.answer_tokens = profile.answer_tokens;
  return options;
}

Secret read_key(CommandContext& context, const config::Profile& profile) {
  if (const auto key = profile.auth.find("key"); key != profile.auth.end()) {
    note_secret_use(context, profile, "auth.key", key->second);
  }
  return config::language_model_key(profile, secret_sources(context));
}

std::string fields(std::uint64_t count) {
  return fmt::format("{} field{}", count, count == 1 ? "" : "s");
}

}  // namespace

void LanguageModelFlags::declare(CLI::App& app) {
  use = choices(app.add_option("--llm", word,
                               "Ask a language model about what stays open: on (default), off, or "
                               "replay: only answers that are kept")
                    ->expected(0, 1),
                {"on", "off", "replay"});
  app.add_option("--llm-profile", profile, "Profile of the language model (default: llm)")
      ->type_name("NAME");
}

LanguageModelChoice::LanguageModelChoice(CommandContext& context, const LanguageModelFlags& flags)
    : context_{context}, flags_{flags} {}

const LanguageModelChoice::Tenant& LanguageModelChoice::tenant(bool must_be_known) {
  if (tenant_) {
    return *tenant_;
  }
  Tenant tenant;
  try {
    if (must_be_known || context_.has_registry()) {
      registry::Registry registry = context_.open_registry();
      if (const auto allowed = registry::flag(registry, "use_llm")) {
        tenant.allowed = *allowed == "true";
      }
      tenant.below = number_of(registry::flag(registry, "llm_below")).value_or(tenant.below);
      tenant.choice_confidence = std::min(
          number_of(registry::flag(registry, "llm_confidence")).value_or(tenant.choice_confidence),
          matching::most_choice_confidence);
      tenant.show_values = registry::flag(registry, "llm_values") == "shown";
    }
  } catch (const Error&) {
    // A command that was not told to use the registry works without.
    if (must_be_known) {
      throw;
    }
    static const Tenant unknown{};
    return unknown;
  }
  return tenant_.emplace(tenant);
}

LanguageModelUse LanguageModelChoice::use(const std::optional<std::string>& word) {
  std::optional<std::string> asked = word;
  if (flags_.use->count() > 0) {
    asked = flags_.word.empty() ? "on" : flags_.word;
  }
  const bool was_asked_for = asked && *asked != "off";
  if (asked == "off" || (!asked && !tenant(false).allowed.value_or(false))) {
    return LanguageModelUse::off;
  }
  const bool is_replay = asked == "replay";
  if (!is_replay && !tenant(true).allowed.value_or(true)) {
    throw Error{
        ErrorCode::denied,
        fmt::format("tenant '{}' does not allow language models", context_.tenant().text),
        "an admin may: mapctl registry flag set use_llm true; '--llm=replay' sends nothing"};
  }
  if (!make_adviser(was_asked_for)) {
    return LanguageModelUse::off;
  }
  return is_replay ? LanguageModelUse::replay : LanguageModelUse::on;
}

bool LanguageModelChoice::make_adviser(bool was_asked_for) {
  if (adviser_) {
    return true;
  }
  config::Profile profile;
  config::LanguageModelProfile model;
  try {
    profile = context_.load_profile(flags_.profile);
    for (const std::string& warning : profile.warnings) {
      context_.reporter().warning(warning);
    }
    model = open_language_model(context_, profile);
  } catch (const Error& error) {
    if (was_asked_for && error.code() == ErrorCode::not_found) {
      throw Error{ErrorCode::not_found, error.what(),
                  "write one as 'man 5 mapctl-llm' shows, or name another with --llm-profile"};
    }
    if (was_asked_for) {
      throw;
    }
    if (!std::exchange(warned_, true)) {
      context_.reporter().warning(
          fmt::format("flag 'use_llm' is on, but no language model is asked: {}", error.what()),
          error.facts().hint);
    }
    return false;
  }
  const Tenant& rules = tenant(true);
  jobs::LanguageAdviserOptions options;
  options.model = model.model;
  options.below = rules.below;
  options.choice_confidence = rules.choice_confidence;
  options.show_values = rules.show_values;
  options.token_budget = model.request_tokens;
  options.prompt_price = model.prompt_price;
  options.answer_price = model.answer_price;
  adviser_ = std::make_shared<jobs::LanguageAdviser>(
      std::move(options),
      [&context = context_, profile, model] {
        jobs::HttpLanguageModelOptions service = options_of(model);
        service.key = read_key(context, profile);
        return jobs::make_http_language_model(
            context.wiring().http().client(language_model_http(profile)), std::move(service));
      },
      [&context = context_] { return context.open_registry(); });
  return true;
}

void LanguageModelChoice::report() const {
  if (!adviser_) {
    return;
  }
  const jobs::LanguageAdvice advice = adviser_->advice();
  Reporter& reporter = context_.reporter();
  reporter.info(fmt::format(
      "language model: {} answered in {} request{} and {} kept answer{}; {} decided, {} confirmed, "
      "{} doubted, {} left open; {} tokens",
      fields(advice.choices.asked), advice.requests, advice.requests == 1 ? "" : "s", advice.kept,
      advice.kept == 1 ? "" : "s", advice.choices.decided, advice.choices.confirmed,
      advice.choices.doubted, advice.choices.none,
      with_thousands(advice.prompt_tokens + advice.answer_tokens)));
  if (advice.refused > 0) {
    reporter.warning(fmt::format(
        "language model: {} answer{} named nothing that was listed and {} "
        "not used",
        advice.refused, advice.refused == 1 ? "" : "s", advice.refused == 1 ? "was" : "were"));
  }
  if (advice.unanswered > 0) {
    reporter.warning(fmt::format("language model: the answer left out {}, which stayed as matching "
                                 "left them",
                                 fields(advice.unanswered)),
                     "run again: only what has no answer yet is asked");
  }
  if (advice.problem) {
    reporter.warning(fmt::format("language model: {}; {} stayed as matching left them",
                                 advice.problem->message, fields(advice.unasked)),
                     advice.problem->hint);
  }
  if (advice.quota) {
    reporter.warning(fmt::format("language model: {}; {} stayed as matching left them",
                                 advice.quota->message, fields(advice.unasked)),
                     advice.quota->hint);
  }
  if (advice.missing > 0) {
    reporter.warning(
        fmt::format("language model: the registry keeps no answer for {}, which stayed as matching "
                    "left them",
                    fields(advice.missing)),
        "run once without '=replay'; other data, names or another model make other questions");
  }
}

bool LanguageModelChoice::fell_short() const {
  if (!adviser_) {
    return false;
  }
  const jobs::LanguageAdvice advice = adviser_->advice();
  return advice.quota.has_value() || advice.missing > 0;
}

Json LanguageModelChoice::to_json() const {
  if (!adviser_) {
    return {};
  }
  const jobs::LanguageAdvice advice = adviser_->advice();
  return Json{{"asked", advice.choices.asked},
              {"decided", advice.choices.decided},
              {"confirmed", advice.choices.confirmed},
              {"doubted", advice.choices.doubted},
              {"left_open", advice.choices.none},
              {"refused", advice.refused},
              {"requests", advice.requests},
              {"failed", advice.failed},
              {"kept_answers", advice.kept},
              {"missing_answers", advice.missing},
              {"unanswered", advice.unanswered},
              {"unasked", advice.unasked},
              {"quota_reached", advice.quota.has_value()},
              {"prompt_tokens", advice.prompt_tokens},
              {"answer_tokens", advice.answer_tokens},
              {"cost", advice.cost}};
}

config::LanguageModelProfile open_language_model(CommandContext& context,
                                                 const config::Profile& profile) {
  check_profile_access(context, profile);
  for (const auto& [name, value] : profile.options) {
    note_secret_use(context, profile, "options." + name, value);
  }
  return config::language_model_of(profile, secret_sources(context));
}

ports::HttpSettings language_model_http(const config::Profile& profile) {
  ports::HttpSettings settings;
  settings.name = "llm " + profile.name;
  settings.requests_per_second = profile.limits.requests_per_second;
  settings.max_connections = static_cast<std::size_t>(profile.limits.max_connections.value_or(4));
  settings.timeout = profile.limits.timeout.value_or(120);
  settings.retry.attempts = static_cast<unsigned>(profile.retry.attempts.value_or(3));
  settings.retry.backoff = profile.retry.backoff.value_or(1);
  settings.retry.max_backoff = profile.retry.max_backoff.value_or(30);
  settings.retry.deadline = profile.retry.deadline.value_or(180);
  settings.breaker = {4, 60};
  settings.response_limit = 1U << 20U;
  settings.hints = {"option 'url'", true, false};
  return settings;
}

std::string check_language_model(CommandContext& context, const config::Profile& profile) {
  const config::LanguageModelProfile model = open_language_model(context, profile);
  jobs::HttpLanguageModelOptions options = options_of(model);
  options.key = read_key(context, profile);
  ports::HttpSettings settings = language_model_http(profile);
  settings.timeout = std::min(settings.timeout, 10.0);
  settings.retry.attempts = 1;
  const auto offered =
      jobs::offers_model(*context.wiring().http().client(settings), options, context.stop());
  if (offered == false) {
    throw Error{ErrorCode::not_found,
                fmt::format("'{}' answers, but does not offer model '{}'",
                            ports::shown_url(model.url), model.model),
                "load the model there, or name another one in the profile"};
  }
  return fmt::format("model '{}' at '{}'{}", model.model, ports::shown_url(model.url),
                     offered ? "" : ", which keeps no list of models");
}

}  // namespace mapctl::cli
