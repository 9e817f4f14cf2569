// SPDX-License-Identifier: Apache-2.0
#include "core/registry/language_model.hpp"

#include "core/ports/language_model.hpp"
#include "core/registry/tenants.hpp"
#include "tests/integration/registry/fixture.hpp"

namespace mapctl::registry::test {
namespace {

using Catch::Matchers::ContainsSubstring;

ModelUsage estimate(std::int64_t prompt, std::int64_t answer = 10, std::int64_t cost = 0) {
  ModelUsage usage;
  usage.requests = 1;
  usage.prompt_tokens = prompt;
  usage.answer_tokens = answer;
  usage.cost = cost;
  return usage;
}

constexpr std::int64_t a_day = 24 * 3600 * 1000;

}  // namespace

TEST_CASE("what a request did cost takes the place of its estimate", "[language_model]") {
  RegistryFile file;
  Registry registry = file.open();
  const ModelRequest request = begin_model_request(registry, "tiny", estimate(500, 40, 700));
  CHECK(model_usage_since(registry, "").tokens() == 540);
  ModelUsage real = estimate(300, 12, 320);
  real.refused = 2;
  CHECK(end_model_request(registry, request, real, KeptAnswer{"k1", "1", {3, 0, -1}}) ==
        std::vector<int>{3, 0, -1});
  const ModelUsage usage = model_usage_since(registry, "");
  CHECK(usage.requests == 1);
  CHECK(usage.prompt_tokens == 300);
  CHECK(usage.answer_tokens == 12);
  CHECK(usage.cost == 320);
  CHECK(usage.refused == 2);
  CHECK(usage.failed == 0);
  file.clock.milliseconds += a_day;
  end_model_request(registry, begin_model_request(registry, "large", estimate(5)), estimate(7), {});
  const auto days = model_usage(registry);
  REQUIRE(days.size() == 2);
  CHECK(days[0].model == "large");
  CHECK(days[0].usage.prompt_tokens == 7);
  CHECK(days[1].model == "tiny");
  CHECK(days[0].day > days[1].day);
}

TEST_CASE("an answer is kept once and for its tenant alone", "[language_model]") {
  const RegistryFile file;
  Registry registry = file.open();
  Registry other = file.open("other");
  CHECK_FALSE(find_answer(registry, "k1"));
  const auto keep = [](Registry& in, std::vector<int> numbers) {
    const ModelRequest request = begin_model_request(in, "tiny", estimate(1));
    return end_model_request(in, request, estimate(1), KeptAnswer{"k1", "1", std::move(numbers)});
  };
  CHECK(keep(registry, {2, 1}) == std::vector<int>{2, 1});
  CHECK(keep(registry, {0, 0}) == std::vector<int>{2, 1});  // the first stays
  CHECK(find_answer(registry, "k1") == std::vector<int>{2, 1});
  CHECK_FALSE(find_answer(other, "k1"));
  CHECK(kept_answers(registry) == 1);
  CHECK(kept_answers(other) == 0);
  CHECK(model_usage_since(other, "").requests == 0);
}

TEST_CASE("the quota of tokens a day stops requests before they are sent", "[language_model]") {
  RegistryFile file;
  Registry registry = file.open();
  Quotas limits;
  limits.llm_tokens_a_day = 1000;
  REQUIRE(set_quotas(registry, limits));
  CHECK(quotas(registry).llm_tokens_a_day == 1000);
  CHECK_FALSE(quotas(registry).mappings);
  begin_model_request(registry, "tiny", estimate(600));
  const Error refused = error_of([&] { begin_model_request(registry, "large", estimate(600)); });
  CHECK(refused.code() == ErrorCode::resource_limit);
  CHECK_THAT(refused.what(), ContainsSubstring("1000 tokens"));
  CHECK_THAT(refused.what(), ContainsSubstring("has used 610"));
  CHECK(model_usage_since(registry, "").requests == 1);
  Registry other = file.open("other");
  CHECK_NOTHROW(begin_model_request(other, "tiny", estimate(5000)));
  file.clock.milliseconds += a_day;
  CHECK_NOTHROW(begin_model_request(registry, "tiny", estimate(600)));
}

TEST_CASE("the quota of cost counts the month", "[language_model]") {
  RegistryFile file;
  Registry registry = file.open();
  Quotas limits;
  limits.llm_cost_a_month = 2;
  REQUIRE(set_quotas(registry, limits));
  begin_model_request(registry, "tiny", estimate(1, 1, 1'500'000));
  const Error refused =
      error_of([&] { begin_model_request(registry, "tiny", estimate(1, 1, 600'000)); });
  CHECK(refused.code() == ErrorCode::resource_limit);
  CHECK_THAT(refused.what(), ContainsSubstring("has spent 1.50"));
  CHECK_NOTHROW(begin_model_request(registry, "tiny", estimate(1, 1, 500'000)));
  file.clock.milliseconds += 32 * a_day;
  CHECK_NOTHROW(begin_model_request(registry, "tiny", estimate(1, 1, 1'900'000)));
}

TEST_CASE("who may only look asks no model", "[language_model]") {
  const RegistryFile file;
  Registry ada = file.open_as("ada");
  add_user(ada, UserName{"ada"}, Role::admin);
  add_user(ada, UserName{"vic"}, Role::viewer);
  Registry vic = file.open_as("vic");
  CHECK(error_of([&] { begin_model_request(vic, "tiny", estimate(1)); }).code() ==
        ErrorCode::denied);
  CHECK(model_usage_since(ada, "").requests == 0);
}

TEST_CASE("a choice of a language model is stored as one", "[language_model]") {
  const RegistryFile file;
  Registry registry = file.open();
  mapping::PairProposal pair = lead_to_account();
  pair.fields[0].candidates[0].evidence.insert(
      pair.fields[0].candidates[0].evidence.begin(),
      {ports::language_model_signal, 1, 2.0, "the language model 'tiny' chose it"});
  pair.fields[2].candidates[0].evidence.push_back(
      {ports::language_model_signal, 1, 0, "the language model 'tiny' chose it, too"});
  const RunId run = registry.begin_run({"plan", "hash", {}});
  registry.store_pair(run, job(), pair, canonical_context());
  for (const mapping::FieldMapping& mapping : all_mappings(registry)) {
    INFO(mapping.key.source_field.text);
    CHECK((mapping.source == mapping::MappingSource::llm) ==
          (mapping.key.source_field.text == "Email__c"));
  }
  // Proposed again without the model, it is nobody's choice but ours.
  registry.store_pair(run, job(), lead_to_account(), canonical_context());
  for (const mapping::FieldMapping& mapping : all_mappings(registry)) {
    CHECK(mapping.source == mapping::MappingSource::auto_detected);
  }
}

TEST_CASE("flags of language models take sensible values only", "[language_model]") {
  const RegistryFile file;
  Registry registry = file.open();
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, std::string>>{{"use_llm", "yes"},
                                                        {"llm_values", "all"},
                                                        {"llm_below", "1.5"},
                                                        {"llm_confidence", "0.9"},
                                                        {"canary_percent", "12.5"}}) {
    INFO(name);
    CHECK(error_of([&, n = name, v = value] { set_flag(registry, n, v); }).code() ==
          ErrorCode::usage);
  }
  CHECK(set_flag(registry, "llm_values", "shown"));
  CHECK(set_flag(registry, "llm_below", "0.85"));
  CHECK(set_flag(registry, "llm_confidence", "0.7"));
  CHECK(set_flag(registry, "canary_percent", "25"));
}

}  // namespace mapctl::registry::test
