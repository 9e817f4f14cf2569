// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.hpp"
#include "core/base/json.hpp"
#include "core/config/language_model.hpp"
#include "core/config/profile.hpp"
#include "core/jobs/language_adviser.hpp"
#include "core/ports/http_client.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace mapctl::cli {

// Options of the commands that may ask a language model.
struct LanguageModelFlags {
  CLI::Option* use = nullptr;
  std::string word{};  // on, off, replay; empty: `on`, if the option was given at all
  std::string profile = "llm";

  void declare(CLI::App& app);
};

// What a run asks: the command line decides, then the plan, then the tenant's flag use_llm.
class LanguageModelChoice {
 public:
  LanguageModelChoice(CommandContext& context, const LanguageModelFlags& flags);

  // `word` is what a plan says. Throws Error::denied where the tenant forbids what was asked for,
  // configuration where the profile is missing or wrong.
  jobs::LanguageModelUse use(const std::optional<std::string>& word);
  // Null until use() gave something else than off.
  std::shared_ptr<jobs::LanguageAdviser> adviser() const noexcept { return adviser_; }

  // Tells on standard error what came of it.
  void report() const;
  // The quota or a replay left fields without an answer.
  bool fell_short() const;
  Json to_json() const;  // for summaries; null when nothing was asked

 private:
  struct Tenant {
    std::optional<bool> allowed{};
    double below = 0;
    double choice_confidence = 0.6;
    bool show_values = false;
  };
  const Tenant& tenant(bool must_be_known);
  bool make_adviser(bool was_asked_for);

  CommandContext& context_;
  const LanguageModelFlags& flags_;
  std::optional<Tenant> tenant_{};
  bool warned_ = false;
  std::shared_ptr<jobs::LanguageAdviser> adviser_{};
};

// The profile's options, as endpoints are opened: throws Error::denied for a user that the profile
// is not for, and notes the secrets that are read.
config::LanguageModelProfile open_language_model(CommandContext& context,
                                                 const config::Profile& profile);
// Settings of a client for the profile's service.
ports::HttpSettings language_model_http(const config::Profile& profile);
// "model 'm' at 'https://host/v1' answers", or what is wrong, as Error.
std::string check_language_model(CommandContext& context, const config::Profile& profile);

}  // namespace mapctl::cli
