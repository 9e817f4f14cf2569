// SPDX-License-Identifier: Apache-2.0
#include "core/registry/language_model.hpp"

#include "core/base/error.hpp"
#include "core/base/json.hpp"
#include "core/registry/state.hpp"
#include "core/registry/tenants.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace mapctl::registry {
namespace {

constexpr std::int64_t millionths = 1'000'000;

// A macro, because statements are known by the address of their text and so must be literals.
#define MAPCTL_USAGE_SUM(column) "CAST(coalesce(sum(" column "), 0) AS bigint)"
#define MAPCTL_USAGE_SUMS                                                                       \
  MAPCTL_USAGE_SUM("requests")                                                                  \
  ", " MAPCTL_USAGE_SUM("failed") ", " MAPCTL_USAGE_SUM("prompt_tokens") ", " MAPCTL_USAGE_SUM( \
      "answer_tokens") ", " MAPCTL_USAGE_SUM("cost") ", " MAPCTL_USAGE_SUM("refused")
constexpr auto sums_sql =
    "SELECT " MAPCTL_USAGE_SUMS " FROM llm_usage WHERE tenant_id = $1 AND day >= $2";
constexpr auto days_sql = "SELECT " MAPCTL_USAGE_SUMS
                          ", day, model FROM llm_usage WHERE tenant_id = $1 GROUP BY day, model "
                          "ORDER BY day DESC, model";
#undef MAPCTL_USAGE_SUMS
#undef MAPCTL_USAGE_SUM

ModelUsage read_usage(const Query& row) {
  return {row->integer(0), row->integer(1), row->integer(2),
          row->integer(3), row->integer(4), row->integer(5)};
}

ModelUsage sums_since(RegistryState& state, std::string_view day) {
  Query select{state, sums_sql};
  select.with(state.tenant, day).step();
  return read_usage(select);
}

void add_usage(RegistryState& state, std::string_view day, std::string_view model,
               const ModelUsage& usage) {
  Query write{state,
              "INSERT INTO llm_usage (tenant_id, day, model, requests, failed, prompt_tokens, "
              "answer_tokens, cost, refused) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
              "ON CONFLICT (tenant_id, day, model) DO UPDATE SET "
              "requests = llm_usage.requests + excluded.requests, "
              "failed = llm_usage.failed + excluded.failed, "
              "prompt_tokens = llm_usage.prompt_tokens + excluded.prompt_tokens, "
              "answer_tokens = llm_usage.answer_tokens + excluded.answer_tokens, "
              "cost = llm_usage.cost + excluded.cost, "
              "refused = llm_usage.refused + excluded.refused"};
  write
      .with(state.tenant, day, model, usage.requests, usage.failed, usage.prompt_tokens,
            usage.answer_tokens, usage.cost, usage.refused)
      .step();
}

void check_quotas(Registry& registry, std::string_view day, const ModelUsage& estimate) {
  RegistryState& state = registry.state();
  const Quotas limits = quotas(registry);
  const std::string& tenant = state.actor.tenant.text;
  if (limits.llm_tokens_a_day) {
    const std::int64_t used = sums_since(state, day).tokens();
    if (used + estimate.tokens() > *limits.llm_tokens_a_day) {
      throw Error{
          ErrorCode::resource_limit,
          fmt::format("tenant '{}' may use {} tokens of language models a day and has used "
                      "{} of them",
                      tenant, *limits.llm_tokens_a_day, used),
          "go on tomorrow (UTC), or ask an admin: mapctl tenant quota --llm-tokens-a-day N"};
    }
  }
  if (limits.llm_cost_a_month) {
    const std::int64_t used = sums_since(state, std::string{day.substr(0, 7)} + "-01").cost;
    if (used + estimate.cost > *limits.llm_cost_a_month * millionths) {
      throw Error{ErrorCode::resource_limit,
                  fmt::format("tenant '{}' may spend {} a month on language models and has spent "
                              "{:.2f}",
                              tenant, *limits.llm_cost_a_month,
                              static_cast<double>(used) / static_cast<double>(millionths)),
                  "go on next month, or ask an admin: mapctl tenant quota --llm-cost-a-month N"};
    }
  }
}

std::optional<std::vector<int>> read_answer(RegistryState& state, std::string_view key) {
  Query select{state, "SELECT choices FROM llm_answers WHERE tenant_id = $1 AND key = $2"};
  if (!select.with(state.tenant, key).step()) {
    return std::nullopt;
  }
  const Json list = Json::parse(select->text(0), nullptr, false);
  std::vector<int> numbers;
  if (!list.is_array()) {
    return std::nullopt;
  }
  for (const Json& number : list) {
    if (!number.is_number_integer()) {
      return std::nullopt;
    }
    numbers.push_back(number.get<int>());
  }
  return numbers;
}

}  // namespace

std::vector<ModelUsageDay> model_usage(Registry& registry) {
  RegistryState& state = registry.state();
  std::vector<ModelUsageDay> days;
  Query select{state, days_sql};
  select.with(state.tenant);
  while (select.step()) {
    days.push_back({select.text(6), select.text(7), read_usage(select)});
  }
  return days;
}

ModelUsage model_usage_since(Registry& registry, std::string_view day) {
  return sums_since(registry.state(), day);
}

std::int64_t kept_answers(Registry& registry) {
  Query select{registry.state(), "SELECT count(*) FROM llm_answers WHERE tenant_id = $1"};
  select.with(registry.state().tenant).step();
  return select->integer(0);
}

std::optional<std::vector<int>> find_answer(Registry& registry, std::string_view key) {
  return read_answer(registry.state(), key);
}

ModelRequest begin_model_request(Registry& registry, std::string_view model,
                                 const ModelUsage& estimate) {
  RegistryState& state = registry.state();
  check_name("the model's name", model);
  Write write{state, Role::analyst, "ask a language model"};
  ModelRequest request{state.now().substr(0, 10), std::string{model}, estimate};
  check_quotas(registry, request.day, estimate);
  add_usage(state, request.day, request.model, estimate);
  write.commit();
  return request;
}

std::vector<int> end_model_request(Registry& registry, const ModelRequest& request,
                                   const ModelUsage& usage,
                                   const std::optional<KeptAnswer>& answer) {
  RegistryState& state = registry.state();
  const ModelUsage& counted = request.counted;
  Write write{state, Role::analyst, "ask a language model"};
  add_usage(
      state, request.day, request.model,
      {usage.requests - counted.requests, usage.failed - counted.failed,
       usage.prompt_tokens - counted.prompt_tokens, usage.answer_tokens - counted.answer_tokens,
       usage.cost - counted.cost, usage.refused - counted.refused});
  std::vector<int> numbers;
  if (answer) {
    Query insert{state,
                 "INSERT INTO llm_answers (tenant_id, key, model, prompt_version, choices, "
                 "created_at, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7) "
                 "ON CONFLICT (tenant_id, key) DO NOTHING"};
    insert.with(state.tenant, answer->key, request.model, answer->prompt_version,
                to_line(Json(answer->numbers)), state.now());
    state.user().empty() ? insert->bind_null(7) : insert->bind(7, state.user());
    insert.step();
    numbers = read_answer(state, answer->key).value_or(answer->numbers);
  }
  write.commit();
  return numbers;
}

}  // namespace mapctl::registry
