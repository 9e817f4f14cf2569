// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/secret.hpp"
#include "core/config/profile.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mapctl::config {

// What profiles of language models have in the place of a connector's name.
inline constexpr std::string_view language_model_connector = "llm";
bool is_language_model(const Profile& profile) noexcept;

// Options of such a profile, as mapctl-llm(5) describes them. The key is not among them: it is
// resolved when it is needed.
struct LanguageModelProfile {
  std::string url{};
  std::string model{};
  std::string response_format = "json_schema";  // json_object, text
  std::optional<double> temperature = 0.0;      // nothing: the service's own
  std::int64_t request_tokens = 6000;           // of one request, as estimated
  std::int64_t answer_tokens = 2000;
  double prompt_price = 0, answer_price = 0;  // of a million tokens
};

// Throws Error::configuration naming the place: another connector, an unknown or missing option, a
// value out of range, a key that is no reference.
LanguageModelProfile language_model_of(const Profile& profile, const SecretSources& sources);
// Empty where the profile has none.
Secret language_model_key(const Profile& profile, const SecretSources& sources);

}  // namespace mapctl::config
