// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>

namespace mapctl::ports {

// Evidence with this signal and a weight above 0 made a language model's choice the decision.
inline constexpr std::string_view language_model_signal = "language_model";

struct LanguagePrompt {
  std::string instructions{};   // ours
  std::string content{};        // data of others, which is never to be obeyed
  std::string answer_schema{};  // JSON schema that the answer is to follow
};

struct LanguageAnswer {
  std::string text{};
  // As the service counted them; nothing when it did not, or cannot be right.
  std::int64_t prompt_tokens = 0, answer_tokens = 0;
  bool counted = false;
};

// Answers a prompt once. Safe to use from several threads.
class LanguageModel {
 public:
  virtual ~LanguageModel() = default;
  virtual std::string_view model() const = 0;
  // Throws Error: unreachable, denied, not_found, configuration, invalid_data (what came back is no
  // answer), resource_limit (it is too long), cancelled. No message holds the service's key.
  virtual LanguageAnswer answer(const LanguagePrompt& prompt, std::stop_token stop) = 0;
};

}  // namespace mapctl::ports
