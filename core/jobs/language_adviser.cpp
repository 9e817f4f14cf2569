// SPDX-License-Identifier: Apache-2.0
#include "core/jobs/language_adviser.hpp"

#include "core/base/hash.hpp"
#include "core/registry/language_model.hpp"

#include <fmt/format.h>

#include <cmath>
#include <mutex>
#include <utility>
#include <vector>

namespace mapctl::jobs {
namespace {

using matching::QuestionSheet;
using registry::ModelUsage;

// In a row, each after the client's own attempts: then the rest of the run goes without.
constexpr unsigned most_failures = 3;

// What another request would not change.
bool is_lasting(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::denied:
    case ErrorCode::not_found:
    case ErrorCode::configuration:
    case ErrorCode::usage:
    case ErrorCode::unsupported: return true;
    default: return false;
  }
}

}  // namespace

struct LanguageAdviser::State {
  LanguageAdviserOptions options{};
  MakeModel make_model{};
  std::function<registry::Registry()> open_registry{};
  mutable std::mutex mutex{};
  std::unique_ptr<registry::Registry> registry{};
  std::unique_ptr<ports::LanguageModel> model{};
  LanguageAdvice advice{};
  unsigned failures_in_a_row = 0;
  bool stopped = false;  // nothing more is sent in this run

  registry::Registry& opened() {
    if (!registry) {
      registry = std::make_unique<registry::Registry>(open_registry());
    }
    return *registry;
  }

  std::int64_t cost_of(std::int64_t prompt_tokens, std::int64_t answer_tokens) const {
    // A price of a million tokens is the millionths of one.
    return std::llround(static_cast<double>(prompt_tokens) * options.prompt_price +
                        static_cast<double>(answer_tokens) * options.answer_price);
  }

  ModelUsage estimate_of(const QuestionSheet& sheet) const {
    ModelUsage usage;
    usage.requests = 1;
    usage.prompt_tokens = sheet.prompt_tokens;
    usage.answer_tokens = sheet.answer_tokens;
    usage.cost = cost_of(usage.prompt_tokens, usage.answer_tokens);
    return usage;
  }

  void fail(const Error& error) {
    ++advice.failed;
    if (!advice.problem) {
      advice.problem = error.facts();
    }
    ++failures_in_a_row;
    stopped = stopped || failures_in_a_row >= most_failures || is_lasting(error.code());
  }

  // An answer that is kept; else a request that may be sent now, or neither.
  struct Start {
    std::optional<std::vector<int>> kept{};
    std::optional<registry::ModelRequest> request{};
    ports::LanguageModel* model = nullptr;
  };
  Start start(const QuestionSheet& sheet, const std::string& key, bool replay) {
    const std::lock_guard lock{mutex};
    Start start;
    try {
      start.kept = registry::find_answer(opened(), key);
      if (start.kept && matching::fits(*start.kept, sheet)) {
        ++advice.kept;
        return start;
      }
      start.kept.reset();
      if (replay) {
        advice.missing += sheet.questions.size();
        return start;
      }
      if (!stopped) {
        if (!model) {
          model = make_model();
        }
        start.request = registry::begin_model_request(opened(), options.model, estimate_of(sheet));
        start.model = model.get();
        ++advice.requests;
        return start;
      }
    } catch (const Error& error) {
      if (error.code() == ErrorCode::cancelled) {
        throw;
      }
      if (error.code() == ErrorCode::resource_limit && model) {
        advice.quota = error.facts();
        stopped = true;
      } else {
        fail(error);
        stopped = true;
      }
    }
    advice.unasked += sheet.questions.size();
    return start;
  }

  std::optional<std::vector<int>> finish(const QuestionSheet& sheet, const std::string& key,
                                         const registry::ModelRequest& request,
                                         const ports::LanguageAnswer& answer) {
    const std::optional<matching::Choices> choices = matching::read_choices(answer.text, sheet);
    const std::lock_guard lock{mutex};
    ModelUsage usage = request.counted;
    if (answer.counted) {
      usage.prompt_tokens = answer.prompt_tokens;
      usage.answer_tokens = answer.answer_tokens;
      usage.cost = cost_of(usage.prompt_tokens, usage.answer_tokens);
    }
    count(usage);
    std::optional<registry::KeptAnswer> kept;
    if (choices) {
      usage.refused = static_cast<std::int64_t>(choices->refused);
      advice.refused += choices->refused;
      failures_in_a_row = 0;
      kept = registry::KeptAnswer{key, std::string{matching::prompt_version}, choices->numbers};
    } else {
      usage.failed = 1;
      advice.unasked += sheet.questions.size();
      fail(Error{ErrorCode::invalid_data,
                 fmt::format("model '{}' answered with something other than the choices that it "
                             "was asked for",
                             options.model),
                 "use a model that follows a JSON schema, or try option 'response_format'"});
    }
    std::vector<int> numbers = registry::end_model_request(opened(), request, usage, kept);
    if (!choices || !matching::fits(numbers, sheet)) {
      return std::nullopt;
    }
    advice.unanswered += matching::count_unanswered(numbers);
    return numbers;
  }

