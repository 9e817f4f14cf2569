// SPDX-License-Identifier: Apache-2.0
#include "core/matching/questions/choices.hpp"

#include "core/base/json.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <set>
#include <string>
#include <utility>

namespace mapctl::matching {
namespace {

constexpr std::size_t most_of_answer = 64U << 10U;  // bytes; forty choices need some hundred

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_whole = problem == std::errc{} && end == text.data() + text.size();
  return is_whole ? std::optional{value} : std::nullopt;
}

std::optional<std::int64_t> answer_of(const Json& value) {
  if (value.is_number_integer()) {
    // What is too large for 64 bits is no number of a candidate either.
    return value.is_number_unsigned() && value.get<std::uint64_t>() > 1'000'000
               ? std::optional<std::int64_t>{-1}
               : std::optional{value.get<std::int64_t>()};
  }
  if (value.is_string()) {
    return whole_number(trim(value.get_ref<const std::string&>()));
  }
  return std::nullopt;
}

bool is_allowed(std::int64_t number, const Question& question) {
  return number == 0 || std::find(question.numbers.begin(), question.numbers.end(), number) !=
                            question.numbers.end();
}

struct Found {
  Json object{};
  std::set<std::string> twice{};  // keys
};

std::optional<Found> parse_object(std::string_view text) {
  Found found;
  std::set<std::string> seen;
  const auto look = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::key && depth == 1) {
      const auto& key = parsed.get_ref<const std::string&>();
      if (!seen.insert(key).second) {
        found.twice.insert(key);
      }
    }
    return true;
  };
  found.object = Json::parse(text, look, false);
  return found.object.is_object() ? std::optional{std::move(found)} : std::nullopt;
}

// The one object in what a model says around it.
std::optional<Found> find_object(std::string_view text) {
  constexpr std::string_view end_of_thoughts = "</think>";
  if (const auto thoughts = text.rfind(end_of_thoughts); thoughts != text.npos) {
    text.remove_prefix(thoughts + end_of_thoughts.size());
  }
  if (auto found = parse_object(text)) {
    return found;
  }
  const auto first = text.find('{');
  const auto last = text.rfind('}');
  if (first == text.npos || last == text.npos || last < first) {
    return std::nullopt;
  }
  return parse_object(text.substr(first, last - first + 1));
}

struct Choice {
  std::size_t field = 0;
  std::size_t candidate = 0;
  std::size_t of = 0;  // candidates that were listed
  int number = 0;
};

double log_odds(double confidence) {
  const double bounded = std::clamp(confidence, 0.001, 0.999);
  return std::log(bounded / (1 - bounded));
}

void add_evidence(mapping::Candidate& candidate, double score, double weight, std::string detail) {
  const auto place =
      std::find_if(candidate.evidence.begin(), candidate.evidence.end(),
                   [&](const mapping::Evidence& other) { return other.weight < weight; });
  candidate.evidence.insert(place,
                            {ports::language_model_signal, score, weight, std::move(detail)});
}

// Best first again, as one candidate has moved up.
std::size_t move_up(mapping::FieldProposal& field, std::size_t chosen) {
  auto& candidates = field.candidates;
  std::size_t place = 0;
  while (place < chosen && candidates[place].confidence >= candidates[chosen].confidence) {
    ++place;
  }
  const auto begin = candidates.begin();
  std::rotate(begin + static_cast<std::ptrdiff_t>(place),
              begin + static_cast<std::ptrdiff_t>(chosen),
              begin + static_cast<std::ptrdiff_t>(chosen) + 1);
  return place;
}

class Applier {
 public:
  Applier(mapping::PairProposal& proposal, std::string_view model, const QuestionOptions& options)
      : proposal_{proposal}, model_{model}, options_{options} {}

  void take(const Question& question, int number) {
    if (number == unanswered_choice) {
      return;
    }
    mapping::FieldProposal& field = proposal_.fields[question.field];
    ++counts_.asked;
    const auto found = std::find(question.numbers.begin(), question.numbers.end(), number);
    if (number <= 0 || found == question.numbers.end()) {
      chose_none(field, question, number);
      return;
    }
    const auto at = static_cast<std::size_t>(found - question.numbers.begin());
    const Choice choice{question.field, question.candidates[at], question.candidates.size(),
                        number};
    if (!field.decision.empty()) {
      compare(field, choice);
    } else {
      choices_.push_back(choice);
    }
  }

  // Where several fields got one target, the matcher's likelier one has it.
  ChoiceCounts finish() {
    std::set<Target> taken = options_.one_to_one ? taken_targets(proposal_) : std::set<Target>{};
    std::stable_sort(choices_.begin(), choices_.end(), [&](const Choice& a, const Choice& b) {
      const auto rank = [&](const Choice& choice) {
        return std::pair{-candidate_of(choice).confidence,
                         std::string_view{proposal_.fields[choice.field].source_column.text}};
      };
      return rank(a) < rank(b);
    });
    for (const Choice& choice : choices_) {
      mapping::Candidate& candidate = candidate_of(choice);
      const bool is_free = !taken.contains(target_of(candidate));
      if (!is_free || options_.choice_confidence < options_.min_confidence) {
        add_evidence(candidate, 1, 0,
                     said(choice, is_free ? "" : "; another column has that target"));
        ++counts_.none;
        continue;
      }
      if (options_.one_to_one) {
        taken.insert(target_of(candidate));
      }
      decide(choice);
    }
    return counts_;
  }

 private:
  mapping::Candidate& candidate_of(const Choice& choice) {
    return proposal_.fields[choice.field].candidates[choice.candidate];
  }

