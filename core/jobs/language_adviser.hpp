// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.hpp"
#include "core/jobs/propose_run.hpp"
#include "core/matching/questions/choices.hpp"
#include "core/matching/questions/questions.hpp"
#include "core/ports/language_model.hpp"
#include "core/registry/registry.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

namespace mapctl::jobs {

struct LanguageAdviserOptions {
  std::string model{};
  double below = 0;  // fields decided with less confidence are asked about, too
  double choice_confidence = 0.6;
  bool show_values = false;
  std::int64_t token_budget = 6000;  // of one request
  // Of a million tokens; 0 where nothing is paid.
  double prompt_price = 0, answer_price = 0;
};

// What came of it, for the end of a run.
struct LanguageAdvice {
  matching::ChoiceCounts choices{};
  std::uint64_t requests = 0;  // sent
  std::uint64_t kept = 0;      // sheets of questions answered from the registry
  std::uint64_t refused = 0;   // answers outside the listed candidates
  std::int64_t prompt_tokens = 0, answer_tokens = 0;
  double cost = 0;
  std::uint64_t failed = 0;   // requests without a usable answer
  std::uint64_t unasked = 0;  // fields that stayed as they were for one of these reasons:
  std::uint64_t missing = 0;  // fields whose answer a replay did not find
  // Fields that an answer left out; they are asked about again in the next run.
  std::uint64_t unanswered = 0;
  std::optional<Error::Facts> problem{};  // the first that an answer failed by
  std::optional<Error::Facts> quota{};    // reached
};

// Asks a language model about what matching left open, through the answers that the registry keeps.
// Whatever goes wrong with the service or the registry, the proposal stays as it was and the run
// goes on. Safe to use from several threads.
class LanguageAdviser final : public Adviser {
 public:
  using MakeModel = std::function<std::unique_ptr<ports::LanguageModel>()>;
  // Both are called when first needed; the model never for a replay.
  LanguageAdviser(LanguageAdviserOptions options, MakeModel make_model,
                  std::function<registry::Registry()> open_registry);
  ~LanguageAdviser() override;

  std::string fingerprint() const override;
  void advise(const Advised& advised, mapping::PairProposal& proposal,
              std::stop_token stop) override;

  LanguageAdvice advice() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mapctl::jobs