  void count(const ModelUsage& usage) {
    advice.prompt_tokens += usage.prompt_tokens;
    advice.answer_tokens += usage.answer_tokens;
    advice.cost += static_cast<double>(usage.cost) / 1e6;
  }

  // The service may have worked for it, so that the estimate stays where it was reached.
  void give_up(const QuestionSheet& sheet, const registry::ModelRequest& request,
               const Error& error) {
    const std::lock_guard lock{mutex};
    const bool is_cancelled = error.code() == ErrorCode::cancelled;
    ModelUsage usage;
    usage.requests = 1;
    usage.failed = 1;
    if (error.code() == ErrorCode::invalid_data || error.code() == ErrorCode::resource_limit ||
        is_cancelled) {
      usage.prompt_tokens = request.counted.prompt_tokens;
      usage.cost = cost_of(usage.prompt_tokens, 0);
    }
    if (!is_cancelled) {
      count(usage);
      advice.unasked += sheet.questions.size();
      fail(error);
    }
    try {
      registry::end_model_request(opened(), request, usage, {});
    } catch (const Error&) {
      // The estimate stays counted, which is the safe side.
    }
  }

  struct Answered {
    std::optional<std::vector<int>> numbers{};
    bool is_kept = false;  // from a run before this one
  };
  Answered answer(const QuestionSheet& sheet, bool replay, const std::stop_token& stop) {
    const std::string key = sheet.key(options.model);
    Start begun = start(sheet, key, replay);
    const bool is_kept = begun.kept.has_value();
    if (is_kept || !begun.request) {
      return {std::move(begun.kept), is_kept};
    }
    return {ask(sheet, key, begun, stop), false};
  }

  std::optional<std::vector<int>> ask(const QuestionSheet& sheet, const std::string& key,
                                      const Start& begun, const std::stop_token& stop) {
    ports::LanguageAnswer answer;
    try {
      answer = begun.model->answer(sheet.prompt, stop);
    } catch (const Error& error) {
      give_up(sheet, *begun.request, error);
      if (error.code() == ErrorCode::cancelled) {
        throw;
      }
      return std::nullopt;
    }
    try {
      return finish(sheet, key, *begun.request, answer);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::cancelled) {
        throw;
      }
      // An answer that cannot be kept is not used: the same run must be able to come again.
      const std::lock_guard lock{mutex};
      advice.unasked += sheet.questions.size();
      fail(error);
      stopped = true;
      return std::nullopt;
    }
  }
};

LanguageAdviser::LanguageAdviser(LanguageAdviserOptions options, MakeModel make_model,
                                 std::function<registry::Registry()> open_registry)
    : state_{std::make_unique<State>()} {
  state_->options = std::move(options);
  state_->make_model = std::move(make_model);
  state_->open_registry = std::move(open_registry);
}

LanguageAdviser::~LanguageAdviser() = default;

std::string LanguageAdviser::fingerprint() const {
  const LanguageAdviserOptions& options = state_->options;
  return fmt::format("{} {} {} {} {}", matching::prompt_version, options.below,
                     options.choice_confidence, options.show_values, options.model);
}

void LanguageAdviser::advise(const Advised& advised, mapping::PairProposal& proposal,
                             std::stop_token stop) {
  matching::QuestionOptions options;
  options.below = state_->options.below;
  options.choice_confidence = state_->options.choice_confidence;
  options.show_values = state_->options.show_values;
  options.token_budget = static_cast<std::size_t>(state_->options.token_budget);
  options.min_confidence = advised.options.min_confidence;
  options.one_to_one = advised.options.one_to_one;
  std::vector<QuestionSheet> sheets;
  std::vector<std::optional<std::vector<int>>> numbers;
  for (QuestionSheet& made :
       matching::make_questions(proposal, advised.source, advised.target, options)) {
    std::optional<QuestionSheet> next = std::move(made);
    while (next) {
      auto [answer, is_kept] = state_->answer(*next, advised.use == LanguageModelUse::replay, stop);
      sheets.push_back(std::move(*next));
      next.reset();
      // What an earlier answer left out is a sheet of its own. At once the same model would leave
      // out the same, so that one answer a sheet and run is enough.
      if (is_kept && matching::count_unanswered(*answer) > 0) {
        next = matching::open_questions(sheets.back(), *answer, proposal, advised.source,
                                        advised.target, options);
      }
      numbers.push_back(std::move(answer));
    }
  }
  const matching::ChoiceCounts counts =
      matching::apply_choices(proposal, sheets, numbers, state_->options.model, options);
  const std::lock_guard lock{state_->mutex};
  state_->advice.choices += counts;
}

LanguageAdvice LanguageAdviser::advice() const {
  const std::lock_guard lock{state_->mutex};
  return state_->advice;
}

}  // namespace mapctl::jobs