  std::string said(const Choice& choice, std::string_view more = {}) const {
    return fmt::format("the language model '{}' chose it from {} (prompt {}, answer '{}'){}",
                       model_, choice.of, prompt_version, choice.number, more);
  }

  void chose_none(mapping::FieldProposal& field, const Question& question, int number) {
    if (field.decision.empty()) {
      ++counts_.none;
      return;
    }
    if (number == refused_choice) {
      return;  // no answer at all
    }
    ++counts_.doubted;
    for (const std::size_t chosen : field.decision) {
      add_evidence(field.candidates[chosen], 0, 0,
                   fmt::format("the language model '{}' chose none of {} (prompt {}, answer '0')",
                               model_, question.candidates.size(), prompt_version));
    }
  }

  // The matcher's decision stays; who reviews it sees what the model says of it.
  void compare(mapping::FieldProposal& field, const Choice& choice) {
    const bool agrees = std::find(field.decision.begin(), field.decision.end(), choice.candidate) !=
                        field.decision.end();
    mapping::Candidate& candidate = field.candidates[choice.candidate];
    if (agrees) {
      ++counts_.confirmed;
      add_evidence(candidate, 1, raise(candidate), said(choice));
      field.confidence = std::max(field.confidence, candidate.confidence);
      return;
    }
    ++counts_.doubted;
    const std::string other = candidate.target_column.text;
    add_evidence(candidate, 1, 0, said(choice, "; the matcher chose another"));
    for (const std::size_t chosen : field.decision) {
      add_evidence(
          field.candidates[chosen], 0, 0,
          fmt::format("the language model '{}' chose '{}' instead (prompt {}, answer '{}')", model_,
                      other, prompt_version, choice.number));
    }
  }

  // What the choice adds in log-odds.
  double raise(mapping::Candidate& candidate) const {
    const double before = candidate.confidence;
    candidate.confidence = std::max(before, options_.choice_confidence);
    return log_odds(candidate.confidence) - log_odds(before);
  }

  void decide(const Choice& choice) {
    mapping::FieldProposal& field = proposal_.fields[choice.field];
    mapping::Candidate& candidate = field.candidates[choice.candidate];
    const double weight = raise(candidate);
    add_evidence(candidate, 1, weight, said(choice));
    const Target target = target_of(candidate);
    const std::size_t place = move_up(field, choice.candidate);
    field.decision = {place};
    field.confidence = field.candidates[place].confidence;
    if (target.first == proposal_.target_table) {
      std::erase_if(proposal_.unmapped_targets, [&](const mapping::UnmappedTarget& unmapped) {
        return unmapped.column == target.second;
      });
    }
    ++counts_.decided;
  }

  mapping::PairProposal& proposal_;
  std::string_view model_;
  const QuestionOptions& options_;
  std::vector<Choice> choices_{};
  ChoiceCounts counts_{};
};

}  // namespace

ChoiceCounts& ChoiceCounts::operator+=(const ChoiceCounts& other) noexcept {
  asked += other.asked;
  decided += other.decided;
  confirmed += other.confirmed;
  doubted += other.doubted;
  none += other.none;
  return *this;
}

std::optional<Choices> read_choices(std::string_view text, const QuestionSheet& sheet) {
  if (text.size() > most_of_answer) {
    return std::nullopt;
  }
  const std::optional<Found> found = find_object(text);
  if (!found) {
    return std::nullopt;
  }
  Choices choices;
  choices.numbers.assign(sheet.questions.size(), unanswered_choice);
  bool has_answer = sheet.questions.empty();  // else there is nothing to keep
  for (const auto& [key, value] : found->object.items()) {
    const auto asked = whole_number(key);
    if (!asked || *asked < 1 || *asked > static_cast<std::int64_t>(sheet.questions.size())) {
      ++choices.refused;
      continue;
    }
    has_answer = true;
    const auto at = static_cast<std::size_t>(*asked - 1);
    const auto number = answer_of(value);
    const bool is_good =
        number && is_allowed(*number, sheet.questions[at]) && !found->twice.contains(key);
    choices.numbers[at] = is_good ? static_cast<int>(*number) : refused_choice;
    choices.refused += is_good ? 0 : 1;
  }
  return has_answer ? std::optional{std::move(choices)} : std::nullopt;
}

bool fits(const std::vector<int>& numbers, const QuestionSheet& sheet) {
  if (numbers.size() != sheet.questions.size()) {
    return false;
  }
  for (std::size_t at = 0; at < numbers.size(); ++at) {
    if (numbers[at] != refused_choice && numbers[at] != unanswered_choice &&
        !is_allowed(numbers[at], sheet.questions[at])) {
      return false;
    }
  }
  return true;
}

std::size_t count_unanswered(const std::vector<int>& numbers) noexcept {
  return static_cast<std::size_t>(std::count(numbers.begin(), numbers.end(), unanswered_choice));
}

ChoiceCounts apply_choices(mapping::PairProposal& proposal,
                           const std::vector<QuestionSheet>& sheets,
                           const std::vector<std::optional<std::vector<int>>>& numbers,
                           std::string_view model, const QuestionOptions& options) {
  Applier applier{proposal, model, options};
  for (std::size_t sheet = 0; sheet < sheets.size(); ++sheet) {
    if (!numbers[sheet]) {
      continue;
    }
    for (std::size_t at = 0; at < sheets[sheet].questions.size(); ++at) {
      applier.take(sheets[sheet].questions[at], (*numbers[sheet])[at]);
    }
  }
  return applier.finish();
}

}  // namespace mapctl::matching
