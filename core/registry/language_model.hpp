// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/registry/registry.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::registry {

// What a tenant asked of language models and what they answered. Questions are kept as a hash and
// answers as numbers: nothing that a service sends is stored as it came.

struct ModelUsage {
  std::int64_t requests = 0;
  std::int64_t failed = 0;  // without an answer that could be used
  std::int64_t prompt_tokens = 0, answer_tokens = 0;
  std::int64_t cost = 0;     // millionths of what the profile's prices are in
  std::int64_t refused = 0;  // answers outside the listed candidates
  std::int64_t tokens() const noexcept { return prompt_tokens + answer_tokens; }
};

// By UTC day and model.
struct ModelUsageDay {
  std::string day{}, model{};  // "2026-01-31"
  ModelUsage usage{};
};
std::vector<ModelUsageDay> model_usage(Registry& registry);  // newest day first, then by model
ModelUsage model_usage_since(Registry& registry, std::string_view day);  // "" for all
std::int64_t kept_answers(Registry& registry);

// Numbers in the order of the questions; nothing when this was never answered.
std::optional<std::vector<int>> find_answer(Registry& registry, std::string_view key);

// A request that counts already, by its estimate, so that several at once do not exceed a quota.
struct ModelRequest {
  std::string day{}, model{};
  ModelUsage counted{};
};
// Throws Error::resource_limit when the request would exceed llm_tokens_a_day or llm_cost_a_month
// (UTC), Error::denied for a viewer.
ModelRequest begin_model_request(Registry& registry, std::string_view model,
                                 const ModelUsage& estimate);

struct KeptAnswer {
  std::string key{}, prompt_version{};
  std::vector<int> numbers{};
};
// Puts what the request did cost in the place of the estimate, and keeps the answer if there is
// one. An answer that somebody else had meanwhile stays; it is returned.
std::vector<int> end_model_request(Registry& registry, const ModelRequest& request,
                                   const ModelUsage& usage,
                                   const std::optional<KeptAnswer>& answer);

}  // namespace mapctl::registry
